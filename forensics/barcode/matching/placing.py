"""The edits of one sequence placed whole, with free ends, in another.

By edlib, or by the same algorithm in the compiled module, which does without edlib's call and
computes only what a placement within the limit can cross. Both are exact.
"""

import edlib

from forensics.barcode.sequence import EQUALITIES

try:
    from forensics.barcode.matching import _placing as _kernel
except ImportError:  # built without a compiler
    _kernel = None

__all__ = ["align", "fitting", "placed", "starts"]

_UNKNOWN = -2  # letters that are no IUPAC codes, on both sides: they may be the same ones


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
    return align(inner, outer, most, mode="HW", task="distance")["editDistance"]


def starts(inner: bytes, outer: bytes, most: int) -> list[int]:
    """Return where in `outer` the best placements of `inner` begin; none above `most` edits.

    Parameters as of `placed`.
    """
    # Where it lies is dear to find out, that it lies nowhere is cheap for the compiled module.
    if _kernel is not None and placed(inner, outer, most) < 0:
        return []
    found = align(inner, outer, most, mode="HW", task="locations")
    return (
        sorted({start for start, _end in found["locations"]}) if found["editDistance"] >= 0 else []
    )


def fitting(inners: tuple[bytes, ...], outer: bytes, most: int) -> list[int]:
    """Return the places of those of `inners` that have at most `most` edits in `outer`.

    Parameters as of `placed`. Letters that are no IUPAC codes fit nothing.
    """
    longest = max(map(len, inners), default=0)
    if _kernel is not None and longest <= len(outer):
        return _kernel.fitting(inners, outer, most)
    return [i for i, inner in enumerate(inners) if placed(inner, outer, most) >= 0]


def align(inner: bytes, outer: bytes, most: int, *, mode: str, task: str) -> dict:
    """Return what edlib says of two sequences, with IUPAC codes matching what they stand for."""
    equalities = None if _plain(inner) and _plain(outer) else EQUALITIES
    return edlib.align(inner, outer, mode=mode, task=task, k=most, additionalEqualities=equalities)


def _plain(sequence: bytes) -> bool:
    return not sequence.translate(None, b"ACGT")
