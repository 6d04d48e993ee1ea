"""How near every haplotype of an index is to a sequence, down to a floor: for comparing all with all.

`forensics.barcode.matching.search` finds the same; here nothing is kept of a comparison but its identity, and
a haplotype shorter than the sequence is not placed whole in it, since it is asked for itself.
"""

import math
from typing import TYPE_CHECKING

from forensics.barcode.matching.index import Index, damaged
from forensics.barcode.matching.search import (
    MAX_LENGTH_AT_ONCE,
    MINIMUM_COVERAGE,
    PARTIAL_FLOOR,
    TOLERANCE,
    WHOLE,
    IndexQuery,
    PlacementBounds,
    bounds_of,
    search,
)
from forensics.errors import LibraryError

if TYPE_CHECKING:
    import numpy as np

# Identities are ratios of whole numbers below `MAX_LENGTH_AT_ONCE`: two of them differ by more.
_NEARER = 0.5 / MAX_LENGTH_AT_ONCE**2


def find_neighbours(
    index: Index, sequence: str, *, floor: float
) -> "tuple[np.ndarray, np.ndarray]":
    """Return the haplotypes of an index that are near to a sequence, and their identities.

    Parameters
    ----------
    index : Index
    sequence : str
        Clean.
    floor : float
        Least identity, 0-1.

    Returns
    -------
    (ndarray of uint32, ndarray of float64)
        Numbers of haplotypes, ascending, and the identities that `search` finds with ``down_to_floor=True``. Of
        the haplotypes that are shorter than the sequence, those that overlap it in part; those that lie whole in
        it are found when they are looked up themselves.

    Raises
    ------
    LibraryError
        If the tables of the index contradict each other.
    """
    import numpy as np

    if len(sequence) > MAX_LENGTH_AT_ONCE:
        hits = search(index, sequence, floor=floor, down_to_floor=True).hits
        numbers = np.fromiter((hit.haplotype for hit in hits), np.uint32, len(hits))
        identities = np.fromiter((hit.identity for hit in hits), float, len(hits))
        order = numbers.argsort()
        return numbers[order], identities[order]
    query = IndexQuery(index, sequence, MINIMUM_COVERAGE)
    # Bounds need not hold for what is shorter and placed whole, which is left out.
    first, query.longer = query.longer, query.first
    best = np.zeros(index.size)
    bounds = [bound for bound in bounds_of(query, floor, max(floor, PARTIAL_FLOOR)) if bound]
    for bound in sorted(bounds, key=lambda bound: bound.placement != WHOLE):
        least = floor if bound.placement == WHOLE else max(floor, PARTIAL_FLOOR)
        _raise_identities(query, bound, least, best, first if bound.placement == WHOLE else 0)
    near = np.flatnonzero(best)
    return near.astype(np.uint32), best[near]


def _raise_identities(
    query: IndexQuery, bound: PlacementBounds, least: float, best: "np.ndarray", first: int
) -> None:
    """Compare from a haplotype on what may be nearer by one placement than is known, and note what is."""
    import numpy as np

    length = query.length
    listed, edits = [], []
    for level in bound.levels(math.floor((1 - least) * length + TOLERANCE)):
        some = np.frombuffer(bound.haplotypes_at(level, first, least), np.uint32)
        listed.append(some)
        edits.append(np.full(len(some), level))
    if not listed:
        return
    haplotypes = np.concatenate(listed)
    known = best[haplotypes]
    # No bound reaches further than this, whole in a longer one or in part, over the whole sequence.
    reach = (length - np.concatenate(edits)) / length
    chosen = (reach > known) & (reach >= least - TOLERANCE)
    haplotypes, known = haplotypes[chosen], known[chosen]
    if not len(haplotypes):
        return
    needed = np.maximum(least, np.minimum(1.0, known + _NEARER))
    found, over = query.compare_all(
        haplotypes.tobytes(), needed.tobytes(), bound.strand, bound.placement
    )
    edits_found = np.frombuffer(found, np.int32)
    lengths = np.frombuffer(over, np.int32)
    reached = edits_found >= 0
    if bound.placement == WHOLE and (lengths[reached] != length).any():
        raise LibraryError(damaged(query.index.path or query.index.locus))
    haplotypes, lengths = haplotypes[reached], lengths[reached]
    identities = (lengths - edits_found[reached]) / lengths
    identities[identities < needed[reached] - TOLERANCE] = 0.0
    best[haplotypes] = np.maximum(best[haplotypes], identities)
