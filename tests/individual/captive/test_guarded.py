"""A laboratory's own classifier on measurements: calibrated on groups left out, guarded by the densities."""

import numpy as np
import pytest
from husbandry_simulation import animals, table
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from forensics.individual.captive.classifier import HusbandryClassifier
from forensics.individual.captive.guarded import fit_guarded, fit_line

CLASSIFIERS = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(n_estimators=30, random_state=1),
    "svm": make_pipeline(StandardScaler(), SVC()),
}


@pytest.fixture(scope="module")
def data():
    frame = table(40, 2)
    return frame[["d13C", "d15N"]].to_numpy(), frame["origin"].to_numpy(), frame["farm"].to_numpy()


@pytest.fixture(scope="module", params=CLASSIFIERS)
def model(request, data):
    return fit_guarded(CLASSIFIERS[request.param], *data)


def test_likelihood_ratios_of_new_animals_are_better_than_none(model):
    values, own = [], []
    for place, kind in enumerate(("captive", "wild")):
        measured, _group = animals(kind, 400, seed=9)
        values.append(measured)
        own.append(np.full(400, place))
    ratios = model.log_ratios(np.concatenate(values))
    own = np.concatenate(own)
    posterior = np.exp(ratios) / np.exp(ratios).sum(axis=1, keepdims=True)
    cost = -np.log2(posterior[np.arange(800), own]).mean()
    assert cost < 0.85  # 1 says nothing, more misleads


def test_ratios_are_bounded_by_what_the_reference_supports(model):
    far = np.array([[-40.0, 0.0], [-10.0, 15.0]])
    assert model.log_ratios(far).min() >= -np.log(81) - 1e-9


def test_a_sample_out_of_every_range_is_excluded_whatever_the_classifier_says(model, data):
    strangers, _group = animals("other", 20, seed=3)
    tails, calibrated = model.p_values(strangers)
    assert (np.maximum(tails, calibrated).max(axis=1) <= 0.01).all()
    guard = HusbandryClassifier().fit(data[0], data[1], groups=data[2])
    for ours, its in zip(model.p_values(strangers), guard.p_values(strangers)):
        assert ours == pytest.approx(its)


def test_shares_of_classes_in_the_training_have_no_part(data):
    X, y, groups = data
    scarce = np.isin(groups, [f"captive farm {n}" for n in range(12, 40)])
    few = fit_guarded(CLASSIFIERS["logistic"], X[~scarce], y[~scarce], groups[~scarce])
    all_ = fit_guarded(CLASSIFIERS["logistic"], X, y, groups)
    between = np.array([[-21.5, 7.0], [-21.0, 7.3]])
    # The odds of the classifier itself are moved by log(80 / 24) = 1.2.
    assert few.log_ratios(between) == pytest.approx(all_.log_ratios(between), abs=0.7)


def test_a_line_makes_scores_of_any_scale_likelihoods():
    random = np.random.default_rng(1)
    own = np.repeat([0, 1], [300, 100])
    true = 1.5 * np.eye(2)[own] + random.normal(size=(400, 2))
    weights = np.ones(400)
    line = fit_line(true, own, weights)
    other = 5 * true + [3.0, -2.0]
    scaled = fit_line(other, own, weights).apply(other)
    plain = line.apply(true)
    assert scaled[:, 0] - scaled[:, 1] == pytest.approx(plain[:, 0] - plain[:, 1], abs=0.2)


def test_a_sample_is_scored_by_what_has_not_seen_its_group(data):
    X, y, groups = data
    model = fit_guarded(CLASSIFIERS["forest"], X, y, groups)
    left_out = model.reference_.left_out()[0]
    seen = model.line.apply(model.scores(X))
    own = model.reference_.own
    rows = np.arange(len(X))

    def right(logs):
        return float((logs[rows, own] - logs[rows, 1 - own]).mean())

    assert right(seen) > 1.2 * right(left_out) > 0
