"""How far a spatial assignment is off, and whether its regions hold the truth, on known animals.

Whole sites are left out, as the place of a seizure usually is no place of the reference; the
width of the field, its variance and the calibration are chosen without the site as well
(nested). Leaving out single animals is told too: it is the easier task and flatters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.fields import AlleleCopies, FrequencyField, copies_of, log_likelihood
from forensics.origin.geography import LEVELS, Grid, Surface, surface_from_log
from forensics.origin.globe import great_circle, spherical_mean
from forensics.origin.ranges import Range, lay_grid, range_of_sites
from forensics.origin.spatial import (
    MIN_ANIMALS,
    MIN_SITES,
    TUNING_CELLS,
    coordinates_of,
    sampling_density,
    sites_of,
)
from forensics.origin.tuning import SpatialCalibration, log_gains, tune
from forensics.stats.intervals import Rate, clustered_rate

__all__ = ["SCHEMES", "Placement", "SpatialEvaluation", "evaluate_spatial"]

SCHEMES = ("site", "animal")
# Groups of sites for which the field is tuned without them.
OUTER_FOLDS = 5
# Cells along the side of the grid that animals are placed in.
EVALUATION_CELLS = 50


@dataclass(frozen=True)
class Placement:
    """One known animal, placed without its site (or without itself).

    Attributes
    ----------
    animal, site : str
    error_km : float
        From the true place to the median of the posterior under the prior ``area``.
    sampling_km : float
        The same under the prior ``sampling``.
    mode_km : float
        From the true place to the mode.
    rank : float
        Level of the region whose edge runs through the true place (`Surface.rank`).
    covered : tuple of bool
        Whether the regions of `geography.LEVELS` hold the true place.
    """

    animal: str
    site: str
    error_km: float
    sampling_km: float
    mode_km: float
    rank: float
    covered: tuple[bool, ...]


@dataclass(frozen=True)
class SpatialEvaluation:
    """Figures of a spatial reference.

    Attributes
    ----------
    scheme : str
        ``site`` (whole sites left out) or ``animal``.
    placements : tuple of Placement
    floor_km : tuple of float
        Median and 80 % quantile of the error of always naming the mean of all other sites.
    cell_km : float
        Side of a cell of the grid: errors below it are rounding.
    warnings : tuple of str
    """

    scheme: str
    placements: tuple[Placement, ...]
    floor_km: tuple[float, float]
    cell_km: float
    warnings: tuple[str, ...]

    def quantiles(self, name: str) -> tuple[float, float]:
        """Return the median and the 80 % quantile of an error: a field of `Placement`."""
        values = [getattr(placement, name) for placement in self.placements]
        return float(np.median(values)), float(np.quantile(values, 0.8))

    def error_km(self) -> tuple[float, float]:
        """Return the median and the 80 % quantile of the error of the posterior's median."""
        return self.quantiles("error_km")

    def mode_km(self) -> tuple[float, float]:
        """Return the median and the 80 % quantile of the error of the mode."""
        return self.quantiles("mode_km")

    def coverage(self) -> dict[float, Rate]:
        """Return by level how often regions hold the true place; animals of a site cluster."""
        return {
            level: clustered_rate(
                [
                    placement.covered[place]
                    for placement in self.placements
                    if placement.site == site
                ]
                for site in dict.fromkeys(placement.site for placement in self.placements)
            )
            for place, level in enumerate(LEVELS)
        }

    def by_site(self) -> list[dict[str, Any]]:
        """Return a row a site: animals, median error and share held by the 90 % region."""
        rows = []
        for site in dict.fromkeys(placement.site for placement in self.placements):
            at_site = [placement for placement in self.placements if placement.site == site]
            rows.append(
                {
                    "site": site,
                    "animals": len(at_site),
                    "median_km": float(np.median([placement.error_km for placement in at_site])),
                    "held_90": float(
                        np.mean([placement.covered[LEVELS.index(0.90)] for placement in at_site])
                    ),
                }
            )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a model's card."""
        return {
            "scheme": self.scheme,
            "animals": len(self.placements),
            "sites": len({placement.site for placement in self.placements}),
            "median_km": self.error_km()[0],
            "q80_km": self.error_km()[1],
            "sampling_median_km": self.quantiles("sampling_km")[0],
            "sampling_q80_km": self.quantiles("sampling_km")[1],
            "mode_median_km": self.mode_km()[0],
            "mode_q80_km": self.mode_km()[1],
            "floor_median_km": self.floor_km[0],
            "floor_q80_km": self.floor_km[1],
            "cell_km": self.cell_km,
            "coverage": {f"{level:g}": rate.to_dict() for level, rate in self.coverage().items()},
            "by_site": self.by_site(),
            "warnings": list(self.warnings),
        }


