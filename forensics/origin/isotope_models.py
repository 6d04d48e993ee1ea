"""The kind of model that places animals by isotopes: fitted, evaluated, trained with its card, applied.

An evaluation leaves out every site in turn and assigns its animals. It counts whether the stated regions hold the
true place as often as they say, how much of the map has to be searched to find it, and by how many km the best guess
is wrong. The intervals take the site (or a coarser cluster) as the unit, since animals of one site are alike.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.core.provenance import Provenance
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.areas import MIN_SHARE, NO_SITES, MapAreas, country_regions
from forensics.origin.geography import LEVELS, Grid, Surface, great_circle
from forensics.origin.isoscape import Isoscape
from forensics.origin.isotopes import (
    IsotopeModel,
    IsotopeTable,
    TissueCalibration,
    calibrate,
    known_values,
    number_places,
)
from forensics.origin.models import Card, Model, TrainedModel, save_trained, unpacking
from forensics.origin.options import AssignmentOptions
from forensics.origin.outlines import OUTSIDE
from forensics.origin.polygons import RangeMap
from forensics.origin.results import CountryShare, IsotopeOrigin, Origins, summarise_surface
from forensics.stats import Rate, clustered_rate, ranked

if TYPE_CHECKING:
    import pandas


# Fewer animals with both isotopes tell too little of their correlation (standard error 0.3).
_MIN_PAIRS = 10
# A correlation of 1 would make the covariance singular: the laboratory's error alone prevents it.
_MAX_CORRELATION = 0.99


def fit_isotopes(
    known: "pandas.DataFrame",
    isoscapes: Sequence[Isoscape],
    *,
    latitude: str = "latitude",
    longitude: str = "longitude",
    site: str | None = None,
    range_map: RangeMap | None = None,
    prior: np.ndarray | None = None,
    prior_name: str = "",
    correlation: ArrayLike | None = None,
    density: str = "t",
    weighting: str = "site",
    source: str = "table",
) -> IsotopeModel:
    """Calibrate isoscapes by known-origin samples and return the model that assigns.

    Parameters
    ----------
    known : pandas.DataFrame
        A row a sample: a column for each isotope, named as its isoscape, with the laboratory's
        standard deviation in ``d2H.sd`` and so on if known; latitude and longitude.
    isoscapes : sequence of Isoscape
        The first one gives the cells; others are interpolated to their centres.
    latitude, longitude, site : str
        Names of columns; without `site`, a site is a place.
    range_map : RangeMap, optional
        Only its cells are allowed.
    prior : array_like of float, shape (R, C), optional
        Weights of cells; by default their areas.
    prior_name : str
        What a given prior is, in words; needed with it, since the result states it.
    correlation : array_like of float, shape (K, K), optional
        Of residuals; by default estimated from samples that have all isotopes.
    density : {"t", "normal"}
        Student t has as many degrees of freedom as the fewest sites less two.
    weighting : str
        See `forensics.origin.isotopes.calibrate`.

    Raises
    ------
    InputError
        If a column is missing or no numbers, sites are too few, or the range map lies elsewhere.
    UsageError
        If arguments do not fit together.
    """
    if not isoscapes:
        raise UsageError(_("at least one isoscape is needed"))
    names = [isoscape.name for isoscape in isoscapes]
    table = known_values(known, names, latitude, longitude, site, source)
    sites = None if site is None else np.asarray(known[site])
    calibrations, correlation = calibrate_all(
        table,
        isoscapes,
        latitude=latitude,
        longitude=longitude,
        sites=sites,
        correlation=correlation,
        weighting=weighting,
    )
    regridded = _on_common_grid(isoscapes)
    grid = regridded[0].grid(
        np.logical_and.reduce([np.isfinite(isoscape.mean) for isoscape in regridded])
    )
    if range_map is not None:
        grid = Grid(grid.latitudes, grid.longitudes, grid.inside & range_map.mask(grid))
    weights, words = _prior(grid, prior, prior_name, range_map)
    return IsotopeModel(
        isoscapes=regridded,
        calibrations=calibrations,
        correlation=correlation,
        grid=grid,
        prior=weights,
        prior_name=words,
        density=density,
    )


def calibrate_all(
    table: Mapping[str, np.ndarray],
    isoscapes: Sequence[Isoscape],
    *,
    latitude: str,
    longitude: str,
    sites: Sequence[Hashable] | np.ndarray | None = None,
    correlation: ArrayLike | None = None,
    weighting: str = "site",
) -> tuple[tuple[TissueCalibration, ...], np.ndarray]:
    """Return the calibration of every isotope and the correlation of their residuals.

    `table` is of `known_values`; for the rest see `fit_isotopes`.
    """
    calibrations = tuple(
        calibrate(
            isoscape,
            table[isoscape.name],
            table[latitude],
            table[longitude],
            sites=sites,
            sd=table.get(f"{isoscape.name}.sd"),
            weighting=weighting,
        )
        for isoscape in isoscapes
    )
    if correlation is None:
        correlation = residual_correlation(
            isoscapes, calibrations, table, table[latitude], table[longitude]
        )
    return calibrations, np.asarray(correlation, dtype=np.float64)


def residual_correlation(
    isoscapes: Sequence[Isoscape],
    calibrations: Sequence[TissueCalibration],
    values: Mapping[str, np.ndarray],
    latitudes: ArrayLike,
    longitudes: ArrayLike,
) -> np.ndarray:
    """Return the correlation of residuals between isotopes, by samples that have both.

    It holds what the isotopes share of the animals, of the sites and of the maps' errors. It is
    taken to be the same everywhere.

    Returns
    -------
    numpy.ndarray of float64, shape (K, K)

    Raises
    ------
    InputError
        If fewer than ten samples have two isotopes: independence must not be assumed, it would
        make regions too small.
    """
    residuals = []
    for isoscape, line in zip(isoscapes, calibrations):
        mean = isoscape.at(latitudes, longitudes)[0]
        residuals.append(np.asarray(values[isoscape.name]) - line.intercept - line.slope * mean)
    result = np.eye(len(residuals))
    for j in range(len(residuals)):
        for k in range(j):
            both = np.isfinite(residuals[j]) & np.isfinite(residuals[k])
            if both.sum() < _MIN_PAIRS:
                raise InputError(
                    _(
                        "{found} known samples have both {first} and {second}; at least {least} "
                        "are needed for their correlation, or give it"
                    ).format(
                        found=int(both.sum()),
                        first=isoscapes[j].name,
                        second=isoscapes[k].name,
                        least=_MIN_PAIRS,
                    )
                )
            correlation = np.corrcoef(residuals[j][both], residuals[k][both])[0, 1]
            result[j, k] = result[k, j] = float(
                np.clip(np.nan_to_num(correlation), -_MAX_CORRELATION, _MAX_CORRELATION)
            )
    return result


def _on_common_grid(isoscapes: Sequence[Isoscape]) -> tuple[Isoscape, ...]:
    """Return all isoscapes on the cells of the first one."""
    first = isoscapes[0]
    result = [first]
    latitudes, longitudes = Grid(
        first.latitudes, first.longitudes, np.ones(first.mean.shape, dtype=bool)
    ).coordinates()
    for isoscape in isoscapes[1:]:
        mean, error = isoscape.at(latitudes.ravel(), longitudes.ravel())
        shape = first.mean.shape
        result.append(
            Isoscape(
                isoscape.name,
                first.latitudes,
                first.longitudes,
                mean.reshape(shape),
                error.reshape(shape),
                isoscape.source,
                isoscape.sha256,
            )
        )
    return tuple(result)


def _prior(
    grid: Grid, prior: np.ndarray | None, prior_name: str, range_map: RangeMap | None
) -> tuple[np.ndarray, str]:
    if prior is None:
        weights = np.where(grid.inside, grid.areas(), 0.0)
        words = (
            _("equal by area over the map")
            if range_map is None
            else _("equal by area over the range map")
        )
        return weights / weights.sum(), words
    weights = np.array(prior, dtype=np.float64)
    if not prior_name:
        raise UsageError(_("say what the prior is (prior_name); the result must state it"))
    if weights.shape != grid.inside.shape or not np.isfinite(weights[grid.inside]).all():
        raise UsageError(_("the prior must have one finite weight for each cell of the grid"))
    weights = np.where(grid.inside, weights, 0.0)
    if (weights < 0).any() or weights.sum() <= 0:
        raise UsageError(_("the prior must be 0 or more, and not 0 everywhere"))
    return weights / weights.sum(), prior_name


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
    clusters : sequence, length n, optional
        What is left out together, and the unit of intervals: by default places. Give each
        sample its own for leave-one-out; give cells of the map to keep neighbours out too.
    range_map, **options
        See `forensics.origin.isotope_models.fit_isotopes`.

    Raises
    ------
    InputError
        See `fit_isotopes`; and if no sample lies on the map.
    """
    options = {"latitude": latitude, "longitude": longitude, **options}
    whole = fit_isotopes(known, isoscapes, range_map=range_map, **options)
    names, site = [isoscape.name for isoscape in isoscapes], options.get("site")
    table = known_values(known, names, latitude, longitude, site, "table")
    places = table[latitude], table[longitude]
    labels_of_groups = number_places(*places) if clusters is None else np.asarray(clusters)
    group = np.unique(labels_of_groups, return_inverse=True)[1].ravel()
    row, column = whole.grid.cell_of(*places)
    tested = (row >= 0) & whole.grid.inside[row, column]
    some = np.isfinite([table[name] for name in names]).any(axis=0)
    if not (tested & some).any():
        raise InputError(_("no known sample is on the map"))
    labels = number_places(*places) if site is None else known[site].to_numpy()
    lines_options = {key: options[key] for key in ("correlation", "weighting") if key in options}
    means, errors = zip(*(isoscape.at(*places) for isoscape in isoscapes))
    areas, inside = whole.grid.areas(), whole.grid.inside
    rows: list[dict[str, Any]] = []
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
            sample = {name: float(values[number]) for name, values in table.items()}
            cell = row[number], column[number]
            sds = {name: sample[f"{name}.sd"] for name in names if f"{name}.sd" in sample}
            result = model.assign({name: sample[name] for name in names}, sd=sds)
            surface, place = result.surface, (places[0][number], places[1][number])
            regions = [surface.region(level) for level in levels]
            best = surface.density >= surface.density[cell] * (1 - 1e-9)
            rows.append(
                {
                    "sites": left_out,
                    "latitudes": place[0],
                    "longitudes": place[1],
                    "ranks": surface.rank(*place),
                    "area_ranks": surface.area_rank(*place),
                    "cell_ranks": int((best & inside).sum()),
                    "covered": [region[cell] for region in regions],
                    "sizes": [areas[region].sum() / areas[inside].sum() for region in regions],
                    "errors": float(great_circle(*place, *surface.median())),
                    "nearest": result.nearest,
                    "standardized": [
                        _standardise(line, sample[name], means[k][number], errors[k][number], sds)
                        for k, (name, line) in enumerate(zip(names, lines))
                    ],
                }
            )
    columns: dict[str, Any] = {key: np.array([held[key] for held in rows]) for key in rows[0]}
    for key in ("covered", "sizes"):
        columns[key] = dict(zip(levels, columns[key].T))
    outside = int((some & ~tested).sum())
    return IsotopeEvaluation(**columns, cells=int(inside.sum()), outside=outside)


