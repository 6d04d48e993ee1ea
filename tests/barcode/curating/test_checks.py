"""Records looked at one by one."""

import random

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.curating.checks import (
    MIN_RECORDS,
    MINIMUM,
    UNLIKE,
    _count_stops,
    _number_codons,
    check_sequences,
    genetic_code,
    learn_codons,
    make_panel,
    open_frame,
    screen_frames,
    screen_loci,
)
from forensics.barcode.locus import LOCI, reverse_complement
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reference.records import ReferenceRecord

GOOD = "".join(random.Random(3).choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(100))


def named(accession, locus="COI"):
    return ReferenceRecord(
        accession, "A b", "A b", "A", class_="Aves", phylum="Chordata", locus=locus
    )


@pytest.mark.parametrize(
    ("sequence", "code", "stops"),
    [
        ("ATGTAAATG", 2, 1),
        ("ATGAGAATG", 2, 1),
        ("ATGAGAATG", 5, 0),
        ("ATGTGAATG", 5, 0),
        ("ATGTGAATG", 11, 1),
        ("ATGNNNATG", 2, 0),
        ("AT", 2, 0),
    ],
)
def test_stop_codons(sequence, code, stops):
    assert _count_stops(_number_codons(sequence), code, 0) == stops


def test_the_frame_with_fewest_stop_codons():
    assert open_frame("G" + "TAA" * 3 + "C", 2) == (0, 0)
    assert open_frame("TAAATAAATAAATAA", 2)[0] >= 1


def test_the_stop_codon_at_the_end_of_a_gene_is_its_own():
    for behind in ("", "G", "GG"):  # and so with a base or two of what follows the gene
        assert open_frame(GOOD + "TAA" + behind, 2) == (0, 0)
        assert check_sequences([(named("A"), GOOD + "TAA" + behind)]) == []


def test_every_locus_has_its_lengths_and_code():
    for locus in LOCI:
        assert locus.minimum_length <= locus.expected_length <= locus.maximum_length
        assert (genetic_code(named("A", locus.name)) is None) == (not locus.genetic_codes)
    assert [genetic_code(named("A", locus)) for locus in ("COI", "cytb", "12S", "rbcL", "matK")] == [
        2, 2, None, 11, 11
    ]  # fmt: skip


def test_records_are_checked_one_by_one():
    records = [
        (named("A"), GOOD),
        (named("A"), GOOD),
        (named("B"), GOOD[:60]),
        (named("C"), "N" * 9 + GOOD[9:]),
        (named("D"), "TAAATAAATAAA" * 20),
        (named("E", "12S"), "TAAATAAATAAA" * 20),
    ]
    found = check_sequences(records)
    assert [(f.locus, f.accession, f.code, f.score) for f in found] == [
        ("COI", "A", "DUPLICATE", 1.0),
        ("COI", "B", "OUTLYING_LENGTH", 60.0),
        ("COI", "C", "AMBIGUOUS", 0.03),
        ("COI", "D", "STOP_CODON", 19.0),
    ]
    assert all(f.suggested_action == "drop" and f.evidence for f in found)
    assert [f.accession for f in check_sequences(records[4:], lengths=(10, 20))] == ["D", "E"]


def test_a_record_on_the_other_strand_is_told_as_such():
    (found,) = check_sequences([(named("A"), "TAAA" * 60)])
    assert found.code == "STOP_CODON" and found.evidence.endswith("the other strand is open")
    (found,) = check_sequences([(named("A"), "TAAATTTATTAACTAAG" * 12)])
    assert found.code == "STOP_CODON" and "other strand" not in found.evidence


def test_a_record_that_is_too_short_is_dropped_and_one_that_is_too_long_is_cut():
    for number, action in ((72, "drop"), (73, None), (1100, None), (1101, "cut")):
        found = check_sequences([(named("A", "12S"), ("GCATC" * 300)[:number])])
        assert [(f.code, f.suggested_action) for f in found] == (
            [("OUTLYING_LENGTH", action)] if action else []
        )


# -- Stop codons and changes of the frame. All sequences are SIMULATED


