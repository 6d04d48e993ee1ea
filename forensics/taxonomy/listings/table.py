"""The table of listings: taxa at the rank at which they are listed, with dates in force.

``animals.tsv`` and ``plants.tsv`` hold a row a listing. The Appendix is ``I``, ``II``, ``III`` or ``-``: the
taxon is left out by name of a listing of a taxon above it. An empty ``since`` means: in force on
`COMPLETE_SINCE`, and since when is not recorded here.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from forensics.taxonomy.listings.places import Populations

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
# File to kingdom.
_FILES = {"animals.tsv": "animals", "plants.tsv": "plants"}
# So often a table is searched before a dictionary of its lines is made, which takes as long.
_FEW = 30


class InForce:
    """What is in force from `since` until the day before `until`; None: no bound is recorded."""

    __slots__ = ()
    since: date | None
    until: date | None

    def in_force(self, day: date) -> bool:
        """Return whether it is in force on a day; what has no recorded beginning is taken to be."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@dataclass(frozen=True, slots=True)
class Listing(InForce):
    """A row of the table.

    Attributes
    ----------
    taxon, rank : str
        As listed.
    appendix : str
        ``I``, ``II``, ``III`` or `EXCEPTED`.
    party : str
        Of Appendix III: the country that asked for it, ISO 3166-1.
    annotations : tuple of str
        Keys of `annotations.annotations`.
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


@dataclass(frozen=True, eq=False)
class Table:
    """Listings by taxon, and the day whose law they state."""

    listings: Mapping[str, tuple[Listing, ...]]
    as_of: date
    complete_since: date

    def of(self, taxon: str) -> tuple[Listing, ...]:
        """Return all listings of a taxon, of any time."""
        return self.listings.get(taxon, ())

    def beginning(self, taxon: str) -> tuple[str, ...]:
        """Return the listed taxa whose names begin with this one: of a genus its species."""
        if isinstance(self.listings, OnDemand):
            return self.listings.beginning(taxon)
        return tuple(name for name in self.listings if name.startswith(f"{taxon} "))


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the Conference of the Parties: when it closed, when its amendments were in force."""

    name: str
    place: str
    closed: date
    in_force: date


@dataclass(frozen=True, slots=True)
class Reservation(InForce):
    """A Party that is treated as no Party to the Convention for trade in a taxon."""

    taxon: str
    party: str
    appendix: str
    since: date | None
    until: date | None
    note: str
    source: str


def entry_into_force(adopted: date) -> date:
    """Return the day on which an amendment enters into force.

    Parameters
    ----------
    adopted : datetime.date
        Last day of the meeting that adopted it (Appendices I and II), or day on which the Secretariat
        told the Parties of it (Appendix III).

    Examples
    --------
    >>> entry_into_force(date(2022, 11, 25)).isoformat()
    '2023-02-23'
    """
    return adopted + ENTRY_INTO_FORCE


Row = TypeVar("Row")


