"""The official lists, so that a laboratory is current: Index of CITES Species, History of CITES Listings.

Both are CSV downloads of the Checklist of CITES Species (UNEP-WCMC). They give names, Appendices, dates and the text
of annotations, not which specimens an annotation means: that stays with the packaged table, as long as both
agree on the Appendices of the taxon. Where they differ the official list counts, and that is said.

A download may be a part: of one order, or cut by hand. That a list lacks a name says something only where it holds what
the packaged table lists around it (`Official.gap`); else the packaged table answers, and that is said.

National law: protection schedules that a laboratory keeps as a table of its own.

A schedule is a CSV or TSV with the columns ``taxon``, ``law`` and ``category``; ``country``, ``article``, ``since`` and
``until`` may be there too. What it says comes before CITES: it is what a court applies first.
"""

import csv
import functools
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

from forensics.core.notice import Notice
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath, Budget, read_limited
from forensics.io.numbers import parse_day
from forensics.io.tables import DAY, TEXT, Column, Source, read_table
from forensics.messages import _
from forensics.notices import listings as notices
from forensics.taxonomy.listings.results import (
    NO_LISTING,
    Answer,
    ListingResult,
    Protection,
    Report,
    strictest,
)
from forensics.taxonomy.listings.table import (
    AS_OF,
    EVERYWHERE,
    EXCEPTED,
    Listing,
    Taxon,
    above,
    clean_name,
    is_in_force,
    packaged,
    place_of,
)

_TAXON = Column("taxon", TEXT, ("species", "name"), filled=True, several="first")
_LAW = Column("law", TEXT, ("act",), filled=True, several="first")
_CATEGORY = Column("category", TEXT, ("schedule",), filled=True, several="first")
_ARTICLE = Column("article", TEXT, ("section",), required=False, several="first")
_COUNTRY = Column("country", TEXT, required=False, several="first")
_SINCE = Column("since", DAY, ("from", "in_force"), required=False, several="first")
_UNTIL = Column("until", DAY, ("to",), required=False, several="first")
_COLUMNS = (_TAXON, _LAW, _CATEGORY, _ARTICLE, _COUNTRY, _SINCE, _UNTIL)
# The longest schedules have some thousands of rows.
_BUDGET = Budget(max_bytes=64 * 2**20)


def read_schedule(path: AnyPath) -> tuple[Protection, ...]:
    """Read a schedule of national law.

    Parameters
    ----------
    path : path
        CSV, TSV or .xlsx; see `forensics.io.tables.read_table`. Dates are year, month and day (``2019-07-01``); an
        empty ``since`` means always, an empty ``until`` still.

    Returns
    -------
    tuple of Protection
        A row each, in the order of the file.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column, or a row has no taxon, law or category, a date that
        is none, or a country that is not known; with the line.
    """
    path = Path(path)
    source = str(path)
    table = read_table(path, budget=_BUDGET, narrow_rows=True, no_rows=True)
    protections = []
    for record in table.records(*_COLUMNS, pass_blank=True):
        since, until = record[_SINCE], record[_UNTIL]
        if since and until and until <= since:
            raise InputError(
                _("it ends ({until}) before it begins ({since})").format(since=since, until=until),
                source=source, line=record.line,
            )  # fmt: skip
        protections.append(
            Protection(
                taxon=taxon_in(record[_TAXON], source, record.line),
                country=_country(record[_COUNTRY], source, record.line),
                law=record[_LAW],
                category=record[_CATEGORY],
                article=record[_ARTICLE],
                since=since,
                until=until,
                file=path.name,
                line=record.line,
                sha256=table.sha256,
            )
        )
    return tuple(protections)


def taxon_in(text: str, source: str, line: int) -> str:
    """Return a name as it is compared; a row that no taxon can match is not passed over."""
    try:
        return clean_name(text)
    except UsageError as error:
        raise InputError(str(error), source=source, line=line) from error


def _country(text: str, source: str, line: int) -> str:
    try:
        return place_of(text) or ""
    except UsageError as error:
        raise InputError(str(error), source=source, line=line) from error


