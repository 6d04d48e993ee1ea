"""Records of another locus, or on the other strand. All sequences are SIMULATED."""

import random

import pytest
from simulation import mutate, random_sequence

from forensics.barcode.curating.checks import MINIMUM, UNLIKE, make_panel, screen_loci
from forensics.barcode.locus import reverse_complement
from forensics.barcode.matching.kernel import identity
from forensics.barcode.reference.records import ReferenceRecord

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


def told(loci, **options):
    return [
        (f.locus, f.accession, f.code, f.suggested_action) for f in screen_loci(loci, **options)
    ]


def put(loci, locus, place, text):
    loci[locus][place] = loci[locus][place][0], text


def test_a_sound_library_has_no_strays():
    assert told(a_library()) == []


def test_a_sequence_of_another_locus_is_found_and_named():
    loci = a_library()
    put(loci, "COI", 4, loci["cytb"][4][1])
    (finding,) = screen_loci(loci)
    assert (finding.accession, finding.code, finding.suggested_action) == (
        "COI11",
        "WRONG_LOCUS",
        "drop",
    )
    assert finding.score == 1.0
    assert "of cytb, as it stands" in finding.evidence and "cytb11" in finding.evidence


def test_it_is_found_on_the_other_strand_too():
    loci = a_library()
    put(loci, "COI", 4, reverse_complement(loci["cytb"][4][1]))
    (finding,) = screen_loci(loci)
    assert finding.code == "WRONG_LOCUS" and "turned round" in finding.evidence


def test_another_library_bears_witness_where_this_has_one_locus():
    loci = a_library()
    only = {"COI": list(loci["COI"])}
    put(only, "COI", 4, mutate(random.Random(5), loci["cytb"][7][1], substitutions=20))
    witnesses = {"cytb": loci["cytb"], "COI": loci["COI"][:2]}
    assert told(only, witnesses=witnesses) == [("COI", "COI11", "WRONG_LOCUS", "drop")]


def test_without_the_other_locus_it_is_unlike_its_own():
    loci = a_library()
    only = {"COI": list(loci["COI"])}
    put(only, "COI", 4, loci["cytb"][4][1])
    assert told(only) == [("COI", "COI11", "UNLIKE_LOCUS", "look")]


def test_a_lone_genus_that_is_unlike_its_locus_is_left_alone():
    """Nothing of its kin tells that it should be alike: another phylum may be so."""
    loci = a_library()
    stranger = ReferenceRecord.named("S1", "Solus unus", locus="COI", family="Solidae")
    loci["COI"].append((stranger, random_sequence(random.Random(7), 600)))
    assert told(loci) == []


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
    assert told(loci) == [
        ("COI", "COI00", "WRONG_LOCUS", "drop"),
        ("COI", "COI01", "WRONG_LOCUS", "drop"),
    ]


def test_a_piece_too_short_to_be_unlike_anything_is_not_judged():
    loci = a_library()
    put(loci, "COI", 4, loci["cytb"][4][1][: MINIMUM - 1])
    assert told(loci) == []


def test_a_piece_of_the_locus_is_like_it():
    loci = a_library()
    for place in range(0, 12, 2):
        put(loci, "COI", place, loci["COI"][place][1][200:320])
    assert told(loci) == []


def test_the_order_of_the_records_does_not_matter():
    loci = a_library()
    put(loci, "COI", 4, loci["cytb"][4][1])
    expected = told(loci)
    for seed in range(4):
        for records in loci.values():
            random.Random(seed).shuffle(records)
        assert told(loci) == expected


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
    assert told(loci) == []


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
