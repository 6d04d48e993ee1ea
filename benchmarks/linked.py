"""What do two loci of one sample give that one of them does not?

    python benchmarks/linked.py
    python benchmarks/linked.py --splits 2 --pairs 12S+COI rbcL+matK

Of the species that the evaluation data have at both loci of a pair, a third is taken out of the library at every
locus (novel), and of each other one individual is (known; where it has others at both loci). An individual is one
accession at both loci where there is such a record, else two records of the species. The library is built from the
rest, with its calibrations, and both sequences are identified and combined, by the
packaged programs and at their defaults. A call to a species counts as wrong where it is another species, and where the
library lacks the species; at a genus or family it counts as neither.

Intervals are Wilson's 95 %, pooled over the splits: a species comes up in several of them, so they are too narrow.
"""

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation import Record, read_set, wilson

from forensics.barcode.calling.combine import combine, species_held
from forensics.barcode.examination import Examination
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reference.library import Library, open_library
from forensics.barcode.reference.writing import write_library

SEED = 20261128
PAIRS = ("COI+cytb", "12S+COI", "16S+COI", "12S+cytb", "12S+16S", "CR+cytb", "matK+rbcL")
NOVEL_SHARE = 1 / 3
PRIORS = (0.9, 0.5)
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--pairs", nargs="*", default=PAIRS, metavar="A+B")
    options = parser.parse_args()
    pairs = [tuple(pair.split("+")) for pair in options.pairs]
    loci = sorted({locus for pair in pairs for locus in pair})
    records = {locus: read_set(locus) for locus in loci}
    tally: dict[tuple, Counter] = defaultdict(Counter)
    sure: dict[tuple, list[tuple[float, bool]]] = defaultdict(list)
    for split in range(options.splits):
        rng = random.Random(f"{SEED} {split}")
        novel = draw_novel(records, pairs, rng)
        drawn = {pair: list(draw(records, pair, novel, rng)) for pair in pairs}
        with TemporaryDirectory() as folder:
            library = build(Path(folder) / "library", records, novel, drawn)
            for prior in PRIORS:
                judge(library, drawn, novel, prior, tally, sure)
        print(f"split {split + 1} of {options.splits}", file=sys.stderr)
    report(pairs, tally, sure)


def draw_novel(
    records: dict[str, list[Record]], pairs: Sequence[tuple[str, str]], rng: random.Random
) -> set[str]:
    """Return the species that are taken out at every locus."""
    species = {locus: {record.species for record, _s in known} for locus, known in records.items()}
    both = sorted({name for a, b in pairs for name in species[a] & species[b]})
    return set(rng.sample(both, round(NOVEL_SHARE * len(both))))


def draw(
    records: dict[str, list[Record]], pair: tuple[str, str], novel: set[str], rng: random.Random
) -> Iterator[tuple[str, tuple[Record, Record]]]:
    """Yield a species and the two sequences of an individual, or of two."""
    of_species = []
    for locus in pair:
        known: dict[str, list[Record]] = defaultdict(list)
        for record, sequence in records[locus]:
            known[record.species].append((record, sequence))
        of_species.append(known)
    for species in sorted(of_species[0].keys() & of_species[1].keys()):
        first, second = (known[species] for known in of_species)
        if species not in novel and min(len(first), len(second)) < 2:
            continue
        by_accession = {record.accession.partition(".")[0]: (record, s) for record, s in second}
        joined = [
            (pair, by_accession[accession])
            for pair in first
            if (accession := pair[0].accession.partition(".")[0]) in by_accession
        ]
        yield species, rng.choice(joined) if joined else (rng.choice(first), rng.choice(second))


def build(
    path: Path,
    records: dict[str, list[Record]],
    novel: set[str],
    drawn: dict[tuple[str, str], list[tuple[str, tuple[Record, Record]]]],
) -> Library:
    """Build the library of a split and open it."""
    taken = {
        (locus, two[place][0].accession)
        for pair, samples in drawn.items()
        for _species, two in samples
        for place, locus in enumerate(pair)
    }
    kept = [
        (record, sequence)
        for locus, known in records.items()
        for record, sequence in known
        if record.species not in novel and (locus, record.accession) not in taken
    ]
    write_library(path, kept, name="linked")
    return open_library(path)


