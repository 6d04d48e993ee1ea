"""The table of seizures that indicators take: a row a specimen, its columns checked once.

Columns, as `forensics/trade` names them; those with a star are needed:

==================  ============================================================
``reference`` *     of the seizure; rows of one seizure share it
``date`` *          ISO 8601: a day, a month or a year
``species`` *       scientific name, at the lowest taxon that is known
``term``            description of the specimen, such as IVR
``quantity``        a number, in
``unit``            of mass or of pieces; nothing stands for pieces
``animals``         animal equivalents, with ``animals_low`` and ``animals_high``
``country``         that made the seizure (ISO 3166-1); ``place`` within it
``origin``          of the specimen; several origins are several rows
``departure``       countries of export
``transit``         countries passed through, in order, separated by ``;``
``not_reached``     those of ``transit`` that came after the country of seizure
``destination``     where it was to go
``basis``           ``seizure`` or ``trade report``; of lines of the legal trade
                    those with ``source`` I alone count (`record.is_of_seizure`)
==================  ============================================================
"""

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.io.numbers import parse_number, year_of
from forensics.messages import _
from forensics.store.connections import is_sqlite
from forensics.trade.conversion import Factors, convert, packaged_factors, records
from forensics.trade.decisions import uncounted
from forensics.trade.importing import Totals
from forensics.trade.record import ASIDE, TRADE_REPORT, WAITING, Specimen, is_of_seizure
from forensics.trade.sheets import Sheet, read_sheet
from forensics.trade.store import open_store
from forensics.trade.vocabulary import countries, term_of, unit_of, units, value_of

if TYPE_CHECKING:
    import pandas


_NEEDED = ("reference", "date", "species")
_TEXTS = ("term", "unit", "place")
_NUMBERS = ("quantity", "animals", "animals_low", "animals_high")
_COUNTRY = ("country", "destination", "origin")
_COUNTRIES = ("departure", "transit", "not_reached")
_COLUMNS = (*_NEEDED, *_TEXTS, *_NUMBERS, *_COUNTRY, *_COUNTRIES)
# What belongs to the seizure as a whole, not to a specimen.
_WHOLE = ("date", "country", "place", "departure", "transit", "not_reached", "destination")
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?:[T ].*)?")
_MOST = 1e12
_SHOWN = 60


@dataclass(frozen=True, eq=False)
class Seizures:
    """Checked rows.

    Attributes
    ----------
    rows : pandas.DataFrame
        The columns above (texts "" and numbers NaN where nothing is known; lists of countries are
        tuples), and ``year`` (int64), ``kg`` and ``pieces`` (float64; NaN in another unit) and
        ``number`` (int64; of the seizure, from 0).
    files : tuple of (str, str)
        Name and SHA-256 of what was read.
    notes : tuple of (str, str)
        Label and text of what was left out or settled when the rows were taken.
    """

    rows: "pandas.DataFrame"
    files: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return int(self.rows["number"].max()) + 1

    @property
    def years(self) -> range:
        """All years from the first to the last."""
        return range(int(self.rows["year"].min()), int(self.rows["year"].max()) + 1)

    @property
    def has_animals(self) -> bool:
        """Whether any row says how many animals it stands for."""
        return bool(self.rows["animals"].notna().any())

    def each(self) -> list[list[Any]]:
        """Return the rows of each seizure, as named tuples, by its number."""
        groups: list[list[Any]] = [[] for _number in range(len(self))]
        for row in self.rows.itertuples(index=False):
            groups[row.number].append(row)
        return groups

    def take(self, years: Iterable[int]) -> "Seizures":
        """Return the seizures of these years.

        Raises
        ------
        UsageError
            If there are none.
        """
        kept = self.rows[self.rows["year"].isin(list(years))].copy()
        if not len(kept):
            raise UsageError(
                _("No seizure is of these years; the seizures are of {first} to {last}.").format(
                    first=self.years[0], last=self.years[-1]
                )
            )
        return _numbered(kept, self.files, self.notes)


def is_country(code: str) -> bool:
    """Return whether a code is that of one country, not of a region or of none known.

    Examples
    --------
    >>> is_country("NA"), is_country("XF"), is_country("")
    (True, False, False)
    """
    return code in countries() and countries()[code].kind == "country"


