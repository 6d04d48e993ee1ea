"""What the chromatograms of a sample show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.barcode.reading.reads import Query
from forensics.barcode.reading.samples import Sample, common_name, paths_of, read_to_show
from forensics.core.notice import Notice
from forensics.core.stored import stored, to_stored
from forensics.drawing import BARS, FAINT, open_axes
from forensics.io.files import AnyPath
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.reading.chromatogram import Chromatogram


class ReadFacts(NamedTuple):
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


class SeenFacts(NamedTuple):
    """What a read has at a place: its file, the number of its call from 1, and the base."""

    file: str
    call: int
    base: str


class ConflictFacts(NamedTuple):
    """A place of the sequence, counted from 1, at which reads differ."""

    place: int
    seen: tuple[SeenFacts, ...]


class PeakFacts(NamedTuple):
    """A double peak; as of `forensics.barcode.reading.sanger.Site`, the place counted from 1."""

    place: int
    code: str
    ratio: float
    where: str
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
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
    overlap: int | None = None
    agreement: float | None = None
    consensus_errors: float | None = None
    qualities: tuple[int, ...] = ()
    primers: tuple[str, ...] = ()
    conflicts: tuple[ConflictFacts, ...] = ()
    double_peaks: tuple[PeakFacts, ...] = ()
    mixed: bool | None = None
    notices: tuple[Notice, ...] = field(metadata=stored("warnings"))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, in the order of the documentation."""
        return to_stored(self)

    def plot(self, axes: Any = None) -> Any:
        """Draw the clear double peaks of the sequence by their height: filled where all strands show one.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ForensicsError
            If matplotlib is not installed.
        """
        axes = open_axes(axes, rows=6)
        for clear, colour, label in (
            (True, BARS, _("both strands show it")),
            (False, FAINT, _("one strand alone, or badly read")),
        ):
            peaks = [p for p in self.double_peaks if (p.clear and p.where == "both") == clear]
            places = [peak.place for peak in peaks]
            heights = [peak.ratio for peak in peaks]
            axes.vlines(places, 0, heights, color=colour)
            marked = colour if clear else "none"
            axes.plot(places, heights, "o", color=colour, markerfacecolor=marked, label=label)
        axes.set_xlim(1, self.consensus_length)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel(_("base of the sequence"))
        axes.set_ylabel(_("second peak / first"))
        axes.legend(title=self.sample, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1))
        return axes


def inspect_chromatograms(files: AnyPath | Sequence[AnyPath]) -> Inspection:
    """Return what chromatograms show that are reads of one sample, whatever their names.

    Raises
    ------
    InputError
        If a file cannot be read, is not a chromatogram or is of a person.
    """
    paths = paths_of(files)
    return inspect_sample(Sample(common_name(paths), paths))


def inspect_sample(sample: Sample) -> Inspection:
    """Return what the chromatograms of a sample show.

    Raises
    ------
    InputError
        If a file cannot be read, is not a chromatogram or is of a person; also if the names leave open
        what belongs together.
    """
    from forensics.barcode.reading.chromatogram import MAX_QUALITY

    reads, report = read_to_show(sample)
    assembly = report.assembly
    used = assembly.used if assembly else ()
    facts: dict[str, Any] = {
        "sample": sample.name,
        "consensus_length": len(report.sequence),
        "notices": (*filter(None, [report.problem]), *report.notes, *report.doubts),
        "reads": tuple(
            _describe_read(
                read,
                read.chromatogram,
                assembly is not None and n in used and assembly.is_reversed(n),
            )
            for n, read in enumerate(reads)
            if read.chromatogram
        ),
    }
    if assembly and assembly.mixture:
        facts["mixed"] = assembly.mixture.mixed
    if assembly is None or assembly.merged is None:
        return Inspection(**facts)
    merged, start = assembly.merged, assembly.start
    if len(used) > 1:
        facts |= {"overlap": merged.overlap, "agreement": merged.agreement}
    return Inspection(
        **facts,
        consensus_errors=round(assembly.expected_errors, 4),
        qualities=tuple(
            min(round(-10 * log10(error)), MAX_QUALITY)
            for error in merged.errors[start : assembly.end]
        ),
        primers=tuple(primer.name for primer in assembly.primers),
        conflicts=tuple(
            ConflictFacts(
                place - start + 1,
                tuple(
                    SeenFacts(reads[seen.read].source, seen.position + 1, seen.base)
                    for seen in column
                ),
            )
            for place, column in merged.conflicts
        ),
        double_peaks=tuple(
            PeakFacts(site.position + 1, site.code, round(site.ratio, 3), site.where, site.clear)
            for site in assembly.sites
        ),
    )


def _describe_read(read: Query, chromatogram: "Chromatogram", is_reversed: bool) -> ReadFacts:
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
        reverse=is_reversed,
    )
