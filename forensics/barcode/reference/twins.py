"""Species that a locus cannot tell apart, by the library's own records: the named units.

Two species are twins at a locus where all of this holds:

1. Their nearest sequences differ by no more than `MAX_DIFFERENCE`.
2. The nearest other sequence of a sequence does not show of which of the two it is. What is counted is how many
   haplotypes have one of their own species nearer than any of the other (half, where both are as near).
   The same count is made with the names dealt out anew to the haplotypes, in every way or in `PERMUTATIONS` ways at
   random: where no more than `SIGNIFICANCE` of the ways tell the names apart as well, the locus tells them apart.
3. They share a haplotype; or, with two haplotypes or more each, own ones are no nearer than chance has it.

So a species with one haplotype that no other species has is nobody's twin, however near it is: nothing shows
that the difference is not fixed. Haplotypes count and not records, since equal sequences are often of one animal
or one collecting.

Twins of twins are one unit (`forensics.barcode.reference.units`).

References
----------
Meier et al. 2006, doi:10.1080/10635150600969864 (best close match; sequences shared between species).
Good 2005, Permutation, parametric and bootstrap tests of hypotheses, doi:10.1007/b138696.
"""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

__all__ = [
    "MAX_DIFFERENCE",
    "PERMUTATIONS",
    "SIGNIFICANCE",
    "cannot_be_told_apart",
]

#: Share of bases: 1 %, within which a species is no longer told from the next (`MARGIN` of the search).
MAX_DIFFERENCE = 0.01
#: Level at which a locus is taken to tell two names apart: the usual one.
SIGNIFICANCE = 0.05
#: Ways in which names are dealt out where there are more than so many; 999 resolve 0.05 to 0.007.
PERMUTATIONS = 999
# Of species with hundreds of haplotypes so many decide, spread evenly.
_MAX_HAPLOTYPES = 40
# Ways that are counted at once: 100 of 80 haplotypes take 5 MB.
_AT_ONCE = 100

_TOLERANCE = 1e-9


def cannot_be_told_apart(
    haplotypes: Sequence[tuple[int, bool]], near: Callable[[int, int], float]
) -> bool:
    """Return whether two species are twins.

    Parameters
    ----------
    haplotypes : sequence of (int, bool)
        Haplotypes of the two with the species of each; a shared haplotype stands there for either.
    near : callable
        Identity of two haplotypes, 0-1; 0 where they are far apart.
    """
    entries = [
        *_some([h for h in haplotypes if not h[1]]),
        *_some([h for h in haplotypes if h[1]]),
    ]
    labels = [label for _haplotype, label in entries]
    if not any(labels) or all(labels):
        return False
    table = [
        [near(a, b) if i != j else -1.0 for j, (b, _b) in enumerate(entries)]
        for i, (a, _a) in enumerate(entries)
    ]
    between = max(table[i][j] for i, a in enumerate(labels) for j, b in enumerate(labels) if a != b)
    if between < 1 - MAX_DIFFERENCE - _TOLERANCE:
        return False
    shared = {h for h, label in haplotypes if label} & {h for h, label in haplotypes if not label}
    fewest = min(sum(labels), len(labels) - sum(labels))
    if not shared and fewest < 2:
        return False
    counts = _own_nearest(table, [labels, *_dealt(labels)])
    own, by_chance = counts[0], counts[1:]
    as_well = sum(value >= own - _TOLERANCE for value in by_chance) / len(by_chance)
    if as_well <= SIGNIFICANCE:
        return False
    return bool(shared) or own <= sum(by_chance) / len(by_chance) + _TOLERANCE


def _some(entries: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Return at most `_MAX_HAPLOTYPES`, spread evenly."""
    step = max(1.0, len(entries) / _MAX_HAPLOTYPES)
    return [entries[int(place * step)] for place in range(min(len(entries), _MAX_HAPLOTYPES))]


def _own_nearest(table: Sequence[Sequence[float]], dealt: Sequence[Sequence[bool]]) -> list[float]:
    """Count, for each way, the haplotypes to which their own species is nearer than the other; ties count half."""
    import numpy as np

    near, counts = np.array(table), []
    for first in range(0, len(dealt), _AT_ONCE):
        labels = np.array(dealt[first : first + _AT_ONCE], dtype=bool)
        same = labels[:, :, None] == labels[:, None, :]
        own = np.where(same, near, -1.0).max(axis=2)
        other = np.where(same, -1.0, near).max(axis=2)
        lead = own - other
        counts += (
            (lead > _TOLERANCE).sum(axis=1) + 0.5 * (np.abs(lead) <= _TOLERANCE).sum(axis=1)
        ).tolist()
    return counts


def _dealt(labels: Sequence[bool]) -> Iterable[list[bool]]:
    """Yield the labels dealt out in every way, or in so many ways at random, the given one first."""
    size, marked = len(labels), sum(labels)
    if math.comb(size, marked) <= PERMUTATIONS:
        for places in combinations(range(size), marked):
            chosen = set(places)
            yield [place in chosen for place in range(size)]
        return
    yield list(labels)
    generator = random.Random(size * 1000 + marked)
    for _time in range(PERMUTATIONS):
        dealt = list(labels)
        generator.shuffle(dealt)
        yield dealt
