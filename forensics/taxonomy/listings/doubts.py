"""What is not sure in the packaged table: first days that were put off, and families of genera.

``delays.tsv`` has every amendment of CoP18 and CoP19 whose entry into force was put off, each with its source.
Where a delay could not be read in any text, ``earliest`` has the day without it: between the two days both
answers stand. ``placements.tsv`` has genera of which it is not sure that a listed family holds them.
"""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

from forensics.core.notice import Notice
from forensics.notices import listings as notices
from forensics.taxonomy.listings.nomenclature import Taxon, members
from forensics.taxonomy.listings.table import Listing, Table, day, packaged, rows

__all__ = [
    "Delay",
    "Placement",
    "delay_of",
    "delays",
    "note_on_dates",
    "placement_of",
    "placements",
]


@dataclass(frozen=True, slots=True)
class Delay:
    """An amendment whose entry into force was put off.

    Attributes
    ----------
    since : datetime.date
        First day in force.
    earliest : datetime.date or None
        First day in force if there was no delay; None where the delay is sure.
    """

    taxon: str
    appendix: str
    meeting: str
    since: date
    earliest: date | None
    source: str
    doubt: str

    def is_open_on(self, day: date) -> bool:
        """Return whether it is not sure that the amendment was in force on a day."""
        return self.earliest is not None and self.earliest <= day < self.since

    @property
    def day_before(self) -> date:
        """The last day on which it was not in force in any case."""
        return (self.earliest or self.since) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placement:
    """A genus that a listed family may or may not hold.

    Attributes
    ----------
    genus, family, other : str
        Family that is listed, and that in which others place the genus.
    """

    genus: str
    family: str
    other: str
    source: str
    doubt: str

    def note(self) -> Notice:
        """Return what a reader must know of it."""
        return notices.PLACEMENT_NOT_SURE(
            family=self.family, genus=self.genus, doubt=self.doubt, source=self.source
        )


@functools.cache
def delays() -> tuple[Delay, ...]:
    """Return the amendments that were put off."""
    return tuple(
        Delay(
            row["taxon"], row["appendix"], row["meeting"], date.fromisoformat(row["since"]),
            day(row["earliest"]), row["source"], row["doubt"],
        )
        for row in rows("delays.tsv")
    )  # fmt: skip


@functools.cache
def placements() -> dict[str, Placement]:
    """Return the genera whose family is not sure, by name."""
    return {row["genus"]: Placement(**row) for row in rows("placements.tsv")}


def placement_of(taxon: Taxon) -> Placement | None:
    """Return what is not sure of the family of a taxon; None where nothing is."""
    known = placements().get(taxon.name.split(" ")[0])
    return known if known and known.family in taxon.above else None


def delay_of(taxon: Taxon, day: date, table: Table) -> Delay | None:
    """Return the delay because of which it is not sure what was in force on a day; None for none.

    Another table than the packaged one knows its own days.
    """
    if table is not packaged():
        return None
    concerned = None
    for delay in delays():
        if delay.is_open_on(day):
            if concerned is None:
                concerned = {*taxon.levels, *members(taxon.name, table)}
            if delay.taxon in concerned:
                return delay
    return None


def unsure(listing: Listing | None) -> Delay | None:
    """Return the delay because of which the first day of a listing is not sure; None for none."""
    if listing is None or listing.since is None:
        return None
    return next(
        (
            delay
            for delay in delays()
            if delay.earliest and (delay.taxon, delay.since) == (listing.taxon, listing.since)
        ),
        None,
    )


def note_on_dates(delay: Delay) -> Notice:
    """Return what a reader must know of a first day that is not sure."""
    return notices.DATE_NOT_SURE(
        taxon=delay.taxon,
        appendix=delay.appendix,
        since=delay.since.isoformat(),
        source=delay.source,
        earliest=delay.earliest.isoformat() if delay.earliest else "-",
        doubt=delay.doubt,
    )
