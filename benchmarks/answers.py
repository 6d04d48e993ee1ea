"""Are the answers of the search those that were recorded?

    python benchmarks/answers.py record tests/golden/answers.json
    python benchmarks/answers.py compare tests/golden/answers.json
    python benchmarks/answers.py record before.json --library FOLDER --sources 240

The queries are made from the records of a library: as they are, on the other strand, halves, pieces,
partial overlaps, IUPAC codes, insertions and deletions, chimeras, substitutions, and sequences that are
near nothing. Every field of every hit is recorded but the number of alignments, which is no answer.

Record before the search is changed, compare afterwards, with the kernel and with ``FORENSICS_PURE=1``.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.search import Search, search
from forensics.barcode.reference.library import EMBEDDED, Library, open_library

__all__ = ["answers_of", "differences", "variants_of"]

SEED = 20261127
#: Records of each locus from which queries are made.
SOURCES = 3
#: Hits of a search that are written; a conserved locus has hundreds.
WRITTEN = 10
#: What is recorded of a search, besides the hits.
WAYS = ({}, {"down_to_floor": True}, {"floor": 0.95})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("record", "compare"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--library", default=EMBEDDED, help="default: the embedded library")
    parser.add_argument("--sources", type=int, default=SOURCES, help="records of each locus")
    options = parser.parse_args()
    library = open_library(options.library)
    answers = answers_of(library, options.sources)
    if options.action == "record":
        options.file.write_text(written(answers), encoding="utf-8")
        print(f"{len(answers)} answers recorded in {options.file}")
        return
    recorded = json.loads(options.file.read_text(encoding="utf-8"))
    different = differences(recorded, answers)
    for name in different[:20]:
        print(f"{name}\n  recorded: {recorded.get(name)}\n  now:      {answers.get(name)}")
    print(f"{len(recorded)} answers compared, {len(different)} differ")
    sys.exit(1 if different else 0)


def answers_of(library: Library, sources: int = SOURCES, *, every: int = 1) -> dict[str, dict]:
    """Return the answers of every locus of a library, or one in `every`, by the name of the query."""
    answers: dict[str, dict] = {}
    number_of_query = 0
    for locus in library.loci:
        index, rng = library.index(locus), random.Random(f"{SEED} {locus}")
        chosen = sorted(rng.sample(range(index.size), min(sources, index.size)))
        for number in chosen:
            record = index.sequence(number)
            other = index.sequence(rng.randrange(index.size))
            for variant, query in variants_of(rng, record, other):
                way = rng.choice((0, 0, 0, 1, 2))
                number_of_query += 1
                if number_of_query % every:
                    continue
                name = f"{locus} {number} {variant} {way}"
                answers[name] = recorded_form(search(index, query, **WAYS[way]))
    return answers


def recorded_form(found: Search) -> dict:
    """Return a search as it is recorded: every field of every hit, in their order.

    Of many hits the first are written, and number and SHA-256 of all.
    """
    form = {"proved_to": found.proved_to, "not_compared": found.not_compared}
    for name in ("hits", "short"):
        hits = [list(hit) for hit in getattr(found, name)]
        form[name] = hits[:WRITTEN]
        if len(hits) > WRITTEN:
            digest = hashlib.sha256(json.dumps(hits).encode()).hexdigest()
            form[f"all {name}"] = [len(hits), digest]
    return form


def written(answers: dict[str, dict]) -> str:
    """Return the answers as JSON, a line each."""
    lines = (f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def differences(recorded: dict[str, dict], answers: dict[str, dict]) -> list[str]:
    """Return the names of the queries whose answers are not those that were recorded."""
    names = sorted(recorded.keys() | answers.keys())
    # Through JSON, as the recorded ones went: floats are written so that they are read the same.
    now = json.loads(json.dumps(answers))
    return [name for name in names if recorded.get(name) != now.get(name)]


def variants_of(rng: random.Random, record: str, other: str) -> Iterator[tuple[str, str]]:
    """Yield the queries that are made from a record, each with the name of its kind."""
    size = len(record)
    half, tenth = size // 2, max(1, size // 10)
    flank = "".join(rng.choices("ACGT", k=tenth))
    place = rng.randrange(tenth, size - tenth)
    yield "whole", record
    yield "other strand", reverse_complement(record)
    yield "left half", record[:half]
    yield "right half", reverse_complement(record[half:])
    yield "middle", record[size // 4 : size - size // 4]
    yield "near", substituted(rng, record, 0.02)
    yield "further", substituted(rng, record, 0.05)
    yield "far", reverse_complement(substituted(rng, record, 0.09))
    yield "sticks out right", substituted(rng, record[tenth:], 0.01) + flank
    yield "sticks out left", reverse_complement(flank + record[:-tenth])
    yield "sticks out at both ends", flank + substituted(rng, record, 0.01) + flank[::-1]
    yield "codes", with_codes(rng, record, 5)
    yield "run of N", record[:place] + "N" * (size // 50) + record[place + size // 50 :]
    yield "insertion", record[:place] + "A" + substituted(rng, record[place:], 0.01)
    yield "codon lost", substituted(rng, record[:place], 0.01) + record[place + 3 :]
    yield "chimera", record[:half] + other[len(other) // 2 :]
    yield "near nothing", "".join(rng.choices("ACGT", k=size))


def substituted(rng: random.Random, sequence: str, share: float) -> str:
    """Return a sequence in which a share of the bases is another one."""
    letters = list(sequence)
    for place in rng.sample(range(len(letters)), round(share * len(letters))):
        letters[place] = rng.choice([base for base in "ACGT" if base != letters[place]])
    return "".join(letters)


def with_codes(rng: random.Random, sequence: str, number: int) -> str:
    """Return a sequence in which some bases are read as two, or as any."""
    letters = list(sequence)
    codes = {"A": "RMN", "C": "YMN", "G": "RKN", "T": "YKN"}
    for place in rng.sample(range(1, len(letters) - 1), min(number, len(letters) - 2)):
        letters[place] = rng.choice(codes.get(letters[place], "N"))
    return "".join(letters)


if __name__ == "__main__":
    main()
