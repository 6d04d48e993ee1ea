"""Genotypes, haplotypes and isotopes multiplied on one map: a known answer, and each layer in view."""

import json

import combined_evidence
import numpy as np
import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.errors import InputError, UsageError
from forensics.origin.combination_results import CombinedOrigin
from forensics.origin.evidence_layers import (
    Layer,
    calibrate_haplotype_weight,
    haplotype_gains,
    isotope_gains,
    multiply_layers,
    surface_gains,
)
from forensics.origin.geography import Grid, Surface, make_grid, surface_from_log
from forensics.origin.haplotype_files import read_haplotype_reference, read_sample_haplotypes
from forensics.origin.haplotypes import haplotype_reference
from forensics.origin.stored_results import read_result

GRID = make_grid([1.0, -9.0], [34.0, 40.0], cells=20, margin_km=50, land=False)
PRIOR = GRID.areas()[GRID.inside] / GRID.areas()[GRID.inside].sum()


def around(latitude, longitude, km=300.0):
    away = GRID.distances([latitude], [longitude])[:, 0]
    return surface_from_log(GRID, np.log(PRIOR) - 0.5 * (away / km) ** 2)


def test_the_product_is_that_of_bayes_computed_by_hand():
    first, second = around(-2.0, 36.0), around(-6.0, 38.0)
    layers = [Layer("nuclear", surface_gains(first, PRIOR), 1.0, ""),
              Layer("isotopes", surface_gains(second, PRIOR), 1.0, "")]  # fmt: skip
    expected = first.probabilities[GRID.inside] * second.probabilities[GRID.inside] / PRIOR
    assert np.allclose(multiply_layers(layers, PRIOR), expected / expected.sum())


def test_a_weight_of_0_leaves_a_layer_out_and_of_1_counts_it_whole():
    gains = surface_gains(around(-2.0, 36.0), PRIOR)
    assert np.allclose(multiply_layers([Layer("nuclear", gains, 0.0, "")], PRIOR), PRIOR)
    whole = multiply_layers([Layer("nuclear", gains, 1.0, "")], PRIOR)
    half = multiply_layers([Layer("nuclear", gains, 0.5, "")], PRIOR)
    assert whole.max() > half.max() > PRIOR.max()


def test_evidence_that_leaves_no_cell_is_refused():
    never = np.full(len(PRIOR), -np.inf)
    with pytest.raises(UsageError, match="no cell"):
        multiply_layers([Layer("nuclear", never, 1.0, "")], PRIOR)


def reference(strong=True, seed=2):
    random = np.random.default_rng(seed)
    rows = []
    for site in range(14):
        north, east = random.uniform(-9, 1), random.uniform(34, 40)
        for _animal in range(8):
            kind = "N" if north > -4 else "S"
            common = kind if random.random() < 0.9 else "X"
            haplotype = common if strong else str(random.choice(["N", "S", "X"]))
            rows.append((haplotype, f"L{site:02d}", north, east))
    return haplotype_reference(*zip(*rows))


def test_a_haplotype_of_the_north_is_likelier_there_and_its_mean_gain_is_1():
    gains = haplotype_gains(reference(), "N", GRID, PRIOR)
    assert PRIOR @ np.exp(gains) == pytest.approx(1)
    north = GRID.coordinates()[0][GRID.inside]
    assert gains[north > -2].mean() > 0 > gains[north < -7].mean()


def test_the_weight_of_a_haplotype_is_scored_on_left_out_localities():
    weight, score = calibrate_haplotype_weight(reference())
    assert weight >= 0.75 and score > 0.1
    _weight, score = calibrate_haplotype_weight(reference(strong=False))
    assert 0 <= score < 0.05


def test_isotopes_of_other_cells_come_to_the_grid_with_their_gains():
    fine = Grid(np.arange(3.0, -12.0, -0.1), np.arange(32.0, 42.0, 0.1), np.ones((150, 100), bool))
    prior = fine.areas() / fine.areas().sum()
    surface = surface_from_log(fine, np.log(prior) - 0.5 * ((fine.coordinates()[0] + 4) / 2) ** 2)
    gains, uncovered = isotope_gains(surface, prior, GRID, PRIOR)
    assert uncovered == 0
    assert PRIOR @ np.exp(gains) == pytest.approx(1)
    north = GRID.coordinates()[0][GRID.inside]
    expected = -0.5 * ((north + 4) / 2) ** 2
    assert np.abs((gains - gains.max()) - (expected - expected.max())).max() < 0.1
    coarse = Grid(np.arange(2.0, -12.0, -2.0), np.arange(33.0, 37.0, 2.0), np.ones((7, 2), bool))
    prior = coarse.areas() / coarse.areas().sum()
    gains, uncovered = isotope_gains(Surface(coarse, prior), prior, GRID, PRIOR)
    assert 0.3 < uncovered < 0.8 and np.allclose(gains, 0)


# ---- the command, on the packaged map ----


def run(*arguments):
    return CliRunner().invoke(main, ["origin", *map(str, arguments)])


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return combined_evidence.files(tmp_path_factory.mktemp("combine"))


def arguments_of(place, *more):
    return (
        "combine", "simulated-range", place / "samples.csv",
        "--haplotypes", place / "mtdna.csv", "--sample-haplotypes", place / "seized_mtdna.csv",
        "--isotopes", place / "d2h", "--isotope-values", place / "values.csv", *more,
    )  # fmt: skip


