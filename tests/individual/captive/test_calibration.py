import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.individual.captive.densities import Tails, calibrate, log_bound, posteriors_of

# Logarithms to the hundredth: what lies between two that are nearer needs more digits than tests have.
RATIOS = st.lists(st.integers(-800, 800).map(lambda n: n / 100), min_size=1, max_size=30)


def cost(first, second, t):
    """Return the cost of convicting from t on, with one misleading ratio more in each class."""
    missed = (sum(one <= t for one in first) + 1) / (len(first) + 1)
    false = (sum(one > t for one in second) + 1) / (len(second) + 1)
    return missed + np.exp(t) * false


@given(RATIOS, RATIOS)
def test_up_to_the_bound_ratios_cost_less_than_saying_nothing(first, second):
    bound = log_bound(np.array(first), np.array(second))
    assert 0 <= bound <= np.log(len(second) + 1) + 1e-9
    for t in np.linspace(0, bound, 40)[:-1] if bound else ():
        assert cost(first, second, t) < 1 + 1e-9
    assert cost(first, second, bound + 1e-9) >= 1 - 1e-6


@given(RATIOS, RATIOS, st.integers(2, 4))
def test_copies_that_share_a_weight_do_not_make_the_bound_greater(first, second, copies):
    first, second = np.array(first), np.array(second)
    weights = [np.full(len(one) * copies, 1 / copies) for one in (first, second)]
    again = log_bound(np.repeat(first, copies), np.repeat(second, copies), *weights)
    assert again == pytest.approx(log_bound(first, second), abs=1e-9)


def test_a_reference_that_misleads_supports_no_ratio():
    assert log_bound(np.full(50, -3.0), np.full(50, 3.0)) == 0


def simulated(surer, seed=1, count=400):
    """Return log densities of two unit normals 2 apart that are `surer` times too sure."""
    random = np.random.default_rng(seed)
    own = np.repeat([0, 1], count)
    x = random.normal(size=2 * count) + 2 * own
    logs = -0.5 * np.column_stack([x**2, (x - 2) ** 2])
    return surer * logs, own, np.ones(2 * count)


def test_the_temperature_undoes_what_densities_are_too_sure_of():
    for surer, low, high in ((1.0, 1.0, 1.25), (3.0, 2.4, 3.6), (0.3, 1.0, 1.0)):
        logs, own, weights = simulated(surer)
        found = calibrate(logs, np.full(logs.shape, 0.5), own, weights)
        assert low <= found.temperature <= high


def test_no_ratio_goes_beyond_its_bound_and_the_order_of_classes_stays():
    logs, own, weights = simulated(1.0, count=60)
    found = calibrate(logs, np.full(logs.shape, 0.5), own, weights)
    held = found.bounded(np.vstack([logs, [[0.0, 500.0], [500.0, 0.0]]]))
    assert (held <= 0).all() and (held.max(axis=1) == 0).all()
    assert -held[-2, 0] == pytest.approx(found.bounds[1, 0])
    assert -held[-1, 1] == pytest.approx(found.bounds[0, 1])
    assert (held[:-2].argmax(axis=1) == logs.argmax(axis=1)).all()


def test_posteriors_are_ratios_times_the_prior():
    logs = np.log([[1.0, 3.0]])
    assert posteriors_of(logs, np.array([0.5, 0.5])).tolist() == [pytest.approx([0.25, 0.75])]
    assert posteriors_of(logs, np.array([0.9, 0.1])).tolist() == [pytest.approx([0.75, 0.25])]


def test_tails_are_shares_of_groups():
    tails = Tails.of(np.array([0.5, 0.1, 0.3, 0.3]), np.array([1.0, 1.0, 0.5, 0.5]))
    assert tails.groups == 3
    found = tails.calibrated(np.array([0.05, 0.1, 0.2, 0.3, 1.0]))
    assert found.tolist() == pytest.approx([1 / 4, 2 / 4, 2 / 4, 3 / 4, 1.0])


def test_tails_keep_their_rate_where_the_density_is_wrong():
    # P-values of a wrong density are far too small; calibrated ones are not.
    random = np.random.default_rng(5)
    wrong = random.uniform(size=(400, 100)) ** 6
    below = np.array(
        [Tails.of(row[1:], np.ones(99)).calibrated(row[:1])[0] <= 0.05 for row in wrong]
    )
    assert (wrong[:, 0] <= 0.05).mean() > 0.5
    assert below.mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_a_sample_between_two_classes_is_compared_with_the_class_in_that_direction_alone():
    logs, own, _weights = simulated(1.0, count=200)
    weights = np.tile([1.0, 1 / 3, 1 / 3, 1 / 3], 100)
    found = calibrate(logs, np.full(logs.shape, 0.5), own, weights)
    x = np.array([-3.0, 0.0, 1.0, 2.0, 5.0])
    between = found.between(-0.5 * np.column_stack([x**2, (x - 2) ** 2]))
    ratio = logs[:, 1] - logs[:, 0]
    for this, sign in ((0, -1.0), (1, 1.0)):
        rows = own == this
        as_near = [weights[rows] @ (sign * ratio[rows] <= sign * (2 * one - 2)) for one in x]
        expected = (1 + np.array(as_near)) / (1 + weights[rows].sum())
        assert between[:, this] == pytest.approx(expected, abs=0.01)
        assert (np.diff(between[:, this]) * sign >= 0).all()
    # As far away on the other side is not between them.
    assert between[0, 0] > 0.99 and between[-1, 1] > 0.99
