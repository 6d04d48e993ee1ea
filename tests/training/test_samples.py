"""Samples drawn from the embedded records: which are held out, and what is done to them."""

import random
from collections import Counter

import pytest

from forensics.training.rounds import (
    KINDS,
    LEFT,
    LOCUS,
    ORDERS,
    SHORT,
    SPARE,
    draw,
)
from forensics.training.rounds import _are_twins as are_twins

HUMAN = "ACGT" * 150


@pytest.fixture(scope="module")
def records(embedded):
    return [entry for entry in embedded.records(LOCUS) if entry[0].order in ORDERS]


@pytest.fixture(scope="module")
def drawn(records):
    return draw(records, HUMAN, seed=7)


def of_kind(drafts, *kinds):
    return [draft for draft in drafts if draft.kind in kinds]


def test_a_seed_draws_the_same_samples_in_whatever_order_the_records_come(records, drawn):
    assert draw(records[::-1], HUMAN, seed=7) == drawn


def test_another_seed_draws_other_samples(records, drawn):
    assert {d.made_of for d in draw(records, HUMAN, seed=8)[0]} != {d.made_of for d in drawn[0]}


def test_every_kind_is_drawn_as_often_as_it_is_to_be(drawn):
    found = Counter(draft.kind for draft in drawn[0])
    for kind, entry in KINDS.items():  # the genera of the records do not suffice for all
        assert 4 <= found[kind] <= SPARE * max(entry["count"], 1), kind


def test_the_nearest_records_of_a_mislabelled_one_bear_the_name_of_another_family(records, drawn):
    drafts, left = drawn
    were = {record.accession: record for record, _sequence in records}
    renamed = {r.accession: r for r, _s in left if were[r.accession].species != r.species}
    for draft in of_kind(drafts, "mislabelled"):
        own = [r for a, r in renamed.items() if were[a].species == draft.species]
        assert own and not any(record.species == draft.species for record, _s in left)
        assert all(r.family != draft.family and r.order == draft.order for r in own)
        # The library has the genus, and the other species too.
        assert any(record.genus == draft.genus for record, _s in left)
        assert any(r.species == own[0].species and r.accession not in renamed for r, _s in left)
    assert {were[a].species for a in renamed} == {d.species for d in of_kind(drafts, "mislabelled")}


def test_a_contaminated_sample_has_the_sequence_of_another_species(records, drawn):
    held = {record.accession: (record, sequence) for record, sequence in records}
    for draft in of_kind(drawn[0], "contaminated"):
        record, sequence = held[draft.made_of[0]]
        assert draft.sequence == sequence and record.species != draft.species == draft.label


def test_twins_are_named_where_the_library_has_them_and_nowhere_else(drawn):
    drafts, _left = drawn
    for draft in of_kind(drafts, "twin"):
        assert draft.species in draft.not_excluded and len(draft.not_excluded) > 1
    for draft in of_kind(drafts, "known", "exchanged", "unsealed"):
        assert not draft.not_excluded


@pytest.mark.parametrize(
    "other, expected",
    [
        ("{bases}", True),
        ("TTTT{bases}GG", True),
        ("{short}", True),
        ("{six}", True),
        ("{seven}", False),
        ("{other}", False),
        ("", False),
    ],
)
def test_two_sequences_are_twins_where_a_hundredth_differs(other, expected):
    chance = random.Random(1)
    bases = "".join(chance.choice("ACGT") for _each in range(600))
    swap = str.maketrans("ACGT", "CATG")

    def differing(number):
        places = set(range(0, 600, 600 // number)[:number])
        return "".join(b.translate(swap) if i in places else b for i, b in enumerate(bases))

    text = other.format(
        bases=bases, short=bases[200:550], six=differing(6), seven=differing(7), other=bases[::-1]
    )
    assert are_twins(bases, text) is expected


def test_no_record_of_a_sample_is_left_in_the_library(drawn):
    drafts, left = drawn
    assert not {a for d in drafts for a in d.made_of} & {record.accession for record, _s in left}


def test_what_is_to_be_missing_is_missing_and_its_next_higher_taxon_is_not(drawn):
    drafts, left = drawn
    species, genera, families = (
        {getattr(r, n) for r, _s in left} for n in ("species", "genus", "family")
    )
    for draft in of_kind(drafts, "species_missing"):
        assert draft.species not in species and draft.genus in genera
    for draft in of_kind(drafts, "genus_missing"):
        assert draft.genus not in genera and draft.family in families


def test_a_known_species_keeps_records_in_the_library(drawn):
    drafts, left = drawn
    held = Counter(record.species for record, _s in left)
    for draft in of_kind(drafts, "known", "exchanged", "unsealed", "short", "twin"):
        assert held[draft.species] >= LEFT


def test_no_two_samples_share_a_genus(drawn):
    names = [
        name.split()[0] for draft in drawn[0] if draft.kind != "human" for name in draft.components
    ]
    assert len(names) == len(set(names))


def test_the_sequences_are_those_of_the_records_or_pieces_of_them(records, drawn):
    held = {record.accession: sequence for record, sequence in records}
    for draft in of_kind(drawn[0], "known", "twin", "species_missing"):
        assert draft.sequence == held[draft.made_of[0]]
    for draft in of_kind(drawn[0], "short"):
        assert len(draft.sequence) == SHORT and draft.sequence in held[draft.made_of[0]]


def test_a_chimera_is_half_of_each_and_double_bases_hold_both(records, drawn):
    from Bio.Data.IUPACData import ambiguous_dna_values

    held = {record.accession: sequence for record, sequence in records}
    for draft in of_kind(drawn[0], "chimera"):
        one, other = (held[accession] for accession in draft.made_of)
        middle = len(one) // 2
        assert (draft.sequence[:middle], draft.sequence[middle:]) == (one[:middle], other[middle:])
    for draft in of_kind(drawn[0], "double"):
        one, other = (held[accession] for accession in draft.made_of)
        assert all(
            set(ambiguous_dna_values[base]) == {a, b}
            for base, a, b in zip(draft.sequence, one, other)
        )
