"""Findings of every kind in the ledger of the training case, from real and simulated samples.

Cattle and the map come with the project; profiles, measurements, the curve and the clock are
simulated. Each is recorded by the way that the command of its room takes.
"""

import csv
import functools
import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from husbandry_simulation import table
from individual_simulation import frequencies, profiles, seen

from forensics.custody import record_finding
from forensics.genetics.reading import read_genotypes
from forensics.individual.frequencies import frequencies_of
from forensics.io.files import folder

__all__ = ["FORMS", "files", "make_results", "record", "results"]

FORMS = ("populations", "places", "match", "kinship", "claim", "network", "captive", "radiocarbon",
         "series", "methylation")  # fmt: skip
_KIND = {"populations": "origin", "places": "origin", "radiocarbon": "age", "series": "age",
         "methylation": "age"}  # fmt: skip
_RATES = {"dropout": 0.02, "mistyping": 0.002}


def files(place: Path) -> Path:
    """Write what the commands would be given."""
    for name, source, left_out in (
        ("cattle.csv", "microbov.csv.gz", ("animal", "breed", "country")),
        ("map.csv", "simulated_range.csv.gz", ()),
    ):
        with gzip.open(folder("models") / "data" / source, "rt", encoding="utf-8") as stream:
            row = list(csv.DictReader(stream))[3]
        loci = [one for one in row if (one not in left_out if left_out else one[:3] == "SIM")]
        with (place / name).open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, ["animal", *loci], extrasaction="ignore")
            writer.writeheader()
            writer.writerow(row)
    held = frequencies(loci=16)
    animals = profiles(held, [None] * 60 + [(0, 1)], seed=3)

    def write(name, rows, names, **more):
        frame = seen(held, animals[rows], names, seed=4).to_frame()
        for column, values in more.items():
            frame.insert(1, column, values)
        frame.to_csv(place / name, index=False)

    write("range.csv", range(60), [f"r{n}" for n in range(60)])
    write("S1.csv", [60], ["S1"])
    write("database.csv", [*range(10), 60], [f"d{n}" for n in range(11)])
    write("dams.csv", [0], ["dam"])
    write("sires.csv", [1], ["sire"])
    rows = [*range(20), 60, 60]
    names = [f"x{n}" for n in rows[:-1]] + ["again"]
    write("samples.csv", rows, names)
    write("seizures.csv", rows, names, seizure=["Lomé", "Mombasa"] * 11)
    years = np.arange(1950.0, 2021.0)
    values = np.interp(years, [1950, 1955, 1965, 2020], [0.98, 0.98, 1.7, 1.01])
    (place / "curve.csv").write_text(
        "year,f14c,sd\n" + "".join(f"{year},{value},0.003\n" for year, value in zip(years, values)),
        encoding="utf-8",
    )
    (place / "tusk.csv").write_text(
        "distance,f14c,sd\n0,1.20,0.003\n10,1.25,0.003\n20,1.30,0.003\n", encoding="utf-8"
    )
    (place / "clock.csv").write_text("var,beta\nIntercept,1\ncg1,2\n", encoding="utf-8")
    (place / "betas.csv").write_text("sample,cg1\nS1,0.5\n", encoding="utf-8")
    table(120).to_csv(place / "known.csv", index=False)
    (place / "asked.csv").write_text("sample;d13C;d15N\nS1;-24,5;5,0\n", encoding="utf-8")
    return place


def results(place: Path) -> dict[str, tuple[object, list[Path]]]:
    """Return the result of each of `FORMS`, and the files of `place` to attach.

    They are made once in a process: `files` writes the same everywhere.
    """
    return {name: (result, [place / file for file in used]) for name, result, *used in _made()}


@functools.cache
def _made() -> tuple:
    with TemporaryDirectory() as folder:
        return make_results(files(Path(folder)))


def make_results(place: Path) -> tuple:
    """Return name, result and names of the files of each of `FORMS`, made now."""
    return tuple(made for makers in (_origin, _individual, _age) for made in makers(place))


