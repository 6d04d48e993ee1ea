"""Chimeras of two species of a genus, simulated."""

import random

import pytest
from simulation import random_sequence

from forensics.barcode.chimera import MIN_GAIN, check_two_parents, find_composite
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.search import search
from forensics.barcode.reference.records import ReferenceRecord
from forensics.examination import identify

LEFT, RIGHT, THIRD = "Fictus albus", "Fictus niger", "Fictus ruber"


def changed(generator, sequence, number):
    letters = list(sequence)
    for place in generator.sample(range(len(letters)), number):
        letters[place] = generator.choice("ACGT".replace(letters[place], ""))
    return "".join(letters)


@pytest.fixture(scope="module")
def parents():
    """Three species 5 % apart, two haplotypes each that differ at two bases."""
    generator = random.Random(5)
    root = random_sequence(generator, 650)
    return {name: changed(generator, root, 16) for name in (LEFT, RIGHT, THIRD)}


@pytest.fixture(scope="module")
def index(parents):
    generator = random.Random(6)
    records = []
    for name, sequence in parents.items():
        for number in range(3):
            record = ReferenceRecord.named(f"{name[:9]}{number}", name, locus="COI")
            records.append((record, changed(generator, sequence, 2) if number else sequence))
    return Index.build(records, locus="COI")


def checked(sequence, index):
    return check_two_parents(sequence, search(index, sequence).hits, index)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_chimera_of_congeners_is_told_with_both_and_the_place(parents, index, share, turned):
    cut = round(650 * share)
    sequence = parents[LEFT][:cut] + parents[RIGHT][cut:]
    expected = (LEFT, RIGHT)
    if turned:
        sequence, cut, expected = reverse_complement(sequence), 650 - cut, (RIGHT, LEFT)
    composite = find_composite(sequence, search(index, sequence).hits, index)
    assert (composite.left, composite.right) == expected
    assert composite.unexplained == 0 and composite.gain >= MIN_GAIN
    differing = [
        n for n, (a, b) in enumerate(zip(parents[LEFT], parents[RIGHT], strict=True)) if a != b
    ]
    if turned:
        differing = [649 - n for n in differing]
    between = sorted((cut, composite.breakpoint))
    assert not any(between[0] <= n < between[1] for n in differing)
    notice = checked(sequence, index)
    assert notice.code == "CHIMERA" and LEFT in notice.message and RIGHT in notice.message


def test_nothing_is_named_of_it(parents, index, library_of):
    sequence = parents[LEFT][:325] + parents[RIGHT][325:]
    (result,) = identify(f">q\n{sequence}\n", library=library_of(index), locus="COI")
    assert (result.status, result.taxon) == ("inconclusive", None)
    assert "CHIMERA" in result.codes and result.call.doubted


@pytest.fixture
def library_of(tmp_path):
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.writing import write_library

    def write(index):
        pairs = [
            (index.record(p), index.sequence(index.haplotype_at(p)).decode())
            for p in range(index.record_count)
        ]
        write_library(tmp_path / "l", pairs, name="l", calibrated=False)
        return open_library(tmp_path / "l")

    return write


def test_a_mosaic_of_haplotypes_of_one_species_is_not_told(parents, index):
    own = [index.sequence(h).decode() for h in range(index.size)]
    own = [s for s in own if sum(a != b for a, b in zip(s, parents[LEFT], strict=True)) <= 2]
    assert len(own) == 3
    for first in own:
        for second in own:
            assert checked(first[:325] + second[325:], index) is None


def test_a_species_that_the_library_lacks_is_not_told(parents, index):
    generator = random.Random(8)
    for _ in range(20):
        missing = changed(generator, parents[LEFT], 20)
        assert checked(missing, index) is None


def test_what_a_few_bases_explain_is_not_told(parents, index):
    """Where the parents differ at less than four bases on one side, chance and a variant do the same."""
    differing = [
        n for n, (a, b) in enumerate(zip(parents[LEFT], parents[RIGHT], strict=True)) if a != b
    ]
    cut = differing[MIN_GAIN - 1]
    assert checked(parents[RIGHT][:cut] + parents[LEFT][cut:], index) is None
    cut = differing[MIN_GAIN - 1] + 1
    assert checked(parents[RIGHT][:cut] + parents[LEFT][cut:], index) is not None


def test_a_chimera_with_errors_beyond_what_reads_have_is_left_to_other_checks(parents, index):
    sequence = parents[LEFT][:325] + parents[RIGHT][325:]
    assert checked(changed(random.Random(1), sequence, 2), index) is not None
    assert checked(changed(random.Random(1), sequence, 8), index) is None


def test_an_exact_match_is_not_looked_at(parents, index):
    assert checked(parents[LEFT], index) is None


def test_one_species_alone_has_no_composite(parents):
    record = ReferenceRecord.named("A1", LEFT, locus="COI")
    alone = Index.build([(record, parents[LEFT])], locus="COI")
    sequence = changed(random.Random(3), parents[LEFT], 10)
    assert find_composite(sequence, search(alone, sequence).hits, alone) is None
