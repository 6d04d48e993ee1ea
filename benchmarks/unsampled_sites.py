"""SIMULATED animals of sites that a map does not have: are they placed, and are animals from elsewhere not?

    python benchmarks/unsampled_sites.py [--loci 200 2000 5000] [--seeds 101 102] [--microsatellites]

A continent of 40 sites of 10 animals is trained as ``forensics origin train`` does; frequencies are a process over
2,500 km with a drift of each site (FST 0.02). The samples, 10 animals a site, one file a site:

new       5 sites between those of the reference
outside   5 sites 6 to 12 degrees beyond the area of the reference
foreign   6 populations that differ from the mean of the reference by FST 0.1, wherever they live
own       animals of 6 sites of the reference, which are not among its animals
F1        crosses of animals of two sites that are far apart, 6 pairs

Printed: the share that is placed, of these with the notice UNSAMPLED_SITE, their error in km, and the share that is
placed where an animal, each fifth, is a file of its own. Seeds up to 9 chose the method; figures are of seeds from 101 on.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from forensics.genetics.genotypes import Genotypes
from forensics.origin.geography import great_circle
from forensics.origin.models import Model, open_model
from forensics.origin.predict import assign_with
from forensics.origin.training import train_genotypes

SITES, ANIMALS, NEW, OUTSIDE, FOREIGN = 40, 10, 5, 5, 6
SOUTH, NORTH, WEST, EAST = -15.0, 10.0, 12.0, 38.0
LENGTH_KM, STRENGTH, DRIFT, FOREIGN_FST = 2500.0, 0.05, 0.02, 0.1


def _places(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places of all sites, and of what kind each is."""
    latitudes = rng.uniform(SOUTH, NORTH, SITES + NEW)
    longitudes = rng.uniform(WEST, EAST, SITES + NEW)
    edges = (latitudes - SOUTH, NORTH - latitudes, longitudes - WEST, EAST - longitudes)
    inner = np.flatnonzero(np.minimum.reduce(edges) > 3)
    kinds = np.full(SITES + NEW + OUTSIDE, "reference", dtype=object)
    kinds[rng.choice(inner, NEW, replace=False)] = "new"
    kinds[-OUTSIDE:] = "outside"
    far = []
    while len(far) < OUTSIDE:
        place = rng.uniform((SOUTH - 12, WEST - 12), (NORTH + 12, EAST + 12))
        if max(SOUTH - place[0], place[0] - NORTH, WEST - place[1], place[1] - EAST) >= 6:
            far.append(place)
    far_places = np.array(far)
    return (
        np.concatenate([latitudes, far_places[:, 0]]),
        np.concatenate([longitudes, far_places[:, 1]]),
        kinds,
    )


