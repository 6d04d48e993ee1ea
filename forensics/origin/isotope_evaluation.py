"""How well isotopes show the place: every site left out in turn, and its animals assigned.

What is counted: whether the stated regions hold the true place as often as they say, how much of
the map has to be searched to find it, and by how many km the best guess is wrong. The intervals
take the site (or a coarser cluster) as the unit, since animals of one site are alike.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError
from forensics.messages import _
from forensics.origin.calibration import TissueCalibration, sites_of
from forensics.origin.geography import LEVELS
from forensics.origin.globe import great_circle
from forensics.origin.isoscape import Isoscape
from forensics.origin.isotope_fitting import calibrate_all, fit_isotopes
from forensics.origin.isotope_tables import known_values
from forensics.origin.range_map import RangeMap
from forensics.stats.intervals import Rate, clustered_rate

if TYPE_CHECKING:
    import pandas

__all__ = ["AREA_SHARES", "IsotopeEvaluation", "leave_one_out"]

# Shares of the area that assignR's quality assessment is quoted by.
AREA_SHARES = (0.10, 0.20)


@dataclass(frozen=True, eq=False)
class IsotopeEvaluation:
    """Held-out animals, one element each.

    Attributes
    ----------
    sites : numpy.ndarray of int64, shape (n,)
        Number of the site or cluster that was left out.
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    ranks : numpy.ndarray of float64, shape (n,)
        Level of the highest-density region whose edge runs through the true place.
    area_ranks : numpy.ndarray of float64, shape (n,)
        Share of the area with a density at least that of the true place.
    cell_ranks : numpy.ndarray of int64, shape (n,)
        Number of cells with a density at least that of the true place.
    cells : int
        Allowed cells.
    covered : dict of float to numpy.ndarray of bool, shape (n,)
        Whether the region of each level holds the true place.
    sizes : dict of float to numpy.ndarray of float64, shape (n,)
        Share of the allowed area that the region of each level takes.
    errors : numpy.ndarray of float64, shape (n,)
        km from the true place to the place of least expected distance.
    nearest : numpy.ndarray of float64, shape (n,)
        See `IsotopeAssignment`.
    standardized : numpy.ndarray of float64, shape (n, K)
        Of each isotope, the value less what the line predicts at the true place, in standard
        deviations of the prediction: standard normal where the variances are right, whatever
        the prior. NaN where the sample lacks the isotope.
    outside : int
        Samples that could not be tested: their place has no value or is not allowed.
    """

    sites: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray
    ranks: np.ndarray
    area_ranks: np.ndarray
    cell_ranks: np.ndarray
    cells: int
    covered: dict[float, np.ndarray]
    sizes: dict[float, np.ndarray]
    errors: np.ndarray
    nearest: np.ndarray
    standardized: np.ndarray
    outside: int

    def rate(self, right: np.ndarray) -> Rate:
        """Return the share of true elements with an interval that is clustered by site."""
        return clustered_rate(
            [right[self.sites == site].tolist() for site in np.unique(self.sites)]
        )

    def coverage(self, level: float) -> Rate:
        """Return how often the region of a level holds the true place."""
        return self.rate(self.covered[level])

    def prediction_coverage(self, level: float) -> Rate:
        """Return how often the prediction interval at the true place holds the value.

        Animals count once: those whose isotopes all lie within the interval of each, of
        ``level ** (1 / K)``, which is exact only for independent isotopes.
        """
        counted = np.isfinite(self.standardized)
        each = level ** (1 / max(int(counted.sum(axis=1).max()), 1))
        limit = NormalDist().inv_cdf((1 + each) / 2)
        return self.rate(((np.abs(self.standardized) <= limit) | ~counted).all(axis=1))

    def by_site(self, right: np.ndarray) -> float:
        """Return the mean over sites of each site's share, as assignR averages."""
        return float(np.mean([right[self.sites == site].mean() for site in np.unique(self.sites)]))

    def best_cells(self, share: float) -> np.ndarray:
        """Return whether the true cell is among the best `share` of cells by assignR's rule."""
        best = self.cells - math.floor((self.cells - 1) * (1 - share) + 1e-9) - 1
        return self.cell_ranks <= best

    def top(self, share: float, *, by_cells: bool = False) -> Rate:
        """Return how often the true place lies in the best `share` of the area.

        By cells it is assignR's ``qtlRaster`` by "area": cells above R's quantile (type 7) of
        the cells' densities, which are a little more than `share` of them, and no km2.
        """
        if not by_cells:
            return self.rate(self.area_ranks <= share + 1e-12)
        return self.rate(self.best_cells(share))

    def to_json(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            "animals": len(self.sites),
            "sites": len(np.unique(self.sites)),
            "outside": self.outside,
            "coverage": {str(level): self.coverage(level).to_dict() for level in self.covered},
            "prediction_coverage": {
                str(level): self.prediction_coverage(level).to_dict() for level in self.covered
            },
            "region_share": {
                str(level): float(shares.mean()) for level, shares in self.sizes.items()
            },
            "top_area": {str(share): self.top(share).to_dict() for share in AREA_SHARES},
            "top_cells": {
                str(share): self.top(share, by_cells=True).to_dict() for share in AREA_SHARES
            },
            "median_km": float(np.median(self.errors)),
            "q80_km": float(np.quantile(self.errors, 0.8)),
        }


