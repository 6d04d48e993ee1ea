"""The test by which a locus cannot tell two species apart, and the names of units."""

import pytest

from forensics.barcode.reference.library import Unit, unit_members, unit_name, units_of
from forensics.barcode.reference.relations import cannot_be_told_apart


def _twins(first: list[int], other: list[int], **near: float) -> bool:
    """Apply the test to haplotypes 0-9 that are 1 % apart, but those named ``n3_4=0.999``."""
    table = {tuple(map(int, key[1:].split("_"))): value for key, value in near.items()}

    def identity(a: int, b: int) -> float:
        return 1.0 if a == b else table.get((min(a, b), max(a, b)), 0.99)

    return cannot_be_told_apart([(h, False) for h in first] + [(h, True) for h in other], identity)


def test_one_shared_haplotype_and_nothing_else_cannot_be_told_apart() -> None:
    assert _twins([0], [0])


def test_haplotypes_that_differ_are_told_apart_while_one_of_each_is_known() -> None:
    assert not _twins([0], [1])
    assert not _twins([0, 1, 2], [3])


def test_species_whose_haplotypes_are_mixed_cannot_be_told_apart_without_a_shared_one() -> None:
    near = {"n0_2": 0.998, "n1_3": 0.998}  # each is nearest to one of the other species
    assert _twins([0, 1], [2, 3], **near)


def test_species_that_share_one_haplotype_of_many_are_told_apart_by_the_others() -> None:
    own = {f"n{a}_{b}": 0.998 for a in range(5) for b in range(a + 1, 5)}
    own |= {f"n{a}_{b}": 0.998 for a in range(5, 10) for b in range(a + 1, 10)}
    assert not _twins([0, 1, 2, 3, 4], [4, 5, 6, 7, 8, 9], **own)


def test_species_farther_apart_than_one_per_cent_are_told_apart() -> None:
    assert not _twins([0, 1], [2, 3], **{f"n{a}_{b}": 0.98 for a in (0, 1) for b in (2, 3)})


def test_a_species_without_haplotypes_is_nobodys_twin() -> None:
    assert not _twins([], [1, 2])


def test_the_answer_is_the_same_each_time_where_ways_are_drawn() -> None:
    first, other = list(range(0, 12)), list(range(6, 20))
    assert {_twins(first, other) for _time in range(3)} == {True}


def test_twins_of_twins_are_one_unit() -> None:
    twins = {"A a": {"A b"}, "A b": {"A a", "A c"}, "A c": {"A b"}, "B a": {"B b"}, "B b": {"B a"}}
    assert units_of(twins) == (Unit(("A a", "A b", "A c")), Unit(("B a", "B b")))


@pytest.mark.parametrize("number", [5, 6])
def test_a_unit_of_more_than_five_species_is_not_called(number: int) -> None:
    assert Unit(tuple(f"Larus {letter}" for letter in "abcdef"[:number])).is_callable == (
        number == 5
    )


def test_a_genus_is_not_repeated_in_the_name_of_a_unit() -> None:
    members = ["Accipenser platorynchus", "Scaphirhynchus albus", "Scaphirhynchus suttkusi"]
    assert unit_members(unit_name(members)) == tuple(members)
    assert unit_name(members) == "Accipenser platorynchus / Scaphirhynchus albus / suttkusi"
