"""A report of findings of every kind: built in each form and language, checked, computed again."""

import json

import every_kind
from golden_net import ROOT
from laboratory import Laboratory
from scenes._inputs import SPECIES, fasta, make_library, query

NEEDS = ("typst", "segno", "matplotlib")
SLOW = True


def recorded(net):
    """Record findings of every kind in the ledger of a simulated laboratory; return their events."""
    import forensics
    from forensics.custody import record_finding, record_identification
    from forensics.custody.canonical import time_text

    (net.folder / "lab").mkdir()
    lab = Laboratory.founded(net.folder / "lab")
    for person, what in (
        ("bruno", "identification"), ("bruno", "amplification"), ("bruno", "origin"), ("bruno", "individual"),
        ("bruno", "age"), ("chen", "identification"), ("chen", "opinions"),
    ):  # fmt: skip
        lab.amina.competence(
            person=person,
            competence=what,
            valid_from=time_text(lab.clock.time),
            valid_until="2028-01-01T00:00:00.000000Z",
        )
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    opened = forensics.open_library(make_library(net))
    lab.amina.validate(
        library=opened.sha256,
        name="simulated",
        scope="COI",
        attachments=[lab.photo("validation.pdf")],
    )
    questioned = fasta(net, "S1.fasta", ("S1", query(SPECIES[0])))
    result = forensics.identify(questioned, library=opened, reasons=True)[0]
    events = {
        "identification": record_identification(
            lab.bruno, "S1", result, runs=["R1"], inputs=[questioned]
        ).seq
    }
    (net.folder / "files").mkdir()
    place = every_kind.files(net.folder / "files")
    for name, result, *used in every_kind.make_results(place):  # at the time of the net
        provenance = result.provenance.to_dict()
        lab.amina.validate(
            library=provenance["library"]["sha256"],
            name=name,
            scope="simulated",
            attachments=[lab.photo("validation.pdf")],
        )
        kind = (
            "origin" if name in ("populations", "places")
            else "age" if name in ("radiocarbon", "series", "methylation")
            else "individual"
        )  # fmt: skip
        events[name] = record_finding(
            lab.bruno, "S1", result, kind=kind, runs=["R1"], inputs=[place / file for file in used]
        ).seq
    for finding in events.values():
        lab.chen.reviewed(case="C1", finding=finding, outcome="agrees", stage="technical")
    lab.amina.sign_head()
    net.clock.time = lab.clock.time
    lab.close()
    return events


def play(net):
    net.masked = True
    events = recorded(net)
    net.environment["FORENSICS_LEDGER"] = "lab/laboratory.db"
    text = (ROOT / "forensics/demonstration.toml").read_text(encoding="utf-8")
    text = text.replace("findings = [28]", f"findings = [{events['identification']}]")
    text = text.replace('author = "efua"', 'author = "chen"')
    net.write("details.toml", text)
    given = ("C1", "--details", "details.toml", "--library", "library")

    def run(line, *more, **options):
        net.run(f"report {line}", *more, **{"digits": 5, **options})

    run("build", *given, "--output", "refused.json")
    run("build", *given, "--output", "report.json", "--draft", limit=15_000)
    run("build", *given, "--output", "report.html", "--draft", limit=15_000)
    for language in ("fr", "es"):
        run(
            "build",
            *given,
            "--output",
            f"{language}.html",
            "--draft",
            language=language,
            limit=25_000,
        )
    run("check report.json")
    for name, event in events.items():
        net.run("report reproduce", event, "--library", "library", note=name)
    run("reproduce", events["match"], "--format", "json")
    report = json.loads((net.folder / "report.json").read_text(encoding="utf-8"))
    report["findings"][0]["explanation"] = "Another animal."
    del report["customer"]
    net.write("false.json", json.dumps(report))
    for language in ("en", "fr", "es"):
        run("check false.json", language=language)
    run("check false.json --format json")
    net.run("custody log C1", limit=9000, digits=5)
    net.run("custody review C1")
    net.run("custody verify lab/laboratory.db")
