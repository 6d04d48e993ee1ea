"""The edits of one sequence placed whole, with free ends, in another.

By the aligner (`forensics.barcode.matching.aligner`), or by the same algorithm in the compiled module,
which does without the call and computes only what a placement within the limit can cross. Both are
exact.

`Words` are asked before anything is placed: most sequences have none in common.
"""

from collections.abc import Iterable

from forensics.barcode.matching import aligner
from forensics.barcode.sequence import EQUALITIES

__all__ = ["Words", "along", "compared", "fitting", "placed", "prepared", "starts"]

_kernel = aligner.compiled("_placing")
# Not told by the compiled module: letters that are no IUPAC codes on both sides may be the same ones.
_UNKNOWN = -2
# Of `Words`: bytes to begin with, and bits for each word at least; one in so many is then told in vain.
_FEW = 1 << 13
_BITS = 32


def placed(inner: bytes, outer: bytes, most: int) -> int:
    """Return the least edits of `inner` in `outer`; -1 where they exceed `most`.

    Parameters
    ----------
    inner, outer : bytes
        Clean sequences, neither empty.
    most : int
        At least 0.
    """
    if _kernel is not None and len(inner) <= len(outer):
        edits = _kernel.edits(inner, outer, most)
        if edits != _UNKNOWN:
            return edits
    return _align(inner, outer, most, mode="HW", task="distance")["editDistance"]


def starts(inner: bytes, outer: bytes, most: int) -> list[int]:
    """Return where in `outer` the best placements of `inner` begin; none above `most` edits.

    Parameters as of `placed`. Of those that end at one base, only the longest is told.
    """
    if _kernel is not None and len(inner) <= len(outer):
        told = _kernel.starts(inner, outer, most)
        if told is not None:
            return sorted(set(told))
    found = _align(inner, outer, most, mode="HW", task="locations")
    return (
        sorted({start for start, _end in found["locations"]}) if found["editDistance"] >= 0 else []
    )


def along(inner: bytes, outer: bytes, most: int) -> tuple[int, int]:
    """Return the edits of `inner` placed at the beginning of `outer`, and where it ends there.

    Parameters as of `placed`, but `inner` may be the longer.

    Returns
    -------
    (int, int)
        The least edits, -1 where they exceed `most`, and the bases of `outer` that the longest of
        equally good placements covers: the more that is compared, the better.
    """
    if _kernel is not None:
        told = _kernel.along(inner, outer, most)
        if told[0] != _UNKNOWN:
            return told
    found = _align(inner, outer, most, mode="SHW", task="locations")
    if found["editDistance"] < 0:
        return -1, 0
    return found["editDistance"], max(end for _start, end in found["locations"]) + 1


def fitting(inners: tuple[bytes, ...], outer: bytes, most: int) -> list[int]:
    """Return the places of those of `inners` that have at most `most` edits in `outer`.

    Parameters as of `placed`; those of up to 15 letters are placed at once. Letters that are no IUPAC
    codes fit nothing.
    """
    longest = max(map(len, inners), default=0)
    if _kernel is not None and longest <= len(outer):
        return _kernel.fitting(inners, outer, most)
    return [i for i, inner in enumerate(inners) if placed(inner, outer, most) >= 0]


def prepared(query: bytes, least: int) -> object | None:
    """Return a query for `compared`; None without the compiled module. See `comparing`."""
    return None if _kernel is None else _kernel.prepared(query, least)


def compared(*asked: object) -> tuple[bytes, bytes, int]:
    """Return the edits and bases of a query and many records; only with the compiled module."""
    return _kernel.compared(*asked)


class Words:
    """Words of one length, cut side by side from texts, to be found at any place of another.

    Each is a bit among many (Bloom 1970, doi:10.1145/362686.362692), and no text. Without the
    compiled module every place is told.

    Parameters
    ----------
    length : int
        Letters of a word.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._texts: list[str] = []
        self._count = 0
        self._marks = bytearray(_FEW)

    def add(self, text: str) -> None:
        """Cut a text, in ASCII, into words; one that is shorter than a word is one itself."""
        if _kernel is None:
            return
        self._texts.append(text)
        self._count += max(1, len(text) // self._length)
        if self._count * _BITS <= len(self._marks) * 8:
            _kernel.mark(self._marks, text, self._length, self._length)
            return
        while self._count * _BITS > len(self._marks) * 8:
            self._marks = bytearray(4 * len(self._marks))
        for one in self._texts:
            _kernel.mark(self._marks, one, self._length, self._length)

    def places(self, text: str) -> Iterable[int]:
        """Return where in a text a word may begin, ascending; no place of one is left out."""
        if _kernel is None or not text.isascii():
            return range(max(1, len(text) - self._length + 1))
        return _kernel.marked(self._marks, text, self._length)


def _align(inner: bytes, outer: bytes, most: int, *, mode: str, task: str) -> dict:
    """Return what the aligner says of two sequences, with IUPAC codes matching what they stand for."""
    equalities = None if _plain(inner) and _plain(outer) else EQUALITIES
    return aligner.align(
        inner, outer, mode=mode, task=task, k=most, additionalEqualities=equalities
    )


def _plain(sequence: bytes) -> bool:
    return not sequence.translate(None, b"ACGT")
