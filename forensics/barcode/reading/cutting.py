"""Cuts a genome or a long amplicon into the loci that a library holds.

Each locus is looked for with a few of the library's own records, on both strands and across
the point where a circle was opened; none of the sequence's annotation is believed. Where no
record is near, because the library holds other classes of animals alone and the locus is not
conserved between them, a pair of its published primers may tell where it lies.

References
----------
Šošić & Šikić 2017, Edlib, doi:10.1093/bioinformatics/btw753: infix alignment.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from forensics.barcode.locus import (
    Cut,
    Locus,
    Primer,
    check_sequence,
    find_locus,
    reverse_complement,
)
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import semiglobal_distance, semiglobal_placements
from forensics.barcode.reading.primers import MAX_ERROR_SHARE, leading_n, masked
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.notice import Notice
from forensics.notices import sequence as notices

# Records of a locus that are compared. Twelve of a library of insects and birds found every
# locus of mammals and a fish (benchmarks/loci.md); all of them would take minutes.
REPRESENTATIVES = 12
# A record reads like itself read backwards, in length and composition, and shares nothing with
# it: what its reverse reaches is chance. Unrelated records came to 0.89 of that at least,
# homologous ones of other classes to 0.62 at most (benchmarks/loci.md).
NEARER_THAN_CHANCE = 0.85
# So many edits fewer than the reverse has, beside the share. Below what chance usually reaches,
# each edit fewer is at least 1.6 times as rare (simulated, benchmarks/loci.md): 1.6 ** -30 is less than
# one in a million.
MARGIN = 30
# Another record widens the piece if it overlaps the nearest by this share of itself, and by more
# bases than the ends of alignments waver (at most 7 for COI, benchmarks/loci.md).
_OVERLAP = 0.5
_WAVER = 10
# The smallest mitochondrial genomes of animals have 10 kb (a comb jelly's: Pett et al. 2011,
# doi:10.3109/19401736.2011.624611); from there on a sequence may be a circle.
_MIN_CIRCLE = 10_000
# A piece between primers may be so many times as long as is expected: control regions vary.
_MAX_LENGTH_RATIO = 2.0


@dataclass(frozen=True)
class _Place:
    """Where a locus lies on one strand, counted on that strand; `end` may lie past its end."""

    strand: str
    start: int
    end: int
    primers: tuple[str, ...] = ()


def cut_into_loci(
    query: Query,
    library: Library,
    loci: Sequence[str],
    *,
    progress: Callable[[int], object] = lambda done: None,
) -> list[tuple[Query, tuple[str, ...]]]:
    """Cut a long sequence into the loci of a library.

    Parameters
    ----------
    query : Query
        One that is longer than a barcode.
    library : Library
    loci : sequence of str
        The loci of the library that are looked for.
    progress : callable
        Called with the number of loci that were looked for.

    Returns
    -------
    list of (Query, tuple of str)
        A query for each locus that was found, in the direction of the gene, and the loci that
        it is to be compared with: that one. It keeps its name and has the locus as `Query.part`. The
        first says what was not found and not
        compared. Where nothing is found, the query itself, to be compared with all of them.
    """
    size = len(query.sequence)
    strands = {"+": query.sequence, "-": reverse_complement(query.sequence)}
    places: dict[str, _Place] = {}
    for done, name in enumerate(loci):
        progress(done)
        locus = find_locus(name)
        place = _by_records(strands, library.index(name)) or _by_primers(strands, locus)
        if place:
            places[name] = place
    missing = ", ".join(name for name in loci if name not in places)
    if not places:
        note = notices.NOTHING_TO_CUT(loci=missing)
        return [(query._replace(notes=(*query.notes, note)), tuple(loci))]
    used = bytearray(size)
    cut: list[tuple[Query, tuple[str, ...]]] = []
    for name, place in places.items():
        circle = strands[place.strand] + strands[place.strand][: max(0, place.end - size)]
        for position in range(place.start, place.end):
            used[position % size if place.strand == "+" else -1 - position % size] = 1
        sequence = circle[place.start : place.end]
        if sequence.strip("N"):
            place = replace(
                place,
                start=place.start + leading_n(sequence),
                end=place.end - leading_n(sequence[::-1]),
            )
        cut_out = _cut_at(name, place, size)
        sequence = sequence.strip("N")
        piece = query._replace(
            sequence=sequence,
            qualities="",
            problem=check_sequence(sequence),
            notes=(*query.notes, _cut_from(query, cut_out, place.primers)),
            cut=cut_out,
        )
        cut.append((piece, (name,)))
    first, at = cut[0]
    facts = {"rest": size - sum(used), "total": size, "query": query.name}
    note = (
        notices.REST_NOT_COMPARED("some_missing", **facts, loci=missing)
        if missing
        else notices.REST_NOT_COMPARED("all_found", **facts)
    )
    cut[0] = (first._replace(notes=(*first.notes, note)), at)
    return cut


def _cut_at(locus: str, place: _Place, size: int) -> Cut:
    first, last = place.start, place.end - 1
    if place.strand == "-":  # counted on the strand that was given
        first, last = size - 1 - last, size - 1 - first
    return Cut(locus, first % size + 1, last % size + 1, place.strand, size)


def _cut_from(query: Query, cut: Cut, primers: Sequence[str]) -> Notice:
    facts = {
        "query": query.name,
        "locus": cut.part,
        "first": cut.first,
        "last": cut.last,
        "total": cut.total,
        "strand": cut.strand,
    }
    if primers:
        return notices.CUT_FROM("by_primers", **facts, primers=", ".join(primers))
    return notices.CUT_FROM("by_records", **facts)


# -- by records -------------------------------------------------------------------


def _by_records(strands: dict[str, str], index: Index) -> _Place | None:
    """Return where the records of an index fit, if they fit better than by chance."""
    records = representatives(index)
    texts = {
        strand: _circle(text, max(map(len, records))).encode("ascii")
        for strand, text in strands.items()
    }
    size = len(strands["+"])
    fits = []
    for number, record in enumerate(records):
        for strand, text in texts.items():
            edits = _distance(record, text)
            fits.append((edits / len(record), number, strand))
    share, number, strand = min(fits)
    nearest = records[number]
    chance = min(_distance(nearest[::-1], text) for text in texts.values())
    limit = min(NEARER_THAN_CHANCE * chance, chance - MARGIN) / len(nearest)
    if share > limit:
        return None
    # What the other records cover there belongs to it, too.
    near = [n for other, n, where in sorted(fits) if other <= limit and where == strand]
    start, end = _span(nearest, texts[strand])
    reach = (start, end)
    for other in near:
        first, last = _span(records[other], texts[strand])
        if min(last, end) - max(first, start) >= _OVERLAP * (last - first):
            reach = (
                min(first, reach[0]) if first < start - _WAVER else reach[0],
                max(last, reach[1]) if last > end + _WAVER else reach[1],
            )
    turns = reach[0] // size
    return _Place(strand, reach[0] - turns * size, reach[1] - turns * size)


def representatives(index: Index) -> list[str]:
    """Return a few haplotypes of an index as long as its locus is expected to be, or nearly.

    They are spread evenly over the nearest in length, which the index keeps in the order of
    their sequences; the same index always gives the same.
    """
    lengths, size = index.lengths, index.size
    expected = find_locus(index.locus).expected_length
    low = high = bisect_left(lengths, expected)
    while high - low < min(REPRESENTATIVES, size):
        if low and (high == size or expected - lengths[low - 1] <= lengths[high] - expected):
            low -= 1
        else:
            high += 1
    low, high = bisect_left(lengths, lengths[low]), bisect_right(lengths, lengths[high - 1])
    number = min(REPRESENTATIVES, high - low)
    chosen = (low + (2 * i + 1) * (high - low) // (2 * number) for i in range(number))
    return [index.sequence(haplotype) for haplotype in chosen]


def _circle(text: str, reach: int) -> str:
    """Return a text with its beginning repeated, so that what lies across the ends is whole."""
    # Half as much again: what is inserted there makes a locus longer.
    return text + text[: reach + reach // 2] if len(text) >= _MIN_CIRCLE else text


def _distance(record: str, text: bytes) -> int:
    """Return the edits of a record against the part of a text that it fits best, however many."""
    edits = semiglobal_distance(record, text, exact=True)
    if edits is None:
        raise ValueError("an exact distance has no limit")
    return edits


def _span(record: str, text: bytes) -> tuple[int, int]:
    _edits, places = semiglobal_placements(record, text, exact=True)
    return places[0]


# -- by primers -------------------------------------------------------------------


def _by_primers(strands: dict[str, str], locus: Locus) -> _Place | None:
    """Return what lies between the sites of the two primers that fit best."""
    longest = int(_MAX_LENGTH_RATIO * locus.expected_length)
    best = None
    for strand, text in strands.items():
        circle = _circle(masked(text), longest)
        forward = [site for p in locus.primers if p.strand == "+" for site in _sites(p, circle)]
        reverse = [site for p in locus.primers if p.strand == "-" for site in _sites(p, circle)]
        for errors, name, _first, start in forward:
            for more, other, end, _last in reverse:
                if start < len(text) and locus.minimum_length <= end - start <= longest:
                    key = (errors + more, start - end, strand != "+", start, name, other)
                    if best is None or key < best[0]:
                        best = (key, _Place(strand, start, end, (name, other)))
    return best[1] if best else None


def _sites(primer: Primer, circle: str) -> Iterator[tuple[int, str, int, int]]:
    """Yield errors, name, start and end of the sites where a primer fits best, if it fits."""
    text = primer.sequence if primer.strand == "+" else reverse_complement(primer.sequence)
    errors, places = semiglobal_placements(text, circle, int(MAX_ERROR_SHARE * len(text)))
    if errors is None:
        return
    for first, end in places:
        yield errors, primer.name, first, end
