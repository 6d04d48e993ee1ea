"""Names that the eye takes for one another are one; names that people tell apart are not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laboratory import row

from forensics.custody.fields import _ALIKE, IDENTIFIER, Labels, may_be_misread, reads_alike
from forensics.errors import RefusedError

LABELS = st.from_regex(r"\w(?:[\w ./#:+-]{0,20}\w)?", fullmatch=True)

SAME = [
    ("A1", "a1"),
    ("A1", "А1"),  # Cyrillic
    ("A1", "Α1"),  # Greek
    ("A1", "Ａ１"),  # full width
    ("A1", "𝐀𝟏"),  # mathematical bold
    ("A1", "A١"),  # Arabic digit
    ("A1", "A 1"),
    ("A1", "A-1"),
    ("A1", "A\u20111"),  # dash that does not break
    ("A1", "A\u22121"),  # minus sign
    ("A1", "A_1"),
    ("A1", "A\u200b1"),  # space without width
    ("A1", "A\u31641"),  # Hangul filler, which counts as a letter
    ("BTK/7", "ВТК/7"),
    ("2026-014", "2026 014"),
    ("2026-014", "2026–014"),
    ("straße", "STRASSE"),
    ("HOPE", "НОРЕ"),
    ("xop", "хор"),
]
APART = [
    ("A1", "A2"),
    ("1-11", "11-1"),
    ("C1/1", "C11"),
    ("C1/1", "C1.1"),
    ("É1", "E1"),
    ("B8", "BB"),
]
MISREAD = [("AO1", "A01"), ("AI", "A1"), ("Al", "A1"), ("2026-014", "2026014"), ("SO-10", "S0-1O")]


@pytest.mark.parametrize("one, other", SAME)
def test_the_same_to_the_eye_is_the_same(one, other):
    assert reads_alike(one) == reads_alike(other)
    assert may_be_misread(one) == may_be_misread(other)


@pytest.mark.parametrize("one, other", APART + MISREAD)
def test_what_people_tell_apart_is_not_refused(one, other):
    assert reads_alike(one) != reads_alike(other)


@pytest.mark.parametrize("one, other", MISREAD)
def test_what_may_be_misread_is_found_by_the_wider_key(one, other):
    assert may_be_misread(one) == may_be_misread(other)


@given(LABELS)
def test_a_key_is_the_same_for_every_spelling_that_counts_as_one(name):
    key = reads_alike(name)
    assert reads_alike(unicodedata.normalize("NFD", name)) == key
    assert reads_alike(f"\u200b{name}") == key
    if name.isascii():
        assert reads_alike(name.swapcase()) == key
        wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in name)
        assert reads_alike(wide) == key


@given(st.text(max_size=20))
def test_any_text_has_a_key(text):
    assert may_be_misread(text) == may_be_misread(text)
    assert "-" not in may_be_misread(text)


@given(st.lists(LABELS, max_size=12), LABELS)
def test_a_name_is_found_among_many(names, name):
    labels = Labels()
    for one in names:
        labels.add(one)
    close, wider = labels.alike(name)
    alike = {one for one in names if one != name and reads_alike(one) == reads_alike(name)}
    misread = {one for one in names if one != name and may_be_misread(one) == may_be_misread(name)}
    assert (close is None) == (not alike) and (close is None or close in alike)
    if close is None:
        assert (wider is None) == (not misread) and (wider is None or wider in misread)


def test_the_table_maps_letters_that_are_not_of_ascii_to_those_that_are():
    for point, letter in _ALIKE.items():
        assert point > 127 and letter.isascii() and len(letter) == 1, chr(point)
        assert unicodedata.normalize("NFC", chr(point)) == chr(point)


def test_the_message_tells_what_the_eye_cannot(lab):
    with pytest.raises(RefusedError) as caught:
        lab.amina.seal(case="C1", sealed=[{"thing": "C1/1", "seal": "А1"}])
    assert "U+0410" in str(caught.value) and "looks like A1" in str(caught.value)


def test_a_dash_that_is_not_of_ascii_is_no_name_at_all():
    assert IDENTIFIER.problem("A\u20111") and IDENTIFIER.problem("A\u200b1")


def test_a_third_name_is_compared_with_all_before(lab):
    seen = lab.amina.receive(case="C1", exhibits=[row("X10")])
    assert "LOOK-ALIKE" not in [flag.code for flag in seen.flags]
    seen = lab.amina.receive(case="C1", exhibits=[row("X1O")])
    assert "LOOK-ALIKE" in [flag.code for flag in seen.flags]
    with pytest.raises(RefusedError, match="looks like X1O"):
        lab.amina.container(case="C1", container="x1o")
    assert lab.verify().ok
