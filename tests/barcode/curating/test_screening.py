"""Screening: errors are found from the library itself, sound records are left alone."""

import functools
import random
from dataclasses import replace

import numpy as np
import pytest
from simulation import mutate, random_sequence

from forensics.barcode.curating import checks
from forensics.barcode.curating.checks import ScreeningFinding
from forensics.barcode.curating.neighbours import all_neighbours
from forensics.barcode.curating.screening import (
    ACTIONS,
    screen,
    screen_build,
    screen_library,
    weigh_own_records,
)
from forensics.barcode.locus import reverse_complement
from forensics.barcode.reference import names
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.names import screen_human, screen_names
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import FLOOR
from forensics.barcode.reference.writing import write_library


def named(accession, species, family="Aidae", order="Aiformes", class_="Aves", phylum="Chordata"):
    """Make a record; these names are taken as they stand (``Falco sp`` is no open name here)."""
    return ReferenceRecord(
        accession, species, species, species.split()[0], family, order, class_, phylum, "COI"
    )


RANDOM = random.Random(20261124)


def made(length: int = 300) -> str:
    """Make a sequence without stop codons in frame 0 (no codon begins with T or A)."""
    return "".join(
        RANDOM.choice("CG") + RANDOM.choice("ACGT") + RANDOM.choice("ACGT")
        for _ in range(length // 3)
    )


OTHER_BASE = str.maketrans("CGTA", "GCAT")


def mutated(sequence: str, share: float) -> str:
    bases = list(sequence)
    for place in RANDOM.sample(range(len(bases)), round(share * len(bases))):
        bases[place] = bases[place].translate(OTHER_BASE)
    return "".join(bases)


def hamming(records):
    """Plain neighbours: the made sequences have one length."""

    @functools.cache
    def of_length(length):
        positions = [n for n, (_, text) in enumerate(records) if len(text) == length]
        texts = "".join(records[n][1] for n in positions).encode()
        return np.array(positions, int), np.frombuffer(texts, np.uint8).reshape(-1, length)

    def neighbours(sequence):
        positions, texts = of_length(len(sequence))
        differ = (texts != np.frombuffer(sequence.encode(), np.uint8)).sum(axis=1)
        identities = 1 - differ / len(sequence)
        return positions[identities >= FLOOR], identities[identities >= FLOOR]

    return neighbours


def codes(records, **options):
    return {f.accession: f.code for f in screen_names(records, hamming(records), **options)}


TERN, FULMAR, OTHER = made(), made(), made()


def tern(n, sequence=TERN):
    return named(f"T{n}", "Sterna hirundo", "Laridae", "Charadriiformes"), sequence


def fulmar(n, sequence=FULMAR):
    return named(f"F{n}", "Fulmarus glacialis", "Procellariidae", "Procellariiformes"), sequence


def test_a_swap_is_found_and_its_victims_are_left_alone():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2), fulmar(3)]
    found = screen_names(records, hamming(records))
    assert [(f.accession, f.code, f.suggested_action) for f in found] == [
        ("T3", "MISLABELLED", "drop")
    ]
    assert "Fulmarus glacialis (3)" in found[0].evidence and "own species 2" in found[0].evidence
    assert found[0].score == 1.0


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5])
def test_judging_again_what_may_have_changed_finds_what_judging_all_finds(seed, monkeypatch):
    rng = random.Random(seed)
    records = []
    for number in range(14):
        family, order = f"{'abcd'[number % 4]}idae", f"{'ab'[number % 2]}iformes"
        genus, root = (
            f"Genus{'abcdefghijklmn'[number]}",
            mutate(rng, TERN, substitutions=15 * (number % 5)),
        )
        for species in ("primus", "secundus", "tertius"):
            own = mutate(rng, root, substitutions=rng.choice([0, 3, 9]))
            for _record in range(rng.randrange(1, 6)):
                name = rng.choice([f"{genus} {species}"] * 12 + ["Genusa primus", "Genusb tertius"])
                record = named(f"R{len(records)}", name, family, order)
                records.append((record, mutate(rng, own, substitutions=rng.choice([0, 0, 3]))))
    library = names._Library
    judged, silence = [], library.silence

    def silence_and_note(self, positions):
        judged.append(silence(self, positions))
        return judged[-1]

    monkeypatch.setattr(library, "silence", silence_and_note)
    found = screen_names(records, hamming(records))
    monkeypatch.setattr(
        library, "silence", lambda self, positions: silence(self, positions) and range(len(records))
    )
    assert found == screen_names(records, hamming(records))
    assert judged[0] and len(judged[0]) < len(records)


