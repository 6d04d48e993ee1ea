"""What stands on a map, whoever draws it: degrees with sides, a scale in whole km, names, one point."""

import csv
import json
import math
import shutil
import subprocess

import numpy as np
import pytest
from spatial_simulation import mapped_result

from forensics.core.provenance import make_provenance
from forensics.errors import InputError, UsageError
from forensics.messages import speak
from forensics.origin.areas import Territory, find_state
from forensics.origin.geography import LEVELS, great_circle, make_grid, surface_from_log
from forensics.origin.maps import (
    CELL_COLUMNS,
    NODATA,
    RAMP,
    cannot_be_said,
    export_map,
    lay_out,
    legend_texts,
    map_page,
    save_sheets,
    show_degrees,
)
from forensics.origin.polygons import read_range_map
from forensics.origin.results import ExclusionTest, PlaceOrigin, Point, Region, SecondPrior

GRID = make_grid([1.0, -9.0], [34.0, 40.0], cells=25, margin_km=50)
SURFACE = surface_from_log(GRID, -((GRID.distances([-3.0], [37.0])[:, 0] / 200.0) ** 2))
LAYOUT = lay_out(SURFACE, ([0.5, 70.0], [37.0, 37.0]))


def test_the_point_is_the_point_estimate_of_every_other_output():
    latitude, longitude = SURFACE.point()
    assert LAYOUT.point == pytest.approx((longitude, latitude))
    assert show_degrees(latitude, longitude) in legend_texts(LAYOUT.point)["point"]


def test_sites_off_the_map_are_not_drawn():
    assert LAYOUT.sites == ((37.0, 0.5),)


def test_degrees_have_their_sides_in_the_readers_language():
    assert show_degrees(-3.24, 14.9) == "3.2°S, 14.9°E"
    assert show_degrees(12.0, -8.06) == "12.0°N, 8.1°W"
    assert show_degrees(0.04, 180.0) == "0.0°, 180.0°"
    speak("fr")
    try:
        assert show_degrees(-3.24, 14.9).startswith("3,2°S")
    finally:
        speak("en")


def test_the_graticule_has_whole_steps_inside_the_view():
    for lines, low, high in (
        (LAYOUT.meridians, LAYOUT.view.west, LAYOUT.view.east),
        (LAYOUT.parallels, LAYOUT.view.south, LAYOUT.view.north),
    ):
        degrees = [line.degrees for line in lines]
        assert 3 <= len(degrees) <= 7
        assert low <= degrees[0] and degrees[-1] <= high
        assert np.ptp(np.diff(degrees)) < 1e-9
    assert {line.label for line in LAYOUT.parallels} >= {"0°", "2°S"}


def test_the_scale_bar_is_as_long_on_the_globe_as_it_says():
    kilometres, degrees = LAYOUT.scale
    view = LAYOUT.view
    middle = (view.south + view.north) / 2
    assert great_circle(middle, 30.0, middle, 30.0 + degrees) == pytest.approx(kilometres, rel=0.01)
    assert kilometres / 10 ** math.floor(math.log10(kilometres)) in (1.0, 2.0, 5.0)
    assert 0.09 < degrees / (view.east - view.west) <= 0.26


def test_names_stand_in_their_country_and_not_upon_each_other_or_the_point():
    names = {name: (east, north) for name, east, north in LAYOUT.names}
    assert {"Kenya", "Tanzania"} <= set(names)
    assert names["Kenya"][1] > names["Tanzania"][1]
    places = [*names.values(), LAYOUT.point]
    for first in range(len(places)):
        for second in range(first):
            apart = np.abs(np.subtract(places[first], places[second]))
            assert apart[0] > 0.3 or apart[1] > 0.3


def test_the_darkest_shade_is_where_the_posterior_is_densest():
    row, column = np.unravel_index(SURFACE.density.argmax(), SURFACE.density.shape)
    assert LAYOUT.shades[row, column] == len(RAMP) - 1 == LAYOUT.shades.max()
    assert (LAYOUT.shades[~GRID.inside] == -1).all()