def results_of(place, *more):
    found = run(*arguments_of(place, "--format", "json", *more))
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_each_layer_is_in_view_and_missing_ones_are_left_out(evidence):
    ked, dza, lop = results_of(evidence)
    assert [layer["name"] for layer in ked["layers"]] == ["nuclear", "haplotype", "isotopes"]
    assert [layer["name"] for layer in lop["layers"]] == ["nuclear", "haplotype"]
    for result in (ked, dza, lop):
        for layer in result["layers"]:
            assert layer["bits"] >= 0 and 0 <= layer["weight"] <= 1
            assert len(layer["sha256"]) == 64
        assert "LAYERS_INDEPENDENT" in {notice["code"] for notice in result["warnings"]}
    assert "HAPLOTYPE_UNSEEN" in {notice["code"] for notice in lop["warnings"]}
    assert ked["layers"][1]["observed"] == "W1" and ked["layers"][1]["agreement"] > 0
    regions = {region["level"]: region["area_km2"] for region in dza["regions"]}
    assert regions[0.9] < dza["layers"][0]["region_km2"]
    assert ked["provenance"]["parameters"]["combination"]["isotopes"]["model"]["name"] == "d2h"


def test_a_haplotype_of_elsewhere_is_told_to_disagree(evidence, tmp_path, monkeypatch):
    # The places of one genotype are wide, and a haplotype of elsewhere is 8.5 times less likely there.
    monkeypatch.setattr("forensics.origin.combination.MIN_AGREEMENT", 0.2)
    table = tmp_path / "swapped.csv"
    table.write_text("sample,haplotype\nSIM-KED-04,C1\n", encoding="utf-8")
    found = run(
        "combine", "simulated-range", evidence / "samples.csv", "--haplotypes",
        evidence / "mtdna.csv", "--sample-haplotypes", table, "--format", "json",
    )  # fmt: skip
    results = map(json.loads, found.stdout.splitlines())
    swapped = next(result for result in results if result["sample"] == "SIM-KED-04")
    assert swapped["layers"][1]["agreement"] < -0.7
    assert "LAYERS_DISAGREE" in {notice["code"] for notice in swapped["warnings"]}


def test_a_weight_is_taken_and_stated(evidence):
    (ked, *_others) = results_of(evidence, "--weight", "isotopes=0", "--weight", "haplotype=0,5")
    by_name = {layer["name"]: layer for layer in ked["layers"]}
    assert by_name["isotopes"]["weight"] == 0 and by_name["isotopes"]["bits"] == 0
    assert by_name["haplotype"]["weight"] == 0.5
    assert ked["provenance"]["parameters"]["combination"]["weights"]["isotopes"] == 0


def test_a_result_is_read_back_and_shown_again(evidence):
    for record in results_of(evidence, "--regions", "countries"):
        result = read_result(record)
        assert isinstance(result, CombinedOrigin)
        assert result.to_dict() == record
        lines = dict(result.lines())
        assert "nuclear genotype" in lines and "weight 1" in lines["nuclear genotype"]
        assert record["reporting"]["measured"] is None


def test_the_table_and_the_map_are_written(evidence, tmp_path):
    page = tmp_path / "map.html"
    found = run(*arguments_of(evidence, "--map", page, "-v"))
    assert found.exit_code == 0, found.output
    text = " ".join(found.stdout.split())
    assert "Weights" in text
    assert (
        "haplotype" in text and "times as often where the other evidence points as anywhere" in text
    )
    assert "that is an assumption" in text
    assert page.read_text("utf-8").count('class="map"') == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--haplotypes", "mtdna.csv"), "given together"),
        (("--isotopes", "d2h"), "given together"),
        (("--isotopes", "simulated-range", "--isotope-values", "values.csv"), "model of isotopes"),
        (("--isotopes", "d2h", "--isotope-values", "values.csv", "--weight", "x=1"), "one of nuclear"),
        (("--isotopes", "d2h", "--isotope-values", "values.csv", "--weight", "x"), "LAYER=POWER"),
    ],
)  # fmt: skip
def test_what_cannot_be_combined_is_refused(evidence, options, message):
    given = [evidence / value if (evidence / value).exists() else value for value in options]
    found = run("combine", "simulated-range", evidence / "samples.csv", *given)
    assert found.exit_code in (2, 3), found.output
    assert message in " ".join(found.output.split())


def test_a_table_of_other_samples_is_refused_with_their_names(evidence, tmp_path):
    table = tmp_path / "other.csv"
    table.write_text("sample,haplotype\nQ1,C1\n", encoding="utf-8")
    found = run(
        "combine", "simulated-range", evidence / "samples.csv", "--haplotypes",
        evidence / "mtdna.csv", "--sample-haplotypes", table,
    )  # fmt: skip
    assert found.exit_code == 3 and "known by their names: Q1" in " ".join(found.output.split())


def test_tables_of_haplotypes_are_checked(tmp_path):
    path = tmp_path / "h.csv"
    path.write_text("sample,haplotype\nA,H1\nA,H2\n", encoding="utf-8")
    with pytest.raises(InputError, match="two haplotypes"):
        read_sample_haplotypes(path)
    path.write_text("haplotype,locality,latitude,longitude\nH1,x,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="at least two"):
        read_haplotype_reference(path)
