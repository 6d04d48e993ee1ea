"""Is a query put together from two animals?

The polymerase may change from one template to another while it copies a mixture
(Meyerhans et al. 1990, doi:10.1093/nar/18.7.1687), and two reads of different animals may
be merged. The nearest record is then that of the longer part, and the shorter one looks
like distance. It shows in where the differences lie: evenly in a species that the library
lacks, crowded at one side in a chimera. Only a crowded part, and what the record does not
cover, is searched by itself; two parts with different best genera are a chimera hint (the
idea is that of Chimera Check, Cole et al. 2003, doi:10.1093/nar/gkg039).

It does not see a chimera of two species of a genus; for that two records are
sought that explain its left and its right (below).

Do the ends of a sequence belong to its middle?

A query may be near to no record because of what stands at its ends: primers, adapters, unread
bases, a piece of another animal. Its middle half then has a neighbour that the whole has not. That
alone shows nothing: where a species is about as far from the library as the floor of the
search, the middle comes above the floor by chance. So the ends are placed on the record that the
middle is near to, and their differences are compared with those of the middle. Both come from
one rate in a sequence of one animal.

Does a query read like one species on the left of a point and like another on the right of it?

A chimera of two species of a genus is near to both over its whole length, so neither distance nor a search of its
parts tells it from a variant. What tells is that a *composite* of two records, one up to a breakpoint and another from
there on, explains it almost without a difference, where no species by itself does, not even with two of its own
haplotypes. UCHIME looks for the same (Edgar et al. 2011, doi:10.1093/bioinformatics/btr381).

A species that the library lacks may by chance lie between two that it holds; it is then not explained almost without a
difference, and is left alone.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import add
from typing import NamedTuple

from forensics import notices
from forensics.barcode.locus import find_locus, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import prefix_distance
from forensics.barcode.matching.search import GAP, OF_SPECIES, Alignment, Hit, align, search
from forensics.core.notice import Notice

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


class Part(NamedTuple):
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
    hits = search(index, written[part.start : part.end].strip("N"), of_species=1).hits
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
        hit = _nearest(index, sequence[start:end], FITS)
        if hit is None:
            return None
        ends.append(hit)
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


def _nearest(index: Index, part: str, floor: float) -> Hit | None:
    """Return the nearest record of a part, or None below a floor; others are not looked for, which would take longer."""
    hits = search(index, part.strip("N"), floor=floor, margin=0, of_species=1, short=False).hits
    return hits[0] if hits else None


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
        return notices.checks.CHIMERA("rest", there=there, **facts)
    return notices.checks.CHIMERA("another_part", **facts)


#: Gain in log-likelihood, from one rate of differences to two, from which an end does not belong to
#: the middle. Differences are not independent (codon positions, loops), so no table gives it: none
#: of 6,200 clean COI records came to 7.5, a genus or all near kin of them being absent
#: (benchmarks/checks.md has the figures of all loci).
MIN_END_GAIN = 8.0
#: Fewer bases of an end that the record covers are not judged: 40 of no gene differ in about 20,
#: which a middle at the floor exceeds by chance more seldom than the gain allows.
MIN_COMPARED = 40


class _End(NamedTuple):
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
    best = _nearest(index, middle, floor)
    if best is None:
        return None
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
    if gain < MIN_END_GAIN:
        return None
    start, stop = end.start + 1, end.stop
    if best.strand == "-":
        start, stop = len(sequence) - end.stop + 1, len(sequence) - end.start
    return notices.search.ENDS_DO_NOT_FIT(
        accession=index.first_record(best.haplotype).accession,
        identity=best.identity,
        start=start,
        stop=stop,
        there=identity,
    )


def _ends(sequence: str, middle: str, best: Hit, index: Index) -> Iterator[_End]:
    """Yield what precedes and what follows the middle, as far as the record goes."""
    record = index.sequence(best.haplotype)
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


# Both bounds were chosen on 1,600 clean records of COI, of which none is then called a chimera (benchmarks/checks.md).
MIN_GAIN = 4
"""Differences that a second parent must explain, on either side of the breakpoint."""
MAX_UNEXPLAINED = 0.005
"""Share of the bases that the composite may leave unexplained."""
# Nearest species that are tried as parents, with `OF_SPECIES` haplotypes of each.
_MAX_SPECIES = 12
# Gain in log-likelihood, from one rate of differences to two, from which the stretch where the best record differs most
# is searched by itself, if it has so many bases; and records that it adds.
_CROWDED_STRETCH = 2.0
_MIN_STRETCH = 60
_HITS_OF_PART = 8
# A parent must be comparable with so much of the query.
_MIN_COVERED = 0.95


class Composite(NamedTuple):
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
    return notices.checks.CHIMERA(
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
            if taken.get(name, 0) < OF_SPECIES and (name in taken or len(taken) < _MAX_SPECIES)
        ]
        if not wanted or hit.placement != "whole" or hit.haplotype in seen:
            continue
        seen.add(hit.haplotype)
        alignment = align(sequence, index.sequence(hit.haplotype), hit)
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
    least = map(add, map(min, zip(*before.values())), map(min, zip(*after.values())))
    for place, count in enumerate(least):
        if best is not None and count >= best[0]:
            continue
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
    alignment = align(sequence, index.sequence(best.haplotype), best)
    start, stop, gain = crowded_part(alignment.differences(), len(alignment.query)) or (0, 0, 0.0)
    if gain < _CROWDED_STRETCH or stop - start < _MIN_STRETCH:
        return []
    part = alignment.query[start:stop].replace(GAP, "")
    near = search(index, part, of_species=_HITS_OF_PART).hits[:_HITS_OF_PART]
    return [
        hit._replace(strand=best.strand, placement="whole", edits=max(1, hit.edits))
        for hit in near
        if hit.strand == "+"
    ]


def _differences(alignment: Alignment, strand: str, length: int) -> list[int] | None:
    """Return the differences at each base of the query, as it was given; None where too little is compared."""
    query = alignment.query
    if len(query) - query.count(GAP) < _MIN_COVERED * length:
        return None
    counts = [0] * length
    gaps = list(accumulate(map(GAP.__eq__, query))) if GAP in query else None
    for column in alignment.differences():
        place = alignment.query_start + column
        if gaps:  # a base of the record alone counts at the next one of the query
            place -= gaps[column] - (query[column] == GAP)
        counts[min(place, length - 1)] += 1
    return counts if strand == "+" else counts[::-1]


def _least(counts: list[int] | None, others: list[int]) -> list[int]:
    return others if counts is None else list(map(min, counts, others))
