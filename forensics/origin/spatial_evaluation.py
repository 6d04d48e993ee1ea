"""How far a spatial assignment is off, and whether its regions hold the truth, on known animals.

Whole sites are left out, as the place of a seizure usually is not a place of the reference; the
powers of the experts and the calibration are chosen without the site as well (nested). Leaving out
single animals is reported too: it is the easier task and flatters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from forensics.core.stored import to_stored
from forensics.errors import InputError
from forensics.genetics.genotypes import Genotypes
from forensics.messages import _
from forensics.origin.fields import (
    count_sites,
    kriged_logs,
    left_out_places,
    logs_without_animal,
    site_weights,
)
from forensics.origin.geography import (
    LEVELS,
    Grid,
    Surface,
    geometric_medians,
    great_circle,
    spherical_mean,
    unit_vectors,
)
from forensics.origin.ranges import Range, lay_grid, range_of_sites
from forensics.origin.spatial import (
    MIN_ANIMALS,
    MIN_SITES,
    TUNING_CELLS,
    known_animals,
    sampling_density,
)
from forensics.origin.tuning import (
    KRIGED_WIDTHS,
    KnownAnimals,
    PooledField,
    SpatialCalibration,
    fit_field,
    groups_of,
    left_out_fields,
    point_weights,
    pool,
    posteriors,
    priors_without,
    regression_logs,
    site_distances,
)
from forensics.stats import Rate, clustered_rate, greatest, reaches

SCHEMES = ("site", "animal")
Progress = Callable[[int, int], object]
"""Called with the sites that were left out so far, and with how many will be."""
# Groups of sites for which the field is tuned without them.
OUTER_FOLDS = 5
# Cells along the side of the grid that animals are placed in.
EVALUATION_CELLS = 50
# Logarithms that the scheme "animal" takes; of larger references some animals are placed.
_MAX_WORK = 3e9


@dataclass(frozen=True)
class Placement:
    """One known animal, placed without its site (or without itself).

    Attributes
    ----------
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
    floor_km : tuple of float
        Median and 80 % quantile of the error of always naming the mean of all other sites.
    cell_km : float
        Side of a cell of the grid: errors below it are rounding.
    range : dict
        Of the animals, as it is stored.
    """

    scheme: str
    placements: tuple[Placement, ...]
    floor_km: tuple[float, float]
    cell_km: float
    warnings: tuple[str, ...]
    range: dict[str, Any] = field(default_factory=dict)

    def quantiles(self, name: str) -> tuple[float, float]:
        """Return the median and the 80 % quantile of an error: a field of `Placement`."""
        values = [getattr(placement, name) for placement in self.placements]
        return float(np.median(values)), float(np.quantile(values, 0.8))

    def error_km(self) -> tuple[float, float]:
        """Return the median and the 80 % quantile of the error of the posterior's median."""
        return self.quantiles("error_km")

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
            "mode_median_km": self.quantiles("mode_km")[0],
            "mode_q80_km": self.quantiles("mode_km")[1],
            "floor_median_km": self.floor_km[0],
            "floor_q80_km": self.floor_km[1],
            "cell_km": self.cell_km,
            "coverage": {f"{level:g}": rate.to_dict() for level, rate in self.coverage().items()},
            "by_site": self.by_site(),
            "range": self.range,
            "warnings": list(self.warnings),
        }