def _origin(place):
    from forensics.origin.predict import assign_with

    for name, model, file in (
        ("populations", "microbov-breeds", "cattle.csv"),
        ("places", "simulated-range", "map.csv"),
    ):
        yield name, assign_with(model, read_genotypes(place / file))[0], file


def _individual(place):
    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements
    from forensics.individual.frequencies import Theta
    from forensics.individual.network import seizure_network
    from forensics.individual.options import (
        KinshipOptions,
        NetworkOptions,
        ParentageOptions,
        RateOptions,
    )
    from forensics.individual.results import claims_of, individuals_of, kinship_of

    read = {
        name: read_genotypes(place / f"{name}.csv")
        for name in ("range", "S1", "database", "dams", "sires", "samples")
    }
    given, theta = read["range"], Theta(0.03, "")
    (found,) = individuals_of(
        read["S1"], read["database"], given, RateOptions(**_RATES), theta=theta
    )
    yield "match", found, "S1.csv", "database.csv", "range.csv"
    yield (
        "kinship",
        kinship_of(
            read["samples"], given, KinshipOptions(**_RATES), theta=theta,
            relationships=("same", "parent"), sample="S1", simulated=1000,
        ),
        "samples.csv", "range.csv",
    )  # fmt: skip
    (claim,) = claims_of(
        read["S1"], read["dams"], read["sires"], given, ParentageOptions(**_RATES), theta=theta,
        sample="S1",
    )  # fmt: skip
    yield "claim", claim, "S1.csv", "dams.csv", "sires.csv", "range.csv"
    seizures = read_genotypes(place / "seizures.csv", population="seizure")
    yield (
        "network",
        seizure_network(
            seizures, seizures.populations, frequencies_of(given, also=[seizures]),
            NetworkOptions(theta=0.03, kinds=("match", "parent"), **_RATES), reference=given, sample="S1",
        ),
        "seizures.csv", "range.csv",
    )  # fmt: skip
    known = read_measurements(place / "known.csv", classes="origin", groups="farm")
    asked = read_measurements(place / "asked.csv", columns=known.columns)
    yield "captive", examine(asked, known)[0], "asked.csv", "known.csv"


def _age(place):
    from forensics.age.methylation import age_of, read_clock
    from forensics.age.radiocarbon import calibrate, calibrate_series, read_curve
    from forensics.age.results import day_of, methylation_result, radiocarbon_result, series_result
    from forensics.age.tables import methylation_of, read_table, series_of

    curve, seized = read_curve(place / "curve.csv"), "2016-03-01"
    until = day_of(seized) + 1 / 365
    dates = ["1990-01-18"]
    found = calibrate(1.25, 0.003, curve, until=until)
    yield (
        "radiocarbon",
        radiocarbon_result(found, dates, sample="S1", parameters={"seized": seized}),
        "curve.csv",
    )
    read = read_table(place / "tusk.csv")
    one = series_of(read)
    found = calibrate_series(
        one.values, one.errors, one.distances, curve, slowest=1.0, fastest=20.0, until=until
    )
    yield (
        "series",
        series_result(
            found, curve, dates, sample="S1",
            parameters={"seized": seized, "slowest": 1.0, "fastest": 20.0, "until": until,
                        "since": None, "position": "unknown"},
            source={"file": read.source, "sha256": read.sha256},
        ),
        "curve.csv", "tusk.csv",
    )  # fmt: skip
    clock = read_clock(place / "clock.csv", transform="none")
    read = read_table(place / "betas.csv")
    ((name, values),) = methylation_of(read, list(clock.coefficients)).items()
    yield (
        "methylation",
        methylation_result(
            age_of(clock, values), clock, sample=name,
            parameters={"life_history": None, "typical": None, "level": None},
            source={"file": read.source, "sha256": read.sha256},
        ),
        "betas.csv", "clock.csv",
    )  # fmt: skip


def record(ledger, place: Path, *, runs=("SEQ-7",)) -> dict[str, int]:
    """Record a finding of each of `FORMS` on S1; return their events."""
    return {
        name: record_finding(
            ledger, "S1", result, kind=_KIND.get(name, "individual"), runs=runs, inputs=attached
        ).seq
        for name, (result, attached) in results(place).items()
    }
