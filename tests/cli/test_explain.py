"""``forensics explain``: codes and words, from the one catalogue and the one glossary."""

import json

import pytest
from click.testing import CliRunner

from forensics.cli import main
from forensics.glossary import read_glossary
from forensics.notices import SUBJECTS, Kinds


def explain(*words):
    return CliRunner().invoke(main, ["explain", *words])


@pytest.mark.parametrize("word", ["CHIMERA", "chimera", "Chimera"])
def test_a_code_is_explained_with_its_severity_and_what_to_do(word):
    text = explain(word).stdout
    assert "CHIMERA" in text and "blocks" in text and "What to do" in text


def test_a_code_of_two_subjects_is_explained_for_both():
    records = map(json.loads, explain("PRIOR_SENSITIVE", "--format", "json").stdout.splitlines())
    assert {record["subject"]: record["severity"] for record in records} == {
        "calls": "context",
        "captive": str(Kinds("captive")["PRIOR_SENSITIVE"].severity),
    }


@pytest.mark.parametrize(
    "words",
    [
        ["chain", "of", "custody"],
        ["chain of custody"],
        ["chaîne de possession"],
        ["cadena", "de", "custodia"],
    ],
)
def test_a_word_is_explained_in_each_language(words):
    text = explain(*words).stdout
    assert text.startswith("chain of custody\n")
    assert "chaîne de possession" in text and "cadena de custodia" in text


def test_every_code_and_every_term_is_explained_without_marks_of_a_page():
    codes = {code for subject in SUBJECTS for code in Kinds(subject)}
    terms = {term.term for term in read_glossary()}
    assert len(codes) > 140 and len(terms) > 100
    for name in sorted(codes | terms):
        result = explain(name)
        assert result.exit_code == 0, (name, result.output)
        assert "](" not in result.stdout and "`" not in result.stdout


@pytest.mark.parametrize(
    ("word", "near"),
    [("CHIMAERA", "CHIMERA"), ("calibraton", "calibration"), ("single record", "SINGLE_RECORD")],
)
def test_an_unknown_word_gets_a_suggestion_or_is_understood(word, near):
    result = explain(word)
    assert near in result.output


def test_an_unknown_word_is_an_error_of_usage():
    result = explain("qqqqqqq")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No notice or term is called 'qqqqqqq'." in result.stderr
    assert "Similar: CHIMERA" in explain("CHIMAERA").stderr
