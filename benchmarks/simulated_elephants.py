"""SIMULATED references of the size of elephants', for `places.py --file`: no animal in them ever lived.

    python benchmarks/simulated_elephants.py FOLDER

Three of 39 sites between 25 degrees south and 15 north (``savannah1.csv`` ...), three of 25 sites in the forests
of Africa: 5 to 100 animals a site, 16 microsatellites of 6 to 17 alleles, 8 % of the genotypes missing. Logits of
the frequencies follow a Gaussian process over the map, and each site has drift of its own.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from forensics.origin.geography import great_circle, make_grid

LOCI, MISSING = 16, 0.08
# Name, first seed, latitudes, longitudes, sites, length of the process in km, its strength, drift (FST) of a site.
KINDS = (
    ("savannah", 0, (-25.0, 15.0), (10.0, 42.0), 39, 2500.0, 0.05, 0.015),
    ("forest", 10, (-4.0, 9.0), (-10.0, 30.0), 25, 1500.0, 0.06, 0.02),
)


def simulate(
    seed: int, latitudes: tuple, longitudes: tuple, sites: int, length: float, strength: float,
    drift: float,
) -> Iterator[tuple]:  # fmt: skip
    """Yield site, latitude, longitude and genotypes of each animal."""
    rng = np.random.default_rng(seed)
    grid = make_grid(np.array(latitudes), np.array(longitudes), cells=80, margin_km=1)
    north, east = (places[grid.inside] for places in grid.coordinates())
    chosen = rng.choice(len(north), sites, replace=False)
    north, east = north[chosen], east[chosen]
    sizes = np.clip(rng.lognormal(3.3, 0.8, sites), 5, 100).astype(int)
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
    """Write the six references as CSV."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(exist_ok=True)
    for name, first, *settings in KINDS:
        for number in (1, 2, 3):
            path = folder / f"{name}{number}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                head = ["sample", "population", "latitude", "longitude"]
                table.writerow(head + [f"L{locus}" for locus in range(LOCI)])
                animals = simulate(first + number, *settings)
                for row, (site, north, east, genotypes) in enumerate(animals):
                    table.writerow([f"{path.stem}{row}", f"S{site:02d}", north, east, *genotypes])
            print(path, flush=True)


if __name__ == "__main__":
    main()
