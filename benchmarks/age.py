"""Radiocarbon ages: published calibrations, coverage on simulated samples, measured series.

    python benchmarks/age.py

Curves and series are evaluation data (`FORENSICS_EVALUATION_DATA`); what is dated by them is
simulated, but for the measured series.
"""

import csv
import re
import sys
import time
from functools import cache

import numpy as np
from evaluation import ROOT, wilson

from forensics.age.radiocarbon import (
    UNEVEN,
    Curve,
    Range,
    calibrate,
    calibrate_series,
    cells,
    joined,
    likelihoods,
    read_curve,
)

__all__ = ["agreement", "coverage", "data_folder", "measured", "rice_ranges", "tusks", "zone"]

DATES, TUSKS = 1000, 200
SD = 0.003  # F14C; a usual error of a modern sample
# Rebuilt from the results of rice: what is below this share of the greatest density is left out, every
# 0.1 year is looked at. The share and the start of the grid are the best of six variants tried.
_RICE_LEAST, _RICE_EVERY, _RICE_LEVEL = 1e-3, 0.1, 0.95


def data_folder():
    """Return the folder of radiocarbon data, or leave with 3."""
    import os
    from pathlib import Path

    named = os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")
    path = Path(named).resolve() / "radiocarbon"
    if not path.is_dir():
        print(f"no evaluation data in {path}", file=sys.stderr)
        sys.exit(3)
    return path


@cache
def zone(folder, name: str, kind: str = "") -> Curve:
    """Return a post-bomb curve joined to that of its hemisphere; kind "", "_2009" or "_monthly"."""
    older = "3Col_intcal20.14C" if name.startswith("N") else "3Col_shcal20.14C"
    return joined(read_curve(folder / one) for one in (f"postbomb_{name}{kind}.14C", older))


def rice_ranges(f14c: float, sd: float, curve: Curve) -> list[Range]:
    """Return 95 % ranges by rice's rule, from our likelihoods at the centres of cells."""
    years, _widths = cells(*curve.span)
    density = likelihoods(years, None, f14c, sd, curve)
    keep = np.flatnonzero(density > _RICE_LEAST * density.max())
    first, last = years[keep[0]], years[keep[-1]]
    grid = first + _RICE_EVERY * np.arange(int((last - first) / _RICE_EVERY + 1e-9) + 1)
    share = np.interp(grid, years, density)
    share /= share.sum()
    order = np.argsort(-share, kind="stable")
    inside = np.zeros(len(grid) + 2, dtype=bool)
    inside[1 + order[np.cumsum(share[order]) <= _RICE_LEVEL]] = True
    starts = np.flatnonzero(inside[1:] & ~inside[:-1])
    ends = np.flatnonzero(inside[:-1] & ~inside[1:]) - 1
    return [Range(grid[a], grid[b], share[a : b + 1].sum()) for a, b in zip(starts, ends)]


def agreement(folder) -> dict[str, dict]:
    """Return how many of rice's calibrations come out alike: of ours, and by rice's rule."""
    with (folder / "expected_rice_bomb_calibrations.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    counts = {
        key: {"modes": 0, "ranges": 0, "probabilities": 0, "worst": 0.0} for key in ("ours", "rice")
    }
    stated = 0
    for row in rows:
        f14c, sd, curve = float(row["F14C"]), float(row["sd"]), zone(folder, row["curve"])
        found = calibrate(f14c, sd, curve, until=curve.span[1])
        if not found.fit.passed:
            continue
        stated += 1
        printed = [
            (int(a), int(b), float(p))
            for a, b, p in re.findall(r"(\d+)-(\d+) \(([\d.]+)%\)", row["hpd95"])
        ]
        for key, ranges in (
            ("ours", found.ranges(0.95)), ("rice", rice_ranges(f14c, sd, curve)),
        ):  # fmt: skip
            held = counts[key]
            held["modes"] += abs(found.mode - float(row["mode"])) <= 0.05 + 1e-6
            if [one[:2] for one in printed] != [(round(o.start), round(o.end)) for o in ranges]:
                continue
            held["ranges"] += 1
            off = []
            for (_a, _b, percent), one in zip(printed, ranges):
                # Of a range of one cell rice prints the fraction with a per cent sign.
                cell = key == "rice" and one.start == one.end
                off.append(abs(percent - (1 if cell else 100) * one.probability))
            held["probabilities"] += int(max(off) <= 0.5)
            held["worst"] = max(held["worst"], float(max(off)))
    return {"of": len(rows), "stated": stated, **counts}


