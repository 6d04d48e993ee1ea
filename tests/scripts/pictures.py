"""Results draw themselves on the axes of a figure of one's own."""

from pathlib import Path

from matplotlib.figure import Figure

import forensics

results = forensics.identify("exhibits.fasta")
figure = Figure(figsize=(8, 9), layout="constrained")
above, below = figure.subplots(2)
assert results[:6].plot(above) is above
results[0].plot(below).set_title("the first one")
figure.savefig("results.png")
assert Path("results.png").stat().st_size > 10_000
