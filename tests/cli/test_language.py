import csv
import gettext
import io
import json
import os

import pytest
from command_line import every_command, typed
from simulation import query

from forensics import messages
from forensics.cli.options import spoken
from forensics.messages import DOMAIN, LOCALE, available, language

FRENCH = gettext.translation(DOMAIN, LOCALE, languages=["fr"]).gettext
NO_FILES = "No files were given."
ALL = dict(every_command())


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """English outside, and nothing of a run left behind."""
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    assert os.environ["LANGUAGE"] == "en"
    assert language() == "en"
    assert gettext.textdomain() == "messages"


def said(line, code=2):
    result = typed(line, expect=code)
    return result.stdout + result.stderr


@pytest.mark.parametrize(
    "line",
    [
        "--lang fr identify",
        "--lang=fr identify",
        "identify --lang fr",
        "identify --lang=fr --locus COI",
        "identify --locus COI --lang fr",
        "--lang en identify --lang fr",
        "--lang fr_CA identify",
        "--lang fr-FR identify",
        "identify --lang FR",
    ],
)
def test_the_language_may_stand_anywhere(line):
    assert FRENCH(NO_FILES) != NO_FILES
    assert FRENCH(NO_FILES) in said(line)


@pytest.mark.parametrize(
    "line",
    [
        "custody --lang fr log",
        "custody log --lang fr",
        "trade --lang fr show",
        "trade show --lang fr",
        "library build --lang fr",
    ],
)
def test_and_before_or_after_a_command_of_a_group(line):
    assert FRENCH("Usage:") in said(line)
    assert FRENCH("Usage:") != "Usage:"


@pytest.mark.parametrize("name", ALL)
def test_every_command_takes_it_and_the_first_help_alone_names_it(name):
    option = next(one for one in ALL[name].params if "--lang" in one.opts)
    below = name.removeprefix("forensics")
    assert option.hidden == bool(below)
    shown = said(f"{below} --help", code=0)
    assert ("--lang LANGUAGE" in shown) == (not below)


def test_the_first_help_names_the_languages():
    assert f"({', '.join(available())})" in " ".join(said("--help", code=0).split())


@pytest.mark.parametrize("line", ["--lang xx identify", "identify --lang=xx a.fasta"])
def test_an_unknown_language_is_refused_and_the_known_ones_are_named(line):
    text = said(line)
    assert "Invalid value for '--lang'" in text
    assert f"'xx'; available: {', '.join(available())}." in text


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        ("identify --lang", "'--lang' requires an argument", 2),
        ("identify -- --lang fr", "--lang: there is no such file", 3),
        ("identify --locus --lang fr", "Unknown locus '--lang'", 2),
        ("identify --language fr a.fasta", "No such option", 2),
    ],
)
def test_what_is_another_option_or_none_is_not_taken_for_it(line, text, code):
    assert text in said(line, code)


def test_the_first_of_two_is_meant_where_the_second_is_a_value():
    text = said("identify --lang fr --locus --lang en")
    assert text.startswith(FRENCH("Error: {}").format("")) and "'--lang'" in text


def test_it_outdoes_the_environment(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "fr")
    messages.speak()
    try:
        assert FRENCH(NO_FILES) in said("identify")
        assert NO_FILES in said("--lang en identify")
        assert FRENCH(NO_FILES) in said("identify")
        assert os.environ["LANGUAGE"] == "fr"
    finally:
        monkeypatch.setenv("LANGUAGE", "en")
        messages.speak()


def test_other_processes_of_a_run_find_it_in_their_environment():
    with spoken(["identify", "--lang", "fr-CA"]):
        assert os.environ["LANGUAGE"] == "fr"
        assert gettext.gettext("Usage:") == FRENCH("Usage:")  # what click asks
    with spoken(["identify"]):
        assert os.environ["LANGUAGE"] == "en"


def test_a_language_that_is_further_down_the_list_is_not_spoken_by_click_alone(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en:fr")
    text = said("identify")
    assert "Usage:" in text
    assert NO_FILES in text
    monkeypatch.setenv("LANGUAGE", "en")


def test_helps_and_click_speak_it_in_a_process_of_its_own(run):
    for arguments in (["--lang", "fr", "identify", "--help"], ["identify", "-h", "--lang=fr"]):
        text = run("-m", "forensics", *arguments, LANGUAGE="en").stdout
        assert text.startswith(FRENCH("Usage:"))
        assert FRENCH("Show this message and exit.") in text
        assert "Exemples" in text
    first = run("-m", "forensics", "--help", "--lang", "fr", LANGUAGE="en").stdout
    assert FRENCH("Show the version and exit.") in first
    assert "Exemple" in first


@pytest.fixture
def results(run, tmp_path, library):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")

    def results(style, lang):
        found = run(
            "-m", "forensics", "identify", path, "--library", library.path, "--format", style,
            "--lang", lang, SOURCE_DATE_EPOCH="1795564800",
        )  # fmt: skip
        assert found.returncode == 0, found.stderr
        return found.stdout

    return results


def test_a_table_has_the_numbers_of_the_language(results):
    assert "99.85%" in results("table", "en")
    french = results("table", "fr")
    assert "99,85\u00a0%" in french
    assert "99.85" not in french


def without_texts(value):
    """Return everything but what is written for people."""
    if isinstance(value, dict):
        return {k: without_texts(v) for k, v in value.items() if k not in ("message", "limits")}
    return [without_texts(one) for one in value] if isinstance(value, list) else value


def test_json_and_csv_have_the_same_numbers_in_every_language(results):
    english, french = (json.loads(results("json", lang)) for lang in ("en", "fr"))
    assert without_texts(english) == without_texts(french)
    assert english != french, "its notes are in the language"
    rows = [next(csv.DictReader(io.StringIO(results("csv", lang)))) for lang in ("en", "fr")]
    for name in ("identity", "probability", "status", "taxon", "rank", "length"):
        assert rows[0][name] == rows[1][name], name
    assert "," not in rows[1]["probability"]
