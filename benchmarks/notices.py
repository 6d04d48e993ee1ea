"""Which notices do clean published barcodes bear, and are calls with a notice wrong more often?

    python benchmarks/notices.py                          COI, five splits; the embedded library
    python benchmarks/notices.py --seeds 1 --queries 200  a look

For every split (`evaluation.make_split`) a library is built of the published barcodes but some, with its calibration,
and those are identified with it as `forensics identify` does. A barcode is clean if it has at least 500 bases, of
which fewer than 1 % are ambiguous.

*Share with a notice*: of the clean barcodes whose species the library holds, how many bear a notice, by severity and
by code. *Does a notice discriminate?*: of calls to species, how often those with a notice are wrong beside those without,
where one query in ten is of a species that the library lacks (the default prior). A notice of a sample is
worth its line where calls with it are wrong much more often; else it is of the run.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import Query, Record, make_split, read_set, wilson

from forensics.barcode.identification import Identification
from forensics.barcode.locus import FEW_AMBIGUOUS, ambiguous_count
from forensics.barcode.options import IN_LIBRARY_PRIOR
from forensics.barcode.reading import reads
from forensics.barcode.reference.library import EMBEDDED, open_library
from forensics.barcode.reference.writing import write_library
from forensics.core.notice import Severity
from forensics.examination import identify_each

MIN_LENGTH = 500
GRAVE = (Severity.BLOCKS, Severity.LIMITS)
EVEN_LIMITS = (0.95, 0.93, 0.90, 0.85, 0.80, 0.70)


@dataclass(frozen=True, slots=True)
class Answer:
    """A query with its result, and what the library holds of the genus that was called."""

    query: Query
    result: Identification
    congeners: int
    """Other species of the genus of the species called that the library holds."""

    @property
    def is_wrong(self) -> bool:
        """Whether a species was called that it is not."""
        return self.result.rank == "species" and self.result.taxon != self.query.species

    @property
    def at_even_odds(self) -> float:
        """Probability of the call at even odds where it is recorded: under the confidence; else 1."""
        notices = {notice.code: notice for notice in self.result.notices}
        sensitive = notices.get("PRIOR_SENSITIVE")
        return float(sensitive.parameters["probability"]) if sensitive else 1.0


Mark = Callable[[Answer], bool]


def is_clean(sequence: str) -> bool:
    """Return whether a barcode is long and has few ambiguous bases."""
    return len(sequence) >= MIN_LENGTH and ambiguous_count(sequence) <= FEW_AMBIGUOUS * len(
        sequence
    )


def identify_all(
    queries: Sequence[Query], library: Path | str, species: Iterable[str]
) -> Iterator[Answer]:
    """Yield the answer to each query."""
    of_genus = Counter(name.split()[0] for name in set(species) if name)
    questioned = (reads.Query(query.name, query.sequence) for query in queries)
    results = identify_each(questioned, library=library, locus="COI", one_sample=True)
    for query, result in zip(queries, results, strict=True):
        genus = (result.taxon or "").split(" ")[0]
        yield Answer(query, result, max(of_genus[genus] - 1, 0))


def answers_of_split(records: Sequence[Record], seed: int, most: int) -> list[Answer]:
    """Build a library without some barcodes and identify these with it."""
    split = make_split(records, seed, most)
    queries = [query for query in split.queries if is_clean(query.sequence)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library"
        pairs = [(record.at_locus("COI"), sequence) for record, sequence in split.reference]
        write_library(path, pairs, name="library")
        return list(identify_all(queries, path, (r.species for r, _sequence in pairs)))


def answers_of_embedded(records: Sequence[Record], most: int) -> list[Answer]:
    """Identify published barcodes with the embedded library, an evenly spaced choice of them."""
    index = open_library(EMBEDDED).index("COI")
    held = {
        index.record(position).species
        for haplotype in range(index.size)
        for position in index.positions(haplotype)
    }
    queries = [
        Query(record.accession, sequence, record.species, record.genus, record.species in held)
        for record, sequence in records
        if is_clean(sequence)
    ]
    chosen = []
    for known in (True, False):
        kind = [query for query in queries if query.known == known]
        chosen += kind[:: max(1, len(kind) // most)]
    return list(identify_all(chosen, EMBEDDED, held))


def percent(count: float, total: float) -> str:
    """Return a share with its 95 % interval."""
    low, high = wilson(count, total) if total else (0.0, 1.0)
    return f"{count / total:.1%} ({low:.1%}-{high:.1%})" if total else "-"


def print_shares(title: str, answers: Sequence[Answer]) -> None:
    """Print how many of the clean barcodes bear a notice."""
    known = [answer for answer in answers if answer.query.known]
    grave = sum(any(n.severity in GRAVE for n in a.result.notices) for a in known)
    print(f"\n## {title}: {len(known)} clean barcodes of species that it holds\n")
    print("| severity | notices a sample | samples with one |\n|---|---|---|")
    for severity in Severity:
        notices = [[n for n in a.result.notices if n.severity is severity] for a in known]
        mean = sum(map(len, notices)) / len(known)
        print(f"| {severity} | {mean:.2f} | {percent(sum(map(bool, notices)), len(known))} |")
    print(f"| blocks or limits | | {percent(grave, len(known))} |")
    species = [a for a in known if a.result.rank == "species"]
    of_species = sum(any(n.severity in GRAVE for n in a.result.notices) for a in species)
    print(f"| blocks or limits, of calls to species | | {percent(of_species, len(species))} |")
    codes = Counter(n.code for a in known for n in a.result.notices)
    by_code = {n.code: n.severity for a in known for n in a.result.notices}
    print("\n| code | severity | samples |\n|---|---|---|")
    for code, count in codes.most_common():
        print(f"| {code} | {by_code[code]} | {percent(count, len(known))} |")


def print_discrimination(answers: Sequence[Answer]) -> None:
    """Print how often calls to species are wrong, with and without a mark."""
    called = [answer for answer in answers if answer.result.rank == "species"]
    counts = Counter(answer.query.known for answer in answers)
    weight = {
        True: IN_LIBRARY_PRIOR / max(counts[True], 1),
        False: (1 - IN_LIBRARY_PRIOR) / max(counts[False], 1),
    }
    codes = sorted({notice.code for answer in called for notice in answer.result.notices})
    marks: dict[str, Mark] = {code: _bears(code) for code in codes}
    for limit in EVEN_LIMITS:
        marks[f"at even odds under {limit}"] = _under(limit)
    marks["no congener in the library"] = lambda answer: answer.congeners == 0
    marks["no other species within the horizon"] = lambda a: a.result.closest_other_species is None
    print("\n| calls to species | share | wrong with | wrong without | ratio | calls, wrong |")
    print("|---|---|---|---|---|---|")
    for name, bears in marks.items():
        sums = {True: [0.0, 0.0], False: [0.0, 0.0]}
        for answer in called:
            total = sums[bears(answer)]
            total[0] += weight[answer.query.known]
            total[1] += weight[answer.query.known] * answer.is_wrong
        rates = {key: wrong / all_ if all_ else float("nan") for key, (all_, wrong) in sums.items()}
        ratio = rates[True] / rates[False] if rates[False] else float("inf")
        share = sums[True][0] / (sums[True][0] + sums[False][0])
        marked = [answer for answer in called if bears(answer)]
        print(
            f"| {name} | {share:.1%} | {rates[True]:.2%} | {rates[False]:.2%} | {ratio:.1f} "
            f"| {len(marked)}, {sum(answer.is_wrong for answer in marked)} |"
        )


def _bears(code: str) -> Mark:
    return lambda answer: code in answer.result.codes


def _under(limit: float) -> Mark:
    return lambda answer: answer.at_even_odds < limit


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="splits")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=1200, help="known, and novel, of each split")
    options = parser.parse_args()
    records = read_set("COI")
    embedded = answers_of_embedded(records, options.queries)
    print_shares("The embedded library", embedded)
    answers: list[Answer] = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        answers += answers_of_split(records, seed, options.queries)
        print(f"split {seed}: {len(answers)} answers so far", flush=True)
    print_shares("Libraries of the published barcodes", answers)
    print_discrimination(answers)


if __name__ == "__main__":
    main()
