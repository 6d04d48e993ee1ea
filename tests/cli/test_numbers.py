"""Numbers as options take them."""

import math

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from forensics.cli.numbers import NUMBER, NumberRange, number


@click.command()
@click.option("--any", type=NUMBER, default=0.5)
@click.option("--share", type=NumberRange(0, 1, max_open=True), default=0.25)
def command(any, share):
    click.echo(f"{any!r} {share!r}")


def run(*arguments):
    return CliRunner().invoke(command, arguments)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_with_point_or_comma(value):
    assert number(repr(value)) == value == number(repr(value).replace(".", ","))


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Infinity", "1e999", "x", "", "1,2,3"])
def test_what_is_no_finite_number_is_refused_with_what_was_found(text):
    for option in ("--any", "--share"):
        found = run(option, text)
        assert found.exit_code == 2 and f"{text!r} is no finite number" in found.output


def test_ranges_hold_with_a_comma_and_defaults_stay():
    assert run("--share", "0,02").output == "0.5 0.02\n"
    assert run("--share", "1,0").exit_code == 2  # the end is open
    assert run().output == "0.5 0.25\n" and math.isfinite(number("1e308"))


def test_the_help_shows_a_range_only_where_there_is_one():
    held = run("--help").output
    assert "0<=x<1" in held and "None" not in held