def leave_one_out(
    known: "pandas.DataFrame",
    isoscapes: Sequence[Isoscape],
    *,
    latitude: str = "latitude",
    longitude: str = "longitude",
    clusters: Sequence[Hashable] | None = None,
    range_map: RangeMap | None = None,
    levels: Sequence[float] = LEVELS,
    **options: Any,
) -> IsotopeEvaluation:
    """Assign each known animal by a model that was fitted without its site.

    Parameters
    ----------
    known : pandas.DataFrame
    isoscapes : sequence of Isoscape
    latitude, longitude : str
    clusters : sequence, length n, optional
        What is left out together, and the unit of intervals: by default places. Give each
        sample its own for leave-one-out; give cells of the map to keep neighbours out too.
    range_map, **options
        See `forensics.origin.isotope_fitting.fit_isotopes`.

    Raises
    ------
    InputError
        See `fit_isotopes`; and if no sample lies on the map.
    """
    options = {"latitude": latitude, "longitude": longitude, **options}
    whole = fit_isotopes(known, isoscapes, range_map=range_map, **options)
    places = known[latitude].to_numpy(float), known[longitude].to_numpy(float)
    labels_of_groups = sites_of(*places) if clusters is None else np.asarray(clusters)
    group = np.unique(labels_of_groups, return_inverse=True)[1].ravel()
    row, column = whole.grid.cell_of(*places)
    tested = (row >= 0) & whole.grid.inside[row, column]
    names = [isoscape.name for isoscape in isoscapes]
    some = known[names].notna().any(axis=1).to_numpy()
    if not (tested & some).any():
        raise InputError(_("no known sample lies on the map"))
    site = options.get("site")
    table = known_values(known, names, latitude, longitude, site, "table")
    labels = sites_of(*places) if site is None else known[site].to_numpy()
    lines_options = {key: options[key] for key in ("correlation", "weighting") if key in options}
    means, errors = zip(*(isoscape.at(*places) for isoscape in isoscapes))
    areas, inside = whole.grid.areas(), whole.grid.inside
    columns: dict[str, list[Any]] = {}
    for left_out in np.unique(group[tested & some]):
        lines, correlation = calibrate_all(
            {name: column[group != left_out] for name, column in table.items()},
            isoscapes,
            latitude=latitude,
            longitude=longitude,
            sites=labels[group != left_out],
            **lines_options,
        )
        model = replace(whole, calibrations=lines, correlation=correlation)
        for number in np.flatnonzero((group == left_out) & tested & some):
            sample = known.iloc[number]
            sds = {name: float(sample[f"{name}.sd"]) for name in names if f"{name}.sd" in known}
            result = model.assign({name: float(sample[name]) for name in names}, sd=sds)
            surface, place = result.surface, (places[0][number], places[1][number])
            best = surface.density >= surface.density[row[number], column[number]] * (1 - 1e-9)
            regions = {level: surface.region(level) for level in levels}
            for key, value in {
                "sites": left_out,
                "places": place,
                "ranks": surface.rank(*place),
                "area_ranks": surface.area_rank(*place),
                "cell_ranks": int((best & inside).sum()),
                "covered": [region[row[number], column[number]] for region in regions.values()],
                "sizes": [areas[region].sum() / areas[inside].sum() for region in regions.values()],
                "errors": float(great_circle(*place, *surface.median())),
                "nearest": result.nearest,
                "standardized": [
                    _standardise(line, sample[name], means[k][number], errors[k][number], sds)
                    for k, (name, line) in enumerate(zip(names, lines))
                ],
            }.items():
                columns.setdefault(key, []).append(value)
    covered, sizes = np.array(columns["covered"]), np.array(columns["sizes"])
    return IsotopeEvaluation(
        sites=np.array(columns["sites"]),
        latitudes=np.array(columns["places"])[:, 0],
        longitudes=np.array(columns["places"])[:, 1],
        ranks=np.array(columns["ranks"]),
        area_ranks=np.array(columns["area_ranks"]),
        cell_ranks=np.array(columns["cell_ranks"]),
        cells=int(inside.sum()),
        covered={level: covered[:, number] for number, level in enumerate(levels)},
        sizes={level: sizes[:, number] for number, level in enumerate(levels)},
        errors=np.array(columns["errors"]),
        nearest=np.array(columns["nearest"]),
        standardized=np.array(columns["standardized"]),
        outside=int((some & ~tested).sum()),
    )


def _standardise(
    line: TissueCalibration, value: float, mean: float, error: float, sds: dict[str, Any]
) -> float:
    sd = sds.get(line.isotope, math.nan)
    expected, variance = line.predict(
        np.array([mean]), np.array([error]), sd=None if math.isnan(sd) else sd
    )
    return float((value - expected[0]) / math.sqrt(variance[0]))
