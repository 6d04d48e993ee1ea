"""Rows of a CSV, XLSX or GeoJSON file as they stand there, each with its number: nothing is left out.

Unlike the lists of custody, where one wrong row refuses the whole, rows of any width are taken; what is wrong
with them is reported row by row.
"""

import hashlib
import math
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from forensics.errors import InputError
from forensics.io.files import AnyPath, Budget, load_json, read_limited, recognise
from forensics.io.numbers import plain
from forensics.io.tables import XLSX, Row, Source
from forensics.io.tables import read_sheets as read_raw
from forensics.messages import _
from forensics.trade.record import number_text
from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS

MAX_FILE = 256 * 2**20
MAX_UNPACKED = 1024 * 2**20
"""Bytes of a file, and of an XLSX when unpacked; a million rows of twenty cells take some 100 MB."""
MAX_ROWS = 2_000_000
MAX_CELL = 100_000
"""Longest cell: a text of twenty pages."""
_BUDGET = Budget(max_bytes=MAX_UNPACKED, max_rows=MAX_ROWS, max_cells=50 * MAX_ROWS)
# Signs that no XLSX can hold, and no record needs; lines and tabulators stay.
_CONTROL = {
    code: None for code in (*range(9), 11, 12, *range(13, 32), *range(127, 160), 0xFFFE, 0xFFFF)
}


@dataclass(frozen=True)
class Sheet:
    """A file, or a sheet of a workbook, with its rows.

    Attributes
    ----------
    name, sha256, size : str, str, int
        Of the file.
    header : tuple of str
    rows : collection of Row
        May be passed through several times; those of a text are read anew each time.
    title : str
        Of the sheet, where a workbook has several that are not empty; else empty.
    machine : bool
        Whether a program wrote each row as a record (GeoJSON): none can be a total.
    above : tuple of Row
        Rows above the names of the columns.
    """

    name: str
    sha256: str
    size: int
    header: tuple[str, ...]
    rows: Collection[Row]
    title: str = ""
    machine: bool = False
    above: tuple[Row, ...] = ()

    @property
    def label(self) -> str:
        """Name of the file, with that of the sheet where there are several."""
        return sheet_label(self.name, self.title)


def row_sha256(row: Row) -> str:
    """Return the hash of the cells of a row, joined by the sign that separates units."""
    return hashlib.sha256("\x1f".join(row.cells).encode()).hexdigest()


def sheet_label(name: str, title: str) -> str:
    """Return the name of a file with the title of a sheet in it.

    Examples
    --------
    >>> sheet_label("seizures.xlsx", "2025"), sheet_label("seizures.csv", "")
    ('seizures.xlsx [2025]', 'seizures.csv')
    """
    return f"{name} [{title}]" if title else name


Head = tuple[int, int]
"""First and last row with the names of the columns."""


def read_sheets(path: AnyPath, *, head: Head | None = None) -> tuple[Sheet, ...]:
    """Read all sheets of a file that are not empty, hidden ones too; a CSV file is one sheet.

    Parameters
    ----------
    path : path
    head : (int, int), optional
        First and last row with the names of the columns; default: the first row that is not empty.

    Raises
    ------
    InputError
        If it cannot be read as a table, or has no row.
    """
    path = Path(path)
    return sheets_of(read_limited(path, MAX_FILE), path.name, head=head)


def sheets_of(data: bytes, name: str, *, head: Head | None = None) -> tuple[Sheet, ...]:
    """Return the sheets of a file that is in memory; see `read_sheets`."""
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        raise InputError(_("The table has no row with names of columns."), source=name)
    sheets = []
    with Source(BytesIO(data), name, budget=_BUDGET) as source:
        for title, rows in read_raw(source):
            title = clean(title)
            label = sheet_label(name, title)
            above, names = _read_head(rows, head)
            if not names:
                continue
            below: Collection[Row]
            if source.start.startswith(XLSX):
                below = tuple(_checked(rows, label))
            else:
                below = _Lines(data, name, names[-1].line)
            columns = _joined(names)
            sheets.append(Sheet(name, digest, len(data), columns, below, title, above=above))
    if not sheets:
        raise InputError(_("The table has no row with names of columns."), source=name)
    if len(sheets) == 1 and head is None:
        return (replace(sheets[0], title=""),)
    return tuple(sheets)


class _Lines(Collection[Row]):
    """Rows of a text below a line: a million of them need not be in memory together."""

    def __init__(self, data: bytes, name: str, line: int) -> None:
        self._data, self._name, self._line = data, name, line

    def __iter__(self) -> Iterator[Row]:
        with Source(BytesIO(self._data), self._name, budget=_BUDGET) as source:
            for _title, rows in read_raw(source):
                yield from _checked((row for row in rows if row.line > self._line), self._name)

    def __len__(self) -> int:
        return sum(1 for _row in self)

    def __contains__(self, row: object) -> bool:
        return any(other == row for other in self)


def _read_head(rows: Iterator[Row], head: Head | None) -> tuple[tuple[Row, ...], list[Row]]:
    """Return the rows above the names of the columns that are not empty, and those with the names."""
    above: list[Row] = []
    names: list[Row] = []
    first, last = head or (1, 1)
    for row in rows:
        if row.line < first:
            above += [row] if _says_something(row) else []
        elif _says_something(row) or (head and names):
            names.append(row)
        if names and row.line >= last:
            break
    return tuple(above), names


