"""What stands against a call beside the candidates, and how far the call then goes.

A query with many ambiguous bases matches several species where it should match one. A
record that is too short to be compared may fit the query all the same. Ends that belong
to no barcode keep everything at a distance. A chimera or a mixture is of two animals, and a
nuclear copy of none. None of this was seen when the calibration was learnt, so none of it is
in the probabilities.

There are two consequences. What forbids a name (a mixed chromatogram, a chimera, a sequence
that may be human) makes any call inconclusive; what forbids a species (a nuclear copy,
ambiguous bases) leaves the genus. A call never becomes narrower or more probable here.

An organelle is inherited from one parent. A call from it names that parent's line and is
silent on the other. Where domestic forms, introgression or hybrids are known
(`forensics.taxonomy.lineages`), the call becomes the set.

Where introgression went one way, the lender's line leads to the set, and the other's own line to that
species alone. Which of the two the records of the borrower are of, their name does not say; the library
shows it where it holds records of the lender (`is_of_another_line`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forensics import notices
from forensics.barcode.calling.decision import Call, at_genus, at_rank, genera_of, no_name
from forensics.barcode.checking.chimera import check_chimera, check_two_parents, of_two_genera
from forensics.barcode.checking.contamination import Human, possibly_human
from forensics.barcode.checking.translation import check_translation, without_frame
from forensics.barcode.locus import PLASTID, find_locus
from forensics.barcode.matching.alignment import align
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import MAX_LENGTH_AT_ONCE, Hit, Search, exhaustive_search
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import IndexState, Library
from forensics.barcode.reference.units import UNIT
from forensics.barcode.sequence import FEW_AMBIGUOUS, ambiguous_count, reverse_complement
from forensics.core.notice import Notice
from forensics.taxonomy.lineages import DOMESTIC, HYBRIDS, Lineage, find_borrowed, find_lineages

# Identities are ratios of small whole numbers; this is far below the distance of any two.
_TOLERANCE = 1e-9

IsApart = Callable[[str, Sequence[str]], bool]
"""Asked with a species and the names of a lender: whether the sequence is shown to be not of the lender's line."""


def is_of_another_line(sequence: str, index: Index, species: str, lender: Sequence[str]) -> bool:
    """Return whether a sequence is of a line of the species that is not the lender's.

    Some records of the species may be of the lender's line. The one that is farthest from the lender's
    records is not, if it is farther from them than they are from each other; and the sequence is of its
    line, if it is nearer to that one than to any of the lender's.

    Parameters
    ----------
    sequence : str
        The clean query.
    index : Index
        The index that was searched.
    species : str
        The species called.
    lender : sequence of str
        Names of the species that lent its line.

    Returns
    -------
    bool
        False also where the index shows nothing: it has fewer than two haplotypes of the lender, or some
        that cannot be compared with each other or with the query.
    """
    from forensics.barcode.calling.spread import SPREAD_HAPLOTYPES, some_of, spread_of

    lent, own = _haplotypes(index, lender), _haplotypes(index, [species])
    from_lent = _distance(index, sequence, lent)
    if len(lent) < 2 or from_lent is None:
        return False
    spread = spread_of(index, lent, sequence, lent[0])
    far = [
        (distance, haplotype)
        for haplotype in some_of(own, SPREAD_HAPLOTYPES, own[0])
        if (distance := _distance(index, index.sequence(haplotype).decode(), lent)) is not None
    ]
    if spread.largest is None or spread.apart or not far:
        return False
    distance, farthest = max(far)
    from_own = _distance(index, sequence, [farthest])
    return (
        distance > spread.largest + _TOLERANCE
        and from_own is not None
        and from_own < from_lent - _TOLERANCE
    )


def _haplotypes(index: Index, names: Sequence[str]) -> list[int]:
    """Return the haplotypes of a species that libraries call by these names, ascending."""
    positions = (position for name in names for position in index.positions_with(name))
    return sorted({index.haplotype_at(p) for p in positions if index.record(p).label in names})


