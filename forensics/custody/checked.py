"""The state of a ledger at an event, kept beside it so that an act need not replay all events before that one.

It is no record, and nothing that is shown rests on it: `forensics custody verify`, and whatever reads events
(`Reader.events`, `Reader.stored_events`), replay all of them. It is signed with the key of the person who recorded the last act, and used
only if an event of this ledger enrolled that key and the event at which it was kept is still there. Whoever can write
the folder and holds no key can delete it, which costs a replay.
"""

import hashlib
import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from forensics import __version__
from forensics.custody.acts.people import RULES_VERSION
from forensics.custody.canonical import canonical
from forensics.custody.keys import PublicKey, SigningKey
from forensics.custody.proofs import Frontier
from forensics.custody.state import State
from forensics.errors import ForensicsError, InputError
from forensics.io.files import AnyPath, read_limited, replace_file
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import mode_of, share_like

STATE_FORMAT = "forensics-state-1"
"""What stands before the hash of a state where it is signed."""
EVERY = 1000
"""Events after which a state is kept again; to replay so many takes a tenth of a second, as does keeping it at 100,000."""
_SOFTWARE = f"{__version__} {RULES_VERSION}"
"""A state is what these rules made of the events; other software replays them."""


@dataclass(frozen=True)
class Checked:
    """What the events up to one amount to.

    Attributes
    ----------
    software : str
        Version of the software, and of its rules.
    state : State
    subtrees : list of bytes
        Of the frontier of the tree.
    last : bytes
        Hash of the last event.
    """

    software: str
    state: State
    subtrees: list[bytes]
    last: bytes

    @property
    def frontier(self) -> Frontier:
        """The right edge of the tree over these events."""
        return Frontier.of(self.state.seq, self.subtrees)


@dataclass(frozen=True)
class _Signed:
    """The file: a `Checked` in JSON, and who signed it."""

    key: str
    signature: bytes
    checked: msgspec.Raw


def state_file(path: AnyPath) -> Path:
    """Return the file of the state of a ledger."""
    return Path(f"{os.fspath(path)}.state")


def keep(path: Path, checked: Checked, key: SigningKey) -> None:
    """Keep a state beside a ledger; where it cannot be written, that is said and the act stands."""
    content = msgspec.json.encode(checked)
    try:
        signed = _Signed(key.id, key.sign(_message(content)), msgspec.Raw(content))
        replace_file(state_file(path), msgspec.json.encode(signed), mode=mode_of(path))
        share_like(path, state_file(path))
    except (ForensicsError, OSError) as error:
        _warn(
            _("{path}: the state could not be kept; the next command replays all events: {error}"),
            path=state_file(path), error=error,
        )  # fmt: skip


def take(path: Path, connection: Connection, most: int) -> Checked | None:
    """Return the state that is kept beside a ledger, if it is one of its own up to event `most`; else None.

    One that contradicts the ledger, as after a backup was put back, is left alone, and that is said.
    """
    file = state_file(path)
    if not file.exists():
        return None
    try:
        signed = msgspec.json.decode(read_limited(file, path.stat().st_size), type=_Signed)
        content = bytes(signed.checked)
        software = msgspec.json.decode(content, type=_Software).software
        if software != _SOFTWARE:
            return None
        checked = msgspec.json.decode(content, type=Checked)
        if checked.state.seq > most:
            return None
        if _is_own(checked, connection) and _is_signed(signed, content, checked.state, connection):
            return checked
    except (InputError, OSError, ValueError, RecursionError):
        pass
    _warn(
        _("{path}: this state is not of this ledger as it is; all events are replayed."), path=file
    )
    return None


def forget(path: Path) -> None:
    """Delete the state that is kept beside a ledger, if there is one.

    Raises
    ------
    ForensicsError
        If it cannot be deleted.
    """
    try:
        state_file(path).unlink(missing_ok=True)
    except OSError as error:
        raise ForensicsError(
            _("{path} cannot be deleted: {error}; nothing was recorded.").format(
                path=state_file(path), error=error.strerror or error
            )
        ) from error


def checked_of(state: State, frontier: Frontier, last: bytes) -> Checked:
    """Return a state that a replay gave, ready to be kept."""
    # Heads are not events: which is the latest, whoever records the next act reads.
    return Checked(_SOFTWARE, replace(state, head_time=""), frontier.subtrees, last)


@dataclass(frozen=True)
class _Software:
    software: str


def _message(content: bytes) -> bytes:
    return STATE_FORMAT.encode() + b"\x00" + hashlib.sha256(content).digest()


def _is_own(checked: Checked, connection: Connection) -> bool:
    """Return whether the ledger has the event at which a state was kept."""
    row = connection.execute(
        "SELECT hash FROM events WHERE seq = ?", (checked.state.seq,)
    ).fetchone()
    return row is not None and row[0] == checked.last


def _is_signed(signed: _Signed, content: bytes, state: State, connection: Connection) -> bool:
    """Return whether a state is signed by a key that an event of the ledger enrolled."""
    key = state.keys.get(signed.key)
    if key is None or key.ended:
        return False
    row = connection.execute(
        "SELECT value FROM openings WHERE seq = ? AND name = 'public_key'", (key.enrolled,)
    ).fetchone()
    if row is None or row[0] != canonical(key.public_key).decode():
        return False
    public = PublicKey.from_text(key.public_key)
    return public.id == signed.key and public.verify(signed.signature, _message(content))


def _warn(text: str, **values: object) -> None:
    logging.getLogger("forensics").warning(text.format(**values))
