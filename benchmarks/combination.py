"""Whether regions of combined evidence hold what they say: SIMULATED animals of sites that were left out.

    python benchmarks/combination.py [--worlds 8]

No public set has genotypes, haplotypes and isotopes of the same animals, so everything here is simulated:
in each world allele frequencies and haplotype frequencies follow waves over a square of ten degrees, with
drift of each site, and isotopes follow a plane with errors between and within sites. The layers are learnt
from 30 sites and judged on animals of 12 others. Layers are independent given the place, as the method
assumes; where they are not in nature, regions of the combination are too small.
"""

import argparse
from itertools import combinations

import numpy as np
import pandas as pd

from forensics.genetics.genotypes import genotypes_from_labels
from forensics.origin.evidence_layers import (
    HAPLOTYPE,
    ISOTOPES,
    NUCLEAR,
    Layer,
    calibrate_haplotype_weight,
    haplotype_gains,
    isotope_gains,
    multiply_layers,
    surface_gains,
)
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.globe import great_circle
from forensics.origin.haplotypes import haplotype_reference
from forensics.origin.isoscape import make_isoscape
from forensics.origin.isotope_fitting import fit_isotopes
from forensics.origin.spatial import fit_spatial, locate, prior_weights
from forensics.stats.intervals import clustered_rate

REFERENCE, TESTED, EACH = 30, 12, 4
LOCI, ALLELES, HAPLOTYPES = 8, 5, 14
SOUTH, WEST, DEGREES = -8.0, 20.0, 10.0


def frequencies(random, place, count, *, wave_km=1500.0, strength=1.2, drift=0.3):
    """Return frequencies of `count` alleles at places: waves on the log scale, and drift."""
    turn = random.normal(size=(count, 6, 2)) * 2 * np.pi / wave_km / np.sqrt(2)
    phase = random.random((count, 6)) * 2 * np.pi
    angle = np.einsum("awk,sk->saw", turn, place * 111.2) + phase
    odds = strength * np.sqrt(2 / 6) * np.cos(angle).sum(axis=2)
    weights = np.exp(odds + drift * random.normal(size=odds.shape))
    return weights / weights.sum(axis=1, keepdims=True)


def simulate(seed):
    """Return by layer the log gains of each tested animal, the grid, its prior, and the truth."""
    random = np.random.default_rng(seed)
    sites = REFERENCE + TESTED
    north, east = SOUTH + DEGREES * random.random(sites), WEST + DEGREES * random.random(sites)
    place = np.column_stack([east, north])
    site = np.repeat(np.arange(sites), np.where(np.arange(sites) < REFERENCE, 10, EACH))
    loci = [frequencies(random, place, ALLELES) for _locus in range(LOCI)]
    labels = [
        [
            tuple(str(100 + 2 * int(a)) for a in random.choice(ALLELES, 2, p=locus[own]))
            for locus in loci
        ]
        for own in site
    ]
    genotypes = genotypes_from_labels(
        [f"a{n}" for n in range(len(site))], [f"L{n}" for n in range(LOCI)], labels,
        populations=tuple(f"S{own:02d}" for own in site), latitudes=north[site], longitudes=east[site],
        source="SIMULATED",
    )  # fmt: skip
    mitochondrial = frequencies(random, place, HAPLOTYPES, strength=1.6, drift=0.8)
    haplotype = [f"H{random.choice(HAPLOTYPES, p=mitochondrial[own])}" for own in site]
    latitudes, longitudes = np.arange(6.0, -13.0, -0.5), np.arange(15.0, 36.0, 0.5)
    plane = 40 + 3.0 * latitudes[:, None] - 1.5 * (longitudes[None, :] - 25)
    isoscape = make_isoscape(latitudes, longitudes, plane, 3.0, name="d2H", source="SIMULATED")
    mean, _error = isoscape.at(north, east)
    value = (
        10 + 0.9 * mean[site] + random.normal(0, 6, sites)[site] + random.normal(0, 4, len(site))
    )

    known, tested = np.flatnonzero(site < REFERENCE), np.flatnonzero(site >= REFERENCE)
    spatial = fit_spatial(genotypes.take(known), seed=1, cells=40)
    mtdna = haplotype_reference(
        [haplotype[n] for n in known], [f"S{site[n]:02d}" for n in known], north[site][known],
        east[site][known],
    )  # fmt: skip
    weight, _score = calibrate_haplotype_weight(mtdna)
    table = pd.DataFrame({"site": site[known], "latitude": north[site][known],
                          "longitude": east[site][known], "d2H": value[known]})  # fmt: skip
    isotopes = fit_isotopes(table, [isoscape], site="site")
    result = []
    for animal, location in zip(tested, locate(spatial, genotypes.take(tested))):
        grid = location.surface.grid
        prior = prior_weights(spatial, grid, "area")
        own = isotopes.assign({"d2H": float(value[animal])}).surface
        layers = [
            Layer(NUCLEAR, surface_gains(location.surface, prior), 1.0, ""),
            Layer(HAPLOTYPE, haplotype_gains(mtdna, haplotype[animal], grid, prior), weight, ""),
            Layer(ISOTOPES, isotope_gains(own, isotopes.prior, grid, prior)[0], 1.0, ""),
        ]
        result.append(
            (seed, site[animal], grid, prior, layers, north[site[animal]], east[site[animal]])
        )
    return result, weight


