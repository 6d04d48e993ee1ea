"""R-hat and effective draws on chains whose answer is known."""

import numpy as np
import pytest

from forensics.stats import effective_draws, folded_r_hat, split_r_hat


@pytest.fixture
def generator():
    return np.random.default_rng(1)


def test_independent_draws_are_worth_their_number(generator):
    draws = generator.normal(size=(2000, 4))
    assert folded_r_hat(draws) < 1.005
    assert 0.85 * draws.size < effective_draws(draws) < 1.15 * draws.size


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_correlated_draws_are_worth_what_theory_says(generator, correlation):
    draws, value = np.empty((20000, 4)), np.zeros(4)
    for turn in range(len(draws)):
        noise = generator.normal(size=4) * np.sqrt(1 - correlation**2)
        value = correlation * value + noise
        draws[turn] = value
    expected = draws.size * (1 - correlation) / (1 + correlation)
    assert effective_draws(draws) == pytest.approx(expected, rel=0.15)


def test_a_chain_elsewhere_or_wider_is_seen(generator):
    moved = generator.normal(size=(1000, 4)) + np.array([0, 0, 0, 1])
    wider = generator.normal(size=(1000, 4)) * np.array([1, 1, 1, 3])
    assert folded_r_hat(moved) > 1.05
    assert folded_r_hat(wider) > 1.02


def test_draws_that_do_not_move_are_not_taken_for_many():
    stuck = np.tile(np.arange(4.0), (100, 1))
    assert folded_r_hat(stuck) > 2
    assert effective_draws(stuck) < 20


def test_r_hat_is_that_of_arviz(generator):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    chains = generator.normal(size=(4, 500)) + 0.05 * generator.normal(size=(4, 500)).cumsum(axis=1)
    expected = float(stats.rhat(chains, chain_axis=0, draw_axis=1, method="rank"))
    assert folded_r_hat(chains.T) == pytest.approx(expected, rel=1e-12)
    plain = float(stats.rhat(chains, chain_axis=0, draw_axis=1, method="z_scale"))
    assert split_r_hat(chains[:, :, None])[0] == pytest.approx(plain, rel=1e-12)


def test_effective_draws_are_near_those_of_arviz_which_truncates_a_little_later(generator):
    stats = pytest.importorskip("arviz_stats.base").array_stats
    for slow in (0.0, 0.02, 0.05):
        chains = generator.normal(size=(4, 1000))
        chains = chains + slow * generator.normal(size=(4, 1000)).cumsum(axis=1)
        expected = float(stats.ess(chains, chain_axis=0, draw_axis=1, method="bulk"))
        assert effective_draws(chains.T) == pytest.approx(expected, rel=0.03)
