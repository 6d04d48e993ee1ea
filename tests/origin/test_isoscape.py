"""Isoscapes of arrays, tables and files, and files that are none."""

import builtins
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.core.stored import to_stored
from forensics.errors import ForensicsError, InputError, UsageError
from forensics.learning.arrays import pack_arrays, unpack
from forensics.origin.isoscape import Isoscape, make_isoscape, read_isoscape

LATITUDES, LONGITUDES = np.array([52.0, 51, 50, 49]), np.array([10.0, 11, 12])
MEAN = np.arange(12.0).reshape(4, 3)


@pytest.fixture
def rasterio():
    return pytest.importorskip("rasterio", reason="the extra geo is not installed")


@pytest.fixture
def write(rasterio, tmp_path):
    """Write bands as a GeoTIFF whose north-west corner is at 10 E, 52.5 N."""
    from rasterio.transform import from_origin

    def write(*bands, name="map.tif", crs="EPSG:4326", transform=None, **profile):
        path = tmp_path / name
        shape = bands[0].shape
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=shape[0],
            width=shape[1],
            count=len(bands),
            dtype="float64",
            crs=crs,
            transform=transform or from_origin(9.5, 52.5, 1, 1),
            **profile,
        ) as target:
            for number, band in enumerate(bands, start=1):
                target.write(band, number)
        return path

    return write


def test_value_at_a_centre_is_the_cells():
    isoscape = make_isoscape(LATITUDES, LONGITUDES, MEAN, 2.0, name="d2H")
    mean, error = isoscape.at([51, 49], [11, 12])
    assert mean.tolist() == [4.0, 11.0] and error.tolist() == [2.0, 2.0]


@given(st.floats(49, 52), st.floats(10, 12))
def test_a_plane_is_interpolated_exactly(latitude, longitude):
    plane = 2 * LATITUDES[:, None] - 3 * LONGITUDES[None, :]
    isoscape = make_isoscape(LATITUDES, LONGITUDES, plane, 1.0, name="d2H")
    assert isoscape.at(latitude, longitude)[0][0] == pytest.approx(2 * latitude - 3 * longitude)


def test_a_missing_neighbour_is_left_out_and_a_missing_cell_has_no_value():
    mean = MEAN.copy()
    mean[0, 0] = np.nan
    isoscape = make_isoscape(LATITUDES, LONGITUDES, mean, 1.0, name="d2H")
    found = isoscape.at([51.4, 52, 51.4, 70], [10.2, 10, 10.6, 10])[0]
    assert np.isfinite(found).tolist() == [True, False, True, False]
    # In the west only the southern neighbour, 3; in the east both, 1 and 4.
    assert found[0] == pytest.approx(0.8 * 3 + 0.2 * (0.4 * 1 + 0.6 * 4))


def test_a_map_of_the_globe_has_no_east_end():
    longitudes = np.arange(-175.0, 180, 10)
    mean = np.cos(np.radians(longitudes))[None, :] * np.ones((3, 1))
    isoscape = make_isoscape([10.0, 0, -10], longitudes, mean, 1.0, name="d2H")
    assert isoscape.at([0, 0, 0], [180, -180, 179.9])[0] == pytest.approx(
        mean[0, [0, 0, 0]], abs=1e-3
    )


def test_south_up_arrays_are_turned():
    turned = make_isoscape(LATITUDES[::-1], LONGITUDES, MEAN[::-1], 1.0, name="d2H")
    assert np.array_equal(turned.mean, MEAN) and turned.latitudes[0] == 52


def test_a_cell_without_error_is_left_out_of_the_map():
    error = np.ones((4, 3))
    error[2, 1] = np.nan
    isoscape = make_isoscape(LATITUDES, LONGITUDES, MEAN, error, name="d2H")
    assert isoscape.grid().inside.sum() == 11 and np.isnan(isoscape.mean[2, 1])


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (MEAN * np.nan, 1.0, "no cell has a value"),
        (MEAN, -1.0, "standard deviations"),
        (MEAN[:2], 1.0, "4 x 3 cells"),
        (MEAN, np.ones((2, 2)), "one number or one a cell"),
    ],
)
def test_impossible_arrays_are_refused(mean, error, text):
    with pytest.raises((InputError, UsageError), match=text):
        make_isoscape(LATITUDES, LONGITUDES, mean, error, name="d2H")


