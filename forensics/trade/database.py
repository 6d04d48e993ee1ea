"""What the SQLite file of a store of seizures is."""

from forensics.messages import N_
from forensics.store.kinds import DatabaseKind, KindTexts
from forensics.trade import schema

__all__ = ["SEIZURE_DATABASE"]

SEIZURE_DATABASE = DatabaseKind(
    application_id=schema.APPLICATION_ID,
    scripts={schema.SCHEMA_VERSION: schema.SCRIPT},
    texts=KindTexts(
        missing=N_("There is no store of seizures here; forensics trade import --new makes one."),
        foreign=N_("{path}: this is not a store of seizures."),
        damaged=N_("{path}: this is not a store of seizures, or it is damaged: {error}"),
        unknown_version=N_("{path}: a store of version {found}, expected {expected}."),
        newer_version=N_(
            "{path}: a store of version {found}; this software reads versions up to {expected}. "
            "Open it with a newer version of the software."
        ),
        disk_full=N_("{path}: the disk is full; nothing was changed."),
        not_writable=N_("{path}: the store cannot be written here; nothing was changed."),
        locked=N_("{path}: another program keeps the store locked; nothing was changed."),
        failed=N_("{path}: reading or writing failed; nothing was changed ({error})."),
        refused=N_("{path}: the database refused this; nothing was changed ({error})."),
        too_large=N_("The store has {found} bytes, at most {most} are read."),
    ),
    journal="DELETE",
    max_bytes=16 * 2**30,
)
"""The file of a store of seizures. It has no files beside it, so that it can be sent as it is."""
