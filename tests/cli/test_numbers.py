"""Numbers as options take them."""

import math

import click
import pytest
from click.testing import CliRunner
from command_line import every_command, records, typed
from hypothesis import given
from hypothesis import strategies as st
from simulation import query

from forensics.cli.options import NUMBER, NumberRange, NumberReadWithin, number


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
        assert found.exit_code == 2 and f"{text!r} is not a finite number" in found.output


def test_ranges_hold_with_a_comma_and_defaults_stay():
    assert run("--share", "0,02").output == "0.5 0.02\n"
    assert run("--share", "1,0").exit_code == 2  # the end is open
    assert run().output == "0.5 0.25\n" and math.isfinite(number("1e308"))


def test_the_help_shows_a_range_only_where_there_is_one():
    held = run("--help").output
    assert "0<=x<1" in held and "None" not in held


def test_every_option_that_takes_a_decimal_takes_a_decimal_comma():
    taken = []
    for name, command in every_command():
        for parameter in command.params:
            kinds = getattr(parameter.type, "types", [parameter.type])
            for kind in kinds:
                if isinstance(kind, click.types.FloatParamType):
                    taken.append((name, parameter.name))
                    middle = (kind.min + kind.max) / 2 if getattr(kind, "max", None) else 2.5
                    text = repr(float(middle)).replace(".", ",")
                    assert kind.convert(text, parameter, None) == middle, (name, parameter.name)
    assert len(taken) > 30 and ("forensics identify", "confidence") in taken


def test_identify_takes_shares_with_a_decimal_comma(tmp_path, library):
    (tmp_path / "S1.fasta").write_text(f">S1\n{query()}\n")
    asked = "identify --confidence 0,9 --in-library-prior 0,85 --format json --library"
    (found,) = records(typed(asked, library.path, tmp_path / "S1.fasta"))
    parameters = found["provenance"]["parameters"]
    assert (parameters["confidence"], parameters["in_library_prior"]) == (0.9, 0.85)


def test_a_number_that_may_be_two_is_read_by_bounds_which_refuse_nothing_else():
    kind = NumberReadWithin(-1, 10)
    found = [kind.convert(text, None, None) for text in ("1,250", "1.25", "120")]
    assert found == [1.25, 1.25, 120]
    with pytest.raises(click.BadParameter):
        NUMBER.convert("1,250", None, None)