def test_a_map_across_the_antimeridian_is_in_one_piece():
    grid = make_grid([-17.0, -18.0], [178.0, -178.0], cells=12, margin_km=100, land=False)
    surface = surface_from_log(grid, np.zeros(int(grid.inside.sum())))
    layout = lay_out(surface, ([-17.5], [-179.0]))
    assert layout.view.west < 180 < layout.view.east
    assert layout.sites[0][0] == pytest.approx(181.0)
    assert {line.label for line in layout.meridians} & {"179°W", "178°W"}
    assert len(layout.range) == 1


def test_a_page_and_a_sheet_say_what_cannot_be_said(tmp_path):
    result = mapped_result("S<1>", SURFACE)
    assert any("never excluded" in text for text in cannot_be_said(result))
    page = map_page([result, mapped_result("S<1>", None)], title="kob & hartebeest 1.0")
    assert page.count("never excluded") == 2
    assert "<title>kob &amp; hartebeest 1.0</title>" in page
    assert "<h1>kob &amp; hartebeest 1.0</h1>" in page
    assert "&lt;h" not in page and "<title>Origin</title>" in map_page([result])
    assert "S&lt;1&gt;" in page and "S<1>" not in page
    pytest.importorskip("matplotlib")
    save_sheets([result], tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert text.count("<svg") == 1
    save_sheets([mapped_result("S<1>", None)], tmp_path / "none.pdf")
    with pytest.raises(UsageError, match=r"is a \.pdf"):
        save_sheets([result, result], tmp_path / "b.png")


# ---- a small region on a wide map ----

WIDE = make_grid([14.0, -9.0], [-15.0, 40.0], cells=60, margin_km=100, land=False)


def around(latitude, longitude, km):
    away = WIDE.distances([latitude], [longitude])[:, 0]
    return surface_from_log(WIDE, -((away / km) ** 2))


@pytest.mark.parametrize("place", [(3.0, 12.0), (13.0, -14.0), (-8.0, 39.0), (13.0, 39.0)])
def test_a_small_region_is_shown_enlarged_where_the_inset_does_not_hide_it(place):
    surface = around(*place, 80.0)
    layout = lay_out(surface, ([5.0], [20.0]))
    part, view = layout.inset.view, layout.view
    corners = np.concatenate([polygon[0] for polygon in layout.regions[0.95]])
    assert (corners.min(axis=0) >= (part.west, part.south)).all()
    assert (corners.max(axis=0) <= (part.east, part.north)).all()
    left, bottom, wide, high = layout.inset_box
    assert wide * (view.east - view.west) >= 1.7 * (part.east - part.west)
    assert 0 < left and left + wide < 1 and 0 < bottom and bottom + high < 1
    across = (corners[:, 0] - view.west) / (view.east - view.west)
    up = (corners[:, 1] - view.south) / (view.north - view.south)
    assert not (
        (left < across) & (across < left + wide) & (bottom < up) & (up < bottom + high)
    ).any()
    assert layout.inset.point == layout.point and layout.inset.inset is None


def test_a_wide_region_needs_no_inset():
    assert lay_out(around(3.0, 12.0, 900.0)).inset is None


def test_the_page_frames_the_part_that_its_inset_shows():
    result = mapped_result("A", around(3.0, 12.0, 80.0))
    page = map_page([result])
    assert page.count('overflow="hidden"') == 2 and "the framed part, enlarged" in page
    wide = mapped_result("A", around(3.0, 12.0, 900.0))
    page = map_page([wide])
    assert page.count('overflow="hidden"') == 1 and "the framed part, enlarged" not in page


# -- Posteriors in files of geographic information systems, read back by GDAL

SOUTHERN = surface_from_log(GRID, -((GRID.distances([-2.0], [37.0])[:, 0] / 200.0) ** 2))


def run_gdal(*arguments):
    if shutil.which(arguments[0]) is None:
        pytest.skip(f"{arguments[0]} of GDAL (Debian: gdal-bin) is not installed")
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def test_a_geotiff_has_the_posterior_of_each_cell_and_says_where_it_is(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    path = tmp_path / "p.tif"
    assert (
        export_map(
            [
                mapped_result("S1", SOUTHERN),
                mapped_result("none", None),
                mapped_result("=S2", SOUTHERN),
            ],
            path,
        )
        == 2
    )
    with rasterio.open(path) as source:
        assert source.crs.to_epsg() == 4326 and source.nodata == NODATA
        assert source.descriptions == ("S1", "=S2")
        bands = source.read(masked=True)
        assert np.array_equal(bands.mask[0], ~GRID.inside)
        assert float(bands[0].sum()) == pytest.approx(1, abs=1e-5)
        row, column = np.unravel_index(bands[0].argmax(), bands[0].shape)
        longitude, latitude = source.xy(row, column)
        assert (latitude, longitude) == pytest.approx(SOUTHERN.mode())
        tags = source.tags(1)
        assert tags["MODEL_SHA256"] == "ab" * 32 and tags["POINT_ESTIMATE"] == "median"
        assert float(tags["LATITUDE"]) == pytest.approx(SOUTHERN.point()[0], abs=1e-5)


def test_gdalinfo_reads_the_geotiff(tmp_path):
    pytest.importorskip("rasterio")
    path = tmp_path / "p.tif"
    export_map([mapped_result("S1", SOUTHERN)], path)
    info = json.loads(run_gdal("gdalinfo", "-json", "-stats", str(path)))
    assert info["driverShortName"] == "GTiff"
    assert info["size"] == [len(GRID.longitudes), len(GRID.latitudes)]
    (band,) = info["bands"]
    assert band["noDataValue"] == NODATA and band["description"] == "S1"
    statistics = band["metadata"][""]
    assert float(statistics["STATISTICS_MAXIMUM"]) == pytest.approx(
        SOUTHERN.probabilities.max(), rel=1e-5
    )
    assert "WGS 84" in info["coordinateSystem"]["wkt"]


def test_geojson_has_the_regions_and_the_point(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SOUTHERN)], path)
    document = json.loads(path.read_text("utf-8"))
    *regions, point = document["features"]
    assert [feature["properties"]["level"] for feature in regions] == sorted(LEVELS, reverse=True)
    for feature in regions:
        level = feature["properties"]["level"]
        assert feature["properties"]["area_km2"] == pytest.approx(SOUTHERN.region_area(level))
    latitude, longitude = SOUTHERN.point()
    assert point["geometry"]["coordinates"] == pytest.approx([longitude, latitude], abs=1e-5)
    assert point["properties"]["estimate"] == "median"
    assert document["provenance"][0]["library"]["sha256"] == "ab" * 32


