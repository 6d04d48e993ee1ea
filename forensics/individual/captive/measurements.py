"""Tables of measurements, a row a sample: stable isotopes, and the class and group of a reference.

A measurement that is missing is NaN, and nothing ever stands in for it; a sample with none at all is
refused. Values of the reference and of questioned samples must be on one scale (VSMOW, VPDB, AIR):
where both headers state one they are compared, and nothing here converts them.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.cells import role_of
from forensics.genetics.sources import as_names, refuse, refuse_repeated
from forensics.io.files import Budget
from forensics.io.numbers import (
    AmbiguousNumberError,
    find_decimal_sign,
    parse_number,
    plain,
    printable,
)
from forensics.io.tables import Table, describe_ambiguity, is_frame, read_table
from forensics.messages import _

PER_MIL = "‰"
# Unpacked; 20,000 rows of 50 columns of 20 letters are 20 MB.
_BUDGET = Budget(max_bytes=64 * 2**20)
# The whole reference is compared with itself; laboratories have some hundred samples.
_MAX_SAMPLES = 20_000
# ‰. No natural delta value is so far from its standard: -999 and 9999 are marks of programs for "not
# measured", and -1000 would be the absence of the heavy isotope.
_MAX_DELTA = 900.0
_MISSING = ("", "na", "n/a", "nan", "nd", "none", "null", ".", "-", "\u2212", "\u2013", "?")
# Standards of delta values (Coplen 2011, doi:10.1002/rcm.5129), and their names of before 1993.
_SCALE = re.compile(r"v?(?:pdb|smow|cdt)|air", re.IGNORECASE)
_ISOTOPE = re.compile(rf"(?:d|delta)(2h|13c|15n|18o|34s|h|d|c|n|o|s)(?:permil|‰|{_SCALE.pattern})*")
_ISOTOPES = {
    "2h": "d2H", "h": "d2H", "d": "d2H", "13c": "d13C", "c": "d13C", "15n": "d15N", "n": "d15N",
    "18o": "d18O", "o": "d18O", "34s": "d34S", "s": "d34S",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Measurements:
    """Measured samples.

    Attributes
    ----------
    names : tuple of str, length n
    columns : tuple of str, length d
        Isotopes have one name, however the file writes them: ``δ¹³C`` is ``d13C``.
    units : tuple of str, length d
        See `unit_of`.
    values : numpy.ndarray of float64, shape (n, d)
        NaN where not measured; no row is all NaN.
    classes, groups : tuple of str, length n, or None
        None where no column was named.
    sha256 : str
        Of the file; "" of a DataFrame.
    read_with : dict of str to object
        Options other than the defaults with which it was read, as `read_measurements` calls them;
        with them a file can be read again as it was.
    unread : tuple of str
        What is wrong with rows that were set aside, a sentence each; only where that was allowed.
    other_sheets : tuple of str
        Titles of the other sheets of a workbook that are not empty, where none was chosen.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    units: tuple[str, ...]
    values: np.ndarray
    classes: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    source: str
    sha256: str
    read_with: Mapping[str, object] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    other_sheets: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def isotope_of(header: str) -> str | None:
    """Return the isotope that a column holds by its name, or None.

    Examples
    --------
    >>> isotope_of("δ¹³C (‰ VPDB)"), isotope_of("d15N"), isotope_of("dD"), isotope_of("depth")
    ('d13C', 'd15N', 'd2H', None)
    """
    text = unicodedata.normalize("NFKC", header).casefold().replace("δ", "d")
    match = _ISOTOPE.fullmatch(re.sub(r"[\s_().,\[\]/-]", "", text))
    return _ISOTOPES[match[1]] if match else None


def unit_of(header: str) -> str:
    """Return the unit of a column: ‰ and the scale of an isotope, else what stands in brackets.

    Examples
    --------
    >>> unit_of("δ¹³C (‰ VPDB)"), unit_of("d15N"), unit_of("Sr/Ca (mmol/mol)"), unit_of("length")
    ('‰ VPDB', '‰', 'mmol/mol', '')
    """
    if isotope_of(header):
        scale = _SCALE.search(header)
        return f"{PER_MIL} {scale[0].upper()}" if scale else PER_MIL
    match = re.search(r"[(\[]([^()\[\]]{1,40})[)\]]\s*$", header)
    return match[1].strip() if match else ""


