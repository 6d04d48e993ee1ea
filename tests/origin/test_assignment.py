import itertools
from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from cross_simulation import simulate_classes
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from population_simulation import simulated_populations
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline

from forensics.core.notice import codes_of
from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.genetics.encoder import GenotypeEncoder
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
from forensics.origin.classifiers import PopulationAssigner
from forensics.origin.exclusion import CROSSES, cross_gains, exclude, fit_exclusion
from forensics.origin.options import AssignmentOptions
from forensics.origin.populations import assign_populations


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
        GenotypeEncoder(ploidy=2).fit(X[:, :3])
    with pytest.raises(ValueError, match="ploidy=1"):
        PopulationAssigner(ploidy=2).fit(X[:, :3], y)
    with pytest.raises(UsageError, match="ploidy 3"):
        PopulationAssigner(ploidy=3).fit(X, y)
    with pytest.raises(UsageError, match="every population"):
        PopulationAssigner(prior={"population0": 1}).fit(X, y)
    weights = {name: 1 + (name == "population0") for name in set(y)}
    assert PopulationAssigner(prior=weights).fit(X, y).prior_ == pytest.approx([0.4, 0.2, 0.2, 0.2])


# -- Crosses: likelihoods against a full count, and the guard of an assignment on simulated crosses


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


def _written_out(coded, y):
    """Return the log-likelihoods of both populations and of the four classes of cross, by all pairs of origins."""
    weights = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), *CROSSES)
    logs = np.zeros(len(weights))
    offsets = np.cumsum([0, *(len(counts) for counts in y[0])])
    for locus in range(len(offsets) - 1):
        a, b = coded.codes[0, locus]
        if a < 0:
            continue
        by_copies = np.zeros(3)
        for order in {(a, b), (b, a)}:
            for origins in itertools.product((0, 1), repeat=2):
                counts = [y[0][locus].copy(), y[1][locus].copy()]
                p = 1.0
                for allele, origin in zip(order, origins):
                    p *= counts[origin][allele] / counts[origin].sum()
                    counts[origin][allele] += 1  # the second copy is drawn after the first was seen
                # One copy of each: which of the two came from which is not known.
                by_copies[sum(origins)] += p / (2 if sum(origins) == 1 else 1)
        logs += np.log([np.dot(shares, by_copies) for shares in weights])
    return logs


def test_gains_are_those_of_all_pairs_of_origins_written_out(known):
    _reference, baseline, _fit, crosses = known
    for name in ("f1", "f2", "backcross_1", "parent_2"):
        coded = code_animals(crosses[name].take([0]), baseline)
        values = log_likelihoods(coded, baseline)
        y = np.split(baseline.counts + baseline.pseudocopies(), baseline.offsets[1:-1], axis=1)
        best = int(values[0].argmax())
        expected = {}
        for partner in set(range(len(baseline.populations))) - {best}:
            logs = _written_out(
                coded, [[counts[place] for counts in y] for place in (best, partner)]
            )
            assert logs[0] == pytest.approx(values[0, best])
            expected[partner] = logs[2:].max() - logs[0]
        gains, partners = cross_gains(coded, baseline, values)
        assert gains[0] == pytest.approx(max(expected.values()))
        assert partners[0] == max(expected, key=expected.get)


def test_an_assignment_names_no_population_where_a_cross_is_likelier(known):
    _reference, baseline, fit, crosses = known
    results = assign_populations(
        crosses["f1"], baseline, fit, AssignmentOptions(), provenance=provenance()
    )
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
