"""Make a large set of SIMULATED 12S records, as many and as alike as those of fishes are.

    python benchmarks/simulated_fish.py fish.fasta --records 28000 --species 10000

Good for time and memory, and for nothing else: no sequence and no name is of an animal. The real 12S
records of the evaluation data that are long enough are the roots; from each, genera, species and
individuals evolve along a random tree, at rates that differ from site to site. Most records are an
amplicon of some 170 bases, the others up to 600. The same seed gives the same file.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from evaluation import read_set

SEED = 20261128
LOCUS = "12S"
#: The real records that are roots, and what of them is used: a region of all, and an amplicon in it.
MIN_ROOT = 800
REGION, AMPLICON = (80, 680), (200, 372)
#: Substitutions a site from a root to a family, from there to a genus, a species, an individual.
TO_FAMILY, TO_GENUS = (0.03, 0.12), (0.005, 0.04)
TO_SPECIES, TO_INDIVIDUAL = (0.0, 0.03), (0.0, 0.004)
#: Shape of the gamma distribution of rates over sites: most hardly change.
RATE_SHAPE = 0.35
#: Of the changes, so many are a base lost or gained.
INDELS = 0.04
#: Share of the records that are the amplicon alone; the others are of a length up to the region.
AMPLICONS = 0.6
#: Genera fall to families at random, to few of them most.
SPECIES_A_GENUS, FAMILIES = 6, 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--records", type=int, default=28_000)
    parser.add_argument("--species", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    roots = [sequence for _record, sequence in read_set(LOCUS) if len(sequence) >= MIN_ROOT]
    with open(options.file, "w", encoding="ascii") as handle:
        for number, (species, sequence) in enumerate(
            simulated(roots, options.records, options.species, options.seed), 1
        ):
            handle.write(f">SIM{number:06d}|{species}|{LOCUS}|SIMULATED\n{sequence}\n")


def simulated(roots: list[str], records: int, species: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield the species and the sequence of each record.

    Parameters
    ----------
    roots : list of str
        Sequences of at least the region's length.
    records, species : int
        Every species has a record; the others fall to species at random, to few of them most.
    """
    rng = random.Random(seed)
    rates = [rng.gammavariate(RATE_SHAPE, 1 / RATE_SHAPE) for _site in range(*REGION)]
    families = [
        evolved(rng, list(zip(rates, rng.choice(roots)[slice(*REGION)])), rng.uniform(*TO_FAMILY))
        for _family in range(FAMILIES)
    ]
    of_families = [rng.paretovariate(0.9) for _family in families]
    each = [1] * species
    weights = [rng.paretovariate(1.3) for _species in each]
    for number in rng.choices(range(species), weights, k=records - species):
        each[number] += 1
    genus: list[tuple[float, str]] = []
    for number, count in enumerate(each):
        if number % SPECIES_A_GENUS == 0:
            family = rng.choices(families, of_families)[0]
            genus = evolved(rng, family, rng.uniform(*TO_GENUS))
        own = evolved(rng, genus, rng.uniform(*TO_SPECIES))
        name = f"{_name(number // SPECIES_A_GENUS).capitalize()} {_name(number)}"
        for _record in range(count):
            sites = evolved(rng, own, rng.uniform(*TO_INDIVIDUAL))
            yield name, piece(rng, "".join(base for _rate, base in sites))


def evolved(
    rng: random.Random, sites: list[tuple[float, str]], distance: float
) -> list[tuple[float, str]]:
    """Return sites, each a rate and a base, after a distance in substitutions a site."""
    changes = round(distance * len(sites))
    sites = list(sites)
    for place in rng.choices(range(len(sites)), [rate for rate, _base in sites], k=changes):
        rate, base = sites[min(place, len(sites) - 1)]
        if rng.random() >= INDELS:
            sites[min(place, len(sites) - 1)] = rate, rng.choice([b for b in "ACGT" if b != base])
        elif rng.random() < 0.5:
            del sites[min(place, len(sites) - 1)]
        else:
            sites.insert(place, (rate, rng.choice("ACGT")))
    return sites


def piece(rng: random.Random, sequence: str) -> str:
    """Return what a study would have sequenced of the region: the amplicon, or more around it."""
    start, end = (place - REGION[0] for place in AMPLICON)
    if rng.random() >= AMPLICONS:
        start, end = rng.randrange(start + 1), rng.randint(end, len(sequence))
    return sequence[start:end]


def _name(number: int) -> str:
    """Return a made word of a number; words of near numbers are not alike."""
    number = number * 2_654_435_761 % 60**4
    syllables = [c + v for c in "bdfgklmnprst" for v in "aeiou"]
    letters = ""
    for _syllable in range(4):
        number, rest = divmod(number, len(syllables))
        letters += syllables[rest]
    return letters


if __name__ == "__main__":
    main()
