"""Log-likelihoods at all cells from those at some: as near as they are said to be, or not at all."""

from dataclasses import replace

import numpy as np
import pytest
from spatial_simulation import simulated_model

from forensics.origin import tuning
from forensics.origin.fields import CellInterpolation, Doses, learn_interpolation
from forensics.origin.spatial import known_animals
from forensics.origin.tuning import fit_field, left_out_fields

MODEL, REFERENCE, NEW = simulated_model()
KNOWN, NAMES = known_animals(REFERENCE)


def many_loci(times=60):
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
    thin = KNOWN.thin(2)
    assert np.bincount(thin.site_of).max() == 2
    assert thin.sites == KNOWN.sites
    assert np.array_equal(thin.counts(), KNOWN.counts())
    rows = [np.flatnonzero(KNOWN.site_of == site)[[0, -1]] for site in range(KNOWN.sites)]
    assert np.array_equal(thin.doses.alleles, KNOWN.doses.alleles[np.sort(np.concatenate(rows))])


def test_a_large_reference_is_tuned_on_few_animals_and_keeps_the_counts_of_all(monkeypatch):
    monkeypatch.setattr(tuning, "MAX_TUNED", 3)
    known = many_loci(10)
    field, calibration = fit_field(known, MODEL.grid, MODEL.range)
    assert np.array_equal(field.counts, known.counts())
    assert 0.5 < calibration.coverage <= 1
