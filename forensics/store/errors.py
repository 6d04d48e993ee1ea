"""Errors of SQLite, in plain words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from forensics.errors import ForensicsError, VerificationError
from forensics.messages import _
from forensics.store.kinds import DatabaseKind

__all__ = ["NOT_WRITABLE", "error_name", "translate_errors"]

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
