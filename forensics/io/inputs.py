"""Opens what people give: files, pipes, standard input; packed or not."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from forensics.errors import IncompleteInputError, InputError
from forensics.io.formats import recognise
from forensics.messages import _

__all__ = [
    "STDIN",
    "check_sum",
    "explain_unreadable",
    "is_chromatogram",
    "open_input",
    "report_damage",
]

STDIN = "-"
_SPOOL = 64 * 2**20  # bytes of standard input kept in memory before they go to disk


@contextmanager
def report_damage(label: str) -> Iterator[None]:
    """Tell what goes wrong while a file is read that may be compressed.

    Raises
    ------
    IncompleteInputError
        If the compressed file ends too early; what was read before is right.
    InputError
        If it is damaged, or cannot be read any further.
    """
    try:
        yield
    except EOFError as error:
        raise IncompleteInputError(
            _("the compressed file ends too early; copy or download it again"), source=label
        ) from error
    except _damages() as error:
        raise InputError(
            _("the compressed file is damaged ({error}); copy or download it again").format(
                error=error
            ),
            source=label,
        ) from error
    except OSError as error:
        raise InputError(explain_unreadable(error), source=label) from error


def _damages() -> tuple[type[Exception], ...]:
    import gzip  # here and below: most files are plain
    import zlib

    return gzip.BadGzipFile, zlib.error


def open_input(source: str | os.PathLike[str], label: str) -> IO[bytes]:
    """Open a file, pipe or standard input for reading from any place; `label` names it in messages.

    Raises
    ------
    InputError
        If it is missing, a folder, a device, or must not be read.
    """
    if os.fspath(source) == STDIN:
        return _spooled(sys.stdin.buffer)
    try:
        mode = os.stat(source).st_mode
        if stat.S_ISDIR(mode):
            raise InputError(_("this is a folder; give the files in it"), source=label)
        if stat.S_ISFIFO(mode):  # a shell's <(command); it can be read only once
            with open(source, "rb") as pipe:
                return _spooled(pipe)
        if not stat.S_ISREG(mode):  # /dev/zero never ends
            raise InputError(_("this is a device, not a file"), source=label)
        return open(source, "rb")
    except OSError as error:
        raise InputError(explain_unreadable(error), source=label) from error
    except ValueError as error:  # a NUL in the path: no file has such a name
        raise InputError(explain_unreadable(FileNotFoundError()), source=label) from error


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    import tempfile  # takes as long to import as click's half

    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    while chunk := stream.read(1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return spool


def explain_unreadable(error: OSError) -> str:
    """Return in words why a file could not be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return _("there is no such file; check its name and folder")
    if isinstance(error, IsADirectoryError):
        return _("this is a folder; give the files in it")
    if isinstance(error, PermissionError):
        return _("reading it is not permitted; ask for read access")
    return _("it cannot be read: {error}").format(error=error.strerror or error)


def check_sum(raw: IO[bytes]) -> None:
    """Unpack once to the sum at the end: of damaged data no result may be given before it."""
    import gzip

    with gzip.GzipFile(fileobj=raw, mode="rb") as stream:
        try:
            while stream.read(1 << 20):
                pass
        except EOFError:
            pass  # what precedes the place where it was cut off is kept; that is reported when reached


def is_chromatogram(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file begins as an ABIF chromatogram does, plain or gzipped.

    One that cannot be read is none; reading it will tell why.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as raw:
            start = raw.read(4)
            if start.startswith(b"\x1f\x8b"):
                raw.seek(0)
                import gzip

                try:
                    start = gzip.GzipFile(fileobj=raw, mode="rb").read(4)
                except _damages():
                    return False
    except (OSError, EOFError, ValueError):
        return False
    known = recognise(start)
    return known is not None and known.name == "abif"
