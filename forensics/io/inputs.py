"""The gate: whatever people give is opened here, by one `Budget`; files, pipes, standard input, packed or not.

No other module opens a file of a stranger (`tests/io/test_gate.py` looks for it). What a file costs follows
from what its bytes can become: so a packed file may not swell beyond reason, and JSON, TOML and archives are
looked at before they are read.
"""

import io
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from forensics.errors import IncompleteInputError, InputError
from forensics.io.formats import recognise
from forensics.messages import N_, _

if TYPE_CHECKING:
    import zipfile

STDIN = "-"
_SPOOL = 64 * 2**20  # bytes of standard input kept in memory before they go to disk
GZIP = b"\x1f\x8b"
# A packed file may swell to so many times its length: a VCF of 10,000 animals with rare variants packs
# 100-fold, FASTQ fivefold, and gzip can do 1,032. Below 64 MB it does not matter.
MAX_SWELLING = 250
_FREE = 64 * 2**20
# Of JSON: a range map of two million corners has six million values, each up to 100 bytes in memory.
MAX_VALUES = 8_000_000
# Of TOML, which people write by hand: 256 kB are 4,000 lines. `tomllib` takes hours for a long key.
MAX_TOML = 256 * 2**10
_LONG_KEY = r"""(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){50}"""
# Of an archive: a model of 1,000 trees has some 2,000 members.
MAX_MEMBERS = 100_000


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a table is read, and what is said of a longer one.

    Attributes
    ----------
    max_bytes : int
        Unpacked.
    max_line : int
        Characters of a line, and of a cell.
    max_rows, max_columns, max_cells : int
        Of a sheet or a file of text.
    too_long, line_too_long : str
        With the field ``{most}``.
    """

    max_bytes: int = 256 * 2**20
    max_line: int = 16 * 2**20
    # Seizures of a country, or animals, are fewer.
    max_rows: int = 2_000_000
    # A million loci, two columns each.
    max_columns: int = 2_000_000
    # Some 60 bytes each: 1.2 GB.
    max_cells: int = 20_000_000
    too_long: str = N_("The file is longer than {most} bytes.")
    line_too_long: str = N_("a line has more than {most} characters; is it a table?")


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


def unpack(raw: IO[bytes], label: str, *, checked: bool = False) -> io.BufferedReader:
    """Return the content of an open file from its start, unpacked where it is gzipped.

    Closing it leaves the file open. Read it within `report_damage`.

    Parameters
    ----------
    raw : binary file
        Can be sought in.
    label : str
        Its name, for messages.
    checked : bool
        Unpack once to the sum at the end: of damaged data no result may be given before it.

    Raises
    ------
    InputError
        While it is read, if it swells to more than `MAX_SWELLING` times its packed length.
    """
    raw.seek(0)
    packed = raw.read(2) == GZIP
    raw.seek(0)
    content: io.BufferedReader = io.BufferedReader(
        _Unpacked(raw, label) if packed else _Kept(raw), 1 << 16
    )
    if packed and checked:
        try:
            while content.read(1 << 20):
                pass
        except EOFError:
            pass  # what precedes the place where it was cut off is kept; that is reported when reached
        content.seek(0)
    return content


class _Kept(io.RawIOBase):
    """A stream that stays open when its reader is closed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


class _Unpacked(_Kept):
    def __init__(self, raw: IO[bytes], label: str) -> None:
        import gzip  # most files are plain

        super().__init__(cast(IO[bytes], gzip.GzipFile(fileobj=raw, mode="rb")))
        self._raw, self._label = raw, label

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        length = self._stream.tell()
        if length > _FREE and length > MAX_SWELLING * self._raw.tell():
            raise InputError(
                _(
                    "unpacked, the file is more than {most} times as long as packed; data of a laboratory "
                    "are not. Unpack it, look at it, and give it unpacked if it is right"
                ).format(most=MAX_SWELLING),
                source=self._label,
            )
        return count


def read_limited(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """Return the content of a file of at most `max_bytes` bytes, as it is.

    Raises
    ------
    InputError
        If it cannot be read, is not a regular file, or is longer.
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe would wait for ever
            raise InputError(_("this is not a file"), source=str(path))
        with path.open("rb") as stream:
            data = read_up_to(stream, max_bytes + 1)
    except OSError as error:
        raise InputError(explain_unreadable(error), source=str(path)) from error
    if len(data) > max_bytes:
        raise InputError(
            _("The file is longer than {most} bytes.").format(most=max_bytes), source=str(path)
        )
    return data


def read_up_to(stream: IO[bytes], count: int) -> bytes:
    """Return at most `count` bytes of a stream; memory follows what is there."""
    parts = []
    while count > 0 and (block := stream.read(min(count, 1 << 20))):
        parts.append(block)
        count -= len(block)
    return b"".join(parts)


def read_start(path: str | os.PathLike[str], count: int = 4096) -> bytes:
    """Return the first bytes of a regular file, unpacked; none of one that cannot be read.

    Reading it whole will say why.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return b""
        with open(path, "rb") as raw:
            return unpack(raw, "").read(count)
    except (OSError, EOFError, ValueError):
        return b""
    except _damages():
        return b""


def load_json(content: bytes | str) -> Any:
    """Return the value of JSON that a stranger may have written.

    Raises
    ------
    ValueError
        If it is not JSON in UTF-8, is nested too deeply, or holds more than `MAX_VALUES` values.
    """
    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise ValueError(_("it holds more than {most} values").format(most=MAX_VALUES))
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(_("it is nested too deeply")) from error


def load_toml(content: bytes | str) -> dict[str, Any]:
    """Return the value of TOML that people wrote.

    Raises
    ------
    ValueError
        If it is not TOML in UTF-8, is longer than `MAX_TOML`, or is nested too deeply.
    """
    import tomllib  # only where there is a file

    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    if len(text) > MAX_TOML:
        raise ValueError(_("it is longer than {most} characters").format(most=MAX_TOML))
    if re.search(_LONG_KEY, text):
        raise ValueError(_("it is nested too deeply"))
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(_("it is nested too deeply")) from error


@contextmanager
def open_archive(source: IO[bytes] | Path, max_bytes: int) -> "Iterator[zipfile.ZipFile]":
    """Open a zip archive whose members are few and short enough, to be read.

    Raises
    ------
    zipfile.BadZipFile
        If it is not one, has more than `MAX_MEMBERS` members or `max_bytes` bytes unpacked, or one of
        them swells to more than `MAX_SWELLING` times its packed length.
    """
    import zipfile

    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        # No more than `file_size` of a member is ever unpacked.
        swollen = any(
            one.file_size > max(_FREE, MAX_SWELLING * one.compress_size) for one in members
        )
        whole = sum(one.file_size for one in members)
        if len(members) > MAX_MEMBERS or whole > max_bytes or swollen:
            raise zipfile.BadZipFile(
                _("it unpacks to {count} files of {length} bytes, more than data do").format(
                    count=len(members), length=whole
                )
            )
        yield archive


def is_chromatogram(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file begins as an ABIF chromatogram does, plain or gzipped."""
    known = recognise(read_start(path, 4))
    return known is not None and known.name == "abif"
