"""Diagnostic positions: where query and called species differ from the closest other species, and what they say.

Every haplotype of both species, and the query, is aligned with one record of the called species, the best hit; its
bases give the positions their numbers. A position is *diagnostic* where the query has a base that at least the best
record has too and that no compared record of the other species has; it is *fixed* where all compared records of the
called species have it. Gaps and IUPAC codes prove nothing and are left out.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from forensics import notices
from forensics.barcode.calling.spread import SPREAD_HAPLOTYPES, distance_outside, some_of
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Candidate, lay
from forensics.barcode.options import FLOOR
from forensics.core.notice import Notice
from forensics.messages import name_some


def species_number(index: Index, candidate: Candidate) -> int:
    """Return the number that the species of a candidate has in an index."""
    for position in index.positions(candidate.hit.haplotype):
        if index.record(position).label == candidate.species:
            return index.species_at(position)
    raise ValueError(f"haplotype {candidate.hit.haplotype} has no record of {candidate.species}")


_BASES = frozenset("ACGT")
# More positions than this tell a reader nothing more; their number is given in any case.
MAXIMUM_POSITIONS = 30


class Position(NamedTuple):
    """A position that separates two species.

    Attributes
    ----------
    position : int
        In the reference record, counted from 1.
    query : str
        Base of the query.
    own, other : str
        Bases of the records of the called and of the other species, such as ``A`` or ``CT``.
    fixed : bool
        Whether all records of the called species that were compared have the query's base.
    """

    position: int
    query: str
    own: str
    other: str
    fixed: bool


class Diagnostics(NamedTuple):
    """What separates the called species from another at the bases of a query.

    Attributes
    ----------
    reference : str
        Accession of the record whose bases are counted.
    other : str
        The other species.
    own_haplotypes, other_haplotypes : int
        Haplotypes that were aligned.
    fixed, variable : int
        Diagnostic positions where the called species has one base, and where it has several.
    against : int
        Positions where the query has a base of the other species that no compared record of
        the called one has: what speaks against the call.
    positions : tuple of Position
        Fixed ones first, at most `MAXIMUM_POSITIONS`.
    """

    reference: str
    other: str
    own_haplotypes: int
    other_haplotypes: int
    fixed: int
    variable: int
    against: int
    positions: tuple[Position, ...]


def diagnose(
    query: str,
    reference: str,
    own: Iterable[str],
    others: Iterable[str],
    *,
    accession: str,
    other: str,
) -> Diagnostics | None:
    """Find the diagnostic positions.

    Parameters
    ----------
    query : str
        The clean questioned sequence.
    reference : str
        Sequence of the best record of the called species.
    own, others : iterable of str
        Haplotypes of the called and of the other species. Those that cannot be placed whole
        within the reference, or the reference within them, are left out.
    accession : str
        Of the reference.
    other : str
        Name of the other species.

    Returns
    -------
    Diagnostics or None
        None where the query or all of a species cannot be placed.
    """
    laid_query = _laid(reference, query)
    mine = [laid for laid in (_laid(reference, s) for s in own) if laid]
    theirs = [laid for laid in (_laid(reference, s) for s in others) if laid]
    if not laid_query or not mine or not theirs:
        return None
    diagnostic, against = [], 0
    columns = zip(laid_query, zip(*mine), zip(*theirs), strict=True)
    for place, (base, own_column, other_column) in enumerate(columns):
        if base == own_column[0] == other_column[0]:  # mostly so; it separates nothing
            continue
        own_bases, other_bases = _BASES.intersection(own_column), _BASES.intersection(other_column)
        if base not in _BASES or not own_bases or not other_bases:
            continue
        if base in other_bases and base not in own_bases:
            against += 1
        if base == reference[place] and base not in other_bases:
            diagnostic.append(
                Position(
                    position=place + 1,
                    query=base,
                    own="".join(sorted(own_bases)),
                    other="".join(sorted(other_bases)),
                    fixed=own_bases == {base},
                )
            )
    diagnostic.sort(key=lambda position: (not position.fixed, position.position))
    fixed = sum(position.fixed for position in diagnostic)
    return Diagnostics(
        reference=accession,
        other=other,
        own_haplotypes=len(mine),
        other_haplotypes=len(theirs),
        fixed=fixed,
        variable=len(diagnostic) - fixed,
        against=against,
        positions=tuple(diagnostic[:MAXIMUM_POSITIONS]),
    )


def _laid(reference: str, sequence: str) -> str:
    """Return the letters that stand opposite to the reference; empty where it cannot be placed."""
    strands = (sequence, reverse_complement(sequence))
    return next(filter(None, (lay(strand, reference, least=FLOOR) for strand in strands)), "")


def haplotypes_of(index: Index, candidates: Sequence[Candidate]) -> list[int]:
    """Return the numbers of all haplotypes of the species of candidates, ascending."""
    numbers = [species_number(index, each) for each in candidates]
    places = (place for number in numbers for place in index.positions_of(number))
    return sorted({index.haplotype_at(place) for place in places})


def diagnostics_of(
    query: str, own: Sequence[Candidate], other: Candidate, index: Index
) -> Diagnostics | None:
    """Return where haplotypes of a species, or of a unit, differ from those of another species: see `diagnose`."""
    mine, theirs = (
        [
            index.sequence(haplotype)
            for haplotype in some_of(
                haplotypes_of(index, group), SPREAD_HAPLOTYPES, group[0].hit.haplotype
            )
        ]
        for group in (own, [other])
    )
    reference = index.sequence(own[0].hit.haplotype)
    return diagnose(query, reference, mine, theirs, accession=own[0].accession, other=other.species)


def possible_congener(
    query: str,
    called: str,
    own: Sequence[Candidate],
    other: Candidate | None,
    index: Index,
    missing: Sequence[str],
) -> Notice | None:
    """Return why a query may be of a congener that the library lacks rather than of the species or unit called.

    Parameters
    ----------
    query : str
        The clean questioned sequence, which differs from every sequence of what was called.
    called : str
        Name of the species or unit.
    own : sequence of Candidate
        The species called or, of a unit, those of its species that are candidates; the nearest first.
    other : Candidate or None
        The closest other species.
    index : Index
        Where they come from.
    missing : sequence of str
        Congeners without a record at the locus, as they are named.

    Returns
    -------
    Notice or None
        None where the query lies within the spread of the species, of a unit of all its species together, and has no
        base that only the other species has. Where no two haplotypes can be compared, its spread is not known, and any difference counts.
        A haplotype that cannot be compared with the query, as it hardly overlaps with it, says nothing.
    """
    said = {"species": called, "names": name_some(missing), "locus": index.locus}
    haplotypes = haplotypes_of(index, own)
    distance, largest = distance_outside(index, haplotypes, query, own[0].hit.haplotype)
    if largest is None:
        return notices.calls.CONGENER_POSSIBLE("no_spread", **said)
    if distance is not None:
        return notices.calls.CONGENER_POSSIBLE("spread", distance=distance, largest=largest, **said)
    diagnostics = diagnostics_of(query, own, other, index) if other else None
    if diagnostics and diagnostics.against:
        return notices.calls.CONGENER_POSSIBLE(
            "positions", number=diagnostics.against, other=diagnostics.other, **said
        )
    return None
