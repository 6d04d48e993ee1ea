"""SIMULATED read sets of mixtures: of no animal; errors, tags, blanks as they are asked for."""

import gzip
import random
import shutil

import pytest
from simulation import ancestors, far_sequence

from forensics.barcode.locus import reverse_complement

FORWARD, REVERSE = "TTAGATACCCCACTATGC", "TAGAACAGGCTCCTCTAG"  # 12S-V5-F, 12S-V5-R1
PRIMERS = [("12S-V5-F", "12S-V5-R1")]
READ = 150
INSERT = 180

needs_vsearch = pytest.mark.skipif(
    shutil.which("vsearch") is None, reason="the program vsearch is not installed"
)


def insert(species: str) -> str:
    """Return a piece of the 12S of a simulated species, as the primers would copy it."""
    return ancestors("12S")[species][100 : 100 + INSERT]


def stranger() -> str:
    """Return a sequence of 12S, of an animal that is in no library of the tests."""
    return far_sequence("12S", "Gallus gallus")[:INSERT]


def pairs(counts: dict[str, int], *, errors: float = 0.001, tags=("", ""), seed: int = 1) -> list:
    """Return read pairs, mixed up, half of them read from the other end.

    `counts` has, for each insert, how many; `tags` stand before the primers.
    """
    rng = random.Random(seed)
    found = []
    for sequence, count in counts.items():
        whole = tags[0] + FORWARD + sequence + reverse_complement(tags[1] + REVERSE)
        for _ in range(count):
            ends = whole[:READ], reverse_complement(whole)[:READ]
            reads = [_misread(rng, end, errors) for end in ends]
            found.append(reads if rng.random() < 0.5 else reads[::-1])
    rng.shuffle(found)
    return found


def single(counts: dict[str, int], *, seed: int = 1) -> list:
    """Return reads of whole amplicons on both strands, without errors."""
    rng = random.Random(seed)
    found = [FORWARD + s + reverse_complement(REVERSE) for s, n in counts.items() for _ in range(n)]
    rng.shuffle(found)
    return [read if rng.random() < 0.5 else reverse_complement(read) for read in found]


def write_pairs(folder, name: str, found: list, *, packed: bool = True) -> list[str]:
    """Write mates to two files and return their paths."""
    return [
        write_reads(folder / f"{name}_R{mate + 1}.fastq", [r[mate] for r in found], packed=packed)
        for mate in (0, 1)
    ]


def write_reads(path, reads: list[str], *, packed: bool = False, quality: str = "I") -> str:
    """Write reads of one quality; those of a file have names of their own."""
    run = path.name.split("_R")[0]
    text = "".join(
        f"@{run}:{number} x\n{read}\n+\n{quality * len(read)}\n"
        for number, read in enumerate(reads, 1)
    ).encode()
    path = path.with_name(path.name + ".gz") if packed else path
    path.write_bytes(gzip.compress(text, mtime=0) if packed else text)
    return str(path)


def _misread(rng: random.Random, read: str, errors: float) -> str:
    if rng.random() > errors * len(read):  # most have none
        return read
    place = rng.randrange(len(read))
    return read[:place] + rng.choice("ACGT".replace(read[place], "")) + read[place + 1 :]
