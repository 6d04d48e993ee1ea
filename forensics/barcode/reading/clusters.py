"""Sorts the reads of a sample by the sequence that they are copies of.

Greedy first: the best read is a seed, reads that are as near as their errors allow join it, what
is left seeds the next cluster. Reads of one cluster can still be of two sequences that differ
less than reads err. These are distinguished by differences that go together: an error at one place
says nothing of another place, a second sequence shows at all of its differences in the same reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

from forensics.barcode.matching.pairwise import identity
from forensics.barcode.reading.polish import Draft, Read, polish
from forensics.barcode.sequence import reverse_complement

__all__ = ["MIN_READS", "Cluster", "clusters_of"]

# Fewer reads are no cluster. Fewer than five do not outvote one another's errors, and any
# threshold is arbitrary: what is left out is counted.
MIN_READS = 5
# How far a read may lie from the sequence that it copies: so many times the errors that are
# expected of both, and this more. Of 252 real reads of one animal the farthest was 1.5 times its
# expected errors away from the consensus (benchmarks/nanopore.py); four of another animal, 6 % off,
# lay at 1.4 to 1.6 and are separated by what goes together; what is not alike lay at 2.6 and more.
_TIMES, _MORE = 1.6, 0.02
# After so many reads without company the rest is taken to have none; a cluster of a twentieth
# of the reads is overlooked so in 1 of 170 files (0.95 ** 100).
_LONELY = 100
# Differences go together from this correlation of the reads that have them (phi), and at so many
# places, so far apart (in runs of equal bases) that one error of reading cannot make them. In 80 draws of 20 to 200 of these reads chance
# came to 4 places at most.
_TOGETHER = 0.5
_PLACES = 5
_APART = 10


@dataclass(frozen=True)
class Cluster:
    """Reads of one sequence, turned to one strand, and their consensus."""

    draft: Draft
    reads: tuple[Read, ...]


def clusters_of(reads: Sequence[Read]) -> tuple[list[Cluster], int]:
    """Return the clusters, largest first, and the number of reads that are in none.

    Parameters
    ----------
    reads : sequence of Read
        The best first.
    """
    groups = _joined(reads, [(draft, 0.0) for draft in _seeded(reads)])
    clusters = [cluster for group in groups for cluster in _parted(group)]
    clusters.sort(key=lambda cluster: (-len(cluster.reads), cluster.draft.sequence))
    kept: list[Cluster] = []
    for cluster in clusters:
        for place, other in enumerate(kept):
            turned = _same(cluster.draft.sequence, other.draft.sequence)
            if turned is not None:
                more = (read.turned() if turned else read for read in cluster.reads)
                both = sorted((*other.reads, *more), key=lambda read: (read.error, read.sequence))
                kept[place] = Cluster(polish(both), tuple(both))
                break
        else:
            kept.append(cluster)
    kept.sort(key=lambda cluster: (-len(cluster.reads), cluster.draft.sequence))
    return kept, len(reads) - sum(len(cluster.reads) for cluster in kept)


def _seeded(reads: Sequence[Read]) -> list[str]:
    drafts: list[str] = []
    left, lonely = list(reads), 0
    while len(left) >= MIN_READS and lonely < _LONELY:
        seed = left[0]
        (group,) = _joined(left, [(seed.sequence, seed.error)])
        if len(group) >= MIN_READS:
            draft = polish(group).sequence
            if all(_same(draft, other) is None for other in drafts):
                drafts.append(draft)
            left = [
                read for read in left if read is not seed and not _joined([read], [(draft, 0.0)])[0]
            ]
        else:
            left.remove(seed)
            lonely += 1
    return drafts


def _joined(reads: Sequence[Read], drafts: Sequence[tuple[str, float]]) -> list[list[Read]]:
    """Return for each draft, given with its share of errors, the reads that lie nearest to it."""
    groups: list[list[Read]] = [[] for _draft in drafts]
    for read in reads:
        best = None
        for place, (draft, error) in enumerate(drafts):
            least = max(1 - _MORE - _TIMES * (read.error + error), best[0] if best else 0.0)
            for turned in (False, True):
                sequence = reverse_complement(read.sequence) if turned else read.sequence
                likeness = identity(draft, sequence, least=least)
                if likeness >= least and (best is None or likeness > best[0]):
                    best = likeness, place, turned
        if best:
            groups[best[1]].append(read.turned() if best[2] else read)
    return groups


def _same(sequence: str, other: str) -> bool | None:
    """Return whether to turn a draft that is the same as another; None where it is not the same.

    Drafts differ where they do at as many places as it takes to part reads, lengths of runs aside.
    """
    other = _bare(other)
    for turned in (False, True):
        bare = _bare(reverse_complement(sequence) if turned else sequence)
        if identity(bare, other, least=1 - (_PLACES - 0.5) / min(len(bare), len(other))):
            return turned
    return None


def _bare(draft: str) -> str:
    return "".join(base for base, before in zip(draft, " " + draft) if base != before)


def _parted(reads: Sequence[Read]) -> list[Cluster]:
    """Return the cluster of the reads, or several where differences go together.

    Too few reads are no cluster: they are strangers to the others.
    """
    if len(reads) < MIN_READS:
        return []
    whole = polish(reads)
    strand = sum(read.reverse << number for number, read in enumerate(reads))
    linked = _linked(whole, strand)
    if len(linked) < _PLACES:
        return [Cluster(whole, tuple(reads))]
    parts: tuple[list[Read], list[Read]] = [], []
    for number, read in enumerate(reads):
        ayes = sum(other >> number & 1 for _first, other in linked)
        noes = sum(first >> number & 1 for first, _other in linked)
        parts[ayes > noes].append(read)
    if not all(parts):
        return [Cluster(whole, tuple(reads))]
    return [cluster for part in parts for cluster in _parted(part)]


def _linked(draft: Draft, strand: int) -> list[tuple[int, int]]:
    """Return the largest set of differences that go together with one of them, far apart.

    Each as two bitmaps of reads: those that have one form, those that have the other; the
    first forms go together, and so do the others. `strand` is the bitmap of the turned reads.
    """
    sites = []
    for place, run in enumerate(draft.runs):
        first, *others = run.ranked()
        for other in others:
            # Another length is too often an error to tell sequences apart.
            if len(other) == len(first) and run.voters[other].bit_count() >= MIN_READS:
                sites.append((place, run.voters[first], run.voters[other]))
    links = {}
    for left, right in combinations(range(len(sites)), 2):
        if sites[right][0] - sites[left][0] >= _APART:
            phi = _phi(sites[left], sites[right], strand)
            if abs(phi) >= _TOGETHER:
                links[left, right] = links[right, left] = phi
    best: list[int] = []
    for start in sorted({left for left, _two in links}):
        group = [start]
        near = [right for left, right in links if left == start]
        for site in sorted(near, key=lambda right: (-abs(links[start, right]), right)):
            apart = all(abs(sites[site][0] - sites[other][0]) >= _APART for other in group)
            if apart and 2 * sum((site, other) in links for other in group) >= len(group):
                group.append(site)
        best = max(best, group, key=len)
    return [
        sites[site][1:] if links.get((best[0], site), 1) > 0 else sites[site][:0:-1]
        for site in best
    ]


def _phi(first: tuple[int, int, int], second: tuple[int, int, int], strand: int) -> float:
    """Return the correlation of two differences among the reads that have a form of both.

    Given the strand: errors of one strand occur in the same reads, too.
    """
    both = (first[1] | first[2]) & (second[1] | second[2])
    together = mine = its = 0.0
    for reads in (both & strand, both & ~strand):
        n = reads.bit_count()
        if n:
            a, b = (first[2] & reads).bit_count(), (second[2] & reads).bit_count()
            together += (first[2] & second[2] & reads).bit_count() - a * b / n
            mine += a - a * a / n
            its += b - b * b / n
    return together / sqrt(mine * its) if mine > 0 < its else 0.0
