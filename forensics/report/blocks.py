"""What a page is made of, whatever it is written as, and numbers as a report writes them.

Numbers have the digits that they deserve, and are never rounded to 0 or 1. All figures in the words of a finding go
through here, so that their form is decided in one place. Values come from the ledger, where a float stands as the
decimal text that means the same double.
"""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from forensics.messages import Share, _, numeral, thousands
from forensics.verbal import Verbal, verbal

# Above the first a ratio is written in millions, above the second in billions, and above the last it is only said to
# be larger: nobody reads nineteen zeros, and a court reads no power of ten.
_MILLION, _BILLION, _MAX_WRITTEN = 6, 9, 12


def probability(value: Any) -> str:
    """Return a probability with three decimals, never rounded to 0 or to 1.

    Examples
    --------
    >>> probability("0.97920036"), probability(0.99999), probability(1e-9), probability(None)
    ('0.979', '> 0.999', '< 0.001', '–')
    """
    return "–" if value is None else numeral(Share(value), ".3f")


def percent(value: float, decimals: int) -> str:
    """Return a share as per cent.

    A blank before the sign, as ISO 80000-1 has it; no-break, so that no line ends there. What is
    neither nothing nor all is not rounded to it.

    Examples
    --------
    >>> percent(0.0177, 1), percent(0.0004, 1), percent(0.99996, 1), percent(0, 1)
    ('1.8\xa0%', '< 0.1\xa0%', '> 99.9\xa0%', '0.0\xa0%')
    """
    share, step = float(value), 10.0**-decimals
    rounded = round(100 * share, decimals)
    if 0 < share < 1 and rounded <= 0:
        return f"< {numeral(step, f'.{decimals}f')}\u00a0%"
    if 0 < share < 1 and rounded >= 100:
        return f"> {numeral(100 - step, f'.{decimals}f')}\u00a0%"
    return numeral(100 * share, f".{decimals}f") + "\u00a0%"


def decimal(value: Any, places: int) -> str:
    """Return a number with so many decimals; a dash where there is none."""
    return "–" if value is None else numeral(float(value), f".{places}f")


def significant(value: Any, digits: int = 2) -> str:
    """Return a number with so many significant digits.

    Examples
    --------
    >>> significant(382254.2, 2), significant(0.01234), significant(7.7e-20), significant(None)
    ('380\\xa0000', '0.012', '7.7e-20', '–')
    """
    if value is None:
        return "–"
    shown = float(value)
    if abs(shown) >= 10 ** (digits - 1):
        return whole(float(f"{shown:.{digits}g}"))
    return numeral(shown, f".{digits}g")


def one_in(value: Any) -> str:
    """Return a probability as one in so many; a dash where there is none.

    Examples
    --------
    >>> one_in("7.7e-20"), one_in(0.012), one_in(1), one_in(None)
    ('1 in > 1\\xa0000 billion', '1 in 83', '1 in 1', '–')
    """
    if value is None or float(value) <= 0:
        return "–"
    return _("1 in {n}").format(n=ratio(-math.log10(float(value)) + 0.0))


def whole(value: Any) -> str:
    """Return a whole number; a dash where there is none."""
    return "–" if value is None else thousands(float(value))


def ratio(log10: float | None) -> str:
    """Return a likelihood ratio, from its logarithm, with two significant digits; a dash where there is none.

    Examples
    --------
    >>> ratio(1.813), ratio(3.664), ratio(6.942), ratio(20.0), ratio(-2.0)
    ('65', '4\\xa0600', '8.7 million', '> 1\\xa0000 billion', '1/100')
    """
    if log10 is None:
        return "–"
    if log10 < 0:
        return f"1/{ratio(-log10)}"
    if log10 > _MAX_WRITTEN:
        return _("> {n} billion").format(n=thousands(1000))
    if log10 >= _BILLION:
        return _("{n} billion").format(n=significant(10 ** (log10 - _BILLION), 2))
    if log10 >= _MILLION:
        return _("{n} million").format(n=significant(10 ** (log10 - _MILLION), 2))
    return significant(10**log10, 2)


def times(log10: float, *, least: bool = False) -> str:
    """Return how many times as probable, from the logarithm of a ratio of 1 or more.

    Parameters
    ----------
    log10 : float
    least : bool
        Whether it may be more.

    Examples
    --------
    >>> times(3.48), times(6.942), times(1.3, least=True), times(20.0)
    ('about 3\\xa0000 times', 'about 8.7 million times', 'at least 20 times', 'more than 1\\xa0000 billion times')
    """
    if log10 > _MAX_WRITTEN:
        return _("more than {n} billion times").format(n=thousands(1000))
    if log10 >= _BILLION:
        text = _("at least {n} billion times") if least else _("about {n} billion times")
        return text.format(n=significant(10 ** (log10 - _BILLION), 2))
    if log10 >= _MILLION:
        text = _("at least {n} million times") if least else _("about {n} million times")
        return text.format(n=significant(10 ** (log10 - _MILLION), 2))
    text = _("at least {n} times") if least else _("about {n} times")
    return text.format(n=significant(10**log10, 2))


def words_of(log10: float) -> tuple[Verbal, str]:
    """Return the words of the scale for a ratio, and a sentence that names the scale."""
    words = verbal(log10=log10)
    return words, _("In the words of the scale {scale}: {words}.").format(
        scale=words.scale, words=words.text
    )


@dataclass(frozen=True)
class Block:
    """A part of a section; `kind` is its name in the form that templates read."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Text(Block):
    """Paragraphs; `label` is a small heading before them, of `level` 3 or, under it, 4."""

    paragraphs: tuple[str, ...]
    label: str = ""
    level: int = 3


@dataclass(frozen=True)
class Facts(Block):
    """Labels and values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table(Block):
    """A table with a head; `widths` are shares of the page."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True)
class Notice(Block):
    """Something that must not be overlooked."""

    text: str


@dataclass(frozen=True)
class Figure(Block):
    """A picture with its caption; `alternative` is read out where it cannot be seen."""

    name: str
    image: str
    base64: str
    caption: str
    alternative: str


@dataclass(frozen=True)
class Signatures(Block):
    """Lines to be signed: function, name, and what is on record of it."""

    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Section:
    """A part of the report under a heading of its own."""

    id: str
    heading: str
    blocks: tuple[Block, ...] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "id": self.id,
            "heading": self.heading,
            "blocks": [block.to_dict() for block in self.blocks],
        }
