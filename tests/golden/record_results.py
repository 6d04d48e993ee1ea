"""Add golden records of results: ``python tests/golden/record_results.py [CASE …]``.

Records that stand in ``tests/golden/results`` are not written again: from 1.0 on what was stored is read for ever. So
this adds the cases that are missing, in English and in French, and leaves the others alone. The models are the packaged ones; a new case goes into `origins`.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cross_simulation import simulate_classes

from forensics.core.result import Result
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.reading import read_genotypes
from forensics.io.files import folder
from forensics.messages import speak
from forensics.origin.classifiers import draw_probes
from forensics.origin.predict import assign_with

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
    for case, result in origins():
        if case in known or (wanted and case not in wanted):
            continue
        for language in LANGUAGES:
            speak(language)
            record = {"language": language, "case": case, "result": result.to_dict()}
            text += json.dumps(record, ensure_ascii=False) + "\n"
        speak("en")
        print(f"{case}: {result.headline()}")
    path.write_text(text, encoding="utf-8", newline="\n")


def origins() -> Iterator[tuple[str, Result]]:
    """Yield cases and their results."""
    cattle = read_genotypes(
        folder("models") / "data" / "microbov.csv.gz", population="breed", unit="country"
    )
    yield from populations_with_power(cattle)
    yield from places_with_power()


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


def populations_with_power(cattle: Genotypes) -> Iterator[tuple[str, Result]]:
    """Yield assignments of which the power of the exclusion is known."""
    own = cattle.take([rows_of(cattle, name)[3] for name in ("Borgou", "Zebu", "Charolais")])
    for number, result in enumerate(assign_with("microbov-breeds", own), 1):
        yield f"populations_power_{number}", result
    strict = assign_with("microbov-breeds", own.take([0]), exclusion_level=0.05)
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


if __name__ == "__main__":
    main()
