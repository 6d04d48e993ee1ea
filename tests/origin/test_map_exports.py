"""Posteriors in files of geographic information systems, read back by GDAL."""

import csv
import json
import shutil
import subprocess

import numpy as np
import pytest
from spatial_simulation import mapped_result

from forensics.errors import InputError, UsageError
from forensics.origin.geography import LEVELS, make_grid, surface_from_log
from forensics.origin.maps import CELL_COLUMNS, NODATA, export_map
from forensics.origin.polygons import read_range_map

GRID = make_grid([1.0, -9.0], [34.0, 40.0], cells=25, margin_km=50)
SURFACE = surface_from_log(GRID, -((GRID.distances([-2.0], [37.0])[:, 0] / 200.0) ** 2))


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
                mapped_result("S1", SURFACE),
                mapped_result("none", None),
                mapped_result("=S2", SURFACE),
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
        assert (latitude, longitude) == pytest.approx(SURFACE.mode())
        tags = source.tags(1)
        assert tags["MODEL_SHA256"] == "ab" * 32 and tags["POINT_ESTIMATE"] == "median"
        assert float(tags["LATITUDE"]) == pytest.approx(SURFACE.point()[0], abs=1e-5)


def test_gdalinfo_reads_the_geotiff(tmp_path):
    pytest.importorskip("rasterio")
    path = tmp_path / "p.tif"
    export_map([mapped_result("S1", SURFACE)], path)
    info = json.loads(run_gdal("gdalinfo", "-json", "-stats", str(path)))
    assert info["driverShortName"] == "GTiff"
    assert info["size"] == [len(GRID.longitudes), len(GRID.latitudes)]
    (band,) = info["bands"]
    assert band["noDataValue"] == NODATA and band["description"] == "S1"
    statistics = band["metadata"][""]
    assert float(statistics["STATISTICS_MAXIMUM"]) == pytest.approx(
        SURFACE.probabilities.max(), rel=1e-5
    )
    assert "WGS 84" in info["coordinateSystem"]["wkt"]


def test_geojson_has_the_regions_and_the_point(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SURFACE)], path)
    document = json.loads(path.read_text("utf-8"))
    *regions, point = document["features"]
    assert [feature["properties"]["level"] for feature in regions] == sorted(LEVELS, reverse=True)
    for feature in regions:
        level = feature["properties"]["level"]
        assert feature["properties"]["area_km2"] == pytest.approx(SURFACE.region_area(level))
    latitude, longitude = SURFACE.point()
    assert point["geometry"]["coordinates"] == pytest.approx([longitude, latitude], abs=1e-5)
    assert point["properties"]["estimate"] == "median"
    assert document["provenance"][0]["library"]["sha256"] == "ab" * 32


def test_our_own_reader_of_ranges_takes_the_exported_region_for_the_same_cells(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SURFACE)], path)
    document = json.loads(path.read_text("utf-8"))
    document["features"] = document["features"][:1]
    path.write_text(json.dumps(document), "utf-8")
    mask = read_range_map(path).mask(GRID, touching=False)
    assert np.array_equal(mask, SURFACE.region(0.95))


def test_ogrinfo_reads_the_geojson(tmp_path):
    path = tmp_path / "p.geojson"
    export_map([mapped_result("S1", SURFACE)], path)
    text = run_gdal("ogrinfo", "-ro", "-al", str(path))
    assert "GeoJSON" in text and "Feature Count: 4" in text
    areas = run_gdal(
        "ogrinfo", "-ro", "-q", str(path), "-dialect", "SQLite", "-sql",
        "SELECT level, ST_IsValid(geometry) AS valid FROM p WHERE shows = 'region'",
    )  # fmt: skip
    assert areas.count("valid (Integer) = 1") == 3


def test_the_table_has_a_row_a_cell_that_sums_to_one(tmp_path):
    path = tmp_path / "p.csv"
    export_map([mapped_result("S1", SURFACE), mapped_result("=S2", SURFACE)], path)
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert tuple(rows[0]) == CELL_COLUMNS
    own = [row for row in rows if row["sample"] == "S1"]
    assert len(own) == GRID.inside.sum() and len(rows) == 2 * len(own)
    assert sum(float(row["probability"]) for row in own) == pytest.approx(1)
    half = sum(float(row["area_km2"]) for row in own if row["region"] == "0.5")
    assert half == pytest.approx(SURFACE.region_area(0.5))
    assert rows[-1]["sample"] == "'=S2"


def test_what_cannot_be_exported_is_refused(tmp_path):
    with pytest.raises(UsageError, match="ends in none"):
        export_map([mapped_result("S1", SURFACE)], tmp_path / "p.shp")
    with pytest.raises(InputError, match="no sample has a map"):
        export_map([mapped_result("S1", None)], tmp_path / "p.csv")
    other = surface_from_log(make_grid([1.0], [34.0], cells=9, margin_km=500), np.zeros(81))
    pytest.importorskip("rasterio")
    with pytest.raises(UsageError, match="different cells"):
        export_map([mapped_result("S1", SURFACE), mapped_result("S2", other)], tmp_path / "p.tif")
    (tmp_path / "p.csv").write_text("an exhibit")
    with pytest.raises(UsageError, match="exists"):
        export_map([mapped_result("S1", SURFACE)], tmp_path / "p.csv")