def test_congeners_that_share_a_haplotype_are_kept():
    records = [
        (named(f"A{n}", species), TERN)
        for n, species in enumerate(["Larus argentatus", "Larus fuscus", "Larus fuscus"])
    ]
    found = screen_names(records, hamming(records))
    assert {f.code for f in found} == {"SHARED_HAPLOTYPE"} and {
        f.suggested_action for f in found
    } == {"keep"}


CORAL = {"class_": "Anthozoa", "phylum": "Cnidaria", "order": "Actiniaria"}
KIN = named("K1", "Thalassoica antarctica", "Procellariidae", "Procellariiformes")
HUMAN = named("H", "Homo sapiens", "Hominidae", "Primates", "Mammalia")
SHRIMP = "Caprella linearis", "Caprellidae", "Amphipoda", "Malacostraca", "Arthropoda"


@pytest.mark.parametrize("records, expected", [
    pytest.param([tern(1), tern(2), fulmar(1), fulmar(2)], {}, id="clean"),
    pytest.param([tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2), fulmar(3, TERN)],
                 {"T3": "MISLABELLED", "F3": "MISLABELLED"}, id="two-way swap"),
    pytest.param([tern(1), fulmar(1, TERN)],
                 {"T1": "IDENTICAL_OTHER_GENUS", "F1": "IDENTICAL_OTHER_GENUS"},
                 id="singletons of two orders with one sequence are both suspects"),
    pytest.param([tern(1, FULMAR), tern(2), fulmar(1)], {"T1": "MISLABELLED"},
                 id="between two the one with its species elsewhere is wrong"),
    pytest.param([tern(1, FULMAR), fulmar(1), (KIN, mutated(FULMAR, 0.08))], {"T1": "MISLABELLED"},
                 id="between two the one with kin nearby is at home"),
    # Two wrong tubes outnumber the one true fulmar at first sight only: each has another name.
    pytest.param([fulmar(1), fulmar(2),
                  (named("W0", "Pyrrhula sp", "Fringillidae", "Passeriformes"), FULMAR),
                  (named("W1", "Falco sp", "Falconidae", "Falconiformes"), FULMAR)],
                 {"W0": "MISLABELLED", "W1": "MISLABELLED"}, id="errors do not protect one another"),
    pytest.param([*((named(f"M{n}", "Turdus merula"), TERN) for n in range(3)),
                  *((named(f"P{n}", "Turdus philomelos"), OTHER) for n in range(2)),
                  (named("P9", "Turdus philomelos"), TERN)],
                 {"P9": "MISLABELLED_SPECIES"}, id="a species in another one of its genus"),
    pytest.param([(named("A", "Larus ridibundus"), TERN),
                  (named("B", "Chroicocephalus ridibunda"), TERN)],
                 {"A": "SYNONYM", "B": "SYNONYM"}, id="a species moved to another genus"),
    pytest.param([(named("A", "Quistadrilus sp"), TERN),
                  (named("B", "Quistradrilus multisetosus"), TERN)],
                 {}, id="a genus written in two ways is one"),
    pytest.param([(named("D", "Delphinus delphis"), TERN),
                  (named("T", "Tursiops truncatus"), mutated(TERN, 0.017))], {}, id="dolphins"),
    pytest.param([(named("P", "Peachia quinquecapitata", "Haloclavidae", **CORAL), TERN),
                  *((named(f"A{n}", "Actinia equina", "Actiniidae", **CORAL), mutated(TERN, 0.03))
                    for n in range(2))], {}, id="corals evolve slowly"),
    pytest.param([(HUMAN, TERN), *((named(f"S{n}", *SHRIMP), TERN) for n in range(3))],
                 {"S0": "HUMAN", "S1": "HUMAN", "S2": "HUMAN"}, id="human in another name"),
    pytest.param([(HUMAN, TERN), (named("P", "Pan paniscus", "Hominidae", "Primates", "Mammalia"),
                                  mutated(TERN, 0.025))], {}, id="an ape is no human"),
    pytest.param([tern(1), tern(2), tern(3, OTHER)], {"T3": "FAR_FROM_OWN"},
                 id="a lone record far from those that agree"),
    pytest.param([tern(1), tern(2, OTHER)], {}, id="one against one says nothing"),
])  # fmt: skip
def test_errors_of_names_are_found_and_nothing_else(records, expected):
    assert codes(records) == expected


