"""Is a query put together from two animals?

The polymerase may change from one template to another while it copies a mixture
(Meyerhans et al. 1990, doi:10.1093/nar/18.7.1687), and two reads of different animals may
be merged. The nearest record is then that of the longer part, and the shorter one looks
like distance. It shows in where the differences lie: evenly in a species that the library
lacks, crowded at one side in a chimera. Only a crowded part, and what the record does not
cover, is searched by itself; two parts with different best genera are a chimera hint (the
idea is that of Chimera Check, Cole et al. 2003, doi:10.1093/nar/gkg039).

It does not see a chimera of two species of a genus; that is looked for in `forensics.barcode.checking.two_parents`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forensics.barcode.locus import find_locus
from forensics.barcode.matching.alignment import GAP, Alignment
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import Hit, search
from forensics.barcode.sequence import reverse_complement
from forensics.core.notice import Notice
from forensics.notices.checks import CHIMERA

__all__ = [
    "CROWDED_AT_END",
    "Part",
    "check_chimera",
    "crowded_part",
    "of_another_genus",
    "of_two_genera",
    "rate_gain",
]

# A whole this near to one record holds no part of another genus that could be told.
_NEAR = 0.99
# A part must have so many bases to be searched: fewer hold too few genera apart. The ends
# of a chimera that is broken at 30-70 % have more in a usual barcode.
_MIN_PART = 80
# At an end, where a break is likelier to leave so little, fewer will do if they are crowded beyond
# doubt, and nearer to the other genus by more: six bases, not three, of the fewest.
_MIN_PART_AT_END = 60
_MARGIN_OF_SHORT = 0.10
# Of what the record does not cover nobody knows how near the first genus comes, so it must be
# longer: the ends of some species are by chance like those of another genus.
_MIN_REST = 150
# Gain in log-likelihood, from one rate of differences to two, from which a part counts as
# crowded. It decides what is searched once more, not what is called a chimera.
_CROWDED = 8.0
# So much is enough where the part reaches an end: there are fewer places to choose from, and a break
# near an end leaves few differences. Measured with benchmarks/ends.py (benchmarks/checks.md).
CROWDED_AT_END = 3.0
# The part must be so near to a record of the other genus, and nearer by so much than to any
# of the first genus that was found. Half the usual distance of congeners, 11.3 % at COI
# (Hebert et al. 2003, doi:10.1098/rsbl.2003.0025), is more than chance gives a part of a
# species that the library lacks (benchmarks/checks.md has the figures).
FITS = 0.95
MARGIN = 0.05
# What is much longer than the locus is a genome or a long amplicon; its rest is something else.
_LONGER = 1.5


@dataclass(frozen=True, slots=True)
class Part:
    """Bases of the query on the record's strand, and how near the best record comes there.

    Attributes
    ----------
    start, end : int
        First base, counted from 0, and the one after the last.
    identity : float
        Of the best record, 0-1; 0 where it does not reach.
    """

    start: int
    end: int
    identity: float


def check_chimera(
    sequence: str, hits: Sequence[Hit], alignment: Alignment, index: Index
) -> Notice | None:
    """Return the warning ``CHIMERA`` where a part of a query fits another genus clearly better.

    Parameters
    ----------
    sequence : str
        The clean query.
    hits : sequence of Hit
        What the search found, best first; not empty.
    alignment : Alignment
        Of the query with the best hit.
    index : Index
        The index that was searched.
    """
    best = hits[0]
    written = sequence if best.strand == "+" else reverse_complement(sequence)
    for part in _parts(written, best, alignment, index):
        if warning := of_another_genus(written, part, best, index):
            return warning
    return None


def of_another_genus(written: str, part: Part, best: Hit, index: Index) -> Notice | None:
    """Return the warning ``CHIMERA`` where a part fits another genus clearly better than that of a hit.

    Parameters
    ----------
    written : str
        The clean query, on the strand of the record of the hit.
    part : Part
    best : Hit
        Of the rest of the query.
    index : Index
        The index that was searched.
    """
    hits = search(index, written[part.start : part.end].strip("N")).hits
    if not hits or hits[0].identity < FITS:
        return None
    own, others = _genera(index, best), _genera(index, hits[0])
    if own & others:
        return None
    # Another record of the first genus may fit here better than the best hit does.
    same = (hit.identity for hit in hits if own & _genera(index, hit))
    margin = MARGIN if part.end - part.start >= _MIN_PART else _MARGIN_OF_SHORT
    if hits[0].identity - max(same, default=part.identity) < margin:
        return None
    start, end = part.start + 1, part.end
    if best.strand == "-":
        start, end = len(written) - part.end + 1, len(written) - part.start
    return _warning(start, end, others, hits[0].identity, own, part.identity)


def of_two_genera(sequence: str, index: Index) -> Notice | None:
    """Return the warning ``CHIMERA`` where both ends of a query are near, to different genera.

    For a query whose whole is near to nothing, because its parts are too far apart.
    """
    length = len(sequence)
    third = length // 3
    if third < _MIN_PART or length > _LONGER * find_locus(index.locus).expected_length:
        return None
    ends = []
    for start, end in ((0, third), (length - third, length)):
        hits = search(index, sequence[start:end].strip("N")).hits
        if not hits or hits[0].identity < FITS:
            return None
        ends.append(hits[0])
    first, last = (_genera(index, hit) for hit in ends)
    if first & last:
        return None
    return _warning(length - third + 1, length, last, ends[1].identity, first, None)


def crowded_part(places: Sequence[int], length: int) -> tuple[int, int, float] | None:
    """Return the stretch where differences are crowded most, and how much that gains.

    Parameters
    ----------
    places : sequence of int
        Columns with a difference, ascending.
    length : int
        Columns in all.

    Returns
    -------
    (int, int, float) or None
        Start and end of the stretch, and the gain in log-likelihood of two rates of
        differences over one; None without differences.

    Notes
    -----
    The stretch is the one whose number of differences exceeds the expected one most
    (Kuiper's statistic).

    Examples
    --------
    >>> crowded_part([3, 80, 84, 88, 92, 96], 100)[:2]
    (80, 97)
    """
    if not places:
        return None
    rate = len(places) / length
    # The sum of 1 at a difference, less the rate at every column, from the lowest to the highest.
    best, start, end = 0.0, 0, 0
    lowest, lowest_at = 0.0, 0
    for number, place in enumerate(places):
        before = number - rate * place
        if before < lowest:
            lowest, lowest_at = before, place
        after = number + 1 - rate * (place + 1)
        if after - lowest > best:
            best, start, end = after - lowest, lowest_at, place + 1
    # Lacking a difference before the first column of the rest, the stretch reaches to the end.
    inside = sum(start <= place < end for place in places)
    gain = rate_gain(inside, end - start, len(places) - inside, length - end + start)
    return start, end, gain


def rate_gain(differences: int, length: int, others: int, rest: int) -> float:
    """Return how much likelier two rates of differences are than one, as a natural logarithm.

    Parameters
    ----------
    differences, length : int
        Differences of one stretch, and its bases.
    others, rest : int
        Differences of the other stretch, and its bases.

    Returns
    -------
    float
        At least 0; without a stretch 0.0.

    References
    ----------
    Wilks 1938, doi:10.1214/aoms/1177732360

    Examples
    --------
    >>> round(rate_gain(30, 100, 10, 100), 2)
    6.49
    """
    return (
        _likelihood(differences, length)
        + _likelihood(others, rest)
        - _likelihood(differences + others, length + rest)
    )


def _likelihood(differences: int, length: int) -> float:
    if not 0 < differences < length:
        return 0.0
    rate = differences / length
    return differences * math.log(rate) + (length - differences) * math.log(1 - rate)


def _parts(written: str, best: Hit, alignment: Alignment, index: Index) -> Iterator[Part]:
    """Yield what should be searched by itself: a crowded part, and what the record lacks."""
    compared = len(alignment.query)
    end = alignment.query_start + compared - alignment.query.count(GAP)
    if best.identity < _NEAR:
        places = alignment.differences()
        start, stop, gain = crowded_part(places, compared) or (0, 0, 0.0)
        if gain >= CROWDED_AT_END:
            first = alignment.query_start + start - alignment.query.count(GAP, 0, start)
            last = first + stop - start - alignment.query.count(GAP, start, stop)
            # What lies between the crowded part and an end belongs to it: too short for itself.
            if first - alignment.query_start < _MIN_PART // 2:
                first = alignment.query_start
            if end - last < _MIN_PART // 2:
                last = end
            inside = sum(start <= place < stop for place in places)
            at_end = first == alignment.query_start or last == end
            beyond_doubt = gain >= _CROWDED
            shortest = _MIN_PART_AT_END if at_end and beyond_doubt else _MIN_PART
            if shortest <= last - first and (at_end or beyond_doubt):
                yield Part(first, last, 1 - inside / (last - first))
    if len(written) <= _LONGER * find_locus(index.locus).expected_length:
        for first, last in ((0, alignment.query_start), (end, len(written))):
            if last - first >= _MIN_REST:
                yield Part(first, last, 0.0)


def _genera(index: Index, hit: Hit) -> set[str]:
    return {record.genus for record in index.records(hit.haplotype)}


def _warning(
    start: int, end: int, genera: set[str], identity: float, other: set[str], there: float | None
) -> Notice:
    facts = {
        "start": start,
        "end": end,
        "genus": ", ".join(sorted(genera)),
        "identity": identity,
        "other": ", ".join(sorted(other)),
    }
    if there:
        return CHIMERA("rest", there=there, **facts)
    return CHIMERA("another_part", **facts)