# A gene uses some codons more than others; these are made up.
CODONS = ["GCC", "CTA", "ATT", "TTC", "GGA", "ACA", "CTT", "GTA", "TAC", "CCC", "ATA", "TCA", "GCA"]


def gene(rng, codons=200):
    return "".join(rng.choice(CODONS) for _ in range(codons))


def records(number=120, start=0, locus="COI"):
    rng = random.Random(f"frames {number}")
    return [
        (
            ReferenceRecord(
                f"F{n:03}", "Fictus albus", "Fictus albus", "Fictus", class_="Aves",
                phylum="Chordata", locus=locus,
            ),
            "G" * start + gene(rng),
        )
        for n in range(number)
    ]  # fmt: skip


def told(pairs, **options):
    return [(f.accession, f.code, f.suggested_action) for f in screen_frames(pairs, **options)]


def test_sound_genes_and_loci_without_a_frame_have_no_findings():
    for start in range(3):
        assert told(records(start=start)) == []
    assert told(records(locus="12S")) == []


@pytest.mark.parametrize("change, expected", [
    (lambda text: text[:300] + "TAA" + text[303:], [("F007", "STOP_CODON", 1.0)]),
    (lambda text: text + "TAA", []),  # at the end of a gene it is its own
    (lambda text: text[:300] + text[303:], []),  # a codon more or less is no shift
])  # fmt: skip
def test_a_stop_codon_within_a_gene_is_found_though_another_frame_is_open(change, expected):
    pairs = records()
    pairs[7] = pairs[7][0], change(pairs[7][1])
    assert [(f.accession, f.code, f.score) for f in screen_frames(pairs)] == expected


@pytest.mark.parametrize("change", ["", "GG"])
def test_a_base_lost_or_read_twice_is_found_where_it_is(change):
    pairs = records()
    record, text = pairs[7]
    pairs[7] = record, text[:300] + change + text[301:]
    (finding,) = screen_frames(pairs)
    found = finding.accession, finding.code, finding.suggested_action
    assert found == ("F007", "FRAME_SHIFT", "drop")
    place = int(finding.evidence.split("base ")[1].split()[0])
    assert abs(place - 300) <= 15


def test_few_records_teach_nothing():
    pairs = records(MIN_RECORDS - 1)
    pairs[7] = pairs[7][0], pairs[7][1][:300] + "TAA" + pairs[7][1][303:]
    assert learn_codons(pairs) == {} and told(pairs) == []


def test_what_is_known_to_be_another_locus_is_passed_over():
    pairs = records()
    pairs[7] = pairs[7][0], pairs[7][1][:300] + "TAA" + pairs[7][1][303:]
    assert told(pairs, exclude={"F007"}) == []


def test_a_record_on_the_other_strand_does_not_disturb_the_others():
    pairs = records()
    pairs[7] = pairs[7][0], reverse_complement(pairs[7][1])
    assert {accession for accession, _code, _action in told(pairs)} <= {"F007"}


# -- Records of another locus, or on the other strand. All sequences are SIMULATED


LENGTHS = {"COI": 600, "cytb": 700, "12S": 380}


