"""Amendments that were reported after the day of the table: warnings with their sources, and no law.

``reported.tsv`` was gathered from public pages; no text of CITES was read. What it says never becomes an
Appendix: where a report concerns the taxon and its day has come, the answer of the table stands with the
condition that nothing changed it, and "not known" stands beside it.
"""

import functools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from forensics.core.notice import Notice
from forensics.messages import N_, _
from forensics.notices import listings as notices
from forensics.taxonomy.listings.nomenclature import Taxon, above, standard_name
from forensics.taxonomy.listings.places import Populations
from forensics.taxonomy.listings.results import NOT_KNOWN, Answer, ListingResult, Report, strictest
from forensics.taxonomy.listings.table import Table, day, reported

if TYPE_CHECKING:
    pass


# The confidence of a report, for translators.
_CONFIDENCE = (
    N_("several independent reports"),
    N_("one report"),
    N_("conflicting"),
    N_("an official text, not of CITES"),
)
_CONFLICTING = "conflicting"
_REFUSED, _NOMENCLATURE = "rejected", "nomenclature"
_ACTIONS = {
    "include": lambda report: _("inclusion in Appendix {after}").format(after=report.after),
    "transfer": lambda report: _("transfer from Appendix {before} to Appendix {after}").format(
        before=report.before, after=report.after
    ),
    "delete": lambda report: _("deletion from Appendix {before}").format(before=report.before),
    "annotation": lambda report: _("another annotation in Appendix {after}").format(
        after=report.after
    ),
    _NOMENCLATURE: lambda report: _("a species of its own, in Appendix {after}").format(
        after=report.after
    ),
    _REFUSED: lambda report: _("a proposal that was refused"),
}


@functools.cache
def reports() -> tuple[Report, ...]:
    """Return the reports of the packaged table."""
    return tuple(
        Report(
            taxon=row["taxon"],
            action=row["action"],
            before=row["before"] or None,
            after=row["after"] or None,
            populations=Populations.from_text(row["populations"]),
            what=row["what"],
            adopted=row["adopted"] or None,
            since=day(row["since"]),
            confidence=row["confidence"],
            doubt=row["doubt"],
            sources=tuple(row["sources"].split()),
        )
        for row in reported()
    )


def reports_of(taxon: Taxon, table: Table) -> list[Report]:
    """Return the reports that concern a taxon: of it, of a taxon above it, or of one within it."""
    names = {taxon.given, *taxon.levels}
    return [
        report
        for report in reports()
        if report.taxon in names
        or not _holds(report, taxon)
        or (report.action != _NOMENCLATURE and _accepted(report.taxon, table.as_of) in names)
    ]


@functools.cache
def _above(name: str) -> tuple[str, ...]:
    return above(name)


@functools.lru_cache(maxsize=256)
def _accepted(name: str, day: date) -> str:
    """Return the name of a report, which is a clean one, as the nomenclature of CITES has it on a day."""
    return standard_name(name, day)


def with_reports(result: ListingResult, table: Table) -> ListingResult:
    """Return a result for a day after the one that its list states, with what was reported since then.

    Parameters
    ----------
    result : ListingResult
        Of the table, or of the official list where that counts.

    Returns
    -------
    ListingResult
        With `reports`, and with an answer "not known" where one of them may be in force on the day.
    """
    relevant = [
        report
        for report in reports_of(result.taxon, table)
        if report.since is None or report.since > result.as_of
    ]
    changed = [report for report in relevant if _may_change(report, result)]
    answers = result.answers
    if changed:
        unchanged = _("no amendment that was reported after {as_of} changed it").format(
            as_of=result.as_of.isoformat()
        )
        answers = (
            *(replace(answer, conditions=(*answer.conditions, unchanged)) for answer in answers),
            *(Answer(NOT_KNOWN, conditions=_conditions(report, result)) for report in changed),
        )
    return replace(
        result,
        answers=strictest(answers),
        reports=tuple(relevant),
        notes=(*result.notes, *map(_note, relevant)),
    )


def _may_change(report: Report, result: ListingResult) -> bool:
    """Return whether what was reported may be in force on the day, for the population asked about."""
    if report.action == _NOMENCLATURE:
        return False
    if report.action == _REFUSED and report.confidence != _CONFLICTING:
        return False
    # Without a day nobody knows since when; then it may be.
    return (report.since is None or report.since <= result.day) and (
        report.populations.covers(result.population) is not False
    )


def _conditions(report: Report, result: ListingResult) -> tuple[str, ...]:
    conditions = (
        [] if _holds(report, result.taxon) else [_("it is {taxon}").format(taxon=report.taxon)]
    )
    if report.populations.covers(result.population) is None:
        conditions.append(
            _("it is of {populations}").format(populations=report.populations.in_words())
        )
    conditions.append(
        _("the amendment that was reported is in force: {what}").format(what=in_words(report))
    )
    return tuple(conditions)


def _holds(report: Report, taxon: Taxon) -> bool:
    """Return whether a report is not of a part of a taxon alone."""
    if " " in taxon.name:  # only names of its subspecies stand below a species
        return not report.taxon.startswith(f"{taxon.name} ")
    return taxon.name not in _above(report.taxon)


def in_words(report: Report) -> str:
    """Return in a few words what was reported."""
    words = _ACTIONS[report.action](report)
    return f"{words} ({report.what})" if report.what else words


def _parts(report: Report) -> Iterator[str]:
    yield _("Reported, and read in no text of CITES: {taxon}, {what}{meeting}.").format(
        taxon=report.taxon,
        what=in_words(report),
        meeting=f" [{report.adopted}]" if report.adopted else "",
    )
    if report.since:
        yield _("In force since {day} as far as reported.").format(day=report.since.isoformat())
    elif report.action != _REFUSED:
        yield _("Since when it is in force was not reported.")
    confidence = report.confidence
    yield _("How sure: {confidence}.").format(confidence=_(confidence))
    if report.doubt:
        yield report.doubt.rstrip(".") + "."
    more = len(report.sources) - 1
    if report.sources:
        source = report.sources[0]
        yield (
            _("Source: {source} and {n} more.").format(source=source, n=more)
            if more
            else _("Source: {source}.").format(source=source)
        )
    yield _("The official list decides.")


def _note(report: Report) -> Notice:
    is_refused = report.action == _REFUSED
    kind = notices.REFUSAL_REPORTED if is_refused else notices.AMENDMENT_REPORTED
    return kind.worded(" ".join(_parts(report)))
