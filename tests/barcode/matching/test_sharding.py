"""An index in parts gives, put together, what the whole gives."""

import gzip
import random

from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, random_sequence

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.matching.sharding import merged, shard
from forensics.barcode.reference.records import ReferenceRecord


def simulated(seed):
    """Records of some species, near and far, long and short; queries of them, whole and in part."""
    rng = random.Random(seed)
    length, ancestor = 300, ""
    records, queries = [], []
    for number in range(rng.randrange(1, 25)):
        if not ancestor or rng.random() < 0.3:
            ancestor = random_sequence(rng, length)
        sequence = mutate(
            rng, ancestor, substitutions=rng.randrange(30), deletions=rng.randrange(3)
        )
        start = rng.choice([0, 0, 0, 60, 240])
        name = f"Fictus s{chr(97 + rng.randrange(8))}"
        record = ReferenceRecord.named(f"A{number}", name, locus="COI")
        records.append((record, sequence[start:]))
        queries.append(mutate(rng, sequence, substitutions=rng.randrange(8))[rng.choice([0, 90]) :])
    return records, queries[:4]


def told(found):
    return found.hits, found.proved_to, found.not_compared, found.short


@examples(200)
@given(st.integers(0, 10**9), st.integers(1, 7), st.sampled_from([0.9, 0.95]))
def test_parts_put_together_are_the_whole(seed, parts, floor):
    records, queries = simulated(seed)
    index = Index.build(records, locus="COI")
    pieces = [Index.loaded(shard(index, part, parts)) for part in range(min(parts, index.size))]
    assert sum(piece.size for piece in pieces) == index.size
    for query in queries:
        found = [search(piece, query, floor=floor) for piece in pieces]
        assert told(merged(index, query, found, floor=floor)) == told(
            search(index, query, floor=floor)
        )


def test_parts_of_the_embedded_library_are_the_whole(embedded, root):
    path = root / "reference_sequences/COI/records.fasta.gz"
    with gzip.open(path, "rt", encoding="ascii") as file:
        sequences = [line.strip() for line in file if line[0] != ">"]
    index = embedded.index("COI")
    pieces = [Index.loaded(shard(index, part, 3)) for part in range(3)]
    for query in random.Random(1).sample(sequences, 12):
        query = query[:300] if len(query) % 2 else query
        found = [search(piece, query) for piece in pieces]
        assert told(merged(index, query, found)) == told(search(index, query))
