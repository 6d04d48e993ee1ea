"""Settings: files of a laboratory and of a person, which give what an option does not."""

import hashlib
import json

import pytest
from command_line import records, typed
from simulation import SPECIES, query

from forensics.cli import options
from forensics.core.provenance import Provenance


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run commands with files of settings in an empty folder."""
    monkeypatch.delenv("FORENSICS_NO_SETTINGS")
    monkeypatch.delenv("FORENSICS_LEDGER", raising=False)
    monkeypatch.setattr(options.click, "get_app_dir", lambda _name: str(tmp_path / "user"))
    return typed


@pytest.fixture
def mine(tmp_path):
    """The user's file."""
    path = tmp_path / "user" / "settings.toml"
    path.parent.mkdir()
    return path


@pytest.fixture
def sequence(tmp_path):
    path = tmp_path / "a.fasta"
    path.write_text(f">a\n{query()}\n")
    return path


@pytest.fixture
def identified(run, sequence, library):
    """Return a function that identifies a sequence and gives what is stored of how it was done."""

    def identified(options="", before=""):
        asked = f"{before} identify --library {library.path} --format json {options}"
        (result,) = records(run(asked, sequence))
        return result["provenance"]

    return identified


def test_settings_are_the_defaults_of_options_and_stand_in_the_provenance(
    run, mine, sequence, library
):
    mine.write_text(
        f"library = {json.dumps(str(library.path))}\nconfidence = 0.97\nform = 'json'\n"
    )
    (made,) = records(run("identify", sequence))
    assert made["taxon"] == SPECIES[0]
    assert made["provenance"]["parameters"]["confidence"] == 0.97
    sha256 = hashlib.sha256(mine.read_bytes()).hexdigest()
    assert made["provenance"]["settings"]["confidence"] == {
        "value": 0.97, "of": "user", "file": "settings.toml", "sha256": sha256,
    }  # fmt: skip
    assert set(made["provenance"]["settings"]) == {"library", "confidence"}
    read = Provenance.from_stored(made["provenance"])
    assert read.to_dict() == made["provenance"]


def test_an_option_goes_before_a_setting_and_is_not_recorded_as_one(identified, mine):
    mine.write_text("confidence = 0.97\n")
    made = identified("--confidence 0.9")
    assert made["parameters"]["confidence"] == 0.9 and "settings" not in made


def test_the_users_own_settings_go_before_those_of_the_laboratory(
    identified, mine, tmp_path, monkeypatch
):
    laboratory = tmp_path / "laboratory.toml"
    laboratory.write_text("confidence = 0.99\nprior = 0.6\n")
    monkeypatch.setenv("FORENSICS_SETTINGS", str(laboratory))
    mine.write_text("confidence = 0.97\n")
    used = identified()["settings"]
    assert {key: (value["value"], value["of"]) for key, value in used.items()} == {
        "confidence": (0.97, "user"),
        "prior": (0.6, "laboratory"),
    }


@pytest.mark.parametrize("way", ["option", "environment"])
def test_scripts_leave_settings_aside(identified, mine, monkeypatch, way):
    mine.write_text("confidence = 0.97\n")
    if way == "environment":
        monkeypatch.setenv("FORENSICS_NO_SETTINGS", "1")
    made = identified(before="--no-settings" if way == "option" else "")
    assert made["parameters"]["confidence"] == 0.95 and "settings" not in made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "library = 'x'\nconfidnce = 0.9\n",
            "line 2: there is no setting 'confidnce'. Did you mean 'confidence'?",
        ),
        ("\nconfidence = 2\n", "line 2: confidence = 2 is not valid; expected: a number above 0.5"),
        ("confidence = 'high'\n", "line 1: confidence = 'high' is not valid"),
        (
            "language = 'xx'\n",
            "line 1: language = 'xx' is not valid; expected: one of en, es, fr.",
        ),
        ("[identify]\nlibrary = 'x'\n", "line 1: there is no setting 'identify'"),
        ("library =\n", "is not TOML"),
    ],
)
def test_a_bad_file_is_an_error_with_line_and_setting(run, mine, sequence, text, message):
    mine.write_text(text)
    result = run("identify", sequence, expect=2)
    assert message in result.stderr and str(mine) in result.stderr and not result.stdout


def test_a_bad_file_can_be_mended_with_the_command(run, mine):
    mine.write_text("confidnce = 0.9\n")
    run("--help")
    run("settings", expect=2)
    run("settings confidnce --unset")
    run("settings")


def test_a_laboratorys_file_that_is_named_must_be_there(run, tmp_path, monkeypatch, sequence):
    monkeypatch.setenv("FORENSICS_SETTINGS", str(tmp_path / "none.toml"))
    assert "none.toml" in run("identify", sequence, expect=2).stderr


def test_what_others_wrote_stays_in_the_file(run, mine):
    mine.write_text("# ours\nprior = 0.8\n")
    run("settings confidence 0,98")
    run("settings person amina")
    assert mine.read_text() == '# ours\nprior = 0.8\nconfidence = 0.98\nperson = "amina"\n'
    shown = {
        row["setting"]: (row["value"], row["of"]) for row in records(run("settings --format json"))
    }
    assert shown["confidence"] == (0.98, "user") and shown["library"] == (None, None)
    run("settings prior --unset")
    assert "prior" not in mine.read_text() and "# ours" in mine.read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        "--unset",
        "prior 0.7 --unset",
        "prior --laboratory",
        "confidnce 0.9",
        "confidence 2",
        "form xml",
    ],
)
def test_what_would_not_do_is_refused_and_leaves_the_file(run, mine, wrong):
    mine.write_text("prior = 0.8\n")
    run(f"settings {wrong}", expect=2)
    assert mine.read_text() == "prior = 0.8\n"


def test_a_path_that_is_set_counts_from_where_it_is_typed(run, mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("settings ledger laboratory.db")
    run("settings library embedded")
    shown = {row["setting"]: row["value"] for row in records(run("settings --format json"))}
    assert (shown["ledger"], shown["library"]) == (str(tmp_path / "laboratory.db"), "embedded")
    monkeypatch.chdir(mine.parent)
    run("settings ledger laboratory.db")
    assert 'ledger = "laboratory.db"\n' in mine.read_text()


def test_the_language_of_a_setting_is_spoken_and_lang_goes_before_it(run, mine):
    mine.write_text("language = 'fr'\n")
    assert "Exemple" in run("listing --help").stdout or "Exemple" in run("--help").stdout
    assert "Example" in run("--lang en --help").stdout


def test_the_ledger_of_a_setting_is_meant_where_none_is_given(run, mine):
    mine.write_text("ledger = 'laboratory.db'\n")
    asked = "custody review 2026-014"
    assert str(mine.parent / "laboratory.db") in run(asked, expect=3).output
    assert "Missing option '--ledger'" in run(f"--no-settings {asked}", expect=2).output


def test_a_form_that_a_command_does_not_have_is_left_aside(run, mine):
    mine.write_text("form = 'csv'\n")
    assert run("explain CHIMERA").stdout.startswith("CHIMERA\n")
