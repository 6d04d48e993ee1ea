"""Lists that people keep in spreadsheets: rows of a CSV or XLSX file as records of an act."""

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from forensics.custody.budgets import MAX_DOCUMENT_BYTES
from forensics.custody.fields import MAX_ITEMS, Field
from forensics.custody.unicode_text import nfc
from forensics.errors import InputError
from forensics.io.inputs import Budget, read_limited
from forensics.io.rows import read_sheets
from forensics.io.sheets import choose_sheet
from forensics.io.sources import Source
from forensics.messages import _

__all__ = ["read_rows"]

MAX_FILE = 32 * 2**20
_BUDGET = Budget(max_bytes=MAX_DOCUMENT_BYTES, max_rows=MAX_ITEMS)


def read_rows(path: str | os.PathLike[str], parts: Sequence[Field]) -> list[dict[str, Any]]:
    """Return the rows of a table as records of these fields.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab; UTF-8 or Windows-1252) or XLSX with one sheet that is not
        empty. The first row names the columns, as the fields are called; a cell with several values
        separates them by semicolons, or by commas where no semicolon is in it.
    parts : sequence of Field

    Raises
    ------
    InputError
        Naming file and line of what is wrong: every row is right, or none is taken.
    """
    path = Path(path)
    with Source(BytesIO(read_limited(path, MAX_FILE)), str(path), budget=_BUDGET) as source:
        table = list(choose_sheet(read_sheets(source), source)[0])
    known = {part.name: part for part in parts}
    columns: list[str] | None = None
    records: list[dict[str, Any]] = []
    for row in table:
        line = row.line
        try:
            cells = [nfc(cell).strip() for cell in row.cells]
        except InputError as error:
            raise InputError(error.message, source=str(path), record=line) from None
        if not any(cells):
            continue
        if columns is None:
            columns = _columns(cells, known, path, line)
            continue
        records.append(_record(columns, cells, known, path, line))
    if not records:
        raise InputError(_("The table has no rows."), source=str(path))
    return records


def _columns(cells: list[str], known: dict[str, Any], path: Path, line: int) -> list[str]:
    columns = [cell.lower().replace(" ", "_") for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    strange = [name for name in columns if name not in known]
    missing = [part.name for part in known.values() if part.required and part.name not in columns]
    if strange or missing or len(set(columns)) < len(columns):
        raise InputError(
            _(
                "The columns are {found}; expected, each once: {expected} (required: {required})."
            ).format(
                found=", ".join(columns),
                expected=", ".join(known),
                required=", ".join(part.name for part in known.values() if part.required),
            ),
            source=str(path),
            line=line,
        )
    return columns


def _record(
    columns: list[str], cells: list[str], known: dict[str, Any], path: Path, line: int
) -> dict[str, Any]:
    if any(cells[len(columns) :]):
        raise InputError(_("More cells than columns."), source=str(path), line=line)
    row = {}
    for name, cell in zip(columns, cells):
        part = known[name]
        if not cell:
            continue
        if part.kind.many:
            separator = ";" if ";" in cell else ","
            row[name] = [
                part.kind.read(part_of_cell.strip())
                for part_of_cell in cell.split(separator)
                if part_of_cell.strip()
            ]
        else:
            row[name] = part.kind.read(cell)
        if problem := part.kind.problem(row[name]):
            text = f"{name}: {problem}"
            raise InputError(text, source=str(path), line=line)
    for part in known.values():
        if part.required and part.name not in row:
            raise InputError(
                _("{name} is missing").format(name=part.name), source=str(path), line=line
            )
    return row
