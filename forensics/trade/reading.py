"""One row of a file as values of a record, and what could not be read in one way only.

What is not understood stays as it was written, and validation tells of it; a number or a date that has two
readings is left out of the record, stays in the original row, and is reported here.
"""

import math
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any, NamedTuple

from forensics.io.coordinates import MAX_DEGREES, Axis, parse_degrees
from forensics.io.dates import read_date
from forensics.io.numbers import read_number
from forensics.messages import _
from forensics.trade.mapping import LINKS, Mapping
from forensics.trade.quantities import Reading, read_quantity
from forensics.trade.record import Problem, number_text, quantity_text
from forensics.trade.rules import RECORD
from forensics.trade.sheets import Row, clean
from forensics.trade.texts import items_of
from forensics.trade.vocabulary import (
    FIELDS,
    SEIZURE_FIELDS,
    SPECIMEN_FIELDS,
    country_of,
    fold,
    term_of,
    unit_of,
    value_of,
)

__all__ = ["ReadRow", "RowReader", "quantity_problem", "read_value"]

# "NA" is not here: it is Namibia.
_ABSENT = {"", "-", "--", "n/a", "n.a.", "n.d.", "nd", "none", "null", "?", "néant", "neant"}
# "1,000 USD", "USD 1,000"
_CURRENCY = re.compile(r"(?:(\d[\d.,'\u00a0\u202f ]*?)\s*([A-Za-z]{3})|([A-Za-z]{3})\s*(\d.*))")


@dataclass(frozen=True)
class ReadRow:
    """What a row says.

    Attributes
    ----------
    seizure : dict
        Columns of a seizure.
    specimens : tuple of (dict, tuple of Problem)
        Columns of each specimen, with what was wrong with it.
    problems : tuple of Problem
        What was wrong with the row or the seizure.
    key : str
        What says that rows are of one seizure, where the file has such a column.
    links : tuple of (str, str)
        Kind and name of what it is tied to in a ledger.
    aside : bool
        Whether the row is no record: it names the columns again, or says nothing.
    """

    seizure: dict[str, Any]
    specimens: tuple[tuple[dict[str, Any], tuple[Problem, ...]], ...]
    problems: tuple[Problem, ...]
    key: str = ""
    links: tuple[tuple[str, str], ...] = ()
    aside: bool = False


