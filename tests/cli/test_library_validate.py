import json

import pytest
from click.testing import CliRunner

from forensics.cli import main


def forensics(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def made(library, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return library


def test_it_writes_a_page_and_json_here(made, tmp_path):
    result = forensics("library", "validate", made.path, "--samples", 5)
    assert result.exit_code == 0, result.output
    assert result.stdout.index("stated before the run") < result.stdout.index("COI:")
    found = json.loads((tmp_path / "validation-simulated" / "validation.json").read_text("utf-8"))
    text = (tmp_path / "validation-simulated" / "validation.html").read_text("utf-8")
    for place in (found["library"]["sha256"], text):
        assert made.sha256 in place
    assert found["time"] == "2023-11-14T22:13:20Z" and found["time"] in text
    assert found["parameters"]["samples"] == 5
    assert sorted(p.name for p in (tmp_path / "validation-simulated").iterdir()) == [
        "validation.html", "validation.json",
    ]  # fmt: skip


def test_two_runs_are_the_same_to_the_byte(made, tmp_path):
    for name in ("one", "two"):
        forensics("library", "validate", made.path, "--samples", 5, "--output", name)
    for file in ("validation.json", "validation.html"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_known_specimens_enter_the_page(made, tmp_path):
    (tmp_path / "k.csv").write_text(
        "specimen;true species;called taxon\n<b>1</b>;Fictus albus;Fictus niger\n"
    )
    result = forensics(
        "library", "validate", made.path, "--samples", 3, "--known", "k.csv", "--output", "out"
    )
    assert result.exit_code == 0, result.output
    text = (tmp_path / "out" / "validation.html").read_text("utf-8")
    assert "&lt;b&gt;1&lt;/b&gt;" in text and "<b>1</b>" not in text
    found = json.loads((tmp_path / "out" / "validation.json").read_text("utf-8"))
    assert found["known"]["all"]["wrong"]["count"] == 1


def test_nothing_is_written_into_a_library(made):
    result = forensics("library", "validate", made.path, "--output", made.path / "v")
    assert result.exit_code == 2 and "is inside the library" in result.stderr
    assert not (made.path / "v").exists()


def test_a_bad_table_leaves_with_3_before_the_run(made, tmp_path):
    (tmp_path / "k.csv").write_text("a,b\n1,2\n")
    result = forensics("library", "validate", made.path, "--known", "k.csv")
    assert result.exit_code == 3 and "k.csv, line 1" in result.stderr
    assert not (tmp_path / "validation-simulated").exists()


def test_a_damaged_library_leaves_with_4(library_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = library_folder / "COI" / "records.tsv"
    table.write_bytes(table.read_bytes().replace(b"Nowhere", b"Elsewhe", 1))
    result = forensics("library", "validate", library_folder, "--samples", 3)
    assert result.exit_code == 4
    assert not (tmp_path / "validation-simulated").exists()
