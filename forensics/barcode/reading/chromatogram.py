"""Sanger chromatograms: read with Biopython, checked, trimmed by quality, with their double peaks.

An ABIF file (.ab1) holds a directory of tagged items. What is used of it: the bases as the
base caller called them (PBAS 2), their qualities (PCON 2), the scan at which each was called
(PLOC 2), the four channels after the instrument's own analysis (DATA 9 to 12, in the order
of FWO_), and what identifies the run. Every file is taken as hostile: sizes and places are
checked before Biopython reads it, and values afterwards.

Double peaks: at each call the highest other channel that has a summit of its own there is looked
for. A shoulder of the neighbouring base has no summit and is none. What the same colour shows under
most bases of the same kind is spectral pull-up or noise, and not counted either.

A few double peaks are heteroplasmy, damage or noise, and nobody can tell which from one read.
Many of them, spread along the read, are two templates: a mixture of individuals or species, or
a nuclear copy (NUMT) that was amplified along. A stretch where most bases are double is one
template shifted against the other.

References
----------
Applied Biosystems Genetic Analysis Data File Format, Applied Biosystems 2009.
Hill et al. 2014, Poly peak parser, doi:10.1002/dvdy.24183; sangerseqR (Bioconductor) takes
the same ratio of 0.33.
"""

import io
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from forensics.barcode.locus import IUPAC
from forensics.errors import InputError
from forensics.messages import _

if TYPE_CHECKING:
    import numpy


# Error probability at which a base is worth nothing: phred's own default for trimming
# (option -trim_cutoff of phred, Ewing et al. 1998, doi:10.1101/gr.8.3.175), and Biopython's.
MOTT_CUTOFF = 0.05
# Bytes. Files of instruments have 0.1 to 0.5 MB; eight times that is not a chromatogram.
CHROMATOGRAM_LIMIT = 4 * 2**20
# FASTQ can write no higher quality; base callers give at most 62 (KB) or 90 (phred).
MAX_QUALITY = 93
# Instruments write 80 to 150 items.
_MAX_ITEMS = 2000

_HEADER = struct.Struct(">4sH4sI2H3I")
_ITEM = struct.Struct(">4sI2H4I")

# What is kept of the run: our word, the item of the file. Not the comment (CMNT): free text,
# in which people's names stand.
_RUN = {
    "sample": "SMPL1",
    "date": "RUND1",
    "time": "RUNT1",
    "machine": "MCHN1",
    "model": "MODL1",
    "well": "TUBE1",
    "basecaller": "SVER2",
    "mobility": "PDMF2",
}
_MAX_FACT = 200
_CONTROL = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")


@dataclass(frozen=True, eq=False)
class Chromatogram:
    """A chromatogram and the part of it that trimming kept.

    Attributes
    ----------
    sequence : str
        All bases as the base caller called them, upper case.
    qualities : tuple of int
        Phred quality of each base.
    start, end : int
        The part that trimming keeps is ``sequence[start:end]``.
    positions : tuple of int
        Scan at which each base was called, rising; empty where the file holds none.
    channels : mapping of str to numpy.ndarray, shape (scans,), float64
        Signal of A, C, G and T, in the instrument's units; empty where the file holds none.
    run : mapping of str to str
        What the file says of the run: ``sample``, ``date``, ``machine``, ``basecaller`` …,
        as far as it says it. It is what somebody typed, not proof.
    edited : bool
        Whether the file also holds bases that somebody edited, and they differ. They are not
        used.
    """

    sequence: str
    qualities: tuple[int, ...]
    start: int
    end: int
    positions: tuple[int, ...] = ()
    channels: Mapping[str, "numpy.ndarray"] = field(default_factory=dict)
    run: Mapping[str, str] = field(default_factory=dict)
    edited: bool = False

    @property
    def trimmed(self) -> str:
        """The bases that are worth examining; empty where none are."""
        return self.sequence[self.start : self.end]

    @property
    def kept_qualities(self) -> tuple[int, ...]:
        """The qualities of `trimmed`."""
        return self.qualities[self.start : self.end]

    @property
    def expected_errors(self) -> float:
        """Wrong bases to be expected in `trimmed`: the sum of the error probabilities."""
        return math.fsum(map(error_probability, self.kept_qualities))

    @cached_property
    def amplitudes(self) -> "numpy.ndarray":
        """Signal at each call; shape (bases, 4) in the order A, C, G, T, float64.

        Without channels the shape is (0, 4).
        """
        import numpy

        if not self.channels:
            return numpy.zeros((0, 4))
        at = list(self.positions)
        return numpy.stack([self.channels[base][at] for base in "ACGT"], axis=1)


