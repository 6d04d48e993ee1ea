"""The kernel of the search: edits, placements and paths of two sequences, and bounds for many records.

Compiled (``_kernel.c``), or, where there is no compiler, in Python (`forensics.barcode.matching.reference`):
the answers are the same, and nothing else in the package knows which of them it is. That the reference stands in
is said once a run. `FORENSICS_PURE` in the environment takes the reference on any system: to check
results with it, or to see how long a computer without a compiler takes.

Letters match as IUPAC codes: R matches A, G, N and K, not Y; letters that are not IUPAC codes match nothing.
With ``exact=True`` a letter matches itself alone.
"""

import importlib
import os
import struct
import sys
from collections.abc import Sequence
from itertools import accumulate
from types import ModuleType
from typing import Any

from forensics.messages import _

#: How a query lies on a record: the shorter whole in the longer, or with its right or left end out.
WHOLE, RIGHT, LEFT = range(3)


# What Python names the process that no other one of its kind started.
_FIRST = "MainProcess"


def _choose() -> ModuleType:
    """Return the compiled kernel, or the reference where there is none or the environment asks for it."""
    if not os.environ.get("FORENSICS_PURE"):
        try:
            return importlib.import_module("forensics.barcode.matching._kernel")
        except ImportError:  # built without a compiler
            _say(
                _(
                    "Sequences are compared without the compiled kernel, by the reference in Python: the "
                    "results are the same, but searches take many times as long. To get the kernel, "
                    "install a C compiler, and then the package again from its source, without its cached wheel "
                    "(docs/installing.md)."
                )
            )
    else:
        _say(
            _(
                "FORENSICS_PURE is set: sequences are compared by the reference in Python. The results "
                "are the same, but searches take many times as long."
            )
        )
    from forensics.barcode.matching import reference

    return reference


def _say(text: str) -> None:
    """Say what is true of the run once, on standard error; processes of a script's own do not repeat it."""
    processes = sys.modules.get("multiprocessing")  # loaded in every process that was started
    if processes is None or processes.current_process().name == _FIRST:
        import logging  # not loaded where there is nothing to say

        logging.getLogger("forensics").warning(_("Note: {}").format(text))


#: The module that does the work.
implementation: Any = _choose()


def is_compiled() -> bool:
    """Return whether the compiled kernel does the work, and not the reference."""
    return implementation.__name__.endswith("._kernel")


# -- two sequences ----------------------------------------------------------------


def semiglobal_distance(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None, *, exact: bool = False
) -> int | None:
    """Return the least edits of one sequence placed whole, with free ends, in another.

    Parameters
    ----------
    inner, outer : str or bytes
        In ASCII letters, neither empty; either may be the longer.
    max_edits : int, optional
        At least 0; the fewer, the faster. Default: no limit.
    exact : bool
        Whether a letter matches itself alone.

    Returns
    -------
    int or None
        Substitutions, insertions and deletions; None where they exceed `max_edits`.

    Raises
    ------
    ValueError
        If a sequence is empty or has letters beyond ASCII, or `max_edits` is negative.

    References
    ----------
    Myers 1999, doi:10.1145/316542.316550.

    Examples
    --------
    >>> semiglobal_distance("ACGT", "TTAGTTT"), semiglobal_distance("ACGT", "CCCC", 2)
    (1, None)
    """
    return implementation.semiglobal_distance(inner, outer, _limit(inner, max_edits), exact)


def identity(first: str, second: str, *, least: float = 0.0) -> float:
    """Return the identity of two clean sequences of one strand.

    The shorter is placed whole, with free ends, inside the longer, as
    `forensics.barcode.matching.search` does.

    Parameters
    ----------
    first, second : str
        Neither may be empty.
    least : float
        Below this 0.0 is returned, which is found out faster.

    Returns
    -------
    float
        0-1. Sequences that have nothing in common come to about a half, since gaps and
        four letters allow so much.
    """
    shorter, longer = (first, second) if len(first) <= len(second) else (second, first)
    most = int((1 - least) * len(shorter) + 1e-9)
    edits = semiglobal_distance(shorter, longer, most)
    return 0.0 if edits is None else 1 - edits / len(shorter)


