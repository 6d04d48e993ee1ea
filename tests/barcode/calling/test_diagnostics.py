import random

import pytest
from simulation import random_sequence

from forensics.barcode.calling import reasons
from forensics.barcode.calling.reasons import diagnose
from forensics.barcode.locus import reverse_complement
from forensics.core.stored import to_stored

BASE = "".join("A" if base in "AC" else base for base in random_sequence(random.Random(1), 300))


def put(sequence, **bases):
    """Return the sequence with bases at places that count from 1: p10="C"."""
    letters = list(sequence)
    for place, base in bases.items():
        letters[int(place[1:]) - 1] = base
    return "".join(letters)


REFERENCE = put(BASE, p10="A", p50="A", p90="A", p200="A", p250="A")
OTHER = put(REFERENCE, p10="C", p50="C", p200="C")


def run(query=REFERENCE, own=(REFERENCE,), others=(OTHER,)):
    return diagnose(query, REFERENCE, own, others, accession="A1", other="Fictus niger")


def places(found):
    return [(p.position, p.query, p.own, p.other, p.fixed) for p in found.positions]


def test_fixed_positions_come_first_and_variable_ones_after():
    found = run(own=(REFERENCE, put(REFERENCE, p10="C")), others=(OTHER, put(OTHER, p200="G")))
    assert places(found) == [
        (50, "A", "A", "C", True),
        (200, "A", "A", "CG", True),
        (10, "A", "AC", "C", False),
    ]
    assert (found.fixed, found.variable, found.against) == (2, 1, 0)
    assert (found.own_haplotypes, found.other_haplotypes) == (2, 2)
    assert to_stored(found)["positions"][0] == {
        "position": 50, "query": "A", "own": "A", "other": "C", "fixed": True,
    }  # fmt: skip


def test_a_base_that_one_record_of_the_other_has_too_is_no_diagnosis():
    assert places(run(others=(OTHER, put(OTHER, p50="A")))) == [
        (10, "A", "A", "C", True),
        (200, "A", "A", "C", True),
    ]


def test_what_speaks_against_is_counted():
    found = run(query=put(REFERENCE, p10="C"))
    assert (found.fixed, found.against) == (2, 1)


def test_ambiguous_bases_prove_nothing():
    found = run(query=put(REFERENCE, p10="M"), others=(put(OTHER, p50="N"),))
    assert places(found) == [(200, "A", "A", "C", True)]


@pytest.mark.parametrize("turned", [False, True])
def test_positions_are_those_of_the_reference_whatever_is_cut_or_turned(turned):
    query = REFERENCE[20:280]
    if turned:
        query = reverse_complement(query)
    found = run(query=query, others=("ACGTTGCA" + OTHER + "TTGACA",))
    assert [p.position for p in found.positions] == [50, 200]


def test_gaps_do_not_shift_positions():
    gapped = REFERENCE[:120] + REFERENCE[121:]
    inserted = OTHER[:150] + "C" + OTHER[150:]
    found = run(query=gapped, others=(inserted,))
    assert [p.position for p in found.positions if p.position in (10, 50, 200)] == [10, 50, 200]


def test_what_cannot_be_placed_is_left_out():
    stranger = random_sequence(random.Random(2), 300)
    assert run(others=(stranger,)) is None
    assert run(query=stranger) is None
    assert run(others=(stranger, OTHER)).other_haplotypes == 1


def test_the_list_is_capped_and_the_number_is_not(monkeypatch):
    monkeypatch.setattr(reasons, "MAXIMUM_POSITIONS", 2)
    found = run()
    assert (len(found.positions), found.fixed) == (2, 3)