class RowReader:
    """Reads the rows of a sheet by a mapping; what was read of a cell before is not read again.

    Parameters
    ----------
    header : sequence of str
    mapping : Mapping
    source : str
        Name of the sheet, for messages.

    Raises
    ------
    InputError
        If the mapping does not fit the header; see `Mapping.require`.
    """

    def __init__(self, header: Sequence[str], mapping: Mapping, source: str) -> None:
        self.places = mapping.require(header, source)
        self._header, self._mapping = header, mapping
        self._folded = [fold(name) for name in header]
        self._read: dict[str, dict[tuple[str, bool], _Cell]] = {
            name: {} for name in (*FIELDS, *self.places)
        }
        self._levels = [
            [
                (name, self.places.get(name, len(header)), self._read[name])
                for name in names
                if name in self.places or name in mapping.constants
            ]
            for names in (SEIZURE_FIELDS, SPECIMEN_FIELDS)
        ]
        self._others = [name for name in self.places if name not in FIELDS]
        self._unnamed = [place for place, name in enumerate(header) if not name]
        self.untaken = {
            place: name
            for place, name in enumerate(header)
            if name and place not in self.places.values() and fold(name) not in mapping.ignored
        }

    def read(self, row: Row) -> ReadRow:
        """Return what a row says."""
        cells, typed = row.cells, row.typed
        width = min(len(cells), len(self._header))
        if len(cells) == len(self._folded) and self._is_head(cells):
            return ReadRow({}, (), (), aside=True)
        if not any(map(self._says, cells)):
            return ReadRow({}, (), (), aside=True)
        problems: list[Problem] = []
        strange = [cells[place] for place in self._unnamed if place < len(cells)]
        strange = [cell for cell in (*strange, *cells[len(self._header) :]) if cell.strip()]
        if strange:
            problems.append(_beside(strange, len(self._header)))
        seizure: dict[str, Any] = {}
        specimen: dict[str, Any] = {}
        about: list[Problem] = []
        for names, into, told in zip(self._levels, (seizure, specimen), (problems, about)):
            for name, place, known in names:
                raw = cells[place] if place < width else ""
                cell = known.get((raw, place in typed)) or self._cell(name, row)
                if name == "unit" and "unit" in into and cell.values.get("unit") != into["unit"]:
                    if cell.text:
                        told.append(_contradictory(self._cell("quantity", row).text, cell.text))
                    continue
                into |= cell.values
                if cell.problem:
                    told.append(cell.problem)
        if "unit" not in specimen and _is_read(specimen):
            if unit := self._unit_beside(self._cell("quantity", row)):
                specimen["unit"] = unit
        texts = {name: self._cell(name, row).text for name in self._others}
        if texts.get("quantity_text"):
            specimen["quantity_text"] = texts["quantity_text"]
        listed = [(specimen, tuple(about))]
        if texts.get("text"):
            listed = [
                ({**specimen, **item.values}, (*about, *item.problems))
                for item in items_of(
                    texts["text"], separator=self._mapping.separator, country=self._mapping.country,
                    decimal=self._mapping.decimal, default_unit=self._mapping.default_unit,
                )
            ]  # fmt: skip
        elif self._mapping.kinds:
            listed = list(_kinds(texts, self._mapping, specimen, about))
        if not any(_is_read(values) or "quantity_text" in values for values, _about in listed):
            problems += self._elsewhere(row)
        for values, _about in listed:
            if _is_read(values) and values.get("quantity_text") in (
                quantity_text(values),
                values.get("description"),
            ):
                values.pop("quantity_text", None)  # it says no more than the record
        return ReadRow(
            seizure, tuple(listed), tuple(problems), texts.get("seizure", ""),
            tuple((kind, name.strip()) for kind in LINKS for name in texts.get(kind, "").split(";")
                  if name.strip()),
        )  # fmt: skip

    def _elsewhere(self, row: Row) -> Iterator[Problem]:
        """Yield that a row without a quantity has a number in a column that no field takes."""
        numbers = {
            name: clean(row.cells[place])
            for place, name in self.untaken.items()
            if place < len(row.cells) and read_number(row.cells[place], self._mapping.decimal)
        }
        if not numbers:
            return
        units = {
            f"{number} {unit}"
            for name, number in numbers.items()
            for unit in filter(None, map(unit_of, re.split(r"[\s()\[\],;/]+", name)))
        }
        yield Problem(
            "QUANTITY_ELSEWHERE", "quantity", "; ".join(f"{name}: {number}" for name, number in numbers.items()),
            _("a quantity in its own column; these columns no field takes"),
            units.pop() if len(units) == 1 else "",
        )  # fmt: skip

    def _unit_beside(self, quantity: "_Cell") -> str:
        """Return the unit of a quantity that states none of the list: its words, or that of the file."""
        rest = read_quantity(quantity.text).rest if quantity.problem else ""
        if not rest:
            return self._mapping.default_unit
        # "120 barrels" are no 120 kg; that "barrels" is in no list validation says.
        return unit_of(rest.strip("() ")) or ("" if term_of(rest) else rest[:_LONGEST_UNIT])

    def _is_head(self, cells: Sequence[str]) -> bool:
        """Whether a row says the names of the columns again, as on each page of a long table."""
        first = next((place for place, name in enumerate(self._folded) if name), 0)
        if self._header[first] not in cells[first]:
            return False
        return [fold(clean(cell)) for cell in cells] == self._folded

    @staticmethod
    def _says(cell: str) -> bool:
        return bool(cell) and clean(cell).casefold() not in _ABSENT

    def _cell(self, name: str, row: Row) -> "_Cell":
        """Return what the column of a field says in a row."""
        place = self.places.get(name)
        raw = row.cells[place] if place is not None and place < len(row.cells) else ""
        typed = place in row.typed
        read = self._read[name]
        if (cell := read.get((raw, typed))) is None:
            if len(read) >= _MOST_KEPT:
                read.clear()
            cell = read[raw, typed] = self._read_cell(name, raw, typed)
        return cell

    def _read_cell(self, name: str, raw: str, typed: bool) -> "_Cell":
        text = clean(raw)
        if _absent(name, text):
            text = ""
        text = text or self._mapping.constants.get(name, "")
        if pairs := self._mapping.translations.get(name):
            text = pairs.get(fold(text), text)
        if not text or name not in FIELDS:
            return _Cell(text, {}, None)
        decimal = "." if typed else self._mapping.decimal
        values, problem = read_value(
            name, text, date_order=self._mapping.date_order, decimal=decimal
        )
        return _Cell(text, {key: v for key, v in values.items() if v is not None}, problem)


