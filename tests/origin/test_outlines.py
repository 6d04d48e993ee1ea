"""The packaged outlines: countries of places, and what lies off them."""

import hashlib
import re
from importlib.resources import files

import numpy as np
import pytest

from forensics import messages
from forensics.errors import LibraryError
from forensics.origin import outlines
from forensics.origin.areas import (
    NO_SITES,
    Area,
    MapAreas,
    Sites,
    country_regions,
    share_listings,
    share_listings_by_state,
    share_territories,
)
from forensics.origin.geography import Surface, in_rings, make_grid, surface_from_log
from forensics.origin.outlines import (
    NEAR_KM,
    OUTSIDE,
    SMALL_FILE,
    alpha2_of,
    coarse_countries,
    countries,
    countries_of,
    country_in_words,
    distance_to_rings,
    find_countries,
    names_in_languages,
    on_land,
)


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
        outline = next(country for country in coarse_countries() if country.name == name)
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


ISLANDS = {
    "Eq. Guinea": (3.45, 8.7),  # Bioko, nearer to Cameroon than to its mainland
    "São Tomé and Principe": (0.25, 6.6),
    "Comoros": (-11.7, 43.35),
    "Cabo Verde": (15.1, -23.65),
    "Mauritius": (-20.3, 57.5),
    "Yemen": (12.5, 54.0),  # Socotra, nearer to Somalia
    "Spain": (28.3, -16.5),  # Tenerife, nearer to Morocco
    "Ecuador": (-0.6, -91.0),  # Galapagos
    "Malta": (35.88, 14.45),
}
ENCLAVES = {
    "Singapore": (1.36, 103.82),
    "Andorra": (42.55, 1.57),
    "Bahrain": (26.05, 50.53),
    "Timor-Leste": (-9.3, 124.3),  # Oecussi, within Indonesia
    "San Marino": (43.94, 12.46),
}


@pytest.mark.parametrize("name", [*ISLANDS, *ENCLAVES])
def test_an_island_or_a_small_country_is_not_given_to_its_neighbour(name):
    found, away = names([(ISLANDS | ENCLAVES)[name]])
    assert found == [name] and away[0] == 0


def test_a_coast_that_the_coarse_outlines_cut_off_is_not_given_to_an_island():
    # 24 km off the coarse outline of France and 22 km off Guernsey's.
    found, away = names([(49.5, -2.2)])
    assert found == ["France"] and 23 < away[0] < 26


def test_places_that_the_coarse_outlines_have_stay_as_they_were():
    north, east = np.meshgrid(np.arange(-30.0, 30.0, 1.3), np.arange(10.0, 40.0, 1.3))
    north, east = north.ravel(), east.ravel()
    coarse, away = find_countries(north, east, coarse_countries(), near_km=0.0)
    found, _away = countries_of(north, east, near_km=0.0)
    inland = away == 0
    assert inland.sum() > 400
    assert [countries()[number].name for number in found[inland]] == [
        coarse_countries()[number].name for number in coarse[inland]
    ]


def test_no_small_outline_makes_a_hole_in_its_own_country():
    for country in coarse_countries():
        whole = next(one for one in countries() if one.name == country.name)
        assert whole.code == country.code
        for ring in whole.rings[len(country.rings) :]:
            assert not in_rings(ring[:, 1], ring[:, 0], country.rings).any(), country.name


def test_no_place_is_left_out_because_a_box_was_drawn_too_narrow():
    """The oracle looks at every country for every place."""
    chance = np.random.default_rng(7)
    north = np.concatenate(
        [np.degrees(np.arcsin(chance.uniform(-1, 1, 150))), chance.uniform(-20, 20, 50)]
    )
    east = np.concatenate([chance.uniform(-180, 180, 150), chance.uniform(175, 185, 50)])
    found, away = find_countries(north, east, coarse_countries(), near_km=NEAR_KM)
    nearest = np.array([
        distance_to_rings(north, east, country.rings, within_km=NEAR_KM)
        for country in coarse_countries()
    ])  # fmt: skip
    inside = np.array([in_rings(north, east, country.rings) for country in coarse_countries()])
    nearest[inside] = 0.0
    assert (away == nearest.min(axis=0)).all()
    assert (found == np.where(np.isinf(away), -1, nearest.argmin(axis=0))).all()


