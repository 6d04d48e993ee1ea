"""How sure a calibration can be: counted from samples that it did not see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.calling.calibration import Tail
from forensics.barcode.calling.learning import PARTS, count_tail
from forensics.stats import wilson


def even(n=1000, missing_from=0.8):
    """Return SIMULATED samples: the known in order, and missing ones from a place in it onwards."""
    log_odds = [place / n for place in range(n)] * 2
    missing = [False] * n + [True] * n
    weights = [1 / n] * n + [1 / n if place >= missing_from * n else 0.0 for place in range(n)]
    return log_odds, missing, weights, (n, n)


def test_every_part_has_as_many_of_the_known():
    tail = count_tail(*even())
    assert len(tail.known) == len(tail.missing) == PARTS == len(tail.edges) + 1
    assert tail.known == pytest.approx([1 / PARTS] * PARTS, abs=0.002)


def test_where_no_missing_species_was_seen_the_upper_bound_is_that_of_none_in_so_many():
    tail = count_tail(*even())
    lower, upper = tail.odds(-1.0)
    assert lower == 0
    assert upper == pytest.approx(wilson(0.0, 1000)[1] / wilson(tail.known[0], 1000)[0], rel=1e-9)


def test_more_samples_make_the_interval_narrower():
    few, many = count_tail(*even(100)), count_tail(*even(10_000))
    assert many.odds(0.95)[1] - many.odds(0.95)[0] < few.odds(0.95)[1] - few.odds(0.95)[0]


@given(st.lists(st.tuples(st.floats(-9, 9), st.booleans()), min_size=1, max_size=60))
def test_no_sample_is_lost_and_what_is_stored_is_read_back(samples):
    log_odds, missing = map(list, zip(*samples))
    weights = [1 / len(samples)] * len(samples)
    tail = count_tail(log_odds, missing, weights, (30, 30))
    assert sum(tail.known) + sum(tail.missing) == pytest.approx(1)
    assert len(tail.edges) + 1 == len(tail.known) == len(tail.missing)
    assert list(tail.edges) == sorted(set(tail.edges))
    assert Tail.from_dict(tail.to_dict()) == tail
    lower, upper = tail.odds(log_odds[0])
    assert 0 <= lower <= upper
