"""What do many animals and many loci cost? Reading, training, evaluating and assigning, as a user would.

    python benchmarks/places_scale.py                          5,000 animals x 5,000 SNP, 60 sites
    python benchmarks/places_scale.py --only read --forms csv vcf
    python benchmarks/places_scale.py --animals 10000 --loci 100000 --forms bed --markers 1000 --only read places assign
    python benchmarks/places_scale.py --animals 675 --loci 16 --sites 39 --kind microsatellites --only evaluate

SIMULATED animals with isolation by distance: the logits of the frequencies are a Gaussian process over
the sites, linear in the distance near by. Ten more sites of ten animals are in no reference; `origin
assign` places them. Each step is one command in a process of its own; the table shows its wall time, CPU,
and greatest memory (`ru_maxrss`), imports and reading included. The median error stands beside the
floor, which is the error of always naming the mean place of the other sites.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forensics.origin.geography import great_circle, spherical_mean

SEED = 20261128
# All land: southern Cameroon to northern Zambia.
SOUTH, NORTH, WEST, EAST = -14.0, 4.0, 14.0, 30.0
# Range of the Gaussian process, km; standard deviation of the logits: FST about 0.03.
WIDTH_KM, SD, LOCAL_SD = 1500.0, 0.45, 0.15
NEW_SITES, NEW_ANIMALS = 10, 10
MISSING = {"snp": 0.02, "microsatellites": 0.08}
MICROSATELLITE_ALLELES = 12
FORMS = ("csv", "vcf", "bed")
STEPS = ("read", "places", "populations", "evaluate", "assign")


@dataclass(frozen=True, eq=False)
class Simulated:
    """Animals with their places.

    Attributes
    ----------
    names : list of str, length n
    sites : numpy.ndarray of int, shape (n,)
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    codes : numpy.ndarray of int8, shape (n, L, 2)
        Alleles in ascending order; -1 where not typed.
    """

    names: list[str]
    sites: np.ndarray
    latitudes: np.ndarray
    longitudes: np.ndarray
    codes: np.ndarray

    def take(self, rows: np.ndarray) -> "Simulated":
        return Simulated(
            [self.names[row] for row in rows], self.sites[rows], self.latitudes[rows],
            self.longitudes[rows], self.codes[rows],
        )  # fmt: skip


def simulate(
    animals: int, loci: int, sites: int, kind: str = "snp", seed: int = SEED,
    bed: Path | None = None,
) -> tuple[Simulated, Simulated]:  # fmt: skip
    """Return a reference, and animals of sites that are not in it.

    Where `bed` is given, the genotypes of the reference are written there and not held.
    """
    generator = np.random.default_rng(seed)
    every = sites + NEW_SITES
    north = generator.uniform(SOUTH, NORTH, every)
    east = generator.uniform(WEST, EAST, every)
    away = great_circle(north[:, None], east[:, None], north, east)
    root = np.linalg.cholesky(np.exp(-away / WIDTH_KM) + 1e-9 * np.eye(every))
    site_of = np.concatenate(
        [np.sort(np.arange(animals) % sites), np.repeat(np.arange(sites, every), NEW_ANIMALS)]
    )
    own = np.flatnonzero(site_of < sites)
    new = np.flatnonzero(site_of >= sites)
    kept = np.arange(len(site_of)) if bed is None else new
    codes = np.empty((len(kept), loci, 2), dtype=np.int8)
    file = None if bed is None else bed.open("wb")
    if file is not None:
        file.write(b"\x6c\x1b\x01")
    for locus, drawn in enumerate(draw_loci(generator, root, site_of, loci, kind)):
        codes[:, locus] = drawn[kept]
        if file is not None:
            file.write(pack(drawn[own]))
    if file is not None:
        file.close()
    held = Simulated(
        [f"A{row:06d}" for row in kept], site_of[kept], north[site_of][kept], east[site_of][kept], codes
    )  # fmt: skip
    if bed is None:
        return held.take(own), held.take(new)
    reference = Simulated(
        [f"A{row:06d}" for row in own], site_of[own], north[site_of][own], east[site_of][own],
        np.empty((len(own), 0, 2), dtype=np.int8),
    )  # fmt: skip
    return reference, held


def draw_loci(
    generator: np.random.Generator, root: np.ndarray, site_of: np.ndarray, loci: int, kind: str
) -> Iterator[np.ndarray]:
    """Yield the alleles of all animals at each locus; int8, shape (n, 2); -1 where not typed."""
    count = 2 if kind == "snp" else MICROSATELLITE_ALLELES
    every = len(root)
    for _locus in range(loci):
        # Of K alleles K - 1 logits vary beside the last.
        spread = SD * (root @ generator.standard_normal((every, count - 1)))
        spread += LOCAL_SD * generator.standard_normal(spread.shape)
        base = np.log(generator.dirichlet(np.full(count, 1.0)) + 0.02)
        shares = np.exp(base + np.column_stack([spread, np.zeros(every)]))
        edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)[:, :-1]
        drawn = generator.random((len(site_of), 2), dtype=np.float32)
        pairs = (drawn[:, :, None] > edges[site_of][:, None, :]).sum(axis=2).astype(np.int8)
        pairs.sort(axis=1)
        pairs[generator.random(len(site_of), dtype=np.float32) < MISSING[kind]] = -1
        yield pairs


def pack(pairs: np.ndarray) -> bytes:
    """Return a locus as a .bed has it: two bits an animal, the second allele counted."""
    bits = np.where(pairs[:, 0] < 0, 1, np.array([3, 2, 0])[np.maximum(pairs.sum(axis=1), 0)])
    bits = np.pad(bits.astype(np.uint8), (0, -len(bits) % 4)).reshape(-1, 4)
    return (bits << np.array([0, 2, 4, 6], dtype=np.uint8)).sum(axis=1, dtype=np.uint8).tobytes()


def write_plink_tables(animals: Simulated, bed: Path, loci: int) -> None:
    """Write the .bim and the .fam beside a .bed."""
    bed.with_suffix(".bim").write_text(
        "".join(f"1 snp{locus} 0 {1 + 1000 * locus} C A\n" for locus in range(loci)),
        encoding="utf-8",
    )
    bed.with_suffix(".fam").write_text(
        "".join(f"F {name} 0 0 0 -9\n" for name in animals.names), encoding="utf-8"
    )


def labels_of(kind: str) -> list[str]:
    """Return the labels of the alleles."""
    if kind == "snp":
        return ["A", "C"]
    return [str(100 + 2 * step) for step in range(MICROSATELLITE_ALLELES)]


def write_table(animals: Simulated, path: Path, kind: str) -> None:
    """Write a row an animal, ``A/C`` a cell, with site and coordinates."""
    labels = labels_of(kind)
    texts = np.array(["", *(f"{a}/{b}" for a in labels for b in labels)])
    pairs = animals.codes[:, :, 0] * len(labels) + animals.codes[:, :, 1] + 1
    pairs = np.maximum(pairs, 0)
    with path.open("w", encoding="utf-8") as file:
        loci = [f"snp{locus}" for locus in range(animals.codes.shape[1])]
        file.write(",".join(["animal", "population", "latitude", "longitude", *loci]) + "\n")
        for row, name in enumerate(animals.names):
            place = f"{animals.latitudes[row]:.5f},{animals.longitudes[row]:.5f}"
            cells = ",".join(texts[pairs[row]])
            file.write(f"{name},site {animals.sites[row]},{place},{cells}\n")


def write_places(animals: Simulated, path: Path) -> None:
    """Write the table of places that stands beside a file of genotypes."""
    lines = ["animal,population,latitude,longitude"]
    for row, name in enumerate(animals.names):
        lines.append(
            f"{name},site {animals.sites[row]},{animals.latitudes[row]:.5f},"
            f"{animals.longitudes[row]:.5f}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_vcf(animals: Simulated, path: Path, kind: str) -> None:
    """Write VCF 4.2 with genotypes."""
    if kind != "snp":
        raise SystemExit("VCF is written of SNP only")
    texts = np.array(["./.", "0/0", "0/1", "1/1"])
    with path.open("w", encoding="utf-8") as file:
        file.write("##fileformat=VCFv4.2\n##contig=<ID=1>\n")
        file.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        file.write("\t".join([*head, *animals.names]) + "\n")
        for locus in range(animals.codes.shape[1]):
            pair = animals.codes[:, locus]
            place = np.where(pair[:, 0] < 0, 0, 1 + pair.sum(axis=1))
            site = f"1\t{1 + 1000 * locus}\tsnp{locus}\tA\tC\t.\tPASS\t.\tGT\t"
            file.write(site + "\t".join(texts[place]) + "\n")


@dataclass(frozen=True)
class Cost:
    """What a process took.

    Attributes
    ----------
    wall, cpu : float
        Seconds.
    memory : float
        Greatest resident memory, GB.
    code : int
        Exit code.
    """

    wall: float
    cpu: float
    memory: float
    code: int

    def __str__(self) -> str:
        return f"{self.wall:8.1f} s wall {self.cpu:8.1f} s CPU {self.memory:6.2f} GB"


def run(arguments: Sequence[str], output: Path | None = None) -> Cost:
    """Run a command in a process of its own and return what it took."""
    began = time.monotonic()
    with open(output or os.devnull, "wb") as file:
        actions = [(os.POSIX_SPAWN_DUP2, file.fileno(), 1)]
        child = os.posix_spawn(
            sys.executable, [sys.executable, *arguments], os.environ, file_actions=actions
        )
        _pid, status, usage = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(
        time.monotonic() - began,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * unit / 1e9,
        os.waitstatus_to_exitcode(status),
    )


def command(*arguments: str | Path | int) -> list[str]:
    return ["-m", "forensics", *(str(argument) for argument in arguments)]


READ = (
    "import sys; from forensics.genetics.reading import read_genotypes; "
    "markers = int(sys.argv[3]) or None; "
    "print(read_genotypes(sys.argv[1], places=sys.argv[2] or None, markers=markers).codes.shape)"
)


def show(what: str, cost: Cost, more: str = "") -> None:
    print(f"{what:34s} {cost}{'' if not cost.code else f'  EXIT {cost.code}'}  {more}", flush=True)


def in_words(evaluation: dict) -> str:
    """Return the error on left-out sites beside the floor."""
    figures = evaluation["leave-one-site-out"]
    held = figures["coverage"]["0.9"]
    share = held["share"] if "share" in held else held
    return (
        f"median {figures['median_km']:.0f} km, floor {figures['floor_median_km']:.0f} km, "
        f"90 % region holds {share:.0%}"
    )


def errors_of(samples: Simulated, path: Path, reference: Simulated) -> str:
    """Return the median error of assigned samples beside the floor."""
    results = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    row_of = {name: row for row, name in enumerate(samples.names)}
    away = [
        float(
            great_circle(
                samples.latitudes[row], samples.longitudes[row], *result["median"].values()
            )
        )
        for result in results
        if result.get("median") and (row := row_of[result["sample"]]) >= 0
    ]
    centre = spherical_mean(reference.latitudes, reference.longitudes)
    floor = float(np.median(great_circle(samples.latitudes, samples.longitudes, *centre)))
    if not away:
        return f"none of {len(results)} placed"
    return (
        f"{len(away)} of {len(results)} placed, median {np.median(away):.0f} km, "
        f"floor {floor:.0f} km"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--animals", type=int, default=5000)
    parser.add_argument("--loci", type=int, default=5000)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--kind", choices=tuple(MISSING), default="snp", help="of the loci")
    parser.add_argument("--markers", type=int, help="of train and evaluate")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=("csv",))
    parser.add_argument("--only", nargs="+", choices=STEPS, default=STEPS, metavar="STEP")
    parser.add_argument("--folder", type=Path, help="kept; by default a temporary one")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="places_scale"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measure(options, folder)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Simulate, run the steps that were chosen and print what each took."""
    import scipy

    bed = folder / "reference.bed" if "bed" in options.forms else None
    if bed is not None and len(options.forms) > 1:
        raise SystemExit("a .bed is written as it is simulated: no other form beside it")
    reference, samples = simulate(
        options.animals, options.loci, options.sites, options.kind, bed=bed
    )
    print(
        f"{options.animals} animals x {options.loci} {options.kind} at {options.sites} sites, "
        f"SIMULATED; Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}, {os.cpu_count()} cores",
        flush=True,
    )
    files = {}
    writers = {"csv": write_table, "vcf": write_vcf}
    for form in options.forms:
        files[form] = folder / f"reference.{form}"
        if form == "bed":
            write_plink_tables(reference, files[form], options.loci)
        else:
            writers[form](reference, files[form], options.kind)
    places, unknown = folder / "places.csv", folder / "samples.csv"
    write_places(reference, places)
    write_table(samples, unknown, options.kind)
    if "read" in options.only:
        for form, file in files.items():
            table = "" if form == "csv" else str(places)
            show(f"read {form} ({file.stat().st_size / 1e6:.0f} MB)",
                 run(["-c", READ, str(file), table, str(options.markers or 0)]))  # fmt: skip
    file = next(iter(files.values()))
    beside = [] if file.suffix == ".csv" else ["--places", places]
    if options.markers:
        beside += ["--markers", options.markers]
    for kind in ("places", "populations"):
        model = folder / kind
        if kind in options.only:
            shutil.rmtree(model, ignore_errors=True)
            cost = run(command("origin", "train", file, *beside, "--kind", kind, "--output", model))
            size = sum(each.stat().st_size for each in model.iterdir()) / 1e6
            card = json.loads((model / "model.json").read_text(encoding="utf-8"))
            more = in_words(card["evaluation"]) if kind == "places" else ""
            show(f"origin train, {kind}", cost, f"model {size:.0f} MB {more}")
        if "assign" in options.only and model.is_dir():
            output = folder / f"{kind}.json"
            cost = run(command("origin", "assign", model, unknown, "--format", "json"), output)
            more = errors_of(samples, output, reference) if kind == "places" else ""
            show(f"origin assign, {kind}, {len(samples.names)} samples", cost, more)
    if "evaluate" in options.only:
        output = folder / "evaluation.json"
        cost = run(
            command("origin", "evaluate", file, *beside, "--kind", "places", "--format", "json"),
            output,
        )
        figures = json.loads(output.read_text(encoding="utf-8"))
        show("origin evaluate, places", cost, in_words(figures))


if __name__ == "__main__":
    main()
