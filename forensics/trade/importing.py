"""A file into the store: whole or not at all, every row kept, every doubt told.

>>> from forensics.trade.importing import import_file
>>> report = import_file(store, "seizures.xlsx", dry_run=True)             # doctest: +SKIP
>>> report.rows, report.parsed, report.flagged                             # doctest: +SKIP
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from forensics.errors import InputError
from forensics.messages import _
from forensics.trade.choosing import Choice, choose_sheets
from forensics.trade.linking import Links
from forensics.trade.mapping import Mapping
from forensics.trade.reading import ReadRow, read_row
from forensics.trade.record import ASIDE, WAITING, Problem
from forensics.trade.rules import RECORD, TOTAL
from forensics.trade.sheets import Row, Sheet, read_sheets
from forensics.trade.store import Store
from forensics.trade.totals import Totals
from forensics.trade.vocabulary import FIELDS, fold

__all__ = ["ImportReport", "import_file", "import_sheet"]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do.

    Attributes
    ----------
    file, mapping : str
    rows : int
        Read; all of them are in the store.
    seizures, specimens : int
        Made of them.
    parsed : int
        Rows whose quantities, dates and numbers all have one reading.
    flagged : int
        Rows with something that a person must look at.
    unmapped : tuple of str
        Columns that no field takes; they are kept in the original rows.
    problems : tuple of Problem
    dry_run : bool
    sheets : tuple of str
        Of a workbook with several sheets, those that were read.
    unread : tuple of (str, str)
        Its sheets that are not empty and do not hold records, each with the reason.
    skipped : tuple of (str, str)
        Its sheets that were imported before, or were not asked for.
    waiting : int
        Rows that look like totals and wait for a decision; they are not counted until then.
    """

    file: str
    mapping: str
    rows: int
    seizures: int
    specimens: int
    parsed: int
    flagged: int
    unmapped: tuple[str, ...]
    problems: tuple[Problem, ...]
    dry_run: bool
    sheets: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    waiting: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "file": self.file, "mapping": self.mapping, "rows": self.rows,
            "seizures": self.seizures, "specimens": self.specimens, "parsed": self.parsed,
            "flagged": self.flagged, "waiting": self.waiting, "unmapped": list(self.unmapped),
            "dry_run": self.dry_run, "sheets": list(self.sheets),
            "unread_sheets": [{"sheet": name, "reason": why} for name, why in self.unread],
            "skipped_sheets": [{"sheet": name, "reason": why} for name, why in self.skipped],
            "problems": [problem.to_dict() for problem in self.problems],
        }  # fmt: skip


