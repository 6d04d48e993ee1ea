"""What the double peaks of a sample's reads say together: noise, heteroplasmy or two templates.

What stands on both strands was in the sample; what only one of two strands shows was made by
the sequencing, such as unincorporated dye. Where only one read reaches, nobody can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.barcode.reading.chromatogram import Chromatogram
from forensics.barcode.reading.consensus import GAP, Column, Seen
from forensics.barcode.reading.peaks import DoublePeak, code_of, double_peaks

__all__ = [
    "CONFIRMING_RATIO",
    "DENSE_SHARE",
    "MANY_SITES",
    "MINOR_RATIO",
    "MINOR_SHARE",
    "MINOR_SITES",
    "Site",
    "TemplateEvidence",
    "judge_double_peaks",
    "superposed_from",
]

# A double peak of one strand counts as seen on the other from this height on. Heights vary by a
# third from strand to strand, so a peak of 0.33 may be lower there; noise of the same two
# bases at the same place is seldom so high.
CONFIRMING_RATIO = 0.15
# Clear double peaks from which a sample counts as mixed. Set on half of the simulated genera and
# tried on the other (benchmarks/chromatograms.py): reads of one template had 2, and 4 with
# ends as bad as Q10 over 120 bases; real ones had 2.
MANY_SITES = 5
# Where so many bases are double, clear or not, the bases between are badly read for that reason.
DENSE_SHARE = 0.15
# Low second peaks of the same bases on both strands: a second template with a small share. Found
# and tried like the above: pairs of one template had 11 at most, a real one of 421 bases.
MINOR_RATIO = 0.06
MINOR_SITES = 15
MINOR_SHARE = 0.02
# One template shifted against another differs at three bases in four, from a point on to the end;
# the last hundred bases may be as bad without it.
_TAIL = 130
_SHIFTED = 0.45
# Behind the end of a product there is no signal, and what noise does there means nothing.
_SIGNAL = 0.2


@dataclass(frozen=True)
class Site:
    """A double peak in the sequence of a sample.

    Attributes
    ----------
    position : int
        In the sequence, from 0.
    code : str
        IUPAC code of the two bases.
    ratio : float
        Height of the second peak over the first's, the highest of the reads that show it.
    where : str
        ``both`` strands show it; ``alone``: only one read reaches there; ``one``: another read
        reaches there and does not show it.
    clear : bool
        Whether a read that shows it is well read around.
    """

    position: int
    code: str
    ratio: float
    where: str
    clear: bool

    @property
    def counts(self) -> bool:
        """Whether it speaks for a second template."""
        return self.clear and self.where != "one"


@dataclass(frozen=True)
class TemplateEvidence:
    """What speaks for a second template.

    Attributes
    ----------
    sites : tuple of Site
        All double peaks, in the order of the sequence.
    minor : int
        Columns in which both strands show the same low second peak.
    compared : int
        Bases that were looked at.
    superposed : tuple of (int, int)
        Reads and the base, from 0, from which most of their bases are double.
    """

    sites: tuple[Site, ...]
    minor: int
    compared: int
    superposed: tuple[tuple[int, int], ...]

    @property
    def counted(self) -> int:
        """Number of sites that speak for a second template."""
        return sum(site.counts for site in self.sites)

    @property
    def many(self) -> bool:
        """Whether double peaks are so many that two templates were read."""
        return self.counted >= MANY_SITES or self.dense

    @property
    def dense(self) -> bool:
        """Whether double peaks, clear or not, are so dense that two templates were read."""
        return len(self.sites) > DENSE_SHARE * self.compared

    @property
    def faint(self) -> bool:
        """Whether low second peaks agree on both strands more often than chance has it."""
        return self.minor >= max(MINOR_SITES, MINOR_SHARE * self.compared)

    @property
    def mixed(self) -> bool:
        """Whether the sample must not be called with confidence."""
        return self.many or self.faint or bool(self.superposed)


def judge_double_peaks(
    columns: Sequence[Column], reads: Sequence[Chromatogram], used: Sequence[int]
) -> TemplateEvidence:
    """Judge the second peaks of merged reads.

    Parameters
    ----------
    columns : sequence of tuple of Seen
        Evidence of each base of the sequence, without primers.
    reads : sequence of Chromatogram
        In the order in which `Seen.read` counts them.
    used : sequence of int
        Those that are in the columns.
    """
    sites = [site for place, column in enumerate(columns) if (site := _site(place, column))]
    both = [column for column in columns if sum(seen.peak is not None for seen in column) > 1]
    minor = [
        column
        for column in both
        if len({_pair(seen.peak) for seen in column if seen.peak}) == 1
        and all(seen.clear and seen.ratio >= MINOR_RATIO for seen in column if seen.peak)
    ]
    shifted = [
        (number, place) for number in used if (place := superposed_from(reads[number])) is not None
    ]
    return TemplateEvidence(tuple(sites), len(minor), len(columns), tuple(shifted))


def superposed_from(chromatogram: Chromatogram) -> int | None:
    """Return the call from which on most calls have a second peak; None where there is none.

    Also behind the part that trimming kept, as far as there is signal: two templates that are
    shifted against each other are badly read there, and the clean part before looks like a
    whole read.
    """
    import numpy

    heights = chromatogram.amplitudes.max(axis=1, initial=0)
    if not len(heights) or chromatogram.start == chromatogram.end:
        return None
    usual = numpy.median(heights[chromatogram.start : chromatogram.end])
    reached = numpy.flatnonzero(heights >= _SIGNAL * usual)
    end = int(reached[-1]) + 1 if len(reached) else chromatogram.end
    doubled = numpy.zeros(len(heights))
    for peak in double_peaks(chromatogram, within=(chromatogram.start, end)):
        doubled[peak.position] = heights[peak.position] >= _SIGNAL * usual
    before = numpy.concatenate([[0], numpy.cumsum(doubled)])[:end]
    left = end - numpy.arange(end)
    shares = (before[-1] + doubled[end - 1] - before) / left
    starts = numpy.flatnonzero((shares >= _SHIFTED) & (left >= _TAIL))
    starts = starts[starts >= chromatogram.start]
    if not len(starts):
        return None
    # The place after which doubles stand most densely beside those before it.
    excess = numpy.cumsum((doubled[:end] - _SHIFTED)[::-1])[::-1]
    return int(starts[excess[starts].argmax()])


def _site(place: int, column: Column) -> Site | None:
    showing = [seen for seen in column if seen.double]
    best = max(showing, key=lambda seen: seen.ratio, default=None)
    if best is None or best.peak is None:
        return None
    pair = _pair(best.peak)
    others = [seen for seen in column if seen is not best and seen.base != GAP]
    if any(_shows(seen, pair) for seen in others):
        where = "both"
    else:
        where = "one" if others else "alone"
    clear = any(seen.clear for seen in showing)
    return Site(place, code_of("".join(pair)), best.ratio, where, clear)


def _shows(seen: Seen, pair: frozenset[str]) -> bool:
    peak = seen.peak
    return peak is not None and peak.ratio >= CONFIRMING_RATIO and _pair(peak) == pair


def _pair(peak: DoublePeak) -> frozenset[str]:
    return frozenset((peak.base, peak.other))
