"""The range of a model: stated, derived, read, and the same in training, evaluation and use."""

import json

import numpy as np
import pytest
from spatial_simulation import simulated_animals, simulated_model

from forensics.core.stored import to_stored
from forensics.errors import InputError, ModelError, UsageError
from forensics.origin.geography import great_circle, make_grid
from forensics.origin.models import unpacking
from forensics.origin.outlines import on_land
from forensics.origin.ranges import (
    Range,
    RasterCells,
    derive_distance,
    lay_grid,
    range_of_sites,
    read_range,
)
from forensics.origin.spatial import fit_spatial, locate, spatial_arrays, spatial_from_arrays

MODEL, REFERENCE, NEW = simulated_model()
SQUARE = [[22.0, -7.0], [28.0, -7.0], [28.0, 1.0], [22.0, 1.0], [22.0, -7.0]]


def write_square(folder):
    path = folder / "range.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [SQUARE]}))
    return path


def test_a_derived_range_is_land_near_the_sites():
    grid, sites = MODEL.grid, (MODEL.field.latitudes, MODEL.field.longitudes)
    away = grid.distances(*sites).min(axis=1)
    assert MODEL.range.kind == "sites"
    animals = grid.cell_of(REFERENCE.latitudes, REFERENCE.longitudes)
    allowed = np.zeros(grid.inside.shape)
    allowed[grid.inside] = away
    allowed[animals] = 0
    assert allowed.max() <= MODEL.range.distance_km
    assert MODEL.wide.sum() > grid.inside.sum() and MODEL.wide[grid.inside].all()


def test_the_derived_distance_is_that_of_neighbouring_sites():
    latitudes, longitudes = np.zeros(11), np.arange(11.0)
    step = float(great_circle(0, 0, 0, 1))
    assert derive_distance(latitudes, longitudes) == pytest.approx(1.5 * step)
    assert derive_distance(latitudes, longitudes / 1000) == 10.0
    assert derive_distance(np.zeros(2), np.zeros(2)) == 10.0


def test_the_sea_is_outside_a_derived_range():
    sites = np.array([5.0, 5.5, 6.0]), np.array([-3.0, -2.0, -1.0])  # on the coast of Ghana
    grid, _wide = lay_grid(range_of_sites(300.0), sites, sites, cells=30)
    rows, columns = (degrees[grid.inside] for degrees in grid.coordinates())
    assert on_land(rows, columns).all()
    sea, _wide = lay_grid(range_of_sites(300.0, land=False), sites, sites, cells=30)
    assert sea.inside.sum() > grid.inside.sum()


def test_no_place_outside_the_range_unless_it_is_asked_for():
    outside = MODEL.wide & ~MODEL.grid.inside
    inside, beyond = locate(MODEL, NEW)[0], locate(MODEL, NEW, beyond_range=True)[0]
    assert inside.surface.share(outside) == 0.0
    assert inside.outside_range == pytest.approx(beyond.surface.share(outside), abs=1e-9)
    assert 0 < inside.outside_range < 1 and beyond.outside_range is None


def test_a_range_of_polygons_is_the_same_in_training_and_use(tmp_path):
    range_ = read_range(write_square(tmp_path))
    animals = simulated_animals(seed=2, sites=7, animals=3, loci=4)
    model = fit_spatial(animals, seed=3, cells=20, range_=range_)
    assert range_.kind == "polygons" and len(range_.sha256) == 64
    rows, columns = model.grid.coordinates()
    cells = model.grid.cell_of(animals.latitudes, animals.longitudes)
    north, west = model.grid.steps
    # A cell that the range only touches is in it; so are the animals' own cells.
    allowed = model.grid.inside.copy()
    allowed[cells] = False
    assert (np.abs(columns[allowed] - 25) <= 3 + west).all()
    assert (np.abs(rows[allowed] + 3) <= 4 + north).all()


def test_a_raster_above_zero_is_a_range():
    cells = RasterCells(np.array([1.0, 0.0, -1.0]), np.array([20.0, 21.0]), np.eye(3, 2) > 0)
    inside = cells.contains([1.2, 1.2, -0.2, 9.0], [20.3, 21.0, 20.6, 20.0])
    assert inside.tolist() == [True, False, True, False]
    grid = make_grid([-1, 1], [20, 21], cells=12, land=False)
    mask = Range("raster", shape=cells).mask(grid, np.zeros(1), np.zeros(1))
    assert mask.any() and np.array_equal(mask, cells.contains(*grid.coordinates()))
    far = make_grid([40, 41], [60, 61], cells=12, land=False)
    with pytest.raises(InputError, match="no cell of the map"):
        Range("raster", shape=cells).mask(far, np.zeros(1), np.zeros(1))


def test_a_raster_file_is_read_as_a_range(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    from rasterio.transform import from_origin

    path, values = tmp_path / "range.tif", np.array([[0.0, 0.7], [-9.0, 1.0]], dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", height=2, width=2, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(20, 2, 1, 1), nodata=-9,
    ) as file:  # fmt: skip
        file.write(values, 1)
    range_ = read_range(path)
    assert range_.kind == "raster"
    assert range_.shape.contains([1.5, 1.5, 0.5, 0.5], [20.5, 21.5, 20.5, 21.5]).tolist() == [
        False, True, False, True,
    ]  # fmt: skip


def test_the_range_of_an_archipelago_is_its_islands_and_not_the_cells_of_the_sites():
    # Galapagos: Isabela, Santa Cruz, San Cristobal, Santiago, Espanola.
    sites = (
        np.array([-0.6, -0.65, -0.85, -0.25, -1.38]),
        np.array([-91.1, -90.35, -89.4, -90.7, -89.68]),
    )
    grid, _wide = lay_grid(range_of_sites().of_sites(*sites), sites, sites)
    assert grid.inside.sum() > 500
    assert grid.inside[grid.cell_of(-0.2, -91.3)]  # the north of Isabela, where no site is


def test_a_range_is_stored_with_its_model():
    arrays, values = spatial_arrays(MODEL)
    read = spatial_from_arrays(arrays, json.loads(json.dumps(values)))
    assert to_stored(read.range) == to_stored(MODEL.range)
    assert np.array_equal(read.wide, MODEL.wide)
    for wrong in ({"kind": "moon"}, {"distance_km": None}, {"distance_km": -1.0}):
        values["range"] = to_stored(MODEL.range) | wrong
        with pytest.raises(ModelError), unpacking():
            spatial_from_arrays(arrays, values)


def test_a_range_says_what_it_is_in_words(tmp_path):
    assert range_of_sites(366.4).in_words() == "land within 366 km of the reference sites"
    assert read_range(write_square(tmp_path)).in_words() == "as in range.geojson"
    with pytest.raises(UsageError, match="above 0"):
        range_of_sites(-2.0)
