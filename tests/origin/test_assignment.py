from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from population_simulation import simulated_populations

from forensics.core.notice import codes_of
from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import genotypes_from_labels
from forensics.origin.assignment import (
    assign,
    build_baseline,
    code_animals,
    locus_concentrations,
    log_likelihoods,
    own_rows,
    small_populations,
)


def small_reference():
    labels = [
        [("1", "1"), ("a",)],
        [("1", "2"), ("a",)],
        [("2", "2"), ("b",)],
        [("2", "3"), ("b",)],
        [("3", "3"), ("b",)],
    ]
    return genotypes_from_labels(
        [f"r{row}" for row in range(5)], ["L", "mt"], labels, populations=("A", "A", "B", "B", "B")
    )


def sample(*labels, loci=("L", "mt")):
    return genotypes_from_labels([f"s{row}" for row in range(len(labels))], list(loci), labels)


def naive(genotypes, reference, method_alpha):
    """The likelihood written out animal by animal, as a reference implementation."""
    names = sorted(set(reference.populations))
    result = np.zeros((len(genotypes), len(names)))
    for row in range(len(genotypes)):
        for column, name in enumerate(names):
            for locus in range(len(reference.loci)):
                others = [
                    one
                    for one in range(len(reference))
                    if reference.populations[one] == name
                    and reference.animals[one] != genotypes.animals[row]
                ]
                copies = [
                    code
                    for one in others
                    if (reference.codes[one, locus] != -1).all()
                    for code in reference.codes[one, locus]
                    if code >= 0
                ]
                seen = {
                    code
                    for one in range(len(reference))
                    if (reference.codes[one, locus] != -1).all()
                    for code in reference.codes[one, locus]
                    if code >= 0
                }
                pair = genotypes.codes[row, locus]
                if (pair == -1).any():
                    continue
                k = len(seen)
                y = {code: copies.count(code) + method_alpha(k) for code in seen}
                n = sum(y.values())
                if pair[1] < 0:
                    value = y[pair[0]] / n
                elif pair[0] == pair[1]:
                    value = y[pair[0]] * (y[pair[0]] + 1) / (n * (n + 1))
                else:
                    value = 2 * y[pair[0]] * y[pair[1]] / (n * (n + 1))
                result[row, column] += np.log(value)
    return result


def test_a_homozygote_a_heterozygote_and_a_haploid_locus_have_the_published_likelihoods():
    baseline = build_baseline(small_reference())
    third = 1 / 3
    values = assign(
        sample([("1", "1"), (None,)], [("1", "2"), (None,)], [(None, None), ("a",)]), baseline
    ).log_likelihoods
    # Population A: 1 three times, 2 once, of four copies; three alleles in all.
    assert np.exp(values[0, 0]) == pytest.approx((3 + third) * (4 + third) / (5 * 6))
    assert np.exp(values[1, 0]) == pytest.approx(2 * (3 + third) * (1 + third) / (5 * 6))
    assert np.exp(values[2]) == pytest.approx([2.5 / 3, 0.5 / 4])


def test_an_allele_that_the_reference_lacks_counts_as_one_more_allele():
    baseline = build_baseline(small_reference())
    result = assign(sample([("1", "9"), (None,)]), baseline)
    assert np.exp(result.log_likelihoods[0, 0]) == pytest.approx(2 * 3.25 * 0.25 / 30)
    assert "UNSEEN_ALLELES" in codes_of(result.animal_notices[0])
    both = assign(sample([("9", "9"), (None,)]), baseline).log_likelihoods[0, 0]
    assert np.exp(both) == pytest.approx(0.25 * 1.25 / 30)


def test_the_result_of_an_animal_does_not_depend_on_the_others_in_the_run():
    baseline = build_baseline(small_reference())
    alone = assign(sample([("1", "9"), ("a",)]), baseline)
    together = assign(sample([("1", "9"), ("a",)], [("8", "8"), ("c",)]), baseline)
    assert together.posterior[0] == pytest.approx(alone.posterior[0], abs=0)


@pytest.mark.parametrize("haploid", [0, 2])
def test_leaving_one_out_equals_counting_without_the_animal(haploid):
    genotypes = simulated_populations(animals=6, loci=4, haploid=haploid, missing=0.2)
    baseline = build_baseline(genotypes)
    found = assign(genotypes, baseline, leave_one_out=True).log_likelihoods
    expected = naive(genotypes, genotypes, lambda k: 1 / k)
    assert np.abs(found - expected).max() < 1e-12


