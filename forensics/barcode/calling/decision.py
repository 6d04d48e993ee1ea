"""From candidates to a call: what may be said of a query, at which rank, and what speaks against it.

With a calibration (`forensics.barcode.calling.calibration`) every candidate has a probability,
and so has "none in the library"; at species, genus and family they add up to 1. The
call is the lowest rank at which one name reaches the confidence that was asked for:

1. *identified*, rank species: the smallest set of species that holds the confidence has
   one member.
2. *identified*, rank unit: no species does, and the species of a named unit, which the locus does not
   tell apart (`forensics.barcode.reference.relations`), reach it together.
3. *identified*, rank genus or family: one genus, else one family, reaches it, counting
   what is known of species that the library lacks.
4. *nothing near*: "none" reaches it at species, and no genus or family does; or
   nothing reached the floor, in which case the probability that none is true may be
   lower than the confidence (then with a warning).
5. *inconclusive*: nothing does.

Without one (a library too small to learn from) a plain rule stands in, after BOLD's
(Ratnasingham & Hebert 2007), and says so:

1. A best hit of at least `SPECIES_IDENTITY` and no second species within `MARGIN` of it:
   that species; where all species within it are of one unit, the unit.
2. A best hit of at least `GENUS_IDENTITY` and one genus within the margin: that genus.
3. A best hit of at least the floor: inconclusive; nothing: nothing near.

Caveats. A query with many ambiguous bases matches several species where it should match one. A
record that is too short to be compared may fit the query all the same. Ends that belong
to no barcode keep everything at a distance. A chimera or a mixture is of two animals, and a
nuclear copy of none. None of this was seen when the calibration was learnt, so none of it is
in the probabilities.

There are two consequences. What forbids a name (a mixed chromatogram, a chimera, a sequence
that may be human) makes any call inconclusive; what forbids a species (a nuclear copy,
ambiguous bases) leaves the genus. A call never becomes narrower or more probable here.

An organelle is inherited from one parent. A call from it names that parent's line and is
silent on the other. Where domestic forms, introgression or hybrids are known
(`forensics.taxonomy.names`), the call becomes the set.

Where introgression went one way, the lender's line leads to the set, and the other's own line to that
species alone. Which of the two the records of the borrower are of, their name does not say; the library
shows it where it holds records of the lender (`forensics.barcode.calling.spread`).

The barcoding gap of a species (its own spread in a library, and its nearest other species) is shown beside the
call. Distances are p-distances as `forensics.barcode.matching.search` defines them: edits over the bases
compared. The gap between the two is that of Meyer & Paulay 2005
(doi:10.1371/journal.pbio.0030422): largest within, smallest between.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from forensics import notices
from forensics.barcode.calling.calibration import Calibration, genus_support_of
from forensics.barcode.chimera import check_chimera, check_two_parents, of_two_genera
from forensics.barcode.contamination import Human, possibly_human
from forensics.barcode.locus import (
    FEW_AMBIGUOUS,
    PLASTID,
    ambiguous_count,
    find_locus,
    reverse_complement,
)
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import (
    MARGIN,
    MAX_LENGTH_AT_ONCE,
    Candidate,
    Hit,
    Search,
    align,
)
from forensics.barcode.options import (
    CONFIDENCE,
    EVEN_PRIOR,
    FLOOR,
    GENUS_IDENTITY,
    IN_LIBRARY_PRIOR,
    SPECIES_IDENTITY,
)
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import UNIT, IndexState, Library, Unit, unit_members
from forensics.barcode.translation import check_translation, without_frame
from forensics.core.notice import Notice
from forensics.messages import N_, _, name_some, ngettext
from forensics.taxonomy.names import (
    DOMESTIC,
    HYBRIDS,
    Lineage,
    find_borrowed,
    find_lineages,
    genus_of,
    parse_name,
)

_TITLE = N_("Embedded demonstration library")  # of the packaged library, for translators
NONE = "none"
# None of the library, and (without candidates) one of it that is too far away to be listed.
_NO_NAMES = (NONE, "unlisted")
RANKS = ("genus", "family")


Probabilities: TypeAlias = dict[str, dict[str, float]]
"""Of the names of each rank; ``species`` is always among the ranks."""


class Call(NamedTuple):
    """The decision on one query.

    Attributes
    ----------
    status : str
        ``identified``, ``inconclusive``, ``nothing_near`` or ``unusable``.
    rank : str or None
        ``species``, ``unit``, ``genus`` or ``family`` where something was identified.
    taxon : str or None
        Name of what was identified; of a unit that of its species together.
    probability : float or None
        Of the call at its rank, or that no species of the library is true; None where
        nothing was called or the library is not calibrated.
    probabilities : dict or None
        ``{rank: {name: probability, …, "none": probability}}``; None while uncalibrated.
    not_excluded : tuple of str
        Smallest set of species that holds the confidence, most probable first; empty
        where no set does.
    warnings : tuple of Notice
    doubted : bool
        Whether the sequence itself is in doubt, so that it bears no witness beside others.
    interval : tuple of (float, float) or None
        Of the probability of a species (`forensics.barcode.calling.calibration`), 95 %; None for other calls.
    """

    status: str
    rank: str | None = None
    taxon: str | None = None
    probability: float | None = None
    probabilities: Probabilities | None = None
    not_excluded: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()
    doubted: bool = False
    interval: tuple[float, float] | None = None

    @property
    def species(self) -> str | None:
        """The species that was identified; None where the call goes less far."""
        return self.taxon if self.rank == "species" else None

    @property
    def none_in_library(self) -> float | None:
        """Probability that the species is none of the library; None while uncalibrated."""
        return self.shares("species").get(NONE)

    @property
    def members(self) -> tuple[str, ...]:
        """The species that the call names: one, those of a unit, or none where it goes less far."""
        if self.rank == UNIT and self.taxon:
            return unit_members(self.taxon)
        return (self.species,) if self.species else ()

    def shares(self, rank: str) -> Mapping[str, float]:
        """Return the probabilities of the names of a rank; empty while uncalibrated."""
        return (self.probabilities or {}).get(rank, {})

    def noted(self, *added: Notice, **changes: Any) -> "Call":
        """Return the call with more warnings, and with other changes."""
        return self._replace(warnings=(*self.warnings, *added), **changes)


def decide(
    candidates: Sequence[Candidate],
    *,
    calibration: Calibration | None = None,
    confidence: float = CONFIDENCE,
    in_library: float = IN_LIBRARY_PRIOR,
    uncalibrated: Notice | None = None,
    units: Collection[Unit] = (),
    nearest: float = FLOOR,
) -> Call:
    """Decide what the candidates allow to be said.

    Parameters
    ----------
    candidates : sequence of Candidate
        All species that the search proved, best first.
    calibration : Calibration, optional
        Of the library and locus; without it the plain rule decides.
    confidence : float
        Probability that a call must reach, 0-1.
    in_library : float
        Prior probability that the library holds the species, 0-1.
    uncalibrated : Notice, optional
        Why there is no calibration, where it is not the library's want of one.
    units : collection of Unit
        Species that the locus does not tell apart (`Library.units`).
    nearest : float
        Identity of the nearest record where there is no candidate, as far as it is known, 0-1.

    Returns
    -------
    Call
    """
    if calibration is None:
        return _plain_rule(candidates, uncalibrated or notices.calls.UNCALIBRATED("library"), units)
    names = {candidate.species for candidate in candidates}  # a unit of one of them says no more
    near = [u for u in units if u.is_callable and len(names.intersection(u.members)) > 1]
    weighed = calibration.weigh(candidates, nearest)
    probabilities = with_units(weighed.probabilities(in_library), near)
    call = call_from_probabilities(probabilities, confidence)
    noted = list(_describe_evidence(candidates, call))
    probability = call.probability
    if call.status == "nothing_near" and probability is not None and probability < confidence:
        noted.append(
            notices.calls.FAR_SPECIES_POSSIBLE(prior=in_library, probability=1 - probability)
        )
    if call.rank and call.taxon:
        at_even_odds = with_units(weighed.probabilities(EVEN_PRIOR), near)
        if call_from_probabilities(at_even_odds, confidence).taxon != call.taxon:
            noted.append(
                notices.calls.PRIOR_SENSITIVE(
                    prior=in_library,
                    even=EVEN_PRIOR,
                    taxon=call.taxon,
                    probability=at_even_odds[call.rank].get(call.taxon, 0.0),
                )
            )
    return call.noted(*noted, interval=_interval(call, weighed.interval(in_library)))


def _interval(call: Call, bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return between which bounds the probability of a species lies, given those of any species of the library."""
    if call.species is None or call.probabilities is None or bounds is None:
        return None
    species = call.probabilities["species"]
    share = species[call.species] / (1 - species[NONE])
    return bounds[0] * share, bounds[1] * share