def main():
    """Print a row for each set of layers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=8)
    options = parser.parse_args()
    animals, weights = [], []
    for seed in range(options.worlds):
        simulated, weight = simulate(seed)
        animals += simulated
        weights.append(weight)
    print(f"SIMULATED: {options.worlds} worlds, {len(animals)} animals of left-out sites; "
          f"weights of the haplotype {sorted(weights)}")  # fmt: skip
    posteriors = {
        chosen: [_surface(animal, chosen) for animal in animals]
        for size in (1, 2, 3)
        for chosen in combinations(range(3), size)
    }
    _print_places(animals, posteriors)
    _print_regions(animals, posteriors)


def _surface(animal, chosen):
    """Return the posterior of an animal by these layers."""
    _seed, _site, grid, prior, layers, _north, _east = animal
    cells = np.zeros(grid.inside.shape)
    cells[grid.inside] = multiply_layers([layers[n] for n in chosen], prior)
    return Surface(grid, cells)


def _names_of(chosen):
    return " + ".join((NUCLEAR, HAPLOTYPE, ISOTOPES)[n] for n in chosen)


def _print_places(animals, posteriors):
    """Print errors, and how often the regions of the posterior hold the place."""
    print("| layers | median km | q80 km | 50 % holds | 90 % holds (95 % interval) | 95 % holds | "
          "90 % region, km2 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for chosen, surfaces in posteriors.items():
        errors, areas, held = [], [], {level: {} for level in LEVELS}
        for (seed, site, *_known, north, east), surface in zip(animals, surfaces):
            errors.append(float(great_circle(north, east, *surface.point())))
            areas.append(surface.region_area(0.90))
            for level in LEVELS:
                held[level].setdefault((seed, site), []).append(surface.holds(level, north, east))
        rates = [clustered_rate(held[level].values()) for level in sorted(LEVELS)]
        print(
            f"| {_names_of(chosen)} | {np.median(errors):.0f} | {np.quantile(errors, 0.8):.0f} | "
            f"{rates[0].share:.1%} | {rates[1].share:.1%} ({rates[1].low:.0%}-{rates[1].high:.0%}) | "
            f"{rates[2].share:.1%} | {np.median(areas):,.0f} |"
        )


def _print_regions(animals, posteriors):
    """Print how often a quarter of the square is named, and rightly, by two rules.

    A posterior of 0.9 or more, as it is not calibrated; and the rule of ``origin combine`` for countries, that
    the whole 95 % region lies in it, too.
    """
    print("\n| layers | posterior of 0.9: named, right (95 % interval) | 95 % region in it: named, right "
          "(95 % interval) |\n|---|---|---|")  # fmt: skip
    for chosen, surfaces in posteriors.items():
        cells = []
        for by_region in (False, True):
            right = {}
            for (seed, site, *_known, north, east), surface in zip(animals, surfaces):
                quarter = _quarter(*surface.grid.coordinates())
                region = surface.region(0.95)
                for number in range(4):
                    if surface.share(quarter == number) < 0.9:
                        continue
                    if by_region and (quarter[region] != number).any():
                        continue
                    right.setdefault((seed, site), []).append(_quarter(north, east) == number)
            named = sum(map(len, right.values())) / len(animals)
            if not right:
                cells.append("0%, -")
                continue
            rate = clustered_rate(right.values())
            cells.append(f"{named:.0%}, {rate.share:.1%} ({rate.low:.0%}-{rate.high:.0%})")
        print(f"| {_names_of(chosen)} | {cells[0]} | {cells[1]} |")


def _quarter(north, east):
    """Return which quarter of the square a place lies in, 0 to 3."""
    return 2 * (np.asarray(north) > SOUTH + DEGREES / 2) + (np.asarray(east) > WEST + DEGREES / 2)


if __name__ == "__main__":
    main()
