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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
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


@dataclass(frozen=True)
class SimulatedLocus:
    """A locus of k alleles, as it was drawn.

    Attributes
    ----------
    base : numpy.ndarray of float64, shape (k,)
        Frequencies that the logits lie around.
    sd : float
        Standard deviation of a logit over the map.
    field : numpy.ndarray of float64, shape (S, k)
        What each site's logits differ by, before its drift.
    pairs : numpy.ndarray of int, shape (2, n)
        Alleles of the animals.
    missing : numpy.ndarray of bool, shape (n,)
        Who was not typed.
    """

    base: np.ndarray
    sd: float
    field: np.ndarray
    pairs: np.ndarray
    missing: np.ndarray


@dataclass(frozen=True)
class Simulation:
    """A reference, and the law by which it was drawn; S sites, n animals."""

    latitudes: np.ndarray
    longitudes: np.ndarray
    site_of: np.ndarray
    loci: list[SimulatedLocus]


def simulate(kind: str, number: int) -> Simulation:
    """Draw the reference of a kind with this number."""
    first, latitudes, longitudes, sites, length, strength, drift = KINDS[kind]
    rng = np.random.default_rng(first + number)
    grid = make_grid(np.array(latitudes), np.array(longitudes), cells=80, margin_km=1)
    north, east = (places[grid.inside] for places in grid.coordinates())
    uneven = kind in UNEVEN
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
        sd = 3 * np.sqrt(strength * 2) * rng.uniform(0.6, 1.4)
        field = root @ rng.normal(size=(sites, alleles)) * sd
        shares = softmax(np.log(base) + field, axis=1)
        drifted = [rng.dirichlet(np.maximum(row * (1 / drift - 1), 1e-3)) for row in shares]
        pairs = [[rng.choice(alleles, p=drifted[site]) for site in site_of] for _copy in range(2)]
        missing = np.array([rng.random() < MISSING for _animal in site_of])
        loci.append(SimulatedLocus(base, float(sd), field, np.array(pairs), missing))
    return Simulation(north, east, site_of, loci)


def genotypes_of(name: str, drawn: Simulation) -> Genotypes:
    """Return the genotypes of a reference, of animals numbered behind `name`."""
    animals = range(len(drawn.site_of))
    return genotypes_from_labels(
        [f"{name}{animal}" for animal in animals],
        [f"L{locus}" for locus in range(LOCI)],
        [
            [
                (None, None) if locus.missing[animal] else tuple(_size(allele) for allele in pair)
                for locus in drawn.loci
                for pair in (locus.pairs[:, animal],)
            ]
            for animal in animals
        ],
        populations=tuple(f"S{site:02d}" for site in drawn.site_of),
        latitudes=drawn.latitudes[drawn.site_of],
        longitudes=drawn.longitudes[drawn.site_of],
    )


def _size(allele: int) -> str:
    return str(100 + 2 * allele)


def main() -> None:
    """Write references as CSV."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    chosen = parser.parse_args()
    chosen.folder.mkdir(exist_ok=True)
    for name in chosen.kinds:
        for number in chosen.seeds:
            path = chosen.folder / f"{name}{number}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                table = csv.writer(file)
                head = ["sample", "population", "latitude", "longitude"]
                table.writerow(head + [f"L{locus}" for locus in range(LOCI)])
                drawn = simulate(name, number)
                for animal, site in enumerate(drawn.site_of):
                    texts = (
                        ""
                        if locus.missing[animal]
                        else "/".join(map(_size, locus.pairs[:, animal]))
                        for locus in drawn.loci
                    )
                    place = drawn.latitudes[site], drawn.longitudes[site]
                    table.writerow([f"{path.stem}{animal}", f"S{site:02d}", *place, *texts])
            print(path, flush=True)


if __name__ == "__main__":
    main()
