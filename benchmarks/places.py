"""Where animals came from, on whole sites left out: this project beside peers.

    python benchmarks/places.py [arapat possums turtles swallowtails chinook] [--file GENOTYPES.csv ...]

A file is any that `forensics origin evaluate` reads: animals of known places, from five sites on.

Every method sees the same animals, the same sites are left out, and each is tuned without the
sites that it is tested on: for five groups of sites the settings are chosen on the other sites,
then each site of the group is left out alone. The regressors predict kilometres east and north
of the mean of the training animals from counts of alleles. "Plain kernel" is raw counts of alleles weighted by distance, with
the width and the temper of least error on left-out sites. Two floors have learnt nothing: "mean of
sites" names the mean place of the other sites, "median site" the other site nearest to all of them. Of each
method the ratio of our error to its own has a 95 % interval, by drawing whole sites. Chinook have no
coordinates: whole collections are left out, and the reporting unit is named.
"""

import argparse
import gzip
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from place_peers import SEED, features, median_site, plain_kernel, regressed, regressors

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.genetics.reading import read_genotypes
from forensics.origin.areas import RegionSet, sites_of_reference
from forensics.origin.regions import LeftOutCollector, evaluate_regions
from forensics.origin.spatial import PRIORS, SpatialEvaluation, evaluate_spatial, sites_of

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")) / "genotypes"

FOLDS = 5
# Times that sites are drawn for the interval of a ratio.
DRAWS = 1000

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

    def read(stem: str):
        with gzip.open(FOLDER / f"{stem}.csv.gz", "rt", encoding="utf-8") as lines:
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
        [f"{label} ({row})" for row, label in enumerate(table[animal], 1)],
        loci,
        [[pair(text) for text in row] for row in table[loci].values],
        populations=tuple(table[site]),
        latitudes=table[latitude].astype(float).values,
        longitudes=table[longitude].astype(float).values,
        source=f"{file}.csv.gz",
    )


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
    from forensics.stats import clustered_rate

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
    every = [*SETS, "chinook"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", help="of " + ", ".join(every) + "; default all")
    parser.add_argument("--file", action="append", default=[], help="genotypes of known places")
    parser.add_argument("--only-ours", action="store_true", help="leave out the peers")
    parser.add_argument("--only-kernel", action="store_true", help="of the peers the kernel alone")
    chosen = parser.parse_args()
    for name in chosen.sets or ([] if chosen.file else every):
        if name == "chinook":
            units()
        else:
            compare(name, load(name), chosen)
    for path in chosen.file:
        compare(Path(path).name, read_genotypes(path), chosen)


def compare(name: str, genotypes: Genotypes, chosen: argparse.Namespace) -> None:
    """Print the table of a set."""
    sites = np.array(sites_of(genotypes))
    print(
        f"\n{name}: {len(genotypes)} animals, {len(np.unique(sites))} sites, "
        f"{len(genotypes.loci)} loci; whole sites left out"
    )
    print(
        f"{'method':24s} {'median km':>10s} {'q80 km':>8s} {'CPU s':>8s}"
        "   ours / it: median           q80"
    )
    began = time.process_time()
    collectors = {prior: LeftOutCollector() for prior in PRIORS}
    ours = evaluate_spatial(
        genotypes, seed=SEED, schemes=["site"],
        observe=lambda prior, *found: collectors[prior](*found),
    )["site"]  # fmt: skip
    seconds = time.process_time() - began
    errors = errors_of(ours)
    row("mean of sites (floor)", ours.floor_km, 0.0)
    row("median site (floor)", quantiles(median_site(genotypes, sites)), 0.0)
    row("ours, the point", quantiles(errors), seconds)
    row("ours, prior by sampling", ours.quantiles("sampling_km"), seconds)
    methods: dict[str, Callable[[], np.ndarray]] = {}
    if not chosen.only_ours:
        methods["plain kernel"] = lambda: plain_kernel(genotypes)
        for method, (model, settings) in ({} if chosen.only_kernel else regressors()).items():
            methods[method] = lambda model=model, settings=settings: regressed(
                genotypes, sites, model, settings
            )
    for method, run in methods.items():
        began = time.process_time()
        theirs = run()
        row(method, quantiles(theirs), time.process_time() - began, ratios(errors, theirs, sites))
    regions(ours, "ours")
    regions(ours, "ours, prior by sampling", "sampling_covered")
    for prior, collector in collectors.items():
        quarters(genotypes, collector, prior)
    # The easier task, which flatters.
    alone = evaluate_spatial(genotypes, seed=SEED, schemes=["animal"])["animal"]
    row("ours, one ANIMAL left out", alone.error_km(), 0.0)
    regions(alone, "ours")


def errors_of(evaluation: SpatialEvaluation) -> np.ndarray:
    """Return the error of each animal, in the order of the animals."""
    return np.array([placement.error_km for placement in evaluation.placements])


def quantiles(errors: np.ndarray) -> tuple[float, float]:
    """Return the median and the 80 % quantile."""
    return float(np.median(errors)), float(np.quantile(errors, 0.8))


def ratios(ours: np.ndarray, theirs: np.ndarray, sites: np.ndarray) -> str:
    """Return our median and 80 % quantile over theirs, with 95 % intervals over sites."""
    rows = [np.flatnonzero(sites == site) for site in np.unique(sites)]
    rng = np.random.default_rng(SEED)
    drawn = np.empty((DRAWS, 2))
    for draw in range(DRAWS):
        taken = np.concatenate([rows[number] for number in rng.integers(0, len(rows), len(rows))])
        drawn[draw] = np.divide(quantiles(ours[taken]), quantiles(theirs[taken]))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    now = np.divide(quantiles(ours), quantiles(theirs))
    return "   ".join(f"{now[k]:.2f} ({low[k]:.2f}-{high[k]:.2f})" for k in range(2))


def quarters(genotypes: Genotypes, collector: LeftOutCollector, prior: str) -> None:
    """Print how often four reporting regions are named, and right: sites by the medians of their places."""
    sites = sites_of_reference(genotypes, sites_of(genotypes))
    of_site = 2 * (sites.latitudes > np.median(sites.latitudes))
    of_site += sites.longitudes > np.median(sites.longitudes)
    names = ("south-west", "south-east", "north-west", "north-east")
    known = RegionSet("quarters", "site_table", names, dict(zip(sites.names, of_site.tolist())))
    for found in evaluate_regions(collector.collect(), known, sites)["by confidence"]:
        right = "none" if found["right"] is None else f"{found['right']:.1%} right"
        print(
            f"quarters, prior {prior}, {found['confidence']:g}: {found['single region']:.1%} named, {right} "
            f"({found['low']:.0%}-{found['high']:.0%}); set holds {found['set holds']:.1%}"
        )


def regions(result, method: str, name: str = "covered") -> None:
    """Print how often regions held the true place."""
    text = "; ".join(
        f"{level:.0%} region holds {rate.share:.1%} ({rate.low:.0%}-{rate.high:.0%})"
        for level, rate in result.coverage(name).items()
    )
    print(f"{method}, one {result.scheme} left out: {text}", flush=True)


def row(method: str, errors: tuple, seconds: float, compared: str = "") -> None:
    """Print a row."""
    print(
        f"{method:24s} {errors[0]:10.1f} {errors[1]:8.1f} {seconds:8.1f}   {compared}", flush=True
    )


if __name__ == "__main__":
    main()
