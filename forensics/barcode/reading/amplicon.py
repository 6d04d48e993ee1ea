"""Reads of one sample, as a nanopore gives them by the thousand: to one consensus a sequence.

Filter, draw, cluster, polish (`forensics.barcode.reading.consensus`). What is left out is counted,
with the reason.

Reads are clustered by the sequence that they are copies of. Greedy first: the best read is a seed,
reads that are as near as their errors allow join it, what is left seeds the next cluster. Reads of
one cluster can still be of two sequences that differ less than reads err. These are distinguished
by differences that go together: an error at one place says nothing of another place, a second
sequence shows at all of its differences in the same reads.
"""

import heapq
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from math import sqrt

from forensics import notices
from forensics.barcode.locus import ambiguous_count, reverse_complement
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reading.consensus import Draft, Read, polish
from forensics.barcode.reading.reads import ERROR, Query, checked
from forensics.core.notice import Notice
from forensics.errors import InputError
from forensics.messages import N_, _

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
class ReadCluster:
    """Reads of one sequence, turned to one strand, and their consensus."""

    draft: Draft
    reads: tuple[Read, ...]

    @property
    def key(self) -> tuple[int, str]:
        """Lower with more reads."""
        return -len(self.reads), self.draft.sequence


def clusters_of(reads: Sequence[Read]) -> tuple[list[ReadCluster], int]:
    """Return the clusters, largest first, and the number of reads that are in none.

    Parameters
    ----------
    reads : sequence of Read
        The best first.
    """
    groups = _joined(reads, [(draft, 0.0) for draft in _seeded(reads)])
    clusters = [cluster for group in groups for cluster in _parted(group)]
    clusters.sort(key=lambda cluster: cluster.key)
    kept: list[ReadCluster] = []
    for cluster in clusters:
        for place, other in enumerate(kept):
            turned = _same(cluster.draft.sequence, other.draft.sequence)
            if turned is not None:
                more = (read.turned() if turned else read for read in cluster.reads)
                both = _best_first((*other.reads, *more))
                kept[place] = ReadCluster(polish(both), tuple(both))
                break
        else:
            kept.append(cluster)
    kept.sort(key=lambda cluster: cluster.key)
    return kept, len(reads) - sum(len(cluster.reads) for cluster in kept)


def _best_first(reads: Iterable[Read]) -> list[Read]:
    return sorted(reads, key=lambda read: (read.error, read.sequence))


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


def _parted(reads: Sequence[Read]) -> list[ReadCluster]:
    """Return the cluster of the reads, or several where differences go together.

    Too few reads are no cluster: they are strangers to the others.
    """
    if len(reads) < MIN_READS:
        return []
    whole = polish(reads)
    strand = sum(read.reverse << number for number, read in enumerate(reads))
    linked = _linked(whole, strand)
    if len(linked) < _PLACES:
        return [ReadCluster(whole, tuple(reads))]
    parts: tuple[list[Read], list[Read]] = [], []
    for number, read in enumerate(reads):
        ayes = sum(other >> number & 1 for _first, other in linked)
        noes = sum(first >> number & 1 for first, _other in linked)
        parts[ayes > noes].append(read)
    if not all(parts):
        return [ReadCluster(whole, tuple(reads))]
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


# Outside these no read is of a barcode: the shortest are 100 bases (forensics.barcode.locus),
# the longest amplicons of the loci some 3 kb (forensics.barcode.locus), with barcodes and tails.
MIN_LENGTH, MAX_LENGTH = 100, 4000
# Expected share of wrong bases: quality 7, from which MinKNOW passed reads of pore R9.4.
MAX_ERRORS = 0.20
# So many reads are drawn. More would take longer and cure no error that all reads share; a
# sequence that has a twentieth of the reads has 25 of these.
DRAWN = 500
# A consensus of fewer reads, or with more errors expected, names no species. 50 reads with 13 %
# errors left 2 wrong bases in 658 on average and 4 at most, 20 reads 6 and 10 (benchmarks/reads.md).
CONFIDENT_READS, CONFIDENT_ERRORS = 50, 0.005
# From this share a second sequence of the same locus forbids a confident call. It is twice the
# share of another animal of the same run in the 265 real reads of benchmarks/nanopore.py (1.5 %).
MIXTURE = 0.03
# Two sequences are of one locus from this identity; unrelated ones come to a half.
MIN_LOCUS_IDENTITY = 0.60

