"""Add golden records of results: ``python tests/golden/record_results.py [CASE …]``.

A record is what a version once stored, and is read for ever: those that stand in ``tests/golden/results`` are never
written again. So this adds the cases that are missing, in English and in French, and leaves the others alone. The
models are packaged, or are trained on SIMULATED animals; a new case goes into `origins`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cross_simulation import simulate_classes
from spatial_simulation import simulated_animals

from forensics.core.result import Result
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.reading import read_genotypes
from forensics.messages import speak
from forensics.origin.classifiers import draw_probes
from forensics.origin.defaults import CROSS_PRIOR
from forensics.origin.models import Model
from forensics.origin.predict import assign_with, compare_crosses, place_together
from forensics.origin.reporting_regions import RegionSet
from forensics.origin.sites import sites_of
from forensics.origin.training import train_genotypes
from forensics.resources import folder

STORED = Path(__file__).resolve().parent / "results"
LANGUAGES = ("en", "fr")


def main() -> None:
    """Write the cases that have no record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all that are missing")
    wanted = parser.parse_args().cases
    path = STORED / "origin.jsonl"
    text = path.read_text(encoding="utf-8")
    known = {json.loads(line)["case"] for line in text.splitlines()}
    with TemporaryDirectory() as place:
        for case, result in origins(Path(place)):
            if case in known or (wanted and case not in wanted):
                continue
            for language in LANGUAGES:
                speak(language)
                record = {"language": language, "case": case, "result": result.to_dict()}
                text += json.dumps(record, ensure_ascii=False) + "\n"
            speak("en")
            print(f"{case}: {result.headline()}")
    path.write_text(text, encoding="utf-8", newline="\n")


def origins(place: Path) -> Iterator[tuple[str, Result]]:
    """Yield cases and their results."""
    cattle = read_genotypes(
        folder("models") / "data" / "microbov.csv.gz", population="breed", unit="country"
    )
    yield from crosses_of(cattle)
    yield from populations_with_power(cattle)
    yield from places_with_power()
    yield from places_by_regressors(place)


def rows_of(genotypes: Genotypes, population: str) -> np.ndarray:
    """Return the rows of the animals of a population."""
    return np.flatnonzero(np.array(genotypes.populations, dtype=object) == population)


def without_loci(genotypes: Genotypes, typed: int) -> Genotypes:
    """Return animals of which only the first loci were typed."""
    codes = genotypes.codes.copy()
    codes[:, typed:] = -1
    return replace(genotypes, codes=codes)


def strangers(genotypes: Genotypes) -> Genotypes:
    """Return two animals with alleles drawn without regard to how frequent they are."""
    probes = draw_probes(genotypes.alleles, seed=1)[:2]
    codes = probes.reshape(2, len(genotypes.loci), 2).astype(genotypes.codes.dtype)
    return replace(genotypes.take([0, 1]), animals=("strange 1", "strange 2"), codes=codes)


def crosses_of(cattle: Genotypes) -> Iterator[tuple[str, Result]]:
    """Yield classes of cross: SIMULATED crosses of real cattle."""
    parents = ("Borgou", "Salers")
    rows = [rows_of(cattle, parent) for parent in parents]
    samples = simulate_classes(cattle, *rows, 4, seed=1)
    for name in ("parent_1", "f1", "f2", "backcross_2"):
        for number, result in enumerate(
            compare_crosses(
                "microbov-breeds", samples[name].take([0, 1]), parents,
                cross_prior=0.01 if name == "parent_1" else CROSS_PRIOR,
            ),
            1,
        ):  # fmt: skip
            yield f"crosses_{name}_{number}", result
    few = without_loci(samples["f1"].take([0]), 8)
    yield "crosses_inconclusive", compare_crosses("microbov-breeds", few, parents)[0]
    yield "crosses_none", compare_crosses("microbov-breeds", strangers(cattle), parents)[0]
    untyped = without_loci(samples["f1"].take([0]), 0)
    yield "crosses_unusable", compare_crosses("microbov-breeds", untyped, parents)[0]
    units = compare_crosses(
        "microbov-breeds", samples["f1"].take([2]), ("Africa", "France"), cross_prior=0.2
    )
    yield "crosses_units", units[0]


def populations_with_power(cattle: Genotypes) -> Iterator[tuple[str, Result]]:
    """Yield assignments of which the power of the exclusion is known."""
    own = cattle.take([rows_of(cattle, name)[3] for name in ("Borgou", "Zebu", "Charolais")])
    for number, result in enumerate(assign_with("microbov-breeds", own), 1):
        yield f"populations_power_{number}", result
    strict = assign_with("microbov-breeds", own.take([0]), level=0.05)
    yield "populations_power_level", strict[0]
    yield "populations_power_excluded", assign_with("microbov-breeds", strangers(cattle))[0]
    few = without_loci(own.take([0]), 12)
    yield "populations_power_not_known", assign_with("microbov-breeds", few)[0]
    for case, *parents in (("", "Borgou", "Salers"), ("_unit", "Somba", "Lagunaire")):
        rows = [rows_of(cattle, name) for name in parents]
        crossed = simulate_classes(cattle, *rows, 20, seed=1)["f1"]
        for result in assign_with("microbov-breeds", crossed):
            if any(notice.code == "CROSS_LIKELIER" for notice in result.notices):
                yield f"populations_power_cross{case}", result
                break


def places_with_power() -> Iterator[tuple[str, Result]]:
    """Yield places on a map of which the power of the exclusion is known."""
    reference = read_genotypes(folder("models") / "data" / "simulated_range.csv.gz")
    own = reference.take([3, 300])
    for number, result in enumerate(assign_with("simulated-range", own), 1):
        yield f"places_power_{number}", result
    yield "places_power_excluded", assign_with("simulated-range", strangers(reference))[0]


def places_by_regressors(place: Path) -> Iterator[tuple[str, Result]]:
    """Yield places by regressors of scikit-learn, alone and of a seizure; all SIMULATED."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import Ridge

    everything = simulated_animals(seed=5, sites=22, animals=8)
    new = np.array([name in ("S07", "S13") for name in everything.populations or ()])
    reference, seized = everything.take(~new), everything.take(new)
    regions = halves_of(reference)
    for name, estimator, known in (
        ("ridge", Ridge(), None),
        ("forest", RandomForestRegressor(n_estimators=20), regions),
    ):
        model: Model = train_genotypes(
            reference, place / name, name=name, version="1", estimator=estimator, regions=known
        )
        for number, result in enumerate(assign_with(model, seized.take([0, 8])), 1):
            yield f"places_{name}_{number}", result
        yield f"places_{name}_few_loci", assign_with(model, without_loci(seized.take([0]), 6))[0]
        yield f"together_{name}", place_together(model, seized.take(range(8)))
    apart = reference.take(np.searchsorted(np.array(reference.populations), ["S00", "S11"]))
    yield "together_forest_apart", place_together(model, apart)


def halves_of(reference: Genotypes) -> RegionSet:
    """Return the sites west and east of the middle as reporting regions."""
    assert reference.longitudes is not None
    places = dict(zip(sites_of(reference), reference.longitudes))
    middle = float(np.median(list(places.values())))
    return RegionSet(
        "halves.csv", "site_table", ("West", "East"),
        members={site: int(east >= middle) for site, east in places.items()}, sha256="ab" * 32,
    )  # fmt: skip


if __name__ == "__main__":
    main()