def evaluate_spatial(
    genotypes: Genotypes,
    *,
    seed: int,
    schemes: Sequence[str] = SCHEMES,
    cells: int = EVALUATION_CELLS,
    range_: Range | None = None,
    observe: Callable[[int, int, Surface], None] | None = None,
    progress: Progress | None = None,
) -> dict[str, SpatialEvaluation]:
    """Return the figures of a spatial reference by scheme.

    Parameters
    ----------
    genotypes : Genotypes
        Animals of known places.
    seed : int
        Of the groups of sites.
    schemes : sequence of str
        Of `SCHEMES`.
    cells, range_
        As for `spatial.fit_spatial`. A range that is given is known beforehand; one that is a
        distance around the sites is drawn without the site that is left out.
    observe : callable, optional
        Is given of each animal its number, the number of its site (in alphabetic order) and the
        posterior under the prior ``area`` by a model without that site.
    progress : callable, optional
        Called with the sites that were left out so far, and with how many will be.

    Raises
    ------
    InputError
        If there are fewer than ``MIN_SITES + 1`` sites.
    """
    known, site_names = known_animals(genotypes)
    if len(site_names) <= MIN_SITES:
        raise InputError(
            _(
                "{count} sites; at least {least} are needed, so that one can be left out and a "
                "model fitted on the others"
            ).format(count=len(site_names), least=MIN_SITES + 1)
        )
    centres = known.site_latitudes, known.site_longitudes
    range_ = (range_ or range_of_sites()).of_sites(*centres)
    places = known.latitudes, known.longitudes
    grid, _wide = lay_grid(range_, places, centres, cells=cells)
    coarse, _wide = lay_grid(range_, places, centres, cells=TUNING_CELLS)
    groups = groups_of(known.sites, OUTER_FOLDS, seed)
    step = _steps(progress, known.sites, len(groups))
    widths = known.widths_km()
    tuned = []
    for group in groups:
        others = known.without(group)
        cells_of_others = _cells_of(coarse, others, range_)
        tuned.append(
            fit_field(
                others, cells_of_others, range_, widths_km=widths, progress=step, to_place=False
            )
        )
    distances = grid.distances(*centres)
    results = {}
    for scheme in schemes:
        left_out = _LeftOut(known, grid, distances, scheme, step)
        priors = (
            priors_without(known, grid, range_, distances)
            if scheme == "site"
            else np.tile(grid.area_shares(), (known.sites, 1))
        )
        placements: dict[int, Placement] = {}
        for group, (fitted, calibration) in zip(groups, tuned):
            rows, logs = left_out.logs(group, fitted)
            if observe is not None and scheme == "site":
                sites_of_rows = known.site_of[rows]
                found = posteriors(logs, priors[sites_of_rows], calibration)
                for row, site, posterior in zip(rows, sites_of_rows, found):
                    observe(int(row), int(site), Surface(grid, grid.spread(posterior)))
            for row, placement in zip(
                rows,
                compare_places(
                    genotypes, known, site_names, grid, rows, logs, priors, distances,
                    fitted.width_km, calibration, scheme,
                ),
            ):  # fmt: skip
                placements[int(row)] = placement
        results[scheme] = SpatialEvaluation(
            scheme,
            tuple(placement for _row, placement in sorted(placements.items())),
            find_floor(places, known.site_of, centres),
            grid.cell_km(),
            warnings_of(len(genotypes), len(placements)),
            to_stored(range_),
        )
    return results


def _steps(progress: Progress | None, sites: int, folds: int) -> Callable[[], object] | None:
    """Return what counts the sites that were left out, of all that will be."""
    if progress is None:
        return None
    total, done = sites * (folds - 1) + sites, 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(min(done, total), total)

    return step


def _cells_of(grid: Grid, known: KnownAnimals, range_: Range) -> Grid:
    """Return a grid with the range of other sites alone, where the range is drawn around sites."""
    if range_.kind != "sites":
        return grid
    inside = range_.mask(grid, known.site_latitudes, known.site_longitudes).copy()
    inside[grid.cell_of(known.latitudes, known.longitudes)] = True
    return replace(grid, inside=inside)


