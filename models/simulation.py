"""A simulated reference for lessons and demonstrations: no animal in it ever lived.

Sites are points inside the countries named, chosen for lessons; everything else is
drawn: allele frequencies follow a Gaussian field over the map (isolation by distance), with drift
of each site added, and genotypes are drawn from them in Hardy-Weinberg proportions.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["simulated_range"]

# Sites: code, country, latitude, longitude (degrees, rounded); chosen for lessons, not for biology.
SITES = (
    ("KED", "Senegal", 12.6, -12.2), ("FAR", "Guinea", 10.0, -10.7), ("GOL", "Sierra Leone", 7.6, -11.1),
    ("SAP", "Liberia", 5.4, -8.8), ("TAI", "Côte d'Ivoire", 5.8, -7.3), ("COM", "Côte d'Ivoire", 9.2, -3.8),
    ("MOL", "Ghana", 9.3, -1.9), ("KAK", "Ghana", 5.4, -1.4), ("ARL", "Burkina Faso", 11.6, 1.5),
    ("PEN", "Benin", 11.3, 1.5), ("YAN", "Nigeria", 9.8, 10.5), ("CRO", "Nigeria", 5.9, 8.7),
    ("WAZ", "Cameroon", 11.3, 14.7), ("BOU", "Cameroon", 8.4, 13.8), ("KOR", "Cameroon", 5.1, 8.9),
    ("DJA", "Cameroon", 3.1, 13.0), ("LOB", "Cameroon", 2.3, 15.7), ("ZAK", "Chad", 10.8, 19.7),
    ("DZA", "Central African Republic", 2.9, 16.3), ("BAM", "Central African Republic", 8.0, 20.8),
    ("ODZ", "Congo", 0.9, 14.9), ("NOU", "Congo", 2.5, 16.6), ("MIN", "Gabon", 1.5, 12.8),
    ("LOP", "Gabon", -0.5, 11.5), ("GAM", "Gabon", -2.1, 10.0), ("SAL", "DR Congo", -2.0, 21.0),
    ("GAR", "DR Congo", 4.1, 29.5), ("VIR", "DR Congo", -0.5, 29.4),
)  # fmt: skip
SEED = 20261125
LOCI, ALLELES, ANIMALS = 16, 8, 18
# Range of the field, km; sd of the field and of each site's own drift, on the log scale.
RANGE_KM, FIELD, DRIFT = 1500.0, 0.9, 0.25
MISSING_SHARE = 0.03


def simulated_range() -> tuple[Sequence[str], list[tuple]]:
    """Return header and rows of the simulated reference; always the same."""
    random = np.random.default_rng(SEED)
    latitude, longitude = (np.radians([site[n] for site in SITES]) for n in (2, 3))
    cosine = np.sin(latitude)[:, None] * np.sin(latitude) + np.cos(latitude)[:, None] * np.cos(
        latitude
    ) * np.cos(longitude[:, None] - longitude)
    distance = 6371.0 * np.arccos(np.clip(cosine, -1, 1))
    root = np.linalg.cholesky(np.exp(-distance / RANGE_KM) + 1e-9 * np.eye(len(SITES)))
    names = [f"SIM{number + 1:02d}" for number in range(LOCI)]
    genotypes: list[list[str]] = [[] for _row in range(len(SITES) * ANIMALS)]
    for _locus in range(LOCI):
        base = random.normal(0, 1, ALLELES)
        field = FIELD * root @ random.normal(size=(len(SITES), ALLELES))
        weight = np.exp(base + field + DRIFT * random.normal(size=field.shape))
        share = weight / weight.sum(axis=1, keepdims=True)
        first = 120 + 2 * int(random.integers(0, 30))
        for site in range(len(SITES)):
            drawn = random.choice(ALLELES, size=(ANIMALS, 2), p=share[site])
            lost = random.random(ANIMALS) < MISSING_SHARE
            for animal in range(ANIMALS):
                pair = "/".join(str(first + 2 * allele) for allele in sorted(drawn[animal]))
                genotypes[site * ANIMALS + animal].append("" if lost[animal] else pair)
    rows = [
        (
            f"SIM-{code}-{animal + 1:02d}",
            code,
            country,
            north,
            east,
            *genotypes[number * ANIMALS + animal],
        )
        for number, (code, country, north, east) in enumerate(SITES)
        for animal in range(ANIMALS)
    ]
    return ("animal", "population", "country", "latitude", "longitude", *names), rows