def semiglobal_placements(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None, *, exact: bool = False
) -> tuple[int | None, list[tuple[int, int]]]:
    """Return the least edits of a sequence in another, and where it has so few.

    Parameters and errors are those of `semiglobal_distance`.

    Returns
    -------
    (int or None, list of (int, int))
        The edits, and for every base of `outer` at which a best placement ends, ascending: where the
        longest of them begins, and its end (exclusive). None and no places above `max_edits`.

    Examples
    --------
    >>> semiglobal_placements("ACGT", "TTAGTTT")
    (1, [(2, 5)])
    """
    return implementation.semiglobal_placements(inner, outer, _limit(inner, max_edits), exact)


def best_starts(inner: str | bytes, outer: str | bytes) -> list[int]:
    """Return where in `outer` the best placements of `inner` begin, ascending; see above."""
    _edits, places = semiglobal_placements(inner, outer)
    return sorted({start for start, _end in places})


def prefix_ends(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None
) -> tuple[int | None, list[int]]:
    """Return the least edits of a sequence at the beginning of another, and where it ends there.

    Parameters and errors are those of `semiglobal_distance`.

    Returns
    -------
    (int or None, list of int)
        The edits, and how many bases of `outer` each of the best placements covers, ascending.
    """
    return implementation.prefix_ends(inner, outer, _limit(inner, max_edits), False)


def prefix_distance(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None
) -> tuple[int | None, int]:
    """Return the same edits, and the bases that the longest of the best placements covers, else 0."""
    edits, ends = prefix_ends(inner, outer, max_edits)
    return edits, ends[-1] if ends else 0


def match_any(inners: tuple[bytes, ...], outer: bytes, max_edits: int) -> list[int]:
    """Return the numbers of the sequences that have at most `max_edits` in `outer`, ascending.

    Sequences of up to 15 letters are placed at once. Errors are those of `semiglobal_distance`.
    """
    return implementation.match_any(inners, outer, max_edits)


def semiglobal_path(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None, *, exact: bool = False
) -> tuple[int | None, int, list[tuple[int, str]]]:
    """Return the first of the best placements of a sequence in another, base by base.

    Parameters and errors are those of `semiglobal_distance`.

    Returns
    -------
    (int or None, int, list of (int, str))
        The edits; where in `outer` the placement begins; and the steps, equal ones in a row counted:
        ``=`` and ``X`` two bases that match or do not, ``I`` a base of `inner` alone, ``D`` one of `outer`
        alone. Of equally good paths, read backwards, ``I`` comes before ``D``, and ``D`` before two bases.

    Examples
    --------
    >>> semiglobal_path("ACGT", "TTAGTTT")
    (1, 2, [(1, '='), (1, 'I'), (2, '=')])
    """
    return implementation.semiglobal_path(inner, outer, _limit(inner, max_edits), exact)


def prefix_path(
    inner: str | bytes, outer: str | bytes, max_edits: int | None = None
) -> tuple[int | None, int, list[tuple[int, str]]]:
    """Return the same for a sequence placed at the beginning of another: the shortest of the best."""
    return implementation.prefix_path(inner, outer, _limit(inner, max_edits), False)


def _limit(inner: str | bytes, max_edits: int | None) -> int:
    return len(inner) if max_edits is None else max_edits


# -- a query and the records of an index ------------------------------------------


def prepare_query(sequence: bytes, least: int) -> object:
    """Return a strand of a query for `compare_many`; an overlap has at least so many bases.

    Raises
    ------
    ValueError
        If `least` is not between 1 and the length of the sequence.
    """
    return implementation.prepare_query(sequence, least)


def compare_many(
    query: object,
    placement: int,
    sequences: bytes | memoryview,
    offsets: bytes | memoryview,
    records: bytes,
    needed: bytes,
    shared: bytes = b"",
) -> tuple[bytes, bytes, int]:
    """Compare a query with many records, as docs/search.md says.

    Parameters
    ----------
    query : object
        From `prepare_query`.
    placement : int
        `WHOLE`, `RIGHT` or `LEFT`.
    sequences : bytes-like
        Of all records, one after the other.
    offsets : bytes-like of uint64
        Where each begins, and the end of the last.
    records : bytes of uint32
        The numbers of the records to compare with.
    needed : bytes of float64
        The identity that each of them must reach, 0-1.
    shared : bytes of uint32
        How many of the distinct k-mers of the query each of them has (`count_shared`): the fewer, the sooner it is
        out. Empty where nobody knows.

    Returns
    -------
    (bytes of int32, bytes of int32, int)
        The edits, -1 where the identity is not reached; the bases compared; the alignments made.

    Raises
    ------
    ValueError
        If a record lies outside the sequences, or an argument does not fit the others.
    """
    return implementation.compare_many(
        query, placement, sequences, offsets, records, needed, shared
    )