def read_measurements(
    source: object,
    *,
    columns: Sequence[str] | str | None = None,
    sample: str | None = None,
    classes: str | None = None,
    groups: str | None = None,
    missing: Sequence[str] | str = (),
    set_aside: bool = False,
    sheet: str | None = None,
) -> Measurements:
    """Read measured samples from CSV, an .xlsx workbook or a DataFrame.

    Parameters
    ----------
    source : path, ``"-"``, open file, or pandas.DataFrame
        Cells are separated by tabulators, semicolons or commas; decimal commas will do.
    columns : sequence of str, optional
        Measurements; by default all columns that are isotopes by their names.
    sample : str, optional
        Column with the names of samples, where its own name does not tell.
    classes, groups : str, optional
        Columns with the class and with the animal or facility of each sample.
    missing : sequence of str
        Texts that mean "not measured", besides empty cells, NA, nd, ``-`` and the like.
    set_aside : bool
        Whether rows that cannot be read are set aside and named in `Measurements.unread`, so that the
        others are examined. For questioned samples: a reference with such rows is refused.
    sheet : str, optional
        Title of the sheet of a workbook; default: the first one that is not empty.

    Raises
    ------
    InputError
        If no row can be read, a column is missing or stands there twice, a value is not a number, or a sample has no
        name, class, group or measurement; the line, the sample and the column are named.
    """
    columns, missing = as_names(columns), as_names(missing)
    options = {
        "columns": list(columns), "sample": sample, "classes": classes, "groups": groups,
        "missing": list(missing), "sheet": sheet,
    }  # fmt: skip
    table = _table(source, sheet)
    label = table.source
    if not columns:
        columns = [header for header in table.header if isotope_of(header)]
        if not columns:
            raise refuse(
                label,
                _(
                    "found the columns {found}; none is an isotope by its name, such as d13C. Name "
                    "the columns with measurements (--columns)"
                ),
                found=_listed(table.header),
            )
    count = len(table.rows)
    if count > _MAX_SAMPLES:
        raise refuse(
            label, _("{count} samples; at most {most} are read"), count=count, most=_MAX_SAMPLES
        )
    absent = {*_MISSING, *(text.strip().casefold() for text in missing)}
    names = _column(table, _sample_column(table, sample))
    places = [_place(table, column) for column in columns]
    headers = [table.header[place] for place in places]
    known = tuple(isotope_of(header) or header for header in headers)
    if len(set(known)) < len(known):
        raise refuse(
            label,
            _("two columns measure the same: {names}. Name the one to use (--columns)"),
            names=_listed(headers),
        )
    cells = [_column(table, place) for place in places]
    reader = _Reader(label, headers, [find_decimal_sign(texts) for texts in cells], absent)
    labels = {
        role: (table.header[place], _column(table, place))
        for role, named in (("classes", classes), ("groups", groups))
        if named is not None
        for place in (_place(table, named),)
    }
    rows: list[int] = []
    values: list[list[float]] = []
    unread: list[str] = []
    for row, (name, line) in enumerate(zip(names, (row.line for row in table.rows), strict=True)):
        try:
            measured = reader.measurements(name, [texts[row] for texts in cells], line)
            for header, texts in labels.values():
                reader.check_label(name, texts[row], header, line)
        except InputError as error:
            if not set_aside:
                raise
            unread.append(str(error))
            continue
        values.append(measured)
        rows.append(row)
    if not rows:
        raise refuse(
            label,
            _("none of {count} rows can be read; the first: {error}"),
            count=count,
            error=unread[0],
        )
    labelled = {
        role: tuple(texts[row] for row in rows) for role, (_header, texts) in labels.items()
    }
    return Measurements(
        names=tuple(names[row] for row in rows),
        columns=known,
        units=tuple(map(unit_of, headers)),
        values=np.array(values),
        classes=labelled.get("classes"),
        groups=labelled.get("groups"),
        source=label or "",
        sha256=table.sha256,
        read_with={name: value for name, value in options.items() if value},
        unread=tuple(unread),
        other_sheets=() if sheet else table.other_sheets,
    )


def _table(source: object, sheet: str | None) -> Table:
    table = read_table(source, budget=_BUDGET, sheet=sheet, first_sheet=True, blanks=True)
    if is_frame(source):
        return table
    return replace(table, source=PurePath(table.source).name if table.source else None)


def _column(table: Table, place: int) -> list[str]:
    return [plain(row.cells[place].strip()) for row in table.rows]


def _sample_column(table: Table, named: str | None) -> int:
    if named is not None:
        return _place(table, named)
    places = [place for place, name in enumerate(table.header) if role_of(name) == "animal"]
    if len(places) == 1:
        return places[0]
    raise refuse(
        table.source,
        _(
            "found the columns {found}; expected one with the names of samples, such as 'sample'. "
            "Name it (--sample-column)"
        ),
        found=_listed(table.header),
    )


def _place(table: Table, named: str) -> int:
    """Return the place of a column: of this very name, else of this isotope."""
    places = [place for place, name in enumerate(table.header) if name == named.strip()]
    isotope = isotope_of(named)
    if not places and isotope:
        places = [place for place, name in enumerate(table.header) if isotope_of(name) == isotope]
    if len(places) == 1:
        return places[0]
    raise refuse(
        table.source,
        _("found the columns {found}; expected one column {name}"),
        found=_listed(table.header),
        name=named,
    )


