"""Tables of measured values: samples along a tusk, methylation of samples, coefficients of clocks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.age.radiocarbon import f14c_of_age
from forensics.errors import InputError
from forensics.io import tables
from forensics.io.files import AnyPath, Budget
from forensics.io.numbers import find_decimal_sign, plain, printable
from forensics.io.tables import NUMBER, TEXT, Column, Kind, Table, number_kind, parse_cell
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

# The mammalian array has 37,492 sites; with 100 samples of 20 letters that is 75 MB.
_BUDGET = Budget(max_bytes=128 * 2**20)
_SHOWN = 60  # letters of a cell in a message
_NOT_MEASURED = ("", "na", "nan", "n/a", ".", "-")
_SITE, _INTERCEPTS = "var", ("intercept", "(intercept)")
_NAMES = ("sample_id", "name", "id")
# No object has ten times the 14C of 1950, and no beta value is above 1: bounds by which "1,036" has one reading.
_F14C = Column("F14C", number_kind(minimum=-1, maximum=10), ("f14", "fm", "fraction_modern"), filled=True)  # fmt: skip
_AGE = Column("age", NUMBER, ("14c_age", "c14_age", "age_bp"), filled=True)
_SD = Column("sd", NUMBER, ("error", "sigma", "f14c_sd"), filled=True)
_DISTANCE = Column("distance", NUMBER, ("depth", "mm"), filled=True)
_SAMPLE = Column("sample", TEXT, (*_NAMES, "animal"), required=False)
_KNOWN = Column("sample", TEXT, _NAMES)
_YEARS = Column("age", NUMBER, ("age_years", "years"), filled=True)
_ANIMAL = Column("animal", TEXT, ("animal_id", "individual"), required=False)
_BETA = number_kind(minimum=-1, maximum=2)


@dataclass(frozen=True)
class MeasuredSeries:
    """Samples along one object.

    Attributes
    ----------
    values, errors : tuple of float
        F14C, also where the table has 14C ages.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    distances: tuple[float, ...]


@dataclass(frozen=True)
class TypicalValues:
    """Beta values of sites that were not measured; `source` is file and SHA-256 of their table."""

    values: dict[str, float]
    source: dict[str, str | None]


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


def read_table(path: "AnyPath | pandas.DataFrame") -> Table:
    """Read a table of measured values: CSV, an .xlsx workbook or a DataFrame.

    See `forensics.io.tables.read_table`. A named index of a DataFrame, or one that is not 0, 1, 2…, is
    the first column.

    Raises
    ------
    InputError
        If it cannot be read, or a row has another number of cells than the header.
    """
    return tables.read_table(path, budget=_BUDGET)


def coefficients_of(table: Table) -> tuple[float, dict[str, float]]:
    """Return intercept and coefficients of a clock: a column ``var`` of sites, coefficients last.

    Raises
    ------
    InputError
        If a coefficient is not a number, a site stands twice or the intercept is missing.
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
    place = header.index(_SITE)
    last = len(header) - 1
    intercept: float | None = None
    coefficients: dict[str, float] = {}
    for row, value in zip(table.rows, _numbers(table, last, NUMBER, blank=False), strict=True):
        site = plain(row.cells[place].strip())
        if site.casefold() in _INTERCEPTS and intercept is None:
            intercept = value
        elif site in coefficients or site.casefold() in _INTERCEPTS:
            raise InputError(
                _("{name} occurs twice").format(name=repr(site[:_SHOWN])),
                source=table.source,
                line=row.line,
            )
        else:
            coefficients[site] = value
    if intercept is None or not coefficients:
        raise InputError(
            _("this is not a clock: it needs an intercept and at least one site"),
            source=table.source,
        )
    return intercept, coefficients


def series_of(table: Table) -> MeasuredSeries:
    """Return the samples of a table with columns F14C (or age), sd, distance and maybe sample.

    Raises
    ------
    InputError
        If a column is missing or stands there twice, or a cell is not a number.
    """
    is_age = not table.has(_F14C)
    value = _AGE if is_age else _F14C
    records = list(table.records(value, _SD, _DISTANCE, _SAMPLE))
    values, errors = (np.array([record[of] for record in records]) for of in (value, _SD))
    if is_age:
        values, errors = f14c_of_age(values, errors)
    return MeasuredSeries(
        tuple(
            record[_SAMPLE] if table.has(_SAMPLE) else str(number)
            for number, record in enumerate(records, 1)
        ),
        tuple(values.tolist()),
        tuple(errors.tolist()),
        tuple(record[_DISTANCE] for record in records),
    )


def methylation_of(table: Table, sites: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the beta values of each sample, at sites of a clock.

    Rows may be samples (the sites are columns) or sites (the samples are columns); what stands in
    the header and in the first column tells which.

    Raises
    ------
    InputError
        If neither has a site of the clock, a sample stands there twice, or a cell is not a number.
    """
    clock_sites = set(sites)
    betas: dict[str, dict[str, float]] = {}
    columns = [place for place, name in enumerate(table.header) if name in clock_sites]
    if columns:
        key = _place_of_samples(table)
        _check_unique([table.header[place] for place in columns], table)
        names = _texts(table, key)
        _check_unique(names, table)
        betas = {name: {} for name in names}
        for place in columns:
            for name, value in zip(names, _numbers(table, place, _BETA), strict=True):
                if not math.isnan(value):
                    betas[name][table.header[place]] = value
        return betas
    first = _texts(table, 0)
    rows = [number for number, site in enumerate(first) if site in clock_sites]
    if not rows:
        raise InputError(
            _(
                "neither the header nor the first column has a site of the clock, such as {site}"
            ).format(site=next(iter(sites))),
            source=table.source,
        )
    _check_unique([first[number] for number in rows], table)
    _check_unique(table.header[1:], table)
    for place, name in enumerate(table.header[1:], 1):
        values = _numbers(table, place, _BETA, rows=rows)
        betas[name] = {
            first[number]: value
            for number, value in zip(rows, values, strict=True)
            if not math.isnan(value)
        }
    return betas


