"""Mixtures of two species in reads of PCRs, with a blank."""

from read_set_simulation import FORWARD, REVERSE, insert, pairs, write_pairs
from scenes._inputs import SPECIES, make_library

NEEDS = ("vsearch",)


def play(net):
    library = ("--library", make_library(net))
    ours = {insert(SPECIES[0]): 120, insert(SPECIES[3]): 50}
    for name, reads in {
        "one": pairs(ours, seed=1), "two": pairs(ours, seed=2), "blank": pairs({insert(SPECIES[3]): 9}, errors=0, seed=3)
    }.items():  # fmt: skip
        write_pairs(net.folder, name, reads)
    files = [f"{name}_R{mate}.fastq.gz" for name in ("one", "two") for mate in (1, 2)]
    blank = ("--blank", "blank_R1.fastq.gz", "--blank", "blank_R2.fastq.gz")
    primers = ("--primers", FORWARD, REVERSE)
    for style in ("table", "json", "csv"):
        net.run("mixture", *files, *blank, *primers, *library, "--format", style, limit=7000)
    net.run("mixture", *files, *blank, *primers, *library, language="fr")
    net.run("mixture", *files, "--primers", "A" * 20, REVERSE, *library)
    lines = [
        "file1,file2,sample,replicate,role",
        "one_R1.fastq.gz,one_R2.fastq.gz,one,1,",
        "two_R1.fastq.gz,two_R2.fastq.gz,one,2,",
    ]
    net.write(
        "run.csv", "\n".join([*lines, "blank_R1.fastq.gz,blank_R2.fastq.gz,blank,1,blank"]) + "\n"
    )
    net.run(
        "mixture --sheet run.csv",
        *primers,
        *library,
        "--least-reads",
        "4",
        "--maximum-errors",
        "0,5",
    )
    net.write("bad.csv", "file,sample\nx,y\n")
    for arguments in (("none.fastq", *primers), (), (*files, *primers, "--primers", "x", "y"), (files[0], *primers),
                      ("--sheet", "bad.csv", *primers), (*files, *primers, "--vsearch", "none"),
                      (*files, *primers, "--maximum-errors", "0"), (*files, *primers, "--sample", "S1")):  # fmt: skip
        net.run("mixture", *arguments, *library)
    net.run("mixture none.fastq", *primers, *library, language="es")
