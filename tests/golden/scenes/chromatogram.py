"""Simulated chromatograms: look at them and identify them."""

import random

import numpy
from scenes._inputs import SPECIES, ab1, make_library, mutate, query
from trace_simulation import ab1_of, simulate


def play(net):
    library = ("--library", make_library(net))
    barcode = query(SPECIES[0])
    other = mutate(random.Random(5), barcode, substitutions=60)
    rng = numpy.random.default_rng(2)
    for strand in "FR":
        net.write(
            f"traces/x_{strand}.ab1", ab1_of(simulate(rng, [(barcode, 1.0)], reverse=strand == "R"))
        )
    net.write("traces/mixed_F.ab1", ab1_of(simulate(rng, [(barcode, 0.6), (other, 0.4)])))
    net.write("traces/run.txt", "notes")
    for style in ("table", "json", "csv", "tsv"):
        slow = style in ("csv", "tsv")
        net.run("chromatogram info traces --format", style, limit=4000, slow=slow)
        net.run("identify traces", *library, "--format", style, limit=5000, slow=slow)
    for language in ("fr", "es"):
        slow = language == "es"
        net.run("chromatogram info traces", language=language, limit=4000, slow=slow)
        net.run("identify traces", *library, language=language, limit=5000, slow=True)
    pair = ("traces/x_F.ab1", "traces/x_R.ab1")
    net.run("identify --pair", *pair, *library, "--format", "csv")
    net.run("identify", *pair, "--no-pair", *library)
    net.run("chromatogram info", *pair, "--no-pair")
    net.write("bare.ab1", ab1(barcode, [40] * len(barcode)))
    net.write("x.fasta", f">x\n{barcode}\n")
    net.write("damaged.ab1", b"ABIF" + bytes(50))
    net.run("chromatogram info damaged.ab1 traces/x_F.ab1", limit=1500)
    for name in ("bare.ab1", "x.fasta", "none.ab1", "damaged.ab1"):
        net.run("chromatogram show", name, "--output", "x.png")
        net.run("chromatogram info", name)
    short = numpy.random.default_rng(3)
    for strand in "FR":
        net.write(
            f"s_{strand}.ab1",
            ab1_of(simulate(short, [(barcode[:130], 1.0)], reverse=strand == "R", bad_ends=10)),
        )
    net.run("chromatogram show s_F.ab1 s_R.ab1 --output s.svg")
    net.run("chromatogram show s_F.ab1 --output s.svg")
    net.run("chromatogram show s_F.ab1 s_R.ab1 --output at.svg --at 63")
    net.run("chromatogram show s_F.ab1 --output no.svg --at 9000")
    net.run("chromatogram show s_F.ab1 --output no.svg --at 0")
    net.run("chromatogram show s_F.ab1 --output s.pdf", language="fr")