# The whole index with three languages of annotations has some 60 MB.
MAX_BYTES = 512 * 2**20
# Early downloads, and those through old programs, have the underscore in UTF-7: ``scientific+AF8-name``.
_UTF7_UNDERSCORE = "+af8-"
_INDEX = {
    "fullname": "name",
    "scientific_name": "name",
    "rankname": "rank",
    "currentlisting": "listing",
    "fullannotationenglish": "annotation",
    "annotationenglish": "annotation",
    "#annotationsymbol": "symbol",
    "synonyms": "synonyms",
    "synonymswithauthors": "synonyms",
    "kingdom": "kingdom",
    "class": "class",
    "order": "order",
    "family": "family",
    "genus": "genus",
}
_HISTORY = {
    "fullname": "name",
    "scientific_name": "name",
    "rankname": "rank",
    "appendix": "appendix",
    "partyisocode": "party",
    "changetype": "change",
    "effectiveat": "since",
    "iscurrent": "current",
    "fullannotationenglish": "annotation",
    "annotationenglish": "annotation",
    "#annotationsymbol": "symbol",
    "kingdom": "kingdom",
    "class": "class",
    "order": "order",
    "family": "family",
    "genus": "genus",
}
_ADDED, _RESERVED, _WITHDRAWN, _DELETED = (
    "ADDITION", "RESERVATION", "RESERVATION_WITHDRAWAL", "DELETION",
)  # fmt: skip
_APPENDICES = ("I", "II", "III")
# What the packaged table says of the past that it does not hold.
_OF_THE_TABLE = ("SINCE_NOT_RECORDED", "HISTORY_NOT_HELD", "DATE_NOT_SURE", "PLACEMENT_NOT_SURE")
# "not listed": what the index writes where some of a taxon is in no Appendix.
_NONE = "NC"
# Share of the taxa around a name that a list must hold for its silence to count. Names change and taxa are taken out: a
# list of species of 2017 holds 92 % of the species and subspecies of animals that the table lists for its day.
_MIN_HELD = 0.9
_KINGDOMS = {"Animalia": "animals", "Plantae": "plants"}
Entries = list[tuple[int, dict[str, str]]]  # lines of a file, with their cells by what they are
_NAME = re.compile(r"[A-Z][a-zà-ÿ-]+(?: [a-zà-ÿ-]+){0,2}")


# Bytes of a cell: annotations of the official lists are longer than the 128 KiB that csv allows.
_MAX_CELL = 1 << 24


@dataclass(frozen=True)
class OfficialTaxon:
    """What an official list says of a taxon.

    Attributes
    ----------
    rank : str
        In lower case; of a history the rank of its first row.
    listings : tuple of Listing
        One each Appendix and Party; of an index without dates.
    partly : bool
        Whether some of it is in no Appendix.
    deleted : tuple of datetime.date
        Days on which it was taken out of an Appendix; of an index none.
    """

    name: str
    rank: str
    listings: tuple[Listing, ...]
    partly: bool
    annotation: str
    deleted: tuple[date, ...] = ()

    def settles(self, day: date) -> bool:
        """Return whether a taxon above it needs not be looked at: it is listed, or left out."""
        return (
            any(is_in_force(row, day) for row in self.listings)
            or self.partly
            or any(deletion <= day for deletion in self.deleted)
        )


