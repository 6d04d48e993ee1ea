"""Other ways to say where an animal came from, beside which `benchmarks/places.py` sets this project.

Each function returns the error of each animal in km, with the animal's site left out. Settings are
chosen without the sites that are tested.
"""

import numpy as np

from forensics.genetics.counts import doses
from forensics.genetics.genotypes import Genotypes
from forensics.origin.geography import geometric_medians, great_circle, spherical_mean
from forensics.origin.ranges import lay_grid, range_of_sites
from forensics.origin.spatial import known_animals
from forensics.origin.tuning import site_distances

__all__ = ["SEED", "features", "median_site", "plain_kernel", "regressed", "regressors"]

SEED = 1
FOLDS = 5
KM = 111.195
# Widths of the one kernel that are tried, as shares of the greatest distance between two sites.
WIDTHS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
# Powers of its likelihood that are tried.
TEMPERS = (0.15, 0.25, 0.4, 0.6, 0.8, 1.0)
CELLS = 50


def regressors() -> dict:
    """Return the regressors with the settings that are tried."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.decomposition import PCA
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.kernel_ridge import KernelRidge
    from sklearn.linear_model import Ridge
    from sklearn.multioutput import MultiOutputRegressor
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    # Kilometres are divided by the spread, so that C and epsilon mean the same in every set.
    support = TransformedTargetRegressor(
        make_pipeline(PCA(10, random_state=SEED), StandardScaler(), MultiOutputRegressor(SVR())),
        transformer=StandardScaler(),
    )
    return {
        "nearest neighbours": (
            KNeighborsRegressor(),
            {"n_neighbors": [3, 10, 30], "weights": ["uniform", "distance"]},
        ),
        "SVM on PCA": (
            support,
            {"regressor__multioutputregressor__estimator__C": [0.1, 1.0, 10.0]},
        ),
        "ridge": (Ridge(), {"alpha": [1.0, 10.0, 100.0, 1000.0]}),
        "kernel ridge (rbf)": (
            KernelRidge(kernel="rbf"),
            {"alpha": [0.01, 0.1, 1.0], "gamma": [0.003, 0.01, 0.03, 0.1]},
        ),
        "random forest": (
            RandomForestRegressor(100, random_state=SEED, max_features=0.33),
            {"min_samples_leaf": [1, 5]},
        ),
    }


def features(genotypes: Genotypes) -> np.ndarray:
    """Return counts of alleles; NaN where a locus was not typed."""
    counts = doses(genotypes)
    sizes = [max(1, len(labels)) for labels in genotypes.alleles]
    counts[~np.repeat(genotypes.typed, sizes, axis=1)] = np.nan
    return counts


def regressed(genotypes: Genotypes, sites: np.ndarray, model, settings: dict) -> np.ndarray:
    """Return errors of a regressor of kilometres east and north on counts of alleles."""
    from sklearn.base import clone
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import GridSearchCV, GroupKFold
    from sklearn.pipeline import make_pipeline

    table = features(genotypes)
    table = table[:, ~np.isnan(table).all(axis=0)]
    names = np.unique(sites)
    order = np.random.default_rng(SEED).permutation(len(names))
    errors = np.empty(len(sites))
    pipeline = make_pipeline(SimpleImputer(keep_empty_features=True), model)
    step = pipeline.steps[-1][0]
    grid = {f"{step}__{key}": values for key, values in settings.items()}
    for start in range(FOLDS):
        group = names[order[start::FOLDS]]
        kept = ~np.isin(sites, group)
        target, _back = plane(genotypes, kept)
        search = GridSearchCV(
            clone(pipeline), grid, cv=GroupKFold(FOLDS), scoring="neg_mean_squared_error"
        )
        search.fit(table[kept], target[kept], groups=sites[kept])
        for site in group:
            train = sites != site
            target, back = plane(genotypes, train)
            fitted = clone(search.best_estimator_).fit(table[train], target[train])
            places = back(fitted.predict(table[~train]))
            errors[~train] = great_circle(
                genotypes.latitudes[~train], genotypes.longitudes[~train], *places
            )
    return errors


def plane(genotypes: Genotypes, train: np.ndarray):
    """Return km east and north of the mean training place, and the way back."""
    north, east = spherical_mean(genotypes.latitudes[train], genotypes.longitudes[train])
    shrink = np.cos(np.radians(north))
    target = np.column_stack(
        [(genotypes.longitudes - east) * KM * shrink, (genotypes.latitudes - north) * KM]
    )

    def back(predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (
            np.clip(predicted[:, 1] / KM + north, -90, 90),
            predicted[:, 0] / (KM * shrink) + east,
        )

    return target, back


def plain_kernel(genotypes: Genotypes) -> np.ndarray:
    """Return errors of one kernel on raw counts of alleles, the median of the tempered posterior named.

    Rannala and Mountain's frequencies (a pseudo-copy a locus) of copies weighted by exp(-d / width). Width and temper are
    those of the least mean error on the animals of the other sites, each site left out. The same cells as
    this project's estimator may be named.
    """
    known, _names = known_animals(genotypes, None)
    centres = known.site_latitudes, known.site_longitudes
    places = known.latitudes, known.longitudes
    grid, _wide = lay_grid(range_of_sites().of_sites(*centres), places, centres, cells=CELLS)
    away, offsets = grid.distances(*centres), known.doses.offsets
    counts, locus_of = known.counts(), known.doses.locus_of
    typed = np.add.reduceat(counts, offsets[:-1], axis=1)
    seen = counts.sum(axis=0) > 0
    alleles = np.add.reduceat(seen.astype(float), offsets[:-1])
    pseudo = np.where(seen, 1.0 / np.maximum(alleles, 1.0)[locus_of], 0.0)
    widths = site_distances(*centres).max() * np.array(WIDTHS)
    settings = [(width, temper) for width in widths for temper in TEMPERS]
    apart = great_circle(*(degrees[grid.inside][:, None] for degrees in grid.coordinates()),
                         *(degrees[grid.inside] for degrees in grid.coordinates()))  # fmt: skip
    truth = grid.allowed_cell_of(*places)

    def posteriors(site: int, rows: np.ndarray, width: float, tempers: tuple) -> list[np.ndarray]:
        others = np.arange(known.sites) != site
        kernel = np.exp(-away[:, others] / width)
        shares = (kernel @ counts[others] + pseudo) / (kernel @ typed[others] + 1.0)[:, locus_of]
        logs = known.doses.alleles[rows] @ np.where(seen, np.log(np.maximum(shares, 1e-300)), 0).T
        weights = [np.exp(temper * (logs - logs.max(axis=1, keepdims=True))) for temper in tempers]
        return [each / each.sum(axis=1, keepdims=True) for each in weights]

    rows_of = [np.flatnonzero(known.site_of == site) for site in range(known.sites)]
    sums = np.zeros((len(settings), known.sites))
    for site, rows in enumerate(rows_of):
        found = [each for width in widths for each in posteriors(site, rows, width, TEMPERS)]
        for number, posterior in enumerate(found):
            named = (posterior @ apart).argmin(axis=1)
            sums[number, site] = apart[truth[rows], named].sum()
    errors = np.empty(len(known.site_of))
    for site, rows in enumerate(rows_of):
        width, temper = settings[np.delete(sums, site, axis=1).sum(axis=1).argmin()]
        (posterior,) = posteriors(site, rows, width, (temper,))
        medians = geometric_medians(grid, posterior, inside=True)
        errors[rows] = great_circle(known.latitudes[rows], known.longitudes[rows], *medians)
    return errors


def median_site(genotypes: Genotypes, sites: np.ndarray) -> np.ndarray:
    """Return errors of naming the other site that is nearest to all others."""
    names, site_of = np.unique(sites, return_inverse=True)
    centres = np.array(
        [
            spherical_mean(
                genotypes.latitudes[site_of == site], genotypes.longitudes[site_of == site]
            )
            for site in range(len(names))
        ]
    )
    apart = great_circle(centres[:, :1], centres[:, 1:], centres[:, 0], centres[:, 1])
    errors = np.empty(len(sites))
    for site in range(len(names)):
        others = np.delete(np.arange(len(names)), site)
        best = others[apart[np.ix_(others, others)].sum(axis=1).argmin()]
        rows = site_of == site
        errors[rows] = great_circle(
            genotypes.latitudes[rows], genotypes.longitudes[rows], *centres[best]
        )
    return errors