def _standardise(
    line: TissueCalibration, value: float, mean: float, error: float, sds: dict[str, Any]
) -> float:
    sd = sds.get(line.isotope, math.nan)
    expected, variance = line.predict(
        np.array([mean]), np.array([error]), sd=None if math.isnan(sd) else sd
    )
    return float((value - expected[0]) / math.sqrt(variance[0]))


def assign_samples(
    model: Model,
    samples: IsotopeTable,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...],
) -> Origins:
    """Place samples by a model of isotopes."""
    with unpacking():
        isotopes = IsotopeModel.from_arrays(model.arrays, model.labels)
    return assign_isotopes(
        samples.frame, isotopes, options, provenance=provenance, limits=limits,
        name=samples.names, source=samples.source,
    )  # fmt: skip


def assign_isotopes(
    frame: "pandas.DataFrame",
    model: IsotopeModel,
    options: AssignmentOptions,
    *,
    provenance: Provenance,
    limits: tuple[str, ...] = (),
    name: str | None = None,
    source: str = "table",
) -> Origins:
    """Place each sample of a table by its isotopes.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column for each isotope; see `IsotopeModel.assign_table`.
    options : AssignmentOptions
        A country is named where its posterior reaches the confidence and the 95 % region lies in it.
    name : str, optional
        Column with names of samples.
    source : str
        File, for messages.
    """
    states = MapAreas(model.grid, country_regions(), NO_SITES)
    results = []
    for row, assignment in enumerate(model.assign_table(frame, name=name, source=source)):
        result = IsotopeOrigin(
            sample=assignment.name,
            index=row + 1,
            status="inconclusive",
            rank=None,
            origin=None,
            probability=None,
            used=len(assignment.values),
            prior=model.prior_name,
            values=dict(assignment.values),
            nearest=assignment.nearest,
            notices=assignment.notices,
            model_limits=limits,
            provenance=provenance,
        )
        if notices.NO_PLACE.code in result.codes:
            result = replace(result, status="none_of_the_reference")
        else:
            result = _with_map(result, assignment.surface, states, options.confidence).unless_known(
                states.shares_of(model.prior), options.confidence
            )
        results.append(result)
    return Origins(results)


