"""Are mixed chromatograms seen, and does one ever get a wrong name? SIMULATED traces, and real ones.

Sequences of the embedded library's COI are turned into chromatograms with peaks, noise and bad
ends (tests/trace_simulation.py), alone or as mixtures of two species, written as .ab1, read and
identified as any other. Limits were set on one half of the genera; figures are of the other.

    python benchmarks/chromatograms.py --samples 60
    python benchmarks/chromatograms.py --real FOLDER    # real .ab1 files, whatever there are
"""

import argparse
import random
import sys
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import trace_simulation

from forensics.barcode.reading.chromatogram import read_chromatogram
from forensics.barcode.reading.inspection import inspect_sample
from forensics.barcode.reading.reads import query_from_assembly
from forensics.barcode.reading.samples import samples_of
from forensics.barcode.reading.sanger import assemble_and_assess
from forensics.barcode.reference.library import open_library
from forensics.errors import InputError
from forensics.examination import identify_each

HALVES = ("tune", "report")
MIXED = "MIXED_CHROMATOGRAM"


def species_by_genus(half: str) -> tuple[dict[str, dict[str, list[str]]], dict[str, str]]:
    """Return whole, unambiguous COI sequences by genus and species, and the species' families.

    Of one half of the genera.
    """
    index = open_library().index("COI")
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    families = {}
    for position in range(index.record_count):
        record = index.record(position)
        genus, _, epithet = record.label.partition(" ")
        if zlib.crc32(genus.encode()) % 2 != HALVES.index(half) or not epithet.islower():
            continue
        sequence = index.sequence(index.haplotype_at(position))
        if 640 <= len(sequence) <= 670 and not set(sequence) - set("ACGT"):
            found[genus][record.label].append(sequence)
            families[record.label] = record.family
    return found, families


class Draw:
    """Draws templates, repeatably."""

    def __init__(self, half: str, seed: int) -> None:
        self.rng = random.Random(seed)
        self.genera, self.families = species_by_genus(half)
        self.several = [genus for genus, known in self.genera.items() if len(known) > 1]

    def one(self, genus: str | None = None) -> tuple[str, str]:
        """Return a species and a sequence of it."""
        known = self.genera[genus or self.rng.choice(list(self.genera))]
        species = self.rng.choice(list(known))
        return species, self.rng.choice(known[species])

    def two(self, *, same_genus: bool) -> list[tuple[str, str]]:
        """Return two species with a sequence of each, which differ."""
        while True:
            genus = self.rng.choice(self.several) if same_genus else None
            one, other = self.one(genus), self.one(genus)
            if other[0] != one[0] and other[1] != one[1]:
                return [one, other]

    def changed(self, sequence: str, *, substitutions: int = 0, deleted: int = 0) -> str:
        """Return a copy as of a nuclear copy."""
        letters = list(sequence)
        for place in self.rng.sample(range(len(letters)), substitutions):
            letters[place] = self.rng.choice([base for base in "ACGT" if base != letters[place]])
        if deleted:
            start = self.rng.randrange(200, 400)
            del letters[start : start + deleted]
        return "".join(letters)


def settings(draw: Draw):
    """Yield name, maker of templates with shares, and options of the simulation."""
    yield "one template", lambda: [(*draw.one(), 1.0)], {}
    yield (
        "one template, 120 bases at Q10 at either end",
        lambda: [(*draw.one(), 1.0)],
        {"bad_ends": 120},
    )
    for share in (0.5, 0.7, 0.9):
        for same in (False, True):
            name = f"{share:.0%}:{1 - share:.0%}, {'one genus' if same else 'any two species'}"

            def mixture(share=share, same=same):
                one, other = draw.two(same_genus=same)
                return [(*one, share), (*other, 1 - share)]

            yield name.replace("%", ""), mixture, {}
    for name, change in (
        ("50:50 with a copy 3 % away", {"substitutions": 20}),
        ("50:50 with a copy that lacks 7 bases", {"deleted": 7}),
    ):

        def copy(change=change):
            species, sequence = draw.one()
            return [(species, sequence, 0.5), (species, draw.changed(sequence, **change), 0.5)]

        yield name, copy, {}


