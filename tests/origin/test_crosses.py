"""Crosses: likelihoods against a full count, and the guard of an assignment on simulated crosses."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from cross_simulation import simulate_classes
from population_simulation import simulated_populations

from forensics.core.provenance import make_provenance
from forensics.origin.assignment import build_baseline, code_animals, log_likelihoods
from forensics.origin.exclusion import CROSSES, cross_gains, exclude, fit_exclusion
from forensics.origin.options import AssignmentOptions
from forensics.origin.populations import assign_populations

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
