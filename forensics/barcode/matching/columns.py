"""Alignments by edit distance without a compiled module: where edlib has no wheel, as on Windows.

`align` answers as edlib's does, ties included (docs/decisions/0018-without-edlib.md). The table of
edits is computed a column at a time. Neighbours in a column differ by -1, 0 or 1, so a column is two
whole numbers with one bit a base of the query: in ``up`` those that cost one more than the base
before, in ``down`` those that cost one less. Python's whole numbers have as many bits as are asked for,
so a column costs some fifteen operations, however long the query is.

References
----------
Myers 1999, doi:10.1145/316542.316550; in the form of Hyyrö 2003, Nordic Journal of Computing
10:29-39. Hirschberg 1975, doi:10.1145/360825.360861, for the paths of long sequences.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, groupby

__all__ = ["align"]

MODES, TASKS = ("NW", "HW", "SHW"), ("distance", "locations", "path")
# edlib counts in words of 64 bits. Where the query does not fill its last word, it also names the place
# before the target as an end, if nothing costs less than to insert the query there.
_WORD = 64
# What edlib keeps of a path, in bytes: 20 for every word of every column, and 8 for a column. From
# this much on it halves the target instead, and takes the first of equally good places there.
_HALVED_FROM = 1024 * 1024
# Columns between two looks whether a placement can still reach the limit.
_STRIDE = 16


class _Alike(dict):
    """The translations that write 1 where a letter of a query matches one of the target."""

    # There is one for each set of pairs; by this they are told apart in the cache of rows.
    __hash__, __eq__ = object.__hash__, object.__eq__

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        for pair in pairs:
            for one, other in (pair, pair[::-1]):
                self[one][ord(other)] = "1"

    def __missing__(self, letter: str) -> dict[int, str]:
        self[letter] = _Translation({ord(letter): "1"})
        return self[letter]


class _Translation(dict):
    def __missing__(self, _code: int) -> str:
        return "0"


class _Rows(dict):
    """Where a letter of the target matches the query, a bit a base: made when it is asked for."""

    def __init__(self, query: str, alike: _Alike) -> None:
        self.query, self.alike = query, alike
        self.backwards = query[::-1]  # the first base is the lowest bit
        self.full = (1 << len(query)) - 1

    def __missing__(self, letter: str) -> int:
        self[letter] = int(self.backwards.translate(self.alike[letter]), 2)
        return self[letter]


_alike = lru_cache(maxsize=64)(_Alike)
_rows = lru_cache(maxsize=16)(_Rows)


def align(
    query: str | bytes,
    target: str | bytes,
    mode: str = "NW",
    task: str = "distance",
    k: int = -1,
    additionalEqualities: Sequence[tuple[str, str]] | None = None,
) -> dict:
    """Align a query with a target as `edlib.align` does.

    Parameters
    ----------
    query, target : str or bytes
    mode : {"NW", "HW", "SHW"}
        The target as a whole, any part of it, or its beginning.
    task : {"distance", "locations", "path"}
    k : int
        Most edits; -1 for no limit.
    additionalEqualities : sequence of (str, str), optional
        Letters that match besides equal ones.

    Returns
    -------
    dict
        ``editDistance``, -1 where it exceeds `k`; ``locations``, the first and last base of every best
        place in the target, the first None for a distance alone; ``cigar``, the path at the first of
        them (``=``, ``X``, ``I`` for a base of the query alone, ``D`` for one of the target alone), or
        None.

    Raises
    ------
    ValueError
        For another mode or task.

    Examples
    --------
    >>> align("ACGT", "TTAGTTT", mode="HW", task="path")
    {'editDistance': 1, 'locations': [(2, 4)], 'cigar': '1=1I2='}
    """
    if mode not in MODES or task not in TASKS:
        raise ValueError(f"mode {mode!r}, task {task!r}: expected one of {MODES} and of {TASKS}")
    query, target = _text(query), _text(target)
    if not query or not target:  # the limit is not looked at, as in edlib
        edits, last = (max(len(query), len(target)), len(target) - 1) if mode == "NW" else (
            len(query), -1)  # fmt: skip
        return {"editDistance": edits, "locations": [(None, last)], "cigar": None}
    alike = _alike(tuple(additionalEqualities or ()))
    rows = _rows(query, alike)
    if mode == "NW":
        edits, ends = _distance(rows, target), [len(target) - 1]
        if 0 <= k < edits:
            edits, ends = -1, []
    else:
        most = min(k, len(query)) if k >= 0 else len(query)  # to insert it costs no more
        edits, ends = _ends(rows, target, most, free=mode == "HW")
    starts = [None] * len(ends)
    if task != "distance":
        starts = [_start(rows, target, end, edits) if mode == "HW" else 0 for end in ends]
    cigar = None
    if task == "path" and ends:
        steps = _path(query, target[starts[0] : ends[0] + 1], alike, edits)
        cigar = "".join(f"{len(list(run))}{step}" for step, run in groupby(steps))
    return {"editDistance": edits, "locations": list(zip(starts, ends)), "cigar": cigar}


def _text(sequence: str | bytes) -> str:
    return sequence if isinstance(sequence, str) else sequence.decode("latin-1")


def _ends(rows: _Rows, target: str, most: int, *, free: bool) -> tuple[int, list[int]]:
    """Return the least edits up to `most` and where placements end that have as many; -1 if none.

    `free`: the placement may begin anywhere in the target, not only at its first base.
    """
    length, full = len(rows.query), rows.full
    last, first = 1 << (length - 1), 0 if free else 1
    up, down, score, best = full, 0, length, most
    ends = [-1] if length % _WORD and length <= most else []
    for begin in range(0, len(target), _STRIDE):
        if score - (len(target) - begin) > best:  # each column takes off one at most
            break
        for place, letter in enumerate(target[begin : begin + _STRIDE], begin):
            same = rows[letter]
            diagonal = ((((same & up) + up) ^ up) | same | down) & full
            right = down | (full ^ (diagonal | up))
            left = up & diagonal
            # The highest bit is the whole query; taken off, it cannot leave the number below.
            if right >= last:
                score += 1
                right ^= last
            elif left >= last:
                score -= 1
                left ^= last
            right = right << 1 | first
            up = left << 1 | (full ^ (diagonal | right))
            down = right & diagonal
            if score <= best:
                if score < best:
                    best = score
                    ends.clear()
                ends.append(place)
    return (best, ends) if ends else (-1, [])


def _start(rows: _Rows, target: str, end: int, edits: int) -> int:
    """Return where the longest placement that ends at `end` begins."""
    if end < 0:
        return 0  # there is none; edlib says so
    first = max(0, end + 1 - len(rows.query) - edits)
    turned = _rows(rows.backwards, rows.alike)
    _edits, ends = _ends(turned, target[first : end + 1][::-1], edits, free=False)
    return end - ends[-1]


def _columns(rows: _Rows, target: str, kept: list | None = None) -> tuple[int, int]:
    """Return the last column of the whole query and the whole target, as ``up`` and ``down``.

    `kept` takes of every column ``up`` and what costs one more than in the column before.
    """
    full, up, down = rows.full, rows.full, 0
    for letter in target:
        same = rows[letter]
        diagonal = ((((same & up) + up) ^ up) | same | down) & full
        right = down | (full ^ (diagonal | up))
        shifted = (right << 1 | 1) & full
        up = ((up & diagonal) << 1 | (full ^ (diagonal | shifted))) & full
        down = shifted & diagonal
        if kept is not None:
            kept.append((up, right))
    return up, down


def _distance(rows: _Rows, target: str) -> int:
    up, down = _columns(rows, target)
    return len(target) + up.bit_count() - down.bit_count()


def _path(query: str, target: str, alike: _Alike, edits: int) -> str:
    """Return the steps that turn the whole query into the whole target, a letter each.

    Of equally good paths that of edlib: read backwards, a base of the query alone comes before one of
    the target alone, and both before two bases that stand opposite.
    """
    if not query or not target:
        return "I" * len(query) + "D" * len(target)
    words = -(-len(query) // _WORD)
    if (20 * words + 8) * len(target) >= _HALVED_FROM:
        return _halved(query, target, alike, edits)
    rows, kept, steps = _rows(query, alike), [], []
    _columns(rows, target, kept)
    row, column = len(query) - 1, len(target) - 1
    while row >= 0 and column >= 0:
        up, right = kept[column]
        if up >> row & 1:
            steps.append("I")
            row -= 1
        elif right >> row & 1:
            steps.append("D")
            column -= 1
        else:
            steps.append("=" if rows[target[column]] >> row & 1 else "X")
            row -= 1
            column -= 1
    steps.append("I" * (row + 1) + "D" * (column + 1))
    return "".join(reversed(steps))


def _halved(query: str, target: str, alike: _Alike, edits: int) -> str:
    """Return the steps of `_path`, the target cut in the middle."""
    half = len(target) // 2
    before = _scores(query, target[:half], alike)
    behind = _scores(query[::-1], target[half:][::-1], alike)[::-1]
    # Bases of the query before the cut; those at its ends are looked at last.
    for cut in (*range(1, len(query)), 0, len(query)):
        if before[cut] + behind[cut] == edits:
            break
    return _path(query[:cut], target[:half], alike, before[cut]) + _path(
        query[cut:], target[half:], alike, behind[cut]
    )


def _scores(query: str, target: str, alike: _Alike) -> list[int]:
    """Return the edits of the whole target and the first 0, 1, ... bases of the query."""
    up, down = _columns(_rows(query, alike), target)
    bits = (f"{number:0{len(query)}b}"[::-1] for number in (up, down))
    changes = ((one == "1") - (other == "1") for one, other in zip(*bits))
    return list(accumulate(changes, initial=len(target)))
