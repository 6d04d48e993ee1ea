"""A cluster gives what one machine gives, also where it loses a worker; two workers are here."""

import gzip
import json
import random

import pytest

import forensics
from forensics.barcode.matching import cluster as module
from forensics.barcode.matching.cluster import reached
from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.reference.library import INDEX, open_library
from forensics.errors import ForensicsError, InputError, LibraryError
from forensics.examination import identify_each


@pytest.fixture(scope="module")
def queries(root):
    path = root / "reference_sequences/COI/records.fasta.gz"
    with gzip.open(path, "rt", encoding="ascii") as file:
        sequences = [line.strip() for line in file if line[0] != ">"]
    chosen = random.Random(2).sample(sequences, 80)
    return "".join(f">q{n}\n{sequence}\n" for n, sequence in enumerate(chosen))


@pytest.fixture
def one(queries):
    return queries.partition(">q1")[0]


def as_json(results):
    rows = [result.to_dict() for result in results]
    for row in rows:
        row["provenance"].pop("time")
    return json.dumps(rows)


def test_a_cluster_gives_what_one_machine_gives(cluster, embedded, queries):
    here = forensics.identify(queries[:9000], library=embedded)
    there = forensics.identify(queries[:9000], library=embedded, scheduler=cluster.address)
    assert as_json(there) == as_json(here) and len(there) > 10


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_changes_nothing(cluster, embedded, queries):
    results = identify_each(as_queries(queries), library=embedded, scheduler=cluster.address)
    first = next(results)
    cluster.kill_one()
    there = [first, *results]
    assert as_json(there) == as_json(identify_each(as_queries(queries), library=embedded))


def test_what_is_broken_off_is_forgotten_on_the_cluster(cluster, embedded, queries):
    results = identify_each(as_queries(queries), library=embedded, scheduler=cluster.address)
    next(results)
    assert cluster.busy()
    results.close()  # as an interrupt does
    assert cluster.forgets()


def test_a_connection_serves_several_runs(cluster, embedded, one):
    with reached(cluster.address) as here:
        found = [identify_each_of(one, embedded, here) for _ in range(2)]
        with reached(here) as same:
            assert same is here
        found.append(identify_each_of(one, embedded, here))  # it was not closed by the inner one
    assert len({as_json([result]) for result in found}) == 1


def identify_each_of(text, library, scheduler):
    (result,) = identify_each(as_queries(text), library=library, locus="COI", scheduler=scheduler)
    return result


def test_what_came_before_unreadable_queries_is_answered(cluster, embedded, queries):
    def breaking_off():
        yield from list(as_queries(queries))[:3]
        raise InputError("no more can be read")

    results = identify_each(breaking_off(), library=embedded, scheduler=cluster.address)
    assert [next(results).index for _ in range(3)] == [1, 2, 3]
    with pytest.raises(InputError, match="no more can be read"):
        next(results)


def test_an_index_that_is_no_file_is_told(cluster, library_folder, one):
    (library_folder / "COI" / INDEX).unlink()
    library = open_library(library_folder)
    with pytest.raises(LibraryError, match="COI is missing or out of date"):
        identify_each_of(one, library, cluster.address)


def test_a_library_that_differs_on_a_worker_is_told(cluster, library_folder, one, monkeypatch):
    monkeypatch.setattr(module, "sha256", lambda path: "0" * 64)  # here, not on the workers
    with pytest.raises(ForensicsError, match="is another file on this worker"):
        identify_each_of(one, open_library(library_folder), cluster.address)


def test_a_worker_of_another_version_is_told(cluster, embedded, one, monkeypatch):
    monkeypatch.setattr(forensics, "__version__", "9.9")
    with pytest.raises(ForensicsError, match="has version .*; expected is 9.9"):
        identify_each_of(one, embedded, cluster.address)


def test_a_scheduler_that_is_not_there_is_told(embedded, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(module, "_PATIENCE", 1)
    with pytest.raises(ForensicsError, match="does not answer"):
        forensics.identify(">q\n" + "ACGT" * 150, library=embedded, scheduler="tcp://127.0.0.1:9")


class _Waiting:
    """A future that is answered after so many waits."""

    def __init__(self, waits):
        self.waits = waits

    def result(self, timeout):
        self.waits -= 1
        if self.waits < 0:
            return ["answer"]
        raise TimeoutError


@pytest.fixture
def told_workers(cluster, monkeypatch):
    """A connection whose scheduler tells of these workers, one list a question."""

    def connected(*lists):
        told = iter(lists)
        with reached(cluster.address) as one:
            monkeypatch.setattr(
                one._client, "scheduler_info", lambda **_more: {"workers": next(told)}
            )
            return one

    return connected


def test_a_cluster_that_has_lost_its_workers_is_given_up(told_workers):
    with pytest.raises(ForensicsError, match="no workers for 40 seconds"):
        told_workers([], [])._result(_Waiting(9))


def test_workers_that_are_replaced_are_waited_for(told_workers):
    lost_and_replaced = [], ["new"], [], ["new"]
    assert told_workers(*lost_and_replaced)._result(_Waiting(4)) == ["answer"]
