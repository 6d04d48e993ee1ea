"""Numbers as options take them: finite ones, with a decimal point or a decimal comma."""

import math

import click

from forensics.messages import _, numeral

__all__ = ["NUMBER", "NumberRange", "NumberReadWithin", "number"]


def number(text: str) -> float:
    """Return a finite number; ``0,02`` is ``0.02``.

    Raises
    ------
    ValueError
        If it is not a number, or may be one of two (``1,234``).

    Examples
    --------
    >>> number("0,02"), number("-1.5e-3")
    (0.02, -0.0015)
    """
    from forensics.io.numbers import parse_number

    return parse_number(text)


class _Finite:
    """What click lacks: NaN lies in no range, and is in none of its comparisons either."""

    def convert(self, value, param, ctx):
        if isinstance(value, str):
            # Here, as most runs give no number.
            from forensics.io.numbers import AmbiguousNumberError, parse_number

            lowest, highest = getattr(self, "min", None), getattr(self, "max", None)
            try:
                value = parse_number(
                    value,
                    minimum=-math.inf if lowest is None else lowest,
                    maximum=math.inf if highest is None else highest,
                )
            except AmbiguousNumberError as error:
                readings = _(" or ").join(numeral(reading, "g") for reading in error.readings)
                self.fail(
                    _("{value!r} may be {readings}; write it with a decimal point.").format(
                        value=value[:60], readings=readings
                    ),
                    param,
                    ctx,
                )
            except ValueError:
                self.fail(
                    _("{value!r} is not a finite number.").format(value=value[:60]), param, ctx
                )
        return super().convert(value, param, ctx)


class _Number(_Finite, click.types.FloatParamType):
    pass


class NumberReadWithin(_Number):
    """A finite number, read by bounds where it may be one of two: ``1,250`` is 1.25 where 1250 cannot be.

    What lies outside is not refused here: the method says better what is wrong.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self.min, self.max = minimum, maximum


class NumberRange(_Finite, click.FloatRange):
    """A finite number in a range; parameters as of `click.FloatRange`."""


NUMBER = _Number()
