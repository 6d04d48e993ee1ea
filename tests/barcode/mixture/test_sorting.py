import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_set_simulation import FORWARD, PRIMERS, REVERSE, insert, pairs, write_pairs
from simulation import SPECIES, random_sequence

from forensics.barcode.locus import reverse_complement
from forensics.barcode.mixture import sorting
from forensics.barcode.mixture.sheet import SAMPLE, UNUSED, Pcr, RawRead
from forensics.barcode.mixture.sorting import (
    MAX_PREFIX,
    Amplicon,
    cut_primers,
    file_name,
    find_site,
    group_pcrs,
    read_primers,
    sort_reads,
)
from forensics.errors import UsageError

ONE = insert(SPECIES[0])
AMPLICONS = read_primers(PRIMERS)


def read(sequence):
    return RawRead(sequence, "I" * len(sequence))


def test_primers_are_known_by_name_or_given_as_sequences_with_their_locus():
    named, written = read_primers(PRIMERS)[0], read_primers([(FORWARD.lower(), REVERSE)])[0]
    assert (named.forward, named.reverse, named.locus) == (FORWARD, REVERSE, "12S")
    assert written.locus == "12S"
    assert read_primers([("16Smam1", "A" * 20)])[0].locus == "auto"
    assert read_primers(PRIMERS, locus="COI")[0].locus == "COI"
    assert read_primers([("ACGTIACGTIACGTIACGT", REVERSE)])[0].forward == "ACGTNACGTNACGTNACGT"


@pytest.mark.parametrize(
    "given_, message",
    [
        ([("nobody", REVERSE)], "neither a primer"),
        ([("", REVERSE)], "neither a primer"),
        ([("ACGTACGT", REVERSE)], "has 8 bases; at least 15"),
        ([(FORWARD, REVERSE), PRIMERS[0]], "given twice"),
    ],
)
def test_primers_that_are_none_are_refused(given_, message):
    with pytest.raises(UsageError, match=message):
        read_primers(given_)


@given(st.integers(0, MAX_PREFIX), st.integers(0, 1), st.randoms(use_true_random=False))
def test_a_primer_is_found_behind_what_stands_before_it_with_an_error_or_none(before, errors, rng):
    primer = list(FORWARD)
    for place in rng.sample(range(len(primer) - 1), errors):
        primer[place] = rng.choice("ACGT".replace(primer[place], ""))
    prefix = random_sequence(rng, before)
    found = find_site(FORWARD, prefix + "".join(primer) + ONE)
    assert found[1] == before + len(FORWARD)


def test_of_equally_good_places_of_a_primer_the_one_of_its_length_counts():
    wrong = (
        FORWARD[:-2] + 2 * FORWARD[-1]
    )  # a base less fits as well, and would leave one in the read
    assert find_site(FORWARD, wrong + ONE) == (0, len(FORWARD))


def test_the_last_base_of_a_primer_must_fit_and_n_fits_nothing():
    assert find_site(FORWARD, FORWARD[:-1] + "A" + ONE) is None
    assert find_site(FORWARD, "N" * 60) is None
    assert find_site(FORWARD, "A" * (MAX_PREFIX + 1) + FORWARD + ONE) is None


def test_a_pair_is_cut_and_turned_whichever_end_was_read_first():
    whole = FORWARD + ONE + reverse_complement(REVERSE)
    ends = read(whole[:150]), read(reverse_complement(whole)[:150])
    for pair in (ends, ends[::-1]):
        found = cut_primers(pair, AMPLICONS)
        assert ONE.startswith(found.reads[0].sequence)
        assert reverse_complement(ONE).startswith(found.reads[1].sequence)
        assert all(len(one.sequence) == len(one.qualities) for one in found.reads)