def test_our_own_reader_of_ranges_takes_the_exported_region_for_the_same_cells(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SOUTHERN)], path)
    document = json.loads(path.read_text("utf-8"))
    document["features"] = document["features"][:1]
    path.write_text(json.dumps(document), "utf-8")
    mask = read_range_map(path).mask(GRID, touching=False)
    assert np.array_equal(mask, SOUTHERN.region(0.95))


def test_ogrinfo_reads_the_geojson(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SOUTHERN)], path)
    text = run_gdal("ogrinfo", "-ro", "-al", str(path))
    assert "GeoJSON" in text and "Feature Count: 4" in text
    areas = run_gdal(
        "ogrinfo", "-ro", "-q", str(path), "-dialect", "SQLite", "-sql",
        "SELECT level, ST_IsValid(geometry) AS valid FROM p WHERE shows = 'region'",
    )  # fmt: skip
    assert areas.count("valid (Integer) = 1") == 3


def test_the_table_has_a_row_a_cell_that_sums_to_one(tmp_path):
    path = tmp_path / "p.csv"
    export_map(
        [mapped_result("S1", SOUTHERN), mapped_result("=S2", SOUTHERN)],
        path,
    )
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert tuple(rows[0]) == CELL_COLUMNS
    own = [row for row in rows if row["sample"] == "S1"]
    assert len(own) == GRID.inside.sum() and len(rows) == 2 * len(own)
    assert sum(float(row["probability"]) for row in own) == pytest.approx(1)
    half = sum(float(row["area_km2"]) for row in own if row["region"] == "0.5")
    assert half == pytest.approx(SOUTHERN.region_area(0.5))
    assert rows[-1]["sample"] == "'=S2"


