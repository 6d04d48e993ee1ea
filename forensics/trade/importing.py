"""A file into the store: whole or not at all, every row kept, every doubt told.

>>> from forensics.trade.importing import import_file
>>> report = import_file(store, "seizures.xlsx", dry_run=True)             # doctest: +SKIP
>>> report.rows, report.parsed, report.flagged                             # doctest: +SKIP
"""

import os
from dataclasses import dataclass, replace

from forensics.errors import InputError
from forensics.messages import _
from forensics.trade.linking import Links
from forensics.trade.mapping import Mapping, chosen
from forensics.trade.reading import ReadRow, read_row
from forensics.trade.record import Problem
from forensics.trade.sheets import Sheet, read_sheet
from forensics.trade.store import Store
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

    def to_dict(self) -> dict:
        """Return plain values."""
        return {
            "file": self.file, "mapping": self.mapping, "rows": self.rows,
            "seizures": self.seizures, "specimens": self.specimens, "parsed": self.parsed,
            "flagged": self.flagged, "unmapped": list(self.unmapped), "dry_run": self.dry_run,
            "problems": [one.to_dict() for one in self.problems],
        }  # fmt: skip


def import_file(
    store: Store,
    path: str | os.PathLike,
    *,
    mapping: str | os.PathLike | None = None,
    date_order: str = "",
    decimal: str = "",
    links: Links | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import a file.

    Parameters
    ----------
    store : Store
    path : path
        CSV, XLSX, or GeoJSON, EarthRanger events or Darwin Core as this package writes them.
    mapping : str or path, optional
        Name of a packaged mapping, or a file; default: the one that fits the columns.
    date_order, decimal : str
        Instead of those of the mapping.
    links : Links, optional
        Of a ledger, in which cases, exhibits and findings of the file are looked up.
    dry_run : bool
        Do everything, tell it, and leave the store as it was.

    Raises
    ------
    InputError
        If the file cannot be read.
    UsageError
        If no mapping fits, or the content was imported before.
    """
    from forensics.trade.exchange.reading import json_sheet

    sheet = json_sheet(path) or read_sheet(path)
    found = chosen(mapping, sheet.header, sheet.name)
    if found.header:
        sheet = read_sheet(path, header=found.header)
    found = replace(
        found, date_order=date_order or found.date_order, decimal=decimal or found.decimal
    )
    return import_sheet(store, sheet, found, links=links, dry_run=dry_run)


def import_sheet(
    store: Store,
    sheet: Sheet,
    mapping: Mapping,
    *,
    links: Links | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import a table that was read; see `import_file`."""
    places = mapping.places(sheet.header)
    if not set(places) & {*FIELDS, "text"}:
        raise InputError(
            _("No column of this file is one of the mapping {name}: found {columns}").format(
                name=mapping.name, columns=", ".join(sheet.header[:20])
            ),
            source=sheet.name,
        )
    used = set(places.values())
    unmapped = tuple(
        name
        for place, name in enumerate(sheet.header)
        if place not in used and fold(name) not in mapping.ignored
    )
    problems: list[Problem] = []
    flagged: set[int] = set()
    unread: set[int] = set()
    seizures: dict[object, tuple[int, int]] = {}
    of_reference: dict[str, object] = {}
    specimens = 0
    with store.changing(dry_run=dry_run):
        file = store.add_file(sheet, mapping=mapping.name, mapping_sha256=mapping.sha256)
        for row in sheet.rows:
            key = store.add_row(file, row)
            read = read_row(row, sheet.header, mapping, places)
            group = _group(read, row.number)
            of_row = list(read.problems)
            seizure, number = seizures.get(group, (0, 0))
            if not seizure:
                reference = read.seizure.get("reference", "")
                if reference and of_reference.setdefault(reference, group) != group:
                    of_row.append(_differs(reference))
                seizure = store.add_seizure(read.seizure)
            if links or read.links:
                (links or Links.unchecked()).tie(store, seizure, read.links, row.number, sheet.name)
            kinds = read.specimens or (({}, ()),)
            if not read.specimens:
                of_row.append(_empty())
            for place, (values, about) in enumerate(kinds):
                number += 1
                specimens += 1
                specimen = store.add_specimen(seizure, number, key, values)
                told = [*(of_row if place == 0 else ()), *about]
                for problem in told:
                    store.add_problem(key, specimen, problem)
                    problems.append(
                        replace(
                            problem, file=sheet.name, row=row.number, seizure=seizure,
                            specimen=specimen, reference=read.seizure.get("reference", ""),
                        )
                    )  # fmt: skip
                    flagged.add(row.number)
                    if problem.code.endswith(_UNREAD):
                        unread.add(row.number)
            seizures[group] = (seizure, number)
    return ImportReport(
        sheet.name, mapping.name, len(sheet.rows), len(seizures), specimens,
        len(sheet.rows) - len(unread), len(flagged), unmapped, tuple(problems), dry_run,
    )  # fmt: skip


_UNREAD = ("_AMBIGUOUS", "_UNREADABLE", "_SEVERAL", "_CONTRADICTORY", "_KINDS", "_WIDER", "_EMPTY")


def _group(read: ReadRow, number: int) -> object:
    """Return what rows of one seizure have in common; a row without a reference stands alone."""
    if not read.key and not read.seizure.get("reference"):
        return number
    return (read.key, tuple(sorted(read.seizure.items())))


def _differs(reference: str) -> Problem:
    return Problem(
        "SEIZURE_DIFFERS", "reference", reference,
        _("rows of one reference that say the same of the seizure; kept as a seizure of its own"),
        severity="warning",
    )  # fmt: skip


def _empty() -> Problem:
    return Problem("ROW_EMPTY", "", "", _("something that was seized; the row is kept as it is"))
