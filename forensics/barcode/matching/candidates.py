"""Candidates: the species among the hits of a search, each with its best hit."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import TOLERANCE, Hit, reporting_cutoff
from forensics.barcode.options import FLOOR
from forensics.messages import _

# So many candidates are listed, and in any case all that tie with the best.
MAXIMUM_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class ReportedCandidate:
    """A species and how near its best record is, as results have it.

    Attributes
    ----------
    species : str
        Binomial, or the deposited name where it names no species.
    genus, family : str
        Of the record; empty where unknown.
    named : bool
        Whether the name reaches a species.
    identity, coverage : float
        Of the best hit, 0-1.
    mismatches : int
        Edits of the best hit.
    length : int or None
        Bases compared; None where a stored result does not say it.
    accession : str
        First accession of the best hit that bears this name.
    records : int
        Records of the species at this locus in the library.
    deposited : str
        Name under which the best record was deposited, where that is another species' name; else empty.
    """

    species: str
    genus: str
    family: str
    named: bool
    identity: float
    coverage: float
    mismatches: int
    length: int | None
    accession: str
    records: int
    deposited: str = field(default="", kw_only=True)

    @property
    def shown_name(self) -> str:
        """The name as people read it, with the deposited one beside it where that is another."""
        if not self.deposited:
            return self.species
        return _("{species} (deposited as {deposited})").format(
            species=self.species, deposited=self.deposited
        )


@dataclass(frozen=True, slots=True)
class Candidate(ReportedCandidate):
    """A species and its best hit, as a search found them.

    Attributes
    ----------
    hit : Hit
        The best hit.
    """

    length: int
    hit: Hit


def candidates_of(
    index: Index,
    hits: Iterable[Hit],
    *,
    floor: float = FLOOR,
    without: Collection[int] = (),
) -> list[Candidate]:
    """Return every species among the hits with its best hit, best first.

    Parameters
    ----------
    index : Index
        The index that was searched.
    hits : iterable of Hit
        Best first.
    floor : float
        Identity under which nothing is a neighbour.
    without : collection of int
        Numbers of records that are treated as if they were not in the library: their
        hits, and their share in the counts, are left out, so that nothing of a record
        that is left out leaks into what describes its species.

    Returns
    -------
    list of Candidate
        As far down as a search in the library without these records would have told.
    """
    best: dict[int, tuple[Hit, int]] = {}
    for hit in hits:
        for position in index.positions(hit.haplotype):
            if position in without:
                continue
            species = index.species_at(position)
            best.setdefault(species, (hit, position))
    limit = reporting_cutoff((hit.identity for hit, _position in best.values()), floor=floor)
    left_out = Counter(index.species_at(position) for position in without)
    candidates = []
    for species, (hit, position) in best.items():
        if hit.identity < limit - TOLERANCE:
            continue
        record = index.record(position)
        candidates.append(
            Candidate(
                species=record.label,
                genus=record.genus,
                family=record.family,
                named=bool(record.species),
                identity=hit.identity,
                coverage=hit.coverage,
                mismatches=hit.edits,
                length=hit.length,
                accession=record.accession,
                records=index.species_records(species) - left_out[species],
                hit=hit,
                deposited=record.deposited,
            )
        )
    return candidates


def reported_candidate(
    species: str,
    *,
    identity: float,
    mismatches: int,
    accession: str,
    length: int | None = None,
    coverage: float = 0.0,
    records: int = 0,
    deposited: str = "",
) -> ReportedCandidate:
    """Return a candidate as a stored result has it.

    Its family is not stored; its genus is the first word of a binomial.
    """
    from forensics.taxonomy.names import parse_name

    named = parse_name(species).species == species
    return ReportedCandidate(
        species=species,
        genus=species.partition(" ")[0] if named else "",
        family="",
        named=named,
        identity=identity,
        coverage=coverage,
        mismatches=mismatches,
        length=length,
        accession=accession,
        records=records,
        deposited=deposited,
    )


def shown(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates that are listed: at most `MAXIMUM_CANDIDATES`, and all ties."""
    if not candidates:
        return ()
    ties = sum(candidate.identity == candidates[0].identity for candidate in candidates)
    return tuple(candidates[: max(MAXIMUM_CANDIDATES, ties)])