def examined(reads: list) -> object:
    """Return the result of a sample, by way of .ab1."""
    again = [
        read_chromatogram(trace_simulation.ab1_of(read), source=f"{number}.ab1")
        for number, read in enumerate(reads)
    ]
    query = query_from_assembly(
        "sample", assemble_and_assess(again, [f"read {n + 1}" for n in range(len(again))])
    )
    (result,) = identify_each(iter([query]), locus="COI")
    return result


def outcome(result, templates: list[tuple[str, str, float]], families: dict[str, str]) -> str:
    """Return what became of a sample: what was named, and whether it is the majority's."""
    if result.status != "identified":
        return result.status
    species = [name for name, _sequence, _share in templates]
    taxa = [
        {"species": name, "genus": name.split()[0], "family": families[name]}[result.rank]
        for name in species
    ]
    # Of two halves neither is the majority; what is named must hold for both.
    halves = len({share for *_rest, share in templates}) == 1
    if result.taxon != taxa[0] or (halves and len(set(taxa)) > 1):
        return "WRONG"
    return "species" if result.rank == "species" else "genus or family"


def run(half: str, samples: int, seed: int) -> int:
    """Print the table; return how many samples were named wrongly."""
    draw, rng = Draw(half, seed), numpy.random.default_rng(seed)
    wrong = total = 0
    print(f"SIMULATED, half {half!r}, {samples} samples a row, seed {seed}\n")
    print(
        "| template | reads | flagged mixed | refused or doubted | named species (majority) | genus or family | inconclusive | nothing near | unusable | wrong |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, make, options in settings(draw):
        counts = {"pair": Counter(), "one": Counter()}
        for _number in range(samples):
            templates = make()
            mixture = [(sequence, share) for _species, sequence, share in templates]
            forward = trace_simulation.simulate(rng, mixture, **options)
            reverse = trace_simulation.simulate(rng, mixture, reverse=True, **options)
            for kind, reads in (("pair", [forward, reverse]), ("one", [forward])):
                result = examined(reads)
                codes = {warning.code for warning in result.warnings}
                counts[kind]["flagged"] += MIXED in codes
                doubted = {MIXED, "READS_DISAGREE", "ERROR_PRONE", "TOO_AMBIGUOUS", "LOW_QUALITY"}
                counts[kind]["doubted"] += bool(codes & doubted)
                counts[kind][outcome(result, templates, draw.families)] += 1
        for kind, found in counts.items():
            errors = found["WRONG"]
            wrong, total = wrong + errors, total + samples
            cells = [
                found[key]
                for key in ("flagged", "doubted", "species", "genus or family",
                            "inconclusive", "nothing_near", "unusable")
            ]  # fmt: skip
            print(
                f"| {name} | {kind} | " + " | ".join(map(str, [*cells, errors])) + " |", flush=True
            )
    print(f"\nWrong names: {wrong} of {total} samples")
    return wrong


def real(folder: str) -> None:
    """Print what real chromatograms show."""
    print(
        "| sample | reads | bases kept | overlap | agreement | conflicts | consensus | expected errors | clear double peaks | mixed |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    folders = sorted({path.parent for path in Path(folder).rglob("*.ab1*")})
    for alone in (False, True):
        for sample in samples_of(folders, paired=not alone).samples:
            try:
                facts = inspect_sample(sample).to_dict()
            except InputError as error:
                print(f"| {sample.name} | {error.message} |")
                continue
            kept = ", ".join(
                f"{read['kept_to'] - read['kept_from'] + 1} of {read['bases']}"
                for read in facts["reads"]
                if read["kept_to"]
            )
            agreement = "" if facts["agreement"] is None else f"{facts['agreement']:.2%}"
            clear = sum(p["clear"] and p["where"] != "one" for p in facts["double_peaks"])
            cells = (
                facts["sample"], len(facts["reads"]), kept, facts["overlap"] or "", agreement,
                len(facts["conflicts"]), facts["consensus_length"], facts["consensus_errors"],
                clear, "yes" if facts["mixed"] else "no",
            )  # fmt: skip
            print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=60, help="a row of the table")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", metavar="FOLDER", help="tell of real chromatograms instead")
    given = parser.parse_args()
    if given.real:
        real(given.real)
    else:
        sys.exit(1 if run(given.half, given.samples, given.seed) else 0)
