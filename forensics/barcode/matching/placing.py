"""The edits of one sequence placed whole, with free ends, in another.

By the aligner (`forensics.barcode.matching.aligner`), or by the same algorithm in the compiled module,
which does without the call and computes only what a placement within the limit can cross. Both are
exact.
"""

from forensics.barcode.matching import aligner
from forensics.barcode.sequence import EQUALITIES

__all__ = ["along", "fitting", "placed", "starts"]

_kernel = aligner.compiled("_placing")
# Not told by the compiled module: letters that are no IUPAC codes on both sides may be the same ones.
_UNKNOWN = -2


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

    Parameters as of `placed`. Letters that are no IUPAC codes fit nothing.
    """
    longest = max(map(len, inners), default=0)
    if _kernel is not None and longest <= len(outer):
        return _kernel.fitting(inners, outer, most)
    return [i for i, inner in enumerate(inners) if placed(inner, outer, most) >= 0]


def _align(inner: bytes, outer: bytes, most: int, *, mode: str, task: str) -> dict:
    """Return what the aligner says of two sequences, with IUPAC codes matching what they stand for."""
    equalities = None if _plain(inner) and _plain(outer) else EQUALITIES
    return aligner.align(
        inner, outer, mode=mode, task=task, k=most, additionalEqualities=equalities
    )


def _plain(sequence: bytes) -> bool:
    return not sequence.translate(None, b"ACGT")
