"""One GeoJSON is one thing, whether it is a range, reporting regions or listed populations."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.origin import geography, polygons
from forensics.origin.areas import read_listings
from forensics.origin.geography import Grid, in_polygons, in_rings
from forensics.origin.polygons import check_polygons, make_range_map, read_geojson, read_range_map
from forensics.origin.regions import read_regions
from forensics.trade.sheets import json_sheet

READERS = (read_range_map, read_regions, read_listings)
SQUARE = [[10, 40], [20, 40], [20, 50], [10, 50], [10, 40]]
SHAPE = {"type": "Polygon", "coordinates": [SQUARE]}
PROPERTIES = {"name": "A", "listing": "I"}
FEATURE = {"type": "Feature", "properties": PROPERTIES, "geometry": SHAPE}


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def crs(name):
    return {"crs": {"type": "name", "properties": {"name": name}}}


def ring(corners):
    return collection({**FEATURE, "geometry": {"type": "Polygon", "coordinates": [corners]}})


def write(folder, document):
    path = folder / "areas.geojson"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("document", "text"),
    [
        (collection(FEATURE, **crs("EPSG:4267")), "another projection.*EPSG:4267"),
        ({**FEATURE, **crs("urn:ogc:def:crs:EPSG::3857")}, "another projection"),
        ("{", "not GeoJSON"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 3], [4, 5]]]}', "not two numbers"),
        ('{"a":' * 100_000, "not GeoJSON"),
        ({}, "no polygon"),
        (collection(), "no features"),
        ({"type": "FeatureCollection", "features": {}}, "JSON but not GeoJSON"),
        (collection({**FEATURE, "properties": [1]}), "JSON but not GeoJSON"),
        (collection(3), "no polygon"),
        (collection(FEATURE, {**FEATURE, "geometry": None}), "record 2.*no polygon"),
        (collection({"type": "Feature", "properties": PROPERTIES}), "no polygon"),
        (collection(FEATURE, {"type": "Point", "coordinates": [1, 2]}), "record 2.*'Point'"),
        ({"type": ["Polygon"], "coordinates": []}, "no polygon"),
        ({"type": "Polygon", "coordinates": 3}, "no polygon"),
        ({"type": "Polygon", "coordinates": []}, "no polygon"),
        ({"type": "Polygon", "coordinates": [3]}, "no polygon"),
        (ring(["a", "b", "c"]), "not two numbers"),
        (ring([["a", 0]] * 4), "not two numbers"),
        (ring([[0, 0], [1, 1]]), "fewer than three"),
        (ring([[0, 500.0], [1, 500.0], [1, 501.0]]), "metres or feet"),
        (ring([[40, 110], [50, 110], [50, 120]]), "exchanged"),
        (ring([[179, -17], [-179, -17], [-179, -16]]), "Split it at 180 degrees"),
    ],
)
def test_what_one_reader_refuses_all_refuse_with_the_file(tmp_path, read, document, text):
    with pytest.raises(InputError, match=r"areas\.geojson.*" + text):
        read(write(tmp_path, document))


@pytest.mark.parametrize(
    "document",
    [
        FEATURE,
        collection(FEATURE),
        collection(FEATURE, **crs("urn:ogc:def:crs:OGC:1.3:CRS84")),
        {**FEATURE, "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE]]}},
        {**FEATURE, "geometry": {"type": "GeometryCollection", "geometries": [SHAPE]}},
    ],
)
def test_what_one_reader_reads_all_read(tmp_path, document):
    path = write(tmp_path, document)
    (held,) = read_range_map(path).polygons
    assert read_regions(path).names == ("A",)
    ((own,),) = read_regions(path).areas
    (area,) = read_listings(path)
    assert (area.name, area.listing) == ("A", "I")
    for other in (own, area.polygons[0]):
        assert np.array_equal(held[0], other[0]) and len(held) == len(other) == 1


def test_a_geometry_alone_is_a_range_and_a_population_and_lacks_the_name_of_a_region(tmp_path):
    path = write(tmp_path, SHAPE)
    assert len(read_range_map(path).polygons) == len(read_listings(path)) == 1
    with pytest.raises(InputError, match="property 'name'"):
        read_regions(path)


def test_nested_collections_end(tmp_path):
    document = SHAPE
    for _level in range(100):
        document = {"type": "GeometryCollection", "geometries": [document]}
    with pytest.raises(InputError, match="no polygon"):
        read_range_map(write(tmp_path, document))


def test_seizures_of_another_projection_are_refused(tmp_path):
    point = {"type": "Feature", "properties": {"seizure": "1"}, "geometry": None}
    with pytest.raises(InputError, match="another projection"):
        json_sheet(write(tmp_path, collection(point, **crs("EPSG:4267"))))


def test_polygons_that_go_up_and_down_over_and_over_are_refused(tmp_path):
    corners = [[10 + place / 1000, 3 + 10 * (place % 2)] for place in range(6000)]
    for read in READERS:
        with pytest.raises(InputError, match="cross themselves over and over"):
            read(write(tmp_path, ring(corners)))
    assert check_polygons([[corners[:4000]]], source=None)


def test_too_many_corners_and_rings_are_refused(monkeypatch):
    content = json.dumps(collection(*[FEATURE] * 30)).encode()
    assert len(read_geojson(content, source=None)) == 30
    for name, most in (("MAX_CORNERS", 100), ("MAX_RINGS", 20)):
        with monkeypatch.context() as patched:
            patched.setattr(polygons, name, most)
            with pytest.raises(InputError, match="simplify"):
                read_geojson(content, source=None)


CORNERS = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-8, 8)), min_size=3, max_size=9
)  # fmt: skip


def by_sides(y, x, rings):
    """Return whether a place is inside, side by side: the even-odd rule as books have it."""
    inside = False
    for corners in rings:
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


@given(st.lists(st.lists(CORNERS, min_size=1, max_size=3), max_size=4), st.integers(1, 40))
def test_places_lie_in_the_polygons_that_contain_them(shapes, most):
    y, x = np.meshgrid(np.arange(-9, 10), np.arange(-21, 22, 1.5), indexing="ij")
    made = [[np.array(corners, dtype=float) for corners in rings] for rings in shapes]
    whole, geography._CROSSINGS = geography._CROSSINGS, most
    try:
        found = in_polygons(y, x, made)
        first = in_rings(y, x, made[0]) if made else None
    finally:
        geography._CROSSINGS = whole
    expected = [[by_sides(b, a, rings) for a, b in zip(x.ravel(), y.ravel())] for rings in shapes]
    assert np.array_equal(found.ravel(), np.any(expected, axis=0) if shapes else np.zeros(y.size))
    if made:
        assert np.array_equal(first.ravel(), expected[0])


# -- Range maps: what lies in them, and files that are none


SQUARE_OF_RANGE_MAP = [(10, 40), (20, 40), (20, 50), (10, 50), (10, 40)]
HOLE = [(13, 43), (17, 43), (17, 47), (13, 47), (13, 43)]


def grid(south=30, north=60, west=0, east=30, step=1.0):
    latitudes = np.arange(north - step / 2, south, -step)
    longitudes = np.arange(west + step / 2, east, step)
    return Grid(latitudes, longitudes, np.ones((latitudes.size, longitudes.size), dtype=bool))


@pytest.fixture
def write_of_range_map(tmp_path):
    def write(document, name="range.geojson"):
        path = tmp_path / name
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(map(list, ring)) for ring in rings]}


def test_a_hole_is_no_range():
    held = make_range_map([[SQUARE_OF_RANGE_MAP, HOLE]])
    assert held.contains([45, 41, 60], [15, 11, 15]).tolist() == [False, True, False]
    mask = held.mask(grid(), touching=False)
    assert mask.sum() == 10 * 10 - 4 * 4


def test_overlapping_polygons_do_not_cancel():
    held = make_range_map([[SQUARE_OF_RANGE_MAP], [SQUARE_OF_RANGE_MAP], [HOLE]])
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


def test_geojson_of_every_kind_is_read(write_of_range_map):
    multi = {
        "type": "MultiPolygon",
        "coordinates": [polygon(SQUARE_OF_RANGE_MAP, HOLE)["coordinates"]],
    }
    feature = {"type": "Feature", "properties": {}, "geometry": multi}
    for document in (
        polygon(SQUARE_OF_RANGE_MAP, HOLE),
        multi,
        feature,
        {"type": "FeatureCollection", "features": [feature, feature]},
        {"type": "GeometryCollection", "geometries": [multi]},
    ):
        assert read_range_map(write_of_range_map(document)).mask(grid(), touching=False).sum() == 84


def test_shapefiles_are_read_with_holes(tmp_path):
    shapefile = pytest.importorskip("shapefile", reason="the extra geo is not installed")
    path = tmp_path / "range.shp"
    with shapefile.Writer(str(path)) as writer:
        writer.field("name")
        writer.poly([SQUARE_OF_RANGE_MAP[::-1], HOLE])
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
        make_range_map([[SQUARE_OF_RANGE_MAP]], antimeridian="guess")
