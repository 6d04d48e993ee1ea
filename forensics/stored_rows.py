"""Reads rows back that this program wrote as CSV or TSV: less than results, and typed as less.

A row has the call and what it is compared by, and not the probabilities, the other candidates, the listing,
the sentences of the notices or the parameters. So it is not a result: it cannot be stored, recorded or
reported, only joined and compared.

>>> import forensics
>>> rows = forensics.read_results("results.csv")                        # doctest: +SKIP
>>> rows.to_frame().merge(samples, on="query")                          # doctest: +SKIP
>>> [row.query for row, result in zip(rows, results) if row.differences(result)]    # doctest: +SKIP
"""

import codecs
import csv
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from forensics.core.plain import PlainResult
from forensics.errors import InputError, UsageError
from forensics.io.cells import decoded
from forensics.io.numbers import parse_number
from forensics.io.tables import TEXT, Column, Kind, column_key, read_table
from forensics.messages import N_, _

if TYPE_CHECKING:
    import pandas

__all__ = [
    "IdentificationRow",
    "MixtureRow",
    "OriginRow",
    "ResultRow",
    "ResultRows",
    "is_head",
    "read_rows",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A row of a table of results; the fields have the names and the order of its columns.

    Attributes
    ----------
    line : int
        Of the file.
    other : dict of str to str
        Columns that are not ours, as text.

    Notes
    -----
    Every class has ``warnings``: the codes of the notices.
    """

    METHOD: ClassVar[str]
    """What the rows are of, as the commands name it."""

    line: int = 0
    other: Mapping[str, str] = field(default_factory=dict)

    def to_row(self) -> dict[str, Any]:
        """Return the values of the columns, as ``Identification.to_row`` has them; warnings as one text."""
        values = {name: getattr(self, name) for name in _columns(type(self))}
        return values | {"warnings": " ".join(values["warnings"])}

    def differences(self, other: "PlainResult | ResultRow") -> tuple[str, ...]:
        """Return the columns in which this row says otherwise than a result, or another row.

        Parameters
        ----------
        other : Identification, Origin or ResultRow
            Of the same method. Of a mixture, whose results have several rows, a row.

        Raises
        ------
        UsageError
            If it has other columns, or not one row.
        """
        row = _only_row(other)
        own = self.to_row()
        if row.keys() != own.keys():
            raise UsageError(
                _("{kind} has other columns than a row of {method}").format(
                    kind=type(other).__name__, method=self.METHOD
                )
            )
        return tuple(name for name, value in own.items() if _blank(value) != _blank(row[name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationRow(ResultRow):
    """A row of ``forensics identify``; for what the columns mean see docs/formats.md."""

    METHOD: ClassVar[str] = "identify"

    query: str
    index: int
    length: int
    locus: str | None
    strand: str | None
    status: str
    rank: str | None
    taxon: str | None
    probability: float | None
    none_in_library: float | None
    best_species: str | None
    identity: float | None
    coverage: float | None
    mismatches: int | None
    accession: str | None
    records: int | None
    closest_other_species: str | None
    closest_other_identity: float | None
    search_exhaustive: bool
    floor: float
    warnings: tuple[str, ...]
    input_file: str
    input_sha256: str
    library: str
    library_sha256: str
    version: str
    time: str
    description: str = ""
    part: str = ""
    deposited: str | None = None
    placement_rank: str | None = None
    placement_taxon: str | None = None
    placement_probability: float | None = None
    appendices: str | None = None
    listing: str | None = None
    listing_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRow(ResultRow):
    """A row of ``forensics origin assign`` or ``map``."""

    METHOD: ClassVar[str] = "origin"

    sample: str
    index: int
    kind: str
    status: str
    rank: str | None
    origin: str | None
    probability: float | None
    latitude: float | None
    longitude: float | None
    region_km2: float | None
    used: int
    warnings: tuple[str, ...]
    input_file: str
    input_sha256: str
    model: str
    model_version: str
    model_sha256: str
    version: str
    time: str
    point_estimate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MixtureRow(ResultRow):
    """A row of ``forensics mixture``: a taxon in a sample."""

    METHOD: ClassVar[str] = "mixture"

    sample: str
    role: str
    amplicon: str
    presence: str
    status: str
    rank: str | None
    taxon: str | None
    label: str
    reads: int
    counted: int
    share_of_reads: float
    low: float
    high: float
    interval: str
    pcrs_above: int
    pcrs: int
    most_reads_in_blank: int | None
    most_reads_in_unused_tags: int | None
    sequences: int | None
    identity: float | None
    probability: float | None
    warnings: tuple[str, ...]
    library: str
    library_sha256: str
    program: str
    version: str
    time: str


_CLASSES: tuple[type[ResultRow], ...] = (IdentificationRow, OriginRow, MixtureRow)


class ResultRows(Sequence[ResultRow]):
    """The rows of a file, in their order; slices are `ResultRows` too.

    Parameters
    ----------
    rows : sequence of ResultRow
    kind : type
        Class of the rows.
    source : str
        File, for people.
    """

    def __init__(self, rows: Sequence[ResultRow], kind: type[ResultRow], source: str = "") -> None:
        self._rows, self.kind, self.source = tuple(rows), kind, source

    @overload
    def __getitem__(self, position: int) -> ResultRow: ...

    @overload
    def __getitem__(self, position: slice) -> "ResultRows": ...

    def __getitem__(self, position: int | slice) -> "ResultRow | ResultRows":
        if isinstance(position, slice):
            return ResultRows(self._rows[position], self.kind, self.source)
        return self._rows[position]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[ResultRow]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ResultRows):
            return NotImplemented
        return (self.kind, self._rows) == (other.kind, other._rows)

    __hash__ = None  # type: ignore[assignment]  # rows hold what is not hashable

    def __repr__(self) -> str:
        return _("<rows of {method}, without what else the results hold: {count}>").format(
            method=self.kind.METHOD, count=len(self)
        )

    def to_frame(self) -> "pandas.DataFrame":
        """Return the columns of the file as a table: whole numbers are Int64, text stays text.

        Columns that are not ours come last.
        """
        import pandas

        columns = _columns(self.kind)
        frame = pandas.DataFrame([row.to_row() for row in self._rows], columns=list(columns))
        whole = [name for name, hint in columns.items() if _plain_type(hint)[0] is int]
        frame = frame.astype(dict.fromkeys(whole, "Int64"))
        for name in dict.fromkeys(name for row in self._rows for name in row.other):
            frame[name] = [row.other.get(name, "") for row in self._rows]
        return frame


def is_head(data: bytes) -> bool:
    """Return whether a file begins with the columns of a table of results that can be read.

    Parameters
    ----------
    data : bytes
        UTF-8, UTF-16 with its mark, or Windows-1252, as `read_rows` reads it.
    """
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16", "replace") if is_wide else decoded(data)
    head = text.lstrip().partition("\n")[0]
    return any(
        _class_of(names) is not None
        for delimiter in ",;\t"
        for names in csv.reader([head], delimiter=delimiter)
    )


def read_rows(source: Any, label: str = "") -> ResultRows:
    """Read rows that this program wrote as CSV or TSV, also where a spreadsheet program saved them again.

    Parameters
    ----------
    source : path or open file
    label : str
        File, for people.

    Raises
    ------
    InputError
        If the columns are not those of `forensics identify`, `origin` or `mixture`, or a cell is not what its
        column holds; with the line.
    """
    table = read_table(source, no_rows=True)
    kind = _class_of(table.header)
    if kind is None:
        raise InputError(
            _("these are not rows of identify, origin or mixture"),
            source=table.source,
            line=table.line,
        )
    columns = {name: _column(kind, name, hint) for name, hint in _columns(kind).items()}
    known = {column_key(name) for name in columns}
    own = {
        name: Column(name, TEXT)
        for name in table.header
        if name.strip() and column_key(name) not in known
    }
    return ResultRows(
        [
            kind(
                line=record.line,
                other={name: record[column] for name, column in own.items()},
                **{name: record[column] for name, column in columns.items()},
            )
            for record in table.records(*columns.values(), *own.values())
        ],
        kind,
        label,
    )


def _class_of(names: Sequence[str]) -> type[ResultRow] | None:
    """Return the class of rows with these columns; some have come later than others."""
    given = {column_key(name) for name in names}
    for kind in _CLASSES:
        if {column_key(name) for name in _columns(kind) if not _is_later(kind, name)} <= given:
            return kind
    return None


def _columns(kind: type[ResultRow]) -> dict[str, Any]:
    """Return the columns of a class and their types, in their order."""
    hints = get_type_hints(kind)
    own = [each.name for each in fields(kind) if each.name not in ("line", "other")]
    return {name: hints[name] for name in own}


def _is_later(kind: type[ResultRow], name: str) -> bool:
    return any(each.name == name and each.default is not MISSING for each in fields(kind))


def _plain_type(hint: Any) -> tuple[Any, bool]:
    """Return the type of a column, and whether its cells may be empty."""
    if get_origin(hint) in (Union, types.UnionType):
        (only,) = (part for part in get_args(hint) if part is not type(None))
        return only, True
    return hint, False


def _column(kind: type[ResultRow], name: str, hint: Any) -> Column[Any]:
    plain, may_be_empty = _plain_type(hint)
    is_later = _is_later(kind, name)
    filled = not may_be_empty and not is_later and plain in (int, float, bool)
    empty: object = None if may_be_empty else () if get_origin(plain) is tuple else ""
    expected, read = _READERS[plain if isinstance(plain, type) else tuple]
    cells: Kind[Any] = Kind(expected, read, empty, numeric=plain is float)
    return Column(name, cells, required=not is_later, filled=filled)


def _whole_number(text: str, _decimal: str) -> int:
    number = parse_number(text.removesuffix(".0"))
    if number != int(number):
        raise ValueError(text)
    return int(number)


def _truth(text: str, _decimal: str) -> bool:
    """Return what a cell says; spreadsheet programs write TRUE, and VRAI or VERDADERO in their language."""
    truths = {
        "true": True, "vrai": True, "verdadero": True, "1": True,
        "false": False, "faux": False, "falso": False, "0": False,
    }  # fmt: skip
    if text.casefold() not in truths:
        raise ValueError(text)
    return truths[text.casefold()]


_READERS: dict[type, tuple[str, Any]] = {
    str: (N_("text"), lambda text, _decimal: text),
    int: (N_("a whole number"), _whole_number),
    float: (N_("a number"), lambda text, decimal: parse_number(text, decimal=decimal)),
    bool: (N_("true or false"), _truth),
    tuple: (N_("text"), lambda text, _decimal: tuple(text.split())),
}


def _blank(value: object) -> object:
    """Return a value as a cell can tell it: no text and no value are both empty."""
    return None if value == "" else value


def _only_row(other: Any) -> dict[str, Any]:
    if hasattr(other, "to_row"):
        return dict(other.to_row())
    rows: Sequence[Mapping[str, Any]] = other.rows() if hasattr(other, "rows") else []
    if len(rows) != 1:
        raise UsageError(
            _("{kind} is not one row: {count}").format(kind=type(other).__name__, count=len(rows))
        )
    return dict(rows[0])
