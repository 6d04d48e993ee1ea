"""Stored models of earlier versions are read for ever, and give what they gave."""

import json
from pathlib import Path

import pytest

from forensics.genetics.reading import read_genotypes
from forensics.origin.fields import FrequencyField
from forensics.origin.models import open_model
from forensics.origin.places import unpack_model
from forensics.origin.predict import assign_with

ROOT = Path(__file__).resolve().parents[2]
OLD = ROOT / "tests" / "golden" / "models" / "places-before-ranges"

# What the map says. Its sentences and the exclusion test, which may say more later, are left out.
MAP = (
    "sample", "kind", "used", "prior", "mode", "mean", "median", "regions", "cell_km",
    "territories", "second",
)  # fmt: skip


def assert_same(found, expected, place="result"):
    if isinstance(expected, dict):
        assert set(found) == set(expected), place
        for key in expected:
            assert_same(found[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), place
        for number, value in enumerate(expected):
            assert_same(found[number], value, f"{place}[{number}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9), place
    else:
        assert found == expected, place


def test_a_model_with_a_kriged_field_gives_what_the_version_that_made_it_gave():
    """The expected results were written by the version before ranges, of two SIMULATED animals."""
    animals = read_genotypes(ROOT / "models" / "data" / "simulated_range.csv.gz")
    expected = json.loads(OLD.with_suffix(".json").read_text(encoding="utf-8"))
    results = assign_with(OLD, animals.take([0, 333]))
    found = [json.loads(result.to_json()) for result in results]
    for record, stored in zip(found, expected, strict=True):
        for key in MAP:
            assert_same(record[key], stored[key], key)


def test_a_model_with_a_kriged_field_has_no_range_and_names_no_engine():
    model = open_model(OLD)
    spatial, _baseline, _fit = unpack_model(model.labels, model.arrays, model.card["parameters"])
    assert isinstance(spatial.field, FrequencyField)
    assert spatial.range.kind == "grid" and spatial.wide is None
    assert spatial.calibration.sharpness is None
