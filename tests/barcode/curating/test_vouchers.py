"""A laboratory's own vouchers against deposited records. Sequences are SIMULATED."""

import random

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.curating.screening import screen_build, weigh_own_records
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import FLOOR

RNG = random.Random("own vouchers")
ALBUS = random_sequence(RNG, 658)
NIGER = mutate(RNG, ALBUS, substitutions=30)  # 4.6 % apart
FAR = mutate(RNG, ALBUS, substitutions=40)


def pair(accession, name, sequence, changes=0):
    changed = mutate(random.Random(accession), sequence, substitutions=changes)
    return ReferenceRecord.named(accession, name, locus="16S"), changed


def weigh(*records):
    """Weigh records; accessions that begin with OWN are the laboratory's."""
    own = {record.accession for record, _s in records if record.accession.startswith("OWN")}
    near = all_neighbours([s for _r, s in records], "16S", floor=FLOOR, processes=1)
    return [
        (f.accession, f.code, f.suggested_action) for f in weigh_own_records(records, own, near)
    ]


def test_a_deposited_record_that_lies_in_another_own_species_goes():
    found = weigh(
        pair("OWN1", "Fictus albus", ALBUS),
        pair("OWN2", "Fictus niger", NIGER),
        pair("D1", "Fictus albus", NIGER, 2),
        pair("D2", "Fictus albus", ALBUS, 2),
    )
    assert found == [("D1", "OWN_VOUCHER", "drop")]


def test_however_many_deposited_records_agree_the_own_one_stays():
    deposited = [pair(f"D{n}", "Fictus albus", NIGER, n % 3) for n in range(9)]
    found = weigh(
        pair("OWN1", "Fictus albus", ALBUS), pair("OWN2", "Fictus niger", NIGER), *deposited
    )
    assert {accession for accession, *_rest in found} == {f"D{n}" for n in range(9)}
    assert {action for *_rest, action in found} == {"drop"}


def test_a_deposited_record_of_another_genus_at_an_own_one_goes():
    assert weigh(pair("OWN1", "Fictus albus", ALBUS), pair("D1", "Exemplum primum", ALBUS, 3)) == [
        ("D1", "OWN_VOUCHER", "drop")
    ]


def test_a_congener_without_an_own_record_is_only_flagged():
    assert weigh(pair("OWN1", "Fictus albus", ALBUS), pair("D1", "Fictus niger", ALBUS, 3)) == [
        ("D1", "NEAR_OWN_VOUCHER", "look")
    ]


def test_a_lineage_far_from_every_own_record_of_its_name_is_only_flagged():
    assert weigh(pair("OWN1", "Fictus albus", ALBUS), pair("D1", "Fictus albus", FAR)) == [
        ("D1", "FAR_FROM_OWN_VOUCHER", "look")
    ]


@pytest.mark.parametrize("name", ["Novus albus", "Novus alba"])
def test_an_older_genus_of_the_same_species_does_not_disagree(name):
    assert weigh(pair("OWN1", "Fictus albus", ALBUS), pair("D1", name, ALBUS, 1)) == []


def test_without_own_records_nothing_is_weighed():
    assert weigh(pair("D1", "Fictus albus", ALBUS), pair("D2", "Exemplum primum", ALBUS)) == []


def test_own_records_near_one_another_do_not_speak_against_each_other():
    assert weigh(pair("OWN1", "Fictus albus", ALBUS), pair("OWN2", "Fictus niger", ALBUS, 1)) == []


def outcomes(records, **asked):
    screened = screen_build(records, processes=1, **asked)
    return screened, {row.accession: row.outcome for row in screened.outcomes}


def swapped():
    """Three of each genus that agree, and one of the first with the sequence of the second."""
    other = mutate(random.Random("another genus"), ALBUS, substitutions=150)
    return [
        *(pair(f"A{n}", "Fictus albus", ALBUS, n) for n in range(3)),
        *(pair(f"B{n}", "Exemplum primum", other, n) for n in range(3)),
        pair("SWAPPED", "Fictus albus", other, 1),
    ]


def test_screening_leaves_out_what_it_suggests_to_drop_and_says_why():
    records = swapped()
    screened, found = outcomes(records)
    assert found["SWAPPED"] == "left_out"
    assert [left.accession for left in screened.left_out] == ["SWAPPED"]
    assert "MISLABELLED" in screened.left_out[0].reason
    assert len(screened.records) == 6
    assert screened.count("kept") + screened.count("flagged") == 6


def test_an_own_record_that_deposited_ones_outvote_is_flagged_and_kept():
    screened, found = outcomes(swapped(), own={"SWAPPED"})
    assert found["SWAPPED"] != "left_out"
    assert "SWAPPED" in {record.accession for record, _s in screened.records}
    # What it disagrees with goes: B0 to B2 bear another genus at the sequence of an own voucher.
    assert {found[f"B{n}"] for n in range(3)} == {"left_out"}


def test_a_decision_to_keep_holds_and_decisions_leave_the_rest_to_the_curator():
    screened, found = outcomes(swapped(), keep={("16S", "SWAPPED")})
    assert (found["SWAPPED"], screened.left_out) == ("flagged", [])
    screened, found = outcomes(swapped(), decided=True)
    assert (found["SWAPPED"], screened.left_out) == ("flagged", [])
