"""Which limits of sums over seizures hold: simulated coverage.

    python benchmarks/sums.py                 # some six minutes
    python benchmarks/sums.py --rounds 200    # quick

SIMULATED seizures come as a Poisson process; their sizes are drawn from distributions with tails of several
weights, and, where the evaluation data are there (FORENSICS_EVALUATION_DATA, ``trade/manidae.csv``), from the real
quantities of CITES trade records, taken as the population. Limits are for the mean of the sum, which is known here.
"""

import argparse
import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the checkout, installed or not

from forensics.trade.counts import sum_lower_limit  # noqa: E402

__all__ = ["METHODS", "main", "populations", "sum_coverage"]

DATA = Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data"))
EXPECTED = (5, 20, 60, 300)
"""Seizures that are expected."""
DRAWS = 400
METHODS = ("bootstrap", "bootstrap-t", "lognormal", "lower limit")
"""The first three give intervals of nominal 95 %; the last, which is printed, a limit of nominal 97.5 %."""
Sampler = Callable[[np.random.Generator, int], np.ndarray]


def populations() -> dict[str, tuple[Sampler, float]]:
    """Return, by name, a function that draws sizes, and their mean."""
    found: dict[str, tuple[Sampler, float]] = {
        "all alike": (lambda draw, size: np.ones(size), 1.0),
        "exponential": (lambda draw, size: draw.exponential(1.0, size), 1.0),
        "lognormal, sd 1": (lambda draw, size: draw.lognormal(0.0, 1.0, size), np.exp(0.5)),
        "lognormal, sd 2": (lambda draw, size: draw.lognormal(0.0, 2.0, size), np.exp(2.0)),
        "Pareto 3": (lambda draw, size: draw.pareto(3.0, size) + 1.0, 1.5),
        "Pareto 1.5": (lambda draw, size: draw.pareto(1.5, size) + 1.0, 3.0),
        "Pareto 1.2": (lambda draw, size: draw.pareto(1.2, size) + 1.0, 6.0),
        "parcels, 5 % containers": (
            lambda draw, size: np.where(
                draw.random(size) < 0.05,
                draw.lognormal(7.0, 1.0, size),
                draw.lognormal(1.0, 1.0, size),
            ),
            0.05 * np.exp(7.5) + 0.95 * np.exp(1.5),
        ),
    }
    path = DATA / "trade" / "manidae.csv"
    if path.is_file():
        with open(path, encoding="utf-8", newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row["quantity"]]
        for name, source, unit in (
            ("real: source I, pieces", "I", ""),
            ("real: kilograms", "", "kg"),
        ):
            sizes = np.array(
                [float(row["quantity"]) for row in rows
                 if row["unit"] == unit and (not source or row["source"] == source)]
            )  # fmt: skip
            sizes = sizes[sizes > 0]
            found[name] = (lambda draw, size, of=sizes: draw.choice(of, size), float(sizes.mean()))
    return found


def _bootstrap(draw: np.random.Generator, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sums of draws, and their standard errors, by a Poisson bootstrap."""
    taken = draw.poisson(1.0, (DRAWS, len(sizes))).astype(np.float64)
    return taken @ sizes, np.sqrt(taken @ sizes**2)


def _lognormal(draw: np.random.Generator, sizes: np.ndarray) -> tuple[float, float]:
    """Return the interval of a compound Poisson sum by the generalised pivot of a lognormal mean.

    Krishnamoorthy K, Mathew T (2003), doi:10.1016/S0378-3758(02)00153-2, with a gamma for the number.
    """
    logs, count = np.log(sizes), len(sizes)
    variance = (count - 1) * logs.var(ddof=1) / draw.chisquare(count - 1, 2000)
    mean = logs.mean() - draw.standard_normal(2000) * np.sqrt(variance / count)
    number = draw.gamma(count + 0.5, 1.0, 2000)
    low, high = np.quantile(np.log(number) + mean + variance / 2, [0.025, 0.975])
    return float(np.exp(min(low, 700.0))), float(np.exp(min(high, 700.0)))


def sum_coverage(
    sampler: Sampler, mean: float, expected: int, rounds: int, seed: int
) -> dict[str, float]:
    """Return how often the limits of each method hold."""
    draw = np.random.default_rng(seed)
    truth, held, done = expected * mean, dict.fromkeys(METHODS, 0), 0
    while done < rounds:
        sizes = sampler(draw, draw.poisson(expected))
        if len(sizes) < 3:
            continue
        done += 1
        total, error = sizes.sum(), np.sqrt((sizes**2).sum())
        sums, errors = _bootstrap(draw, sizes)
        low, high = np.quantile(sums, [0.025, 0.975])
        held["bootstrap"] += low <= truth <= high
        with np.errstate(divide="ignore", invalid="ignore"):
            pivot = np.nan_to_num(
                (sums - total) / errors, nan=-np.inf, posinf=np.inf, neginf=-np.inf
            )
        below, above = np.quantile(pivot, [0.025, 0.975], method="nearest")
        held["bootstrap-t"] += total - above * error <= truth <= total - below * error
        low, high = _lognormal(draw, sizes)
        held["lognormal"] += low <= truth <= high
        cell = np.zeros(len(sizes), dtype=np.int64)
        limit = sum_lower_limit(np.arange(len(sizes)), cell, sizes, 1)[0]
        held["lower limit"] += limit <= truth
    return {name: count / rounds for name, count in held.items()}


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    print(f"SIMULATED, {given.rounds} rounds a cell, seed {given.seed}; per cent that held")
    print(f"| sizes | expected | {' | '.join(METHODS)} |\n|---|---|{'---|' * len(METHODS)}")
    for name, (sampler, mean) in populations().items():
        for expected in EXPECTED:
            found = sum_coverage(sampler, mean, expected, given.rounds, given.seed)
            cells = " | ".join(f"{100 * found[method]:.1f}" for method in METHODS)
            print(f"| {name} | {expected} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
