"""Distances, grids and regions of highest density."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forensics.errors import UsageError
from forensics.origin.geography import (
    EARTH_RADIUS_KM,
    Grid,
    Surface,
    great_circle,
    in_rings,
    make_grid,
    spherical_mean,
    surface_from_log,
    wrap_longitude,
)


def small_grid(rows=6, columns=8, inside=None, south=-10.0, west=20.0):
    inside = np.ones((rows, columns), dtype=bool) if inside is None else inside
    return Grid(south + 1.0 * np.arange(rows)[::-1], west + 1.0 * np.arange(columns), inside)


@pytest.mark.parametrize(
    ("places", "km"),
    [
        # Quarter and half of the meridian of the sphere, and a place to itself.
        ((0, 0, 90, 0), EARTH_RADIUS_KM * np.pi / 2),
        ((0, 0, 0, 180), EARTH_RADIUS_KM * np.pi),
        ((-33.9, 18.4, -33.9, 18.4), 0.0),
        # Across the antimeridian the way is short.
        ((0, 179.5, 0, -179.5), EARTH_RADIUS_KM * np.pi / 180),
        # Any two longitudes at a pole are one place.
        ((90, 10, 90, -120), 0.0),
        # Nashville to Los Angeles, a much used example: 2886.45 km with R = 6371.
        ((36.12, -86.67, 33.94, -118.40), 2886.4444 * EARTH_RADIUS_KM / 6371.0),
    ],
)
def test_great_circle_has_known_values(places, km):
    assert great_circle(*places) == pytest.approx(km, abs=0.02)


@given(st.tuples(*[st.floats(-90, 90), st.floats(-180, 180)] * 2))
def test_distance_is_symmetric_and_at_most_half_the_globe(places):
    there, back = great_circle(*places), great_circle(*places[2:], *places[:2])
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= EARTH_RADIUS_KM * np.pi + 1e-6


def test_areas_of_a_whole_globe_sum_to_the_sphere():
    grid = make_grid([-89, 89], [0, 180], cells=20, margin_km=500, land=False)
    assert grid.areas().sum() == pytest.approx(4 * np.pi * EARTH_RADIUS_KM**2, rel=1e-9)


def test_a_grid_across_the_antimeridian_is_one_grid_and_reports_wrapped_longitudes():
    grid = make_grid([60, 65], [175, -170], cells=20, margin_km=100, land=False)
    assert np.ptp(grid.longitudes) < 30
    assert grid.longitudes.max() > 180
    assert np.abs(grid.coordinates()[1]).max() <= 180
    row, column = grid.cell_of([62, 62], [-171, 178])
    assert (row >= 0).all() and column[1] < column[0]
    weights = np.zeros(grid.inside.shape)
    weights[grid.cell_of(62, -175.0)] = 1.0
    surface = Surface(grid, weights)
    assert -180 <= surface.mode()[1] < -170
    assert great_circle(62, -175.0, *surface.mode()) < grid.cell_km()


def test_a_grid_over_the_pole_goes_all_the_way_round():
    grid = make_grid([85, 88], [0, 170], cells=20, margin_km=600, land=False)
    assert len(grid.longitudes) * grid.steps[1] == pytest.approx(360)
    assert grid.cell_of(89.9, -77.0)[0] >= 0 and grid.cell_of(90.0, 0.0)[0] == 0


def test_places_are_in_their_cells_and_kept_though_the_outlines_have_no_land_there():
    # Mauritius and Reunion are not in outlines of 1:110 million.
    grid = make_grid([-20.3, -21.1], [57.6, 55.5], cells=30)
    row, column = grid.cell_of([-20.3, -21.1], [57.6, 55.5])
    assert grid.inside[row, column].all()


@pytest.mark.parametrize(
    ("latitudes", "longitudes"),
    [([91], [0]), ([0], [400]), ([np.nan], [0]), ([1, 2], [1]), ([], []), ([np.inf], [3])],
)
def test_places_that_are_none_are_refused(latitudes, longitudes):
    with pytest.raises(UsageError):
        make_grid(latitudes, longitudes, land=False)


@pytest.mark.parametrize("change", [{"cells": 1}, {"cells": 5000}, {"margin_km": 0.0}])
def test_a_grid_out_of_reason_is_refused(change):
    with pytest.raises(UsageError):
        make_grid([0, 1], [0, 1], land=False, **change)


def test_grids_in_the_wrong_order_or_without_cells_are_refused():
    with pytest.raises(UsageError):
        Grid(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.ones((2, 2), dtype=bool))
    with pytest.raises(UsageError):
        small_grid(inside=np.zeros((6, 8), dtype=bool))
    with pytest.raises(UsageError):
        small_grid(inside=np.ones((3, 3), dtype=bool))


def test_a_surface_must_sum_to_one_over_allowed_cells():
    grid = small_grid()
    with pytest.raises(UsageError):
        Surface(grid, np.full((6, 8), 0.1))
    inside = np.ones((6, 8), dtype=bool)
    inside[0, 0] = False
    wrong = np.zeros((6, 8))
    wrong[0, 0] = 1.0
    with pytest.raises(UsageError):
        Surface(small_grid(inside=inside), wrong)


weights = arrays(np.float64, (6, 8), elements=st.floats(-30, 0))


@given(weights, st.floats(0.05, 0.9))
def test_regions_hold_their_level_are_nested_and_no_cell_can_be_spared(logs, level):
    surface = surface_from_log(small_grid(), logs)
    region, wider = surface.region(level), surface.region(min(0.99, level + 0.05))
    assert surface.share(region) >= level - 1e-9
    assert not (region & ~wider).any()
    # Every cell outside is less dense than every cell inside.
    if (~region).any():
        assert surface.density[~region].max() < surface.density[region].min()
    # Without its least dense cells the region no longer holds the level.
    least = surface.density[region].min()
    assert surface.share(region & (surface.density > least * (1 + 1e-9))) < level + 1e-9


@given(weights, st.integers(0, 5), st.integers(0, 7))
def test_the_rank_of_a_place_agrees_with_the_regions(logs, row, column):
    surface = surface_from_log(small_grid(), logs)
    place = surface.grid.latitudes[row], surface.grid.longitudes[column]
    rank = surface.rank(*place)
    assert 0 <= rank <= 1
    own = surface.share(np.isclose(surface.density, surface.density[row, column], rtol=1e-9))
    if rank + own < 0.9:
        assert surface.holds(0.9, *place)
    if rank - own > 0.9:
        assert not surface.holds(0.9, *place)


def test_ranks_of_places_drawn_from_the_surface_are_uniform():
    random = np.random.default_rng(3)
    grid = small_grid(30, 30)
    surface = surface_from_log(grid, 3 * random.normal(size=(30, 30)))
    drawn = random.choice(900, size=2000, p=surface.probabilities.ravel())
    rows, columns = np.divmod(drawn, 30)
    ranks = np.array(
        [surface.rank(grid.latitudes[r], grid.longitudes[c]) for r, c in zip(rows, columns)]
    )
    assert abs(ranks.mean() - 0.5) < 0.02
    assert abs((ranks < 0.9).mean() - 0.9) < 0.03


def test_a_flat_surface_prefers_no_cell():
    grid = small_grid()
    flat = surface_from_log(grid, np.log(grid.areas()))
    assert flat.region(0.5).all()
    assert flat.rank(-8.0, 22.0) == pytest.approx(0.5)
    assert flat.area_rank(-8.0, 22.0) == pytest.approx(1.0)


def test_density_is_per_area_so_polar_cells_of_equal_probability_are_denser():
    grid = Grid(np.array([80.0, 0.0]), np.array([0.0, 10.0]), np.ones((2, 2), dtype=bool))
    surface = Surface(grid, np.full((2, 2), 0.25))
    assert surface.mode()[0] == 80.0
    assert surface.region(0.4)[0].all() and not surface.region(0.4)[1].any()


def test_a_place_off_the_grid_is_in_no_region():
    surface = surface_from_log(small_grid(), np.zeros((6, 8)))
    assert surface.rank(50.0, 50.0) == 1.0
    assert surface.area_rank(50.0, 50.0) == 1.0
    assert not surface.holds(0.99, 50.0, 50.0)


def test_area_rank_counts_area_of_at_least_the_density():
    grid = small_grid()
    logs = np.full((6, 8), -5.0)
    logs[2, 3] = 0.0
    surface = surface_from_log(grid, logs)
    share = grid.areas()[2, 3] / grid.areas().sum()
    assert surface.area_rank(grid.latitudes[2], grid.longitudes[3]) == pytest.approx(share)


def test_means_and_medians_are_on_the_sphere():
    assert spherical_mean([0, 0], [179, -179]) == pytest.approx((0, -180), abs=1e-9)
    assert spherical_mean([89, 89], [0, 180])[0] == pytest.approx(90)
    assert np.isnan(spherical_mean([0, 0], [0, 180])).all()
    logs = np.full((6, 8), -40.0)
    logs[1, 2], logs[4, 7] = 0.0, -1.5
    surface = surface_from_log(small_grid(), logs)
    # The median keeps to the heavier of two places, the mean lies between them.
    heavy = surface.grid.latitudes[1], surface.grid.longitudes[2]
    assert great_circle(*heavy, *surface.median()) < great_circle(*heavy, *surface.mean())


def test_impossible_evidence_is_refused():
    with pytest.raises(UsageError):
        surface_from_log(small_grid(), np.full((6, 8), -np.inf))
    with pytest.raises(UsageError):
        surface_from_log(small_grid(), np.full((6, 8), np.nan))


def test_rings_have_holes_and_are_found_from_any_turn():
    square = np.array([[170.0, 0], [190, 0], [190, 20], [170, 20]])
    hole = np.array([[175.0, 5], [185, 5], [185, 15], [175, 15]])
    found = in_rings([2, 2, 10, 2], [172, -172, 180, 160], [square, hole])
    assert found.tolist() == [True, True, False, False]


@given(st.floats(-1e4, 1e4))
def test_wrapped_longitudes_are_the_same_direction(longitude):
    wrapped = float(wrap_longitude(longitude))
    assert -180 <= wrapped < 180
    assert np.cos(np.radians(wrapped - longitude)) == pytest.approx(1, abs=1e-9)
