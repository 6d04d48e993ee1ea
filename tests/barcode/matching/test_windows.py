"""A long sequence is searched in windows, with the answer of a search of all of it at once."""

import random
from dataclasses import replace

import pytest
from simulation import mutate, random_sequence, reference_records

from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import search as module
from forensics.barcode.matching.search import exhaustive_search, search
from forensics.barcode.reference.writing import write_library


def at_once(monkeypatch, index, sequence, **options):
    with monkeypatch.context() as patch:
        patch.setattr(module, "MAX_LENGTH_AT_ONCE", 10**9)
        return search(index, sequence, **options)


def answer(found):
    return (
        [(h.haplotype, h.strand, h.placement, h.identity, h.length) for h in found.hits],
        found.proved_to, found.not_compared, [h.haplotype for h in found.short],
    )  # fmt: skip


@pytest.fixture(scope="module")
def index(library):
    return library.index("COI")


@pytest.fixture(scope="module")
def records(index):
    return [index.sequence(haplotype).decode() for haplotype in range(index.size)]


def places(index):
    """Yield where a record may lie in a sequence of 4 windows: at ends, within, across borders."""
    width, overlap = module._window(index, 0.9)
    step = width - overlap
    yield from (
        0,
        1,
        100,
        step - 300,
        step,
        step + 1,
        width - 300,
        width - overlap // 2,
        2 * step - 5,
    )


@pytest.mark.parametrize("strand", ["+", "-"])
def test_a_record_is_found_wherever_it_lies(monkeypatch, index, records, strand):
    rng = random.Random(4)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    width, _overlap = module._window(index, 0.9)
    for number, place in enumerate(places(index)):
        record = mutate(rng, records[number % len(records)], substitutions=20, insertions=3)
        text = random_sequence(rng, place) + record
        text += random_sequence(rng, max(0, 2 * width - len(text)))
        text = text if strand == "+" else reverse_complement(text)
        found = search(index, text)
        assert found.hits and answer(found) == answer(at_once(monkeypatch, index, text))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"down_to_floor": True},
        {"floor": 0.8},
        {"exclude_species": 0},
        {"exclude_species": {0, 1}},
    ],
)
def test_options_give_the_answer_of_a_search_at_once(monkeypatch, index, records, options):
    rng = random.Random(5)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    pieces = [mutate(rng, text, substitutions=15) for text in records[:6]]
    text = random_sequence(rng, 500).join(["", *pieces, ""])
    found = search(index, text, **options)
    assert found.hits and answer(found) == answer(at_once(monkeypatch, index, text, **options))


def test_records_that_stick_out_at_the_ends_are_found(monkeypatch, index, records):
    rng = random.Random(6)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    width, _overlap = module._window(index, 0.9)
    text = records[0][120:] + random_sequence(rng, 2 * width) + records[1][:-120]
    found = search(index, text)
    assert {hit.placement for hit in found.hits} == {"left", "right"} or len(found.hits) > 1
    assert answer(found) == answer(at_once(monkeypatch, index, text))


def test_what_is_no_relative_has_no_hit_and_aligns_next_to_nothing(monkeypatch, index):
    text = random_sequence(random.Random(7), 60_000)
    found = search(index, text)
    assert found.hits == () and found.proved_to == 0.9
    whole = exhaustive_search(index, text)
    assert whole.hits == () and found.not_compared == whole.not_compared
    assert found.aligned < whole.aligned


def test_records_longer_than_a_window_do_not_recur(tmp_path, monkeypatch):
    from forensics import open_library

    rng = random.Random(8)
    record = reference_records()[0][0]
    genome = random_sequence(rng, 12_000)
    write_library(tmp_path / "x", [(record, genome)], name="x", calibrated=False)
    index = open_library(tmp_path / "x").index(record.locus)
    found = search(index, random_sequence(rng, 30_000) + genome + random_sequence(rng, 30_000))
    assert [hit.identity for hit in found.hits] == [1.0]


def test_records_too_short_to_be_compared_are_told(monkeypatch, tmp_path):
    from forensics import open_library

    rng = random.Random(9)
    record = reference_records()[0][0]
    short = random_sequence(rng, 200)
    long = random_sequence(rng, 658)
    pairs = [(record, long), (replace(record, accession="SHORT"), short)]
    write_library(tmp_path / "x", pairs, name="x", calibrated=False)
    index = open_library(tmp_path / "x").index(record.locus)
    monkeypatch.setattr(module, "MAX_LENGTH_AT_ONCE", 1000)
    for inside in (
        short,
        reverse_complement(short),
        short + long,
        reverse_complement(short) + long,
    ):
        text = random_sequence(rng, 3000) + inside + random_sequence(rng, 3000)
        found = search(index, text)
        assert found.short and answer(found) == answer(at_once(monkeypatch, index, text))
