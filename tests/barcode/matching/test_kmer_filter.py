"""K-mers that may have been seen: none is missed, and few are taken for seen that were not."""

import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import random_sequence

from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching.kernel import KmerFilter

BOTH = [reference, *([kernel.implementation] if kernel.is_compiled() else [])]
by_each = pytest.mark.parametrize("by", BOTH, ids=[one.__name__.split(".")[-1] for one in BOTH])


@by_each
@examples(100)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 12, 32]), st.sampled_from([1, 40, 1000]))
def test_no_place_of_a_kmer_is_left_out(by, seed, length, texts):
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernel, "implementation", by)
        kmers, known = KmerFilter(length), set()
        for _text in range(texts):
            text = random_sequence(rng, rng.randrange(1, 4 * length))
            kmers.add(text)
            last = max(1, len(text) - length + 1)
            known |= {text[place : place + length] for place in range(0, last, length)}
        asked = random_sequence(rng, 50) + text + random_sequence(rng, 50)
        for one in (asked, text, asked[: length // 2], "", asked + "\u00c4"):
            places = kmers.places(one)
            assert places == sorted(set(places))
            last = max(1, len(one) - length + 1)
            assert {p for p in range(last) if one[p : p + length] in known} <= set(places)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(100)
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 12))
def test_the_kernel_marks_and_finds_what_the_reference_does(seed, length, step):
    rng = random.Random(seed)
    text, other = (random_sequence(rng, rng.randrange(200)) for _ in "ab")
    both = []
    for by in BOTH:
        marks = bytearray(64)
        by.mark_kmers(marks, text, length, step)
        both.append(
            (marks, by.find_marked(marks, text, length), by.find_marked(marks, other, length))
        )
    assert both[0] == both[1]


@by_each
def test_few_kmers_are_taken_for_seen_however_many_there_are(by, monkeypatch):
    monkeypatch.setattr(kernel, "implementation", by)
    rng = random.Random(1)
    asked = random_sequence(rng, 10_000)
    for texts in (1, 100, 1000):
        kmers = KmerFilter(32)
        for _text in range(texts):
            kmers.add(random_sequence(rng, 640))
        assert len(kmers.places(asked)) < 500


@by_each
def test_marks_and_kmers_of_no_size_are_refused(by):
    marks, text = bytearray(8), "ACGT"
    for arguments in ((bytearray(9), text, 2, 1), (bytearray(), text, 2, 1), (marks, text, 0, 1),
                      (marks, text, 2, 0)):  # fmt: skip
        with pytest.raises(ValueError):
            by.mark_kmers(*arguments)
        if arguments[3]:
            with pytest.raises(ValueError):
                by.find_marked(*arguments[:3])
    assert marks == bytes(8)
