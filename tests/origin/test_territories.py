"""The posterior per State and listing, and the sampling behind each."""

import numpy as np
import pytest

from forensics.origin.areas import (
    Area,
    MapAreas,
    Sites,
    country_regions,
    share_listings,
    share_listings_by_state,
    share_territories,
)
from forensics.origin.geography import make_grid, surface_from_log
from forensics.origin.outlines import OUTSIDE

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