def _distance(index: Index, sequence: str, haplotypes: Sequence[int]) -> float | None:
    """Return the p-distance to the nearest of them; None where none can be compared, or is near."""
    hits = exhaustive_search(index, sequence, among=haplotypes).hits
    return 1 - hits[0].identity if hits else None


def _shows_nothing(species: str, lender: Sequence[str]) -> bool:
    return False


def lineage_warnings(
    call: Call, locus: str | None, *, is_apart: IsApart = _shows_nothing
) -> list[Notice]:
    """Return what a call at this locus leaves open.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus; None where it is not known.
    is_apart : IsApart
        As of `widen_to_lineage`.

    Returns
    -------
    list of Notice
        ``ONE_LINEAGE`` for a species or genus from an organelle; ``DOMESTIC_FORM`` and
        ``KNOWN_HYBRIDISATION`` with the set and the nuclear test.
    """
    warnings = []
    known = find_locus(locus) if locus else None
    if known and known.one_lineage and call.rank in ("species", UNIT, "genus"):
        genome = "plastid" if known.genome == PLASTID else "mitochondrion"
        warnings.append(notices.calls.ONE_LINEAGE(genome))
    return warnings + [_warning(species, lineage) for species, lineage in _sets(call, is_apart)]


def widen_to_lineage(
    call: Call, locus: str | None, *, family: str = "", is_apart: IsApart = _shows_nothing
) -> Call:
    """Return the call as the set that its lineage stands for, with its warnings.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus.
    family : str, optional
        Family of the species called; it is called where the set has several genera.
    is_apart : IsApart
        Whether the sequence is shown to be not of the line of a species that lent its line to the one
        called (`is_of_another_line`). By default nothing shows it, and the set is called.

    Returns
    -------
    Call
        `Call.not_excluded` has the members. With a domestic form, or where introgression
        is known, a species becomes the lowest taxon that holds the set; the members of a
        set are of one family. A species of which only hybrids are known stays the call,
        because the line of one parent is what it names.
    """
    names = list(call.not_excluded)
    if call.species and call.species not in names:
        names.insert(0, call.species)
    members = set(call.members)
    for species, lineage in _sets(call, is_apart):
        others = lineage.others(species)
        names += [name for name in others if not _among(names, lineage.member(name))]
        if lineage.kind != HYBRIDS:
            members.update(others)
    widened = replace(
        call,
        not_excluded=tuple(names),
        warnings=(*call.warnings, *lineage_warnings(call, locus, is_apart=is_apart)),
    )
    if not call.members or members == set(call.members):
        return widened
    genera = genera_of(members)
    if len(genera) == 1:
        return at_rank(widened, "genus", genera.pop())
    if family:
        return at_rank(widened, "family", family)
    return no_name(widened)


def _sets(call: Call, is_apart: IsApart) -> Iterator[tuple[str, Lineage]]:
    """Yield the sets that a call leads to; a call to a species or genus by what is of it alone."""
    if call.status not in ("identified", "inconclusive"):
        return
    names = call.members or call.not_excluded
    if call.rank == "genus":
        names = tuple(name for name in names if name.partition(" ")[0] == call.taxon)
    found = find_lineages(names)
    if all(lineage.kind == HYBRIDS for _species, lineage in found):  # else it is widened already
        found += [
            (species, lineage)
            for species in call.members
            for lineage in find_borrowed(species)
            if not all(is_apart(species, lender) for lender in lineage.lent_to(species))
        ]
    wider = [{*lineage.members} for _species, lineage in found if lineage.kind != HYBRIDS]
    for species, lineage in found:
        if lineage.kind != HYBRIDS or {*lineage.members} not in wider:
            yield species, lineage


