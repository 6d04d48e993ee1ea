"""Names of records that mean one thing: by the backbone, and by what the sequences prove."""

import random
from pathlib import Path

import pytest

from forensics.barcode.reference.names import (
    apply_taxdump,
    reconcile_names,
    reconcile_proven,
    says_less,
)
from forensics.barcode.reference.records import ReferenceRecord
from forensics.taxonomy.listings.table import genera, packaged
from forensics.taxonomy.names import Backbone, Taxon, packaged_backbone, parse_backbone
from forensics.taxonomy.synonyms import cites_accepted_names

_PROCELLARIIDAE = {
    "family": "Procellariidae", "order": "Procellariiformes", "class": "Aves", "phylum": "Chordata",
}  # fmt: skip
_BACKBONE = Backbone(
    {"Ardenna": (Taxon(_PROCELLARIIDAE, ("bulleri", "grisea"), 2),)},
    synonyms={"Puffinus bulleri": "Ardenna bulleri"},
    source={"name": "NCBI Taxonomy", "version": "2024-09-09"},
)
_Pair = tuple[ReferenceRecord, str]


def _root(seed: int) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=400))


def _record(accession: str, name: str, sequence: str = "", **other: str) -> _Pair:
    return ReferenceRecord.named(accession, name, **{"locus": "COI", **other}), sequence or _root(1)


def _names(records: list[_Pair]) -> list[str]:
    return [record.species for record, _sequence in records]


def test_a_synonym_takes_the_accepted_name_and_keeps_the_deposited_one() -> None:
    records, changes = reconcile_names([_record("A1", "Puffinus bulleri Salvin")], _BACKBONE)
    record = records[0][0]
    assert (record.species, record.genus) == ("Ardenna bulleri", "Ardenna")
    assert record.name == "Puffinus bulleri Salvin"
    assert [(c.synonym, c.accepted, c.source) for c in changes] == [
        ("Puffinus bulleri", "Ardenna bulleri", "NCBI Taxonomy 2024-09-09")
    ]


def test_ranks_that_a_record_does_not_say_are_filled_in_and_those_that_it_says_stay() -> None:
    records, changes = reconcile_names(
        [
            _record("A1", "Ardenna grisea"),
            _record("A2", "Ardenna grisea", order="Procellariiformes", class_="Aves"),
        ],
        _BACKBONE,
    )
    assert not changes
    assert {(r.family, r.order, r.class_, r.phylum) for r, _s in records} == {
        ("Procellariidae", "Procellariiformes", "Aves", "Chordata")
    }


def test_a_record_of_another_class_is_not_the_species_of_that_name() -> None:
    pair = _record("A1", "Puffinus bulleri", class_="Insecta")
    assert reconcile_names([pair], _BACKBONE) == ([pair], [])


def test_hybrids_and_open_names_stay_as_they_are() -> None:
    pairs = [
        _record("A1", "Puffinus bulleri x Puffinus griseus"),
        _record("A2", "Puffinus sp. bulleri"),
    ]
    records, changes = reconcile_names(pairs, _BACKBONE)
    assert not changes
    assert _names(records) == ["", ""]


def test_an_epithet_in_two_genera_with_near_identical_sequences_becomes_one_name() -> None:
    pairs = [
        _record("A1", "Puffinus bulleri"),
        _record("A2", "Ardenna bulleri"),
        _record("A3", "Ardenna bulleri"),
    ]
    records, changes = reconcile_proven(pairs)
    assert _names(records) == ["Ardenna bulleri"] * 3
    assert "most records (2)" in changes[0].source
    assert "100.0% identical at COI" in changes[0].source


def test_the_accepted_name_goes_before_the_commoner_one() -> None:
    pairs = [
        _record("A1", "Puffinus bulleri"),
        _record("A2", "Ardenna bulleri"),
        _record("A3", "Puffinus bulleri"),
    ]
    without_synonyms = Backbone(_BACKBONE.genera)
    records, changes = reconcile_proven(pairs, backbone=without_synonyms)
    assert _names(records) == ["Ardenna bulleri"] * 3
    assert [c.accession for c in changes] == ["A1", "A3"]
    assert "the accepted name" in changes[0].source


def test_a_name_of_the_laboratorys_own_table_goes_before_all() -> None:
    pairs = [_record("A1", "Puffinus bulleri"), _record("A2", "Ardenna bulleri")]
    records, _changes = reconcile_proven(pairs, backbone=_BACKBONE, preferred={"Puffinus bulleri"})
    assert _names(records) == ["Puffinus bulleri"] * 2


