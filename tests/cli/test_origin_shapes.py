"""``forensics origin train`` and ``evaluate`` on references as laboratories have them. The tables are SIMULATED, or real."""

import csv
import json
import os
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from population_simulation import simulated_populations
from spatial_simulation import simulated_animals

from forensics.cli import main
from forensics.cli.origin import ASSIGNED_BY, TRAINED_BY
from forensics.origin.models import open_model

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


@pytest.mark.parametrize("animals", [60, pytest.param(160, marks=pytest.mark.slow)])
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


# ---- every option is used by the kind of model, or refused ----

# Options that every kind uses, or that are of the command and not of the model.
OF_EVERY_KIND = {
    "train": {"output", "name", "model_version", "use", "limit", "licence", "no_evaluation", "kind", "estimator"},
    "evaluate": {"style", "result_file", "kind", "estimator"},
    "assign": {
        "confidence", "verbose", "shown", "style", "result_file", "ledger_path", "sample", "runs", "key_path",
        "person_", "passphrase_fd",
    },
}  # fmt: skip
KINDS = {"populations", "classifier", "places", "isotopes"}
MODELS = {"populations": "microbov-breeds", "places": "simulated-range"}
CLASSIFIER = ("--estimator", "sklearn.naive_bayes:GaussianNB")


def options_of(name):
    """Return the options of a command that not every kind uses, each with the kinds that do."""
    context = click.Context(main)
    group = main.get_command(context, "origin")
    found = group.get_command(context, name)
    used_by = ASSIGNED_BY if name == "assign" else TRAINED_BY
    return {
        option: used_by.get(option.name)
        for option in (*found.params, *found.shared)
        if isinstance(option, click.Option) and option.name not in {*OF_EVERY_KIND[name], "lang"}
    }


@pytest.mark.parametrize("name", OF_EVERY_KIND)
def test_it_is_stated_of_every_option_which_kinds_use_it(name):
    for option, kinds in options_of(name).items():
        assert kinds is not None and {*kinds} <= KINDS, option.name


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A reference of populations that has every column, and a place of every animal."""
    frame = simulated_populations(populations=4, animals=12, loci=5, seed=8).to_frame()
    frame["site"] = frame["population"]
    frame["latitude"], frame["longitude"] = 1.0, 20.0
    path = tmp_path_factory.mktemp("small") / "reference.csv"
    frame.to_csv(path, index=False)
    return path


def typed(option, table):
    """Return an option as it may be typed on a command about that table."""
    if option.is_flag:
        return [option.opts[0]]
    if isinstance(option.type, click.Choice):
        value = next(choice for choice in option.type.choices if choice != option.default)
    elif isinstance(option.type, click.Path):
        value = table
    elif option.name in ("animal", "population", "unit", "site", "latitude", "longitude"):
        value = option.name
    else:
        value = "locus*" if option.type is click.STRING else "7"
    return [option.opts[0], value]


@pytest.mark.parametrize("name", OF_EVERY_KIND)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_option_that_a_kind_does_not_use_is_refused(name, kind, small, tmp_path):
    if (name, kind) == ("evaluate", "isotopes"):
        pytest.skip("isotopes are not evaluated by a command of their own")
    if name == "assign":
        if kind not in MODELS:
            pytest.skip("no packaged model is of this kind")
        command = ["assign", MODELS[kind], small]
    else:
        command = [name, small, *(CLASSIFIER if kind == "classifier" else ("--kind", kind))]
        command += ["--output", tmp_path / "model"] if name == "train" else []
    for option, kinds in options_of(name).items():
        if kind in kinds:
            continue
        found = CliRunner().invoke(main, ["origin", *map(str, command + typed(option, small))])
        assert found.exit_code == 2, (option.name, found.output)
        said = " ".join(found.stderr.split())
        assert f"{option.opts[0]} is for models of the kind {', '.join(kinds)}" in said


def test_the_sites_of_a_map_are_those_of_their_column(tmp_path):
    """Each population was taken at two sites, and the regions are of sites."""
    genotypes = simulated_animals(seed=9, sites=8, animals=6, loci=4)
    frame = genotypes.to_frame().rename(columns={"population": "station"})
    frame["population"] = [f"P{int(name[1:]) // 2}" for name in frame["station"]]
    table, regions = tmp_path / "reference.csv", tmp_path / "regions.csv"
    frame.to_csv(table, index=False)
    names = sorted(set(frame["station"]))
    rows = [f"{'west' if place < 4 else 'east'},{name}" for place, name in enumerate(names)]
    regions.write_text("\n".join(["region,site", *rows]) + "\n")
    model = tmp_path / "model"
    sites = ["--site", "station", "--regions", regions]
    run("train", table, *sites, "--output", model, "--no-evaluation")
    assert open_model(model).labels["spatial"]["sites"] == names
    frame.loc[3, "station"] = ""
    frame.to_csv(table, index=False)
    found = CliRunner().invoke(main, ["origin", "evaluate", str(table), "--site", "station"])
    assert found.exit_code == 3
    assert f"animal {frame['animal'][3]} has no site" in found.stderr
