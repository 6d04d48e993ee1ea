"""Real tables, which lie beside the project: every one is read, with all animals and loci.

Counts are those of the tables themselves: rows, and columns that are no names or places.
"""

import csv
import gzip

import numpy as np
import pytest

from forensics.genetics.quality import chance_matches
from forensics.genetics.reading import read_genotypes

# file: animals, loci, populations, whether there are places, options
FILES = {
    "alewife": (1070, 11, 21, False, {}),
    "arapat": (363, 8, 39, True, {}),
    "blueback": (1252, 13, 21, False, {}),
    "chinook": (7301, 91, 69, False, {}),
    "chinook_mix": (2256, 91, 3, False, {}),
    "microbov": (704, 30, 15, False, {}),
    "nancycats": (237, 9, 17, False, {}),
    "perfect_chinook": (7301, 7, 69, False, {}),
    "perfect_chinook_mix": (1488, 7, 2, False, {}),
    "possums": (1605, 9, 31, True, {}),
    # five genotypes of 3,015 have one allele and no sign
    "rupica": (335, 9, 0, False, {"lone": "half"}),
    "small_chinook_mix": (100, 91, 3, False, {}),
    "small_chinook_ref": (909, 91, 6, False, {}),
    "swallowtails": (781, 10, 40, False, {}),
    "turtles_snp": (250, 255, 30, True, {}),
}


@pytest.fixture(scope="module")
def folder(evaluation_data):
    path = evaluation_data / "genotypes"
    if not path.is_dir():
        pytest.skip("the evaluation data has no genotypes")
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_real_table_is_read_whole(folder, name):
    animals, loci, populations, places, options = FILES[name]
    genotypes = read_genotypes(folder / f"{name}.csv.gz", **options)
    assert (len(genotypes), len(genotypes.loci)) == (animals, loci)
    assert len({one for one in genotypes.populations if one}) == populations
    assert (genotypes.latitudes is not None) == places
    with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as stream:
        assert len(list(csv.reader(stream))) == animals + 1


@pytest.mark.parametrize("name", ["chinook", "alewife"])
def test_alleles_are_those_of_the_table_cell_by_cell(folder, name):
    """Against the standard library's csv alone."""
    genotypes = read_genotypes(folder / f"{name}.csv.gz")
    with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as stream:
        rows = csv.DictReader(stream)
        for number, row in enumerate(rows):
            if number % 37:
                continue
            assert genotypes.animals[number] == row["indiv"]
            assert genotypes.populations[number] == row["collection"]
            for place, locus in enumerate(genotypes.loci):
                pair = sorted(
                    (cell for cell in (row[locus], row[f"{locus}.1"]) if cell != "NA"), key=int
                )
                codes = [code for code in genotypes.codes[number, place] if code >= 0]
                assert [genotypes.alleles[place][code] for code in codes] == pair


def test_dosages_are_those_of_the_table(folder):
    genotypes = read_genotypes(folder / "turtles_snp.csv.gz")
    with gzip.open(folder / "turtles_snp.csv.gz", "rt", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            for place, locus in enumerate(genotypes.loci):
                counted = locus[-1]
                label = genotypes.label(number, place)
                expected = "NA" if not label else str(label.split("/").count(counted))
                assert row[locus] == expected


def test_the_chance_of_identity_is_the_published_formula(folder):
    """vectors_nancycats_pid.csv: PID 4.132e-11 over nine loci."""
    genotypes = read_genotypes(folder / "nancycats.csv.gz")
    pairs = len(genotypes) * (len(genotypes) - 1) / 2
    with open(folder / "vectors_nancycats_pid.csv", newline="") as stream:
        expected = np.prod(
            [float(row["PID"]) for row in csv.DictReader(stream) if row["locus"] in genotypes.loci]
        )
    assert chance_matches(genotypes) / pairs == pytest.approx(expected, rel=1e-9)
    assert expected == pytest.approx(4.132e-11, rel=1e-3)
