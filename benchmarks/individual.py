"""Individuals, kin and breeders' claims against published figures, real samples and simulated ones.

    python benchmarks/individual.py
    python benchmarks/individual.py --part pairs --profiles 10000

Parts: groups (allelematch's examples), identity (nancycats), warblers and pedigrees (sequoia's,
simulated) need the evaluation data (FORENSICS_EVALUATION_DATA) and are skipped without it, with
exit code 3; sibs is a published case; pairs, dropout and claims are simulated here.
"""

import argparse
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from kin_sets import TABLE_5, allelematch, pedigree, warblers
from kin_simulated import DECLARED, FAMILIES, claims, false_exclusions, pairs
from kin_truth import TRUTHS, true_kinds

from forensics.genetics.genotypes import Genotypes, genotypes_from_labels
from forensics.individual.frequencies import frequencies_of
from forensics.individual.kinship import (
    RELATIONSHIPS,
    all_pairs,
    genotype_index,
    joint_table,
)
from forensics.individual.matching import group_samples
from forensics.individual.options import LaboratoryErrors
from forensics.individual.parentage import EXCLUSION_LEVEL, check_claim, exclusion_power
from forensics.stats import wilson

__all__ = [
    "Warblers", "full_sibs", "groups", "pedigree_calls", "recoverable",
    "warbler_claims",
]  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent

NO_DATA = 3  # exit code where an input is missing, that of the command line
NEED_DATA = ("groups", "warblers", "pedigrees")
# True individuals, and unique ones that allelematch 3.0.0 finds (computed with it, not published).
ALLELEMATCH = {1: (12, 12), 2: (99, 100), 3: (100, 100), 4: (100, 99)}
ASKED = ("parent", "full_sibs", "half_sibs")