def import_file(
    store: Store,
    path: str | os.PathLike[str],
    *,
    mapping: str | os.PathLike[str] | None = None,
    date_order: str = "",
    decimal: str = "",
    sheets: Sequence[str] = (),
    links: Links | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file, with all sheets of a workbook that hold records.

    Parameters
    ----------
    store : Store
    path : path
        CSV, XLSX, or GeoJSON, EarthRanger events or Darwin Core as this package writes them.
    mapping : str or path, optional
        Name of a packaged mapping, or a file; default: the one that fits the columns.
    date_order, decimal : str
        Instead of those of the mapping.
    sheets : sequence of str
        Titles of the sheets of a workbook that are meant; default: all whose columns say when or under
        which reference something was seized, and what. The others are named in the report.
    links : Links, optional
        Of a ledger, in which cases, exhibits and findings of the file are looked up.
    dry_run : bool
        Do everything, tell it, and leave the store as it was.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If no mapping fits, the content was imported before, or there is no such sheet.
    """
    from forensics.trade.exchange.reading import json_sheet

    json_records = json_sheet(path)
    choice = choose_sheets(
        store, path, (json_records,) if json_records else read_sheets(path), mapping, sheets
    )
    parts = [
        (
            sheet,
            replace(
                taken, date_order=date_order or taken.date_order, decimal=decimal or taken.decimal
            ),
        )
        for sheet, taken in choice.sheets
    ]
    return _import_sheets(store, parts, choice, links=links, dry_run=dry_run)


def import_sheet(
    store: Store,
    sheet: Sheet,
    mapping: Mapping,
    *,
    links: Links | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import a table that was read; see `import_file`."""
    parts = [(sheet, mapping)]
    return _import_sheets(store, parts, Choice(tuple(parts)), links=links, dry_run=dry_run)


def _import_sheets(
    store: Store,
    parts: Sequence[tuple[Sheet, Mapping]],
    choice: Choice,
    *,
    links: Links | None,
    dry_run: bool,
) -> ImportReport:
    """Import sheets of one file, all or none; rows of one reference may stand in several of them."""
    made = _Made()
    with store.changing(dry_run=dry_run):
        for sheet, mapping in parts:
            _add_sheet(store, sheet, mapping, links, made)
    return ImportReport(
        parts[0][0].name,
        ", ".join(dict.fromkeys(mapping.name for _sheet, mapping in parts)),
        made.rows, len(made.seizures), made.specimens, made.rows - len(made.unread),
        len(made.flagged), tuple(dict.fromkeys(made.unmapped)), tuple(made.problems), dry_run,
        tuple(sheet.title for sheet, _mapping in parts if sheet.title), choice.unread,
        choice.skipped, made.waiting,
    )  # fmt: skip


@dataclass
class _Made:
    """What was made of the rows so far."""

    rows: int = 0
    specimens: int = 0
    waiting: int = 0
    unmapped: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    flagged: set[tuple[str, int]] = field(default_factory=set)
    unread: set[tuple[str, int]] = field(default_factory=set)
    seizures: dict[object, tuple[int, int]] = field(default_factory=dict)
    of_reference: dict[str, object] = field(default_factory=dict)


def _add_sheet(
    store: Store, sheet: Sheet, mapping: Mapping, links: Links | None, made: _Made
) -> None:
    places = mapping.places(sheet.header)
    if not set(places) & {*FIELDS, "text"}:
        raise InputError(
            _("No column of this file is one of the mapping {name}: found {columns}").format(
                name=mapping.name, columns=", ".join(sheet.header[:20])
            ),
            source=sheet.label,
        )
    used = set(places.values())
    made.unmapped += [
        name
        for place, name in enumerate(sheet.header)
        if place not in used and fold(name) not in mapping.ignored
    ]
    named = {place: name for name, place in places.items()}
    totals = Totals()
    file = store.add_file(sheet, mapping=mapping.name, mapping_sha256=mapping.sha256)
    for row in sheet.rows:
        key = store.add_row(file, row)
        read = read_row(row, sheet.header, mapping, places)
        group = _group(read, (sheet.title, row.line))
        of_row = list(read.problems)
        seizure, number = made.seizures.get(group, (0, 0))
        if not seizure:
            reference = read.seizure.get("reference", "")
            if reference and made.of_reference.setdefault(reference, group) != group:
                of_row.append(_differs(reference))
            seizure = store.add_seizure(read.seizure)
        if links or read.links:
            (links or Links.unchecked()).tie(store, seizure, read.links, row.line, sheet.label)
        kinds = read.specimens or (({}, ()),)
        if not read.specimens:
            of_row.append(_empty())
        cells = {named.get(place, f"#{place}"): cell for place, cell in enumerate(row.cells)}
        why = ""
        if not sheet.machine:
            why = totals.suspect(cells, read.seizure, [values for values, _about in read.specimens])
        if why:
            of_row.append(_total(row, why))
            made.waiting += 1
        for place, (values, about) in enumerate(kinds):
            number += 1
            made.specimens += 1
            specimen = store.add_specimen(seizure, number, key, values)
            if why:
                store.add_decision(
                    seizure, specimen, WAITING, code=TOTAL, decided_by="forensics", reason=why
                )
            for problem in (*(of_row if place == 0 else ()), *about):
                store.add_problem(key, specimen, problem)
                made.problems.append(
                    replace(
                        problem, file=sheet.label, row=row.line, seizure=seizure,
                        specimen=specimen, reference=read.seizure.get("reference", ""),
                    )
                )  # fmt: skip
                made.flagged.add((sheet.title, row.line))
                if problem.code.endswith(_UNREAD):
                    made.unread.add((sheet.title, row.line))
        made.seizures[group] = (seizure, number)
    made.rows += len(sheet.rows)


_UNREAD = ("_AMBIGUOUS", "_UNREADABLE", "_SEVERAL", "_CONTRADICTORY", "_KINDS", "_WIDER", "_EMPTY")


def _group(read: ReadRow, place: tuple[str, int]) -> object:
    """Return what rows of one seizure have in common; a row without a reference stands alone."""
    if not read.key and not read.seizure.get("reference"):
        return place
    return (read.key, tuple(sorted(read.seizure.items())))


def _differs(reference: str) -> Problem:
    return Problem(
        "SEIZURE_DIFFERS", "reference", reference,
        _("rows of one reference that say the same of the seizure; kept as a seizure of its own"),
        severity="warning",
    )  # fmt: skip


def _empty() -> Problem:
    return Problem("ROW_EMPTY", "", "", _("something that was seized; the row is kept as it is"))


def _total(row: Row, why: str) -> Problem:
    return Problem(
        TOTAL, RECORD, " | ".join(cell.strip() for cell in row.cells if cell.strip())[:200],
        _("a record of its own; it looks like a total: {why}. It is not counted until somebody decides").format(
            why=why
        ),
        suggestion=ASIDE,
    )  # fmt: skip
