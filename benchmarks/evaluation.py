"""What the benchmarks share: the evaluation data, splits, intervals and the peers' files.

The data lie beside the project (`FORENSICS_EVALUATION_DATA`) and are never copied into it.
"""

import csv
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the checkout, installed or not

from forensics.barcode.reference.library import open_library  # noqa: E402
from forensics.barcode.reference.records import ReferenceRecord  # noqa: E402
from forensics.barcode.reference.references import read_references  # noqa: E402

__all__ = [
    "Query",
    "Record",
    "Split",
    "interval",
    "make_split",
    "need_programs",
    "piece_of",
    "read_set",
    "run",
    "synonyms",
    "wilson",
    "write_fasta",
]

VARIABLE, DEFAULT = "FORENSICS_EVALUATION_DATA", "../shared/data"
SYNONYMS = Path(__file__).with_name("synonyms.tsv")
# Exit code where an input is missing, that of the command line.
NO_DATA = 3
NOVEL_SHARE = 0.10  # of the species are wholly removed (issue 4, What must be shown 1)

Record = tuple[ReferenceRecord, str]


@dataclass(frozen=True)
class Query:
    """A sequence whose species is known; `known`: whether the reference still holds it."""

    name: str
    sequence: str
    species: str
    genus: str
    known: bool


@dataclass(frozen=True)
class Split:
    """A reference and queries that are not in it.

    `known_share` is the natural mix: of all queries that the split could give, before
    some were drawn, the share whose species is in the reference.
    """

    reference: list[Record]
    queries: list[Query]
    known_share: float


def read_set(locus: str, *, reconciled: bool = True, embedded: bool = False) -> list[Record]:
    """Read the records of a locus that name a species, under the accepted names.

    `embedded`: those of the embedded library. Ends the program with exit code 3 where the data are absent.
    """
    if embedded:
        return [pair for pair in open_library().records(locus) if pair[0].species]
    folder = Path(os.environ.get(VARIABLE, ROOT / DEFAULT))
    path = folder / "barcodes" / f"{locus}.fasta.gz"
    if not path.is_file():
        print(
            f"No evaluation data: barcodes/{locus}.fasta.gz is not in the folder that {VARIABLE} "
            f"names (default {DEFAULT} from the project's root).",
            file=sys.stderr,
        )
        sys.exit(NO_DATA)
    records, left_out = read_references([path], locus=locus)
    print(f"{locus}: {len(records)} records read, {len(left_out)} left out", file=sys.stderr)
    accepted = synonyms() if reconciled else {}
    return [
        (_renamed(record, accepted.get(record.species, record.species)), sequence)
        for record, sequence in records
        if record.species
    ]


def synonyms() -> dict[str, str]:
    """Return the accepted name of every name in ``synonyms.tsv``."""
    with open(SYNONYMS, encoding="utf-8", newline="") as handle:
        return {row["name"]: row["accepted"] for row in csv.DictReader(handle, delimiter="\t")}


def _renamed(record: ReferenceRecord, species: str) -> ReferenceRecord:
    return replace(record, species=species, genus=species.split()[0])


def make_split(records: Sequence[Record], seed: int, most: int) -> Split:
    """Split records into a reference and queries.

    Parameters
    ----------
    records : sequence of (ReferenceRecord, str)
    seed : int
        The split follows from it alone.
    most : int
        Known queries, and novel queries, at most.

    Returns
    -------
    Split
        A tenth of the species is novel: all their records are removed, and one of each is a
        query. Every other species with at least two distinct sequences gives one of them as
        a known query; the records of that species with that sequence are removed (another
        species may still have it).
    """
    generator = random.Random(seed)
    of_species: dict[str, dict[str, ReferenceRecord]] = {}
    for record, sequence in records:
        of_species.setdefault(record.species, {}).setdefault(sequence, record)
    names = sorted(of_species)
    novel = set(generator.sample(names, round(NOVEL_SHARE * len(names))))
    drawn: dict[bool, list[Query]] = {True: [], False: []}
    for name in names:
        if name not in novel and len(of_species[name]) < 2:
            continue
        sequence = generator.choice(sorted(of_species[name]))
        record = of_species[name][sequence]
        query = Query(record.accession, sequence, name, record.genus, name not in novel)
        drawn[query.known].append(query)
    known_share = len(drawn[True]) / (len(drawn[True]) + len(drawn[False]))
    queries = [
        query
        for known in (True, False)
        for query in generator.sample(drawn[known], min(most, len(drawn[known])))
    ]
    # Only what is asked about is removed, so that a small --queries takes no more away.
    removed = {(query.species, query.sequence) for query in queries if query.known}
    reference = [
        (record, sequence)
        for record, sequence in records
        if record.species not in novel and (record.species, sequence) not in removed
    ]
    return Split(reference, queries, known_share)


def piece_of(query: Query, length: int, seed: int) -> Query:
    """Return the query cut to `length` bases at a random place (degraded DNA); 0 leaves it whole."""
    if not length or len(query.sequence) <= length:
        return query
    place = random.Random(f"{seed} {query.name}").randrange(len(query.sequence) - length + 1)
    return replace(query, sequence=query.sequence[place : place + length])


# -- numbers ----------------------------------------------------------------------


def wilson(hits: float, total: float, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    half /= 1 + square / total
    return max(0.0, middle - half), min(1.0, middle + half)


# Student's t, two-sided 95 %, by degrees of freedom.
_T = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26}


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean over splits and half of its 95 % interval (Student's t).

    Splits of one data set overlap, so this says how much a figure moves with the split, not
    how it would move with other data.
    """
    values = [value for value in values if not math.isnan(value)]
    if not values:
        return math.nan, math.nan
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, math.nan
    t = _T.get(len(values) - 1, 2.0)
    return mean, t * statistics.stdev(values) / math.sqrt(len(values))


# -- peers ------------------------------------------------------------------------


def need_programs(*names: str) -> None:
    """End the program with exit code 3 where a peer is not installed."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        print(
            f"Not installed: {', '.join(missing)} (Debian: vsearch, ncbi-blast+).", file=sys.stderr
        )
        sys.exit(NO_DATA)


def run(*command: object, folder: Path) -> str:
    """Run a peer in a folder and return its standard output; its errors end the program."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, text=True, capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def write_fasta(path: Path, entries: Iterable[tuple[str, str]]) -> None:
    """Write (header, sequence) pairs as FASTA."""
    path.write_text("".join(f">{header}\n{sequence}\n" for header, sequence in entries))
