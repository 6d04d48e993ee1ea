"""Copies of a database: a private one to be looked at, a whole one in a new file, and one without what was deleted.

SQLite may change a database that is only opened: a write-ahead log is taken in and removed, a
transaction that was broken off is rolled back. A copy of all these files says the same, and
the originals keep every byte (`private_copy`).

``secure_delete`` overwrites a row where it is deleted. Where SQLite had moved the row before, an older
image of it can stay behind in a page or in the log, so `purge` rewrites the file and searches it.
"""

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import ForensicsError, InputError, VerificationError
from forensics.io.files import AnyPath, check_new
from forensics.messages import _
from forensics.store.connections import DISK_FULL, DatabaseKind, require_file, translate_errors
from forensics.store.schema import find_damage

_SIDES = ("-wal", "-journal")
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.05
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file of SQLite that lay beside a database and changes what the database says.

    Attributes
    ----------
    size : int
        In bytes.
    """

    name: str
    size: int

    def __str__(self) -> str:
        if self.name.endswith("-wal"):
            what = _("changes not yet written into it, which were read")
        else:
            what = _("an interrupted transaction, which was rolled back in the copy")
        return _("{name}, of {size} bytes, was beside it: {what}. Nothing was changed").format(
            name=self.name, size=self.size, what=what
        )


@dataclass(frozen=True, slots=True)
class PrivateCopy:
    """A copy of a database without files that are attached to it.

    Attributes
    ----------
    path : Path
        Of the copy.
    beside : tuple of SideFile
        What lay beside the database and went into the copy.
    """

    path: Path
    beside: tuple[SideFile, ...]


@contextmanager
def private_copy(path: AnyPath, kind: DatabaseKind) -> Iterator[PrivateCopy]:
    """Copy a database, as it is at one moment, to a folder that is removed afterwards.

    Parameters
    ----------
    path : path
        It may be in use; nothing is written beside it, and it need not be writable.

    Raises
    ------
    InputError
        If there is no such file, or it is larger than files of its kind may be.
    ForensicsError
        If there is no room for the copy.
    """
    path = Path(path)
    require_file(path, kind)
    with tempfile.TemporaryDirectory(prefix="forensics-") as folder:
        copy = Path(folder) / path.name
        try:
            beside = _copy_at_one_moment(path, copy, kind)
        except OSError as error:
            raise ForensicsError(
                _(
                    "{path} cannot be copied to {folder} for checking: {error}. Free some space "
                    "there, or name another folder in TMPDIR."
                ).format(path=path, folder=folder, error=error.strerror or error)
            ) from error
        yield PrivateCopy(copy, beside)


def _copy_at_one_moment(path: Path, copy: Path, kind: DatabaseKind) -> tuple[SideFile, ...]:
    for _attempt in range(_ATTEMPTS):
        pairs = _pair_files(path, copy)
        _check_room(path, copy, [source for source, _target in pairs], kind)
        for source, target in pairs:
            shutil.copyfile(source, target)
        # Files that are the same when they are read again, one after the other, were all as they are
        # copied at the moment between the two readings.
        if _pair_files(path, copy) == pairs and all(_same_content(*pair) for pair in pairs):
            return tuple(
                SideFile(source.name, target.stat().st_size) for source, target in pairs[1:]
            )
        for _source, target in pairs:
            target.unlink()
        time.sleep(_PAUSE_SECONDS)
    # Others write all the time. Then SQLite has its own files there, and reads without changing
    # the database or its log.
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as reading,
        closing(sqlite3.connect(copy)) as writing,
    ):
        reading.backup(writing)
    return ()


def _pair_files(path: Path, copy: Path) -> list[tuple[Path, Path]]:
    pairs = [(path, copy)]
    for ending in _SIDES:
        side = Path(f"{path}{ending}")
        try:
            status = os.lstat(side)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_size:
            pairs.append((side, Path(f"{copy}{ending}")))
    return pairs


def _check_room(path: Path, copy: Path, sources: list[Path], kind: DatabaseKind) -> None:
    size = sum(source.stat().st_size for source in sources)
    if size > kind.max_bytes:
        raise InputError(
            _("The file has {found} bytes, at most {most} are read.").format(
                found=size, most=kind.max_bytes
            ),
            source=str(path),
        )
    if size > shutil.disk_usage(copy.parent).free:
        raise OSError(28, _("no room"))


def _same_content(first: Path, second: Path) -> bool:
    try:
        with first.open("rb") as source, second.open("rb") as target:
            while chunk := source.read(_CHUNK):
                if chunk != target.read(_CHUNK):
                    return False
            return not target.read(1)
    except FileNotFoundError:
        return False


def copy_database(source: sqlite3.Connection, target: AnyPath, kind: DatabaseKind) -> None:
    """Copy a database through SQLite's backup API to a new file, whole or not at all.

    Raises
    ------
    UsageError
        If the target exists.
    VerificationError
        If the copy is damaged; it does not stay.
    """
    target = Path(target)
    check_new(target)
    temporary = target.with_name(f".{target.name}.partial")
    try:
        with translate_errors(target, kind), closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            damage = find_damage(copy)
        if damage:
            raise VerificationError(
                _("{path}: the copy is damaged: {problem}").format(
                    path=target, problem="; ".join(damage)
                )
            )
        os.replace(temporary, target)
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                os.unlink(f"{temporary}{ending}")


MAX_TRACE_BYTES = 256
"""Longest trace that is found where it lies across two blocks of a file."""


def check_purgeable(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse to begin where bytes could not be removed: somebody reads, or the disk is full.

    Raises
    ------
    ForensicsError
        Nothing was recorded.
    """
    if not _empty_log(connection):
        raise ForensicsError(
            _(
                "{path}: another program is reading the ledger, so erased bytes would remain. "
                "Close it and repeat; nothing was recorded."
            ).format(path=path)
        )
    if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
        raise ForensicsError(_(DISK_FULL).format(path=path))


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
                "The erasure was recorded, but its bytes are still in {files}: {problem}. Close "
                "all other programs and free some space; the next erasure rewrites the file."
            ).format(files=", ".join(holding), problem=problem or _("reason unknown"))
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