def call_from_probabilities(probabilities: Probabilities, confidence: float) -> Call:
    """Return the call that probabilities support, of one locus or of several together.

    Parameters
    ----------
    probabilities : dict
        As `Call.probabilities`.
    confidence : float
        Probability that a call must reach, 0-1.
    """
    species = probabilities["species"]
    smallest = smallest_set(species, confidence)
    if len(smallest) == 1 and parse_name(smallest[0]).species == smallest[0]:
        taxon = smallest[0]
        return Call("identified", "species", taxon, species[taxon], probabilities, smallest)
    reached = [name for name, p in probabilities.get(UNIT, {}).items() if p >= confidence]
    if units := [name for name in reached if name != NONE]:
        narrowest = min(units, key=lambda name: len(unit_members(name)))
        return call_unit(narrowest, smallest, probabilities)
    for rank in RANKS:
        for name, probability in probabilities.get(rank, {}).items():
            if name != NONE and probability >= confidence:
                return Call("identified", rank, name, probability, probabilities, smallest)
    if species[NONE] >= confidence or not species.keys() - set(_NO_NAMES):
        return Call("nothing_near", None, None, species[NONE], probabilities, smallest)
    return Call("inconclusive", None, None, None, probabilities, smallest)


def call_unit(
    name: str,
    not_excluded: Sequence[str],
    probabilities: Probabilities | None = None,
) -> Call:
    """Return the call of a unit; a member that another excludes is as near as that, and is not excluded."""
    members = unit_members(name)
    return Call(
        "identified",
        UNIT,
        name,
        probabilities[UNIT][name] if probabilities else None,
        probabilities,
        tuple(dict.fromkeys((*not_excluded, *members))),
        (notices.calls.UNIT_OF_SPECIES(names=", ".join(members), number=len(members)),),
    )


