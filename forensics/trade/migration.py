"""A store of an earlier version, brought to the present one: what was imported and decided stays as it was.

Version 1 knew one sheet a file and no decisions on records. What it holds is true of both versions, so that the table
of files gets a column and a table is added; no row is changed.
"""

import sqlite3

from forensics.trade import schema

__all__ = ["FIRST_VERSION", "migrate", "migrated_copy"]

FIRST_VERSION = 1
_NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")


def migrate(database: sqlite3.Connection) -> sqlite3.Connection:
    """Bring a store of version 1 to the present one, whole or not at all.

    Parameters
    ----------
    database : sqlite3.Connection
        In autocommit mode, outside a transaction.

    Returns
    -------
    sqlite3.Connection
        The same, or, where the file cannot be written, one of a copy in memory that refuses to be changed.

    Raises
    ------
    sqlite3.Error
        If the store is locked, or the disk is full; the store stays as it was.
    """
    try:
        _migrate(database)
    except sqlite3.OperationalError as error:
        if not (getattr(error, "sqlite_errorname", "") or "").startswith(_NOT_WRITABLE):
            raise
        return migrated_copy(database)
    return database


def migrated_copy(database: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory of the present version, to be read; the connection given is closed."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with database:
        database.backup(copy)
    database.close()
    _migrate(copy)
    copy.execute("PRAGMA query_only=ON")
    return copy


def _migrate(database: sqlite3.Connection) -> None:
    # References of other tables to `files` must stay as they are written while it is made anew.
    database.execute("PRAGMA foreign_keys=OFF")
    database.execute("PRAGMA legacy_alter_table=ON")
    try:
        database.execute("BEGIN EXCLUSIVE")
        if database.execute("PRAGMA user_version").fetchone()[0] == FIRST_VERSION:
            _make_files_anew(database)
            database.execute(schema.table_statement("decisions"))
            for statement in schema.trigger_statements("decisions"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    finally:
        database.execute("PRAGMA legacy_alter_table=OFF")
        database.execute("PRAGMA foreign_keys=ON")


def _make_files_anew(database: sqlite3.Connection) -> None:
    for act in ("update", "delete"):
        database.execute(f"DROP TRIGGER files_{act}")
    names = [row[1] for row in database.execute("PRAGMA table_info(files)")]
    columns = ", ".join(names)
    database.execute("ALTER TABLE files RENAME TO files_before")
    database.execute(schema.table_statement("files"))
    database.execute(f"INSERT INTO files ({columns}) SELECT {columns} FROM files_before")
    database.execute("DROP TABLE files_before")
    for statement in schema.trigger_statements("files"):
        database.execute(statement)
