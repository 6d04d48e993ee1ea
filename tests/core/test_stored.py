"""Typed values as plain ones, and back."""

import json
import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.core.stored import (
    PlainResult,
    WrongRecord,
    from_stored,
    keys_of,
    missing_keys,
    not_stored,
    reported,
    stored,
    to_plain,
    to_stored,
)
from forensics.errors import InputError


class Sign(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Part:
    start: float = field(metadata=stored("from"))
    name: str


@dataclass(frozen=True, kw_only=True)
class Whole:
    KEYS: ClassVar = (
        "count", "double", "ratio.log10", "ratio.of", "parts", "shares", "sign", "kind", "pair", "fit",
        "free", "is_right",
    )  # fmt: skip

    count: int
    log10: float = field(metadata=stored("ratio.log10", null=-math.inf))
    of: str | None = field(metadata=stored("ratio.of"))
    parts: tuple[Part, ...]
    shares: dict[str, float]
    sign: Sign
    kind: Literal["a", "b"]
    pair: tuple[float, str]
    fit: Part | None = field(default=None, metadata=stored(omit_none=True))
    free: Any = None
    is_right: bool = True
    hidden: int = field(default=7, metadata=not_stored())

    @property
    @reported("double")
    def twice(self) -> int:
        return 2 * self.count


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PARTS = st.builds(Part, NUMBERS, st.text())
WHOLES = st.builds(
    Whole,
    count=st.integers(),
    log10=NUMBERS | st.just(-math.inf),
    of=st.none() | st.text(),
    parts=st.lists(PARTS).map(tuple),
    shares=st.dictionaries(st.text(), NUMBERS),
    sign=st.sampled_from(Sign),
    kind=st.sampled_from(["a", "b"]),
    pair=st.tuples(NUMBERS, st.text()),
    fit=st.none() | PARTS,
    free=st.none() | st.lists(st.integers()),
    is_right=st.booleans(),
)


@given(WHOLES)
def test_what_is_stored_is_read_back(whole):
    record = json.loads(json.dumps(to_stored(whole), allow_nan=False))
    assert from_stored(Whole, record) == whole
    assert to_stored(from_stored(Whole, record)) == record


WHOLE = Whole(
    count=2, log10=-math.inf, of=None, parts=(Part(1.5, "x"),), shares={"wild": 0.5}, sign=Sign.UP,
    kind="a", pair=(0.5, "y"),
)  # fmt: skip


def test_keys_stand_in_the_order_of_the_class():
    record = to_stored(WHOLE)
    assert list(record) == [
        "count", "double", "ratio", "parts", "shares", "sign", "kind", "pair", "free", "is_right",
    ]  # fmt: skip
    assert record["ratio"] == {"log10": None, "of": None} and record["double"] == 4
    assert record["parts"] == [{"from": 1.5, "name": "x"}]
    assert keys_of(Part) == ("from", "name")


def test_numbers_that_the_ledger_holds_as_text_are_numbers_again():
    record = to_stored(WHOLE) | {"shares": {"wild": "0.25"}, "pair": ["1e-05", "y"]}
    found = from_stored(Whole, record)
    assert found.shares == {"wild": 0.25} and found.pair == (1e-05, "y")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": "2"}, "count"),
        ({"count": True}, "count"),
        ({"shares": {"wild": "much"}}, "shares.wild"),
        ({"shares": []}, "shares"),
        ({"parts": [{"from": 1.0, "name": 3}]}, "parts.0.name"),
        ({"parts": [{"from": 1.0}]}, "parts.0.name"),
        ({"parts": "x"}, "parts"),
        ({"ratio": {"log10": 1.0}}, "ratio.of"),
        ({"sign": "sideways"}, "sign"),
        ({"kind": "c"}, "kind"),
        ({"pair": [1.0]}, "pair"),
        ({"fit": 3}, "fit"),
        ({"is_right": 1}, "is_right"),
    ],
)
def test_what_is_of_another_type_is_refused_with_its_place(change, place):
    with pytest.raises(InputError, match=rf"not a stored result: {place} is "):
        from_stored(Whole, to_stored(WHOLE) | change)


def test_what_is_no_record_is_refused():
    with pytest.raises(InputError, match="the record is 3; expected named values"):
        from_stored(Whole, 3)


def test_a_field_that_stands_in_no_key_is_an_error():
    @dataclass(frozen=True)
    class Forgotten:
        KEYS: ClassVar = ("a",)
        a: int
        b: int

    with pytest.raises(TypeError, match=r"without \['b'\]"):
        to_stored(Forgotten(1, 2))


def test_a_computed_key_needs_its_place_among_the_keys():
    @dataclass(frozen=True)
    class Unordered:
        a: int

        @reported("b")
        def second(self):
            return 1

    with pytest.raises(TypeError, match=r"without \['a'\]"):
        to_stored(Unordered(1))


def test_what_has_no_plain_form_is_an_error():
    with pytest.raises(TypeError, match="complex has no stored form"):
        to_plain([1j])


@dataclass(frozen=True)
class Inner:
    a: int
    b: str | None = field(default=None, metadata=stored(omit_none=True))


@dataclass(frozen=True)
class Outer:
    one: Inner | None
    many: tuple[Inner, ...]
    last: str = ""


def test_missing_keys_are_named_with_their_places_whatever_their_defaults():
    assert list(missing_keys(Outer, {"one": {"a": 1}, "many": [], "last": ""})) == []
    assert list(missing_keys(Outer, {"one": None, "many": [{"b": "x"}, {"a": 1}]})) == [
        "many.0.a", "last",
    ]  # fmt: skip
    assert list(missing_keys(Outer, {"one": [], "many": 3, "last": ""})) == ["one.a"]
    assert list(missing_keys(Outer, 3)) == ["one", "many", "last"]


def test_an_error_says_where_a_value_stands_and_which_it_is():
    with pytest.raises(WrongRecord) as caught:
        from_stored(Outer, {"one": None, "many": [{"a": 1}, {"a": "x"}], "last": ""})
    assert (caught.value.place, caught.value.found) == ("many.1.a", "'x'")
    with pytest.raises(WrongRecord) as caught:
        from_stored(Outer, {"many": [], "last": ""})
    assert (caught.value.place, caught.value.found) == ("one", "")


# -- What every result gives follows from what it must answer


class Whole_of_plain(PlainResult):
    sample = "S1 <b>"

    def to_dict(self):
        return {"sample": "é", "value": 1.5}

    def lines(self):
        return [("Result", "a horn"), ("Note", "Cut off.")]


@pytest.mark.parametrize("missing", ["to_dict", "lines"])
def test_a_result_that_does_not_say_what_it_holds_cannot_be_made(missing):
    kept = {name: value for name, value in vars(Whole_of_plain).items() if name != missing}
    with pytest.raises(TypeError, match=missing):
        type("Half", (PlainResult,), kept)()


def test_json_text_and_table_follow_from_the_values_and_the_lines():
    whole = Whole_of_plain()
    assert whole.to_json() == '{"sample": "é", "value": 1.5}'
    assert whole.explanation() == "Result: a horn. Note: Cut off."
    assert "<caption>S1 &lt;b&gt;</caption>" in whole._repr_html_()