def test_codes_are_three_digits_or_absent_for_four_territories():
    without = [one.name for one in countries() if not one.code]
    assert without == ["Indian Ocean Ter.", "Kosovo", "N. Cyprus", "Somaliland"]
    assert all(re.fullmatch(r"\d{3}", one.code) for one in countries() if one.code)
    assert len(coarse_countries()) == 177
    assert len({one.name for one in countries()}) == len(countries()) > 220


def test_rings_are_closed_and_on_the_globe():
    for one in countries():
        for ring in one.rings:
            assert len(ring) >= 4
            assert np.allclose(ring[0], ring[-1])
            assert (np.abs(ring[:, 1]) <= 90).all()
            assert (np.abs(np.diff(ring[:-3, 0])) < 180).all()


@pytest.mark.parametrize("name", ["countries-110m.json", SMALL_FILE])
def test_the_files_are_those_of_the_sources(name):
    folder = files("forensics.origin").joinpath("coastlines")
    digest = hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest()
    assert digest in folder.joinpath("SOURCES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "{}", '{"transform": 3}', "[]"])
def test_a_damaged_file_is_told(monkeypatch, tmp_path, text):
    (tmp_path / "coastlines").mkdir()
    (tmp_path / "coastlines/countries-110m.json").write_text(text, encoding="utf-8")
    (tmp_path / "coastlines" / SMALL_FILE).write_text(text, encoding="utf-8")
    monkeypatch.setattr(outlines, "files", lambda _package: tmp_path)
    with pytest.raises(LibraryError, match="install again"):
        coarse_countries.__wrapped__()


# -- Names of countries are in the reader's language; what is stored keeps the outline's own name


@pytest.fixture
def speak():
    yield messages.speak
    messages.speak("en")


def test_every_country_but_the_four_without_a_code_has_an_alpha2_code():
    codes = {country.name: alpha2_of(country) for country in countries()}
    assert [name for name, code in codes.items() if code is None] == [
        "Indian Ocean Ter.",
        "Kosovo",
        "N. Cyprus",
        "Somaliland",
    ]
    known = [code for code in codes.values() if code]
    assert len(known) == len(set(known)) and all(len(code) == 2 for code in known)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Dem. Rep. Congo"),
        ("fr", "Congo-Kinshasa"),
        ("es", "República Democrática del Congo"),
    ],
)
def test_names_are_in_the_language_of_the_reader(speak, language, expected):
    speak(language)
    assert country_in_words("Dem. Rep. Congo") == expected


def test_a_name_that_is_not_of_an_outline_stays(speak):
    speak("fr")
    assert country_in_words("North-western Sector") == "North-western Sector"
    assert country_in_words("Kosovo") == "Kosovo"
    assert names_in_languages("North-western Sector") == ("North-western Sector",)


def test_names_in_every_language_begin_with_the_stored_name():
    assert names_in_languages("Senegal") == ("Senegal", "Sénégal")


@pytest.mark.parametrize("language", ["fr", "es"])
def test_every_country_with_a_code_has_a_name_in_every_language(speak, language):
    speak(language)
    assert all(country_in_words(country.name) for country in countries())
    assert country_in_words("São Tomé and Principe") != "São Tomé and Principe"


def test_what_lies_outside_every_territory_is_stored_in_english_in_every_language(speak):
    grid = make_grid(
        np.array([-1.0, 1.0]), np.array([-31.0, -29.0]), cells=4, margin_km=1, land=False
    )
    surface = Surface(grid, np.where(grid.inside, 1.0 / grid.inside.sum(), 0.0))
    speak("fr")
    (territory,) = share_territories(MapAreas(grid, country_regions(), NO_SITES), surface)
    assert territory.name == OUTSIDE == "outside every territory"
    assert territory.title not in (OUTSIDE, "")


# -- The posterior per State and listing, and the sampling behind each


# Kenya and Tanzania: three sites in Kenya, none in Tanzania; grid over both.
GRID = make_grid([1.0, -9.0], [34.0, 40.0], cells=40, margin_km=50)
SITES = Sites(
    ("a", "b", "c"), np.array([0.5, -1.0, 0.0]), np.array([37.0, 37.5, 39.0]), np.array([10, 5, 7])
)