def identities(sequence: str, others: Sequence[str], *, least: float = 0.0) -> list[float]:
    """Return the `identity` of a clean sequence with each of several, many at once."""
    if not others:
        return []
    count = len(others)
    edits, lengths, _aligned = compare_many(
        prepare_query(sequence.encode("ascii"), 1),
        WHOLE,
        "".join(others).encode("ascii"),
        struct.pack(f"{count + 1}Q", *accumulate(map(len, others), initial=0)),
        struct.pack(f"{count}I", *range(count)),
        struct.pack("d", least) * count,
    )
    both = zip(memoryview(edits).cast("i"), memoryview(lengths).cast("i"))
    return [0.0 if number < 0 else 1 - number / length for number, length in both]


#: Longer queries are bounded by the reference: the kernel has 16 bits for a bound.
MAX_BOUNDED_LENGTH = 2**16 - 2
#: So many haplotypes of a species the kernel keeps count of at most.
MAX_OF_SPECIES = 8


def takes(length: int) -> bool:
    """Return whether the compiled kernel searches for a query of so many bases."""
    return is_compiled() and length <= MAX_BOUNDED_LENGTH


NearQuery = tuple[tuple[bytes, bytes], tuple[int, int], int, int, int, int]
"""A query of `search_near`: its two strands, the placements asked for on each (the sum of ``1 << placement``), and
least, first, longer and codes as of `StrandBounds`."""


class StrandBounds:
    """How many edits every record of an index costs at least, for one strand of a query.

    Parameters
    ----------
    sequence : bytes
        The strand.
    sections : sequence of memoryview
        `Index.tables`.
    size : int
        Records of the index, numbered by length.
    least : int
        Bases of the least overlap.
    first, longer : int
        The first record of at least `least` bases, and of at least those of the query.
    codes : int
        IUPAC codes of the query.
    rate : float
        Edits a base above which a bound may be left out.
    whole, part : int
        Edits of a whole and of a partial placement above which a bound may be left out.

    Raises
    ------
    ValueError
        If the sections contradict each other.
    """

    def __init__(
        self, sequence: bytes, sections: Sequence[memoryview], size: int, least: int, first: int,
        longer: int, codes: int, rate: float, whole: int, part: int,
    ) -> None:  # fmt: skip
        self._by = implementation
        if len(sequence) > MAX_BOUNDED_LENGTH:
            from forensics.barcode.matching import reference

            self._by = reference
        self._bounds = self._by.bound_strand(
            sequence, sections, size, least, first, longer, codes, rate, whole, part
        )

    def smallest(self, placement: int) -> int | None:
        """Return a number that no bound of a placement is below; None where there is no record."""
        return self._by.smallest_bound(self._bounds, placement)

    def records_at(self, placement: int, edits: int, first: int, rate: float) -> memoryview:
        """Return the records from `first` on whose bound is `edits`, ascending, as uint32.

        From then on, bounds of more than `rate` edits a base may be left out.

        Raises
        ------
        ValueError
            If the sections contradict each other.
        """
        return memoryview(self._by.records_at(self._bounds, placement, edits, first, rate)).cast(
            "I"
        )


