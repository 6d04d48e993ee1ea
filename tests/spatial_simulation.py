"""SIMULATED animals whose frequencies change over space, with the truth known.

The log-odds of an allele are a smooth random surface (a sum of waves of about the given length)
plus a drift of each site; genotypes are drawn from the site's frequencies. This is not the
model that is fitted: neither the waves nor the log-odds are in it.
"""

from functools import lru_cache

import numpy as np

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.origin.spatial import SpatialModel, fit_spatial

__all__ = ["simulated_animals", "simulated_model"]


def simulated_animals(
    *,
    seed: int,
    sites: int = 25,
    animals: int = 8,
    loci: int = 10,
    alleles: int = 4,
    wave_km: float = 1500.0,
    strength: float = 1.2,
    drift: float = 0.2,
    missing: float = 0.03,
    south: float = -8.0,
    west: float = 20.0,
    degrees: float = 10.0,
) -> Genotypes:
    """Return SIMULATED animals of `sites` random places in a square of so many degrees."""
    random = np.random.default_rng(seed)
    north = south + degrees * random.random(sites)
    east = west + degrees * random.random(sites)
    place = np.column_stack([east, north]) * 111.2
    waves = 6
    turn = random.normal(size=(loci, alleles, waves, 2)) * 2 * np.pi / wave_km / np.sqrt(2)
    phase = random.random((loci, alleles, waves)) * 2 * np.pi
    angle = np.einsum("lawk,sk->slaw", turn, place) + phase
    odds = strength * np.sqrt(2 / waves) * np.cos(angle).sum(axis=3)
    odds += drift * random.normal(size=odds.shape)
    frequencies = np.exp(odds)
    frequencies /= frequencies.sum(axis=2, keepdims=True)
    labels, names, populations, latitudes, longitudes = [], [], [], [], []
    for site in range(sites):
        for animal in range(animals):
            row = []
            for locus in range(loci):
                pair = random.choice(alleles, size=2, p=frequencies[site, locus])
                lost = random.random() < missing
                row.append((None, None) if lost else tuple(str(100 + 2 * int(one)) for one in pair))
            labels.append(row)
            names.append(f"S{site:02d}-{animal}")
            populations.append(f"S{site:02d}")
            latitudes.append(north[site])
            longitudes.append(east[site])
    return genotypes_from_labels(
        names,
        [f"L{number:02d}" for number in range(loci)],
        labels,
        populations=tuple(populations),
        latitudes=np.array(latitudes),
        longitudes=np.array(longitudes),
        source="SIMULATED",
    )


@lru_cache(maxsize=1)
def simulated_model() -> tuple[SpatialModel, Genotypes, Genotypes]:
    """Return a model, its reference animals and further ones of other places, all SIMULATED.

    Two of the twenty-two sites are not in the reference.
    """
    every = simulated_animals(seed=5, sites=22, animals=8)
    new = np.array([name in ("S07", "S13") for name in every.populations])
    reference = every.take(~new)
    return fit_spatial(reference, seed=1, cells=30), reference, every.take(new)


def mapped_result(sample, surface):
    """Return a result on a map, of a model without a name worth having; no map where surface is None."""
    from forensics.core.provenance import make_provenance
    from forensics.origin.results import ExclusionTest, PlaceOrigin, summarise_surface

    known = {} if surface is None else vars(summarise_surface(surface))
    return PlaceOrigin(
        sample=sample, index=1, status="inconclusive", rank=None, origin=None, probability=None,
        used=9, prior="area", exclusion=ExclusionTest(0.01, False, 0.4), surface=surface, **known,
        provenance=make_provenance(
            library={"name": "m", "version": "1", "sha256": "ab" * 32}, parameters={},
            input={"file": "x", "sha256": ""},
        ),
    )  # fmt: skip