def typical_of(table: Table, sites: Sequence[str]) -> TypicalValues:
    """Return what stands for sites of a clock that were not measured: the one row of a table.

    Raises
    ------
    InputError
        If it has another number of samples; else as `methylation_of`.
    """
    samples = methylation_of(table, sites)
    if len(samples) != 1:
        raise InputError(
            _("found {count} samples; the typical values must be one row").format(
                count=len(samples)
            ),
            source=table.source,
        )
    (values,) = samples.values()
    return TypicalValues(values, {"file": table.source, "sha256": table.sha256})


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
    records = list(sheet.records(_KNOWN, _YEARS, _ANIMAL))
    samples = [record[_KNOWN] for record in records]
    _check_unique(samples, sheet)
    ages = [record[_YEARS] for record in records]
    animals = [record[_ANIMAL] for record in records] if sheet.has(_ANIMAL) else samples
    if "" in animals:
        raise InputError(
            _("a sample has no animal; give each one its own name, or leave the column out"),
            source=sheet.source,
            line=records[animals.index("")].line,
        )
    header = list(betas.header)
    key = _place_of_samples(betas)
    first = _texts(betas, key)
    across = bool(set(samples) & set(header))  # samples are columns
    names = header if across else first
    absent = [sample for sample in samples if sample not in set(names)]
    if absent:
        raise InputError(
            _(
                "{count} of the {total} samples of {sheet} are not in this table ({some}); "
                "remove them from the sheet, or use the same names in both"
            ).format(
                count=len(absent),
                total=len(samples),
                sheet=sheet.source,
                some=", ".join(absent[:3])[:_SHOWN],
            ),
            source=betas.source,
        )
    _check_unique([name for name in names if name in set(samples)], betas)
    places = [names.index(sample) for sample in samples]
    columns = [place for place in range(len(header)) if place != key]
    sites = first if across else [header[place] for place in columns]
    _check_unique(sites, betas)
    # A row of `cells` is a sample, a column a site.
    if across:
        cells = [_numbers(betas, place, _BETA) for place in places]
    else:
        by_site = [_numbers(betas, place, _BETA, rows=places) for place in columns]
        cells = [list(row) for row in zip(*by_site, strict=True)]
    values = np.array(cells, dtype=np.float64)
    whole = [bool(np.isfinite(column).all()) for column in values.T]
    if not any(whole):
        raise InputError(_("no site was measured in every sample"), source=betas.source)
    return KnownAges(
        tuple(samples),
        tuple(animals),
        tuple(ages),
        tuple(site for site, is_whole in zip(sites, whole) if is_whole),
        values[:, np.array(whole)],
        tuple(site for site, is_whole in zip(sites, whole) if not is_whole),
    )


def _place_of_samples(table: Table) -> int:
    """Return the place of the column that names samples; the first, where no name says it."""
    return tables.find_column(table.header, _SAMPLE.matches, source=table.source) or 0


def _texts(table: Table, place: int) -> list[str]:
    return [plain(row.cells[place].strip()) for row in table.rows]


def _numbers(
    table: Table,
    place: int,
    kind: Kind[float],
    *,
    rows: Sequence[int] | None = None,
    blank: bool = True,
) -> list[float]:
    """Return the numbers of a column, NaN where one was not measured; of `rows` alone, if given."""
    chosen = table.rows if rows is None else [table.rows[number] for number in rows]
    texts = [plain(row.cells[place].strip()) for row in chosen]
    decimal = find_decimal_sign(texts)
    return [
        math.nan
        if blank and text.casefold() in _NOT_MEASURED
        else parse_cell(
            text,
            kind,
            column=table.header[place],
            decimal=decimal,
            source=table.source,
            line=row.line,
        )
        for row, text in zip(chosen, texts, strict=True)
    ]


def _check_unique(names: Sequence[str], table: Table) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(
                _("{name} occurs twice").format(name=repr(name[:_SHOWN])), source=table.source
            )
        seen.add(name)
