import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.barcode.mixture.presence import BETWEEN, COUNTING, estimate_share
from forensics.stats.intervals import wilson

COUNTS = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda p: (min(p), max(p)))


@given(st.lists(COUNTS, max_size=6))
def test_an_interval_holds_the_share_and_stays_between_none_and_all(counts):
    found = estimate_share(counts)
    assert 0 <= found.low <= found.high <= 1
    if found.share is not None:
        assert found.low - 1e-9 <= found.share <= found.high + 1e-9


def test_one_pcr_tells_of_counting_alone_and_says_so():
    found = estimate_share([(50, 1000), (0, 0)])
    assert found.method == COUNTING
    assert (found.low, found.high) == pytest.approx(wilson(0.05, 1000))


def test_without_reads_nothing_is_known():
    found = estimate_share([(0, 0)])
    assert (found.share, found.low, found.high) == (None, 0, 1)


def test_pcrs_that_differ_widen_the_interval():
    alike, unlike = (
        estimate_share([(100, 1000)] * 3),
        estimate_share([(10, 1000), (90, 1000), (200, 1000)]),
    )
    assert alike.method == unlike.method == BETWEEN
    assert alike.share == unlike.share
    assert unlike.high - unlike.low > 3 * (alike.high - alike.low)


def test_intervals_of_pcrs_that_differ_hold_the_true_share_about_as_often_as_they_say():
    """SIMULATED: shares of PCRs follow a beta distribution, reads a binomial one."""
    import numpy

    rng = numpy.random.default_rng(3)
    true, held, runs = 0.1, 0, 600
    for _ in range(runs):
        shares = rng.beta(true * 50, (1 - true) * 50, 6)
        found = estimate_share([(int(rng.binomial(2000, share)), 2000) for share in shares])
        held += found.low <= true <= found.high
    assert 0.90 <= held / runs <= 0.99