def simulate(seed: int, loci: int, *, snp: bool = True) -> tuple[Genotypes, dict[str, Genotypes]]:
    """Return the reference, and samples by kind; each file of samples is a population."""
    rng = np.random.default_rng(seed)
    latitudes, longitudes, kinds = _places(rng)
    sites, own = len(latitudes), rng.choice(np.flatnonzero(kinds == "reference"), 6, replace=False)
    apart = great_circle(latitudes[:, None], longitudes[:, None], latitudes, longitudes)
    root = np.linalg.cholesky(np.exp(-apart / LENGTH_KM) + 1e-6 * np.eye(sites))
    site_of = np.concatenate([np.repeat(np.arange(sites), ANIMALS), np.repeat(own, ANIMALS)])
    foreign_of = np.repeat(np.arange(FOREIGN), ANIMALS)
    far = np.argwhere(
        (apart >= np.median(apart)) & (kinds == "reference") & (kinds[:, None] == "reference")
    )
    parents = np.repeat(far[rng.choice(len(far), 6, replace=False)], ANIMALS, axis=0)
    codes = np.empty((len(site_of) + len(foreign_of) + len(parents), loci, 2), dtype=np.int16)
    for locus in range(loci):
        alleles = 2 if snp else int(rng.integers(6, 18))
        base = rng.dirichlet(np.ones(alleles)) + (0.05 if snp else 1e-4)
        spread = np.sqrt(STRENGTH * 2) * rng.uniform(0.6, 1.4)
        logits = np.log(base / base.sum()) + root @ rng.normal(size=(sites, alleles)) * spread * 3
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        drawn = [rng.dirichlet(np.maximum(row * (1 / DRIFT - 1), 1e-3)) for row in shares]
        mean = np.maximum(shares.mean(axis=0) * (1 / FOREIGN_FST - 1), 1e-3)
        sources = np.array(drawn + [rng.dirichlet(mean) for _number in range(FOREIGN)]).cumsum(
            axis=1
        )
        single = np.concatenate([site_of, sites + foreign_of])
        pairs = np.concatenate([np.column_stack([single, single]), parents])
        drawn_at = rng.random((len(pairs), 2))
        codes[:, locus] = (drawn_at[:, :, None] > sources[pairs][:, :, :-1]).sum(axis=2)
    codes.sort(axis=2)
    labels = tuple(str(100 + 2 * number) for number in range(int(codes.max()) + 1))
    names = np.array(
        [f"S{site:02d}" for site in site_of]
        + [f"foreign{number}" for number in foreign_of]
        + [f"cross{first}-{second}" for first, second in parents],
        dtype=object,
    )
    nowhere = np.full(len(codes) - len(site_of), np.nan)

    def take(chosen: np.ndarray) -> Genotypes:
        rows = np.flatnonzero(chosen)
        return Genotypes(
            tuple(f"a{row}" for row in rows), tuple(f"L{locus}" for locus in range(loci)), (labels,) * loci,
            codes[rows], populations=tuple(names[rows]),
            latitudes=np.concatenate([latitudes[site_of], nowhere])[rows],
            longitudes=np.concatenate([longitudes[site_of], nowhere])[rows],
        )  # fmt: skip

    kind_of = np.concatenate(
        [kinds[site_of], np.full(len(foreign_of), "foreign"), np.full(len(parents), "F1")]
    )
    kind_of[sites * ANIMALS : len(site_of)] = "own"
    chosen = ("new", "outside", "foreign", "own", "F1")
    return take(kind_of == "reference"), {kind: take(kind_of == kind) for kind in chosen}


def _assigned(model: Model, samples: Genotypes, *, together: bool) -> list:
    """Return the results of samples, a file a population, or a file each."""
    names = np.array(samples.populations if together else samples.animals, dtype=object)
    results = []
    for name in dict.fromkeys(names):
        rows = np.flatnonzero(names == name)
        some = samples.take(rows)
        blind = Genotypes(some.animals, some.loci, some.alleles, some.codes)
        results += [*zip(rows, assign_with(model, blind))]
    return [result for _row, result in sorted(results, key=lambda pair: pair[0])]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--loci", type=int, nargs="+", default=[200, 2000, 5000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--microsatellites", action="store_true")
    chosen = parser.parse_args()
    print("loci   kind      animals  placed  as unsampled  median km  alone")
    for loci in chosen.loci:
        rows: dict[str, list[tuple]] = {}
        for seed in chosen.seeds:
            reference, samples = simulate(seed, loci, snp=not chosen.microsatellites)
            started = time.process_time()
            folder = Path(tempfile.mkdtemp()) / "model"
            train_genotypes(reference, folder, name="m", version="1", evaluated=False)
            seconds = time.process_time() - started
            model = open_model(folder)
            for kind, animals in samples.items():
                every = np.arange(0, len(animals), 5)
                alone = dict(zip(every, _assigned(model, animals.take(every), together=False)))
                for row, result in enumerate(_assigned(model, animals, together=True)):
                    placed = result.surface is not None
                    km = np.nan
                    if placed and animals.latitudes is not None:
                        point = result.surface.point()
                        km = great_circle(*point, animals.latitudes[row], animals.longitudes[row])
                    unsampled = placed and result.exclusion.p_place is not None
                    rows.setdefault(kind, []).append(
                        (
                            placed,
                            unsampled,
                            km,
                            alone[row].surface is not None if row in alone else np.nan,
                        )
                    )
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"  (seed {seed}: trained in {seconds:.0f} s of CPU, {most:.1f} GB)",
                file=sys.stderr,
            )
        for kind, found in rows.items():
            placed, unsampled, km, alone = (np.array(column, dtype=float) for column in zip(*found))
            error = f"{np.nanmedian(km):9.0f}" if np.isfinite(km).any() else "        -"
            print(
                f"{loci:<6} {kind:<9} {len(found):7}  {placed.mean():6.2f}  {unsampled.mean():12.2f}  {error}"
                f"  {np.nanmean(alone):5.2f}", flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
