"""The table of listings: taxa at the rank at which they are listed, with dates in force.

``animals.tsv`` and ``plants.tsv`` hold a row a listing. The Appendix is ``I``, ``II``, ``III`` or ``-``: the
taxon is left out by name of a listing of a taxon above it. An empty ``since`` means: in force on
`COMPLETE_SINCE`, and since when is not recorded here.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from forensics.taxonomy.listings.places import Populations

__all__ = [
    "APPENDIX_III_UNTIL",
    "AS_OF",
    "COMPLETE_SINCE",
    "ENTRY_INTO_FORCE",
    "EXCEPTED",
    "IN_FORCE",
    "Listing",
    "Meeting",
    "Reservation",
    "Table",
    "entry_into_force",
    "meetings",
    "packaged",
    "reported",
    "reservations",
    "rows",
]

AS_OF = date(2023, 11, 25)
"""Day whose Appendices the packaged table states: CoP19, with its delayed entries."""
COMPLETE_SINCE = date(2017, 1, 2)
"""From this day (CoP17 in force) on every change of Appendices I and II is meant to be in the table."""
APPENDIX_III_UNTIL = date(2017, 1, 3)
"""Until this day Appendix III was compared with a full list; later additions may be missing."""
IN_FORCE = date(1975, 7, 1)
"""Day on which the Convention entered into force: nothing was listed before."""
ENTRY_INTO_FORCE = timedelta(days=90)
"""Article XV 1 (c) and Article XVI 2: after the meeting, or after the Secretariat told the Parties."""
EXCEPTED = "-"
"""Appendix of a row that leaves a taxon out."""

_FOLDER = Path(__file__).parent
_FILES = {"animals": "animals.tsv", "plants": "plants.tsv"}


@dataclass(frozen=True)
class Listing:
    """A row of the table.

    Attributes
    ----------
    taxon, rank : str
        As listed.
    appendix : str
        ``I``, ``II``, ``III`` or `EXCEPTED`.
    party : str
        Of Appendix III: the country that asked for it, ISO 3166-1.
    populations : Populations
    annotations : tuple of str
        Keys of `annotations.annotations`.
    since : datetime.date or None
        First day in force; None where that is not recorded.
    until : datetime.date or None
        First day no longer in force; None where it still is.
    first : bool
        Whether the taxon was in no Appendix before, at this rank or above.
    source : str
        Meeting of the Conference of the Parties, or what else it rests on.
    kingdom : str
        ``animals`` or ``plants``.
    """

    taxon: str
    rank: str
    appendix: str
    party: str
    populations: Populations
    annotations: tuple[str, ...]
    since: date | None
    until: date | None
    first: bool
    source: str
    kingdom: str

    def in_force(self, day: date) -> bool:
        """Return whether it is in force on a day; one of unknown beginning is taken to be."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@dataclass(frozen=True, eq=False)
class Table:
    """Listings by taxon, and the day whose law they state."""

    listings: Mapping[str, tuple[Listing, ...]]
    as_of: date
    complete_since: date

    def of(self, taxon: str) -> tuple[Listing, ...]:
        """Return all listings of a taxon, of any time."""
        return self.listings.get(taxon, ())


@dataclass(frozen=True)
class Meeting:
    """A meeting of the Conference of the Parties: when it closed, when its amendments were in force."""

    name: str
    place: str
    closed: date
    in_force: date


@dataclass(frozen=True)
class Reservation:
    """A Party that is treated as no Party to the Convention for trade in a taxon."""

    taxon: str
    appendix: str
    party: str
    since: date | None
    until: date | None
    note: str
    source: str

    def in_force(self, day: date) -> bool:
        """Return whether it is in force on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


def entry_into_force(told: date) -> date:
    """Return the day on which an amendment enters into force.

    Parameters
    ----------
    told : datetime.date
        Last day of the meeting that adopted it (Appendices I and II), or day on which the Secretariat
        told the Parties of it (Appendix III).

    Examples
    --------
    >>> entry_into_force(date(2022, 11, 25)).isoformat()
    '2023-02-23'
    """
    return told + ENTRY_INTO_FORCE


@functools.cache
def packaged() -> Table:
    """Return the packaged table."""
    found: dict[str, list[Listing]] = {}
    for kingdom, file in _FILES.items():
        for row in rows(file):
            listing = Listing(
                taxon=row["taxon"],
                rank=row["rank"],
                appendix=row["appendix"],
                party=row["party"],
                populations=Populations.read(row["populations"]),
                annotations=tuple(row["annotation"].split()),
                since=_day(row["since"]),
                until=_day(row["until"]),
                first=bool(row["first"]) or row["since"] == IN_FORCE.isoformat(),
                source=row["source"],
                kingdom=kingdom,
            )
            found.setdefault(listing.taxon, []).append(listing)
    return Table({taxon: tuple(rows) for taxon, rows in found.items()}, AS_OF, COMPLETE_SINCE)


@functools.cache
def meetings() -> tuple[Meeting, ...]:
    """Return the meetings of the Conference of the Parties, in their order."""
    return tuple(
        Meeting(row["name"], row["place"], _day(row["closed"]), _day(row["in_force"]))
        for row in rows("meetings.tsv")
    )


@functools.cache
def reservations() -> tuple[Reservation, ...]:
    """Return the reservations that the packaged table knows."""
    return tuple(
        Reservation(
            row["taxon"], row["appendix"], row["party"], _day(row["since"]), _day(row["until"]),
            row["note"], row["source"],
        )
        for row in rows("reservations.tsv")
    )  # fmt: skip


@functools.cache
def reported() -> tuple[dict[str, str], ...]:
    """Return amendments that the press reported after `AS_OF`: a warning, no law."""
    return tuple(rows("reported.tsv"))


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a packaged table, by the names of its columns.

    These are files of our own, without quotes: a plain split is some milliseconds faster than a
    parser of CSV, and an identification waits for it.
    """
    head, *lines = (_FOLDER / file).read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
