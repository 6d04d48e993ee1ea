"""Tables of measured values: samples along a tusk, methylation of samples, coefficients of clocks."""

import csv
import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError
from forensics.genetics.sources import printable
from forensics.io.cells import plain
from forensics.io.files import read_limited
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = [
    "KnownAges",
    "MeasuredSeries",
    "Table",
    "coefficients_of",
    "known_ages_of",
    "methylation_of",
    "read_table",
    "series_of",
]

# The mammalian array has 37,492 sites; with 100 samples of 20 letters that is 75 MB.
_MOST_BYTES = 128 * 2**20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SHOWN = 60  # letters of a cell in a message
_MISSING = ("", "na", "nan", "n/a", ".", "-")
_NAME = ("sample", "sample_id", "name", "id")
_SAMPLE = (*_NAME, "animal")
_F14C, _AGE = ("f14c", "f14", "fm", "fraction_modern"), ("age", "14c_age", "c14_age", "age_bp")
_YEARS, _ANIMAL = ("age", "age_years", "years"), ("animal", "animal_id", "individual")
_SITE, _INTERCEPTS = "var", ("intercept", "(intercept)")
_SD, _DISTANCE = ("sd", "error", "sigma", "f14c_sd"), ("distance", "depth", "mm")


@dataclass(frozen=True)
class Table:
    """A header and rows of text, as they stand in a file.

    Attributes
    ----------
    header : tuple of str
    rows : tuple of tuple of str
    lines : tuple of int
        Line of each row.
    source, sha256 : str
        The file; "DataFrame" and "" where it was none.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    source: str
    sha256: str


@dataclass(frozen=True)
class MeasuredSeries:
    """Samples along one object.

    Attributes
    ----------
    names : tuple of str
    values, errors : tuple of float
        F14C, or 14C ages where `is_age`.
    distances : tuple of float
    is_age : bool
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    distances: tuple[float, ...]
    is_age: bool


@dataclass(frozen=True, eq=False)
class KnownAges:
    """Samples of known age with their methylation, to train a clock on.

    Attributes
    ----------
    samples, animals : tuple of str, length n
        Without a column of animals each sample is of another one.
    ages : tuple of float, length n
        Years.
    sites : tuple of str, length k
    methylation : numpy.ndarray of float64, shape (n, k)
        Beta values.
    incomplete : tuple of str
        Sites that were not measured in every sample; they are left out.
    """

    samples: tuple[str, ...]
    animals: tuple[str, ...]
    ages: tuple[float, ...]
    sites: tuple[str, ...]
    methylation: np.ndarray
    incomplete: tuple[str, ...]


