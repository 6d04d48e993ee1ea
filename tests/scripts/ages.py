"""Radiocarbon ages of several tusks, with the curve of the laboratory's choice."""

from pathlib import Path

import pandas

from forensics.age import calibrate, read_curve

points = [(20, 0.98), (0, 0.98), (-15, 1.80), (-40, 1.20), (-69, 1.03)]  # cal BP, F14C; made up
lines = [f"{bp} {f14c} 0.002" for bp, f14c in points]
Path("made.14C").write_text("# cal BP, F14C, sd\n" + "\n".join(lines), encoding="utf-8")
curve = read_curve("made.14C")
tusks = pandas.DataFrame({"tusk": ["T1", "T2"], "f14c": [1.25, 1.05], "sd": [0.003, 0.003]})
for f14c, sd in zip(tusks["f14c"], tusks["sd"]):
    dated = calibrate(float(f14c), float(sd), curve, until=2018.0)
    assert all(1900 < part.start <= part.end < 2019 for part in dated.ranges(0.95))
