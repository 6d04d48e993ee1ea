"""What stands against a call beside the candidates, and how far the call then goes.

A query with many ambiguous bases matches several species where it should match one. A
record that is too short to be compared may fit the query all the same. Ends that belong
to no barcode keep everything at a distance. A chimera or a mixture is of two animals, and a
nuclear copy of none. None of this was seen when the calibration was learnt, so none of it is
in the probabilities.

There are two consequences. What forbids a name (a mixed chromatogram, a chimera, a sequence
that may be human) makes any call inconclusive; what forbids a species (a nuclear copy,
ambiguous bases) leaves the genus. A call never becomes narrower or more probable here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forensics.barcode.calling.decision import Call, at_genus
from forensics.barcode.checking.chimera import check_chimera, of_two_genera
from forensics.barcode.checking.contamination import Human, possibly_human
from forensics.barcode.checking.translation import check_translation, without_frame
from forensics.barcode.checking.two_parents import check_two_parents
from forensics.barcode.matching.alignment import align
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import MAX_LENGTH_AT_ONCE, Hit, Search
from forensics.barcode.quality import FEW_AMBIGUOUS
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.binding import IndexState
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.units import UNIT
from forensics.barcode.sequence import ambiguous_count, reverse_complement
from forensics.core.notice import Notice
from forensics.notices.search import (
    DEMONSTRATION_LIBRARY,
    INDEX_BUILT_IN_MEMORY,
    INDEX_NOT_CHECKED,
    PART_COMPARED,
    PARTIAL_OVERLAP,
    RECORDS_NOT_COMPARED,
    REST_OF_LOCUS,
    SHORT_RECORD_AS_NEAR,
)

__all__ = [
    "NO_CAVEATS",
    "Caveats",
    "apply_caveats",
    "apply_far_caveats",
    "find_caveats",
    "index_notices",
    "search_notices",
]

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
    notices = (
        check_chimera(query.sequence, hits, alignment, index)
        or check_two_parents(query.sequence, hits, index),
        possibly_human(human_match, best.identity, genus),
    )
    return Caveats(
        forbid=(*query.doubts, *filter(None, notices)),
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
        genera = {name.partition(" ")[0] for name in call.members}
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
                    SHORT_RECORD_AS_NEAR(
                        "record",
                        accession=record.accession,
                        species=record.label,
                        length=hit.length,
                    )
                )
    if warnings or call.doubted:
        call = replace(call, warnings=(*call.warnings, *warnings), doubted=doubted)
    if caveats.forbid:
        return _no_name(call)
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
        against.append(SHORT_RECORD_AS_NEAR("no_candidate"))
    elif _MIN_LENGTH_WITH_ENDS <= len(sequence) <= MAX_LENGTH_AT_ONCE:
        from forensics.barcode.checking.ends import check_ends  # not where a record is near

        # The middle of a longer one is not a piece of a barcode, and was searched in windows.
        ends = (check_ends(sequence, library.index(name), floor) for name in names)
        against += [warning for warning in ends if warning][:1]
    if not against:
        return call
    return _no_name(replace(call, warnings=(*call.warnings, *against), doubted=doubted))


def search_notices(
    library: Library,
    searches: Mapping[str, Search],
    locus: str | None,
    candidates: list[Candidate],
    sequence: str,
) -> Iterator[Notice]:
    """Yield what should be known of how the query was searched."""
    if candidates and candidates[0].hit.placement != "whole":
        yield PARTIAL_OVERLAP(length=candidates[0].length)
    if candidates and locus and candidates[0].length < _MIN_SHARE_COMPARED * len(sequence):
        if _reads_as(sequence, locus, candidates[0].hit.strand):
            yield REST_OF_LOCUS(locus=locus)
        else:
            yield PART_COMPARED(compared=candidates[0].length, length=len(sequence))
    short = sum(result.not_compared for name, result in searches.items() if locus in (None, name))
    if short:
        yield RECORDS_NOT_COMPARED(number=short)
    if built := library.built_in_memory & searches.keys():
        yield INDEX_BUILT_IN_MEMORY(loci=", ".join(sorted(built)))
    if library.demonstration:
        yield DEMONSTRATION_LIBRARY(title=library.title)


def _reads_as(sequence: str, locus: str, strand: str) -> bool:
    """Return whether a sequence is, nearly whole and in its order, like the gene that a record is a part of."""
    from forensics.barcode.recognition.recognise import packaged_recogniser  # seldom needed

    written = reverse_complement(sequence) if strand == "-" else sequence
    alike = packaged_recogniser().stretches(written, locus)
    return sum(end - start for start, end in alike) >= _MIN_SHARE_COMPARED * len(sequence)


def index_notices(state: IndexState) -> Iterator[Notice]:
    """Yield that the index was not compared with the SHA-256 of its library, and why."""
    if state is IndexState.NOT_CHECKED:
        yield INDEX_NOT_CHECKED()


def _no_name(call: Call) -> Call:
    return replace(call, status="inconclusive", rank=None, taxon=None, probability=None)