# Why reads are in no consensus.
_REASONS = {
    "too_short": N_("shorter than {shortest} bases"),
    "too_long": N_("longer than {longest} bases"),
    "ambiguous": N_("with other letters than A, C, G, T"),
    "low_quality": N_("with more than {errors:.0%} wrong bases expected"),
    "repeated": N_("given twice"),
    "not_drawn": N_("beyond the {drawn} that were drawn"),
    "alone": N_("of a sequence with fewer than {least} reads"),
}

_ENDINGS = (".gz", ".fastq", ".fq")


@dataclass(frozen=True)
class Consensus:
    """The consensus of a cluster of reads.

    Attributes
    ----------
    sequence : str
        IUPAC codes where neither of two bases wins.
    depth : int
        Reads that it is made of.
    share : float
        Theirs in the reads that were drawn, 0-1.
    errors : float
        Wrong bases that are expected in it, as far as the reads show.
    rivals : tuple of (int, float)
        Other clusters of the same locus: place among the consensuses, and share of the reads
        of both.
    """

    sequence: str
    depth: int
    share: float
    errors: float
    rivals: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class ConsensusSet:
    """What the reads of a sample come to.

    Attributes
    ----------
    consensuses : tuple of Consensus
        Of the most reads first.
    reads, drawn : int
        Reads of the file; those of them that were compared with one another.
    left_out : dict of str to int
        Reads that are in no consensus, by reason: ``too_short``, ``too_long``, ``ambiguous``,
        ``low_quality``, ``repeated``, ``not_drawn``, ``alone``.
    source, sha256 : str
        The file.
    """

    consensuses: tuple[Consensus, ...]
    reads: int
    drawn: int
    left_out: dict[str, int]
    source: str
    sha256: str

    def queries(self) -> list[Query]:
        """Return a query for each consensus, with what is to be said of it.

        Where there is no consensus, one query that cannot be examined.
        """
        name = os.path.basename(self.source)
        for ending in _ENDINGS:
            name = name.removesuffix(ending)
        if not self.consensuses:
            problem = notices.unusable.NO_CONSENSUS(
                least=MIN_READS, reads=self.reads, reasons=self._reasons()
            )
            return [Query(name, "", source=self.source, sha256=self.sha256, problem=problem)]
        return [
            checked(
                Query(
                    f"{name}_{number}",
                    consensus.sequence,
                    source=self.source,
                    sha256=self.sha256,
                    record=number,
                    notes=tuple(self._notes(consensus, number)),
                    doubts=tuple(self._doubts(consensus)),
                )
            )
            for number, consensus in enumerate(self.consensuses, 1)
        ]

    def _reasons(self) -> str:
        parts = (
            "{} {}".format(
                count,
                _(_REASONS[reason]).format(
                    shortest=MIN_LENGTH,
                    longest=MAX_LENGTH,
                    errors=MAX_ERRORS,
                    drawn=DRAWN,
                    least=MIN_READS,
                ),
            )
            for reason, count in self.left_out.items()
            if count
        )
        return ", ".join(parts) or "0"

    def _notes(self, consensus: Consensus, number: int) -> Iterable[Notice]:
        yield notices.sequence.CONSENSUS(
            depth=consensus.depth,
            share=consensus.share,
            drawn=self.drawn,
            errors=consensus.errors,
            length=len(consensus.sequence),
        )
        if any(self.left_out.values()):
            yield notices.sequence.READS_LEFT_OUT(reads=self.reads, reasons=self._reasons())
        rivals = dict(consensus.rivals)
        for other, its in enumerate(self.consensuses, 1):
            if other == number or rivals.get(other, 0.0) >= MIXTURE:
                continue
            yield notices.sequence.OTHER_CONSENSUS(
                "same_locus" if other in rivals else "unlike",
                depth=its.depth,
                share=its.share,
                n=other,
            )

    def _doubts(self, consensus: Consensus) -> Iterable[Notice]:
        mixed = [(n, share) for n, share in consensus.rivals if share >= MIXTURE]
        if mixed:
            yield notices.checks.MIXED_READS(
                others=", ".join(
                    _("result {n} ({share:.0%} of the reads of both)").format(n=n, share=share)
                    for n, share in mixed
                )
            )
        if consensus.depth < CONFIDENT_READS or consensus.errors > CONFIDENT_ERRORS * len(
            consensus.sequence
        ):
            yield notices.checks.WEAK_CONSENSUS(
                least=CONFIDENT_READS,
                most=CONFIDENT_ERRORS,
                depth=consensus.depth,
                share=consensus.errors / len(consensus.sequence),
            )


