"""Names of countries are in the reader's language; what is stored keeps the outline's own name."""

import numpy as np
import pytest

from forensics import messages
from forensics.origin.areas import NO_SITES, MapAreas, country_regions, share_territories
from forensics.origin.geography import Surface, make_grid
from forensics.origin.outlines import (
    OUTSIDE,
    alpha2_of,
    countries,
    country_in_words,
    names_in_languages,
)


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
