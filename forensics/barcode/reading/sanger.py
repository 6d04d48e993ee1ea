"""From the chromatograms of one sample to one sequence, as values and in words.

Trim by quality -> merge the reads -> trim primers -> judge the double peaks -> say what was found.

Double peaks of a sample's reads are noise, heteroplasmy or two templates. What both strands show
was in the sample; what only one of two strands shows was made by the sequencing, such as
unincorporated dye. Where only one read reaches, nobody can tell.

A problem forbids examining the sequence, a doubt forbids a confident call, a note is worth
knowing. ``forensics explain CODE`` says what to do for each code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from forensics import notices
from forensics.barcode.locus import FEW_AMBIGUOUS, IUPAC, LOCI, Primer, reverse_complement
from forensics.barcode.matching.kernel import semiglobal_placements
from forensics.barcode.reading.chromatogram import (
    Chromatogram,
    double_peaks,
    error_probability,
    secondary_peaks,
)
from forensics.barcode.reading.consensus import (
    GAP,
    MIN_OVERLAP,
    Column,
    Merged,
    ReadsDisagree,
    Seen,
    merge,
)
from forensics.barcode.reading.primers import leading_n, trim_primers
from forensics.core.notice import Notice
from forensics.messages import _, ngettext, numeral

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
        if len({seen.peak.code for seen in column if seen.peak}) == 1
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
    for peak in double_peaks(chromatogram, chromatogram.start, end):
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
    code = best.peak.code
    others = [seen for seen in column if seen is not best and seen.base != GAP]
    if any(s.peak and s.ratio >= CONFIRMING_RATIO and s.peak.code == code for s in others):
        where = "both"
    else:
        where = "one" if others else "alone"
    return Site(place, code, best.ratio, where, any(seen.clear for seen in showing))


# A second peak is clear where half of ten bases on either side are Q35 and better: in ends and
# badly read stretches noise makes as many. Set together with `forensics.barcode.reading.sanger.MANY_SITES`.
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
    start += leading_n(merged.sequence[start:end])
    end -= leading_n(merged.sequence[start:end][::-1])
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
    doubled = {peak.position for peak in double_peaks(read, *within)}
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
    for primer in (primer for locus in LOCI for primer in locus.primers):
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


def _well_read(qualities: Sequence[int], place: int) -> bool:
    around = (
        *qualities[max(place - _AROUND, 0) : place],
        *qualities[place + 1 : place + 1 + _AROUND],
    )
    return bool(around) and median(around) >= _WELL_READ


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
        return AssemblyReport("", notices.unusable.LOW_QUALITY("chromatogram"), (), (), assembly)
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
            return notices.unusable.READS_DISAGREE("copies", one=first, other=name)
    return None


def _explain_disagreement(error: ReadsDisagree, names: Sequence[str]) -> Notice:
    reads = {"name": names[error.read], "others": ", ".join(names[: error.read])}
    if error.overlap < MIN_OVERLAP:
        return notices.unusable.READS_DISAGREE(
            "short_overlap", **reads, overlap=error.overlap, least=MIN_OVERLAP
        )
    return notices.unusable.READS_DISAGREE(
        "bases_differ", **reads, differing=error.differing, compared=error.compared
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
            return notices.unusable.READS_DISAGREE(
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
            notes.append(notices.sequence.READ_LEFT_OUT(name=names[number]))
            continue
        # Where there is one read alone, its name says nothing.
        which, name = (
            ("alone", {}) if len(assembly.reads) == 1 else ("of_read", {"name": names[number]})
        )
        notes.append(
            notices.sequence.TRIMMED(
                which, **name, start=read.start + 1, end=read.end, total=len(read.sequence)
            )
        )
        if read.edited:
            notes.append(notices.sequence.EDITED_BASES(which, **name))
        if not read.channels:
            notes.append(notices.sequence.NO_CURVES(which, **name))
    if assembly.primers:
        # With the far primers still in the reads.
        far = sum(assembly.reads[number].end - assembly.kept[number][1] for number in assembly.used)
        whole = len(assembly.consensus.sequence) + far
        notes.append(
            notices.sequence.PRIMERS_TRIMMED(
                "chromatograms",
                primers=", ".join(primer.name for primer in assembly.primers),
                length=len(assembly.sequence),
                total=_("{} after trimming by quality").format(whole),
            )
        )
    return notes


def _note_origin(assembly: Assembly, names: Sequence[str]) -> Notice:
    """Say of how many reads the sequence is, and how well they fit."""
    if len(assembly.used) == 1:
        return notices.sequence.ONE_READ(errors=assembly.expected_errors)
    merged = assembly.consensus
    reads = [
        _("{name} (reverse complement)").format(name=names[number]) if turned else names[number]
        for number, turned in zip(assembly.used, merged.reversed)
    ]
    return notices.sequence.READS_MERGED(
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
        notes.append(
            notices.sequence.READS_CONFLICT(number=len(inner), places=_list_places(places))
        )
    if assembly.sites:
        alone = len(assembly.used) == 1
        notes.append(notices.sequence.DOUBLE_PEAKS(peaks=_name_peaks(assembly.sites, alone=alone)))
    return notes


def _name_peaks(sites: Sequence[Site], *, alone: bool) -> str:
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
    text = _("; ").join(reasons)
    if name:
        return [notices.sequence.MIXED_CHROMATOGRAM("of_read", name=name, reasons=text)]
    return [notices.sequence.MIXED_CHROMATOGRAM("alone", reasons=text)]


def _doubt_errors(assembly: Assembly) -> list[Notice]:
    length = len(assembly.sequence)
    if not length or assembly.expected_errors <= MAX_EXPECTED_ERRORS * length:
        return []
    return [
        notices.sequence.ERROR_PRONE(
            errors=assembly.expected_errors, length=length, limit=MAX_EXPECTED_ERRORS
        )
    ]
