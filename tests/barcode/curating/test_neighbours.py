"""All against all: what one side finds counts for both, whoever does the work."""

import random

from simulation import mutate, random_sequence

from forensics.barcode.curating import neighbours
from forensics.barcode.curating.neighbours import all_neighbours


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


def test_several_processes_find_the_same(monkeypatch):
    rng = random.Random(2)
    roots = [random_sequence(rng, 300) for _ in range(5)]
    sequences = [mutate(rng, rng.choice(roots), substitutions=rng.randrange(20)) for _ in range(40)]
    told = []
    alone = all_neighbours(sequences, "COI", floor=0.92, processes=1)
    monkeypatch.setattr(neighbours, "_PARALLEL_THRESHOLD", 0)
    together = all_neighbours(
        sequences, "COI", floor=0.92, processes=2, progress=lambda *done: told.append(done)
    )
    assert [pairs(alone(s)) for s in sequences] == [pairs(together(s)) for s in sequences]
    assert told == [(n, len(set(sequences))) for n in range(1, len(set(sequences)) + 1)]


def test_nothing_has_no_neighbours():
    assert pairs(all_neighbours([], "COI", floor=0.9)("ACGT")) == []
