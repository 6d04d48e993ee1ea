"""``forensics origin train`` and ``evaluate`` on references as laboratories have them. The tables are SIMULATED, or real."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from population_simulation import simulated_populations
from spatial_simulation import simulated_animals

from forensics.cli import main

REAL = Path(os.environ.get("FORENSICS_EVALUATION_DATA", "")) / "genotypes"


def run(*arguments):
    found = CliRunner().invoke(main, ["origin", *map(str, arguments)])
    assert found.exit_code == 0, (found.output, found.exception)
    return found


def many_and_few(genotypes, *, single, seed):
    """Return animals of which so many populations have one; in any order of names."""
    random = np.random.default_rng(seed)
    own = np.array(genotypes.populations)
    names = np.unique(own)
    few = set(random.permutation(names)[:single].tolist())
    rows = [np.flatnonzero(own == name)[: 1 if name in few else None] for name in names]
    return genotypes.take(random.permutation(np.concatenate(rows)))


def untyped(genotypes, population):
    """Return the animals; those of one population have no genotype."""
    codes = genotypes.codes.copy()
    codes[np.array(genotypes.populations) == population] = -1
    frame = genotypes.to_frame()
    loci = list(genotypes.loci)
    frame.loc[frame["population"] == population, loci] = ""
    return frame


@pytest.mark.parametrize("animals", [60, 160])
def test_populations_of_which_some_have_one_animal(animals, tmp_path):
    """Above a thousand animals an even sample of them misses a population of one."""
    genotypes = simulated_populations(
        populations=20, animals=animals, loci=6, alleles=3, missing=0, seed=4
    )
    genotypes = many_and_few(genotypes, single=3, seed=animals)
    assert 1000 < len(genotypes) < 3000
    table = tmp_path / "reference.csv"
    genotypes.to_frame().to_csv(table, index=False)
    run("train", table, "--output", tmp_path / "model", "--no-evaluation")
    figures = json.loads(run("evaluate", table, "--format", "json").stdout)
    assert sum(row["animals"] for row in figures["leave-one-out"]["populations"]) == len(genotypes)
    found = run("assign", tmp_path / "model", table, "--format", "csv")
    assert len(list(csv.DictReader(found.stdout.splitlines()))) == len(genotypes)


def test_a_population_without_a_single_genotype(tmp_path):
    genotypes = simulated_populations(populations=12, animals=100, loci=6, alleles=3, seed=5)
    table = tmp_path / "reference.csv"
    untyped(genotypes, "population7").to_csv(table, index=False)
    run("train", table, "--output", tmp_path / "model", "--no-evaluation")


def test_a_map_of_which_some_sites_have_one_animal(tmp_path):
    genotypes = simulated_animals(seed=6, sites=9, animals=210, loci=3)
    genotypes = many_and_few(genotypes, single=4, seed=7)
    assert 1000 < len(genotypes) < 3000
    table = tmp_path / "reference.csv"
    genotypes.to_frame().to_csv(table, index=False)
    run("train", table, "--output", tmp_path / "model", "--no-evaluation")


@pytest.mark.slow
def test_a_map_of_which_some_sites_have_one_animal_is_evaluated(tmp_path):
    genotypes = many_and_few(
        simulated_animals(seed=6, sites=9, animals=210, loci=3), single=4, seed=7
    )
    table = tmp_path / "reference.csv"
    untyped(genotypes, genotypes.populations[0]).to_csv(table, index=False)
    figures = json.loads(run("evaluate", table, "--format", "json").stdout)
    assert figures["leave-one-site-out"]["sites"] == 9


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="FORENSICS_EVALUATION_DATA leads nowhere")
@pytest.mark.parametrize(
    "name, population", [("chinook", "collection"), ("alewife", "collection"), ("possums", "pop")]
)
def test_real_references_are_trained_and_evaluated(name, population, tmp_path):
    table = REAL / f"{name}.csv.gz"
    columns = ["--population", population, "--kind", "populations"]
    run("train", table, *columns, "--output", tmp_path / "model", "--no-evaluation")
    run("evaluate", table, *columns)