def _warning(species: str, lineage: Lineage) -> Notice:
    names = ", ".join((species, *lineage.others(species)))
    more = {"test": lineage.test(), "source": "; ".join(lineage.sources)}
    if lineage.kind == DOMESTIC and len(lineage.members) == 1:
        return notices.calls.DOMESTIC_FORM("one_species", species=species, **more)
    if lineage.kind == DOMESTIC:
        return notices.calls.DOMESTIC_FORM("several", names=names, **more)
    if lineage.kind == HYBRIDS:
        return notices.calls.KNOWN_HYBRIDISATION("hybrids", names=names, **more)
    if lenders := lineage.lent_to(species):
        lent = ", ".join(lender[0] for lender in lenders)
        return notices.calls.KNOWN_HYBRIDISATION(
            "borrowed", species=species, lenders=lent, names=names, **more
        )
    return notices.calls.KNOWN_HYBRIDISATION("others", species=species, names=names, **more)


def _among(names: list[str], member: tuple[str, ...]) -> bool:
    return any(name in member for name in names)


# Below this a half is too short to say anything (`forensics.barcode.locus`).
_MIN_LENGTH_WITH_ENDS = 200
# A tenth that sticks out is a primer or a longer amplicon; more should be looked at.
_MIN_SHARE_COMPARED = 0.9


@dataclass(frozen=True, slots=True)
class Caveats:
    """What was found in a query that stands against naming it.

    Attributes
    ----------
    forbid : tuple of Notice
        No name may be given.
    limit : tuple of Notice
        No species may be given.
    """

    forbid: tuple[Notice, ...] = ()
    limit: tuple[Notice, ...] = ()


NO_CAVEATS = Caveats()


def find_caveats(
    query: Query, hits: Sequence[Hit], index: Index, human_match: Human | None
) -> Caveats:
    """Look at a query beside its nearest records: chimera, nuclear copy, human.

    Parameters
    ----------
    query : Query
    hits : sequence of Hit
        What the search found, best first; not empty.
    index : Index
        The index that was searched.
    human_match : Human or None
        What `forensics.barcode.checking.contamination.human` returned.
    """
    best = hits[0]
    alignment = align(query.sequence, index.sequence(best.haplotype).decode(), best)
    genus = index.record(index.positions(best.haplotype)[0]).genus
    against = (
        check_chimera(query.sequence, hits, alignment, index)
        or check_two_parents(query.sequence, hits, index),
        possibly_human(human_match, best.identity, genus),
    )
    return Caveats(
        forbid=(*query.doubts, *filter(None, against)),
        limit=check_translation(query.sequence, hits, index, alignment),
    )


def apply_caveats(
    call: Call,
    sequence: str,
    short: Sequence[Hit],
    subject: Candidate,
    index: Index,
    caveats: Caveats = NO_CAVEATS,
) -> Call:
    """Return the call as far as it stands against what the candidates do not show.

    Parameters
    ----------
    call : Call
    sequence : str
        The questioned sequence.
    short : sequence of Hit
        Records too short to be compared that are at least as near (`Search.short`).
    subject : Candidate
        The species that the call names, else the best.
    index : Index
        The index that was searched.
    caveats : Caveats
        What was found in the query itself.

    Returns
    -------
    Call
        A species falls to its genus, or to inconclusive, with a warning that says why.
    """
    genera, families, others = {subject.genus}, {subject.family}, []
    if call.rank == UNIT:
        genera = genera_of(call.members)
    named = {subject.species, *call.members}
    warnings = [*caveats.forbid, *caveats.limit]
    doubted = bool(warnings)
    for hit in short:
        for record in index.records(hit.haplotype):
            if record.label not in named and record.label not in others:
                others.append(record.label)
                genera.add(record.genus)
                families.add(record.family)
                warnings.append(
                    notices.search.SHORT_RECORD_AS_NEAR(
                        "record",
                        accession=record.accession,
                        species=record.label,
                        length=hit.length,
                    )
                )
    if warnings or call.doubted:
        call = replace(call, warnings=(*call.warnings, *warnings), doubted=doubted)
    if caveats.forbid:
        return no_name(call)
    if others and call.status == "identified":
        call = replace(call, not_excluded=tuple(dict.fromkeys((*call.not_excluded, *others))))
        # A call never becomes narrower by what stands against it.
        if call.rank == "family":
            return call if families == {call.taxon} else at_genus(call, ())
        return at_genus(call, genera)
    if others:
        return replace(call, status="inconclusive", probability=None)
    ambiguous = ambiguous_count(sequence) > FEW_AMBIGUOUS * len(sequence)
    if call.members and (ambiguous or caveats.limit):
        return at_genus(call, genera)
    return call


