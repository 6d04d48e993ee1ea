import json
from dataclasses import replace

import numpy as np
import pytest
from population_simulation import simulated_populations
from spatial_simulation import simulated_model

from forensics.core.notice import codes_of
from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.origin.assignment import build_baseline
from forensics.origin.geography import great_circle
from forensics.origin.predict import share_populations
from forensics.origin.seizure import (
    MIXTURE_COLUMNS,
    SeizureOrigin,
    SharesOfPopulations,
    em,
    estimate_mixture,
    few_places_prior,
    gibbs,
    locate_together,
    max_few_places,
)
from forensics.origin.spatial import locate
from forensics.stats import MAX_R_HAT, split_r_hat
from forensics.stored_results import read_result

PROVENANCE = make_provenance(library={"name": "m"}, parameters={"seed": 1}, input={})


def of(result, name, level="population"):
    """A figure of the shares of all populations, or units."""
    return np.array([getattr(share, name) for share in result.shares if share.level == level])


def halves(**options):
    """A reference and a simulated mixture of known proportions 0.6, 0.3, 0.1, 0."""
    genotypes = simulated_populations(**{"animals": 120, "loci": 15, "fst": 0.15, **options})
    own = np.repeat(np.arange(4), 120)
    rank = np.tile(np.arange(120), 4)
    sample = (rank >= 60) & (rank - 60 < np.array([60, 30, 10, 0])[own])
    return build_baseline(genotypes.take(rank < 60)), genotypes.take(sample)


def test_proportions_of_a_known_mixture_are_found():
    baseline, sample = halves()
    result = estimate_mixture(sample, baseline, PROVENANCE, sweeps=600, burn_in=100)
    truth = np.array([0.6, 0.3, 0.1, 0.0])
    maximum, mean, low, high = (of(result, name) for name in ("maximum", "mean", "low", "high"))
    assert np.abs(maximum - truth).max() < 0.05
    assert np.abs(mean - truth).max() < 0.05
    assert (low <= truth + 0.01).all() and (truth - 0.01 <= high).all()
    assert mean.sum() == pytest.approx(1) and maximum.sum() == pytest.approx(1)
    assert of(result, "mean", "unit") == pytest.approx([0.9, 0.1], abs=0.03)
    assert len(result.posterior) == result.animals == 100
    assert np.allclose(result.posterior.sum(axis=1), 1)
    assert result.r_hat < 1.01


def test_em_reaches_a_maximum_of_the_likelihood():
    baseline, sample = halves(fst=0.03)
    from forensics.origin.assignment import code_animals, log_likelihoods

    values = log_likelihoods(code_animals(sample, baseline), baseline)
    proportions, steps = em(values)

    def score(shares):
        return np.log(np.exp(values - values.max(axis=1, keepdims=True)) @ shares).sum()

    generator = np.random.default_rng(1)
    for _trial in range(50):
        other = 0.98 * proportions + 0.02 * generator.dirichlet(np.ones(4))
        assert score(other) <= score(proportions) + 1e-6
    assert steps > 1


def test_gibbs_without_information_returns_the_prior():
    prior = np.array([4.0, 2.0, 2.0])
    drawn, posterior = gibbs(np.zeros((5, 3)), prior, sweeps=1500, burn_in=200, seed=2)
    assert drawn.mean(axis=(0, 1)) == pytest.approx([0.5, 0.25, 0.25], abs=0.02)
    assert posterior.mean(axis=0) == pytest.approx([0.5, 0.25, 0.25], abs=0.02)


def test_chains_that_disagree_are_said():
    generator = np.random.default_rng(1)
    drawn = generator.normal(size=(4, 500, 2))
    assert split_r_hat(drawn).max() < 1.01
    drawn[0, :, 1] += 3
    assert split_r_hat(drawn)[1] > 1.2
    baseline, sample = halves(fst=0.001, loci=3)
    short = estimate_mixture(sample, baseline, PROVENANCE, sweeps=20, burn_in=0, seed=4)
    assert short.r_hat > MAX_R_HAT
    assert "NOT_CONVERGED" in codes_of(short.notices)


def test_the_same_seed_gives_the_same_mixture():
    baseline, sample = halves()
    one = estimate_mixture(sample, baseline, PROVENANCE, sweeps=50, burn_in=5, seed=9)
    two = estimate_mixture(sample, baseline, PROVENANCE, sweeps=50, burn_in=5, seed=9)
    assert one.shares == two.shares


def test_a_sample_or_a_prior_that_cannot_be_used_is_refused():
    baseline, sample = halves()
    with pytest.raises(InputError, match="no animal of the sample"):
        estimate_mixture(
            replace(sample, codes=np.full_like(sample.codes, -1)), baseline, PROVENANCE
        )
    with pytest.raises(UsageError, match="above 0"):
        estimate_mixture(sample, baseline, PROVENANCE, prior={"population0": 1.0})
    with pytest.raises(UsageError, match="chains"):
        estimate_mixture(sample, baseline, PROVENANCE, chains=1)


