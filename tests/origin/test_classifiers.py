"""Models of origin that are a classifier of scikit-learn: trained, stored without pickle, applied."""

import io
import json
import zipfile

import numpy as np
import pytest
from population_simulation import simulated_populations
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from forensics.errors import ModelError, UsageError
from forensics.learning.estimators import load_named, prepare_estimator
from forensics.origin.classifiers import (
    ScoreCalibration,
    fit_classifier,
    fit_score_calibration,
)
from forensics.origin.models import open_model
from forensics.origin.predict import assign_with
from forensics.origin.results import Origin
from forensics.origin.training import evaluate_genotypes, train_genotypes

pytest.importorskip("skops")

from forensics.learning.estimators import estimator_bytes, estimator_from_bytes


class OwnClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that nobody but its laboratory knows."""

    def fit(self, X, y):
        self.classes_, self.counts_ = np.unique(y, return_counts=True)
        return self

    def predict_proba(self, X):
        return np.tile(self.counts_ / self.counts_.sum(), (len(X), 1))


@pytest.fixture(scope="module")
def animals():
    return simulated_populations(loci=15, fst=0.2)


@pytest.fixture(scope="module")
def forest(animals, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "forest"
    return path, train_genotypes(
        animals, path, name="forest", version="1",
        estimator=RandomForestClassifier(n_estimators=15),
    )  # fmt: skip


def test_a_stored_forest_names_populations_and_is_read_back(animals, forest):
    path, model = forest
    assert model.kind == "classifier"
    results = assign_with(open_model(path), animals)
    assigned = [result for result in results if result.status == "assigned"]
    assert len(assigned) > 0.5 * len(results)
    right = [
        result.origin == population
        for result, population in zip(results, animals.populations)
        if result.status == "assigned"
    ]
    assert np.mean(right) > 0.95
    result = results[0]
    assert result.estimator == "RandomForestClassifier"
    assert result.prior == "training"
    assert "log_likelihoods" not in result.to_dict()
    assert sum(result.probabilities.values()) == pytest.approx(1)
    assert result.provenance.library == model.identity()
    again = Origin.from_stored(json.loads(result.to_json()))
    assert (type(again), again.exclusion) == (type(result), result.exclusion)
    assert again.to_dict() == result.to_dict()


def test_its_card_has_figures_of_animals_that_it_has_not_seen(forest):
    card = forest[1].card
    scheme, exclusion = card["evaluation"]
    assert exclusion == "exclusion"
    assert scheme == "5-fold"
    assert card["evaluation"][scheme]["population"]["share"] > 0.8
    assert "RandomForestClassifier" in card["parameters"]["estimator parameters"]
    assert "random_state=1" in card["parameters"]["estimator parameters"]
    assert any("place" in limit for limit in card["limits"])


def test_an_animal_of_no_population_is_not_named(animals, forest):
    stranger = simulated_populations(loci=15, fst=0.2, seed=99)
    results = assign_with(forest[1], stranger)
    excluded = np.mean([result.status == "none_of_the_reference" for result in results])
    assert excluded > 0.5
    sure = [max(result.probabilities.values()) >= 0.95 for result in results]
    assert any(sure)  # which the classifier alone would have named


def test_a_population_that_the_animal_does_not_fit_is_not_named(animals, forest, monkeypatch):
    from forensics.origin.classifiers import StoredClassifier

    posteriors = StoredClassifier.posteriors
    monkeypatch.setattr(
        StoredClassifier, "posteriors", lambda self, samples: posteriors(self, samples)[:, ::-1]
    )
    results = assign_with(forest[1], animals)  # each population under the name of another
    codes = [result.codes for result in results if result.status == "inconclusive"]
    assert sum("CLASS_EXCLUDED" in found for found in codes) > 0.3 * len(results)
    assert not any("CLASS_EXCLUDED" in one.codes for one in results if one.status == "assigned")


@pytest.mark.parametrize(
    "estimator",
    [SVC(), GradientBoostingClassifier(n_estimators=3), LogisticRegression(max_iter=300)],
    ids=lambda estimator: type(estimator).__name__,
)
def test_other_classifiers_are_stored_and_give_the_same_posteriors(animals, estimator, tmp_path):
    few = animals.take(np.arange(0, len(animals), 3))
    model = train_genotypes(few, tmp_path / "m", name="m", version="1", estimator=estimator)
    first = assign_with(model, few, exclusion_level=0.05)[0]
    assert (
        assign_with(tmp_path / "m", few, exclusion_level=0.05)[0].probabilities
        == first.probabilities
    )
    assert 0 < max(first.probabilities.values()) <= 1 - 0.5 / (len(few) + 1)


def test_a_fitted_classifier_is_fitted_anew(animals):
    fitted = LogisticRegression(max_iter=300).fit([[0.0], [1.0]], [0, 1])
    first = fit_classifier(animals, fitted).evaluation
    second = fit_classifier(animals, LogisticRegression(max_iter=300)).evaluation
    assert np.array_equal(first.posterior, second.posterior)
    assert fitted.coef_.shape == (1, 1)  # and is left as it was


def test_whole_sites_are_left_out_where_populations_have_several(animals):
    from dataclasses import replace

    sites = tuple(
        f"{population} {number % 2}" for number, population in enumerate(animals.populations)
    )
    placed = replace(animals, fields={"site": sites})
    scheme, _exclusion = evaluate_genotypes(placed, estimator=LogisticRegression(max_iter=300))
    assert scheme == "leave-one-site-out"


def test_probabilities_are_no_surer_than_the_animals_can_show():
    own = np.arange(40) % 2
    scores = np.where(np.arange(2) == own[:, None], 0.0, -50.0)  # all right, and sure
    calibration = fit_score_calibration(scores, own)
    assert calibration.apply(scores).max() == pytest.approx(1 - 0.5 / 41)
    guesses = fit_score_calibration(scores[::-1], np.roll(own, 1) * 0)
    assert guesses.apply(scores).max() < 0.8
    assert ScoreCalibration(1.0, 0.2).apply(scores[:1]).sum() == pytest.approx(1)


def test_what_is_no_classifier_is_refused(animals):
    with pytest.raises(UsageError, match="LinearRegression is not a classifier"):
        fit_classifier(animals, LinearRegression())
    for name in (
        "sklearn.nothing:Forest",
        "sklearn.svm:Nothing",
        "json:dumps",
        "nothing",
        "math:pi",
    ):
        with pytest.raises(UsageError, match="not a"):
            prepare_estimator(load_named(name), seed=1)
    forest = load_named("sklearn.ensemble:RandomForestClassifier")
    assert prepare_estimator(forest, seed=7).random_state == 7


def test_a_type_that_is_not_trusted_is_refused_when_it_is_stored(animals, tmp_path):
    with pytest.raises(ModelError, match="OwnClassifier"):
        train_genotypes(
            animals, tmp_path / "own", name="own", version="1", estimator=OwnClassifier()
        )
    assert not (tmp_path / "own").exists()


def test_prior_and_range_map_do_not_fit(animals, forest):
    with pytest.raises(UsageError, match="prior is for models of the kind populations, places"):
        assign_with(forest[1], animals, prior="units")
    with pytest.raises(UsageError, match="listings is for models of the kind places"):
        assign_with(forest[1], animals, listings={"Kenya": "I"})


# What is opened is hostile until it was checked.


def _changed(content, change):
    """Return a file of skops with another schema."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "schema.json":
                data = json.dumps(change(json.loads(data))).encode()
            new.writestr(name, data)
    return result.getvalue()


