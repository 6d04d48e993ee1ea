"""What stands on a map, whoever draws it: degrees with sides, a scale in whole km, names, one point."""

import math

import numpy as np
import pytest
from spatial_simulation import mapped_result

from forensics.errors import UsageError
from forensics.messages import speak
from forensics.origin.geography import great_circle, make_grid, surface_from_log
from forensics.origin.maps import (
    RAMP,
    cannot_be_said,
    lay_out,
    legend_texts,
    map_page,
    save_sheets,
    show_degrees,
)

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
    for name in ("a.svg", "a.png"):
        save_sheets([result], tmp_path / name)
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
