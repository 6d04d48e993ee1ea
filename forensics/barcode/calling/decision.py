"""From candidates to a call: what may be said of a query, and at which rank.

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
(Ratnasingham & Hebert 2007, doi:10.1111/j.1471-8286.2007.01678.x), and says so:

1. A best hit of at least `SPECIES_IDENTITY` and no second species within `MARGIN` of it:
   that species; where all species within it are of one unit, the unit.
2. A best hit of at least `GENUS_IDENTITY` and one genus within the margin: that genus.
3. A best hit of at least the floor: inconclusive; nothing: nothing near.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forensics.barcode.calling.calibration import Calibration, genus_support_of
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import MARGIN
from forensics.barcode.options import CONFIDENCE, EVEN_PRIOR, IN_LIBRARY_PRIOR
from forensics.barcode.reference.units import UNIT, Unit, unit_members
from forensics.core.notice import Notice
from forensics.messages import ngettext
from forensics.notices import calls as notices
from forensics.taxonomy.names import parse_name

# BOLD names a species within 1 % and a genus within 3 % (doi above).
SPECIES_IDENTITY = 0.99
GENUS_IDENTITY = 0.97

NONE = "none"
# None of the library, and (without candidates) one of it that is too far away to be listed.
_NO_NAMES = (NONE, "unlisted")
RANKS = ("genus", "family")
_NAMED = 5  # names of a set that a message gives before it stops


@dataclass(frozen=True, slots=True)
class Call:
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
    probabilities: dict[str, dict[str, float]] | None = None
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
        return self.probabilities["species"][NONE] if self.probabilities else None

    @property
    def members(self) -> tuple[str, ...]:
        """The species that the call names: one, those of a unit, or none where it goes less far."""
        if self.rank == UNIT and self.taxon:
            return unit_members(self.taxon)
        return (self.species,) if self.species else ()


def decide(
    candidates: Sequence[Candidate],
    *,
    calibration: Calibration | None = None,
    confidence: float = CONFIDENCE,
    in_library: float = IN_LIBRARY_PRIOR,
    uncalibrated: Notice | None = None,
    units: Collection[Unit] = (),
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

    Returns
    -------
    Call
    """
    if calibration is None:
        return _plain_rule(candidates, uncalibrated or notices.UNCALIBRATED("library"), units)
    near = _units_near(candidates, units)
    probabilities = with_units(calibration.probabilities(candidates, in_library), near)
    call = call_from_probabilities(probabilities, confidence)
    noted = [*call.warnings, *_describe_evidence(candidates, call)]
    probability = call.probability
    if call.status == "nothing_near" and probability is not None and probability < confidence:
        noted.append(notices.FAR_SPECIES_POSSIBLE(prior=in_library, probability=1 - probability))
    if call.rank and call.taxon:
        at_even_odds = with_units(calibration.probabilities(candidates, EVEN_PRIOR), near)
        if call_from_probabilities(at_even_odds, confidence).taxon != call.taxon:
            noted.append(
                notices.PRIOR_SENSITIVE(
                    prior=in_library,
                    even=EVEN_PRIOR,
                    taxon=call.taxon,
                    probability=at_even_odds[call.rank].get(call.taxon, 0.0),
                )
            )
    interval = _interval(calibration, candidates, in_library, call)
    return replace(call, warnings=tuple(noted), interval=interval)


def _interval(
    calibration: Calibration, candidates: Sequence[Candidate], in_library: float, call: Call
) -> tuple[float, float] | None:
    """Return between which bounds the probability of a species lies."""
    if call.species is None or call.probabilities is None:
        return None
    bounds = calibration.interval(candidates, in_library)
    if bounds is None:
        return None
    species = call.probabilities["species"]
    share = species[call.species] / (1 - species[NONE])
    return bounds[0] * share, bounds[1] * share


def call_from_probabilities(probabilities: dict[str, dict[str, float]], confidence: float) -> Call:
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
    probabilities: dict[str, dict[str, float]] | None = None,
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
        (notices.UNIT_OF_SPECIES(names=", ".join(members), number=len(members)),),
    )


def _units_near(candidates: Sequence[Candidate], units: Collection[Unit]) -> list[Unit]:
    """Return the units that may be called: small enough, and with two species or more among the candidates."""
    names = {candidate.species for candidate in candidates}
    return [u for u in units if u.is_callable and len(names.intersection(u.members)) > 1]


def with_units(
    probabilities: dict[str, dict[str, float]], units: Collection[Unit]
) -> dict[str, dict[str, float]]:
    """Return probabilities with those of the units, between species and genus; ``none`` is none of them."""
    if not units:
        return probabilities
    species = probabilities["species"]
    shares = {unit.name: sum(species.get(name, 0.0) for name in unit.members) for unit in units}
    shares = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
    of_any = {name for unit in units for name in unit.members}  # units of several loci may overlap
    none = max(0.0, 1 - math.fsum(species.get(name, 0.0) for name in of_any))
    above = {rank: of_rank for rank, of_rank in probabilities.items() if rank != "species"}
    return {"species": species, UNIT: {**shares, NONE: none}, **above}


def smallest_set(species: Mapping[str, float], confidence: float) -> tuple[str, ...]:
    """Return the smallest set of species that holds the confidence, the likeliest first; empty where none does."""
    chosen, total = [], 0.0
    for name, probability in sorted(species.items(), key=lambda item: (-item[1], item[0])):
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
        probability = max(probability or 0.0, call.probabilities.get(rank, {}).get(taxon, 0.0))
    return replace(
        call,
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
    return replace(
        call, status="inconclusive", rank=None, taxon=None, probability=None, interval=None
    )


def genera_of(species: Iterable[str]) -> set[str]:
    """Return the genera of species, as their names say them."""
    return {name.partition(" ")[0] for name in species}


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
    return replace(call, warnings=noted)


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
            yield notices.SINGLE_RECORD(species=called.species)
        return
    if call.rank == UNIT and set(call.not_excluded) <= set(call.members):
        return
    if len(call.not_excluded) > 1:
        names = ", ".join(call.not_excluded[:_NAMED])
        yield notices.SEVERAL_SPECIES(
            number=len(call.not_excluded),
            names=names + (" …" if len(call.not_excluded) > _NAMED else ""),
        )
    if not best.named:
        yield notices.NO_SPECIES_NAME(accession=best.accession, name=best.species)
    if call.status != "nothing_near":
        yield from _describe_genus(candidates, call)
    if best.identity < SPECIES_IDENTITY:
        yield notices.DISTANT(difference=1 - best.identity)


def _describe_genus(candidates: Sequence[Candidate], call: Call) -> Iterator[Notice]:
    """Yield what the genus that was called, or is nearest, rests on, where that is little."""
    genus = call.taxon if call.rank == "genus" else candidates[0].genus
    if not genus:
        return
    support = genus_support_of(candidates, genus)
    if support.few:
        yield notices.GENUS_RESTS_ON_FEW(
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
