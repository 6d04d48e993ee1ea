"""The backbone of names: what is accepted, what is known, what stands above."""

import pytest

from forensics.errors import LibraryError
from forensics.taxonomy.names import (
    Backbone,
    Taxon,
    _packaged_lines,
    packaged_backbone,
    parse_backbone,
)

_MANIDAE = {"order": "Pholidota", "class": "Mammalia", "phylum": "Chordata"}
_BACKBONE = Backbone(
    genera={
        "Manis": (Taxon({"family": "Manidae", **_MANIDAE}, ("culionensis", "javanica"), 2),),
        "Ficus": (
            Taxon({"family": "Ficidae", "phylum": "Mollusca"}, ("variegata",), 1),
            Taxon({"family": "Moraceae", "phylum": "Streptophyta"}, ("carica", "variegata"), 2),
        ),
    },
    families={"Manidae": (Taxon(_MANIDAE, (), 8, 3),)},
    synonyms={"Manis tricuspis": "Phataginus tricuspis"},
    source={"name": "made for a test"},
)


def test_names_are_accepted_synonyms_or_not_known() -> None:
    assert _BACKBONE.accepted("Manis tricuspis") == "Phataginus tricuspis"
    assert _BACKBONE.accepted("Manis javanica") == "Manis javanica"
    assert _BACKBONE.is_accepted("Manis javanica")
    assert not _BACKBONE.is_accepted("Manis tricuspis")
    assert not _BACKBONE.is_accepted("Bos taurus")
    assert _BACKBONE.are_two_species("Manis javanica", "Manis culionensis")
    assert not _BACKBONE.are_two_species("Manis javanica", "Manis javanica")


def test_species_known_of_a_genus_and_a_family() -> None:
    assert _BACKBONE.known_species("Manis") == 2
    assert _BACKBONE.known_species("Manidae") == 8
    assert _BACKBONE.known_species("Bos") == 0
    assert _BACKBONE.species_of("Manis") == ("Manis culionensis", "Manis javanica")
    assert _BACKBONE.ranks_of("Manis")["order"] == "Pholidota"
    assert _BACKBONE.ranks_of("Manidae")["class"] == "Mammalia"


def test_of_two_genera_of_one_name_what_is_known_decides() -> None:
    assert _BACKBONE.known_species("Ficus") == 0
    assert _BACKBONE.known_species("Ficus", known=("Moraceae",)) == 2
    assert _BACKBONE.ranks_of("Ficus", known=("Mollusca",))["family"] == "Ficidae"
    assert _BACKBONE.is_accepted("Ficus carica")


def test_what_is_written_is_read_back() -> None:
    text = _BACKBONE.to_text()
    assert parse_backbone(text.splitlines()) == _BACKBONE
    assert parse_backbone(text.splitlines()).to_text() == text


def test_a_part_of_the_packaged_backbone_is_that_of_the_whole() -> None:
    whole = parse_backbone(_packaged_lines())
    # Names that moved to another genus, homonyms, a genus of synonyms alone, and nothing at all.
    for genera in (
        ["Manis"],
        ["Hippotigris", "Uncia"],
        ["Ficus", "Prunella"],
        ["Diceros", "Nix"],
        [],
    ):
        for families in ((), ("Felidae", "Nix")):
            assert packaged_backbone(genera, families) == whole.subset(genera, families)


def test_a_part_has_the_genera_their_families_and_their_synonyms() -> None:
    part = _BACKBONE.subset(["Manis", "Bos"])
    assert list(part.genera) == ["Manis"]
    assert list(part.families) == ["Manidae"]
    assert part.synonyms == _BACKBONE.synonyms
    assert not _BACKBONE.subset(["Ficus"]).synonyms
    assert list(_BACKBONE.subset([], ["Manidae"]).families) == ["Manidae"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind\tname\n",
        "[1]\n",
        _BACKBONE.to_text().replace("kind", "sort", 1),
        _BACKBONE.to_text().replace("\nfamily", "\ntribe", 1),
        _BACKBONE.to_text().replace("\t8\t", "\teight\t", 1),
        _BACKBONE.to_text().replace("\tManidae\tPholidota", "\tManidae", 1),
    ],
)
def test_what_is_no_backbone_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(LibraryError, match=r"my_library/backbone\.tsv, line \d"):
        parse_backbone(text.splitlines(), name="my_library/backbone.tsv")


def test_the_packaged_backbone_knows_pangolins_their_old_names_and_their_order() -> None:
    packaged = packaged_backbone(["Manis"])
    assert packaged.accepted("Phataginus tricuspis") == "Manis tricuspis"
    assert {"Manis javanica", "Manis tricuspis"} <= set(packaged.species_of("Manis"))
    assert packaged.known_species("Manidae") == packaged.known_species("Manis") >= 8
    assert packaged.ranks_of("Manis")["order"] == "Pholidota"
    assert packaged.source["name"] == "NCBI Taxonomy"


def test_the_packaged_backbone_has_animals_and_plants_and_keeps_their_genera_apart() -> None:
    packaged = packaged_backbone(["Ficus", "Puffinus", "Dalbergia"])
    assert packaged.known_species("Ficus", known=["Moraceae"]) > 100
    assert packaged.accepted("Puffinus bulleri") == "Ardenna bulleri"
    assert packaged.ranks_of("Dalbergia")["family"] == "Fabaceae"
    assert packaged.ranks_of("Ardenna")["family"] == "Procellariidae"


def test_a_genus_that_nobody_knows_has_nothing_packaged() -> None:
    packaged = packaged_backbone(["Nullus"])
    assert not packaged.genera
    assert not packaged.synonyms