def consensus_of(reads: Iterable[Query]) -> ConsensusSet:
    """Make the reads of one sample into a consensus for each sequence that they are copies of.

    Parameters
    ----------
    reads : iterable of Query
        With qualities, as `forensics.barcode.reading.reads.read_queries` reads them from FASTQ; either
        strand. They are taken one by one; a fixed number is kept.

    Returns
    -------
    ConsensusSet
        The same for the same reads in whatever order.

    Raises
    ------
    InputError
        If a read has no qualities.

    Examples
    --------
    >>> base = dict(sequence="ACGTTGCA" * 20, qualities="5" * 160)
    >>> found = consensus_of(Query(f"read{n}", **base) for n in range(5))
    >>> [(one.depth, one.sequence == base["sequence"]) for one in found.consensuses]
    [(5, True)]
    """
    left_out = dict.fromkeys(_REASONS, 0)
    total, heap = 0, list[int]()
    kept: dict[int, Query] = {}
    query = None
    for query in reads:
        total += 1
        # A draw that does not depend on the order of the file: that of the lowest digests.
        text = f"{query.name}\n{query.sequence}".encode("utf-8", "surrogateescape")
        digest = -int.from_bytes(blake2b(text, digest_size=12).digest())
        reason = _fault(query) or ("repeated" if digest in kept else None)
        if not reason:
            kept[digest] = query
            heapq.heappush(heap, digest)
            if len(heap) > DRAWN:
                del kept[heapq.heappop(heap)]
                reason = "not_drawn"
        if reason:
            left_out[reason] += 1
    drawn = _best_first(map(_read, kept.values()))
    clusters, left_out["alone"] = clusters_of(drawn)
    return ConsensusSet(
        tuple(_consensus(cluster, clusters, len(drawn)) for cluster in clusters),
        reads=total,
        drawn=len(drawn),
        left_out=left_out,
        source=query.source if query else "",
        sha256=query.sha256 if query else "",
    )


def _fault(query: Query) -> str | None:
    sequence = query.sequence
    if sequence and not query.qualities:
        raise InputError(
            _("a consensus is made of reads with qualities; give FASTQ"),
            source=query.source,
            record=query.record,
            line=query.line,
        )
    if len(sequence) < MIN_LENGTH:
        return "too_short"
    if len(sequence) > MAX_LENGTH:
        return "too_long"
    if ambiguous_count(sequence):
        return "ambiguous"
    right = math.fsum(_trust(query))
    return "low_quality" if right < (1 - MAX_ERRORS) * len(sequence) else None


def _trust(query: Query) -> tuple[float, ...]:
    """Return the probability that each base is right, by its quality."""
    return tuple(1 - ERROR.get(quality, 1.0) for quality in query.qualities)


def _read(query: Query) -> Read:
    trust = _trust(query)
    return Read(query.sequence, trust, 1 - sum(trust) / len(trust))


def _consensus(cluster: ReadCluster, clusters: Sequence[ReadCluster], drawn: int) -> Consensus:
    depth, sequence = len(cluster.reads), cluster.draft.sequence
    strands = sequence, reverse_complement(sequence)
    rivals = tuple(
        (place, len(other.reads) / (len(other.reads) + depth))
        for place, other in enumerate(clusters, 1)
        if other is not cluster
        and max(identity(strand, other.draft.sequence) for strand in strands) >= MIN_LOCUS_IDENTITY
    )
    return Consensus(sequence, depth, depth / drawn, cluster.draft.errors, rivals)
