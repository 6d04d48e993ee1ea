"""Options of methods: types, bounds, choices, provenance."""

import enum
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.core.options import Group, Options, SeedOptions, option, option_class
from forensics.errors import UsageError
from forensics.messages import N_


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


@option_class
class Example(SeedOptions):
    """Every type that an option may have."""

    rate: float = option(at_least=0, below=1, help=N_("Rate."))
    theta: float | None = option(default=None, above=0, at_most=1, key=None)
    count: int = option(default=3, at_least=1)
    colours: tuple[Colour, ...] = option(default=(Colour.RED,), key="colour")
    zero: Literal["allele", "missing"] = option(default="allele")
    file: Path | None = option(default=None)
    quick: bool = option(default=False)

    def check(self) -> None:
        if self.quick and self.file:
            raise UsageError("--quick reads no file")


def test_a_required_option_has_no_default():
    with pytest.raises(TypeError, match="rate"):
        Example()  # type: ignore[call-arg]


def test_values_are_kept_in_their_types():
    made = Example(rate=0, colours=["dark blue", Colour.RED], file="a.csv")
    assert made.rate == 0.0 and isinstance(made.rate, float)
    assert made.colours == (Colour.DARK_BLUE, Colour.RED)
    assert made.file == Path("a.csv") and made.theta is None
    with pytest.raises(FrozenInstanceError):
        made.rate = 0.5


def test_parameters_are_plain_and_leave_out_what_is_not_recorded():
    made = Example(rate=0.25, colours=("red", "dark blue"), file=Path("a.csv"), theta=0.5)
    assert made.parameters() == {
        "seed": 1, "rate": 0.25, "count": 3, "colour": ["red", "dark blue"], "zero": "allele",
        "file": "a.csv", "quick": False,
    }  # fmt: skip


@given(st.floats() | st.integers())
def test_a_number_within_its_bounds_is_taken_and_no_other(value):
    def is_taken(**given):
        try:
            Example(**{"rate": 0.5, **given})
        except UsageError as error:
            (name,) = given
            assert str(error).startswith(f"{name}: ")
            return False
        return True

    assert is_taken(rate=value) == (0 <= value < 1)
    assert is_taken(theta=value) == (0 < value <= 1)
    assert is_taken(count=value) == (isinstance(value, int) and value >= 1)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"rate": 1}, "rate: 1.0 is not in the range 0<=x<1."),
        ({"theta": 0}, "theta: 0.0 is not in the range 0<x<=1."),
        ({"count": 0}, "count: 0 is not in the range x>=1."),
        ({"rate": math.nan}, "rate: nan is not a finite number."),
        ({"rate": "0.5"}, "rate: '0.5' is not a valid float."),
        ({"rate": None}, "rate: None is not a valid float."),
        ({"count": 2.0}, "count: 2.0 is not a valid int."),
        ({"count": True}, "count: True is not a valid int."),
        ({"quick": 1}, "quick: 1 is not a valid bool."),
        ({"zero": "null"}, "zero: 'null' is not one of 'allele', 'missing'."),
        ({"colours": ("green",)}, "colours: 'green' is not one of 'red', 'dark blue'."),
        ({"colours": "red"}, "colours: 'red' is not a valid list of Colour."),
        ({"quick": True, "file": "x"}, "--quick reads no file"),
    ],
)
def test_what_an_option_cannot_be_is_refused_by_its_name(given, text):
    with pytest.raises(UsageError) as caught:
        Example(**{"rate": 0.5, **given})
    assert str(caught.value) == text


def test_an_option_may_have_a_text_of_its_own_for_its_bounds():
    @option_class
    class Floor(Options):
        floor: float = option(default=0.9, above=0, at_most=1, refused=N_("The floor is {}."))

    with pytest.raises(UsageError, match=r"^The floor is 2\.$"):
        Floor(floor=2)


def test_specs_say_what_a_help_needs():
    specs = Example.specs()
    assert list(specs)[:2] == ["seed", "rate"]
    assert specs["rate"].is_required and specs["rate"].range() == "0<=x<1"
    assert specs["colours"].many and specs["colours"].choices == ("red", "dark blue")
    assert specs["theta"].is_optional and not specs["theta"].is_required
    assert specs["seed"].group is Group.ADVANCED and specs["rate"].help == "Rate."


@pytest.mark.parametrize("hint", [complex, list[int], "int | str"])
def test_a_field_of_another_type_is_a_mistake_of_the_program(hint):
    with pytest.raises(TypeError, match="not known"):
        option_class(type("Wrong", (Options,), {"__annotations__": {"a": hint}, "a": option()}))


def test_a_field_that_is_not_an_option_is_a_mistake_of_the_program():
    with pytest.raises(TypeError, match="not an option"):

        @option_class
        class Wrong(Options):
            rate: float = 0.5


def test_importing_options_imports_no_numpy():
    code = "import sys, forensics.core.options; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_flag_may_be_a_truth_value_of_numpy():
    import numpy as np

    from forensics.barcode.options import IdentifyOptions

    assert IdentifyOptions(reasons=np.bool_(True)).reasons is True
    for wrong in ("yes", 2, 1.0, None, np.array([True])):
        with pytest.raises(UsageError):
            IdentifyOptions(reasons=wrong)