def around(latitude, longitude, km=80.0):
    away = GRID.distances([latitude], [longitude])[:, 0]
    return surface_from_log(GRID, -((away / km) ** 2))


def states_of(surface, sites, **options):
    return share_territories(MapAreas(GRID, country_regions(), sites), surface, **options)


def by_name(territories):
    return {one.name: one for one in territories}


def test_a_state_with_animals_has_its_posterior_and_its_sampling():
    held = by_name(states_of(around(0.3, 37.5), SITES))
    kenya = held["Kenya"]
    assert kenya.assessable and kenya.probability > 0.95
    assert (kenya.animals, kenya.sites, kenya.code, kenya.nearest_km) == (22, 3, "404", 0.0)


def test_a_state_without_animals_is_not_assessable_and_not_zero():
    tanzania = by_name(states_of(around(-6.0, 35.0), SITES))["Tanzania"]
    assert not tanzania.assessable
    assert tanzania.probability is None and tanzania.mass > 0.9
    assert tanzania.animals == 0 and tanzania.nearest_km > 50
    # Told also where the surface gives it next to nothing.
    assert "Tanzania" in by_name(states_of(around(0.9, 37.0, km=20), SITES))


def test_animals_near_the_border_make_the_neighbour_assessable():
    held = by_name(states_of(around(-6.0, 35.0), SITES, near_km=400.0))
    assert held["Tanzania"].assessable and held["Tanzania"].probability > 0.9


def test_masses_sum_to_one_and_the_second_prior_is_beside():
    surface, second = around(-2.0, 37.0, km=300), around(0.5, 37.0, km=300)
    held = states_of(surface, SITES, second=second)
    assert sum(one.mass for one in held) == pytest.approx(1, abs=0.01)
    assert held == sorted(held, key=lambda one: (-one.mass, one.name))
    assert by_name(held)["Kenya"].second > by_name(held)["Kenya"].probability


def two_sites(east):
    return Sites(("a", "b"), np.array([0.5, -5.0]), np.array([37.0, east]), np.array([9, 9]))


BOX = [[30.0, -2.0], [42.0, -2.0], [42.0, 3.0], [30.0, 3.0], [30.0, -2.0]]
LOW = [[30.0, -12.0], [42.0, -12.0], [42.0, -2.0], [30.0, -2.0], [30.0, -12.0]]


def test_a_region_across_a_border_leaves_both_listings():
    areas = [Area("north", "I", ((np.array(BOX),),)), Area("south", "II", ((np.array(LOW),),))]
    everywhere = two_sites(37.0)
    both = share_listings(areas, everywhere, around(-2.0, 37.0))
    assert set(both[1]) == {"I", "II"}
    one = share_listings(areas, everywhere, around(1.0, 37.0, km=40))
    assert one[1] == ("I",)


def test_a_listing_that_cannot_be_assessed_stays_open():
    areas = [Area("north", "I", ((np.array(BOX),),)), Area("south", "II", ((np.array(LOW),),))]
    site = Sites(("a",), np.array([0.9]), np.array([37.0]), np.array([9]))
    territories, listings = share_listings(areas, site, around(0.9, 37.0, km=30))
    assert by_name(territories)["II"].probability is None
    assert set(listings) == {"I", "II"}


def test_listings_by_a_table_of_states():
    everywhere = two_sites(35.0)
    held = states_of(around(-6.0, 35.0), everywhere)
    shares, listings = share_listings_by_state(held, {"834": "II", "Kenya": "I"})
    assert by_name(shares)["II"].probability > 0.9
    assert "II" in listings
    # States that the table lacks are told, not dropped.
    assert sum(one.mass for one in shares) == pytest.approx(sum(one.mass for one in held))


def test_sites_that_no_area_holds_are_those_of_the_places_outside():
    areas = [
        Area("north", "I", ((np.array(BOX),),)),
        Area("far north", "I", ((np.array(BOX) + [0, 5],),)),
    ]
    shares, _possible = share_listings(areas, two_sites(35.0), around(-6.0, 35.0))
    outside = by_name(shares)[OUTSIDE]
    assert (outside.animals, outside.sites, outside.nearest_km) == (9, 1, 0.0)
    assert outside.probability > 0.9
