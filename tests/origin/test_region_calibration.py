"""The posterior of regions is made true on left-out sites, and its figures are of sites it did not see."""

import numpy as np
import pytest

from forensics.origin.areas import RegionSet, Sites
from forensics.origin.geography import make_grid, surface_from_log
from forensics.origin.regions import (
    LeftOutCollector,
    LeftOutPosteriors,
    calibrate_regions,
    evaluate_regions,
)

GRID = make_grid([0.0, 10.0], [10.0, 30.0], cells=16, margin_km=50, land=False)
RANDOM = np.random.default_rng(5)
PLACES = np.column_stack([RANDOM.uniform(0, 10, 20), RANDOM.uniform(10, 30, 20)])
SITES = Sites(tuple(f"s{n:02d}" for n in range(20)), PLACES[:, 0], PLACES[:, 1], np.full(20, 10))
# Regions by longitude; a cell and a site belong to the nearest site's.
REGIONS = RegionSet(
    "thirds.csv",
    "site_table",
    ("west", "middle", "east"),
    {f"s{n:02d}": int((east - 10) // 6.7) for n, (_north, east) in enumerate(PLACES)},
)


def left_out(stated_km, true_km, seed=3):
    """Posteriors of that stated width, around guesses that are really off by another."""
    random = np.random.default_rng(seed)
    rows, site_of = [], []
    for site, (north, east) in enumerate(PLACES):
        for _animal in range(10):
            guess = north + random.normal(0, true_km / 111), east + random.normal(0, true_km / 111)
            away = GRID.distances([guess[0]], [guess[1]])[:, 0]
            rows.append(surface_from_log(GRID, -0.5 * (away / stated_km) ** 2).probabilities)
            site_of.append(site)
    probabilities = np.array([row[GRID.inside] for row in rows])
    return LeftOutPosteriors(GRID, np.array(site_of), probabilities)


@pytest.mark.parametrize("stated", [60.0, 300.0, 900.0])
def test_posteriors_that_are_too_sure_or_not_sure_enough_become_true(stated):
    posteriors = left_out(stated, 300.0)
    calibration = calibrate_regions(posteriors, REGIONS, SITES, confidence=0.9)
    assert calibration.measured.holds > 0.86
    assert calibration.measured.right is None or calibration.measured.right > 0.85
    if stated < 300:
        assert calibration.temper < 1


def test_good_evidence_names_single_regions_and_they_are_right():
    measured = calibrate_regions(left_out(150.0, 150.0), REGIONS, SITES, confidence=0.9).measured
    assert measured.named > 0.6
    assert measured.right > 0.9
    assert measured.right_low <= measured.right <= measured.right_high
    assert (measured.animals, measured.sites) == (200, 20)


def test_without_evidence_no_region_is_named_alone():
    flat = left_out(1e6, 300.0)
    measured = calibrate_regions(flat, REGIONS, SITES, confidence=0.9).measured
    assert measured.named == 0 and measured.right is None
    assert "none got a single region" in measured.in_words()


def test_one_region_for_all_sites_has_nothing_to_calibrate():
    one = RegionSet("r", "site_table", ("all",), dict.fromkeys(SITES.names, 0))
    assert calibrate_regions(left_out(150.0, 150.0), one, SITES, confidence=0.9) is None
    assert evaluate_regions(left_out(150.0, 150.0), one, SITES) == {}


def test_the_card_has_figures_by_confidence_and_by_region():
    figures = evaluate_regions(left_out(150.0, 150.0), REGIONS, SITES)
    assert [row["confidence"] for row in figures["by confidence"]] == [0.8, 0.9, 0.95]
    assert sum(row["animals"] for row in figures["by region"]) == 200
    assert {row["region"] for row in figures["by region"]} == {"west", "middle", "east"}


def test_what_a_model_keeps_gives_nearly_the_same_posteriors():
    posteriors = left_out(150.0, 150.0)
    arrays = posteriors.to_arrays()
    assert arrays["left_out_roots"].dtype == np.uint8
    back = LeftOutPosteriors.from_arrays(arrays, sites=20)
    assert np.abs(back.probabilities - posteriors.probabilities).sum(axis=1).max() < 0.02
    assert LeftOutPosteriors.from_arrays({}, sites=20) is None
    with pytest.raises(ValueError, match="left_out_roots"):
        LeftOutPosteriors.from_arrays(arrays, sites=19)
    with pytest.raises(KeyError, match="left_out"):
        LeftOutPosteriors.from_arrays({"left_out_roots": arrays["left_out_roots"]}, sites=20)


def test_animals_of_a_site_together_are_surer_than_one(monkeypatch):
    alone = left_out(300.0, 300.0)
    joined = alone.join_sites(0.1)
    assert joined.probabilities.shape == (20, int(GRID.inside.sum()))
    assert np.allclose(joined.probabilities.sum(axis=1), 1)
    assert joined.probabilities.max(axis=1).mean() > alone.probabilities.max(axis=1).mean()


def test_of_many_animals_some_of_every_site_are_kept(monkeypatch):
    monkeypatch.setattr("forensics.origin.regions.MAX_ANIMALS", 30)
    collector = LeftOutCollector()
    assert collector.collect() is None
    surface = surface_from_log(GRID, np.zeros(int(GRID.inside.sum())))
    for animal in range(100):
        collector(animal, 0 if animal < 90 else animal - 89, surface)
    kept = collector.collect()
    assert len(kept.site_of) == 30
    assert set(kept.site_of.tolist()) == set(range(11))
