"""A private copy of a ledger, to be looked at: the file itself and what lies beside it stay as they are.

Whoever opens a database with SQLite may change it: a write-ahead log is taken in and removed, a
transaction that was broken off is rolled back. A copy of all these files says the same, and
the originals keep every byte.
"""

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from forensics.custody.budgets import MAX_LEDGER_BYTES
from forensics.errors import ForensicsError, InputError
from forensics.messages import _

__all__ = ["PrivateCopy", "SideFile", "private_copy"]

_SIDES = ("-wal", "-journal")
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.05
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file of SQLite that lay beside a ledger and changes what the ledger says.

    Attributes
    ----------
    name : str
    size : int
        In bytes.
    """

    name: str
    size: int

    def __str__(self) -> str:
        if self.name.endswith("-wal"):
            what = _("changes that are not yet written into it; they were read")
        else:
            what = _("of a transaction that was broken off; it was rolled back in the copy")
        return _("beside it lay {name}, {size} bytes: {what}. Nothing was changed").format(
            name=self.name, size=self.size, what=what
        )


@dataclass(frozen=True, slots=True)
class PrivateCopy:
    """A copy of a ledger without its attached files.

    Attributes
    ----------
    path : Path
        Of the copy.
    beside : tuple of SideFile
        What lay beside the ledger and went into the copy.
    """

    path: Path
    beside: tuple[SideFile, ...]


@contextmanager
def private_copy(path: str | os.PathLike) -> Iterator[PrivateCopy]:
    """Copy a ledger, as it is at one moment, to a folder that is removed afterwards.

    Parameters
    ----------
    path : path
        It may be in use; nothing is written beside it, and it need not be writable.

    Raises
    ------
    InputError
        If there is no such file, or it is larger than `MAX_LEDGER_BYTES`.
    ForensicsError
        If there is no room for the copy.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            _("There is no ledger here; forensics custody init makes one."), source=str(path)
        )
    with tempfile.TemporaryDirectory(prefix="forensics-") as folder:
        copy = Path(folder) / path.name
        try:
            beside = _copied(path, copy)
        except OSError as error:
            raise ForensicsError(
                _(
                    "{path} cannot be copied to {folder} to be looked at: {error}. Make room there, "
                    "or name another folder in TMPDIR."
                ).format(path=path, folder=folder, error=error.strerror or error)
            ) from error
        yield PrivateCopy(copy, beside)


def _copied(path: Path, copy: Path) -> tuple[SideFile, ...]:
    for _attempt in range(_ATTEMPTS):
        pairs = _pairs(path, copy)
        _check_room(path, copy, [source for source, _target in pairs])
        for source, target in pairs:
            shutil.copyfile(source, target)
        # Files that are the same when they are read again, one after the other, were all as they are
        # copied at the moment between the two readings.
        if _pairs(path, copy) == pairs and all(_same(*pair) for pair in pairs):
            return tuple(
                SideFile(source.name, target.stat().st_size) for source, target in pairs[1:]
            )
        for _source, target in pairs:
            target.unlink()
        time.sleep(_PAUSE_SECONDS)
    # Others write all the time. Then SQLite has its own files there, and reads without changing
    # the ledger or its log.
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True)) as reading,
        closing(sqlite3.connect(copy)) as writing,
    ):
        reading.backup(writing)
    return ()


def _pairs(path: Path, copy: Path) -> list[tuple[Path, Path]]:
    pairs = [(path, copy)]
    for end in _SIDES:
        side = Path(f"{path}{end}")
        try:
            found = os.lstat(side)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode) and found.st_size:
            pairs.append((side, Path(f"{copy}{end}")))
    return pairs


def _check_room(path: Path, copy: Path, sources: list[Path]) -> None:
    size = sum(source.stat().st_size for source in sources)
    if size > MAX_LEDGER_BYTES:
        raise InputError(
            _("The ledger has {found} bytes, at most {most} are read.").format(
                found=size, most=MAX_LEDGER_BYTES
            ),
            source=str(path),
        )
    if size > shutil.disk_usage(copy.parent).free:
        raise OSError(28, _("no room"))


def _same(first: Path, second: Path) -> bool:
    try:
        with first.open("rb") as one, second.open("rb") as other:
            while chunk := one.read(_CHUNK):
                if chunk != other.read(_CHUNK):
                    return False
            return not other.read(1)
    except FileNotFoundError:
        return False
