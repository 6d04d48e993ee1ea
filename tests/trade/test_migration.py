"""Stores of version 1, as the software of that time wrote them, are opened and lose nothing."""

import sqlite3
from pathlib import Path

import pytest

from forensics.errors import ForensicsError
from forensics.store.migration import migrate
from forensics.store.schema import compare_schema
from forensics.trade import import_file, open_store, schema, validate
from forensics.trade.database import SEIZURE_DATABASE
from forensics.trade.standing import decide

TABLES = (
    "about", "rows", "seizures", "specimens", "problems", "history", "conversions", "links",
)  # fmt: skip
DUMP = Path(__file__).with_name("store_version_1.sql")
"""A store that version 0.1.0 made: two rows, a correction, a conversion, a link to a case."""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.db"
    database = sqlite3.connect(path)
    database.executescript(DUMP.read_text(encoding="utf-8"))
    database.close()
    return path


def contents(path):
    database = sqlite3.connect(path)
    try:
        held = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
        held["files"] = database.execute(
            "SELECT name, sha256, header, mapping FROM files"
        ).fetchall()
        return held
    finally:
        database.close()


def test_the_frozen_store_is_one_of_version_1(old):
    database = sqlite3.connect(old)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert compare_schema(database, SEIZURE_DATABASE, version=1) == []
    assert compare_schema(database, SEIZURE_DATABASE) != []
    database.close()


def test_an_old_store_is_opened_and_every_row_of_it_stays(old):
    before = contents(old)
    with open_store(old) as store:
        first, second = store.seizures()
        assert first.get("destination") == "CD" and first.specimens[0].file == "s.csv"
        assert second.specimens[0].get("quantity_text") == "1.200 kg"
        assert validate(store).counts["QUANTITY_AMBIGUOUS"] == 1
    assert contents(old) == before
    database = sqlite3.connect(old)
    assert compare_schema(database, SEIZURE_DATABASE) == []
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    with open_store(old) as store:  # and a second time
        assert len(list(store.seizures())) == 2


def test_an_old_store_takes_files_and_decisions(old, tmp_path):
    (tmp_path / "more.csv").write_text("Reference,Date,Species\nR3,2021-01-01,Manis javanica\n")
    with open_store(old) as store:
        import_file(store, tmp_path / "more.csv")
        decide(store, 2, "set aside", decided_by="amina", reason="entered twice")
        assert [one.id for one in store.seizures()] == [1, 3]
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            store.database().execute("DELETE FROM files")


def test_a_store_that_was_changed_by_hand_is_not_migrated(old):
    database = sqlite3.connect(old)
    database.execute("DROP TRIGGER history_delete")
    database.close()
    with pytest.raises(ForensicsError, match="history_delete"):
        open_store(old)
    database = sqlite3.connect(old)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    database.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(old, monkeypatch):
    before = contents(old)
    monkeypatch.setattr(schema, "trigger_statements", lambda table: ["CREATE NONSENSE"])
    with pytest.raises(ForensicsError, match="nothing was changed"):
        open_store(old)
    monkeypatch.undo()
    assert contents(old) == before
    with open_store(old) as store:
        assert len(list(store.seizures())) == 2


def test_an_old_store_that_cannot_be_written_is_read_from_a_copy(old):
    database = sqlite3.connect(f"file:{old}?mode=ro", uri=True, isolation_level=None)
    copy = migrate(database, old, SEIZURE_DATABASE)
    assert copy.execute("SELECT count(*) FROM seizures").fetchone() == (2,)
    assert compare_schema(copy, SEIZURE_DATABASE) == []
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        copy.execute("DELETE FROM links")
    copy.close()
    assert sqlite3.connect(old).execute("PRAGMA user_version").fetchone() == (1,)
