"""``forensics origin`` on references as laboratories have them: each command once, SIMULATED animals.

Sites of one animal beside large ones, rows in any order, names of every kind, loci that were not typed, places
as receivers and spreadsheets write them, files of other programs.
"""

import csv
import json

import numpy as np
import pytest
from command_line import records, typed
from population_simulation import simulated_populations
from spatial_simulation import simulated_animals

from forensics.io.numbers import plain
from forensics.origin.models import open_model
from forensics.origin.places import unpack_model

# Numbers, accents, blanks, commas, quotes, formulas; two that differ by their case, two by a zero.
NAMES = (
    "1", "Forêt d’Ñandú", 'Mont, Est; "haut"', "Kivu", "kivu", "007", "7", "North  West", "=SUM(A1)", "3.5",
    "O'Brien's", "Nord/Sud",
)  # fmt: skip
SIZES = (1, 2, 30, 1, 12, 20, 1, 5, 30, 25, 3, 9)


def awkward(genotypes, names, sizes, *, seed=3):
    """Return a table of some animals of each site under other names, in any order, and loci that were not typed.

    Where there are more sites than names the others keep theirs. The fourth locus was typed at no animal of the
    second site; one animal has two loci.
    """
    frame, random = genotypes.to_frame(), np.random.default_rng(seed)
    own = frame["population"].to_numpy()
    sites = list(dict.fromkeys(own))
    kept = [np.flatnonzero(own == site)[:size] for site, size in zip(sites, sizes)]
    for site, name in zip(sites, names):
        frame.loc[own == site, "population"] = name
    loci = list(genotypes.loci)
    frame.loc[own == sites[1], loci[3]] = ""
    frame.loc[kept[2][0], loci[2:]] = ""
    return frame.iloc[random.permutation(np.concatenate(kept))], kept[2][0]


def receiver(value, letters):
    """Return a coordinate as ``S03° 15.4321'``."""
    whole, minutes = divmod(round(abs(value) * 60, 4), 60)
    return f"{letters[value < 0]}{int(whole):02d}° {minutes:.4f}'"


def sexagesimal(value, letters):
    """Return a coordinate as ``3°15'24,5"S``."""
    whole, seconds = divmod(round(abs(value) * 3600, 1), 3600)
    minutes, seconds = divmod(seconds, 60)
    return f"{int(whole)}°{int(minutes)}'{seconds:.1f}\"{letters[value < 0]}".replace(".", ",")


PLACES = {
    "decimal": (",", lambda value, letters: repr(float(value))),
    "comma": (";", lambda value, letters: f"{value:.5f}".replace(".", ",")),
    "receiver": ("\t", receiver),
    "sexagesimal": (",", sexagesimal),
}


def written(frame, path, places="decimal"):
    """Write a table with its places in one of the forms."""
    delimiter, form = PLACES[places]
    frame = frame.copy()
    for column, letters in (("latitude", "NS"), ("longitude", "EW")):
        frame[column] = [form(value, letters) for value in frame[column]]
    frame.to_csv(path, index=False, sep=delimiter)
    return path


def every_command(table, folder, *more, kind, expect=0, samples=None):
    """Train, evaluate, assign and map; return the figures of the evaluation, and the results.

    ``more`` are options of the reference, ``expect`` is the exit code of ``assign``, on the animals of the reference
    if no samples are given.
    """
    model, page = folder / "model", folder / "map.html"
    typed(f"origin train --no-evaluation --kind {kind}", table, *more, "--output", model)
    figures = json.loads(typed(f"origin evaluate --format json --kind {kind}", table, *more).stdout)
    asked = ("--format", "json", "--exclusion-level", "0.06")
    asked += ("--map", page) if kind == "places" else ()
    results = records(typed("origin assign", model, samples or table, *asked, expect=expect))
    if kind == "places":
        drawn = sum(result["status"] in ("assigned", "inconclusive") for result in results)
        assert page.read_text(encoding="utf-8").count('<svg class="map"') == drawn > 0
    return figures, results


@pytest.mark.slow
def test_a_map_of_sites_with_any_name_size_and_order(tmp_path):
    genotypes = simulated_animals(seed=21, sites=12, animals=30, loci=6, strength=2.0)
    frame, poor = awkward(genotypes, NAMES, SIZES)
    table = written(frame, tmp_path / "reference.csv", "receiver")
    figures, results = every_command(table, tmp_path, kind="places", expect=3)
    left_out = figures["leave-one-site-out"]
    assert {row["site"]: row["animals"] for row in left_out["by_site"]} == dict(zip(NAMES, SIZES))
    assert left_out["median_km"] < 0.7 * left_out["floor_median_km"]
    unusable = [result["sample"] for result in results if result["status"] == "unusable"]
    assert unusable == [genotypes.animals[poor]] and len(results) == sum(SIZES)


@pytest.mark.parametrize("places", PLACES)
def test_places_are_the_same_in_every_form(places, tmp_path):
    genotypes = simulated_animals(seed=22, sites=6, animals=4, loci=5)
    table = written(genotypes.to_frame(), tmp_path / "reference.csv", places)
    typed("origin train --no-evaluation", table, "--output", tmp_path / "model")
    spatial = unpack_model(open_model(tmp_path / "model"))[0]
    first = np.unique(genotypes.populations, return_index=True)[1]
    for found, true in (
        (spatial.field.latitudes, genotypes.latitudes[first]),
        (spatial.field.longitudes, genotypes.longitudes[first]),
    ):
        assert found == pytest.approx(true, abs=1e-4)


