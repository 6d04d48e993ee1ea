"""What tells the SQLite files of one kind from all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["DatabaseKind", "KindTexts"]


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
    texts : KindTexts
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
