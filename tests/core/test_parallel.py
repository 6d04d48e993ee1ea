"""What is answered by several processes is what one answers, in the same order."""

import os
import random
import signal
import subprocess
import sys
from functools import partial

import pytest
from conftest import ROOT
from patience import PATIENCE, wait_until
from simulation import mutate, random_sequence

from forensics.barcode.examination import _search_loci
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core import children, parallel
from forensics.core.parallel import map_in_order
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
        yield number, (mutate(rng, sequence, substitutions=rng.randrange(20)), {"COI": index})


SEARCH = partial(_search_loci, FLOOR)


@pytest.fixture
def started(monkeypatch):
    """The processes that were started."""
    all_of_them = []

    def start(*arguments, **options):
        all_of_them.append(children.start(*arguments, **options))
        return all_of_them[-1]

    monkeypatch.setattr(parallel, "start", start)
    return all_of_them


def test_answers_and_their_order_are_those_of_one_process(index, started):
    asked = list(queries_of(index, 50))
    asked[7] = (7, ("", {}))  # one that is not to be searched
    found = list(map_in_order(SEARCH, asked, processes=2))
    expected = [
        (number, {locus: search(of, sequence, floor=0.9) for locus, of in indexes.items()})
        for number, (sequence, indexes) in asked
    ]
    assert found == expected == list(map_in_order(SEARCH, asked, processes=1))
    assert len(started) == 2


def test_tasks_are_read_no_further_than_is_worked_at_and_nothing_is_left_running(index, started):
    read = 0

    def endless():
        nonlocal read
        while True:
            for task in queries_of(index, 10):
                read += 1
                yield task

    answers = map_in_order(SEARCH, endless(), processes=2)
    for _ in range(20):
        next(answers)
    assert read < 300
    answers.close()
    assert len(started) == 2 and all(process.poll() is not None for process in started)


def test_where_somebody_interrupts_nothing_is_left_running(index, started):
    answers = map_in_order(SEARCH, queries_of(index, 2000), processes=2)
    next(answers)
    with pytest.raises(KeyboardInterrupt):
        answers.throw(KeyboardInterrupt)
    assert len(started) == 2 and all(process.poll() is not None for process in started)


@pytest.mark.parametrize("before", [0, 16, 40])
def test_what_came_before_unreadable_tasks_is_answered(index, before):
    def breaking_off():
        yield from queries_of(index, before)
        raise InputError("no more can be read")

    answers = map_in_order(SEARCH, breaking_off(), processes=2)
    assert [next(answers)[0] for _ in range(before)] == list(range(before))
    with pytest.raises(InputError, match="no more can be read"):
        next(answers)


def test_an_error_of_a_process_is_that_of_the_function(tmp_path):
    (tmp_path / "damaged.bin").write_bytes(b"damaged")
    with pytest.raises(LibraryError, match="damaged.bin"):
        list(map_in_order(Index.open, [(1, tmp_path / "damaged.bin")], processes=2))


@pytest.mark.skipif(os.name == "nt", reason="needs a signal")
def test_a_process_that_is_killed_is_told(index, started):
    answers = map_in_order(SEARCH, queries_of(index, 2000), processes=2)
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
