import pytest

from forensics.custody.rules import CONTROL_KINDS, RUN_KINDS
from forensics.report import labels
from forensics.report.labels import WORDS, event_name, word


@pytest.fixture
def foreign(monkeypatch):
    """A language in which every translated text is in capitals."""
    monkeypatch.setattr(labels, "language", lambda: "xx")
    monkeypatch.setattr(labels, "_", str.upper)


def test_the_kinds_of_runs_and_controls_have_words():
    assert {*RUN_KINDS, *CONTROL_KINDS} <= set(WORDS)


def test_english_has_the_codes_of_the_ledger():
    assert event_name("receive") == "receive"


def test_another_language_has_its_own_words(foreign):
    assert event_name("receive") == "RECEIPT"
    assert word("blank") == "BLANK"
    assert word(None) is None
