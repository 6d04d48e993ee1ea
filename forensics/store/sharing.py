"""A database that several users of a computer write: what is made beside it is theirs, too.

Everything beside a ledger gets its group and its permissions. In a folder that is made for a group
(writable for it, with the set-group-id bit) a new ledger is made writable for that group.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["mode_of", "new_ledger_mode", "share_folder", "share_like"]

_READ_WRITE = 0o666


def mode_of(ledger: str | os.PathLike[str]) -> int:
    """Return the permissions to read and write of a ledger, for what is made beside it."""
    return os.stat(ledger).st_mode & _READ_WRITE


def new_ledger_mode(folder: Path, mode: int) -> int:
    """Return the permissions of a new ledger in `folder`, which would have `mode` otherwise."""
    shared = folder.stat().st_mode
    group = shared & stat.S_ISGID and shared & stat.S_IWGRP
    return mode | 0o060 if group else mode


def share_like(ledger: str | os.PathLike[str], path: str | os.PathLike[str]) -> None:
    """Give a file beside a ledger the ledger's group and permissions, where it is ours to give."""
    if os.name == "posix":
        _share(path, os.stat(ledger).st_gid, mode_of(ledger))


def share_folder(ledger: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """Give a new folder of a ledger its group and permissions, and what is made in it the group."""
    if os.name == "posix" and Path(ledger).exists():
        mode = mode_of(ledger)
        # Who may read a folder may enter it.
        mode |= (mode & 0o444) >> 2
        _share(folder, os.stat(ledger).st_gid, mode | stat.S_ISGID)


def _share(path: str | os.PathLike[str], group: int, mode: int) -> None:
    with suppress(PermissionError, FileNotFoundError):  # of somebody else, who gave it already
        status = os.stat(path, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            return
        if status.st_gid != group:
            os.chown(path, -1, group)
        if stat.S_IMODE(status.st_mode) != mode:
            os.chmod(path, mode)
