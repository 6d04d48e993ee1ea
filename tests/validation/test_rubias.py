"""Rannala-Mountain against rubias 0.4.0 (Moran & Anderson 2019, doi:10.1139/cjfas-2018-0016)."""

import csv
import gzip

import numpy as np
import pytest
from genotype_sets import load

from forensics.origin.assignment import assign, build_baseline


@pytest.fixture(scope="module")
def chinook(evaluation_data):
    genotypes = load(evaluation_data, "chinook")
    return assign(genotypes, build_baseline(genotypes), leave_one_out=True), genotypes


def test_all_populations_of_the_first_animal_are_those_of_rubias(chinook, evaluation_data):
    result, _genotypes = chinook
    path = evaluation_data / "genotypes/expected_self_assign_first_indiv.csv"
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(result.populations) == 69
    animal = result.animals.index(rows[0]["indiv"])
    for row in rows:
        place = result.populations.index(row["inferred_collection"])
        assert result.log_likelihoods[animal, place] == pytest.approx(
            float(row["log_likelihood"]), abs=1e-9
        )
        assert result.posterior[animal, place] == pytest.approx(
            float(row["scaled_likelihood"]), abs=1e-9
        )
        assert result.loci_typed[animal] == int(row["n_non_miss_loci"])


def test_the_best_population_of_every_animal_is_that_of_rubias(chinook, evaluation_data):
    result, genotypes = chinook
    path = evaluation_data / "genotypes/expected_self_assign_chinook_top1.csv.gz"
    with gzip.open(path, "rt", newline="", encoding="utf-8") as stream:
        rows = {row["indiv"]: row for row in csv.DictReader(stream)}
    assert len(rows) == len(result) == 7301
    expected = [rows[animal] for animal in result.animals]
    assert [row["inferred_collection"] for row in expected] == list(result.best())
    for column, found in (
        ("log_likelihood", result.log_likelihoods.max(axis=1)),
        ("scaled_likelihood", result.posterior.max(axis=1)),
        ("n_non_miss_loci", result.loci_typed),
    ):
        assert np.abs(found - [float(row[column]) for row in expected]).max() < 1e-9
    right = [one == two for one, two in zip(result.best(), genotypes.populations)]
    assert np.mean(right) == pytest.approx(0.6555, abs=5e-5)
    units = [one == two for one, two in zip(result.best_unit(), genotypes.units)]
    assert np.mean(units) > 0.875