def test_shrunk_leaving_one_out_equals_a_reference_without_the_animal():
    genotypes = simulated_populations(animals=8, loci=6, haploid=1)
    baseline = build_baseline(genotypes, method="shrunk")
    found = assign(genotypes, baseline, leave_one_out=True).log_likelihoods
    checked = 0
    for row in (0, 9, 20, 31):
        keep = np.arange(len(genotypes)) != row
        own = own_rows(genotypes, baseline)
        counts = build_baseline(genotypes.take(keep))
        if counts.alleles != baseline.alleles:
            continue
        without = replace(baseline, counts=counts.counts, animals=counts.animals)
        one = code_animals(genotypes.take([row]), without)
        assert found[row] == pytest.approx(log_likelihoods(one, without)[0], abs=1e-10)
        assert own[row] == row // 8
        checked += 1
    assert checked >= 2


def test_probabilities_of_all_genotypes_of_a_locus_sum_to_one():
    for method in ("rannala_mountain", "shrunk"):
        reference = simulated_populations(loci=1, alleles=4, missing=0)
        baseline = build_baseline(reference, method=method)
        pairs = list(combinations_with_replacement(baseline.alleles[0], 2))
        values = assign(sample(*([pair] for pair in pairs), loci=["locus0"]), baseline)
        assert np.exp(values.log_likelihoods).sum(axis=0) == pytest.approx(np.ones(4))


@examples(15)
@given(st.integers(0, 10_000), st.sampled_from(["rannala_mountain", "shrunk"]))
def test_the_order_of_alleles_loci_and_animals_changes_nothing(seed, method):
    generator = np.random.default_rng(seed)
    genotypes = simulated_populations(animals=8, loci=5, seed=seed, missing=0.15)
    labels = [
        [
            tuple(
                None if code < 0 else genotypes.alleles[locus][code]
                for code in genotypes.codes[row, locus]
            )
            for locus in range(5)
        ]
        for row in range(len(genotypes))
    ]
    animals, loci = generator.permutation(len(genotypes)), generator.permutation(5)
    turned = genotypes_from_labels(
        [genotypes.animals[row] for row in animals],
        [genotypes.loci[locus] for locus in loci],
        [[labels[row][locus][::-1] for locus in loci] for row in animals],
        populations=tuple(genotypes.populations[row] for row in animals),
        units=tuple(genotypes.units[row] for row in animals),
    )
    one = assign(genotypes, build_baseline(genotypes, method=method), leave_one_out=True)
    two = assign(turned, build_baseline(turned, method=method), leave_one_out=True)
    assert two.populations == one.populations
    assert np.allclose(two.posterior, one.posterior[animals], atol=1e-9)
    assert np.allclose(one.posterior.sum(axis=1), 1) and (one.posterior >= 0).all()
    assert np.allclose(one.unit_posterior.sum(axis=1), 1)


def test_an_animal_without_typed_loci_gets_the_prior_and_a_caution():
    genotypes = simulated_populations()
    empty = replace(genotypes.take([0]), codes=np.full((1, 10, 2), -1, dtype=np.int16))
    for prior in ("populations", "units", {f"population{n}": n + 1 for n in range(4)}):
        result = assign(empty, build_baseline(genotypes), prior=prior)
        assert result.posterior[0] == pytest.approx(result.prior)
        assert result.loci_typed[0] == 0
        assert codes_of(result.animal_notices[0]) == {"NO_LOCI"}


def test_few_loci_ignored_loci_and_small_populations_are_said():
    genotypes = simulated_populations(animals=10, loci=3, missing=0)
    result = assign(genotypes.take([0]), build_baseline(genotypes))
    assert codes_of(result.animal_notices[0]) == {"FEW_LOCI"}
    assert codes_of(result.notices) == {"SMALL_POPULATIONS"}
    assert small_populations(build_baseline(genotypes)) == result.populations
    extra = genotypes_from_labels(["x"], ["locus0", "other"], [[("100", "102"), ("1", "1")]])
    assert "IGNORED_LOCI" in codes_of(assign(extra, build_baseline(genotypes)).notices)


def test_a_prior_by_units_gives_each_unit_the_same():
    genotypes = simulated_populations(populations=5)
    result = assign(genotypes, build_baseline(genotypes), prior="units")
    assert result.prior == pytest.approx([1 / 6] * 4 + [1 / 3])