def read_seizures(path: str | os.PathLike[str]) -> Seizures:
    """Read a table of seizures (CSV or XLSX); columns of other names are left alone.

    Raises
    ------
    InputError
        As `seizures_of`, with the line.
    """
    sheet = read_sheet(path)
    lines = [row.line for row in sheet.rows]
    frame = frame_of(sheet)
    _refuse_totals(frame, sheet)
    return seizures_of(frame, source=sheet.name, lines=lines, files=[(sheet.name, sheet.sha256)])


def _refuse_totals(frame: "pandas.DataFrame", sheet: Sheet) -> None:
    """Refuse a table with a row that looks like a total: it would double what it adds up."""
    totals, names = Totals(), [str(name) for name in frame.columns]
    for row, cells in zip(sheet.rows, frame.itertuples(index=False, name=None)):
        values = dict(zip(names, cells))
        specimen: dict[str, object] = {"unit": unit_of(values.get("unit", "")) or ""}
        with suppress(ValueError):
            specimen["quantity_low"] = parse_number(_clean(values.get("quantity")))
        specimen["quantity_high"] = specimen.get("quantity_low")
        whole = {name: values.get(name) for name in ("date", "reference")}
        if why := totals.suspect(values, whole, [specimen]):
            raise InputError(
                _(
                    "the row looks like a total: {why}. Take it out; or import the file into a store "
                    "(forensics trade import) and decide there"
                ).format(why=why),
                source=sheet.name,
                line=row.line,
            )


def frame_of(sheet: Sheet) -> "pandas.DataFrame":
    """Return the cells of a sheet as text, under the names of its columns in lower case.

    Raises
    ------
    InputError
        If a row has more cells than there are columns.
    """
    import pandas

    width, rows = len(sheet.header), []
    for row in sheet.rows:
        cells = [cell.strip() for cell in row.cells]
        if any(cells[width:]):
            raise InputError(
                _("found {found} cells; the header has {expected}").format(
                    found=len(cells), expected=width
                ),
                source=sheet.name,
                line=row.line,
            )
        rows.append([*cells[:width], *[""] * (width - len(cells))])
    names = [name.casefold() for name in sheet.header]
    return pandas.DataFrame(rows, columns=names, dtype=object)


def seizures_of(
    frame: "pandas.DataFrame",
    *,
    source: str = "DataFrame",
    lines: Iterable[int] | None = None,
    files: Iterable[tuple[str, str]] = (),
    notes: Iterable[tuple[str, str]] = (),
) -> Seizures:
    """Check a DataFrame of seizures.

    Raises
    ------
    InputError
        If a column is missing or stands twice, a cell is not what it should be, or rows of one
        seizure contradict each other.
    """
    import pandas

    names = [str(name) for name in frame.columns]
    twice = [name for name in _COLUMNS if names.count(name) > 1]
    missing = [name for name in _NEEDED if name not in names]
    if twice or missing or not len(frame):
        raise InputError(
            _(
                "found {rows} rows with the columns {found}; expected one row or more, and each "
                "once: {needed}; and, where known: {others}"
            ).format(
                rows=len(frame),
                found=", ".join(names)[:300],
                needed=", ".join(_NEEDED),
                others=", ".join(column for column in _COLUMNS if column not in _NEEDED),
            ),
            source=source,
        )
    numbers = list(lines) if lines is not None else list(range(1, len(frame) + 1))
    where = "line" if lines is not None else "record"
    if "basis" in names:
        seized = _seized(frame, source, numbers, where)
        notes = [*notes, *_trade_notes(int((~seized).sum()), source, all_rows=len(frame))]
        frame = frame[seized]
        numbers = [number for number, kept in zip(numbers, seized) if kept]
    known = [name for name in _COLUMNS if name in names]
    checked: dict[str, list[Any]] = {name: [] for name in (*_COLUMNS, "year", "kg", "pieces")}
    for number, cells in zip(numbers, frame[known].itertuples(index=False, name=None)):
        try:
            row = _row(dict(zip(known, cells)))
        except ValueError as error:
            raise InputError(str(error), source=source, **{where: number}) from error
        for name, values in checked.items():
            values.append(row[name])
    rows = pandas.DataFrame(checked)
    first = rows.groupby("reference", sort=False)[list(_WHOLE)].transform("first")
    for name in _WHOLE:
        other = ~((rows[name] == first[name]) | (rows[name].isna() & first[name].isna()))
        if other.any():
            place = int(np.argmax(other.to_numpy()))
            raise InputError(
                _(
                    "seizure {reference}: {column} is {here!r} here and {there!r} in its first row; "
                    "expected one value, or another reference"
                ).format(
                    reference=rows["reference"][place][:_SHOWN],
                    column=name,
                    here=rows[name][place],
                    there=first[name][place],
                ),
                source=source,
                **{where: numbers[place]},
            )
    return _numbered(rows, files, notes)


