"""The schema of a database: made in a new one, and compared in one that is opened.

Triggers stop mistakes and honest software, such as a tool that rewrites a table. They stop nobody
who means to cheat, since whoever can write the file can drop them. So the schema is compared,
word for word, with the one that a new file gets.
"""

import os
import re
import sqlite3
from contextlib import closing
from functools import cache
from typing import Literal, NamedTuple

from forensics.errors import VerificationError
from forensics.messages import _
from forensics.store.connections import open_memory, transaction
from forensics.store.kinds import DatabaseKind, translate_errors

__all__ = [
    "Difference",
    "check_schema",
    "compare_schema",
    "create_schema",
    "find_damage",
    "split_script",
]

_STATISTICS = {("table", "sqlite_stat1"), ("table", "sqlite_stat4")}
"""Left by ANALYZE; they say nothing. With `writable_schema` a trigger can bear such a name, too."""
_Objects = dict[tuple[str, str], str]  # kind and name, and the statement that made it


class Difference(NamedTuple):
    """A part of a schema that is not as it was made.

    Attributes
    ----------
    kind : str
        ``table``, ``index``, ``trigger`` or ``view``.
    what : {"missing", "changed", "extra"}
    """

    kind: str
    name: str
    what: Literal["missing", "changed", "extra"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.what}"


def create_schema(
    connection: sqlite3.Connection, kind: DatabaseKind, *, version: int | None = None
) -> None:
    """Make the tables, indexes, triggers and views of a new database, all or none.

    Parameters
    ----------
    connection : Connection
        To an empty database, in autocommit mode.
    version : int, optional
        Default: the present one.
    """
    version = kind.version if version is None else version
    with transaction(connection):
        connection.execute(f"PRAGMA application_id={kind.application_id}")
        connection.execute(f"PRAGMA user_version={version}")
        for statement in split_script(kind.scripts[version]):
            connection.execute(statement)


def compare_schema(
    connection: sqlite3.Connection, kind: DatabaseKind, *, version: int | None = None
) -> list[Difference]:
    """Return what differs from the schema of a version; default: the present one."""
    expected = _expected_objects(kind, kind.version if version is None else version)
    stored = _read_objects(connection)
    missing = [Difference(*key, "missing") for key in expected if key not in stored]
    changed = [
        Difference(*key, "changed")
        for key, statement in expected.items()
        if stored.get(key, statement) != statement
    ]
    return [
        *missing,
        *changed,
        *(Difference(*key, "extra") for key in stored if key not in expected),
    ]


def check_schema(
    connection: sqlite3.Connection, path: str | os.PathLike[str], kind: DatabaseKind
) -> int:
    """Refuse a file of another kind or an unknown version, or one whose schema was changed.

    Returns
    -------
    int
        Version of the schema.

    Raises
    ------
    VerificationError
        Naming what is missing, changed or extra.
    """
    with translate_errors(path, kind):
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        known = version in kind.scripts
        differences = compare_schema(connection, kind, version=version) if known else []
    if application_id != kind.application_id:
        raise VerificationError(_(kind.texts.foreign).format(path=path))
    if not known:
        newer = version > kind.version
        text = kind.texts.newer_version if newer else kind.texts.unknown_version
        raise VerificationError(_(text).format(path=path, found=version, expected=kind.version))
    if differences:
        raise VerificationError(
            _("{path}: the database is not as it was made: {problems}.").format(
                path=path, problems=", ".join(map(str, differences))
            )
        )
    return int(version)


def find_damage(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong in the pages and indexes of a database, at most five of it."""
    problems = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(5)")]
    return [] if problems == ["ok"] else problems


@cache
def split_script(script: str) -> tuple[str, ...]:
    """Return the statements of a script, each of which ends at the end of a line."""
    statements, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part.strip())
            part = ""
    return tuple(statements)


@cache
def _expected_objects(kind: DatabaseKind, version: int) -> _Objects:
    with closing(open_memory()) as connection:
        create_schema(connection, kind, version=version)
        return _read_objects(connection)


def _read_objects(connection: sqlite3.Connection) -> _Objects:
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return {
        (str(kind), str(name)): re.sub(r"\s+", " ", str(statement)).strip()
        for kind, name, statement in rows
        if (kind, name) not in _STATISTICS
    }