def search_near(
    queries: tuple[NearQuery, ...], sections: Sequence[memoryview], size: int, floor: float,
    partial_floor: float, margin: float, horizon: float, species: int, of_species: int,
    down_to_floor: bool, ignored: bytes, short: bool,
) -> list[tuple[bytes, bytes, float, int]]:  # fmt: skip
    """Return what `search` finds for each query, all in one call, during which other threads go on.

    Parameters
    ----------
    queries : tuple of NearQuery
        Of lengths that the kernel `takes`.
    sections, size
        As of `StrandBounds`.
    floor, partial_floor, margin, horizon, species, of_species, down_to_floor
        How far to look: see `forensics.barcode.matching.search`; at most 16 species, and `MAX_OF_SPECIES`
        haplotypes of each (with 0 all of them).
    ignored : bytes of uint32
        Numbers of species that do not count when it is decided how far to look.
    short : bool
        Whether to look for records too short to be compared.

    Returns
    -------
    list of (bytes, bytes, float, int)
        The hits, and those among records that are too short: haplotype, edits, length, strand and placement
        of each, as int32. The identity down to which these are all, as far as `of_species` goes; not all
        hits reach it. The alignments made.

    Raises
    ------
    ValueError
        If the sections contradict each other.
    """
    return implementation.search_near(
        queries, sections, size, floor, partial_floor, margin, horizon, species, of_species,
        down_to_floor, ignored, short,
    )  # fmt: skip


def find_near(
    strands: tuple[bytes, bytes], sections: Sequence[memoryview], size: int, least: int, first: int,
    longer: int, codes: int, floor: float, partial_floor: float,
) -> tuple[bytes, bytes] | None:  # fmt: skip
    """Return what `neighbours.find_neighbours` finds, all in one call, during which other threads go on.

    Parameters
    ----------
    strands : (bytes, bytes)
        The query and its reverse complement.
    sections, size, least, first, longer, codes
        As of `StrandBounds`.
    floor, partial_floor : float
        Identities under which a whole and a partial placement do not count.

    Returns
    -------
    (bytes of uint32, bytes of float64) or None
        The records, ascending, and their identities. None where the kernel was not compiled or the query is too
        long for it.

    Raises
    ------
    ValueError
        If the sections contradict each other.
    """
    if not takes(len(strands[0])):
        return None
    return implementation.find_near(
        strands, sections, size, least, first, longer, codes, floor, partial_floor
    )


# -- which k-mers of a text may have been seen before: most were not, and need not be looked up

# Bytes to begin with, and bits for each k-mer at least: one in so many is then looked up needlessly.
_MIN_BYTES = 1 << 13
_MIN_BITS = 32


