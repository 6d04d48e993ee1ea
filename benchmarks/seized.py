"""Trafficked species of the embedded library, each queried with a specimen that a library lacks, through the commands.

    python benchmarks/seized.py [--folder DIR] [--seed 1]

Two libraries are built with ``forensics library build`` from the records of the embedded one:

individuals   one specimen of each trafficked species that has another at the locus is left out, at every locus.
species       every fourth trafficked species is left out whole; one specimen of each is queried.

Queries are whole sequences and 150 bases of each at a random place, named by ``forensics identify`` at its
defaults, each told its locus. Trafficked are the taxa of the panel ``targets``. Twins, specimens whose
sequence another of their species has too, are counted apart: they may be one animal that was deposited twice.

right    the species; for `species`, where a higher name is the best answer: genus or family that holds it
set      several species, the true one among them
above    the true genus, family or order
wrong    any name that does not hold the true species
none     no name
"""

import argparse
import csv
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from evaluation import ROOT, Query, Record, piece_of, run, wilson, write_fasta

from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.panels import TRAFFICKED, read_panel

sys.path.insert(0, str(ROOT))

from reference_sequences.build import packed_records, specimen

SHORT = 150
EVERY = 4
OUTCOMES = ("right", "set", "above", "wrong", "none")
FORENSICS = (Path(sys.executable).with_name("forensics"),)


