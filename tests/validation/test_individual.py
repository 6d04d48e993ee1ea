"""Individuals and kin on public data: allelematch's examples, nancycats, sequoia's griffins."""

from collections import Counter

import pytest
from kin_sets import allelematch, pedigree

from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import all_pairs
from forensics.individual.matching import group_samples
from forensics.individual.pairs import LaboratoryErrors


@pytest.fixture(scope="module")
def data(evaluation_data):
    if not (evaluation_data / "kinship").is_dir():
        pytest.skip("no kinship data in the evaluation data")
    return evaluation_data


@pytest.mark.parametrize(
    ("number", "groups", "true", "mixed"), [(1, 12, 12, 0), (2, 99, 99, 0), (3, 100, 100, 0)]
)
def test_samples_of_allelematch_are_grouped_rightly(data, number, groups, true, mixed):
    samples, individuals = allelematch(data, number)
    found = group_samples(
        samples, frequencies_of(samples), theta=0.0, errors=LaboratoryErrors(0.1, 0.01)
    )
    of = dict(zip(samples.animals, individuals))
    assert len(set(individuals)) == true
    assert len(found) == groups
    assert sum(len({of[name] for name in group.samples}) > 1 for group in found) == mixed


def test_the_hardest_example_has_one_mixed_group_and_eight_too_many(data):
    # 108 of 100; allelematch 3.0.0 has 99. The target is not reached; see docs/individual.md.
    samples, individuals = allelematch(data, 4)
    found = group_samples(
        samples, frequencies_of(samples), theta=0.0, errors=LaboratoryErrors(0.1, 0.01)
    )
    of = dict(zip(samples.animals, individuals))
    assert len(found) <= 108
    assert sum(len({of[name] for name in group.samples}) > 1 for group in found) <= 1


@pytest.mark.slow
def test_every_parent_of_the_griffins_is_found_and_no_other(data):
    birds, parents = pedigree(data, "griffin")
    frequencies = frequencies_of(birds)
    found = all_pairs(
        frequencies, frequencies.genotypes_of(birds),
        relationships=("parent", "full_sibs", "half_sibs"), limit=-1e9,
        errors=LaboratoryErrors(0, 0.005),
    )  # fmt: skip
    called = Counter()
    best = {}
    for name, pairs in found.items():
        for one, two, ratio in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.log10):
            best.setdefault((one, two), {})[name] = ratio
    place = {name: row for row, name in enumerate(birds.animals)}
    true = {
        tuple(sorted((place[name], place[parent])))
        for name in birds.animals
        for parent in parents[name]
        if parent in place
    }
    for pair, ratios in best.items():
        if max(ratios, key=ratios.get) == "parent" and ratios["parent"] >= 3:
            called[pair in true] += 1
    assert len(true) == 144
    assert called == {True: 144}