class _Cell(NamedTuple):
    """What a cell says: its text, the columns of a record that it fills, and what is wrong with it."""

    text: str
    values: dict[str, Any]
    problem: Problem | None


_LONGEST_UNIT = 60
_MOST_KEPT = 20_000
"""Cells of a column of which it is kept what they say."""


def _is_read(values: Dictionary[str, object]) -> bool:
    return values.get("quantity_low") is not None or values.get("quantity_high") is not None


def _beside(cells: Sequence[str], count: int) -> Problem:
    return Problem(
        "ROW_WIDER", RECORD, " | ".join(cells)[:200],
        _("nothing but cells below the {count} names of columns. It is not counted until somebody decides").format(
            count=count
        ),
    )  # fmt: skip


def _contradictory(quantity: str, unit: str) -> Problem:
    return Problem(
        "UNIT_CONTRADICTORY", "unit", f"{quantity} / {unit}",
        _("one unit in the quantity and in its own column"),
    )  # fmt: skip


def _absent(name: str, cell: str) -> bool:
    """Whether a cell says that nothing is known; "none" is a method of concealment."""
    field = FIELDS.get(name)
    if cell.casefold() not in _ABSENT:
        return False
    return not (field and field.kind == "value" and value_of(field.list, cell))


def _kinds(
    cells: dict[str, str], mapping: Mapping, common: dict[str, Any], about: list[Problem]
) -> Iterator[tuple[dict[str, Any], tuple[Problem, ...]]]:
    """Yield the kinds of specimens that have pieces or a weight in columns of their own."""
    for number, kind in enumerate(mapping.kinds):
        problems = list(about)
        amounts: dict[str, dict[str, Any]] = {}
        for name, unit in (("pieces", "no."), ("weight", "kg")):
            text = cells.get(f"{number}.{name}", "")
            if not text:
                continue
            amount, problem = _quantity(text, mapping.decimal)
            if problem:
                problems.append(problem)
            if amount.get("quantity_high") == 0:  # nought says that there was none
                continue
            if _is_read(amount) and not amount.get("unit"):
                amount["unit"] = unit
            amounts[name] = amount
        if not amounts and len(problems) == len(about):
            continue
        values = dict(common)
        term = kind.get("term") or cells.get(f"{number}.name", "")
        if term:
            values["term"] = term_of(term) or term
        origin = cells.get(f"{number}.origin", "")
        if origin:
            values["origin"] = country_of(origin) or origin
        pieces, weight = amounts.get("pieces"), amounts.get("weight")
        values |= {key: v for key, v in (weight or pieces or {}).items() if v is not None}
        if pieces and weight:
            values["pieces"] = pieces.get("quantity_low")
        yield values, tuple(problems)


def read_value(
    name: str, text: str, *, date_order: str = "", decimal: str = ""
) -> tuple[dict[str, Any], Problem | None]:
    """Return the columns that the text of a field fills, and what is wrong with it.

    Parameters
    ----------
    name : str
        Of a field.
    text : str
    date_order, decimal : str
        See `mapping.Mapping`.

    Examples
    --------
    >>> read_value("country", "Côte d'Ivoire")[0], read_value("transit", "UAE, Malaysia")[0]
    ({'country': 'CI'}, {'transit': 'AE; MY'})
    >>> read_value("date", "03/04/2019")[1].suggestion
    ''
    """
    field = FIELDS[name]
    if field.kind == "date":
        return _date(name, text, date_order)
    if field.kind == "quantity":
        return _quantity(text, decimal)
    if field.kind == "unit":
        return {name: unit_of(text) or text}, None
    if field.kind in ("number", "latitude", "longitude"):
        return _measure(name, field.kind, text, decimal)
    if field.kind == "country":
        return {name: country_of(text) or text}, None
    if field.kind == "countries":
        return {name: "; ".join(_countries(text))}, None
    if field.kind == "term":
        return {name: term_of(text) or text}, None
    if field.kind == "value":
        return {name: value_of(field.list, text) or text}, None
    if field.kind == "taxon":
        return {name: " ".join(text.split())}, None
    if field.kind == "currency":
        return {name: text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else text}, None
    return {name: text}, None


