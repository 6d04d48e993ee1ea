import pytest

from forensics.core import stored
from forensics.core.stored import day_in_words


@pytest.fixture
def french(monkeypatch):
    texts = {
        "March": "mars",
        "1st (of a month)": "1er",
        "{day} {month} {year}": "{day} {month} {year}",
    }
    monkeypatch.setattr(stored, "language", lambda: "fr")
    monkeypatch.setattr(stored, "_", lambda text: texts.get(text, text))


def test_a_day_in_words(french):
    assert day_in_words("2026-03-09") == "9 mars 2026"
    assert day_in_words("2026-03-01T23:59:00.000000Z") == "1er mars 2026"


def test_in_english_it_is_as_the_records_have_it():
    assert day_in_words("2026-03-09T08:05:00.000000Z") == "2026-03-09"


@pytest.mark.parametrize("text", ["2026-03", "", "(erased by order)", "2026-13-01"])
def test_what_is_no_day_stays(french, text):
    assert day_in_words(text) == text
