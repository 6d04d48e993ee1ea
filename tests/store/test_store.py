"""SQLite files of any kind: opened, checked, written whole or not at all."""

import ast
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sources import imported_names, modules

from forensics.custody.storage import LEDGER_DATABASE
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.store.connections import (
    PRAGMAS,
    DatabaseKind,
    open_memory,
    open_reader,
    open_writer,
    transaction,
    translate_errors,
)
from forensics.store.copies import copy_database, private_copy
from forensics.store.schema import (
    check_schema,
    compare_schema,
    create_schema,
    find_damage,
    split_script,
)
from forensics.trade.store import SEIZURE_DATABASE

FIRST = """CREATE TABLE animals (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
CREATE TRIGGER animals_delete BEFORE DELETE ON animals
BEGIN SELECT RAISE(ABORT, 'animals are never deleted'); END;
"""
SECOND = FIRST.replace("NOT NULL\n)", "NOT NULL\n, place TEXT)")


KIND = DatabaseKind(
    application_id=0x54455354,
    scripts={1: FIRST, 2: SECOND},
    missing="no file",
    foreign="{path}: another kind",
    damaged="{path}: damaged: {error}",
    journal="DELETE",
    max_bytes=10**6,
)
KINDS = {"test": KIND, "ledger": LEDGER_DATABASE, "seizures": SEIZURE_DATABASE}


def make(path, kind=KIND, *, version=None):
    with closing(open_writer(path, kind, create=True)) as connection:
        create_schema(connection, kind, version=version)
    return path


@pytest.fixture
def path(tmp_path):
    return make(tmp_path / "animals.db")


# -- one place ----------------------------------------------------------------------------


def test_only_the_store_imports_sqlite(root):
    package = root / "forensics"
    users = {
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if "sqlite" in path.read_text(encoding="utf-8")
        and {"sqlite3", "sqlite_utils"} & {name.partition(".")[0] for name in imported_names(path)}
    }
    assert users == {"store"}


def test_what_a_module_imports_is_what_its_parsed_text_imports(root, some):
    for path in some(modules(root), 12):
        parsed = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                parsed.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                parsed |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        assert imported_names(path) >= parsed, path


# -- a new file, and one that is opened ---------------------------------------------------


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_new_file_is_of_its_kind_and_version(tmp_path, kind):
    make(tmp_path / "new.db", kind)
    with closing(open_reader(tmp_path / "new.db", kind)) as connection:
        assert check_schema(connection, tmp_path / "new.db", kind) == kind.version


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_all_connections_have_the_same_settings(tmp_path, kind, monkeypatch):
    # Other tests on this worker may not wait for the disk.
    monkeypatch.setattr("forensics.store.connections.PRAGMAS", PRAGMAS)
    path = make(tmp_path / "new.db", kind)
    connections = [open_writer(path, kind), open_reader(path, kind), open_memory()]
    for connection in connections:
        for pragma in PRAGMAS:
            name, value = pragma.split("=")
            (stored,) = connection.execute(f"PRAGMA {name}").fetchone()
            assert stored == {"ON": 1, "OFF": 0, "FULL": 2}[value], pragma
        assert connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == 32 * 2**20
        connection.close()


def test_a_reader_changes_nothing(path):
    with closing(open_reader(path, KIND)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("open_it", [open_reader, open_writer])
def test_a_file_that_is_not_there_is_not_made(tmp_path, kind, open_it):
    with pytest.raises(InputError):
        open_it(tmp_path / "none.db", kind)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_text_file_is_no_database(tmp_path, kind):
    path = tmp_path / "notes.db"
    path.write_text("a note that is longer than the header of a database\n" * 20)
    with pytest.raises(VerificationError, match="damaged"):
        open_reader(path, kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_file_of_another_kind_is_refused(path, kind):
    with closing(open_reader(path, kind)) as connection:
        if kind is KIND:
            kind = replace(KIND, application_id=1)
        with pytest.raises(VerificationError, match=r"another kind|this is no"):
            check_schema(connection, path, kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("version", "text"), [(0, "version 0"), (9, "a newer version")])
def test_a_version_that_is_unknown_is_refused(tmp_path, kind, version, text):
    path = make(tmp_path / "a.db", kind)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={version}")
    with closing(open_reader(path, kind)) as connection:
        with pytest.raises(VerificationError, match=text):
            check_schema(connection, path, kind)


@pytest.mark.parametrize(
    ("statement", "differences"),
    [
        ("DROP TRIGGER animals_delete", ["trigger animals_delete missing"]),
        ("CREATE VIEW names AS SELECT name FROM animals", ["view names extra"]),
        ("CREATE INDEX places ON animals (place)", ["index places extra"]),
        ("ALTER TABLE animals ADD COLUMN age TEXT", ["table animals changed"]),
        ("ANALYZE", []),
    ],
)
def test_what_was_changed_in_the_schema_is_named(path, statement, differences):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        assert [str(difference) for difference in compare_schema(connection, KIND)] == differences
        if differences:
            with pytest.raises(VerificationError, match=differences[0]):
                check_schema(connection, path, KIND)
        else:
            check_schema(connection, path, KIND)


def test_damage_is_found_where_an_index_is_not_that_of_its_table(path):
    with closing(open_writer(path, KIND)) as connection:
        assert find_damage(connection) == []
        connection.execute("CREATE INDEX names ON animals (name)")
        connection.executemany(
            "INSERT INTO animals VALUES (?, ?, NULL)", [(n, f"animal {n}") for n in range(9)]
        )
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'names'")
        connection.execute("PRAGMA writable_schema=OFF")
    with closing(open_reader(path, KIND)) as connection:
        (damage, *_more) = find_damage(connection)
    assert "never used" in damage


def test_a_script_is_split_at_the_ends_of_its_statements():
    table, trigger = split_script(FIRST)
    assert table.startswith("CREATE TABLE") and table.endswith("STRICT;")
    assert trigger.startswith("CREATE TRIGGER") and trigger.endswith("END;")


# -- transactions -------------------------------------------------------------------------


class _Interrupted(BaseException):
    """As Ctrl-C, but not that of the test run."""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, _Interrupted])
