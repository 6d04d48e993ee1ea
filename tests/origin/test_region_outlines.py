"""The outline of a region holds its cells and nothing else, in rings that readers of GeoJSON take."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.origin.geography import Grid, in_rings
from forensics.origin.regions import outline_cells


def grid_of(rows, columns, *, west=10.0, north=5.0, step=1.0):
    return Grid(
        north - step * (np.arange(rows) + 0.5),
        west + step * (np.arange(columns) + 0.5),
        np.ones((rows, columns), dtype=bool),
    )


def ring_area(ring):
    x, y = ring[:, 0], ring[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


MASKS = st.integers(2, 7).flatmap(
    lambda rows: st.integers(2, 7).flatmap(
        lambda columns: st.lists(
            st.booleans(), min_size=rows * columns, max_size=rows * columns
        ).map(lambda cells: np.array(cells).reshape(rows, columns))
    )
)


@settings(max_examples=150, deadline=None)
@given(MASKS)
def test_every_cell_of_a_region_lies_in_its_outline_and_no_other_does(mask):
    grid = grid_of(*mask.shape)
    polygons = outline_cells(grid, mask)
    inside = np.zeros(mask.shape, dtype=int)
    for polygon in polygons:
        inside += in_rings(*grid.coordinates(), polygon)
    assert np.array_equal(inside, mask.astype(int))
    assert sum(ring_area(ring) for polygon in polygons for ring in polygon) == pytest.approx(
        mask.sum()
    )


@settings(max_examples=150, deadline=None)
@given(MASKS)
def test_rings_are_closed_turn_as_the_format_says_and_touch_no_corner_twice(mask):
    for polygon in outline_cells(grid_of(*mask.shape), mask):
        for place, ring in enumerate(polygon):
            assert np.array_equal(ring[0], ring[-1]) and len(ring) >= 5
            assert len({tuple(corner) for corner in ring[:-1]}) == len(ring) - 1
            assert (ring_area(ring) > 0) == (place == 0)


@settings(max_examples=60, deadline=None)
@given(MASKS)
def test_outlines_are_those_of_gdal(mask):
    features = pytest.importorskip("rasterio.features")
    transform = pytest.importorskip("rasterio.transform").from_origin(10.0, 5.0, 1.0, 1.0)
    expected = [
        shape["coordinates"]
        for shape, _value in features.shapes(
            mask.astype(np.uint8), mask=mask, connectivity=4, transform=transform
        )
    ]

    def areas(polygons):
        return sorted(
            sorted(round(abs(ring_area(np.array(ring))), 6) for ring in polygon)
            for polygon in polygons
        )

    ours = outline_cells(grid_of(*mask.shape), mask)
    assert areas([polygon[:1] for polygon in ours]) == areas([p[:1] for p in expected])


@pytest.mark.parametrize("west", [178.0, 178.5])
def test_a_region_across_the_antimeridian_is_cut_there(west):
    grid = grid_of(2, 4, west=west)
    polygons = outline_cells(grid, np.ones((2, 4), dtype=bool))
    assert len(polygons) == 2
    longitudes = [sorted({float(x) for x in polygon[0][:, 0]}) for polygon in polygons]
    assert longitudes == [[west, 180.0], [-180.0, west + 4 - 360]]
    assert sum(ring_area(ring) for polygon in polygons for ring in polygon) == pytest.approx(8)


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(UsageError, match="shape"):
        outline_cells(grid_of(2, 2), np.ones((3, 2), dtype=bool))
