"""In which direction each part of the policy is laxer."""

import pytest

from forensics.custody.rules import DEFAULT_POLICY, POLICY, laxer

LAXER = {
    "tolerance_share": ("0.01", "0.02"),
    "tolerance_mass": ("0.002", "0.0021"),
    "tolerance_volume": ("0.002", "1"),
    "use_share": ("0.5", "0.50001"),
    "keep_share": ("0.25", "0.2"),
    "storage_witness": (True, False),
    "transit_hours": (72, 73),
    "late_hours": (24, 100),
    "extraction_controls": (["blank"], ["negative"]),
    "amplification_controls": (["negative", "positive"], ["negative"]),
    "sequencing_controls": (["positive"], ["blank", "negative"]),
    "review": (True, False),
}


def test_a_direction_is_known_for_every_part():
    assert set(LAXER) | {"kind"} == {part.name for part in POLICY.parts}
    for name, value in DEFAULT_POLICY.items():
        assert not laxer(name, value, value)
    with pytest.raises(KeyError):
        laxer("colour", "red", "blue")


@pytest.mark.parametrize("name", LAXER)
def test_it_is_laxer_in_one_direction_only(name):
    strict, lax = LAXER[name]
    assert laxer(name, strict, lax)
    if not name.endswith("_controls"):
        assert not laxer(name, lax, strict)
    assert not laxer(name, strict, strict)


def test_numbers_are_compared_as_numbers():
    assert not laxer("use_share", "0.5", "0.50")
    assert not laxer("keep_share", "0.25", "0.250")
    assert laxer("tolerance_mass", "0.9", "0.10") is False


def test_more_controls_in_another_order_are_not_laxer():
    assert not laxer(
        "amplification_controls", ["negative", "positive"], ["positive", "blank", "negative"]
    )
    assert not laxer("sequencing_controls", None, ["blank"])
