"""How a query lies on a record, base by base: what the search counts, written out.

`forensics.barcode.matching.search` counts edits; here the same placement is aligned once more with
its path, for the few records that somebody looks at.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from forensics.barcode.matching.kernel import best_starts, prefix_path, semiglobal_path
from forensics.barcode.matching.search import Hit
from forensics.barcode.sequence import IUPAC, reverse_complement

GAP = "-"

_PLAIN = frozenset("ACGT")


@dataclass(frozen=True, slots=True)
class Alignment:
    """A query and a record, written over each other where they overlap.

    Attributes
    ----------
    query, record : str
        Of one length, gaps as ``-``; the query on the strand of the record.
    query_start, record_start : int
        Bases of each that precede the first column.
    """

    query: str
    record: str
    query_start: int
    record_start: int

    def differences(self) -> list[int]:
        """Return the columns that cost an edit, ascending."""
        if self.query == self.record:
            return []
        return [
            column
            for column, (base, other) in enumerate(zip(self.query, self.record, strict=True))
            if base != other and differ(base, other)
        ]


@dataclass(frozen=True, slots=True)
class AlignedHit:
    """An alignment in the figures of BLAST.

    Attributes
    ----------
    length : int
        Columns, gaps among them.
    mismatches : int
        Columns in which two bases exclude each other; IUPAC codes may not.
    gaps, gap_openings : int
        Columns with a gap, and runs of them.
    query_start, query_end : int
        First and last base of the query as it was given, from 1.
    record_start, record_end : int
        Of the record, from 1; the first is the larger where the query lies on the reverse strand.
    """

    length: int
    mismatches: int
    gaps: int
    gap_openings: int
    query_start: int
    query_end: int
    record_start: int
    record_end: int

    def within(self, place: Callable[[int], int], strand: str) -> "AlignedHit":
        """Return the alignment with the bases of the query counted in the record that it was cut from.

        Parameters
        ----------
        place : callable
            Returns where a base of the query stands in that record; both count from 1.
        strand : str
            ``-`` where the query is the reverse complement of its stretch.
        """
        start, end = place(self.query_start), place(self.query_end)
        if strand == "+":
            return replace(self, query_start=start, query_end=end)
        return replace(
            self,
            query_start=end,
            query_end=start,
            record_start=self.record_end,
            record_end=self.record_start,
        )

    @property
    def percent_identity(self) -> float:
        """Columns that agree, of 100."""
        return 100.0 * (self.length - self.mismatches - self.gaps) / self.length


def describe_hit(sequence: str, record: str, hit: Hit) -> AlignedHit:
    """Return how a query lies on the record of a hit, in the figures of BLAST.

    Parameters
    ----------
    sequence, record, hit
        As of `align`.
    """
    alignment = align(sequence, record, hit)
    first, end = alignment.query_start, alignment.query_start + _bases(alignment.query)
    start = alignment.record_start + 1
    last = alignment.record_start + _bases(alignment.record)
    if hit.strand == "-":
        first, end = len(sequence) - end, len(sequence) - first
        start, last = last, start
    gaps = alignment.query.count(GAP) + alignment.record.count(GAP)
    return AlignedHit(
        length=len(alignment.query),
        mismatches=len(alignment.differences()) - gaps,
        gaps=gaps,
        gap_openings=_count_runs(alignment.query) + _count_runs(alignment.record),
        query_start=first + 1,
        query_end=end,
        record_start=start,
        record_end=last,
    )


def _count_runs(written: str) -> int:
    """Return how many runs of gaps a sequence has."""
    return sum(
        letter == GAP and before != GAP
        for before, letter in zip(f" {written}", written, strict=False)
    )


def differ(base: str, other: str) -> bool:
    """Return whether two letters of a column exclude each other; IUPAC codes may not.

    Examples
    --------
    >>> differ("A", "R"), differ("A", "Y"), differ("A", "-")
    (False, True, True)
    """
    if base == other:
        return False
    if base in _PLAIN and other in _PLAIN or GAP in (base, other):
        return True
    return not set(IUPAC[base]) & set(IUPAC[other])


def align(sequence: str, record: str, hit: Hit) -> Alignment:
    """Align a query with the record of a hit as the search placed it.

    Parameters
    ----------
    sequence : str
        The clean query, as given.
    record : str
        Sequence of the haplotype that was hit.
    hit : Hit

    Returns
    -------
    Alignment
    """
    query = sequence if hit.strand == "+" else reverse_complement(sequence)
    if hit.placement == "whole":
        if not hit.edits and (start := record.find(query)) >= 0:  # nothing to align
            return Alignment(query, query, 0, start)
        return _whole(query, record)
    if hit.placement == "right":
        return _overlap(query, record, hit)
    turned = _overlap(query[::-1], record[::-1], hit)  # the left end, read backwards
    return Alignment(
        query=turned.query[::-1],
        record=turned.record[::-1],
        query_start=len(query) - turned.query_start - _bases(turned.query),
        record_start=len(record) - turned.record_start - _bases(turned.record),
    )


def lay(sequence: str, record: str, *, least: float) -> str:
    """Return the letters of one sequence at the bases of another, gaps where it has none.

    Parameters
    ----------
    sequence, record : str
        On the same strand; the shorter is placed whole in the longer.
    least : float
        Identity below which they are not of the same piece, 0-1.

    Returns
    -------
    str
        As long as `record`; empty where they are too unlike.

    Examples
    --------
    >>> lay("ACGTTCGA", "GGACGTACGATT", least=0.8)
    '--ACGTTCGA--'
    """
    inside = len(sequence) <= len(record)
    inner, outer = (sequence, record) if inside else (record, sequence)
    edits, start, path = semiglobal_path(inner, outer, int((1 - least) * len(inner)))
    if edits is None:
        return ""
    letters, here = ([GAP * start], 0) if inside else ([], start)
    lacking = "D" if inside else "I"  # a base of the record alone
    for count, step in path:
        if step == lacking:
            letters.append(GAP * count)
            continue
        if step in "=X":
            letters.append(sequence[here : here + count])
        here += count
    return "".join(letters).ljust(len(record), GAP)


def _whole(query: str, record: str) -> Alignment:
    """Align the shorter of two whole in the longer."""
    inside = len(query) <= len(record)
    inner, outer = (query, record) if inside else (record, query)
    _edits, start, path = semiglobal_path(inner, outer)
    above, below = _written(path, inner, outer[start:])
    return Alignment(
        *((above, below, 0, start) if inside else (below, above, start, 0)),
    )


def _overlap(query: str, record: str, hit: Hit) -> Alignment:
    """Align where the query's first bases lie in the record and its last ones stick out."""
    # Where the first half of what was compared lies tells where the overlap begins.
    core = query[: max(1, hit.length // 2)]
    paths = [(start, *prefix_path(record[start:], query)) for start in best_starts(core, record)]
    start, _edits, _begin, path = min(paths, key=lambda placement: placement[1] or 0)
    above, below = _written(path, record[start:], query)
    return Alignment(below, above, 0, start)


def _written(path: list[tuple[int, str]], inner: str, outer: str) -> tuple[str, str]:
    """Return both sequences with their gaps; I is a base of `inner` alone, D of `outer`."""
    above, below = [], []
    here = there = 0
    for count, step in path:
        above.append(GAP * count if step == "D" else inner[here : here + count])
        below.append(GAP * count if step == "I" else outer[there : there + count])
        here += count * (step != "D")
        there += count * (step != "I")
    return "".join(above), "".join(below)


def _bases(written: str) -> int:
    return len(written) - written.count(GAP)
