"""Identification of sequences on a simulated library; criteria, errors, languages, the library's own functions."""

import random

from scenes._inputs import (
    SPECIES,
    ab1,
    fasta,
    fastq,
    genbank,
    make_library,
    mutate,
    nanopore_reads,
    query,
    random_sequence,
)  # fmt: skip


def play(net):
    library = ("--library", make_library(net))
    coi, other = query(), query(SPECIES[3])
    twelve = query(SPECIES[0], "12S")
    rng = random.Random("golden")
    good = fasta(net, "good.fasta", ("good one", coi))
    several = fasta(
        net, "several.fasta", ("albus", coi), ("primum", other), ("12S", twelve),
        ("unknown", random_sequence(rng, 650)), ("short", coi[200:260]), ("far", mutate(rng, coi, substitutions=40)),
        ("codes", mutate(rng, coi, codes=30)), ("turned", other.translate(str.maketrans("ACGT", "TGCA"))[::-1]),
    )  # fmt: skip
    net.run("identify", good, *library)
    for style in ("json", "csv", "tsv", "table"):
        net.run("identify", several, *library, "--format", style, limit=12_000)
    for style in ("blast6", "sintax"):
        net.run("identify", several, *library, "--format", style)
    net.run("identify", several, *library, "--format", "json", "--resume")
    net.run("identify", several, *library, "--output", "whole.csv", "--format", "csv", "--resume")
    for language in ("fr", "es"):
        net.run(
            "identify", several, *library, language=language, limit=12_000, slow=language == "es"
        )
        net.run("identify", good, *library, "--format", "csv", language=language)
    net.run("identify", good, *library, "--reasons", limit=10_000)
    net.run(
        "identify", good, *library, "--reasons", "--format", "json", language="es", limit=10_000
    )
    net.run("identify", good, *library, "--tree", "tree.svg", slow=True)
    net.run("identify", several, *library, "--locus", "12S", "--format", "csv")
    net.run(
        "identify",
        several,
        *library,
        "--confidence",
        "0,99",
        "--in-library-prior",
        "0.5",
    )
    net.run("identify -", *library, "--format", "csv", text=f">stdin\n{coi}\n")
    net.write("query.gb", genbank("SIM1", SPECIES[0], coi))
    net.write("query.ab1", ab1(coi, [40] * len(coi)))
    net.write("poor.ab1", ab1(coi, [9] * len(coi)))
    net.write("query.fastq", fastq([(coi, "I" * len(coi)), (other, "#" * len(other))]))
    net.run("identify query.gb query.ab1 poor.ab1 query.fastq", *library, limit=8000)
    net.run("identify query.ab1 poor.ab1", *library, "--format", "json", limit=8000)
    both = fasta(net, "both.fasta", ("x COI", coi), ("x 12S", twelve))
    net.run("identify", both, *library, "--combine")
    net.run("identify", both, *library, "--combine", "--format", "json", limit=10_000)
    net.run("identify", both, *library, "--combine", "--format", "csv")
    spacers = [random_sequence(random.Random(seed), 900) for seed in ("a", "b", "c")]
    genome = fasta(
        net, "genome.fasta", ("long one", f"{spacers[0]}{twelve}{spacers[1]}{coi}{spacers[2]}")
    )
    for style in ("table", "json", "csv", "blast6"):
        net.run("identify", genome, *library, "--format", style, limit=10_000)
    net.run("identify", genome, *library, "--combine", limit=10_000)
    net.write("reads.fastq", fastq(nanopore_reads(random.Random(1), coi, 12, errors=0.05)))
    net.run("identify reads.fastq", *library, "--consensus")
    net.run("identify reads.fastq", *library, "--consensus", "--format", "json", limit=10_000)
    reads = fastq(nanopore_reads(random.Random(7), coi, 12))
    net.run("identify - --consensus -v", *library, text=reads, limit=1500)
    net.write("few.fastq", fastq(nanopore_reads(random.Random(7), coi, 3)))
    net.write("cut.fastq", reads[:-200])
    for name in ("few.fastq", "cut.fastq", good):
        net.run("identify", name, *library, "--consensus")
    net.write(
        "index.csv",
        f"FullName,RankName,CurrentListing\n{SPECIES[0]},SPECIES,III\nExemplum,GENUS,I\n",
    )
    net.run("law build law --as-of 2999-01-01 --official index.csv")
    index = ("--law", "law")
    net.run("identify", several, *library, *index, limit=9000)
    net.run("identify", good, *library, *index, "--format", "csv")
    fasta(net, "staff.fasta", ("staff 1", coi), ("staff 2", other))
    net.run("identify", several, *library, "--elimination", "staff.fasta", limit=9000)
    fasta(net, "compare.fasta", ("suspect", coi), ("control", other))
    net.run("identify", several, *library, "--compare-with", "compare.fasta", limit=9000)
    net.run(
        "identify",
        several,
        *library,
        "--compare-with",
        "compare.fasta",
        "--format",
        "json",
        limit=9000,
    )
    net.run("identify", good, *library, "--compare-with", "compare.fasta", "--compare-with", "staff.fasta", "--format",
            "json", limit=4000)  # fmt: skip
    for option in ("--compare-with", "--elimination", "--criteria"):
        net.run("identify", good, *library, option, "none.toml")
    for name in ("tree.nwk", "tree.pdf", "none/tree.nwk"):
        net.run("identify", several, *library, "--tree", name, limit=2500)
    net.write("criteria.toml", 'name = "golden"\n')
    net.run("identify", good, *library, "--criteria", "criteria.toml")
    net.run("identify", several, *library, "--jobs", "2", "--format", "csv", slow=True)
    # -- errors --
    net.write("empty.fasta", "")
    net.write("text.fasta", "no sequence\n")
    net.write("bad.fasta", ">x\nACGT!!1\n")
    net.write("noise.bin", bytes(range(256)))
    net.write("damaged.ab1", b"ABIF" + bytes(40))
    for name in (
        "none.fasta",
        "empty.fasta",
        "text.fasta",
        "bad.fasta",
        "noise.bin",
        "damaged.ab1",
    ):
        net.run("identify", name, *library)
    net.run("identify none.fasta", *library, language="fr")
    net.run("identify none.fasta", *library, language="es")
    net.run("identify none.fasta", good, *library, "--format", "json")
    for more in (
        ("--confidence", "1.5"), ("--confidence", "nan"), ("--confidence", "x"), ("--locus", "XYZ"), ("--locus", "cytb"),
        ("--in-library-prior", "0"), ("--format", "xml"), ("--law", "none"), ("--jobs", "0"),
        ("--sample", "S1"), ("--ledger", "none.db", "--sample", "S1"), ("--tree", "good.fasta"), ("--pair", "a"),
    ):  # fmt: skip
        net.run("identify", good, *library, *more)
    net.run("identify", good, "--library", "none")
    net.run("identify", good, "--library", "none", language="fr")
    net.run("identify", good, "--confidence", "1,000.5", *library)
    table = net.folder / "library/COI/records.tsv"
    table.write_bytes(table.read_bytes().replace(b"Nowhere", b"Elsewhe", 1))
    net.run("identify", good, *library)
    # -- the library's functions --
    import forensics

    make_library(net, "whole")
    opened = forensics.open_library("whole")
    net.call(
        "open_library", lambda: [opened.name, opened.title, opened.sha256, sorted(opened.loci)]
    )
    results = forensics.identify("several.fasta", library=opened)
    net.call("identify: to_dict", lambda: [one.to_dict() for one in results], limit=9000)
    net.call("identify: explain", lambda: "\n\n".join(str(one) for one in results), limit=9000)
    net.call("identify: no such file", lambda: forensics.identify("none.fasta", library=opened))
