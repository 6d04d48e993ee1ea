"""Each event of a ledger, checked as a stranger would: the part of `verification` that is about events.

Nothing is taken from the way by which events are added but the table of rules.
"""

import base64
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forensics.custody import registry
from forensics.custody.act import Act
from forensics.custody.canonical import canonical, load_json, parse_canonical
from forensics.custody.fields import ERASED
from forensics.custody.keys import PublicKey
from forensics.custody.merkle import Frontier
from forensics.custody.report import Problem, Report
from forensics.custody.state import State
from forensics.custody.stored import EVENT_FORMAT
from forensics.custody.times import parse_time
from forensics.errors import ForensicsError, InputError, RefusedError
from forensics.messages import _
from forensics.store import Connection

__all__ = ["MAX_PROBLEMS", "Replay"]

MAX_PROBLEMS = 1000
"""Problems that are kept; a ledger whose every event is wrong is described by fewer."""

_MEMBERS = {"format", "ledger", "seq", "previous", "recorded_at", "key", "fields"}


class Replay:
    """Checks events one after the other, and collects what is checked after the last.

    Parameters
    ----------
    reader : Connection
        For events that later ones refer to.
    report : Report
        Where problems go.
    """

    def __init__(self, reader: Connection, report: Report) -> None:
        self.reader, self.report = reader, report
        self.state = State()
        self.replaying = True
        self.frontier = Frontier()
        self.previous = bytes(32)
        self.recorded = ""  # latest time of recording so far
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.missing: dict[int, set[str]] = {}  # openings that are not there
        self.erased: dict[int, set[str]] = {}  # openings that an event erased
        self.hinted: dict[int, dict[str, int]] = {}  # the same, from events not yet checked
        self.files: dict[str, tuple[Any, int]] = {}  # SHA-256 to size and first event
        self.erased_files: set[str] = set()
        # Event, copy, ledger, size and root of field ledgers.
        self.merged: list[tuple[Any, ...]] = []

    def problem(self, seq: int, what: str) -> None:
        """Note something that is wrong."""
        if len(self.report.problems) < MAX_PROBLEMS:
            self.report.problems.append(Problem(seq, what))

    def event(self, seq: int, row: tuple[Any, ...], openings: list[tuple[Any, ...]]) -> None:
        """Check one event: its hash, place, envelope, fields, signature and the rules."""
        envelope_text, signature, kept = row
        if not isinstance(envelope_text, str) or not isinstance(signature, bytes):
            self.problem(seq, _("envelope or signature are not of their kind"))
            envelope_text, signature = str(envelope_text), bytes(64)
        data = envelope_text.encode("utf-8", "surrogatepass")
        pair = b'[%b,"%b"]' % (data, base64.b64encode(signature))
        digest = sha256(b"\x00" + pair).digest()
        if digest != kept:
            self.problem(seq, _("the stored hash is not that of the event"))
        if seq != self.frontier.size + 1:
            self.problem(
                seq,
                _("the event before it is number {found}: events are missing").format(
                    found=self.frontier.size
                ),
            )
        envelope = self.envelope(seq, data)
        if envelope is not None and envelope["previous"] != self.previous.hex():
            self.problem(seq, _("it does not follow the event before it (previous hash)"))
        self.frontier.append(digest)
        self.previous = digest
        if envelope is None:
            self.stop(seq)
            return
        self.recorded = max(self.recorded, envelope["recorded_at"])
        fields = self.fields(seq, envelope, openings)
        self.signature(seq, envelope, fields, data, signature)
        self.collect(seq, fields)
        self.replay(seq, envelope, fields)

    def envelope(self, seq: int, data: bytes) -> dict[str, Any] | None:
        """Return the envelope, or None where it is none."""
        try:
            members = parse_canonical(data)
            if not isinstance(members, dict) or set(members) != _MEMBERS:
                raise InputError(_("it has not the members of an envelope"))
            if members["format"] != EVENT_FORMAT or not isinstance(members["fields"], dict):
                raise InputError(_("it is not of format {format}").format(format=EVENT_FORMAT))
            texts = ("ledger", "previous", "key", *members["fields"])
            values = [*(members[name] for name in texts[:3]), *members["fields"].values()]
            if not all(isinstance(value, str) for value in values):
                raise InputError(_("a member is not text"))
            parse_time(members["recorded_at"])
        except InputError as error:
            self.problem(seq, _("the envelope is wrong: {why}").format(why=error.message))
            return None
        if members["seq"] != seq:
            self.problem(
                seq, _("it says to be event {found}: out of order").format(found=members["seq"])
            )
        if seq > 1 and self.state.ledger and members["ledger"] != self.state.ledger:
            self.problem(seq, _("it is an event of another ledger: spliced"))
        return members

    def fields(
        self, seq: int, envelope: dict[str, Any], openings: list[tuple[Any, ...]]
    ) -> dict[str, Any]:
        """Return the fields that were opened as they were signed; ERASED for the others."""
        fields: dict[str, Any] = dict.fromkeys(envelope["fields"], ERASED)
        for name, salt, value in openings:
            try:
                if not isinstance(salt, bytes) or len(salt) != 32:
                    raise InputError(_("its salt is wrong"))
                data = str(value).encode("utf-8", "surrogatepass")
                parsed = parse_canonical(data)
                proper = b"[%b,%b]" % (canonical(name), data)  # canonical([name, parsed])
            except InputError as error:
                self.problem(seq, _("field {name}: {why}").format(name=name, why=error.message))
                continue
            digest = sha256(b"forensics-field-1\x00" + salt + proper).hexdigest()
            if envelope["fields"].get(name) != digest:
                self.problem(seq, _("field {name} is not what was signed").format(name=name))
            elif name in fields:
                fields[name] = parsed
        absent = {name for name, value in fields.items() if value is ERASED}
        if absent:
            self.missing[seq] = absent
            lost = sorted(absent - set(self.hinted.get(seq, ())))
            if lost:
                self.problem(
                    seq,
                    _("missing without an erasure by order: {names}").format(names=", ".join(lost)),
                )
        return fields

    def signature(
        self,
        seq: int,
        envelope: dict[str, Any],
        fields: dict[str, Any],
        data: bytes,
        signature: bytes,
    ) -> None:
        """Check the signature by the key that the events enrolled."""
        key = envelope["key"]
        public = self.keys.get(key)
        if public is None:
            known = self.state.keys.get(key)
            text = known.public_key if known else (seq == 1 and fields.get("public_key")) or None
            try:
                # PublicKey refuses points that fit any signature.
                public_key = PublicKey.from_text(text)
            except InputError:
                if self.replaying:
                    self.problem(seq, _("the key {key} was never enrolled").format(key=key))
                return
            if public_key.id != key:
                self.problem(seq, _("the key {key} is not the one enrolled").format(key=key))
                return
            public = self.keys[key] = Ed25519PublicKey.from_public_bytes(public_key.raw)
        try:
            public.verify(signature, EVENT_FORMAT.encode() + b"\x00" + data)
        except InvalidSignature:
            self.problem(seq, _("the signature is not of this event by key {key}").format(key=key))

    def collect(self, seq: int, fields: dict[str, Any]) -> None:
        """Note what this event attaches and erases."""
        attached = fields.get("attachments")
        for entry in attached if isinstance(attached, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("sha256"), str):
                self.files.setdefault(entry["sha256"], (entry.get("size"), seq))
        if fields.get("type") == "merge" and ERASED not in fields.values():
            members = ("copy", "field_ledger", "size", "root")
            self.merged.append((seq, *(fields.get(name) for name in members)))
        if fields.get("type") == "erase":
            names, event = fields.get("erased"), fields.get("event")
            if isinstance(names, list) and isinstance(event, int):
                self.erased.setdefault(event, set()).update(map(str, names))
            more = fields.get("erased_files")
            self.erased_files.update(map(str, more if isinstance(more, list) else ()))

    def replay(self, seq: int, envelope: dict[str, Any], fields: dict[str, Any]) -> None:
        """Apply the rules, and the event."""
        if not self.replaying:
            return
        ledger = self.state.ledger or envelope["ledger"]
        signed = envelope["fields"]
        act = Act(
            seq,
            ledger,
            envelope["key"],
            envelope["recorded_at"],
            fields,
            self.earlier,
            signed,
        )
        try:
            registry.check(self.state, act)
        except RefusedError as error:
            self.problem(seq, str(error))
        except (ForensicsError, KeyError, TypeError, ValueError) as error:
            self.problem(seq, _("the rules cannot be applied: {why}").format(why=repr(error)))
            self.stop(seq)
            return
        try:
            # What should have been refused is applied all the same, to look at what follows.
            registry.change(self.state, act)
        except (ForensicsError, KeyError, TypeError, ValueError, IndexError, AttributeError):
            self.stop(seq)

    def stop(self, seq: int) -> None:
        """Give up the rules, where what follows can no longer be judged."""
        if self.replaying:
            self.replaying = False
            self.report.notes.append(
                _("From event {seq} on the rules could not be checked.").format(seq=seq)
            )

    def earlier(self, seq: int) -> dict[str, Any] | None:
        """Return the fields of an earlier event; raises ValueError where they cannot be read."""
        row = self.reader.execute("SELECT envelope FROM events WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            return None
        rows = self.reader.execute("SELECT name, value FROM openings WHERE seq = ?", (seq,))
        openings = {name: load_json(value) for name, value in rows}
        return dict.fromkeys(load_json(row[0])["fields"], ERASED) | openings