def test_a_transaction_that_is_interrupted_leaves_nothing(path, error):
    with closing(open_writer(path, KIND)) as connection:
        with pytest.raises(error):
            with transaction(connection):
                connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
                raise error
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM animals").fetchone() == (0,)


@pytest.mark.parametrize(("dry_run", "rows"), [(False, 1), (True, 0)])
def test_of_a_dry_run_nothing_stays(path, dry_run, rows):
    with closing(open_writer(path, KIND)) as connection:
        with transaction(connection, dry_run=dry_run):
            connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
    with closing(open_reader(path, KIND)) as connection:
        assert connection.execute("SELECT count(*) FROM animals").fetchone() == (rows,)


def test_a_schema_that_fails_in_the_middle_leaves_an_empty_file(tmp_path):
    broken = replace(KIND, scripts={1: FIRST + "CREATE NONSENSE;\n"})
    with closing(open_writer(tmp_path / "a.db", KIND, create=True)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            create_schema(connection, broken)
        assert connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
        assert connection.execute("PRAGMA application_id").fetchone() == (0,)


# -- errors -------------------------------------------------------------------------------


def test_a_locked_file_is_named(path):
    with closing(open_writer(path, KIND)) as first, closing(open_writer(path, KIND)) as second:
        second.execute("PRAGMA busy_timeout=10")
        with (
            transaction(first),
            pytest.raises(ForensicsError, match="animals.db: another program keeps it locked"),
        ):
            with translate_errors(path, KIND), transaction(second):
                raise AssertionError("two write at once")


def test_a_full_disk_is_named_and_changes_nothing(path):
    with closing(open_writer(path, KIND)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(ForensicsError, match="animals.db: the disk is full"):
            with translate_errors(path, KIND), transaction(connection):
                connection.execute("INSERT INTO animals VALUES (1, ?, NULL)", ("x" * 100_000,))
        assert not connection.in_transaction
        assert connection.execute("SELECT count(*) FROM animals").fetchone() == (0,)


def test_a_rule_of_the_schema_is_named(path):
    with closing(open_writer(path, KIND)) as connection:
        connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
        with pytest.raises(ForensicsError, match="refused this; .*animals are never deleted."):
            with translate_errors(path, KIND):
                connection.execute("DELETE FROM animals")


def test_a_damaged_page_is_named(path):
    with closing(open_writer(path, KIND)) as connection:
        connection.executemany(
            "INSERT INTO animals VALUES (?, ?, NULL)", [(n, "x" * 500) for n in range(100)]
        )
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    path.write_bytes(data)
    with closing(open_reader(path, KIND)) as connection:
        with pytest.raises(VerificationError, match="damaged"), translate_errors(path, KIND):
            connection.execute("SELECT name FROM animals").fetchall()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(path):
    path.parent.chmod(0o500)
    path.chmod(0o400)
    try:
        with closing(open_writer(path, KIND)) as connection:
            with pytest.raises(ForensicsError, match="not writable"):
                with translate_errors(path, KIND), transaction(connection):
                    connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
    finally:
        path.parent.chmod(0o700)


# -- copies -------------------------------------------------------------------------------


def test_a_copy_is_whole_and_overwrites_nothing(path, tmp_path):
    with closing(open_writer(path, KIND)) as connection:
        connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
        copy_database(connection, tmp_path / "copy.db", KIND)
        with pytest.raises(UsageError, match="already exists"):
            copy_database(connection, tmp_path / "copy.db", KIND)
    with closing(open_reader(tmp_path / "copy.db", KIND)) as connection:
        assert check_schema(connection, tmp_path / "copy.db", KIND) == 2
        assert connection.execute("SELECT name FROM animals").fetchall() == [("Loxodonta",)]
    assert {file.name for file in tmp_path.iterdir()} == {"animals.db", "copy.db"}


def test_a_private_copy_of_a_file_that_is_too_large_is_refused(path):
    with pytest.raises(InputError, match="at most 100"):
        with private_copy(path, replace(KIND, max_bytes=100)):
            raise AssertionError("copied")


def test_a_private_copy_is_removed_and_the_original_stays(path):
    before = path.read_bytes()
    with private_copy(path, KIND) as copy:
        with closing(open_writer(copy.path, KIND)) as connection:
            connection.execute("INSERT INTO animals VALUES (1, 'Loxodonta', NULL)")
        folder = Path(copy.path).parent
    assert path.read_bytes() == before and not folder.exists()
