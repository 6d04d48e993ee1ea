"""SIMULATED chromatograms: peaks drawn from a sequence or a mixture, then called from the peaks.

What is simulated: Gaussian peaks that widen along the read, heights that vary from base to
base, signal that fades, strands that ran one base behind or ahead, spectral pull-up, noise,
unincorporated dye near bases 30 and 80, and ends that were read badly. A mixture is the sum of
its templates, each with heights of its own. Bases and qualities are then called from the
channels alone: the call knows nothing of the sequence.

The widths, the variation of heights (23 % in the traces of r-cran-bold, 30 % here) and how a
quality follows from the second peak were read off 14 real traces of KB 1.2 to 1.4.
"""

import numpy
from simulation import abif

from forensics.barcode.locus import reverse_complement
from forensics.barcode.reading.chromatogram import Chromatogram, trim

SPACING = 12
BASES = "ACGT"
# Median quality that KB gave at a second peak of so much of the first.
_RATIOS = (0.0, 0.08, 0.12, 0.16, 0.20, 0.25, 0.33, 0.45, 0.55, 0.65, 0.75, 0.85, 1.0)
_QUALITIES = (60, 55, 50, 42, 36, 29, 26, 24, 19, 17, 14, 12, 8)
# KB writes N at half of the second peaks from here on.
_UNCALLED = 0.8


def simulate(
    rng: numpy.random.Generator,
    templates: list[tuple[str, float]],
    *,
    reverse: bool = False,
    variation: float = 0.30,
    noise: float = 0.012,
    bad_ends: int = 30,
    end_noise: float = 1.2,
    phasing: float = 0.03,
) -> Chromatogram:
    """Return a chromatogram of a mixture of templates with their shares.

    Parameters
    ----------
    rng : numpy.random.Generator
    templates : list of (sequence, share)
        Of A, C, G, T, 5' to 3' on the forward strand.
    reverse : bool
        Whether the reverse strand is read.
    variation : float
        Coefficient of variation of the heights of one template's peaks.
    noise : float
        Standard deviation of the noise, of a mean peak's height.
    bad_ends : int
        Bases at either end over which the noise rises.
    end_noise : float
        Noise at the very ends; from 1 on nothing can be read there, at 0.4 it is Q10.
    phasing : float
        Share of strands one base behind, and as many ahead, at the end of the read.
    """
    strands = [
        (reverse_complement(sequence) if reverse else sequence, share)
        for sequence, share in templates
    ]
    length = max(len(sequence) for sequence, _share in strands)
    scans = (length + 4) * SPACING
    signal = numpy.zeros((4, scans))
    for sequence, share in strands:
        _add(rng, signal, sequence, share, variation, phasing)
    mixing = numpy.eye(4) + rng.uniform(0, 0.03, (4, 4)) * (1 - numpy.eye(4))
    signal = mixing @ signal
    for centre in (30, 80):
        if centre < length - 20 and rng.random() < 0.5:
            scan = numpy.arange(scans)
            blob = numpy.exp(-0.5 * ((scan - centre * SPACING) / (1.0 * SPACING)) ** 2)
            signal[rng.integers(4)] += rng.uniform(0.1, 0.5) * blob
    place = numpy.arange(scans) / SPACING - 2
    bad = numpy.maximum(1 - place / bad_ends, 1 - (length - place) / bad_ends) if bad_ends else 0
    level = noise + end_noise * numpy.clip(bad, 0, 1) ** 1.5
    white = rng.normal(0, 1, (4, scans))
    kernel = numpy.exp(-0.5 * (numpy.arange(-8, 9) / 3.0) ** 2)
    kernel /= numpy.sqrt((kernel**2).sum())
    smooth = numpy.stack([numpy.convolve(row, kernel, mode="same") for row in white])
    signal = numpy.clip(signal + level * smooth, 0, None)
    positions = numpy.round((numpy.arange(length) + 2) * SPACING + rng.normal(0, 0.4, length))
    return called(numpy.round(1000 * signal), positions.astype(int))


