"""Models of places that are a regressor of scikit-learn: trained, stored without pickle, applied."""

import csv
import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVR
from spatial_simulation import simulated_animals

from forensics.cli import main
from forensics.errors import InputError, ModelError, UsageError
from forensics.genetics.reading import read_genotypes
from forensics.origin.classifiers import draw_probes
from forensics.origin.globe import great_circle
from forensics.origin.map_results import PlaceOrigin
from forensics.origin.models import open_model
from forensics.origin.places import unpack_model
from forensics.origin.predict import assign_with, place_together
from forensics.origin.regressor_models import train_regressor
from forensics.origin.results import Origin
from forensics.origin.seizure_results import MIN_SURE
from forensics.origin.training import evaluate_genotypes, train_genotypes
from forensics.report import narrative
from forensics.resources import folder

pytest.importorskip("skops")

from forensics.learning.estimator_files import estimator_bytes, estimator_from_bytes


@pytest.fixture(scope="module")
def animals():
    return simulated_animals(seed=5, sites=22, animals=8)


@pytest.fixture(scope="module")
def ridge(animals, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "ridge"
    return path, train_genotypes(animals, path, name="ridge", version="1", estimator=Ridge())


def test_a_stored_regressor_places_animals_and_results_are_read_back(animals, ridge):
    path, model = ridge
    assert model.kind == "places"
    animals = animals.take(np.arange(0, len(animals), 3))
    results = assign_with(open_model(path), animals)
    assert {type(result) for result in results} == {PlaceOrigin}
    placed = [row for row, result in enumerate(results) if result.median is not None]
    assert len(placed) > 0.9 * len(results)
    errors = [
        float(
            great_circle(
                animals.latitudes[row], animals.longitudes[row],
                results[row].median.latitude, results[row].median.longitude,
            )
        )
        for row in placed
    ]  # fmt: skip
    middle = great_circle(
        animals.latitudes, animals.longitudes, animals.latitudes.mean(), animals.longitudes.mean()
    )
    assert np.median(errors) < 0.8 * np.median(middle)
    result = results[placed[0]]
    assert result.estimator == "Ridge"
    assert 0 <= result.exclusion.p_any <= 1
    assert [region.level for region in result.regions] == [0.5, 0.9, 0.95]
    assert result.provenance.library == model.identity()
    assert "scikit-learn" in result.provenance.dependencies
    again = Origin.from_stored(json.loads(result.to_json()))
    assert (type(again), again.estimator) == (PlaceOrigin, "Ridge")
    assert again.to_dict() == result.to_dict()


def test_results_of_the_estimator_of_this_package_name_no_other():
    reference = read_genotypes(folder("models") / "data" / "simulated_range.csv.gz")
    result = assign_with("simulated-range", reference.take([0]))[0]
    assert result.estimator is None
    assert "estimator" not in result.to_dict()


def test_regions_hold_the_sites_that_were_left_out(ridge):
    figures = ridge[1].card["evaluation"]["leave-one-site-out"]
    assert set(ridge[1].card["evaluation"]) >= {"leave-one-site-out", "exclusion"}
    assert figures["median_km"] < figures["floor_median_km"]
    assert figures["animals"] == 176
    for level, least in (("0.5", 0.4), ("0.9", 0.8), ("0.95", 0.88)):
        assert figures["coverage"][level]["share"] >= least
    assert figures["coverage"]["0.5"]["share"] <= 0.7
    assert ridge[1].card["parameters"]["estimator"] == "Ridge"


def test_the_places_of_left_out_sites_are_those_of_a_regressor_without_the_site(animals):
    trained = train_regressor(animals, Ridge(), seed=1)
    own = np.array([name == "S03" for name in animals.populations])
    others = train_regressor(animals.take(~own), Ridge(), seed=1)
    codes = animals.to_array()
    expected = others.pipeline.predict(codes[own])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert trained.left_out[own] == pytest.approx(expected)
    assert not np.allclose(trained.left_out[own], trained.pipeline.predict(codes[own]), atol=1e-3)


def test_chance_alone_gives_regions_that_are_wide_and_hold(animals):
    random = np.random.default_rng(1)
    mixed = random.permutation(len(animals))
    shuffled = replace(
        animals.take(mixed), populations=animals.populations, latitudes=animals.latitudes,
        longitudes=animals.longitudes,
    )  # fmt: skip
    figures = evaluate_genotypes(shuffled, estimator=KNeighborsRegressor())["leave-one-site-out"]
    assert figures["median_km"] > 0.8 * figures["floor_median_km"]
    assert figures["coverage"]["0.9"]["share"] > 0.8


@pytest.mark.parametrize(
    "estimator",
    [RandomForestRegressor(n_estimators=8), KNeighborsRegressor(), MultiOutputRegressor(SVR())],
    ids=lambda estimator: type(estimator).__name__,
)
def test_other_regressors_are_stored_and_give_the_same_places(animals, estimator, tmp_path):
    model = train_genotypes(
        animals, tmp_path / "m", name="m", version="1", estimator=estimator, evaluated=False
    )
    first, again = (
        assign_with(which, animals.take([0, 9]))[0] for which in (model, tmp_path / "m")
    )
    assert first.estimator == type(estimator).__name__
    assert first.median is not None and first.median == again.median


def test_a_seizure_of_a_site_that_was_left_out_is_placed_more_closely_than_its_animals(
    animals, tmp_path
):
    new = np.array([name == "S07" for name in animals.populations])
    model = train_genotypes(
        animals.take(~new), tmp_path / "m", name="m", version="1", estimator=Ridge(),
        evaluated=False,
    )  # fmt: skip
    # What animals of one site share was learnt on left-out sites, as of any map.
    assert 0 < model.card["parameters"]["shared"] <= 1
    assert model.card["parameters"]["joint_coverage"] >= 0.9
    seizure = place_together(model, animals.take(new))
    assert seizure.provenance.library == model.identity()
    assert len(seizure.places[0].members) >= 3
    placed = [each for each in assign_with(model, animals.take(new)) if each.median is not None]
    alone = [each.region_area(0.9) for each in placed]
    assert len(alone) >= 6
    (area,) = (region.area_km2 for region in seizure.places[0].regions if region.level == 0.9)
    assert area < 0.9 * np.median(alone)
    # Animals of eight sites: a regressor draws them all to the middle, which says nothing of one place.
    mixed = place_together(model, animals.take(np.arange(0, 64, 8)))
    assert mixed.few < MIN_SURE


def test_fewer_typed_loci_make_a_wider_region(animals, ridge):
    codes = animals.codes.copy()
    codes[0, 5:] = -1
    few = replace(animals, codes=codes)
    whole, part = (assign_with(ridge[1], each.take([0]))[0] for each in (animals, few))
    assert part.used == 5 and part.region_area(0.9) > whole.region_area(0.9)


def test_a_regressor_of_one_target_is_refused(animals):
    with pytest.raises(UsageError, match="SVR cannot be fitted to places.*MultiOutputRegressor"):
        evaluate_genotypes(animals, estimator=SVR())


def test_a_kind_that_the_estimator_does_not_give_is_refused(animals):
    with pytest.raises(UsageError, match="RandomForestClassifier is not a regressor"):
        evaluate_genotypes(animals, kind="places", estimator=RandomForestClassifier())
    with pytest.raises(UsageError, match="Ridge is not a classifier"):
        evaluate_genotypes(animals, kind="populations", estimator=Ridge())
    with pytest.raises(UsageError, match="--kind does not fit"):
        evaluate_genotypes(animals, kind="isotopes", estimator=Ridge())


def test_animals_without_places_are_refused(animals):
    with pytest.raises(InputError):
        evaluate_genotypes(replace(animals, latitudes=None, longitudes=None), estimator=Ridge())


def test_a_stored_regressor_that_gives_other_places_is_not_used(animals, ridge):
    model = ridge[1]
    pipeline = estimator_from_bytes(model.estimator)
    pipeline.named_steps["estimator"].coef_ *= 1.1
    with pytest.raises(ModelError, match="does not give the places"):
        unpack_model(
            model.labels, model.arrays, model.card["parameters"], estimator_bytes(pipeline)
        )
    with pytest.raises(ModelError):
        unpack_model(model.labels, model.arrays, model.card["parameters"])  # the file is missing


@pytest.mark.parametrize("wrong", [np.zeros(6), np.full(6, np.nan), np.full(6, -1.0), np.ones(5)])
def test_a_damaged_density_is_refused(ridge, wrong):
    model = ridge[1]
    arrays = {**model.arrays, "density_weights": wrong}
    with pytest.raises(ModelError, match="damaged"):
        unpack_model(model.labels, arrays, model.card["parameters"], model.estimator)


def test_probes_are_codes_of_known_alleles(animals):
    probes = draw_probes(animals.alleles, seed=1)
    assert probes.shape == (16, 2 * len(animals.loci))
    assert (probes < np.repeat([len(names) for names in animals.alleles], 2)).all()


def test_the_report_names_the_regressor(animals, ridge):
    from typed_reports import as_finding

    result = assign_with(ridge[1], animals.take([0]))[0]
    text = " ".join(
        map(str, narrative.parts(as_finding({"kind": "origin", "result": result.to_dict()})))
    )
    assert "was given to a regressor (Ridge)" in text
    assert "placed on a map of allele frequencies" not in text


def test_a_model_is_trained_mapped_and_applied_by_command(tmp_path):
    table = folder("models") / "data" / "simulated_range.csv.gz"
    with gzip.open(table, "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[::170]
    samples = tmp_path / "samples.csv"
    with samples.open("w", newline="", encoding="utf-8") as stream:
        columns = ["animal", *(name for name in rows[0] if name.startswith("SIM"))]
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)

    def run(*arguments):
        result = CliRunner().invoke(main, ["origin", *map(str, arguments)])
        assert result.exit_code == 0, result.output
        return result.stdout

    model = tmp_path / "nearest"
    run(
        "train", table, "--estimator", "sklearn.neighbors:KNeighborsRegressor", "--kind", "places",
        "--output", model,
    )  # fmt: skip
    answers = [
        json.loads(line) for line in run("assign", model, samples, "--format", "json").splitlines()
    ]
    assert len(answers) == 3
    assert {answer["estimator"] for answer in answers} == {"KNeighborsRegressor"}
    run("map", model, samples, "--output", tmp_path / "places.geojson")
    assert len(json.loads((tmp_path / "places.geojson").read_text())["features"]) >= 3
