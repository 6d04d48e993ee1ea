"""The right to write a database that many write.

SQLite's busy handler lets one of four writers wait for seconds. A file lock in two steps keeps the
worst wait under a tenth of one: whoever waits first holds the turn, and the one who has just written
must queue for it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.store.connections import LOCK_SECONDS, require_file
from forensics.store.kinds import DatabaseKind
from forensics.store.sharing import mode_of, share_like

__all__ = ["write_lock"]

_POLL_SECONDS = 0.001


@contextmanager
def write_lock(path: str | os.PathLike[str], kind: DatabaseKind) -> Iterator[None]:
    """Hold the right to write; writers get it about in the order in which they came.

    Raises
    ------
    InputError
        If there is no such file.
    ForensicsError
        If somebody keeps it for `LOCK_SECONDS`, or the folder cannot be written.
    """
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
                "{path}: you may not write {file}; nothing was recorded. Who it belongs to gives it "
                "the group and permissions of the ledger (chgrp, chmod g+w)."
            ).format(path=path, file=error.filename or path)
        ) from error
    except OSError as error:
        raise ForensicsError(_(kind.texts.not_writable).format(path=path)) from error
    try:
        yield
    finally:
        lock.release()