def a_library(seed=1, families=4, copies=3):
    """Return records of three loci; families are 15 % from the root of each locus."""
    rng = random.Random(f"loci {seed}")
    loci = {}
    for locus, length in LENGTHS.items():
        root = random_sequence(rng, length)
        loci[locus] = []
        for n in range(families):
            ancestor = mutate(rng, root, substitutions=length * 15 // 100)
            for copy in range(copies):
                letter = "abcd"[n]
                record = ReferenceRecord.named(
                    f"{locus}{n}{copy}", f"Fictus{letter} albus", locus=locus,
                    family=f"Fic{letter}idae",
                )  # fmt: skip
                loci[locus].append((record, mutate(rng, ancestor, substitutions=copy)))
    return loci


def strays(loci, **options):
    return [
        (f.locus, f.accession, f.code, f.suggested_action) for f in screen_loci(loci, **options)
    ]


def put(loci, locus, place, text):
    loci[locus][place] = loci[locus][place][0], text


@pytest.mark.parametrize("turned", [False, True])
def test_a_sequence_of_another_locus_is_found_and_named(turned):
    loci = a_library()
    stray = loci["cytb"][4][1]
    put(loci, "COI", 4, reverse_complement(stray) if turned else stray)
    (finding,) = screen_loci(loci)
    found = finding.accession, finding.code, finding.suggested_action, finding.score
    assert found == ("COI11", "WRONG_LOCUS", "drop", 1.0)
    assert ("turned round" if turned else "of cytb, as it stands") in finding.evidence
    assert "cytb11" in finding.evidence


def test_another_library_bears_witness_where_this_has_one_locus():
    loci = a_library()
    only = {"COI": list(loci["COI"])}
    put(only, "COI", 4, mutate(random.Random(5), loci["cytb"][7][1], substitutions=20))
    witnesses = {"cytb": loci["cytb"], "COI": loci["COI"][:2]}
    assert strays(only, witnesses=witnesses) == [("COI", "COI11", "WRONG_LOCUS", "drop")]


def test_without_the_other_locus_it_is_unlike_its_own():
    loci = a_library()
    only = {"COI": list(loci["COI"])}
    put(only, "COI", 4, loci["cytb"][4][1])
    assert strays(only) == [("COI", "COI11", "UNLIKE_LOCUS", "look")]


def test_a_lone_genus_that_is_unlike_its_locus_is_left_alone():
    """Nothing of its kin tells that it should be alike: another phylum may be so."""
    loci = a_library()
    stranger = ReferenceRecord.named("S1", "Solus unus", locus="COI", family="Solidae")
    loci["COI"].append((stranger, random_sequence(random.Random(7), 600)))
    assert strays(loci) == []


def test_a_record_on_the_other_strand_is_found():
    loci = a_library()
    put(loci, "12S", 2, reverse_complement(loci["12S"][2][1]))
    (finding,) = screen_loci(loci)
    assert (finding.locus, finding.code, finding.suggested_action) == (
        "12S",
        "OTHER_STRAND",
        "turn",
    )
    assert finding.score > 0.98


def test_several_strays_of_one_kind_do_not_vouch_for_each_other():
    loci = a_library()
    for place in (0, 1):  # the two that are longest of their family enter the panel
        put(loci, "COI", place, loci["cytb"][place][1])
    assert strays(loci) == [
        ("COI", "COI00", "WRONG_LOCUS", "drop"),
        ("COI", "COI01", "WRONG_LOCUS", "drop"),
    ]


def test_a_sound_library_has_no_strays_whatever_pieces_it_holds():
    loci = a_library()
    assert strays(loci) == []
    for place in range(0, 12, 2):
        put(loci, "COI", place, loci["COI"][place][1][200:320])
    assert strays(loci) == []
    loci = a_library()
    put(loci, "COI", 4, loci["cytb"][4][1][: MINIMUM - 1])  # too short to be unlike anything
    assert strays(loci) == []


def test_the_order_of_the_records_does_not_matter():
    loci = a_library()
    put(loci, "COI", 4, loci["cytb"][4][1])
    expected = strays(loci)
    for seed in range(4):
        for records in loci.values():
            random.Random(seed).shuffle(records)
        assert strays(loci) == expected


def test_where_orders_are_unlike_nothing_is_said_against_a_record():
    rng = random.Random(11)
    loci = {
        "CR": [
            (
                ReferenceRecord.named(f"C{n}", f"Fictus{'abcdefgh'[n]} albus", locus="CR"),
                random_sequence(rng, 400),
            )
            for n in range(8)
        ]
    }
    assert not make_panel("CR", loci["CR"]).uniform
    assert strays(loci) == []


@pytest.mark.parametrize("length", [MINIMUM, 300, 650])
def test_unrelated_sequences_are_unlike(length):
    rng = random.Random(length)
    found = [identity(random_sequence(rng, length), random_sequence(rng, 700)) for _ in range(40)]
    assert max(found) < UNLIKE


def test_identity_is_that_of_the_shorter_placed_in_the_longer():
    assert identity("ACGT", "TTACGTTT") == 1.0
    assert identity("TTACGTTT", "ACTT") == 0.75
    assert identity("ANGT", "TTACGTTT") == 1.0
    assert identity("AAAA", "CCCC", least=0.5) == 0.0
