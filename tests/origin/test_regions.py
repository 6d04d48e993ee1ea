"""Reporting regions: what belongs to which, which are named, and what is read of their definition."""

import json
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError, UsageError
from forensics.origin.areas import RegionSet, Sites, country_regions
from forensics.origin.geography import Grid, in_rings, make_grid, surface_from_log
from forensics.origin.regions import (
    LeftOutCollector,
    LeftOutPosteriors,
    MeasuredRegions,
    RegionAnswer,
    RegionCalibration,
    RegionReporter,
    calibrate_regions,
    evaluate_regions,
    outline_cells,
    pack_regions,
    read_regions,
    unpack_regions,
)
from forensics.stats import smallest_set

GRID = make_grid([1.0, -9.0], [34.0, 40.0], cells=25, margin_km=50)
SITES = Sites(("north", "south"), np.array([0.5, -7.0]), np.array([37.0, 36.0]), np.array([10, 5]))
PRIOR = GRID.areas()[GRID.inside] / GRID.areas()[GRID.inside].sum()
BY_SITE = RegionSet("regions.csv", "site_table", ("N", "S"), {"north": 0, "south": 1})
MEASURED = MeasuredRegions(20, 4, 0.5, 0.9, 0.7, 0.97, 0.95)
CALIBRATION = RegionCalibration(1.0, 0.0, MEASURED)
BOX = [[30.0, -2.0], [42.0, -2.0], [42.0, 3.0], [30.0, 3.0], [30.0, -2.0]]


def around(latitude, longitude, km=80.0):
    away = GRID.distances([latitude], [longitude])[:, 0]
    return surface_from_log(GRID, -((away / km) ** 2))


def answer_of(surface, *, regions=BY_SITE, calibration=CALIBRATION):
    reporter = RegionReporter(regions, GRID, SITES, confidence=0.9, calibration=calibration)
    return reporter.answer(surface, PRIOR)


def test_each_cell_belongs_to_the_region_of_its_nearest_site():
    labels = BY_SITE.label_places([0.0, -6.5], [37.0, 36.5], SITES)
    assert labels.tolist() == [0, 1]
    answer = answer_of(around(0.3, 37.5))
    assert answer.single.name == "N" and answer.single.probability > 0.9
    assert (answer.single.animals, answer.single.sites) == (10, 1)
    assert sum(share.mass for share in answer.shares) == pytest.approx(1, abs=0.01)


def test_between_two_regions_both_are_named_and_neither_alone():
    answer = answer_of(around(-3.3, 36.5, km=200))
    assert answer.single is None
    assert {share.name for share in answer.named} == {"N", "S"}
    assert answer.probability >= 0.9
    text = dict(answer.lines())["Named"]
    assert "N" in text and "S" in text and "confidence 0.9" in text


def test_without_a_calibration_no_region_is_named():
    answer = answer_of(around(0.3, 37.5), calibration=None)
    assert answer.single is None and answer.measured is None
    assert "not calibrated" in dict(answer.lines())["Named"]


def test_a_region_without_reference_animals_is_not_assessable_and_never_named():
    low = np.array(BOX) - (0.0, 11.0)  # from -13 to -8 degrees: no site in it, nor near
    regions = RegionSet("r", "areas", ("equator", "low"), areas=(((np.array(BOX),),), ((low,),)))
    answer = answer_of(around(-9.5, 39.5, km=60), regions=regions)
    low_share, *_ = answer.shares
    assert low_share.name == "low" and low_share.named and not low_share.assessable
    assert low_share.probability is None and low_share.mass > 0.9
    assert answer.single is None
    assert "not assessable" in dict(answer.lines())["Reporting regions"]


def test_places_outside_every_region_are_counted_and_not_named():
    regions = RegionSet("r", "areas", ("equator",), areas=(((np.array(BOX),),),))
    answer = answer_of(around(-9.0, 36.5, km=60), regions=regions)
    outside, *_others = answer.shares
    assert outside.name == "" and outside.named and outside.mass > 0.9
    assert answer.single is None
    assert "outside every region" in dict(answer.lines())["Named"]


def test_countries_are_regions():
    answer = answer_of(around(0.3, 37.5, km=40), regions=country_regions())
    assert answer.single.name == "Kenya"


@given(
    st.lists(st.floats(0.001, 1.0), min_size=1, max_size=8),
    st.floats(0.5, 0.99),
)
def test_the_named_set_reaches_the_confidence_and_none_smaller_does(weights, confidence):
    posteriors = np.array(weights) / sum(weights)
    named = smallest_set(posteriors, confidence)
    assert posteriors[named].sum() >= confidence - 1e-9
    without_least = np.sort(posteriors[named])[1:].sum()
    assert without_least < confidence
    assert not named.all() or posteriors[named].sum() == pytest.approx(1)
    if (~named).any():
        assert posteriors[named].min() >= posteriors[~named].max()