def read_table(path: "str | os.PathLike | pandas.DataFrame") -> Table:
    """Read a table whose cells are separated by commas, semicolons or tabulators, or a DataFrame.

    Files are in UTF-8, UTF-16 with its mark, or Windows-1252. A named index of a DataFrame, or one
    that is not 0, 1, 2…, is the first column.

    Raises
    ------
    InputError
        If it cannot be read, or a row has another number of cells than the header.
    """
    import hashlib

    if hasattr(path, "itertuples") and hasattr(path, "columns"):
        from forensics.genetics.tables import table_of_frame

        found = table_of_frame(path)
        cells = [tuple(map(str.strip, found.cells.row(n))) for n in range(len(found.lines))]
        return Table(found.header, tuple(cells), found.lines, "DataFrame", "")
    source = str(path)
    content = read_limited(path, _MOST_BYTES)
    try:
        text = content.decode("utf-16" if content.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    mark = max("\t;,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
    header: tuple[str, ...] = ()
    rows, lines = [], []
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if not any(cells):
                continue
            if not header:
                header = cells
                continue
            if len(cells) != len(header):
                raise InputError(
                    _("found {found} cells; the header has {expected}").format(
                        found=len(cells), expected=len(header)
                    ),
                    source=source,
                    line=reader.line_num,
                )
            rows.append(cells)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(
            _("the table cannot be read there ({error})").format(error=error),
            source=source,
            line=reader.line_num,
        ) from error
    if not rows:
        raise InputError(_("the table has no rows"), source=source)
    return Table(header, tuple(rows), tuple(lines), source, hashlib.sha256(content).hexdigest())


def coefficients_of(table: Table) -> tuple[float, dict[str, float]]:
    """Return intercept and coefficients of a clock: a column ``var`` of sites, coefficients last.

    Raises
    ------
    InputError
        If a coefficient is no number, a site stands twice or the intercept is missing.
    """
    header = [name.casefold() for name in table.header]
    if _SITE not in header[:-1]:
        raise InputError(
            _(
                "found the header {found}; expected a column 'var' and, last, the coefficients"
            ).format(found=printable(", ".join(table.header[:10]), most=200)),
            source=table.source,
            line=1,
        )
    name = header.index(_SITE)
    intercept, coefficients = None, {}
    for row, line in zip(table.rows, table.lines):
        site, value = plain(row[name]), _number(row[-1], table, line, needed=True)
        if site.casefold() in _INTERCEPTS and intercept is None:
            intercept = value
        elif site in coefficients or site.casefold() in _INTERCEPTS:
            raise InputError(
                _("{name} stands twice").format(name=repr(site[:_SHOWN])),
                source=table.source,
                line=line,
            )
        else:
            coefficients[site] = value
    if intercept is None or not coefficients:
        raise InputError(
            _("this is no clock: it needs an intercept and at least one site"), source=table.source
        )
    return intercept, coefficients


def series_of(table: Table) -> MeasuredSeries:
    """Return the samples of a table with columns F14C (or age), sd, distance and maybe sample.

    Raises
    ------
    InputError
        If a column is missing or stands there twice, or a cell is no number.
    """
    distance, sd = _column(table, _DISTANCE), _column(table, _SD)
    f14c = _column(table, _F14C, needed=False)
    is_age = f14c is None
    value = _column(table, _AGE) if is_age else f14c
    name = _column(table, _SAMPLE, needed=False)
    return MeasuredSeries(
        tuple(
            plain(row[name]) if name is not None else str(number)
            for number, row in enumerate(table.rows, 1)
        ),
        *(
            tuple(
                _number(row[place], table, line, needed=True)
                for row, line in zip(table.rows, table.lines)
            )
            for place in (value, sd, distance)
        ),
        is_age,
    )


def methylation_of(table: Table, sites: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the beta values of each sample, at sites of a clock.

    Rows may be samples (the sites are columns) or sites (the samples are columns); what stands in
    the header and in the first column tells which.

    Raises
    ------
    InputError
        If neither has a site of the clock, a sample stands there twice, or a cell is no number.
    """
    wanted = set(sites)
    found: dict[str, dict[str, float]] = {}
    columns = [place for place, name in enumerate(table.header) if name in wanted]
    if columns:
        key = _column(table, _SAMPLE, needed=False) or 0
        _once([table.header[place] for place in columns], table)
        _once([row[key] for row in table.rows], table)
        for row, line in zip(table.rows, table.lines):
            found[plain(row[key])] = {
                table.header[place]: value
                for place in columns
                if (value := _number(row[place], table, line)) is not None
            }
        return found
    held = [(row, line) for row, line in zip(table.rows, table.lines) if row[0] in wanted]
    if not held:
        raise InputError(
            _(
                "neither the header nor the first column has a site of the clock, such as {site}"
            ).format(site=next(iter(sites))),
            source=table.source,
        )
    _once([row[0] for row, _line in held], table)
    _once(table.header[1:], table)
    for place, name in enumerate(table.header[1:], 1):
        found[plain(name)] = {
            row[0]: value
            for row, line in held
            if (value := _number(row[place], table, line)) is not None
        }
    return found


def known_ages_of(sheet: Table, betas: Table) -> KnownAges:
    """Return the samples of a sheet (sample, age and maybe animal) with their beta values.

    The samples may be rows or columns of `betas`: the names in the sheet tell which. Samples that
    the sheet does not name are left out.

    Raises
    ------
    InputError
        If a sample of the sheet has no beta values, a name stands twice, an age or a beta value is
        no number, or no site was measured in every sample.
    """
    name, age = _column(sheet, _NAME), _column(sheet, _YEARS)
    animal = _column(sheet, _ANIMAL, needed=False)
    samples = [plain(row[name]) for row in sheet.rows]
    _once(samples, sheet)
    ages = [
        _number(row[age], sheet, line, needed=True) for row, line in zip(sheet.rows, sheet.lines)
    ]
    animals = samples if animal is None else [plain(row[animal]) for row in sheet.rows]
    if "" in animals:
        raise InputError(
            _("a sample has no animal; give each one its own name, or leave the column out"),
            source=sheet.source,
            line=sheet.lines[animals.index("")],
        )
    header = [plain(one) for one in betas.header]
    key = _column(betas, _SAMPLE, needed=False) or 0
    first = [plain(row[key]) for row in betas.rows]
    across = bool(set(samples) & set(header))  # samples are columns
    held = header if across else first
    absent = [one for one in samples if one not in set(held)]
    if absent:
        raise InputError(
            _(
                "{count} of the {total} samples of {sheet} are not in this table ({some}); take "
                "them out of the sheet, or write them alike in both"
            ).format(
                count=len(absent),
                total=len(samples),
                sheet=sheet.source,
                some=", ".join(absent[:3])[:_SHOWN],
            ),
            source=betas.source,
        )
    _once([one for one in held if one in set(samples)], betas)
    places = [held.index(one) for one in samples]
    columns = [place for place in range(len(header)) if place != key]
    sites = first if across else [header[place] for place in columns]
    _once(sites, betas)
    rows = list(zip(betas.rows, betas.lines))
    if across:
        cells = [[_number(row[place], betas, line) for place in places] for row, line in rows]
    else:
        cells = [
            [_number(row[place], betas, line) for place in columns]
            for row, line in (rows[one] for one in places)
        ]
    values = np.array(cells, dtype=np.float64)  # None becomes NaN
    values = values.T if across else values
    whole = ~np.isnan(values).any(axis=0)
    if not whole.any():
        raise InputError(_("no site was measured in every sample"), source=betas.source)
    return KnownAges(
        tuple(samples),
        tuple(animals),
        tuple(ages),
        tuple(site for site, one in zip(sites, whole) if one),
        values[:, whole],
        tuple(site for site, one in zip(sites, whole) if not one),
    )


def _column(table: Table, names: Sequence[str], *, needed: bool = True) -> int | None:
    places = [
        place
        for place, name in enumerate(table.header)
        if name.casefold().replace(" ", "_") in names
    ]
    if len(places) > 1 or (needed and not places):
        raise InputError(
            _("found the columns {found}; expected one column of: {names}").format(
                found=printable(", ".join(table.header[:10]), most=200), names=", ".join(names)
            ),
            source=table.source,
            line=1,
        )
    return places[0] if places else None


def _once(names: Sequence[str], table: Table) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise InputError(
                _("{name} stands twice").format(name=repr(name[:_SHOWN])), source=table.source
            )
        seen.add(name)


def _number(text: str, table: Table, line: int, *, needed: bool = False) -> float | None:
    if not needed and text.casefold() in _MISSING:
        return None
    shown = text[:_SHOWN]
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")  # a decimal comma: the cells are separated otherwise
    try:
        value = float(plain(text))
        if not math.isfinite(value):
            raise ValueError
    except ValueError as error:
        raise InputError(
            _("found {found!r}; expected a number").format(found=shown),
            source=table.source,
            line=line,
        ) from error
    return value
