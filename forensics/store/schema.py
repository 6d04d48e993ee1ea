"""What is in a database: its schema, made and compared, and its tables and views for people.

Triggers stop mistakes and honest software, such as a tool that rewrites a table. They stop nobody
who means to cheat, since they can be dropped by anyone who can write the file. So the schema is compared,
word for word, with the one that a new file gets.

People read tables and views through sqlite-utils. It imports pandas where that is installed, which costs half a
second, so it is imported within these functions, and nothing that must be quick calls them.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from forensics.errors import VerificationError
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import DatabaseKind, open_memory, transaction, translate_errors

if TYPE_CHECKING:
    from sqlite_utils import Database as Database


_STATISTICS = {("table", "sqlite_stat1"), ("table", "sqlite_stat4")}
"""Left by ANALYZE; they say nothing. With `writable_schema` a trigger can bear such a name, too."""
_Objects = dict[tuple[str, str], str]  # kind and name, and the statement that made it


class Difference(NamedTuple):
    """A part of a schema that is not as it was made.

    Attributes
    ----------
    kind : str
        ``table``, ``index``, ``trigger`` or ``view``.
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


def check_schema(connection: sqlite3.Connection, path: AnyPath, kind: DatabaseKind) -> int:
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
        raise VerificationError(_(kind.foreign).format(path=path))
    if not known:
        text = (
            _(
                "{path} has version {found}; this software reads versions up to {expected}. Open "
                "it with a newer version of the software."
            )
            if version > kind.version
            else _("{path} has version {found}; expected {expected}.")
        )
        raise VerificationError(text.format(path=path, found=version, expected=kind.version))
    if differences:
        raise VerificationError(
            _("{path}: the structure of the database was changed: {problems}.").format(
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


def open_database(connection: Connection) -> "Database":
    """Return a connection as a ``sqlite_utils.Database``, for queries of one's own."""
    from sqlite_utils import Database

    return Database(connection)


def read_view(database: "Database", name: str) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """Return the names of the columns of a table or view, and its rows as they are read.

    Raises
    ------
    KeyError
        If there is no table or view of that name.
    """
    if name not in {*database.table_names(), *database.view_names()}:
        raise KeyError(name)
    table = database[name]
    return list(table.columns_dict), table.rows


@dataclass(frozen=True, slots=True)
class NewTable:
    """A table that is written into a new database.

    Attributes
    ----------
    columns : mapping of str to type
        `int`, `float` or `str` by name of the column.
    rows : sequence of sequence
        Values in the order of `columns`.
    key : tuple of str
        Columns of the primary key; may be empty.
    indexes : tuple of str
        Columns that get an index.
    """

    columns: Mapping[str, type]
    rows: Sequence[Sequence[object]]
    key: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()


def write_database(path: AnyPath, tables: Mapping[str, NewTable]) -> None:
    """Write tables into a new SQLite file, to be read by other programs.

    Parameters
    ----------
    path : path
        Must not exist.
    tables : mapping of str to NewTable
        By name.
    """
    from sqlite_utils import Database

    with closing(Database(os.fspath(path))) as database:
        for name, content in tables.items():
            table = database.table(name)
            table.create(
                dict(content.columns),
                pk=(content.key[0] if len(content.key) == 1 else content.key or None),
            )
            table.insert_all(dict(zip(content.columns, row, strict=True)) for row in content.rows)
            for column in content.indexes:
                table.create_index([column], index_name=f"{name}_{column}")


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A record in which all words that were searched for occur.

    Attributes
    ----------
    id : int
        Of the record.
    excerpt : str
        Text around the words, each between ``[`` and ``]``.
    """

    id: int
    excerpt: str


def search_texts(texts: Iterable[tuple[int, str]], words: str, *, limit: int) -> list[TextMatch]:
    """Search records for words: all of them must occur, in any order and any case.

    An index is made in memory, since the schema of a stored file is fixed. Letters with and without
    accents are the same; a phrase stands in double quotes.

    Parameters
    ----------
    texts : iterable of (int, str)
        Id and text of each record.
    limit : int
        Most matches that are returned.

    Returns
    -------
    list of TextMatch
        The best match first, as SQLite's FTS5 ranks them; equal ones by id.

    References
    ----------
    https://www.sqlite.org/fts5.html
    """
    words = words.replace("\0", " ")  # SQLite takes it for the end of the text
    if not any(map(str.isalnum, words)):
        return []
    with closing(open_memory()) as connection:
        database = open_database(connection)
        table = database.table("texts")
        table.create({"id": int, "text": str}, pk="id")
        table.insert_all({"id": key, "text": text} for key, text in texts)
        table.enable_fts(["text"], tokenize="unicode61 remove_diacritics 2")
        rows = database.query(
            "SELECT rowid AS id, snippet(texts_fts, 0, '[', ']', '…', 16) AS excerpt "
            "FROM texts_fts WHERE texts_fts MATCH :words ORDER BY rank, rowid LIMIT :limit",
            {"words": database.quote_fts(words), "limit": limit},
        )
        return [TextMatch(row["id"], row["excerpt"]) for row in rows]
