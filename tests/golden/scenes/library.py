"""Libraries: build, look at, check, compare, carry, validate; fetching from a server on this machine."""

import random
from dataclasses import replace

from loopback import NCBI, barcode, flat
from scenes._inputs import SPECIES, fasta, make_library, mutate, random_sequence, reference_records


def play(net):
    rng = random.Random("golden library")
    albus = random_sequence(rng, 550)
    primum = mutate(rng, albus, substitutions=120)

    def deposited(name, *records):
        return fasta(
            net, name,
            *((f"{accession}|{species}|16S|x", mutate(random.Random(accession), sequence, substitutions=changes))
              for accession, species, sequence, changes in records),
        )  # fmt: skip

    file = deposited(
        "deposited.fasta",
        *((f"A{n}", "Fictus albus", albus, n) for n in range(3)),
        *((f"B{n}", "Exemplum primum", primum, n) for n in range(3)),
        ("SWAPPED", "Fictus albus", primum, 1), ("HYBRID", "Fictus albus x niger", albus, 2),
        ("UNCULTURED", "uncultured Fictus", albus, 2),
    )  # fmt: skip
    net.run("library build", file, "--output", "made", "--no-calibration")
    net.run(
        "library build",
        file,
        "--output",
        "plain",
        "--no-calibration",
        "--no-screening",
        "--name",
        "plain",
    )
    net.run("library build", file, "--output", "french", "--no-calibration", language="fr")
    own = deposited(
        "own.fasta", ("OWN1", "Fictus niger", primum, 0), ("A0", "Fictus albus", albus, 5)
    )
    net.run("library build", file, "--own", own, "--output", "own", "--no-calibration", limit=3000)
    net.write("synonyms.tsv", "name\taccepted\tsource\nFictus albus\tNovus albus\tA List\n")
    net.run(
        "library build",
        file,
        "--synonyms",
        "synonyms.tsv",
        "--output",
        "synonyms",
        "--no-calibration",
        limit=2500,
    )
    net.run("library build", file, "--output", "calibrated", "--no-screening", limit=2500)
    for more in (("--output", "made"), ("--own", own, "--no-screening", "--output", "x"), (),
                 ("--output", "x", "--locus", "XYZ"), ("--output", "x", "--taxdump", "none"),
                 ("--output", "x", "--decisions", "synonyms.tsv")):  # fmt: skip
        net.run("library build", file, *more)
    net.run("library build none.fasta --output x")
    net.write("empty.fasta", "")
    net.write("text.fasta", b"%PDF-1.7")
    net.write("protein.fasta", ">A1|Fictus albus|COI\nMTNIRKTHPL\n")
    net.write("unnamed.fasta", ">a Fictus albus\nACGT\n")
    for name in ("empty", "text", "protein", "unnamed"):
        net.run(f"library build {name}.fasta --output x")
    net.run(f"library build {file} --output .")
    net.write("stops.fasta", f">A1|Fictus albus|COI|x\n{albus}\n")
    net.run("library build stops.fasta --output x", note="random letters are full of stop codons")
    net.write(
        "wrong.csv", "\ufeffname;accepted;source\r\nFictus albus;Novus albus;A\r\nBus;Cus;\r\n"
    )
    net.run(
        f"library build {file} --synonyms wrong.csv --output renamed --no-calibration", limit=900
    )
    net.write("circle.tsv", "name\taccepted\nAus a\tBus a\nBus a\tAus a\n")
    net.run(f"library build {file} --synonyms circle.tsv --output x")
    taxdump(net, file)
    for style in ("table", "json", "csv", "tsv"):
        net.run("library info made --format", style)
    net.run("library info made", language="fr")
    net.run("library info", limit=6000, note="the embedded library")
    net.run("library info made --panel targets --format csv", limit=2000)
    net.run("library info none")
    for style in ("table", "json", "csv", "tsv"):
        net.run("library check plain --format", style)
    net.run("library check plain --output findings.tsv --page page.html", language="es")
    net.run("library check plain --output findings.tsv")
    net.run("library check plain --synonyms synonyms.tsv --format csv")
    text = (net.folder / "findings.tsv").read_text(encoding="utf-8")
    lines = [line + "drop" if "SWAPPED" in line else line for line in text.splitlines()]
    net.write("decided.tsv", "\n".join(lines) + "\n")
    net.run(
        "library build",
        file,
        "--decisions",
        "decided.tsv",
        "--output",
        "decided",
        "--no-calibration",
        limit=2500,
    )
    for style in ("table", "json", "csv", "tsv"):
        net.run("library diff plain decided --format", style)
    net.run("library check decided")
    net.run("library check decided --format csv")
    net.run("library check plain --page page.html")
    net.run("library diff plain plain")
    net.run("library diff plain plain --ledger none.db")
    net.run("library diff plain none", language="fr")
    net.run("library export made --output made.zip")
    net.run("library export made --output made.zip")
    net.run("library import made.zip --output arrived", limit=600)
    net.run("library import synonyms.tsv --output x")
    make_library(net)
    panel(net)
    net.run("library validate library --samples 5", limit=4000)
    net.write(
        "known.csv",
        "specimen;true species;called taxon\n1;Fictus albus;Fictus niger\n2;Fictus albus;Fictus albus\n",
    )
    net.run(
        "library validate library --samples 3 --known known.csv --output known",
        language="fr",
        limit=4000,
    )
    net.run("library validate library --samples 3 --output library/v")
    net.run("library validate library --known synonyms.tsv --output x")
    records = [
        (replace(r, species="Novus albus", genus="Novus"), s) if r.species == SPECIES[0] else (r, s)
        for r, s in reference_records()
        if r.species != SPECIES[4]
    ]
    make_library(net, "other", records, name="other", calibrated=False)
    net.run("library diff library other --format json", limit=3000)
    records = net.folder / "made/16S/records.tsv"
    records.write_bytes(records.read_bytes() + b"\n")
    net.run("library check made")
    net.run("library validate made --output x")
    fetch(net)