def test_contested_kin_do_not_condemn_the_one_true_record():
    # Five "mice" with a wood mouse's sequence must not outvote the real mouse.
    mice = [(named(f"M{n}", "Mus musculus"), TERN) for n in range(5)] + [
        (named("M9", "Mus musculus"), OTHER)
    ]
    wood = [(named(f"W{n}", "Apodemus sylvaticus"), TERN) for n in range(11)]
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
        (named("X", "Xus yus", "Xidae", "Xiformes"), OTHER),
    ]
    expected = codes(records)
    for _ in range(5):
        RANDOM.shuffle(records)
        assert codes(records) == expected


def test_a_poor_sequence_has_no_vote_but_is_judged():
    poor = "N" * 9 + FULMAR[9:]
    records = [tern(1), tern(2), tern(3, poor), fulmar(1), fulmar(2)]
    found = [(f.accession, f.code) for f in screen(records, hamming(records), lengths=(100, 400))]
    assert found == [("T3", "AMBIGUOUS"), ("T3", "MISLABELLED")]


def test_without_neighbours_only_the_sequences_are_checked():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2), fulmar(3, TERN[:60])]
    assert [(f.accession, f.code) for f in screen(records, None)] == [("F3", "OUTLYING_LENGTH")]


def test_identical_and_near_are_told_apart():
    pair = [named("A", "Alcus primus"), named("B", "Bubus alter")]
    (same,) = {f.code for f in screen_names([(r, TERN) for r in pair], near_ones(TERN, TERN))}
    assert same == "IDENTICAL_OTHER_GENUS"
    near = mutated(TERN, 0.01)
    found = screen_names([(pair[0], TERN), (pair[1], near)], near_ones(TERN, near))
    assert {(f.code, f.suggested_action) for f in found} == {("NEAR_OTHER_GENUS", "look")}
    assert all(f.score == 0.99 for f in found)
    pair = pair[0], named("B", "Bubus alter", "Bidae", "Biformes")
    found = screen_names([(pair[0], TERN), (pair[1], near)], near_ones(TERN, near))
    assert {(f.code, f.suggested_action) for f in found} == {("NEAR_OTHER_GENUS", "drop")}


def near_ones(one, two):
    return hamming([(None, one), (None, two)])


def test_a_human_sequence_is_found_by_the_embedded_record_where_the_library_has_none():
    human = ReferenceRecord.named("H", "Homo sapiens", locus="COI"), TERN
    records = [tern(1, mutated(TERN, 0.02)), tern(2, OTHER)]
    found = screen_human({"COI": records}, {"COI": [human]})
    assert [(f.accession, f.code, f.score) for f in found] == [("T1", "HUMAN", 0.98)]
    turned = [(records[0][0], reverse_complement(records[0][1]))]
    assert len(screen_human({"COI": turned}, {"COI": [human]})) == 1
    assert screen_human({"COI": [*records, human]}, {"COI": [human]}) == []
    ape = named("P", "Pan paniscus", "Hominidae", "Primates", "Mammalia"), TERN
    assert screen_human({"COI": [ape]}, {"COI": [human]}) == []


def test_a_record_of_another_locus_is_accused_of_nothing_else():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2)]
    stray = ScreeningFinding.of(records[2][0], "WRONG_LOCUS", 0.9, "evidence")
    found = screen(records, hamming(records), known=[stray])
    assert [f.code for f in found] == ["WRONG_LOCUS"]


def test_a_record_on_the_other_strand_is_still_judged_by_its_name():
    records = [tern(1), tern(2), tern(3, FULMAR), fulmar(1), fulmar(2)]
    turned = ScreeningFinding.of(records[2][0], "OTHER_STRAND", 0.9, "evidence", "turn")
    found = screen(records, hamming(records), known=[turned])
    assert [f.code for f in found] == ["OTHER_STRAND", "MISLABELLED"]


