"""What the names of a locus are to one another: synonyms, twins, doubted records, species known."""

import random

import pytest

from forensics.barcode.matching.index import Index
from forensics.barcode.reference.library import Unit, unit_members, unit_name, units_of
from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.relations import NameRelations, cannot_be_told_apart, relations_of
from forensics.taxonomy.names import Backbone, Taxon

_LENGTH = 400


def _root(seed: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=_LENGTH))


def _changed(sequence: str, *places: int) -> str:
    letters = list(sequence)
    for place in places:
        letters[place] = "ACGT"[("ACGT".index(letters[place]) + 1) % 4]
    return "".join(letters)


def _index(rows: list[tuple[str, str]], **ranks: str) -> Index:
    records = [
        (ReferenceRecord.named(f"A{number:03}", name, locus="COI", **ranks), sequence)
        for number, (name, sequence) in enumerate(rows)
    ]
    return Index.build(records, locus="COI")


def _number(relations: NameRelations, name: str) -> int:
    return relations.labels.index(name)


def _related(relations: NameRelations, name: str) -> set[str]:
    return {relations.labels[number] for number in relations.related(_number(relations, name))}


def test_one_epithet_in_two_genera_with_the_same_sequences_is_one_species() -> None:
    root = _root(1)
    rows = [("Puffinus bulleri", root), ("Ardenna bulleri", _changed(root, 5))]
    relations = relations_of(_index(rows))
    assert _related(relations, "Puffinus bulleri") == {"Ardenna bulleri"}
    assert _related(relations, "Ardenna bulleri") == {"Puffinus bulleri"}


def test_a_gender_ending_does_not_hide_a_synonym() -> None:
    rows = [("Larus ridibundus", _root(1)), ("Chroicocephalus ridibunda", _root(1))]
    assert _related(relations_of(_index(rows)), "Larus ridibundus") == {"Chroicocephalus ridibunda"}


def test_one_epithet_in_two_genera_that_are_far_apart_is_two_species() -> None:
    rows = [("Puffinus bulleri", _root(1)), ("Diomedea bulleri", _root(2))]
    assert not relations_of(_index(rows)).synonyms


def test_one_epithet_in_two_families_is_never_one_species() -> None:
    records = [
        (ReferenceRecord.named("A1", "Manis javanica", family="Manidae"), _root(1)),
        (ReferenceRecord.named("A2", "Mycteria javanica", family="Ciconiidae"), _root(1)),
    ]
    assert not relations_of(Index.build(records, locus="COI")).synonyms


def test_two_names_that_the_backbone_accepts_are_never_one_species() -> None:
    rows = [("Puffinus bulleri", _root(1)), ("Ardenna bulleri", _root(1))]
    genera = {name: (Taxon({}, ("bulleri",), 1),) for name in ("Puffinus", "Ardenna")}
    assert not relations_of(_index(rows), backbone=Backbone(genera)).synonyms


def test_a_synonym_of_the_backbone_needs_no_sequence_to_prove_it() -> None:
    rows = [("Neovison vison", _root(1)), ("Neogale vison", _root(2))]
    backbone = Backbone({}, synonyms={"Neovison vison": "Neogale vison"})
    assert _related(relations_of(_index(rows), backbone=backbone), "Neogale vison") == {
        "Neovison vison"
    }


def test_two_synonyms_of_a_third_name_are_one_species_without_it() -> None:
    rows = [("Mustela vison", _root(1)), ("Neovison vison", _root(2))]
    backbone = Backbone(
        {}, synonyms=dict.fromkeys(("Neovison vison", "Mustela vison"), "Neogale vison")
    )
    assert _related(relations_of(_index(rows), backbone=backbone), "Mustela vison") == {
        "Neovison vison"
    }


def test_a_misspelt_name_is_the_same_species_where_a_sequence_is_identical() -> None:
    root = _root(1)
    same = [("Manis javanica", root), ("Manis javannica", root)]
    near = [("Carduelis pinus", root), ("Carduelis spinus", _changed(root, 3, 90))]
    assert _related(relations_of(_index(same)), "Manis javanica") == {"Manis javannica"}
    assert not relations_of(_index(near)).synonyms


def test_hybrids_and_open_names_are_related_to_nothing() -> None:
    root = _root(1)
    rows = [
        ("Falco rusticolus x Falco cherrug", root),
        ("Falco sp. 2", root),
        ("Falco cherrug", root),
    ]
    relations = relations_of(_index(rows))
    assert not relations.synonyms
    assert not relations.twins


def test_species_that_share_their_sequences_are_twins_and_one_unit() -> None:
    root = _root(1)
    rows = [(f"Lampornis {name}", root) for name in ("calolaemus", "castaneoventris") * 2]
    rows += [("Lampornis clemenciae", _changed(root, *range(0, 400, 20)))]
    relations = relations_of(_index(rows))
    assert [unit.name for unit in relations.units] == ["Lampornis calolaemus / castaneoventris"]
    assert _related(relations, "Lampornis calolaemus") == {"Lampornis castaneoventris"}
    assert not _related(relations, "Lampornis clemenciae")


def test_the_twin_of_a_name_is_related_to_its_other_names_too() -> None:
    root = _root(1)
    rows = [
        ("Puffinus bulleri", root),
        ("Ardenna bulleri", _changed(root, 7)),
        ("Puffinus major", root),
    ]
    relations = relations_of(_index(rows))
    assert "Puffinus major" in _related(relations, "Ardenna bulleri")


