"""Deleted rows are removed from the file, not only from the tables.

``secure_delete`` overwrites a row where it is deleted. Where SQLite had moved the row before, an older
image of it can stay behind in a page or in the log, so the file is written anew and searched.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.store.kinds import DatabaseKind

__all__ = ["MAX_TRACE_BYTES", "check_purgeable", "purge"]

MAX_TRACE_BYTES = 256
"""Longest trace that is found where it lies across two blocks of a file."""
_CHUNK = 2**20


def check_purgeable(connection: sqlite3.Connection, path: Path, kind: DatabaseKind) -> None:
    """Refuse to begin where bytes could not be removed: somebody reads, or the disk is full.

    Raises
    ------
    ForensicsError
        Nothing was recorded.
    """
    if not _empty_log(connection):
        raise ForensicsError(
            _(
                "{path}: another program is reading the ledger, so that bytes that are erased would "
                "stay. Close it and repeat; nothing was recorded."
            ).format(path=path)
        )
    if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
        raise ForensicsError(_(kind.texts.disk_full).format(path=path))


def purge(connection: sqlite3.Connection, path: Path, traces: Sequence[bytes]) -> None:
    """Remove what was deleted from the file and its log, and check that it is gone.

    Parameters
    ----------
    connection : Connection
        That can write.
    traces : sequence of bytes
        What must not be in the file any more, each of at most `MAX_TRACE_BYTES`.

    Raises
    ------
    ForensicsError
        If bytes are still there; the event was recorded.
    """
    problem = ""
    try:
        connection.execute("VACUUM")
        if not _empty_log(connection):
            problem = _("another program is reading the ledger")
    except sqlite3.Error as error:
        problem = str(error)
    sides = [Path(f"{path}{ending}") for ending in ("", "-wal", "-journal")]
    holding = [side.name for side in sides if side.is_file() and _contains(side, traces)]
    if holding:
        raise ForensicsError(
            _(
                "The erasure was recorded, but its bytes are still in {files}: {problem}. Close all "
                "other programs and make room; the next erasure writes the file anew."
            ).format(files=", ".join(holding), problem=problem or _("nobody knows why"))
        )


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Write the log into the file and cut it to nothing; return whether that was possible."""
    (busy, *_pages) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy == 0)


def _contains(path: Path, traces: Sequence[bytes]) -> bool:
    rest = b""
    with suppress(FileNotFoundError), path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            data = rest + chunk
            if any(trace in data for trace in traces):
                return True
            rest = data[-MAX_TRACE_BYTES:]
    return False
