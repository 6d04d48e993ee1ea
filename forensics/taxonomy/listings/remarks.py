"""What a reader must know besides the answers: gaps of the table, names, sources, amendments to come."""

from collections.abc import Iterable
from datetime import date, timedelta

from forensics.messages import _
from forensics.taxonomy.listings.nomenclature import Taxon, members
from forensics.taxonomy.listings.results import NO_LISTING, ListingResult, Note
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
) -> list[Note]:
    """Return where the table does not know what was before, and what is adopted already."""
    notes = []
    undated = any(row.since is None and row.appendix != EXCEPTED for row, _conditions in standing)
    if undated and day < table.complete_since:
        notes.append(
            Note(
                "SINCE_NOT_RECORDED",
                _(
                    "Since when this listing is in force is not recorded here; it was on {day}. "
                    "Look it up in the History of CITES Listings."
                ).format(day=table.complete_since.isoformat()),
            )
        )
    for level in (*taxon.levels, *members(taxon.name, table)):
        begun = unknown_until(level, day, table)
        if begun:
            notes.append(
                Note(
                    "HISTORY_NOT_HELD",
                    _(
                        "What held for {taxon} before {day} is not in the table; look it up in "
                        "the History of CITES Listings."
                    ).format(taxon=level, day=begun.isoformat()),
                )
            )
        for since, row in _later(level, day, table):
            meeting = next(
                (candidate for candidate in meetings() if candidate.name == row.source), None
            )
            if meeting and meeting.closed <= day and since - day <= _MAX_DELAY:
                notes.append(
                    Note(
                        "ADOPTED_NOT_IN_FORCE",
                        _(
                            "{taxon}, Appendix {appendix}: adopted at {meeting}, in force only "
                            "since {day}."
                        ).format(
                            taxon=level, appendix=row.appendix, meeting=meeting.name,
                            day=since.isoformat(),
                        ),
                    )
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


def of_result(result: ListingResult) -> list[Note]:
    """Return what must be known of a result."""
    notes = []
    if result.suggestions:
        notes.append(
            Note(
                "MISSPELT",
                _("{name} is not a name that is known here; it is like {others}.").format(
                    name=result.taxon.given, others=", ".join(result.suggestions)
                ),
            )
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
        notes.append(
            Note(
                "BY_HIGHER_TAXON",
                _(
                    "{name} is not listed by itself here but as one of {taxon}. Whether the name "
                    "is right, or another name of a species that is listed otherwise, is not seen."
                ).format(name=result.taxon.name, taxon=above.taxon),
            )
        )
    if not result.taxon.placed:
        notes.append(
            Note(
                "NOT_PLACED",
                _(
                    "The table does not know the family of {name}: a listing of a family or an "
                    "order could hold it. Give its family and order (--lineage)."
                ).format(name=result.taxon.name),
            )
        )
    official = result.of_official_list
    if NO_LISTING in result.appendices:
        notes.append(
            Note(
                "NOT_LISTED_IS_NOT_UNPROTECTED",
                _(
                    "Where no listing is found here, national law, another treaty or a later "
                    "amendment may protect it all the same."
                ),
            )
        )
        if result.day > APPENDIX_III_UNTIL and not official:
            notes.append(
                Note(
                    "APPENDIX_III_INCOMPLETE",
                    _(
                        "What single countries added to Appendix III after {day} may be missing "
                        "here: load the official index."
                    ).format(day=APPENDIX_III_UNTIL.isoformat()),
                )
            )
    if result.day > result.as_of:
        text = (
            _("The official list is of {as_of}; later amendments are not in it.")
            if official
            else _(
                "The table states the Appendices of {as_of} and knows nothing of later "
                "amendments (CoP20 is in force since 2026-03-05): load the official index."
            )
        )
        notes.append(Note("AFTER_TABLE", text.format(as_of=result.as_of.isoformat())))
    notes += _source_notes(result)
    if any(answer.appendix == "III" for answer in result.answers):
        notes.append(
            Note(
                "APPENDIX_III",
                _(
                    "Appendix III: an export permit where it comes from the country that listed "
                    "it, else a certificate of origin (Article V)."
                ),
            )
        )
    return notes


def _source_notes(result: ListingResult) -> Iterable[Note]:
    if not any(answer.appendix in ("I", "II", "III") for answer in result.answers):
        return
    if result.source == "O":
        yield Note(
            "PRE_CONVENTION",
            _(
                "Acquired before the Convention applied to it: trade is exempt only with a "
                "certificate that says so (Article VII, paragraph 2)."
            ),
        )
    elif result.source in ("A", "C"):
        yield Note(
            "BRED",
            _(
                "Bred in captivity or artificially propagated: a certificate stands in for the "
                "permits only where that is shown (Article VII, paragraph 5)."
            ),
        )
    elif result.source == "I":
        yield Note("SEIZED", _("The code I says that it was seized, not where it came from."))
