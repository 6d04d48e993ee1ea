import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import SPECIES, mutate, query, random_sequence

from forensics.barcode import contamination
from forensics.barcode.contamination import (
    OVERLAP,
    Batch,
    Haplotypes,
    Known,
    read_haplotypes,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching import kernel, reference
from forensics.errors import InputError
from forensics.examination import identify

ONE = query()


def codes(result):
    return [warning.code for warning in result.warnings]


@given(st.integers(0, 10**6))
def test_every_identical_overlap_is_found_on_either_strand(seed):
    rng = random.Random(seed)
    known = [random_sequence(rng, rng.randrange(OVERLAP, 700)) for _ in range(5)]
    store = Haplotypes()
    for number, sequence in enumerate(known):
        store.add(Known(str(number)), sequence)
    number = rng.randrange(5)
    length = rng.randrange(OVERLAP, len(known[number]) + 1)
    way = rng.randrange(3)
    if way == 0:  # what sticks out to the right of the known one
        asked = known[number][-length:] + random_sequence(rng, rng.randrange(200))
    elif way == 1:
        asked = random_sequence(rng, rng.randrange(200)) + known[number][:length]
    else:
        start = rng.randrange(len(known[number]) - length + 1)
        asked = known[number][start : start + length]
    if rng.random() < 0.5:
        asked = reverse_complement(asked)
    ((found, overlap),) = store.same(asked)
    assert (found.name, overlap) == (str(number), length)


@given(st.integers(0, 10**6))
def test_with_the_reference_the_same_sequences_are_found(seed):
    rng = random.Random(seed)
    root = random_sequence(rng, 400)
    found = []
    for implementation in (kernel.implementation, reference):
        rng.seed(seed)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(kernel, "implementation", implementation)
            store = Haplotypes()
            for number in range(20):
                first, length = rng.randrange(300), rng.choice([20, 60, 200, 400])
                one = mutate(rng, root, codes=rng.choice([0, 0, 2]))[first : first + length]
                store.add(Known(str(number)), one)
            asked = [root, root[50:], reverse_complement(root[:200]), root[:20], root[100:150]]
            found.append([store.same(one) for one in asked])
    assert found[0] == found[1] and any(found[0])


@given(st.integers(0, 657))
def test_one_other_base_is_another_haplotype(place):
    store = Haplotypes()
    store.add(Known("a"), ONE)
    place %= len(ONE)
    other = ONE[:place] + ("A" if ONE[place] != "A" else "C") + ONE[place + 1 :]
    assert store.same(other) == []


def test_an_iupac_code_that_fits_is_no_difference():
    store = Haplotypes()
    store.add(Known("a"), ONE)
    assert store.same(ONE[:200] + "N" + ONE[201:])
    coded = Haplotypes()
    coded.add(Known("a"), ONE[:200] + "N" + ONE[201:])
    assert coded.same(ONE)


def test_short_sequences_must_be_equal():
    store = Haplotypes()
    store.add(Known("a"), ONE[:50])
    assert store.same(ONE[:50])
    assert store.same(reverse_complement(ONE[:50]))
    assert not store.same(ONE[20:60])


@given(st.integers(0, 10**6), st.integers(32, OVERLAP))
def test_what_is_short_is_found_within_what_is_long_and_the_other_way_round(seed, length):
    rng = random.Random(seed)
    whole = random_sequence(rng, 300)
    start = rng.randrange(len(whole) - length + 1)
    part = whole[start : start + length]
    for known, asked in ((part, whole), (part, reverse_complement(whole))):
        store = Haplotypes()
        store.add(Known("a"), known)
        assert [overlap for _known, overlap in store.same(asked)] == [length]
    if length >= 63:  # a whole piece of the longer one lies in it, wherever it begins
        store = Haplotypes()
        store.add(Known("a"), whole)
        assert [overlap for _known, overlap in store.same(part)] == [length]


def test_of_a_conserved_gene_only_what_has_two_pieces_in_a_row_is_compared(monkeypatch):
    """Else each of many queries would be compared with all before it."""
    compared, identical = [], contamination._identical

    def counted(*args, **more):
        compared.append(args)
        return identical(*args, **more)

    monkeypatch.setattr(contamination, "_identical", counted)
    rng = random.Random(1)
    store, conserved = Haplotypes(), random_sequence(rng, 32)
    for number in range(50):
        sequence = random_sequence(rng, 320) + conserved + random_sequence(rng, 320)
        assert not store.same(sequence)
        store.add(Known(str(number)), sequence)
    assert not compared
    assert store.same(sequence) and compared


def test_no_more_is_remembered_than_was_said():
    store = Haplotypes(most=3)
    rng = random.Random(1)
    sequences = [random_sequence(rng, 200) for _ in range(5)]
    for number, sequence in enumerate(sequences):
        store.add(Known(str(number)), sequence)
    assert len(store) == 3
    assert [bool(store.same(sequence)) for sequence in sequences] == [True] * 3 + [False] * 2


def test_the_same_haplotype_later_in_a_run_is_told_with_the_first(library):
    text = f">a\n{ONE}\n>b\n{query(SPECIES[1])}\n>c\n{reverse_complement(ONE)[40:]}\n"
    results = identify(text, library=library)
    assert ["SAME_HAPLOTYPE_IN_RUN" in codes(result) for result in results] == [False, False, True]
    (message,) = [w.message for w in results[2].warnings if w.code == "SAME_HAPLOTYPE_IN_RUN"]
    assert "a (1)" in message and str(len(ONE) - 40) in message


def test_queries_of_one_name_or_of_one_sample_are_not_compared(library):
    same = identify(f">a\n{ONE}\n>a\n{ONE}\n", library=library)
    assert "SAME_HAPLOTYPE_IN_RUN" not in codes(same[1])
    one = identify(f">a\n{ONE}\n>b\n{ONE}\n", library=library, one_sample=True)
    assert "SAME_HAPLOTYPE_IN_RUN" not in codes(one[1])


def test_controls_and_recent_cases_are_compared_with(tmp_path, library):
    (tmp_path / "controls.fasta").write_text(f">positive_control\n{ONE[10:]}\n")
    (tmp_path / "cases.fasta").write_text(f">case_7\n{query(SPECIES[2])}\n")
    files = [tmp_path / "controls.fasta", tmp_path / "cases.fasta"]
    results = identify([ONE, query(SPECIES[1])], library=library, compare_with=files)
    (warning,) = [w for w in results[0].warnings if w.code == "SAME_HAPLOTYPE_AS"]
    assert "positive_control" in warning.message and "controls.fasta" in warning.message
    assert "SAME_HAPLOTYPE_AS" not in codes(results[1])
    compared = results[0].provenance.parameters["compared_with"]
    assert [len(entry["sha256"]) for entry in compared] == [64, 64]


@pytest.mark.parametrize("turned", [False, True])
def test_a_match_with_the_elimination_set_names_nobody(tmp_path, library, turned):
    path = tmp_path / "staff.fasta"
    path.write_text(f">Jane_Doe\n{ONE}\n")
    asked = reverse_complement(ONE) if turned else ONE
    results = identify([asked, query(SPECIES[1])], library=library, elimination=path, reasons=True)
    assert codes(results[0]) == ["ELIMINATION_MATCH"]
    assert (results[0].status, results[0].candidates) == ("unusable", ())
    assert results[1].status == "identified"
    for text in (results.to_json(), results._repr_html_(), repr(results)):
        assert "Jane" not in text and "staff.fasta" not in text and ONE[:20] not in text
    assert results[0].provenance.parameters["elimination"] is True


def test_an_elimination_set_that_cannot_be_read_names_nobody(tmp_path, library):
    path = tmp_path / "staff.fasta"
    path.write_text(">Jane_Doe\nACGT*\n")
    with pytest.raises(InputError) as caught:
        identify(ONE, library=library, elimination=path)
    assert "Jane" not in str(caught.value)


def test_files_that_cannot_be_compared_with_are_refused(tmp_path):
    path = tmp_path / "controls.fasta"
    path.write_text(">a\nACGT\n")
    with pytest.raises(InputError, match="a cannot be compared with"):
        read_haplotypes([path])
    path.write_text(f">a\n{'ACGT' * 6000}\n")
    with pytest.raises(InputError, match="24000 bases"):
        read_haplotypes([path])
    with pytest.raises(InputError, match="no such file"):
        Batch(compare_with=[tmp_path / "none.fasta"])


def test_too_many_to_compare_with_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contamination, "MAX_COMPARED", 2)
    rng = random.Random(1)
    path = tmp_path / "controls.fasta"
    path.write_text("".join(f">s{n}\n{random_sequence(rng, 200)}\n" for n in range(3)))
    with pytest.raises(InputError, match="more than 2"):
        read_haplotypes([path])


def test_reads_of_one_amplicon_are_compared_within_bounds():
    """Many that share pieces: the time for each does not grow without end."""
    rng = random.Random(1)
    batch = Batch()
    for number in range(300):
        batch.warnings(str(number), number, mutate(rng, ONE, substitutions=3))
    assert batch.warnings("last", 301, ONE[:50]) is not None
