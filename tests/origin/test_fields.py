"""The estimator of places against what its formulas say, written out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from spatial_simulation import simulated_animals, simulated_model

from forensics.origin import tuning
from forensics.origin.fields import (
    NUGGET,
    PRIOR_COPIES,
    SATURATION,
    CellInterpolation,
    Doses,
    base_frequencies,
    count_sites,
    doses_of,
    fit_ridge,
    kriged_logs,
    learn_interpolation,
    left_out_places,
    logs_without_animal,
    site_weights,
    smoothed_logs,
)
from forensics.origin.geography import geometric_medians, unit_vectors
from forensics.origin.ranges import range_of_sites
from forensics.origin.spatial import fit_spatial, known_animals, locate
from forensics.origin.tuning import (
    calibrate,
    fit_field,
    fit_powers,
    left_out_experts,
    left_out_fields,
    pool,
    posteriors,
    priors_without,
)

MODEL, REFERENCE, NEW = simulated_model()
KNOWN, _NAMES = known_animals(REFERENCE)
DISTANCES = MODEL.grid.distances(KNOWN.site_latitudes, KNOWN.site_longitudes)


def test_smoothed_frequencies_are_those_of_the_formula_by_hand():
    sites = count_sites(KNOWN.counts(), KNOWN.doses.offsets, np.float64)
    width, animal, cell = 300.0, 3, 40
    logs = smoothed_logs(sites, KNOWN.doses.take(np.array([animal])), DISTANCES, np.array([width]))
    kernel = np.exp(-DISTANCES[cell] / width)
    expected = 0.0
    for locus in range(len(sites.offsets) - 1):
        columns = slice(sites.offsets[locus], sites.offsets[locus + 1])
        counts = sites.counts[:, columns]
        copies = counts.sum(axis=1, keepdims=True)
        weighted = counts / (1 + copies / SATURATION)
        p = kernel @ weighted + PRIOR_COPIES / counts.shape[1]
        p /= (kernel @ weighted).sum() + PRIOR_COPIES
        assert p.sum() == pytest.approx(1.0)
        expected += float(KNOWN.doses.alleles[animal, columns] @ np.log(p))
    assert logs[0, 0, cell] == pytest.approx(expected)


def test_far_from_all_sites_a_common_allele_speaks_against_the_place():
    counts, offsets = np.array([[19.0, 1.0, 0.0], [18.0, 2.0, 0.0]]), np.array([0, 3])
    sites = count_sites(counts, offsets, np.float64)
    one_copy = Doses(offsets, np.eye(3), np.ones((3, 1)))
    away = np.array([[10.0, 20.0], [9000.0, 9000.0]])
    logs = smoothed_logs(sites, one_copy, away, np.array([100.0]))[0]
    assert np.exp(logs[:, 1]) == pytest.approx(1 / 3)  # all alleles alike
    assert logs[0, 0] > logs[0, 1] and logs[2, 0] < logs[2, 1]


def test_kriged_frequencies_are_those_of_simple_kriging_by_hand_where_nothing_is_cut_off():
    counts = np.array([[20.0, 10.0, 0.0], [16.0, 14.0, 0.0], [12.0, 18.0, 0.0]])
    offsets, concentration, width = np.array([0, 3]), 9.0, 300.0
    sites = count_sites(counts, offsets, np.float64, np.array([concentration]))
    apart = np.array([[0.0, 200.0, 500.0], [200.0, 0.0, 300.0], [500.0, 300.0, 0.0]])
    away = np.array([[50.0, 180.0, 460.0]])
    variance, typed = 1 / (concentration + 1), counts.sum(axis=1)
    smooth = variance * (1 - NUGGET)
    matrix = smooth * np.exp(-apart / width)
    for site in range(len(typed)):
        matrix[site, site] += variance * NUGGET + (1 - variance) / typed[site]
    weights = np.linalg.solve(matrix, smooth * np.exp(-away[0] / width))
    base = base_frequencies(counts, offsets)
    mean = base + weights @ (counts / typed[:, None] - base)
    one_copy = Doses(offsets, np.eye(3), np.ones((3, 1)))
    logs = kriged_logs(sites, one_copy, away, apart, np.array([width]))
    assert np.exp(logs[0, :, 0]) == pytest.approx(mean)


def test_a_locus_that_does_not_differ_between_sites_counts_for_little():
    noise = simulated_animals(seed=4, sites=12, animals=6, loci=4, strength=0.0, drift=0.0)
    known, _names = known_animals(noise)
    flat = count_sites(known.counts(), known.doses.offsets, np.float64).concentrations
    own = count_sites(KNOWN.counts(), KNOWN.doses.offsets, np.float64).concentrations
    assert np.median(flat) > 10 * np.median(own)


def test_leaving_out_an_animal_is_taking_its_copies_out():
    sites = count_sites(KNOWN.counts(), KNOWN.doses.offsets, np.float64)
    widths = np.array([100.0, 400.0])
    kernels = np.exp(-DISTANCES[None] / widths[:, None, None])
    animal, site = 17, int(KNOWN.site_of[17])
    counts = KNOWN.counts()
    counts[site] -= KNOWN.doses.alleles[animal]
    without = count_sites(counts, sites.offsets, np.float64, sites.concentrations)
    expected = smoothed_logs(without, KNOWN.doses.take(np.array([animal])), DISTANCES, widths)
    found = logs_without_animal(sites, KNOWN.doses, animal, site, kernels)
    assert found == pytest.approx(expected[:, 0], rel=1e-9)


@pytest.mark.parametrize("loci", [2, 10], ids=["fewer columns", "more columns"])
def test_places_without_a_group_are_those_of_a_regression_fitted_anew(loci):
    animals = simulated_animals(seed=3, sites=8, animals=4, loci=loci, alleles=6, missing=0.0)
    known, _names = known_animals(animals)
    places, weights = unit_vectors(known.latitudes, known.longitudes), site_weights(known.site_of)
    (left_out,) = left_out_places(known.doses, places, weights, known.site_of, (0.3,))
    out = known.site_of == 5
    # The means that stand for untyped loci and the scale of the penalty are of all animals; with
    # centred doses the means do not matter, and the scale is passed on.
    table = known.doses.alleles - (weights @ known.doses.alleles) / weights.sum()
    scale = (table**2).sum(axis=1).mean()
    design = np.column_stack([table, np.full(len(table), 30.0 * np.sqrt(scale))])
    root = np.sqrt(weights[~out])[:, None]
    matrix = (design[~out] * root).T @ (design[~out] * root)
    matrix += 0.3 * scale * np.eye(design.shape[1])
    slopes = np.linalg.solve(matrix, (design[~out] * root).T @ (places[~out] * root))
    assert left_out[out] == pytest.approx(design[out] @ slopes, abs=1e-6)


def test_a_regression_predicts_what_it_was_fitted_to():
    places, weights = unit_vectors(KNOWN.latitudes, KNOWN.longitudes), site_weights(KNOWN.site_of)
    ridge = fit_ridge(KNOWN.doses, places, weights, 1e-6, 100.0, 200.0)
    error = np.sqrt(((ridge.predict(KNOWN.doses) - places) ** 2).sum(axis=1)) * 6371
    spread = np.sqrt(((places - places.mean(axis=0)) ** 2).sum(axis=1)) * 6371
    assert np.median(error) < 0.7 * np.median(spread)


def test_powers_are_those_of_a_conditional_logit():
    random = np.random.default_rng(1)
    logs = random.normal(size=(2, 4000, 12))
    priors = np.full((4000, 12), 1 / 12)
    chances = np.exp(1.5 * logs[0])
    chances /= chances.sum(axis=1, keepdims=True)
    truth = np.array([random.choice(12, p=row) for row in chances])
    powers = fit_powers(logs, priors, truth, np.ones(4000))
    assert powers[0] == pytest.approx(1.5, abs=0.12)
    assert powers[1] == pytest.approx(0.0, abs=0.06)


def test_regions_of_a_calibrated_pool_hold_what_they_say():
    # Logs three times too sure, and one animal in ten from anywhere.
    random = np.random.default_rng(2)
    places, animals, sites = 60, 3000, 60
    logs = random.normal(size=(animals, places)) * 1.5
    chances = np.exp(logs)
    chances /= chances.sum(axis=1, keepdims=True)
    truth = np.array([random.choice(places, p=row) for row in chances])
    stray = random.random(animals) < 0.1
    truth[stray] = random.integers(places, size=int(stray.sum()))
    priors = np.full((animals, places), 1 / places)
    site_of = np.arange(animals) % sites
    vectors = unit_vectors(random.uniform(-10, 10, places), random.uniform(10, 30, places))
    held = calibrate(1.4 * logs, priors, truth, site_of, np.ones(animals), vectors)
    assert held.temper < 1 and held.stray > 0.02
    assert 0.89 <= held.coverage <= 0.94
    posterior = posteriors(1.4 * logs, priors, held)
    order = np.sort(posterior, axis=1)[:, ::-1]
    own = posterior[np.arange(animals), truth]
    above = np.where(order > own[:, None], order, 0).sum(axis=1)
    assert 0.46 <= (above < 0.5).mean() <= 0.58


def test_a_derived_range_is_drawn_without_the_site_that_is_left_out():
    range_ = range_of_sites(150.0, land=False)
    priors = priors_without(KNOWN, MODEL.grid, range_, DISTANCES)
    assert priors.sum(axis=1) == pytest.approx(1.0)
    near = DISTANCES <= 150.0
    only = near & (near.sum(axis=1) == 1)[:, None]
    for site in range(KNOWN.sites):
        assert not priors[site][only[:, site] & (DISTANCES[:, site] > 60)].any()
    given = priors_without(KNOWN, MODEL.grid, replace(range_, kind="polygons"), DISTANCES)
    assert (given > 0).all()


def test_the_experts_of_an_animal_know_nothing_of_its_site():
    coarse = MODEL.grid
    widths = KNOWN.widths_km()
    experts, penalty, sd_km, _spread = left_out_experts(KNOWN, coarse, widths)
    moved = KNOWN.latitudes.copy()
    mine = KNOWN.site_of == 4
    moved[mine] += 3.0
    latitudes = KNOWN.site_latitudes.copy()
    latitudes[4] += 3.0
    other = replace(KNOWN, latitudes=moved, site_latitudes=latitudes)
    again = left_out_experts(other, coarse, widths, penalty=penalty, sd_km=sd_km)
    assert experts[:-1, mine] == pytest.approx(again[0][:-1, mine])


def test_a_reference_that_tells_nothing_has_no_evidence_anywhere():
    noise = simulated_animals(seed=5, sites=12, animals=6, loci=4, strength=0.0, drift=0.0)
    model = fit_spatial(noise, seed=3, cells=12)
    assert model.calibration.score < 0.02
    surface = locate(model, noise)[0].surface
    density = surface.density[surface.grid.inside]
    assert density.max() < 1.5 * density.min()


def test_points_are_calibrated_apart_and_lie_in_the_range():
    for location in locate(MODEL, NEW):
        surface = location.surface
        row, column = surface.grid.cell_of(*surface.point())
        assert surface.grid.inside[row, column]
    assert surface.point_weights.sum() == pytest.approx(1.0)
    plain = replace(surface, point_weights=None)
    one = geometric_medians(
        surface.grid, surface.probabilities[surface.grid.inside][None, :], inside=False
    )
    assert plain.median() == pytest.approx((one[0][0], one[1][0]))


def test_medians_of_many_are_those_of_each():
    random = np.random.default_rng(3)
    cells = int(MODEL.grid.inside.sum())
    weights = random.dirichlet(np.full(cells, 0.05), size=6)
    many = geometric_medians(MODEL.grid, weights, inside=True)
    for number in range(6):
        one = geometric_medians(MODEL.grid, weights[number : number + 1], inside=True)
        assert (many[0][number], many[1][number]) == pytest.approx((one[0][0], one[1][0]), abs=1e-3)


def test_an_animal_with_few_loci_says_less():
    codes = NEW.codes.copy()
    codes[0, 3:] = -1
    few, all_loci = locate(MODEL, replace(NEW, codes=codes))[0], locate(MODEL, NEW)[0]
    assert few.surface.region_area(0.9) > all_loci.surface.region_area(0.9)


def test_pooled_logs_have_their_greatest_at_zero():
    logs = np.random.default_rng(1).normal(size=(2, 5, 7))
    pooled = pool(logs, np.array([0.5, 2.0]))
    assert pooled.max(axis=1) == pytest.approx(0.0)
    expected = 0.5 * logs[0] + 2.0 * logs[1]
    assert pooled == pytest.approx(expected - expected.max(axis=1, keepdims=True))


def test_large_tables_are_of_single_precision(monkeypatch):
    sizes = np.array([len(names) for names in REFERENCE.alleles])
    assert doses_of(REFERENCE, sizes).alleles.dtype == np.float64
    monkeypatch.setattr("forensics.origin.fields._DOUBLE", 10)
    single = doses_of(REFERENCE, sizes)
    assert single.alleles.dtype == np.float32
    logs = smoothed_logs(
        count_sites(KNOWN.counts(), KNOWN.doses.offsets, np.float32), single, DISTANCES,
        np.array([300.0]),
    )  # fmt: skip
    assert logs.dtype == np.float32
    exact = smoothed_logs(
        count_sites(KNOWN.counts(), KNOWN.doses.offsets, np.float64), KNOWN.doses, DISTANCES,
        np.array([300.0]),
    )  # fmt: skip
    assert logs == pytest.approx(exact, abs=1e-3)


# -- Log-likelihoods at all cells from those at some: as near as they are said to be, or not at all


def many_loci(times=40):
    """Return the known animals with their loci repeated, in single precision."""
    doses = KNOWN.doses
    sizes = np.tile(np.diff(doses.offsets), times)
    return replace(
        KNOWN,
        doses=Doses(
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp),
            np.tile(doses.alleles, (1, times)).astype(np.float32),
            np.tile(doses.typed, (1, times)).astype(np.float32),
        ),
    )


def test_interpolated_log_likelihoods_are_those_of_all_cells(monkeypatch):
    known = many_loci()
    arguments = known, MODEL.grid, known.widths_km(), range(3)
    near = left_out_fields(*arguments)
    monkeypatch.setattr(tuning, "learn_interpolation", lambda *_arguments: None)
    exact = left_out_fields(*arguments)
    rows = known.site_of < 3
    differ = (near - exact)[:, rows]
    differ -= differ.mean(axis=2, keepdims=True)
    spread = np.ptp(exact[:, rows], axis=2).mean()
    assert 0 < np.sqrt((differ**2).mean()) < 0.01 * spread


def test_in_double_precision_nothing_is_interpolated(monkeypatch):
    def refuse(*_arguments):
        raise AssertionError("no field of a small reference is interpolated")

    monkeypatch.setattr(tuning, "learn_interpolation", refuse)
    assert left_out_fields(KNOWN, MODEL.grid, KNOWN.widths_km(), range(1)).dtype == np.float64


def test_a_field_that_no_few_cells_tell_is_not_interpolated():
    offsets = np.arange(0, 3003, 3).astype(np.intp)
    logs = np.random.default_rng(1).standard_normal((offsets[-1], 300))
    assert learn_interpolation(lambda doses: doses.alleles @ logs, offsets, np.float32) is None


def test_a_field_of_few_dimensions_is_told_by_as_many_cells():
    generator = np.random.default_rng(2)
    offsets = np.arange(0, 3003, 3).astype(np.intp)
    logs = generator.standard_normal((offsets[-1], 5)) @ generator.standard_normal((5, 300))
    interpolation = learn_interpolation(lambda doses: doses.alleles @ logs, offsets, np.float32)
    assert len(interpolation.cells) == 6  # five, and the one from which the others differ
    animals = generator.integers(0, 3, (4, offsets[-1])) @ logs
    assert interpolation.spread(animals[:, interpolation.cells]) == pytest.approx(animals, abs=0.2)


def test_a_constant_stays_a_constant():
    weights = np.array([[1.0, 0.0], [0.3, 0.7], [-0.5, 1.5]], dtype=np.float32)
    interpolation = CellInterpolation(np.array([0, 1]), weights)
    assert interpolation.spread(np.array([[-4000.0, -4000.0]])).tolist() == [[-4000.0] * 3]


def test_few_animals_of_a_site_tune_and_all_are_counted():
    thin = KNOWN.take(KNOWN.thin_rows(2))
    assert np.bincount(thin.site_of).max() == 2
    assert thin.sites == KNOWN.sites
    assert np.array_equal(thin.counts(), KNOWN.counts())
    rows = [np.flatnonzero(KNOWN.site_of == site)[[0, -1]] for site in range(KNOWN.sites)]
    assert np.array_equal(thin.doses.alleles, KNOWN.doses.alleles[np.sort(np.concatenate(rows))])


def test_a_large_reference_is_tuned_on_few_animals_and_keeps_the_counts_of_all(monkeypatch):
    monkeypatch.setattr(tuning, "MAX_TUNED", 3)
    known = many_loci(10)
    field, calibrations, left_out = fit_field(known, MODEL.grid, MODEL.range)
    assert np.array_equal(field.counts, known.counts())
    assert np.bincount(known.site_of[left_out.rows]).tolist() == [3] * known.sites
    assert all(0.5 < each.coverage <= 1 for each in calibrations.values())
