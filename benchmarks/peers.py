"""The field's tools, run as their users run them: VSEARCH, SINTAX and megablast; and BOLD's rule.

They get the same reference and queries as this project, one thread each, and settings at
least as generous as their defaults, so that a comparison does not win by starving them.
"""

from collections.abc import Sequence
from pathlib import Path

from evaluation import Query, Record, run, write_fasta

__all__ = [
    "ALL",
    "BOLD_GENUS",
    "BOLD_SPECIES",
    "MAXIMUM_ACCEPTED",
    "MAXIMUM_REFUSED",
    "PeerHits",
    "SintaxAnswer",
    "bold_rule",
    "megablast",
    "sintax",
    "versions",
    "vsearch",
    "write_files",
    "write_queries",
]

# (name of the target, identity) of each query, in the tool's own order.
PeerHits = list[list[tuple[int, float]]]
# (genus, its support, species, its support) of each query.
SintaxAnswer = list[tuple[str, float, str, float]]

# VSEARCH stops after 1 accepted or 32 refused records by default. More are allowed, so that
# ties are seen and the nearest is seldom missed; all records would take an hour a split.
MAXIMUM_ACCEPTED, MAXIMUM_REFUSED = 32, 128
# What VSEARCH takes for "no limit".
ALL = 0
# BOLD names a species where a reference differs in less than 1 % (Ratnasingham & Hebert 2007,
# doi:10.1111/j.1471-8286.2007.01678.x). The genus under 3 % is usage; it is in no table of the README.
BOLD_SPECIES, BOLD_GENUS = 0.99, 0.97
# Of the query, that a hit must cover: for both tools, as for this project.
COVERAGE = 0.75
# BLAST warns under 5; the order of its best hits does not change from 10 on.
BLAST_TARGETS = 10


def write_files(folder: Path, reference: Sequence[Record], queries: Sequence[Query]) -> None:
    """Write queries and reference (named by their numbers) and build BLAST's database."""
    write_fasta(
        folder / "reference.fasta",
        (
            (f"{number};tax=g:{record.genus},s:{record.species.replace(' ', '_')};", sequence)
            for number, (record, sequence) in enumerate(reference)
        ),
    )
    write_queries(folder, queries)
    run("makeblastdb", "-in", "reference.fasta", "-dbtype", "nucl", "-out", "blast", folder=folder)


def write_queries(folder: Path, queries: Sequence[Query]) -> None:
    """Write queries under their numbers."""
    write_fasta(
        folder / "queries.fasta",
        ((str(number), query.sequence) for number, query in enumerate(queries)),
    )


def vsearch(
    folder: Path,
    count: int,
    least: float,
    *,
    accepted: int = MAXIMUM_ACCEPTED,
    refused: int = MAXIMUM_REFUSED,
) -> PeerHits:
    """Return the hits of ``vsearch --usearch_global`` from identity `least` on."""
    text = run(
        "vsearch", "--usearch_global", "queries.fasta", "--db", "reference.fasta",
        "--id", least, "--query_cov", COVERAGE, "--strand", "both",
        "--maxaccepts", accepted, "--maxrejects", refused,
        "--userout", "-", "--userfields", "query+target+ids+alnlen", "--threads", 1, "--quiet",
        folder=folder,
    )  # fmt: skip
    hits: PeerHits = [[] for _ in range(count)]
    for line in text.splitlines():
        query, target, identical, length = line.split("\t")
        # Not the field "id", which is rounded to 0.1 % and would make ties and pass thresholds.
        identity = int(identical) / int(length)
        hits[int(query)].append((int(target.split(";")[0]), identity))
    return hits


def megablast(folder: Path, count: int) -> PeerHits:
    """Return the hits of ``blastn -task megablast``, best first.

    Identity is over the aligned length; hits that cover less than `COVERAGE` of the query
    are left out.
    """
    text = run(
        "blastn", "-task", "megablast", "-query", "queries.fasta", "-db", "blast",
        "-max_target_seqs", BLAST_TARGETS, "-max_hsps", 1, "-num_threads", 1,
        "-outfmt", "6 qseqid sseqid nident length qlen qstart qend",
        folder=folder,
    )  # fmt: skip
    hits: PeerHits = [[] for _ in range(count)]
    for line in text.splitlines():
        query, target, *numbers = line.split("\t")
        identical, length, whole, start, end = map(int, numbers)
        if (abs(end - start) + 1) / whole >= COVERAGE:
            hits[int(query)].append((int(target.split(";")[0]), identical / length))
    return hits


def sintax(folder: Path, count: int, seed: int) -> SintaxAnswer:
    """Return what ``vsearch --sintax`` answers, with the bootstrap support of each rank."""
    text = run(
        "vsearch", "--sintax", "queries.fasta", "--db", "reference.fasta", "--strand", "both",
        "--tabbedout", "-", "--threads", 1, "--randseed", seed + 1, "--quiet",
        folder=folder,
    )  # fmt: skip
    answers: SintaxAnswer = [("", 0.0, "", 0.0)] * count
    for line in text.splitlines():
        query, found, *_rest = line.split("\t")
        ranks = {}
        for part in filter(None, found.split(",")):
            rank, _, rest = part.partition(":")
            name, _, support = rest.rpartition("(")
            ranks[rank] = (name.replace("_", " "), float(support.rstrip(")")))
        if "s" in ranks:
            answers[int(query)] = (*ranks["g"], *ranks["s"])
    return answers


def bold_rule(
    hits: Sequence[tuple[int, float]], reference: Sequence[Record]
) -> tuple[str | None, str | None]:
    """Return the species and genus that the published rule of BOLD's identification engine names.

    The rule, not the service: BOLD searches its own records over the network, and its present
    engine (version 5, operating modes from 94 % similarity down) lists hits and leaves the
    decision to who reads them.

    Parameters
    ----------
    hits : sequence of (int, float)
        All reference records from `BOLD_GENUS` on, with their identity.
    reference : sequence of (ReferenceRecord, str)

    Returns
    -------
    species, genus : str or None
        The species, if the records that differ in less than 1 % are all of it. Where several
        species are so near, BOLD lists them and names none, as ``threshID`` of the R package
        spider counts it (Brown et al. 2012, doi:10.1111/j.1755-0998.2011.03108.x). The genus
        that these share; if there are none, that all records under 3 % share.
    """
    near = [reference[number][0] for number, identity in hits if identity > BOLD_SPECIES]
    species = {record.species for record in near}
    genera = {
        record.genus
        for record in near
        or [reference[number][0] for number, identity in hits if identity > BOLD_GENUS]
    }
    return (
        species.pop() if len(species) == 1 else None,
        genera.pop() if len(genera) == 1 else None,
    )


def versions(folder: Path) -> dict[str, str]:
    """Return the versions of the tools."""
    import subprocess

    banner = subprocess.run(["vsearch", "--version"], capture_output=True, text=True, check=False)
    return {
        "vsearch": banner.stderr.split(",")[0].split("_")[0].split()[-1].lstrip("v"),
        "blastn": run("blastn", "-version", folder=folder).split()[1],
    }
