"""Tables and spreadsheets of reference records: what they say of records, and their sequences.

TSV, CSV (comma or semicolon) and XLSX, of BOLD (version 4, 5 and the workbooks of its projects),
of QIIME (its file of lineages, with a header or without), or a laboratory's own.  What a column
holds is given by its name (`forensics.barcode.reference.columns`).  The names of the columns stand
in one of the first lines.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.barcode.reference.columns import SAMPLE, SEQUENCE, TAXONOMY, find_columns
from forensics.barcode.reference.headers import clean_accession
from forensics.barcode.reference.ranked import is_lineage, parse_lineage
from forensics.errors import InputError
from forensics.io.inputs import Budget
from forensics.io.rows import parse_rows, read_sheets, rows_of_frame
from forensics.io.sources import Source
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = ["Row", "Table", "is_table", "read_frame", "read_table", "read_workbook"]

# BOLD's workbooks have two lines before the names of the columns; laboratories have some more.
_HEADER_WITHIN = 20
_HEAD = 100_000  # letters in which they are looked for
_MAX_COLUMNS = 500
# A workbook of BOLD with 100,000 specimens unpacks to 200 MB; a sheet can hold 1,048,576 rows.
_BUDGET = Budget(max_bytes=2**30, max_rows=1_048_576, max_columns=_MAX_COLUMNS)
# BOLD's exports write this where a cell is empty.
_EMPTY = ("None",)


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    line : int
        Counted from 1.
    values : dict of str to str
        By the fields of `ReferenceRecord`, and ``sequence``; only what is given.
    """

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """What a table says.

    Attributes
    ----------
    records : list of Row
        Rows with a sequence.
    more : dict of str to dict
        What it says of other records, by their accession.
    left_out : list of (int, str)
        Line and accession of rows of a table of sequences that have none.
    """

    records: list[Row] = field(default_factory=list)
    more: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)


_Rows = list[tuple[int, list[str]]]


def is_table(content: str) -> bool:
    """Return whether a text is a table by its content: known columns, or lineages by accession."""
    lines = [line for line in content[:_HEAD].splitlines()[:_HEADER_WITHIN] if line.strip()]
    if not lines:
        return False
    if _headless(lines[0]):
        return True
    for line in lines:
        cells = line.split(_delimiter(line))
        names_present = {name for names in find_columns(cells).values() for name in names}
        if len(cells) > 1 and "accession" in names_present and len(names_present) > 1:
            return True
    return False


def read_table(content: str, path: Path) -> Table:
    """Read a table in text.

    Raises
    ------
    InputError
        If no column holds accessions, or a quotation mark is not closed; with the line.
    """
    lines = [line for line in content[:_HEAD].splitlines() if line.strip()][:_HEADER_WITHIN]
    first = lines[0] if lines else ""
    headless = _headless(first)
    rows = _csv(content, "\t" if headless else _delimiter_of(lines), path)
    if headless:
        tables = [
            (line, dict(zip(("accession", TAXONOMY), (cell.strip() for cell in cells))))
            for line, cells in rows
            if len(cells) > 1
        ]
        return _table(tables)
    return _table(_named([_rows(rows)], path))


def read_workbook(data: bytes, path: Path) -> Table:
    """Read every sheet of an XLSX; sheets are joined by the accession or by the sample.

    Raises
    ------
    InputError
        If it cannot be read, or no sheet has accessions.
    """
    with Source(BytesIO(data), str(path), budget=_BUDGET) as source:
        sheets = [
            [(row.line, list(row.cells)) for row in sheet.rows] for sheet in read_sheets(source)
        ]
    return _table(_named(sheets, path))


def read_frame(frame: "pandas.DataFrame", path: Path) -> Table:
    """Read a DataFrame of reference records.

    A named index is a column like others; an index that is not named and not a count holds the
    accessions, where no column does.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : pathlib.Path
        What the table is called in errors.

    Raises
    ------
    InputError
        If no column holds accessions.
    """
    rows = [(row.line, list(row.cells)) for row in rows_of_frame(frame)]
    header = rows[0][1]
    columns = {name for names in find_columns(header).values() for name in names}
    if header and not header[0] and "accession" not in columns:
        header[0] = "accession"
    return _table(_named([_rows(rows)], path))


