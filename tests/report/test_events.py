import pytest

from forensics.custody.act import COMMON_FIELDS
from forensics.custody.policy import CONTROL_KINDS, RUN_KINDS
from forensics.custody.registry import TYPES
from forensics.report import events
from forensics.report.collector import TIMELINE_FIELDS
from forensics.report.events import EVENTS, FIELDS, WORDS, about_event, event_name, word


@pytest.fixture
def foreign(monkeypatch):
    """A language in which every translated text is in capitals, and 1.5 is 1,5."""
    monkeypatch.setattr(events, "language", lambda: "xx")
    monkeypatch.setattr(events, "_", str.upper)
    monkeypatch.setattr(events, "numeral", lambda value: value.replace(".", ","))


def test_every_type_of_event_has_a_name():
    assert list(EVENTS) == list(TYPES)


def names_of(field):
    yield field.name
    for part in field.kind.parts or ():
        yield from names_of(part)


def test_every_field_that_a_timeline_shows_has_a_name():
    shown = set()
    for kind in TYPES.values():
        for field in (*kind.fields, *COMMON_FIELDS):
            if field.name in TIMELINE_FIELDS:
                shown |= set(names_of(field))
    assert set(TIMELINE_FIELDS) <= set(FIELDS)
    assert sorted(shown - set(FIELDS)) == []


def test_the_kinds_of_runs_and_controls_have_words():
    assert {*RUN_KINDS, *CONTROL_KINDS} <= set(WORDS)


def test_english_has_the_codes_of_the_ledger():
    assert event_name("receive") == "receive"
    about = {"exhibits": [{"exhibit": "E1", "quantity": "1.5", "seals": ["A", "B"]}], "to": "chen"}
    assert about_event(about) == "exhibits exhibit E1 quantity 1.5 seals A, B; to chen"


def test_another_language_has_its_own_words_and_numbers_but_names_stay(foreign):
    assert event_name("receive") == "RECEIPT"
    about = {"thing": "e1", "quantity": "1.5", "condition": "0.12 g cut off", "outcome": "agrees"}
    assert about_event(about) == (
        "OBJECT (FIELD) e1; QUANTITY (FIELD) 1,5; CONDITION (FIELD) 0.12 g cut off; "
        "OUTCOME (FIELD) AGREES"
    )
    assert word("blank") == "BLANK"
    assert word(None) is None