def coverage(curve: Curve, *, count: int = DATES, sd: float = SD, seed: int = 1) -> int:
    """Return how many of simulated dates, uniform over 1955-2015, lie in their 95 % ranges."""
    rng, held = np.random.default_rng(seed), 0
    for year in rng.uniform(1955, 2015, count):
        (mean,), (error,) = curve.at(np.array([year]))
        value = mean + rng.standard_normal() * np.hypot(error, sd)
        found = calibrate(value, sd, curve, until=2015.0, since=1955.0)
        held += any(one.start <= year <= one.end for one in found.ranges(0.95))
    return held


def tusks(
    curve: Curve, *, count: int = TUSKS, seed: int = 2, uneven: float = UNEVEN
) -> tuple[int, int, int, float, float]:
    """Date simulated tusks.

    Returns
    -------
    stated, year, rate : int
        How many fit, so that a date is stated; of these, how many have their year, and their rate (95 % central interval), where stated.
    off : float
        Median of the growth rate's error, as a share.
    seconds : float
        A series.
    """
    rng, year_held, rate_held, off = np.random.default_rng(seed), 0, 0, []
    places, start = np.array([0.0, 100.0, 200.0, 300.0, 400.0]), time.perf_counter()
    for _number in range(count):
        year, rate = rng.uniform(1966, 2015), np.exp(rng.uniform(np.log(10), np.log(80)))
        at = year - places / rate * (1 + uneven * rng.standard_normal(5))
        mean, error = curve.at(at)
        values = mean + np.hypot(error, SD) * rng.standard_normal(5)
        found = calibrate_series(
            values, [SD] * 5, places, curve, slowest=10, fastest=80, until=2015.0, since=1966.0
        )
        if not found.fit.passed:
            continue
        year_held += any(one.start <= year <= one.end for one in found.ranges(0.95))
        total = np.cumsum(found.rate_probabilities)
        low, high = np.interp([0.025, 0.975], total, found.rates)
        rate_held += low <= rate <= high
        off.append(abs(float((found.rates * found.rate_probabilities).sum()) / rate - 1))
    return (
        len(off),
        year_held,
        rate_held,
        float(np.median(off)),
        (time.perf_counter() - start) / count,
    )


def measured(folder, series: str, curve: Curve) -> tuple[int, int, float]:
    """Return how many values of a measured series have their year in the 95 % ranges, of how many.

    The third is the mean squared distance from the curve in standard deviations; 1 is expected.
    """
    points, held, distances = read_curve(folder / f"{series}.14C"), 0, []
    first, last = curve.span
    chosen = (points.years >= max(first, 1955.0)) & (points.years <= last)
    for year, value, sd in zip(
        points.years[chosen], points.f14c[chosen], points.sd[chosen]
    ):  # fmt: skip
        found = calibrate(value, sd, curve, until=last, since=1950.0)
        held += any(one.start <= year <= one.end for one in found.ranges(0.95))
        (mean,), (error,) = curve.at(np.array([year]))
        distances.append((value - mean) ** 2 / (error**2 + sd**2))
    return held, int(chosen.sum()), float(np.mean(distances))


def _share(held: int, count: int) -> str:
    low, high = wilson(held, count)
    return f"{held} of {count}, {held / count:.1%} ({low:.1%}-{high:.1%})"


def main() -> None:
    folder = data_folder()
    print("rice:", agreement(folder))
    for name in ("NH3", "SH3"):
        print("coverage", name, _share(coverage(zone(folder, name)), DATES))
    curve = zone(folder, "NH3")
    for uneven in (UNEVEN, 0.0, 2 * UNEVEN):
        stated, year, rate, off, seconds = tusks(curve, uneven=uneven)
        print(
            f"tusks, uneven by {uneven:.0%}: {stated} stated; year {_share(year, stated)}; rate "
            f"{_share(rate, stated)}; rate off by {off:.1%}; {seconds:.2f} s a series"
        )
    # The monthly files give some years twice with values that disagree; they are refused.
    for series, name in (("Santos", "SH1-2"), ("Santos", "SH3"), ("LevinKromer", "NH1"),
                         ("Jungfraujoch", "NH1"), ("Kure", "NH2")):  # fmt: skip
        held, count, distance = measured(folder, series, zone(folder, name))
        print(f"{series} by {name} annual:", _share(held, count), f"{distance:.2f}")


if __name__ == "__main__":
    main()
