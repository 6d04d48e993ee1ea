"""National law: protection schedules that a laboratory keeps as a table of its own.

A schedule is a CSV or TSV with the columns ``taxon``, ``law`` and ``category``; ``country``, ``article``, ``since`` and
``until`` may be there too. What it says comes before CITES: it is what a court applies first.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.io.cells import decoded
from forensics.io.dates import parse_day
from forensics.io.files import read_limited
from forensics.messages import _
from forensics.taxonomy.listings.nomenclature import clean_name
from forensics.taxonomy.listings.places import place_of
from forensics.taxonomy.listings.results import Protection

__all__ = ["read_schedule", "table_rows"]

_COLUMNS = {
    "taxon": "taxon",
    "species": "taxon",
    "name": "taxon",
    "law": "law",
    "act": "law",
    "category": "category",
    "schedule": "category",
    "article": "article",
    "section": "article",
    "country": "country",
    "since": "since",
    "from": "since",
    "in_force": "since",
    "until": "until",
    "to": "until",
}
_NEEDED = ("taxon", "law", "category")
# The longest schedules have some thousands of rows.
_MOST_BYTES = 64 * 2**20


def read_schedule(path: str | os.PathLike) -> tuple[Protection, ...]:
    """Read a schedule of national law.

    Parameters
    ----------
    path : path
        CSV or TSV, UTF-8 or Windows-1252. Dates are year, month and day (``2019-07-01``); an
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
    content = read_limited(path, _MOST_BYTES)
    rows, columns = table_rows(content, str(path), _COLUMNS, _NEEDED)
    digest = hashlib.sha256(content).hexdigest()
    protections = []
    for line, row in rows:
        cells = {key: (row.get(column) or "").strip() for key, column in columns.items()}
        if not any(cells.values()):
            continue
        for key in _NEEDED:
            if not cells[key]:
                raise InputError(
                    _("the column '{column}' is empty").format(column=columns[key]),
                    source=str(path), line=line,
                )  # fmt: skip
        since = _day(cells.get("since", ""), str(path), line)
        until = _day(cells.get("until", ""), str(path), line)
        if since and until and until <= since:
            raise InputError(
                _("it ends ({until}) before it begins ({since})").format(since=since, until=until),
                source=str(path), line=line,
            )  # fmt: skip
        protections.append(
            Protection(
                taxon=_taxon(cells["taxon"], str(path), line),
                country=_country(cells.get("country", ""), str(path), line),
                law=cells["law"],
                category=cells["category"],
                article=cells.get("article", ""),
                since=since,
                until=until,
                file=path.name,
                line=line,
                sha256=digest,
            )
        )
    return tuple(protections)


def table_rows(
    content: bytes, source: str, known: dict[str, str], needed: tuple[str, ...]
) -> tuple[Iterator[tuple[int, dict[str, str]]], dict[str, str]]:
    """Return the rows of a table with their lines, and its columns by what they are.

    Raises
    ------
    InputError
        If a column that is needed is missing, or a row has more cells than the header.
    """
    text = decoded(content)
    if "\0" in text:
        raise InputError(_("this is no table of text"), source=source)
    first = next(iter(text.splitlines()), "")
    delimiter = max("\t;,", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, str] = {}
    for column in reader.fieldnames or ():
        key = known.get((column or "").strip().casefold().replace(" ", "_"))
        if key:
            columns.setdefault(key, column)
    missing = [key for key in needed if key not in columns]
    if missing:
        raise InputError(
            _("found the columns {found}; missing: {missing}").format(
                found=", ".join(reader.fieldnames or ()) or "-", missing=", ".join(missing)
            ),
            source=source, line=1,
        )  # fmt: skip
    return _guarded(reader, source), columns


def _guarded(reader: csv.DictReader, source: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for row in reader:
            if None in row:
                raise InputError(
                    _("the row has more cells than the header; quote cells that hold the separator"),
                    source=source, line=reader.line_num,
                )  # fmt: skip
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            _("this is no table: {why}").format(why=error), source=source, line=reader.line_num
        ) from error


def _day(text: str, source: str, line: int) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise InputError(
            _("{found!r} is no date; write year, month and day, such as 2019-07-01").format(
                found=text
            ),
            source=source, line=line,
        ) from error  # fmt: skip


def _taxon(text: str, source: str, line: int) -> str:
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
