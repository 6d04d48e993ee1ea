"""The names of the CITES Appendices before those of a backbone."""

from itertools import combinations

import pytest

from forensics.taxonomy.names import Backbone, parse_backbone, species_in_table
from forensics.taxonomy.synonyms import cites_accepted_names, prefer_cites_names, same_epithet


@pytest.fixture(scope="module")
def packaged() -> Backbone:
    from forensics.taxonomy.names import _packaged_lines

    return parse_backbone(_packaged_lines())


# Species that the Appendices, or the standard nomenclature, keep apart; NCBI has one of the two, or a third, for both.
_ONE_TO_NCBI = [
    ("Felis bieti", "Felis lybica", "Felis silvestris"),
    ("Eulemur albocollaris", "Eulemur collaris", "Eulemur fulvus"),
    ("Alouatta nigerrima", "Alouatta belzebul"),
    ("Fungia danae", "Fungia horrida"),
    ("Equus africanus", "Equus asinus"),
    ("Ovis gmelini", "Ovis aries"),
]


@pytest.mark.parametrize(
    ("name", "other"), [pair for names in _ONE_TO_NCBI for pair in combinations(names, 2)]
)
def test_two_species_of_the_law_are_never_one(packaged: Backbone, name: str, other: str) -> None:
    assert (packaged.accepted(name), packaged.accepted(other)) == (name, other)
    assert packaged.are_two_species(name, other)


def test_every_name_that_the_appendices_accept_comes_out_as_itself(packaged: Backbone) -> None:
    names = cites_accepted_names()
    assert len(names) > 1_000
    assert not {name: packaged.accepted(name) for name in names if packaged.accepted(name) != name}
    # Of their genera the backbone knows nothing.
    unknown = {name for name in names if not packaged.is_accepted(name)}
    assert not {name.partition(" ")[0] for name in unknown} & packaged.genera.keys()
    assert len(unknown) < 5


def test_what_leads_to_a_name_of_the_law_does_so_here_unless_the_backbone_has_two_species(
    packaged: Backbone,
) -> None:
    for name, others in cites_accepted_names().items():
        for other in (one for one in others if one.count(" ") == 1):
            if packaged.accepted(other) not in (name, other):
                assert not packaged.is_accepted(other)
            if same_epithet(name, other) and packaged.is_accepted(name):
                assert packaged.accepted(other) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Physeter catodon", "Physeter macrocephalus"),
        ("Epinephelus quoyans", "Epinephelus quoyanus"),
        ("Epinephelus quoyanus", "Epinephelus quoyanus"),
        ("Smutsia temminckii", "Manis temminckii"),
        ("Phataginus tricuspis", "Manis tricuspis"),
        ("Allochrocebus solatus", "Cercopithecus solatus"),
        ("Calyptocephallela gayi", "Calyptocephalella gayi"),
        ("Accipiter francesiae", "Accipiter francesii"),
        ("Aloidendron dichotomum", "Aloe dichotoma"),
        # CITES has one species where the backbone has two: they stay two.
        ("Loxodonta cyclotis", "Loxodonta cyclotis"),
        ("Psittacus timneh", "Psittacus timneh"),
        ("Mecistops leptorhynchus", "Mecistops leptorhynchus"),
        # Of an epithet that the law has for another species nothing follows.
        ("Puffinus bulleri", "Ardenna bulleri"),
    ],
)
def test_the_name_of_the_law_is_shown(packaged: Backbone, name: str, shown: str) -> None:
    assert packaged.accepted(name) == shown


@pytest.mark.parametrize(
    ("name", "species"),
    [
        ("Psittacus erithacus timneh", "Psittacus timneh"),
        ("Psittacus erithacus erithacus", "Psittacus erithacus"),
        ("Felis silvestris bieti", "Felis bieti"),
        ("Loxodonta africana cyclotis", "Loxodonta cyclotis"),
        ("Ovis ammon hodgsonii", "Ovis hodgsoni"),
        ("Panthera tigris altaica", "Panthera tigris"),
        ("Canis lupus familiaris", "Canis lupus"),
        ("Physeter catodon australis", "Physeter macrocephalus"),
        # In botany a subspecies of one species and another species may bear one epithet.
        ("Dalbergia melanoxylon nigra", "Dalbergia melanoxylon"),
    ],
)
def test_a_subspecies_rises_to_the_species_that_bears_its_epithet(
    packaged: Backbone, name: str, species: str
) -> None:
    assert packaged.is_accepted("Dalbergia nigra")
    assert packaged.accepted(name) == species


def test_a_genus_has_the_species_of_the_law_and_one_that_lost_all_is_still_known(
    packaged: Backbone,
) -> None:
    assert set(packaged.species_of("Manis")) >= {"Manis temminckii", "Manis tricuspis"}
    assert (packaged.known_species("Smutsia"), packaged.known_species("Manidae")) == (0, 9)
    assert packaged.ranks_of("Smutsia")["family"] == "Manidae"
    assert packaged.families["Manidae"][0].genera == 1
    table = packaged.subset(["Felis"]).to_text().encode()
    assert {"Felis bieti", "Felis lybica"} <= {*species_in_table(table, "Felis")}


def test_of_homonyms_the_genus_that_is_listed_gets_the_species(packaged: Backbone) -> None:
    lizards = packaged.species_of("Abronia", known=["Anguidae"])
    assert "Abronia anzuetoi" in lizards
    assert "Abronia anzuetoi" not in packaged.species_of("Abronia", known=["Nyctaginaceae"])


def test_a_synonym_goes_with_the_species_that_bears_its_epithet() -> None:
    accepted, synonyms = prefer_cites_names(
        {"Felis silvestris"},
        {"Felis bieti": "Felis silvestris", "Catolynx bieti": "Felis silvestris",
         "Catus silvestris": "Felis silvestris"},
    )  # fmt: skip
    assert accepted == {
        "Felis silvestris": "Felis silvestris", "Felis bieti": "Felis silvestris",
        **{name: name for name in accepted if name not in ("Felis silvestris", "Felis bieti")},
    }  # fmt: skip
    assert synonyms["Catolynx bieti"] == "Felis bieti"
    assert synonyms["Catus silvestris"] == "Felis silvestris"


def test_the_law_does_not_change_what_it_says_nothing_of() -> None:
    accepted, synonyms = prefer_cites_names({"Fictus albus"}, {"Vetus albus": "Fictus albus"})
    assert (accepted["Fictus albus"], synonyms["Vetus albus"]) == ("Fictus albus", "Fictus albus")


def test_applied_twice_it_changes_nothing(packaged: Backbone) -> None:
    names = {
        f"{genus} {epithet}"
        for genus, taxa in packaged.genera.items()
        for taxon in taxa
        for epithet in taxon.species
    }
    accepted, synonyms = prefer_cites_names(names, packaged.synonyms)
    assert names <= accepted.keys()
    assert synonyms == packaged.synonyms