def test_uneven_cells_are_refused():
    with pytest.raises(UsageError, match="evenly spaced"):
        make_isoscape([52.0, 51, 49, 48], LONGITUDES, MEAN, 1.0, name="d2H")


def test_arrays_come_back_whole():
    isoscape = make_isoscape(LATITUDES, LONGITUDES, MEAN, 2.0, name="d2H", sha256="ab")
    values, arrays = to_stored(isoscape), pack_arrays(isoscape)
    back = unpack(Isoscape, values, arrays)
    assert np.array_equal(back.mean, isoscape.mean) and (back.name, back.sha256) == ("d2H", "ab")
    with pytest.raises(ValueError, match="mean: shape"):
        unpack(Isoscape, values, arrays | {"mean": np.zeros((2, 2))})
    with pytest.raises(InputError, match="name is missing"):
        unpack(Isoscape, {}, arrays)


def test_geotiff_is_read_with_its_nodata(write):
    mean = MEAN.copy()
    mean[1, 1] = -9999
    isoscape = read_isoscape(write(mean, np.full((4, 3), 2.0), nodata=-9999), name="d2H")
    assert isoscape.latitudes.tolist() == [52, 51, 50, 49] and isoscape.longitudes.tolist() == [
        10,
        11,
        12,
    ]
    assert (
        np.isnan(isoscape.mean[1, 1]) and isoscape.mean[3, 2] == 11 and len(isoscape.sha256) == 64
    )


def test_netcdf_is_read_by_the_names_of_its_variables(write, rasterio, tmp_path):
    import rasterio.shutil

    path = tmp_path / "map.nc"
    rasterio.shutil.copy(write(MEAN, np.full((4, 3), 2.0)), path, driver="netCDF")
    isoscape = read_isoscape(path, name="d2H", mean_band="Band1", error_band="Band2")
    assert np.array_equal(isoscape.mean, MEAN) and (isoscape.error == 2).all()
    with pytest.raises(InputError, match="no variable d18O; it has Band1, Band2"):
        read_isoscape(path, name="d2H", mean_band="d18O", error_band="Band2")


def test_another_projection_is_brought_to_degrees(write, rasterio):
    from rasterio.transform import from_origin

    plane = np.add.outer(np.arange(60.0), np.zeros(60))
    path = write(
        plane, np.ones((60, 60)), crs="EPSG:32632", transform=from_origin(4e5, 5.5e6, 5e3, 5e3)
    )
    isoscape = read_isoscape(path, name="d2H")
    # The row of the cell that holds 500 km east, 5,350 km north of zone 32: 9 E by definition.
    assert isoscape.at(48.3038, 9.0)[0][0] == pytest.approx(29.5, abs=0.6)


def test_one_band_needs_an_error_in_numbers(write):
    path = write(MEAN)
    with pytest.raises(InputError, match="no band 2; it has 1.*give one number as error"):
        read_isoscape(path, name="d2H")
    assert (read_isoscape(path, name="d2H", error=8).error == 8).all()
    with pytest.raises(UsageError, match="error_band"):
        read_isoscape(path, name="d2H", error_band=None)


def test_too_many_cells_are_refused_with_what_to_do_and_coarsened_on_request(write):
    path = write(MEAN, np.ones((4, 3)))
    with pytest.raises(InputError, match="at most 10 are kept.*bounds.*coarsen"):
        read_isoscape(path, name="d2H", max_cells=10)
    part = read_isoscape(path, name="d2H", max_cells=10, bounds=(9.5, 50.5, 11.5, 52.5))
    assert part.mean.tolist() == [[0, 1], [3, 4]]