def test_a_reference_without_units_is_estimated_alike():
    genotypes = simulated_populations(fst=0.3)
    bare = replace(genotypes, units=None)
    with_units, without = (
        estimate_mixture(one, build_baseline(one), PROVENANCE, sweeps=40, burn_in=10)
        for one in (genotypes, bare)
    )
    assert {share.level for share in without.shares} == {"population"}
    assert {share.level for share in with_units.shares} == {"population", "unit"}
    assert np.array_equal(of(without, "mean"), of(with_units, "mean"))


# -- Samples of one seizure, placed together


MODEL, REFERENCE, NEW = simulated_model()
SITES = np.array(NEW.populations)
ONE = NEW.take(SITES == "S07")


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
    for _sweep in range(800):
        sampler.sweep()
        counts[len(np.unique(sampler.labels))] += 1
    # Stirling numbers of the first kind for four samples: 6, 11, 6, 1 of 24.
    assert counts[1:] / 800 == pytest.approx(np.array([6, 11, 6, 1]) / 24, abs=0.04)


def test_one_sample_and_samples_without_loci_are_refused():
    with pytest.raises(InputError, match="at least two"):
        locate_together(MODEL, ONE.take([0]), PROVENANCE, seed=1)
    codes = ONE.codes.copy()
    codes[2] = -1
    with pytest.raises(InputError, match=ONE.animals[2]):
        locate_together(MODEL, replace(ONE, codes=codes), PROVENANCE, seed=1)
    with pytest.raises(UsageError):
        locate_together(MODEL, ONE, PROVENANCE, seed=1, concentration=0.0)


# -- Results of the samples of one seizure: in words, as rows, stored and read back

SITE = NEW.take(np.array(NEW.populations) == "S07")


@pytest.fixture(scope="module")
def seizure():
    return locate_together(MODEL, SITE, PROVENANCE, seed=1, sweeps=60)


@pytest.fixture(scope="module")
def shares():
    cattle = read_genotypes(folder("models") / "data" / "microbov.csv.gz").take([0, 300, 600])
    codes = cattle.codes.copy()
    codes[2, 3:] = -1
    return share_populations("microbov-breeds", replace(cattle, codes=codes), seed=3)


def test_a_seizure_of_one_place_is_said_to_come_from_few(seizure):
    assert "come from few places" in seizure.headline()
    assert seizure.lines()[0] == ("Statement", seizure.headline())
    assert seizure.places[0].surface is not None
    assert all(member in dict(seizure.lines())["Place 1"] for member in seizure.places[0].members)


@pytest.mark.parametrize(
    ("few", "words"), [(0.96, "come from few"), (0.5, "is open"), (0.05, "do not come from few")]
)
def test_the_statement_needs_a_probability_of_95_percent(seizure, few, words):
    record = {**seizure.to_dict(), "few": few}
    assert words in SeizureOrigin.from_stored(record).headline()


def test_a_seizure_is_read_back_as_it_was(seizure):
    back = read_result(json.loads(seizure.to_json()))
    assert isinstance(back, SeizureOrigin)
    # A notice is read back as it was worded.
    assert [str(n) for n in back.notices] == [str(n) for n in seizure.notices]
    assert replace(back, notices=seizure.notices) == seizure
    assert back.to_dict() == seizure.to_dict() and back.lines() == seizure.lines()


def test_shares_name_the_model_and_the_animal_that_something_must_be_known_of(shares):
    assert shares.model["name"] == "microbov-breeds" == shares.provenance.library["name"]
    assert shares.animals == 3 and shares.seed == 3
    (animal,) = shares.animal_notices
    assert any(note.startswith(f"{animal}: 3 loci were typed") for note in shares.notes())
    populations = [share.mean for share in shares.shares if share.level == "population"]
    assert sum(populations) == pytest.approx(1)
    assert all(tuple(row) == MIXTURE_COLUMNS for row in shares.rows())


def test_shares_are_read_back_with_their_notices(shares):
    back = read_result(json.loads(shares.to_json()))
    assert isinstance(back, SharesOfPopulations)
    assert back.to_dict() == shares.to_dict() and back.notes() == shares.notes()


def test_shares_need_a_model_of_populations():
    with pytest.raises(UsageError, match="simulated-range is a model of places"):
        share_populations("simulated-range", SITE)


@pytest.mark.parametrize("record", [{}, [], {"kind": "tree rings"}, {"number_of_places": 3}])
def test_what_is_no_result_is_refused(record):
    with pytest.raises(InputError):
        read_result(record)


def test_regions_are_reported_of_each_place_by_its_samples(seizure):
    asked = []
    reported = seizure.report_regions(lambda surface, many: asked.append((surface, many)))
    assert asked == [(place.surface, len(place.members)) for place in seizure.places]
    assert [place.members for place in reported.places] == [
        place.members for place in seizure.places
    ]