def test_what_cannot_be_exported_is_refused(tmp_path):
    with pytest.raises(UsageError, match="ends in none"):
        export_map([mapped_result("S1", SOUTHERN)], tmp_path / "p.shp")
    with pytest.raises(InputError, match="no sample has a map"):
        export_map([mapped_result("S1", None)], tmp_path / "p.csv")
    other = surface_from_log(make_grid([1.0], [34.0], cells=9, margin_km=500), np.zeros(81))
    pytest.importorskip("rasterio")
    with pytest.raises(UsageError, match="different cells"):
        export_map(
            [mapped_result("S1", SOUTHERN), mapped_result("S2", other)],
            tmp_path / "p.tif",
        )
    (tmp_path / "p.csv").write_text("an exhibit")
    with pytest.raises(UsageError, match="exists"):
        export_map([mapped_result("S1", SOUTHERN)], tmp_path / "p.csv")


# -- What a person reads of a posterior over the map, and what is kept of it when it is read back


def country(number, *, in_region=True, probability=0.1):
    is_assessable = probability is not None
    return Territory(f"C{number}", "", probability, None, 0.1, in_region, 5, 1, 0.0, is_assessable)


def place(territories):
    point, regions = Point(1.0, 2.0), (Region(0.5, 10.0), Region(0.95, 100.0))
    return PlaceOrigin(
        sample="S1", index=1, status="inconclusive", rank=None, origin=None, probability=None,
        used=9, loci=10, sites=7, prior="area", exclusion=ExclusionTest(0.01, False, 0.4),
        mode=point, mean=point, median=point, regions=regions, cell_km=1.0,
        territories=tuple(territories),
        second=SecondPrior(point, point, Point(3.0, 4.0), regions, 1.0, "sampling"),
        provenance=make_provenance(
            library={"name": "m", "version": "1", "sha256": ""}, parameters={},
            input={"file": "x", "sha256": ""},
        ),
    )  # fmt: skip


def countries_shown(count):
    return dict(place([country(number) for number in range(count)]).lines())["Countries"]


def test_countries_of_the_region_that_are_not_named_are_counted():
    assert countries_shown(9).endswith("and 3 more")
    assert "more" not in countries_shown(6)


def test_a_result_that_was_read_back_shows_no_number_that_was_not_stored():
    result = place([country(1)])
    lines = dict(result.lines())
    assert lines["Loci"] == "9 of 10" and "7 reference sites" in lines["Not excluded"]
    back = PlaceOrigin.from_stored(result.to_dict())
    assert back == result and back.to_dict() == result.to_dict()
    kept = dict(back.lines())
    assert "Loci" not in kept and "Fits" not in kept
    assert {name: kept[name] for name in ("Place", "Regions", "Countries", "Prior")} == {
        name: lines[name] for name in ("Place", "Regions", "Countries", "Prior")
    }


def test_the_row_has_the_median_and_the_region_of_95_percent():
    (row,) = place([country(1)]).rows()
    assert (row["latitude"], row["longitude"], row["region_km2"]) == (1.0, 2.0, 100.0)
    assert row["point_estimate"] == "median"


@pytest.mark.parametrize(
    ("territories", "name"),
    [
        ([country(1, probability=0.96)], "C1"),
        ([country(1, probability=0.94)], None),
        ([country(1, probability=None)], None),
        ([country(1, probability=0.96), country(2, probability=0.01)], None),
        ([country(1, probability=0.96), country(2, probability=None)], None),
        ([country(1, probability=0.96), country(2, in_region=False)], "C1"),
        ([], None),
    ],
)
def test_a_country_is_named_where_it_alone_has_the_region_and_the_confidence(territories, name):
    state = find_state(territories, 0.95)
    assert (state and state.name) == name
