"""What tells the SQLite files of one kind from all others, and the errors of SQLite in plain words."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from forensics.errors import ForensicsError, VerificationError
from forensics.messages import _


@dataclass(frozen=True, slots=True)
class KindTexts:
    """Texts for people about files of one kind, marked for translation with `N_`.

    Attributes
    ----------
    missing : str
        There is no such file.
    foreign : str
        The file is of another kind (`path`).
    damaged : str
        SQLite cannot read it (`path`, `error`).
    unknown_version : str
        It is of a version that never was (`path`, `found`, `expected`).
    newer_version : str
        It is of a version after the present one (`path`, `found`, `expected`).
    disk_full, not_writable, locked : str
        `path`.
    failed, refused : str
        The disk failed; SQLite refused the statement (`path`, `error`).
    too_large : str
        It has more bytes than are copied (`found`, `most`).
    """

    missing: str
    foreign: str
    damaged: str
    unknown_version: str
    newer_version: str
    disk_full: str
    not_writable: str
    locked: str
    failed: str
    refused: str
    too_large: str


@dataclass(frozen=True, slots=True, eq=False)
class DatabaseKind:
    """A kind of SQLite file: by what it is recognised, what is in it, what is said of it.

    Attributes
    ----------
    application_id : int
        In the header of the file, where ``file`` and other programs read it.
    scripts : mapping of int to str
        SQL that makes the tables, indexes, triggers and views, by version of the schema.
    journal : {"WAL", "DELETE"}
        Journal mode of a connection that writes. With ``WAL`` others read while one writes, and
        there are files beside the database.
    max_bytes : int
        Largest file that is copied to be looked at.
    """

    application_id: int
    scripts: Mapping[int, str]
    texts: KindTexts
    journal: Literal["WAL", "DELETE"]
    max_bytes: int

    @property
    def version(self) -> int:
        """The present version of the schema."""
        return max(self.scripts)


NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
"""How the names of errors begin where a file or its folder cannot be written."""


def error_name(error: sqlite3.Error) -> str:
    """Return the name that SQLite gives to an error, such as ``SQLITE_FULL``; empty if it has none."""
    return getattr(error, "sqlite_errorname", "") or ""


@contextmanager
def translate_errors(path: str | os.PathLike[str], kind: DatabaseKind) -> Iterator[None]:
    """Turn errors of SQLite into ours: a full disk, a read-only folder, a locked or damaged file.

    Raises
    ------
    VerificationError
        If the file is damaged, or is no database.
    ForensicsError
        If it cannot be read or written.
    """
    source, texts = os.fspath(path), kind.texts
    try:
        yield
    except UnicodeDecodeError as error:  # in the schema, which SQLite quotes in its messages
        raise VerificationError(_(texts.damaged).format(path=source, error=error)) from error
    except sqlite3.Error as error:
        name = error_name(error)
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise VerificationError(_(texts.damaged).format(path=source, error=error)) from error
        if name.startswith("SQLITE_FULL"):
            text = texts.disk_full
        elif name.startswith(NOT_WRITABLE):
            text = texts.not_writable
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            text = texts.locked
        elif name.startswith("SQLITE_IOERR"):
            text = texts.failed
        else:
            text = texts.refused
        raise ForensicsError(_(text).format(path=source, error=error)) from error
