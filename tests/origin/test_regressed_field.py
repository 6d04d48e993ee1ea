"""The density of the true place around the point of a regressor."""

import numpy as np
import pytest

from forensics.errors import InputError
from forensics.origin.globe import EARTH_RADIUS_KM
from forensics.origin.regressed_field import RadialDensity, fit_radial_density, predict_places
from forensics.origin.ridge import unit_vectors


def _shares(density, edges_km):
    """Return the probability of distances up to each edge, by summing rings of the sphere."""
    angles = np.linspace(0, np.pi, 400_001)
    middle = (angles[:-1] + angles[1:]) / 2
    mass = np.exp(density.log_density(np.cos(middle))) * 2 * np.pi * np.sin(middle)
    total = np.concatenate(([0.0], np.cumsum(mass * np.diff(angles))))
    return np.interp(np.array(edges_km) / EARTH_RADIUS_KM, angles, total)


def test_a_density_sums_to_1_over_the_sphere_and_falls_with_the_distance():
    density = RadialDensity(np.array([50.0, 800.0, 9000.0]), np.array([0.5, 0.3, 0.2]))
    assert _shares(density, [np.pi * EARTH_RADIUS_KM])[0] == pytest.approx(1.0, abs=1e-4)
    logs = density.log_density(np.cos(np.linspace(0, np.pi, 200)))
    assert (np.diff(logs) < 0).all()


def test_the_density_that_is_fitted_holds_the_errors_that_it_was_fitted_to():
    random = np.random.default_rng(3)
    north, east = random.uniform(-30, 30, 3000), random.uniform(-40, 40, 3000)
    wide = np.where(random.random(3000) < 0.2, 8.0, 1.5)
    predicted = unit_vectors(north, east)
    places = unit_vectors(
        north + wide * random.normal(size=3000),
        east + wide * random.normal(size=3000) / np.cos(np.radians(north)),
    )
    density = fit_radial_density(predicted, places, np.ones(3000))
    errors = np.arccos((predicted * places).sum(axis=1).clip(-1, 1)) * EARTH_RADIUS_KM
    levels = [0.5, 0.8, 0.9, 0.95]
    assert _shares(density, np.quantile(errors, levels)) == pytest.approx(levels, abs=0.03)


def test_a_weight_of_2_counts_as_two_animals():
    predicted = unit_vectors(np.zeros(3), np.zeros(3))
    places = unit_vectors(np.array([1.0, 3.0, 9.0]), np.zeros(3))
    weighted = fit_radial_density(predicted, places, np.array([1.0, 2.0, 1.0]))
    rows = [0, 1, 1, 2]
    repeated = fit_radial_density(predicted[rows], places[rows], np.ones(4))
    assert np.allclose(weighted.widths_km, repeated.widths_km)
    assert np.allclose(weighted.weights, repeated.weights)


@pytest.mark.parametrize("given", [np.zeros((2, 3)), np.full((2, 3), np.nan), np.ones((2, 2))])
def test_what_is_no_place_is_refused(given):
    class Regressor:
        def predict(self, codes):
            return given

    with pytest.raises(InputError, match="did not give a place"):
        predict_places(Regressor(), np.zeros((2, 4)))
