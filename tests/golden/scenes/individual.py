"""Match, kinship, parentage, network, captive: simulated animals."""

from husbandry_simulation import animals
from husbandry_simulation import table as known
from individual_simulation import frequencies, profiles, seen

RATES = ("--dropout", "0.02", "--mistyping", "0,002")


def play(net):
    held = frequencies(loci=9)
    codes = profiles(held, [None] * 24 + [(0, 1), (0, 1)], seed=3)

    def write(name, rows, names, **more):
        frame = seen(held, codes[rows], names, seed=4).to_frame()
        for column, values in more.items():
            frame.insert(1, column, values)
        frame.to_csv(net.folder / name, index=False, lineterminator="\n")
        return name

    reference = write("range.csv", range(24), [f"r{n}" for n in range(24)])
    questioned = write("asked.csv", [24, 5, 25], ["child", "again", "=sib"])
    database = write("database.csv", [*range(10), 24], [f"d{n}" for n in range(10)] + ["d24"])
    common = ("--reference", reference, *RATES)

    def run(line, *more, **options):
        net.run(f"individual {line}", *more, **options)

    write("sires.csv", [1, 2, 3], ["s1", "s2", "s3"])
    write("dams.csv", [0, 7], ["m0", "m7"])
    poor = (net.folder / questioned).read_text(encoding="utf-8").splitlines()
    head, *rest = poor
    cells = rest[0].split(",")
    net.write(
        "poor.csv",
        "\n".join([head, ",".join(cells[:4] + [""] * (len(cells) - 4)), *rest[1:]]) + "\n",
    )
    for style in ("table", "json", "csv", "tsv"):
        run("match", questioned, database, *common, "--format", style, limit=7000)
    for language in ("fr", "es"):
        run("match", questioned, database, *common, language=language, limit=7000)
        run("match poor.csv", database, *common, language=language, limit=2500)
    run("match poor.csv", database, *common, limit=2500)
    run("match poor.csv", database, *common, "--format", "json", limit=2500)
    run("match", questioned, database, *RATES, "--theta", "0,05", limit=2500)
    run("match", questioned, database, "--reference", reference)
    for more in (("--theta", "nan"), ("--theta", "2"), ("--reference", "none.csv"), ("--ledger", "no.db", "--sample", "S1"),
                 ("--loci", "L0,L1"), ("--loci", "X*"), ("--animal", "nothing")):  # fmt: skip
        run("match", questioned, database, *common, *more, limit=2500)
    run("match none.csv", database, *common, language="fr")
    for style in ("table", "json", "csv"):
        run("kinship", questioned, *common, "--format", style, limit=6000)
        run(
            "parentage",
            questioned,
            *common,
            "--dams",
            "dams.csv",
            "--sires",
            "sires.csv",
            "--format",
            style,
            limit=4000,
        )
    for language in ("fr", "es"):
        run("kinship", questioned, *common, language=language, slow=language == "es")
        run(
            "parentage",
            questioned,
            *common,
            "--dams",
            "dams.csv",
            language=language,
            limit=4000,
            slow=language == "es",
        )
    run(
        "kinship",
        questioned,
        *common,
        "--limit",
        "1",
        "--mutation",
        "0.01",
        "--seed",
        "2",
        "--format",
        "csv",
    )
    for more in (("--limit", "nan"), ("--limit", "x"), ("--seed", "x")):
        run("kinship", questioned, *common, *more)
    run("parentage", questioned, *common)
    run("parentage", questioned, *common, "--dams", "none.csv")
    network(net, run, write)
    captive(net, run)


def network(net, run, write):
    rows = [*range(12), 24, 24]
    names = [f"x{n}" for n in range(13)] + ["again\x1b[2J"]
    samples = write(
        "samples.csv",
        rows,
        names,
        shipment=["Lomé", "A&B <1>", "Mombasa"] * 4 + ["Lomé", "A&B <1>"],
    )
    common = (samples, *RATES, "--theta", "0", "--reference", "range.csv")
    for style in ("table", "json", "csv"):
        run("network", *common, "--seizure", "shipment", "--format", style, slow=style == "csv")
    run("network", *common, "--seizure", "shipment", language="fr")
    outputs = [part for kind in ("csv", "graphml", "svg") for part in ("--output", f"x.{kind}")]
    run("network", *common, "--seizure", "shipment", *outputs)
    run("network", *common, "--seizure", "shipment", *outputs)
    run(
        "network",
        *common,
        "--seizure",
        "shipment",
        "--relationship",
        "match",
        "--limit",
        "1",
        "--format",
        "csv",
    )
    for more in ((), ("--seizure", "nothing"), ("--seizure", "shipment", "--population", "shipment"),
                 ("--seizure", "shipment", "--output", "x.xlsx"), ("--seizure", "shipment", "--relationship", "cousin")):  # fmt: skip
        run("network", *common, *more)


def captive(net, run):
    known(20).to_csv(
        net.folder / "known.csv", index=False, lineterminator="\n", float_format="%.3f"
    )
    net.write(
        "measured.csv", "sample;d13C;d15N\nA;-24,5;5,0\n\x1b[31mB;-21,4;7,1\nC;-8,0;16\nD;-24,5;\n"
    )
    options = ("--reference", "known.csv", "--class-column", "origin", "--group-column", "farm")
    run("captive measured.csv")
    for style in ("table", "json", "csv"):
        run("captive measured.csv", *options, "--format", style, digits=5, limit=7000)
    run("captive measured.csv", *options, "--details", digits=5, limit=9000, slow=True)
    for language in ("fr", "es"):
        run(
            "captive measured.csv",
            *options,
            language=language,
            digits=5,
            limit=7000,
            slow=language == "es",
        )
    run(
        "captive measured.csv",
        *options,
        "--class-prior",
        "wild=0,2",
        "--class-prior",
        "captive=0.8",
        "--columns",
        "d13C,d15N",
        "--confidence",
        "0,9",
        "--exclusion-level",
        "0,05",
        digits=5,
    )
    run(
        "captive measured.csv",
        *options,
        "--without-suspects",
        "--missing",
        "lost",
        "--format",
        "csv",
        digits=5,
    )
    values, _farm = animals("wild", 12, seed=7)
    rows = [f"q{place},K1,{one:.2f},{two:.2f}\n" for place, (one, two) in enumerate(values)]
    net.write("shipment.csv", "sample,shipment,d13C,d15N\n" + "".join(rows))
    for style in ("table", "csv"):
        run(
            "captive shipment.csv",
            *options,
            "--consignment",
            "shipment",
            "--format",
            style,
            digits=5,
        )
    net.write("bad.csv", "sample,d13C,d15N\nA,-24.5,5\nB,,\n,-20,8\nD,x,8\nE,-20,8\n")
    run("captive bad.csv", *options, "--format", "csv", digits=5)
    run("captive bad.csv", *options, language="fr", digits=5, limit=1500)
    net.write("empty.csv", "")
    for arguments in (("empty.csv", *options), ("none.csv", *options), ("measured.csv", "--reference", "bad.csv"),
                      ("measured.csv", *options, "--class-prior", "wild=x"), ("measured.csv", *options, "--confidence", "nan"),
                      ("measured.csv", *options, "--ledger", "no.db", "--sample", "S1"),
                      ("measured.csv", *options, "--columns", "nothing")):  # fmt: skip
        run("captive", *arguments)