def test_a_record_among_another_genus_is_doubted_and_makes_no_twins() -> None:
    pigeon, kingfisher = _root(1), _root(2)
    rows = [("Columba palumbus", _changed(pigeon, place)) for place in (1, 2, 3)]
    rows += [("Alcedo atthis", _changed(kingfisher, place)) for place in (1, 2)]
    rows += [("Alcedo atthis", _changed(pigeon, 1))]
    index = _index(rows)
    relations = relations_of(index)
    doubted = [p for p in range(index.record_count) if relations.doubted(p)]
    assert [index.record(p).accession for p in doubted] == ["A005"]
    assert not relations.twins


def test_a_record_far_from_others_that_agree_is_doubted() -> None:
    rows = [("Turdus albicollis", _changed(_root(1), place)) for place in (1, 2, 3)]
    rows += [("Turdus albicollis", _root(9)), ("Turdus merula", _root(3))]
    index = _index(rows)
    relations = relations_of(index)
    assert {index.record(p).accession for p in relations.doubts} == {"A003"}


def test_what_a_screening_doubts_is_doubted() -> None:
    index = _index([("Manis javanica", _root(1)), ("Manis culionensis", _root(2))])
    relations = relations_of(index, doubted={"A001"})
    assert [index.record(p).accession for p in relations.doubts] == ["A001"]


def test_known_species_are_counted() -> None:
    root = _root(1)
    rows = [
        ("Puffinus bulleri", root),
        ("Ardenna bulleri", root),
        ("Ardenna grisea", _root(2)),
        ("Ardenna sp.", _root(3)),
    ]
    taxon = Taxon({"family": "Procellariidae"}, ("bulleri", "grisea", "pacifica"), 3)
    family = Taxon({}, (), 89, 16)
    backbone = Backbone(
        {"Ardenna": (taxon,)},
        {"Procellariidae": (family,)},
        {"Puffinus bulleri": "Ardenna bulleri"},
    )
    relations = relations_of(_index(rows), backbone=backbone)
    assert relations.known_species("Ardenna") == 3
    assert relations.known_species("Procellariidae") == 89
    assert relations.known_species("Manis") == 0
    assert relations_of(_index(rows)).known_species("Ardenna") == 0


# -- The test by which a locus cannot tell two species apart, and the names of units


def _twins(first: list[int], other: list[int], **near: float) -> bool:
    """Apply the test to haplotypes 0-9 that are 1 % apart, but those named ``n3_4=0.999``."""
    table = {tuple(map(int, key[1:].split("_"))): value for key, value in near.items()}

    def identity(a: int, b: int) -> float:
        return 1.0 if a == b else table.get((min(a, b), max(a, b)), 0.99)

    return cannot_be_told_apart([(h, False) for h in first] + [(h, True) for h in other], identity)


_OWN = {f"n{a}_{b}": 0.998 for few in (range(5), range(5, 10)) for a in few for b in few if a < b}

_FAR = {f"n{a}_{b}": 0.98 for a in (0, 1) for b in (2, 3)}


@pytest.mark.parametrize("first, other, near, expected", [
    ([0], [0], {}, True),  # one shared haplotype and nothing else
    ([0], [1], {}, False),  # told apart while one of each is known
    ([0, 1, 2], [3], {}, False),
    # Mixed without a shared one: each is nearest to one of the other species.
    ([0, 1], [2, 3], {"n0_2": 0.998, "n1_3": 0.998}, True),
    ([0, 1, 2, 3, 4], [4, 5, 6, 7, 8, 9], _OWN, False),  # by the many that they do not share
    ([0, 1], [2, 3], _FAR, False),
    # Beyond 1 %, however far those of one species are from each other.
    ([0, 1], [2, 3], dict.fromkeys(("n0_1", "n2_3"), 0.9) | _FAR, False),
    ([], [1, 2], {}, False),
])  # fmt: skip
def test_species_cannot_be_told_apart_where_their_haplotypes_are_mixed(
    first: list[int], other: list[int], near: dict[str, float], expected: bool
) -> None:
    assert _twins(first, other, **near) is expected


def test_the_answer_is_the_same_each_time_where_ways_are_drawn() -> None:
    first, other = list(range(0, 12)), list(range(6, 20))
    assert {_twins(first, other) for _time in range(3)} == {True}


def test_twins_of_twins_are_one_unit() -> None:
    twins = {"A a": {"A b"}, "A b": {"A a", "A c"}, "A c": {"A b"}, "B a": {"B b"}, "B b": {"B a"}}
    assert units_of(twins) == (Unit(("A a", "A b", "A c")), Unit(("B a", "B b")))


@pytest.mark.parametrize("number", [5, 6])
def test_a_unit_of_more_than_five_species_is_not_called(number: int) -> None:
    assert Unit(tuple(f"Larus {letter}" for letter in "abcdef"[:number])).is_callable == (
        number == 5
    )


def test_a_genus_is_not_repeated_in_the_name_of_a_unit() -> None:
    members = ["Accipenser platorynchus", "Scaphirhynchus albus", "Scaphirhynchus suttkusi"]
    assert unit_members(unit_name(members)) == tuple(members)
    assert unit_name(members) == "Accipenser platorynchus / Scaphirhynchus albus / suttkusi"
