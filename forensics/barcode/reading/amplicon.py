"""Reads of one sample, as a nanopore gives them by the thousand: to one consensus a sequence.

Filter, draw, cluster (`forensics.barcode.reading.clusters`), polish (`forensics.barcode.reading.polish`). What
is left out is counted, with the reason.
"""

import heapq
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from forensics.barcode.matching.pairwise import identity
from forensics.barcode.reading.clusters import MIN_READS, Cluster, clusters_of
from forensics.barcode.reading.polish import Read
from forensics.barcode.reading.reads import Query, checked
from forensics.barcode.sequence import ambiguous_count, reverse_complement
from forensics.core.notice import Notice
from forensics.errors import InputError
from forensics.messages import N_, _
from forensics.notices import checks as checks_notices
from forensics.notices import sequence as sequence_notices
from forensics.notices import unusable as unusable_notices

__all__ = ["Consensus", "ConsensusSet", "consensus_of"]

# Outside these no read is of a barcode: the shortest are 100 bases (forensics.barcode.locus),
# the longest amplicons of the loci some 3 kb (forensics.barcode.reading.primers), with barcodes and tails.
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
    "alone": N_("of a sequence of which there are fewer than {least}"),
}

_TRUST = {chr(33 + quality): 1 - 10 ** (-quality / 10) for quality in range(94)}
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
            problem = unusable_notices.NO_CONSENSUS(
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
        yield sequence_notices.CONSENSUS(
            depth=consensus.depth,
            share=consensus.share,
            drawn=self.drawn,
            errors=consensus.errors,
            length=len(consensus.sequence),
        )
        if any(self.left_out.values()):
            yield sequence_notices.READS_LEFT_OUT(reads=self.reads, reasons=self._reasons())
        rivals = dict(consensus.rivals)
        for other, its in enumerate(self.consensuses, 1):
            if other == number or rivals.get(other, 0.0) >= MIXTURE:
                continue
            yield sequence_notices.OTHER_CONSENSUS(
                "same_locus" if other in rivals else "unlike",
                depth=its.depth,
                share=its.share,
                n=other,
            )

    def _doubts(self, consensus: Consensus) -> Iterable[Notice]:
        mixed = [(n, share) for n, share in consensus.rivals if share >= MIXTURE]
        if mixed:
            yield checks_notices.MIXED_READS(
                others=", ".join(
                    _("result {n} ({share:.0%} of the reads of both)").format(n=n, share=share)
                    for n, share in mixed
                )
            )
        if consensus.depth < CONFIDENT_READS or consensus.errors > CONFIDENT_ERRORS * len(
            consensus.sequence
        ):
            yield checks_notices.WEAK_CONSENSUS(
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
    Amplicon
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
    drawn = sorted(map(_read, kept.values()), key=lambda read: (read.error, read.sequence))
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
    right = math.fsum(_TRUST.get(quality, 0.0) for quality in query.qualities)
    return "low_quality" if right < (1 - MAX_ERRORS) * len(sequence) else None


def _read(query: Query) -> Read:
    trust = tuple(_TRUST.get(quality, 0.0) for quality in query.qualities)
    return Read(query.sequence, trust, 1 - sum(trust) / len(trust))


def _consensus(cluster: Cluster, clusters: Sequence[Cluster], drawn: int) -> Consensus:
    depth, sequence = len(cluster.reads), cluster.draft.sequence
    turned = reverse_complement(sequence)
    rivals = []
    for place, other in enumerate(clusters, 1):
        other_sequence = other.draft.sequence
        if (
            other is not cluster
            and max(identity(sequence, other_sequence), identity(turned, other_sequence))
            >= MIN_LOCUS_IDENTITY
        ):
            rivals.append((place, len(other.reads) / (len(other.reads) + depth)))
    return Consensus(sequence, depth, depth / drawn, cluster.draft.errors, tuple(rivals))
