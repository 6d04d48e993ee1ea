"""Read sets of mixtures: real ones of wolf diets, SIMULATED ones beside SINTAX, memory and time.

    apt-get download obitools && dpkg-deb -x obitools_*.deb obitools
    python benchmarks/mixtures.py wolf obitools/usr/share/doc/obitools/examples/wolf_tutorial
    pip download --no-deps --no-binary :all: thapbi_pict==1.0.24 && tar xzf thapbi_pict-1.0.24.tar.gz
    python benchmarks/mixtures.py simulated thapbi_pict-1.0.24/examples/endangered_species
    python benchmarks/mixtures.py memory

Figures in benchmarks/README.md. Needs VSEARCH and, but for ``memory``, the evaluation data.
"""

import argparse
import csv
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from evaluation import need_programs, read_set, run, write_fasta
from mixture_simulation import LOCI, SAMPLES, read_truth, simulate

from forensics.barcode.mixture.options import ReadSetOptions
from forensics.barcode.mixture.running import examine
from forensics.barcode.mixture.sheet import read_sheet
from forensics.barcode.reference.library import open_library
from forensics.examination import identify_each

V5 = ("TTAGATACCCCACTATGC", "TAGAACAGGCTCCTCTAG")
# Shares of dry weight: what a row of the table holds.
LEVELS = (("26-99 %", 0.25, 1), ("10 %", 0.09, 0.25), ("2-5 %", 0.015, 0.09), ("1 %", 0, 0.015))
SUPPORT = 0.8  # of SINTAX, as its author has it (Edgar 2016, doi:10.1101/074161)
# What stands for a limit with SINTAX, which has none: reads in all, or share of them in both PCRs.
SINTAX = (("2 reads", 2, 0.0), ("0.1 % in both PCRs", 2, 0.001), ("1 % in both PCRs", 2, 0.01))

# Megabytes of address space that the programs get while memory is measured, less than the files.
MOST = 400


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["wolf", "simulated", "memory"])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, nargs="+", default=[100_000, 400_000, 1_600_000])
    options = parser.parse_args()
    need_programs("vsearch")
    with tempfile.TemporaryDirectory() as place:
        if options.what == "wolf":
            wolf(options.folder, Path(place))
        elif options.what == "simulated":
            simulated(options.folder, Path(place), options.seed)
        else:
            memory(options.pairs, Path(place))