@dataclass(frozen=True, eq=False)
class Official:
    """An official list.

    Attributes
    ----------
    kind : str
        ``index`` or ``history``.
    names : mapping of str to str
        Accepted name by synonym.
    above : mapping of str to tuple of str
        Family and order of each genus.
    as_of : datetime.date
        Day that was given with the file.
    class_of : mapping of str to (str, str)
        Kingdom and class of the taxa, where the file says them.
    declared : frozenset of str
        Orders, families or genera that it holds whole, as who made a law package of it declared.
    """

    kind: str
    taxa: Mapping[str, OfficialTaxon]
    names: Mapping[str, str]
    above: Mapping[str, tuple[str, ...]]
    as_of: date
    file: str
    sha256: str
    class_of: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    # What a law package has beside it.
    amendments: ClassVar[tuple[Report, ...]] = ()
    national: ClassVar[tuple[Protection, ...]] = ()

    def find(self, name: str, day: date, known_above: Iterable[str] = ()) -> OfficialTaxon | None:
        """Return what holds for a name on a day: its own row, else that of a taxon above it.

        `known_above` are taxa above it that the file need not name: of a genus of which it has no row.
        """
        name = self.names.get(name, name)
        words = name.split(" ")
        levels = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
        for level in (*levels, *self.above.get(words[0], tuple(known_above))):
            if level in self.taxa and self.taxa[level].settles(day):
                return self.taxa[level]
        return None

    def gap(self, taxon: Taxon) -> Notice | None:
        """Return that the list is a part which says nothing of a taxon that it lacks; None where it is whole there.

        It must hold what the packaged table lists in the highest taxon above it that the table knows, and in its
        kingdom; in both kingdoms where it is not known. Of what it is declared to hold whole the kingdom does not matter.
        """
        listed = [(n, k, top) for n, k, top in _listed() if n not in (taxon.given, taxon.name)]
        near = [(name, kingdom, top) for name, kingdom, top in listed if top in taxon.levels]
        kingdoms = {kingdom for _name, kingdom, _top in near}
        all_of_kingdom = [each for each in listed if not kingdoms or each[1] in kingdoms]
        is_declared = not self.declared.isdisjoint(taxon.levels)
        for group in (near,) if is_declared else (near, all_of_kingdom):
            held = self._held(group)
            if held < _MIN_HELD * len(group):
                facts: dict[str, Any] = {
                    "name": taxon.name, "file": self.file, "as_of": self.as_of.isoformat(),
                    "held": held, "number": len(group), "table": AS_OF.isoformat(),
                }  # fmt: skip
                if group is near:
                    return notices.NOT_IN_OFFICIAL_LIST("near", group=near[0][2], **facts)
                return notices.NOT_IN_OFFICIAL_LIST("all", **facts)
        return None

    def _held(self, group: Iterable[tuple[str, str, str]]) -> int:
        """Return how many taxa of a group (`_listed`) it has, under one name or another."""
        return sum(name in self.taxa or name in self.names for name, _kingdom, _top in group)

    def kingdoms(self) -> list[str]:
        """Return the kingdoms of which its silence counts."""
        groups = {
            kingdom: [each for each in _listed() if each[1] == kingdom]
            for kingdom in ("animals", "plants")
        }
        return [
            kingdom
            for kingdom, group in groups.items()
            if self._held(group) >= _MIN_HELD * len(group)
        ]

    def classes(self) -> list[str]:
        """Return the classes of which its silence counts, as the file names them: those of whole kingdoms, and with
        what is held of them those of taxa that are declared.
        """
        held = self.kingdoms()
        whole = {name for kingdom, name in self.class_of.values() if _KINGDOMS.get(kingdom) in held}
        parts = {
            f"{name} ({taxon})"
            for member, (_kingdom, name) in self.class_of.items()
            if name not in whole
            for taxon in self.declared & {member, *above(member)}
        }
        return sorted(whole | parts)

    def require(self, declared: Iterable[str]) -> None:
        """Refuse a taxon that is declared to be held whole, and is not.

        Raises
        ------
        UsageError
            If the packaged table lists nothing in it, or more than the file has.
        """
        for taxon in declared:
            group = [each for each in _listed() if taxon in (each[0], *above(each[0]))]
            held = self._held(group)
            if not group or held < _MIN_HELD * len(group):
                raise UsageError(
                    _(
                        "{file} does not hold {taxon} whole: of {number} taxa that are listed in it, "
                        "it has {held}."
                    ).format(file=self.file, taxon=taxon, number=len(group), held=held)
                )

    def to_dict(self) -> dict[str, Any]:
        """Return what a result or a report states of it."""
        return {
            "kind": self.kind,
            "file": self.file,
            "sha256": self.sha256,
            "as_of": self.as_of.isoformat(),
        }

    def applied(self, result: ListingResult) -> ListingResult:
        """Return a result with what this list says: it counts where the packaged table differs.

        Remarks on the answers are not made yet: they are made of those that count
        (`forensics.taxonomy.listings.lookup.of_result`).
        """
        result = replace(result, official=self.to_dict())
        if self.kind == "index" and result.day < self.as_of:
            return _noted(
                result,
                notices.INDEX_HAS_NO_DATES(
                    as_of=self.as_of.isoformat(), day=result.day.isoformat()
                ),
            )
        if " x " in result.taxon.name:
            return _noted(result, notices.OFFICIAL_NOT_ASKED())
        return self._compared(result)

    def _compared(self, result: ListingResult) -> ListingResult:
        entry = self.find(result.taxon.given, result.day) or self.find(
            result.taxon.name, result.day, result.taxon.above
        )
        if entry is None and (gap := self.gap(result.taxon)):
            return _noted(result, gap)
        result = replace(result, as_of=self.as_of)
        rows = (
            []
            if entry is None
            else [listing for listing in entry.listings if is_in_force(listing, result.day)]
        )
        if entry is not None:  # a name that the official list knows is placed, and no slip
            kept = tuple(note for note in result.notes if note.code not in _OF_THE_TABLE)
            placed = result.taxon._replace(placed=True)
            result = replace(result, taxon=placed, suggestions=(), notes=kept)
        official = {_key(row.appendix, row.party) for row in rows} or {_key(NO_LISTING, "")}
        own = {
            _key(answer.population_appendix, answer.listing.party if answer.listing else "")
            for answer in result.answers
        }
        if rows and entry is not None and entry.partly:  # of the index: "II/NC"
            own.discard(_key(NO_LISTING, ""))
        if own == official or (result.population and own and own <= official):
            return result
        annotation = "" if entry is None else entry.annotation
        answers = [Answer(row.appendix, row, annotation=annotation) for row in rows]
        return _noted(
            replace(result, answers=strictest(answers or [Answer(NO_LISTING)])),
            notices.OFFICIAL_DIFFERS(
                as_of=self.as_of.isoformat(),
                official=_shown(official),
                table=result.table_as_of.isoformat(),
                own=_shown(own),
            ),  # fmt: skip
        )


