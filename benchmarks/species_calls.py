"""How often are species calls right? This project beside VSEARCH, SINTAX, megablast, BOLD's rule.

    python benchmarks/species_calls.py                        COI, 12S, cytb, CR; five splits each
    python benchmarks/species_calls.py --locus COI --seeds 1 --queries 100

For every split (see `evaluation.make_split`) a library is built and calibrated in memory, and
every tool names the same queries, whole and cut to pieces. Every query counts: of the known ones
those named right, wrong or not at all, of the novel ones those that got any species name.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from evaluation import Query, Record, make_split, need_programs, piece_of, read_set
from peers import (
    ALL,
    BOLD_GENUS,
    bold_rule,
    megablast,
    sintax,
    versions,
    vsearch,
    write_files,
    write_queries,
)
from species_report import report
from species_scores import MIXES, Counts, Name, at_the_recall_of, sets, truth

from forensics.barcode.calling import calibration
from forensics.barcode.calling.calibration import Calibration, Weighed
from forensics.barcode.calling.decision import decide
from forensics.barcode.calling.learning import calibrate, grow_and_try
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import candidates_of, search
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.relations import relations_of
from forensics.taxonomy.names import packaged_backbone

LOCI = ("COI", "12S", "cytb", "CR")
#: In COI; whoever changes the method by a split writes its seed here.
LOOKED_AT = "101-105, 200-204, 301-304, 601-604, 701-703"
OTHERS = ("16S", "rbcL", "matK", "ITS")  # on request; cycads share sequences at rbcL and matK
CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.99)
PRIORS = (0.5, 0.9)
IDENTITIES = (0.97, 0.98, 0.99)
SUPPORTS = (0.5, 0.8, 0.95)
_RANKS = ("genus", "family")
HINDSIGHT = 300  # trees need so many queries to know better in hindsight


# -- this project -----------------------------------------------------------------


class Remembered:
    """A calibration that weighs each query once; `decide` asks often."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._known: dict[int, Weighed] = {}

    def weigh(self, candidates: list, nearest: float = FLOOR) -> Weighed:
        key = id(candidates)
        if key not in self._known:
            self._known[key] = self._calibration.weigh(candidates, nearest)
        return self._known[key]


def ours(index: Index, calibration: Remembered | None, queries: Sequence[Query], priors):
    """Return by setting our names and sets not excluded, by prior our answers, the best possible, and intervals.

    An answer is the top name (a species or none) with its probability, and the top species
    with its own. An interval is whether the species is known, the probability that it is (at even prior), and its
    bounds.
    """
    found = [candidates_of(index, search(index, query.sequence).hits) for query in queries]
    if calibration is None:
        calls = [decide(candidates) for candidates in found]
        plain = {"ours, plain rule (too small to calibrate)": [_name(c) for c in calls]}
        return plain, {}, {}, [], []
    names, left = {}, {}
    for prior in PRIORS:
        for confidence in CONFIDENCES:
            calls = [
                decide(c, calibration=calibration, confidence=confidence, in_library=prior)
                for c in found
            ]
            setting = f"ours, confidence {confidence}, prior {prior}"
            names[setting] = [_name(call) for call in calls]
            left[setting] = sets(queries, [call.not_excluded for call in calls])
    answers = {
        prior: [
            _answer(calibration.weigh(c).probabilities(prior)["species"], query.species)
            for query, c in zip(queries, found)
        ]
        for prior in priors
    }
    held = [
        (query.known, 1 - calibration.weigh(c).probabilities(0.5)["species"]["none"], *bounds)
        for query, c in zip(queries, found)
        if (bounds := calibration.weigh(c).interval(0.5)) is not None
    ]
    return names, left, answers, hindsight(queries, found), held


def hindsight(queries: Sequence[Query], found: Sequence[list]) -> list[tuple]:
    """Return answers that nobody can give: of trees grown on the truth of these very queries.

    They see what our own see and know the answers, so no function of these features that is as
    simple as they are orders the calls better. Half the weight is on the known, as in training.
    """
    near = [(query, candidates) for query, candidates in zip(queries, found) if candidates]
    if len(near) < HINDSIGHT:
        return []
    right = [query.known and c[0].species == query.species for query, c in near]
    total = {known: sum(query.known == known for query in queries) for known in (True, False)}
    weights = [1 / total[query.known] for query, _c in near]
    rows = [calibration.novelty(c) + calibration.choice(c, 0) for _q, c in near]
    signs = [*calibration.NOVELTY.values(), *(-sign for sign in calibration.CHOICE.values())]
    truth = [not answer for answer in right]
    trees, _unseen = grow_and_try(rows, truth, weights, list(range(len(rows))), signs)
    score = {id(c): 1 / (1 + math.exp(trees.margin(row))) for (_q, c), row in zip(near, rows)}
    return [("", 0.0, (score[id(c)], c[0].species) if c else (0.0, "none")) for c in found]


def _answer(species: dict[str, float], true: str) -> tuple[str, float, tuple[float, str], bool]:
    best = max(species, key=species.get)
    named = [(p, name) for name, p in species.items() if name != "none"]
    return best, species[best], max(named, default=(0.0, "none")), true in species


def _name(call) -> Name:
    if call.rank == "species":
        return call.taxon, call.taxon.split()[0]
    return None, call.taxon if call.rank == "genus" else None


# -- peers ------------------------------------------------------------------------


