"""Searches on several processors are those of one, in the same order."""

import multiprocessing
import os
import random
import signal

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.matching import processes
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.processes import search_all
from forensics.barcode.matching.search import search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import ForensicsError, InputError


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    rng = random.Random(21)
    ancestor = random_sequence(rng, 300)
    records = [
        (
            ReferenceRecord.named(f"S{i:03}", f"Fictus {'abcdefgh'[i % 8] * 3}", locus="COI"),
            mutate(rng, ancestor, substitutions=rng.randrange(40)),
        )
        for i in range(60)
    ]
    path = tmp_path_factory.mktemp("index") / "index.bin"
    path.write_bytes(Index.serialise(records, locus="COI"))
    return Index.open(path)


def queries_of(index, count):
    rng = random.Random(22)
    for number in range(count):
        sequence = index.sequence(rng.randrange(index.size)).decode()
        yield number, mutate(rng, sequence, substitutions=rng.randrange(20)), ("COI",)


def test_answers_and_their_order_are_those_of_one_process(index):
    asked = list(queries_of(index, 50))
    asked[7] = (7, "", ())  # one that is not to be searched
    found = list(search_all(asked, lambda locus: index, floor=0.9, processes=2))
    expected = [
        (number, {locus: search(index, sequence, floor=0.9) for locus in loci})
        for number, sequence, loci in asked
    ]
    assert found == expected


def test_queries_are_read_no_further_than_is_worked_at_and_nothing_is_left_running(index):
    read = 0

    def endless():
        nonlocal read
        while True:
            for number, sequence, loci in queries_of(index, 10):
                read += 1
                yield number, sequence, loci

    answers = search_all(endless(), lambda locus: index, floor=0.9, processes=1)
    for _ in range(20):
        next(answers)
    assert read < 200
    answers.close()  # as an interrupt does
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("before", [0, 5, 16, 40])
def test_what_came_before_unreadable_queries_is_answered(index, before):
    def breaking_off():
        yield from queries_of(index, before)
        raise InputError("no more can be read")

    answers = search_all(breaking_off(), lambda locus: index, floor=0.9, processes=1)
    assert [next(answers)[0] for _ in range(before)] == list(range(before))
    with pytest.raises(InputError, match="no more can be read"):
        next(answers)


@pytest.mark.skipif(os.name == "nt", reason="needs a signal")
def test_a_process_that_is_killed_is_told(index):
    answers = search_all(queries_of(index, 2000), lambda locus: index, floor=0.9, processes=1)
    with pytest.raises(ForensicsError, match="--jobs 1"):
        for _ in answers:
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGKILL)


def test_windows_is_asked_for_no_more_processes_than_it_waits_for(monkeypatch):
    monkeypatch.setattr(processes.sys, "platform", "linux")
    assert processes.allowed(200) == 200
    monkeypatch.setattr(processes.sys, "platform", "win32")
    assert (processes.allowed(200), processes.allowed(2)) == (61, 2)
