"""SIMULATED read sets of the mixtures of Arulandhu et al. 2017 (doi:10.1093/gigascience/gix080).

What is real: which species a mixture holds and at which share of dry weight (truth tables of
thapbi_pict 1.0.24, MIT), and the sequences that are copied. What is made up: every read.

Each species has one haplotype in a run, some bases off the reference (`VARIATION`). A PCR copies
species by their share times an efficiency of the species at the locus (the same in all PCRs) and
one of the PCR (both lognormal); copies have errors, some are chimeras of two others; sequencing
adds errors by qualities that fall along the read; some reads come from other PCRs of the run
(jumps), and each tube, blanks too, gets a few reads of contaminants.
"""

import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from forensics.barcode.locus import IUPAC, reverse_complement

__all__ = ["LOCI", "SAMPLES", "Locus", "Template", "read_truth", "simulate"]

DEPTH = 3000  # read pairs of a PCR
PCRS, BLANKS = 2, 3
READ = 250  # bases of a read
VARIATION = 0.003  # substitutions of a species' haplotype, against its reference
SPECIES_SD, PCR_SD = 0.5, 0.3  # of the logarithm of the efficiency
PCR_ERRORS = 3e-4  # a base, over all cycles
CHIMERAS = 0.02  # of the copies of a PCR with more than one species
JUMPS = 0.002  # of the reads of a PCR
CONTAMINANTS = ("Homo sapiens", "Gallus gallus", "Sus scrofa")
CONTAMINATION = 2.0  # reads of each in each tube, mean of a gamma distribution of shape 0.5
# Quality of a read: at its start, to where it stays so, and at its end; Illumina MiSeq 2 x 250.
QUALITIES = ((37, 150, 22), (37, 110, 16))

SAMPLES = tuple(f"EM_{n}" for n in range(1, 16)) + ("S1", "S2", "S4", "S5", "S6", "S7", "S9", "S10")
_PART = re.compile(r"(\d+)% ([A-Z][a-z]+ (?:sp\.|[a-z]+))")


@dataclass(frozen=True)
class Locus:
    """A locus: its file in ../shared/data, its file in thapbi_pict, primers 5' to 3'."""

    name: str
    file: str
    forward: str
    reverse: str


LOCI = (
    Locus("COI", "Mini-COI", "GGWACWGGWTGAACWGTWTAYCCYCC", "TANACYTCNGGRTGNCCRAARAAYCA"),
    Locus("16S", "Mini-16S", "AYAAGACGAGAAGACCC", "GATTGCGCTGTTATTCC"),
    Locus("cytb", "Mini-cyt-b", "CCATCCAACATCTCAGCATGATGAAA", "CCCTCAGAATGATATTTGTCCTCA"),
    Locus("rbcL", "Mini-rbcL", "GTTGGATTCAAAGCTGGTGTTA", "CVGTCCAMACAGTWGTCCATGT"),
    Locus("ITS", "ITS2", "ATGCGATACTTGGTGTGAAT", "GACGCTTCTCCAGACTACAAT"),
)


@dataclass
class Template:
    """What is copied of a species at a locus."""

    species: str
    sequence: str
    efficiency: float = 1.0


@dataclass
class Run:
    """A simulated run: rows of its sheet, and of each sample the shares that can be amplified."""

    rows: list[dict] = field(default_factory=list)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)


def read_truth(folder: Path) -> dict[str, dict[str, float]]:
    """Return of each mixture its species and their shares of dry weight.

    Shares stand in the descriptions of ``metadata.tsv``; the species must be those of the truth
    tables in ``expected``.
    """
    text = (folder / "metadata.tsv").read_text(encoding="utf-8")
    described = {}
    for line in text.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) > 4 and cells[3] in SAMPLES:
            parts = {name: int(share) / 100 for share, name in _PART.findall(cells[4])}
            described[cells[3]] = parts
    for sample in SAMPLES:
        kind = "known" if sample.startswith("EM") else "template"
        table = (folder / "expected" / f"{sample}.{kind}.tsv").read_text(encoding="utf-8")
        species = set(table.splitlines()[1].split("\t")[2].split(";"))
        if species != set(described.get(sample, ())):
            raise SystemExit(f"{sample}: truth table and description differ: {species}")
    return {sample: described[sample] for sample in SAMPLES}


def templates_of(sequences: dict[str, str], rng: numpy.random.Generator) -> dict[str, Template]:
    """Return one template a species, of its own haplotype and efficiency."""
    found = {}
    for species, sequence in sorted(sequences.items()):
        letters = list(sequence)
        for place in rng.choice(len(letters), rng.binomial(len(letters), VARIATION), replace=False):
            letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
        efficiency = float(numpy.exp(rng.normal(0, SPECIES_SD)))
        found[species] = Template(species, "".join(letters), efficiency)
    return found