class OnDemand(Mapping[str, Row]):
    """Rows of packaged tables by their first column; a row is read when it is asked for.

    An identification waits for the tables, and asks for the few rows of its species.

    Parameters
    ----------
    files : str
        Names of packaged tables of the same columns.
    make : callable
        Gives the value of a key from its rows, a list of dict of str to str, each with its
        ``file``.
    """

    def __init__(self, *files: str, make: Callable[[list[dict[str, str]]], Row]) -> None:
        self._make = make
        self._made: dict[str, Row] = {}
        self._searches = 0
        self._texts = {file: (_FOLDER / file).read_text(encoding="utf-8") for file in files}

    def __getitem__(self, key: str) -> Row:
        if key not in self._made:
            matches = list(self._rows(key))
            if not matches:
                raise KeyError(key)
            self._made[key] = self._make(matches)
        return self._made[key]

    def _rows(self, key: str) -> Iterator[dict[str, str]]:
        for file, line in self._lines_of(key):
            columns = self._texts[file].partition("\n")[0].split("\t")
            yield {**dict(zip(columns, line.split("\t"), strict=True)), "file": file}

    def _lines_of(self, key: str) -> Iterable[tuple[str, str]]:
        # To search the text takes microseconds, to make a dictionary of its lines milliseconds.
        self._searches += 1
        return self._lines.get(key, ()) if self._searches > _FEW else self._searched(key)

    def _searched(self, key: str) -> Iterator[tuple[str, str]]:
        for file, text in self._texts.items():
            at = text.find(f"\n{key}\t")
            while at >= 0:
                yield file, text[at + 1 : text.index("\n", at + 1)]
                at = text.find(f"\n{key}\t", at + 1)

    def beginning(self, words: str) -> tuple[str, ...]:
        """Return the keys that begin with these words and have more."""
        keys = []
        for text in self._texts.values():
            at = text.find(f"\n{words} ")
            while at >= 0:
                keys.append(text[at + 1 : text.index("\t", at)])
                at = text.find(f"\n{words} ", at + 1)
        return tuple(dict.fromkeys(keys))

    @functools.cached_property
    def _lines(self) -> dict[str, list[tuple[str, str]]]:
        lines: dict[str, list[tuple[str, str]]] = {}
        for file, text in self._texts.items():
            for line in text.splitlines()[1:]:
                lines.setdefault(line[: line.index("\t")], []).append((file, line))
        return lines

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and any(True for _line in self._lines_of(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


@functools.cache
def packaged() -> Table:
    """Return the packaged table."""
    return Table(OnDemand(*_FILES, make=_listings), AS_OF, COMPLETE_SINCE)


def _listings(matches: list[dict[str, str]]) -> tuple[Listing, ...]:
    return tuple(
        Listing(
            taxon=row["taxon"],
            rank=row["rank"],
            appendix=row["appendix"],
            party=row["party"],
            populations=Populations.from_text(row["populations"]),
            annotations=tuple(row["annotation"].split()),
            since=day(row["since"]),
            until=day(row["until"]),
            first=bool(row["first"]) or row["since"] == IN_FORCE.isoformat(),
            source=row["source"],
            kingdom=_FILES[row["file"]],
        )
        for row in matches
    )


@functools.cache
def meetings() -> tuple[Meeting, ...]:
    """Return the meetings of the Conference of the Parties, in their order."""
    return tuple(
        Meeting(
            row["name"], row["place"], date.fromisoformat(row["closed"]),
            date.fromisoformat(row["in_force"]),
        )
        for row in rows("meetings.tsv")
    )  # fmt: skip


@functools.cache
def reservations() -> tuple[Reservation, ...]:
    """Return the reservations that the packaged table knows."""
    return tuple(
        Reservation(
            row["taxon"], row["party"], row["appendix"], day(row["since"]), day(row["until"]),
            row["note"], row["source"],
        )
        for row in rows("reservations.tsv")
    )  # fmt: skip


@functools.cache
def reported() -> tuple[dict[str, str], ...]:
    """Return the rows of amendments that were reported after `AS_OF` (`reports.reports`): no law."""
    return tuple(rows("reported.tsv"))


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a packaged table, by the names of its columns.

    These are files of our own, without quotes: a plain split is some milliseconds faster than a
    parser of CSV, and an identification waits for it.
    """
    head, *lines = (_FOLDER / file).read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def day(text: str) -> date | None:
    """Return the day of a cell; None of an empty one."""
    return date.fromisoformat(text) if text else None


@functools.cache
def table_sha256() -> str:
    """Return the SHA-256 of the packaged files, one after the other by name."""
    paths = sorted(_FOLDER.iterdir())
    content = b"".join(p.read_bytes() for p in paths if p.suffix in (".tsv", ".toml"))
    return hashlib.sha256(content).hexdigest()
