"""Samples of one seizure, placed together."""

import numpy as np
import pytest
from spatial_simulation import simulated_model

from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.origin.geography import great_circle
from forensics.origin.seizure import few_places_prior, locate_together, max_few_places
from forensics.origin.spatial import locate

MODEL, REFERENCE, NEW = simulated_model()
SITES = np.array(NEW.populations)
ONE = NEW.take(SITES == "S07")
PROVENANCE = make_provenance(library={"name": "m"}, parameters={"seed": 1}, input={})


def test_samples_of_one_place_are_found_to_share_it():
    joint = locate_together(MODEL, ONE, PROVENANCE, seed=1, sweeps=60)
    assert sum(len(one.members) for one in joint.places) == len(ONE)
    assert len(joint.places[0].members) >= 6
    assert joint.few > joint.few_before
    truth = ONE.latitudes[0], ONE.longitudes[0]
    alone = np.median([great_circle(*truth, *one.surface.median()) for one in locate(MODEL, ONE)])
    assert great_circle(*truth, *joint.places[0].surface.median()) < 1.2 * alone
    # The others narrow the region of each.
    area = np.median([one.surface.region_area(0.9) for one in locate(MODEL, ONE)])
    assert joint.places[0].surface.region_area(0.9) < area


def far_pair():
    """Two reference sites that the model tells apart best: the farthest."""
    held = MODEL.field
    apart = great_circle(
        held.latitudes[:, None], held.longitudes[:, None], held.latitudes, held.longitudes
    )
    first, second = np.unravel_index(int(apart.argmax()), apart.shape)
    names = np.array(REFERENCE.populations)
    return (
        np.flatnonzero(names == MODEL.sites[first]),
        np.flatnonzero(names == MODEL.sites[second]),
    )


def test_one_outlier_among_many_is_told():
    many, other = far_pair()
    rows = np.append(many, other[0])
    joint = locate_together(MODEL, REFERENCE.take(rows), PROVENANCE, seed=1, sweeps=60)
    stray = REFERENCE.animals[other[0]]
    assert stray in joint.outliers
    assert any(one.code == "OUTLIERS" and stray in one.message for one in joint.notices)
    assert stray in {name for place in joint.places for name in place.members}


def test_probabilities_are_probabilities():
    joint = locate_together(MODEL, ONE, PROVENANCE, seed=1, sweeps=30)
    assert sum(joint.number_of_places) == pytest.approx(1)
    assert len(joint.alone) == len(ONE) and all(0 <= alone <= 1 for alone in joint.alone)
    assert sum(one.share for one in joint.places) == pytest.approx(1)
    for place in joint.places:
        assert place.surface.probabilities.sum() == pytest.approx(1)


def test_the_same_seed_gives_the_same_result():
    one, two = (locate_together(MODEL, ONE, PROVENANCE, seed=4, sweeps=20) for _run in range(2))
    assert one.number_of_places == two.number_of_places
    for first, second in zip(one.places, two.places, strict=True):
        assert np.array_equal(first.surface.probabilities, second.surface.probabilities)


def test_the_prior_of_few_places_is_that_of_the_process():
    # Two samples: one place with 1 / (1 + a).
    assert few_places_prior(2, 1.0) == pytest.approx(0.5)
    assert max_few_places(2) == 1 and max_few_places(9) == 4 and max_few_places(100) == 5
    # Three samples, a = 1: one place with 1/2 * 2/3.
    assert few_places_prior(3, 1.0) == pytest.approx(1 / 3)
    random = np.random.default_rng(0)
    drawn = (random.random((20000, 12)) < 1 / (1 + np.arange(12))).sum(axis=1)
    assert few_places_prior(12, 1.0) == pytest.approx((drawn <= 5).mean(), abs=0.01)


def test_without_evidence_the_number_of_places_is_that_of_the_process():
    from forensics.origin.seizure import _Sampler

    cells = 5
    sampler = _Sampler(np.zeros((4, cells)), np.full(cells, 1 / cells), 1.0, 7)
    counts = np.zeros(5)
    for _sweep in range(1500):
        sampler.sweep()
        counts[len(np.unique(sampler.labels))] += 1
    # Stirling numbers of the first kind for four samples: 6, 11, 6, 1 of 24.
    assert counts[1:] / 1500 == pytest.approx(np.array([6, 11, 6, 1]) / 24, abs=0.04)


def test_one_sample_and_samples_without_loci_are_refused():
    with pytest.raises(InputError, match="at least two"):
        locate_together(MODEL, ONE.take([0]), PROVENANCE, seed=1)
    from dataclasses import replace

    codes = ONE.codes.copy()
    codes[2] = -1
    with pytest.raises(InputError, match=ONE.animals[2]):
        locate_together(MODEL, replace(ONE, codes=codes), PROVENANCE, seed=1)
    with pytest.raises(UsageError):
        locate_together(MODEL, ONE, PROVENANCE, seed=1, concentration=0.0)
