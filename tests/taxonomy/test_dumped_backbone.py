"""A backbone of names from a dump of NCBI's taxonomy, and from an older one beside it."""

from pathlib import Path

from forensics.taxonomy.taxdump import backbone_of_taxdump

_NODES = [
    (1, 1, "no rank"), (33208, 1, "kingdom"), (33090, 1, "kingdom"),
    (10, 33208, "phylum"), (11, 10, "class"), (12, 11, "order"), (13, 12, "family"),
    (20, 13, "genus"), (21, 20, "species"), (22, 20, "species"), (23, 20, "species"), (24, 21, "subspecies"),
    (30, 13, "genus"), (31, 30, "species"), (32, 20, "species"),
    (40, 33090, "genus"), (41, 40, "species"),
]  # fmt: skip
_NAMES = [
    (1, "root", "scientific name"), (33208, "Metazoa", "scientific name"),
    (33090, "Viridiplantae", "scientific name"), (10, "Chordata", "scientific name"),
    (11, "Aves", "scientific name"), (12, "Procellariiformes", "scientific name"),
    (13, "Procellariidae", "scientific name"), (20, "Ardenna", "scientific name"),
    (21, "Ardenna bulleri", "scientific name"), (21, "Puffinus bulleri", "synonym"),
    (22, "Ardenna grisea", "scientific name"), (22, "Puffinus griseus", "synonym"),
    (23, "Ardenna sp. X", "scientific name"), (24, "Ardenna bulleri minor", "scientific name"),
    (24, "Puffinus minor", "synonym"),
    (30, "Puffinus", "scientific name"), (31, "Puffinus puffinus", "scientific name"),
    (31, "Procellaria communis", "synonym"), (22, "Procellaria communis", "synonym"),
    (31, "Ardenna grisea", "synonym"), (31, "Manx shearwater", "common name"),
    (32, "Ardenna grisea x Ardenna bulleri", "scientific name"),
    (40, "Ardenna", "scientific name"), (41, "Ardenna viridis", "scientific name"),
]  # fmt: skip
_OLDER = [(21, "Thyellodroma bulleri", "scientific name"), (50, "Puffinus tenuis", "scientific name"),
          (31, "Puffinus puffinus", "scientific name")]  # fmt: skip


def _dump(folder: Path, names: list[tuple[int, str, str]], merged: str = "") -> Path:
    folder.mkdir()
    (folder / "nodes.dmp").write_text("".join(f"{n}\t|\t{p}\t|\t{r}\t|\n" for n, p, r in _NODES))
    (folder / "names.dmp").write_text(
        "".join(f"{n}\t|\t{t}\t|\t\t|\t{k}\t|\n" for n, t, k in names)
    )
    if merged:
        (folder / "merged.dmp").write_text(merged)
    return folder


def test_species_are_binomials_counted_by_genus_and_family(tmp_path: Path) -> None:
    backbone = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES), within=["Metazoa"])
    assert backbone.species_of("Ardenna") == ("Ardenna bulleri", "Ardenna grisea")
    assert backbone.known_species("Procellariidae") == 3
    assert backbone.families["Procellariidae"][0].genera == 2
    assert backbone.ranks_of("Puffinus") == {
        "family": "Procellariidae", "order": "Procellariiformes", "class": "Aves", "phylum": "Chordata",
    }  # fmt: skip


def test_synonyms_lead_to_the_species_and_from_a_subspecies_to_its_species(tmp_path: Path) -> None:
    synonyms = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES)).synonyms
    assert synonyms["Puffinus bulleri"] == "Ardenna bulleri"
    assert synonyms["Puffinus minor"] == "Ardenna bulleri"


def test_a_name_of_two_species_and_an_accepted_name_are_nobodys_synonym(tmp_path: Path) -> None:
    synonyms = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES)).synonyms
    assert "Procellaria communis" not in synonyms
    assert "Ardenna grisea" not in synonyms


def test_genera_of_one_name_stay_apart(tmp_path: Path) -> None:
    backbone = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES))
    assert [taxon.known_count for taxon in backbone.genera["Ardenna"]] == [2, 1]
    assert backbone.known_species("Ardenna", known=["Aves"]) == 2


def test_wanted_genera_bring_their_families_and_not_the_other_genera(tmp_path: Path) -> None:
    backbone = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES), genera=["Puffinus"])
    # A species of Puffinus is one of Ardenna now.
    assert list(backbone.genera) == ["Ardenna", "Puffinus"]
    assert backbone.known_species("Procellariidae") == 3


def test_what_a_number_was_called_in_an_older_dump_is_a_synonym_also_where_it_was_merged(
    tmp_path: Path,
) -> None:
    new = _dump(tmp_path / "new", _NAMES, merged="50\t|\t31\t|\n")
    backbone = backbone_of_taxdump(new, older=[_dump(tmp_path / "old", _OLDER)])
    assert backbone.accepted("Thyellodroma bulleri") == "Ardenna bulleri"
    assert backbone.accepted("Puffinus tenuis") == "Puffinus puffinus"


def test_a_number_whose_genus_and_epithet_have_both_changed_makes_no_synonym(
    tmp_path: Path,
) -> None:
    older = [(22, "Phalaropus lobatus", "scientific name"), (21, "Procellaria alba", "synonym")]
    backbone = backbone_of_taxdump(
        _dump(tmp_path / "new", _NAMES), older=[_dump(tmp_path / "old", older)]
    )
    assert "Phalaropus lobatus" not in backbone.synonyms
    assert backbone.accepted("Procellaria alba") == "Ardenna bulleri"


def test_the_files_are_named_by_their_sha256(tmp_path: Path) -> None:
    source = backbone_of_taxdump(_dump(tmp_path / "new", _NAMES)).source
    assert source["name"] == "NCBI Taxonomy"
    assert set(source["files"]) == {"names.dmp", "nodes.dmp"}  # type: ignore[call-overload]


def test_the_names_of_the_appendices_go_before_those_of_the_dump(tmp_path: Path) -> None:
    names = [
        *_NAMES,
        (31, "Manis temminckii", "synonym"),
        (21, "Felis bieti", "synonym"),
        (21, "Felis lybica", "synonym"),
    ]
    names = [
        (number, {"Puffinus puffinus": "Smutsia temminckii", "Puffinus": "Smutsia"}.get(name, name), kind)
        for number, name, kind in names
    ]  # fmt: skip
    backbone = backbone_of_taxdump(_dump(tmp_path / "new", names), genera=["Smutsia"])
    assert backbone.accepted("Smutsia temminckii") == "Manis temminckii"
    assert "Manis temminckii" in backbone.species_of("Manis")
    assert backbone.known_species("Manis") == 8
    assert backbone.known_species("Smutsia") == 0
    assert backbone.ranks_of("Smutsia") == backbone.ranks_of("Manis")
    assert backbone.families["Procellariidae"][0].genera == 3
    # Of a species of the dump two names that the Appendices accept are two species.
    felis = backbone_of_taxdump(tmp_path / "new")
    assert felis.are_two_species("Felis bieti", "Felis lybica")
    assert felis.is_accepted("Ardenna grisea")