def data_folder() -> Path:
    """Return the folder of evaluation data, there or not."""
    return Path(os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")).resolve()


def share(count: float, total: int) -> str:
    """Return a count as a share with its 95 % interval (Wilson)."""
    if not total:
        return f"{count} of 0"
    low, high = wilson(count / total, total)
    return f"{count} of {total} ({count / total:.2%}; {low:.2%}-{high:.2%})"


def groups(folder: Path, number: int) -> dict[str, int]:
    """Return how the samples of an example of allelematch are sorted into individuals.

    ``found`` counts groups that can be told from others, ``poor`` the lone samples of fewer than
    five loci that cannot; ``mixed`` groups hold two individuals, ``split`` individuals stand in
    more than one of the groups that can be told; ``right`` samples are in the largest group of
    their individual, and no other individual is there.
    """
    samples, individuals = allelematch(folder, number)
    found = group_samples(
        samples, frequencies_of(samples), theta=0.0, errors=LaboratoryErrors(0.1, 0.01)
    )
    of = dict(zip(samples.animals, individuals))
    of_group = [{of[name] for name in group.samples} for group in found]
    held = defaultdict(list)
    for group, animals in zip(found, of_group):
        if group.assignable:
            for animal in animals:
                held[animal].append(len(group.samples) if len(animals) == 1 else 0)
    return {
        "true": len(set(individuals)),
        "all": len(found),
        "found": sum(group.assignable for group in found),
        "poor": sum(not group.assignable for group in found),
        "mixed": sum(len(animals) > 1 for animals in of_group),
        "split": sum(len(sizes) > 1 for sizes in held.values()),
        "right": sum(max(sizes) for sizes in held.values()),
        "samples": len(samples),
    }


def full_sibs() -> tuple[float, float, float]:
    """Return our log10 total of the published case, that of the printed ratios, the worst error."""
    ours, printed = [], []
    for _marker, one, two, known, published in TABLE_5:
        labels = sorted({*one.split("/"), *two.split("/")})
        free = [label for label in labels if label not in known]
        left = 1 - sum(known.values())  # of alleles that do not enter
        p = [known.get(label, left / (len(free) + 1)) for label in labels]
        p = np.array([*p, 1 - sum(p)])
        numbers = []
        for text in (one, two):
            low, high = sorted(labels.index(label) for label in text.split("/"))
            numbers.append(int(genotype_index(low, high)))
        sibs, unrelated = (
            joint_table(p, RELATIONSHIPS[name])[tuple(numbers)]
            for name in ("full_sibs", "unrelated")
        )
        ours.append(sibs / unrelated)
        printed.append(published)
    worst = float(np.abs(np.array(ours) / printed - 1).max())
    return float(np.log10(ours).sum()), float(np.log10(printed).sum()), worst


class Warblers:
    """The Seychelles warblers: 248 adults with sex, territory and status, 59 offspring."""

    # Rates of MasterBayes' own defaults (E1, E2 0.005), and a usual rate of mutation.
    options = {"theta": 0.0, "errors": LaboratoryErrors(0.005, 0.005), "mutation": 0.001}

    def __init__(self, folder: Path) -> None:
        self.birds, recorded = warblers(folder)
        self.recorded = {name: np.array(values) for name, values in recorded.items()}
        self.offspring = np.flatnonzero(self.recorded["offspring"] == "1")
        adults = self.birds.take(np.flatnonzero(self.recorded["offspring"] == "0").tolist())
        self.frequencies = frequencies_of(adults, also=[self.birds])
        self.males = np.flatnonzero(self.recorded["sex"] == "Male").tolist()

    def dominant(self, sex: str, bird: int) -> list[int]:
        """Return the dominant birds of a sex in the territory of a bird."""
        held = self.recorded
        chosen = (held["sex"] == sex) & (held["status"] == "Dom")
        return np.flatnonzero(chosen & (held["terr"] == held["terr"][bird])).tolist()

    def check(self, young: Genotypes, dams, sires):
        """Check the claim that young are of some of the birds."""
        return check_claim(
            young, self.birds.take(dams), self.birds.take(sires), self.frequencies, **self.options
        )

    def young_of(self, dam: int, sire: int, count: int, random) -> Genotypes:
        """Return simulated offspring of two real birds, missing where a parent is."""
        codes, labels = self.birds.codes, []
        for _number in range(count):
            typed = []
            for locus, alleles in enumerate(self.birds.alleles):
                both = codes[dam, locus], codes[sire, locus]
                known = min(one.min() for one in both) >= 0
                typed.append(
                    tuple(alleles[random.choice(one)] for one in both) if known else (None, None)
                )
            labels.append(typed)
        names = [f"simulated {number}" for number in range(count)]
        return genotypes_from_labels(names, self.birds.loci, labels)


def warbler_claims(held: Warblers) -> dict[str, Counter]:
    """Return the results of the 59 offspring: claimed for the dominant pair, and with every male."""
    result = {"dominant pair": Counter(), "dominant female and every male": Counter()}
    for bird in held.offspring:
        one = held.birds.take([int(bird)])
        dams, sires = (held.dominant(sex, bird) for sex in ("Female", "Male"))
        (claim,) = held.check(one, dams, sires)
        result["dominant pair"][claim.status] += 1
        (claim,) = held.check(one, dams, held.males)
        row = result["dominant female and every male"]
        row[claim.status] += 1
        row["likeliest sire is the dominant male"] += claim.pairs[0].sire in {
            held.birds.animals[male] for male in sires
        }
    return result


def recoverable(
    held: Warblers, *, young: int = 10, seed: int = 1, every_male: bool = True
) -> dict[str, Counter]:
    """Return the results of simulated offspring of the real dominant birds: what 14 loci can show."""
    random = np.random.default_rng(seed)
    result = {"true pair": Counter(), "sire is another": Counter(), "every male": Counter()}
    for bird in held.offspring:
        dam, sire = held.dominant("Female", bird)[0], held.dominant("Male", bird)[0]
        bred = held.young_of(dam, sire, young, random)
        for claim in held.check(bred, [dam], [sire]):
            result["true pair"][claim.status] += 1
        for claim in held.check(bred.take([0] if every_male else []), [dam], held.males):
            result["every male"][claim.status] += 1
            result["every male"]["likeliest sire is the true one"] += (
                claim.pairs[0].sire == held.birds.animals[sire]
            )
        other = int(random.choice([male for male in held.males if male != sire]))
        for claim in held.check(held.young_of(dam, other, young, random), [dam], [sire]):
            result["sire is another"][claim.status] += 1
    return result


def pedigree_calls(
    folder: Path, name: str, *, limit: float = 3.0
) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Return what pairs of a pedigree are called, by what they are, and how many there are of each.

    A pair is called the likeliest of `ASKED` whose log10 ratio against unrelated reaches `limit`.
    """
    animals, parents = pedigree(folder, name)
    held = frequencies_of(animals)
    found = all_pairs(
        held, held.genotypes_of(animals), relationships=ASKED, limit=-1e9,
        errors=LaboratoryErrors(0, 0.005),
    )  # fmt: skip
    ratios = np.full((len(ASKED), len(animals), len(animals)), -np.inf)
    for row, one in zip(ratios, found.values()):
        row[one.first, one.second] = one.log10
    likeliest, reached = ratios.argmax(axis=0), ratios.max(axis=0) >= limit
    truth = true_kinds(parents, animals.animals)
    calls = {
        asked: {
            kind: int(((likeliest == number) & reached & pairs).sum())
            for kind, pairs in truth.items()
        }
        for number, asked in enumerate(ASKED)
    }
    return calls, {kind: int(pairs.sum()) for kind, pairs in truth.items()}


def _groups(_options) -> None:
    folder = data_folder()
    for number, (true, theirs) in ALLELEMATCH.items():
        found = groups(folder, number)
        print(f"example {number}: {true} individuals, allelematch {theirs}, ours {found}")


def _sibs(_options) -> None:
    ours, printed, worst = full_sibs()
    print(
        f"table 5: log10 {ours:.3f}, printed ratios {printed:.3f}, stated 6.47; worst {worst:.1%}"
    )


def _warblers(_options) -> None:
    held = Warblers(data_folder())
    sizes = [len(one) for one in held.birds.alleles]
    print(f"warblers: recorded of each bird: {', '.join(held.recorded)}; no parents")
    print(f"  alleles a locus {min(sizes)}-{max(sizes)}; power {exclusion_power(held.frequencies)}")
    for title, rows in (("real", warbler_claims(held)), ("simulated young", recoverable(held))):
        for name, counts in rows.items():
            total = sum(n for status, n in counts.items() if " " not in status)
            text = "; ".join(f"{status} {share(n, total)}" for status, n in sorted(counts.items()))
            print(f"  {title}, {name}: {text}")


def _pedigrees(_options) -> None:
    folder = data_folder()
    for name in ("griffin", "HSg5"):
        start = time.perf_counter()
        calls, sizes = pedigree_calls(folder, name)
        print(f"{name}: pairs {sizes}, {time.perf_counter() - start:.0f} s")
        for asked, row in calls.items():
            print(f"  called {asked}: recall {share(row[asked], sizes[asked])}")
            for kind in TRUTHS:
                if kind != asked:
                    print(f"    of {kind} {share(row[kind], sizes[kind])}")


def _pairs(options) -> None:
    found = pairs(options.profiles)
    print(
        f"{options.profiles} profiles, 16 loci, 3 relationships: {found['ours']:,.0f} pairs/s "
        f"of processor, peak {found['peak_mb']:.0f} MB; naive {found['naive']:,.0f} pairs/s "
        f"({found['ours'] / found['naive']:.0f} times), row by row {found['rows']:,.0f}"
    )


def _dropout(options) -> None:
    for true, stated in ((0.1, 0.1), (0.1, 0.02)):
        found = false_exclusions(count=options.families, dropout=true, stated=stated)
        print(
            f"dropout {true}, stated {stated}: no match {share(found['missed'], found['count'])}, "
            f"expected {found['expected']:.2%}; against one individual {found['against']}"
        )
        rows, _sibs, _power = claims(
            count=options.families, dropout=true, stated=stated, declared=DECLARED[:1]
        )
        excluded = rows[DECLARED[0]]["excluded"]
        print(
            f"  true parents excluded {share(excluded, options.families)}, stated {EXCLUSION_LEVEL}"
        )


def _claims(options) -> None:
    for loci, alleles, dropout in ((14, 8, 0.02), (14, 8, 0.1), (14, 4, 0.02), (20, 4, 0.02)):
        rows, sibs, power = claims(
            count=options.families, loci=loci, alleles=alleles, dropout=dropout
        )
        print(f"{loci} loci, {alleles} alleles, dropout {dropout}; power {power}")
        for name, counts in rows.items():
            text = "; ".join(
                f"{status} {share(n, options.families)}" for status, n in sorted(counts.items())
            )
            print(f"  {name}: {text}")
            if sibs[name]:
                low, middle, high = np.quantile(sibs[name], [0.05, 0.5, 0.95])
                print(
                    f"    accepted: log10 against a sib of the dam {middle:.1f} ({low:.1f} to "
                    f"{high:.1f} in 90 %)"
                )


PARTS = {
    "groups": _groups, "sibs": _sibs, "warblers": _warblers,
    "pedigrees": _pedigrees, "pairs": _pairs, "dropout": _dropout, "claims": _claims,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", nargs="+", default=tuple(PARTS), choices=tuple(PARTS))
    parser.add_argument("--profiles", type=int, default=5_000, help="of the part 'pairs'")
    parser.add_argument("--families", type=int, default=FAMILIES, help="simulated")
    options = parser.parse_args()
    skipped = NEED_DATA if not (data_folder() / "kinship").is_dir() else ()
    for name in options.part:
        if name in skipped:
            print(f"({name}: skipped, no evaluation data in {data_folder()})\n", file=sys.stderr)
            continue
        start = time.process_time()
        PARTS[name](options)
        print(f"({name}: {time.process_time() - start:.1f} s of processor)\n", flush=True)
    if set(options.part) & set(skipped):
        sys.exit(NO_DATA)


if __name__ == "__main__":
    main()