def error_probability(quality: float) -> float:
    """Return the probability that a base of this Phred quality is wrong.

    Ewing & Green 1998, doi:10.1101/gr.8.3.186.

    Examples
    --------
    >>> error_probability(20)
    0.01
    """
    return 10 ** (quality / -10)


def read_chromatogram(content: bytes, *, source: str) -> Chromatogram:
    """Read an ABI chromatogram (.ab1), trimmed by `trim`.

    Parameters
    ----------
    content : bytes
        The whole file.
    source : str
        Name of the file, for messages.

    Returns
    -------
    Chromatogram
        Without `positions` and `channels` where the file holds none.

    Raises
    ------
    InputError
        If the file is damaged, cut off, holds no called bases or no qualities.
    """
    if len(content) > CHROMATOGRAM_LIMIT:
        raise InputError(
            _("the file is larger than {limit} MB, which no chromatogram is").format(
                limit=CHROMATOGRAM_LIMIT // 2**20
            ),
            source=source,
        )
    try:
        items = _items(content)
    except Exception as error:  # Biopython's parser of this format fails in many ways
        raise _damaged(source) from error
    sequence = _text(items.get("PBAS2")).upper()
    if not sequence:
        raise InputError(
            _(
                "the chromatogram has no called bases; call them again, unless it is a fragment "
                "analysis"
            ),
            source=source,
        )
    if set(sequence) - IUPAC.keys():
        raise _damaged(source)
    called = items.get("PCON2")
    qualities = tuple(called) if isinstance(called, (bytes, tuple, list)) else ()
    # Old base callers write a quality of 0 everywhere.
    if not qualities or (not any(qualities) and set(sequence) != {"N"}):
        raise InputError(
            _(
                "the chromatogram has no base qualities, so its ends cannot be trimmed; call its "
                "bases again with a base caller that gives them, such as KB or phred"
            ),
            source=source,
        )
    if len(qualities) != len(sequence) or max(qualities) > MAX_QUALITY:
        raise _damaged(source)
    positions, channels = _signal(items, len(sequence), source)
    edited = _text(items.get("PBAS1")).upper()
    return Chromatogram(
        sequence,
        qualities,
        *trim(qualities),
        positions=positions,
        channels=channels,
        run={
            name: fact
            for name, tag in _RUN.items()
            if (fact := _text(items.get(tag)).translate(_CONTROL).strip()[:_MAX_FACT])
        },
        edited=bool(edited) and edited != sequence,
    )


def trim(qualities: Sequence[int]) -> tuple[int, int]:
    """Return start and end of the stretch of good bases.

    Mott's algorithm: the stretch with the largest sum of `MOTT_CUTOFF` minus the error
    probability of each base. Biopython's ``abi-trim`` is not used, because it starts at the
    first good base of the file, however many bad ones follow.

    Parameters
    ----------
    qualities : sequence of int
        Phred quality of each base.

    Returns
    -------
    (int, int)
        The stretch is ``[start:end]``; ``(0, 0)`` where there is none.

    References
    ----------
    The "modified Mott trimming algorithm" of phred, http://www.phrap.org/phredphrap/phred.html.

    Examples
    --------
    >>> trim([40, 2, 2, 2, 40, 40, 40, 2])
    (4, 7)
    """
    best, kept = 0.0, (0, 0)
    total, start = 0.0, 0
    for position, quality in enumerate(qualities):
        total += MOTT_CUTOFF - error_probability(quality)
        if total <= 0:
            total, start = 0.0, position + 1
        elif total > best:
            best, kept = total, (start, position + 1)
    return kept


