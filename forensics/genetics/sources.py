"""The bytes of a genotype file: opened, unpacked, counted, and read as lines of text.

A file is passed through twice: once for its sum, its encoding and its size, once for its content,
so that memory follows the genotypes and not the file.
"""

import codecs
import gzip
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Iterator
from typing import IO

from forensics.errors import InputError, UsageError
from forensics.io.inputs import STDIN, open_input
from forensics.messages import _

__all__ = ["MAX_BYTES", "MAX_LINE", "OptionError", "Source", "open_source", "printable"]

# Unpacked. 100,000 loci of 1,000 animals as "138/140" are 0.8 GB.
MAX_BYTES = 4 * 2**30
# Characters of a line: a million loci of nine characters, with room.
MAX_LINE = 16 * 2**20
_SPOOL = 64 * 2**20
_BLOCK = 1 << 20
_GZIP = b"\x1f\x8b"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PRINTED = 60  # characters of a cell in a message
_PATH = 4096


class OptionError(UsageError):
    """An option that does not fit a file; who has other names for options says it anew.

    Parameters
    ----------
    option : str
        As Python calls it.
    text : str
        With fields in braces, of which ``{option}`` may be one.
    source : str or None
        The file.
    values : dict
        Of the other fields.
    """

    def __init__(self, option: str, text: str, source: str | None, **values: object) -> None:
        self.option, self.text, self.source, self.values = option, text, source, values
        said = text.format(option=option, **values)
        super().__init__(f"{source}: {said}" if source else said)

    def called(self, option: str) -> "OptionError":
        """Return it with another name of the option, such as ``--population``."""
        return OptionError(option, self.text, self.source, **self.values)


class Source:
    """A genotype file whose sum and encoding are known.

    Attributes
    ----------
    name : str
        As messages call it; "" for a text without a name.
    sha256 : str
        Of the bytes as they were given (packed, where it is packed).
    start : bytes
        The first unpacked bytes, at most 4,096.
    """

    def __init__(self, raw: IO[bytes], name: str, *, max_bytes: int = MAX_BYTES) -> None:
        self.name, self._raw = name, raw
        self.label = name or None
        self.sha256, self.start, self._encoding = "", b"", "utf-8"
        self._examine(max_bytes)

    def _examine(self, max_bytes: int) -> None:
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
                    if length > max_bytes:
                        raise InputError(
                            _(
                                "unpacked, the file is longer than {most} bytes; is it a genotype "
                                "file? Divide it by loci and read the parts"
                            ).format(most=max_bytes),
                            source=self.label,
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

    def binary(self) -> IO[bytes]:
        """Return the unpacked bytes from their start; closing it leaves the file open."""
        self._raw.seek(0)
        packed = self._raw.read(2) == _GZIP
        self._raw.seek(0)
        return gzip.GzipFile(fileobj=self._raw, mode="rb") if packed else _Kept(self._raw)

    def lines(self) -> Iterator[str]:
        """Yield lines with their ends, whatever ends them.

        Raises
        ------
        InputError
            At a line of more than `MAX_LINE` characters.
        """
        # Five bytes mean nothing in Windows-1252; they become the sign of a damaged letter.
        text = io.TextIOWrapper(
            io.BufferedReader(_Raw(self.binary()), _BLOCK),
            encoding=self._encoding,
            errors="replace",
            newline="",
        )
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise InputError(
                    _("a line of more than {most} characters; is it a genotype file?").format(
                        most=MAX_LINE
                    ),
                    source=self.label,
                    line=number,
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

    def readinto(self, buffer) -> int:
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


def open_source(source: object, *, max_bytes: int = MAX_BYTES) -> Source:
    """Open a path, ``-`` (standard input), or an open text or binary file.

    Raises
    ------
    InputError
        If it is missing, a folder, a device, empty, damaged or longer than `max_bytes`.
    UsageError
        If it is nothing that can be read.
    """
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        label = printable(name, most=_PATH) if isinstance(name, str) else ""
        return Source(_spooled(source, max_bytes), label, max_bytes=max_bytes)
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
        return Source(raw, label, max_bytes=max_bytes)
    except BaseException:
        raw.close()
        raise


def _spooled(stream: IO, max_bytes: int) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    held = 0
    while block := stream.read(_BLOCK):
        data = block.encode("utf-8", "replace") if isinstance(block, str) else block
        held += len(data)
        if held > max_bytes:
            spool.close()
            raise InputError(
                _("more than {most} bytes were given; is it a genotype file?").format(
                    most=max_bytes
                )
            )
        spool.write(data)
    spool.seek(0)
    return spool


def printable(text: object, *, most: int = _PRINTED) -> str:
    """Return a cell as a message shows it: no control characters, not too long.

    Examples
    --------
    >>> printable("N\\x1b[31m7")
    'N?[31m7'
    """
    shown = "".join(sign if sign.isprintable() else "?" for sign in str(text))
    return shown if len(shown) <= most else shown[: most - 1] + "…"