def test_coarse_cells_are_means_of_those_that_have_a_value(write):
    values = np.arange(48.0).reshape(6, 8)
    values[0, 0] = np.nan
    coarse = read_isoscape(write(values, np.ones((6, 8))), name="d2H", coarsen=2)
    assert coarse.mean.shape == (3, 4)
    assert coarse.mean[0, 0] == pytest.approx((1 + 8 + 9) / 3)
    assert coarse.mean[2, 3] == pytest.approx(values[4:, 6:].mean())
    assert coarse.latitudes.tolist() == [51.5, 49.5, 47.5]


def test_a_huge_header_is_refused_before_anything_is_unpacked(write, rasterio, tmp_path):
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=200_000,
        width=200_000,
        count=2,
        dtype="float32",
        crs="EPSG:4326",
        transform=rasterio.transform.from_origin(-180, 90, 0.001, 0.0005),
        tiled=True,
        sparse_ok=True,
    ):
        pass
    with pytest.raises(InputError, match="at most 4000000 are kept"):
        read_isoscape(path, name="d2H")
    with pytest.raises(InputError, match="to keep"):
        read_isoscape(path, name="d2H", coarsen=200)


def test_a_cut_off_file_is_named_as_such(write):
    path = write(np.random.default_rng(1).normal(size=(200, 200)), np.ones((200, 200)))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(InputError, match="damaged, cut off"):
        read_isoscape(path, name="d2H")


@pytest.mark.parametrize("content", [b"hello, I am text\n", b"", b"<VRTDataset/>", b"\x89PNG\r\n"])
def test_what_is_no_raster_is_told_whatever_its_name(content, tmp_path, rasterio):
    path = tmp_path / "isoscape.tif"
    path.write_bytes(content)
    with pytest.raises(InputError, match="neither a GeoTIFF nor a NetCDF"):
        read_isoscape(path, name="d2H")


@pytest.mark.parametrize("start", [b"II*\0", b"CDF\x01", b"\x89HDF\r\n\x1a\n"])
def test_a_true_beginning_of_nothing_is_refused(start, tmp_path, rasterio):
    path = tmp_path / "isoscape.tif"
    path.write_bytes(start + struct.pack("<8I", *range(8)) * 20)
    with pytest.raises(InputError, match="damaged, cut off"):
        read_isoscape(path, name="d2H")


def test_a_map_of_nothing_negative_errors_and_no_projection_are_refused(write):
    nothing = np.full((4, 3), np.nan)
    with pytest.raises(InputError, match="no cell has a value"):
        read_isoscape(write(nothing, nothing), name="d2H")
    with pytest.raises(InputError, match="another band"):
        read_isoscape(write(MEAN, -np.ones((4, 3))), name="d2H")
    path = write(MEAN, np.ones((4, 3)), crs=None)
    with pytest.raises(InputError, match="EPSG:4326"):
        read_isoscape(path, name="d2H")
    assert read_isoscape(path, name="d2H", crs="EPSG:4326").mean[0, 1] == 1


def test_metres_that_call_themselves_degrees_are_refused(write, rasterio):
    transform = rasterio.transform.from_origin(4e5, 5.5e6, 5e3, 5e3)
    with pytest.raises(InputError, match="true projection"):
        read_isoscape(write(MEAN, np.ones((4, 3)), transform=transform), name="d2H")


def test_a_missing_file_and_a_name_of_gdal_are_no_files(tmp_path, rasterio):
    for name in (tmp_path / "none.tif", "/vsicurl/http://localhost/map.tif"):
        with pytest.raises(InputError, match="no such file"):
            read_isoscape(name, name="d2H")


def test_without_the_extra_its_name_is_told(monkeypatch, tmp_path):
    real = builtins.__import__

    def absent(name, *arguments, **keywords):
        if name.startswith("rasterio"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ForensicsError, match=r"needs the extra geo"):
        read_isoscape(tmp_path / "map.tif", name="d2H")