@functools.cache
def _listed() -> tuple[tuple[str, str, str], ...]:
    """Return the taxa that the packaged table lists in Appendix I or II: name, kingdom, highest taxon known above it."""
    table = packaged()
    return tuple(
        (name, rows[0].kingdom, (name, *above(name))[-1])
        for name in table.listings
        if (
            rows := [
                row
                for row in table.of(name)
                if is_in_force(row, AS_OF) and row.appendix not in ("III", EXCEPTED)
            ]
        )
    )


def _noted(result: ListingResult, notice: Notice) -> ListingResult:
    return replace(result, notes=(*result.notes, notice))


def _key(appendix: str, party: str) -> tuple[str, str]:
    return appendix, party if appendix == "III" else ""


def read_official(path: AnyPath, *, as_of: date) -> Official:
    """Read the Index of CITES Species or the History of CITES Listings, whichever it is.

    Parameters
    ----------
    path : path
        CSV as it was downloaded.
    as_of : datetime.date
        Day of the download; the files do not say it.

    Raises
    ------
    InputError
        If it is neither, or a row has an Appendix, change or date that is none; with the line.

    References
    ----------
    https://checklist.cites.org, output formats of the Checklist of CITES Species.
    """
    path = Path(path)
    content = read_limited(path, MAX_BYTES)
    source = str(path)
    head = content[: 1 << 16].decode("utf-8-sig", "replace").split("\n")[0]
    names = {_plain(name) for name in re.split(r"[,;\t]", head)}
    history = "changetype" in names
    if not history and "currentlisting" not in names:
        raise InputError(
            _(
                "found neither the column CurrentListing (Index of CITES Species) nor ChangeType "
                "(History of CITES Listings)"
            ),
            source=source, line=1,
        )  # fmt: skip
    known = _Known(_HISTORY if history else _INDEX)
    needed = ("name", "rank", "appendix", "change", "since") if history else (
        "name", "rank", "listing",
    )  # fmt: skip
    limit = csv.field_size_limit(_MAX_CELL)  # the limit is one for the whole process
    try:
        entries = _entries(content, source, known, needed)
    finally:
        csv.field_size_limit(limit)
    taxa, synonyms = (_of_history if history else _of_index)(entries, source)
    above: dict[str, tuple[str, ...]] = {}
    for _line, row in entries:
        above.setdefault(
            row.get("genus", ""),
            tuple(name for name in (row.get("family"), row.get("order")) if name),
        )
    return Official(
        kind="history" if history else "index",
        taxa=taxa,
        names=synonyms,
        above=above,
        as_of=as_of,
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        class_of={
            row["name"]: (row["kingdom"], row["class"])
            for _line, row in entries
            if row.get("kingdom") and row.get("class")
        },
    )


