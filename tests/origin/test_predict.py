"""A model of any kind applied to samples: what is recorded, and what does not fit the model."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from isotope_simulation import INTERCEPT, SLOPE, animals, plane

from forensics.errors import InputError, UsageError
from forensics.genetics.reading import read_genotypes
from forensics.io.files import Budget, folder
from forensics.origin.isotope_models import train_isotopes
from forensics.origin.isotopes import read_isotope_table, to_numbers
from forensics.origin.models import open_model
from forensics.origin.polygons import make_range_map
from forensics.origin.predict import assign_with, place_together, sites_on_map

EVERYWHERE = [[[(-180, -90), (180, -90), (180, 90), (-180, 90)]]]


@pytest.fixture(scope="module")
def cattle():
    held = read_genotypes(folder("models") / "data" / "microbov.csv.gz")
    return held.take(np.arange(3, len(held), 300))


@pytest.fixture(scope="module")
def feathers(tmp_path_factory):
    """A model of isotopes, of simulated animals."""
    isoscape = plane()
    return train_isotopes(
        animals(isoscape), [isoscape], tmp_path_factory.mktemp("origin") / "feathers",
        name="feathers", version="1", site="site", evaluated=False,
    )  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "values.csv"
    path.write_text("other;Sample_ID;d2H\n1;F1;-10\n2;F2;-20\n")
    return path


def test_provenance_names_model_samples_and_what_was_asked(cattle):
    found = assign_with("microbov-breeds", cattle, exclusion_level=0.05, seed=7)[0].provenance
    assert found.library == open_model("microbov-breeds").identity()
    assert found.input == {
        "file": cattle.source, "sha256": cattle.sha256, "read_with": cattle.read_with
    }  # fmt: skip
    assert found.parameters["exclusion_level"] == 0.05
    assert found.parameters["seed"] == 7
    assert found.parameters["prior"] == "default"


def test_an_isotope_model_reads_a_table_and_finds_its_column_of_names(feathers, table):
    found = assign_with(feathers, table)
    assert [one.sample for one in found] == ["F1", "F2"]
    assert found[0].provenance.input == {
        "file": str(table),
        "sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
        "read_with": {},
    }
    found = assign_with(feathers, table, sample_column="other")
    assert [str(one.sample) for one in found] == ["1", "2"]
    assert found[0].provenance.input["read_with"] == {"sample_column": "other"}


@pytest.mark.parametrize(
    ("option", "value"),
    [("prior", "units"), ("range_map", {}), ("listings", {}), ("beyond_range", True), ("seed", 2)],
)
def test_an_isotope_model_takes_no_prior_range_map_or_listings(feathers, table, option, value):
    with pytest.raises(UsageError, match=f"{option} is for models of the kind .*, but this one"):
        assign_with(feathers, table, **{option: value})


@pytest.mark.parametrize(("option", "value"), [("range_map", {}), ("listings", {})])
def test_a_model_of_populations_takes_no_range_map_or_listings(cattle, option, value):
    with pytest.raises(UsageError, match=f"{option} is for models of the kind places"):
        assign_with("microbov-breeds", cattle, **{option: value})


def test_samples_are_placed_together_on_a_map_only(cattle):
    with pytest.raises(UsageError, match="microbov-breeds is a model of populations"):
        place_together("microbov-breeds", cattle)


def test_the_range_map_is_named_by_a_fingerprint_that_follows_its_outline():
    samples = read_genotypes(folder("models") / "data" / "simulated_range.csv.gz")
    samples = samples.take(np.arange(2))
    smaller = [[[(-180, -90), (180, -90), (180, 89), (-180, 89)]]]
    found = [
        assign_with("simulated-range", samples, range_map=make_range_map(EVERYWHERE))[0],
        place_together("simulated-range", samples, range_map=make_range_map(EVERYWHERE)),
        place_together("simulated-range", samples, range_map=make_range_map(smaller)),
    ]
    marks = [one.provenance.parameters["range_map"]["sha256"] for one in found]
    assert marks[0] == marks[1] != marks[2]
    without = place_together("simulated-range", samples)
    assert "range_map" not in without.provenance.parameters


@pytest.mark.parametrize(("east", "named"), [(3, None), (12, "France")])
def test_a_country_that_the_range_alone_names_is_not_named(tmp_path, east, named):
    isoscape = plane(north=0.0, east=20.0)  # values settle the longitude
    held = make_range_map([[[(0, 45), (east, 45), (east, 46), (0, 46)]]])
    model = train_isotopes(
        animals(isoscape), [isoscape], tmp_path / "m", name="m", version="1", range_map=held,
        evaluated=False,
    )  # fmt: skip
    frame = pd.DataFrame({"sample": ["a"], "d2H": [INTERCEPT + SLOPE * 20.0 * 2]})
    (found,) = assign_with(model, frame)
    assert found.origin == named and found.status == ("assigned" if named else "inconclusive")
    assert ("KNOWN_BEFOREHAND" in found.codes) is (named is None)


def test_of_genotypes_too_the_range_alone_names_no_region():
    samples = read_genotypes(folder("models") / "data" / "simulated_range.csv.gz").take([0])
    held = make_range_map([[[(-12, 10), (-9.5, 10), (-9.5, 12), (-12, 12)]]])
    (found,) = assign_with("simulated-range", samples, range_map=held)
    assert (found.status, found.origin) == ("inconclusive", None)
    assert "KNOWN_BEFOREHAND" in found.codes and "West Africa" in found.notices[-1].message
    (free,) = assign_with("simulated-range", samples)
    assert free.origin == "West Africa" and "KNOWN_BEFOREHAND" not in free.codes


def test_only_a_model_of_places_has_sites_on_a_map():
    latitudes, longitudes = sites_on_map(open_model("simulated-range"))
    assert len(latitudes) == len(longitudes) > 10
    assert sites_on_map(open_model("microbov-breeds")) == ((), ())


def test_a_frame_of_isotope_values_is_taken_as_it_is():
    frame = animals(plane())
    found = read_isotope_table(frame)
    assert found.frame is frame and (found.source, found.sha256) == ("DataFrame", "")


def test_a_table_of_isotope_values_that_is_no_csv_is_told(tmp_path):
    path = tmp_path / "values.csv"
    path.write_bytes(b"d2H\n\x00\n")
    with pytest.raises(InputError, match=r"values\.csv.*neither a table of text"):
        read_isotope_table(path)


def test_a_table_of_isotope_values_that_is_too_large_is_refused(table, monkeypatch):
    monkeypatch.setattr("forensics.origin.isotopes._BUDGET", Budget(max_bytes=20))
    with pytest.raises(InputError, match="longer than"):
        read_isotope_table(table)


@pytest.mark.parametrize(
    ("header", "names"),
    [("Sample;d2H", "Sample"), ("Échantillon;d2H", "Échantillon"), ("d2H;ID", "ID"), ("d2H;place", None),
     ("animal;sample name;d2H", "sample name")],
)  # fmt: skip
def test_the_column_of_names_is_recognised_in_other_words_too(tmp_path, header, names):
    path = tmp_path / "values.csv"
    path.write_text(f"{header}\n1;2{';3' * (header.count(';') - 1)}\n", encoding="utf-8")
    assert read_isotope_table(path).names == names


def test_names_of_samples_stay_text_and_decimal_commas_are_read(tmp_path):
    path = tmp_path / "values.csv"
    path.write_text("sample;d2H\n007;-30,5\nNA;-1,234\n")
    found = read_isotope_table(path)
    assert (list(found.frame["sample"]), found.source) == (["007", "NA"], str(path))
    assert to_numbers(found.frame["d2H"]).tolist() == [-30.5, -1.234]
