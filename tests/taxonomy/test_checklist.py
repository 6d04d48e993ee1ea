"""The table of species and countries that a laboratory gives with a region."""

import pytest

from forensics.errors import InputError, UsageError
from forensics.io.tables import xlsx_bytes
from forensics.taxonomy.checklist import read_checklist
from forensics.taxonomy.names import Backbone, Taxon

ROWS = "species,country\nSmutsia gigantea,CM\nSmutsia gigantea,GA\nSmutsia temminckii,ZA\n"


def read(folder, text=ROWS, region=("CM",), backbone=None):
    path = folder / "species.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_checklist(path, region, backbone)


def test_the_species_of_the_region_are_those_with_a_row_of_one_of_its_countries(tmp_path):
    found = read(tmp_path)
    assert found.in_region == {"Manis gigantea": ("CM",)}
    assert found.species == {"Manis": ["Manis gigantea", "Manis temminckii"]}
    assert read(tmp_path, region=("GA", "CM", "ZA")).in_region == {
        "Manis gigantea": ("CM", "GA"),
        "Manis temminckii": ("ZA",),
    }


@pytest.mark.parametrize("head", ["espèce;pays", "Especie;País", "scientificName;countryCode"])
def test_heads_are_read_in_the_languages_of_the_program(tmp_path, head):
    text = f"{head}\nManis gigantea;Cameroun\n"
    assert read(tmp_path, text).in_region == {"Manis gigantea": ("CM",)}


@pytest.mark.parametrize("written", ["CM", "cm", "CMR", "Cameroon", "Cameroun", "CM-OU"])
def test_a_country_is_given_by_code_or_name_and_a_part_of_it_is_the_country(tmp_path, written):
    text = f"species,country\nSmutsia gigantea,{written}\n"
    assert read(tmp_path, text, region=[written]).region == ("CM",)
    assert read(tmp_path, text).in_region == {"Manis gigantea": ("CM",)}


@pytest.mark.parametrize(
    "text",
    [
        ROWS.replace(",", ";"),
        "\ufeff" + ROWS.replace(",", "\t").replace("\n", "\r\n"),
        ROWS.replace("species,country", "Scientific name,Country code"),
        xlsx_bytes(["species", "country"], [row.split(",") for row in ROWS.splitlines()[1:]]),
    ],
    ids=["semicolons", "tabs and a mark", "other heads", "a workbook"],
)
def test_it_is_read_as_any_table_is(tmp_path, text):
    assert read(tmp_path, text).in_region == {"Manis gigantea": ("CM",)}


def test_an_author_and_a_subspecies_belong_to_the_species(tmp_path):
    text = 'species,country\n"Smutsia gigantea (Illiger, 1815)",CM\nPanthera pardus pardus,CM\n'
    assert sorted(read(tmp_path, text).in_region) == ["Manis gigantea", "Panthera pardus"]


def test_a_synonym_is_read_under_the_name_that_the_library_accepts(tmp_path):
    smutsia = {"Smutsia": (Taxon({"family": "Manidae"}, ("gigantea",), 1),)}
    backbone = Backbone(smutsia, synonyms={"Manis gigantea": "Smutsia gigantea"})
    text = "species,country\nManis gigantea,CM\n"
    found = read(tmp_path, text, backbone=backbone)
    assert found.in_region == {"Smutsia gigantea": ("CM",)}
    assert not found.notices


def test_a_name_that_no_backbone_knows_is_kept_and_told(tmp_path):
    found = read(tmp_path, ROWS + "Smutsia gigantaea,CM\nSmutsia gigantaea,GA\n")
    assert found.in_region["Smutsia gigantaea"] == ("CM",)
    (notice,) = found.notices
    assert "names 1 species that no backbone of names knows" in notice.message
    assert "Smutsia gigantaea (line 5)" in notice.message
    assert not read(tmp_path).notices


def test_rows_that_say_a_thing_again_count_once_and_are_told(tmp_path):
    found = read(tmp_path, ROWS + "Smutsia gigantea,CMR\n")
    assert found.in_region == read(tmp_path).in_region
    assert found.notices[0].message.endswith("repeats an earlier one and counts once: line 5.")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "the file is empty"),
        ("species,country\n", None, "the table has no rows"),
        ("taxon;land\nSmutsia gigantea;CM\n", 1, "missing: country"),
        ("species,country\nSmutsia gigantea,\n", 2, "the column 'country' is empty"),
        ("species,country\nSmutsia gigantea,Atlantis\n", 2, "found 'Atlantis'; expected one country"),
        ("species,country\nSmutsia gigantea,CM GA\n", 2, "found 'CM GA'; expected one country"),
        ("species,country\nSmutsia,CM\n", 2, "found 'Smutsia'; expected a species by genus and"),
        ("species,country\nSmutsia temminckii,ZA\n", None, "no species of the table lives in CM"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_told_with_its_place(tmp_path, text, line, said):
    with pytest.raises(InputError) as refused:
        read(tmp_path, text)
    assert said in refused.value.message
    assert refused.value.line == line
    assert "species.csv" in refused.value.source


def test_of_several_countries_each_must_have_a_species(tmp_path):
    with pytest.raises(InputError, match="lives in BR; it has rows of CM, GA, ZA"):
        read(tmp_path, region=("CM", "BR"))


@pytest.mark.parametrize("country", ["XX", "", "CM GA"])
def test_a_region_that_is_no_country_is_refused(tmp_path, country):
    with pytest.raises(UsageError, match="region: found"):
        read(tmp_path, region=[country])