def apply_far_caveats(
    call: Call,
    query: Query,
    library: Library,
    searches: Mapping[str, Search],
    floor: float,
    human_match: Human | None = None,
    locus: str | None = None,
) -> Call:
    """Return the call where nothing is near: that, unless something speaks against it.

    Where the locus was recognised, the sequence is read as that one, and not held against the others.
    """
    names = [locus] if locus else list(searches)
    sequence = query.sequence
    doubts = [*query.doubts, possibly_human(human_match, None, "")]
    doubts += [of_two_genera(sequence, library.index(name)) for name in names]
    if len(names) == 1:  # else nobody knows which locus to read it as
        doubts += without_frame(sequence, *names)
    against = [warning for warning in doubts if warning]
    doubted = bool(against)
    if any(result.short for result in searches.values()):
        against.append(notices.search.SHORT_RECORD_AS_NEAR("no_candidate"))
    elif _MIN_LENGTH_WITH_ENDS <= len(sequence) <= MAX_LENGTH_AT_ONCE:
        from forensics.barcode.checking.chimera import check_ends  # not where a record is near

        # The middle of a longer one is not a piece of a barcode, and was searched in windows.
        ends = (check_ends(sequence, library.index(name), floor) for name in names)
        against += [warning for warning in ends if warning][:1]
    if not against:
        return call
    return no_name(replace(call, warnings=(*call.warnings, *against), doubted=doubted))


def search_notices(
    library: Library,
    searches: Mapping[str, Search],
    locus: str | None,
    candidates: list[Candidate],
    sequence: str,
) -> Iterator[Notice]:
    """Yield what should be known of how the query was searched."""
    if candidates and candidates[0].hit.placement != "whole":
        yield notices.search.PARTIAL_OVERLAP(length=candidates[0].length)
    if candidates and locus and candidates[0].length < _MIN_SHARE_COMPARED * len(sequence):
        if _reads_as(sequence, locus, candidates[0].hit.strand):
            yield notices.search.REST_OF_LOCUS(locus=locus)
        else:
            yield notices.search.PART_COMPARED(compared=candidates[0].length, length=len(sequence))
    short = sum(result.not_compared for name, result in searches.items() if locus in (None, name))
    if short:
        yield notices.search.RECORDS_NOT_COMPARED(number=short)
    if built := library.built_in_memory & searches.keys():
        yield notices.search.INDEX_BUILT_IN_MEMORY(loci=", ".join(sorted(built)))
    if library.demonstration:
        yield notices.search.DEMONSTRATION_LIBRARY(title=library.title)


def _reads_as(sequence: str, locus: str, strand: str) -> bool:
    """Return whether a sequence is, nearly whole and in its order, like the gene that a record is a part of."""
    from forensics.barcode.recognition import packaged_recogniser  # seldom needed

    written = reverse_complement(sequence) if strand == "-" else sequence
    alike = packaged_recogniser().stretches(written, locus)
    return sum(end - start for start, end in alike) >= _MIN_SHARE_COMPARED * len(sequence)


def index_notices(state: IndexState) -> Iterator[Notice]:
    """Yield that the index was not compared with the SHA-256 of its library, and why."""
    if state is IndexState.NOT_CHECKED:
        yield notices.search.INDEX_NOT_CHECKED()
