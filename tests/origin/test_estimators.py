import numpy as np
import pytest
from population_simulation import simulated_populations
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline

from forensics.errors import UsageError
from forensics.genetics.encoder import GenotypeEncoder
from forensics.origin.assignment import assign, build_baseline
from forensics.origin.classifiers import PopulationAssigner


@pytest.fixture(scope="module")
def data():
    genotypes = simulated_populations(loci=15, fst=0.2, haploid=2)
    return genotypes, genotypes.to_array(), np.array(genotypes.populations)


def test_the_classifier_gives_the_posteriors_of_assign(data):
    genotypes, X, y = data
    found = PopulationAssigner().fit(X, y).predict_proba(X)
    expected = assign(genotypes, build_baseline(genotypes)).posterior
    assert np.allclose(found, expected, atol=1e-12)
    assert np.allclose(found.sum(axis=1), 1)


def test_the_order_of_the_two_copies_changes_nothing(data):
    _genotypes, X, y = data
    turned = X.copy()
    turned[:, 0::2][:, :13], turned[:, 1::2][:, :13] = X[:, 1::2][:, :13], X[:, 0::2][:, :13]
    one, two = PopulationAssigner().fit(X, y), PopulationAssigner().fit(turned, y)
    assert np.allclose(one.predict_proba(X), two.predict_proba(turned))
    encoder = GenotypeEncoder()
    assert np.allclose(encoder.fit_transform(X), encoder.fit_transform(turned))


def test_one_half_typed_animal_is_predicted_like_one_with_the_locus_missing(data):
    _genotypes, X, y = data
    model = PopulationAssigner().fit(X, y)
    half, none = X[:1].copy(), X[:1].copy()
    half[0, 1] = np.nan
    none[0, :2] = np.nan
    assert np.allclose(model.predict_proba(half), model.predict_proba(none))
    empty = model.predict_proba(np.full_like(half, np.nan))
    assert empty == pytest.approx(0.25)


@pytest.mark.parametrize(
    "model",
    [
        PopulationAssigner(),
        PopulationAssigner(method="shrunk"),
        make_pipeline(GenotypeEncoder(), LogisticRegression(max_iter=500)),
        make_pipeline(GenotypeEncoder(), RandomForestClassifier(n_estimators=20, random_state=1)),
    ],
    ids=["rannala_mountain", "shrunk", "logistic", "forest"],
)
def test_every_classifier_works_through_the_same_interface(data, model):
    _genotypes, X, y = data
    predicted = cross_val_predict(clone(model), X, y, cv=5)
    assert (predicted == y).mean() > 0.8
    assert cross_val_score(clone(model), X, y, cv=3, scoring="neg_log_loss").mean() > -1


def test_the_encoder_counts_copies_and_fills_in_the_training_mean():
    nan = np.nan
    X = np.array([[1, 2, 5, nan], [2, 2, 6, nan], [nan, 2, nan, nan]])
    encoder = GenotypeEncoder().fit(X)
    assert encoder.transform(X) == pytest.approx(
        np.array([[1, 1, 1, 0], [0, 2, 0, 1], [0.5, 1.5, 0.5, 0.5]])
    )
    assert encoder.transform([[9, 1, 7, nan]]) == pytest.approx(np.array([[1, 0, 0, 0]]))
    assert list(encoder.get_feature_names_out()) == ["x0_1", "x0_2", "x2_5", "x2_6"]


def test_wrong_parameters_are_said(data):
    _genotypes, X, y = data
    with pytest.raises(ValueError, match="ploidy=1"):
        GenotypeEncoder().fit(X[:, :3])
    with pytest.raises(ValueError, match="ploidy=1"):
        PopulationAssigner().fit(X[:, :3], y)
    with pytest.raises(UsageError, match="ploidy 3"):
        PopulationAssigner(ploidy=3).fit(X, y)
    with pytest.raises(UsageError, match="every population"):
        PopulationAssigner(prior={"population0": 1}).fit(X, y)
    weights = {name: 1 + (name == "population0") for name in set(y)}
    assert PopulationAssigner(prior=weights).fit(X, y).prior_ == pytest.approx([0.4, 0.2, 0.2, 0.2])
