import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score

from forensics.errors import UsageError
from forensics.origin.haplotype_classifier import HaplotypeClassifier
from forensics.origin.haplotypes import haplotype_reference, match_haplotype


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    localities = np.repeat(["north", "middle", "south"], 30)
    shares = {"north": [0.8, 0.2, 0], "middle": [0.1, 0.8, 0.1], "south": [0, 0.1, 0.9]}
    haplotypes = [rng.choice(3, p=shares[name]) for name in localities]
    return pd.DataFrame({"haplotype": haplotypes}), localities


PLACES = {"north": (10.0, 20.0), "middle": (0.0, 20.0), "south": (-10.0, 20.0)}


def test_posteriors_are_those_of_match_haplotype(data):
    X, y = data
    latitudes, longitudes = zip(*(PLACES[name] for name in y))
    reference = haplotype_reference(X["haplotype"].astype(str).tolist(), y, latitudes, longitudes)
    model = HaplotypeClassifier(PLACES, elsewhere=0.2).fit(X, y)
    asked = pd.DataFrame({"haplotype": [0, 1, 2, 7]})
    for row, name in enumerate("0127"):
        shares = match_haplotype(reference, name, elsewhere=0.2).shares
        stated = {share.locality: share.probability for share in shares}
        elsewhere = stated.pop("")
        assert model.elsewhere_proba(asked)[row] == pytest.approx(elsewhere)
        expected = [stated[name] / (1 - elsewhere) for name in model.classes_]
        assert model.predict_proba(asked)[row] == pytest.approx(expected)


def test_a_haplotype_never_seen_points_nowhere(data):
    model = HaplotypeClassifier().fit(*data)
    unseen = pd.DataFrame({"haplotype": [99]})
    assert model.predict_proba(unseen)[0] == pytest.approx(1 / 3)
    assert model.elsewhere_proba(unseen)[0] > model.elsewhere_proba(data[0][:1])[0]


def test_it_takes_data_frames_groups_and_a_grid(data):
    X, y = data
    search = GridSearchCV(HaplotypeClassifier(), {"elsewhere": [0.05, 0.1]}, cv=3).fit(X, y)
    assert search.best_estimator_.feature_names_in_.tolist() == ["haplotype"]
    groups = np.tile(np.arange(10), 9)
    assert (
        cross_val_score(HaplotypeClassifier(), X, y, groups=groups, cv=GroupKFold(5)).mean() > 0.7
    )
    with pytest.raises(ValueError, match="feature names"):
        search.best_estimator_.predict(X.rename(columns={"haplotype": "d13C"}))


def test_a_locality_without_a_place_is_refused(data):
    with pytest.raises(UsageError, match="south"):
        HaplotypeClassifier({"north": (1, 2), "middle": (3, 4)}).fit(*data)
    with pytest.raises(UsageError, match="elsewhere"):
        HaplotypeClassifier(elsewhere=1.0).fit(*data)