def test_a_prior_by_animals_is_in_proportion_to_the_reference():
    genotypes = simulated_populations().take(range(15, 120))
    result = assign(genotypes, build_baseline(genotypes), prior="animals")
    assert result.prior == pytest.approx(np.array([15, 30, 30, 30]) / 105)


def test_a_population_with_prior_zero_is_never_assigned():
    genotypes = simulated_populations()
    weights = {"population0": 0, "population1": 1, "population2": 1, "population3": 1}
    result = assign(genotypes, build_baseline(genotypes), prior=weights)
    assert (result.posterior[:, 0] == 0).all()
    assert np.allclose(result.posterior.sum(axis=1), 1)


def test_distinct_populations_are_told_apart_and_alike_ones_are_not():
    far = simulated_populations(loci=20, fst=0.3)
    near = simulated_populations(loci=20, fst=1e-4)
    for genotypes, low, high in ((far, 0.97, 1.0), (near, 0.1, 0.45)):
        result = assign(genotypes, build_baseline(genotypes), leave_one_out=True)
        right = np.mean([one == two for one, two in zip(result.best(), genotypes.populations)])
        assert low <= right <= high


def test_concentrations_recover_the_drift_that_was_simulated():
    genotypes = simulated_populations(
        populations=40, animals=60, loci=30, alleles=4, fst=0.1, missing=0
    )
    found = np.median(locus_concentrations(build_baseline(genotypes)))
    assert 6.5 < found < 12  # 1 / 0.1 - 1 = 9


def test_a_reference_that_cannot_be_used_says_why():
    genotypes = simulated_populations()
    with pytest.raises(InputError, match="one population"):
        build_baseline(genotypes.take(range(10)))
    with pytest.raises(InputError, match="no animal has a population"):
        build_baseline(replace(genotypes, populations=None))
    with pytest.raises(InputError, match="two reporting units"):
        build_baseline(replace(genotypes, units=("other", *genotypes.units[1:])))
    with pytest.raises(UsageError, match="unknown"):
        build_baseline(genotypes, method="guess")
    with pytest.raises(InputError, match="no animal of the reference"):
        build_baseline(replace(genotypes, codes=np.full_like(genotypes.codes, -1)))
    with pytest.raises(UsageError, match="every population"):
        assign(genotypes, build_baseline(genotypes), prior={"population0": 1.0})
    with pytest.raises(UsageError, match="0 or more"):
        weights = dict.fromkeys(build_baseline(genotypes).populations, -1.0)
        assign(genotypes, build_baseline(genotypes), prior=weights)
    unknown = replace(genotypes, populations=("elsewhere", *genotypes.populations[1:]))
    with pytest.raises(UsageError, match="animal0"):
        assign(unknown, build_baseline(genotypes), leave_one_out=True)


def test_one_copy_where_the_reference_has_two_names_the_animal_and_the_locus():
    genotypes = simulated_populations()
    lone = genotypes_from_labels(["x"], ["locus0"], [[("100",)]])
    with pytest.raises(InputError, match="animal x, locus locus0: 1 copies"):
        assign(lone, build_baseline(genotypes))


def test_of_many_loci_products_are_taken_before_logarithms_and_give_the_same(monkeypatch):
    genotypes = simulated_populations(populations=3, animals=20, loci=21, fst=0.1)
    baseline = build_baseline(genotypes, method="shrunk")
    coded, own = code_animals(genotypes, baseline), own_rows(genotypes, baseline)
    expected = log_likelihoods(coded, baseline, own=own)
    monkeypatch.setattr("forensics.origin.assignment._MANY_LOCI", 5)
    values = log_likelihoods(coded, baseline, own=own)
    assert values == pytest.approx(expected, rel=1e-12)
    assert not np.array_equal(values, np.zeros_like(values))


def test_of_many_loci_fewer_animals_set_the_strength_of_the_shrinkage(monkeypatch):
    genotypes = simulated_populations(populations=3, animals=20, loci=10, fst=0.1)
    seen = []

    def watch(coded, *arguments, **options):
        seen.append(len(coded))
        return log_likelihoods(coded, *arguments, **options)

    monkeypatch.setattr("forensics.origin.assignment.log_likelihoods", watch)
    build_baseline(genotypes, method="shrunk")
    monkeypatch.setattr("forensics.origin.assignment._MAX_VALUES", 24 * 3 * 10)
    monkeypatch.setattr("forensics.origin.assignment._MIN_ANIMALS", 12)
    build_baseline(genotypes, method="shrunk")
    assert set(seen) == {60, 24}
