"""Radiocarbon against rintcal 1.4.0 with rice, and on measured series (evaluation data)."""

import pytest
from benchmark_modules import benchmark


@pytest.fixture(scope="module")
def bench(root):
    with benchmark(root, "age") as module:
        yield module


@pytest.fixture(scope="module")
def folder(evaluation_data):
    path = evaluation_data / "radiocarbon"
    if not path.is_dir():
        pytest.skip("no radiocarbon in the evaluation data")
    return path


def test_28_calibrations_of_rice(bench, folder):
    found = bench.agreement(folder)
    # One value lies more than 3 standard deviations from every year: nothing is stated of it here.
    assert found["of"] == 28 and found["stated"] == 27
    # Annual curves; ranges after rounding to whole years, probabilities within 0.5 points.
    assert found["ours"]["modes"] == 27
    # By rice's own rule (grid of 0.1 year, cells up to 95 % and not beyond) on our densities:
    assert found["rice"]["ranges"] == 27
    assert found["rice"]["probabilities"] >= 26
    # By ours, which holds at least 95 % and integrates over the steep rise:
    assert found["ours"]["ranges"] >= 21


@pytest.mark.slow
@pytest.mark.parametrize("name", ["NH3", "SH3"])
def test_95_per_cent_ranges_hold_94_to_97_of_100_simulated_dates(bench, folder, name):
    assert 940 <= bench.coverage(bench.zone(folder, name)) <= 970


def test_a_measured_series_is_nearer_to_its_zone_than_to_the_other_hemisphere(bench, folder):
    # The series is part of its curve: this shows that zones and files are read rightly, no more.
    _held, count, own = bench.measured(folder, "Jungfraujoch", bench.zone(folder, "NH1"))
    _held, _count, other = bench.measured(folder, "Santos", bench.zone(folder, "NH1"))
    assert count >= 20
    assert own < other / 2
