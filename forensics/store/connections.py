"""Connections to SQLite files: to write, to read only, and in memory; the kinds of files, and who may write one.

All connections have the same settings. Python's own transactions begin as readers and fail with
SQLITE_BUSY_SNAPSHOT when they turn writers, so connections are in autocommit mode
(``isolation_level=None``) and transactions are begun by hand (`transaction`). Errors of SQLite become ours, in
plain words (`translate_errors`).
"""

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from forensics.errors import ForensicsError, InputError, VerificationError
from forensics.io.files import AnyPath
from forensics.messages import N_, _
from forensics.store import Connection


@dataclass(frozen=True, slots=True, eq=False)
class DatabaseKind:
    """A kind of SQLite file: by what it is recognised, what is in it, what is said of it.

    Attributes
    ----------
    application_id : int
        In the header of the file, where ``file`` and other programs read it.
    scripts : mapping of int to str
        SQL that makes the tables, indexes, triggers and views, by version of the schema.
    missing, foreign, damaged : str
        What is said where there is no such file, it is of another kind (`path`), or SQLite cannot read it
        (`path`, `error`); marked for translation with `N_`.
    journal : {"WAL", "DELETE"}
        Journal mode of a connection that writes. With ``WAL`` others read while one writes, and
        there are files beside the database.
    max_bytes : int
        Largest file that is copied to be looked at.
    """

    application_id: int
    scripts: Mapping[int, str]
    missing: str
    foreign: str
    damaged: str
    journal: Literal["WAL", "DELETE"]
    max_bytes: int

    @property
    def version(self) -> int:
        """The present version of the schema."""
        return max(self.scripts)


NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
"""How the names of errors begin where a file or its folder cannot be written."""
DISK_FULL = N_("{path}: the disk is full; nothing was recorded. Free some space and repeat.")
_NOT_WRITABLE = N_("{path}: this file cannot be written; nothing was recorded.")


def error_name(error: sqlite3.Error) -> str:
    """Return the name that SQLite gives to an error, such as ``SQLITE_FULL``; empty if it has none."""
    return getattr(error, "sqlite_errorname", "") or ""


@contextmanager
def translate_errors(path: AnyPath, kind: DatabaseKind) -> Iterator[None]:
    """Turn errors of SQLite into ours: a full disk, a read-only folder, a locked or damaged file.

    Raises
    ------
    VerificationError
        If the file is damaged, or is not a database.
    ForensicsError
        If it cannot be read or written.
    """
    source = os.fspath(path)
    try:
        yield
    except UnicodeDecodeError as error:  # in the schema, which SQLite quotes in its messages
        raise VerificationError(_(kind.damaged).format(path=source, error=error)) from error
    except sqlite3.Error as error:
        name = error_name(error)
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise VerificationError(_(kind.damaged).format(path=source, error=error)) from error
        if name.startswith("SQLITE_FULL"):
            text = DISK_FULL
        elif name.startswith(NOT_WRITABLE):
            text = _NOT_WRITABLE
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            text = N_("{path}: another program keeps it locked; nothing was recorded.")
        elif name.startswith("SQLITE_IOERR"):
            text = N_("{path}: reading or writing failed; nothing was recorded ({error}).")
        else:
            text = N_("{path}: the database refused this; nothing was recorded ({error}).")
        raise ForensicsError(_(text).format(path=source, error=error)) from error


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


def is_sqlite(path: AnyPath) -> bool:
    """Return whether a file begins as an SQLite database does; its kind is known when it is opened."""
    try:
        with open(path, "rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def require_file(path: AnyPath, kind: DatabaseKind) -> None:
    """Refuse a path at which there is no file.

    Raises
    ------
    InputError
    """
    if not Path(path).is_file():
        raise InputError(_(kind.missing), source=os.fspath(path))


def open_writer(path: AnyPath, kind: DatabaseKind, *, create: bool = False) -> sqlite3.Connection:
    """Return a connection that can write.

    Parameters
    ----------
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


def has_log(path: AnyPath) -> bool:
    """Return whether a log beside a database holds what is not in its file yet."""
    logs = (Path(f"{os.fspath(path)}{ending}") for ending in ("-wal", "-journal"))
    return any(log.exists() and log.stat().st_size for log in logs)


def open_reader(
    path: AnyPath,
    kind: DatabaseKind,
    *,
    immutable: bool = False,
    shown_path: AnyPath | None = None,
) -> sqlite3.Connection:
    """Return a connection that only reads, also on a disk that cannot be written.

    Parameters
    ----------
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
    # The last to close tidies up the files beside the database, if it may write. Where SQLite may
    # not make them and none has content, nobody else is writing.
    modes: list[_Mode] = [] if immutable else ["rw", "ro"]
    if immutable or not has_log(path):
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


def _connect_reader(path: AnyPath, mode: _Mode) -> sqlite3.Connection:
    connection = _connect(path, mode)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: AnyPath, mode: _Mode) -> sqlite3.Connection:
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


