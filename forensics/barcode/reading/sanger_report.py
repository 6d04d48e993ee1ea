"""Says in words what was found in the chromatograms of a sample.

A problem forbids examining the sequence, a doubt forbids a confident call, a note is worth
knowing. docs/warnings.md says what to do for each code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.barcode.quality import FEW_AMBIGUOUS, QueryWarning
from forensics.barcode.reading.chromatogram import Chromatogram
from forensics.barcode.reading.consensus import GAP, MINIMUM_OVERLAP, ReadsDisagree
from forensics.barcode.reading.mixed import Site
from forensics.barcode.reading.sanger import Assembly, assemble
from forensics.barcode.sequence import IUPAC
from forensics.messages import _, ngettext, numeral

__all__ = ["MAXIMUM_EXPECTED_ERRORS", "Told", "tell"]

# Share of wrong bases to be expected from which no name may be called: as much as the BARCODE
# standard admits of ambiguous bases (Hanner 2009), and half of what sets the nearest species
# apart (2 %, Hebert et al. 2003, doi:10.1098/rspb.2002.2218).
MAXIMUM_EXPECTED_ERRORS = FEW_AMBIGUOUS

_LISTED = 25  # places in one message


@dataclass(frozen=True)
class Told:
    """A sample's sequence and what must be said of it.

    Attributes
    ----------
    sequence : str
        Empty where the reads do not fit each other or have no good bases.
    problem : QueryWarning or None
    notes, doubts : tuple of QueryWarning
    assembly : Assembly or None
        None where the reads do not fit each other.
    """

    sequence: str
    problem: QueryWarning | None
    notes: tuple[QueryWarning, ...]
    doubts: tuple[QueryWarning, ...]
    assembly: Assembly | None


def tell(
    reads: Sequence[Chromatogram], names: Sequence[str], *, strands: Sequence[str] = ()
) -> Told:
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
        doubts = []
        for read, name in zip(reads, names):
            doubts += _mixed(assemble([read]), prefix=f"{name}: ")
        return Told("", _disagreement(error, names), (), tuple(doubts), None)
    if not assembly.used:
        problem = QueryWarning(
            "LOW_QUALITY", _("No stretch of good bases is left; sequence the sample again.")
        )
        return Told("", problem, (), (), assembly)
    if problem := _wrong_strand(assembly, names, strands) or _copies(reads, names):
        return Told("", problem, (), (), assembly)
    notes = [*_trimmed(assembly, names), *_origin(assembly, names), *_places(assembly, names)]
    return Told(
        assembly.sequence,
        None,
        tuple(notes),
        (*_mixed(assembly), *_error_prone(assembly)),
        assembly,
    )


def _copies(reads: Sequence[Chromatogram], names: Sequence[str]) -> QueryWarning | None:
    """Return what is wrong where a read was given twice: it would seem to confirm itself."""
    seen: dict[tuple, str] = {}
    for read, name in zip(reads, names):
        first = seen.setdefault((read.sequence, tuple(read.qualities)), name)
        if first != name:
            message = _(
                "{one} and {other} are one and the same read, which cannot confirm itself. Give only "
                "one of them; was one saved under the name of its mate?"
            ).format(one=first, other=name)
            return QueryWarning("READS_DISAGREE", message)
    return None


def _disagreement(error: ReadsDisagree, names: Sequence[str]) -> QueryWarning:
    others = ", ".join(names[: error.read])
    if error.overlap < MINIMUM_OVERLAP:
        message = _(
            "{name} and {others} have {overlap} bases in common; at least {least} are needed to see "
            "that they are of one sample. Check that they are, or examine each alone with --no-pair."
        ).format(
            name=names[error.read], others=others, overlap=error.overlap, least=MINIMUM_OVERLAP
        )
    else:
        message = _(
            "{name} and {others} do not fit each other: {differing} of {compared} bases that both "
            "read well differ. Are they of one sample? They were not merged; examine each alone "
            "with --no-pair."
        ).format(
            name=names[error.read],
            others=others,
            differing=error.differing,
            compared=error.compared,
        )
    return QueryWarning("READS_DISAGREE", message)


def _wrong_strand(
    assembly: Assembly, names: Sequence[str], strands: Sequence[str]
) -> QueryWarning | None:
    """Return what is wrong where names say other strands than the bases do."""
    if not any(strands):
        return None
    used = assembly.used
    said = [strands[number] for number in used]
    for place, turned in enumerate(assembly.merged.reversed):
        if said[0] and said[place] and (said[place] != said[0]) != turned:
            return QueryWarning(
                "READS_DISAGREE",
                _(
                    "By their bases {one} and {other} are {found}, by their names they are not. Is "
                    "one of them named wrongly, or of another sample? They were not merged; examine "
                    "each alone with --no-pair, or say with --pair that they belong together."
                ).format(
                    one=names[used[0]],
                    other=names[used[place]],
                    found=_("of two strands") if turned else _("of one strand"),
                ),
            )
    return None


def _trimmed(assembly: Assembly, names: Sequence[str]) -> list[QueryWarning]:
    notes = []
    alone = len(assembly.reads) == 1
    for number, read in enumerate(assembly.reads):
        prefix = "" if alone else f"{names[number]}: "
        if number not in assembly.used:
            message = _(
                "{name} has no stretch of good bases that is long enough, and was left out."
            ).format(name=names[number])
            notes.append(QueryWarning("READ_LEFT_OUT", message))
            continue
        message = _("Quality trimming kept bases {start} to {end} of {total}.").format(
            start=read.start + 1, end=read.end, total=len(read.sequence)
        )
        notes.append(QueryWarning("TRIMMED", prefix + message))
        if read.edited:
            message = _(
                "The bases were edited by hand after they were called. The edited ones are not used."
            )
            notes.append(QueryWarning("EDITED_BASES", prefix + message))
        if not read.channels:
            message = _("The file holds no curves, so double peaks could not be looked for.")
            notes.append(QueryWarning("NO_CURVES", prefix + message))
    if assembly.primers:
        message = _(
            "Cut off primers that fit {primers}; {length} bases are left, of {total}."
        ).format(
            primers=", ".join(primer.name for primer in assembly.primers),
            length=len(assembly.sequence),
            total=_("{} after trimming by quality").format(_before_primers(assembly)),
        )
        notes.append(QueryWarning("PRIMERS_TRIMMED", message))
    return notes


def _before_primers(assembly: Assembly) -> int:
    """Return how many columns there were with the far primers still in the reads."""
    cut = sum(assembly.reads[number].end - assembly.kept[number][1] for number in assembly.used)
    return len(assembly.merged.sequence) + cut


def _origin(assembly: Assembly, names: Sequence[str]) -> list[QueryWarning]:
    """Say of how many reads the sequence is, and how well they fit."""
    expected = assembly.expected_errors
    if len(assembly.used) == 1:
        message = _(
            "One read, which no other strand confirms; {errors:.2f} wrong bases are to be expected."
        ).format(errors=expected)
        return [QueryWarning("ONE_READ", message)]
    merged = assembly.merged
    reads = [
        _("{name} (reverse complement)").format(name=names[number]) if turned else names[number]
        for number, turned in zip(assembly.used, merged.reversed)
    ]
    message = _(
        "Consensus of {reads}: {overlap} bases in common, {agreement:.2%} of {compared} plainly "
        "called ones agree; {errors:.3f} wrong bases are to be expected in {length}."
    ).format(
        reads=", ".join(reads),
        overlap=merged.overlap,
        agreement=merged.agreement or 0.0,
        compared=merged.compared,
        errors=expected,
        length=len(assembly.sequence),
    )
    return [QueryWarning("READS_MERGED", message)]


def _places(assembly: Assembly, names: Sequence[str]) -> list[QueryWarning]:
    """List conflicts and double peaks."""
    notes = []
    inner = [
        (place - assembly.start + 1, column)
        for place, column in assembly.merged.conflicts
        if assembly.start <= place < assembly.end
    ]
    if inner:
        listed = [
            f"{place} "
            + " / ".join(
                _("{base} by {name}").format(
                    base=_("none") if seen.base == GAP else seen.base, name=names[seen.read]
                )
                for seen in column
            )
            for place, column in inner
        ]
        message = ngettext(
            "At {number} place the reads say different things: {places}.",
            "At {number} places the reads say different things: {places}.",
            len(inner),
        ).format(number=len(inner), places=_listed(listed))
        notes.append(QueryWarning("READS_CONFLICT", message))
    if sites := assembly.mixture.sites:
        notes.append(QueryWarning("DOUBLE_PEAKS", _double(sites, alone=len(assembly.used) == 1)))
    return notes


def _double(sites: Sequence[Site], *, alone: bool) -> str:
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
            ).format(number=len(clear), places=_listed(clear))
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
        parts.append(text.format(number=len(others), places=_listed(others)))
    return _("; ").join(parts) + "."


def _listed(places: Sequence[str]) -> str:
    text = ", ".join(places[:_LISTED])
    if len(places) > _LISTED:
        text += " " + _("and {number} more").format(number=len(places) - _LISTED)
    return text


def _mixed(assembly: Assembly, *, prefix: str = "") -> list[QueryWarning]:
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
    message = _(
        "More than one template was read: {reasons}. A mixture of individuals or species, a nuclear "
        "copy (NUMT) that was amplified along, or heteroplasmy; which of them the chromatogram "
        "cannot tell."
    ).format(reasons=_("; ").join(reasons))
    return [QueryWarning("MIXED_CHROMATOGRAM", prefix + message)]


def _error_prone(assembly: Assembly) -> list[QueryWarning]:
    length = len(assembly.sequence)
    if not length or assembly.expected_errors <= MAXIMUM_EXPECTED_ERRORS * length:
        return []
    message = _(
        "By the qualities {errors:.1f} of {length} bases are wrong, more than {limit:.0%}; sequence "
        "the sample again."
    ).format(errors=assembly.expected_errors, length=length, limit=MAXIMUM_EXPECTED_ERRORS)
    return [QueryWarning("ERROR_PRONE", message)]
