"""Evidence without genotypes, samples that lack a kind of evidence, and a range map: on the right map, all in view."""

import json

import combined_evidence
import numpy as np
import pandas
import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.errors import InputError, UsageError
from forensics.origin.combination import combine_evidence
from forensics.origin.combination_maps import lay_map
from forensics.origin.evidence_tables import (
    list_samples,
    read_haplotype_evidence,
    read_isotope_evidence,
)
from forensics.origin.predict import assign_with
from forensics.origin.range_map import make_range_map, read_range_map
from forensics.origin.reporting_regions import country_regions
from forensics.origin.stored_results import read_result

WEST = [(-13.0, 5.0), (4.0, 5.0), (4.0, 14.0), (-13.0, 14.0)]
SENEGAL = [(-14.5, 13.6), (-13.0, 13.6), (-13.0, 14.6), (-14.5, 14.6)]


def codes(result):
    return {notice.code for notice in result.notices}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return combined_evidence.files(tmp_path_factory.mktemp("combine"))


@pytest.fixture(scope="module")
def isotopes(files):
    return read_isotope_evidence(files / "d2h", files / "values.csv")


@pytest.fixture(scope="module")
def haplotypes(files):
    return read_haplotype_evidence(files / "mtdna.csv", files / "seized_mtdna.csv")


def run(*arguments):
    return CliRunner().invoke(main, ["origin", "combine", *map(str, arguments)])


def range_file(path, ring):
    closed = [*ring, ring[0]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [closed]}), encoding="utf-8")
    return path


# ---- which map ----


def test_isotopes_alone_give_what_their_own_model_gives(files, isotopes):
    alone = combine_evidence(isotopes=isotopes)
    own = assign_with(str(files / "d2h"), str(files / "values.csv"))
    for result, expected in zip(alone, own, strict=True):
        assert np.allclose(result.surface.probabilities, expected.surface.probabilities)
        assert result.regions == expected.regions and result.used == 1
        assert result.exclusion is None and [layer.name for layer in result.layers] == ["isotopes"]
        assert result.prior == expected.prior


def test_isotopes_in_a_range_map_have_no_place_outside_it(isotopes):
    within = make_range_map([[WEST]], source="west.geojson")
    first, _second = combine_evidence(isotopes=isotopes, range_map=within)
    grid = first.surface.grid
    assert (grid.inside == (within.mask(grid) & isotopes.isotopes.grid.inside)).all()
    free = combine_evidence(isotopes=isotopes)[0].surface
    kept = np.where(grid.inside, free.probabilities, 0.0)
    assert np.allclose(first.surface.probabilities, kept / kept.sum())
    assert first.domain.outside == pytest.approx(1 - kept.sum())
    assert first.domain.range_map == "west.geojson"
    assert "without it" in dict(first.details())["Range"]


def test_haplotypes_alone_lie_on_land_around_their_localities(haplotypes):
    results = combine_evidence(haplotypes=haplotypes)
    assert [result.sample for result in results] == ["SIM-KED-04", "SIM-DZA-03", "SIM-LOP-05"]
    west, east, new = results
    assert west.domain.kind == "sites" and west.domain.distance_km > 100
    assert west.point.longitude < east.point.longitude
    assert "HAPLOTYPE_UNSEEN" in codes(new) and "LAYERS_INDEPENDENT" not in codes(west)
    assert west.provenance.library["name"] == "mtdna.csv"
    assert west.rows()[0]["model_sha256"] == haplotypes.reference_file[1]


def test_a_range_map_is_the_map_of_haplotypes_alone_in_cells_of_its_own_size(haplotypes):
    small = make_range_map([[SENEGAL]], source="park.geojson")
    result = combine_evidence(haplotypes=haplotypes, range_map=small)[0]
    assert result.cell_km < 5
    north, east = result.surface.grid.coordinates()
    inside = result.surface.grid.inside
    assert north[inside].min() > 13.5 and north[inside].max() < 14.7
    assert 0 < result.domain.outside < 1


