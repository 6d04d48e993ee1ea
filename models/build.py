"""Train the packaged models anew from ``models/data``.

::

    python models/build.py [--only NAME]

The same tables and the same version give the same arrays; the time of training stands in each
``model.json``, so that the sha256 of a model changes (SOURCE_DATE_EPOCH keeps it).
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from forensics.genetics.reading import read_genotypes  # noqa: E402
from forensics.origin.models import Card  # noqa: E402
from forensics.origin.regions import read_regions  # noqa: E402
from forensics.origin.training import train_genotypes  # noqa: E402

__all__ = ["MODELS", "main", "write_manifest"]

FOLDER = ROOT / "models"
VERSION = "2026.11"
GPL = (
    "GPL-2.0-or-later, as the data: the numbers of this model were counted from tables of the R package "
    "adegenet (data/COPYING, data/SOURCES.md). The project's own code is BSD-3-Clause."
)
_NOT_CASEWORK = "A demonstration for training and tests, not for casework."

# Reporting regions that a model answers with, by its name.
REGIONS = {"simulated-range": "simulated_range_regions.csv"}

# Name -> table, kind, reading options, card.
MODELS = {
    "microbov-breeds": (
        "microbov.csv.gz",
        "populations",
        {"population": "breed", "unit": "country"},
        Card(
            use="Shows assignment of cattle to 15 breeds of France and West Africa by 30 "
            f"microsatellites. {_NOT_CASEWORK}",
            limits=(
                _NOT_CASEWORK,
                "When a breed is not in the reference, its animals are mostly given to a wrong one: "
                "of breeds that were removed 25 % of animals were excluded at 0.01, and 64 % got a "
                "posterior of 0.95 or more elsewhere (benchmarks/README.md). A posterior is no "
                "evidence that the true population is in the reference.",
                "Of simulated first-generation crosses of two breeds 18 % were assigned to one breed, "
                "with half of the animals as the reference; 19 % were noticed as crosses and 25 % "
                "excluded (benchmarks/crosses.py).",
            ),
            licence=GPL,
        ),
    ),
    "swallowtails-populations": (
        "swallowtails.csv.gz",
        "populations",
        {},
        Card(
            use="Shows assignment of swallowtail butterflies (Papilio machaon and P. zelicaon, which "
            "hybridise) to 40 populations of western Canada by 10 microsatellites: a reference that "
            f"tells little. {_NOT_CASEWORK}",
            limits=(
                _NOT_CASEWORK,
                "Ten loci cannot tell these populations apart: about one animal in four is given to "
                "its own.",
            ),
            licence=GPL,
        ),
    ),
    "simulated-range": (
        "simulated_range.csv.gz",
        "places",
        {},
        Card(
            use="SIMULATED animals of 28 sites in West and Central Africa, for lessons about maps, "
            "reporting regions, borders and countries without reference animals. It answers with three "
            "regions; other regions, or the countries, are given with --regions. No animal in it ever "
            "lived.",
            limits=("SIMULATED: nothing can be concluded about any real animal.",),
            licence="BSD-3-Clause (made by models/simulation.py)",
        ),
    ),
}


def write_manifest() -> None:
    """Write the sha256 of every file of the packaged models and their data."""
    files = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file() and path.parent != FOLDER and "__pycache__" not in path.parts
    }
    text = json.dumps(files, indent=1) + "\n"
    (FOLDER / "manifest.json").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(MODELS), help="train this model alone")
    options = parser.parse_args(arguments)
    for name, (table, kind, reading, card) in MODELS.items():
        if options.only not in (None, name):
            continue
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        genotypes = read_genotypes(FOLDER / "data" / table, **reading)
        regions = read_regions(FOLDER / "data" / REGIONS[name]) if name in REGIONS else None
        model = train_genotypes(
            genotypes, FOLDER / name, name=name, version=VERSION, kind=kind, card=card,
            regions=regions,
        )  # fmt: skip
        print(name, model.sha256, flush=True)
    write_manifest()
    return 0


if __name__ == "__main__":
    sys.exit(main())
