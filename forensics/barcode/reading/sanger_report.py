"""Says in words what was found in the chromatograms of a sample.

A problem forbids examining the sequence, a doubt forbids a confident call, a note is worth
knowing. ``forensics explain CODE`` says what to do for each code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.barcode.quality import FEW_AMBIGUOUS
from forensics.barcode.reading.chromatogram import Chromatogram
from forensics.barcode.reading.consensus import GAP, MIN_OVERLAP, ReadsDisagree
from forensics.barcode.reading.mixed import Site
from forensics.barcode.reading.sanger import Assembly, assemble
from forensics.barcode.sequence import IUPAC
from forensics.core.notice import Notice
from forensics.messages import _, ngettext, numeral
from forensics.notices import sequence as notices
from forensics.notices import unusable as unusable_notices

__all__ = ["MAX_EXPECTED_ERRORS", "AssemblyReport", "assemble_and_assess"]

# Share of wrong bases to be expected from which no name may be called: as much as the BARCODE
# standard admits of ambiguous bases (Hanner 2009), and half of what sets the nearest species
# apart (2 %, Hebert et al. 2003, doi:10.1098/rspb.2002.2218).
MAX_EXPECTED_ERRORS = FEW_AMBIGUOUS

_MAX_PLACES = 25  # in one message


@dataclass(frozen=True)
class AssemblyReport:
    """A sample's sequence and what must be said of it.

    Attributes
    ----------
    sequence : str
        Empty where the reads do not fit each other or have no good bases.
    problem : Notice or None
    notes, doubts : tuple of Notice
    assembly : Assembly or None
        None where the reads do not fit each other.
    """

    sequence: str
    problem: Notice | None
    notes: tuple[Notice, ...]
    doubts: tuple[Notice, ...]
    assembly: Assembly | None


def assemble_and_assess(
    reads: Sequence[Chromatogram], names: Sequence[str], *, strands: Sequence[str] = ()
) -> AssemblyReport:
    """Make one sequence of a sample's reads, and say what was found.

    Parameters
    ----------
    reads : sequence of Chromatogram
    names : sequence of str
        Of their files, for the messages.
    strands : sequence of str, optional
        What the names say of each read: ``+``, ``-``, or nothing.
    """
    try:
        assembly = assemble(reads)
    except ReadsDisagree as error:
        doubts: list[Notice] = []
        for read, name in zip(reads, names):
            doubts += _doubt_mixed(assemble([read]), name=name)
        return AssemblyReport("", _explain_disagreement(error, names), (), tuple(doubts), None)
    if not assembly.used:
        return AssemblyReport("", unusable_notices.LOW_QUALITY("chromatogram"), (), (), assembly)
    if problem := _find_wrong_strand(assembly, names, strands) or _find_copies(reads, names):
        return AssemblyReport("", problem, (), (), assembly)
    return AssemblyReport(
        assembly.sequence,
        None,
        (
            *_note_trimming(assembly, names),
            _note_origin(assembly, names),
            *_note_places(assembly, names),
        ),
        (*_doubt_mixed(assembly), *_doubt_errors(assembly)),
        assembly,
    )


def _find_copies(reads: Sequence[Chromatogram], names: Sequence[str]) -> Notice | None:
    """Return what is wrong where a read was given twice: it would seem to confirm itself."""
    seen: dict[tuple[str, tuple[int, ...]], str] = {}
    for read, name in zip(reads, names):
        first = seen.setdefault((read.sequence, tuple(read.qualities)), name)
        if first != name:
            return unusable_notices.READS_DISAGREE("copies", one=first, other=name)
    return None


def _explain_disagreement(error: ReadsDisagree, names: Sequence[str]) -> Notice:
    name, others = names[error.read], ", ".join(names[: error.read])
    if error.overlap < MIN_OVERLAP:
        return unusable_notices.READS_DISAGREE(
            "short_overlap", name=name, others=others, overlap=error.overlap, least=MIN_OVERLAP
        )
    return unusable_notices.READS_DISAGREE(
        "bases_differ",
        name=name,
        others=others,
        differing=error.differing,
        compared=error.compared,
    )


def _find_wrong_strand(
    assembly: Assembly, names: Sequence[str], strands: Sequence[str]
) -> Notice | None:
    """Return what is wrong where names say other strands than the bases do."""
    if not any(strands):
        return None
    used = assembly.used
    named = [strands[number] for number in used]
    for place, turned in enumerate(assembly.consensus.reversed):
        if named[0] and named[place] and (named[place] != named[0]) != turned:
            return unusable_notices.READS_DISAGREE(
                "strands",
                one=names[used[0]],
                other=names[used[place]],
                found=_("of two strands") if turned else _("of one strand"),
            )
    return None


def _note_trimming(assembly: Assembly, names: Sequence[str]) -> list[Notice]:
    """Say of each read what was cut off."""
    notes = []
    for number, read in enumerate(assembly.reads):
        if number not in assembly.used:
            notes.append(notices.READ_LEFT_OUT(name=names[number]))
            continue
        # Where there is one read alone, its name says nothing.
        of_read: tuple[str, ...] = () if len(assembly.reads) == 1 else ("of_read",)
        name = {"name": names[number]} if of_read else {}
        notes.append(
            notices.TRIMMED(
                *of_read, **name, start=read.start + 1, end=read.end, total=len(read.sequence)
            )
        )
        if read.edited:
            notes.append(notices.EDITED_BASES(*of_read, **name))
        if not read.channels:
            notes.append(notices.NO_CURVES(*of_read, **name))
    if assembly.primers:
        notes.append(
            notices.PRIMERS_TRIMMED(
                "chromatograms",
                primers=", ".join(primer.name for primer in assembly.primers),
                length=len(assembly.sequence),
                total=_("{} after trimming by quality").format(_length_with_primers(assembly)),
            )
        )
    return notes


def _length_with_primers(assembly: Assembly) -> int:
    """Return how many columns there were with the far primers still in the reads."""
    cut = sum(assembly.reads[number].end - assembly.kept[number][1] for number in assembly.used)
    return len(assembly.consensus.sequence) + cut


def _note_origin(assembly: Assembly, names: Sequence[str]) -> Notice:
    """Say of how many reads the sequence is, and how well they fit."""
    if len(assembly.used) == 1:
        return notices.ONE_READ(errors=assembly.expected_errors)
    merged = assembly.consensus
    reads = [
        _("{name} (reverse complement)").format(name=names[number]) if turned else names[number]
        for number, turned in zip(assembly.used, merged.reversed)
    ]
    return notices.READS_MERGED(
        reads=", ".join(reads),
        overlap=merged.overlap,
        agreement=merged.agreement or 0.0,
        compared=merged.compared,
        errors=assembly.expected_errors,
        length=len(assembly.sequence),
    )


def _note_places(assembly: Assembly, names: Sequence[str]) -> list[Notice]:
    """List conflicts and double peaks."""
    notes = []
    inner = [
        (place - assembly.start + 1, column)
        for place, column in assembly.consensus.conflicts
        if assembly.start <= place < assembly.end
    ]
    if inner:
        places = [
            f"{place} "
            + " / ".join(
                _("{base} by {name}").format(
                    base=_("none") if seen.base == GAP else seen.base, name=names[seen.read]
                )
                for seen in column
            )
            for place, column in inner
        ]
        notes.append(notices.READS_CONFLICT(number=len(inner), places=_list_places(places)))
    if assembly.sites:
        alone = len(assembly.used) == 1
        notes.append(notices.DOUBLE_PEAKS(peaks=_describe_peaks(assembly.sites, alone=alone)))
    return notes


def _describe_peaks(sites: Sequence[Site], *, alone: bool) -> str:
    clear = [
        f"{site.position + 1} {'/'.join(IUPAC[site.code])} {numeral(site.ratio, '.2f')}"
        for site in sites
        if site.counts
    ]
    others = [str(site.position + 1) for site in sites if not site.counts]
    parts = []
    if clear:
        parts.append(
            ngettext(
                "{number} clear double peak (place, bases, height of the second): {places}",
                "{number} clear double peaks (place, bases, height of the second): {places}",
                len(clear),
            ).format(number=len(clear), places=_list_places(clear))
        )
    if others:
        text = (
            ngettext(
                "{number} double peak where the read is bad, probably noise, at {places}",
                "{number} double peaks where the read is bad, probably noise, at {places}",
                len(others),
            )
            if alone
            else ngettext(
                "{number} double peak that the other strand does not show or where the read is bad, "
                "probably noise, at {places}",
                "{number} double peaks that the other strand does not show or where the read is "
                "bad, probably noise, at {places}",
                len(others),
            )
        )
        parts.append(text.format(number=len(others), places=_list_places(others)))
    return _("; ").join(parts)


def _list_places(places: Sequence[str]) -> str:
    text = ", ".join(places[:_MAX_PLACES])
    if len(places) > _MAX_PLACES:
        text += " " + _("and {number} more").format(number=len(places) - _MAX_PLACES)
    return text


def _doubt_mixed(assembly: Assembly, *, name: str = "") -> list[Notice]:
    """Return the doubt that more than one template was read; with `name`, of that read."""
    mixture = assembly.mixture
    if not mixture or not mixture.mixed:
        return []
    reasons = []
    both = sum(site.counts and site.where == "both" for site in mixture.sites)
    if mixture.dense:
        reasons.append(
            _("double peaks at {number} of {length} bases").format(
                number=len(mixture.sites), length=mixture.compared
            )
        )
    elif mixture.many:
        reasons.append(
            _(
                "{number} clear double peaks in {length} bases, {both} of them on both strands"
            ).format(number=mixture.counted, length=mixture.compared, both=both)
        )
    if mixture.faint:
        reasons.append(
            _("low second peaks that are the same on both strands at {number} of {length}").format(
                number=mixture.minor, length=mixture.compared
            )
        )
    for _number, place in mixture.superposed[:1]:
        reasons.append(
            _("from call {place} on most calls are double, as of one template shifted").format(
                place=place + 1
            )
        )
    if name:
        return [notices.MIXED_CHROMATOGRAM("of_read", name=name, reasons=_("; ").join(reasons))]
    return [notices.MIXED_CHROMATOGRAM(reasons=_("; ").join(reasons))]


def _doubt_errors(assembly: Assembly) -> list[Notice]:
    length = len(assembly.sequence)
    if not length or assembly.expected_errors <= MAX_EXPECTED_ERRORS * length:
        return []
    return [
        notices.ERROR_PRONE(
            errors=assembly.expected_errors, length=length, limit=MAX_EXPECTED_ERRORS
        )
    ]