def _countries(text: str) -> list[str]:
    if whole := country_of(text):
        return [whole]
    for separator in (";", "/", ",", "-", " "):
        parts = [part.strip() for part in text.split(separator) if part.strip()]
        codes = [code for code in map(country_of, parts) if code]
        if len(parts) > 1 and len(codes) == len(parts):
            return codes
    separator = ";" if ";" in text else ","
    parts = [part.strip() for part in text.split(separator) if part.strip()]
    return [country_of(part) or part.replace(";", ",") for part in parts]


def _date(name: str, text: str, order: str) -> tuple[dict[str, Any], Problem | None]:
    day = read_date(text, order)
    if isinstance(day, tuple):
        return {name: text}, Problem(
            "DATE_AMBIGUOUS", name, text,
            _(
                "a date with one reading; it may be {readings}. Say the order of the file: "
                "--date-order dmy gives the first, mdy the second"
            ).format(readings=_(" or ").join(day)),
        )  # fmt: skip
    return {name: day or text}, None


def _quantity(text: str, decimal: str) -> tuple[dict[str, Any], Problem | None]:
    reading = read_quantity(text, decimal=decimal)
    values: dict[str, Any] = {"quantity_text": text}
    if reading.problem in ("", "QUANTITY_APPROXIMATE"):
        values |= {
            "quantity_low": reading.low, "quantity_high": reading.high,
            "approximate": int(reading.approximate), "unit": reading.unit or None,
        }  # fmt: skip
    if reading.problem:
        return values, quantity_problem(reading, text)
    if reading.rest:
        return values, Problem(
            "QUANTITY_MORE_TEXT", "quantity", text,
            _("a number with its unit; more stands there: {rest}").format(rest=reading.rest),
            severity="warning",
        )  # fmt: skip
    return values, None


def quantity_problem(reading: Reading, text: str) -> Problem:
    """Return what is wrong with a quantity, with the reading that may be accepted if there is one."""
    expected = {
        "QUANTITY_AMBIGUOUS": _(
            "a quantity with one reading; it may be {readings}. Say the decimal sign: --decimal"
        ),
        "QUANTITY_APPROXIMATE": _("a counted or weighed quantity; recorded as it is said"),
        "QUANTITY_CONTRADICTORY": _("one quantity; figure and words say {readings}"),
        "QUANTITY_SEVERAL": _("one quantity a row; several stand there"),
        "QUANTITY_UNREADABLE": _("a number with its unit"),
    }[reading.problem]
    shown = [number_text(value) for value in reading.readings]
    return Problem(
        reading.problem, "quantity", text, expected.format(readings=_(" or ").join(shown)),
        severity="warning" if reading.problem == "QUANTITY_APPROXIMATE" else "error",
    )  # fmt: skip


def _measure(
    name: str, kind: str, text: str, decimal: str
) -> tuple[dict[str, Any], Problem | None]:
    currency = _CURRENCY.fullmatch(text) if name == "value" else None
    if currency:
        text = currency[1] or currency[4]
        values, problem = _measure(name, kind, text, decimal)
        return {**values, "currency": (currency[2] or currency[3]).upper()}, problem
    if kind in MAX_DEGREES:
        return _degrees(name, kind, text)
    number = read_number(text, decimal)
    if isinstance(number, tuple):
        return {}, Problem(
            "NUMBER_AMBIGUOUS", name, text,
            _("a number with one reading; it may be {readings}. Say the decimal sign: --decimal").format(
                readings=_(" or ").join(map(number_text, number))
            ),
        )  # fmt: skip
    if number is None:
        return {}, Problem("NUMBER_UNREADABLE", name, text, _("a number"))
    return {name: number}, None


def _degrees(name: str, axis: Axis, text: str) -> tuple[dict[str, Any], Problem | None]:
    try:
        value = parse_degrees(text, axis)
    except ValueError:
        value = math.inf
    if abs(value) > MAX_DEGREES[axis]:
        return {}, Problem("NUMBER_UNREADABLE", name, text, _("degrees, such as -12.5"))
    return {name: value}, None
