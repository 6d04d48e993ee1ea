"""How far the haplotypes of a species lie apart, and a query, or another species, from them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, NamedTuple

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import TOLERANCE, exhaustive_search, search
from forensics.barcode.options import FLOOR
from forensics.core.stored import reported

# So many haplotypes of a species are compared with each other: 190 pairs take 28 ms at most.
# Of the 2,765 species of a library of real COI, 13 have more.
SPREAD_HAPLOTYPES = 20
# So many of them are looked up in the library; each look-up costs as much as a query.
NEAREST_HAPLOTYPES = 5


@dataclass(frozen=True)
class Spread:
    """How far the haplotypes of a species lie apart, and a query from them.

    Attributes
    ----------
    haplotypes : int
        Different sequences of the species at this locus.
    compared : int
        Those that were compared, at most `SPREAD_HAPLOTYPES`.
    largest : float or None
        Largest p-distance of two of them; None where no two could be compared.
    apart : int
        Pairs without a distance: more than `FLOOR` allows apart, or hardly overlapping.
    query_nearest, query_farthest : float or None
        p-distance of the query to the nearest and the farthest of those compared; the farthest is None where one of
        them could not be compared with the query.
    """

    KEYS: ClassVar[tuple[str, ...]] = (
        "haplotypes", "compared", "largest", "apart", "query_nearest", "query_farthest",
        "query_inside",
    )  # fmt: skip

    haplotypes: int
    compared: int
    largest: float | None
    apart: int
    query_nearest: float | None
    query_farthest: float | None

    @property
    @reported("query_inside")
    def inside(self) -> bool | None:
        """Whether the query is no farther from any of them than they are from each other."""
        if self.largest is None or self.query_farthest is None:
            return None
        return self.query_farthest <= self.largest + TOLERANCE


class NearestOther(NamedTuple):
    """The nearest other species of a species in the library.

    Attributes
    ----------
    searched : int
        Haplotypes of the species that were looked up, at most `NEAREST_HAPLOTYPES`.
    species, accession : str or None
        The nearest other species and its record; None where none reaches `FLOOR`.
    distance : float or None
        Their p-distance.
    """

    searched: int
    species: str | None
    accession: str | None
    distance: float | None


def some_of(haplotypes: Sequence[int], most: int, first: int) -> list[int]:
    """Return at most `most` haplotypes: `first`, and others evenly over the rest.

    The rest is in the order of the index, by length and sequence, so that the same library
    always gives the same choice.
    """
    others = [haplotype for haplotype in haplotypes if haplotype != first]
    number = min(most - 1, len(others))
    return [first, *(others[place * len(others) // number] for place in range(number))]


def spread_of(index: Index, haplotypes: Sequence[int], query: str, best: int) -> Spread:
    """Compare the haplotypes of a species with each other and with the query.

    Parameters
    ----------
    index : Index
    haplotypes : sequence of int
        Numbers of all haplotypes of the species, ascending.
    query : str
        The clean questioned sequence.
    best : int
        The one nearest to the query; it is compared in any case.
    """
    chosen = some_of(haplotypes, SPREAD_HAPLOTYPES, best)
    pairs = list(chain.from_iterable(_of_pairs(index, chosen)))
    from_query = _distances(index, query, chosen)
    return Spread(
        haplotypes=len(haplotypes),
        compared=len(chosen),
        largest=max(pairs, default=None),
        apart=math.comb(len(chosen), 2) - len(pairs),
        query_nearest=min(from_query, default=None),
        # One that could not be compared may be the farthest.
        query_farthest=max(from_query) if len(from_query) == len(chosen) else None,
    )


def distance_outside(
    index: Index, haplotypes: Sequence[int], query: str, best: int
) -> tuple[float | None, float | None]:
    """Return whether a query is farther from a haplotype of a species than any two of them are from each other.

    Haplotypes that cannot be compared with the query say nothing.

    Parameters
    ----------
    index, haplotypes, query, best
        As of `spread_of`.

    Returns
    -------
    distance : float or None
        The p-distance of the query to the farthest of them; None where two are as far apart.
    largest : float or None
        The largest p-distance of two of them, or one that is as large as that of the query; None where no two
        could be compared.
    """
    chosen = some_of(haplotypes, SPREAD_HAPLOTYPES, best)
    distance = max(_distances(index, query, chosen), default=None)
    largest = None
    for distances in _of_pairs(index, chosen):
        largest = max(distances if largest is None else [largest, *distances], default=None)
        if largest is not None and (distance is None or distance <= largest + TOLERANCE):
            return None, largest
    return distance, largest


def nearest_other(index: Index, haplotypes: Sequence[int], species: int, best: int) -> NearestOther:
    """Look for the nearest other species of a species.

    Parameters
    ----------
    index : Index
    haplotypes : sequence of int
        Numbers of all haplotypes of the species, ascending.
    species : int
        Number of the species.
    best : int
        A haplotype that is looked up in any case.
    """
    chosen = some_of(haplotypes, NEAREST_HAPLOTYPES, best)
    nearest, position = FLOOR, None
    for haplotype in chosen:
        sequence = index.sequence(haplotype)
        # Only what is nearer than the nearest so far is still of interest.
        for hit in search(
            index, sequence, floor=nearest, margin=0, exclude_species=species, of_species=1
        ).hits:
            others = [p for p in index.positions(hit.haplotype) if index.species_at(p) != species]
            if others:
                if position is None or hit.identity > nearest:
                    nearest, position = hit.identity, others[0]
                break
    if position is None:
        return NearestOther(len(chosen), None, None, None)
    record = index.record(position)
    return NearestOther(len(chosen), record.label, record.accession, 1 - nearest)


def _of_pairs(index: Index, haplotypes: Sequence[int]) -> Iterator[list[float]]:
    """Yield the p-distances of each haplotype to those after it that can be compared with it."""
    for place, haplotype in enumerate(haplotypes):
        yield _distances(index, index.sequence(haplotype), haplotypes[place + 1 :])


def _distances(index: Index, sequence: str, among: Iterable[int]) -> list[float]:
    return [1 - hit.identity for hit in exhaustive_search(index, sequence, among=among).hits]


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
    lent, own = _haplotypes(index, lender), _haplotypes(index, [species])
    from_lent = _distances(index, sequence, lent)
    if len(lent) < 2 or not from_lent:
        return False
    spread = spread_of(index, lent, sequence, lent[0])
    far = [
        (distances[0], haplotype)
        for haplotype in some_of(own, SPREAD_HAPLOTYPES, own[0])
        if (distances := _distances(index, index.sequence(haplotype), lent))
    ]
    if spread.largest is None or spread.apart or not far:
        return False
    distance, farthest = max(far)
    from_own = _distances(index, sequence, [farthest])
    return (
        distance > spread.largest + TOLERANCE
        and bool(from_own)
        and from_own[0] < from_lent[0] - TOLERANCE
    )


def _haplotypes(index: Index, names: Sequence[str]) -> list[int]:
    """Return the haplotypes of a species that libraries call by these names, ascending."""
    positions = (position for name in names for position in index.positions_labelled(name))
    return sorted(set(map(index.haplotype_at, positions)))
