"""Words for likelihood ratios."""

import math

import pytest

from forensics import verbal as module
from forensics.errors import UsageError
from forensics.verbal import scales, verbal


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1, "no support for one proposition over the other"),
        (1.99, "no support for one proposition over the other"),
        (2, "weak support"),
        (10, "moderate support"),
        (99.9, "moderate support"),
        (100, "moderately strong support"),
        (1000, "strong support"),
        (10_000, "very strong support"),
        (999_999, "very strong support"),
        (1_000_000, "extremely strong support"),
    ],
)
def test_steps_of_enfsi_2015(ratio, text):
    assert verbal(ratio).text == text
    against = verbal(1 / ratio)
    assert against.text == text
    assert against.favours == ("neither" if ratio < 2 else "second")


def test_a_ratio_of_0_supports_the_other_proposition_extremely():
    assert verbal(0).favours == "second" and verbal(0).step == 6
    assert verbal(log10=400).favours == "first"


@pytest.mark.parametrize("wrong", [-1, math.nan])
def test_what_is_no_ratio_is_refused(wrong):
    with pytest.raises(UsageError):
        verbal(wrong)


def test_an_unknown_scale_and_two_numbers_are_refused():
    with pytest.raises(UsageError, match="enfsi-2015"):
        verbal(3, scale="enfsi-1066")
    with pytest.raises(UsageError):
        verbal(3, log10=2)


def test_every_text_of_the_file_can_be_translated():
    for name in scales():
        steps = module._read()[name]["steps"]
        assert {step["text"] for step in steps} <= set(module._TEXTS)
        assert [step["from"] for step in steps] == sorted(step["from"] for step in steps)
