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


def test_a_country_across_the_antimeridian_is_nowhere_else_on_its_latitudes():
    # Zambia, Mozambique and Bolivia on the latitudes of Fiji; Sweden and Alaska on Russia's.
    assert names([(-16.5, 25.0), (-16.5, 38.0), (-16.5, -60.0), (67.0, 20.0), (66.0, -150.0)])[0] == [
        "Zambia", "Mozambique", "Bolivia", "Sweden", "United States of America",
    ]  # fmt: skip
    assert not on_land([67.0, -16.5], [-3.0, -10.0], within_km=0).any()
    for name, west, east in (("Fiji", 177.0, 181.0), ("Russia", 19.0, 191.0)):
        outline = next(country for country in countries() if country.name == name)
        for ring in outline.rings:
            easting = ring[:, 0] % 360
            assert (easting >= west).all() and (easting <= east).all(), name


def test_the_south_pole_is_antarctica():
    assert (
        names([(-89.9, 10.0), (-86.0, 180.0), (-86.0, -179.9), (-80.0, 0.0)])[0]
        == ["Antarctica"] * 4
    )


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
            assert (np.abs(ring[:, 1]) <= 90).all()
            assert (np.abs(np.diff(ring[:-3, 0])) < 180).all()


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
