"""An event as it is stored and handed over: envelope, signature and the openings that are left.

The ledger stores `StoredEvent`; verification and disclosure read it. Nothing here knows what an
event means.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from forensics.custody.canonical import canonical, check_text, parse_time
from forensics.custody.keys import SigningKey
from forensics.custody.proofs import Opening, leaf_hash
from forensics.errors import InputError
from forensics.messages import _

EVENT_FORMAT = "forensics-event-2"
"""The one format (docs/custody-format.md); also what stands before an envelope where it is signed."""
FIRST_PREVIOUS = bytes(32)
"""What stands as `previous` in the first event."""


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
