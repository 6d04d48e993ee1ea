"""One row of a file as values of a record, and what could not be read in one way only.

What is not understood stays as it was written, and validation tells of it; a number or a date that has two
readings is left out of the record, stays in the original row, and is reported here.
"""

import math
import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from forensics.io.coordinates import MAX_DEGREES, Axis, parse_degrees
from forensics.io.dates import read_date
from forensics.io.numbers import read_number
from forensics.messages import _
from forensics.trade.mapping import LINKS, Mapping
from forensics.trade.quantities import Reading, read_quantity
from forensics.trade.record import Problem, number_text, quantity_text
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

__all__ = ["ReadRow", "quantity_problem", "read_row", "read_value"]

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
    """

    seizure: dict[str, Any]
    specimens: tuple[tuple[dict[str, Any], tuple[Problem, ...]], ...]
    problems: tuple[Problem, ...]
    key: str = ""
    links: tuple[tuple[str, str], ...] = ()


def read_row(
    row: Row, header: Sequence[str], mapping: Mapping, places: Dictionary[str, int]
) -> ReadRow:
    """Return what a row says, by a mapping and the places of its fields in the header."""
    problems: list[Problem] = []
    if len(row.cells) > len(header) and any(cell.strip() for cell in row.cells[len(header) :]):
        problems.append(
            Problem(
                "ROW_WIDER", "", " | ".join(row.cells[len(header) :])[:200],
                _("{count} cells, as the header has names").format(count=len(header)),
            )
        )  # fmt: skip
    cells = {
        name: clean(row.cells[place]) if place < len(row.cells) else ""
        for name, place in places.items()
    }
    typed = {name for name, place in places.items() if place in row.typed}
    cells = {name: "" if _absent(name, cell) else cell for name, cell in cells.items()}
    for name, value in mapping.constants.items():
        cells[name] = cells.get(name) or value
    for name, pairs in mapping.translations.items():
        if name in cells:
            cells[name] = pairs.get(fold(cells[name]), cells[name])
    seizure: dict[str, Any] = {}
    for name in SEIZURE_FIELDS:
        _take(name, cells, typed, mapping, seizure, problems)
    specimen: dict[str, Any] = {}
    about: list[Problem] = []
    for name in SPECIMEN_FIELDS:
        _take(name, cells, typed, mapping, specimen, about)
    if cells.get("quantity_text"):
        specimen["quantity_text"] = cells["quantity_text"]
    if mapping.text and cells.get("text"):
        listed = [
            ({**specimen, **item.values}, (*about, *item.problems))
            for item in items_of(
                cells["text"], separator=mapping.separator, country=mapping.country,
                decimal=mapping.decimal, default_unit=mapping.default_unit,
            )
        ]  # fmt: skip
    elif mapping.kinds:
        listed = list(_kinds(cells, mapping, specimen, about))
    else:
        listed = [(specimen, tuple(about))]
    for values, _about in listed:
        read = values.get("quantity_low") is not None or values.get("quantity_high") is not None
        if read and values.get("quantity_text") in (
            quantity_text(values),
            values.get("description"),
        ):
            values.pop("quantity_text", None)  # it says no more than the record
    return ReadRow(
        seizure, tuple(listed), tuple(problems), cells.get("seizure", ""),
        tuple((kind, name.strip()) for kind in LINKS for name in cells.get(kind, "").split(";")
              if name.strip()),
    )  # fmt: skip


def _absent(name: str, cell: str) -> bool:
    """Whether a cell says that nothing is known; "none" is a method of concealment."""
    field = FIELDS.get(name)
    if cell.casefold() not in _ABSENT:
        return False
    return not (field and field.kind == "value" and value_of(field.list, cell))


def _kinds(
    cells: dict[str, Any], mapping: Mapping, common: dict[str, Any], about: list[Problem]
) -> Iterator[tuple[dict[str, Any], tuple[Problem, ...]]]:
    """Yield the kinds of specimens that have pieces or a weight in columns of their own."""
    for number, kind in enumerate(mapping.kinds):
        problems = list(about)
        amounts = {}
        for name in ("pieces", "weight"):
            text = cells.get(f"{number}.{name}", "")
            amount = read_number(text, mapping.decimal) if text else None
            if text and not isinstance(amount, float):
                problems.append(Problem("NUMBER_UNREADABLE", kind[name], text, _("a number")))
            elif amount:  # nought says that there was none
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
        main = amounts.get("weight", amounts.get("pieces"))
        if main is not None:
            values |= {"quantity_low": main, "quantity_high": main,
                       "unit": "kg" if "weight" in amounts else "no."}  # fmt: skip
        if len(amounts) == 2:
            values["pieces"] = amounts["pieces"]
        yield values, tuple(problems)


def _take(
    name: str,
    cells: dict[str, Any],
    typed: set[Any],
    mapping: Mapping,
    into: dict[str, Any],
    problems: list[Problem],
) -> None:
    cell = cells.get(name, "")
    if not cell and not (name == "unit" and cells.get("quantity")):
        return
    if name == "unit" and not cell and into.get("unit"):
        return
    decimal = "." if name in typed else mapping.decimal
    values, problem = read_value(
        name,
        cell,
        date_order=mapping.date_order,
        decimal=decimal,
        default_unit=mapping.default_unit,
    )
    if name == "unit" and into.get("unit") and values.get("unit") != into["unit"]:
        if cell and values.get("unit"):
            problem = Problem(
                "UNIT_CONTRADICTORY", "unit", f"{cells.get('quantity')} / {cell}",
                _("one unit in the quantity and in its own column"),
            )  # fmt: skip
        values = {}
    if name == "unit" and problem is None and not cell and "quantity_low" not in into:
        values = {}
    into |= {key: value for key, value in values.items() if value is not None}
    if problem:
        problems.append(problem)


def read_value(
    name: str, text: str, *, date_order: str = "", decimal: str = "", default_unit: str = ""
) -> tuple[dict[str, Any], Problem | None]:
    """Return the columns that the text of a field fills, and what is wrong with it.

    Parameters
    ----------
    name : str
        Of a field.
    text : str
    date_order, decimal, default_unit : str
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
        unit = unit_of(text) if text else default_unit
        return {name: unit or text or None}, None
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