def test_isotopes_and_haplotypes_multiply_on_the_isoscape(isotopes, haplotypes):
    (first,) = (
        result
        for result in combine_evidence(isotopes=isotopes, haplotypes=haplotypes)
        if result.sample == "SIM-KED-04"
    )
    on = lay_map(None, haplotypes, isotopes, range_map=None, prior=None)
    weight = first.layers[0].weight
    by_haplotype = first.alone["haplotype"].probabilities[on.grid.inside] / on.prior
    by_isotopes = first.alone["isotopes"].probabilities[on.grid.inside] / on.prior
    # `alone` has the layer to its weight already.
    expected = on.prior * by_haplotype * by_isotopes
    assert np.allclose(first.surface.probabilities[on.grid.inside], expected / expected.sum())
    assert 0 < weight <= 1 and first.used == 2
    assert {"LAYERS_INDEPENDENT"} <= codes(first)


def test_a_prior_of_sampling_needs_reference_animals(isotopes):
    with pytest.raises(UsageError, match="needs a model of places"):
        combine_evidence(isotopes=isotopes, prior="sampling")
    (first, *_others) = combine_evidence(isotopes=isotopes, prior="area")
    assert first.prior == "area"


def test_nothing_and_half_of_a_kind_are_refused(files):
    with pytest.raises(UsageError, match="no evidence"):
        combine_evidence()
    with pytest.raises(UsageError, match="given together"):
        combine_evidence("simulated-range")
    found = run()
    assert found.exit_code == 2 and "No evidence is given" in found.output
    found = run("simulated-range")
    assert found.exit_code == 2 and "MODEL and SAMPLES are given together" in found.output


def test_genotypes_alone_are_placed_as_by_their_model(files):
    results = combine_evidence("simulated-range", str(files / "samples.csv"))
    for result, own in zip(results, assign_with("simulated-range", str(files / "samples.csv"))):
        assert np.allclose(result.surface.probabilities, own.surface.probabilities)
        assert [layer.name for layer in result.layers] == ["nuclear"]


# ---- every sample is accounted for ----


def test_a_sample_of_any_table_has_a_result_that_says_what_it_lacks(files):
    values = pandas.DataFrame({"sample": ["SIM-KED-04", "X1"], "d2H": ["5,2", "-14,0"]})
    results = combine_evidence(
        "simulated-range",
        str(files / "samples.csv"),
        isotopes=read_isotope_evidence(files / "d2h", values),
    )
    by_name = {result.sample: result for result in results}
    assert list(by_name) == ["SIM-DZA-03", "SIM-KED-04", "SIM-LOP-05", "X1"] or set(by_name) == {
        "SIM-DZA-03", "SIM-KED-04", "SIM-LOP-05", "X1",
    }  # fmt: skip
    assert [result.index for result in results] == [1, 2, 3, 4]
    assert [layer.name for layer in by_name["X1"].layers] == ["isotopes"]
    assert by_name["X1"].exclusion is None and by_name["X1"].used == 1
    texts = {name: " ".join(notice.message for notice in result.notices) for name, result in by_name.items()}  # fmt: skip
    assert "present for others: nuclear genotype" in texts["X1"]
    assert "present for others: isotopes" in texts["SIM-LOP-05"]
    assert "LAYERS_MISSING" not in codes(by_name["SIM-KED-04"])


def test_an_empty_cell_is_a_missing_layer_and_a_sample_without_any_is_unusable(files):
    values = pandas.DataFrame({"id": ["A", "B"], "d2H": ["", "-14"]})
    haplotypes = pandas.DataFrame({"sample": ["A", "B"], "haplotype": ["", "W1"]})
    first, second = combine_evidence(
        isotopes=read_isotope_evidence(files / "d2h", values),
        haplotypes=read_haplotype_evidence(files / "mtdna.csv", haplotypes),
    )
    assert first.status == "unusable" and first.surface is None and "LAYERS_MISSING" in codes(first)
    assert len(second.layers) == 2


def test_names_with_accents_are_the_same_however_they_are_written(files):
    values = pandas.DataFrame({"sample": ["e\u0301le\u0301phant 1 "], "d2H": ["-14"]})
    haplotypes = pandas.DataFrame({"sample": ["\u00e9l\u00e9phant 1"], "haplotype": ["W1"]})
    (result,) = combine_evidence(
        isotopes=read_isotope_evidence(files / "d2h", values),
        haplotypes=read_haplotype_evidence(files / "mtdna.csv", haplotypes),
    )
    assert len(result.layers) == 2


