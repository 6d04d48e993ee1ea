"""``forensics explain``: codes and words, from the one catalogue and the one glossary."""

import pytest
from command_line import typed

from forensics.glossary import read_glossary
from forensics.notices import SUBJECTS, Kinds


def explain(words, **options):
    return typed(f"explain {words}", **options)


@pytest.mark.parametrize("word", ["CHIMERA", "chimera", "Chimera"])
def test_a_code_is_explained_with_its_severity_and_what_to_do(word):
    text = explain(word).stdout
    assert "CHIMERA" in text and "blocks" in text and "What to do" in text


@pytest.mark.parametrize(
    "words",
    ["chain of custody", "'chain of custody'", "'chaîne de possession'", "cadena de custodia"],
)
def test_a_word_is_explained_in_each_language(words):
    text = explain(words).stdout
    assert text.startswith("chain of custody\n")
    assert "chaîne de possession" in text and "cadena de custodia" in text


def test_every_code_and_every_term_is_explained_without_marks_of_a_page():
    codes = {code for subject in SUBJECTS for code in Kinds(subject)}
    terms = {term.term for term in read_glossary()}
    assert len(codes) > 140 and len(terms) > 100
    for name in sorted(codes | terms):
        shown = typed("explain", name).stdout
        assert "](" not in shown and "`" not in shown


@pytest.mark.parametrize(
    ("word", "near", "code"),
    [
        ("calibraton", "calibration", 2),
        ("'single record'", "SINGLE_RECORD", 0),
        ("qqqqqqq", "No notice or term is called 'qqqqqqq'.", 2),
    ],
)
def test_an_unknown_word_gets_a_suggestion_or_is_understood(word, near, code):
    found = explain(word, expect=code)
    assert near in found.output and bool(found.stdout) == (code == 0)
