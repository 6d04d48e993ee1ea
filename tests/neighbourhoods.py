"""SIMULATED records that descend from one another, for tests of the search and of what it is made of."""

import random

from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.locus import clean, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import ReferenceRecord

FLOORS = st.sampled_from([0.3, 0.6, 0.8, 0.87, 0.875, 0.9, 0.95, 0.99, 1.0])
COVERAGES = st.sampled_from([0.4, 0.75, 1.0])
SEEDS = st.integers(0, 2**32)


def index_of(sequences, species=5, locus="COI"):
    records = [
        (ReferenceRecord.named(f"S{i:04}", f"Fictus {'abcdefghij'[i % species] * 3}"), sequence)
        for i, sequence in enumerate(sequences)
    ]
    return Index.build(records, locus=locus)


def relatives(rng, ancestor, count, most=0.15):
    """Return sequences that descend from one: changed, cut, longer, turned, with IUPAC codes."""
    found = []
    size = len(ancestor)
    while len(found) < count:
        sequence = ancestor
        kind = rng.randrange(6)
        if kind == 1:  # an end cut off
            cut = rng.randrange(size // 2)
            sequence = sequence[cut:] if rng.random() < 0.5 else sequence[: size - cut]
        elif kind == 2:  # sticks out at one end, or both
            sequence = random_sequence(rng, rng.randrange(size // 2)) + sequence
            sequence += random_sequence(rng, rng.randrange(size // 2) * rng.randrange(2))
        elif kind == 3:  # a partial overlap
            cut = rng.randrange(size // 3)
            more = random_sequence(rng, rng.randrange(1, size // 2))
            sequence = (
                sequence[cut:] + more if rng.random() < 0.5 else more + sequence[: size - cut]
            )
        elif kind == 4:  # unrelated
            sequence = random_sequence(rng, rng.randrange(size // 2, size * 2))
        changes = rng.randrange(int(most * size) + 1)
        sequence = mutate(
            rng,
            sequence,
            substitutions=rng.randrange(changes + 1),
            insertions=rng.choice([0, 0, 1, rng.randrange(changes // 3 + 1)]),
            deletions=rng.choice([0, 0, 1, rng.randrange(changes // 3 + 1)]),
            codes=rng.choice([0, 0, 1, 4]),
        )
        if rng.random() < 0.1:
            place = rng.randrange(len(sequence))
            sequence = sequence[:place] + "N" * rng.randrange(5) + sequence[place:]
        if rng.random() < 0.3:
            sequence = reverse_complement(sequence)
        if rng.random() < 0.1 and found:
            sequence = rng.choice(found)
        sequence = clean(sequence)
        if sequence:
            found.append(sequence)
    return found


def family(seed, *, length, count, letters="ACGT"):
    rng = random.Random(seed)
    ancestor = random_sequence(rng, length, letters)
    records = relatives(rng, ancestor, count)
    (query,) = relatives(rng, rng.choice([ancestor, *records]), 1, most=0.05)
    return index_of(records), query


def changed(sequence, *places):
    """Return the sequence with other bases at `places`."""
    letters = list(sequence)
    for place in places:
        letters[place] = {"A": "C", "C": "G", "G": "T", "T": "A"}[letters[place]]
    return "".join(letters)