def test_every_action_that_is_suggested_is_known(tmp_path):
    records = many()
    records[0] = records[0][0], reverse_complement(records[0][1])
    records[5] = records[5][0], records[5][1][:90]
    (a, x), (b, y) = records[10], records[50]
    records[10], records[50] = (a, y), (b, x)
    record, text = records[21]
    species = record.species.replace("primus", "primmus")
    records[21] = replace(record, species=species, name=species), text
    found = findings_of(tmp_path, records)
    assert {f.suggested_action for f in found} <= set(ACTIONS)
    assert {(f.accession, f.code) for f in found} >= {
        (records[0][0].accession, "OTHER_STRAND"),
        (records[5][0].accession, "OUTLYING_LENGTH"),
        (a.accession, "MISLABELLED"),
        (b.accession, "MISLABELLED"),
        (record.accession, "MISSPELT"),
    }


# -- a built library ----------------------------------------------------------------


def many(species: int = 16, copies: int = 4) -> list[tuple[ReferenceRecord, str]]:
    """Return SIMULATED records at COI: genera of two species, all well apart."""
    rng = random.Random("many")
    records = []
    for n in range(species):
        genus = f"{chr(65 + n // 2)}us{'abcdefghijkl'[n // 2] * 3}"
        ancestor = "".join(rng.choice(["GCA", "CTT", "GTC", "CAA", "GGT"]) for _ in range(219))
        for copy in range(copies):
            sequence = mutate(rng, ancestor, substitutions=copy)
            name = f"{genus} {'primus' if n % 2 else 'alter'}"
            family = f"{genus[:3]}idae"
            record = ReferenceRecord.named(f"S{n:02}{copy}", name, locus="COI", family=family)
            records.append((record, sequence))
    return records


def findings_of(tmp_path, records):
    path = tmp_path / "library"
    write_library(path, records, name="simulated", calibrated=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "FOREIGN_PANEL", checks.PANEL)  # a sixteenth of the comparisons
        return screen_library(open_library(path))


def test_seeded_swaps_are_found_and_nothing_else(tmp_path):
    records = many()
    rng = random.Random("swaps")
    # One record each of eight species, exchanged in pairs of other families.
    taken = [4 * n + rng.randrange(4) for n in range(0, 16, 2)]
    for one, two in zip(taken[::2], taken[1::2]):
        (a, x), (b, y) = records[one], records[two]
        records[one], records[two] = (a, y), (b, x)
    found = findings_of(tmp_path, records)
    assert {f.accession for f in found} == {records[n][0].accession for n in taken}
    assert {(f.locus, f.code, f.suggested_action) for f in found} == {
        ("COI", "MISLABELLED", "drop")
    }
    assert all(f.score >= 0.99 for f in found)


def test_progress_is_told_locus_by_locus(library):
    told = []
    screen_library(library, progress=lambda *arguments: told.append(arguments))
    assert {locus for locus, _done, _total in told} == set(library.loci)
    assert told[0][1] == 1 and told[-1][1] == told[-1][2]


# -- A laboratory's own vouchers against deposited records. Sequences are SIMULATED


RNG = random.Random("own vouchers")
ALBUS = random_sequence(RNG, 658)
NIGER = mutate(RNG, ALBUS, substitutions=30)  # 4.6 % apart
FAR = mutate(RNG, ALBUS, substitutions=40)


def pair(accession, name, sequence, changes=0):
    changed = mutate(random.Random(accession), sequence, substitutions=changes)
    return ReferenceRecord.named(accession, name, locus="16S"), changed


def weigh(*records):
    """Weigh records; accessions that begin with OWN are the laboratory's."""
    own = {record.accession for record, _s in records if record.accession.startswith("OWN")}
    near = all_neighbours([s for _r, s in records], "16S", floor=FLOOR, threads=1)
    return [
        (f.accession, f.code, f.suggested_action) for f in weigh_own_records(records, own, near)
    ]


OWN = pair("OWN1", "Fictus albus", ALBUS), pair("OWN2", "Fictus niger", NIGER)


