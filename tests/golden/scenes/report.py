"""Results recorded as findings by their commands; the report of them, checked, computed again."""

import json

import numpy as np
from golden_net import PASSPHRASE, ROOT
from individual_simulation import frequencies, profiles, seen
from laboratory import Laboratory
from scenes._inputs import SPECIES, fasta, make_library, query

NEEDS = ("typst", "segno", "matplotlib")


def prepare(net):
    """Make a laboratory whose people have key files, and what its commands are given."""
    from forensics.custody.canonical import time_text
    from forensics.custody.keys import write_key

    (net.folder / "lab").mkdir()
    lab = Laboratory.founded(net.folder / "lab")
    for person in ("bruno", "chen"):
        for what in ("identification", "individual", "age", "amplification", "opinions"):
            lab.amina.competence(
                person=person,
                competence=what,
                valid_from=time_text(lab.clock.time),
                valid_until="2028-01-01T00:00:00.000000Z",
            )
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    net.clock.time = lab.clock.time
    lab.close()
    keys = net.folder / "lab/laboratory.db.keys"
    keys.mkdir()
    for person, key in lab.keys.items():
        write_key(keys / f"{person}.key", key, lambda: PASSPHRASE)
    make_library(net)
    fasta(net, "S1.fasta", ("S1", query(SPECIES[0])))
    years = np.arange(1950.0, 2021.0)
    values = np.interp(years, [1950, 1955, 1965, 2020], [0.98, 0.98, 1.7, 1.01]).round(6)
    net.write(
        "curve.csv",
        "year,f14c,sd\n" + "".join(f"{y},{v},0.003\n" for y, v in zip(years, values, strict=True)),
    )
    net.write("clock.csv", "var,beta\nIntercept,1\ncg1,2\n")
    net.write("betas.csv", "sample,cg1\nS1,0.5\n")
    held = frequencies(loci=9)
    codes = profiles(held, [None] * 24, seed=3)
    for name, rows, names in (
        ("range", range(24), [f"r{n}" for n in range(24)]),
        ("asked", [5], ["S1"]),
        ("database", range(6), [f"d{n}" for n in range(6)]),
    ):
        frame = seen(held, codes[rows], names, seed=4).to_frame()
        frame.to_csv(net.folder / f"{name}.csv", index=False, lineterminator="\n")


COMMANDS = {
    "identify": ("identify", "S1.fasta", "--library", "library"),
    "radiocarbon": (
        "age", "radiocarbon", "1.25", "--sd", "0.003", "--curve", "curve.csv", "--seized",
        "2016-03-01", "--after", "1990-01-18",
    ),
    "methylation": ("age", "methylation", "betas.csv", "--clock", "clock.csv", "--transform", "none"),
    "match": (
        "individual", "match", "asked.csv", "database.csv", "--reference", "range.csv",
        "--dropout", "0.02", "--mistyping", "0.002",
    ),
}  # fmt: skip


def play(net):
    net.masked = True
    prepare(net)
    ledger = ("--ledger", "lab/laboratory.db")
    acts = ("--sample", "S1", "--run", "R1", "--as", "bruno")
    for name, command in COMMANDS.items():
        answer = net.run(*command, "--format", "json", limit=300)
        library = json.loads(answer)["provenance"]["library"]["sha256"]
        net.hidden[library] = f"<library of {name}>"
        net.run(*command, *ledger, *acts, signs=True, limit=1500)
        net.write("validation.pdf", b"%PDF-1.4 simulated")
        net.run(
            "custody validate",
            library,
            "--name",
            name,
            "--scope",
            "simulated",
            "--attach",
            "validation.pdf",
            *ledger,
            "--as",
            "amina",
            signs=True,
        )
        net.run(*command, *ledger, *acts, signs=True)
    net.run(*COMMANDS["identify"], *ledger, *acts, "--format", "json", signs=True, limit=300)
    for more in (
        ("--sample", "S9", "--run", "R1"),
        ("--sample", "S1", "--run", "R9"),
        ("--sample", "S1"),
    ):
        net.run(
            *COMMANDS["identify"],
            *ledger,
            *more,
            "--as",
            "bruno",
            signs=True,
            language="fr",
            limit=1500,
        )
    net.environment["FORENSICS_LEDGER"] = "lab/laboratory.db"
    log = net.run("custody log C1 --format json", limit=300)
    findings = [
        entry["event"]
        for entry in map(json.loads, log.splitlines())
        if entry["fields"]["type"] == "finding"
    ]
    for finding in findings:
        net.run(
            "custody reviewed",
            finding,
            "--case",
            "C1",
            "--outcome",
            "agrees",
            "--stage",
            "technical",
            "--as",
            "chen",
            signs=True,
        )
    report(net, findings)


def report(net, findings):
    """Build the report in every form, check it, compute its findings again."""
    text = (ROOT / "forensics/demonstration.toml").read_text(encoding="utf-8")
    net.write(
        "details.toml",
        text.replace("findings = [28]", f"findings = [{findings[0]}]").replace(
            'author = "efua"', 'author = "chen"'
        ),
    )
    given = ("C1", "--details", "details.toml", "--library", "library")

    def run(line, *more, **options):
        net.run(f"report {line}", *more, **{"digits": 6, **options})

    run("build", *given, "--output", "refused.json")
    run("build", *given, "--output", "report.json", "--draft", limit=50_000)
    run("build", *given, "--output", "report.html", "--draft", limit=50_000)
    for language in ("fr", "es"):
        run(
            "build",
            *given,
            "--output",
            f"{language}.html",
            "--draft",
            language=language,
            limit=20_000,
        )
    run("build", *given, "--finding", findings[0], "--output", "one.pdf", "--draft")
    run("build", *given, "--output", "report.json", "--draft")
    run("build", *given, "--output", "report.docx", "--draft")
    run("sign one.pdf --output signed.pdf")
    run("sign none.pdf --certificate none.p12 --output signed.pdf", language="fr")
    run("build C9", *given[1:], "--output", "x.json", language="es")
    run("build C1 --details none.toml --output x.json")
    compared = ("--ledger", "lab/laboratory.db", *given[1:])
    run("check report.json")
    run("check report.json", *compared)
    run("check report.json", *compared, "--format", "json")
    for finding in findings:
        run("reproduce", finding, "--library", "library")
    run("reproduce", findings[0], "--library", "library", "--format", "json")
    run("reproduce", findings[1], "--library", "library", language="fr")
    run("reproduce 3 --library library")
    run("reproduce 99 --library library", language="es")
    said = json.loads((net.folder / "report.json").read_text(encoding="utf-8"))
    said["findings"][0]["explanation"] = "Another animal."
    said["exhibits"][0]["description"] = "ivory"
    del said["customer"]
    net.write("false.json", json.dumps(said))
    for language in ("en", "fr", "es"):
        run("check false.json", language=language)
        run("check false.json", *compared, language=language)
    for name, text in (("empty.json", ""), ("list.json", "[1]"), ("number.json", '{"report": 1}')):
        net.write(name, text)
        run("check", name)
    run("template mine", limit=300)
    run("template mine")
    net.run("custody review C1")
    net.run("custody log C1", limit=9000, digits=6)
    net.run("custody verify lab/laboratory.db")
