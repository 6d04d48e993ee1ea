from dataclasses import replace

import numpy as np
import pytest
from population_simulation import simulated_populations

from forensics.core.notice import codes_of
from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.origin.assignment import build_baseline
from forensics.origin.seizure import em, estimate_mixture, gibbs
from forensics.stats import MAX_R_HAT, split_r_hat

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
    drawn, posterior = gibbs(np.zeros((5, 3)), prior, sweeps=4000, burn_in=200, seed=2)
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