def records_with_exhibits() -> list[Record]:
    """Return the records of the embedded library, and the packed ones of the specimens that it withholds."""
    library = open_library()
    records = [pair for locus in library.loci for pair in library.records(locus)]
    accepted = {record.name: record for record, _sequence in records}
    withheld = set()
    with open(library.path / "left_out.tsv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            if "demonstration" in row["reason"]:
                withheld.add(row["accession"])
    for record, sequence in packed_records():
        if record.accession in withheld and record.name in accepted:
            named = accepted[record.name]
            ranks = ("species", "genus", "family", "order", "class_", "phylum")
            values = {rank: getattr(named, rank) for rank in ranks}
            base = type(record).named(record.accession, record.name, locus=record.locus, **values)
            records.append((base, sequence))
    return records


def trafficked(records: Iterable[Record]) -> set[str]:
    """Return the species of the target taxa."""
    names = {name for taxon in read_panel(TRAFFICKED).taxa for name in taxon.names}
    return {
        record.species
        for record, _sequence in records
        if record.species and names & {record.species, record.genus, record.family, record.order}
    }


def draw_individuals(records: list[Record], species: set[str], seed: int) -> set[str]:
    """Return the specimens left out: of each species one that leaves another at a locus of its own."""
    loci: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record, _sequence in records:
        if record.species in species:
            loci[record.species][specimen(record)].add(record.locus)
    chosen = set()
    for name, specimens in sorted(loci.items()):
        counts = Counter(locus for own in specimens.values() for locus in own)
        able = sorted(
            key for key, own in specimens.items() if any(counts[locus] > 1 for locus in own)
        )
        if able:
            chosen.add(random.Random(f"{seed} {name}").choice(able))
    return chosen


def draw_species(species: set[str], seed: int) -> set[str]:
    """Return every fourth species, in a random order."""
    names = sorted(species)
    random.Random(seed).shuffle(names)
    return set(names[::EVERY])


def build(folder: Path, name: str, records: list[Record]) -> Path:
    """Build a library through the command."""
    fasta, output = folder / f"{name}.fasta", folder / name
    write_fasta(
        fasta, ((f"{r.accession}|{r.species or r.name}|{r.locus}|kept", s) for r, s in records)
    )
    print(run(*FORENSICS, "library", "build", fasta, "--output", output, folder=folder).strip())
    return output


def judged(row: dict[str, str], truth, held: bool) -> str:
    """Return the outcome of a call; `held` says whether the library holds the species."""
    taxon = row["taxon"]
    if not taxon:
        return "none"
    if row["rank"] == "species":
        return "right" if taxon == truth.species else "wrong"
    genus = taxon.partition(" ")[0]
    members = {name if " " in name else f"{genus} {name}" for name in taxon.split(" / ")}
    if truth.species in members:
        return "set"
    above = {truth.genus, truth.family, truth.order, truth.class_, truth.phylum}
    if taxon not in above:
        return "wrong"
    return "above" if held else "right"


def query(folder: Path, library: Path, queries: list[Record], short: int, held: bool) -> list:
    """Name queries locus by locus; return (record, outcome, row)."""
    by_locus = defaultdict(list)
    for record, sequence in queries:
        by_locus[record.locus].append((record, sequence))
    results = []
    for locus, pairs in sorted(by_locus.items()):
        fasta, output = folder / "queries.fasta", folder / "calls.csv"
        output.unlink(missing_ok=True)
        cut = [
            piece_of(Query(r.accession, s, r.species, r.genus, held), short, 1).sequence
            for r, s in pairs
        ]
        write_fasta(fasta, ((f"Q{n}", text) for n, text in enumerate(cut)))
        run(
            *FORENSICS, "identify", fasta, "--library", library, "--locus", locus, "--output", output,
            folder=folder,
        )  # fmt: skip
        with open(output, encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                record = pairs[int(row["query"][1:])][0]
                results.append((record, judged(row, record, held), row))
    return results


def show(title: str, results: list) -> None:
    """Print a table: outcomes by locus, and of the species calls those that are wrong."""
    print(f"\n{title}")
    print(
        "locus    n  " + "  ".join(f"{name:>6}" for name in OUTCOMES) + "   wrong of species calls"
    )
    for locus in [*sorted({record.locus for record, _o, _r in results}), "all"]:
        some = [each for each in results if locus in ("all", each[0].locus)]
        counts = Counter(outcome for _record, outcome, _row in some)
        calls = [each for each in some if each[2]["rank"] == "species"]
        wrong = sum(outcome == "wrong" for _record, outcome, _row in calls)
        low, high = wilson(wrong, len(calls))
        shares = "  ".join(f"{counts[name]:>6}" for name in OUTCOMES)
        print(
            f"{locus:<6}{len(some):>4}  {shares}   {wrong} of {len(calls)} ({low:.1%} to {high:.1%})"
        )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keep libraries and calls here")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = (options.folder or Path(tempfile.mkdtemp())).absolute()
    folder.mkdir(exist_ok=True)
    records = records_with_exhibits()
    species = trafficked(records)
    print(f"{len(records)} records, {len(species)} trafficked species, seed {options.seed}")

    chosen = draw_individuals(records, species, options.seed)
    kept = [pair for pair in records if specimen(pair[0]) not in chosen]
    present = {(record.locus, record.species) for record, _sequence in kept}
    texts = {(record.locus, record.species, sequence) for record, sequence in kept}
    queries = [
        pair
        for pair in records
        if specimen(pair[0]) in chosen and (pair[0].locus, pair[0].species) in present
    ]
    library = build(folder, "individuals", kept)
    for title, short in (("whole sequences", 0), (f"{SHORT} bases", SHORT)):
        results = query(folder, library, queries, short, held=True)
        twins = {r.accession + r.locus for r, s in queries if (r.locus, r.species, s) in texts}
        own = [each for each in results if each[0].accession + each[0].locus not in twins]
        show(f"Individuals left out, {title}", own)
        show(f"The same, {len(results) - len(own)} twins", [e for e in results if e not in own])
        tell(results)

    gone = draw_species(species, options.seed)
    kept = [pair for pair in records if pair[0].species not in gone]
    first: dict[tuple[str, str], Record] = {}
    for pair in sorted(records, key=lambda pair: pair[0].accession):
        if pair[0].species in gone:
            first.setdefault((pair[0].locus, pair[0].species), pair)
    library = build(folder, "species", kept)
    for title, short in (("whole sequences", 0), (f"{SHORT} bases", SHORT)):
        results = query(folder, library, list(first.values()), short, held=False)
        show(f"Species left out, {title}", results)
        tell(results)


def tell(results: list) -> None:
    """Print every wrong name."""
    for record, outcome, row in results:
        if outcome == "wrong":
            values = (row.get("probability"), row.get("identity"), row.get("warnings"))
            print(f"  {record.accession} {record.locus} {record.species}: {row['taxon']} {values}")


if __name__ == "__main__":
    main()
