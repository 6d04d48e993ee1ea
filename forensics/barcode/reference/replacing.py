"""A new library takes the place of an old one, whole or not at all, also where a build is killed."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from forensics.barcode.locus import known_loci
from forensics.barcode.reference.library import BESIDE, DESCRIPTION, OF_A_LOCUS
from forensics.errors import LibraryError
from forensics.messages import _

__all__ = ["new_folder"]

_LOCK = ".lock"


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of `path` when the block ends without error.

    What a killed process left behind beside `path` is removed (`_sweep`).

    Raises
    ------
    LibraryError
        If `path` is not a library, holds what is not of one, or cannot be moved aside; it is as it was then.
    """
    free = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    if not free and not (path / DESCRIPTION).is_file():
        raise LibraryError(
            _("{path} exists and is not a library; give a new folder.").format(path=path)
        )
    if foreign := _foreign(path):
        raise LibraryError(
            _(
                "{path} would be replaced, but holds what is not of a library: {names}. Move it away, "
                "or give a new folder."
            ).format(path=path, names=", ".join(foreign[:5]))
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    lock = FileLock(partial / _LOCK)
    try:
        lock.acquire()  # says that somebody still works here, as long as this process lives
        yield partial
        lock.release()
        (partial / _LOCK).unlink(missing_ok=True)
        partial.chmod(0o755)
        if path.exists():
            # A folder cannot be replaced in one step; the old one is kept until the new one stands.
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            _exchange(path, old / path.name, partial)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(partial, path)
    finally:
        lock.release()
        shutil.rmtree(partial, ignore_errors=True)


def _exchange(path: Path, aside: Path, new: Path) -> None:
    """Put the old library aside and the new one in its place, or leave everything as it was.

    Windows moves no folder in which a program has a file open, and an index is open as long as
    somebody searches it.
    """
    try:
        os.replace(path, aside)
        try:
            os.replace(new, path)
        except OSError:
            os.replace(aside, path)
            raise
    except OSError as error:
        if not any(aside.parent.iterdir()):
            aside.parent.rmdir()
        raise LibraryError(
            _(
                "{path} cannot be replaced ({error}); the old library stays. Perhaps a program has it "
                "open: end it, and build again."
            ).format(path=path, error=error.strerror or error)
        ) from error


def _sweep(path: Path) -> None:
    """Remove unfinished folders of this target whose process has died.

    A process holds a lock on a file in its folder until its end, however that comes. A
    folder without that file is left: it is not known whose it is. What was put aside for a
    new library goes once one stands.
    """
    unfinished = re.compile(re.escape(f".{path.name}.") + "[a-z0-9_]{8}")
    aside = re.compile(re.escape(f".{path.name}.old.") + "[a-z0-9_]{8}")
    for entry in path.parent.iterdir():
        if aside.fullmatch(entry.name) and (path / DESCRIPTION).is_file():
            shutil.rmtree(entry, ignore_errors=True)
        if not unfinished.fullmatch(entry.name) or not (entry / _LOCK).is_file():
            continue
        lock = FileLock(entry / _LOCK)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # somebody works there, or it is somebody else's
            continue
        lock.release()
        shutil.rmtree(entry, ignore_errors=True)


def _foreign(path: Path) -> list[str]:
    """Return what somebody has put into the folder of a library."""
    if not path.is_dir():
        return []
    loci = {locus.name for locus in known_loci()}
    foreign = []
    for entry in path.iterdir():
        if entry.is_dir() and entry.name in loci:
            foreign += [
                f"{entry.name}/{e.name}" for e in entry.iterdir() if e.name not in OF_A_LOCUS
            ]
        elif entry.name not in BESIDE:
            foreign.append(entry.name)
    return sorted(foreign)
