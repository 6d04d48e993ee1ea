"""What the results of all rooms share: one line of JSON, running text, a table for notebooks."""

import json

from forensics.messages import _, numeral

__all__ = ["Result", "shown_probability", "thousands"]


class Result:
    """Base of a result; it has ``sample``, and gives ``to_dict()`` and ``lines()``."""

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation."""
        raise NotImplementedError

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        raise NotImplementedError

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def explanation(self) -> str:
        """Return the result with its limits as running text, for a report."""
        said = (_("{label}: {text}").format(label=label, text=text) for label, text in self.lines())
        return " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in said)

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{escape(label)}</th>"
            f"<td style='text-align:left'>{escape(text)}</td></tr>"
            for label, text in self.lines()
        )
        return f"<table><caption>{escape(self.sample)}</caption>{rows}</table>"


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
