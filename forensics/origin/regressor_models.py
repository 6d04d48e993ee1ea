"""Any regressor of scikit-learn that places animals: fitted, calibrated, evaluated on left-out sites.

The regressor sees the doses of alleles (`forensics.genetics.encoder.GenotypeEncoder`) and predicts points
on the sphere in three dimensions, so that no longitude is an edge. What it says of animals whose site it
has not seen gives the density around its point (`regressed_field`), and calibrates the regions as those
of any other map (`tuning.calibrate`). Importing this module imports scikit-learn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from forensics.errors import UsageError
from forensics.genetics.encoder import GenotypeEncoder
from forensics.genetics.genotypes import Genotypes
from forensics.learning.estimator_files import estimator_bytes
from forensics.learning.estimators import prepare_regressor
from forensics.messages import _
from forensics.origin.classifiers import draw_probes
from forensics.origin.geography import Grid, Surface
from forensics.origin.globe import EARTH_RADIUS_KM
from forensics.origin.pooled_field import KnownAnimals, cell_vectors, priors_without
from forensics.origin.pooled_field import Progress as Step
from forensics.origin.ranges import Range, lay_grid, range_of_sites
from forensics.origin.regressed_field import (
    RadialDensity,
    RegressedField,
    fit_radial_density,
    predict_places,
)
from forensics.origin.ridge import site_weights, unit_vectors
from forensics.origin.spatial import known_animals
from forensics.origin.spatial_evaluation import (
    EVALUATION_CELLS,
    OUTER_FOLDS,
    Progress,
    SpatialEvaluation,
    compare_places,
    find_floor,
    show_posteriors,
    warnings_of,
)
from forensics.origin.tuning import SpatialCalibration, calibrate, groups_of

__all__ = ["TrainedRegressor", "describe_regressor", "evaluate_regressor", "train_regressor"]


@dataclass(frozen=True, eq=False)
class TrainedRegressor:
    """A regressor of places, and what it says of animals whose site it has not seen.

    Attributes
    ----------
    pipeline : estimator of scikit-learn
        Fitted on all animals.
    probes : numpy.ndarray of float64, shape (m, 2 L)
    left_out : numpy.ndarray of float64, shape (n, 3)
        Predicted places by regressors without the animal's site; unit vectors.
    """

    pipeline: Any
    probes: np.ndarray
    left_out: np.ndarray

    @property
    def name(self) -> str:
        """The class of the regressor."""
        return type(self.pipeline.named_steps["estimator"]).__name__

    def fit_field(
        self, known: KnownAnimals, grid: Grid, range_: Range, *, progress: Step | None = None
    ) -> tuple[RegressedField, SpatialCalibration]:
        """Return the field and its calibration, as `pooled_field.fit_field` does of its estimator."""
        rows = np.arange(len(known.site_of))
        density, calibration = self.calibrate(rows, known, grid, range_)
        places = unit_vectors(known.latitudes, known.longitudes)
        cosines = (self.left_out * places).sum(axis=1).clip(-1.0, 1.0)
        field = RegressedField(
            known.doses.offsets,
            known.counts(),
            known.site_latitudes,
            known.site_longitudes,
            max(1.0, float(np.median(np.arccos(cosines))) * EARTH_RADIUS_KM),
            self.pipeline,
            self.name,
            density,
            self.probes,
            predict_places(self.pipeline, self.probes),
        )
        return field, calibration

    def calibrate(
        self, rows: np.ndarray, known: KnownAnimals, grid: Grid, range_: Range
    ) -> tuple[RadialDensity, SpatialCalibration]:
        """Return the radial density and the calibration of the regions.

        Parameters
        ----------
        rows : numpy.ndarray of intp
            The animals that both rest on: all of some sites.
        known : KnownAnimals
            All animals.
        grid : Grid
        range_ : Range
        """
        site_of = known.site_of[rows]
        weights = site_weights(np.unique(site_of, return_inverse=True)[1])
        places = unit_vectors(known.latitudes[rows], known.longitudes[rows])
        density = fit_radial_density(self.left_out[rows], places, weights)
        distances = grid.distances(known.site_latitudes, known.site_longitudes)
        priors = priors_without(known, grid, range_, distances)[site_of]
        logs = self.log_likelihood(rows, density, known, grid)
        truth = _cells_of_animals(grid, known)[rows]
        return density, calibrate(logs, priors, truth, site_of, weights, cell_vectors(grid))

    def log_likelihood(
        self, rows: np.ndarray, density: RadialDensity, known: KnownAnimals, grid: Grid
    ) -> np.ndarray:
        """Return log-likelihoods of animals at the cells, without their sites; shape (n, p)."""
        logs = density.log_density(self.left_out[rows] @ cell_vectors(grid).T)
        return np.asarray(logs * known.doses.take(rows).typed_share[:, None])


def _cells_of_animals(grid: Grid, known: KnownAnimals) -> np.ndarray:
    """Return the number of the allowed cell that each animal was taken in."""
    order = np.cumsum(grid.inside.ravel()).reshape(grid.inside.shape) - 1
    return np.asarray(order[grid.cell_of(known.latitudes, known.longitudes)])


def train_regressor(
    genotypes: Genotypes,
    estimator: Any,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> TrainedRegressor:
    """Fit a regressor on all animals, and without each site.

    Parameters
    ----------
    genotypes : Genotypes
        With latitudes and longitudes.
    estimator : regressor of scikit-learn
        It is copied; what it has learned before has no part.
    seed : int
        Wherever chance has a part in the estimator.
    sites : sequence of str, optional
        Site of each animal; by default `sites.sites_of`.
    progress : callable, optional
        Called with the sites that were left out so far, and with how many will be.

    Raises
    ------
    UsageError
        If it is not a regressor, or it cannot predict three numbers.
    """
    known, names = known_animals(genotypes, sites)
    pipeline = Pipeline(
        [("encoder", GenotypeEncoder()), ("estimator", prepare_regressor(estimator, seed=seed))]
    )
    codes = genotypes.to_array()
    places = unit_vectors(known.latitudes, known.longitudes)
    fitted = _fit(pipeline, codes, places)
    left_out = np.empty_like(places)
    for site in range(len(names)):
        own = known.site_of == site
        if not own.all():
            others = _fit(clone(pipeline), codes[~own], places[~own])
            left_out[own] = predict_places(others, codes[own])
        else:  # a single site is refused when the field is fitted
            left_out[own] = places[own]
        if progress is not None:
            progress(site + 1, len(names))
    return TrainedRegressor(fitted, draw_probes(genotypes.alleles, seed=seed), left_out)


def _fit(pipeline: Any, codes: np.ndarray, places: np.ndarray) -> Any:
    """Return a pipeline that was fitted to places.

    Raises
    ------
    UsageError
        If its regressor has one target alone, or cannot be fitted to these animals.
    """
    try:
        return pipeline.fit(codes, places)
    except (ValueError, TypeError) as error:
        raise UsageError(
            _(
                "{name} cannot be fitted to places, which are three numbers for each animal ({why}). A regressor "
                "of one number can be put into sklearn.multioutput.MultiOutputRegressor."
            ).format(
                name=type(pipeline.named_steps["estimator"]).__name__,
                why=str(error).splitlines()[0] if str(error) else type(error).__name__,
            )
        ) from error


def describe_regressor(field: RegressedField) -> tuple[dict[str, Any], bytes]:
    """Return what the card says of a regressor, and its file.

    Raises
    ------
    ModelError
        If it cannot be stored without pickle.
    """
    import sklearn

    estimator = field.pipeline.named_steps["estimator"]
    return (
        {
            "estimator": field.name,
            "estimator parameters": " ".join(repr(estimator).split()),
            "scikit-learn": sklearn.__version__,
        },
        estimator_bytes(field.pipeline),
    )


def evaluate_regressor(
    genotypes: Genotypes,
    trained: TrainedRegressor,
    *,
    seed: int,
    sites: Sequence[str] | None = None,
    range_: Range | None = None,
    observe: Callable[[int, int, Surface], None] | None = None,
) -> dict[str, SpatialEvaluation]:
    """Return the figures of a regressor on sites that were left out, under the key ``site``.

    The regressor that places an animal has not seen its site; the radial density and the calibration
    rest on the animals of other groups of sites.

    Parameters
    ----------
    genotypes : Genotypes
    trained : TrainedRegressor
        Of the same genotypes and sites.
    seed : int
        Of the groups of sites.
    sites, range_, observe
        As in `spatial_evaluation.evaluate_spatial`.
    """
    known, names = known_animals(genotypes, sites)
    centres = known.site_latitudes, known.site_longitudes
    range_ = (range_of_sites() if range_ is None else range_).of_sites(*centres)
    animals = known.latitudes, known.longitudes
    grid, _wide = lay_grid(range_, animals, centres, cells=EVALUATION_CELLS)
    distances = grid.distances(*centres)
    priors = priors_without(known, grid, range_, distances)
    placements: dict[int, Any] = {}
    for group in groups_of(known.sites, OUTER_FOLDS, seed):
        own = np.isin(known.site_of, group)
        rows = np.flatnonzero(own)
        density, calibration = trained.calibrate(np.flatnonzero(~own), known, grid, range_)
        logs = trained.log_likelihood(rows, density, known, grid)
        if observe is not None:
            show_posteriors(observe, grid, known.site_of, rows, logs, priors, calibration)
        width_km = float(density.weights @ density.widths_km)
        placed = compare_places(
            genotypes, known, names, grid, rows, logs, priors, distances, width_km, calibration,
            "site",
        )  # fmt: skip
        placements.update(zip(rows.tolist(), placed))
    return {
        "site": SpatialEvaluation(
            "site",
            tuple(placement for _row, placement in sorted(placements.items())),
            find_floor(animals, known.site_of, centres),
            grid.cell_km(),
            warnings_of(len(genotypes), len(placements)),
            range_.to_dict(),
        )
    }
