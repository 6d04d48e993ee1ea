"""The packaged outlines: countries of places, and what lies off them."""

import hashlib
import re
from importlib.resources import files

import numpy as np
import pytest

from forensics.errors import LibraryError
from forensics.origin import outlines
from forensics.origin.outlines import countries, countries_of, on_land


def names(places):
    found, away = countries_of(*np.array(places, dtype=float).T)
    return [countries()[one].name if one >= 0 else None for one in found], away


def test_capitals_are_in_their_countries():
    found, away = names(
        [(-1.29, 36.82), (48.86, 2.35), (-25.75, 28.19), (55.75, 37.62), (-33.46, -70.65)]
    )
    assert found == ["Kenya", "France", "South Africa", "Russia", "Chile"]
    assert (away == 0).all()


def test_an_enclave_is_not_in_the_country_around_it():
    assert names([(-29.5, 28.3)])[0] == ["Lesotho"]


def test_land_on_both_sides_of_the_antimeridian_is_russia():
    assert names([(67.0, 179.5), (67.0, -176.5)])[0] == ["Russia", "Russia"]
    assert names([(67.0, 183.5)])[0] == ["Russia"]


def test_a_place_off_the_outlines_gets_the_nearest_country_and_the_distance_is_told():
    found, away = names([(-6.16, 39.2), (0.0, -30.0)])  # Zanzibar; the middle of the Atlantic
    assert found == ["Tanzania", None]
    assert 0 < away[0] < 60 and np.isinf(away[1])


def test_land_is_taken_with_the_tolerance_of_the_outlines():
    assert on_land(-1.29, 36.82) and not on_land(0.0, -30.0)
    places = np.array([-6.16]), np.array([39.2])
    assert not on_land(*places, within_km=0) and on_land(*places, within_km=60.0)


def test_codes_are_three_digits_or_absent_for_three_territories():
    without = [one.name for one in countries() if not one.code]
    assert without == ["Kosovo", "N. Cyprus", "Somaliland"]
    assert all(re.fullmatch(r"\d{3}", one.code) for one in countries() if one.code)
    assert len(countries()) == 177


def test_rings_are_closed_and_on_the_globe():
    for one in countries():
        for ring in one.rings:
            assert len(ring) >= 4
            assert np.allclose(ring[0], ring[-1])
            assert (np.abs(ring) <= (180 + 1e-6, 90)).all()


def test_the_file_is_the_published_one():
    folder = files("forensics.origin").joinpath("coastlines")
    digest = hashlib.sha256(folder.joinpath("countries-110m.json").read_bytes()).hexdigest()
    assert digest in folder.joinpath("SOURCES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", '{"transform": 3}', "[]"])
def test_a_damaged_file_is_told(monkeypatch, tmp_path, text):
    (tmp_path / "coastlines").mkdir()
    (tmp_path / "coastlines/countries-110m.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(outlines, "files", lambda _package: tmp_path)
    with pytest.raises(LibraryError, match="install again"):
        countries.__wrapped__()
