"""Copies of a whole database."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from forensics.errors import UsageError, VerificationError
from forensics.messages import _
from forensics.store.errors import translate_errors
from forensics.store.kinds import DatabaseKind
from forensics.store.schema import find_damage

__all__ = ["copy_database"]

_SIDES = ("", "-wal", "-shm", "-journal")


def copy_database(
    source: sqlite3.Connection, target: str | os.PathLike[str], kind: DatabaseKind
) -> None:
    """Copy a database through SQLite's backup API to a new file, whole or not at all.

    Raises
    ------
    UsageError
        If the target exists.
    VerificationError
        If the copy is damaged; it does not stay.
    """
    target = Path(target)
    if target.exists():
        raise UsageError(
            _("{path} exists already and is not overwritten; give another name.").format(
                path=target
            )
        )
    temporary = target.with_name(f".{target.name}.partial")
    try:
        with translate_errors(target, kind), closing(sqlite3.connect(temporary)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            damage = find_damage(copy)
        if damage:
            raise VerificationError(
                _("{path}: the copy is damaged: {problem}").format(
                    path=target, problem="; ".join(damage)
                )
            )
        os.replace(temporary, target)
    finally:
        for ending in _SIDES:
            with suppress(OSError):
                os.unlink(f"{temporary}{ending}")
