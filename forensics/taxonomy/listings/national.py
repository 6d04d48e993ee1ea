"""National law: protection schedules that a laboratory keeps as a table of its own.

A schedule is a CSV or TSV with the columns ``taxon``, ``law`` and ``category``; ``country``, ``article``, ``since`` and
``until`` may be there too. What it says comes before CITES: it is what a court applies first.
"""

import os
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.io.inputs import Budget
from forensics.io.tables import DAY, TEXT, Column, read_table
from forensics.messages import _
from forensics.taxonomy.listings.answers import Protection
from forensics.taxonomy.listings.nomenclature import clean_name
from forensics.taxonomy.listings.places import place_of

__all__ = ["read_schedule"]

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


def read_schedule(path: str | os.PathLike[str]) -> tuple[Protection, ...]:
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
                taxon=_taxon(record[_TAXON], source, record.line),
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
