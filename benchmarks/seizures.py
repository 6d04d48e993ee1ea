"""Seizures of animals whose sites were left out, placed together: SIMULATED animals.

    python benchmarks/seizures.py
    python benchmarks/seizures.py --animals 8

The sites of models/data/simulated_range.csv.gz are left out in groups; field, density and calibration rest on
the others. Two kinds of seizures are made of the animals that were left out.

of one site      How far the place is, of animals alone and together; whether the 90 % region of the largest
                 place holds the site; how often one place is likeliest.
each of another  As many animals as the group has sites. How many places are likeliest, and how often "few
                 places" is stated (at most half of the animals), which is false.

Intervals are of seizures.
"""

import argparse
import gzip
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from forensics.core.provenance import make_provenance
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.origin.geography import great_circle
from forensics.origin.seizure import MIN_SURE, SeizureOrigin, locate_together
from forensics.origin.spatial import fit_spatial, locate
from forensics.origin.tuning import groups_of
from forensics.stats import clustered_rate

FOLDS, CELLS, SWEEPS, SEED = 5, 40, 60, 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--animals", type=int, default=8, help="of a seizure of one site")
    options = parser.parse_args()
    with gzip.open(folder("models") / "data" / "simulated_range.csv.gz", "rt") as stream:
        genotypes = read_genotypes(stream)
    measure(genotypes, options.animals)


def measure(genotypes: Genotypes, animals: int) -> None:
    """Print the figures."""
    site_of = np.array(genotypes.populations, dtype=object)
    sites = sorted(set(site_of))
    alone: list[float] = []
    together: list[float] = []
    holds: list[bool] = []
    one_place: list[bool] = []
    mixed: list[SeizureOrigin] = []
    truth: list[int] = []
    made = make_provenance(library={}, parameters={"seed": SEED}, input={})
    for group in groups_of(len(sites), FOLDS, SEED):
        left_out = [sites[number] for number in group]
        reference = genotypes.take(~np.isin(site_of, left_out))
        model = fit_spatial(reference, seed=SEED, cells=CELLS)
        for site in left_out:
            seizure = genotypes.take(np.flatnonzero(site_of == site)[:animals])
            place = float(seizure.latitudes[0]), float(seizure.longitudes[0])
            joint = locate_together(model, seizure, made, seed=SEED, sweeps=SWEEPS)
            largest = joint.places[0]
            holds.append(largest.surface.holds(0.9, *place))
            one_place.append(int(np.argmax(joint.number_of_places)) == 1)
            together.append(float(great_circle(*place, *largest.surface.median())))
            alone += [
                float(great_circle(*place, *location.surface.median()))
                for location in locate(model, seizure)
            ]
        for number in range(animals // 2):
            rows = [np.flatnonzero(site_of == site)[animals + number] for site in left_out]
            mixed.append(
                locate_together(model, genotypes.take(rows), made, seed=SEED, sweeps=SWEEPS)
            )
            truth.append(len(left_out))
    found = [int(np.argmax(joint.number_of_places)) for joint in mixed]
    stated = [joint.few >= MIN_SURE > joint.few_before for joint in mixed]
    print(
        f"{len(holds)} seizures of {animals} animals of one site: alone {np.median(alone):.0f} km, together "
        f"{np.median(together):.0f} km (80 %: {np.quantile(alone, 0.8):.0f}, {np.quantile(together, 0.8):.0f}); "
        f"90 % region holds {text(holds)}; one place likeliest {text(one_place)}"
    )
    print(
        f"  {len(mixed)} seizures of {np.mean(truth):.1f} animals, each of another site: likeliest {np.mean(found):.1f} "
        f"places; few places stated {text(stated)}; one place likeliest {text([n == 1 for n in found])}; mean "
        f"probability of few {np.mean([joint.few for joint in mixed]):.2f}, beforehand "
        f"{np.mean([joint.few_before for joint in mixed]):.2f}",
        flush=True,
    )


def text(flags: list[bool]) -> str:
    """Return a share with its interval over seizures."""
    made = clustered_rate([[flag] for flag in flags])
    return f"{100 * made.share:.0f} % ({100 * made.low:.0f}-{100 * made.high:.0f})"


if __name__ == "__main__":
    main()