def test_a_file_that_would_make_another_type_is_refused():
    content = estimator_bytes(LogisticRegression().fit([[0], [1]], [0, 1]))

    def call(schema):
        schema["__class__"], schema["__module__"] = "Popen", "subprocess"
        return schema

    with pytest.raises(ModelError, match="subprocess.Popen"):
        estimator_from_bytes(_changed(content, call))


def test_a_file_that_is_none_or_swells_is_refused():
    with pytest.raises(ModelError, match="damaged"):
        estimator_from_bytes(b"\x80\x04cos\nsystem\n")
    with pytest.raises(ModelError, match="damaged"):
        estimator_from_bytes(_changed(estimator_bytes(SVC()), lambda _schema: {"a": 1}))
    swollen = io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("schema.json", "w", force_zip64=True) as stream:
            for _block in range(80):
                stream.write(bytes(2**20))
    with pytest.raises(ModelError, match="which is too much for data"):
        estimator_from_bytes(swollen.getvalue())


def _stored(estimator):
    """Return a file of skops of whatever it is given."""
    import skops.io

    return skops.io.dumps(estimator)


@pytest.mark.parametrize("wrong", ["child", "loop", "column", "columns"])
def test_a_tree_that_leads_out_of_itself_is_refused(wrong):
    X = np.arange(40.0).reshape(20, 2)
    forest = RandomForestClassifier(2, random_state=1).fit(X, np.arange(20) % 2)
    tree = forest.estimators_[0].tree_
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    if wrong in ("column", "columns"):
        nodes["feature"][0] = 1000
    else:
        nodes["left_child"][0] = 0 if wrong == "loop" else 10**6
    if wrong == "columns":  # the tree says that it has so many; the forest does not
        tree = type(tree)(2000, np.array([2]), 1)
        forest.estimators_[0].tree_ = tree
        forest.estimators_[0].n_features_in_ = 2000
    tree.__setstate__({**state, "nodes": nodes})
    with pytest.raises(ModelError, match="tree"):
        estimator_from_bytes(_stored(forest))


def test_trees_within_other_estimators_are_opened_and_those_of_histograms_checked():
    X = np.random.default_rng(1).normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    for estimator in (
        make_pipeline(PolynomialFeatures(2), DecisionTreeClassifier(random_state=1)),
        BaggingClassifier(DecisionTreeClassifier(), max_features=2, random_state=1),
        HistGradientBoostingClassifier(max_iter=3),
        AdaBoostClassifier(random_state=1),
    ):
        stored = estimator_from_bytes(estimator_bytes(estimator.fit(X, y)))
        assert np.array_equal(stored.predict(X), estimator.predict(X))
    boosting = HistGradientBoostingClassifier(max_iter=3).fit(X, y)
    boosting._predictors[0][0].nodes["feature_idx"][0] = 1000
    with pytest.raises(ModelError, match="tree"):
        estimator_from_bytes(_stored(boosting))


def test_an_estimator_that_gives_other_scores_is_not_used(animals, tmp_path):
    path = tmp_path / "model"
    train_genotypes(
        animals, path, name="m", version="1", estimator=LogisticRegression(max_iter=300)
    )
    model = open_model(path)
    pipeline = estimator_from_bytes(model.estimator)
    pipeline.named_steps["estimator"].coef_[0] += 1
    from dataclasses import replace

    with pytest.raises(ModelError, match="does not give the scores"):
        assign_with(replace(model, estimator=estimator_bytes(pipeline)), animals)


def test_a_changed_estimator_is_not_the_one_that_the_model_names(forest, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(forest[0], copy)
    content = bytearray((copy / "estimator.skops").read_bytes())
    content[-1] ^= 1
    (copy / "estimator.skops").write_bytes(content)
    with pytest.raises(ModelError, match=r"estimator\.skops is not the file"):
        open_model(copy)
    (copy / "estimator.skops").unlink()
    with pytest.raises(ModelError):
        open_model(copy)
