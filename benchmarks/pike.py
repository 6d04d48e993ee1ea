"""PIKE against MIKE's own published figures: the observed series, and the trend without JAGS.

    python benchmarks/pike.py            # table on standard output
    python benchmarks/pike.py --json     # all years

Data: MIKE's carcass table of 1 May 2025 and its estimates 2003-2024 (FORENSICS_EVALUATION_DATA,
``trade/``). Each area is fitted by itself, with the settings of ``forensics trade pike``.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the checkout, installed or not

from forensics.trade.choices import PikeOptions  # noqa: E402
from forensics.trade.pike import Carcasses, observed, read_carcasses, trend  # noqa: E402  # noqa: E402

__all__ = ["AREAS", "CONTINENTS", "FIRST", "LAST", "carcasses", "main", "published", "trends"]

VARIABLE, DEFAULT = "FORENSICS_EVALUATION_DATA", "../shared/data"
NO_DATA = 3
FIRST, LAST = 2003, 2024
CONTINENTS = ("Africa", "Asia")
AREAS = (*CONTINENTS, "Central Africa", "Eastern Africa", "Southern Africa", "West Africa")
ESTIMATES = ("report.africa.estimates.csv", "report.asia.estimates.csv")
TREND, OBSERVED = "MM.p.uw", "Observed"


def carcasses(folder: Path) -> Carcasses:
    """Return MIKE's table."""
    return read_carcasses(folder / "carcasssummarytable_2025-05-01.csv")


def published(folder: Path, area: str, source: str):
    """Return published means and standard deviations by year."""
    import pandas

    tables = [pandas.read_csv(folder / name) for name in ESTIMATES]
    table = pandas.concat(tables)
    return table[(table["Region"] == area) & (table["Source"] == source)].set_index("year")


def trends(folder: Path, areas=AREAS, **settings) -> list[dict]:
    """Return, of each area, how far the trend lies from the published one, and the diagnostics."""
    table, rows = carcasses(folder), []
    for area in areas:
        begun = time.process_time()  # of the processor: others may use the machine
        found = trend(table, area, PikeOptions(first=FIRST, last=LAST, **settings))
        spent = time.process_time() - begun
        theirs = published(folder, area, TREND)
        assert found.table["year"].tolist() == theirs.index.tolist()
        sd = theirs["sd"].to_numpy(dtype=np.float64)
        away = (found.table["mean"].to_numpy() - theirs["mean"].to_numpy()) / sd
        ratio = found.table["sd"].to_numpy() / sd
        rows.append(
            {
                "area": area,
                "sites": found.sites,
                "site_years": int(found.table["sites"].sum()),
                "largest_deviation": float(np.abs(away).max()),
                "rms_deviation": float(np.sqrt((away**2).mean())),
                "sd_ratio": [float(ratio.min()), float(ratio.max())],
                "largest_limit_deviation": float(
                    max(
                        np.abs((found.table[ours].to_numpy() - theirs[name].to_numpy()) / sd).max()
                        for ours, name in (("low", "X2.5."), ("high", "X97.5."))
                    )
                ),
                "r_hat": found.worst_r_hat,
                "effective_draws": found.fewest_draws,
                "accepted": found.accepted,
                "seconds": spent,
                "deviations": away.tolist(),
            }
        )
    return rows


def series(folder: Path) -> dict[str, float]:
    """Return the largest difference between observed and published series of both continents."""
    table, found = carcasses(folder), {}
    for area in CONTINENTS:
        ours = observed(table.select(area, first=FIRST, last=LAST)).set_index("year")["observed"]
        theirs = published(folder, area, OBSERVED)["mean"]
        assert ours.index.tolist() == theirs.index.tolist() == list(range(FIRST, LAST + 1))
        found[area] = float(np.abs(ours - theirs).max())
    return found


def main() -> int:
    """Print the comparison; exit code 3 without data."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(os.environ.get(VARIABLE, ROOT / DEFAULT)).resolve() / "trade"
    if not folder.is_dir():
        print(f"no evaluation data in {folder}; set {VARIABLE}", file=sys.stderr)
        return NO_DATA
    difference = series(folder)
    rows = trends(folder, seed=arguments.seed)
    if arguments.json:
        print(json.dumps({"observed": difference, "trends": rows}, indent=1))
        return 0
    for area, largest in difference.items():
        print(f"observed {area}: largest difference {largest:.1e}")
    print(
        "\n| area | sites | site-years | largest deviation of the mean, published sd | rms "
        "| sd, ours / published | largest deviation of a limit | R-hat | effective draws | seconds of processor |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['area']} | {row['sites']} | {row['site_years']} "
            f"| {row['largest_deviation']:.3f} | {row['rms_deviation']:.3f} "
            f"| {row['sd_ratio'][0]:.3f}-{row['sd_ratio'][1]:.3f} "
            f"| {row['largest_limit_deviation']:.2f} | {row['r_hat']:.4f} "
            f"| {row['effective_draws']:.0f} | {row['seconds']:.1f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