def test_no_posterior_is_shown_as_0_or_1():
    sharp = answer_of(around(0.5, 37.0, km=20))
    text = dict(sharp.lines())["Reporting regions"]
    assert "> 0.9999" in text and "1.00" not in text


def test_a_posterior_is_never_above_1():
    rounded = SimpleNamespace(
        apply=lambda _masses, _before: np.array([0.6, 0.4 + 2.3e-16]), measured=MEASURED
    )
    answer = answer_of(around(-3.3, 36.5, km=200), calibration=rounded)
    assert len(answer.named) == 2 and answer.probability == 1.0


def test_an_answer_is_stored_and_read_back():
    from forensics.core.stored import from_stored, to_stored

    answer = answer_of(around(-3.3, 36.5, km=200))
    assert from_stored(RegionAnswer, json.loads(json.dumps(to_stored(answer)))) == answer


def test_polygons_of_one_name_that_overlap_cut_no_hole_into_their_region(tmp_path):
    path = tmp_path / "parks.geojson"
    east = [[x + 6.0, y] for x, y in BOX]
    hole = [[31.0, -1.0], [32.0, -1.0], [32.0, 1.0], [31.0, 1.0], [31.0, -1.0]]
    features = [
        {"type": "Feature", "properties": {"name": "TRIDOM"},
         "geometry": {"type": "Polygon", "coordinates": rings}}
        for rings in ([BOX, hole], [east])
    ]  # fmt: skip
    features.append(
        {"type": "Feature", "properties": {"name": "both"},
         "geometry": {"type": "MultiPolygon", "coordinates": [
             [[[x, y - 20.0] for x, y in ring]] for ring in (BOX, east)]}}
    )  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    regions = read_regions(path)
    values, arrays = pack_regions(regions)
    for held in (regions, unpack_regions(json.loads(json.dumps(values)), arrays)):
        # In both polygons, in one, in the hole; in both of the MultiPolygon.
        labels = held.label_places([0.0, 0.0, 0.0, -20.0], [40.0, 33.0, 31.5, 40.0], SITES)
        assert labels.tolist() == [0, 0, -1, 1]


def test_a_hole_of_a_region_is_stored_and_regions_without_their_polygons_are_refused():
    hole = np.array([[31.0, -1.0], [32.0, -1.0], [32.0, 1.0], [31.0, 1.0], [31.0, -1.0]])
    regions = RegionSet("r", "areas", ("A",), areas=(((np.array(BOX), hole),),))
    values, arrays = pack_regions(regions)
    back = unpack_regions(values, arrays)
    assert back.label_places([0.0, 0.0], [33.0, 31.5], SITES).tolist() == [0, -1]
    del arrays["region_polygon_of_ring"]
    with pytest.raises(KeyError, match="region_polygon_of_ring"):
        unpack_regions(values, arrays)


