"""Do the ends of a sequence belong to its middle?

A query may be near to no record because of what stands at its ends: primers, adapters, unread
bases, a piece of another animal. Its middle half then has a neighbour that the whole has not. That
alone shows nothing: where a species is about as far from the library as the floor of the
search, the middle comes above the floor by chance. So the ends are placed on the record that the
middle is near to, and their differences are compared with those of the middle. Both come from
one rate in a sequence of one animal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forensics.barcode.checking.chimera import CROWDED_AT_END, Part, of_another_genus, rate_gain
from forensics.barcode.matching.alignment import GAP, align
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import prefix_distance
from forensics.barcode.matching.search import Hit, search
from forensics.barcode.sequence import reverse_complement
from forensics.core.notice import Notice
from forensics.notices.search import ENDS_DO_NOT_FIT

__all__ = ["MIN_GAIN", "check_ends"]

#: Gain in log-likelihood, from one rate of differences to two, from which an end does not belong to
#: the middle. Differences are not independent (codon positions, loops), so no table gives it: none
#: of 6,200 clean COI records came to 7.5, a genus or all near kin of them being absent
#: (benchmarks/checks.md has the figures of all loci).
MIN_GAIN = 8.0
#: Fewer bases of an end that the record covers are not judged: 40 of no gene differ in about 20,
#: which a middle at the floor exceeds by chance more seldom than the gain allows.
MIN_COMPARED = 40


@dataclass(frozen=True, slots=True)
class _End:
    """An end of the query on the record of its middle.

    `start` and `stop` are bases of the query, on the strand of the record; `edits` were counted over
    `compared` bases, those that both have.
    """

    start: int
    stop: int
    edits: int
    compared: int


def check_ends(sequence: str, index: Index, floor: float) -> Notice | None:
    """Return a warning where an end differs from a record more than the middle does.

    ``CHIMERA`` where the end fits another genus, ``ENDS_DO_NOT_FIT`` where it fits nothing.

    Parameters
    ----------
    sequence : str
        The clean query, near to no record as a whole.
    index : Index
        The index that was searched.
    floor : float
        Identity under which nothing is a neighbour, 0-1.

    Returns
    -------
    Notice or None
        None also where the middle half is near to no record.
    """
    quarter = len(sequence) // 4
    middle = sequence[quarter : len(sequence) - quarter].strip("N")
    hits = search(index, middle, floor=floor).hits
    if not hits:
        return None
    best = hits[0]
    ends = [
        (rate_gain(end.edits, end.compared, best.edits, best.length), end)
        for end in _ends(sequence, middle, best, index)
        if end.compared >= MIN_COMPARED and end.edits * best.length > best.edits * end.compared
    ]
    gain, end = max(ends, key=lambda pair: pair[0], default=(0.0, None))
    if end is None or gain < CROWDED_AT_END:
        return None
    identity = 1 - end.edits / end.compared
    written = reverse_complement(sequence) if best.strand == "-" else sequence
    if joined := of_another_genus(written, Part(end.start, end.stop, identity), best, index):
        return joined
    if gain < MIN_GAIN:
        return None
    start, stop = end.start + 1, end.stop
    if best.strand == "-":
        start, stop = len(sequence) - end.stop + 1, len(sequence) - end.start
    return ENDS_DO_NOT_FIT(
        accession=index.record(index.positions(best.haplotype)[0]).accession,
        identity=best.identity,
        start=start,
        stop=stop,
        there=identity,
    )


def _ends(sequence: str, middle: str, best: Hit, index: Index) -> Iterator[_End]:
    """Yield what precedes and what follows the middle, as far as the record goes."""
    record = index.sequence(best.haplotype).decode("ascii")
    alignment = align(middle, record, best)
    turned = best.strand == "-"
    written = reverse_complement(sequence) if turned else sequence
    first = written.index(reverse_complement(middle) if turned else middle)
    first += alignment.query_start
    last = first + len(alignment.query) - alignment.query.count(GAP)
    stop = alignment.record_start + len(alignment.record) - alignment.record.count(GAP)
    # Both are read from the middle outwards.
    before = (written[:first][::-1], record[: alignment.record_start][::-1])
    yield _End(0, first, *_outwards(*before))
    yield _End(last, len(written), *_outwards(written[last:], record[stop:]))


def _outwards(query: str, record: str) -> tuple[int, int]:
    """Return the edits of the shorter along the longer, and its bases."""
    inner, outer = (query, record) if len(query) <= len(record) else (record, query)
    if not inner:
        return 0, 0
    return prefix_distance(inner, outer)[0] or 0, len(inner)
