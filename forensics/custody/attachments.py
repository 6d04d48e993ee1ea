"""Files that events name: copied beside the ledger under their SHA-256, before the event is written."""

import hashlib
import mimetypes
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from forensics.custody.canonical import nfc
from forensics.errors import ForensicsError, InputError
from forensics.io.files import sha256, shown_name, sync_folder
from forensics.messages import _
from forensics.store.connections import share_folder, share_like

_CHUNK = 2**20


class AttachmentEntry(TypedDict):
    """What an event says of a file that is attached to it."""

    sha256: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Staged:
    """A file that was copied and not yet taken into the ledger.

    Attributes
    ----------
    entry : AttachmentEntry
        As it stands in the event.
    temporary : Path
        The copy.
    """

    entry: AttachmentEntry
    temporary: Path


def base_name(file: object) -> str:
    """Return the name of a file without its folders, which may be those of another machine.

    Examples
    --------
    >>> base_name("C:\\\\case\\\\a.csv"), base_name("case/a.csv")
    ('a.csv', 'a.csv')
    """
    return str(file).replace("\\", "/").rsplit("/", 1)[-1]


def is_unchanged(path: Path, digest: str, size: object) -> bool:
    """Return whether a file is there with this SHA-256 and size.

    The size is compared first: a sparse file of a terabyte takes no room, and an hour to hash. A pipe
    or a device, which would be read without end, is no such file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return path.is_file() and path.stat().st_size == size and sha256(path) == digest


def stage(folder: Path, paths: Sequence[str | os.PathLike[str]], ledger: Path) -> list[Staged]:
    """Copy files into `folder`, which is made for `ledger`, under temporary names.

    Raises
    ------
    InputError
        If one is missing, no regular file, empty or cannot be read.
    ForensicsError
        If there is no room.
    """
    staged: dict[str, Staged] = {}
    try:
        for path in map(Path, paths):
            file = _stage(folder, path, ledger)
            if staged.setdefault(file.entry["sha256"], file) is not file:
                remove([file])  # the same file twice
    except BaseException:
        remove(list(staged.values()))
        raise
    return list(staged.values())


def _stage(folder: Path, path: Path, ledger: Path) -> Staged:
    if not path.is_file():
        raise InputError(_("There is no such file to attach."), source=str(path))
    name = nfc(shown_name(path.name))
    try:
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            share_folder(ledger, folder)
        temporary = folder / f".{secrets.token_hex(8)}.partial"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as source, temporary.open("xb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            if not size:
                raise InputError(_("The file to attach is empty."), source=str(path))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ForensicsError(
            _("{path} cannot be copied to {folder}: {error}; nothing was recorded.").format(
                path=path, folder=folder, error=error.strerror or error
            )
        ) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    entry: AttachmentEntry = {
        "sha256": digest.hexdigest(),
        "name": name,
        "size": size,
        "media_type": media_type,
    }
    return Staged(entry, temporary)


def keep(folder: Path, staged: Sequence[Staged], ledger: Path) -> None:
    """Give staged files their names, so that they last; those that are there already stay.

    They get the group and the permissions of `ledger`.
    """
    for file in staged:
        target = folder / file.entry["sha256"]
        if is_unchanged(target, file.entry["sha256"], file.entry["size"]):
            file.temporary.unlink()
        else:
            share_like(ledger, file.temporary)
            os.replace(file.temporary, target)
    if staged:
        sync_folder(folder)


def remove(staged: Sequence[Staged]) -> None:
    """Remove staged files that no event took."""
    for file in staged:
        file.temporary.unlink(missing_ok=True)


def copy_all(source: Path, target: Path) -> None:
    """Copy the files of a ledger into the folder of its backup."""
    if source.is_dir():
        target.mkdir()
        for path in sorted(source.iterdir()):
            if not path.name.endswith(".partial"):
                shutil.copy2(path, target / path.name)
        sync_folder(target)