def test_polygons_of_one_name_are_one_region(tmp_path):
    path = tmp_path / "sectors.geojson"
    low = [[x, y - 5.0] for x, y in BOX]
    features = [
        {"type": "Feature", "properties": {"name": name},
         "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in (("A", BOX), ("B", low), ("A", [[x + 12, y] for x, y in BOX]))
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    regions = read_regions(path)
    assert (regions.name, regions.kind, regions.names) == ("sectors.geojson", "areas", ("A", "B"))
    labels = regions.label_places([0.0, -5.0, 0.0, 50.0], [35.0, 35.0, 50.0, 35.0], SITES)
    assert labels.tolist() == [0, 1, 0, -1]
    assert len(regions.sha256) == 64
    values, arrays = pack_regions(regions)
    back = unpack_regions(json.loads(json.dumps(values)), arrays)
    assert back.label_places([0.0, -5.0, 0.0], [35.0, 35.0, 50.0], SITES).tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="regions"):
        unpack_regions(values, {**arrays, "region_of_ring": np.array([0, 1, 9])})
    del features[1]["properties"]["name"]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    with pytest.raises(InputError, match="property 'name'"):
        read_regions(path)


def test_a_table_of_countries_or_of_sites_is_read(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("country;region\nKenya;East\n834;East\nGabon;Congo\n", encoding="utf-8")
    countries = read_regions(path)
    assert countries.kind == "country_table" and countries.names == ("East", "Congo")
    assert countries.label_places([0.0, -6.0, 50.0], [37.5, 36.0, 10.0], SITES).tolist() == [
        0, 0, -1,
    ]  # fmt: skip
    path.write_text("site,region\nnorth,N\nsouth,S\n", encoding="utf-8")
    sites = read_regions(path)
    assert sites.kind == "site_table" and sites.label_sites(SITES).tolist() == [0, 1]
    assert unpack_regions(*pack_regions(sites)).members == {"north": 0, "south": 1}
    path.write_text("site,region\nnorth,N\n", encoding="utf-8")
    with pytest.raises(InputError, match="south"):
        read_regions(path).label_sites(SITES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site,x\nnorth,N\n", "expected region"),
        ("site,country,region\nnorth,Kenya,N\n", "either country or site"),
        ("country,region\nAtlantis,N\n", "no country 'Atlantis'"),
        ("site,region\nnorth,N\nnorth,S\n", "one region is expected"),
        ("site,region\nnorth,\n", "one region is expected"),
        ("site,region\n", "no region"),
        ("{", "not GeoJSON"),
    ],
)
def test_a_wrong_definition_of_regions_is_refused(tmp_path, text, message):
    path = tmp_path / "r"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_regions(path)


# -- The posterior of regions is made true on left-out sites, and its figures are of sites it did
# not see


FIELD = make_grid([0.0, 10.0], [10.0, 30.0], cells=16, margin_km=50, land=False)
RANDOM = np.random.default_rng(5)
PLACES = np.column_stack([RANDOM.uniform(0, 10, 20), RANDOM.uniform(10, 30, 20)])
TWENTY_SITES = Sites(
    tuple(f"s{n:02d}" for n in range(20)), PLACES[:, 0], PLACES[:, 1], np.full(20, 10)
)
# Regions by longitude; a cell and a site belong to the nearest site's.
REGIONS = RegionSet(
    "thirds.csv",
    "site_table",
    ("west", "middle", "east"),
    {f"s{n:02d}": int((east - 10) // 6.7) for n, (_north, east) in enumerate(PLACES)},
)


@cache
def left_out(stated_km, true_km, seed=3):
    """Posteriors of that stated width, around guesses that are really off by another."""
    random = np.random.default_rng(seed)
    rows, site_of = [], []
    for site, (north, east) in enumerate(PLACES):
        for _animal in range(10):
            guess = north + random.normal(0, true_km / 111), east + random.normal(0, true_km / 111)
            away = FIELD.distances([guess[0]], [guess[1]])[:, 0]
            surface = surface_from_log(FIELD, -0.5 * (away / stated_km) ** 2)
            rows.append(surface.probabilities[FIELD.inside])
            site_of.append(site)
    priors = np.tile(FIELD.area_shares(), (len(PLACES), 1))
    return LeftOutPosteriors(FIELD, np.array(site_of), np.array(rows), priors)


@pytest.mark.parametrize("stated", [60.0, 300.0, 900.0])
def test_posteriors_that_are_too_sure_or_not_sure_enough_become_true(stated):
    posteriors = left_out(stated, 300.0)
    calibration = calibrate_regions(posteriors, REGIONS, TWENTY_SITES, confidence=0.9)
    assert calibration.measured.holds > 0.86
    assert calibration.measured.right is None or calibration.measured.right > 0.85
    if stated < 300:
        assert calibration.temper < 1


def test_good_evidence_names_single_regions_and_they_are_right():
    measured = calibrate_regions(
        left_out(150.0, 150.0), REGIONS, TWENTY_SITES, confidence=0.9
    ).measured
    assert measured.named > 0.6
    assert measured.right > 0.9
    assert measured.right_low <= measured.right <= measured.right_high
    assert (measured.animals, measured.sites) == (200, 20)


def test_without_evidence_no_region_is_named_alone():
    flat = left_out(1e6, 300.0)
    measured = calibrate_regions(flat, REGIONS, TWENTY_SITES, confidence=0.9).measured
    assert measured.named == 0 and measured.right is None
    assert "none got a single region" in measured.in_words()


def test_one_region_for_all_sites_has_nothing_to_calibrate():
    one = RegionSet("r", "site_table", ("all",), dict.fromkeys(TWENTY_SITES.names, 0))
    assert calibrate_regions(left_out(150.0, 150.0), one, TWENTY_SITES, confidence=0.9) is None
    assert evaluate_regions(left_out(150.0, 150.0), one, TWENTY_SITES) == {}


def test_the_card_has_figures_by_confidence_and_by_region():
    figures = evaluate_regions(left_out(150.0, 150.0), REGIONS, TWENTY_SITES)
    assert [row["confidence"] for row in figures["by confidence"]] == [0.8, 0.9, 0.95]
    assert sum(row["animals"] for row in figures["by region"]) == 200
    assert {row["region"] for row in figures["by region"]} == {"west", "middle", "east"}


def test_what_a_model_keeps_gives_nearly_the_same_posteriors():
    posteriors = left_out(150.0, 150.0)
    arrays = posteriors.to_arrays("area")
    assert arrays["left_out_area_roots"].dtype == np.uint8
    back = LeftOutPosteriors.from_arrays(arrays, "area", sites=20)
    assert np.abs(back.probabilities - posteriors.probabilities).sum(axis=1).max() < 0.02
    assert LeftOutPosteriors.from_arrays(arrays, "sampling", sites=20) is None
    with pytest.raises(ValueError, match="left_out_area_roots"):
        LeftOutPosteriors.from_arrays(arrays, "area", sites=19)
    with pytest.raises(ValueError, match="left_out_area_roots"):
        LeftOutPosteriors.from_arrays(
            arrays | {"left_out_area_priors": 2 * arrays["left_out_area_priors"]}, "area", sites=20
        )
    with pytest.raises(KeyError, match="left_out"):
        LeftOutPosteriors.from_arrays(
            {"left_out_area_roots": arrays["left_out_area_roots"]}, "area", sites=20
        )


def test_a_posterior_is_compared_with_the_prior_that_it_was_made_with():
    # No evidence at all, under a prior that prefers the region of the site: that names nothing.
    own = TWENTY_SITES.longitudes
    east = FIELD.coordinates()[1][FIELD.inside]
    priors = np.exp(-np.abs(own[:, None] - east) / 2.0)
    priors /= priors.sum(axis=1, keepdims=True)
    site_of = np.repeat(np.arange(20), 10)
    flat = LeftOutPosteriors(FIELD, site_of, priors[site_of], priors)
    labels = REGIONS.label_places(*FIELD.coordinates(), TWENTY_SITES)
    posteriors, before = flat.share(labels, 3)
    assert np.allclose(posteriors, before)
    assert np.allclose(flat.join_sites(0.0).probabilities, priors, atol=1e-9)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_single_regions_are_right_as_often_as_each_confidence_says(confidence):
    measured = [
        calibrate_regions(
            left_out(60.0, 300.0, seed), REGIONS, TWENTY_SITES, confidence=confidence
        ).measured
        for seed in range(4)
    ]
    named = sum(found.named for found in measured)
    assert named > 0
    assert sum(found.named * (found.right or 0.0) for found in measured) / named >= confidence


def test_animals_of_a_site_together_are_surer_than_one(monkeypatch):
    alone = left_out(300.0, 300.0)
    joined = alone.join_sites(0.1)
    assert joined.probabilities.shape == (20, int(FIELD.inside.sum()))
    assert np.allclose(joined.probabilities.sum(axis=1), 1)
    assert joined.probabilities.max(axis=1).mean() > alone.probabilities.max(axis=1).mean()


def test_of_many_animals_some_of_every_site_are_kept(monkeypatch):
    monkeypatch.setattr("forensics.origin.regions.MAX_ANIMALS", 30)
    collector = LeftOutCollector()
    assert collector.collect() is None
    surface = surface_from_log(FIELD, np.zeros(int(FIELD.inside.sum())))
    for animal in range(100):
        collector(animal, 0 if animal < 90 else animal - 89, surface, FIELD.area_shares())
    kept = collector.collect()
    assert len(kept.site_of) == 30
    assert set(kept.site_of.tolist()) == set(range(11))


# -- The outline of a region holds its cells and nothing else, in rings that readers of GeoJSON
# take


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


@pytest.mark.parametrize("confidence, is_told", [(0.94, False), (0.96, True)])
def test_a_confidence_that_no_sample_can_reach_is_told(confidence, is_told):
    """With a stray share of 0.1 and a region of half of the map no posterior is above 0.95."""
    grid = make_grid([-5.0, 5.0], [30.0, 40.0], cells=20, margin_km=1)
    sites = Sites(("a", "b"), np.array([3.0, -3.0]), np.array([35.0, 35.0]), np.array([5, 5]))
    prior = grid.areas()[grid.inside] / grid.areas()[grid.inside].sum()
    sure = (np.indices(grid.inside.shape)[0] == 2)[grid.inside]  # in the north
    posterior = 0.9 * sure / sure.sum() + 0.1 * prior
    regions = RegionSet("r", "site_table", ("A", "B"), {"a": 0, "b": 1})
    reporter = RegionReporter(
        regions, grid, sites, confidence=confidence, calibration=CALIBRATION, stray=0.1
    )
    answer = reporter.answer(surface_from_log(grid, np.log(posterior)), prior)
    assert answer.most == pytest.approx(answer.shares[0].mass) == pytest.approx(0.95, abs=0.005)
    notice = answer.notice()
    assert (notice is not None) == (answer.single is None) == is_told
    assert not is_told or "A could not be named at a confidence of 0.96" in notice.message


def test_without_a_calibration_there_is_no_greatest_posterior():
    answer = answer_of(around(0.3, 37.5), calibration=None)
    assert answer.most is None and answer.notice() is None
