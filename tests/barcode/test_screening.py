"""Screening: errors are found from the library itself, sound records are left alone."""

import random
from dataclasses import dataclass

import pytest

from forensics.barcode.screening import (
    FLOOR,
    check_sequences,
    count_stops,
    mitochondrial_code,
    open_frame,
    screen,
    screen_names,
)


@dataclass(frozen=True)
class Named:
    accession: str
    species: str
    family: str = "Aidae"
    order: str = "Aiformes"
    class_: str = "Aves"
    phylum: str = "Chordata"

    @property
    def name(self) -> str:
        return self.species

    @property
    def genus(self) -> str:
        return self.species.split()[0] if self.species else ""


RANDOM = random.Random(20261124)


def made(length: int = 300) -> str:
    """Make a sequence without stop codons in frame 0 (no codon begins with T or A)."""
    return "".join(
        RANDOM.choice("CG") + RANDOM.choice("ACGT") + RANDOM.choice("ACGT")
        for _ in range(length // 3)
    )


def mutated(sequence: str, share: float) -> str:
    bases = list(sequence)
    for place in RANDOM.sample(range(len(bases)), round(share * len(bases))):
        bases[place] = (
            "C"
            if bases[place] == "G"
            else "G"
            if bases[place] == "C"
            else "A"
            if bases[place] == "T"
            else "T"
        )
    return "".join(bases)


def hamming(records):
    """Plain neighbours: the made sequences have one length."""

    def neighbours(sequence):
        for position, (_, other) in enumerate(records):
            if len(other) == len(sequence):
                identity = 1 - sum(a != b for a, b in zip(sequence, other, strict=True)) / len(
                    other
                )
                if identity >= FLOOR:
                    yield position, identity

    return neighbours


def codes(records, **options):
    return {f.accession: f.code for f in screen_names(records, hamming(records), **options)}


TERN, FULMAR, OTHER = made(), made(), made()


def tern(n, sequence=TERN):
    return Named(f"T{n}", "Sterna hirundo", "Laridae", "Charadriiformes"), sequence


def fulmar(n, sequence=FULMAR):
    return Named(f"F{n}", "Fulmarus glacialis", "Procellariidae", "Procellariiformes"), sequence


def test_a_clean_library_has_no_findings():
    assert codes([tern(1), tern(2), fulmar(1), fulmar(2)]) == {}


def test_a_swap_is_found_and_its_victims_are_left_alone():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2), fulmar(3)]
    found = screen_names(records, hamming(records))
    assert [(f.accession, f.code, f.action) for f in found] == [("T3", "MISLABELLED", "drop")]
    assert "Fulmarus glacialis (3)" in found[0].evidence and "own species 2" in found[0].evidence
    assert found[0].score == 1.0


def test_two_way_swap():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2), fulmar(3, TERN)]
    assert codes(records) == {"T3": "MISLABELLED", "F3": "MISLABELLED"}


def test_singletons_of_two_orders_with_one_sequence_are_both_suspects():
    assert codes([tern(1), fulmar(1, TERN)]) == {
        "T1": "IDENTICAL_OTHER_GENUS",
        "F1": "IDENTICAL_OTHER_GENUS",
    }


def test_between_two_the_one_with_its_species_elsewhere_is_wrong():
    assert codes([tern(1, FULMAR), tern(2), fulmar(1)]) == {"T1": "MISLABELLED"}


def test_between_two_the_one_with_kin_nearby_is_at_home():
    kin = (
        Named("K1", "Thalassoica antarctica", "Procellariidae", "Procellariiformes"),
        mutated(FULMAR, 0.08),
    )
    assert codes([tern(1, FULMAR), fulmar(1), kin]) == {"T1": "MISLABELLED"}


def test_errors_do_not_protect_one_another():
    # Three wrong tubes outnumber the one true fulmar at first sight only: each has another name.
    wrong = [
        (Named(f"W{n}", f"{g} sp", f, o), FULMAR)
        for n, (g, f, o) in enumerate(
            [
                ("Pyrrhula", "Fringillidae", "Passeriformes"),
                ("Falco", "Falconidae", "Falconiformes"),
            ]
        )
    ]
    assert codes([fulmar(1), fulmar(2), *wrong]) == {"W0": "MISLABELLED", "W1": "MISLABELLED"}


def test_congeners_that_share_a_haplotype_are_kept():
    records = [
        (Named(f"A{n}", species), TERN)
        for n, species in enumerate(["Larus argentatus", "Larus fuscus", "Larus fuscus"])
    ]
    found = screen_names(records, hamming(records))
    assert {f.code for f in found} == {"SHARED_HAPLOTYPE"} and {f.action for f in found} == {"keep"}


def test_a_species_in_another_one_of_its_genus():
    records = [(Named(f"M{n}", "Turdus merula"), TERN) for n in range(3)]
    records += [(Named(f"P{n}", "Turdus philomelos"), OTHER) for n in range(2)]
    records += [(Named("P9", "Turdus philomelos"), TERN)]
    assert codes(records) == {"P9": "MISLABELLED_SPECIES"}


def test_species_moved_to_another_genus_is_a_synonym():
    records = [
        (Named("A", "Larus ridibundus"), TERN),
        (Named("B", "Chroicocephalus ridibunda"), TERN),
    ]
    assert codes(records) == {"A": "SYNONYM", "B": "SYNONYM"}


