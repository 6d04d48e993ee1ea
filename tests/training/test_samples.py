"""Samples drawn from the embedded records: which are held out, and what is done to them."""

from collections import Counter

import pytest

from forensics.training.rounds import LEFT, LOCUS, ORDERS, SHORT, SPARE, Kind, draw

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
    assert Counter(draft.kind for draft in drawn[0]) == Counter(dict(SPARE))


def test_no_record_of_a_sample_is_left_in_the_library(drawn):
    drafts, left = drawn
    assert not {a for d in drafts for a in d.made_of} & {record.accession for record, _s in left}


def test_what_is_to_be_missing_is_missing_and_its_next_higher_taxon_is_not(drawn):
    drafts, left = drawn
    species, genera, families = (
        {getattr(r, n) for r, _s in left} for n in ("species", "genus", "family")
    )
    for draft in of_kind(drafts, Kind.SPECIES_MISSING):
        assert draft.species not in species and draft.genus in genera
    for draft in of_kind(drafts, Kind.GENUS_MISSING):
        assert draft.genus not in genera and draft.family in families


def test_a_known_species_keeps_records_in_the_library(drawn):
    drafts, left = drawn
    held = Counter(record.species for record, _s in left)
    for draft in of_kind(drafts, Kind.KNOWN, Kind.EXCHANGED, Kind.SHORT, Kind.TWIN):
        assert held[draft.species] >= LEFT


def test_no_two_samples_share_a_genus(drawn):
    names = [name.split()[0] for draft in drawn[0] for name in draft.components]
    assert len(names) == len(set(names))


def test_the_sequences_are_those_of_the_records_or_pieces_of_them(records, drawn):
    held = {record.accession: sequence for record, sequence in records}
    for draft in of_kind(drawn[0], Kind.KNOWN, Kind.TWIN, Kind.SPECIES_MISSING):
        assert draft.sequence == held[draft.made_of[0]]
    for draft in of_kind(drawn[0], Kind.SHORT):
        assert len(draft.sequence) == SHORT and draft.sequence in held[draft.made_of[0]]


def test_a_chimera_is_half_of_each_and_double_bases_hold_both(records, drawn):
    from Bio.Data.IUPACData import ambiguous_dna_values

    held = {record.accession: sequence for record, sequence in records}
    for draft in of_kind(drawn[0], Kind.CHIMERA):
        one, other = (held[accession] for accession in draft.made_of)
        middle = len(one) // 2
        assert (draft.sequence[:middle], draft.sequence[middle:]) == (one[:middle], other[middle:])
    for draft in of_kind(drawn[0], Kind.DOUBLE):
        one, other = (held[accession] for accession in draft.made_of)
        assert all(
            set(ambiguous_dna_values[base]) == {a, b}
            for base, a, b in zip(draft.sequence, one, other)
        )
