import random

from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.calling.learning import in_turns

SPECIES = st.dictionaries(
    st.integers(0, 9), st.lists(st.integers(0, 99), min_size=1, max_size=6, unique=True), max_size=6
)


@given(SPECIES, st.integers(0, 2**32))
def test_every_haplotype_has_its_turn_once(of_species, seed):
    drawn = in_turns(of_species, random.Random(seed))
    assert sorted(drawn) == sorted((s, h) for s, held in of_species.items() for h in held)


@given(SPECIES, st.integers(0, 2**32))
def test_no_species_has_a_second_turn_before_each_had_its_first(of_species, seed):
    drawn = in_turns(of_species, random.Random(seed))
    assert {species for species, _ in drawn[: len(of_species)]} == of_species.keys()


def test_the_same_generator_draws_the_same():
    of_species = {1: [3, 4, 5], 2: [6, 7]}
    assert in_turns(of_species, random.Random(7)) == in_turns(of_species, random.Random(7))
