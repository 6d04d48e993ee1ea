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

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.numbers import parse_number, year_of
from forensics.io.tables import TEXT, Column, Kind, Table, read_table
from forensics.messages import N_, _
from forensics.store.connections import is_sqlite
from forensics.trade.conversion import Factors, animals_of, packaged_factors, records
from forensics.trade.decisions import uncounted
from forensics.trade.importing import Totals
from forensics.trade.record import ASIDE, TRADE_REPORT, WAITING, Specimen, is_of_seizure
from forensics.trade.store import open_store
from forensics.trade.vocabulary import code_of, countries, term_of, unit_meant, unit_of

if TYPE_CHECKING:
    import pandas


_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?:[T ].*)?")
_MOST = 1e12


def _read_date(text: str, _decimal: str = "") -> str:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return text


def _read_code(text: str, _decimal: str = "") -> str:
    code = text.strip().upper()
    if code not in countries():
        raise ValueError(text)
    return countries()[code].now or code


def _read_codes(text: str, _decimal: str) -> tuple[str, ...]:
    return tuple(_read_code(part) for part in text.split(";") if part.strip())


def _read_number(text: str, _decimal: str) -> float:
    number = parse_number(text, minimum=0.0, maximum=_MOST)
    if not 0.0 <= number <= _MOST:
        raise ValueError(text)
    return number


def _read_basis(text: str, _decimal: str) -> str:
    basis = code_of("basis", text)
    if basis is None:
        raise ValueError(text)
    return basis


_DAY = Kind(N_("ISO 8601, such as 2024-05-31, 2024-05 or 2024"), _read_date, "")
_COUNTRY = Kind(N_("a code of a country, such as NA for Namibia"), _read_code, "")
_COUNTRIES: Kind[tuple[str, ...]] = Kind(
    N_("codes of countries with a semicolon between them"), _read_codes, ()
)
_NUMBER = Kind(N_("a number from 0 to 1e12"), _read_number, math.nan)
_BASIS = Kind(N_("seizure, trade report or nothing"), _read_basis, "")
_KINDS: dict[str, Kind[Any]] = {
    "reference": TEXT, "date": _DAY, "species": TEXT, "term": TEXT, "unit": TEXT, "place": TEXT,
    "quantity": _NUMBER, "animals": _NUMBER, "animals_low": _NUMBER, "animals_high": _NUMBER,
    "country": _COUNTRY, "destination": _COUNTRY, "origin": _COUNTRY,
    "departure": _COUNTRIES, "transit": _COUNTRIES, "not_reached": _COUNTRIES,
}  # fmt: skip
_NEEDED = ("reference", "date", "species")
_COLUMNS = {
    name: Column(name, kind, required=name in _NEEDED, filled=name in _NEEDED)
    for name, kind in _KINDS.items()
}
# Columns by which a row is of a seizure or of the legal trade.
_BASIS_COLUMN = Column("basis", _BASIS, required=False)
_SOURCE = Column("source", TEXT, required=False)
# What belongs to the seizure as a whole, not to a specimen.
_WHOLE = ("date", "country", "place", "departure", "transit", "not_reached", "destination")
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

    def select(self, *, first: int | None = None, last: int | None = None) -> "Seizures":
        """Return the seizures from `first` to `last` year.

        Raises
        ------
        UsageError
            If there are none.
        """
        low, high = self.years[0], self.years[-1]
        inside = self.rows["year"].between(
            low if first is None else first, high if last is None else last
        )
        if not inside.any():
            raise UsageError(
                _("No seizure is of these years; the seizures are of {first} to {last}.").format(
                    first=low, last=high
                )
            )
        return _numbered(self.rows[inside].copy(), self.files, self.notes)


