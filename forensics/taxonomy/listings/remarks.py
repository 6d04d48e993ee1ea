"""What a reader must know besides the answers: gaps of the table, names, sources, amendments to come."""

from collections.abc import Iterable
from datetime import date, timedelta

from forensics.core.notice import Notice
from forensics.notices import listings as notices
from forensics.taxonomy.listings.answers import NO_LISTING
from forensics.taxonomy.listings.nomenclature import Taxon, members
from forensics.taxonomy.listings.results import ListingResult
from forensics.taxonomy.listings.table import (
    APPENDIX_III_UNTIL,
    EXCEPTED,
    Listing,
    Table,
    meetings,
)

__all__ = ["of_history", "of_result", "unknown_until"]

# Between the adoption of an amendment and its entry into force lie 90 days; some were put off, by at
# most 24 months (the trees of CoP19 in ``delays.tsv``).
_MAX_DELAY = timedelta(days=731)
_HIGHER = ("genus", "subfamily", "family", "order")


def of_history(
    taxon: Taxon, standing: list[tuple[Listing, tuple[str, ...]]], day: date, table: Table
) -> list[Notice]:
    """Return where the table does not know what was before, and what is adopted already."""
    notes = []
    undated = any(row.since is None and row.appendix != EXCEPTED for row, _conditions in standing)
    if undated and day < table.complete_since:
        notes.append(notices.SINCE_NOT_RECORDED(day=table.complete_since.isoformat()))
    for level in (*taxon.levels, *members(taxon.name, table)):
        begun = unknown_until(level, day, table)
        if begun:
            notes.append(notices.HISTORY_NOT_HELD(taxon=level, day=begun.isoformat()))
        for since, row in _later(level, day, table):
            meeting = next(
                (candidate for candidate in meetings() if candidate.name == row.source), None
            )
            if meeting and meeting.closed <= day and since - day <= _MAX_DELAY:
                notes.append(
                    notices.ADOPTED_NOT_IN_FORCE(taxon=level, appendix=row.appendix, meeting=meeting.name, day=since.isoformat())
                )  # fmt: skip
    return notes


def unknown_until(taxon: str, day: date, table: Table) -> date | None:
    """Return the first day since which the table knows a taxon; None where it knows it on `day`."""
    later = _later(taxon, day, table)
    if not later or day >= table.complete_since:
        return None
    if any(row.in_force(day) for row in table.of(taxon)):
        return None
    beginning = later[0][0]
    if any(row.first for since, row in later if since == beginning):
        return None
    return beginning


def _later(taxon: str, day: date, table: Table) -> list[tuple[date, Listing]]:
    """Return the listings that begin after a day, each with its first day, in their order."""
    dated = [(row.since, row) for row in table.of(taxon) if row.since and row.since > day]
    return sorted(dated, key=lambda pair: pair[0])


def of_result(result: ListingResult) -> list[Notice]:
    """Return what must be known of a result."""
    notes = []
    if result.suggestions:
        notes.append(
            notices.MISSPELT(name=result.taxon.given, others=", ".join(result.suggestions))
        )
    above = next(
        (
            answer.listing
            for answer in result.answers
            if answer.listing and answer.listing.rank in _HIGHER and answer.appendix != NO_LISTING
        ),
        None,
    )
    if above and " " in result.taxon.name and " x " not in result.taxon.name:
        notes.append(notices.BY_HIGHER_TAXON(name=result.taxon.name, taxon=above.taxon))
    if not result.taxon.placed:
        notes.append(notices.NOT_PLACED(name=result.taxon.name))
    official = result.of_official_list
    if NO_LISTING in result.appendices:
        notes.append(notices.NOT_LISTED_IS_NOT_UNPROTECTED())
        if result.day > APPENDIX_III_UNTIL and not official:
            notes.append(notices.APPENDIX_III_INCOMPLETE(day=APPENDIX_III_UNTIL.isoformat()))
    if result.day > result.as_of:
        notes.append(
            notices.AFTER_TABLE("official" if official else "table", as_of=result.as_of.isoformat())
        )
    notes += _source_notes(result)
    if any(answer.appendix == "III" for answer in result.answers):
        notes.append(notices.APPENDIX_III())
    return notes


def _source_notes(result: ListingResult) -> Iterable[Notice]:
    if not any(answer.appendix in ("I", "II", "III") for answer in result.answers):
        return
    if result.source == "O":
        yield notices.PRE_CONVENTION()
    elif result.source in ("A", "C"):
        yield notices.BRED()
    elif result.source == "I":
        yield notices.SEIZED()
