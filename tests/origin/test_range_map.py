"""Range maps: what lies in them, and files that are none."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.origin.geography import Grid
from forensics.origin.polygons import make_range_map, read_range_map

SQUARE = [(10, 40), (20, 40), (20, 50), (10, 50), (10, 40)]
HOLE = [(13, 43), (17, 43), (17, 47), (13, 47), (13, 43)]


def grid(south=30, north=60, west=0, east=30, step=1.0):
    latitudes = np.arange(north - step / 2, south, -step)
    longitudes = np.arange(west + step / 2, east, step)
    return Grid(latitudes, longitudes, np.ones((latitudes.size, longitudes.size), dtype=bool))


@pytest.fixture
def write(tmp_path):
    def write(document, name="range.geojson"):
        path = tmp_path / name
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(map(list, ring)) for ring in rings]}


def test_a_hole_is_no_range():
    held = make_range_map([[SQUARE, HOLE]])
    assert held.contains([45, 41, 60], [15, 11, 15]).tolist() == [False, True, False]
    mask = held.mask(grid(), touching=False)
    assert mask.sum() == 10 * 10 - 4 * 4


def test_overlapping_polygons_do_not_cancel():
    held = make_range_map([[SQUARE], [SQUARE], [HOLE]])
    assert held.mask(grid(), touching=False).sum() == 100
    assert held.contains([45.0], [15.0]).all()


def test_a_cell_that_is_touched_is_allowed_and_a_tiny_range_has_one():
    tiny = make_range_map([[[(10.51, 40.51), (10.52, 40.51), (10.52, 40.52)]]])
    assert tiny.mask(grid(step=10)).sum() == 1
    shifted = make_range_map([[[(10.4, 40), (20, 40), (20, 50), (10.4, 50)]]])
    assert shifted.mask(grid()).sum() == 100


@given(
    st.lists(
        st.tuples(st.floats(0.5, 29.5), st.floats(30.5, 59.5)), min_size=3, max_size=12, unique=True
    )
)
def test_mask_of_centres_is_what_the_places_say(corners):
    held = make_range_map([[corners]])
    cells = grid()
    north, east = cells.coordinates()
    expected = held.contains(north, east)
    if expected.any():
        found = held.mask(cells, touching=False)
        # Only places on a side itself may differ.
        assert (found != expected).sum() <= 2


def test_a_ring_across_the_antimeridian_is_asked_about():
    ring = [(170, -10), (-170, -10), (-170, 10), (170, 10)]
    with pytest.raises(InputError, match="crosses the antimeridian or it is wider"):
        make_range_map([[ring]])
    held = make_range_map([[ring]], antimeridian="shorter")
    assert held.contains([0, 0, 0], [175, -175, 0]).tolist() == [True, True, False]
    cells = grid(-20, 20, 160, 200)
    assert held.mask(cells, touching=False).sum() == 400
    split = make_range_map(
        [
            [[(170, -10), (180, -10), (180, 10), (170, 10)]],
            [[(-180, -10), (-170, -10), (-170, 10), (-180, 10)]],
        ]
    )
    assert np.array_equal(split.mask(cells, touching=False), held.mask(cells, touching=False))


def test_longitudes_beyond_180_and_the_frame_of_the_world_are_taken():
    held = make_range_map([[[(170, -10), (190, -10), (190, 10), (170, 10)]]])
    assert held.contains([0, 0], [-175, 175]).all()
    world = make_range_map([[[(-180, -90), (180, -90), (180, 90), (-180, 90)]]])
    assert world.mask(grid(), touching=False).all()


@pytest.mark.parametrize(
    ("ring", "text"),
    [
        ([(500000, 5400000), (600000, 5400000), (600000, 5500000)], "metres or feet.*EPSG:4326"),
        ([(40, 110), (50, 110), (50, 120)], "exchanged"),
        ([(400, 10), (401, 10), (401, 11)], "no place|metres"),
        ([(1, 2), (3, 4)], "fewer than three"),
        ([(1, 2), (3, float("nan")), (5, 6)], "not two numbers"),
        ([(1,), (3,), (5,)], "not two numbers"),
        (["ab", "cd", "ef"], "not two numbers"),
    ],
)
def test_bad_rings_are_told_apart(ring, text):
    with pytest.raises(InputError, match=text):
        make_range_map([[ring]])


def test_a_range_elsewhere_says_where_and_whether_it_is_exchanged():
    with pytest.raises(InputError, match="no cell of the map is in this range"):
        make_range_map([[[(100, 40), (110, 40), (110, 45)]]]).mask(grid())
    with pytest.raises(InputError, match="exchanged"):
        make_range_map([[[(40, 10), (50, 10), (50, 20)]]]).mask(grid())


def test_geojson_of_every_kind_is_read(write):
    multi = {"type": "MultiPolygon", "coordinates": [polygon(SQUARE, HOLE)["coordinates"]]}
    feature = {"type": "Feature", "properties": {}, "geometry": multi}
    for document in (
        polygon(SQUARE, HOLE),
        multi,
        feature,
        {"type": "FeatureCollection", "features": [feature, feature]},
        {"type": "GeometryCollection", "geometries": [multi]},
    ):
        assert read_range_map(write(document)).mask(grid(), touching=False).sum() == 84


def test_shapefiles_are_read_with_holes(tmp_path):
    shapefile = pytest.importorskip("shapefile", reason="the extra geo is not installed")
    path = tmp_path / "range.shp"
    with shapefile.Writer(str(path)) as writer:
        writer.field("name")
        writer.poly([SQUARE[::-1], HOLE])
        writer.record("simulated")
    assert read_range_map(path).mask(grid(), touching=False).sum() == 84
    for projection in ('PROJCS["UTM", GEOGCS["WGS 84"]]', 'GEOGCS["GCS_North_American_1927"]'):
        path.with_suffix(".prj").write_text(projection)
        with pytest.raises(InputError, match="another projection"):
            read_range_map(path)
    path.with_suffix(".prj").write_text('GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984"]]')
    assert read_range_map(path).mask(grid(), touching=False).sum() == 84
    path.with_suffix(".prj").unlink()
    for length in (0, 50, 120, 150):
        path.write_bytes(path.read_bytes()[:length] + b"\xff" * 8)
        with pytest.raises(InputError, match="damaged|no polygon|not two numbers|metres"):
            read_range_map(path)


def test_an_unknown_rule_is_refused():
    with pytest.raises(UsageError, match="refuse or shorter"):
        make_range_map([[SQUARE]], antimeridian="guess")