def taxdump(net, file):
    """NCBI's taxonomy: Fictus albus was moved to Novus."""
    ranks = ("no rank", "phylum", "class", "order", "family", "genus", "species")
    names = ("root", "Chordata", "Aves", "Novales", "Novidae", "Novus", "Novus albus")
    tables = {
        "nodes": [(n, max(1, n - 1), rank, "") for n, rank in enumerate(ranks, 1)],
        "names": [
            *((n, name, "", "scientific name") for n, name in enumerate(names, 1)),
            (7, "Fictus albus", "", "synonym"),
            (7, "white novus", "", "common name"),
        ],
        "merged": [(8, 7)],
    }
    for name, rows in tables.items():
        lines = ("\t|\t".join(map(str, row)) + "\t|\n" for row in rows)
        net.write(f"taxdump/{name}.dmp", "".join(lines))
    given = f"library build {file} --taxdump taxdump --no-calibration"
    net.run(f"{given} --output lineages", limit=2500)
    net.write("taxdump/nodes.dmp", "nothing\n")
    net.run(f"{given} --output x")


def panel(net):
    """What a library has of a panel of one's own."""
    many = "".join(f"Nihil {name},rbcL,plants\n" for name in ("primum", "alterum", "tertium"))
    net.write(
        "my panel.csv", f"taxon,loci,group\n{SPECIES[0]},COI;cytb,mice\nAbsentia,COI,mice\n{many}"
    )
    for style in ("table", "csv", "json"):
        net.run("library info library --panel 'my panel.csv' --format", style)
    net.write("held.csv", f"taxon,loci\n{SPECIES[0]},COI\n")
    net.run("library info library --panel held.csv")
    net.run("library info library --panel nothing")
    net.write("wrong.csv", "taxon,loci\nFictus,XX\n")
    net.run("library info library --panel wrong.csv")


def fetch(net):
    """Ask a server on this machine."""
    many = {
        record.id: flat(record)
        for record in (barcode(f"FA{n:06d}.1", SPECIES[0], seed=n) for n in (1, 2, 3))
    }
    for more in (
        "--taxon Fictidae", "--source ncbi", "--source ncbi --taxon Manidae --panel targets",
        "--source ncbi --panel nothing", "--source ncbi --panel targets --locus trnH",
        "--source ncbi --taxon Manidae", "--source ncbi --taxon Manidae --locus COI",
        "--source ncbi --taxon Manidae --locus nothing",
        "--source bold --taxon x --locus COI --server file:///x",
        "--source bold --taxon x --locus COI --from x --dry-run",
    ):  # fmt: skip
        net.run(f"library fetch {more} --output x.fasta")
    with NCBI(many).running() as server:
        net.hidden[server.url] = "http://server"
        common = ("library", "fetch", "--source", "ncbi", "--server", server.url, "--taxon", "Fictidae", "--locus", "COI",
                  "--email", "doe@lab.example")  # fmt: skip
        net.run(*common, "--output", "x.tsv")
        net.run(*common, "--output", "x.fasta", "--dry-run")
        net.run(*common, "--output", "x.fasta", "--keep-raw", "raw")
        net.run(*common, "--output", "x.fasta")
    net.run("library fetch --source ncbi --taxon Fictidae --locus COI --from raw --output y.fasta")
