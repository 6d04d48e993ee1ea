"""Double peaks: where a second base shows under the called one, and what that may mean.

At each call the highest other channel that has a summit of its own there is looked for. A
shoulder of the neighbouring base has no summit and is none. What the same colour shows under
most bases of the same kind is spectral pull-up or noise, and not counted either.

A few double peaks are heteroplasmy, damage or noise, and nobody can tell which from one read.
Many of them, spread along the read, are two templates: a mixture of individuals or species, or
a nuclear copy (NUMT) that was amplified along. A stretch where most bases are double is one
template shifted against the other.

References
----------
Hill et al. 2014, Poly peak parser, doi:10.1002/dvdy.24183; sangerseqR (Bioconductor) takes
the same ratio of 0.33.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.reading.chromatogram import Chromatogram
from forensics.barcode.sequence import IUPAC

if TYPE_CHECKING:
    import numpy

__all__ = ["DoublePeak", "code_of", "double_peaks", "secondary_peaks"]

# Height of the second peak over that of the first from which both bases are taken as present;
# the default of sangerseqR and of Poly peak parser.
RATIO = 0.33
# Share of the way to the neighbouring call within which a summit belongs to this call. Dyes
# shift bands by up to a third of their distance after the instrument's correction.
_REACH = 0.4
# A second peak counts from so many times what the same colour shows under most bases of
# the same kind: the median, because in a mixture a quarter of the second bases agree by chance.
_OVER_BACKGROUND = 2.0

_CODES = {frozenset(bases): code for code, bases in IUPAC.items()}


@dataclass(frozen=True)
class DoublePeak:
    """A second peak under a called base.

    Attributes
    ----------
    position : int
        Of the call in the sequence of the chromatogram, from 0.
    base : str
        The base with the higher peak.
    other : str
        The base with the second one.
    ratio : float
        Height of the second peak over the first's.
    background : float
        Ratio that this colour shows under most bases of the same kind in this read.
    """

    position: int
    base: str
    other: str
    ratio: float
    background: float

    @property
    def code(self) -> str:
        """The IUPAC code of both bases."""
        return code_of(self.base + self.other)


def code_of(bases: str) -> str:
    """Return the IUPAC code that stands for these bases.

    Examples
    --------
    >>> code_of("CT")
    'Y'
    """
    return _CODES[frozenset(bases)]


def secondary_peaks(chromatogram: Chromatogram) -> list[DoublePeak | None]:
    """Return the highest second peak of each call, however low; None where there is none.

    Parameters
    ----------
    chromatogram : Chromatogram
        One without channels has no second peaks that could be seen: the list is empty.
    """
    import numpy

    if not chromatogram.channels:
        return []
    called = chromatogram.sequence
    signal = numpy.stack([chromatogram.channels[base] for base in "ACGT"])
    heights = numpy.zeros((len(called), 4))  # of summits
    called_bases = []
    for place, (low, high) in enumerate(_windows(chromatogram.positions, signal.shape[1])):
        window = signal[:, low : high + 1]
        top = window.max(axis=1)
        summit = window.argmax(axis=1)
        # Highest in the window and not at its edge, where it would be a neighbour's slope.
        inside = (summit > 0) & (summit < window.shape[1] - 1) & (top > 0)
        base = "ACGT".find(called[place])
        if base < 0:  # N, or called as a mixture: the highest peak is the first
            base = int(top.argmax())
        called_bases.append(base)
        if top[base] > 0:
            heights[place] = numpy.where(inside, top / top[base], 0.0)
        heights[place, base] = 0.0
    first = numpy.array(called_bases)
    background = {
        base: numpy.median(heights[kept], axis=0)
        for base in range(4)
        if (kept := _kept(chromatogram, numpy.equal(first, base))).any()
    }
    seconds = []
    for place, base in enumerate(first):
        other = int(heights[place].argmax())
        ratio = float(heights[place, other])
        usual = float(background[base][other]) if base in background else 0.0
        seconds.append(
            DoublePeak(place, "ACGT"[base], "ACGT"[other], ratio, usual) if ratio else None
        )
    return seconds


def double_peaks(
    chromatogram: Chromatogram, *, ratio: float = RATIO, within: Sequence[int] | None = None
) -> list[DoublePeak]:
    """Return the second peaks of the kept part that reach a ratio and stand out.

    Parameters
    ----------
    chromatogram : Chromatogram
    ratio : float
        Least height of the second peak over the first's.
    within : (int, int), optional
        Start and end of the part to look at; default: what quality trimming kept.
    """
    start, end = within or (chromatogram.start, chromatogram.end)
    return [
        peak
        for peak in secondary_peaks(chromatogram)[start:end]
        if peak and peak.ratio >= max(ratio, _OVER_BACKGROUND * peak.background)
    ]


def _windows(positions: Sequence[int], scans: int) -> list[tuple[int, int]]:
    """Return first and last scan that belong to each call."""
    windows = []
    for place, at in enumerate(positions):
        before = positions[place - 1] if place else 2 * at - positions[min(1, len(positions) - 1)]
        after = positions[place + 1] if place + 1 < len(positions) else 2 * at - before
        low = round(at - _REACH * max(at - before, 1))
        high = round(at + _REACH * max(after - at, 1))
        # One scan more at either end shows whether a summit is one.
        windows.append((max(min(low, at - 1), 0), min(max(high, at + 1), scans - 1)))
    return windows


def _kept(chromatogram: Chromatogram, chosen: "numpy.ndarray") -> "numpy.ndarray":
    inside = chosen.copy()
    inside[: chromatogram.start] = False
    inside[chromatogram.end :] = False
    return inside
