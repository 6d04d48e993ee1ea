"""Does a query read like one species on the left of a point and like another on the right of it?

A chimera of two species of a genus is near to both over its whole length, so neither distance nor a search of its
parts tells it from a variant. What tells is that a *composite* of two records, one up to a breakpoint and another from
there on, explains it almost without a difference, where no species by itself does, not even with two of its own
haplotypes. UCHIME looks for the same (Edgar et al. 2011, doi:10.1093/bioinformatics/btr381).

A species that the library lacks may by chance lie between two that it holds; it is then not explained almost without a
difference, and is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from forensics.barcode.checking.chimera import crowded_part
from forensics.barcode.matching.alignment import GAP, Alignment, align, differ
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Hit, search
from forensics.core.notice import Notice
from forensics.notices.checks import CHIMERA

__all__ = ["MAX_UNEXPLAINED", "MIN_GAIN", "Composite", "check_two_parents", "find_composite"]

# Both bounds were chosen on 1,600 clean records of COI, of which none is then called a chimera (benchmarks/checks.md).
MIN_GAIN = 4
"""Differences that a second parent must explain, on either side of the breakpoint."""
MAX_UNEXPLAINED = 0.005
"""Share of the bases that the composite may leave unexplained."""
# Nearest species that are tried as parents, and haplotypes of each.
_MAX_SPECIES = 12
_HAPLOTYPES = 4
# Gain in log-likelihood, from one rate of differences to two, from which the stretch where the best record differs most
# is searched by itself, if it has so many bases; and records that it adds.
_CROWDED = 2.0
_MIN_PART = 60
_HITS_OF_PART = 8
# A parent must be comparable with so much of the query.
_MIN_COVERED = 0.95


@dataclass(frozen=True, slots=True)
class Composite:
    """Two species that explain a query better than any one of them.

    Attributes
    ----------
    breakpoint : int
        Bases of the query, as it was given, before the change.
    left, right : str
        Names of the species.
    unexplained : int
        Differences that the composite leaves.
    single : int
        Differences that the best species leaves by itself.
    """

    breakpoint: int
    left: str
    right: str
    unexplained: int
    single: int

    @property
    def gain(self) -> int:
        """Differences that the second parent explains."""
        return self.single - self.unexplained


def check_two_parents(sequence: str, hits: Sequence[Hit], index: Index) -> Notice | None:
    """Return the warning ``CHIMERA`` where two species explain a query, and no species alone does.

    Parameters
    ----------
    sequence, hits, index
        As of `find_composite`.
    """
    if hits[0].edits < MIN_GAIN:  # there is nothing for a second parent to explain
        return None
    composite = find_composite(sequence, hits, index)
    if (
        composite is None
        or composite.gain < MIN_GAIN
        or composite.unexplained > MAX_UNEXPLAINED * len(sequence)
    ):
        return None
    return CHIMERA(
        "two_species",
        base=composite.breakpoint,
        left=composite.left,
        right=composite.right,
        unexplained=composite.unexplained,
        single=composite.single,
    )


def find_composite(sequence: str, hits: Sequence[Hit], index: Index) -> Composite | None:
    """Return the best composite of two species, however little it explains; None where there are none.

    Parameters
    ----------
    sequence : str
        The clean query.
    hits : sequence of Hit
        What the search found, best first.
    index : Index
        The index that was searched.
    """
    length = len(sequence)
    hits = [*hits[:1], *_hits_of_crowded_part(sequence, hits[0], index), *hits[1:]]
    before: dict[str, list[int]] = {}
    after: dict[str, list[int]] = {}
    taken: dict[str, int] = {}
    seen: set[int] = set()
    for hit in hits:
        names = {record.label for record in index.records(hit.haplotype)}
        wanted = [
            name
            for name in names
            if taken.get(name, 0) < _HAPLOTYPES and (name in taken or len(taken) < _MAX_SPECIES)
        ]
        if not wanted or hit.placement != "whole" or hit.haplotype in seen:
            continue
        seen.add(hit.haplotype)
        alignment = align(sequence, index.sequence(hit.haplotype).decode(), hit)
        differences = _differences(alignment, hit.strand, length)
        if differences is None:
            continue
        upto = list(accumulate(differences, initial=0))
        rest = [upto[-1] - count for count in upto]
        for name in wanted:
            taken[name] = taken.get(name, 0) + 1
            before[name] = _least(before.get(name), upto)
            after[name] = _least(after.get(name), rest)
    if len(before) < 2:
        return None
    single = min(min(map(sum, zip(before[name], after[name], strict=True))) for name in before)
    best: tuple[int, int, str, str] | None = None
    for place in range(length + 1):
        lefts = sorted((counts[place], name) for name, counts in before.items())[:2]
        rights = sorted((counts[place], name) for name, counts in after.items())[:2]
        for first, left in lefts:
            for second, right in rights:
                if left != right and (best is None or first + second < best[0]):
                    best = (first + second, place, left, right)
    assert best is not None
    return Composite(best[1], best[2], best[3], best[0], single)


def _hits_of_crowded_part(sequence: str, best: Hit, index: Index) -> list[Hit]:
    """Return the records that are nearest where the best record differs most, as if found for the whole.

    Where a genus has many species, that of the shorter part is not among the nearest to the whole.
    """
    alignment = align(sequence, index.sequence(best.haplotype).decode(), best)
    start, stop, gain = crowded_part(alignment.differences(), len(alignment.query)) or (0, 0, 0.0)
    if gain < _CROWDED or stop - start < _MIN_PART:
        return []
    part = alignment.query[start:stop].replace(GAP, "")
    near = search(index, part).hits[:_HITS_OF_PART]
    return [
        replace(hit, strand=best.strand, placement="whole", edits=max(1, hit.edits))
        for hit in near
        if hit.strand == "+"
    ]


def _differences(alignment: Alignment, strand: str, length: int) -> list[int] | None:
    """Return the differences at each base of the query, as it was given; None where too little is compared."""
    counts = [0] * length
    place = alignment.query_start
    covered = 0
    for base, other in zip(alignment.query, alignment.record, strict=True):
        if base == GAP:
            counts[min(place, length - 1)] += 1
            continue
        counts[place] += other == GAP or differ(base, other)
        place += 1
        covered += 1
    if covered < _MIN_COVERED * length:
        return None
    return counts if strand == "+" else counts[::-1]


def _least(counts: list[int] | None, others: list[int]) -> list[int]:
    return others if counts is None else list(map(min, counts, others))
