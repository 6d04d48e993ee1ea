"""SIMULATED references of the size of elephants', for `places.py --file`: no animal in them ever lived.

    python benchmarks/simulated_elephants.py FOLDER [--seeds 1 2 3] [--kinds savannah forest uneven sparse]

``savannah1.csv`` ... have 39 sites between 25 degrees south and 15 north, ``forest1.csv`` ... 25 sites in the forests
of Africa, 5 to 100 animals a site. ``uneven`` and ``sparse`` are a continent of 70 sites in groups, 1 to 100 animals a site (as
many of 1 to 10 as of 10 to 100): sites of ``uneven`` differ like elephants' (a process of 2,500 km), those of ``sparse``
more, and over 1,200 km. All have 16 microsatellites of 6 to 17 alleles, 8 % of the genotypes missing. Logits of the
frequencies follow a Gaussian process over the map, and each site has drift of its own.

Seeds 1 to 9 are for choosing; figures are of seeds from 101 on.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from forensics.origin.geography import great_circle, make_grid

LOCI, MISSING = 16, 0.08
# Name, first seed, latitudes, longitudes, sites, length of the process in km, its strength, drift (FST) of a site.
KINDS = {
    "savannah": (0, (-25.0, 15.0), (10.0, 42.0), 39, 2500.0, 0.05, 0.015),
    "forest": (10, (-4.0, 9.0), (-10.0, 30.0), 25, 1500.0, 0.06, 0.02),
    "uneven": (1000, (-30.0, 15.0), (-12.0, 42.0), 70, 2500.0, 0.05, 0.02),
    "sparse": (2000, (-30.0, 15.0), (-12.0, 42.0), 70, 1200.0, 0.05, 0.04),
}
# Kinds whose sites stand in groups and have 1 to 100 animals; groups, and how far a site is from the middle of its own.
UNEVEN = ("uneven", "sparse")
GROUPS, GROUP_KM = 12, 350.0


def simulate(
    seed: int, latitudes: tuple, longitudes: tuple, sites: int, length: float, strength: float,
    drift: float, *, uneven: bool = False,
) -> Iterator[tuple]:  # fmt: skip
    """Yield site, latitude, longitude and genotypes of each animal."""
    rng = np.random.default_rng(seed)
    grid = make_grid(np.array(latitudes), np.array(longitudes), cells=80, margin_km=1)
    north, east = (places[grid.inside] for places in grid.coordinates())
    likely = None
    if uneven:
        middles = rng.choice(len(north), GROUPS, replace=False)
        away = great_circle(north[:, None], east[:, None], north[middles], east[middles])
        likely = np.exp(-((away / GROUP_KM) ** 2) / 2) @ rng.dirichlet(np.ones(GROUPS)) + 1e-3
        likely /= likely.sum()
    chosen = rng.choice(len(north), sites, replace=False, p=likely)
    north, east = north[chosen], east[chosen]
    sizes = (
        np.exp(rng.uniform(0.0, np.log(100.0), sites)).round().astype(int)
        if uneven
        else np.clip(rng.lognormal(3.3, 0.8, sites), 5, 100).astype(int)
    )
    apart = great_circle(north[:, None], east[:, None], north, east)
    root = np.linalg.cholesky(np.exp(-apart / length) + 1e-6 * np.eye(sites))
    site_of = np.repeat(np.arange(sites), sizes)
    loci = []
    for _locus in range(LOCI):
        alleles = rng.integers(6, 18)
        base = rng.dirichlet(np.ones(alleles) * 1.0) + 1e-4
        base /= base.sum()
        spread = np.sqrt(strength * 2) * rng.uniform(0.6, 1.4)
        logits = np.log(base) + root @ rng.normal(size=(sites, alleles)) * spread * 3
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        drifted = [rng.dirichlet(np.maximum(row * (1 / drift - 1), 1e-3)) for row in shares]
        pairs = [[rng.choice(alleles, p=drifted[site]) for site in site_of] for _copy in range(2)]
        texts = [f"{100 + 2 * first}/{100 + 2 * second}" for first, second in zip(*pairs)]
        loci.append([("" if rng.random() < MISSING else text) for text in texts])
    for row, site in enumerate(site_of):
        yield site, north[site], east[site], [locus[row] for locus in loci]


def main() -> None:
    """Write references as CSV."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    chosen = parser.parse_args()
    chosen.folder.mkdir(exist_ok=True)
    for name in chosen.kinds:
        first, *settings = KINDS[name]
        for number in chosen.seeds:
            path = chosen.folder / f"{name}{number}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                head = ["sample", "population", "latitude", "longitude"]
                table.writerow(head + [f"L{locus}" for locus in range(LOCI)])
                animals = simulate(first + number, *settings, uneven=name in UNEVEN)
                for row, (site, north, east, genotypes) in enumerate(animals):
                    table.writerow([f"{path.stem}{row}", f"S{site:02d}", north, east, *genotypes])
            print(path, flush=True)


if __name__ == "__main__":
    main()