def with_units(probabilities: Probabilities, units: Collection[Unit]) -> Probabilities:
    """Return probabilities with those of the units, between species and genus; ``none`` is none of them."""
    if not units:
        return probabilities
    species = probabilities["species"]
    shares = {unit.name: sum(species.get(name, 0.0) for name in unit.members) for unit in units}
    shares = likeliest_first(shares)
    of_any = {name for unit in units for name in unit.members}  # units of several loci may overlap
    none = max(0.0, 1 - math.fsum(species.get(name, 0.0) for name in of_any))
    above = {rank: of_rank for rank, of_rank in probabilities.items() if rank != "species"}
    return {"species": species, UNIT: {**shares, NONE: none}, **above}


def likeliest_first(shares: Mapping[str, float]) -> dict[str, float]:
    """Return probabilities in descending order."""
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def smallest_set(species: Mapping[str, float], confidence: float) -> tuple[str, ...]:
    """Return the smallest set of species that holds the confidence, the likeliest first; empty where none does."""
    chosen, total = [], 0.0
    for name, probability in likeliest_first(species).items():
        if name not in _NO_NAMES:
            chosen.append(name)
            total += probability
            if total >= confidence:
                return tuple(chosen)
    return ()


def at_rank(call: Call, rank: str, taxon: str) -> Call:
    """Return the call at a higher rank, which is at least as probable as the species was."""
    probability = call.probability
    if call.probabilities is not None:
        probability = max(probability or 0.0, call.shares(rank).get(taxon, 0.0))
    return call._replace(
        status="identified",
        rank=rank,
        taxon=taxon,
        probability=probability,
        interval=None if rank != "species" else call.interval,
    )


def at_genus(call: Call, genera: Collection[str]) -> Call:
    """Return the call at the genus, or inconclusive where there are several or none is known."""
    if len(genera) == 1 and "" not in genera:
        return at_rank(call, "genus", next(iter(genera)))
    return no_name(call)


def no_name(call: Call) -> Call:
    """Return the call without a name."""
    return call._replace(
        status="inconclusive", rank=None, taxon=None, probability=None, interval=None
    )


def genera_of(species: Iterable[str]) -> set[str]:
    """Return the genera of species, as their names say them."""
    return set(map(genus_of, species))


def _plain_rule(
    candidates: Sequence[Candidate], uncalibrated: Notice, units: Collection[Unit]
) -> Call:
    if not candidates:
        return Call("nothing_near", warnings=(uncalibrated,))
    best = candidates[0]
    within = [c for c in candidates if c.identity >= best.identity - MARGIN - 1e-9]
    not_excluded = tuple(candidate.species for candidate in within)
    if best.identity >= SPECIES_IDENTITY and len(within) == 1 and best.named:
        call = Call("identified", "species", best.species, not_excluded=not_excluded)
    elif best.identity >= SPECIES_IDENTITY and (unit := _unit_of(not_excluded, units)):
        call = call_unit(unit.name, not_excluded)
    elif best.identity >= GENUS_IDENTITY and len({c.genus for c in within}) == 1:
        call = Call("identified", "genus", best.genus, not_excluded=not_excluded)
    else:
        call = Call("inconclusive", not_excluded=not_excluded)
    noted = (uncalibrated, *call.warnings, *_describe_evidence(candidates, call))
    return call._replace(warnings=noted)


