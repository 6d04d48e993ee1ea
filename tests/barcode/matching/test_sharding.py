"""An index in parts gives, put together, what the whole gives; also on a cluster that loses a worker."""

import gzip
import json
import os
import random
import signal

import pytest
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


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:  # fmt: skip
        yield cluster


@pytest.fixture(scope="module")
def queries(root):
    path = root / "reference_sequences/COI/records.fasta.gz"
    with gzip.open(path, "rt", encoding="ascii") as file:
        sequences = [line.strip() for line in file if line[0] != ">"]
    chosen = random.Random(2).sample(sequences, 200)
    return "".join(f">q{n}\n{sequence}\n" for n, sequence in enumerate(chosen))


def as_json(results):
    rows = [result.to_dict() for result in results]
    for row in rows:
        row["provenance"].pop("time")
    return json.dumps(rows)


def test_a_cluster_gives_what_one_machine_gives(cluster, embedded, queries):
    import forensics

    here = forensics.identify(queries[:9000], library=embedded)
    there = forensics.identify(
        queries[:9000], library=embedded, scheduler=cluster.scheduler_address
    )
    assert as_json(there) == as_json(here) and len(there) > 10


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(cluster, embedded, queries):
    from distributed import Client

    from forensics.barcode.reading.reads import as_queries
    from forensics.examination import identify_each

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        processes = client.run(os.getpid)
    results = identify_each(
        as_queries(queries), library=embedded, scheduler=cluster.scheduler_address
    )
    first = next(results)
    os.kill(sorted(processes.values())[0], signal.SIGKILL)
    there = [first, *results]
    assert as_json(there) == as_json(identify_each(as_queries(queries), library=embedded))


def test_a_scheduler_that_is_not_there_is_told(embedded, monkeypatch):
    pytest.importorskip("distributed")
    import forensics
    from forensics.barcode.matching import cluster
    from forensics.errors import ForensicsError

    monkeypatch.setattr(cluster, "_PATIENCE", 1)
    with pytest.raises(ForensicsError, match="does not answer"):
        forensics.identify(">q\n" + "ACGT" * 150, library=embedded, scheduler="tcp://127.0.0.1:9")
