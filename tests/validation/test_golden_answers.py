"""The search of the embedded library gives the answers that were recorded, field by field.

They were recorded on the day that the library was made (benchmarks/answers.py makes and compares them), with a search
that gave the same answers of the library before as one that stood on edlib. So no later kernel changes an answer
unnoticed. If the embedded library changes, they are recorded anew: with the code of before, then compared with that
of after.
"""

import json

import pytest
from benchmark_modules import benchmark

from forensics.barcode.matching import kernel, reference

# Of so many answers the reference gives one again: it takes many times as long.
EVERY = 12


@pytest.fixture(scope="module")
def bench(root):
    with benchmark(root, "answers") as module:
        yield module


@pytest.fixture(scope="module")
def recorded(root):
    return json.loads((root / "tests/golden/answers.json").read_text(encoding="utf-8"))


def test_every_answer_is_the_one_that_was_recorded(bench, recorded, embedded):
    answers = bench.answers_of(embedded)
    assert len(answers) == len(recorded) > 300
    assert bench.differences(recorded, answers) == []
    kinds = {hit[-1] for answer in recorded.values() for hit in answer["hits"]}
    assert kinds == {"whole", "left", "right"}
    assert any(answer["short"] for answer in recorded.values())


@pytest.mark.slow
def test_the_reference_gives_the_recorded_answers_too(bench, recorded, embedded, monkeypatch):
    monkeypatch.setattr(kernel, "implementation", reference)
    answers = bench.answers_of(embedded, every=EVERY)
    some = {name: answer for name, answer in recorded.items() if name in answers}
    assert len(some) == len(answers) > 300 // EVERY
    assert bench.differences(some, answers) == []
