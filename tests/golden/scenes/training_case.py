"""The training case: report, check, computing again; samples of a case examined together."""

import json

NEEDS = ("typst", "segno", "matplotlib")

SLOW = True


def play(net):
    net.masked = True
    net.run("training case case", limit=2500)
    net.chdir("case")
    net.environment["FORENSICS_LEDGER"] = "laboratory.db"
    phrase = "for training only, no secret"
    details = ("--details", "details.toml")

    def run(line, *more, **options):
        net.run(f"report {line}", *more, **options)

    for ending, limit in (("json", 30_000), ("html", 12_000)):
        run("build T-2026-001", *details, "--output", f"again.{ending}", limit=limit)
    for language in ("fr", "es"):
        run(
            "build T-2026-001",
            *details,
            "--output",
            f"{language}.html",
            language=language,
            limit=9000,
        )
    run("build T-2026-001 --output x.html")
    run("build T-2026-001 --output x.html", language="fr")
    run("build T-2026-001 --output draft.html --draft", limit=3000)
    run("build T-2026-001", *details, "--output", "report.docx")
    run("build T-2026-001", *details, "--output", "again.json")
    run("build T-9", *details, "--output", "x.json")
    run("build T-2026-001 --details none.toml --output x.json")
    net.write("bad.toml", "[report]\nnumber = 7\n[nothing]\n")
    run("build T-2026-001 --details bad.toml --output x.json --draft", limit=1500)
    both = ("--ledger", "laboratory.db", *details)
    for style in ("table", "json"):
        run("check again.json --format", style)
        run("check again.json", *both, "--format", style)
        run("reproduce 27 --format", style)
    run("reproduce 27", language="fr")
    run("reproduce 3")
    run("reproduce 99")
    report = json.loads((net.folder / "again.json").read_text(encoding="utf-8"))
    del report["customer"]["name"]
    report["findings"][0]["errors"]["genus"]["calls"] = 5000
    report["exhibits"][0]["description"] = "ivory"
    net.write("false.json", json.dumps(report))
    for language in ("en", "fr", "es"):
        run("check false.json", language=language)
        run("check false.json", *both, language=language)
    run("check false.json", *both, "--format", "json")
    for name, text in (
        ("empty.json", ""),
        ("list.json", "[1]"),
        ("none.json", None),
        ("number.json", '{"report": 1}'),
    ):
        if text is not None:
            net.write(name, text)
        run("check", name, limit=1500)
    run("template mine", limit=400)
    run("template mine")
    path = net.folder / "mine/template.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("letterhead = []", 'letterhead = ["Ministère"]'),
        encoding="utf-8",
    )
    run("build T-2026-001", *details, "--template", "mine", "--output", "mine.html", limit=2500)
    signed = {"signs": phrase, "limit": 2500}
    for more in (("S1.fasta",), ("S1.fasta", "--again")):
        net.run(
            "identify", *more, "--case", "T-2026-001", "--run", "SEQ-7", "--as", "bruno", **signed
        )
    net.run(
        "identify",
        *("S1.fasta", "--again", "--case", "T-2026-001", "--run", "SEQ-7", "--as", "chen"),
        **signed,
    )
    net.run("identify none.fasta --case T-2026-001 --run SEQ-7 --as bruno", **signed)
    net.run(
        "identify S1.fasta --case T-2026-001 --again --run SEQ-7 --as bruno --report draft.json",
        **details_of(signed),
    )
    net.run("identify S1.fasta --sample S1 --run SEQ-7 --as bruno", **signed)
    net.run("custody log T-2026-001", limit=9000)
    net.run("custody verify laboratory.db")
    net.run("report build T-2026-001", *details, "--output", "more.json", limit=2500)


def details_of(options):
    return {**options, "language": "fr"}
