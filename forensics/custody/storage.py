"""What a ledger keeps on disk: the tables and views of its SQLite file, events as they are stored, and attached files.

An event is stored as envelope, signature and the openings that are left (`StoredEvent`); verification and
disclosure read it so. Nothing here knows what an event means. A file that an event names is copied beside the ledger
under its SHA-256, before the event is written.
"""

import base64
import hashlib
import mimetypes
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from forensics.custody.budgets import MAX_LEDGER_BYTES
from forensics.custody.canonical import canonical, check_text, nfc, parse_time
from forensics.custody.keys import SigningKey
from forensics.custody.proofs import Opening, leaf_hash
from forensics.errors import ForensicsError, InputError
from forensics.io.files import AnyPath, sha256, shown_name, sync_folder
from forensics.messages import N_, _
from forensics.store.connections import DatabaseKind, share_folder, share_like

APPLICATION_ID = 0x57464C47
"""``WFLG`` in the header of the file, so that ``file`` and others can tell a ledger."""
SCHEMA_VERSION = 1

_TABLES = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    envelope TEXT NOT NULL,
    signature BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE TABLE openings (
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (seq, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE heads (
    number INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
"""

# REPLACE deletes without firing a delete trigger where recursive_triggers is off; the insert
# triggers stop it there, since the number of a row that exists is never the next one.
_TRIGGERS = """
CREATE TRIGGER events_insert BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events are numbered without a gap'); END;
CREATE TRIGGER events_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER openings_insert BEFORE INSERT ON openings
WHEN NEW.seq IS NOT (SELECT max(seq) FROM events)
    OR EXISTS (SELECT 1 FROM openings WHERE seq = NEW.seq AND name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'openings are added with their event'); END;
CREATE TRIGGER openings_update BEFORE UPDATE ON openings
BEGIN SELECT RAISE(ABORT, 'openings are never changed'); END;
CREATE TRIGGER openings_delete BEFORE DELETE ON openings
WHEN NOT EXISTS (
    SELECT 1
    FROM openings AS kind
    JOIN openings AS target ON target.seq = kind.seq AND target.name = 'event'
    JOIN openings AS names ON names.seq = kind.seq AND names.name = 'erased'
    JOIN json_each(names.value) AS each
    WHERE kind.name = 'type' AND kind.value = '"erase"'
        AND target.value = CAST(OLD.seq AS TEXT) AND each.value = OLD.name
)
BEGIN SELECT RAISE(ABORT, 'openings are deleted by an erase event only'); END;
CREATE TRIGGER heads_insert BEFORE INSERT ON heads
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM heads)
BEGIN SELECT RAISE(ABORT, 'heads are numbered without a gap'); END;
CREATE TRIGGER heads_update BEFORE UPDATE ON heads
BEGIN SELECT RAISE(ABORT, 'heads are never changed'); END;
CREATE TRIGGER heads_delete BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'heads are never deleted'); END;
"""

EVENT_FORMAT = "forensics-event-2"
"""The one format (docs/custody-format.md); also what stands before an envelope where it is signed."""
FIRST_PREVIOUS = bytes(32)
"""What stands as `previous` in the first event."""
_CHUNK = 2**20


def _field(name: str, column: str | None = None) -> str:
    return (
        f"(SELECT value ->> '$' FROM openings WHERE seq = e.seq AND name = '{name}')"
        f" AS {column or name}"
    )


def _rows(
    view: str, field: str, types: tuple[str, ...], columns: tuple[str, ...], *more: str
) -> str:
    """Return a view with a row for each record in the list `field` of events of `types`."""
    kinds = ", ".join(f"'\"{kind}\"'" for kind in types)
    parts = ["e.seq", *more, *(f"row.value ->> '$.{name}' AS {name}" for name in columns)]
    where = f" AND kind.name = 'type' AND kind.value IN ({kinds})" if types else ""
    kind = "JOIN openings AS kind ON kind.seq = e.seq AND kind.name = 'type'" if types else ""
    return (
        f"CREATE VIEW {view} AS SELECT {', '.join(parts)} FROM openings AS e {kind} "
        f"JOIN json_each(e.value) AS row WHERE e.name = '{field}'{where};\n"
    )


def _events(view: str, types: tuple[str, ...], *columns: str) -> str:
    """Return a view with a row for each event of `types`."""
    kinds = ", ".join(f"'\"{kind}\"'" for kind in types)
    return (
        f"CREATE VIEW {view} AS SELECT e.seq, {', '.join(columns)} FROM openings AS e "
        f"WHERE e.name = 'type' AND e.value IN ({kinds});\n"
    )


_CASE = _field("case", "case_id")
_VIEWS = (
    "CREATE VIEW fields AS SELECT seq, name, value ->> '$' AS value FROM openings;\n"
    "CREATE VIEW log AS SELECT e.seq, e.envelope ->> '$.recorded_at' AS recorded_at, "
    + ", ".join(map(_field, ("occurred_at", "type", "actor")))
    + f", {_CASE}, {_field('things')}, {_field('thing')} FROM events AS e;\n"
    + _events("cases", ("case",), _CASE, *map(_field, ("agency", "reference", "title")))
    + _events(
        "people",
        ("init", "enrol", "rotate", "reenrol"),
        *map(_field, ("type", "person", "name", "roles", "public_key", "key_expires")),
    )
    + _rows(
        "exhibits",
        "exhibits",
        (),
        (
            "exhibit",
            "description",
            "quantity",
            "unit",
            "kind",
            "population",
            "condition",
            "seals",
            "broken_seals",
        ),
        _CASE,
        *map(_field, ("purpose", "seized_at", "seizing_agency")),
    )
    + _rows(
        "samples",
        "samples",
        (),
        ("sample", "description", "quantity", "unit", "taken"),
        _CASE,
        _field("thing", "taken_from"),
    )
    + _rows("seals", "sealed", (), ("thing", "seal"), _CASE, _field("actor"))
    + _rows("attachments", "attachments", (), ("sha256", "name", "size", "media_type"), _CASE)
    + _events(
        "movements",
        ("offer", "accept", "refuse", "store", "retrieve", "lost", "found", "dispose"),
        _CASE,
        *map(_field, ("type", "actor", "occurred_at", "things", "location", "witness", "paper")),
        _field("to", "receiver"),
    )
    + _events(
        "findings",
        ("finding",),
        _CASE,
        *map(_field, ("thing", "kind", "runs", "library", "result", "actor")),
    )
    + _events(
        "controls", ("control",), *map(_field, ("run", "control", "result", "observed", "action"))
    )
    + _events(
        "corrections",
        ("correct",),
        _CASE,
        _field("event"),
        _field("field"),
        _field("old"),
        _field("new"),
        _field("reason"),
    )
    + _events(
        "discrepancies", ("discrepancy",), _CASE, *map(_field, ("kind", "description", "cause"))
    )
)

SCRIPT = _TABLES + _TRIGGERS + _VIEWS
"""Makes the tables, triggers and views of a new ledger."""

LEDGER_DATABASE = DatabaseKind(
    application_id=APPLICATION_ID,
    scripts={SCHEMA_VERSION: SCRIPT},
    missing=N_("No ledger exists here; make one with forensics custody init."),
    foreign=N_("{path}: this is not a ledger of custody."),
    damaged=N_("{path}: this is not a ledger, or it is damaged: {error}"),
    journal="WAL",
    max_bytes=MAX_LEDGER_BYTES,
)
"""The file of a ledger of custody."""


def files_folder(path: AnyPath) -> Path:
    """Return the folder of the files that are attached to events of a ledger."""
    return Path(f"{os.fspath(path)}.files")


# -- events ----------------------------------------------------------------------------


def event_message(envelope: bytes) -> bytes:
    """Return what the signer of an event signs."""
    return EVENT_FORMAT.encode() + b"\x00" + envelope


@dataclass(frozen=True)
class StoredEvent:
    """One event.

    Attributes
    ----------
    envelope : bytes
        Canonical JSON.
    signature : bytes
        64 bytes over `event_message` of the envelope.
    openings : tuple of Opening
        Those that were not erased, in any order.
    hash : bytes
        32 bytes: what the next event names as `previous`, and the leaf of the Merkle tree. It is
        computed, never taken from where the event was stored.
    """

    envelope: bytes
    signature: bytes
    openings: tuple[Opening, ...]
    hash: bytes = field(init=False)

    def __post_init__(self) -> None:
        # canonical([envelope, base64]) without parsing the envelope again.
        pair = b'[%b,"%b"]' % (self.envelope, base64.b64encode(self.signature))
        object.__setattr__(self, "hash", leaf_hash(pair))


def seal_event(
    openings: Sequence[Opening],
    key: SigningKey,
    *,
    ledger: str,
    seq: int,
    previous: bytes,
    recorded_at: str,
) -> StoredEvent:
    """Return the event that says `openings`, signed by `key`.

    Parameters
    ----------
    openings : sequence of Opening
        Each with a salt of its own; names differ.
    ledger : str
        Id of the ledger, 32 hex digits.
    seq : int
        From 1.
    previous : bytes
        Hash of the event before; `FIRST_PREVIOUS` for the first.
    recorded_at : str
        Time of the clock (`forensics.custody.canonical.now`).

    Raises
    ------
    InputError
        If a name is given twice, a value has no canonical form, or a text is not NFC of characters of
        Unicode 14.0.
    """
    parse_time(recorded_at)
    for opening in openings:
        check_text([opening.name, opening.value])
    fields = {opening.name: opening.commitment for opening in openings}
    if len(fields) < len(openings):
        raise InputError(_("A field is given twice in one event."))
    envelope = canonical(
        {
            "format": EVENT_FORMAT,
            "ledger": ledger,
            "seq": seq,
            "previous": previous.hex(),
            "recorded_at": recorded_at,
            "key": key.id,
            "fields": fields,
        }
    )
    return StoredEvent(envelope, key.sign(event_message(envelope)), tuple(openings))


# -- attached files --------------------------------------------------------------------


class AttachmentEntry(TypedDict):
    """What an event says of a file that is attached to it."""

    sha256: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Staged:
    """A file that was copied and not yet taken into the ledger.

    Attributes
    ----------
    entry : AttachmentEntry
        As it stands in the event.
    temporary : Path
        The copy.
    """

    entry: AttachmentEntry
    temporary: Path


def base_name(file: object) -> str:
    """Return the name of a file without its folders, which may be those of another machine.

    Examples
    --------
    >>> base_name("C:\\\\case\\\\a.csv"), base_name("case/a.csv")
    ('a.csv', 'a.csv')
    """
    return str(file).replace("\\", "/").rsplit("/", 1)[-1]


def is_unchanged(path: Path, digest: str, size: object) -> bool:
    """Return whether a file is there with this SHA-256 and size.

    The size is compared first: a sparse file of a terabyte takes no room, and an hour to hash. A pipe
    or a device, which would be read without end, is no such file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return path.is_file() and path.stat().st_size == size and sha256(path) == digest


def stage(folder: Path, paths: Sequence[AnyPath], ledger: Path) -> list[Staged]:
    """Copy files into `folder`, which is made for `ledger`, under temporary names.

    Raises
    ------
    InputError
        If one is missing, no regular file, empty or cannot be read.
    ForensicsError
        If there is no room.
    """
    staged: dict[str, Staged] = {}
    try:
        for path in map(Path, paths):
            file = _stage(folder, path, ledger)
            if staged.setdefault(file.entry["sha256"], file) is not file:
                remove([file])  # the same file twice
    except BaseException:
        remove(list(staged.values()))
        raise
    return list(staged.values())


def _stage(folder: Path, path: Path, ledger: Path) -> Staged:
    if not path.is_file():
        raise InputError(_("The file to attach does not exist."), source=str(path))
    name = nfc(shown_name(path.name))
    try:
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            share_folder(ledger, folder)
        temporary = folder / f".{secrets.token_hex(8)}.partial"
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as source, temporary.open("xb") as target:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            if not size:
                raise InputError(_("The file to attach is empty."), source=str(path))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ForensicsError(
            _("{path} cannot be copied to {folder}: {error}; nothing was recorded.").format(
                path=path, folder=folder, error=error.strerror or error
            )
        ) from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    entry: AttachmentEntry = {
        "sha256": digest.hexdigest(),
        "name": name,
        "size": size,
        "media_type": media_type,
    }
    return Staged(entry, temporary)


def keep(folder: Path, staged: Sequence[Staged], ledger: Path) -> None:
    """Give staged files their names, so that they last; those that are there already stay.

    They get the group and the permissions of `ledger`.
    """
    for file in staged:
        target = folder / file.entry["sha256"]
        if is_unchanged(target, file.entry["sha256"], file.entry["size"]):
            file.temporary.unlink()
        else:
            share_like(ledger, file.temporary)
            os.replace(file.temporary, target)
    if staged:
        sync_folder(folder)


def remove(staged: Sequence[Staged]) -> None:
    """Remove staged files that no event took."""
    for file in staged:
        file.temporary.unlink(missing_ok=True)


def copy_all(source: Path, target: Path) -> None:
    """Copy the files of a ledger into the folder of its backup."""
    if source.is_dir():
        target.mkdir()
        for path in sorted(source.iterdir()):
            if not path.name.endswith(".partial"):
                shutil.copy2(path, target / path.name)
        sync_folder(target)
