"""The edits of a placement, by the compiled module and by edlib."""

import random

import edlib
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.matching import placing
from forensics.barcode.sequence import EQUALITIES, IUPAC

compiled = pytest.mark.skipif(not placing._kernel, reason="built without a compiler")
LENGTHS = st.sampled_from([1, 2, 15, 63, 64, 65, 127, 128, 129, 200, 320])


def by_edlib(inner, outer, most):
    return edlib.align(inner, outer, mode="HW", k=most, additionalEqualities=EQUALITIES)[
        "editDistance"
    ]


@compiled
@examples(400)
@given(
    st.integers(0, 2**32), LENGTHS, st.sampled_from(["ACGT", "AC", "".join(IUPAC)]),
    st.sampled_from([0, 0.01, 0.05, 0.1, 0.3, 1]),
)  # fmt: skip
def test_the_compiled_edits_are_those_of_edlib(seed, length, letters, share):
    rng = random.Random(seed)
    one = random_sequence(rng, length, letters)
    changes = rng.randrange(length // 3 + 1)
    other = mutate(rng, one, substitutions=changes, insertions=changes // 4, deletions=changes // 5)
    other = random_sequence(rng, rng.choice([0, 3, 90]), letters) + other
    other += random_sequence(rng, rng.choice([0, 3, 90]), letters)
    inner, outer = sorted((one, other or "A"), key=len)
    most = int(share * len(inner))
    assert placing._kernel.edits(inner.encode(), outer.encode(), most) == by_edlib(
        inner, outer, most
    )


@compiled
@examples(400)
@given(
    st.integers(0, 2**32), LENGTHS, st.sampled_from(["ACGT", "AC", "".join(IUPAC)]),
    st.sampled_from([0, 0.01, 0.05, 0.1, 0.3, 1]),
)  # fmt: skip
def test_where_a_placement_begins_and_ends_is_as_edlib_has_it(seed, length, letters, share):
    rng = random.Random(seed)
    one = random_sequence(rng, length, letters)
    other = mutate(rng, one, substitutions=rng.randrange(length // 5 + 1), insertions=length // 40)
    other = random_sequence(rng, rng.choice([0, 3, 90]), letters) + other
    other += random_sequence(rng, rng.choice([0, 3, 90]), letters)
    other *= rng.choice([1, 1, 2])  # twice: there are equally good places
    shorter, longer = sorted((one, other or "A"), key=len)
    most = int(share * len(shorter))
    expected = edlib.align(
        shorter, longer, mode="HW", task="locations", k=most, additionalEqualities=EQUALITIES
    )
    begins = sorted({start for start, _end in expected["locations"]})
    found = placing.starts(shorter.encode(), longer.encode(), most)
    assert found == (begins if expected["editDistance"] >= 0 else [])
    for inner, outer in ((shorter, longer), (longer, shorter)):
        expected = edlib.align(
            inner, outer, mode="SHW", task="locations", k=most, additionalEqualities=EQUALITIES
        )
        edits, end = placing.along(inner.encode(), outer.encode(), most)
        assert edits == expected["editDistance"]
        if edits >= 0:
            assert end == max(last for _first, last in expected["locations"]) + 1


@compiled
@examples(300)
@given(st.integers(0, 2**32), LENGTHS, st.sampled_from([0, 0.02, 0.1, 0.3]))
def test_places_far_from_each_other_are_all_weighed(seed, length, share):
    """Whole and broken copies, each unlike in its own way, so far apart that what lies between is left."""
    rng = random.Random(seed)
    inner = random_sequence(rng, length)
    outer = ""
    for _copy in range(rng.randrange(1, 5)):
        changes = rng.randrange(int(share * length) + 2)
        copy = mutate(rng, inner, substitutions=changes // 2, insertions=changes - changes // 2)
        outer += copy[rng.choice([0, 0, length // 2]) :] + random_sequence(
            rng, rng.choice([5, 400])
        )
    inner, outer = sorted((inner, outer), key=len)
    most = int(share * len(inner))
    found = edlib.align(inner, outer, mode="HW", task="locations", k=most)
    assert placing._kernel.edits(inner.encode(), outer.encode(), most) == found["editDistance"]
    assert placing.starts(inner.encode(), outer.encode(), most) == sorted(
        {start for start, _end in found["locations"]} if found["editDistance"] >= 0 else ()
    )


def test_where_a_placement_begins_and_ends_is_the_same_without_the_compiled_module(monkeypatch):
    asked = ((b"ACGTTG", b"GGACGTTGACGATG", 1), (b"AC?T", b"GGAC?TGG", 1), (b"AAAA", b"CCCCC", 4))
    found = [(placing.starts(*one), placing.along(*one)) for one in asked]
    monkeypatch.setattr(placing, "_kernel", None)
    assert found == [(placing.starts(*one), placing.along(*one)) for one in asked]
    assert found[0][0] == [2]


def test_letters_that_are_no_codes_fit_themselves_alone(monkeypatch):
    found = [placing.placed(b"AC?T", outer, 4) for outer in (b"GGAC?TGG", b"GGACGTGG", b"GGACNTGG")]
    monkeypatch.setattr(placing, "_kernel", None)
    assert found == [0, 1, 1]
    assert found == [
        placing.placed(b"AC?T", outer, 4) for outer in (b"GGAC?TGG", b"GGACGTGG", b"GGACNTGG")
    ]


@examples(300)
@given(
    st.integers(0, 2**32), st.sampled_from(["ACGT", "AC", "".join(IUPAC)]), st.integers(0, 16),
    st.sampled_from([15, 15, 40]),
)  # fmt: skip
def test_many_fit_at_once_as_one_by_one(seed, letters, most, longest):
    rng = random.Random(seed)
    inners = [
        random_sequence(rng, rng.randrange(1, longest + 1), letters)
        for _inner in range(rng.choice([0, 1, 4, 9, 33]))
    ]
    outer = random_sequence(rng, longest + rng.randrange(60), letters)
    for inner in inners[:2]:  # some do fit
        place = rng.randrange(len(outer))
        outer = outer[:place] + mutate(rng, inner, substitutions=rng.randrange(3)) + outer[place:]
    expected = [i for i, inner in enumerate(inners) if by_edlib(inner, outer, most) >= 0]
    found = placing.fitting(tuple(inner.encode() for inner in inners), outer.encode(), most)
    assert found == expected


def test_those_that_fit_are_told_by_their_places(monkeypatch):
    inners, outer = (b"ACGTACGT", b"TTTTTTTT", b"ACRTNCGA"), b"GGACGTACGAGG"
    found = placing.fitting(inners, outer, 1)
    monkeypatch.setattr(placing, "_kernel", None)
    assert found == placing.fitting(inners, outer, 1) == [0, 2]


@examples(100)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 12, 32]), st.sampled_from([1, 40, 4000]))
def test_no_place_of_a_word_is_left_out(seed, length, texts):
    rng = random.Random(seed)
    words, known = placing.Words(length), set()
    for _text in range(texts):
        text = random_sequence(rng, rng.randrange(1, 4 * length))
        words.add(text)
        last = max(1, len(text) - length + 1)
        known |= {text[place : place + length] for place in range(0, last, length)}
    asked = random_sequence(rng, 50) + text + random_sequence(rng, 50)
    for one in (asked, text, asked[: length // 2], "", asked + "\u00c4"):
        places = list(words.places(one))
        assert places == sorted(set(places))
        last = max(1, len(one) - length + 1)
        assert {p for p in range(last) if one[p : p + length] in known} <= set(places)


@compiled
def test_few_words_are_told_in_vain_however_many_there_are():
    rng = random.Random(1)
    asked = random_sequence(rng, 10_000)
    for texts in (1, 100, 3000):
        words = placing.Words(32)
        for _text in range(texts):
            words.add(random_sequence(rng, 640))
        assert len(words.places(asked)) < 500


def test_without_the_compiled_module_a_word_may_be_anywhere(monkeypatch):
    monkeypatch.setattr(placing, "_kernel", None)
    words = placing.Words(3)
    words.add("ACGTTT")
    assert list(words.places("ACGTA")) == [0, 1, 2]
    assert list(words.places("AC")) == [0]


@compiled
def test_marks_and_words_of_no_size_are_refused():
    marks, text = bytearray(8), "ACGT"
    for arguments in ((bytearray(9), text, 2, 1), (bytearray(), text, 2, 1), (marks, text, 0, 1),
                      (marks, text, 2, 0)):  # fmt: skip
        with pytest.raises(ValueError):
            placing._kernel.mark(*arguments)
        if arguments[3]:
            with pytest.raises(ValueError):
                placing._kernel.marked(*arguments[:3])
    assert marks == bytes(8)


@compiled
def test_what_cannot_be_placed_is_refused():
    for arguments in ((b"", b"A", 0), (b"AC", b"A", 0), (b"A", b"A", -1)):
        with pytest.raises(ValueError):
            placing._kernel.edits(*arguments)
        with pytest.raises(ValueError):
            placing._kernel.starts(*arguments)
    for arguments in ((b"", b"A", 0), (b"A", b"", 0), (b"A", b"A", -1)):
        with pytest.raises(ValueError):
            placing._kernel.along(*arguments)
    for arguments in (((b"",), b"A", 0), ((b"AC",), b"A", 0), ((b"A",), b"A", -1)):
        with pytest.raises(ValueError):
            placing._kernel.fitting(*arguments)
