"""A database of an earlier version, brought to the present one, whole or not at all."""

import os
import sqlite3
from contextlib import closing

from forensics.store.connections import open_memory
from forensics.store.errors import NOT_WRITABLE, error_name, translate_errors
from forensics.store.kinds import DatabaseKind
from forensics.store.transactions import transaction

__all__ = ["migrate"]


def migrate(
    connection: sqlite3.Connection, path: str | os.PathLike[str], kind: DatabaseKind
) -> sqlite3.Connection:
    """Bring a database to the present version of its kind.

    Parameters
    ----------
    connection : Connection
        In autocommit mode, outside a transaction; its schema was checked.
    path : path
    kind : DatabaseKind

    Returns
    -------
    Connection
        The same, or, where the file cannot be written, one of a copy in memory that refuses to be
        changed; the given one is closed then.

    Raises
    ------
    ForensicsError
        If the file is locked, or the disk is full; the file stays as it was.
    """
    with translate_errors(path, kind):
        try:
            _migrate(connection, kind)
        except sqlite3.OperationalError as error:
            if not error_name(error).startswith(NOT_WRITABLE):
                raise
            return _migrate_copy(connection, kind)
    return connection


def _migrate_copy(connection: sqlite3.Connection, kind: DatabaseKind) -> sqlite3.Connection:
    copy = open_memory()
    try:
        with closing(connection):
            connection.backup(copy)
        _migrate(copy, kind)
        copy.execute("PRAGMA query_only=ON")
    except BaseException:
        copy.close()
        raise
    return copy


def _migrate(connection: sqlite3.Connection, kind: DatabaseKind) -> None:
    # References of other tables must stay as they are written while a table is made anew.
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA legacy_alter_table=ON")
    try:
        with transaction(connection, mode="EXCLUSIVE"):
            # Read again: another program may have migrated it since.
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            while version < kind.version:
                kind.migrations[version](connection)
                version += 1
                connection.execute(f"PRAGMA user_version={version}")
    finally:
        connection.execute("PRAGMA legacy_alter_table=OFF")
        connection.execute("PRAGMA foreign_keys=ON")
