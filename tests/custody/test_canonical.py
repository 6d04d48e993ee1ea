"""Canonical JSON: one value, one sequence of bytes."""

import enum
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from json_values import json_values

import forensics.custody.canonical as canonical_module
from forensics.custody.budgets import MAX_DEPTH
from forensics.custody.canonical import LARGEST_INTEGER, canonical, parse_canonical, parse_json
from forensics.errors import InputError


@given(json_values())
def test_it_writes_what_another_implementation_of_rfc_8785_writes(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(json_values())
def test_what_is_written_is_read_back(value):
    assert parse_canonical(canonical(value)) == value


@given(json_values(), st.sampled_from([(",", ":"), (", ", ":")]), st.booleans(), st.booleans())
def test_what_is_read_fast_is_what_is_read_part_by_part(value, separators, ascii_only, ordered):
    """Whatever is not nested deeply goes through `msgspec`; the way by `json` judges every spelling."""
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, sort_keys=ordered)
    data = text.encode()
    expected, proper = canonical_module._parse(data, len(data), None)
    if data != proper:
        with pytest.raises(InputError, match="canonical form"):
            parse_canonical(data)
    else:
        found = parse_canonical(data)
        assert found == expected and repr(found) == repr(expected)


def test_what_is_not_nested_deeply_is_read_fast(monkeypatch):
    monkeypatch.setattr(canonical_module, "_parse", None)
    envelope = {"fields": {"actor": "é"}, "seq": LARGEST_INTEGER}
    for value in ("horn", 3, [1, None], {"a": [{"b": True}]}, envelope):
        assert parse_canonical(canonical(value)) == value


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")), st.booleans())
def test_a_text_is_read_as_json_has_it_or_refused(text, as_latin):
    """Most fields are texts in which nothing is escaped, which are not parsed."""
    data = b'"%b"' % text.encode("latin-1" if as_latin and text.isascii() else "utf-8", "replace")
    try:
        expected = json.loads(data)
    except ValueError:
        expected = None
    if expected is None or canonical(expected) != data:
        with pytest.raises(InputError):
            parse_canonical(data)
    else:
        assert parse_canonical(data) == expected


@pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"'])
def test_a_text_that_is_no_utf_8_is_refused(data):
    with pytest.raises(InputError):
        parse_canonical(data)


def test_keys_are_sorted_as_in_the_example_of_rfc_8785_section_3_2_3():
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    # The example's key U+FB33 is not NFC; the first beyond the surrogates that is sorts as it does.
    value["\ue000"] = value.pop("\ufb33")
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ue000"]
    assert list(json.loads(canonical(value))) == expected


def test_texts_are_escaped_as_in_the_example_of_rfc_8785_section_3_2_4():
    value = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        b'{"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        LARGEST_INTEGER + 1,
        -LARGEST_INTEGER - 1,
        10**5000,
        "\ud800",
        {"\udc00": 1},
        {1: "a"},
        {None: "a"},
        b"bytes",
        {"a"},
        Colour.RED,
        [[{"a": (1, 2.5)}]],
    ],
    ids=lambda value: ascii(value)[:20] if type(value) is not int else value.bit_length(),
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(InputError):
        canonical(value)


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_is_bounded():
    assert canonical(nested(MAX_DEPTH))
    with pytest.raises(InputError, match="nested"):
        canonical(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1}\n',
        b' {"a":1}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000A"',
        b"-0",
    ],
)
def test_another_spelling_of_the_same_value_is_json_but_not_canonical(data):
    parse_json(data)
    with pytest.raises(InputError, match="canonical form"):
        parse_canonical(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"01",
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"9007199254740992",
        b"1" * 100_000,
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1}{"a":1}',
        '"a"'.encode("utf-16"),
    ],
    ids=lambda data: ascii(data[:20]),
)
def test_what_is_not_strict_json_is_refused(data):
    with pytest.raises(InputError):
        parse_canonical(data)
    with pytest.raises(InputError) as found:
        parse_json(data, source="here.json")
    assert str(found.value).startswith("here.json: ")


def test_longer_data_than_allowed_are_not_parsed():
    with pytest.raises(InputError, match="at most 10"):
        parse_json(b"[1,2,3,4,5]", max_bytes=10)
    assert parse_json(b"[1,2,3,45]", max_bytes=10) == [1, 2, 3, 45]


@given(st.binary(max_size=60))
def test_garbage_is_an_input_error_or_a_canonical_value(data):
    try:
        value = parse_canonical(data)
    except InputError:
        return
    assert canonical(value) == data
