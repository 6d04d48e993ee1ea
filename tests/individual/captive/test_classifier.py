import numpy as np
import pytest
from husbandry_simulation import table
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forensics.errors import UsageError
from forensics.individual.captive.classifier import MIN_GROUPS, HusbandryClassifier


@pytest.fixture(scope="module")
def data():
    frame = table(30, 2)
    return frame[["d13C", "d15N"]].to_numpy(), frame["origin"].to_numpy(), frame["farm"].to_numpy()


def test_it_works_where_scikit_learn_expects_a_classifier(data):
    X, y, groups = data
    model = make_pipeline(StandardScaler(), HusbandryClassifier())
    found = cross_val_predict(clone(model), X, y, groups=groups, cv=GroupKFold(5))
    assert (found == y).mean() > 0.8
    assert HusbandryClassifier(prior={"a": 1.0}).get_params() == {"prior": {"a": 1.0}}


def test_units_and_the_order_of_samples_change_nothing(data):
    X, y, groups = data
    order = np.random.default_rng(1).permutation(len(X))
    one = HusbandryClassifier().fit(X, y, groups=groups)
    two = HusbandryClassifier().fit(
        (X * [10, 0.1] + [5, -3])[order], y[order], groups=groups[order]
    )
    asked = X[:20]
    assert two.predict_proba(asked * [10, 0.1] + [5, -3]) == pytest.approx(one.predict_proba(asked))
    for a, b in zip(one.p_values(asked), two.p_values(asked * [10, 0.1] + [5, -3])):
        assert a == pytest.approx(b)


def test_samples_of_one_farm_are_not_independent(data):
    X, y, groups = data
    together = HusbandryClassifier().fit(X, y, groups=groups)
    copies = [np.concatenate([one] * 5) for one in (X, y, groups)]
    again = HusbandryClassifier().fit(copies[0], copies[1], groups=copies[2])
    assert again.predict_proba(X) == pytest.approx(together.predict_proba(X))
    alone = HusbandryClassifier().fit(copies[0], copies[1])
    assert alone.calibration_.bounds.max() > 1.5 * together.calibration_.bounds.max()


def test_a_ratio_is_at_most_the_groups_of_the_reference_and_one(data):
    X, y, groups = data
    model = HusbandryClassifier().fit(X, y, groups=groups)
    far = np.array([[-200.0, -100.0], [200.0, 100.0], [-23.0, 6.0]])
    assert model.log_ratios(far).min() >= -np.log(31) - 1e-9
    assert np.isfinite(model.predict_log_proba(far)).all()


def test_the_prior_moves_posteriors_and_leaves_ratios(data):
    X, y, groups = data
    one = HusbandryClassifier().fit(X, y, groups=groups)
    two = HusbandryClassifier(prior={"wild": 0.9, "captive": 0.1}).fit(X, y, groups=groups)
    assert one.log_ratios(X) == pytest.approx(two.log_ratios(X))
    odds = [p[:, 1] / p[:, 0] for p in (one.predict_proba(X), two.predict_proba(X))]
    assert odds[1] == pytest.approx(9 * odds[0])


@pytest.mark.parametrize(
    "prior", [{"wild": 1.0}, {"wild": 0.9, "captive": 0.2}, {"wild": 1, "captive": 0}, "flat",
              {"wild": float("nan"), "captive": 0.5}],
)  # fmt: skip
def test_a_prior_that_does_not_fit_is_refused(data, prior):
    X, y, _groups = data
    with pytest.raises(UsageError, match="prior"):
        HusbandryClassifier(prior=prior).fit(X, y)


def test_too_few_groups_and_missing_values_are_refused(data):
    X, y, groups = data
    few = np.isin(groups, [f"{kind} farm {n}" for kind in ("wild", "captive") for n in range(4)])
    with pytest.raises(ValueError, match=f"4 independent groups.*at least {MIN_GROUPS}"):
        HusbandryClassifier().fit(X[few], y[few], groups=groups[few])
    with pytest.raises(ValueError, match="only one class"):
        HusbandryClassifier().fit(X[:20], y[:20])
    broken = X.copy()
    broken[2, 1] = np.nan
    with pytest.raises(ValueError, match="row 3, column 2: NaN"):
        HusbandryClassifier().fit(broken, y)
    with pytest.raises(ValueError, match="row 3, column 2: NaN"):
        HusbandryClassifier().fit(X, y).predict_proba(broken)
