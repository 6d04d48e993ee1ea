"""What the SQLite file of a ledger is, and where its attached files are."""

import os
from pathlib import Path

from forensics.custody import schema
from forensics.custody.budgets import MAX_LEDGER_BYTES
from forensics.messages import N_
from forensics.store.kinds import DatabaseKind, KindTexts

__all__ = ["LEDGER_DATABASE", "files_folder"]

LEDGER_DATABASE = DatabaseKind(
    application_id=schema.APPLICATION_ID,
    scripts={schema.SCHEMA_VERSION: schema.SCRIPT},
    texts=KindTexts(
        missing=N_("There is no ledger here; forensics custody init makes one."),
        foreign=N_("{path}: this is not a ledger of custody."),
        damaged=N_("{path}: this is not a ledger, or it is damaged: {error}"),
        unknown_version=N_("{path}: a ledger of version {found}, expected {expected}."),
        newer_version=N_(
            "{path}: a ledger of version {found}; this software reads versions up to {expected}. "
            "Open it with a newer version of the software."
        ),
        disk_full=N_("{path}: the disk is full; nothing was recorded. Make room and repeat."),
        not_writable=N_("{path}: the ledger cannot be written here; nothing was recorded."),
        locked=N_("{path}: another program keeps the ledger locked; nothing was recorded."),
        failed=N_("{path}: reading or writing failed; nothing was recorded ({error})."),
        refused=N_("{path}: the database refused this; nothing was recorded ({error})."),
        too_large=N_("The ledger has {found} bytes, at most {most} are read."),
    ),
    journal="WAL",
    max_bytes=MAX_LEDGER_BYTES,
)
"""The file of a ledger of custody."""


def files_folder(path: str | os.PathLike[str]) -> Path:
    """Return the folder of the files that are attached to events of a ledger."""
    return Path(f"{os.fspath(path)}.files")