def test_populations_with_any_name_size_and_order(tmp_path):
    genotypes = simulated_populations(populations=12, animals=30, loci=12, fst=0.2, seed=5)
    frame, poor = awkward(genotypes, NAMES, SIZES)
    table = tmp_path / "reference.csv"
    frame.drop(columns="unit").to_csv(table, index=False)
    figures, results = every_command(table, tmp_path, kind="populations", expect=3)
    found = {row["population"]: row["animals"] for row in figures["leave-one-out"]["populations"]}
    assert found == dict(zip(NAMES, SIZES))
    of = dict(zip(frame.iloc[:, 0], frame["population"]))
    assigned = [result for result in results if result["status"] == "assigned"]
    right = [result["origin"] == of[result["sample"]] for result in assigned]
    assert len(right) > 20 and np.mean(right) > 0.9


def test_a_table_of_results_of_such_names_can_be_read_again(tmp_path):
    genotypes = simulated_populations(populations=12, animals=14, loci=12, fst=0.3, seed=6)
    frame, _poor = awkward(genotypes, NAMES, [14] * 12)
    table, out = tmp_path / "reference.csv", tmp_path / "results.csv"
    frame.drop(columns="unit").to_csv(table, index=False)
    typed("origin train --no-evaluation", table, "--output", tmp_path / "model")
    typed(
        "origin assign --exclusion-level 0.05", tmp_path / "model", table, "--output", out, expect=3
    )
    with out.open(encoding="utf-8", newline="") as stream:
        origins = {plain(row["origin"]) for row in csv.DictReader(stream)} - {""}
    assert {"=SUM(A1)", 'Mont, Est; "haut"', "Kivu", "kivu", "007", "7"} <= origins <= {*NAMES}


def genepop(genotypes):
    """Return the animals in the form of GENEPOP, three digits an allele."""
    lines = ["SIMULATED", *genotypes.loci]
    for row, (animal, population) in enumerate(zip(genotypes.animals, genotypes.populations)):
        if not row or population != genotypes.populations[row - 1]:
            lines.append("POP")
        lines.append(
            f"{animal} , {' '.join(''.join(pair) for pair in labels(genotypes, row, '000'))}"
        )
    return "\n".join(lines) + "\n"


def structure(genotypes):
    """Return them in the form of STRUCTURE, two rows an animal."""
    lines = [" ".join(genotypes.loci)]
    for row, animal in enumerate(genotypes.animals):
        lines += [f"{animal} 1 {' '.join(copy)}" for copy in zip(*labels(genotypes, row, "-9"))]
    return "\n".join(lines) + "\n"


def two_columns(genotypes):
    """Return them as a table under a head of merged cells: each locus has two columns and one name."""
    head = ["id", *(name for locus in genotypes.loci for name in (locus, ""))]
    rows = [
        [animal, *(cell for pair in labels(genotypes, row, "") for cell in pair)]
        for row, animal in enumerate(genotypes.animals)
    ]
    return "\n".join(",".join(row) for row in (head, *rows)) + "\n"


def labels(genotypes, row, missing):
    """Return the two alleles at each locus of an animal."""
    return [
        tuple(missing if code < 0 else names[code] for code in pair)
        for names, pair in zip(genotypes.alleles, genotypes.codes[row].tolist())
    ]


@pytest.mark.slow
@pytest.mark.parametrize("form", [genepop, structure, two_columns])
def test_files_of_other_programs_with_their_places_in_a_second_table(form, tmp_path):
    genotypes = simulated_animals(seed=23, sites=8, animals=13, loci=8, strength=2.0, missing=0.0)
    reference, places = tmp_path / "reference.txt", tmp_path / "places.csv"
    reference.write_text(form(genotypes))
    frame = genotypes.to_frame()
    second = frame[[frame.columns[0], "population", "latitude", "longitude"]]
    written(second.sample(frac=1, random_state=1), places, "sexagesimal")
    figures, results = every_command(reference, tmp_path, "--places", places, kind="places")
    assert figures["leave-one-site-out"]["sites"] == 8
    assert [result["sample"] for result in results] == list(genotypes.animals)


@pytest.mark.slow
def test_a_map_of_which_every_site_has_one_animal(tmp_path):
    genotypes = simulated_animals(seed=24, sites=30, animals=1, loci=8, strength=2.0, missing=0.0)
    table = written(genotypes.to_frame(), tmp_path / "reference.csv", "comma")
    figures, results = every_command(table, tmp_path, kind="places")
    left_out = figures["leave-one-site-out"]
    assert left_out["sites"] == left_out["animals"] == len(results) == 30


@pytest.mark.slow
@pytest.mark.parametrize("animals", [1000, 3000])
@pytest.mark.parametrize("kind", ["places", "populations"])
def test_thousands_of_animals_of_very_unequal_sites(animals, kind, tmp_path):
    """40 sites of 1 to 100 animals, or of 1 to 400."""
    sizes = np.geomspace(1, 100 if animals == 1000 else 400, 40)
    sizes = np.random.default_rng(animals).permutation(np.rint(sizes * animals / sizes.sum()))
    sizes = np.maximum(1, sizes).astype(int)
    genotypes = simulated_animals(seed=25, sites=40, animals=max(sizes), loci=8, strength=2.0)
    frame, _poor = awkward(genotypes, NAMES, sizes)
    assert abs(len(frame) - animals) < 0.02 * animals
    table = written(frame, tmp_path / "reference.csv", "comma")
    some = written(
        frame[frame.iloc[:, -8:].ne("").all(axis=1)].head(40), tmp_path / "some.csv", "comma"
    )
    figures, results = every_command(table, tmp_path, kind=kind, samples=some)
    assert len(results) == 40
    if kind == "places":
        found = [row["animals"] for row in figures["leave-one-site-out"]["by_site"]]
    else:
        found = [row["animals"] for row in figures["leave-one-out"]["populations"]]
    assert sum(found) == len(frame)