def _with_map(
    result: IsotopeOrigin, surface: Surface, states: MapAreas, confidence: float
) -> IsotopeOrigin:
    """Return a result with its map, and the country that may be named."""
    masses, reached = states.share(surface).tolist(), states.reached(surface.region(0.95))
    shares = [
        CountryShare(states.regions.names[label] if label >= 0 else OUTSIDE, mass, is_reached)
        for label, mass, is_reached in zip(states.labels, masses, reached)
        if mass >= MIN_SHARE or is_reached
    ]
    countries = tuple(ranked(shares, attrgetter("probability")))
    result = replace(
        result, **vars(summarise_surface(surface)), surface=surface, countries=countries
    )
    inside = [country for country in countries if country.in_region]
    if len(inside) != 1 or inside[0].probability < confidence:
        return result
    (country,) = inside
    return replace(
        result,
        status="assigned",
        rank="state",
        origin=country.name,
        probability=country.probability,
    )


def train_isotopes(
    frame: "pandas.DataFrame",
    isoscapes: "Sequence[Isoscape]",
    output: AnyPath,
    *,
    name: str,
    version: str,
    source: str = "table",
    sha256: str = "",
    card: Card = Card(),
    evaluated: bool = True,
    **options: Any,
) -> Model:
    """Calibrate isoscapes by known-origin samples and write the model with its card.

    Parameters
    ----------
    frame : pandas.DataFrame
        Known-origin samples; see `forensics.origin.isotope_models.fit_isotopes`, which takes
        `options` too.
    isoscapes : sequence of Isoscape
    output, name, version, card, evaluated
        As in `train_genotypes`.
    source, sha256 : str
        Of the table.
    """
    model = fit_isotopes(frame, isoscapes, source=source, **options)
    arrays, labels = model.to_arrays()
    evaluation = {}
    if evaluated:
        evaluation = {"leave-one-site-out": leave_one_out(frame, isoscapes, **options).to_json()}
    lines = [
        {
            "isotope": line.isotope,
            "slope": line.slope,
            "intercept": line.intercept,
            "residual sd": line.residual_sd,
            "R2": line.r_squared,
            "samples": line.samples,
            "sites": line.sites,
        }
        for line in model.calibrations
    ]
    trained = TrainedModel(
        labels=labels,
        arrays=arrays,
        parameters={"density": model.density, "calibration": lines},
        limits=[
            _(
                "Isotopes show a climate zone, not a place. Everything in the region is "
                "possible, and nothing is stated on places outside the map."
            )
        ],
        evaluation=evaluation,
    )
    return save_trained(
        output,
        trained,
        name=name,
        version=version,
        kind="isotopes",
        card=card,
        data={
            "file": source,
            "sha256": sha256,
            "samples": len(frame),
            "isoscapes": [Path(isoscape.source).name for isoscape in model.isoscapes],
        },
    )