def _unit_of(species: Sequence[str], units: Collection[Unit]) -> Unit | None:
    """Return the unit that all of these species are of; None where there is none that may be called."""
    return next((u for u in units if u.is_callable and set(species) <= set(u.members)), None)


def _describe_evidence(candidates: Sequence[Candidate], call: Call) -> Iterator[Notice]:
    """Yield what should be known of the records behind a call."""
    if not candidates:
        return
    best = candidates[0]
    if call.rank == "species":
        called = next(c for c in candidates if c.species == call.taxon)
        if called.records == 1:
            yield notices.calls.SINGLE_RECORD(species=called.species)
        return
    if call.rank == UNIT and set(call.not_excluded) <= set(call.members):
        return
    if len(call.not_excluded) > 1:
        yield notices.calls.SEVERAL_SPECIES(
            number=len(call.not_excluded), names=name_some(call.not_excluded)
        )
    if not best.named:
        yield notices.calls.NO_SPECIES_NAME(accession=best.accession, name=best.species)
    if call.status != "nothing_near":
        yield from _describe_genus(candidates, call)
    if best.identity < SPECIES_IDENTITY:
        yield notices.calls.DISTANT(difference=1 - best.identity)


def _describe_genus(candidates: Sequence[Candidate], call: Call) -> Iterator[Notice]:
    """Yield what the genus that was called, or is nearest, rests on, where that is little."""
    genus = call.taxon if call.rank == "genus" else candidates[0].genus
    if not genus:
        return
    support = genus_support_of(candidates, genus)
    if support.few:
        yield notices.calls.GENUS_RESTS_ON_FEW(
            genus=genus,
            records=ngettext("{number} record", "{number} records", support.records).format(
                number=support.records
            ),
            species=ngettext("{number} species", "{number} species", support.species).format(
                number=support.species
            ),
            identity=support.identity,
            ceiling=support.ceiling,
        )


IsApart = Callable[[str, Sequence[str]], bool]
"""Asked with a species and the names of a lender: whether the sequence is shown to be not of the lender's line."""


def _shows_nothing(species: str, lender: Sequence[str]) -> bool:
    return False


def lineage_warnings(
    call: Call, locus: str | None, sets: Iterable[tuple[str, Lineage]] | None = None
) -> list[Notice]:
    """Return what a call at this locus leaves open.

    Parameters
    ----------
    call : Call
    locus : str or None
        Name of the locus; None where it is not known.
    sets : iterable of (str, Lineage), optional
        Those that the call leads to, each with the species that does; by default as far as no sequence speaks
        against one.

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
    sets = _sets(call, _shows_nothing) if sets is None else sets
    return warnings + [_warning(species, lineage) for species, lineage in sets]


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
        called (`spread.is_of_another_line`). By default nothing shows it, and the set is called.

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
    members, sets = set(call.members), list(_sets(call, is_apart))
    for species, lineage in sets:
        others = lineage.others(species)
        names += [name for name in others if not {*names} & {*lineage.member(name)}]
        if lineage.kind != HYBRIDS:
            members.update(others)
    widened = call.noted(*lineage_warnings(call, locus, sets), not_excluded=tuple(names))
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
        names = tuple(name for name in names if genus_of(name) == call.taxon)
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


# Below this a half is too short to say anything (`forensics.barcode.locus`).
_MIN_LENGTH_WITH_ENDS = 200
# A tenth that sticks out is a primer or a longer amplicon; more should be looked at.
_MIN_SHARE_COMPARED = 0.9


class Caveats(NamedTuple):
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
        What `forensics.barcode.contamination.human` returned.
    """
    best = hits[0]
    alignment = align(query.sequence, index.sequence(best.haplotype), best)
    genus = index.first_record(best.haplotype).genus
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
        call = call.noted(*warnings, doubted=doubted)
    if caveats.forbid:
        return no_name(call)
    if others and call.status == "identified":
        call = call._replace(not_excluded=tuple(dict.fromkeys((*call.not_excluded, *others))))
        # A call never becomes narrower by what stands against it.
        if call.rank == "family":
            return call if families == {call.taxon} else at_genus(call, ())
        return at_genus(call, genera)
    if others:
        return call._replace(status="inconclusive", probability=None)
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
        from forensics.barcode.chimera import check_ends  # not where a record is near

        # The middle of a longer one is not a piece of a barcode, and was searched in windows.
        ends = (check_ends(sequence, library.index(name), floor) for name in names)
        against += [warning for warning in ends if warning][:1]
    if not against:
        return call
    return no_name(call.noted(*against, doubted=doubted))


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
        yield notices.search.DEMONSTRATION_LIBRARY(title=_(library.title))


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