def theirs(folder: Path, reference: Sequence[Record], queries: Sequence[Query], seed: int):
    """Return the peers' names by setting."""
    settings: dict[str, list[Name]] = {}
    hits = vsearch(folder, len(queries), min(IDENTITIES))
    blast = megablast(folder, len(queries))
    for identity in IDENTITIES:
        near = [[hit for hit in of_query if hit[1] >= identity] for of_query in hits]
        top = [[h for h in of_query if h[1] == of_query[0][1]] for of_query in near]
        per_cent = f"{identity:.0%}"
        settings[f"vsearch top hit {per_cent}"] = [_common(h[:1], reference) for h in near]
        settings[f"vsearch ties to ancestor {per_cent}"] = [_common(h, reference) for h in top]
        settings[f"megablast top hit {per_cent}"] = [
            _common([h for h in of_query[:1] if h[1] >= identity], reference) for of_query in blast
        ]
    near = vsearch(folder, len(queries), BOLD_GENUS, accepted=ALL)  # all ties, and all within 3 %
    settings["BOLD's rule 99%"] = [bold_rule(of_query, reference) for of_query in near]
    answers = sintax(folder, len(queries), seed)
    for support in SUPPORTS:
        settings[f"sintax {support}"] = [
            (species if s >= support else None, genus if g >= support else None)
            for genus, g, species, s in answers
        ]
    return dict(sorted(settings.items()))


def _common(hits: Sequence[tuple[int, float]], reference: Sequence[Record]) -> Name:
    """Return the species, else the genus, that all hits share."""
    species = {reference[number][0].species for number, _identity in hits}
    genera = {reference[number][0].genus for number, _identity in hits}
    return (
        species.pop() if len(species) == 1 else None,
        genera.pop() if len(genera) == 1 else None,
    )


# -- one split --------------------------------------------------------------------


def one_split(
    locus: str, seed: int, pieces: Sequence[int], most: int, embedded: bool
) -> list[dict]:
    """Build, calibrate and ask everybody; return one result for each length of the queries."""
    split = make_split(read_set(locus, embedded=embedded), seed, most)
    index = Index.build(split.reference, locus=locus)
    genera, families = ({getattr(r, rank) for r, _s in split.reference} for rank in _RANKS)
    backbone = packaged_backbone(genera, families)
    learnt = calibrate(index, relations=relations_of(index, backbone=backbone))
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, split.reference, split.queries)
        for length in (0, *pieces):
            queries = [piece_of(query, length, seed) for query in split.queries]
            write_queries(folder, queries)
            remembered = None if learnt is None else Remembered(learnt)
            priors = sorted({*MIXES, round(split.known_share, 4)})
            names, left, answers, bound, held = ours(index, remembered, queries, priors)
            said = {**names, **theirs(folder, split.reference, queries, seed)}
            counts = {setting: Counts.of(queries, of) for setting, of in said.items()}
            results.append(
                {
                    "locus": locus,
                    "seed": seed,
                    "length": length,
                    "natural": split.known_share,
                    "counts": counts,
                    "species": {s: Counts.by_species(queries, of) for s, of in said.items()},
                    "sets": left,
                    "matched": at_the_recall_of(queries, counts, answers, bound, split.known_share),
                    "true": truth(queries, answers),
                    "intervals": held,
                }
            )
            print(f"{locus} split {seed} length {length or 'whole'}: done", file=sys.stderr)
    return results


# -- all of them ------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--locus", nargs="+", default=LOCI, choices=(*LOCI, *OTHERS), metavar="NAME"
    )
    parser.add_argument("--seeds", type=int, default=5, help="splits of each locus")
    parser.add_argument("--first-seed", type=int, default=0, metavar="SEED",
                        help="seed of the first split; figures are reported of seeds that "
                             "nothing was developed on")  # fmt: skip
    parser.add_argument("--piece", type=int, nargs="*", default=[150], metavar="BP",
                        help="also ask for pieces of so many bases")  # fmt: skip
    parser.add_argument("--queries", type=int, default=600,
                        help="known queries a split, and novel ones, at most")  # fmt: skip
    parser.add_argument("--embedded", action="store_true",
                        help="records of the embedded library in place of the evaluation data")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, help="splits at the same time")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="JSONL",
        help="write every count here, a line a split and length, as they are done",
    )
    options = parser.parse_args()
    need_programs("vsearch", "blastn", "makeblastdb")
    for locus in options.locus:
        read_set(
            locus, embedded=options.embedded
        )  # ends here, not in a worker, where the data are absent
    print(f"Seeds of splits that were looked at while the method was chosen: {LOOKED_AT}.\n")
    print("| tool | version |\n|---|---|")
    for tool, version in versions(Path.cwd()).items():
        print(f"| {tool} | {version} |")
    if options.output:
        options.output.write_text("")
    with ProcessPoolExecutor(options.jobs) as pool:
        tasks = {
            locus: [
                pool.submit(
                    one_split, locus, seed, options.piece, options.queries, options.embedded
                )
                for seed in range(options.first_seed, options.first_seed + options.seeds)
            ]
            for locus in options.locus
        }
        for of_locus in tasks.values():
            done = []
            for task in as_completed(of_locus):
                done += task.result()
                if options.output:  # at once: a long run that is stopped has not run in vain
                    with open(options.output, "a", encoding="utf-8") as file:
                        file.writelines(
                            json.dumps(
                                {k: v for k, v in result.items() if k != "species"}, default=vars
                            )
                            + "\n"
                            for result in task.result()
                        )
            done.sort(key=lambda result: result["seed"])
            for length in (0, *options.piece):
                report([result for result in done if result["length"] == length])


if __name__ == "__main__":
    main()