def _seized(frame: "pandas.DataFrame", source: str, numbers: list[int], where: str) -> "np.ndarray":
    """Return whether each row is of a seizure (bool); a basis that is in no list is refused."""
    sources = frame["source"] if "source" in frame.columns else [""] * len(frame)
    flags = []
    for number, basis, kind in zip(numbers, frame["basis"], sources):
        text = _clean(basis)
        known = value_of("basis", text) if text else ""
        if known is None:
            raise InputError(
                _("basis is {found!r}; expected seizure, trade report or nothing").format(
                    found=text[:_SHOWN]
                ),
                source=source,
                **{where: number},
            )
        code = _clean(kind)
        flags.append(is_of_seizure(known, value_of("source", code) or code))
    return np.array(flags, dtype=bool)


def _trade_notes(count: int, source: str, *, all_rows: int) -> list[tuple[str, str]]:
    if count == all_rows:
        raise UsageError(
            _("{path}: all {count} rows are lines of the legal trade; there is no seizure.").format(
                path=source, count=count
            )
        )
    text = _("Rows of the legal trade, which are no seizures, left out: {count}.")
    return [(_("Records"), text.format(count=count))] if count else []


def _numbered(rows: "pandas.DataFrame", files: Iterable[Any], notes: Iterable[Any]) -> Seizures:
    import pandas

    rows["number"] = pandas.factorize(rows["reference"])[0].astype(np.int64)
    return Seizures(rows.reset_index(drop=True), tuple(files), tuple(notes))


