"""What is answered by several threads is what one answers, in the same order."""

import random
import time

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.core.parallel import map_in_threads, map_lots_in_threads
from forensics.errors import InputError, LibraryError


@pytest.fixture(scope="module")
def index():
    rng = random.Random(21)
    ancestor = random_sequence(rng, 300)
    records = [
        (
            ReferenceRecord.named(f"S{i:03}", f"Fictus {'abcdefgh'[i % 8] * 3}", locus="COI"),
            mutate(rng, ancestor, substitutions=rng.randrange(40)),
        )
        for i in range(60)
    ]
    return Index.build(records, locus="COI")


def queries_of(index, count):
    rng = random.Random(22)
    for _number in range(count):
        sequence = index.sequence(rng.randrange(index.size))
        yield mutate(rng, sequence, substitutions=rng.randrange(20))


def test_answers_and_their_order_are_those_of_one_thread(index):
    asked = list(queries_of(index, 200))
    expected = [(sequence, search(index, sequence)) for sequence in asked]
    for threads in (1, 2, 5):
        found = map_in_threads(lambda one: search(index, one), asked, threads=threads)
        assert list(found) == expected


def test_lots_are_answered_in_their_order_the_last_one_with_what_is_left():
    lots = []

    def work(some):
        lots.append(len(some))
        return map(str, some)

    found = list(map_lots_in_threads(work, range(21), threads=2, lot=8))
    assert found == [(number, str(number)) for number in range(21)]
    assert sorted(lots) == [5, 8, 8]


def test_tasks_are_read_no_further_than_is_worked_at():
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield read

    answers = map_in_threads(str, endless(), threads=2)
    assert [next(answers) for _ in range(20)] == [(n, str(n)) for n in range(1, 21)]
    assert read < 40


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_what_was_not_begun_is_not_where_nobody_asks_further(error):
    begun = []

    def work(task):
        begun.append(task)
        time.sleep(0.02)

    answers = map_in_threads(work, range(1000), threads=2)
    next(answers)
    if error:
        with pytest.raises(error):
            answers.throw(error)
    else:
        answers.close()
    assert len(begun) < 12


@pytest.mark.parametrize("before", [0, 16, 40])
def test_what_came_before_unreadable_tasks_is_answered(before):
    def breaking_off():
        yield from range(before)
        raise InputError("no more can be read")

    answers = map_in_threads(str, breaking_off(), threads=2)
    assert [next(answers)[0] for _ in range(before)] == list(range(before))
    with pytest.raises(InputError, match="no more can be read"):
        next(answers)


def test_an_error_of_a_thread_is_that_of_the_function(tmp_path):
    (tmp_path / "damaged.bin").write_bytes(b"damaged")
    with pytest.raises(LibraryError, match="damaged.bin"):
        list(map_in_threads(Index.open, [tmp_path / "damaged.bin"], threads=2))
