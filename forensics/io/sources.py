"""The bytes of a table: opened, unpacked, counted, and read as lines of text.

A file is passed through twice: once for its sum, its encoding and its size, once for its content,
so that memory follows what is kept of it and not the file.
"""

import codecs
import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from forensics.errors import InputError, UsageError
from forensics.io.cells import printable
from forensics.io.inputs import STDIN, open_input
from forensics.messages import N_, _

__all__ = ["TABLE_LIMITS", "Limits", "Source", "open_source"]

_SPOOL = 64 * 2**20
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PATH = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read, and what is said of a longer one.

    Attributes
    ----------
    max_bytes : int
        Unpacked.
    max_line : int
        Characters.
    too_long, line_too_long : str
        With the field ``{most}``.
    """

    max_bytes: int = 256 * 2**20
    max_line: int = 16 * 2**20
    too_long: str = N_("The file is longer than {most} bytes.")
    line_too_long: str = N_("a line has more than {most} characters; is it a table?")


TABLE_LIMITS = Limits()


class Source:
    """A file whose sum and encoding are known.

    Attributes
    ----------
    name : str
        As messages call it; "" for a text without a name.
    sha256 : str
        Of the bytes as they were given (packed, where it is packed).
    start : bytes
        The first unpacked bytes, at most 4,096.
    limits : Limits
    """

    def __init__(self, raw: IO[bytes], name: str, *, limits: Limits = TABLE_LIMITS) -> None:
        self.name, self._raw, self.limits = name, raw, limits
        self.label = name or None
        self.sha256, self.start, self._encoding = "", b"", "utf-8"
        self._examine(limits)

    def _examine(self, limits: Limits) -> None:
        digest = hashlib.sha256()
        self._raw.seek(0)
        while block := self._raw.read(_BLOCK):
            digest.update(block)
        self.sha256 = digest.hexdigest()
        length = 0
        with self.binary() as stream:
            try:
                block = self.start = stream.read(4096)
                for bom, encoding in _BOMS:
                    if self.start.startswith(bom):
                        self._encoding = encoding
                decoder = (
                    codecs.getincrementaldecoder("utf-8")() if self._encoding == "utf-8" else None
                )
                while block:
                    length += len(block)
                    if length > limits.max_bytes:
                        raise InputError(
                            _(limits.too_long).format(most=limits.max_bytes), source=self.label
                        )
                    if decoder is not None:
                        try:
                            decoder.decode(block)
                        except UnicodeDecodeError:
                            self._encoding, decoder = "cp1252", None
                    block = stream.read(_BLOCK)
                if decoder is not None:
                    try:
                        decoder.decode(b"", final=True)
                    except UnicodeDecodeError:
                        self._encoding = "cp1252"
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise InputError(
                    _("the packed file is damaged or cut off; copy it again from its origin"),
                    source=self.label,
                ) from error
        if not length:
            raise InputError(_("the file is empty; rows of data are expected"), source=self.label)

    @property
    def is_packed(self) -> bool:
        """Whether the file is gzipped."""
        self._raw.seek(0)
        return self._raw.read(2) == _GZIP

    def binary(self) -> IO[bytes]:
        """Return the unpacked bytes from their start; closing it leaves the file open."""
        packed = self.is_packed
        self._raw.seek(0)
        stream = gzip.GzipFile(fileobj=self._raw, mode="rb") if packed else _Kept(self._raw)
        return cast(IO[bytes], stream)

    def lines(self) -> Iterator[str]:
        """Yield lines with their ends, whatever ends them.

        Raises
        ------
        InputError
            At a line that is longer than the limit.
        """
        # Five bytes mean nothing in Windows-1252; they become the sign of a damaged letter.
        text = io.TextIOWrapper(
            io.BufferedReader(_Raw(self.binary()), _BLOCK),
            encoding=self._encoding,
            errors="replace",
            newline="",
        )
        number = 0
        most = self.limits.max_line
        while line := text.readline(most + 1):
            number += 1
            if len(line) > most:
                raise InputError(
                    _(self.limits.line_too_long).format(most=most), source=self.label, line=number
                )
            yield line

    def close(self) -> None:
        """Close what was opened."""
        self._raw.close()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class _Raw(io.RawIOBase):
    """Lets a buffered reader sit on any binary stream."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


class _Kept(io.RawIOBase):
    """A stream that stays open when its reader is closed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def open_source(source: object, *, limits: Limits = TABLE_LIMITS) -> Source:
    """Open a path, ``-`` (standard input), or an open text or binary file.

    Raises
    ------
    InputError
        If it is missing, a folder, a device, empty, damaged or longer than the limit.
    UsageError
        If it is nothing that can be read.
    """
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        label = printable(name, most=_PATH) if isinstance(name, str) else ""
        return Source(_spooled(source, limits), label, limits=limits)
    if not isinstance(source, (str, os.PathLike)):
        raise UsageError(
            _("{kind}: a path, an open file or a pandas DataFrame is expected").format(
                kind=type(source).__name__
            )
        )
    name = os.fspath(source)
    label = _("standard input") if name == STDIN else printable(name, most=_PATH)
    raw = open_input(source, label)
    try:
        return Source(raw, label, limits=limits)
    except BaseException:
        raw.close()
        raise


def _spooled(stream: Any, limits: Limits) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    length = 0
    while block := stream.read(_BLOCK):
        data = block.encode("utf-8", "replace") if isinstance(block, str) else block
        length += len(data)
        if length > limits.max_bytes:
            spool.close()
            raise InputError(_(limits.too_long).format(most=limits.max_bytes))
        spool.write(data)
    spool.seek(0)
    return cast(IO[bytes], spool)
