"""The bytes of a table: opened, unpacked, counted, and read as lines of text.

A file is passed through twice: once for its sum, its encoding and its size, once for its content,
so that memory follows what is kept of it and not the file.
"""

import codecs
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any, cast

from forensics.errors import InputError, UsageError
from forensics.io.cells import printable
from forensics.io.inputs import GZIP, STDIN, Budget, open_input, report_damage, unpack
from forensics.messages import _

__all__ = ["TABLE_BUDGET", "Budget", "Source", "open_source"]

_SPOOL = 64 * 2**20
_BLOCK = 1 << 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PATH = 4096

TABLE_BUDGET = Budget()


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
    """

    def __init__(self, raw: IO[bytes], name: str, *, budget: Budget = TABLE_BUDGET) -> None:
        self.name, self._raw, self.budget = name, raw, budget
        self.label = name or None
        self.sha256, self.start, self._encoding = "", b"", "utf-8"
        self._examine()

    def _examine(self) -> None:
        digest = hashlib.sha256()
        self._raw.seek(0)
        while block := self._raw.read(_BLOCK):
            digest.update(block)
        self.sha256 = digest.hexdigest()
        length = 0
        with self.binary() as stream, report_damage(self.label or ""):
            block = self.start = stream.read(4096)
            for bom, encoding in _BOMS:
                if self.start.startswith(bom):
                    self._encoding = encoding
            decoder = codecs.getincrementaldecoder("utf-8")() if self._encoding == "utf-8" else None
            while block:
                length += len(block)
                if length > self.budget.max_bytes:
                    raise InputError(
                        _(self.budget.too_long).format(most=self.budget.max_bytes),
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
        if not length:
            raise InputError(_("the file is empty; rows of data are expected"), source=self.label)

    @property
    def is_packed(self) -> bool:
        """Whether the file is gzipped."""
        self._raw.seek(0)
        return self._raw.read(2) == GZIP

    def binary(self) -> io.BufferedReader:
        """Return the unpacked bytes from their start; closing it leaves the file open."""
        return unpack(self._raw, self.label or "")

    def lines(self) -> Iterator[str]:
        """Yield lines with their ends, whatever ends them.

        Raises
        ------
        InputError
            At a line that is longer than the limit.
        """
        # Five bytes mean nothing in Windows-1252; they become the sign of a damaged letter.
        text = io.TextIOWrapper(
            self.binary(),
            encoding=self._encoding,
            errors="replace",
            newline="",
        )
        number = 0
        most = self.budget.max_line
        while line := text.readline(most + 1):
            number += 1
            if len(line) > most:
                raise InputError(
                    _(self.budget.line_too_long).format(most=most), source=self.label, line=number
                )
            yield line

    def close(self) -> None:
        """Close what was opened."""
        self._raw.close()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def open_source(source: object, *, budget: Budget = TABLE_BUDGET) -> Source:
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
        return Source(_spooled(source, budget), label, budget=budget)
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
        return Source(raw, label, budget=budget)
    except BaseException:
        raw.close()
        raise


def _spooled(stream: Any, budget: Budget) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)
    length = 0
    while block := stream.read(_BLOCK):
        data = block.encode("utf-8", "replace") if isinstance(block, str) else block
        length += len(data)
        if length > budget.max_bytes:
            spool.close()
            raise InputError(_(budget.too_long).format(most=budget.max_bytes))
        spool.write(data)
    spool.seek(0)
    return cast(IO[bytes], spool)