def test_a_table_of_a_technician_is_read(files, tmp_path):
    table = tmp_path / "values.csv"
    table.write_bytes("Sample;d2H;lab\r\nÉléphant 1;-14,25;ü\r\n".encode("cp1252"))
    found = run("--isotopes", files / "d2h", "--isotope-values", table, "--format", "json")
    assert found.exit_code == 0, found.output
    (record,) = map(json.loads, found.stdout.splitlines())
    assert record["sample"] == "Éléphant 1"
    assert record["layers"][0]["observed"].startswith("d2H -14.2")
    assert read_result(record).to_dict() == record


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"sample": ["A", "A"], "d2H": ["1", "2"]}, "stands twice"),
        ({"sample": ["A", ""], "d2H": ["1", "2"]}, "is empty"),
        ({"name": ["A"], "d2H": ["1"]}, "a column sample"),
    ],
)
def test_a_table_whose_samples_are_not_clear_is_refused(files, rows, message):
    with pytest.raises(InputError, match=message):
        read_isotope_evidence(files / "d2h", pandas.DataFrame(rows))


def test_tables_without_a_common_sample_are_refused(isotopes, files):
    others = pandas.DataFrame({"sample": ["Q1"], "haplotype": ["W1"]})
    haplotypes = read_haplotype_evidence(files / "mtdna.csv", others)
    with pytest.raises(InputError, match="known by their names"):
        list_samples(None, haplotypes, isotopes)


# ---- the range speaks, and does not name ----


def test_a_range_that_the_evidence_points_away_from_disagrees_and_nothing_is_named(files):
    values = read_isotope_evidence(files / "d2h", pandas.DataFrame({"sample": ["A"], "d2H": ["-40"]}))  # fmt: skip
    north = make_range_map([[[(-5, 18), (10, 18), (10, 24), (-5, 24)]]], source="north.geojson")
    (result,) = combine_evidence(isotopes=values, range_map=north)
    assert result.domain.outside > 0.99
    assert "RANGE_DISAGREES" in codes(result) and result.status == "inconclusive"


def test_a_range_without_a_reference_site_is_noticed(haplotypes, isotopes):
    empty = make_range_map([[[(38, -14), (42, -14), (42, -10), (38, -10)]]])
    assert "NO_SITE_IN_RANGE" in codes(combine_evidence(haplotypes=haplotypes, range_map=empty)[0])
    assert "NO_SITE_IN_RANGE" not in codes(combine_evidence(isotopes=isotopes, range_map=empty)[0])


def test_a_country_that_the_range_alone_leaves_is_not_named(haplotypes):
    inner = make_range_map([[[(-15.0, 14.2), (-13.6, 14.2), (-13.6, 15.2), (-15.0, 15.2)]]])
    result = combine_evidence(haplotypes=haplotypes, range_map=inner)[0]
    assert [country.name for country in result.countries] == ["Senegal"]
    assert result.status == "inconclusive" and result.origin is None
    assert "RANGE_DECIDES" in codes(result)


def test_a_country_that_the_evidence_chose_is_named(files):
    isotopes = read_isotope_evidence(files / "d2h", pandas.DataFrame({"sample": ["A"], "d2H": ["12"]}))  # fmt: skip
    # Of the same area: Senegal and Mauritania in the north, where such a value belongs, and Gabon.
    both = make_range_map(
        [[[(-15.0, 14.2), (-13.6, 14.2), (-13.6, 15.2), (-15.0, 15.2)]],
         [[(10.5, -1.5), (11.9, -1.5), (11.9, -0.5), (10.5, -0.5)]]]
    )  # fmt: skip
    (result,) = combine_evidence(isotopes=isotopes, range_map=both)
    assert (result.status, result.origin, result.rank) == ("assigned", "Senegal", "state")