def judge(library, drawn, novel, prior, tally, sure) -> None:
    """Identify both sequences of every sample and count what is called of each, and of both."""
    held = species_held(library)
    for pair, samples in drawn.items():
        examinations = [
            Examination(library, IdentifyOptions(locus=locus, in_library_prior=prior))
            for locus in pair
        ]
        for species, two in samples:
            if species not in novel and not all(species in held[locus] for locus in pair):
                continue  # all of its records were drawn for other pairs
            results = [
                next(iter(examination.run(as_queries(f">{species}\n{sequence}\n"))))
                for examination, (_record, sequence) in zip(examinations, two, strict=True)
            ]
            if any(result.status == "unusable" for result in results):
                continue
            joined = combine(results, held=held)
            known = species not in novel
            for name, call in zip(
                (*pair, "both"), (*(r.call for r in results), joined.call), strict=True
            ):
                right = call.species == species and known
                outcome = "right" if right else "wrong" if call.species else "not named"
                tally[pair, prior, name, known][outcome] += 1
                if call.probabilities:
                    names = {
                        n: p
                        for n, p in call.probabilities["species"].items()
                        if n not in ("none", "unlisted")
                    }
                    if names:
                        best = max(sorted(names), key=names.__getitem__)
                        sure[prior, "both" if name == "both" else "one", known].append(
                            (names[best], best == species and known)
                        )
            if "LOCI_CONFLICT" in joined.codes:
                tally[pair, prior, "both", known]["conflict"] += 1


def report(pairs, tally, sure) -> None:
    """Print the tables."""
    for prior in PRIORS:
        print(f"\nPrior {prior:g}, confidence 0.95\n")
        print(
            "| Loci | Spoke | Known | Named rightly | 95 % | Wrongly | Novel | Named | 95 % | Conflicts |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        rows = [(pair, name) for pair in pairs for name in (*pair, "both")]
        total: dict[str, dict[bool, Counter]] = {
            "one": {True: Counter(), False: Counter()},
            "both": {True: Counter(), False: Counter()},
        }
        for pair, name in rows:
            known, novel = (tally[pair, prior, name, way] for way in (True, False))
            print_row("+".join(pair), name, known, novel)
            for way, counts in ((True, known), (False, novel)):
                total["both" if name == "both" else "one"][way] += counts
        for name, counts in total.items():
            print_row("all", name, counts[True], counts[False])
        print(
            f"\nHow often the likeliest species is the true one, known and novel weighed {prior:g} to {1 - prior:g}\n"
        )
        print("| Spoke | Said | Samples | Mean said | True |")
        print("|---|---|---|---|---|")
        for name in ("one", "both"):
            print_reliability(name, prior, sure[prior, name, True], sure[prior, name, False])


def print_row(loci: str, name: str, known: Counter, novel: Counter) -> None:
    sizes = [sum(counts[o] for o in ("right", "wrong", "not named")) for counts in (known, novel)]
    right = wilson(known["right"], sizes[0])
    wrong = wilson(novel["wrong"], sizes[1])
    print(f"| {loci} | {name} | {sizes[0]} | {known['right']} ({known['right'] / max(1, sizes[0]):.1%}) | "
          f"{right[0]:.1%}-{right[1]:.1%} | {known['wrong']} | {sizes[1]} | {novel['wrong']} "
          f"({novel['wrong'] / max(1, sizes[1]):.1%}) | {wrong[0]:.1%}-{wrong[1]:.1%} | "
          f"{known['conflict'] + novel['conflict']} |", flush=True)  # fmt: skip


def print_reliability(name: str, prior: float, known, novel) -> None:
    weighed = [(p, true, prior / len(known)) for p, true in known]
    weighed += [(p, true, (1 - prior) / len(novel)) for p, true in novel]
    error = 0.0
    for low, high in zip(BINS, BINS[1:]):
        within = [each for each in weighed if low <= each[0] < high or each[0] == high == 1]
        weight = sum(each[2] for each in within)
        if weight:
            said = sum(p * w for p, _t, w in within) / weight
            true = sum(t * w for _p, t, w in within) / weight
            error += abs(said - true) * weight
            print(f"| {name} | {low:g}-{high:g} | {len(within)} | {said:.3f} | {true:.3f} |")
    print(f"| {name} | calibration error | {len(weighed)} | {error:.3f} | |")


if __name__ == "__main__":
    main()
