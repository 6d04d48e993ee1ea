"""Taxa that a text names are seen however they are written, and ordinary words are left alone."""

import csv
import unicodedata
from pathlib import Path

import pytest

from forensics import taxonomy
from forensics.taxonomy.mentions import (
    Relation,
    common_names,
    contains_name,
    find_mentions,
    relate,
    skeleton,
)
from forensics.taxonomy.names import packaged_accepted

FIN, BLUE = "Balaenoptera physalus", "Balaenoptera musculus"


def taxa(text, more=(FIN, BLUE)):
    return {one.taxon for one in find_mentions(text, more)}


@pytest.mark.parametrize("text", [
    "of a fin whale and of no other animal", "Fin whales", "the fin whale's meat", "FIN WHALE",
    "fin-whale", "finwhale", "fin\u00adwhale", "fin\u2011whale", "fin\u00a0whale", "fin\nwhale",
    "f\u0456n wh\u0430le",  # Cyrillic
    "\uff46\uff49\uff4e whale", "fin wha1e", "f\u0131n whale", "fi\u200bn whale", "Fin  Whales\u2019",
    "Balaenoptera physalus", "BALAENOPTERA PHYSALUS", "Bal\u00e6noptera physalus",
    "Balaenoptera_physalus", "B. physalus", "b. physalus", "balaenopteraphysalus",
    "B a l a e n o p t e r a p h y s a l u s", "Balaenoptera ph\u0443salus", "the species physalus",
    "d'un rorqual commun", "des rorquals communs", "un rorcual com\u00fan", "un rorcual comun",
    "da baleia-fin",
])  # fmt: skip
def test_a_species_is_seen_however_it_is_written(text):
    assert taxa(text) == {FIN}


@pytest.mark.parametrize("text", [
    "", "The sample was kept at 4 \u00b0C; see a. major change.", "kind of in whaling",
    "The nearest species differs at one base in seventeen.", "Computed in Python 3.11.",
    "a pan-African study", "It bears out the result; the choice is ours.", "muscular tissue",
    "Cat. no. 12; drilled by hand; two seals were broken.", "We agree: a major or minor point.",
    "On a fouill\u00e9 le b\u00e2timent; l'ensemble est commun.", "El origen africano es posible.",
    "L'origine africaine est possible.", "Dr Wolf signed it.",
])  # fmt: skip
def test_ordinary_words_are_no_taxa(text):
    assert taxa(text, (FIN, BLUE, "Loxodonta africana")) == set()


@pytest.mark.parametrize("text, taxon", [
    ("tiger shark fins", "Galeocerdo cuvier"), ("a sea lion", "Otariidae"),
    ("leopard seal", "Hydrurga leptonyx"), ("elephant seals", "Mirounga"),
    ("African forest elephants", "Loxodonta cyclotis"), ("an African elephant", "Loxodonta"),
    ("an elephant", "Elephantidae"), ("Amur tiger", "Panthera tigris altaica"),
    ("Panthera tigris altaica", "Panthera tigris altaica"), ("baleines \u00e0 bosse", "Megaptera novaeangliae"),
])  # fmt: skip
def test_the_longest_name_counts(text, taxon):
    assert taxa(text) == {taxon}


def test_an_abbreviated_name_is_first_that_of_a_candidate():
    assert taxa("of M. temminckii", ["Manis temminckii"]) == {"Manis temminckii"}
    assert taxa("of M. temminckii") == {"Macrochelys temminckii"}


@pytest.mark.parametrize("taxon, other, relation", [
    ("Balaenoptera", "Balaenoptera", "WITHIN"), ("Balaenoptera", FIN, "WITHIN"), ("Cetacea", FIN, "WITHIN"),
    ("Mammalia", FIN, "WITHIN"), ("Artiodactyla", "Sus scrofa", "WITHIN"), (FIN, "Balaenoptera", "BELOW"),
    ("Panthera tigris altaica", "Panthera tigris", "BELOW"), (FIN, "Mammalia", "BELOW"), (FIN, BLUE, "OTHER"),
    ("Sus scrofa", "Balaenoptera", "OTHER"), ("Pholidota", FIN, "OTHER"), ("Aves", FIN, "OTHER"),
    ("Manis tricuspis", "Phataginus tricuspis", "WITHIN"),  # one species
    ("Loxodonta cyclotis", "Loxodonta africana", "OTHER"),  # two, that CITES lists under one name
    # Genera that CITES has within Manis: each is a part of it, with species of its own.
    ("Smutsia", "Manis", "BELOW"), ("Manis", "Smutsia", "WITHIN"), ("Smutsia", "Manis temminckii", "WITHIN"),
    ("Manis temminckii", "Smutsia", "BELOW"), ("Phataginus", "Manis temminckii", "OTHER"),
    ("Phataginus", "Smutsia", "OTHER"), ("Smutsia", "Manidae", "BELOW"), ("Smutsia temminckii", "Manis", "BELOW"),
    ("Uromanis", "Phataginus tetradactyla", "WITHIN"),
    ("Microglossus", "Probosciger", "WITHIN"), ("Probosciger", "Microglossus", "WITHIN"),  # one genus, two names
])  # fmt: skip
def test_taxa_are_compared_by_their_lineages(taxon, other, relation):
    assert relate(taxon, other) == Relation[relation]


@pytest.mark.parametrize("text, found", [
    ("of the genus Vulpes", {"Vulpes"}), ("of Sus scrofa", {"Sus scrofa"}), ("SUS SCROFA", {"Sus scrofa"}),
    ("of the Suidae, Artiodactyla", {"Suidae", "Artiodactyla"}), ("Gallus gallus", {"Gallus gallus"}),
    ("Argentina silus from Argentina", {"Argentina silus"}), ("Data of Victoria in Paris, Delta", set()),
])  # fmt: skip
def test_names_of_the_backbone_are_seen_and_names_of_places_and_people_are_none(text, found):
    assert taxa(text) == found


def test_the_table_of_common_names_is_whole_and_every_name_in_it_is_found():
    path = Path(taxonomy.__file__).with_name("common_names.tsv")
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert len({row["taxon"] for row in rows}) == len(rows) > 170
    assert not [row for row in rows if None in row.values() or None in row]
    by_name = {}
    for taxon, name in common_names():
        assert unicodedata.is_normalized("NFC", name) and name == name.strip()
        by_name.setdefault(skeleton(name), set()).add(taxon)
        assert taxon in taxa(f"It is {name}.", ()), name
    # What is said of a text names the taxon as a result does: the names of the Appendices go first.
    assert not [row["taxon"] for row in rows if packaged_accepted(row["taxon"]) != row["taxon"]]
    # A name of two taxa would lead to the one or the other.
    assert not {name: found for name, found in by_name.items() if len(found) > 1}


def test_names_of_people_are_compared_word_by_word():
    assert contains_name("given by Officer J.\u00a0Ro\u00e9", "J. Roe")
    assert not contains_name("Roeland J.", "J. Roe") and not contains_name("anything", "  ")
