"""Connections to SQLite files: to write, to read only, and in memory.

All have the same settings. Python's own transactions begin as readers and fail with
SQLITE_BUSY_SNAPSHOT when they turn writers, so connections are in autocommit mode
(``isolation_level=None``) and transactions are begun by hand (`forensics.store.transactions`).
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Literal

from forensics.errors import InputError
from forensics.messages import _
from forensics.store.errors import translate_errors
from forensics.store.kinds import DatabaseKind
from forensics.store.sharing import share_like

__all__ = [
    "LOCK_SECONDS",
    "MAX_VALUE_BYTES",
    "PRAGMAS",
    "is_sqlite",
    "open_memory",
    "open_reader",
    "open_temporary",
    "open_writer",
    "require_file",
]

LOCK_SECONDS = 30
"""How long a writer waits for another before it gives up; one event takes some ten milliseconds."""
MAX_VALUE_BYTES = 32 * 2**20
"""Longest value read from a database that a stranger may have made."""
PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
)
"""Settings of each connection."""
_MAGIC = b"SQLite format 3\x00"
_Mode = Literal["rwc", "rw", "ro", "ro&immutable=1"]


def is_sqlite(path: str | os.PathLike[str]) -> bool:
    """Return whether a file begins as an SQLite database does; its kind is known when it is opened."""
    try:
        with open(path, "rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def require_file(path: str | os.PathLike[str], kind: DatabaseKind) -> None:
    """Refuse a path at which there is no file.

    Raises
    ------
    InputError
    """
    if not Path(path).is_file():
        raise InputError(_(kind.texts.missing), source=os.fspath(path))


def open_writer(
    path: str | os.PathLike[str], kind: DatabaseKind, *, create: bool = False
) -> sqlite3.Connection:
    """Return a connection that can write.

    Parameters
    ----------
    path : path
    kind : DatabaseKind
    create : bool
        Make the file if there is none.

    Raises
    ------
    InputError
        If there is no such file.
    ForensicsError
        If it cannot be opened.
    """
    if not create:
        require_file(path, kind)
    with translate_errors(path, kind):
        connection = _connect(path, "rwc" if create else "rw")
        try:
            if kind.journal == "WAL":
                connection.execute("PRAGMA journal_mode=WAL").fetchone()
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # makes the files
        except BaseException:
            connection.close()
            raise
    if kind.journal == "WAL":
        for ending in ("-wal", "-shm"):
            share_like(path, f"{os.fspath(path)}{ending}")
    return connection


def open_reader(
    path: str | os.PathLike[str],
    kind: DatabaseKind,
    *,
    immutable: bool = False,
    shown_path: str | os.PathLike[str] | None = None,
) -> sqlite3.Connection:
    """Return a connection that only reads, also on a disk that cannot be written.

    Parameters
    ----------
    path : path
    kind : DatabaseKind
    immutable : bool
        Whether nobody writes the file, such as an attached one: nothing is made beside it.
    shown_path : path, optional
        What an error names: the original where `path` is a private copy.

    Raises
    ------
    InputError
        If there is no such file.
    ForensicsError
        If it cannot be opened.
    """
    require_file(path, kind)
    log = Path(f"{os.fspath(path)}-wal")
    # The last to close tidies up the files beside the database, if it may write. Where SQLite may
    # not make them and none has content, nobody else is writing.
    modes: list[_Mode] = [] if immutable else ["rw", "ro"]
    if immutable or not (log.exists() and log.stat().st_size):
        modes.append("ro&immutable=1")
    with translate_errors(path if shown_path is None else shown_path, kind):
        for mode in modes[:-1]:
            with suppress(sqlite3.OperationalError):
                return _connect_reader(path, mode)
        return _connect_reader(path, modes[-1])


def open_memory() -> sqlite3.Connection:
    """Return a connection to an empty database that ends with the connection."""
    return _configure(sqlite3.connect(":memory:", isolation_level=None))


def open_temporary() -> sqlite3.Connection:
    """Return a connection to an empty database that ends with it, and goes to disk as it grows."""
    return _configure(sqlite3.connect("", isolation_level=None))


def _connect_reader(path: str | os.PathLike[str], mode: _Mode) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: str | os.PathLike[str], mode: _Mode) -> sqlite3.Connection:
    uri = f"{Path(path).absolute().as_uri()}?mode={mode}"
    return _configure(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOCK_SECONDS))


def _configure(connection: sqlite3.Connection) -> sqlite3.Connection:
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
