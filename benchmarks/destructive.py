"""A destructive test set: wrong input of every kind, scored by false statements. SIMULATED data.

    python benchmarks/destructive.py                      # all, as a table; some ten minutes
    python benchmarks/destructive.py --only series network --runs 20
    python benchmarks/destructive.py --json after.json

For "before", run this file against an older checkout: it asks the library for results alone, and
looks for a statement in them.

    git worktree add ../before COMMIT
    PYTHONPATH=../before python benchmarks/destructive.py --json before.json

A **false statement** is one that the truth contradicts: a range of years that does not hold the year
within five years, a pair of seizures "joined by more than chance explains" where nothing joins any, a
class that is supported and is not the animal's. A **right input refused** is one whose data are as the
method assumes, and of which the check of fit says otherwise. Intervals are of 95 % (Wilson); runs are
independent, and a run is one object, one network or one reference with its samples.

Other parts of the project add their own kinds: a function that is decorated with `kind` and yields
whether a false statement was made, or a right input refused.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))  # simulations; PYTHONPATH says which checkout is tried
if not os.environ.get("PYTHONPATH"):
    sys.path.insert(0, str(ROOT))

from husbandry_simulation import MEANS, animals, table  # noqa: E402

from forensics.stats import wilson  # noqa: E402

__all__ = ["KINDS", "Outcome", "kind", "main", "score"]

RUNS = 100
_NEAR = 5.0  # years


@dataclass(frozen=True)
class Outcome:
    """What came of one run.

    Attributes
    ----------
    stated : bool
        Whether anything was stated.
    false : bool
        Whether a statement was false.
    refused : bool
        Whether the check of fit, or an error, refused the input.
    """

    stated: bool
    false: bool
    refused: bool


@dataclass(frozen=True)
class Kind:
    """A kind of input: the command, what is wrong with it, and how a run is made from a seed."""

    command: str
    what: str
    right: bool
    run: Callable[[int], Outcome]


KINDS: dict[str, list[Kind]] = {}


def kind(part: str, command: str, what: str, *, right: bool = False) -> Callable:
    """Register a run of a kind of input under a part that ``--only`` names."""

    def register(run: Callable[[int], Outcome]) -> Callable[[int], Outcome]:
        KINDS.setdefault(part, []).append(Kind(command, what, right, run))
        return run

    return register


# -- age radiocarbon --series -----------------------------------------------------------
# Curves have the shape of post-bomb ones and are made here, so that nothing need be downloaded.


def curve(height: float = 0.825, late: float = 0.0):
    """Return a made curve: NH-like, or of another zone with a lower and later peak."""
    from forensics.age.radiocarbon import Curve

    years = np.concatenate([np.arange(1600.0, 1955.0, 5.0), np.arange(1955.0, 2019.6, 0.5)])
    peak = 1964.5 + late
    rise = 0.975 + height * np.clip((years - 1955) / (peak - 1955), 0, 1) ** 2
    fall = 0.975 + height * np.exp(-(years - peak) / 17.0)
    values = np.where(years <= peak, rise, fall)
    source = ({"file": "made", "sha256": "0" * 64},)
    return Curve("made", years, values, np.full(len(years), 0.002), source)


def tusk(seed: int, *, of=None, samples: int = 5) -> tuple:
    """Return the year of the last tissue, values and distances of a simulated tusk."""
    random = np.random.default_rng(seed)
    year, rate = random.uniform(1966, 2015), np.exp(random.uniform(np.log(10), np.log(80)))
    places = np.linspace(0.0, 400.0, samples)
    at = year - places / rate * (1 + 0.05 * random.standard_normal(samples))
    mean, error = (of or curve()).at(at)
    return year, mean + np.hypot(error, 0.003) * random.standard_normal(samples), places, random


def dated(year: float, values, places) -> Outcome:
    """Date a tusk as the command does, and look for a false range."""
    from forensics.age.radiocarbon import calibrate_series
    from forensics.age.results import series_result
    from forensics.errors import InputError

    try:
        found = calibrate_series(
            values, [0.003] * len(values), places, curve(), slowest=10, fastest=80, until=2016.0
        )
    except InputError:
        return Outcome(False, False, True)
    stored = series_result(found, curve()).to_dict()
    (ranges,) = [one["ranges"] for one in stored["last_formed"] if one["level"] == 0.95]
    if not ranges:
        return Outcome(False, False, True)
    near = any(one["from"] - _NEAR <= year <= one["to"] + _NEAR for one in ranges)
    return Outcome(True, not near, False)


for _count in (3, 5):

    @kind("series", "age radiocarbon --series", f"right, {_count} samples", right=True)
    def _right(seed: int, samples: int = _count) -> Outcome:
        year, values, places, _random = tusk(seed, samples=samples)
        return dated(year, values, places)

    @kind("series", "age radiocarbon --series", f"wrong end, {_count} samples")
    def _turned(seed: int, samples: int = _count) -> Outcome:
        year, values, places, _random = tusk(seed, samples=samples)
        return dated(year, values, places.max() - places)


@kind("series", "age radiocarbon --series", "distances in no order, 5 samples")
def _shuffled(seed: int) -> Outcome:
    year, values, places, random = tusk(seed)
    return dated(year, values, random.permutation(places))


@kind("series", "age radiocarbon --series", "curve of another zone, 5 samples")
def _zone(seed: int) -> Outcome:
    year, values, places, _random = tusk(seed, of=curve(0.60, 2.0))
    return dated(year, values, places)


@kind("series", "age radiocarbon --series", "diet from the sea (F14C 5 % lower), 5 samples")
def _sea(seed: int) -> Outcome:
    year, values, places, _random = tusk(seed)
    return dated(year, values * 0.95, places)


@kind("series", "age radiocarbon --series", "two samples of another object, 5 samples")
def _foreign(seed: int) -> Outcome:
    year, values, places, random = tusk(seed)
    other = tusk(seed + 100_000)[1]
    chosen = random.choice(5, 2, replace=False)
    values[chosen] = other[chosen]
    return dated(year, values, places)


# -- individual network -----------------------------------------------------------------

LOCI, ALLELES = 16, 8


def shares(seed: int) -> list[np.ndarray]:
    """Return frequencies of an ancestral population."""
    random = np.random.default_rng([seed, 1])
    return [random.dirichlet(np.full(ALLELES, 2.0)) * 0.96 + 0.04 / ALLELES for _ in range(LOCI)]


def drifted(base, fst: float, seed: int) -> list[np.ndarray]:
    """Return frequencies of a population that drifted from another (Balding & Nichols 1994)."""
    random = np.random.default_rng([seed, 2])
    drawn = [np.maximum(random.dirichlet(p * (1 - fst) / fst), 1e-9) for p in base]
    return [one / one.sum() for one in drawn]


def founders(values, count: int, random) -> np.ndarray:
    """Return unrelated animals, shape (count, L, 2)."""
    return np.stack([random.choice(ALLELES, (count, 2), p=p) for p in values], axis=1)


def genotypes(codes: np.ndarray, prefix: str, random, dropout: float = 0.02):
    """Return what a laboratory types of them."""
    from forensics.genetics.genotypes import Genotypes

    codes = codes.astype(np.int16)
    side = random.integers(2, size=(*codes.shape[:2], 1))
    lost = random.random(codes.shape[:2]) < dropout
    codes = np.where(lost[..., None], np.take_along_axis(codes, side, 2), codes).astype(np.int16)
    codes.sort(axis=2)
    codes[random.random(codes.shape[:2]) < 0.03] = -1
    return Genotypes(
        tuple(f"{prefix}{number:04d}" for number in range(len(codes))),
        tuple(f"L{number}" for number in range(LOCI)),
        (tuple(str(100 + 2 * allele) for allele in range(ALLELES)),) * LOCI,
        codes,
    )


def joined(samples, reference, seed: int, *, seizures: int = 20) -> Outcome:
    """Build a network of unrelated animals; any pair of seizures beyond chance is false."""
    from forensics.individual.frequencies import frequencies_of
    from forensics.individual.network import seizure_network
    from forensics.individual.options import NetworkOptions

    random = np.random.default_rng([seed, 3])
    held = frequencies_of(reference, also=[samples])
    where = [f"S{number:02d}" for number in random.integers(seizures, size=len(samples))]
    found = seizure_network(
        samples, where, held, NetworkOptions(theta=0.03, dropout=0.02, mistyping=0.002),
        reference=reference,
    )  # fmt: skip
    stored = found.to_dict()
    refused = not stored.get("fit", {"passed": True})["passed"]
    return Outcome(not refused, any(one["beyond_chance"] for one in stored["links"]), refused)


def _network(
    seed: int, parts: tuple[int, int], reference: tuple[int, int], *, fst: float = 0.15,
    dropout: float = 0.02,
) -> Outcome:  # fmt: skip
    """Build a network of animals of two populations, with a reference of so many of each."""
    random = np.random.default_rng([seed, 4])
    base = shares(seed)
    two = [drifted(base, fst, seed), drifted(base, fst, seed + 50_000)]
    codes, known = (
        np.concatenate([founders(p, count, random) for p, count in zip(two, of) if count])
        for of in (parts, reference)
    )
    samples = genotypes(codes, "a", random, dropout)
    return joined(samples, genotypes(known, "r", random), seed)


@kind("network", "individual network", "right, 400 animals", right=True)
def _right_network(seed: int) -> Outcome:
    return _network(seed, (400, 0), (120, 0))


@kind("network", "individual network", "right, 60 animals, reference of 40", right=True)
def _right_small(seed: int) -> Outcome:
    return _network(seed, (60, 0), (40, 0))


@kind("network", "individual network", "two populations (FST 0.15), reference of one")
def _two(seed: int) -> Outcome:
    return _network(seed, (200, 200), (120, 0))


@kind("network", "individual network", "reference of another population (FST 0.15)")
def _another(seed: int) -> Outcome:
    return _network(seed, (0, 400), (120, 0))


@kind("network", "individual network", "two populations, reference of both pooled")
def _pooled(seed: int) -> Outcome:
    return _network(seed, (200, 200), (60, 60))


@kind("network", "individual network", "dropout 0.15 where 0.02 is stated")
def _dropout(seed: int) -> Outcome:
    return _network(seed, (400, 0), (120, 0), dropout=0.15)


# -- individual captive -----------------------------------------------------------------

FARMS = 60
_TOWARDS = np.array(MEANS["captive"]) - MEANS["wild"]


def measured(values):
    """Return questioned samples as the command reads them."""
    import pandas as pd

    from forensics.individual.captive.measurements import read_measurements

    names = [f"q{place}" for place in range(len(values))]
    frame = pd.DataFrame({"sample": names, "d13C": values[:, 0], "d15N": values[:, 1]})
    return read_measurements(frame)


def known(seed: int, *, wrong: float = 0.0, gap: float = 3.0):
    """Return a reference, a share of whose labels is wrong; captive animals lie `gap` farther off."""
    from forensics.individual.captive.measurements import read_measurements

    frame = table(FARMS, 2, seed=seed)
    frame.loc[frame["origin"] == "captive", ["d13C", "d15N"]] += gap
    swap = np.random.default_rng([seed, 5]).random(len(frame)) < wrong
    other = frame["origin"].map({"wild": "captive", "captive": "wild"})
    frame["origin"] = frame["origin"].where(~swap, other)
    return read_measurements(frame, classes="origin", groups="farm")


def examined(values, reference, truth: str | None, *options) -> Outcome:
    """Examine animals one by one; a false statement is a class that is not theirs."""
    from forensics.individual.captive.examining import examine

    found = examine(measured(values), reference, *options)
    supported = [one.supported for one in found if one.supported]
    false = [one for one in supported if one != truth]
    refused = all(one.status == "neither" for one in found)
    return Outcome(bool(supported), bool(false), refused)


def together(values, reference, truth: str | None) -> Outcome:
    """Examine the animals of a consignment; without joint statements (older code), one by one."""
    try:
        from forensics.individual.captive.examining import examine_consignments

        rows, (joint,) = examine_consignments(measured(values), ["K"] * len(values), reference)
    except (ImportError, TypeError):  # an older version
        return examined(values, reference, truth)
    stated = [one for one in (joint.supported, *(row.supported for row in rows)) if one]
    return Outcome(bool(stated), any(one != truth for one in stated), not joint.fit.passed)


for _kind in ("wild", "captive"):

    @kind("captive", "individual captive", f"right, one {_kind} animal", right=True)
    def _right_animal(seed: int, of: str = _kind) -> Outcome:
        values = animals(of, 1, seed=seed + 1000)[0] + (3.0 if of == "captive" else 0.0)
        return examined(values, known(seed % 20), of)

    @kind("captive", "individual captive", f"right, 40 {_kind} animals of one farm", right=True)
    def _right_consignment(seed: int, of: str = _kind) -> Outcome:
        values = animals(of, 1, 40, seed=seed + 2000)[0] + (3.0 if of == "captive" else 0.0)
        return together(values, known(seed % 20), of)


@kind("captive", "individual captive", "third diet, one animal")
def _third(seed: int) -> Outcome:
    return examined(animals("other", 1, seed=seed)[0], known(seed % 20), None)


@kind("captive", "individual captive", "40 wild animals of a place half way to captive")
def _half_way(seed: int) -> Outcome:
    values = animals("wild", 40, seed=seed + 3000)[0] + 0.5 * (_TOWARDS + 3.0)
    return together(values, known(seed % 20), "wild")


@kind("captive", "individual captive", "40 wild animals of a place three quarters of the way")
def _three_quarters(seed: int) -> Outcome:
    values = animals("wild", 40, seed=seed + 3000)[0] + 0.75 * (_TOWARDS + 3.0)
    return together(values, known(seed % 20), "wild")


@kind("captive", "individual captive", "5 % of labels wrong, one wild animal")
def _labels(seed: int) -> Outcome:
    values = animals("wild", 1, seed=seed + 1000)[0]
    return examined(values, known(seed % 20, wrong=0.05), "wild")


@kind("captive", "individual captive", "5 % of labels wrong, --without-suspects, one wild animal")
def _without(seed: int) -> Outcome:
    from forensics.individual.options import CaptiveOptions

    values, reference = animals("wild", 1, seed=seed + 1000)[0], known(seed % 20, wrong=0.05)
    return examined(values, reference, "wild", CaptiveOptions(without_suspects=True))


# -- identify, a genus: benchmarks/destructive_genus.py registers its kinds under the part "genus"
# with `kind`, and runs them: python benchmarks/destructive_genus.py --only genus


def score(part: str, runs: int, right_runs: int | None = None) -> Iterator[dict]:
    """Yield a row a kind of a part: how many runs stated something, falsely, or were refused."""
    for one in KINDS[part]:
        start = time.perf_counter()
        count = right_runs if one.right and right_runs else runs
        outcomes = [one.run(seed) for seed in range(count)]
        counts = {
            name: sum(getattr(outcome, name) for outcome in outcomes)
            for name in ("stated", "false", "refused")
        }
        yield {
            "part": part, "command": one.command, "input": one.what, "right": one.right,
            "runs": count, **counts, "seconds": round(time.perf_counter() - start, 1),
        }  # fmt: skip


def _shown(count: int, runs: int) -> str:
    low, high = wilson(count / runs, runs)
    return f"{count} ({100 * low:.1f}-{100 * high:.1f} %)"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--right-runs", type=int, help="of right inputs; by default as many")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    print("| command | input | runs | stated something | false statement | refused |")
    print("|---|---|---|---|---|---|")
    rows = []
    for part in given.only:
        for row in score(part, given.runs, given.right_runs):
            rows.append(row)
            shown = [_shown(row[name], row["runs"]) for name in ("stated", "false", "refused")]
            print(f"| {row['command']} | {row['input']} | {row['runs']} | {' | '.join(shown)} |",
                  flush=True)  # fmt: skip
            if given.json:
                given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