def _listed(names: Sequence[str]) -> str:
    return printable(", ".join(names), most=200)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows of a table; `headers` and `signs` (decimal) are of its measurements."""

    source: str | None
    headers: Sequence[str]
    signs: Sequence[str]
    absent: set[str]

    def measurements(self, name: str, cells: Sequence[str], line: int) -> list[float]:
        """Return the measurements of a row; NaN for what was not measured."""
        if not name:
            raise refuse(self.source, _("the sample of this row has no name"), line)
        values = [
            math.nan
            if text.casefold() in self.absent
            else self._number(text, name, header, sign, line)
            for text, header, sign in zip(cells, self.headers, self.signs, strict=True)
        ]
        if np.isnan(values).all():
            raise refuse(
                self.source,
                _("sample {name} has no value of {columns}; leave it out"),
                line,
                name=name,
                columns=_listed(self.headers),
            )
        return values

    def _number(self, text: str, name: str, column: str, decimal: str, line: int) -> float:
        where = {"name": name, "column": column, "found": printable(text)}
        bound = _MAX_DELTA if isotope_of(column) else math.inf
        try:
            value = parse_number(text, decimal=decimal, minimum=-bound, maximum=bound)
        except AmbiguousNumberError as error:
            raise InputError(
                describe_ambiguity(error, column), source=self.source, line=line
            ) from error
        except ValueError as error:
            message = _("sample {name}, column {column}: found {found!r}; expected a number")
            raise refuse(self.source, message, line, **where) from error
        if abs(value) >= bound:
            raise refuse(
                self.source,
                _(
                    "sample {name}, column {column}: {found} is not a delta value in ‰. Where it means "
                    "'not measured', leave the cell empty"
                ),
                line,
                **where,
            )
        return value

    def check_label(self, name: str, text: str, column: str, line: int) -> None:
        """Refuse a row whose class or group is missing."""
        if text.casefold() in self.absent:
            raise refuse(
                self.source,
                _("sample {name}, column {column}: empty; give it, or leave the sample out"),
                line,
                name=name,
                column=column,
            )


# More are names of samples or places rather than classes.
_MAX_CLASSES = 20
# Two columns that agree so well say the same twice.
_MAX_CORRELATION = 0.99999


def check_columns(
    reference: Measurements, columns: Sequence[str], values: np.ndarray, classes: np.ndarray
) -> None:
    """Refuse samples of known class that measurements cannot tell apart, or that lack a class."""
    source = reference.source or None
    for name in sorted(set(reference.classes or ()).difference(classes.tolist())):
        raise refuse(
            source,
            _("no sample of class {name} has all of these: {columns}"),
            name=name,
            columns=", ".join(columns),
        )
    for place in np.flatnonzero(np.ptp(values, axis=0) == 0).tolist():
        raise refuse(
            source,
            _("column {name} has the same value in all samples; leave it out (--columns)"),
            name=columns[place],
        )
    correlation = np.abs(np.atleast_2d(np.corrcoef(values.T)))
    for first, second in np.argwhere(np.triu(correlation > _MAX_CORRELATION, 1)).tolist():
        raise refuse(
            source,
            _(
                "columns {one} and {two} say the same (correlation above {limit}); use one of "
                "them (--columns)"
            ),
            one=columns[first],
            two=columns[second],
            limit=_MAX_CORRELATION,
        )


def check_tables(questioned: Measurements, reference: Measurements) -> None:
    """Refuse tables that do not fit each other, or cannot be a reference and its samples."""
    sample_file = questioned.source or None
    if reference.classes is None:
        raise UsageError(_("the reference needs the class of each sample (--class-column)"))
    if questioned.columns != reference.columns:
        raise refuse(
            sample_file,
            _("found the measurements {found}; the reference has {expected}"),
            found=", ".join(questioned.columns),
            expected=", ".join(reference.columns),
        )
    for column, unit, expected in zip(reference.columns, questioned.units, reference.units):
        # Older tables call VPDB PDB and VSMOW SMOW; the V-scales were made to agree with those.
        scales = {text.replace(" V", " ") for text in (unit, expected)}
        if len(scales) == 2 and scales.isdisjoint({"", PER_MIL}):
            raise refuse(
                sample_file,
                _(
                    "column {name} is in {found}; the reference has it in {expected}. Bring both to "
                    "one unit and scale"
                ),
                name=column,
                found=printable(unit),
                expected=printable(expected),
            )
    refuse_repeated(
        questioned.names,
        _("{name} occurs twice; average repeated measurements, or give each its own name"),
        sample_file,
    )
    classes = sorted(set(reference.classes))
    if not 2 <= len(classes) <= _MAX_CLASSES:
        raise refuse(
            reference.source or None,
            _(
                "found {count} classes ({names}); expected 2 to {most}. Is this the column with "
                "classes?"
            ),
            count=len(classes),
            names=printable(", ".join(classes)),
            most=_MAX_CLASSES,
        )
    reference_rows = set(zip(reference.names, map(repr, reference.values.tolist())))
    for row in zip(questioned.names, map(repr, questioned.values.tolist())):
        if row in reference_rows:
            raise refuse(
                sample_file,
                _(
                    "{name} is in the reference, too, with the same values: it would be compared "
                    "with itself. Take it out of one of both"
                ),
                name=row[0],
            )