def _joined(names: Sequence[Row]) -> tuple[str, ...]:
    """Return the names of columns of which several rows say a part.

    A cell that is merged over several columns is written in the first of them: what has a name below
    and none above belongs to the name on its left.
    """
    columns: list[list[str]] = [[] for _place in range(max(len(row.cells) for row in names))]
    for number, row in enumerate(names):
        over = ""
        for place, parts in enumerate(columns):
            cell = clean(row.cells[place]) if place < len(row.cells) else ""
            below = any(
                place < len(other.cells) and other.cells[place].strip()
                for other in names[number + 1 :]
            )
            over = cell or (over if below else "")
            if over and over not in parts:
                parts.append(over)
    while columns and not columns[-1]:
        columns.pop()
    return tuple(" ".join(parts) for parts in columns)


def _says_something(row: Row) -> bool:
    return any(map(str.strip, row.cells))


def _checked(rows: Iterable[Row], source: str) -> Iterator[Row]:
    """Yield the rows that are not empty."""
    for row in rows:
        if not _says_something(row):
            continue
        if len(max(row.cells, key=len)) > MAX_CELL:
            raise InputError(
                _("A cell is longer than {most} characters.").format(most=MAX_CELL),
                source=source,
                line=row.line,
            )
        yield row


def clean(cell: str) -> str:
    """Return what a cell says: in one Unicode form, without what spreadsheet programs put around it.

    Examples
    --------
    >>> clean(" '=5 kg_x000D_ ")
    '=5 kg'
    """
    if cell.isascii() and cell.isprintable() and "_x000D_" not in cell:  # as most are
        return plain(cell.strip())
    # _x000D_ is how XLSX writes a carriage return, and some exports leave it there.
    text = cell.replace("_x000D_", "").replace("\r\n", "\n").translate(_CONTROL)
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair, from JSON
    return plain(unicodedata.normalize("NFC", text).strip())


_HEADER = (*FIELDS, "quantity_text", "seizure")
_NUMBERS = {"quantity", *(name for name, field in FIELDS.items() if field.is_number)}


def json_sheet(path: AnyPath) -> Sheet | None:
    """Return the records of a GeoJSON file; None where the file is not JSON.

    Raises
    ------
    InputError
        If it is JSON and cannot be read.
    """
    path = Path(path)
    data = read_limited(path, MAX_FILE)
    known = recognise(data[:64])
    if not known or known.name != "json":
        return None
    try:
        document = load_json(data)
        if isinstance(document, dict) and "crs" in document:
            from forensics.origin.polygons import check_crs  # loads numpy

            check_crs(document, path.name)
        records = list(_of_features(document))
    except ValueError as error:
        raise InputError(
            _("This JSON cannot be read as seizures: {error}").format(error=error),
            source=path.name,
        ) from error
    return _sheet(records, data, path.name)


def _of_features(document: object) -> Iterator[dict[str, object]]:
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ValueError(_("expected a FeatureCollection"))
    for feature in _list(document.get("features"), "features"):
        properties = dict(_object(_object(feature, "feature").get("properties"), "properties"))
        geometry = feature.get("geometry")
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            place = _list(geometry.get("coordinates"), "coordinates")
            if len(place) >= 2 and "longitude" not in properties:
                properties |= {"longitude": place[0], "latitude": place[1]}
        yield from _rows_of(properties)


def _rows_of(properties: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Yield flat rows of what `exchange.seizure_object` made."""
    known = {*SEIZURE_FIELDS, "seizure"}
    common = {name: value for name, value in properties.items() if name in known}
    specimens = properties.get("specimens")
    for specimen in specimens if isinstance(specimens, list) and specimens else [{}]:
        if isinstance(specimen, dict):
            kept = {*SPECIMEN_FIELDS, "quantity_text"}
            yield {**common, **{name: value for name, value in specimen.items() if name in kept}}


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(_("{name}: expected a list").format(name=name))
    return value


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(_("{name}: expected named values").format(name=name))
    return value


def _sheet(records: Iterable[dict[str, object]], data: bytes, name: str) -> Sheet:
    rows = []
    for number, values in enumerate(records, 1):
        cells, typed = [], set()
        for place, field in enumerate(_HEADER):
            value = values.get(field)
            if isinstance(value, bool) or isinstance(value, (dict, list)):
                raise InputError(
                    _("{field}: found {found!r}, expected text or a number").format(
                        field=field, found=value
                    ),
                    source=name, record=number,
                )  # fmt: skip
            if isinstance(value, (int, float)):
                typed.add(place)
            cells.append(_cell_text(value))
        if number > MAX_ROWS or any(len(cell) > MAX_CELL for cell in cells):
            raise InputError(_("The file is too large; split it."), source=name, record=number)
        # What this package writes as text of a number has a point.
        typed |= {place for place, field in enumerate(_HEADER) if field in _NUMBERS}
        rows.append(Row(number, tuple(cells), frozenset(typed)))
    return Sheet(
        name, hashlib.sha256(data).hexdigest(), len(data), _HEADER, tuple(rows), machine=True
    )


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return number_text(value) if value >= 0 else f"-{number_text(-value)}"
    # Half of a surrogate pair may stand in JSON; what it was stays to be read.
    return str(value).encode("utf-8", "backslashreplace").decode()
