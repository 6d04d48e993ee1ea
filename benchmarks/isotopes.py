"""Isotopes against assignR: calibration and held-out assignment of known-origin birds.

    python benchmarks/isotopes.py            # table on standard output
    python benchmarks/isotopes.py --json     # all figures

Data: assignR's knownOrig and its hydrogen isoscape of North America (FORENSICS_EVALUATION_DATA).
assignR's own figures are of its published example, on some tens of sites drawn at random; beside
them stand its formulas (calRaster, pdRaster, qtlRaster), written anew from its documentation and
run here on every site, which R itself did not run.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the checkout, installed or not
sys.path.insert(0, str(ROOT / "tests"))

from keratin_scales import to_vsmow  # noqa: E402

from forensics.origin.isoscape import read_isoscape  # noqa: E402
from forensics.origin.isotope_models import AREA_SHARES, leave_one_out  # noqa: E402
from forensics.origin.isotopes import calibrate  # noqa: E402
from forensics.origin.polygons import make_range_map  # noqa: E402

__all__ = ["known_origin", "main"]

VARIABLE, DEFAULT = "FORENSICS_EVALUATION_DATA", "../shared/data"
NO_DATA = 3
SHRIKE = "Lanius ludovicianus"
# Of which data sets the values are on the old keratin scale is in knownOrig_sources.csv (H_cal).
OLD_SCALE = "OldEC.1_H_1"
HELD_OUT = ("Catharus ustulatus", "Setophaga ruticilla", "Seiurus aurocapilla", "Danaus plexippus")
# assignR's published example (issue 7): slope, intercept, R2, samples; top 10 % and 20 %.
PUBLISHED = {"slope": 0.933, "intercept": 10.09, "r_squared": 0.588, "samples": 524}
PUBLISHED_TOP = {0.10: 0.59, 0.20: 0.88}
# A rough frame of the shrike's breeding range (Mexico to the prairies of Canada), drawn by hand
# from its field-guide description, to show what a range map does; no published range map.
RANGE = [(-125, 20), (-70, 20), (-70, 46), (-95, 50), (-115, 54), (-125, 46)]


def known_origin(folder: Path, taxon: str):
    """Return a taxon's samples with places; d2H brought to VSMOW where it is of one old scale."""
    import pandas

    samples = pandas.read_csv(folder / "knownOrig_samples.csv")
    sites = pandas.read_csv(folder / "knownOrig_sites.csv").astype({"Site_ID": int})
    sources = pandas.read_csv(folder / "knownOrig_sources.csv", encoding="latin-1")
    table = samples[samples.Taxon == taxon].merge(sites, on="Site_ID")
    table = table.merge(sources[["Dataset_ID", "H_cal"]], on="Dataset_ID")
    table = table[table["d2H"].notna() & table["d2H.sd"].notna()]
    table = table.rename(columns={"x": "longitude", "y": "latitude"}).reset_index(drop=True)
    scale = table["H_cal"].mode()[0]  # values of other scales are not comparable
    table = table[table["H_cal"] == scale].reset_index(drop=True)
    if scale == OLD_SCALE:
        table["d2H"], table["d2H.sd"] = to_vsmow(table["d2H"], table["d2H.sd"])
        scale = "VSMOW-SLAP"
    return table, scale


def assignr_top(isoscape, table) -> dict:
    """Return the shares of assignR's formulas over every site left out in turn."""
    grid = isoscape.grid()
    mean, error = isoscape.mean[grid.inside], isoscape.error[grid.inside]
    place = table["latitude"].to_numpy(), table["longitude"].to_numpy()
    x, spread = isoscape.at(*place)
    number = np.full(grid.inside.shape, -1)
    number[grid.inside] = np.arange(mean.size)
    own = number[grid.cell_of(*place)]
    y, weights = table["d2H"].to_numpy(), 1 / table["d2H.sd"].to_numpy() ** 2
    site, on = table["Site_ID"].to_numpy(), np.isfinite(x)
    generator = np.random.default_rng(100)
    ranks, sites = [], []
    for one in np.unique(site[on]):
        fit = on & (site != one)
        line = np.polyfit(x[fit], y[fit], 1, w=np.sqrt(weights[fit]))
        residual = y[fit] - np.polyval(line, x[fit])
        noise = spread[fit] * generator.standard_normal(fit.sum())
        moved = np.polyfit(x[fit] + noise, y[fit], 1, w=np.sqrt(weights[fit]))
        shared = np.corrcoef(noise, y[fit] - np.polyval(moved, x[fit] + noise))[0, 1] ** 2
        sd = np.sqrt(error**2 + residual.var(ddof=1) * (1 - shared))
        for animal in np.flatnonzero(on & (site == one)):
            density = -0.5 * ((y[animal] - np.polyval(line, mean)) / sd) ** 2 - np.log(sd)
            ranks.append((density >= density[own[animal]]).sum())
            sites.append(one)
    ranks, sites = np.array(ranks), np.array(sites)
    result = {}
    for share in AREA_SHARES:
        best = mean.size - int(np.floor((mean.size - 1) * (1 - share) + 1e-9)) - 1
        right = ranks <= best
        by_site = [right[sites == one].mean() for one in np.unique(sites)]
        result[str(share)] = {"animals": float(right.mean()), "sites": float(np.mean(by_site))}
    return result


