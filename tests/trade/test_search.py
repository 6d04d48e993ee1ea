"""Seizures are found by words of their records and of the rows that these were read from."""

import pytest

from forensics.trade import create_store, import_file
from forensics.trade.decisions import decide
from forensics.trade.store import search_seizures

ROWS = """Reference,Date,Species,Country,Location of incident,Remarks
R1,2021-01-01,Loxodonta africana,KE,Mombasa,Hidden in tea
R2,2021-02-01,Manis javanica,SG,Pasir Panjang,"scales, tea chests"
R3,2021-03-01,Loxodonta africana,CM,Yaoundé,tusks in a lorry
"""


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    with create_store(tmp_path / "s.db") as store:
        import_file(store, path)
        yield store


def references(store, words, **options):
    return [match.seizure.get("reference") for match in search_seizures(store, words, **options)]


def test_all_words_must_occur_in_the_record_or_its_row(store):
    assert sorted(references(store, "loxodonta")) == ["R1", "R3"]
    assert references(store, "LOXODONTA mombasa") == ["R1"]
    assert sorted(references(store, "tea")) == ["R1", "R2"]
    assert references(store, "tea tusks") == []


def test_the_excerpt_shows_the_word_in_its_text(store):
    (match,) = search_seizures(store, '"tea chests"')
    assert "[tea chests]" in match.excerpt
    assert match.to_dict()["reference"] == "R2"


def test_what_is_not_counted_is_found_and_says_so(store):
    decide(store, 1, "set aside", decided_by="amina", reason="entered twice")
    (match,) = search_seizures(store, "mombasa")
    assert match.seizure.standing == "set aside"


def test_the_store_is_not_changed(store):
    before = store.path.read_bytes()
    search_seizures(store, "tea")
    assert store.path.read_bytes() == before