def _items(content: bytes) -> dict[str, object]:
    """Return the items of an ABIF file under name and number, such as PBAS2.

    Raises whatever Biopython does, or ValueError: the file is not as it should be.
    """
    from Bio import SeqIO

    _magic, _version, _name, _number, _kind, size, count, _bytes, start = _HEADER.unpack_from(
        content
    )
    if size != _ITEM.size or count > _MAX_ITEMS:
        raise ValueError("no directory")
    total = 0
    for place in range(count):
        *_what, _count, size, at = _ITEM.unpack_from(content, start + place * _ITEM.size)[:-1]
        if size > 4 and at + size > len(content):
            raise ValueError("an item lies outside the file")
        total += size
    # Items that share their bytes would unpack to far more than the file holds.
    if total > 2 * len(content):
        raise ValueError("the items overlap")
    return SeqIO.read(io.BytesIO(content), "abi").annotations["abif_raw"]


def _signal(
    items: Mapping[str, object], bases: int, source: str
) -> tuple[tuple[int, ...], dict[str, "numpy.ndarray"]]:
    """Return where each base was called, and the four channels; nothing where they are missing."""
    import numpy

    positions = items.get("PLOC2")
    traces = [items.get(f"DATA{number}") for number in range(9, 13)]
    order = _text(items.get("FWO_1")).upper()
    if positions is None or any(trace is None for trace in traces) or sorted(order) != list("ACGT"):
        return (), {}
    try:
        at = numpy.atleast_1d(numpy.asarray(positions, dtype="int64"))
        channels = [numpy.atleast_1d(numpy.asarray(trace, dtype="float64")) for trace in traces]
    except (TypeError, ValueError) as error:
        raise _damaged(source) from error
    scans = {channel.shape for channel in channels}
    if at.shape != (bases,) or len(scans) != 1 or channels[0].ndim != 1:
        raise _damaged(source)
    within = at[0] >= 0 and at[-1] < channels[0].size
    if not within or (numpy.diff(at) < 0).any() or not numpy.isfinite(channels).all():
        raise _damaged(source)
    for channel in channels:
        channel.setflags(write=False)
    return tuple(at.tolist()), {base: channels[order.index(base)] for base in "ACGT"}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return "" if value is None else str(value)


def _damaged(source: str) -> InputError:
    return InputError(
        _("the chromatogram is damaged or cut off; copy it again from the instrument"),
        source=source,
    )


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
    windows = numpy.array(_windows(chromatogram.positions, signal.shape[1]), dtype=numpy.intp)
    low, high = windows.reshape(-1, 2).T
    # Of every second part, from a window's first scan to that before its last.
    before = numpy.maximum.reduceat(signal, windows.ravel(), axis=1)[:, ::2]
    top = numpy.maximum(before, signal[:, high])
    # N, or called as a mixture: the highest peak is the first.
    first = numpy.array(["ACGT".find(base) for base in called], dtype=numpy.intp)
    first = numpy.where(first < 0, top.argmax(axis=0), first)
    calls = numpy.arange(len(called))
    height = top[first, calls]
    # Highest in the window and not at its edge, where it would be a neighbour's slope.
    inside = (top > signal[:, low]) & (top == before) & (top > 0) & (height > 0)
    heights = numpy.where(inside, top / numpy.where(height > 0, height, 1.0), 0.0).T  # of summits
    heights[calls, first] = 0.0
    read = slice(chromatogram.start, chromatogram.end)
    background = {
        base: numpy.median(heights[read][first[read] == base], axis=0) for base in set(first[read])
    }
    others = heights.argmax(axis=1)
    seconds = []
    ratios = heights[calls, others].tolist()
    for place, (base, other, ratio) in enumerate(zip(first.tolist(), others.tolist(), ratios)):
        usual = float(background[base][other]) if base in background else 0.0
        seconds.append(
            DoublePeak(place, "ACGT"[base], "ACGT"[other], ratio, usual) if ratio else None
        )
    return seconds


def double_peaks(chromatogram: Chromatogram, start: int, end: int) -> list[DoublePeak]:
    """Return the second peaks of a part of the calls that reach `RATIO` and stand out."""
    return [
        peak
        for peak in secondary_peaks(chromatogram)[start:end]
        if peak and peak.ratio >= max(RATIO, _OVER_BACKGROUND * peak.background)
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