def evaluate(isoscape, table, *, leave="site", range_map=None) -> dict:
    """Return the figures of our own model with sites, animals or cells of the map left out."""
    clusters = table["Site_ID"].to_numpy()
    if leave == "animal":
        clusters = np.arange(len(table))
    elif leave == "cell":
        row, column = isoscape.grid().cell_of(table["latitude"], table["longitude"])
        clusters = row * isoscape.mean.shape[1] + column
    found = leave_one_out(table, [isoscape], clusters=clusters, site="Site_ID", range_map=range_map)
    return {
        **found.to_json(),
        "by_site": {str(share): found.by_site(found.best_cells(share)) for share in AREA_SHARES},
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.add_argument("--quick", action="store_true", help="the shrike alone, sites left out")
    options = parser.parse_args(arguments)
    folder = Path(os.environ.get(VARIABLE, ROOT / DEFAULT)).resolve() / "isotopes"
    if not folder.is_dir():
        print(f"no data in {folder}; set {VARIABLE}", file=sys.stderr)
        return NO_DATA
    isoscape = read_isoscape(folder / "d2h_lrNA.tif", name="d2H")
    table, scale = known_origin(folder, SHRIKE)
    arrays = table["d2H"], table["latitude"], table["longitude"]
    figures = {"calibration": {"assignR, published": PUBLISHED}, "held out": {}}
    for weighting in ("measurement", "equal", "site"):
        line = calibrate(
            isoscape,
            *arrays,
            sites=table["Site_ID"],
            sd=table["d2H.sd"],
            weighting=weighting,
        )
        figures["calibration"][f"ours, weighting {weighting}"] = line.to_json()
    figures["assignR's formulas, all sites"] = assignr_top(isoscape, table)
    runs = [(f"{SHRIKE}, sites left out", table, {})]
    if not options.quick:
        frame = make_range_map([[RANGE]], source="frame")
        runs += [
            (f"{SHRIKE}, animals left out", table, {"leave": "animal"}),
            (f"{SHRIKE}, cells of the map left out", table, {"leave": "cell"}),
            (f"{SHRIKE}, sites left out, range frame", table, {"range_map": frame}),
        ]
        for taxon in HELD_OUT:
            other, other_scale = known_origin(folder, taxon)
            runs.append((f"{taxon} ({other_scale}), sites left out", other, {}))
    for name, held, how in runs:
        figures["held out"][name] = evaluate(isoscape, held, **how)
        print(f"done: {name}", file=sys.stderr)
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show(figures)
    return 0


def show(figures: dict) -> None:
    print("Tissue on isoscape, loggerhead shrike\n")
    for name, one in figures["calibration"].items():
        print(
            f"  {name:32} slope {one['slope']:.4f}  intercept {one['intercept']:.3f}  "
            f"R2 {one['r_squared']:.4f}  n {one['samples']}"
        )
    print("\nTrue cell among the best 10 % and 20 % of cells (mean over sites; over animals)\n")
    print(
        f"  {'assignR, published example':44} {'; '.join(f'{v:.0%}' for v in PUBLISHED_TOP.values())}"
    )
    name = "assignR's formulas, all sites"
    one = figures[name]
    print(
        f"  {name:44} "
        + "; ".join(f"{v['sites']:.1%} ({v['animals']:.1%} of animals)" for v in one.values())
    )
    for name, one in figures["held out"].items():
        print(f"\n{name}: {one['animals']} animals, {one['sites']} clusters, {one['outside']} off")
        print(
            "  best cells   "
            + "; ".join(f"{v:.1%}" for v in one["by_site"].values())
            + "  animals "
            + line(one["top_cells"])
        )
        print("  best area    " + line(one["top_area"]))
        print("  regions      " + line(one["coverage"]))
        print(
            "  area taken   " + ", ".join(f"{k}: {v:.1%}" for k, v in one["region_share"].items())
        )
        print("  predictions  " + line(one["prediction_coverage"]))
        print(f"  median {one['median_km']:.0f} km, 80 % within {one['q80_km']:.0f} km")


def line(rates: dict) -> str:
    return ", ".join(
        f"{float(key):.0%}: {one['share']:.1%} ({one['low']:.1%}-{one['high']:.1%})"
        for key, one in rates.items()
    )


if __name__ == "__main__":
    raise SystemExit(main())