def _entries(
    content: bytes, source: str, known: "_Known", needed: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """Return the rows by what their columns hold, each with its line."""
    with Source(BytesIO(content), source, budget=Budget(max_bytes=MAX_BYTES)) as opened:
        table = read_table(opened, narrow_rows=True, no_rows=True)
    places: dict[str, int] = {}
    for place, name in enumerate(table.header):
        if key := known.get(name):
            places.setdefault(key, place)
    if missing := [key for key in needed if key not in places]:
        raise InputError(
            _("found the columns {found}; missing: {missing}").format(
                found=", ".join(table.header), missing=", ".join(missing)
            ),
            source=source, line=table.line,
        )  # fmt: skip
    return [
        (
            row.line,
            {
                key: row.cells[place].strip() if place < len(row.cells) else ""
                for key, place in places.items()
            },
        )
        for row in table.rows
    ]


class _Known(dict[str, Any]):
    """Columns by their names, however the underscore was written."""

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(_plain(key), default)


def _plain(column: str) -> str:
    name = column.strip().strip('"').casefold().replace(" ", "_")
    return name.replace(_UTF7_UNDERSCORE, "_")


def _of_index(entries: Entries, source: str) -> tuple[dict[str, OfficialTaxon], dict[str, str]]:
    taxa: dict[str, OfficialTaxon] = {}
    synonyms: dict[str, str] = {}
    for line, row in entries:
        name = row["name"]
        if not name:
            continue
        parts = [part.strip() for part in row["listing"].split("/") if part.strip()]
        unknown = [part for part in parts if part not in (*_APPENDICES, _NONE)]
        if unknown:
            raise InputError(
                _("{found!r} is not an Appendix; expected I, II, III or NC").format(found=unknown[0]),
                source=source, line=line,
            )  # fmt: skip
        taxa[name] = OfficialTaxon(
            name=name,
            rank=row["rank"].casefold(),
            listings=tuple(
                _listing(name, row["rank"], part, "", None, None, source)
                for part in parts
                if part != _NONE
            ),
            partly=_NONE in parts or not parts,
            annotation=" ".join(f"{row.get('symbol', '')} {row.get('annotation', '')}".split()),
        )
        for synonym in re.split(r"[,;]|  ", row.get("synonyms", "")):
            match = _NAME.match(synonym.strip())
            if match and " " in match[0]:
                synonyms.setdefault(match[0], name)
    return taxa, {synonym: name for synonym, name in synonyms.items() if synonym not in taxa}


def _of_history(entries: Entries, source: str) -> tuple[dict[str, OfficialTaxon], dict[str, str]]:
    """Return taxa with their listings: each lasts until the next change of the taxon."""
    changes: dict[str, list[tuple[date, dict[str, str]]]] = {}
    for line, row in entries:
        if not row["name"]:
            continue
        if row["change"] not in (_ADDED, _RESERVED, _WITHDRAWN, _DELETED):
            raise InputError(
                _("{found!r} is not a change; expected {known}").format(
                    found=row["change"],
                    known=", ".join((_ADDED, _RESERVED, _WITHDRAWN, _DELETED)),
                ),
                source=source, line=line,
            )  # fmt: skip
        if row["appendix"] not in _APPENDICES:
            raise InputError(
                _("{found!r} is not an Appendix; expected I, II or III").format(found=row["appendix"]),
                source=source, line=line,
            )  # fmt: skip
        changes.setdefault(row["name"], []).append((_history_day(row["since"], source, line), row))
    taxa = {}
    for name, dated in changes.items():
        rows = [(day, row) for day, row in dated if row["change"] in (_ADDED, _DELETED)]
        listings = []
        for since, row in rows:
            if row["change"] != _ADDED:
                continue
            later = sorted(day for day, other in rows if day > since and _ends(other, row))
            current = row.get("current", "").casefold() in ("true", "t", "1", "yes")
            listings.append(
                _listing(name, row["rank"], row["appendix"], row.get("party", ""), since,
                         None if current else (later[0] if later else None), source)
            )  # fmt: skip
        annotations = [row["annotation"] for _day, row in rows if row.get("annotation")]
        taxa[name] = OfficialTaxon(
            name=name,
            rank=rows[0][1]["rank"].casefold() if rows else "",
            listings=tuple(listings),
            partly=False,
            annotation=annotations[-1] if annotations else "",
            deleted=tuple(day for day, row in rows if row["change"] == _DELETED),
        )
    return taxa, {}


def _ends(later: dict[str, Any], row: dict[str, Any]) -> bool:
    """Return whether a later change ends a listing; those of Appendix III go country by country."""
    if row["appendix"] == "III":
        return bool(later["appendix"] != "III" or later.get("party") == row.get("party"))
    return bool(later["appendix"] != "III")


def _history_day(text: str, source: str, line: int) -> date:
    match = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return parse_day(text)
    except ValueError as error:
        raise InputError(
            _("{found!r} is not a date; expected day, month and year, such as 18/09/1997").format(
                found=text
            ),
            source=source, line=line,
        ) from error  # fmt: skip


def _listing(
    name: str,
    rank: str,
    appendix: str,
    party: str,
    since: date | None,
    until: date | None,
    source: str,
) -> Listing:
    return Listing(
        taxon=name, rank=rank.casefold(), appendix=appendix, party=party, populations=EVERYWHERE,
        annotations=(), since=since, until=until, first=False, source=Path(source).name,
        kingdom="",
    )  # fmt: skip


def _shown(appendices: Iterable[tuple[str, str]]) -> str:
    shown = []
    for appendix, party in sorted(appendices):
        shown.append(f"{appendix} ({party})" if party else _(appendix))
    return ", ".join(shown)
