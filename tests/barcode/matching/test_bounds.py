"""What a bound says, on bounds as a test states them; test_search.py holds them against all alignments."""

from types import SimpleNamespace

import pytest

from forensics.barcode.matching.search import (
    LEFT,
    NUMBERS,
    RIGHT,
    WHOLE,
    PlacementBounds,
    bounds_of,
    bounds_of_short,
)


def stated(placement, smallest, *, length=100):
    """Return the bounds of a query of so many bases, of which the smallest is stated."""
    query = SimpleNamespace(index=None, length=length)
    by_number = SimpleNamespace(smallest={NUMBERS[placement]: smallest}.__getitem__)
    return PlacementBounds(query, "+", placement, by_number)


@pytest.mark.parametrize("placement", [WHOLE, RIGHT, LEFT])
@pytest.mark.parametrize("smallest, possible, levels", [
    (None, False, []), (0, True, [0, 1, 2]), (2, True, [2]), (3, True, []), (100, True, []),
    (101, False, []),
])  # fmt: skip
def test_there_may_be_a_record_up_to_as_many_edits_as_bases(placement, smallest, possible, levels):
    bounds = stated(placement, smallest)
    assert bool(bounds) == possible and list(bounds.levels(2)) == levels


def test_the_identity_that_a_bound_leaves_is_over_the_shorter_or_of_a_part_over_the_query():
    assert stated(WHOLE, 0).reach(5, 50) == 0.9
    for placement in (RIGHT, LEFT):
        assert stated(placement, 0).reach(5, 50) == 0.95


def test_where_no_record_is_long_enough_or_none_is_too_short_there_are_no_bounds():
    assert bounds_of(SimpleNamespace(first=5, index=SimpleNamespace(size=5)), 0.9, 0.95) == []
    assert bounds_of_short(SimpleNamespace(first=0), 10) == []