@given(st.booleans(), st.text("ACGT", max_size=12), st.text("ACGT", max_size=12))
def test_a_single_read_is_cut_at_both_ends_and_turned(turned, before, after):
    whole = before + FORWARD + ONE + reverse_complement(after + REVERSE)
    found = cut_primers((read(reverse_complement(whole) if turned else whole), None), AMPLICONS)
    assert [one.sequence for one in found.reads] == [ONE]
    assert found.before == (before, after)


def test_reads_without_both_primers_or_with_nothing_between_are_left_out():
    whole = FORWARD + ONE + reverse_complement(REVERSE)
    assert cut_primers((read(FORWARD + ONE), None), AMPLICONS) is None
    assert cut_primers((read(FORWARD + reverse_complement(REVERSE)), None), AMPLICONS) is None
    assert cut_primers((read(whole[:150]), read(ONE)), AMPLICONS) is None
    assert cut_primers((read(""), read("")), AMPLICONS) is None


def test_trimmed_reads_are_taken_as_they_are():
    assert cut_primers((read(ONE), None), [Amplicon("x")]).reads == (read(ONE),)


def test_reads_are_sorted_by_tags_and_unused_pairs_of_tags_become_controls(tmp_path):
    tags = {"a": ("ACACAC", "ACACAC"), "b": ("GTGTGT", "CTCTCT")}
    found = []
    for number, (used, count) in enumerate(
        [
            (tags["a"], 5), (tags["b"], 3), (("ACACAC", "CTCTCT"), 2), (("GTGTGT", "ACACAC"), 1),
            (("TTTTTT", "ACACAC"), 4),
        ]
    ):  # fmt: skip
        found += pairs({ONE: count}, errors=0, tags=used, seed=number)
    files = tuple(write_pairs(tmp_path, "run", found))
    pcrs = [Pcr(name, "1", SAMPLE, files, pair) for name, pair in tags.items()]
    ((_files, members),) = group_pcrs(pcrs)
    assert [pcr.role for pcr in members] == [SAMPLE, SAMPLE, UNUSED, UNUSED]
    (tmp_path / "out").mkdir()
    counts = sort_reads(files, members, AMPLICONS, tmp_path / "out")
    assert [counts[pcr.name]["sorted"] for pcr in members] == [5, 3, 2, 1]
    assert counts[""] == {"reads": 15, "unknown_tags": 4}
    lines = (tmp_path / "out" / file_name(0, 0, 1)).read_text().splitlines()
    assert len(lines) == 4 * 5 and all(ONE.startswith(line) for line in lines[1::4])


def test_of_two_tags_that_fit_the_longer_one_is_meant(tmp_path):
    found = pairs({ONE: 4}, errors=0, tags=("GGACAC", "TTTTTT"))
    files = tuple(write_pairs(tmp_path, "run", found))
    pcrs = [Pcr("short", "1", SAMPLE, files, ("ACAC", "TTTTTT"))]
    pcrs += [Pcr("long", "1", SAMPLE, files, ("GGACAC", "TTTTTT"))]
    counts = sort_reads(files, pcrs, AMPLICONS, tmp_path)
    assert (counts["short/1"], counts["long/1"]) == ({}, {"sorted": 4})


def test_what_is_held_back_before_writing_is_bounded_and_nothing_of_it_is_lost(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(sorting, "_BUFFERED", 1000)
    sinks = sorting._Sinks(tmp_path)
    for number in range(500):
        sinks.write(f"{number % 50}", f"{number}\n")
        assert sinks._size <= 1000 + 10
        assert sinks._size == sum(len(t) for texts in sinks._buffers.values() for t in texts)
    sinks.flush()
    found = sorted(int(n) for path in tmp_path.iterdir() for n in path.read_text().split())
    assert found == list(range(500))


def test_random_reads_have_no_primers():
    rng = random.Random(7)
    for _ in range(300):
        pair = read(random_sequence(rng, 150)), read(random_sequence(rng, 150))
        assert cut_primers(pair, AMPLICONS) is None
