"""What a hostile file may cost: one list of limits, for every reader."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.custody import budgets, canonical, verify_bundle
from forensics.custody.budgets import MAX_DEPTH, MAX_JSON_VALUES
from forensics.custody.canonical import (
    TooCostly,
    check_cost,
    load_json,
    parse_canonical,
    parse_json,
)
from forensics.errors import InputError


def test_the_verifier_has_the_limits_of_the_package():
    own = {name: value for name, value in vars(verify_bundle).items() if name.startswith("MAX_")}
    assert len(own) == 14
    for name, value in own.items():
        assert value == getattr(budgets, name), name
    assert verify_bundle._OUTSIDE_TEXTS == canonical._OUTSIDE_TEXTS


def test_every_reader_of_json_and_zip_has_its_limits_from_here(root):
    """Those that read what the program itself made a moment ago are named."""
    allowed = {
        "canonical.py": {"json.loads"},  # after check_cost
        "verify_bundle.py": {"json.loads", "json.load", "ZipFile"},
        "disclosure.py": {"json.loads", "ZipFile"},  # the bundle that is being written
        "traces.py": {"json.loads", "ZipFile"},  # an escape of a few characters; bounded
    }
    for path in sorted((root / "forensics/custody").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found = set(re.findall(r"\b(json\.loads|json\.load|ZipFile)\(", text))
        assert found <= allowed.get(path.name, set()), path
        assert not re.search(r"^(MAX|_MAX)_\w*(DEPTH|ENTRIES|UNPACKED|JSON)\w* =", text, re.M) or (
            path.name in ("budgets.py", "verify_bundle.py")
        ), path


def nested(depth, inside=""):
    return "[" * depth + inside + "]" * depth


READERS = {
    "load_json": load_json,
    "parse_json": lambda text: parse_json(text.encode()),
    "parse_canonical": lambda text: parse_canonical(text.encode()),
    "verifier": lambda text: verify_bundle.json_read(text.encode(), "it"),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_nested_to_the_limit_is_read_and_no_deeper(reader):
    read = READERS[reader]
    assert read(nested(MAX_DEPTH))
    for text in (
        nested(MAX_DEPTH + 1),
        nested(10**6),
        "[" * 10**6,
        '{"a":' * 10**5 + "1" + "}" * 10**5,
        "[" * 20 + '{"[":' * 20,
    ):
        with pytest.raises(
            (ValueError, InputError, verify_bundle.Fault), match="nested too deeply"
        ):
            read(text)


@pytest.mark.parametrize("reader", READERS)
def test_brackets_in_texts_nest_nothing(reader):
    text = json.dumps(["[" * 5000, '"[{\\', "\\", {'"{': "}" * 40}], separators=(",", ":"))
    assert READERS[reader](text) == json.loads(text)


@pytest.mark.parametrize("reader", READERS)
def test_too_many_values_are_refused_before_they_take_memory(reader):
    text = "[" + "[]," * MAX_JSON_VALUES + "0]"
    start = time.process_time()
    with pytest.raises((ValueError, InputError, verify_bundle.Fault), match="values"):
        READERS[reader](text)
    assert time.process_time() - start < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('[]{}"\\,:aé\n', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('[]{}"\\a', max_size=4), inner, max_size=3)
    ),
    max_leaves=40,
)


def depth_of(value):
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(JSON, st.integers(0, MAX_DEPTH + 3))
def test_depth_is_counted_as_a_parser_does(value, more):
    for _ in range(more):
        value = [value]
    text = json.dumps(value, ensure_ascii=False)
    if depth_of(value) <= MAX_DEPTH:
        check_cost(text)
        verify_bundle.check_cost(text, "it")
        assert load_json(text) == value
    else:
        with pytest.raises(TooCostly):
            check_cost(text)
        with pytest.raises(verify_bundle.Fault):
            verify_bundle.check_cost(text, "it")


@given(st.text('[]{}"\\,:a', max_size=200))
def test_whatever_passes_can_be_parsed_or_is_no_json(text):
    text = "[" * 30 + text
    try:
        load_json(text)
    except ValueError:
        pass  # TooCostly among them; never a RecursionError


@pytest.mark.parametrize("text", [None, b"[]", 5])
def test_what_is_no_text_is_a_type_error(text):
    with pytest.raises(TypeError):
        load_json(text)


def test_a_key_given_twice_among_many_is_found_in_one_pass():
    names = [f"{number:07x}" for number in range(300_000)]
    text = "{" + ",".join(f'"{name}":0' for name in [*names, names[-1]]) + "}"
    start = time.process_time()
    with pytest.raises(InputError, match=f"{names[-1]}.* is given twice"):
        parse_json(text.encode())
    assert time.process_time() - start < 10  # quadratic, this took more than an hour
