import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.io.files import FORMATS, recognise


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_every_format_is_recognised_by_its_first_bytes(known):
    for start in known.starts:
        assert recognise(start + b" and more") is known


@pytest.mark.parametrize(
    "known", [one for one in FORMATS if not one.strict], ids=lambda one: one.name
)
def test_blanks_and_the_mark_of_utf_8_may_stand_before_text(known):
    assert recognise(b"\xef\xbb\xbf\r\n " + known.starts[0]) is known


def test_no_format_hides_another():
    starts = [(start, known.name) for known in FORMATS for start in known.starts]
    hidden = [
        (name, other)
        for start, name in starts
        for longer, other in starts
        if name != other and longer.startswith(start)
    ]
    assert hidden == []
    assert len({known.name for known in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("start", [b"", b"id,Fca8\n", b"ACGTACGT", b"Title\nFca8\npop\n", b"\0\1"])
def test_what_says_nothing_is_not_guessed(start):
    assert recognise(start) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_recognised_or_not(start):
    found = recognise(start)
    assert found is None or found.matches(start)
