import random
from dataclasses import replace

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import candidates_of, search, shown
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.records import ReferenceRecord

RNG = random.Random(14)
SEQUENCE = random_sequence(RNG, 600)
# Names and how many bases each of their records differs from the query in.
NEAR = {
    "Fictus albus": (0, 1, 9),
    "Fictus niger": (3, 3),
    "Fictus sp. 1": (5,),
    "Fictus ruber": (6,),
}


@pytest.fixture(scope="module")
def index():
    records = [
        (
            ReferenceRecord.named(f"{name}-{i}", name, locus="COI"),
            mutate(RNG, SEQUENCE, substitutions=count),
        )
        for name, counts in NEAR.items()
        for i, count in enumerate(counts)
    ]
    return Index.build(records, locus="COI")


@pytest.fixture(scope="module")
def found(index):
    return candidates_of(index, search(index, SEQUENCE).hits)


def test_every_species_has_its_best_hit_and_no_species_comes_twice(index, found):
    assert [candidate.species for candidate in found[:2]] == ["Fictus albus", "Fictus niger"]
    names = [candidate.species for candidate in found]
    assert len(names) == len(set(names)) >= 3
    identities = [candidate.identity for candidate in found]
    assert identities == sorted(identities, reverse=True)
    hits = search(index, SEQUENCE, down_to_floor=True).hits
    for candidate in found:
        best = next(
            hit
            for hit in hits
            if candidate.species in {record.label for record in index.records(hit.haplotype)}
        )
        assert candidate.hit == best
        assert (candidate.identity, candidate.mismatches) == (best.identity, best.edits)
        assert candidate.records == len(NEAR[candidate.species])


def test_a_record_without_species_name_is_a_candidate_under_its_own(found):
    named = {candidate.species: candidate.named for candidate in found}
    assert named["Fictus sp. 1"] is False
    assert named["Fictus albus"] is True


def test_no_hits_are_no_candidates(index):
    assert candidates_of(index, (), floor=FLOOR) == []


def test_at_most_twenty_candidates_and_all_ties_are_shown(found):
    best = found[0]
    tied = [replace(best, species=f"Fictus {i}") for i in range(35)]
    further = [replace(best, species=f"Fictus f{i}", identity=0.9) for i in range(35)]
    assert shown(tied + further) == tuple(tied)
    assert shown(tied[:3] + further) == tuple(tied[:3] + further[:17])
    assert shown([]) == ()
