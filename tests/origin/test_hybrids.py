"""Classes of cross: likelihoods against a full count, rates on simulated crosses, the guard of an assignment."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from cross_simulation import simulate_classes
from population_simulation import simulated_populations

from forensics.core.provenance import make_provenance
from forensics.errors import UsageError
from forensics.origin.baseline import build_baseline
from forensics.origin.crosses import CLASSES, CROSSES, class_log_likelihoods, cross_gains
from forensics.origin.exclusion import exclude, fit_exclusion
from forensics.origin.hybrid_results import HybridOrigin
from forensics.origin.hybrids import assign_hybrids, compare_classes
from forensics.origin.likelihood import code_animals, log_likelihoods, own_rows
from forensics.origin.populations import assign_populations
from forensics.origin.results import Origin

PARENTS = ("population0", "population1")


@pytest.fixture(scope="module")
def known():
    """A reference, and simulated crosses of animals that are not in it."""
    genotypes = simulated_populations(populations=4, animals=80, loci=30, fst=0.25)
    genotypes = replace(genotypes, units=None)
    names = np.array(genotypes.populations)
    inside = np.arange(len(names)) % 2 == 0
    reference = genotypes.take(inside)
    baseline = build_baseline(reference)
    first, second = (np.flatnonzero(~inside & (names == name)) for name in PARENTS)
    crosses = simulate_classes(genotypes, first, second, 60)
    return reference, baseline, fit_exclusion(reference, baseline), crosses


def provenance():
    return make_provenance(dependencies={}, library={"name": "m"}, parameters={}, input={})


def assigned(known, samples, **options):
    _reference, baseline, fit, _crosses = known
    return assign_hybrids(samples, baseline, fit, PARENTS, provenance=provenance(), **options)


def test_likelihoods_are_those_of_all_pairs_of_origins_written_out(known):
    _reference, baseline, _fit, crosses = known
    animal = crosses["f2"].take([0])
    coded = code_animals(animal, baseline)
    flat = baseline.pseudocopies()
    y = [baseline.counts[place] + flat for place in (0, 1)]
    expected = dict.fromkeys(CLASSES, 0.0)
    for locus, (start, stop) in enumerate(zip(baseline.offsets, baseline.offsets[1:])):
        a, b = coded.codes[0, locus]
        if a < 0:
            continue
        by_copies = np.zeros(3)
        for order in {(a, b), (b, a)}:
            for origins in itertools.product((0, 1), repeat=2):
                counts = [y[0][start:stop].copy(), y[1][start:stop].copy()]
                p = 1.0
                for allele, origin in zip(order, origins):
                    p *= counts[origin][allele] / counts[origin].sum()
                    counts[origin][allele] += 1  # the second copy is drawn after the first was seen
                by_copies[sum(origins)] += p / (2 if sum(origins) == 1 else 1)
        for name, weights in CLASSES.items():
            # One copy of each: which of the two came from which is not known.
            expected[name] += np.log(np.dot(weights, by_copies * [1, 1, 1]))
    values, used = class_log_likelihoods(coded, baseline, *y)
    assert used[0] == coded.typed[0].sum()
    assert dict(zip(CLASSES, values[0])) == pytest.approx(expected)


def test_an_animal_of_a_third_population_is_not_called_a_cross_or_a_parent(known):
    reference, _baseline, _fit, crosses = known
    third = reference.take(np.flatnonzero(np.array(reference.populations) == "population2"))
    results = assigned(known, third, level=1e-6, confidence=0.6)
    assert {result.status for result in results} == {"inconclusive"}
    for result in results:
        notice = next(one for one in result.notices if one.code == "OTHER_POPULATION")
        assert notice.message.startswith("an animal of population2 is likelier")
    # Crosses of the parents, and the parents, are likelier than any third population.
    own = [
        result for samples in crosses.values() for result in assigned(known, samples)
        if any(one.code == "OTHER_POPULATION" for one in result.notices)
    ]  # fmt: skip
    assert not own


def test_only_what_the_classes_use_is_compared_with_other_populations(known):
    reference, baseline, fit, crosses = known
    animal = crosses["f1"].take([0])
    # An allele that the reference lacks, at one locus: the classes leave the genotype out.
    codes, alleles = animal.codes.copy(), [list(names) for names in animal.alleles]
    alleles[0].append("999")
    codes[0, 0] = len(alleles[0]) - 1
    odd = replace(animal, codes=codes, alleles=tuple(map(tuple, alleles)))
    codes_without = animal.codes.copy()
    codes_without[0, 0] = -1
    without = replace(animal, codes=codes_without)
    one, other = (compare_classes(some, baseline, fit, PARENTS) for some in (odd, without))
    assert one.likelier == other.likelier == ("",)
    assert np.allclose(one.log_likelihoods, other.log_likelihoods)


def test_simulated_crosses_get_their_class_and_parents_are_no_crosses(known):
    crosses = known[3]
    right, wrong = {}, 0
    for name, samples in crosses.items():
        results = assigned(known, samples)
        right[name] = np.mean([result.origin == name for result in results])
        if (
            name == "f1"
        ):  # a first-generation cross is told from a second-generation one by few loci only
            right[name] = np.mean([result.origin in ("f1", "cross") for result in results])
        wrong += sum(
            result.status == "assigned" and result.origin not in (name, "cross")
            for result in results
        )
    assert right["parent_1"] > 0.5 and right["parent_2"] > 0.5 and right["f1"] > 0.9
    assert wrong <= 0.05 * 360
    parents = [*assigned(known, crosses["parent_1"]), *assigned(known, crosses["parent_2"])]
    assert (
        np.mean([result.origin == "cross" or result.origin in CROSSES for result in parents]) < 0.05
    )


def test_a_posterior_of_classes_is_true_on_average(known):
    _reference, baseline, fit, crosses = known
    stated, right = [], []
    for place, (name, samples) in enumerate(crosses.items()):
        compared = compare_classes(samples, baseline, fit, PARENTS)
        stated.extend(compared.posterior.max(axis=1))
        right.extend(compared.posterior.argmax(axis=1) == list(CLASSES).index(name))
        assert compared.posterior.sum(axis=1) == pytest.approx(1), place
    assert abs(np.mean(stated) - np.mean(right)) < 0.06


def test_an_animal_of_a_third_population_fits_no_class(known):
    reference, _baseline, _fit, _crosses = known
    third = reference.take(np.array(reference.populations) == "population3")
    results = assigned(known, third, level=0.05)
    assert np.mean([result.status == "none_of_the_reference" for result in results]) > 0.7
    assert (
        "none of the classes"
        in next(result for result in results if result.status == "none_of_the_reference").headline()
    )


def test_the_prior_of_a_cross_counts(known):
    _reference, baseline, fit, crosses = known
    low, high = (
        compare_classes(crosses["backcross_1"], baseline, fit, PARENTS, cross_prior=prior)
        for prior in (0.01, 0.9)
    )
    assert (low.posterior[:, 0] > high.posterior[:, 0]).all()


def test_a_result_is_read_back_as_it_was(known):
    result = assigned(known, known[3]["f1"])[0]
    record = json.loads(result.to_json())
    again = Origin.from_stored(record)
    assert type(again) is HybridOrigin and again.to_dict() == record
    assert again.headline() == result.headline() and again.details() == result.details()
    assert record["parents"] == list(PARENTS) and set(record["classes"]) == set(CLASSES)


def test_a_unit_is_a_parent_too():
    genotypes = simulated_populations(populations=4, animals=40, loci=20, fst=0.3)
    names = sorted(set(genotypes.populations))
    units = {name: "north" if place < 2 else "south" for place, name in enumerate(names)}
    baseline = build_baseline(genotypes, units=units)
    fit = fit_exclusion(genotypes, baseline)
    compared = compare_classes(genotypes, baseline, fit, ("north", "south"))
    own = np.array([units[name] == "south" for name in genotypes.populations])
    assert (compared.posterior.argmax(axis=1) == own).mean() > 0.8


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        (("population0",), "two parents"),
        (("population0", "population0"), "two different"),
        (("population0", "Atlantis"), "no population or unit Atlantis"),
    ],
)
def test_parents_that_cannot_be_are_named(known, parents, words):
    reference, baseline, fit, _crosses = known
    with pytest.raises(UsageError, match=words):
        compare_classes(reference, baseline, fit, parents)


def test_a_sample_with_hardly_a_locus_is_unusable(known):
    animal = known[3]["f1"].take([0])
    codes = animal.codes.copy()
    codes[:, 3:] = -1
    (result,) = assigned(known, replace(animal, codes=codes))
    assert result.status == "unusable" and result.origin is None


def test_an_assignment_names_no_population_where_a_cross_is_likelier(known):
    _reference, baseline, fit, crosses = known
    results = assign_populations(crosses["f1"], baseline, fit, provenance=provenance())
    noticed = [
        any(notice.code == "CROSS_LIKELIER" for notice in result.notices) for result in results
    ]
    out = [result.status == "none_of_the_reference" for result in results]
    assert np.mean(np.logical_or(noticed, out)) > 0.9
    assert not any(flag and result.status == "assigned" for flag, result in zip(noticed, results))


def test_the_guard_refuses_few_of_the_reference_s_own_animals(known):
    reference, baseline, fit, _crosses = known
    tested = exclude(reference, baseline, fit, level=0.05, leave_one_out=True)
    refused = [tested.is_crossed(row) for row in range(len(reference))]
    assert np.mean(refused) <= 0.06


def test_the_cross_is_of_the_likeliest_population_and_its_partner(known):
    _reference, baseline, _fit, crosses = known
    coded = code_animals(crosses["f1"], baseline)
    values = log_likelihoods(coded, baseline)
    gains, partners = cross_gains(coded, baseline, values)
    pairs = {frozenset(pair) for pair in zip(values.argmax(axis=1).tolist(), partners.tolist())}
    assert (gains > 0).mean() > 0.9
    assert max(pairs, key=list(map(frozenset, zip(values.argmax(axis=1), partners))).count) == {
        0,
        1,
    }


def test_a_stored_model_without_crosses_has_no_guard(known):
    reference, baseline, fit, crosses = known
    old = replace(fit, elsewhere=replace(fit.elsewhere, crossed=None))
    tested = exclude(crosses["f1"], baseline, old)
    assert tested.cross_p is None and not tested.is_crossed(0)
    assert own_rows(reference, baseline).min() == 0