def test_two_good_species_of_one_epithet_that_are_far_apart_are_never_one() -> None:
    pairs = [
        _record("A1", "Tangara cyanocephala"),
        _record("A2", "Thraupis cyanocephala", _root(2)),
    ]
    assert reconcile_proven(pairs) == (pairs, [])


def test_one_mislabelled_record_does_not_make_two_species_one() -> None:
    pairs = [_record(f"A{n}", "Tangara cyanocephala", _root(1)[:-n]) for n in (1, 2, 3)]
    pairs += [_record(f"B{n}", "Thraupis cyanocephala", _root(2)[:-n]) for n in (1, 2, 3)]
    pairs += [_record("B4", "Thraupis cyanocephala", _root(1))]
    assert reconcile_proven(pairs) == (pairs, [])


def test_names_that_another_locus_tells_apart_are_two_species() -> None:
    pairs = [
        _record("A1", "Tangara cyanocephala", locus="16S"),
        _record("A2", "Thraupis cyanocephala", locus="16S"),
    ]
    assert reconcile_proven(pairs)[1]
    pairs += [
        _record("A3", "Tangara cyanocephala"),
        _record("A4", "Thraupis cyanocephala", _root(2)),
    ]
    assert reconcile_proven(pairs) == (pairs, [])


def test_a_plastid_locus_proves_nothing() -> None:
    pairs = [
        _record("A1", "Cattleya purpurata", locus="rbcL"),
        _record("A2", "Laelia purpurata", locus="rbcL"),
    ]
    assert reconcile_proven(pairs) == (pairs, [])


def test_a_misspelt_name_becomes_the_commoner_one_where_a_sequence_is_identical() -> None:
    pairs = [
        _record("A1", "Manis javannica"),
        _record("A2", "Manis javanica"),
        _record("A3", "Manis javanica"),
    ]
    assert _names(reconcile_proven(pairs)[0]) == ["Manis javanica"] * 3
    assert (
        reconcile_proven(pairs[:2])[1] == []
    )  # as many records of each: nothing says which is right


def test_a_record_that_somebody_decided_to_keep_keeps_its_name() -> None:
    pairs = [
        _record("A1", "Puffinus bulleri"),
        _record("A2", "Ardenna bulleri"),
        _record("A3", "Ardenna bulleri"),
    ]
    assert reconcile_proven(pairs, keep={("COI", "A1")}) == (pairs, [])


def test_domestic_forms_keep_their_names() -> None:
    backbone = Backbone(
        {"Canis": (Taxon({}, ("lupus",), 1),)}, synonyms={"Canis familiaris": "Canis lupus"}
    )
    assert reconcile_names([_record("A1", "Canis familiaris")], backbone)[1] == []
    assert says_less("Canis lupus", "Canis familiaris")


def test_a_name_that_the_appendices_list_is_not_changed_into_one_that_they_do_not() -> None:
    backbone = Backbone(
        {}, synonyms={"Equus africanus": "Equus asinus", "Manis temmincki": "Smutsia temminckii"}
    )
    records = [_record("A1", "Equus africanus"), _record("A2", "Manis temmincki", family="Manidae")]
    assert _names(reconcile_names(records, backbone)[0]) == [
        "Equus africanus",
        "Smutsia temminckii",
    ]


def test_of_proven_names_the_listed_one_is_given_although_another_is_accepted() -> None:
    pairs = [
        _record("A1", "Cephalophus zebra"),
        _record("A2", "Cephalophula zebra"),
        _record("A3", "Cephalophula zebra"),
    ]
    backbone = Backbone({"Cephalophula": (Taxon({}, ("zebra",), 1),)})
    records, changes = reconcile_proven(pairs, backbone=backbone)
    assert _names(records) == ["Cephalophus zebra"] * 3
    assert "Appendices" in changes[0].source


def _reconciled(*names: str) -> list[tuple[str, str]]:
    """Return the species of records under these names, and the reason of each change, by the packaged backbone."""
    pairs = [_record(f"A{number}", name) for number, name in enumerate(names)]
    records, changes = reconcile_names(pairs, packaged_backbone({r.genus for r, _s in pairs}))
    reasons = {change.accession: change.source for change in changes}
    return [(r.species, reasons.get(r.accession, "")) for r, _s in records]


def test_names_that_the_appendices_accept_stay_and_theirs_is_given() -> None:
    names = _reconciled(
        "Felis bieti", "Felis silvestris", "Eulemur collaris", "Alouatta nigerrima",
        "Physeter macrocephalus", "Physeter catodon", "Smutsia temminckii", "Epinephelus quoyanus",
    )  # fmt: skip
    law = "the name that the CITES Appendices list"
    assert names == [
        ("Felis bieti", ""), ("Felis silvestris", ""), ("Eulemur collaris", ""), ("Alouatta nigerrima", ""),
        ("Physeter macrocephalus", ""), ("Physeter macrocephalus", law), ("Manis temminckii", law),
        ("Epinephelus quoyanus", ""),
    ]  # fmt: skip


