"""All against all: what one side finds counts for both, whoever does the work."""

import random
from itertools import product

import numpy as np
import pytest
from simulation import mutate, random_sequence

from forensics.barcode.curating import neighbours
from forensics.barcode.curating.neighbours import all_neighbours, find_neighbours
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import kernel
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import LEFT, RIGHT, WHOLE, IndexQuery, search
from forensics.barcode.reference.records import ReferenceRecord


def test_neighbours_are_symmetric_and_include_equals():
    rng = random.Random(1)
    a = random_sequence(rng, 200)
    b = mutate(rng, a, substitutions=1)
    c = a[20:150]  # too short to be compared when the longer one asks
    near = all_neighbours([a, b, c, a, "T" * 150, ""], "COI", floor=0.9)
    assert pairs(near(a)) == [(0, 1.0), (1, 0.995), (2, 1.0), (3, 1.0)]
    assert pairs(near(c))[0] == (0, 1.0) and near(c)[0].tolist() == [0, 1, 2, 3]
    assert pairs(near("T" * 150)) == [(4, 1.0)]
    assert pairs(near("")) == [] and pairs(near("ACGT")) == []
    assert pairs(near.among([1, 3])(a)) == [(0, 0.995), (1, 1.0)]


def pairs(near):
    return list(zip(*(values.tolist() for values in near)))


def test_several_threads_find_the_same():
    rng = random.Random(2)
    roots = [random_sequence(rng, 300) for _ in range(5)]
    sequences = [mutate(rng, rng.choice(roots), substitutions=rng.randrange(20)) for _ in range(40)]
    told = []
    alone = all_neighbours(sequences, "COI", floor=0.92, threads=1)
    together = all_neighbours(
        sequences, "COI", floor=0.92, threads=2, progress=lambda *done: told.append(done)
    )
    assert [pairs(alone(s)) for s in sequences] == [pairs(together(s)) for s in sequences]
    assert told == [(n, len(set(sequences))) for n in range(1, len(set(sequences)) + 1)]


def test_nothing_has_no_neighbours():
    assert pairs(all_neighbours([], "COI", floor=0.9)("ACGT")) == []


# -- What is near to a sequence is what the search finds, asked from both sides


FLOOR = 0.92


def relatives(seed: int) -> list[str]:
    """Return sequences of some families: amplicons, longer pieces, pieces that overlap in part, the other strand."""
    rng = random.Random(seed)
    sequences = set()
    for _family in range(3):
        root = random_sequence(rng, 400)
        for _sequence in range(25):
            changed = mutate(
                rng, root, substitutions=rng.randrange(20), insertions=rng.randrange(3),
                deletions=rng.randrange(3),
            )  # fmt: skip
            start = rng.choice([0, 0, 100, rng.randrange(150)])
            end = rng.choice([len(changed), 280, rng.randint(260, len(changed))])
            piece = changed[start:end]
            if rng.random() < 0.1:
                piece = piece[:40] + "N" + piece[41:]
            sequences.add(reverse_complement(piece) if rng.random() < 0.1 else piece)
    return sorted(sequences, key=lambda s: (len(s), s))


def index_of(sequences: list[str]) -> Index:
    records = [(ReferenceRecord(str(n), "-", locus="12S"), s) for n, s in enumerate(sequences)]
    return Index.build(records, locus="12S")


@pytest.mark.parametrize("seed", range(4))
def test_both_sides_together_find_what_the_search_finds(seed):
    sequences = relatives(seed)
    index = index_of(sequences)
    searched, near = (np.zeros((len(sequences), len(sequences))) for _ in "ab")
    for number, sequence in enumerate(sequences):
        for hit in search(index, sequence, floor=FLOOR, down_to_floor=True).hits:
            searched[number, hit.haplotype] = hit.identity
        haplotypes, identities = find_neighbours(index, sequence, floor=FLOOR)
        assert (np.diff(haplotypes.astype(int)) > 0).all()
        near[number, haplotypes] = identities
    assert (near <= searched).all()
    assert (np.maximum(near, near.T) == np.maximum(searched, searched.T)).all()
    assert (near > 0).sum() > 3 * len(sequences)  # there is something to find


def repeats(seed: int) -> list[str]:
    """Return pieces of sequences in which a piece fits at many places."""
    rng = random.Random(seed)
    root = 30 * random_sequence(rng, rng.randrange(2, 30))
    pieces = (
        mutate(rng, root, substitutions=rng.randrange(9), insertions=rng.randrange(3))[
            rng.randrange(60) : rng.randrange(150, 500)
        ]
        for _sequence in range(50)
    )
    return sorted({piece for piece in pieces if len(piece) > 90}, key=lambda s: (len(s), s))


def compared_one_by_one(index: Index, sequence: str, floor: float) -> dict[int, float]:
    query, best = IndexQuery(index, sequence), {}
    for haplotype, length in enumerate(index.lengths):
        placements = (WHOLE, RIGHT, LEFT) if length >= len(sequence) else (RIGHT, LEFT)
        for strand, placement in product("+-", placements if haplotype >= query.first else ()):
            for hit in query.compare([haplotype], [floor], strand, placement):
                best[haplotype] = max(hit.identity, best.get(haplotype, 0.0))
    return best


# Many at once, in bands of two widths, or of none.
@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@pytest.mark.parametrize("floor", [0.85, 0.92, 0.97])
@pytest.mark.parametrize("made", [relatives, repeats])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_near_is_what_is_near_of_all_one_by_one(seed, made, floor):
    sequences = made(seed)
    index = index_of(sequences)
    for sequence in sequences[seed % 2 :: 2]:
        haplotypes, identities = find_neighbours(index, sequence, floor=floor)
        found = dict(zip(haplotypes.tolist(), identities.tolist()))
        assert found == compared_one_by_one(index, sequence, floor)


def test_of_some_sequences_those_are_given_that_are_near_to_one_another():
    sequences = relatives(1)
    table = all_neighbours([*sequences, sequences[0]], "12S", floor=FLOOR, threads=1)
    some = sequences[5::2]
    index = index_of(some)
    near = [{} for _sequence in some]
    for number, sequence in enumerate(some):
        for hit in search(index, sequence, floor=0.96, down_to_floor=True).hits:
            if hit.haplotype != number:
                for one, other in ((number, hit.haplotype), (hit.haplotype, number)):
                    near[one][other] = max(hit.identity, near[one].get(other, 0.0))
    assert table.within(some, 0.96) == near and sum(map(len, near)) > len(some)


def test_a_sequence_that_is_searched_in_windows_has_the_same_neighbours(monkeypatch):
    sequences = relatives(9)
    index = index_of(sequences)
    at_once = find_neighbours(index, sequences[-1], floor=FLOOR)
    monkeypatch.setattr(neighbours, "MAX_LENGTH_AT_ONCE", 100)
    haplotypes, identities = find_neighbours(index, sequences[-1], floor=FLOOR)
    found = dict(zip(haplotypes.tolist(), identities.tolist()))
    assert found.items() >= dict(zip(*(array.tolist() for array in at_once))).items()
