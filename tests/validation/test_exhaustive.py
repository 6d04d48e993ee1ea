"""On real sequences, the search finds what comparing with everything finds.

Two yardsticks: `exhaustive_search`, the plain version of the same definition, and a loop
over edlib that knows nothing of the project. The benchmark does the same on the whole set.
"""

import gzip
import random
from functools import cache

import pytest

from forensics.barcode.locus import clean, find_locus, reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import MINIMUM_COVERAGE, exhaustive_search, search
from forensics.barcode.options import FLOOR
from forensics.barcode.reference.records import ReferenceRecord

# Records used and queries held out of them: a sample for every day, and the slow, full count with
# the whole of 12S and cytb and a part of COI.
SAMPLE = [("12S", 400, 8), ("cytb", 200, 6), ("COI", 300, 16)]
FULL = [("12S", None, 40), ("cytb", None, 40), ("COI", 1500, 25)]
EPSILON = 1e-9
# By the name of the code what it stands for; written out, not taken from the project.
BASES = dict(
    A="A", C="C", G="G", T="T", R="AG", Y="CT", S="CG", W="AT", K="GT", M="AC",
    B="CGT", D="AGT", H="ACT", V="ACG", N="ACGT",
)  # fmt: skip
EQUAL = [(a, b) for a in BASES for b in BASES if a < b and set(BASES[a]) & set(BASES[b])]


@cache
def sampled(folder, locus, count, queries):
    """Return an index of one part of the records and the sequences of the other."""
    with gzip.open(folder / "barcodes" / f"{locus}.fasta.gz", "rt", encoding="utf-8") as file:
        entries = [entry.split("\n", 1) for entry in file.read().split(">")[1:]]
    records = [
        (ReferenceRecord.named(accession, name, locus=locus), clean(text))
        for (accession, name), text in (
            (header.split("|")[:2], "".join(lines.split())) for header, lines in entries
        )
    ]
    records = [pair for pair in records if len(pair[1]) >= find_locus(locus).minimum_length]
    random.Random(locus).shuffle(records)
    held_out, kept = records[:queries], records[queries : count and queries + count]
    return Index.build(kept, locus=locus), [sequence for _record, sequence in held_out]


@pytest.fixture(params=[*SAMPLE, *(pytest.param(full, marks=pytest.mark.slow) for full in FULL)])
def index_and_queries(request, evaluation_data):
    return sampled(evaluation_data, *request.param)


def test_the_search_agrees_with_the_plain_version(index_and_queries):
    index, queries = index_and_queries
    for sequence in queries:
        expected = exhaustive_search(index, sequence)
        found = search(index, sequence)
        assert list(found.hits) == [
            hit for hit in expected.hits if hit.identity >= found.proved_to - EPSILON
        ]
        assert found.not_compared == expected.not_compared
        assert search(index, sequence, down_to_floor=True).hits == expected.hits


def nearest_whole(index, sequence):
    """Return the best identity of a whole placement and every haplotype that has it."""
    edlib = pytest.importorskip("edlib", reason="edlib is not installed: no third opinion")
    basis = min(len(sequence), find_locus(index.locus).expected_length)
    best, ties = 0.0, set()
    for haplotype in range(index.size):
        record = index.sequence(haplotype)
        if len(record) < MINIMUM_COVERAGE * basis - EPSILON:
            continue
        for strand in (sequence, reverse_complement(sequence)):
            shorter, longer = sorted((strand, record), key=len)
            limit = int((1 - max(best, FLOOR)) * len(shorter) + EPSILON)
            edits = edlib.align(shorter, longer, mode="HW", k=limit, additionalEqualities=EQUAL)
            if edits["editDistance"] < 0:
                continue
            identity = 1 - edits["editDistance"] / len(shorter)
            if identity > best + EPSILON:
                best, ties = identity, set()
            if identity > best - EPSILON:
                ties.add(haplotype)
    return best, ties


def test_best_identity_and_every_tie_are_those_of_a_plain_loop(index_and_queries):
    index, queries = index_and_queries
    compared = 0
    for sequence in queries:
        best, ties = nearest_whole(index, sequence)
        hits = search(index, sequence).hits
        whole = [hit for hit in hits if hit.placement == "whole"]
        if not hits:
            assert best < FLOOR
            continue
        if hits[0].placement != "whole" and hits[0].identity > best + EPSILON:
            continue  # a partial overlap is nearer: not what this yardstick measures
        compared += 1
        assert whole[0].identity == pytest.approx(best)
        assert {h.haplotype for h in whole if h.identity > best - EPSILON} == ties
    assert compared > len(queries) / 3
