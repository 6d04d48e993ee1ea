"""Individuals and kin: allelematch's examples, nancycats, warblers, sequoia's pedigrees, speed."""

import numpy as np
import pytest
from benchmark_modules import benchmark

from forensics.individual.kinship import RELATIONSHIPS, all_pairs, ratio_tables
from forensics.individual.parentage import EXCLUSION_LEVEL
from forensics.stats import wilson


@pytest.fixture(scope="module")
def bench(root):
    with benchmark(root, "individual") as module:
        yield module


@pytest.fixture(scope="module")
def data(evaluation_data):
    if not (evaluation_data / "kinship").is_dir():
        pytest.skip("no kinship data in the evaluation data")
    return evaluation_data


@pytest.mark.parametrize("number", [1, 2, 3])
def test_samples_of_allelematch_are_grouped_rightly(bench, data, number):
    found = bench.groups(data, number)
    assert found["found"] == found["all"] == found["true"]
    assert found["mixed"] == found["split"] == 0
    assert found["right"] == found["samples"]


def test_the_hardest_example_has_one_mixed_group_and_four_split_individuals(bench, data):
    # 103 of 100, allelematch 3.0.0 has 99: the target is not reached; see benchmarks/individual.md.
    found = bench.groups(data, 4)
    assert found["true"] == 100 and found["poor"] == 5
    assert found["found"] <= 103 and found["mixed"] <= 1 and found["split"] <= 4
    assert found["right"] >= 295


def test_the_published_full_sibs(bench):
    ours, _printed, worst = bench.full_sibs()
    assert ours == pytest.approx(6.47, abs=0.005) and worst < 0.01


def test_true_pairs_of_warblers_are_never_excluded_and_seldom_provable(bench, data):
    """Young are simulated of real dominant pairs; of the real ones no parents are recorded."""
    held = bench.Warblers(data)
    found = bench.recoverable(held, young=2, every_male=False)
    true, other = found["true pair"], found["sire is another"]
    assert sum(true.values()) == sum(other.values()) == 118
    assert true["excluded"] == 0 and other["accepted"] == 0
    assert 0.08 < true["accepted"] / 118 < 0.25  # 15 % of 590 in the benchmark
    assert other["excluded"] > 118 / 3


def test_every_parent_of_the_griffins_is_found_and_no_other(bench, data):
    calls, sizes = bench.pedigree_calls(data, "griffin")
    parents = calls["parent"]
    assert parents["parent"] == sizes["parent"] == 144
    assert sum(parents.values()) == 144
    assert calls["full_sibs"]["full_sibs"] == sizes["full_sibs"] == 5
    assert all(row[kind] == 0 for row in calls.values() for kind in ("unrelated",))


@pytest.mark.slow
def test_kin_of_the_larger_pedigree(bench, data):
    calls, sizes = bench.pedigree_calls(data, "HSg5")
    assert calls["parent"]["parent"] / sizes["parent"] > 0.97
    assert calls["full_sibs"]["full_sibs"] / sizes["full_sibs"] > 0.95
    assert calls["parent"]["unrelated"] == calls["full_sibs"]["unrelated"] == 0
    assert calls["half_sibs"]["unrelated"] < 10  # of 151,251


def test_all_pairs_are_ten_times_as_fast_as_a_naive_version_and_equal(bench):
    held = bench.pairs(1000, naive=60)
    assert held["ours"] >= 10 * held["naive"]
    assert held["peak_mb"] < 50


def test_the_naive_version_gives_the_same_ratios(bench):
    from individual_simulation import frequencies
    from kin_simulated import naive_pairs, simulated_codes

    made = frequencies(loci=16)
    codes = simulated_codes(made, 40)
    tables = {
        name: ratio_tables(made, RELATIONSHIPS[name], theta=0.03) for name in ("same", "full_sibs")
    }
    found = all_pairs(made, codes, relationships=tuple(tables), limit=-np.inf, theta=0.03)
    for name, ratios in naive_pairs(tables, codes).items():
        one = found[name]
        order = np.lexsort((one.second, one.first))
        assert np.allclose(one.log10[order], ratios)


@pytest.mark.parametrize("dropout", [0.1])
def test_dropout_of_a_tenth_makes_no_false_exclusion_beyond_the_stated_rate(bench, dropout):
    found = bench.false_exclusions(count=400, dropout=dropout)
    low, high = wilson(found["missed"] / found["count"], found["count"])
    assert low <= found["expected"] <= high
    assert found["against"] == 0


@pytest.mark.slow
def test_claims_on_2000_simulated_families(bench):
    result, sibs, _power = bench.claims(dropout=0.1)
    both = result["both parents"]
    assert wilson(both["excluded"] / 2000, 2000)[0] <= EXCLUSION_LEVEL
    assert both["accepted"] > 1900
    for name in ("an unrelated dam", "two unrelated animals"):
        assert result[name]["accepted"] == 0
    # A sister of the dam passes now and then: docs/individual.md says so.
    assert 0.02 < result["a sister of the dam"]["accepted"] / 2000 < 0.1
    assert np.median(sibs["a sister of the dam"]) < np.median(sibs["both parents"]) / 2
