import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forensics.individual.captive.densities import densities_of, group_sums, group_weights


def single(X, group=None):
    """Return the density of one class; its spread is about 1, as the floor expects."""
    group = np.arange(len(X)) if group is None else group
    return densities_of(sums_of(X, np.zeros_like(group), group, np.zeros_like(group)).total())


def sums_of(X, own, group, fold):
    weights = group_weights(own, group)[:, None] * np.eye(own.max() + 1)[own]
    return group_sums(X, weights, fold)


def test_the_density_is_the_predictive_t_of_a_normal_class():
    random = np.random.default_rng(3)
    X = random.normal(size=(12, 2)) @ [[1.0, 0.3], [0.0, 0.9]]
    at = random.normal(size=(5, 2)) * 2
    logs, tails = single(X).at(at)
    n, d = X.shape
    scale = (1 + 1 / n) * (n - 1) / (n - d) * np.cov(X.T)
    expected = stats.multivariate_t(X.mean(axis=0), scale, df=n - d)
    assert logs[:, 0] == pytest.approx(expected.logpdf(at), abs=1e-4)
    # Hotelling's T2 of a further sample: T2 (n - d) / (d (n - 1)) is F(d, n - d).
    apart = at - X.mean(axis=0)
    t2 = np.einsum("ni,ij,nj->n", apart, np.linalg.inv(np.cov(X.T) * (1 + 1 / n)), apart)
    assert tails[:, 0] == pytest.approx(
        stats.f.sf(t2 * (n - d) / (d * (n - 1)), d, n - d), rel=1e-4
    )


def test_further_animals_have_uniform_p_values():
    random = np.random.default_rng(4)
    found = []
    for _draw in range(400):
        X = random.normal(size=(9, 2))
        found.append(single(X[:8]).at(X[8:])[1][0, 0])
    assert stats.kstest(found, "uniform").pvalue > 0.01


@given(st.integers(0, 10_000), st.integers(1, 3))
def test_a_fold_left_out_is_as_if_it_had_never_been(seed, each):
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(8), each)
    X = random.normal(size=(len(group), 2))
    own, fold = (group >= 4).astype(int), group
    sums = sums_of(X, own, group, fold)
    without = densities_of(sums.without(sums.total()))
    place = int(random.integers(8))
    rest = fold != place
    nowhere = np.zeros(rest.sum(), dtype=int)
    again = densities_of(sums_of(X[rest], own[rest], group[rest], nowhere).total())
    assert without.means[place] == pytest.approx(again.means, abs=1e-9)
    assert without.inverses[place] == pytest.approx(again.inverses, rel=1e-6, abs=1e-6)
    assert without.freedom[place] == pytest.approx(again.freedom)
    dropped = sums.dropping(place).total()
    assert dropped.means == pytest.approx((sums.without(sums.total())).means[place], abs=1e-9)


@given(st.integers(0, 10_000))
def test_samples_that_are_measured_twice_in_a_group_count_once(seed):
    X = np.random.default_rng(seed).normal(size=(9, 2))
    twice = np.vstack([X, X[:4]])
    group = np.concatenate([np.arange(9), np.arange(4)])
    at = np.array([[0.5, -1.0]])
    one, two = single(X).at(at), single(twice, group).at(at)
    assert one[0] == pytest.approx(two[0]) and one[1] == pytest.approx(two[1])


def test_a_class_without_spread_has_a_density_all_the_same():
    logs, tails = single(np.ones((6, 2))).at(np.array([[1.0, 1.0], [2.0, 1.0]]))
    assert np.isfinite(logs).all()
    assert tails[0, 0] == pytest.approx(1.0) and tails[1, 0] < 1e-6
