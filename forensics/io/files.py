"""Files that are written, whole or not at all, and names of files as results have them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from forensics.errors import InputError, UsageError
from forensics.messages import _


class Writing(NamedTuple):
    """A file that is being written.

    Attributes
    ----------
    path : Path
        Where it is for the time being.
    stream : BinaryIO
        Can also be read and sought in.
    """

    path: Path
    stream: BinaryIO


def check_folder(path: str | os.PathLike[str]) -> None:
    """Check, before any work, that the folder of a new file is there and may be written to.

    Raises
    ------
    UsageError
    """
    folder = Path(path).parent
    if not folder.is_dir():
        raise UsageError(
            _("{path}: there is no folder {folder}; make it first.").format(
                path=path, folder=folder
            )
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            _("{path}: the folder {folder} may not be written to.").format(path=path, folder=folder)
        )


@contextmanager
def writing(
    path: str | os.PathLike[str], *, mode: int = 0o644, new: bool = True
) -> Iterator[Writing]:
    """Write a file by way of a temporary one beside it: whole, or not at all.

    Parameters
    ----------
    mode : int
        Permissions of the file, where the system has such.
    new : bool
        Whether the file must not exist yet. The name is claimed first, by an empty file, so that
        two programs cannot both win; a crash leaves the empty file or the whole one.

    Yields
    ------
    Writing
        Its stream takes the content. An exception leaves what was there before.

    Raises
    ------
    UsageError
        If the file must be new and exists.
    InputError
        If it cannot be written (permissions, a full disk).
    """
    import secrets  # here, as identify of one sample imports this module and writes no file

    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    claimed = False
    flags = os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        if new:
            os.close(os.open(path, os.O_WRONLY | flags, mode))
            claimed = True
        with open(os.open(temporary, os.O_RDWR | flags, mode), "w+b") as stream:
            yield Writing(temporary, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if claimed:
            path.unlink(missing_ok=True)
        if new and not claimed and isinstance(error, FileExistsError):
            raise _taken(path) from None
        if isinstance(error, OSError):
            raise InputError(
                _("The file cannot be written: {error}").format(error=error.strerror or error),
                source=str(path),
            ) from error
        raise


@contextmanager
def making_folder(path: str | os.PathLike[str], *, mode: int = 0o755) -> Iterator[Path]:
    """Make a folder by way of a temporary one beside it: whole, or not at all.

    Parameters
    ----------
    path : path
        Does not exist, or is an empty folder.
    mode : int
        Permissions of the folder, where the system has such.

    Yields
    ------
    Path
        The temporary folder, which takes the content.

    Raises
    ------
    UsageError
        If it exists and is not empty.
    InputError
        If it cannot be written.
    """
    import shutil
    import tempfile

    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(_("{path} exists already; give a new folder.").format(path=path))
    partial = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield partial
        partial.chmod(mode)
        if path.exists():  # empty; Windows replaces no folder
            path.rmdir()
        os.replace(partial, path)
    except OSError as error:  # with the folder that was given, not the temporary one
        raise InputError(
            _("The folder cannot be written: {error}").format(error=error.strerror or error),
            source=str(path),
        ) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def require_new(*paths: str | os.PathLike[str]) -> None:
    """Raise `UsageError` if there is something at one of the paths."""
    for path in paths:
        if os.path.exists(path):
            raise _taken(path)


def _taken(path: str | os.PathLike[str]) -> UsageError:
    return UsageError(
        _("{path} exists already and is not overwritten; give another name.").format(path=path)
    )


def replace_file(path: str | os.PathLike[str], data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path`: afterwards the file is whole, or what it was. See `writing`."""
    with writing(path, mode=mode, new=False) as opened:
        opened.stream.write(data)


def write_new(path: str | os.PathLike[str], data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to a file that must not exist yet. See `writing`."""
    with writing(path, mode=mode) as opened:
        opened.stream.write(data)


def sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where folders can be opened (not on Windows)."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def shown_name(file: str | os.PathLike[str]) -> str:
    """Return the name of a file as text that can be stored and printed anywhere.

    Names on old sticks and disks are not always UTF-8. Python gives the bytes that are none as lone
    surrogates, which no file, terminal or ledger takes; here they are written as in a URL.

    Examples
    --------
    >>> shown_name("pi\\udce8ce.fasta")
    'pi%E8ce.fasta'
    """
    name = os.fspath(file)
    try:
        name.encode()
    except UnicodeEncodeError:
        return "".join(map(_shown_letter, name))
    return name


def _shown_letter(letter: str) -> str:
    code = ord(letter)
    if not 0xD800 <= code <= 0xDFFF:
        return letter
    # Of a byte its number; half a character, which Windows takes in a name, as such.
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%u{code:04X}"