@contextmanager
def transaction(
    connection: Connection,
    *,
    mode: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE",
    dry_run: bool = False,
) -> Iterator[None]:
    """Do everything within, or nothing of it, whatever ends it: an error, a refusal or Ctrl-C.

    Parameters
    ----------
    connection : Connection
        In autocommit mode.
    mode : {"IMMEDIATE", "EXCLUSIVE"}
        Whether others may go on reading.
    dry_run : bool
        Take everything back at the end.
    """
    connection.execute(f"BEGIN {mode}")
    try:
        yield
        connection.execute("ROLLBACK" if dry_run else "COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite may have ended it itself, as on a full disk
            connection.execute("ROLLBACK")
        raise


# -- what several users of a computer write --------------------------------------
#
# Everything beside a ledger gets its group and its permissions. In a folder that is made for a group (writable for
# it, with the set-group-id bit) a new ledger is made writable for that group.

_READ_WRITE = 0o666


def mode_of(ledger: AnyPath) -> int:
    """Return the permissions to read and write of a ledger, for what is made beside it."""
    return os.stat(ledger).st_mode & _READ_WRITE


def new_ledger_mode(folder: Path, mode: int) -> int:
    """Return the permissions of a new ledger in `folder`, which would have `mode` otherwise."""
    shared = folder.stat().st_mode
    group = shared & stat.S_ISGID and shared & stat.S_IWGRP
    return mode | 0o060 if group else mode


def share_like(ledger: AnyPath, path: AnyPath) -> None:
    """Give a file beside a ledger the ledger's group and permissions, where it is ours to give."""
    if os.name == "posix":
        _share(path, os.stat(ledger).st_gid, mode_of(ledger))


def share_folder(ledger: AnyPath, folder: AnyPath) -> None:
    """Give a new folder of a ledger its group and permissions, and what is made in it the group."""
    if os.name == "posix" and Path(ledger).exists():
        mode = mode_of(ledger)
        # Who may read a folder may enter it.
        mode |= (mode & 0o444) >> 2
        _share(folder, os.stat(ledger).st_gid, mode | stat.S_ISGID)


def _share(path: AnyPath, group: int, mode: int) -> None:
    with suppress(PermissionError, FileNotFoundError):  # of somebody else, who gave it already
        status = os.stat(path, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            return
        if status.st_gid != group:
            os.chown(path, -1, group)
        if stat.S_IMODE(status.st_mode) != mode:
            os.chmod(path, mode)


# -- the right to write ------------------------------------------------------------
#
# SQLite's busy handler lets one of four writers wait for seconds. A file lock in two steps keeps the worst wait under
# a tenth of one: the one who waits first holds the turn, and the one who has just written must queue for it.

_POLL_SECONDS = 0.001


@contextmanager
def write_lock(path: AnyPath, kind: DatabaseKind) -> Iterator[None]:
    """Hold the right to write; writers get it about in the order in which they came.

    Raises
    ------
    InputError
        If there is no such file.
    ForensicsError
        If somebody keeps it for `LOCK_SECONDS`, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # not loaded where a database is only read

    require_file(path, kind)
    mode = mode_of(path)
    turn, lock = (
        FileLock(
            f"{os.fspath(path)}.{name}",
            timeout=LOCK_SECONDS,
            poll_interval=_POLL_SECONDS,
            mode=mode,
        )
        for name in ("turn", "lock")
    )
    try:
        with turn:
            lock.acquire()
            for file_lock in (turn, lock):
                share_like(path, file_lock.lock_file)
    except Timeout as error:
        raise ForensicsError(
            _("{path}: another program has been writing for {seconds} s; nothing was done.").format(
                path=path, seconds=LOCK_SECONDS
            )
        ) from error
    except PermissionError as error:
        raise ForensicsError(
            _(
                "{path}: you may not write to {file}; nothing was recorded. Its owner must give "
                "it the group and permissions of the ledger (chgrp, chmod g+w)."
            ).format(path=path, file=error.filename or path)
        ) from error
    except OSError as error:
        raise ForensicsError(_(_NOT_WRITABLE).format(path=path)) from error
    try:
        yield
    finally:
        lock.release()
