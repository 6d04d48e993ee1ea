import csv
import json

from click.testing import CliRunner

from forensics.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["listing", *map(str, arguments)])


def test_seized_ivory_of_botswana_is_told_in_words():
    found = run(
        "Loxodonta africana", "--population", "BW", "--kind", "tusks", "--source", "I",
        "--date", "2018-05-01",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    text = " ".join(found.stdout.split())
    assert "in Appendix II, this specimen deemed I" in text
    assert "the Appendices as of 2023-11-25" in text


def test_json_is_a_line_a_taxon():
    found = run("Canis lupus", "Corvus corax", "--date", "2018-05-01", "--format", "json")
    wolf, raven = map(json.loads, found.stdout.splitlines())
    assert wolf["status"] == "depends" and wolf["appendices"][:2] == ["I", "II"]
    assert raven["status"] == "no listing found" and raven["warnings"]
    assert wolf["provenance"]["library"]["sha256"] == raven["provenance"]["library"]["sha256"]


def test_csv_has_an_answer_a_row_and_no_formulas():
    found = run("Canis lupus", "=Made up", "--date", "2018-05-01", "--format", "csv")
    rows = list(csv.DictReader(found.stdout.splitlines()))
    assert [row["appendix"] for row in rows][:2] == ["I", "II"]
    assert rows[0]["conditions"] and rows[-1]["query"] == "'=Made up"


def test_csv_has_the_same_in_every_language_but_for_sentences():
    asked = ("Loxodonta africana", "Canis lupus", "--date", "2018-05-01", "--format", "csv")
    english, french = (
        list(csv.DictReader(run(*asked, "--lang", lang).stdout.splitlines()))
        for lang in ("en", "fr")
    )
    assert len(english) == len(french) > 5
    for one, other in zip(english, french):
        assert {name for name in one if one[name] != other[name]} <= {"conditions", "national"}
    assert [row["conditions"] for row in english] != [row["conditions"] for row in french]


def test_country_is_another_name_of_population():
    asked = ("Canis lupus pallipes", "--date", "2018-05-01", "--format", "json")
    one, other = (json.loads(run(*asked, option, "India").stdout) for option in
                  ("--country", "--population"))  # fmt: skip
    assert one["appendices"] == other["appendices"] == ["I"]


def test_national_law_and_index_are_read(tmp_path):
    schedule = tmp_path / "made_up.csv"
    schedule.write_text("taxon,law,category,article\nOkapia johnstoni,Made-up Act,I,4\n")
    index = tmp_path / "index.csv"
    index.write_text("FullName,RankName,CurrentListing\nOkapia johnstoni,SPECIES,I\n")
    found = run(
        "Okapia johnstoni", "--date", "2026-06-01", "--national", schedule, "--index", index,
        "--index-date", "2026-05-01",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert "National law" in lines[1] and "Appendix I" in found.stdout


def test_options_that_do_not_fit_and_files_that_cannot_be_read_are_told(tmp_path):
    assert run("Manis", "--index", tmp_path / "x.csv").exit_code == 2
    assert run("Manis", "--date", "yesterday").exit_code == 2
    assert run("Manis", "--kind", "zzzz").exit_code == 2
    assert run("Manis", "--national", tmp_path / "none.csv").exit_code == 3


def test_a_strangers_name_does_not_steer_the_terminal():
    found = run("Manis \x1b[31mjavanica", "--date", "2018-05-01")
    assert "\x1b" not in found.stdout
