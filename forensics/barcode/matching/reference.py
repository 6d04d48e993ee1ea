"""The kernel in Python: every function of ``_kernel.c`` with the same answers, to be read and tested by.

It stands in where there is no compiled kernel (`forensics.barcode.matching.kernel` chooses), and is
its oracle in the tests. The arguments and results are documented there. Bounds need not be equal:
those of the compiled kernel are sharper, and neither exceeds the true edits.

Alignments
    The table of edits is computed a column (a base of the outer sequence) at a time. Neighbours in a
    column differ by -1, 0 or 1, so a column is two whole numbers with one bit a base of the inner
    sequence: ``up``, where a row costs one more than the row above, and ``down``, one less. Python's
    whole numbers have as many bits as are needed.

Bounds
    See ``_bounds.c`` for why they are bounds. A NumPy array has a number for every record.

References
----------
Myers 1999, doi:10.1145/316542.316550, in the form of Hyyrö 2003, Nordic Journal of Computing 10:29-39.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise, product
from typing import TYPE_CHECKING

from forensics.barcode.locus import IUPAC

if TYPE_CHECKING:
    import numpy as np

# Placements of a query, as `kernel` numbers them.
_WHOLE, _RIGHT, _LEFT = range(3)
# The letters that stand for a base that another stands for, too.
_MATCHES = {
    ord(letter): [ord(other) for other in IUPAC if set(IUPAC[other]) & set(bases)]
    for letter, bases in IUPAC.items()
}
# Identities are ratios of small whole numbers; this is far below the distance of any two.
_ROUNDING = 1e-9

# -- two sequences ----------------------------------------------------------------


def semiglobal_distance(
    inner: str | bytes, outer: str | bytes, max_edits: int, exact: bool
) -> int | None:
    """Return the least edits of one sequence placed whole, with free ends, in another."""
    return _ends(_read(inner), _read(outer), max_edits, exact, free=True)[0]


def semiglobal_placements(
    inner: str | bytes, outer: str | bytes, max_edits: int, exact: bool
) -> tuple[int | None, list[tuple[int, int]]]:
    """Return the least edits, and where every best placement begins and ends."""
    return _placements(_read(inner), _read(outer), max_edits, exact)


def prefix_ends(
    inner: str | bytes, outer: str | bytes, max_edits: int, exact: bool
) -> tuple[int | None, list[int]]:
    """Return the least edits at the beginning of another sequence, and where the best end."""
    return _ends(_read(inner), _read(outer), max_edits, exact, free=False)


def match_any(inners: tuple[bytes, ...], outer: bytes, max_edits: int) -> list[int]:
    """Return the numbers of the sequences that have so few edits in another."""
    numbered = enumerate(inners)
    return [
        i
        for i, inner in numbered
        if semiglobal_distance(inner, outer, max_edits, False) is not None
    ]


def semiglobal_path(
    inner: str | bytes, outer: str | bytes, max_edits: int, exact: bool
) -> tuple[int | None, int, list[tuple[int, str]]]:
    """Return the edits, the start and the steps of the first of the best placements."""
    inner, outer = _read(inner), _read(outer)
    edits, ends = _ends(inner, outer, max_edits, exact, free=True)
    if edits is None:
        return None, 0, []
    start = _start(inner, outer[: ends[0]], edits, exact)
    return edits, start, _runs(inner, outer[start : ends[0]], exact)


def prefix_path(
    inner: str | bytes, outer: str | bytes, max_edits: int, exact: bool
) -> tuple[int | None, int, list[tuple[int, str]]]:
    """Return the same at the beginning of another sequence."""
    inner, outer = _read(inner), _read(outer)
    edits, ends = _ends(inner, outer, max_edits, exact, free=False)
    return (None, 0, []) if edits is None else (edits, 0, _runs(inner, outer[: ends[0]], exact))


def _read(sequence: str | bytes) -> bytes:
    letters = sequence.encode() if isinstance(sequence, str) else sequence
    if not letters or not letters.isascii():
        raise ValueError("a sequence is empty, or not in ASCII letters")
    return letters


@lru_cache(maxsize=64)
def _rows(inner: bytes, exact: bool) -> list[int]:
    """Return for each letter the rows that match it, a bit a base of the inner sequence."""
    rows, backwards = [0] * 256, inner[::-1]  # the first base is the lowest bit
    for letter in set(inner) if exact else _MATCHES:
        bits = bytearray(b"0" * 256)
        for other in (letter,) if exact else _MATCHES[letter]:
            bits[other] = ord("1")
        rows[letter] = int(backwards.translate(bits), 2)
    return rows


def _columns(
    inner: bytes, outer: bytes, exact: bool, *, free: bool
) -> Iterator[tuple[int, int, int]]:
    """Yield for each base of `outer` the edits of all of `inner` that ends there, and the rows that cost
    one more than the row above, and than the column before.

    `free`: the placement may begin at any base of `outer`, not only at the first.
    """
    rows, full, last = _rows(inner, exact), (1 << len(inner)) - 1, len(inner) - 1
    up, down, edits, first = full, 0, len(inner), 0 if free else 1
    for letter in outer:
        same = rows[letter]
        diagonal = (((same & up) + up) ^ up) | same | down
        rose = (down | ~(diagonal | up)) & full
        fell = up & diagonal
        edits += (rose >> last) - (fell >> last)
        shifted = (rose << 1 | first) & full
        up = (fell << 1 | ~(diagonal | shifted)) & full
        down = shifted & diagonal
        yield edits, up, rose


def _ends(
    inner: bytes, outer: bytes, max_edits: int, exact: bool, *, free: bool
) -> tuple[int | None, list[int]]:
    """Return the least edits up to `max_edits`, and where the placements end that have so many."""
    if max_edits < 0:
        raise ValueError("max_edits is negative")
    best: int = min(max_edits, len(inner))
    ends: list[int] = []
    if not _shares_piece(inner, outer, best, exact):
        return None, []
    for end, (edits, _up, _rose) in enumerate(_columns(inner, outer, exact, free=free), 1):
        if edits < best:
            best, ends = edits, []
        if edits == best:
            ends.append(end)
        elif edits - (len(outer) - end) > best:  # each base takes off one at most
            break
    return (best, ends) if ends else (None, [])


def _shares_piece(inner: bytes, outer: bytes, max_edits: int, exact: bool) -> bool:
    """Return whether a piece of `inner` occurs in `outer`: of one more than there are edits, one does.

    Where a letter may match another one, it is not known.
    """
    size = len(inner) // (max_edits + 1)
    if not size or not (exact or _is_plain(inner) and _is_plain(outer)):
        return True
    return any(inner[i * size : (i + 1) * size] in outer for i in range(max_edits + 1))


def _is_plain(sequence: bytes) -> bool:
    return not sequence.translate(None, b"ACGT")


def _placements(
    inner: bytes, outer: bytes, max_edits: int, exact: bool
) -> tuple[int | None, list[tuple[int, int]]]:
    edits, ends = _ends(inner, outer, max_edits, exact, free=True)
    if edits is None:
        return None, []
    return edits, [(_start(inner, outer[:end], edits, exact), end) for end in ends]


def _start(inner: bytes, outer: bytes, edits: int, exact: bool) -> int:
    """Return where the longest placement of so many edits begins that ends where `outer` does."""
    window = outer[::-1][: len(inner) + edits]
    return len(outer) - _ends(inner[::-1], window, edits, exact, free=False)[1][-1]


def _runs(inner: bytes, outer: bytes, exact: bool) -> list[tuple[int, str]]:
    """Return the steps from all of `inner` to all of `outer`, equal ones in a row counted.

    Of equally good paths, read backwards, a base of `inner` alone comes before one of `outer` alone,
    and both before two that stand opposite.
    """
    columns, rows = list(_columns(inner, outer, exact, free=False)), _rows(inner, exact)
    row, column, steps = len(inner) - 1, len(outer) - 1, []
    while row >= 0 and column >= 0:
        _edits, up, rose = columns[column]
        if up >> row & 1:
            step = "I"
        elif rose >> row & 1:
            step = "D"
        else:
            step = "=" if rows[outer[column]] >> row & 1 else "X"
        steps.append(step)
        row -= step != "D"
        column -= step != "I"
    steps.append("I" * (row + 1) + "D" * (column + 1))
    return [(len(list(run)), step) for step, run in groupby(reversed("".join(steps)))]


# -- a query and many records -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Query:
    sequence: bytes
    least: int


def prepare_query(sequence: bytes, least: int) -> _Query:
    """Return a strand of a query for `compare_many`."""
    if not 1 <= least <= len(sequence):
        raise ValueError("the least overlap is part of a sequence, and not empty")
    return _Query(sequence, least)


def compare_many(
    query: _Query,
    placement: int,
    sequences: "bytes | memoryview",
    offsets: "bytes | memoryview",
    records: bytes,
    needed: bytes,
    shared: bytes = b"",
) -> tuple[bytes, bytes, int]:
    """Return the edits of each record, the bases compared, and the alignments made."""
    begins, numbers = memoryview(offsets).cast("B").cast("Q"), memoryview(records).cast("I")
    identities = memoryview(needed).cast("d")
    if (
        placement not in range(3)
        or len(begins) < 2
        or len(identities) != len(numbers)
        or (shared and len(shared) != len(records))
    ):
        raise ValueError("sections do not fit")
    if not all(0 <= identity <= 1 for identity in identities):
        raise ValueError("an identity lies between 0 and 1")
    edits, bases, aligned = array("i"), array("i"), 0
    for number, identity in zip(numbers, identities):
        if number >= len(begins) - 1 or not begins[number] < begins[number + 1] <= len(sequences):
            raise ValueError("damaged sequences")
        record = bytes(sequences[begins[number] : begins[number + 1]])
        compare = _compare_whole if placement == _WHOLE else _compare_part
        turn = slice(None, None, -1 if placement == _LEFT else 1)  # the left end, read backwards
        distance, length, made = compare(query.sequence[turn], record[turn], query.least, identity)
        edits.append(-1 if distance is None else distance)
        bases.append(length)
        aligned += made
    return edits.tobytes(), bases.tobytes(), aligned


def _compare_whole(
    query: bytes, record: bytes, _least: int, needed: float
) -> tuple[int | None, int, int]:
    """Return the edits of the shorter placed whole in the longer, its length, and alignments made."""
    inner, outer = (query, record) if len(query) <= len(record) else (record, query)
    allowed = _allowed(needed, len(inner))
    return _ends(inner, outer, allowed, False, free=True)[0], len(inner), 1


def _compare_part(
    query: bytes, record: bytes, least: int, needed: float
) -> tuple[int | None, int, int]:
    """Compare where the query's end sticks out on the right and the record's on the left."""
    core = query[:least]
    if len(record) < least:
        return None, 0, 0
    allowed, best, aligned = _allowed(needed, min(len(query), len(record))), None, 1
    _edits, places = _placements(core, record, allowed, False)
    for start in sorted({start for start, _end in places}):
        rest = record[start:]
        if start == 0 or len(rest) < least:
            continue
        aligned += 1
        edits, ends = _ends(rest, query, _allowed(needed, len(rest)), False, free=False)
        if edits is None or ends[-1] == len(query) or ends[-1] < least:
            continue
        length = min(len(rest), ends[-1])
        if best is None or edits * best[1] < best[0] * length:
            best = edits, length
    return (*(best or (None, 0)), aligned)


def _allowed(needed: float, length: int) -> int:
    """Return the edits that an identity allows in so many bases."""
    return math.floor((1 - needed) * length + _ROUNDING)


# -- k-mers that were seen before -------------------------------------------------


_FACTOR, _WORD = 0x9E3779B97F4A7C15, 1 << 64


def mark_kmers(marks: bytearray, text: str, length: int, step: int) -> None:
    """Mark the k-mers at every `step`-th place of a text."""
    for place in _places(marks, text, length, step):
        total = 0
        for letter in text[place : place + length].encode():
            total = (total * _FACTOR + letter) % _WORD
        bit = _bit(total, marks)
        marks[bit >> 3] |= 1 << (bit & 7)


def find_marked(marks: bytearray, text: str, length: int) -> list[int]:
    """Return the places of a text where a k-mer begins that may be marked."""
    ends, total, letters = [], 0, text.encode()
    leaving = pow(_FACTOR, min(length, len(letters)), _WORD)  # what a letter counts when it leaves
    places = _places(marks, text, length, 1)
    for end, letter in enumerate(letters, 1):
        total = (total * _FACTOR + letter) % _WORD
        if end > length:
            total = (total - leaving * letters[end - length - 1]) % _WORD
        bit = _bit(total, marks)
        if end >= min(length, len(letters)) and marks[bit >> 3] >> (bit & 7) & 1:
            ends.append(end - min(length, len(letters)))
    return ends if letters else [place for place in places if marks[0] & 1]


def _bit(total: int, marks: bytearray) -> int:
    return (total ^ total >> 29) * _FACTOR % _WORD >> 64 - (8 * len(marks)).bit_length() + 1


def _places(marks: bytearray, text: str, length: int, step: int) -> range:
    if length < 1 or step < 1 or len(marks).bit_count() != 1:
        raise ValueError("a k-mer and a step have at least one letter, marks are a power of two")
    return range(0, max(0, len(text) - length) + 1, step)


# -- bounds -----------------------------------------------------------------------

_K = 8  # length of the k-mers; the same as `index.K`
# K-mers that can stand for more are hidden: three N in eight letters can for so many, and of 12,359 records of COI 19
# then hide one. (At 16 it would be 57.)
MOST_READINGS = 64
_STRIDE = 2  # bases from one k-mer that is looked at to the next


class Tables:
    """The sections of an index, as arrays. Every count, offset and number is checked before use."""

    def __init__(self, sections: Sequence[memoryview], size: int) -> None:
        import numpy as np

        *self._table, lengths = (np.frombuffer(section, "<u4") for section in sections[:4])
        self.size, self.lengths = size, lengths.astype(np.int64)
        # The haplotype of each slot: the table numbers slots.
        self._order = np.frombuffer(sections[5], "<u4")
        self._offsets = np.frombuffer(sections[6], "<u8").astype(np.int64)
        self._bases = np.frombuffer(sections[7], np.uint8)
        widths = {len(array_) for array_ in self._table[:2]}
        if size < 1 or {len(lengths), len(self._order)} != {size} or widths != {4**_K}:
            raise ValueError("sections do not fit")
        if self._order.max() >= size:
            raise ValueError("damaged tables")
        self.hidden = self._counters(sections[4])

    def _counters(self, section: memoryview) -> "np.ndarray":
        """Return a number for every record from bit planes, the least significant first."""
        import numpy as np

        width = (self.size + 7) >> 3
        if len(section) % width:
            raise ValueError("sections do not fit")
        counters = np.zeros(self.size, np.int64)
        for plane, bits in enumerate(np.frombuffer(section, np.uint8).reshape(-1, width)):
            counters[self._order] += self._unpacked(bits).astype(int) << plane
        return counters

    def _unpacked(self, bits: "np.ndarray") -> "np.ndarray":
        import numpy as np

        return np.unpackbits(bits, count=self.size, bitorder="little")

    def lacking_pieces(self, kmers: Iterable[int], first: int, end: int) -> "np.ndarray":
        """Return how many pieces, cut side by side, of the records from first to end are none of some k-mers."""
        import numpy as np

        begins, ends = self._offsets[first:end], self._offsets[first + 1 : end + 1]
        if (begins < 0).any() or (begins > ends).any() or (ends > len(self._bases)).any():
            raise ValueError("damaged sequences")
        pieces = (ends - begins) // _K
        owners = np.repeat(np.arange(end - first), pieces)
        places = begins[owners] + _K * (
            np.arange(len(owners)) - (np.cumsum(pieces) - pieces)[owners]
        )
        numbers = np.full(256, 4)
        numbers[np.frombuffer(b"ACGT", np.uint8)] = range(4)
        codes, lacking = np.zeros(len(places), int), np.ones(len(places), bool)
        for base in range(_K):
            letters = numbers[self._bases[places + base]]
            codes, lacking = codes << 2 | letters & 3, lacking & (letters < 4)
        lacking &= ~np.isin(codes, list(kmers))
        return np.bincount(owners[lacking], minlength=end - first)

    def haplotypes_with(self, kmer: int) -> "np.ndarray":
        """Return which records have a k-mer: from a list where they are few, else from a bitmap."""
        import numpy as np

        counts, offsets, data = self._table
        count, offset, words = int(counts[kmer]), int(offsets[kmer]), (self.size + 31) >> 5
        if count > self.size or offset + min(count, words) > len(data):
            raise ValueError("damaged tables")
        haplotypes_with = np.zeros(self.size, bool)
        if count > words:
            bits = self._unpacked(data[offset : offset + words].view(np.uint8))
            haplotypes_with[self._order] = bits.view(bool)
            return haplotypes_with
        numbers = data[offset : offset + count]
        if count and numbers.max() >= self.size:
            raise ValueError("damaged tables")
        haplotypes_with[self._order[numbers]] = True
        return haplotypes_with


def bound_strand(
    sequence: bytes,
    sections: Sequence[memoryview],
    size: int,
    least: int,
    first: int,
    longer: int,
    codes: int,
    _rate: float,
    _whole: int,
    _part: int,
) -> "dict[int, np.ndarray]":
    """Return the bound of every record by the placement; -1 where there is none."""
    import numpy as np

    tables, kmers, n = Tables(sections, size), kmers_of(sequence), len(sequence)
    bounds = {placement: np.full(size, -1, np.int64) for placement in range(3)}
    if first < longer:  # records shorter than the query: of their own k-mers
        lacking = tables.lacking_pieces(set(kmers), first, longer)
        bounds[_WHOLE][first:longer] = np.maximum(0, lacking - codes)
    if longer < size:
        stabs = np.maximum(0, _stab(tables, kmers) - tables.hidden)
        bounds[_WHOLE][longer:] = stabs[longer:]
    if least < n:
        within = max(0, least - _K + 1)
        ends = {_RIGHT: kmers[:within], _LEFT: kmers[::-1][:within]}
        for placement, inside in ends.items():
            stabs = np.maximum(0, _stab(tables, inside) - tables.hidden)
            # Stated over the whole query; no more can be compared than the shorter of both has.
            stated = stabs * n // np.maximum(1, np.minimum(tables.lengths, n))
            bounds[placement][first:] = stated[first:]
    return bounds


def _stab(tables: Tables, kmers: list[int]) -> "np.ndarray":
    """Return for every record how many bases hit all k-mers that it lacks, at least.

    From one end: the last base of the first k-mer that is not hit yet hits all that begin before it.
    """
    import numpy as np

    stabs, free = np.zeros(tables.size, np.int64), np.zeros(tables.size, np.int64)
    for place in range(0, len(kmers), _STRIDE):
        if kmers[place] >= 0:
            lacking = ~tables.haplotypes_with(kmers[place]) & (free <= place)
            stabs += lacking
            free[lacking] = place + _K
    return stabs


def kmers_of(sequence: bytes) -> list[int]:
    """Return the number of the k-mer that begins at each base; -1 where it holds an IUPAC code."""
    kmers, code, clear = [], 0, 0
    for letter in sequence:
        base = b"ACGT".find(letter)
        code, clear = ((code << 2 | base) % 4**_K, clear + 1) if base >= 0 else (0, 0)
        kmers.append(code if clear >= _K else -1)
    return kmers[_K - 1 :]


def records_at(
    bounds: "dict[int, np.ndarray]", placement: int, edits: int, first: int, _rate: float
) -> bytes:
    """Return the records from `first` on whose bound is `edits`, ascending."""
    import numpy as np

    numbers = np.flatnonzero(bounds[placement][first:] == edits) + first
    return numbers.astype("<u4").tobytes()


def smallest_bound(bounds: "dict[int, np.ndarray]", placement: int) -> int | None:
    """Return the smallest bound of a placement; None where there is no record."""
    placed = bounds[placement][bounds[placement] >= 0]
    return int(placed.min()) if len(placed) else None


# -- records far away ---------------------------------------------------------------


def count_shared(sequence: bytes, sections: Sequence[memoryview], size: int) -> bytes:
    """Return how many of the distinct k-mers of a strand each record has."""
    import numpy as np

    tables, shared = Tables(sections, size), np.zeros(size, "<u4")
    for kmer in set(kmers_of(sequence)) - {-1}:
        shared += tables.haplotypes_with(kmer)
    return shared.tobytes()


def kmer_table(haplotypes: list[str], k: int) -> tuple[bytes, bytes, bytes, bytes]:
    """Return which haplotypes have each k-mer, and how many side by side each hides."""
    having: dict[str, list[int]] = defaultdict(list)
    hidden = array("I")
    for number, text in enumerate(haplotypes):
        readings = [
            [IUPAC.get(letter, "") for letter in text[place : place + k]]
            for place in range(len(text) - k + 1)
        ]
        told = [math.prod(map(len, bases)) <= MOST_READINGS for bases in readings]
        for kmer in {
            "".join(letters)
            for bases, few in zip(readings, told)
            if few
            for letters in product(*bases)
        }:
            having[kmer].append(number)
        unread = count = 0
        for place, few in enumerate(told):
            if not few and place >= unread:
                count, unread = count + 1, place + k
        hidden.append(count)
    width = (len(haplotypes) + 31) // 32 * 4
    counts, offsets, data = array("I"), array("I"), bytearray()
    for letters in product("ACGT", repeat=k):
        numbers = having.get("".join(letters), [])
        counts.append(len(numbers))
        offsets.append(len(data) // 4)
        if 4 * len(numbers) > width:
            bitmap = bytearray(width)
            for number in numbers:
                bitmap[number >> 3] |= 1 << (number & 7)
            data += bitmap
        else:
            data += array("I", numbers).tobytes()
    return counts.tobytes(), offsets.tobytes(), bytes(data), hidden.tobytes()


def pieces_of(texts: list[str], start: int) -> bytes:
    """Return the pieces side by side of texts, two bits a letter, behind the number of those that are not plain."""
    first = start // _K
    pieces = array("H", [0]) * ((start + sum(map(len, texts))) // _K - first + len(texts))
    for number, text in enumerate(texts):
        own = start // _K - first + number
        for at in range(len(text) // _K):
            bits = ["ACTG".find(letter) for letter in text[at * _K : at * _K + _K]]
            if min(bits) < 0:
                pieces[own] = min(pieces[own] + 1, 2**16 - 1)
            else:
                pieces[own + 1 + at] = sum(two << 2 * place for place, two in enumerate(bits))
        start += len(text)
    return pieces.tobytes()


def best_of_groups(
    shared: bytes, lengths: bytes, group: bytes, left_out: bytes, length: int, least: int,
    _groups: int, each: int, most: int,
) -> list[int]:  # fmt: skip
    """Return the records with the highest shares of k-mers, a few of each group."""
    counts, bases, groups = (memoryview(part).cast("I") for part in (shared, lengths, group))
    scores = {
        record: count / min(bases[record], length)
        for record, count in enumerate(counts)
        if count and bases[record] >= least and not left_out[record]
    }
    taken: dict[int, int] = {}
    chosen = []
    for record in sorted(scores, key=lambda record: (-scores[record], record)):
        count = taken.get(groups[record], 0)
        if count < each and (count or len(taken) < most):
            taken[groups[record]] = count + 1
            chosen.append(record)
    return chosen


def first_columns(
    rows: memoryview, starts: memoryview, firsts: memoryview, columns: int, first: int, end: int
) -> tuple[list[bytes], bytes]:
    """Return what columns `first` to `end` of the first record of each haplotype say, and which each has."""
    text, places, records = bytes(rows), starts.cast("B").cast("Q"), firsts.cast("B").cast("I")
    if not 0 <= first < end < columns:
        raise ValueError("no such columns")
    known: dict[bytes, int] = {}
    numbers = array("I")
    for record, following in pairwise(records):
        if not record < following < len(places):
            raise ValueError("damaged sections")
        begin, stop = places[record : record + 2]
        row = text[begin:stop].split(b"\t")
        if not begin <= stop <= len(text) or len(row) != columns:
            raise ValueError("damaged sections")
        numbers.append(known.setdefault(b"\t".join(row[first:end]), len(known)))
    return list(known), numbers.tobytes()


# -- words that a sequence shares with exemplars ------------------------------------------

_LETTERS = 128  # ASCII


class _Words:
    """The words of texts: where each stands, as number of the text and place."""

    def __init__(self, texts: Sequence[bytes], word: int) -> None:
        if word < 1:
            raise ValueError("a word has at least one letter")
        if not all(map(bytes.isascii, texts)):
            raise ValueError("texts are in ASCII")
        self.texts, self.word = texts, word
        self.places: dict[bytes, list[tuple[int, int]]] = {}
        for number, text in enumerate(texts):
            for place in range(len(text) - word + 1):
                self.places.setdefault(text[place : place + word], []).append((number, place))


index_words = _Words


def find_chains(
    words: _Words, query: bytes, scores: bytes, least: int, window: int, drop: int, score: int,
    shift: int, letter: int,
) -> list[tuple[int, int, list[tuple[int, int]]]]:  # fmt: skip
    """Return the best chain of the segments of each text: its number, the score, and places in the query."""
    by_text: dict[int, list[_Segment]] = {}
    for number, segment in _find_segments(words, query, scores, least, window, drop, score):
        by_text.setdefault(number, []).append(segment)
    return [(number, *_best_chain(own, shift, letter)) for number, own in by_text.items()]


# Start and end in the query, the place in the text less that in the query, and the score.
_Segment = tuple[int, int, int, int]


def _best_chain(
    segments: list[_Segment], of_shift: int, of_letter: int
) -> tuple[int, list[tuple[int, int]]]:
    """Return the segments that follow each other in both sequences with the highest score: that, and their places."""
    ordered = sorted(segments)
    reached: list[int] = []
    previous: list[int | None] = []
    for start, _end, shift, score in ordered:
        before, place = 0, None
        for number, ((_start, other_end, other_shift, _score), total) in enumerate(
            zip(ordered, reached)
        ):
            if other_end <= start and other_end + other_shift <= start + shift:
                price = of_shift + of_letter * abs(shift - other_shift)
                chained = total - price * (shift != other_shift)
                if chained > before:
                    before, place = chained, number
        reached.append(before + score)
        previous.append(place)
    best = max(reached)
    places: list[tuple[int, int]] = []
    last: int | None = reached.index(best)
    while last is not None:
        places.append(ordered[last][:2])
        last = previous[last]
    return best, places[::-1]


def _find_segments(
    words: _Words, query: bytes, scores: bytes, least: int, window: int, drop: int, score: int
) -> Iterator[tuple[int, _Segment]]:
    """Yield the segments around words that a query shares with the texts, with the number of the text."""
    if not query.isascii() or len(scores) != _LETTERS**2:
        raise ValueError("a query is in ASCII, and scores are of two letters of it")
    seen: dict[tuple[int, int], int] = {}  # where the last word of a diagonal ended
    extended: dict[tuple[int, int], int] = {}  # up to where a diagonal was extended
    for start in range(len(query) - words.word + 1):
        for number, place in words.places.get(query[start : start + words.word], ()):
            diagonal = number, place - start
            if extended.get(diagonal, -1) > start:
                continue
            if least > 1:
                last = seen.get(diagonal)
                if last is not None and start < last:
                    continue  # of overlapping words the first counts
                seen[diagonal] = start + words.word
                if last is None or start - last > window:
                    continue
            text, shift = words.texts[number], place - start
            first, end, best = _extend(query, start, text, shift, scores, drop)
            extended[diagonal] = end
            if best >= score:
                yield number, (first, end, shift, best)


def _extend(
    query: bytes, start: int, text: bytes, shift: int, scores: bytes, drop: int
) -> tuple[int, int, int]:
    """Return start, end and score of the segment around a word."""
    of_pair = memoryview(scores).cast("b")
    total = best = 0
    end = start
    for place in range(start, min(len(query), len(text) - shift)):
        total += of_pair[query[place] * _LETTERS + text[place + shift]]
        if total > best:
            best, end = total, place + 1
        elif total < best - drop:
            break
    total, first = best, start
    for place in range(start - 1, max(-1, -shift - 1), -1):
        total += of_pair[query[place] * _LETTERS + text[place + shift]]
        if total > best:
            best, first = total, place
        elif total < best - drop:
            break
    return first, end, best
