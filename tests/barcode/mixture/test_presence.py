import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from forensics.barcode.mixture.presence import (
    BETWEEN,
    COUNTING,
    FALLBACK_SHARE,
    Limits,
    _poisson_quantile,
    estimate_share,
)
from forensics.barcode.mixture.sheet import BLANK, SAMPLE, UNUSED, Pcr
from forensics.stats import poisson_upper, wilson

ONE, TWO = Pcr("soup", "1", SAMPLE, ("a",)), Pcr("soup", "2", SAMPLE, ("b",))
EMPTY, OTHER = Pcr("water", "1", BLANK, ("c",)), Pcr("air", "1", BLANK, ("d",))
TAGS = Pcr("tags", "1", UNUSED, ("e",))
DEPTH = {"soup/1": 10_000, "soup/2": 10_000}


def test_without_controls_a_plain_share_stands_in_and_says_so():
    limits = Limits([ONE, TWO], DEPTH, [{"soup/1": 500}])
    assert limits.set_limit({"soup/1": 500}, ONE).reads == FALLBACK_SHARE * 10_000
    basis = limits.basis
    assert basis.fallback_share == FALLBACK_SHARE
    assert basis.jump_rate is None and basis.max_reads_in_blank is None


def test_a_clean_blank_leaves_the_upper_bound_of_no_reads():
    limits = Limits([ONE, TWO, EMPTY], DEPTH, [{"soup/1": 500}])
    assert limits.set_limit({"soup/1": 500}, ONE).contamination == pytest.approx(2.9957, abs=1e-4)
    assert limits.basis.fallback_share is None


def test_what_the_worst_blank_has_of_any_taxon_is_a_limit_to_all():
    found = {"x": {"soup/1": 500, "air/1": 40}, "y": {"soup/1": 30}}
    limits = Limits([ONE, TWO, EMPTY, OTHER], DEPTH, list(found.values()))
    assert limits.set_limit(found["y"], ONE).contamination == 40
    assert limits.set_limit(found["x"], ONE).contamination == pytest.approx(poisson_upper(40))
    assert limits.set_limit(found["x"], ONE).reads > 40


def test_a_pcr_that_was_sequenced_deeper_has_a_higher_limit_and_none_a_lower_one():
    depth = {"soup/1": 10_000, "soup/2": 30_000}
    limits = Limits([ONE, TWO, EMPTY], depth, [{"soup/1": 5}])
    of = {pcr.replicate: limits.set_limit({}, pcr).contamination for pcr in (ONE, TWO)}
    assert of["2"] == pytest.approx(1.5 * of["1"])
    assert of["1"] == pytest.approx(poisson_upper(0))


def test_jumps_are_learnt_from_unused_tags_and_grow_with_the_reads_elsewhere():
    found = {"x": {"soup/1": 5, "soup/2": 9_000, "tags/1": 20}}
    limits = Limits([ONE, TWO, EMPTY, TAGS], DEPTH, list(found.values()))
    assert limits.jump_rate == pytest.approx(poisson_upper(20) / 9_025)
    little, much = (limits.set_limit({"soup/2": n}, ONE).jumps for n in (100, 9_000))
    assert little < much and much > 20
    # A taxon is not measured against itself.
    assert limits.set_limit({"soup/2": 9_000}, TWO).jumps == 0


def test_without_unused_tags_the_blanks_stand_in_for_jumps():
    found = {"x": {"soup/1": 9_000, "water/1": 3}}
    assert Limits([ONE, EMPTY], DEPTH, list(found.values())).jump_rate == pytest.approx(
        poisson_upper(3) / 9_003
    )


@given(st.integers(0, 10_000))
def test_the_upper_bound_is_that_of_garwood(count):
    assert poisson_upper(count) == pytest.approx(chi2.ppf(0.95, 2 * (count + 1)) / 2)


@given(st.floats(0, 5_000))
def test_the_quantile_is_that_of_the_poisson_distribution(mean):
    assert _poisson_quantile(mean) == (poisson.ppf(0.95, mean) if mean else 0)


def test_a_contaminant_seldom_passes_the_limit_of_ten_blanks_in_two_pcrs():
    """SIMULATED: it comes as often into samples as into blanks, with a mean that varies."""
    import numpy

    rng = numpy.random.default_rng(5)
    blanks = [Pcr(f"b{n}", "1", BLANK, (f"b{n}",)) for n in range(10)]
    one, both, runs = 0, 0, 1000
    for _ in range(runs):
        reads = rng.poisson(rng.gamma(1, 10, 12))
        found = {f"b{n}/1": int(reads[n]) for n in range(10)}
        found |= {"soup/1": int(reads[10]), "soup/2": int(reads[11])}
        limits = Limits([ONE, TWO, *blanks], DEPTH, [found])
        above = [found[pcr.name] > limits.set_limit(found, pcr).reads for pcr in (ONE, TWO)]
        one, both = one + above[0], both + all(above)
    assert one / runs <= 1 / 11 and both / runs <= 0.02


COUNTS = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda p: (min(p), max(p)))


@given(st.lists(COUNTS, max_size=6))
def test_an_interval_holds_the_share_and_stays_between_none_and_all(counts):
    found = estimate_share(counts)
    assert 0 <= found.low <= found.high <= 1
    if found.share is not None:
        assert found.low - 1e-9 <= found.share <= found.high + 1e-9


def test_one_pcr_tells_of_counting_alone_and_says_so():
    found = estimate_share([(50, 1000), (0, 0)])
    assert found.interval == COUNTING
    assert (found.low, found.high) == pytest.approx(wilson(0.05, 1000))


def test_without_reads_nothing_is_known():
    found = estimate_share([(0, 0)])
    assert (found.share, found.low, found.high) == (None, 0, 1)


def test_pcrs_that_differ_widen_the_interval():
    alike, unlike = (
        estimate_share([(100, 1000)] * 3),
        estimate_share([(10, 1000), (90, 1000), (200, 1000)]),
    )
    assert alike.interval == unlike.interval == BETWEEN
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
