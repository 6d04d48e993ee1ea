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


def test_those_that_fit_are_told_by_their_places(monkeypatch):
    inners, outer = (b"ACGTACGT", b"TTTTTTTT", b"ACRTNCGA"), b"GGACGTACGAGG"
    found = placing.fitting(inners, outer, 1)
    monkeypatch.setattr(placing, "_kernel", None)
    assert found == placing.fitting(inners, outer, 1) == [0, 2]


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