def simulate(
    locus: Locus, sequences: dict[str, str], truth: dict[str, dict[str, float]], folder: Path,
    *, seed: int,
) -> Run:  # fmt: skip
    """Write the reads of all mixtures at a locus, two PCRs each, and of blanks."""
    rng = numpy.random.default_rng(seed)
    templates = templates_of(sequences, rng)
    primers = _plain(locus.forward), _plain(locus.reverse)
    run, pools, sources = Run(), {}, []
    for sample, parts in truth.items():
        held = {name: share for name, share in parts.items() if name in templates}
        if not held:
            continue  # nothing that these primers would copy
        total = sum(held.values())
        run.shares[sample] = {name: share / total for name, share in held.items()}
        for pcr in range(1, PCRS + 1):
            weights = numpy.array(
                [
                    share * templates[name].efficiency * numpy.exp(rng.normal(0, PCR_SD))
                    for name, share in held.items()
                ]
            )
            drawn = rng.multinomial(DEPTH, weights / weights.sum())
            copies = [templates[n].sequence for n, k in zip(held, drawn) for _ in range(k)]
            pools[sample, pcr] = _chimeric(copies, rng) if len(held) > 1 else copies
            sources += pools[sample, pcr]
    for blank in range(1, BLANKS + 1):
        pools[f"blank{blank}", 1] = []
    for (sample, pcr), copies in pools.items():
        jumped = rng.poisson(JUMPS * DEPTH)
        copies = copies + [sources[n] for n in rng.integers(len(sources), size=jumped)]
        for name in CONTAMINANTS:
            if name in templates:
                reads = rng.poisson(rng.gamma(0.5, 2 * CONTAMINATION))
                copies = copies + [templates[name].sequence] * reads
        files = [f"{sample}_{pcr}_R{mate}.fastq.gz" for mate in (1, 2)]
        _write(copies, primers, [folder / name for name in files], f"{sample}:{pcr}", rng)
        role = "blank" if sample.startswith("blank") else "sample"
        run.rows.append(dict(file1=files[0], file2=files[1], sample=sample, role=role))
    return run


def _plain(primer: str) -> str:
    """Return one of the sequences that a primer with IUPAC codes stands for."""
    return "".join(sorted(IUPAC[code])[0] for code in primer)


def _chimeric(copies: list[str], rng: numpy.random.Generator) -> list[str]:
    copies = list(copies)
    for place in numpy.flatnonzero(rng.random(len(copies)) < CHIMERAS):
        other = copies[rng.integers(len(copies))]
        share = rng.uniform(0.2, 0.8)
        copies[place] = (
            copies[place][: int(share * len(copies[place]))] + other[int(share * len(other)) :]
        )
    return copies


def _write(copies, primers, paths, name: str, rng: numpy.random.Generator) -> None:
    """Write copies as mates, in random order and either direction."""
    letters = numpy.frombuffer(b"ACGT", dtype=numpy.uint8)
    texts = [[], []]
    for number, place in enumerate(rng.permutation(len(copies))):
        copy = numpy.frombuffer(copies[place].encode(), dtype=numpy.uint8).copy()
        wrong = numpy.flatnonzero(rng.random(len(copy)) < PCR_ERRORS)
        copy[wrong] = rng.choice(letters, len(wrong))
        whole = primers[0] + copy.tobytes().decode() + reverse_complement(primers[1])
        ends = [whole[:READ], reverse_complement(whole)[:READ]]
        if rng.random() < 0.5:
            ends.reverse()
        for mate, end in enumerate(ends):
            high, flat, low = QUALITIES[mate]
            at = numpy.arange(len(end))
            mean = numpy.where(at < flat, high, high + (low - high) * (at - flat) / (READ - flat))
            quality = numpy.clip(numpy.rint(mean + rng.normal(0, 2, len(end))), 2, 40)
            read = numpy.frombuffer(end.encode(), dtype=numpy.uint8).copy()
            errors = numpy.flatnonzero(rng.random(len(end)) < 10 ** (-quality / 10))
            read[errors] = rng.choice(letters, len(errors))
            shown = (quality + 33).astype(numpy.uint8).tobytes().decode()
            texts[mate].append(f"@{name}:{number}\n{read.tobytes().decode()}\n+\n{shown}\n")
    for path, text in zip(paths, texts):
        with gzip.open(path, "wt", compresslevel=1) as stream:
            stream.write("".join(text))
