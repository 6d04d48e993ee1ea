"""What is answered by several processes or threads is what one answers, in the same order."""

import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from conftest import ROOT
from patience import PATIENCE, wait_until
from simulation import mutate, random_sequence

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core import children, parallel
from forensics.core.parallel import map_in_order, map_in_threads
from forensics.errors import ForensicsError, InputError, LibraryError


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
        sequence = index.sequence(rng.randrange(index.size))
        yield number, mutate(rng, sequence, substitutions=rng.randrange(20))


# Both ways of working, with two at once.
def by_processes(index, tasks):
    return map_in_order(partial(search, index), tasks, processes=2)


def by_threads(index, tasks):
    found = map_in_threads(lambda task: search(index, task[1]), tasks, threads=2)
    return ((task[0], answer) for task, answer in found)


WAYS = pytest.mark.parametrize("way", [by_processes, by_threads])


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    all_of_them = []

    def start(*arguments, **options):
        all_of_them.append(children.start(*arguments, **options))
        return all_of_them[-1]

    monkeypatch.setattr(parallel, "start", start)
    return all_of_them


@WAYS
def test_answers_and_their_order_are_those_of_one(index, started, way):
    asked = list(queries_of(index, 50))
    expected = [(number, search(index, sequence)) for number, sequence in asked]
    assert list(way(index, asked)) == expected
    assert list(map_in_order(partial(search, index), asked, processes=1)) == expected
    alone = map_in_threads(lambda task: search(index, task[1]), asked, threads=1)
    assert [(task[0], answer) for task, answer in alone] == expected
    assert len(started) == (2 if way is by_processes else 0)


@WAYS
def test_tasks_are_read_no_further_than_is_worked_at(index, way):
    read = 0

    def endless():
        nonlocal read
        while True:
            for task in queries_of(index, 10):
                read += 1
                yield task

    answers = way(index, endless())
    for _ in range(20):
        next(answers)
    assert read < 300


@pytest.mark.parametrize("end", [lambda answers: answers.close(), None])
def test_what_was_not_begun_is_not_where_nobody_asks_further(end):
    begun = []

    def work(task):
        begun.append(task)
        time.sleep(0.02)

    answers = map_in_threads(work, range(1000), threads=2)
    next(answers)
    if end:
        end(answers)
    else:
        with pytest.raises(KeyboardInterrupt):
            answers.throw(KeyboardInterrupt)
    assert len(begun) < 12


def test_where_somebody_interrupts_nothing_is_left_running(index, started):
    answers = by_processes(index, queries_of(index, 2000))
    next(answers)
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt)
    assert len(started) == 2 and all(process.poll() is not None for process in started)


@WAYS
@pytest.mark.parametrize("before", [0, 16, 40])
def test_what_came_before_unreadable_tasks_is_answered(index, before, way):
    def breaking_off():
        yield from queries_of(index, before)
        raise InputError("no more can be read")

    answers = way(index, breaking_off())
    assert [next(answers)[0] for _ in range(before)] == list(range(before))
    with pytest.raises(InputError, match="no more can be read"):
        next(answers)


def test_an_error_of_a_process_or_a_thread_is_that_of_the_function(tmp_path):
    (tmp_path / "damaged.bin").write_bytes(b"damaged")
    with pytest.raises(LibraryError, match="damaged.bin"):
        list(map_in_order(Index.open, [(1, tmp_path / "damaged.bin")], processes=2))
    with pytest.raises(LibraryError, match="damaged.bin"):
        list(map_in_threads(Index.open, [tmp_path / "damaged.bin"], threads=2))


@pytest.mark.skipif(os.name == "nt", reason="needs a signal")
def test_a_process_that_is_killed_is_told(index, started):
    answers = by_processes(index, queries_of(index, 2000))
    with pytest.raises(ForensicsError, match="--jobs 1"):
        for _ in answers:
            os.kill(started[0].pid, signal.SIGKILL)


# No guard of the main module, as in a script of a user; each task takes longer than anybody waits.
ENDLESS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from forensics.core import parallel

def start(*arguments, **options):
    process = original(*arguments, **options)
    print(process.pid, flush=True)
    return process

original, parallel.start = parallel.start, start
for answer in parallel.map_in_order(time.sleep, enumerate([0.01] + [3600] * 99), processes=2, lot=1):
    print("answered", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a signal")
def test_ctrl_c_ends_all_processes_at_once_and_only_the_first_one_speaks(tmp_path):
    (tmp_path / "endless.py").write_text(ENDLESS)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "signal.py").write_text("raise SystemExit('trap')")
    first = subprocess.Popen(
        [sys.executable, tmp_path / "endless.py", ROOT], cwd=tmp_path / "data", text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    lines = [first.stdout.readline().strip() for _line in range(3)]
    assert lines[2] == "answered", lines
    os.killpg(first.pid, signal.SIGINT)
    _output, said = first.communicate(timeout=PATIENCE)
    assert first.returncode == -signal.SIGINT
    assert said.count("Traceback") == said.count("KeyboardInterrupt\n") == 1
    assert wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in lines[:2]))