def test_a_range_outside_the_map_and_one_in_metres_are_refused(isotopes, tmp_path):
    away = make_range_map([[[(100, 40), (110, 40), (110, 45)]]], source="away.geojson")
    with pytest.raises(InputError, match="no cell of the map"):
        combine_evidence(isotopes=isotopes, range_map=away)
    metres = range_file(tmp_path / "metres.geojson", [(500000, 9000000), (600000, 9000000), (600000, 9100000)])  # fmt: skip
    with pytest.raises(InputError, match="metres"):
        read_range_map(metres)


# ---- regions ----


def test_regions_are_shown_of_any_evidence_and_none_is_named(isotopes, haplotypes, files, tmp_path):
    for given in ({"isotopes": isotopes}, {"haplotypes": haplotypes}):
        result = combine_evidence(**given, regions=country_regions())[0]
        assert result.reporting.measured is None and result.reporting.single is None
        assert sum(share.mass for share in result.reporting.shares) == pytest.approx(1, abs=0.02)
        assert "not calibrated" in dict(result.details())["Named"]
    shares = combine_evidence(isotopes=isotopes, regions=country_regions())[0].reporting.shares
    assert all(share.assessable for share in shares)  # isotopes need no reference animals
    table = tmp_path / "regions.csv"
    table.write_text("region,site\nWest,KED\n", encoding="utf-8")
    found = run("--isotopes", files / "d2h", "--isotope-values", files / "values.csv", "--regions", table)  # fmt: skip
    assert found.exit_code == 2 and "groups reference sites" in " ".join(found.output.split())


# ---- exports ----


def test_the_posterior_is_exported_and_read_back_by_gdal(files, tmp_path):
    rasterio = pytest.importorskip("rasterio")
    outputs = [tmp_path / f"p.{ending}" for ending in ("tif", "geojson", "csv", "html")]
    more = [part for path in outputs for part in ("--map", path)]
    within = range_file(tmp_path / "west.geojson", WEST)
    found = run(
        "--isotopes", files / "d2h", "--isotope-values", files / "values.csv", "--haplotypes",
        files / "mtdna.csv", "--sample-haplotypes", files / "seized_mtdna.csv", "--range-map", within,
        "--format", "json", *more,
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    expected = combine_evidence(
        isotopes=read_isotope_evidence(files / "d2h", files / "values.csv"),
        haplotypes=read_haplotype_evidence(files / "mtdna.csv", files / "seized_mtdna.csv"),
        range_map=read_range_map(within),
    )
    with rasterio.open(outputs[0]) as raster:
        assert raster.crs.to_epsg() == 4326 and raster.count == len(expected)
        for band, result in enumerate(expected, 1):
            surface, values = result.surface, raster.read(band)
            assert raster.descriptions[band - 1] == result.sample
            inside = surface.grid.inside
            assert np.allclose(values[inside], surface.probabilities[inside], atol=1e-7)
            assert (values[~inside] == raster.nodata).all()
            assert raster.tags(band)["EVIDENCE"] == "; ".join(
                f"{layer.name} weight {layer.weight:g}" for layer in result.layers
            )
    features = json.loads(outputs[1].read_text("utf-8"))["features"]
    assert features[0]["properties"]["evidence"][0]["name"] == "haplotype"
    rows = pandas.read_csv(outputs[2])
    assert rows.groupby("sample").probability.sum().to_numpy() == pytest.approx(1.0, abs=1e-6)
    page = outputs[3].read_text("utf-8")
    assert page.count('class="small"') == 4  # of two samples two kinds each; the third has one kind
    assert "haplotype: weight" in page and "In the 95 % region" in page


def test_the_sheet_of_a_combination_shows_each_kind_of_evidence_alone(files, isotopes, haplotypes):
    pytest.importorskip("matplotlib")
    from forensics.origin.map_sheet import draw_sheet

    several = combine_evidence(isotopes=isotopes, haplotypes=haplotypes)
    titles = [axes.get_title() for axes in draw_sheet(several[0], ((), ()), "x").axes]
    assert [title for title in titles if "weight" in title] == [
        layer.caption() for layer in several[0].layers
    ]
    alone = combine_evidence(isotopes=isotopes)[0]
    assert not any("weight" in axes.get_title() for axes in draw_sheet(alone, ((), ()), "x").axes)
    assert several[0].plot().get_title() == several[0].sample