class KmerFilter:
    """K-mers, cut side by side from texts, to be recognised at any place of another.

    Each is a bit among many (Bloom 1970, doi:10.1145/362686.362692), and no text.

    Parameters
    ----------
    length : int
        Letters of a k-mer.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._texts: list[str] = []
        self._count = 0
        self._marks = bytearray(_MIN_BYTES)

    def add(self, text: str) -> None:
        """Cut a text, in ASCII, into k-mers; one that is shorter than a k-mer is one itself."""
        self._texts.append(text)
        self._count += max(1, len(text) // self._length)
        added = [text]
        if self._count * _MIN_BITS > len(self._marks) * 8:
            while self._count * _MIN_BITS > len(self._marks) * 8:
                self._marks = bytearray(4 * len(self._marks))
            added = self._texts
        for new in added:
            implementation.mark_kmers(self._marks, new, self._length, self._length)

    def places(self, text: str) -> list[int]:
        """Return where in a text a known k-mer may begin, ascending; no place of one is left out."""
        if not text.isascii():
            return list(range(max(1, len(text) - self._length + 1)))
        return implementation.find_marked(self._marks, text, self._length)


# -- records far away, and exemplars --------------------------------------------------


def count_shared(sequence: bytes, sections: Sequence[memoryview], size: int) -> bytes:
    """Return how many of the distinct k-mers of a strand each record of an index has, as uint32.

    Parameters
    ----------
    sequence : bytes
    sections : sequence of memoryview
        `Index.tables`.
    size : int
        Records of the index.

    Raises
    ------
    ValueError
        If the sections contradict each other.
    """
    return implementation.count_shared(sequence, sections, size)


def best_of_groups(
    shared: bytes, lengths: bytes, group: bytes, left_out: bytes, *, length: int, least: int,
    groups: int, each: int, most: int,
) -> list[int]:  # fmt: skip
    """Return the records that have the highest shares of k-mers, a few of each group, the best first.

    Parameters
    ----------
    shared, lengths, group : bytes of uint32
        By record the k-mers that it shares (`count_shared`), its bases, and its group from 0.
    left_out : bytes
        By record whether it is passed over.
    length : int
        Bases of the strand; a share is of the shorter of both.
    least : int
        Bases below which a record is passed over.
    groups : int
        Number of groups.
    each, most : int
        Records of a group, and groups, that are returned.

    Raises
    ------
    ValueError
        If the arguments do not fit each other.
    """
    return implementation.best_of_groups(
        shared, lengths, group, left_out, length, least, groups, each, most
    )


def first_columns(
    rows: memoryview, starts: memoryview, firsts: memoryview, columns: int, first: int, end: int
) -> tuple[list[bytes], bytes]:
    """Return what some columns of the first record of each haplotype of an index say.

    Parameters
    ----------
    rows : memoryview
        Of all records, one after the other, with tabs between their columns.
    starts : memoryview of uint64
        Where each begins, and the end of the last.
    firsts : memoryview of uint32
        The first record of each haplotype, and the number of records.
    columns : int
        In a row.
    first, end : int
        The columns from `first` to before `end`, which is a column, too.

    Returns
    -------
    (list of bytes, bytes of uint32)
        What is said, each once, as it comes; by haplotype its place there.

    Raises
    ------
    ValueError
        If the sections contradict each other, or the arguments do not fit.
    """
    return implementation.first_columns(rows, starts, firsts, columns, first, end)


def kmer_table(haplotypes: list[str], k: int) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the sections ``kmer_*`` of an index, and what they do not say.

    Where a haplotype has IUPAC codes, it has every k-mer that they can stand for; but k-mers that can stand for more
    than 64 are hidden.

    Parameters
    ----------
    haplotypes : list of str
        Clean sequences.
    k : int
        Letters of a k-mer, at most 12.

    Returns
    -------
    (bytes, bytes, bytes, bytes)
        The number of haplotypes with each k-mer (4**k uint32), where its entry begins in the data in units of 4 bytes
        (4**k uint32), the data: a bitmap where that is shorter, else the ascending uint32 numbers; and of each
        haplotype how many k-mers that lie side by side are hidden (uint32), at most.

    Raises
    ------
    ValueError
        If `k` is too large, or there is more than numbers of 32 bits can say.
    """
    return implementation.kmer_table(haplotypes, k)


def pieces_of(texts: list[str], start: int) -> bytes:
    """Return a part of the section ``pieces`` of an index, by which records shorter than a query are excluded.

    Parameters
    ----------
    texts : list of str
        Clean sequences that follow each other.
    start : int
        Where the first of them begins among all.

    Returns
    -------
    bytes of uint16
        Of each text the number of its pieces of eight letters side by side that have an IUPAC code (65,535 is that many
        or more), and the pieces, two bits a letter and 0 for such a one; those of a text begin at an eighth of its
        place among all letters and one for each text before it.
    """
    return implementation.pieces_of(texts, start)


def index_words(texts: list[bytes], word: int) -> object:
    """Return the words of so many letters of texts, for `find_chains`.

    Raises
    ------
    ValueError
        If a text is not in ASCII, or a word has no letter.
    """
    return implementation.index_words(texts, word)


def find_chains(
    words: object, query: bytes, scores: bytes, rules: tuple[int, ...]
) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Return what a query shares with each text that it shares something with.

    Words that both have are extended to both sides without gaps; of these segments those that follow each other
    in both sequences are chained, so that the score is highest.

    Parameters
    ----------
    words : object
        From `index_words`.
    query : bytes
    scores : bytes of int8
        Of two letters a and b at 128 a + b.
    rules : tuple of int
        Words, 1 or 2, that must lie on one diagonal; letters between these at most; how far the score may fall
        below its highest before an extension ends; the least score of a segment; the price of a shift between two
        segments, and of each letter of it.

    Returns
    -------
    list of (int, int, list of (int, int))
        Number of the text, score of the chain, and start and end of its segments in the query, ascending; the
        text of which the first segment was found first comes first.

    Raises
    ------
    ValueError
        If the query is not in ASCII, or the scores are not of all pairs of its letters.
    """
    return implementation.find_chains(words, query, scores, *rules)
