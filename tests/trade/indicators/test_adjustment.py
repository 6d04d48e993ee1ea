"""The experimental index, on simulated seizures whose truth is known."""

import numpy as np
import pytest
from indicator_simulation import rated_seizures

from forensics.errors import InputError, UsageError
from forensics.trade.indicators.adjustment import _Posterior, adjusted_index, read_proxies
from forensics.trade.indicators.seizures import seizures_of

QUICK = {"draws": 250, "warm_up": 150, "chains": 2}


def given_proxies(tmp_path, table, **settings):
    path = tmp_path / "proxies.csv"
    table.to_csv(path, index=False)
    return read_proxies(path, seizing=["effort"], reporting=["reports"], **settings)


@pytest.fixture
def case(tmp_path):
    seizures, proxies, truth = rated_seizures(seed=3)
    return seizures_of(seizures), given_proxies(tmp_path, proxies), truth


def test_the_gradient_is_that_of_the_density():
    generator, rows = np.random.default_rng(0), 40
    posterior = _Posterior(
        generator.poisson(5, rows).astype(float), np.arange(rows) % 5, np.arange(rows) % 8,
        generator.normal(size=(rows, 2)), generator.normal(size=(rows, 1)),
    )  # fmt: skip
    point, step = generator.normal(size=(1, posterior.size)), 1e-5
    aside = step * np.eye(posterior.size)
    slope = (posterior.density(point + aside)[0] - posterior.density(point - aside)[0]) / (2 * step)
    np.testing.assert_allclose(posterior.density(point)[1][0], slope, rtol=1e-5, atol=1e-6)


def test_it_is_nearer_to_the_truth_than_the_counts_and_says_that_it_is_experimental(case):
    seizures, proxies, truth = case
    found = adjusted_index(seizures, proxies, **QUICK)
    table = found.table
    ours = np.sqrt(np.mean(np.log(table["index"] / truth) ** 2))
    counted = np.sqrt(np.mean(np.log(table["unadjusted"] / truth) ** 2))
    assert ours < counted
    assert "EXPERIMENTAL" in found.sample
    assert found.notes[0][0] == "Experimental"


def test_one_seed_gives_one_index(case):
    seizures, proxies, _truth = case
    tables = [adjusted_index(seizures, proxies, **QUICK).table for _turn in range(2)]
    assert tables[0].equals(tables[1])


def test_seizures_without_proxies_are_left_out_and_told(tmp_path):
    seizures, proxies, _truth = rated_seizures(seed=3)
    fewer = given_proxies(tmp_path, proxies[proxies["country"] != "BE"])
    found = adjusted_index(seizures_of(seizures), fewer, **QUICK)
    assert found.table["seizures"].sum() == int((seizures["country"] != "BE").sum())
    assert any(label == "Left out" for label, _text in found.notes)


@pytest.mark.parametrize(
    ("column", "value"), [("effort", "much"), ("effort", "inf"), ("country", "QQ"), ("year", "x")]
)
def test_proxies_that_cannot_be_are_refused_with_their_line(tmp_path, column, value):
    _seizures, proxies, _truth = rated_seizures(countries=3, years=3)
    proxies = proxies.astype(object)
    proxies.loc[2, column] = value
    with pytest.raises(InputError) as caught:
        given_proxies(tmp_path, proxies)
    assert caught.value.line == 4


def test_a_proxy_that_does_not_vary_or_too_few_countries_are_refused(tmp_path):
    seizures, proxies, _truth = rated_seizures(countries=4, years=3)
    taken = seizures_of(seizures)
    with pytest.raises(UsageError, match="effort"):
        adjusted_index(taken, given_proxies(tmp_path, proxies.assign(effort=1.0)), **QUICK)
    with pytest.raises(UsageError, match="2 countries"):
        few = proxies[proxies["country"].isin(["BE", "CN"])]
        adjusted_index(taken, given_proxies(tmp_path, few), **QUICK)


@pytest.mark.slow
def test_95_per_cent_intervals_hold_the_simulated_truth(tmp_path):
    inside = []
    for seed in range(25):
        seizures, proxies, truth = rated_seizures(countries=12, years=8, seed=seed)
        table = adjusted_index(
            seizures_of(seizures), given_proxies(tmp_path, proxies), draws=500, warm_up=300
        ).table
        held = (table["index_low"] <= truth) & (truth <= table["index_high"])
        inside.append(held[1:])  # the base year is 100 by definition
    assert 0.85 <= np.mean(inside) <= 1.0
