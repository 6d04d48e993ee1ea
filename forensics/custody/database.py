"""Opening, locking and copying the file of a ledger.

Python's own transactions begin as readers and fail with SQLITE_BUSY_SNAPSHOT when they turn
writers, so transactions are begun by hand (``BEGIN IMMEDIATE`` on ``isolation_level=None``).
SQLite's busy handler lets one of four writers wait for seconds; a file lock in two steps keeps the
worst wait under a tenth of one: whoever waits first holds the turn, and the one
who just wrote must queue for it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from forensics.custody import schema
from forensics.custody.budgets import MAX_VALUE_BYTES
from forensics.custody.sharing import mode_of, share_like
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.messages import _

__all__ = ["backup", "check_schema", "files_folder", "open_reader", "open_writer", "write_lock"]

LOCK_SECONDS = 30
"""How long a writer waits before it gives up; one event takes some ten milliseconds."""
_POLL_SECONDS = 0.001

_PRAGMAS = (
    "synchronous=FULL",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
)


def files_folder(path: str | os.PathLike) -> Path:
    """Return the folder of the files that are attached to events of a ledger."""
    return Path(f"{os.fspath(path)}.files")


def open_writer(path: str | os.PathLike) -> sqlite3.Connection:
    """Return a connection that can write; the file exists.

    Raises
    ------
    InputError
        If there is no such file or it cannot be opened.
    """
    _exists(path)
    with translated(path):
        database = _connect(path, "rw")
        try:
            database.execute("PRAGMA journal_mode=WAL").fetchone()
            database.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # makes the files
        except BaseException:
            database.close()
            raise
    for end in ("-wal", "-shm"):
        share_like(path, f"{os.fspath(path)}{end}")
    return database


def open_reader(path: str | os.PathLike, *, immutable: bool = False) -> sqlite3.Connection:
    """Return a connection that only reads, on a disk that cannot be written too.

    Parameters
    ----------
    path : path
    immutable : bool
        Whether nobody writes the file, such as an attached one: nothing is made beside it.

    Raises
    ------
    InputError
        If there is no such file or it cannot be opened.
    """
    _exists(path)
    wal = Path(f"{os.fspath(path)}-wal")
    # The last to close tidies up the files beside the database, if it may write. Where WAL may
    # not make them and none has content, nobody else is writing.
    modes = [] if immutable else ["rw", "ro"]
    if immutable or not (wal.exists() and wal.stat().st_size):
        modes.append("ro&immutable=1")
    with translated(path):
        for mode in modes[:-1]:
            with suppress(sqlite3.OperationalError):
                return _connect_reader(path, mode)
        return _connect_reader(path, modes[-1])


def _connect_reader(path: str | os.PathLike, mode: str) -> sqlite3.Connection:
    database = _connect(path, mode)
    try:
        database.execute("PRAGMA query_only=ON")
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _exists(path: str | os.PathLike) -> None:
    if not Path(path).is_file():
        raise InputError(
            _("There is no ledger here; forensics custody init makes one."), source=os.fspath(path)
        )


def _connect(path: str | os.PathLike, mode: str) -> sqlite3.Connection:
    uri = f"{Path(path).absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=LOCK_SECONDS)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    try:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def translated(path: str | os.PathLike) -> Iterator[None]:
    """Turn errors of SQLite into ours: a full disk, a disk that is read-only, a damaged file."""
    try:
        yield
    except UnicodeDecodeError as error:  # in the schema, which SQLite quotes in its messages
        raise VerificationError(
            _("{path}: this is no ledger, or it is damaged: {error}").format(
                path=os.fspath(path), error=error
            )
        ) from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        source = os.fspath(path)
        if name.startswith("SQLITE_FULL"):
            text = _("{path}: the disk is full; nothing was recorded. Make room and repeat.")
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            text = _("{path}: the ledger cannot be written here; nothing was recorded.")
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            text = _("{path}: another program keeps the ledger locked; nothing was recorded.")
        elif name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise VerificationError(
                _("{path}: this is no ledger, or it is damaged: {error}").format(
                    path=source, error=error
                )
            ) from error
        elif name.startswith("SQLITE_IOERR"):
            text = _("{path}: reading or writing failed; nothing was recorded ({error}).")
        else:
            text = _("{path}: the database refused this; nothing was recorded ({error}).")
        raise ForensicsError(text.format(path=source, error=error)) from error


def check_schema(database: sqlite3.Connection, path: str | os.PathLike) -> None:
    """Refuse a file that is no ledger, or whose tables, triggers or views were changed.

    Raises
    ------
    VerificationError
        Naming what is missing, changed or extra.
    """
    with translated(path):
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        found = schema.problems(database)
    if application != schema.APPLICATION_ID:
        raise VerificationError(_("{path}: this is no ledger of custody.").format(path=path))
    if version != schema.SCHEMA_VERSION:
        raise VerificationError(
            _("{path}: a ledger of version {found}, expected {expected}.").format(
                path=path, found=version, expected=schema.SCHEMA_VERSION
            )
        )
    if found:
        shown = ", ".join(f"{kind} {name} {what}" for kind, name, what in found)
        raise VerificationError(
            _("{path}: the database is not as it was made: {problems}.").format(
                path=path, problems=shown
            )
        )


@contextmanager
def write_lock(path: str | os.PathLike) -> Iterator[None]:
    """Hold the right to write; writers get it about in the order in which they asked.

    Raises
    ------
    ForensicsError
        If somebody keeps it for `LOCK_SECONDS`, or the folder cannot be written.
    """
    _exists(path)
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
            for one in (turn, lock):
                share_like(path, one.lock_file)
    except Timeout as error:
        raise ForensicsError(
            _("{path}: another program has been writing for {seconds} s; nothing was done.").format(
                path=path, seconds=LOCK_SECONDS
            )
        ) from error
    except PermissionError as error:
        raise ForensicsError(
            _(
                "{path}: you may not write {file}; nothing was recorded. Who it belongs to gives it "
                "the group and permissions of the ledger (chgrp, chmod g+w)."
            ).format(path=path, file=error.filename or path)
        ) from error
    except OSError as error:
        raise ForensicsError(
            _("{path}: the ledger cannot be written here; nothing was recorded.").format(path=path)
        ) from error
    try:
        yield
    finally:
        lock.release()


def backup(source: sqlite3.Connection, target: str | os.PathLike) -> None:
    """Copy a ledger through SQLite's backup API to a new file, whole or not at all.

    Raises
    ------
    UsageError
        If the target exists.
    """
    target = Path(target)
    if target.exists():
        raise UsageError(
            _("{path} exists already and is not overwritten; give another name.").format(
                path=target
            )
        )
    temporary = target.with_name(f".{target.name}.partial")
    try:
        with translated(target):
            with closing(sqlite3.connect(temporary)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
                found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise VerificationError(
                _("{path}: the copy is damaged: {problem}").format(path=target, problem=found)
            )
        os.replace(temporary, target)
    finally:
        for name in (temporary, f"{temporary}-wal", f"{temporary}-shm", f"{temporary}-journal"):
            with suppress(OSError):
                os.unlink(name)