def test_genus_written_in_two_ways_is_one_genus():
    assert (
        codes(
            [
                (Named("A", "Quistadrilus sp"), TERN),
                (Named("B", "Quistradrilus multisetosus"), TERN),
            ]
        )
        == {}
    )


def test_dolphins_are_not_errors():
    records = [
        (Named("D", "Delphinus delphis"), TERN),
        (Named("T", "Tursiops truncatus"), mutated(TERN, 0.017)),
    ]
    assert codes(records) == {}


def test_corals_evolve_slowly():
    coral = {"class_": "Anthozoa", "phylum": "Cnidaria", "order": "Actiniaria"}
    records = [(Named("P", "Peachia quinquecapitata", "Haloclavidae", **coral), TERN)]
    records += [
        (Named(f"A{n}", "Actinia equina", "Actiniidae", **coral), mutated(TERN, 0.03))
        for n in range(2)
    ]
    assert codes(records) == {}


def test_human_in_another_name_is_found_and_human_itself_is_believed():
    human = Named("H", "Homo sapiens", "Hominidae", "Primates", "Mammalia"), TERN
    shrimps = [
        (
            Named(
                f"S{n}",
                "Caprella linearis",
                "Caprellidae",
                "Amphipoda",
                "Malacostraca",
                "Arthropoda",
            ),
            TERN,
        )
        for n in range(3)
    ]
    assert codes([human, *shrimps]) == {"S0": "HUMAN", "S1": "HUMAN", "S2": "HUMAN"}


def test_an_ape_near_to_human_is_no_human():
    human = Named("H", "Homo sapiens", "Hominidae", "Primates", "Mammalia"), TERN
    ape = Named("P", "Pan paniscus", "Hominidae", "Primates", "Mammalia"), mutated(TERN, 0.025)
    assert codes([human, ape]) == {}


def test_a_lone_record_far_from_those_that_agree():
    assert codes([tern(1), tern(2), tern(3, OTHER)]) == {"T3": "FAR_FROM_OWN"}
    assert codes([tern(1), tern(2, OTHER)]) == {}  # one against one says nothing


def test_contested_kin_do_not_condemn_the_one_true_record():
    # Five "mice" with a wood mouse's sequence must not outvote the real mouse.
    mice = [(Named(f"M{n}", "Mus musculus"), TERN) for n in range(5)] + [
        (Named("M9", "Mus musculus"), OTHER)
    ]
    wood = [(Named(f"W{n}", "Apodemus sylvaticus"), TERN) for n in range(11)]
    found = codes(mice + wood)
    assert {a for a, c in found.items() if c == "MISLABELLED"} == {f"M{n}" for n in range(5)}
    assert "M9" not in found


def test_order_of_the_records_does_not_matter():
    records = [
        tern(1),
        tern(2),
        tern(3, FULMAR),
        fulmar(1),
        fulmar(2),
        fulmar(3, TERN),
        (Named("X", "Xus yus", "Xidae", "Xiformes"), OTHER),
    ]
    expected = codes(records)
    for _ in range(5):
        RANDOM.shuffle(records)
        assert codes(records) == expected


@pytest.mark.parametrize(
    ("sequence", "code", "stops"),
    [
        ("ATGTAA", 2, 1),
        ("ATGAGA", 2, 1),
        ("ATGAGA", 5, 0),
        ("ATGTGA", 5, 0),
        ("ATGTGA", 11, 1),
        ("ATGNNN", 2, 0),
        ("AT", 2, 0),
    ],
)
def test_stop_codons(sequence, code, stops):
    assert count_stops(sequence, code) == stops


def test_open_frame_and_codes():
    assert open_frame("G" + "TAA" * 3 + "C", 2) == (0, 0)
    assert open_frame("TAAATAAATAAATAA", 2)[0] >= 1
    assert [
        mitochondrial_code(*x)
        for x in (
            ("Chordata", "Aves"),
            ("Chordata", "Ascidiacea"),
            ("Echinodermata", ""),
            ("Arthropoda", "Insecta"),
            ("Cnidaria", "Anthozoa"),
        )
    ] == [2, 13, 9, 5, 4]


def test_sequences_are_checked_one_by_one():
    good = made()
    records = [
        (Named("A", "A b"), good),
        (Named("A", "A b"), good),
        (Named("B", "A b"), good[:60]),
        (Named("C", "A b"), "N" * 9 + good[9:]),
        (Named("D", "A b"), "TAAATAAATAAA" * 20),
    ]
    found = check_sequences(records, lengths=(100, 400), code=lambda record: 2)
    assert [(f.accession, f.code) for f in found] == [
        ("A", "DUPLICATE"),
        ("B", "OUTLYING_LENGTH"),
        ("C", "AMBIGUOUS"),
        ("D", "STOP_CODON"),
    ]
    assert all(f.action == "drop" and f.evidence for f in found)


def test_a_poor_sequence_has_no_vote_but_is_judged():
    poor = "N" * 9 + FULMAR[9:]
    records = [tern(1), tern(2), tern(3, poor), fulmar(1), fulmar(2)]
    found = [(f.accession, f.code) for f in screen(records, hamming(records), lengths=(100, 400))]
    assert found == [("T3", "AMBIGUOUS"), ("T3", "MISLABELLED")]
