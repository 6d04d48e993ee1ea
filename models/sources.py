"""The tables that the packaged models are trained on, made from a registry package or simulated.

::

    apt-get download r-cran-adegenet=2.1.11-1 && dpkg -x r-cran-adegenet_2.1.11-1_amd64.deb DIR
    python models/sources.py --package DIR

writes ``models/data/*.csv.gz``. Reading R's data files needs ``rdata`` (pip install rdata), which
nothing else of the project needs.
"""

import argparse
import csv
import gzip
import io
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # run as a script from a checkout
    sys.path.insert(0, str(ROOT))

from models.simulation import simulated_range  # noqa: E402

__all__ = ["DATA", "main", "write_table"]

DATA = ROOT / "models" / "data"

#: Where the unpacked package has what is read.
_ADEGENET = "usr/lib/R/site-library/adegenet"


def _animals(content: bytes, name: str):
    """Yield animal, population, fields and genotypes of a genind object of R."""
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdata says that it does not know the class genind
        held = rdata.conversion.convert(rdata.parser.parse_data(content))[name]
    labels = {
        str(locus): [str(one) for one in alleles]
        for locus, alleles in getattr(held, "all.names").items()
    }
    names = [str(animal) for animal in held.tab.coords["dim_0"].values]
    populations = [str(one) for one in held.pop]
    table, first = held.tab.values, 0
    genotypes: list[list[str]] = [[] for _animal in names]
    for alleles in labels.values():
        copies = table[:, first : first + len(alleles)]
        first += len(alleles)
        for row, counted in enumerate(copies):
            pair = [
                allele
                for allele, count in zip(alleles, counted)
                if count > 0
                for _copy in range(int(count))
            ]
            genotypes[row].append("/".join(pair) if len(pair) == 2 else "")
    return names, populations, list(labels), genotypes


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV, gzipped, the same bytes every time."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--package", type=Path, required=True, help="folder of the unpacked package"
    )
    package = parser.parse_args(arguments).package / _ADEGENET
    DATA.mkdir(exist_ok=True)

    places = {
        row["key"]: row
        for row in csv.DictReader(
            io.StringIO((package / "files/swallowtails_loc.csv").read_text("latin-1"))
        )
    }
    names, populations, loci, genotypes = _animals(
        (package / "data/swallowtails.rda").read_bytes(), "swallowtails"
    )
    write_table(
        DATA / "swallowtails.csv.gz",
        ("animal", "population", "species", "locality", "latitude", "longitude", *loci),
        (
            (
                name,
                population,
                *(places[name][key] for key in ("spp", "locality", "lat", "lon")),
                *row,
            )
            for name, population, row in zip(names, populations, genotypes)
        ),
    )
    names, populations, loci, genotypes = _animals(
        (package / "data/microbov.rda").read_bytes(), "microbov"
    )
    # The prefix of the name says the continent (AF, FR) and the species (BI, BT), as the object's
    # own field `other` does.
    write_table(
        DATA / "microbov.csv.gz",
        ("animal", "breed", "country", *loci),
        (
            (name, population, {"AF": "Africa", "FR": "France"}[name[:2]], *row)
            for name, population, row in zip(names, populations, genotypes)
        ),
    )
    write_table(DATA / "simulated_range.csv.gz", *simulated_range())
    return 0


if __name__ == "__main__":
    sys.exit(main())
