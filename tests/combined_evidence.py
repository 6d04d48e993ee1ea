"""Samples of the packaged simulated range with haplotypes and isotopes, and references of both. SIMULATED."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pandas

from forensics.origin.isoscape import make_isoscape
from forensics.origin.training import train_isotopes
from forensics.resources import folder

SAMPLES = ("SIM-KED-04", "SIM-DZA-03", "SIM-LOP-05")


def files(place: Path) -> Path:
    """Write them into a folder: samples.csv, mtdna.csv, seized_mtdna.csv, values.csv, the model d2h."""
    with gzip.open(
        folder("models") / "data" / "simulated_range.csv.gz", "rt", encoding="utf-8"
    ) as stream:
        rows = list(csv.DictReader(stream))
    random = np.random.default_rng(4)

    def haplotype_of(row):
        west = float(row["longitude"]) < 4
        return f"{'W' if west else 'C'}{random.integers(1, 4)}"

    with (place / "mtdna.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("animal", "haplotype", "locality", "latitude", "longitude"))
        for row in rows:
            writer.writerow((row["animal"], haplotype_of(row), row["population"], row["latitude"],
                             row["longitude"]))  # fmt: skip
    latitudes, longitudes = np.arange(25.0, -16.0, -1.0), np.arange(-26.0, 44.0, 1.0)
    plane = -20 + 2.0 * latitudes[:, None] + 0.0 * longitudes[None, :]
    isoscape = make_isoscape(latitudes, longitudes, plane, 2.0, name="d2H", source="simulated")
    known = pandas.DataFrame(
        {
            "site": [row["population"] for row in rows[::3]],
            "latitude": [float(row["latitude"]) for row in rows[::3]],
            "longitude": [float(row["longitude"]) for row in rows[::3]],
            "d2H": [2 * float(row["latitude"]) - 20 + random.normal(0, 3) for row in rows[::3]],
        }
    )
    train_isotopes(known, [isoscape], place / "d2h", name="d2h", version="1", site="site",
                   evaluated=False)  # fmt: skip
    chosen = [row for row in rows if row["animal"] in SAMPLES]
    loci = [name for name in rows[0] if name.startswith("SIM")]
    with (place / "samples.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["animal", *loci], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(chosen)
    (place / "seized_mtdna.csv").write_text(
        "sample,haplotype\nSIM-KED-04,W1\nSIM-DZA-03,C2\nSIM-LOP-05,new\n", encoding="utf-8"
    )
    (place / "values.csv").write_text(
        "sample,d2H\nSIM-KED-04,5.2\nSIM-DZA-03,-14.0\n", encoding="utf-8"
    )
    return place
