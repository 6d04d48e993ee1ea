"""Numbers as options take them: finite ones, with a decimal point or a decimal comma."""

import math

import click

from forensics.messages import _

__all__ = ["NUMBER", "NumberRange", "number"]


def number(text: str) -> float:
    """Return a finite number; ``0,02`` is ``0.02``.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> number("0,02"), number("-1.5e-3")
    (0.02, -0.0015)
    """
    value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    if not math.isfinite(value):
        raise ValueError
    return value


class _Finite:
    """What click lacks: NaN lies in no range, and is in none of its comparisons either."""

    def convert(self, value, param, ctx):
        if isinstance(value, str):
            try:
                value = number(value)
            except ValueError:
                self.fail(_("{value!r} is no finite number.").format(value=value[:60]), param, ctx)
        return super().convert(value, param, ctx)


class _Number(_Finite, click.types.FloatParamType):
    pass


class NumberRange(_Finite, click.FloatRange):
    """A finite number in a range; parameters as of `click.FloatRange`."""


NUMBER = _Number()
