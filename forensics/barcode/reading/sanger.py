"""From the chromatograms of one sample to one sequence.

Trim by quality -> merge the reads -> trim primers -> look for double peaks.
`forensics.barcode.reading.sanger_report` says in words what was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from forensics.barcode.locus import LOCI, Primer
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reading.chromatogram import Chromatogram, error_probability
from forensics.barcode.reading.consensus import MIN_OVERLAP, Merged, Seen, merge
from forensics.barcode.reading.mixed import Site, TemplateEvidence, judge_double_peaks
from forensics.barcode.reading.peaks import double_peaks, secondary_peaks
from forensics.barcode.reading.primers import trim_primers
from forensics.barcode.sequence import reverse_complement

__all__ = ["Assembly", "assemble", "evidence"]

# A second peak is clear where half of ten bases on either side are Q35 and better: in ends and
# badly read stretches noise makes as many. Set together with `forensics.barcode.reading.mixed.MANY_SITES`.
_AROUND = 10
_WELL_READ = 35

# The primer at the far end of a read stands where bases are worst. Those under Q10 fit any base;
# of the others so many must fit, and so few may not. Twelve bases fit by chance in one end of
# ten thousand.
_UNREAD = 10
_FITTING = 12
_MISFITS = 0.15
# Bases that may follow a primer: a tail (18 of M13) and what a base caller makes of the end.
_BEHIND = 30
# Bases further out that one misfit outweighs: forms of one primer begin within a few bases.
_COST = 2


@dataclass(frozen=True)
class Assembly:
    """The sequence of a sample and how it came about.

    Attributes
    ----------
    sequence : str
        Without primers, on the strand of the first read used.
    reads : tuple of Chromatogram
        As given.
    kept : tuple of (int, int)
        Start and end of the part of each read that was used: of good quality, before the
        primer at the far end. Equal where none was.
    merged : Merged or None
        The consensus; None where no read has good bases.
    primers : tuple of Primer
        What was cut off, of the reads and of the consensus.
    start, end : int
        `sequence` is so much of `merged.sequence`.
    mixture : Mixture or None
        The double peaks within `sequence`.
    """

    sequence: str
    reads: tuple[Chromatogram, ...]
    kept: tuple[tuple[int, int], ...]
    merged: Merged | None = None
    primers: tuple[Primer, ...] = ()
    start: int = 0
    end: int = 0
    mixture: TemplateEvidence | None = None

    @property
    def consensus(self) -> Merged:
        """The consensus of the reads used.

        Raises
        ------
        ValueError
            If no read has good bases.
        """
        if self.merged is None:
            raise ValueError("no read has good bases")
        return self.merged

    @property
    def sites(self) -> tuple[Site, ...]:
        """The double peaks; none where there is no sequence."""
        return self.mixture.sites if self.mixture else ()

    def is_reversed(self, number: int) -> bool:
        """Return whether the consensus has the reverse complement of a read that is used."""
        return self.consensus.reversed[self.used.index(number)]

    @property
    def used(self) -> tuple[int, ...]:
        """Numbers of the reads that are in the sequence."""
        return tuple(number for number, (start, end) in enumerate(self.kept) if end > start)

    @property
    def expected_errors(self) -> float:
        """Wrong bases to be expected in `sequence`."""
        return sum(self.merged.errors[self.start : self.end]) if self.merged else 0.0


def assemble(reads: Sequence[Chromatogram]) -> Assembly:
    """Make one sequence of the chromatograms of one sample.

    Parameters
    ----------
    reads : sequence of Chromatogram
        At least one. A read without good bases, or with too few to be merged, is left out.

    Raises
    ------
    ReadsDisagree
        If the reads do not fit each other; its `read` counts in `reads`.
    """
    min_length = MIN_OVERLAP if len(reads) > 1 else 1
    kept, far = [], []
    for read in reads:
        end, primer = _before_far_primer(read)
        usable = end - read.start >= min_length
        kept.append((read.start, end) if usable else (0, 0))
        far.append(primer if usable else None)
    used = [number for number, (start, end) in enumerate(kept) if end > start]
    if not used:
        return Assembly("", tuple(reads), tuple(kept))
    merged = merge([evidence(reads[n], n, within=kept[n]) for n in used])
    # A code of the sequence fits no primer: a double peak in one would hide it.
    trimmed = trim_primers("".join(column[0].plain for column in merged.columns))
    # An end from which a read's far primer was cut is the animal's, whatever it resembles.
    done = {turned for turned, number in zip(merged.reversed, used) if far[number]}
    start, forward = (0, None) if True in done else (trimmed.start, trimmed.forward)
    end, reverse = (len(merged.sequence), None) if False in done else (trimmed.end, trimmed.reverse)
    start += _leading_n(merged.sequence[start:end])
    end -= _leading_n(merged.sequence[start:end][::-1])
    return Assembly(
        merged.sequence[start:end],
        tuple(reads),
        tuple(kept),
        merged,
        tuple(dict.fromkeys(primer for primer in (*far, forward, reverse) if primer)),
        start,
        end,
        judge_double_peaks(merged.columns[start:end], reads, used),
    )


def evidence(read: Chromatogram, number: int, *, within: tuple[int, int]) -> list[Seen]:
    """Return what read `number` says of each of its bases from start to end."""
    peaks = secondary_peaks(read)
    doubled = {peak.position for peak in double_peaks(read, within=within)}
    return [
        Seen(
            number,
            place,
            read.sequence[place],
            error_probability(read.qualities[place]),
            peaks[place] if peaks else None,
            place in doubled,
            _well_read(read.qualities, place),
        )
        for place in range(*within)
    ]


def _before_far_primer(read: Chromatogram) -> tuple[int, Primer | None]:
    """Return where the good part ends, and the primer at the end of the product, if one is there.

    It is looked for in the whole read, beyond the good part: trimming by quality often leaves
    a few bases of it, in which it cannot be recognised any more. The near primer is not in a
    read, which begins behind it.
    """
    bases = "".join(
        base if quality >= _UNREAD and base in "ACGT" else "N"
        for base, quality in zip(read.sequence, read.qualities)
    )
    matches = []
    for primer in _all_primers():
        text = reverse_complement(primer.sequence)
        first = max(read.start, len(bases) - len(text) - _BEHIND)
        if first >= len(bases):
            continue
        edits, places = semiglobal_placements(text, bases[first:], int(_MISFITS * len(text)))
        if edits is None:
            continue
        start, end = (first + place for place in places[0])
        read_well = sum(base != "N" for base in bases[start:end])
        fitting = read_well - text.count("N") - edits
        if fitting >= _FITTING:
            particular = sum(letter in "ACGT" for letter in text)
            matches.append((start - _COST * edits, fitting, particular, start, primer))
    if not matches:
        return read.end, None
    # The outermost made the copy; what fits further in is the animal's, or a nested primer's.
    *_why, start, primer = max(matches, key=lambda match: match[:3])
    return max(min(read.end, start), read.start), primer


@cache
def _all_primers() -> tuple[Primer, ...]:
    return tuple(primer for locus in LOCI for primer in locus.primers)


def _leading_n(sequence: str) -> int:
    return len(sequence) - len(sequence.lstrip("N"))


def _well_read(qualities: Sequence[int], place: int) -> bool:
    around = (
        *qualities[max(place - _AROUND, 0) : place],
        *qualities[place + 1 : place + 1 + _AROUND],
    )
    return bool(around) and median(around) >= _WELL_READ
