import random

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.calling import decision
from forensics.barcode.calling.decision import nearest_other, some_of, spread_of
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.stored import to_stored

BASE = random_sequence(random.Random("spread"), 600)


def changed(sequence, *places):
    """Return the sequence with another base at each place."""
    letters = list(sequence)
    for place in places:
        letters[place] = "ACGT"["ACGT".index(letters[place]) - 1]
    return "".join(letters)


def built(*pairs):
    """Return an index of (species, sequence), and for each species its number and haplotypes."""
    records = [
        (ReferenceRecord.named(f"A{n}", name), sequence) for n, (name, sequence) in enumerate(pairs)
    ]
    index = Index.build(records, locus="COI")
    found = {}
    for position in range(index.record_count):
        name = index.record(position).label
        number, haplotypes = found.setdefault(name, (index.species_at(position), []))
        haplotypes.append(index.haplotype_at(position))
    return index, {name: (number, sorted(set(h))) for name, (number, h) in found.items()}


ONE, TWO, THREE = BASE, changed(BASE, 10, 100, 200), changed(BASE, 10, 300)


def haplotype(index, sequence):
    return next(h for h in range(index.size) if index.sequence(h).decode() == sequence)


def test_the_spread_is_the_largest_distance_and_places_the_query():
    index, species = built(*(("Fictus albus", s) for s in (ONE, TWO, THREE)))
    haplotypes = species["Fictus albus"][1]
    best = haplotype(index, ONE)
    inside = spread_of(index, haplotypes, ONE, best)
    assert (inside.haplotypes, inside.compared, inside.apart) == (3, 3, 0)
    assert inside.largest == pytest.approx(3 / 600)  # 10 is shared: ONE-TWO 3, TWO-THREE 3
    assert (inside.query_nearest, inside.query_farthest) == (0, pytest.approx(3 / 600))
    assert inside.inside is True
    outside = spread_of(index, haplotypes, changed(ONE, 400, 401), best)
    assert outside.query_farthest == pytest.approx(5 / 600)
    assert outside.inside is False
    assert to_stored(outside)["query_inside"] is False


def test_one_haplotype_has_no_spread():
    index, species = built(("Fictus albus", ONE), ("Fictus albus", ONE))
    found = spread_of(index, species["Fictus albus"][1], ONE, 0)
    assert (found.haplotypes, found.largest, found.inside) == (1, None, None)


def test_haplotypes_too_far_apart_are_counted():
    index, species = built(
        ("Fictus albus", ONE), ("Fictus albus", random_sequence(random.Random(2), 600))
    )
    found = spread_of(index, species["Fictus albus"][1], ONE, haplotype(index, ONE))
    assert (found.largest, found.apart) == (None, 1)
    assert (found.query_nearest, found.query_farthest, found.inside) == (0, None, None)


def test_no_more_than_the_stated_number_is_compared(monkeypatch):
    rng = random.Random(3)
    pairs = {mutate(rng, BASE, substitutions=6) for _ in range(9)}
    index, species = built(*(("Fictus albus", sequence) for sequence in sorted(pairs)))
    monkeypatch.setattr(decision, "SPREAD_HAPLOTYPES", 4)
    found = spread_of(index, species["Fictus albus"][1], ONE, 5)
    assert (found.haplotypes, found.compared) == (9, 4)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 20])
def test_some_are_chosen_evenly_and_the_first_always(most):
    chosen = some_of([3, 5, 7, 9, 11, 13], most, 7)
    assert chosen[0] == 7
    assert len(chosen) == len(set(chosen)) == min(most, 6)
    assert set(chosen) <= {3, 5, 7, 9, 11, 13}


def test_the_nearest_other_species_is_that_of_any_haplotype():
    far, near = changed(ONE, *range(0, 120, 4)), changed(TWO, *range(400, 410))
    index, species = built(
        ("Fictus albus", ONE), ("Fictus albus", TWO), ("Fictus niger", far), ("Fictus ruber", near)
    )
    number, haplotypes = species["Fictus albus"]
    found = nearest_other(index, haplotypes, number, haplotype(index, ONE))
    assert (found.species, found.accession, found.searched) == ("Fictus ruber", "A3", 2)
    assert found.distance == pytest.approx(10 / 600)


def test_a_shared_haplotype_is_a_distance_of_nothing():
    index, species = built(("Fictus albus", ONE), ("Fictus niger", ONE))
    number, haplotypes = species["Fictus albus"]
    found = nearest_other(index, haplotypes, number, 0)
    assert (found.species, found.distance) == ("Fictus niger", 0)


def test_none_is_near():
    index, species = built(
        ("Fictus albus", ONE), ("Fictus niger", random_sequence(random.Random(4), 600))
    )
    number, haplotypes = species["Fictus albus"]
    found = nearest_other(index, haplotypes, number, haplotype(index, ONE))
    assert (found.species, found.accession, found.distance) == (None, None, None)