def evaluate_spatial(
    genotypes: Genotypes,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    schemes: Sequence[str] = SCHEMES,
    cells: int = EVALUATION_CELLS,
    margin_km: float | None = None,
    land: bool = True,
    range_: Range | None = None,
    observe: Callable[[int, int, Surface], None] | None = None,
) -> dict[str, SpatialEvaluation]:
    """Return the figures of a spatial reference by scheme.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known places.
    seed : int
        Of the groups of sites.
    sites : sequence of str, optional
        Site of each animal; by default `spatial.sites_of`.
    schemes : sequence of str
        Of `SCHEMES`.
    cells, margin_km, land, range_
        As for `spatial.fit_spatial`. The range is that of all sites: where a species lives is
        known beforehand.
    observe : callable, optional
        Is given of each animal its number, the number of its site (in alphabetic order) and the
        posterior under the prior ``area`` by a model without that site.

    Raises
    ------
    InputError
        If there are fewer than ``MIN_SITES + 1`` sites.
    """
    places = coordinates_of(genotypes)
    names = sites_of(genotypes) if sites is None else tuple(sites)
    site_names = tuple(sorted(set(names)))
    if len(site_names) <= MIN_SITES:
        raise InputError(
            _(
                "{count} sites; at least {least} are needed, so that one can be left out and a "
                "model fitted on the others"
            ).format(count=len(site_names), least=MIN_SITES + 1)
        )
    number = {name: place for place, name in enumerate(site_names)}
    site_of = np.array([number[name] for name in names])
    centres = np.array(
        [
            spherical_mean(places[0][site_of == site], places[1][site_of == site])
            for site in range(len(site_names))
        ]
    )
    sizes = np.array([len(alleles) for alleles in genotypes.alleles])
    copies, doses = copies_of(genotypes, sizes)
    counts = np.zeros((len(site_names), doses.shape[1]))
    np.add.at(counts, site_of, doses)
    offsets = np.concatenate(([0], np.cumsum(sizes + 1))).astype(np.intp)
    field = FrequencyField(offsets, counts, centres[:, 0], centres[:, 1], 1.0, 0.1, 0.5)
    if range_ is None:
        range_ = range_of_sites(land=land)
    located = (centres[:, 0], centres[:, 1])
    range_ = range_.of_sites(*located)
    grid, _wide = lay_grid(range_, places, located, cells=cells, margin_km=margin_km)
    coarse, _wide = lay_grid(range_, places, located, cells=TUNING_CELLS, margin_km=margin_km)
    order = np.cumsum(coarse.inside.ravel()).reshape(coarse.inside.shape) - 1
    truth = order[coarse.cell_of(*places)]

    apart = great_circle(centres[:, :1], centres[:, 1:], centres[:, 0], centres[:, 1])
    distances = grid.distances(centres[:, 0], centres[:, 1])
    prior = grid.areas()[grid.inside]
    prior = prior / prior.sum()
    animals_of = np.bincount(site_of)
    placements: dict[str, dict[int, Placement]] = {scheme: {} for scheme in schemes}
    mixed = np.random.default_rng(seed).permutation(len(site_names))
    for start in range(min(OUTER_FOLDS, len(site_names))):
        group = mixed[start::OUTER_FOLDS]
        others = np.setdiff1d(np.arange(len(site_names)), group)
        rows = np.flatnonzero(np.isin(site_of, others))
        tuned, calibration = tune(
            _leave_out(field, others, None),
            copies.take(rows),
            np.searchsorted(others, site_of[rows]),
            coarse,
            truth[rows],
            seed=seed,
        )
        chosen = replace(
            field,
            width_km=tuned.width_km,
            variance=tuned.variance,
            nugget=tuned.nugget,
        )
        for site in group:
            animals = np.flatnonzero(site_of == site)
            for scheme in schemes:
                logs = _left_out_logs(
                    chosen, copies, doses, animals, int(site), scheme, distances, apart
                )
                other = np.arange(len(site_names)) != site if scheme == "site" else animals_of > 0
                density = prior * sampling_density(
                    distances[:, other], animals_of[other], chosen.width_km
                )
                surfaces = _surfaces(grid, logs, prior, calibration)
                seconds = _surfaces(grid, logs, density / density.sum(), calibration)
                for animal, surface, second in zip(animals, surfaces, seconds):
                    if observe is not None and scheme == "site":
                        observe(int(animal), int(site), surface)
                    placements[scheme][int(animal)] = _make_placement(
                        surface, second, genotypes, int(animal), site_names[site]
                    )
    floor = _floor(places, site_of, centres)
    warnings: tuple[str, ...] = ()
    if len(genotypes) < MIN_ANIMALS:
        warnings = (
            _(
                "{count} animals; below {least} a baseline's figures are themselves uncertain"
            ).format(count=len(genotypes), least=MIN_ANIMALS),
        )
    return {
        scheme: SpatialEvaluation(
            scheme,
            tuple(placement for _row, placement in sorted(placements[scheme].items())),
            floor,
            grid.cell_km(),
            warnings,
        )
        for scheme in schemes
    }