def _row(cells: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {name: _clean(cells.get(name)) for name in (*_NEEDED, *_TEXTS)}
    for name in _NEEDED:
        if not row[name]:
            raise ValueError(_("{column} is empty; it is needed").format(column=name))
    match = _DATE.fullmatch(row["date"])
    if not match:
        raise ValueError(
            _("date is {found!r}; expected ISO 8601, such as 2024-05-31, 2024-05 or 2024").format(
                found=row["date"][:_SHOWN]
            )
        )
    row["year"] = int(match[1])
    for name in _NUMBERS:
        row[name] = _number(cells.get(name), name)
    if not (np.isnan(row["animals_low"]) and np.isnan(row["animals_high"])):
        if not row["animals_low"] <= row["animals"] <= row["animals_high"]:
            raise ValueError(
                _("animals {low}, {middle}, {high}; expected them in order, all or one").format(
                    low=row["animals_low"], middle=row["animals"], high=row["animals_high"]
                )
            )
    unit = units().get(unit_of(row["unit"]) or "") if row["unit"] else units()["no."]
    for name, dimension in (("kg", "mass"), ("pieces", "count")):
        factor = unit.factor if unit is not None and unit.dimension == dimension else None
        row[name] = np.nan if factor is None else row["quantity"] * factor
    for name in _COUNTRY:
        row[name] = _code(_clean(cells.get(name)), name)
    for name in _COUNTRIES:
        value = cells.get(name)
        parts = value if isinstance(value, tuple | list) else _clean(value).split(";")
        row[name] = tuple(_code(_clean(part), name) for part in parts if _clean(part))
    strange = [country for country in row["not_reached"] if country not in row["transit"]]
    if strange:
        raise ValueError(
            _("{column} has {found}, which is not in transit").format(
                column="not_reached", found=", ".join(strange)
            )
        )
    return row


def _clean(value: object) -> str:
    if value is None or value != value:
        return ""
    return " ".join(str(value).split())


def _code(text: str, column: str) -> str:
    code = text.upper()
    if code and code not in countries():
        raise ValueError(
            _("{column} is {found!r}; expected a code of a country, such as NA for Namibia").format(
                column=column, found=text[:_SHOWN]
            )
        )
    return countries()[code].now or code if code else ""


def _number(value: object, column: str) -> float:
    text = _clean(value)
    if not text:
        return np.nan
    try:
        number = parse_number(text, minimum=0.0, maximum=_MOST)
    except ValueError:
        number = np.inf
    if not 0.0 <= number <= _MOST:
        raise ValueError(
            _("{column} is {found!r}; expected a number from {least:g} to {most:g}").format(
                column=column, found=text[:_SHOWN], least=0.0, most=_MOST
            )
        )
    return number


_ANIMALS = "animals"  # a measure of the table of factors


def equivalents(
    seizures: Seizures, *, factors: Factors | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the animals that the quantity of each row stands for, and their lowest and highest number.

    Parameters
    ----------
    seizures : Seizures
    factors : Factors, optional
        Default: the packaged ones.

    Returns
    -------
    tuple of numpy.ndarray of float64, shape (n,)
        NaN where no factor fits or the quantity is not known.
    """
    rows = seizures.rows
    each: dict[tuple[str, str, str], tuple[float, ...]] = {}
    amounts = np.full((3, len(rows)), np.nan)
    kinds = zip(rows["species"], rows["term"], rows["unit"], rows["quantity"])
    for place, (species, term, unit, quantity) in enumerate(kinds):
        if np.isnan(quantity):
            continue
        kind = (species, term_of(term) or term, unit_of(unit) or unit or "no.")
        if kind not in each:
            each[kind] = _stand_for(*kind, factors)
        amounts[:, place] = quantity * np.array(each[kind])
    return amounts[0], amounts[1], amounts[2]


def with_animals(seizures: Seizures, *, factors: Factors | None = None) -> Seizures:
    """Return the seizures with the animals of rows that do not say them, and a note of the factors."""
    factors = factors or packaged_factors()
    rows = seizures.rows.copy()
    missing = rows["animals"].isna().to_numpy()
    names = (_ANIMALS, f"{_ANIMALS}_low", f"{_ANIMALS}_high")
    for name, values in zip(names, equivalents(seizures, factors=factors)):
        rows.loc[missing, name] = values[missing]
    converted = missing & rows["animals"].notna().to_numpy()
    if not converted.any():
        return seizures
    note = factors_note(int(converted.sum()), len(rows), factors)
    return replace(seizures, rows=rows, notes=(*seizures.notes, note))


def factors_note(converted: int, rows: int, factors: Factors) -> tuple[str, str]:
    """Return what must be said of rows that were converted to animals."""
    return _("Converted"), _(
        "{count} of {all} rows were converted to animals by the factors of version {version} (SHA-256 "
        "{sha256}), each an assumption. Rows that no factor fits add no animals."
    ).format(count=converted, all=rows, version=factors.version, sha256=factors.sha256)


def _stand_for(species: str, term: str, unit: str, factors: Factors | None) -> tuple[float, ...]:
    """Return middle, low and high of the animals that one unit of a thing stands for; NaN where no factor fits."""
    values = {"species": species, "term": term, "unit": unit}
    specimen = Specimen(values | {"quantity_low": 1.0, "quantity_high": 1.0})
    for conversion in convert(specimen, factors=factors):
        if conversion.measure == _ANIMALS:
            bounds = (conversion.middle, conversion.low, conversion.high)
            return tuple(np.nan if bound is None else bound for bound in bounds)
    return np.nan, np.nan, np.nan


_AS_THEY_ARE = (
    "date", "species", "term", "unit", "origin", "country", "place", "departure", "transit",
    "destination",
)  # fmt: skip


def open_seizures(path: str | os.PathLike[str], *, factors: Factors | None = None) -> Seizures:
    """Return the seizures of a store, or of a table (`read_seizures`); the content tells which.

    Parameters
    ----------
    path : path
    factors : Factors, optional
        By which rows are converted to animals, where they do not say how many they stand for;
        default: the packaged ones.

    Raises
    ------
    InputError, VerificationError, UsageError
        If it is neither, or nothing in it can be counted.
    """
    if not is_sqlite(path):
        return with_animals(read_seizures(path), factors=factors)
    with open_store(path) as store:
        frame = records(store, factors=factors)
        files = list(dict.fromkeys((file["name"], file["sha256"]) for file in store.table("files")))
        left_out = list(uncounted(store))
    seizures = seizures_of_records(frame, source=str(path), files=files, factors=factors)
    notes = []
    for standing, text in (
        (WAITING, _("Records that look like totals and wait for a decision, left out: {count} (seizures {numbers}).")),
        (ASIDE, _("Records that were set aside, left out: {count} (seizures {numbers}).")),
    ):  # fmt: skip
        numbers = [record.seizure for record in left_out if record.standing == standing]
        if numbers:
            notes.append((_("Records"), text.format(count=len(numbers), numbers=_listed(numbers))))
    return replace(seizures, notes=(*notes, *seizures.notes))


MAX_NAMED = 20
"""Seizures that a note names by their numbers; of more it says how many there are."""


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers of seizures, the first of them, for a note."""
    shown = ", ".join(str(number) for number in dict.fromkeys(numbers[:MAX_NAMED]))
    return f"{shown} …" if len(numbers) > MAX_NAMED else shown


def seizures_of_records(
    frame: "pandas.DataFrame",
    *,
    source: str = "records",
    files: list[tuple[str, str]] | tuple[Any, ...] = (),
    factors: Factors | None = None,
) -> Seizures:
    """Return the seizures that have a date and a taxon; what is left out is reported in the notes.

    What is a seizure `record.is_of_seizure` says: of lines of the legal trade those of source I alone.
    A quantity stated as a range is taken at its middle, one with an open end as not known.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `forensics.trade.records` gives it.
    source : str
        For messages.
    files : sequence of (str, str)
        Name and SHA-256 of what the records were read from.
    factors : Factors, optional
        Those by which the animals of `frame` were reckoned.

    Raises
    ------
    UsageError
        If no record is of a seizure with a date and a taxon.
    """
    seized = frame["is_seizure"].astype(bool)
    traded = int((~seized & (frame["basis"] == TRADE_REPORT)).sum())
    unclear = int((~seized).sum()) - traded
    frame = frame[seized]
    undated, unnamed = frame["date"].map(year_of).isna(), frame["species"].isna()
    kept = frame[~undated & ~unnamed]
    if not len(kept):
        raise UsageError(
            _(
                "{path}: no seizure has a date and a taxon; nothing can be counted. Lines of the legal "
                "trade: {traded}."
            ).format(path=source, traded=traded)
        )
    confiscated = int((kept["basis"] == TRADE_REPORT).sum())
    table = kept[list(_AS_THEY_ARE)].copy()
    # The id keeps apart what different files call by one reference.
    table["reference"] = [
        f"{number}: {reference or ''}"
        for number, reference in zip(kept["seizure"], kept["reference"])
    ]
    table["quantity"] = (kept["quantity_low"] + kept["quantity_high"]) / 2
    closed = kept["animals_low"].notna() & kept["animals_high"].notna()
    middle = kept["animals"].fillna((kept["animals_low"] + kept["animals_high"]) / 2)
    for name, values in (("animals", middle), ("animals_low", kept["animals_low"]),
                         ("animals_high", kept["animals_high"])):  # fmt: skip
        table[name] = values.where(closed)
    ranges = kept["quantity_low"] < kept["quantity_high"]
    numbers = frame.loc[undated, "seizure"].unique().tolist()
    remarks = (
        (
            traded,
            _("Specimens in lines of the legal trade, which are no seizures, left out: {count}."),
        ),
        (
            confiscated,
            _(
                "Specimens in lines of the legal trade with source I (confiscated or seized), counted as "
                "seizures: {count}."
            ),
        ),
        (unclear, _("Specimens whose basis is in no list, left out: {count}.")),
        (
            len(numbers),
            _(
                "Seizures without a date, left out: {count} (seizures {numbers}): it is missing or cannot be read."
            ).replace("{numbers}", _listed(numbers)),
        ),
        ((unnamed & ~undated).sum(), _("Specimens without a taxon, left out: {count}.")),
        (
            ranges.sum(),
            _("Quantities stated as ranges, taken at their middle: {count}."),
        ),
    )
    notes = [(_("Records"), text.format(count=int(count))) for count, text in remarks if count]
    if closed.any():
        notes.append(factors_note(int(closed.sum()), len(kept), factors or packaged_factors()))
    return seizures_of(table.reset_index(drop=True), source=source, files=files, notes=notes)