class _LeftOut:
    """Log-likelihoods of animals without their site, or without themselves."""

    def __init__(
        self,
        known: KnownAnimals,
        grid: Grid,
        distances: np.ndarray,
        scheme: str,
        step: Callable[[], object] | None,
    ) -> None:
        self.known, self.grid, self.scheme = known, grid, scheme
        self.widths_km = known.widths_km()
        weights = site_weights(known.site_of)
        places = unit_vectors(known.latitudes, known.longitudes)
        self.rows = np.arange(len(known.site_of))
        self.predicted: dict[float, np.ndarray] = {}
        self._places, self._weights = places, weights
        self._groups = known.site_of if scheme == "site" else self.rows
        self._step = step
        if scheme == "animal":
            self.fields = self._fields_without_animals(distances)

    def _fields_without_animals(self, distances: np.ndarray) -> np.ndarray:
        """Return what the fields say of animals without themselves; float, shape (K + J, n, p)."""
        known = self.known
        counts, dtype = known.counts(), known.doses.alleles.dtype
        counted = count_sites(counts, known.doses.offsets, dtype)
        work = len(distances) * float(known.doses.alleles.size) * len(KRIGED_WIDTHS)
        if work > _MAX_WORK:
            count = max(MIN_ANIMALS, int(len(self.rows) * _MAX_WORK / work))
            self.rows = self.rows[:: max(1, len(self.rows) // count)]
        by_width = np.exp(-distances[None] / self.widths_km[0][:, None, None]).astype(dtype)
        apart = site_distances(known.site_latitudes, known.site_longitudes)
        kernels, kriged = (len(widths) for widths in self.widths_km)
        fields = np.empty((kernels + kriged, len(known.site_of), len(distances)), dtype=dtype)
        for row in self.rows:
            site = int(known.site_of[row])
            fields[:kernels, row] = logs_without_animal(
                counted, known.doses, int(row), site, by_width
            )
            fewer = counts.copy()
            fewer[site] -= known.doses.alleles[row]
            others = count_sites(fewer, known.doses.offsets, dtype, counted.concentrations)
            fields[kernels:, [row]] = kriged_logs(
                others, known.doses.take(np.array([row])), distances, apart, self.widths_km[1]
            )
        return fields

    def logs(self, group: np.ndarray, field: PooledField) -> tuple[np.ndarray, np.ndarray]:
        """Return the animals of a group of sites, and their pooled log-likelihoods by a field."""
        rows = self.rows[np.isin(self.known.site_of[self.rows], group)]
        penalty = field.ridge.penalty
        if penalty not in self.predicted:
            (self.predicted[penalty],) = left_out_places(
                self.known.doses, self._places, self._weights, self._groups, (penalty,)
            )
        doses = self.known.doses.take(rows)
        regression = regression_logs(
            self.predicted[penalty][rows], field.middle(), field.ridge.sd_km,
            field.ridge.spread_km, doses, self.grid,
        )  # fmt: skip
        if self.scheme == "site":
            # The concentrations of the loci, too, are those of the other sites.
            fields = left_out_fields(
                self.known, self.grid, self.widths_km, group,
                concentrations=field.concentrations, progress=self._step,
            )[:, rows]  # fmt: skip
        else:
            fields = self.fields[:, rows]
        experts = [*fields, regression]
        return rows, pool(np.stack(experts), field.powers)


def compare_places(
    genotypes: Genotypes,
    known: KnownAnimals,
    site_names: tuple[str, ...],
    grid: Grid,
    rows: np.ndarray,
    logs: np.ndarray,
    priors: np.ndarray,
    distances: np.ndarray,
    width_km: float,
    calibration: SpatialCalibration,
    scheme: str,
) -> list[Placement]:
    """Return how the posteriors of animals compare with where they were."""
    animals = np.bincount(known.site_of)
    area, second = priors[known.site_of[rows]], np.empty((len(rows), len(distances)))
    for site in np.unique(known.site_of[rows]):
        others = np.arange(known.sites) != site if scheme == "site" else animals > 0
        density = priors[site] * sampling_density(distances[:, others], animals[others], width_km)
        second[known.site_of[rows] == site] = density / density.sum()
    truth = grid.allowed_cell_of(known.latitudes[rows], known.longitudes[rows])
    errors, covered, ranks = {}, np.empty((len(rows), len(LEVELS)), dtype=bool), np.empty(0)
    for name, prior in (("area", area), ("sampling", second)):
        posterior = posteriors(logs, prior, calibration)
        medians = geometric_medians(grid, point_weights(logs, prior, calibration), inside=True)
        errors[name] = great_circle(known.latitudes[rows], known.longitudes[rows], *medians)
        if name == "sampling":
            continue
        density = posterior / grid.areas()[grid.inside]
        own = density[np.arange(len(rows)), truth]
        higher = ~reaches(own[:, None], density)
        equal = ~higher & reaches(density, own[:, None])
        above = (posterior * higher).sum(axis=1)
        outside = prior[np.arange(len(rows)), truth] <= 0
        ranks = np.where(outside, 1.0, np.minimum(1.0, above + (posterior * equal).sum(axis=1) / 2))
        for number, level in enumerate(LEVELS):
            covered[:, number] = ~outside & ~reaches(above, level)
        best = greatest(density, axis=1)
        latitudes, longitudes = (degrees[grid.inside][best] for degrees in grid.coordinates())
        errors["mode"] = great_circle(
            known.latitudes[rows], known.longitudes[rows], latitudes, longitudes
        )
    return [
        Placement(
            genotypes.animals[row],
            site_names[known.site_of[row]],
            float(errors["area"][number]),
            float(errors["sampling"][number]),
            float(errors["mode"][number]),
            float(ranks[number]),
            tuple(bool(held) for held in covered[number]),
        )
        for number, row in enumerate(rows)
    ]


def warnings_of(animals: int, placed: int) -> tuple[str, ...]:
    """Return what must be known of the figures."""
    result = []
    if animals < MIN_ANIMALS:
        result.append(
            _(
                "{count} animals; below {least} a baseline's figures are themselves uncertain"
            ).format(count=animals, least=MIN_ANIMALS)
        )
    if placed < animals:
        result.append(
            _("{placed} of {animals} animals were placed, evenly taken from all").format(
                placed=placed, animals=animals
            )
        )
    return tuple(result)


def find_floor(
    places: tuple[np.ndarray, np.ndarray],
    site_of: np.ndarray,
    centres: tuple[np.ndarray, np.ndarray],
) -> tuple[float, float]:
    """Return median and 80 % quantile of the error of naming the mean of the other sites."""
    errors = np.empty(len(site_of))
    for site in range(len(centres[0])):
        rows = site_of == site
        other = spherical_mean(*(np.delete(degrees, site) for degrees in centres))
        errors[rows] = great_circle(places[0][rows], places[1][rows], *other)
    return float(np.median(errors)), float(np.quantile(errors, 0.8))
