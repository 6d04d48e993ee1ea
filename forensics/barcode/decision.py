"""From hits to a call: what may be said of a query, and at which rank.

For now a plain rule, the same for every library and stated in full here; its
probabilities are unknown and said to be so (warning UNCALIBRATED). A calibrated
decision takes the place of `decide` and keeps its signature.

The rule, after BOLD's (Ratnasingham & Hebert 2007, doi:10.1111/j.1471-8286.2007.01678.x):

1. The *species set* are the species within `MARGIN` of the best hit.
2. A best hit of at least `SPECIES_IDENTITY` and one species in the set: that species.
3. A best hit of at least `GENUS_IDENTITY` and one genus in the set: that genus.
4. A best hit of at least the floor: inconclusive.
5. Nothing at or above the floor: not in the library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.barcode.index import Index
from forensics.barcode.quality import QueryWarning
from forensics.barcode.search import MARGIN, Hit, Search
from forensics.messages import _

__all__ = [
    "GENUS_IDENTITY",
    "MAXIMUM_CANDIDATES",
    "SPECIES_IDENTITY",
    "Call",
    "Candidate",
    "candidates_of",
    "decide",
]

# BOLD names a species within 1 % and a genus within 3 % (doi above).
SPECIES_IDENTITY = 0.99
GENUS_IDENTITY = 0.97
# So many candidates are listed, and in any case all that tie with the best.
MAXIMUM_CANDIDATES = 20


@dataclass(frozen=True)
class Candidate:
    """A species and its best hit.

    Attributes
    ----------
    species : str
        Binomial, or the deposited name where it names no species.
    genus : str
        Genus of the record.
    named : bool
        Whether the name reaches a species.
    identity, coverage : float
        Of the best hit, 0-1.
    mismatches : int
        Edits of the best hit.
    length : int
        Bases compared.
    accession : str
        First accession of the best hit that bears this name.
    records : int
        Records of the species at this locus in the library.
    hit : Hit
        The best hit.
    """

    species: str
    genus: str
    named: bool
    identity: float
    coverage: float
    mismatches: int
    length: int
    accession: str
    records: int
    hit: Hit


@dataclass(frozen=True)
class Call:
    """The decision on one query.

    Attributes
    ----------
    status : str
        ``identified``, ``inconclusive`` or ``not_in_library``.
    rank : str or None
        ``species``, ``genus`` or ``family`` where something was identified.
    taxon : str or None
        Name of what was identified.
    probability : float or None
        Of the call at its rank; None while uncalibrated.
    probabilities : dict or None
        ``{rank: {name: probability, …, "none": probability}}``; None while uncalibrated.
    warnings : tuple of QueryWarning
    """

    status: str
    rank: str | None = None
    taxon: str | None = None
    probability: float | None = None
    probabilities: dict[str, dict[str, float]] | None = None
    warnings: tuple[QueryWarning, ...] = ()


def candidates_of(index: Index, search: Search) -> list[Candidate]:
    """Return every species among the hits with its best hit, best first."""
    candidates: dict[str, Candidate] = {}
    for hit in search.hits:
        for record in index.records(hit.haplotype):
            if record.label in candidates:
                continue
            candidates[record.label] = Candidate(
                species=record.label,
                genus=record.genus,
                named=bool(record.species),
                identity=hit.identity,
                coverage=hit.coverage,
                mismatches=hit.edits,
                length=hit.length,
                accession=record.accession,
                records=index.species_records(index.species_number(hit.haplotype, record.label)),
                hit=hit,
            )
    return list(candidates.values())


def decide(candidates: Sequence[Candidate]) -> Call:
    """Decide what the candidates allow to be said.

    Parameters
    ----------
    candidates : sequence of Candidate
        All species at or above the floor that the search proved, best first.

    Returns
    -------
    Call
    """
    uncalibrated = QueryWarning(
        "UNCALIBRATED",
        _("This library has no calibration: how often such a call is right is not known."),
    )
    if not candidates:
        return Call("not_in_library", warnings=(uncalibrated,))
    best = candidates[0]
    within = [c for c in candidates if c.identity >= best.identity - MARGIN - 1e-9]
    genera = {candidate.genus for candidate in within}
    warnings = [uncalibrated]
    if best.identity >= SPECIES_IDENTITY and len(within) == 1 and best.named:
        if best.records == 1:
            warnings.append(
                QueryWarning(
                    "SINGLE_RECORD",
                    _(
                        "Only one record stands behind {species}; if it is mislabelled, so is "
                        "this call."
                    ).format(species=best.species),
                )
            )
        return Call("identified", "species", best.species, warnings=tuple(warnings))
    if best.identity >= SPECIES_IDENTITY and len(within) > 1:
        warnings.append(
            QueryWarning(
                "SEVERAL_SPECIES",
                _(
                    "{number} species lie within {margin:.0%} of the best and are not excluded: {names}."
                ).format(
                    number=len(within),
                    margin=MARGIN,
                    names=", ".join(candidate.species for candidate in within[:5])
                    + (" …" if len(within) > 5 else ""),
                ),
            )
        )
    elif not best.named:
        warnings.append(
            QueryWarning(
                "NO_SPECIES_NAME",
                _("The nearest record, {accession}, is named only {name}.").format(
                    accession=best.accession, name=best.species
                ),
            )
        )
    else:
        warnings.append(
            QueryWarning(
                "DISTANT",
                _(
                    "The nearest record differs by {difference:.1%}: more than is usual within a "
                    "species. The species itself may be missing from the library."
                ).format(difference=1 - best.identity),
            )
        )
    if best.identity >= GENUS_IDENTITY and len(genera) == 1:
        return Call("identified", "genus", best.genus, warnings=tuple(warnings))
    return Call("inconclusive", warnings=tuple(warnings))