def test_a_subspecies_that_is_accepted_as_a_species_becomes_it() -> None:
    records, changes = reconcile_names(
        [_record("A1", "Psittacus erithacus timneh"), _record("A2", "Psittacus erithacus")],
        packaged_backbone({"Psittacus"}),
    )
    assert _names(records) == ["Psittacus timneh", "Psittacus erithacus"]
    assert [(c.synonym, c.accepted) for c in changes] == [
        ("Psittacus erithacus timneh", "Psittacus timneh")
    ]
    assert records[0][0].name == "Psittacus erithacus timneh"


def test_where_the_epithet_is_another_a_person_is_asked() -> None:
    (hexanchus, asked), (_spatula, plain) = _reconciled("Hexanchus vitulus", "Anas clypeata")
    assert hexanchus == "Hexanchus nakamurai"
    assert (
        asked == "NCBI Taxonomy 2024-09-09; the epithet is another: check that both are one species"
    )
    assert plain == "NCBI Taxonomy 2024-09-09"


@pytest.mark.parametrize(
    ("name", "species"),
    [
        ("Canis familiaris", "Canis familiaris"), ("Canis lupus familiaris", "Canis lupus"),
        ("Felis catus", "Felis catus"), ("Felis silvestris catus", "Felis silvestris"),
        ("Bos taurus", "Bos taurus"), ("Sus domesticus", "Sus domesticus"), ("Mustela furo", "Mustela furo"),
        ("Equus asinus", "Equus asinus"), ("Ovis aries", "Ovis aries"), ("Felis sp. bieti", ""),
        ("Physeter cf. catodon", ""), ("Felis catus x Felis bieti", ""), ("Psittacus erithacus cf. timneh", ""),
        ("Manis javanica voucher", "Manis javanica"), ("Ficus variegata", "Ficus variegata"),
    ],
)  # fmt: skip
def test_domestic_forms_open_names_and_hybrids_are_what_they_were(name: str, species: str) -> None:
    assert _reconciled(name) == [(species, "")]


@pytest.mark.slow
def test_no_name_of_the_backbone_becomes_one_that_is_listed_less_strictly() -> None:
    from forensics.taxonomy.names import _packaged_lines

    backbone = parse_backbone(_packaged_lines())
    listed = {name.partition(" ")[0] for name in packaged().listings} | set(genera())
    synonyms = {name: into for name, into in backbone.synonyms.items() if name.count(" ") == 1}
    lower = [
        _record(name, name, family=family)
        for name, into in synonyms.items()
        if name.partition(" ")[0] in listed
        for family in [backbone.ranks_of(into.partition(" ")[0]).get("family", "")]
        if says_less(into, name, family)
    ]
    assert len(lower) > 50
    assert not cites_accepted_names().keys() & {record.species for record, _s in lower}
    records, changes = reconcile_names(lower, backbone)
    assert (_names(records), changes) == (_names(lower), [])


def test_the_names_of_a_dump_come_after_those_of_the_appendices(tmp_path: Path) -> None:
    nodes = [(1, 1, "no rank"), (2, 1, "family"), (3, 2, "genus"), (4, 3, "species")]
    names = [(2, "Felidae", "scientific name"), (3, "Felis", "scientific name"),
             (4, "Felis silvestris", "scientific name"), (4, "Felis bieti", "synonym"),
             (4, "Felis catus", "synonym"), (4, "Felis ornata", "synonym")]  # fmt: skip
    (tmp_path / "nodes.dmp").write_text("".join(f"{n}\t|\t{p}\t|\t{r}\t|\n" for n, p, r in nodes))
    (tmp_path / "names.dmp").write_text(
        "".join(f"{n}\t|\t{t}\t|\t\t|\t{k}\t|\n" for n, t, k in names)
    )
    pairs = [_record(name, name) for name in ("Felis bieti", "Felis catus", "Felis ornata")]
    records, changes, _says = apply_taxdump(pairs, tmp_path, numbers={})
    assert _names(records) == ["Felis bieti", "Felis catus", "Felis silvestris"]
    assert {record.family for record, _s in records} == {"Felidae"}
    assert [(c.accession, c.source.partition("; ")[2]) for c in changes] == [
        ("Felis ornata", "the epithet is another: check that both are one species")
    ]
