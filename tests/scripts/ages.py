"""Radiocarbon ages of several tusks, with the curve of the laboratory's choice."""

from pathlib import Path

import pandas

from forensics.age import calibrate, read_curve

points = [(1930, 0.98), (1950, 0.98), (1965, 1.80), (1990, 1.20), (2019, 1.03)]  # made up
lines = [f"{year},{f14c},0.002" for year, f14c in points]
Path("made.csv").write_text("\n".join(["year,F14C,sd", *lines]), encoding="utf-8")
curve = read_curve("made.csv")
tusks = pandas.DataFrame({"tusk": ["T1", "T2"], "f14c": [1.25, 1.05], "sd": [0.003, 0.003]})
for f14c, sd in zip(tusks["f14c"], tusks["sd"]):
    dated = calibrate(float(f14c), float(sd), curve, until=2018.0)
    parts = dated.ranges(0.95)
    assert parts and all(1900 < part.start <= part.end < 2019 for part in parts)