def seizures_of(
    table: "AnyPath | pandas.DataFrame",
    *,
    source: str = "",
    files: Iterable[tuple[str, str]] = (),
    notes: Iterable[tuple[str, str]] = (),
) -> Seizures:
    """Check a table of seizures: a CSV or XLSX file, or a DataFrame; columns of other names are left alone.

    Parameters
    ----------
    table : path or pandas.DataFrame
    source : str
        For messages; by default the name of the file.
    files : sequence of (str, str)
        Name and SHA-256 of what a DataFrame was read from.
    notes : sequence of (str, str)
        What is to be said of it.

    Raises
    ------
    InputError
        If a column is missing or stands twice, a cell is not what it should be, a row of a file looks like a
        total, or rows of one seizure contradict each other; with the line.
    """
    import pandas

    read = read_table(table, narrow_rows=True)
    source = source or str(read.source)
    if read.sha256:
        _refuse_totals(read)
        files = [(source, read.sha256)]
    bases = [
        (record[_BASIS_COLUMN], record[_SOURCE]) for record in read.records(_BASIS_COLUMN, _SOURCE)
    ]
    seized = [is_of_seizure(basis, code_of("source", code) or code) for basis, code in bases]
    if not any(seized):
        raise UsageError(
            _("{path}: all {count} rows are of legal trade; none is a seizure.").format(
                path=source, count=len(seized)
            )
        )
    if traded := seized.count(False):
        text = _("Rows of legal trade, not seizures, left out: {count}.")
        notes = [*notes, (_("Records"), text.format(count=traded))]
    read = replace(read, rows=tuple(compress(read.rows, seized)))
    rows, lines = [], []
    for record in read.records(*_COLUMNS.values()):
        try:
            rows.append(_row({name: record[column] for name, column in _COLUMNS.items()}))
        except ValueError as error:
            raise InputError(str(error), source=source, line=record.line) from error
        lines.append(record.line)
    frame = pandas.DataFrame(rows)
    first = frame.groupby("reference", sort=False)[list(_WHOLE)].transform("first")
    for name in _WHOLE:
        other = (frame[name] != first[name]).to_numpy()
        if other.any():
            place = int(np.argmax(other))
            raise InputError(
                _(
                    "seizure {reference}: {column} is {here!r} here and {there!r} in its first row; "
                    "expected one value, or another reference"
                ).format(
                    reference=frame["reference"][place][:_SHOWN],
                    column=name,
                    here=frame[name][place],
                    there=first[name][place],
                ),
                source=source,
                line=lines[place],
            )
    return _numbered(frame, files, notes)


def _refuse_totals(table: Table) -> None:
    """Refuse a table with a row that looks like a total: it would double what it adds up."""
    totals, names = Totals(), [name.casefold() for name in table.header]
    for row in table.rows:
        values = dict(zip(names, map(str.strip, row.cells)))
        specimen: dict[str, object] = {"unit": unit_of(values.get("unit", "")) or ""}
        with suppress(ValueError):
            specimen["quantity_low"] = parse_number(values.get("quantity", ""))
        specimen["quantity_high"] = specimen.get("quantity_low")
        whole = {name: values.get(name) for name in ("date", "reference")}
        if why := totals.suspect(values, whole, [specimen]):
            raise InputError(
                _(
                    "the row looks like a total: {why}. Take it out; or import the file into a store "
                    "(forensics trade import) and decide there"
                ).format(why=why),
                source=table.source,
                line=row.line,
            )


def _numbered(rows: "pandas.DataFrame", files: Iterable[Any], notes: Iterable[Any]) -> Seizures:
    import pandas

    rows["number"] = pandas.factorize(rows["reference"])[0].astype(np.int64)
    return Seizures(rows.reset_index(drop=True), tuple(files), tuple(notes))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its year, kilograms and pieces."""
    low, middle, high = row["animals_low"], row["animals"], row["animals_high"]
    if not (np.isnan(low) and np.isnan(high)) and not low <= middle <= high:
        raise ValueError(
            _("animals {low}, {middle}, {high}; expected them in order, all or one").format(
                low=low, middle=middle, high=high
            )
        )
    strange = [country for country in row["not_reached"] if country not in row["transit"]]
    if strange:
        raise ValueError(
            _("{column} has {found}, which is not in transit").format(
                column="not_reached", found=", ".join(strange)
            )
        )
    row["year"] = int(row["date"][:4])
    unit = unit_meant(unit_of(row["unit"]) or row["unit"])
    for name, dimension in (("kg", "mass"), ("pieces", "count")):
        factor = unit.factor if unit is not None and unit.dimension == dimension else None
        row[name] = np.nan if factor is None else row["quantity"] * factor
    return row


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
        kind = (species, term_of(term) or term, unit_of(unit) or unit)
        if kind not in each:
            each[kind] = _stand_for(*kind, factors)
        amounts[:, place] = quantity * np.array(each[kind])
    return amounts[0], amounts[1], amounts[2]


def with_animals(seizures: Seizures, *, factors: Factors | None = None) -> Seizures:
    """Return the seizures with the animals of rows that do not say them, and a note of the factors."""
    factors = factors or packaged_factors()
    rows = seizures.rows.copy()
    missing = rows["animals"].isna().to_numpy()
    for name, values in zip(
        ("animals", "animals_low", "animals_high"), equivalents(seizures, factors=factors)
    ):
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
    low, middle, high = animals_of(specimen, factors=factors)
    return tuple(np.nan if bound is None else bound for bound in (middle, low, high))


_AS_THEY_ARE = (
    "date", "species", "term", "unit", "origin", "country", "place", "departure", "transit",
    "destination",
)  # fmt: skip


def open_seizures(path: AnyPath, *, factors: Factors | None = None) -> Seizures:
    """Return the seizures of a store, or of a table (`seizures_of`); the content tells which.

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
        return with_animals(seizures_of(path), factors=factors)
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
            _("Specimens in rows of legal trade, not seizures, left out: {count}."),
        ),
        (
            confiscated,
            _(
                "Specimens in lines of the legal trade with source I (confiscated or seized), counted as "
                "seizures: {count}."
            ),
        ),
        (unclear, _("Specimens with a basis that is in no list, left out: {count}.")),
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
