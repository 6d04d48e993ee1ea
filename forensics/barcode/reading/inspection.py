"""What the chromatograms of a sample show, as typed values: lengths, qualities, peaks, agreement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Any

from forensics.barcode.reading.consensus import Merged
from forensics.barcode.reading.reads import Query
from forensics.barcode.reading.samples import (
    Sample,
    assess_reads,
    chromatogram_of,
    read_chromatograms,
    refuse_human,
)
from forensics.barcode.reading.sanger import Assembly
from forensics.core.notice import Notice
from forensics.core.stored import stored, to_stored

__all__ = [
    "ConflictFacts",
    "Inspection",
    "PeakFacts",
    "ReadFacts",
    "SeenFacts",
    "inspect_sample",
]

MAX_QUALITY = 93
"""The highest quality that FASTQ can write."""


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What one chromatogram shows.

    Attributes
    ----------
    file, sha256 : str
    run : dict of str to str
        What the file says of the run.
    bases : int
        All that were called.
    kept_from, kept_to : int or None
        First and last base of the good part, counted from 1; None without one.
    mean_quality : float or None
        Phred, of the good part.
    expected_errors : float
        Wrong bases to be expected in the good part.
    reverse : bool
        Whether the consensus has its reverse complement.
    """

    file: str
    sha256: str
    run: dict[str, str]
    bases: int
    kept_from: int | None
    kept_to: int | None
    mean_quality: float | None
    expected_errors: float
    reverse: bool


@dataclass(frozen=True, slots=True)
class SeenFacts:
    """What a read has at a place: its file, the number of its call from 1, and the base."""

    file: str
    call: int
    base: str


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """A place of the sequence, counted from 1, at which reads differ."""

    place: int
    seen: tuple[SeenFacts, ...]


@dataclass(frozen=True, slots=True)
class PeakFacts:
    """A double peak; as of `forensics.barcode.reading.mixed.Site`, the place counted from 1."""

    place: int
    code: str
    ratio: float
    where: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the chromatograms of a sample show.

    Attributes
    ----------
    sample : str
    reads : tuple of ReadFacts
    consensus_length : int
        Bases of the sequence.
    overlap : int or None
        Bases that several reads have in common; None of one read.
    agreement : float or None
        Share of the plainly called ones that agree, 0-1; None of one read.
    consensus_errors : float or None
        Wrong bases to be expected in the sequence; None where reads do not fit each other.
    qualities : tuple of int
        Phred quality of each base of the sequence.
    primers : tuple of str
        That were cut off.
    conflicts : tuple of ConflictFacts
    double_peaks : tuple of PeakFacts
    mixed : bool or None
        Whether more than one template was read; None where it cannot be said.
    notices : tuple of Notice
        The problem, notes and doubts.
    """

    sample: str
    reads: tuple[ReadFacts, ...]
    consensus_length: int
    overlap: int | None
    agreement: float | None
    consensus_errors: float | None
    qualities: tuple[int, ...]
    primers: tuple[str, ...]
    conflicts: tuple[ConflictFacts, ...]
    double_peaks: tuple[PeakFacts, ...]
    mixed: bool | None
    notices: tuple[Notice, ...] = field(metadata=stored("warnings"))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the documentation."""
        return to_stored(self)


def inspect_sample(sample: Sample) -> Inspection:
    """Return what the chromatograms of a sample show.

    Raises
    ------
    InputError
        If a file cannot be read, is not a chromatogram or is of a person; also if the names leave open
        what belongs together.
    """
    reads = read_chromatograms(sample)
    refuse_human(reads)
    report = assess_reads(sample, reads)
    assembly = report.assembly
    merged = assembly.merged if assembly else None
    facts = [_describe_read(read, assembly, number) for number, read in enumerate(reads)]
    notices = (*filter(None, [report.problem]), *report.notes, *report.doubts)
    if assembly is None or merged is None:
        return Inspection(
            sample=sample.name,
            reads=tuple(facts),
            consensus_length=len(report.sequence),
            overlap=None,
            agreement=None,
            consensus_errors=None,
            qualities=(),
            primers=(),
            conflicts=(),
            double_peaks=(),
            mixed=assembly.mixture.mixed if assembly and assembly.mixture else None,
            notices=notices,
        )
    is_pair = len(assembly.used) > 1
    return Inspection(
        sample=sample.name,
        reads=tuple(facts),
        consensus_length=len(report.sequence),
        overlap=merged.overlap if is_pair else None,
        agreement=merged.agreement if is_pair else None,
        consensus_errors=round(assembly.expected_errors, 4),
        qualities=tuple(
            min(round(-10 * log10(error)), MAX_QUALITY)
            for error in merged.errors[assembly.start : assembly.end]
        ),
        primers=tuple(primer.name for primer in assembly.primers),
        conflicts=_describe_conflicts(reads, merged, assembly.start),
        double_peaks=_describe_peaks(assembly),
        mixed=assembly.mixture.mixed if assembly.mixture else None,
        notices=notices,
    )


def _describe_read(read: Query, assembly: Assembly | None, number: int) -> ReadFacts:
    chromatogram = chromatogram_of(read)
    kept = chromatogram.kept_qualities
    return ReadFacts(
        file=read.source,
        sha256=read.sha256,
        run=dict(chromatogram.run),
        bases=len(chromatogram.sequence),
        kept_from=chromatogram.start + 1 if kept else None,
        kept_to=chromatogram.end if kept else None,
        mean_quality=round(sum(kept) / len(kept), 1) if kept else None,
        expected_errors=round(chromatogram.expected_errors, 3),
        reverse=assembly is not None and number in assembly.used and assembly.is_reversed(number),
    )


def _describe_conflicts(
    reads: Sequence[Query], merged: Merged, start: int
) -> tuple[ConflictFacts, ...]:
    return tuple(
        ConflictFacts(
            place - start + 1,
            tuple(
                SeenFacts(reads[seen.read].source, seen.position + 1, seen.base) for seen in column
            ),
        )
        for place, column in merged.conflicts
    )


def _describe_peaks(assembly: Assembly) -> tuple[PeakFacts, ...]:
    return tuple(
        PeakFacts(site.position + 1, site.code, round(site.ratio, 3), site.where, site.clear)
        for site in assembly.sites
    )
