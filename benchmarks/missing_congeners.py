"""Is the species that a library lacks named beside the one that was called, and does the call lose its tick?

    python benchmarks/missing_congeners.py [--locus COI] [--seeds 2] [--first-seed 301] [--prior 0.9] [--folder DIR]
        [--show N]

For every split (`evaluation.make_split`) a library is built and every query named, as by the commands. Of each call of a
species: whether it is right, whether its line has a tick, and of the wrong ones whether the true species stands among
those that the library is said to lack. The sequence of a query is not in the library under its own species; a longer
or shorter record may agree with it.

With ``--show``, the first N calls of a species or unit whose query is of a missing species, as ``forensics identify``
prints them: of split after split until there are N. A sequence has the name of its true species.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from evaluation import make_split, read_set, write_fasta

import forensics
from forensics.barcode.reference.building import build_library
from forensics.barcode.verdict import Outcome, make_verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--locus", default="COI")
    parser.add_argument("--seeds", type=int, default=2, help="splits")
    parser.add_argument("--first-seed", type=int, default=301)
    parser.add_argument("--queries", type=int, default=300, help="known, and novel ones, at most")
    parser.add_argument("--prior", type=float, default=0.9)
    parser.add_argument("--folder", type=Path, help="keeps the libraries")
    parser.add_argument("--show", type=int, default=0, help="calls to print as the screen has them")
    given = parser.parse_args()
    records = read_set(given.locus)
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            folder = (given.folder or Path(scratch)) / f"{given.locus}_{seed}"
            print(f"{given.locus}, seed {seed}, prior {given.prior}", flush=True)
            counts, named = counted(records, seed, folder, given)
            if given.show > 0:
                show(named[: given.show], folder, given.prior)
                given.show -= len(named)
                if given.show <= 0:
                    break
            else:
                print(counts)


def show(queries, folder: Path, prior: float) -> None:
    """Print what the command prints of queries, each under the name of its species."""
    path = folder.with_suffix(".shown.fasta")
    write_fasta(path, ((query.species.replace(" ", "_"), query.sequence) for query in queries))
    command = ["identify", path, "--library", folder, "--in-library-prior", str(prior)]
    subprocess.run([sys.executable, "-m", "forensics", *command], check=True)


def counted(records, seed: int, folder: Path, given):
    """Build the library of a split, name its queries; return the counts in words, and the missing that got a name."""
    split = make_split(records, seed, given.queries)
    if not folder.exists():
        reference = [(replace(record, locus=given.locus), text) for record, text in split.reference]
        build_library(reference, folder, locus=given.locus, reconcile=False)
    queries = folder.with_suffix(".fasta")
    write_fasta(queries, ((query.name, query.sequence) for query in split.queries))
    truth = {query.name: query for query in split.queries}
    counts: Counter = Counter()
    named = []
    for result in forensics.identify(queries, library=folder, in_library_prior=given.prior):
        query = truth[result.query]
        group = "known" if query.known else "missing"
        counts[group] += 1
        if not query.known and result.call.members:
            named.append(query)
        if result.call.species is None:
            continue
        kind = f"{group} {'right' if result.taxon == query.species else 'wrong'}"
        counts[kind] += 1
        counts[f"{kind}, tick"] += make_verdict(result).outcome is Outcome.NAMED
        counts[f"{kind}, doubted"] += "CONGENER_POSSIBLE" in result.codes
        counts[f"{kind}, true species listed"] += query.species in result.missing_congeners
        counts[f"{kind}, no difference"] += result.candidates[0].mismatches == 0
    return "; ".join(f"{name} {number}" for name, number in sorted(counts.items())), named


if __name__ == "__main__":
    main()
