"""Radiocarbon dates, series, clocks of methylation: apply and train."""

import numpy as np

from forensics.age import known_ages_of, read_table, save_trained, train_clock


def play(net):
    years = range(1900, 2016)
    values = [
        1.0 if y <= 1955 else 1.0 + 0.08 * (y - 1955) if y <= 1965 else 1.8 - 0.015 * (y - 1965)
        for y in years
    ]
    curve = net.write(
        "curve.csv",
        "year,F14C,sd\n"
        + "".join(f"{y},{v:.4f},0.002\n" for y, v in zip(years, values, strict=True)),
    )

    def dated(*more, **options):
        net.run("age radiocarbon", *more, "--curve", curve, "--seized", "2014-03-01", **options)

    for style in ("table", "json", "csv", "tsv"):
        dated(1.2, "--sd", "0.003", "--after", "1990-01-18", "--format", style, limit=7000)
    for language in ("fr", "es"):
        dated(
            1.2,
            "--sd",
            "0.003",
            "--after",
            "1990-01-18",
            "--position",
            "last_formed",
            language=language,
        )
    dated("--age", "-1465", "--sd", "20")
    dated("--age=-1465", "--sd", "20", "--since", "1980-01-01")
    dated(0.99, "--sd", "0.004")
    dated(2.5, "--sd", "0.004")
    for name in ("dated.svg", "dated.svg", "dated.png"):
        dated(1.2, "--sd", "0.003", "--figure", name, limit=600)
    series = net.write(
        "tusk.csv", "sample;distance;F14C;sd\na;0;1,2;0,003\nb;100;1,275;0,003\nc;200;1,35;0,003\n"
    )
    growth = ("--series", series, "--slowest", "5", "--fastest", "80")
    for style in ("table", "json", "csv"):
        dated(*growth, "--after", "1990-01-18", "--format", style, limit=7000)
    for more in ((1.2,), ("--sd", "0.003"), (1.2, "--age", "5", "--sd", "1"), (1.2, "--sd", "0.003", "--slowest", "2"),
                 (1.2, "--sd", "0.003", "--after", "3/4/1990"), (1.2, "--sd", "0.003", "--ledger", "x.db"),
                 (1.2, "--sd", "-1"), ("1,200.5", "--sd", "1"), (1.2, "--sd", "nan")):  # fmt: skip
        dated(*more)
    dated(1.2, "--sd", "0.003", "--after", "3/4/1990", language="fr")
    net.write("noise", b"\x00\x1b[2J")
    net.run("age radiocarbon 1.2 --sd 0.003 --curve noise --seized 2014-03-01")
    net.run("age radiocarbon 1.2 --sd 0.003 --curve none.csv --seized 2014-03-01", language="es")
    clock = net.write("clock.csv", "var,beta\nIntercept,1\ncg1,2\ncg2,4\n")
    betas = net.write("betas.csv", 'sample,cg1,cg2\na,0.5,0.25\nb,0.5,\nc,"0,5",0.1\n')
    net.write("typical.csv", "site,beta\ncg2,0.2\n")
    for style in ("table", "json", "csv"):
        net.run(
            "age methylation",
            betas,
            "--clock",
            clock,
            "--transform",
            "none",
            "--format",
            style,
            limit=7000,
        )
    net.run("age methylation", betas, "--clock", clock, "--transform", "none", language="fr")
    net.run(
        "age methylation",
        betas,
        "--clock",
        clock,
        "--transform",
        "none",
        "--typical",
        "typical.csv",
    )
    net.run("age methylation", betas, "--clock", clock)
    net.run(
        "age methylation",
        betas,
        "--clock",
        clock,
        "--transform",
        "log_linear",
        "--gestation",
        "0,5",
        "--maturity",
        "10",
        "--lifespan",
        "80",
    )
    net.run("age methylation", betas, "--clock", "none.csv", "--transform", "none")
    net.run("age methylation", clock, "--clock", clock, "--transform", "none")
    train(net)


def train(net):
    """Train a clock on simulated animals, apply it, read its card."""
    rng = np.random.default_rng(1)
    ages = rng.uniform(0, 40, 30)
    slope = np.array([0.008, -0.007, 0.006, 0, 0, 0])
    values = np.clip(0.5 + (ages[:, None] - 20) * slope + rng.normal(0, 0.03, (30, 6)), 0, 1).round(
        4
    )
    rows = [f"s{n}," + ",".join(map(str, row)) for n, row in enumerate(values.tolist())]
    sites = [f"cg{n}" for n in range(6)]
    betas = net.write("animals.csv", "sample," + ",".join(sites) + "\n" + "\n".join(rows) + "\n")
    net.write(
        "ages.csv", "sample,age\n" + "".join(f"s{n},{age:.2f}\n" for n, age in enumerate(ages))
    )
    table, sheet = read_table(betas), read_table("ages.csv")
    known = known_ages_of(sheet, table)
    trained = train_clock(
        known.methylation, known.ages, known.sites, name="mine", species="Fictus albus",
        tissue="skin (simulated)",
        sources=[{"file": str(part.source), "sha256": part.sha256} for part in (table, sheet)],
    )  # fmt: skip
    net.masked = True
    net.call("save_trained", lambda: save_trained(trained, "mine.json"), digits=4)
    net.run(
        "age methylation",
        betas,
        "--clock",
        "mine.json",
        "--species",
        "Fictus albus",
        "--level",
        "0,9",
        "--format",
        "csv",
        digits=4,
    )
    net.run(
        "age methylation",
        betas,
        "--clock",
        "mine.json",
        "--species",
        "Panthera leo",
        digits=4,
        limit=2500,
    )
    net.write("old.csv", "sample,cg0,cg1,cg2,cg3,cg4,cg5\nold,1,0,1,0.5,0.5,0.5\n")
    net.write("fewer.csv", "sample,cg0\na,0.5\n")
    net.run("age methylation old.csv --clock mine.json", digits=4)
    net.run("age methylation fewer.csv --clock mine.json")
    for more in ("--transform none", "--level nan", "--level 1", "--lifespan 65"):
        net.run(f"age methylation {betas} --clock mine.json {more}")
    net.masked = False
    net.run("age methylation betas.csv --clock clock.csv --transform none --level 0.9")
    net.call("save_trained: again", lambda: save_trained(trained, "mine.json"))
