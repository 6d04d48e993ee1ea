"""A genus rests on records and species near the query; on few of them it is worth what trials gave."""

import math
from dataclasses import replace

import pytest

from forensics.barcode.calling.calibration import (
    CEILINGS,
    MIN_RECORDS,
    Calibration,
    Tail,
    Trees,
    genus_support_of,
)
from forensics.barcode.calling.decision import decide
from forensics.barcode.matching.search import Candidate, Hit


def candidate(species: str, identity: float, records: int = 3) -> Candidate:
    hit = Hit(0, identity, round((1 - identity) * 658), 658, 1.0, "+", "whole")
    return Candidate(
        species, species.split()[0], "Fictidae", True, identity, 1.0, hit.edits, 658, "SIM1",
        records, hit,
    )  # fmt: skip


def codes(call) -> set[str]:
    return {warning.code for warning in call.warnings}


def sure(probability: float) -> Trees:
    """Return trees that give every sample the same probability."""
    return Trees(math.log(probability / (1 - probability)), 1.0, 0.0, [], [])


@pytest.fixture
def calibration() -> Calibration:
    """SIMULATED: the species is missing as good as surely, and every genus near is stated as 99 %."""
    return Calibration(
        novelty=sure(0.999),
        choice=sure(0.5),
        ranks={"genus": sure(0.99), "family": sure(0.99)},
        absent={"known": 0.1, "novel": 0.9},
        samples=4000,
        tail=Tail((), (1.0,), (1.0,), 2000, 2000),
    )


def message(call, code="GENUS_RESTS_ON_FEW"):
    return next(warning.message for warning in call.warnings if warning.code == code)


def test_a_genus_is_not_named_for_a_missing_species_by_one_record_at_94_per_cent(calibration):
    call = decide([candidate("Fictus albus", 0.938, records=1)], calibration=calibration)
    assert call.rank != "genus"
    assert call.probabilities["genus"]["Fictus"] < 0.6
    assert "1 record of 1 species" in message(call)
    assert "93.8%" in message(call)


def test_the_family_stays_where_the_genus_falls(calibration):
    call = decide([candidate("Fictus albus", 0.938, records=1)], calibration=calibration)
    assert (call.rank, call.taxon) == ("family", "Fictidae")


def test_probabilities_still_add_up_to_one(calibration):
    call = decide([candidate("Fictus albus", 0.938, records=1)], calibration=calibration)
    for shares in call.probabilities.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_a_genus_with_several_species_and_records_near_is_unchanged(calibration):
    near = [candidate("Fictus albus", 0.938, records=3), candidate("Fictus niger", 0.93, records=3)]
    call = decide(near, calibration=calibration)
    assert (call.rank, call.taxon) == ("genus", "Fictus")
    assert call.probability > 0.98
    assert "GENUS_RESTS_ON_FEW" not in codes(call)


def test_many_records_of_one_species_do_not_make_a_genus(calibration):
    call = decide([candidate("Fictus albus", 0.938, records=40)], calibration=calibration)
    assert call.rank != "genus"
    assert "40 records of 1 species" in message(call)


def test_species_further_off_than_the_window_do_not_count():
    near = [candidate("Fictus albus", 0.96, records=9), candidate("Fictus niger", 0.93, records=9)]
    support = genus_support_of(near, "Fictus")
    assert (support.records, support.species, support.few) == (9, 1, True)


def test_fewer_records_than_the_minimum_are_few_in_two_species_too():
    near = [candidate("Fictus albus", 0.96, records=1), candidate("Fictus niger", 0.96, records=1)]
    assert genus_support_of(near, "Fictus").few
    assert MIN_RECORDS > 2


def test_a_ceiling_never_falls_as_the_record_comes_nearer():
    ceilings = [
        genus_support_of([candidate("Fictus albus", per_mille / 1000)], "Fictus").ceiling
        for per_mille in range(900, 1001)
    ]
    assert ceilings == sorted(ceilings)
    assert {ceiling for _least, ceiling in CEILINGS} == set(ceilings)


def test_a_species_that_is_named_is_not_held_back_by_its_genus(calibration):
    known = replace(calibration, novelty=sure(0.001), choice=sure(0.999))
    call = decide([candidate("Fictus albus", 1.0, records=1)], calibration=known)
    assert call.rank == "species"
    assert "GENUS_RESTS_ON_FEW" not in codes(call)


def test_the_plain_rule_says_what_a_genus_rests_on():
    call = decide([candidate("Fictus albus", 0.98, records=2)])
    assert call.rank == "genus"
    assert "2 records of 1 species" in message(call)


def test_a_genus_without_a_record_near_has_no_support():
    with pytest.raises(ValueError, match="Fictus"):
        genus_support_of([], "Fictus")
