"""The check of the samples of a file; simulated populations."""

from dataclasses import replace

import numpy as np
import pytest
from cross_simulation import simulate_classes
from population_simulation import simulated_populations

from forensics.core.notice import codes_of
from forensics.core.provenance import make_provenance
from forensics.fit import LEVEL
from forensics.origin.assignment import build_baseline
from forensics.origin.exclusion import exclude, fit_exclusion
from forensics.origin.options import AssignmentOptions
from forensics.origin.populations import assign_populations
from forensics.origin.sample_fit import MIN_SAMPLES, _compare_scores, check_samples

PROVENANCE = make_provenance(dependencies={}, library={"name": "m"}, parameters={}, input={})


def reference_and_samples(loci):
    animals = simulated_populations(populations=4, animals=50, loci=loci, seed=3)
    inside = np.arange(len(animals)) % 50 < 35
    reference = animals.take(inside)
    baseline = build_baseline(reference, method="shrunk")
    samples = replace(animals.take(~inside), populations=None, units=None)
    return baseline, fit_exclusion(reference, baseline), samples


@pytest.fixture(scope="module")
def known():
    """A reference of four populations, its exclusion, and animals that it does not hold."""
    return reference_and_samples(loci=12)


def assigned(samples, known):
    return assign_populations(samples, *known[:2], AssignmentOptions(), provenance=PROVENANCE)


def turned(samples, loci):
    """Return samples with the alleles of the first loci in the opposite order."""
    alleles = [labels[::-1] for labels in samples.alleles[:loci]]
    return replace(samples, alleles=(*alleles, *samples.alleles[loci:]))


def test_right_samples_of_one_or_of_several_populations_pass(known):
    baseline, fit, samples = known
    for rows in (np.arange(12), np.arange(0, len(samples), 4), np.arange(len(samples))):
        some = samples.take(rows)
        fitted, notice = check_samples(some, baseline, fit, exclude(some, baseline, fit))
        assert fitted.passed and notice is None
        assert {one.name for one in fitted.statistics} == {
            "excluded", "likeness", "alleles", "crosses",
        }  # fmt: skip
    assert {result.status for result in assigned(samples, known)} > {"assigned"}


def test_where_alleles_are_named_otherwise_nothing_is_named_and_one_notice_says_so(known):
    wrong = turned(known[2], 3)
    results = assigned(wrong, known)
    assert {result.status for result in results} <= {"no_fit", "none_of_the_reference"}
    for result in results:
        assert result.origin is None and result.rank is None
        assert [notice.code for notice in result.notices].count("NO_FIT") == 1
    left = [result for result in results if result.status == "no_fit"]
    assert left and left[0].headline().startswith("not stated")
    assert left[0].likeliest_origins() == {}
    assert len(left[0].details()) == 1


def test_the_loci_with_alleles_that_the_reference_lacks_are_named(known):
    samples = known[2]
    odd = samples.loci[4]
    alleles = list(samples.alleles)
    alleles[4] = tuple(f"{label}x" for label in alleles[4])
    results = assigned(replace(samples, alleles=tuple(alleles)), known)
    (text,) = {
        notice.message for result in results for notice in result.notices if notice.code == "NO_FIT"
    }
    assert f"Loci with most of them: {odd} (100%)" in text


def test_crosses_of_two_populations_have_too_many_heterozygotes_at_thirty_loci():
    baseline, fit, samples = reference_and_samples(loci=30)

    def p_of_crosses(animals):
        fitted, _notice = check_samples(animals, baseline, fit, exclude(animals, baseline, fit))
        (crosses,) = (one for one in fitted.statistics if one.name == "crosses")
        return crosses.p

    made = simulate_classes(samples, np.arange(15), np.arange(15, 30), 80)["f1"]
    gone = np.sort(made.codes, axis=2)
    gone[(gone < 0).any(axis=2)] = -1
    young = replace(made, codes=gone)
    assert p_of_crosses(young) < LEVEL / 4  # by itself, of four statistics
    assert p_of_crosses(samples) > 0.5


def test_fewer_samples_than_a_batch_have_the_test_of_each_alone(known):
    wrong = turned(known[2], 12).take(np.arange(MIN_SAMPLES - 1))
    assert not any("NO_FIT" in codes_of(result.notices) for result in assigned(wrong, known))


def test_a_population_whose_own_animals_are_often_excluded_excuses_as_many(known):
    baseline, fit, samples = known
    tested = exclude(samples, baseline, fit)
    unlike = replace(tested, p_any=np.where(np.arange(len(samples)) % 4 == 0, 0.001, 0.5))
    assert not check_samples(samples, baseline, fit, unlike)[0].passed
    often = replace(fit.elsewhere, absent=np.where(np.arange(len(fit.own)) % 4 == 0, 0.001, 0.5))
    excused = check_samples(
        samples, baseline, replace(fit, elsewhere=often), unlike, sites=True
    )[0]  # fmt: skip
    assert excused.passed


def test_samples_of_new_sites_are_not_refused_where_all_left_out_sites_are_as_unlike():
    """With many loci each site is told from all others: every p-value is the least that there can be."""
    own = np.repeat(np.arange(6), 10)
    known = np.full(60, 1 / 51)
    assert _compare_scores(np.full(10, 1 / 61), known, own).p == 1.0
    spread = np.tile(np.linspace(1 / 51, 1.0, 10), 6)
    assert _compare_scores(np.full(10, 1 / 61), spread, own).p < LEVEL
