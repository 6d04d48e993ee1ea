"""Quantities: decimals with a unit, compared within a dimension and a stated tolerance."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

__all__ = ["DECIMAL", "UNITS", "Unit", "convert", "dimension", "plain", "same_dimension"]

DECIMAL = re.compile(r"(?:0|[1-9]\d{0,11})(?:\.\d{1,9})?", re.ASCII)
"""Twelve digits and nine decimals: 999,999 t in grams, and a nanogram."""

_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN)


class Unit(NamedTuple):
    """A unit as a multiple of the base unit of its dimension."""

    dimension: str
    factor: Decimal


UNITS = {
    "kg": Unit("mass", Decimal(1000)),
    "g": Unit("mass", Decimal(1)),
    "mg": Unit("mass", Decimal("0.001")),
    "ug": Unit("mass", Decimal("0.000001")),
    "L": Unit("volume", Decimal(1000)),
    "mL": Unit("volume", Decimal(1)),
    "uL": Unit("volume", Decimal("0.001")),
    "pieces": Unit("count", Decimal(1)),
}


def dimension(unit: str) -> str:
    """Return ``mass``, ``volume`` or ``count``."""
    return UNITS[unit].dimension


def same_dimension(unit: str, other: str) -> bool:
    """Return whether two units can be converted into one another."""
    return UNITS[unit].dimension == UNITS[other].dimension


def convert(amount: Decimal, unit: str, into: str) -> Decimal:
    """Return `amount` of `unit` in the unit `into`, exactly; both of one dimension."""
    if unit == into:
        return amount
    return _CONTEXT.divide(_CONTEXT.multiply(amount, UNITS[unit].factor), UNITS[into].factor)


def plain(amount: Decimal) -> str:
    """Return a decimal as people write it: no exponent, no zeros at the end."""
    text = format(amount, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
