"""Where animals came from, on whole sites left out: this project beside scikit-learn and the method before.

    python benchmarks/places.py [arapat possums turtles swallowtails chinook]

Every method sees the same animals, the same sites are left out, and each is tuned without the
sites that it is tested on: for five groups of sites the settings are chosen on the other sites,
then each site of the group is left out alone. The regressors predict kilometres east and north
of the mean of the training animals from counts of alleles. Two floors have learnt nothing: "mean of
sites" names the mean place of the other sites, "median site" the other site nearest to all of them. "The
method before" is the kriged field of `places_before.py`, with its own wider grid. Chinook have no
coordinates: whole collections are left out, and the reporting unit is named.
"""

import argparse
import gzip
import os
import sys
import time
from pathlib import Path

import numpy as np
from places_before import evaluate_spatial as evaluate_before

from forensics.genetics.counts import doses
from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.origin.globe import great_circle, spherical_mean
from forensics.origin.sites import sites_of
from forensics.origin.spatial_evaluation import evaluate_spatial

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")) / "genotypes"

SEED = 1
FOLDS = 5
KM = 111.195

# Name, file, animal, site, latitude, longitude, columns that are no loci.
SETS = {
    "arapat": ("arapat", "ID", "Population", "Latitude", "Longitude", ("Species", "Cluster")),
    "possums": ("possums", "ind", "pop", "lat", "long", ()),
    "turtles": ("turtles_snp", "ind", "pop", "lat", "lon", ()),
    "swallowtails": ("swallowtails", "ind", "pop", "lat", "lon", ()),
}
SNP = {"0": ("A", "A"), "1": ("A", "B"), "2": ("B", "B")}


def load(name: str) -> Genotypes:
    """Return one of the evaluation sets."""
    import pandas

    file, animal, site, latitude, longitude, others = SETS[name]

    def read(one: str):
        with gzip.open(FOLDER / f"{one}.csv.gz", "rt", encoding="utf-8") as lines:
            return pandas.read_csv(lines, dtype=str, keep_default_na=False)

    table = read(file)
    if name == "swallowtails":
        places = read("swallowtails_loc").set_index("key").loc[table[animal]]
        table[latitude], table[longitude] = places["lat"].values, places["lon"].values
        table[site] = places["locality"].values
    loci = [
        column
        for column in table.columns
        if column not in (animal, site, latitude, longitude, *others)
    ]

    def pair(text: str) -> tuple:
        if text in ("", "NA"):
            return None, None
        if name == "turtles":
            return SNP[text]
        return tuple(text.replace(":", "/").split("/"))

    return genotypes_from_labels(
        [f"{one} ({row})" for row, one in enumerate(table[animal], 1)],
        loci,
        [[pair(text) for text in row] for row in table[loci].values],
        populations=tuple(table[site]),
        latitudes=table[latitude].astype(float).values,
        longitudes=table[longitude].astype(float).values,
        source=f"{file}.csv.gz",
    )


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
        "SVM on PCA": (
            support,
            {"regressor__multioutputregressor__estimator__C": [0.1, 1.0, 10.0]},
        ),
        "nearest neighbours": (
            KNeighborsRegressor(),
            {"n_neighbors": [3, 10, 30], "weights": ["uniform", "distance"]},
        ),
        "random forest": (
            RandomForestRegressor(100, random_state=SEED, max_features=0.33),
            {"min_samples_leaf": [1, 5]},
        ),
        "ridge": (Ridge(), {"alpha": [1.0, 10.0, 100.0, 1000.0]}),
        "kernel ridge (rbf)": (
            KernelRidge(kernel="rbf"),
            {"alpha": [0.01, 0.1, 1.0], "gamma": [0.003, 0.01, 0.03, 0.1]},
        ),
    }


def features(genotypes: Genotypes) -> np.ndarray:
    """Return counts of alleles; NaN where a locus was not typed."""
    counts = doses(genotypes)
    sizes = [max(1, len(one)) for one in genotypes.alleles]
    counts[~np.repeat(genotypes.typed, sizes, axis=1)] = np.nan
    return counts


def regressed(genotypes: Genotypes, sites: np.ndarray, model, settings: dict) -> np.ndarray:
    """Return errors in km of a regressor, each site left out."""
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


def median_site(genotypes: Genotypes, sites: np.ndarray) -> np.ndarray:
    """Return errors in km of naming the other site that is nearest to all others."""
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


