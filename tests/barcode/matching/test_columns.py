"""Alignments without edlib: distance, places and path are edlib's, ties included."""

import random

import edlib
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.matching import columns
from forensics.barcode.reading.primers import equalities_of
from forensics.barcode.sequence import EQUALITIES, IUPAC

# Around the words of edlib, where it has its own ways, and the lengths of barcodes.
LENGTHS = st.one_of(
    st.sampled_from([0, 1, 2, 63, 64, 65, 127, 128, 129, 192, 640, 658, 700]), st.integers(0, 700)
)
# With two letters nearly every alignment has ties; the last is no IUPAC code.
LETTERS = st.sampled_from(["ACGT", "AC", "A", "".join(IUPAC), "ACGTACGTACGTACGTN", "ACG?"])
PRIMER = "GGWACWRGWTGRACWNTNTAYCCYCC"  # mlCOIintF, doi:10.1186/1742-9994-10-34


def both(query, target, mode, task, k, equalities):
    """Return what edlib says and what the columns say."""
    theirs = edlib.align(query, target, mode, task, k, equalities)
    del theirs["alphabetLength"]
    return theirs, columns.align(query, target, mode, task, k, equalities)


def relatives(rng, length, letters, share):
    """Return a sequence and a changed part of it between others."""
    one = random_sequence(rng, length, letters)
    changes = int(share * length)
    other = mutate(rng, one, substitutions=changes, insertions=changes // 3,
                   deletions=changes // 4)  # fmt: skip
    before, behind = (random_sequence(rng, rng.choice([0, 3, 90]), letters) for _ in "ab")
    return one, before + other[rng.choice([0, 0, length // 3]) :] + behind


@examples(1500)
@given(
    st.integers(0, 2**32), LENGTHS, LETTERS, st.sampled_from([0, 0.02, 0.1, 0.3]),
    st.sampled_from(columns.MODES), st.sampled_from(columns.TASKS),
    st.sampled_from([-1, 0, 1, 0.05, 0.3, 1, 2]), st.sampled_from([None, EQUALITIES]),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_columns_say_what_edlib_says(
    seed, length, letters, share, mode, task, limit, equalities, turned, as_bytes
):
    one, other = relatives(random.Random(seed), length, letters, share)
    if turned:
        one, other = other, one
    if as_bytes:
        one, other = one.encode(), other.encode()
    most = limit if limit in (-1, 0, 1) else int(limit * length)
    theirs, ours = both(one, other, mode, task, most, equalities)
    assert ours == theirs


@examples(200)
@given(st.integers(0, 2**32), st.integers(0, 700), st.integers(0, 700), LETTERS,
       st.sampled_from(columns.MODES))  # fmt: skip
def test_what_has_nothing_in_common_is_aligned_alike(seed, one, other, letters, mode):
    rng = random.Random(seed)
    theirs, ours = both(
        random_sequence(rng, one, letters), random_sequence(rng, other), mode, "path", -1, None
    )
    assert ours == theirs


@examples(100)
@given(st.integers(0, 2**32), st.integers(0, 3), st.sampled_from([0, 2, 8]))
def test_primers_match_by_their_own_equalities(seed, changes, k):
    rng = random.Random(seed)
    primer = mutate(rng, PRIMER, substitutions=changes)
    equalities = equalities_of(primer)
    site = "".join(rng.choice(IUPAC[letter]) for letter in PRIMER)
    target = random_sequence(rng, 40) + site + random_sequence(rng, 30)
    theirs, ours = both(primer, target, "HW", "locations", k, equalities)
    assert ours == theirs


# From 1 MiB on edlib halves the target, and has other ties.
@pytest.mark.parametrize("length", [1700, 1900, 2600])
@pytest.mark.parametrize("letters", ["ACGT", "AC"])
def test_the_paths_of_long_sequences_are_those_of_edlib(length, letters, monkeypatch):
    halved = []
    whole = columns._halved
    monkeypatch.setattr(columns, "_halved", lambda *more: halved.append(1) or whole(*more))
    one, other = relatives(random.Random(length), length, letters, 0.08)
    for mode in columns.MODES:
        theirs, ours = both(one, other, mode, "path", -1, EQUALITIES)
        assert ours == theirs and theirs["cigar"]
    assert bool(halved) == (length > 1800)


def test_another_mode_or_task_is_refused():
    for more in ({"mode": "SW"}, {"task": "score"}):
        with pytest.raises(ValueError, match="expected one of"):
            columns.align("A", "A", **more)