@pytest.mark.parametrize("records, found", [
    pytest.param([*OWN, pair("D1", "Fictus albus", NIGER, 2), pair("D2", "Fictus albus", ALBUS, 2)],
                 [("D1", "OWN_VOUCHER", "drop")], id="that lies in another own species goes"),
    pytest.param([*OWN, *(pair(f"D{n}", "Fictus albus", NIGER, n % 3) for n in range(9))],
                 [(f"D{n}", "OWN_VOUCHER", "drop") for n in range(9)], id="however many agree"),
    pytest.param([OWN[0], pair("D1", "Exemplum primum", ALBUS, 3)],
                 [("D1", "OWN_VOUCHER", "drop")], id="of another genus at an own one goes"),
    pytest.param([OWN[0], pair("D1", "Fictus niger", ALBUS, 3)],
                 [("D1", "NEAR_OWN_VOUCHER", "look")], id="a congener without an own record"),
    pytest.param([OWN[0], pair("D1", "Fictus albus", FAR)],
                 [("D1", "FAR_FROM_OWN_VOUCHER", "look")], id="far from every own record of its name"),
    pytest.param([OWN[0], pair("OWN2", "Fictus niger", ALBUS, 4), pair("D1", "Fictus albus", ALBUS)], [],
                 id="nearer to an own record of its name"),
    pytest.param([OWN[0], pair("D1", "Novus albus", ALBUS, 1)], [], id="an older genus"),
    pytest.param([OWN[0], pair("D1", "Novus alba", ALBUS, 1)], [], id="an older genus, other ending"),
    pytest.param([pair("D1", "Fictus albus", ALBUS), pair("D2", "Exemplum primum", ALBUS)], [],
                 id="without own records nothing is weighed"),
    pytest.param([OWN[0], pair("OWN2", "Fictus niger", ALBUS, 1)], [],
                 id="own records do not speak against each other"),
])  # fmt: skip
def test_a_deposited_record_is_weighed_against_own_vouchers(records, found):
    assert sorted(weigh(*records)) == found


def outcomes(records, **asked):
    screened = screen_build(records, threads=1, **asked)
    return screened, {row.accession: row.outcome for row in screened.outcomes}


def swapped():
    """Three of each genus that agree, and one of the first with the sequence of the second."""
    other = mutate(random.Random("another genus"), ALBUS, substitutions=150)
    return [
        *(pair(f"A{n}", "Fictus albus", ALBUS, n) for n in range(3)),
        *(pair(f"B{n}", "Exemplum primum", other, n) for n in range(3)),
        pair("SWAPPED", "Fictus albus", other, 1),
    ]


def test_screening_leaves_out_what_it_suggests_to_drop_and_says_why():
    records = swapped()
    screened, found = outcomes(records)
    assert found["SWAPPED"] == "left_out"
    assert [left.accession for left in screened.left_out] == ["SWAPPED"]
    assert "MISLABELLED" in screened.left_out[0].reason
    assert len(screened.records) == 6
    assert screened.count("kept") + screened.count("flagged") == 6


def test_an_own_record_that_deposited_ones_outvote_is_flagged_and_kept():
    screened, found = outcomes(swapped(), own={"SWAPPED"})
    assert found["SWAPPED"] != "left_out"
    assert "SWAPPED" in {record.accession for record, _s in screened.records}
    # What it disagrees with goes: B0 to B2 bear another genus at the sequence of an own voucher.
    assert {found[f"B{n}"] for n in range(3)} == {"left_out"}


def test_a_decision_to_keep_holds_and_decisions_leave_the_rest_to_the_curator():
    screened, found = outcomes(swapped(), keep={("16S", "SWAPPED")})
    assert (found["SWAPPED"], screened.left_out) == ("flagged", [])
    screened, found = outcomes(swapped(), decided=True)
    assert (found["SWAPPED"], screened.left_out) == ("flagged", [])


def test_sound_records_of_species_that_share_a_sequence_are_kept_and_the_sharing_is_listed():
    records = [
        pair(f"{species}{n}", f"Fictus {species}", ALBUS, n)
        for species in ("albus", "niger")
        for n in range(2)
    ]
    screened, found = outcomes(records)
    assert set(found.values()) == {"kept"} and screened.count("flagged") == 0
    assert "SHARED_HAPLOTYPE" in {row.code for row in screened.outcomes}