def units() -> None:
    """Print how often whole collections of chinook are given their reporting unit."""
    from sklearn.decomposition import PCA
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import GroupKFold
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    sys.path.insert(0, str(ROOT / "tests"))
    import genotype_sets

    from forensics.origin.assignment import assign
    from forensics.origin.populations import train_model
    from forensics.stats.intervals import clustered_rate

    animals = genotype_sets.load(FOLDER.parent, "chinook")
    groups = np.array(animals.populations)
    own = np.array(animals.units)
    of_unit = {unit: set(groups[own == unit]) for unit in np.unique(own)}
    testable = np.array([len(of_unit[unit]) > 1 for unit in own])
    table = features(animals)
    methods = {
        "nearest neighbours": KNeighborsClassifier(10),
        "ridge": RidgeClassifier(10.0),
        "random forest": RandomForestClassifier(100, random_state=SEED),
        "SVM on PCA": make_pipeline(PCA(30, random_state=SEED), StandardScaler(), SVC()),
    }
    named = {name: np.full(len(own), "", dtype=own.dtype) for name in (*methods, "ours")}
    seconds = dict.fromkeys(named, 0.0)
    for train, test in GroupKFold(FOLDS).split(table, groups=groups):
        for name in named:
            began = time.process_time()
            if name == "ours":
                baseline, _fit = train_model(animals.take(train), method="shrunk")
                found = assign(animals.take(test), baseline)
                named[name][test] = np.array(found.units)[found.unit_posterior.argmax(axis=1)]
            else:
                model = make_pipeline(SimpleImputer(keep_empty_features=True), methods[name])
                named[name][test] = model.fit(table[train], own[train]).predict(table[test])
            seconds[name] += time.process_time() - began
    print(
        f"\nchinook: {int(testable.sum())} animals of units with other collections, "
        f"{len(np.unique(groups))} collections, {len(of_unit)} units; whole collections left out"
    )
    for name, names in named.items():
        rate = clustered_rate(
            (names[rows] == own[rows]).tolist()
            for rows in (
                np.flatnonzero((groups == group) & testable) for group in np.unique(groups)
            )
            if rows.size
        )
        print(
            f"{name:28s} right {rate.share:.1%} ({rate.low:.0%}-{rate.high:.0%}) "
            f"{seconds[name]:8.1f} s",
            flush=True,
        )


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "sets", nargs="*", default=[*SETS, "chinook"], help="of " + ", ".join([*SETS, "chinook"])
    )
    parser.add_argument("--only-ours", action="store_true", help="leave out the regressors")
    chosen = parser.parse_args()
    for name in chosen.sets:
        if name == "chinook":
            units()
            continue
        genotypes = load(name)
        sites = np.array(sites_of(genotypes))
        print(
            f"\n{name}: {len(genotypes)} animals, {len(np.unique(sites))} sites, "
            f"{len(genotypes.loci)} loci; whole sites left out"
        )
        print(f"{'method':28s} {'median km':>10s} {'q80 km':>8s} {'seconds':>8s}")
        began = time.process_time()
        ours = evaluate_spatial(genotypes, seed=SEED, schemes=["site"])["site"]
        seconds = time.process_time() - began
        row("mean of sites (floor)", ours.floor_km, 0.0)
        middle = median_site(genotypes, sites)
        row("median site (floor)", (np.median(middle), np.quantile(middle, 0.8)), 0.0)
        row("ours, the point", ours.error_km(), seconds)
        row("ours, prior by sampling", ours.quantiles("sampling_km"), seconds)
        if not chosen.only_ours:
            for method, (model, settings) in regressors().items():
                began = time.process_time()
                errors = regressed(genotypes, sites, model, settings)
                seconds = time.process_time() - began
                row(method, (np.median(errors), np.quantile(errors, 0.8)), seconds)
            began = time.process_time()
            before = evaluate_before(genotypes, seed=SEED, schemes=["site"])["site"]
            row("the method before", before.error_km(), time.process_time() - began)
            regions(before, "before")
        regions(ours, "ours")
        # The easier task, which flatters.
        alone = evaluate_spatial(genotypes, seed=SEED, schemes=["animal"])["animal"]
        row("ours, one ANIMAL left out", alone.error_km(), 0.0)
        regions(alone, "ours")


def regions(result, method: str) -> None:
    """Print how often regions held the true place."""
    text = "; ".join(
        f"{level:.0%} region holds {rate.share:.1%} ({rate.low:.0%}-{rate.high:.0%})"
        for level, rate in result.coverage().items()
    )
    print(f"{method}, one {result.scheme} left out: {text}", flush=True)


def row(method: str, errors: tuple, seconds: float) -> None:
    """Print one row."""
    print(f"{method:28s} {errors[0]:10.1f} {errors[1]:8.1f} {seconds:8.1f}", flush=True)


if __name__ == "__main__":
    main()