def _add(rng, signal, sequence, share, variation, phasing) -> None:
    spread = numpy.sqrt(numpy.log(1 + variation**2))
    reach = numpy.arange(-3 * SPACING, 3 * SPACING + 1)
    shift = rng.normal(0, 0.08 * SPACING)  # another dye or template runs a little ahead
    for place, base in enumerate(sequence):
        along = place / max(len(sequence), 1)
        height = share * rng.lognormal(-(spread**2) / 2, spread) * (1 - 0.4 * along)
        width = 3.6 + 1.0 * along
        out_of_step = phasing * along
        for step, part in ((0, 1 - 2 * out_of_step), (-1, out_of_step), (1, out_of_step)):
            centre = (place + 2 + step) * SPACING + shift + rng.normal(0, 0.3)
            scans = numpy.round(centre).astype(int) + reach
            inside = (scans >= 0) & (scans < signal.shape[1])
            peak = height * part * numpy.exp(-0.5 * ((scans - centre) / width) ** 2)
            signal[BASES.index(base), scans[inside]] += peak[inside]


def called(signal: numpy.ndarray, positions: numpy.ndarray) -> Chromatogram:
    """Call bases and qualities from the channels, shape (4, scans), at these scans.

    The quality follows from the second peak at this base and at its neighbours, as phred's
    does (Ewing & Green 1998, doi:10.1101/gr.8.3.186).
    """
    at = signal[:, positions]
    order = numpy.argsort(at, axis=0)
    first = at[order[3], numpy.arange(len(positions))]
    # What rises and falls again near the call is a second peak; a slope is a neighbour's.
    steps = numpy.arange(-SPACING // 2, SPACING // 2 + 1)
    near = numpy.clip(positions[:, None] + steps, 0, signal.shape[1] - 1)
    second = numpy.zeros(len(positions))
    for channel in range(4):
        window = signal[channel][near]
        inner = window[:, 1:-1]
        summits = (inner >= window[:, :-2]) & (inner >= window[:, 2:])
        highest = numpy.where(summits, inner, 0).max(axis=1)
        second = numpy.maximum(second, numpy.where(order[3] == channel, 0, highest))
    ratio = numpy.divide(second, first, out=numpy.ones_like(second), where=first > 0)
    near = numpy.maximum(numpy.roll(ratio, 1), numpy.roll(ratio, -1))
    worst = numpy.maximum(ratio, 0.5 * near)
    quality = numpy.interp(worst, _RATIOS, _QUALITIES)
    # A weak peak beside its neighbours is uncertain, too.
    usual = numpy.convolve(numpy.pad(first, 10, mode="edge"), numpy.ones(21) / 21, mode="valid")
    weak = numpy.clip(first / numpy.maximum(usual, 1) / 0.4, 0.2, 1)
    quality = numpy.round(quality * weak).astype(int)
    letters = [BASES[base] for base in order[3]]
    for place in numpy.flatnonzero(ratio >= _UNCALLED):
        letters[place] = "N"
    qualities = tuple(int(value) for value in quality)
    return Chromatogram(
        "".join(letters),
        qualities,
        *trim(qualities),
        positions=tuple(int(value) for value in positions),
        channels={base: signal[number] for number, base in enumerate(BASES)},
        run={"sample": "SIMULATED", "basecaller": "simulated"},
    )


def ab1_of(chromatogram: Chromatogram) -> bytes:
    """Return the chromatogram as the bytes of an .ab1 file."""

    def numbers(values) -> bytes:
        return numpy.asarray(values).astype(">i2").tobytes()

    bases, qualities = chromatogram.sequence.encode(), bytes(chromatogram.qualities)
    items = [("PBAS", 1, 2, bases), ("PBAS", 2, 2, bases), ("PCON", 2, 2, qualities)]
    items += [("PLOC", 2, 4, numbers(chromatogram.positions)), ("FWO_", 1, 2, b"GATC")]
    items += [("DATA", 9 + n, 4, numbers(chromatogram.channels[b])) for n, b in enumerate("GATC")]
    items += [("SMPL", 1, 18, b"\x09SIMULATED"), ("SVER", 2, 18, b"\x09simulated")]
    return abif(items)
