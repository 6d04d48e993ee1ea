"""Tables and views of a database for people, through sqlite-utils.

sqlite-utils imports pandas where it is installed, which costs half a second. So it is imported within
these functions, and nothing that must be quick calls them.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forensics.store import Connection
from forensics.store.connections import open_memory

if TYPE_CHECKING:
    from sqlite_utils import Database as Database  # for annotations elsewhere

__all__ = ["NewTable", "TextMatch", "open_database", "read_view", "search_texts", "write_database"]


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


def write_database(path: str | os.PathLike[str], tables: Mapping[str, NewTable]) -> None:
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
