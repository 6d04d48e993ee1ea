"""Numbers and names as people read them."""

from collections.abc import Sequence

from forensics.messages import numeral


def shown_probability(value: float) -> str:
    """Return a probability as people read it; it is never rounded to 0 or to 1.

    Examples
    --------
    >>> shown_probability(0.99998), shown_probability(0.25), shown_probability(1e-9)
    ('> 0.9999', '0.2500', '< 0.0001')
    """
    if value > 0.9999:
        return f"> {numeral(0.9999)}"
    return f"< {numeral(0.0001, '.4f')}" if value < 0.0001 else numeral(value, ".4f")


def thousands(value: float) -> str:
    """Return a whole number with spaces between thousands: a comma would be a decimal sign to many.

    Examples
    --------
    >>> thousands(1234567.8).split()
    ['1', '234', '568']
    """
    return f"{value:,.0f}".replace(",", "\u00a0")


def name_some(names: Sequence[str], most: int = 5) -> str:
    """Return the first of several names; an ellipsis stands for the rest.

    Examples
    --------
    >>> name_some(["a", "b", "c"], 2)
    'a, b …'
    """
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")