def measured(arguments: list, folder: Path, most: int = 0) -> tuple[str, dict]:
    """Run ``forensics`` by itself; return what it prints, and seconds and megabytes.

    Megabytes are the most that this program, or VSEARCH under it, held at one time. With `most`,
    neither gets more address space than so many.
    """
    limit = f"resource.setrlimit(resource.RLIMIT_AS, ({most << 20}, {most << 20}))\n"
    code = (
        "import json, resource, sys, time\n"
        + (limit if most else "")
        + "start = time.perf_counter()\n"
        "from forensics.cli import main\n"
        "try:\n    main(standalone_mode=False)\n"
        "finally:\n"
        "    own, under = (resource.getrusage(w) for w in (resource.RUSAGE_SELF,"
        " resource.RUSAGE_CHILDREN))\n"
        "    print(json.dumps({'seconds': time.perf_counter() - start,"
        " 'cpu': own.ru_utime + own.ru_stime + under.ru_utime + under.ru_stime,"
        " 'own_mb': own.ru_maxrss / 1024, 'vsearch_mb': under.ru_maxrss / 1024}),"
        " file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=folder, capture_output=True,
        text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return done.stdout, json.loads(done.stderr.strip().splitlines()[-1])


def build(folder: Path, name: str, entries: list[tuple[str, str]]) -> Path:
    """Build a library of (header, sequence) pairs."""
    write_fasta(folder / f"{name}.fasta", entries)
    library = folder / name
    subprocess.run(
        [sys.executable, "-m", "forensics", "library", "build", folder / f"{name}.fasta",
         "--output", library],
        check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip
    return library


def entries_of(records) -> list[tuple[str, str]]:
    """Return records as headers and sequences."""
    return [(f"{r.accession}|{r.species}|{r.locus}|shared", s) for r, s in records]


# -- real reads of wolf diets ---------------------------------------------------------------


def wolf(data: Path, folder: Path) -> None:
    """45,276 pairs of four PCRs (Shehzad et al. 2012, doi:10.1111/j.1365-294X.2011.05424.x)."""
    files = [(data / f"wolf_{end}.fastq").resolve() for end in "FR"]
    rows = ["file1,file2,sample,tag_forward,tag_reverse"]
    for line in (data / "wolf_diet_ngsfilter.txt").read_text().splitlines():
        _run, sample, tag, *_rest = line.split()
        rows.append(f"{files[0]},{files[1]},{sample},{tag},{tag}")
    (folder / "wolf.csv").write_text("\n".join(rows) + "\n")
    records = read_set("12S")
    library = build(folder, "library", entries_of(records))
    arguments = [
        "mixture", "--sheet", "wolf.csv", "--primers", *V5, "--library", library,
        "--quality-offset", 64, "--format", "json", "--threads", 2,
    ]  # fmt: skip
    used = []
    for _repeat in range(3):
        printed, measures = measured(arguments, folder)
        used.append(measures)
    used.sort(key=lambda one: one["seconds"])
    print("median of three:", {name: round(value, 2) for name, value in used[1].items()})
    print(f"library: {len(records)} records, {len({r.species for r, _s in records})} species")
    for result in map(json.loads, printed.splitlines()):
        reads = result["reads"][0]
        print(f"\n{result['sample']}: {result['result']}; {reads}")
        print(f"  warnings: {[w['code'] for w in result['warnings']]}")
        for one in result["found"]:
            best = (one["sequences"] or [{}])[0]
            print(
                f"  {one['presence']:12} {one['status']:15} {one['reads']:6} "
                f"{one['share_of_reads']:.4f} [{one['low']:.4f}, {one['high']:.4f}] {one['label']}"
                f"  {best.get('sequence', '')}"
            )


# -- simulated mixtures -------------------------------------------------------------------------


def references_of(data: Path, locus) -> list[tuple[str, str, str]]:
    """Return (accession, name, sequence) of thapbi_pict's references that bear a name."""
    found = []
    text = (data / "references" / f"{locus.file}.fasta").read_text()
    for entry in text.split(">")[1:]:
        header, _, sequence = entry.partition("\n")
        for part in header.split(";"):
            accession, _, name = part.strip().partition(" ")
            words = name.split()[:2]
            if len(words) == 2 and not accession.startswith("XXX"):
                found.append((accession, " ".join(words), sequence.replace("\n", "").upper()))
    return found


def simulated(data: Path, folder: Path, seed: int) -> None:
    """Every mixture at five loci: with its species in the library, and with none of them."""
    truth = read_truth(data)
    everyone = {name for parts in truth.values() for name in parts}
    present = defaultdict(lambda: defaultdict(set))  # method, sample: names
    could = defaultdict(set)  # sample: species that some locus copies
    spent = Counter()
    for locus in LOCI:
        references = references_of(data, locus)
        shared = read_set(locus.name, reconciled=False)
        sequences = {}
        for _accession, name, sequence in references:
            sequences.setdefault(name, sequence)
        sequences |= cut_from(shared, everyone - sequences.keys(), locus)
        wanted = {n: s for n, s in sequences.items() if n in everyone | {"Homo sapiens"}}
        place = folder / locus.name
        place.mkdir()
        made = simulate(locus, wanted, truth, place, seed=seed)
        with open(place / "run.csv", "w", newline="") as handle:
            writer = csv.DictWriter(handle, ["file1", "file2", "sample", "role"])
            writer.writeheader()
            writer.writerows(made.rows)
        for sample, shares in made.shares.items():
            could[sample] |= shares.keys()
        ours = [(f"{a}|{n}|{locus.name}|thapbi_pict", s) for a, n, s in references]
        every = ours + entries_of(shared)
        kinds = {"in": every, "out": [e for e in every if e[0].split("|")[1] not in everyone]}
        pcrs = read_sheet(place / "run.csv")
        for kind, entries in kinds.items():
            library = open_library(build(place, kind, entries))
            start = time.perf_counter()
            results = examine(
                pcrs, identify_each, library, ReadSetOptions(locus=locus.name),
                primers=[(locus.forward, locus.reverse)], work=place / "work",
            )  # fmt: skip
            spent["ours"] += time.perf_counter() - start
            for result in results:
                names = present["ours", kind][result.sample]
                for taxon in result.taxa:
                    if taxon.presence != "present":
                        continue
                    if taxon.status == "identified":
                        names.add((taxon.rank, taxon.name))
                    if taxon.sequences and (nearest := taxon.sequences[0].nearest):
                        names.add(("nearest", nearest.species))
            start = time.perf_counter()
            sintax(place, pcrs, entries, kind, present, seed)
            spent["sintax, on merged and filtered reads"] += time.perf_counter() - start
        print(
            f"{locus.name}: {sum(len(s) for s in made.shares.values())} species of "
            f"{len(made.shares)} mixtures copied; library {len(every)} records, without the "
            f"mixtures' species {len(kinds['out'])}", flush=True,
        )  # fmt: skip
    report(truth, could, present)
    print({name: round(seconds, 1) for name, seconds in spent.items()})


def cut_from(shared, wanted: set[str], locus) -> dict[str, str]:
    """Return what the primers would copy of species that thapbi_pict has no reference of."""
    import edlib

    from forensics.barcode.locus import IUPAC, reverse_complement

    found = {}
    for record, sequence in shared:
        if record.species not in wanted or record.species in found:
            continue
        ends = []
        for primer, text in (
            (locus.forward, sequence),
            (locus.reverse, reverse_complement(sequence)),
        ):
            # In casework mismatches are usual; here only the place is looked for.
            at = edlib.align(
                primer, text, mode="HW", task="locations", k=len(primer) // 4,
                additionalEqualities=[(c, b) for c in set(primer) for b in IUPAC[c] if b != c],
            )  # fmt: skip
            ends.append(at["locations"][0][1] + 1 if at["editDistance"] >= 0 else None)
        if None not in ends and len(sequence) - sum(ends) > 100:
            piece = sequence[ends[0] : len(sequence) - ends[1]]
            if not set(piece) - set("ACGT"):
                found[record.species] = piece
    return found


def sintax(place: Path, pcrs, entries, kind: str, present, seed: int) -> None:
    """Ask SINTAX of the same reads: merged, filtered, primers cut off, dereplicated."""
    write_fasta(
        place / "sintax.fasta",
        (
            (f"{number};tax=g:{name.split()[0]},s:{name.replace(' ', '_')};", sequence)
            for number, (header, sequence) in enumerate(entries)
            for name in [header.split("|")[1]]
        ),
    )
    counts = defaultdict(Counter)  # sequence: PCR: reads
    totals = Counter()
    for number, pcr in enumerate(pcrs):
        path = place / "work" / "steps" / f"{number}-0-0-uniques" / "uniques.fasta"
        lines = path.read_text().splitlines()
        for header, sequence in zip(lines[::2], lines[1::2]):
            size = int(header.rpartition("size=")[2])
            counts[sequence][pcr.sample, pcr.replicate] += size
            totals[pcr.sample, pcr.replicate] += size
    # A read that occurs once in the run is an error; it would only add to what SINTAX has wrong.
    kept = [sequence for sequence, found in counts.items() if sum(found.values()) > 1]
    write_fasta(place / "asked.fasta", ((str(n), s) for n, s in enumerate(kept)))
    text = run(
        "vsearch", "--sintax", "asked.fasta", "--db", "sintax.fasta", "--strand", "both",
        "--tabbedout", "-", "--randseed", seed, "--threads", 1, "--quiet", folder=place,
    )  # fmt: skip
    named = defaultdict(Counter)  # (rank, name): PCR: reads
    for line in text.splitlines():
        query, found, *_rest = line.split("\t")
        for part in filter(None, found.split(",")):
            rank, _, rest = part.partition(":")
            name, _, support = rest.rpartition("(")
            if float(support.rstrip(")")) >= SUPPORT:
                key = ("species" if rank == "s" else "genus", name.replace("_", " "))
                named[key].update(counts[kept[int(query)]])
    for label, least, share in SINTAX:
        for key, reads in named.items():
            for sample in {pcr.sample for pcr in pcrs if pcr.role == "sample"}:
                own = [(sample, pcr.replicate) for pcr in pcrs if pcr.sample == sample]
                held = [reads.get(one, 0) for one in own]
                if sum(held) >= least and all(
                    count >= share * totals[one] for count, one in zip(held, own)
                ):
                    present[f"SINTAX, {label}", kind][sample].add(key)


def report(truth, could, present) -> None:
    """Print what was found at each share, and what was named that is not there."""
    skipped = sum(len(parts) - len(could[s]) for s, parts in truth.items())
    print(
        f"\n{sum(map(len, could.values()))} species of {len(SAMPLES)} mixtures; {skipped} more are"
    )
    print("copied at no locus here, for want of a sequence, and are left out.\n")
    for kind, title in (
        ("in", "species are in the library"),
        ("out", "none of them is in the library"),
    ):
        print(f"### {title}\n")
        heads = [f"{label}: named / genus / seen" for label, _low, _high in LEVELS]
        print(f"| method | {' | '.join(heads)} | false species | false genera |")
        print("|---|" + "---|" * (len(LEVELS) + 2))
        for method, where in [key for key in present if key[1] == kind]:
            cells = []
            for _label, low, high in LEVELS:
                counts = Counter()
                for sample, parts in truth.items():
                    found = present[method, where][sample]
                    for name in could[sample]:
                        if low < parts[name] <= high:
                            counts.update(judged(name, found))
                cells.append(
                    "{named} / {genus} / {seen} of {all}".format_map(defaultdict(int, counts))
                )
            false, genera = Counter(), Counter()
            for sample, parts in truth.items():
                # Human reads were put in, and to say so is right.
                true = {name.split()[0] for name in parts} | {"Homo"}
                wrong = {n for r, n in present[method, where][sample] if r == "species"}
                wrong -= parts.keys() | {"Homo sapiens"}
                # A species of a genus that the table gives as "sp." is not known to be wrong.
                wrong = {n for n in wrong if f"{n.split()[0]} sp." not in parts}
                false.update(wrong)
                genera.update(
                    n for r, n in present[method, where][sample] if r == "genus" and n not in true
                )
            print(
                f"| {method} | {' | '.join(cells)} | {sum(false.values())} | "
                f"{sum(genera.values())} |"
            )
            print(f"<!-- false species: {dict(false)}; genera: {dict(genera)} -->")
        print()


def judged(name: str, found: set[tuple[str, str]]) -> list[str]:
    """Return what was reached of a species of a mixture, where "Genus sp." is all that is known."""
    of_genus = {(rank, n) for rank, n in found if n and n.split()[0] == name.split()[0]}
    named = ("species", name) in found
    genus = any(rank != "nearest" for rank, _n in of_genus)
    if name.endswith(" sp."):
        named = genus
    seen = genus or ("nearest", name) in found or (name.endswith(" sp.") and bool(of_genus))
    reached = zip(("named", "genus", "seen"), (named, genus, seen))
    return ["all", *(word for word, true in reached if true)]


# -- memory and time ------------------------------------------------------------------------


def memory(sizes: list[int], folder: Path) -> None:
    """Time and memory as a file grows: SIMULATED pairs of 20 species, half a per cent of errors."""
    from forensics.barcode.locus import reverse_complement

    rng = random.Random(7)
    species = ["".join(rng.choices("ACGT", k=160)) for _ in range(20)]
    library = build(
        folder, "library",
        [(f"SIM{n}|Fictus s{chr(97 + n)}|12S|made", s) for n, s in enumerate(species)],
    )  # fmt: skip
    print("| pairs | unpacked MB | seconds | CPU s | this program MB | VSEARCH MB |")
    print("|---|---|---|---|---|---|")
    for size in sizes:
        files, unpacked = [folder / f"big_R{mate}.fastq.gz" for mate in (1, 2)], 0
        with gzip.open(files[0], "wt", 1) as one, gzip.open(files[1], "wt", 1) as two:
            for number in range(size):
                whole = V5[0] + species[int(20 * rng.random() ** 2)] + reverse_complement(V5[1])
                for stream, end in ((one, whole[:150]), (two, reverse_complement(whole)[:150])):
                    if rng.random() < 0.5:  # an error in every second read
                        place = rng.randrange(len(end))
                        end = end[:place] + rng.choice("ACGT") + end[place + 1 :]
                    unpacked += stream.write(f"@r:{number}\n{end}\n+\n{'F' * len(end)}\n")
        _printed, used = measured(
            ["mixture", *files, "--primers", *V5, "--library", library, "--format", "json",
             "--threads", 2],
            folder, MOST,
        )  # fmt: skip
        print(
            f"| {size:,} | {unpacked / 2**20:,.0f} | {used['seconds']:.0f} | {used['cpu']:.0f} | "
            f"{used['own_mb']:.0f} | {used['vsearch_mb']:.0f} |", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