def _rows(rows: Iterable[tuple[int, list[str]]]) -> _Rows:
    return [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]


def _named(sheets: list[_Rows], path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of all sheets by what their columns hold, joined where the sample joins them."""
    with_accession, with_sample, met = [], [], []
    for rows in sheets:
        begin, columns = _header(rows)
        met += rows[0][1] if rows else []
        present = {name for names in columns.values() for name in names}
        if present >= {SEQUENCE, "voucher"} and "accession" not in present:
            # A laboratory's own sequences bear the number of their specimen.
            columns = {k: (*v, "accession") if "voucher" in v else v for k, v in columns.items()}
            present.add("accession")
        read = [(line, _values(cells, columns)) for line, cells in rows[begin + 1 :]]
        if "accession" in present:
            with_accession += read
        elif SAMPLE in present:
            with_sample += read
    if not with_accession:
        raise InputError(
            _("the table has no column 'accession'; found: {columns}").format(
                columns=", ".join(met[:_MAX_COLUMNS])
            ),
            source=str(path),
            line=1,
        )
    further: dict[str, dict[str, str]] = {}
    for _line, values in with_sample:
        further.setdefault(values.get(SAMPLE, ""), {}).update(values)
    further.pop("", None)
    return [(line, {**further.get(v.get(SAMPLE, ""), {}), **v}) for line, v in with_accession]


def _header(rows: _Rows) -> tuple[int, dict[int, tuple[str, ...]]]:
    """Return which of the first rows names the columns, and what they hold."""
    for place, (_line, cells) in enumerate(rows[:_HEADER_WITHIN]):
        columns = find_columns(cells)
        present = {name for names in columns.values() for name in names}
        if "accession" in present or (len(columns) > 1 and present & {SAMPLE, SEQUENCE}):
            return place, columns
    return 0, {}


def _values(cells: list[str], columns: dict[int, tuple[str, ...]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for place, names in columns.items():
        cell = cells[place].strip() if place < len(cells) else ""
        if cell and cell not in _EMPTY:
            for name in names:  # of two columns for one thing the first that says it
                values.setdefault(name, cell)
    return values


def _table(rows: Iterable[tuple[int, dict[str, str]]]) -> Table:
    table = Table()
    rows = list(rows)
    of_sequences = any(SEQUENCE in values for _line, values in rows)
    for line, values in rows:
        lineage = values.pop(TAXONOMY, "")
        if is_lineage(lineage):
            name, ranks = parse_lineage(lineage)
            values = {**({"name": name} if name else {}), **ranks, **values}
        elif lineage:
            values.setdefault("name", lineage)
        values.pop(SAMPLE, None)
        accession = "_".join(values.get("accession", "").split())
        values["accession"] = clean_accession(accession)
        if SEQUENCE in values:
            table.records.append(Row(line, values))
        elif of_sequences:
            table.left_out.append((line, values["accession"]))
        else:
            table.more[values.pop("accession")] = values
    return table


def _delimiter(line: str) -> str:
    return max("\t;,", key=line.count)


def _delimiter_of(lines: list[str]) -> str:
    """Return the delimiter of the line that names columns, else of the first."""
    for line in lines:
        if len(find_columns(line.split(_delimiter(line)))) > 1:
            return _delimiter(line)
    return _delimiter(lines[0]) if lines else ","


def _headless(line: str) -> bool:
    """Return whether a line is one of QIIME's lineages: accession, tab, lineage."""
    cells = line.split("\t")
    return len(cells) in (2, 3) and bool(cells[0].strip()) and is_lineage(cells[1])


def _csv(content: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    # Exports of databases quote nothing, and a quotation mark may begin a cell: hence not strict.
    lines = io.StringIO(content, newline=None)
    for row in parse_rows(lines, delimiter, source=str(path), strict=False):
        yield row.line, list(row.cells)