def _leave_out(
    field: FrequencyField, kept: np.ndarray, counts: np.ndarray | None
) -> FrequencyField:
    """Return a field of some sites."""
    return replace(
        field,
        counts=(field.counts if counts is None else counts)[kept],
        latitudes=field.latitudes[kept],
        longitudes=field.longitudes[kept],
    )


def _left_out_logs(
    field: FrequencyField,
    copies: AlleleCopies,
    doses: np.ndarray,
    animals: np.ndarray,
    site: int,
    scheme: str,
    distances: np.ndarray,
    apart: np.ndarray,
) -> np.ndarray:
    """Return log-likelihoods of the animals of a site, without the site or without each."""
    every = np.arange(len(field.counts))
    if scheme == "site":
        kept = every[every != site]
        part = _leave_out(field, kept, None)
        return log_likelihood(
            part, copies.take(animals), distances[:, kept], apart[np.ix_(kept, kept)]
        )
    logs = []
    for animal in animals:
        counts = field.counts.copy()
        counts[site] -= doses[animal]
        part = replace(field, counts=counts)
        logs.append(log_likelihood(part, copies.take(np.array([animal])), distances, apart)[0])
    return np.array(logs)


def _surfaces(
    grid: Grid, logs: np.ndarray, prior: np.ndarray, calibration: SpatialCalibration
) -> list[Surface]:
    """Return calibrated posteriors."""
    gains = log_gains(logs, prior, calibration.temper, calibration.stray)
    return [surface_from_log(grid, row + np.log(prior)) for row in gains]


def _make_placement(
    surface: Surface, second: Surface, genotypes: Genotypes, animal: int, site: str
) -> Placement:
    """Return how a posterior compares with where the animal was."""
    latitudes, longitudes = coordinates_of(genotypes)
    truth = float(latitudes[animal]), float(longitudes[animal])
    return Placement(
        genotypes.animals[animal],
        site,
        float(great_circle(*truth, *surface.median())),
        float(great_circle(*truth, *second.median())),
        float(great_circle(*truth, *surface.mode())),
        surface.rank(*truth),
        tuple(surface.holds(level, *truth) for level in LEVELS),
    )


def _floor(
    places: tuple[np.ndarray, np.ndarray], site_of: np.ndarray, centres: np.ndarray
) -> tuple[float, float]:
    """Return median and 80 % quantile of the error of naming the mean of the other sites."""
    errors = np.empty(len(site_of))
    for site in range(len(centres)):
        rows = site_of == site
        other = spherical_mean(*np.delete(centres, site, axis=0).T)
        errors[rows] = great_circle(places[0][rows], places[1][rows], *other)
    return float(np.median(errors)), float(np.quantile(errors, 0.8))
