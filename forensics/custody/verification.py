"""Verification of a ledger: everything that is stored is checked by replay, as a stranger would.

Nothing is taken from the way by which events are added but the table of rules: envelopes are
parsed and written again, commitments and hashes computed, signatures checked with the
key that the events themselves enrolled. `verify` does so for a whole ledger, and `Addition`, by the same
steps, for what is about to be added to one.
"""

import base64
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from dataclasses import field as dataclass_field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

import msgspec

from forensics.custody import registry
from forensics.custody.budgets import MAX_NESTED_LEDGERS
from forensics.custody.canonical import (
    Integer,
    load_json,
    now,
    parse_canonical,
    parse_time,
    read_canonical,
    time_text,
)
from forensics.custody.fields import ERASED
from forensics.custody.heads import FAR_AHEAD, Fingerprint, Head, SignedHead
from forensics.custody.keys import PublicKey
from forensics.custody.proofs import Frontier, commit
from forensics.custody.rules import Act
from forensics.custody.signatures import Signatures, Signed
from forensics.custody.state import Flag, Key, State
from forensics.custody.storage import (
    EVENT_FORMAT,
    LEDGER_DATABASE,
    Staged,
    event_message,
    files_folder,
    is_unchanged,
)
from forensics.custody.witnesses import HeadFile, Standing, check_token, standing
from forensics.errors import ForensicsError, InputError, RefusedError, VerificationError
from forensics.messages import _, ngettext
from forensics.store import Connection, DatabaseError
from forensics.store.connections import has_log, open_reader, translate_errors
from forensics.store.copies import private_copy
from forensics.store.schema import check_schema, compare_schema, find_damage

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from forensics.store.copies import SideFile


@dataclass(frozen=True)
class Problem:
    """Something that is wrong.

    Attributes
    ----------
    seq : int
        Number of the event; 0 where it is not about one.
    """

    seq: int
    what: str

    def __str__(self) -> str:
        return (
            _("event {seq}: {what}").format(seq=self.seq, what=self.what) if self.seq else self.what
        )


@dataclass
class LedgerReport:
    """What verification found.

    Attributes
    ----------
    ledger : str
        Id of the ledger.
    size : int
        Number of events.
    root : str
        Root of the tree, in hex.
    problems : list of Problem
        In the order in which they were found; empty if all is well.
    notes : list of str
        What is not a fault and should be known, such as files that no event names.
    flags : list of Flag
        Discrepancies that the laboratory recorded itself.
    erased : int
        Fields erased by order.
    files, heads : int
        Attached files and heads that were checked.
    witnesses : list of Standing
        What each countersignature is worth.
    beside : list of SideFile
        Files of SQLite that lay beside the ledger and belong to what it says.
    nested : int
        How many field ledgers lie inside one another in it.
    """

    path: str
    ledger: str = ""
    size: int = 0
    root: str = ""
    fingerprint: Fingerprint | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    erased: int = 0
    files: int = 0
    heads: int = 0
    witnesses: list["Standing"] = field(default_factory=list)
    beside: list["SideFile"] = field(default_factory=list)
    nested: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def first(self) -> Problem | None:
        """The problem of the first event that is wrong; else the first other one."""
        events = [problem for problem in self.problems if problem.seq]
        return min(events, key=lambda problem: problem.seq, default=None) or (
            self.problems[0] if self.problems else None
        )

    def require(self) -> "LedgerReport":
        """Return the report, or raise `VerificationError` that names the first bad event."""
        if self.ok:
            return self
        more = len(self.problems) - 1
        text = _("{path}: verification failed. First: {first}").format(
            path=self.path, first=self.first
        )
        if more:
            text += " " + ngettext(
                "({number} more problem)", "({number} more problems)", more
            ).format(number=more)
        raise VerificationError(text)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "path": self.path,
            "ok": self.ok,
            "ledger": self.ledger,
            "size": self.size,
            "root": self.root,
            "fingerprint": str(self.fingerprint) if self.fingerprint else None,
            "first": str(self.first) if self.first else None,
            "problems": [
                {"event": entry.seq or None, "what": entry.what} for entry in self.problems
            ],
            "notes": self.notes,
            "flags": [{"event": f.seq, "code": f.code, "about": f.about} for f in self.flags],
            "erased_fields": self.erased,
            "files": self.files,
            "heads": self.heads,
            "witnesses": [entry.to_dict() for entry in self.witnesses],
            "beside": [{"name": side.name, "bytes": side.size} for side in self.beside],
        }


_AS_BYTES = "CASE typeof({0}) WHEN 'text' THEN CAST({0} AS BLOB) END"
"""A text as the bytes that are hashed, of whatever characters; None for what is no text."""

MAX_PROBLEMS = 1000
"""Problems that are kept; a ledger whose every event is wrong is described by fewer."""


class _Envelope(TypedDict):
    fields: dict[str, str]
    format: str
    key: str
    ledger: str
    previous: str
    recorded_at: str
    seq: Integer


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_text = lru_cache(4096)(parse_canonical)
"""Names of people, cases and exhibits come again in event after event."""


class Replay:
    """Checks events one after the other, and collects what is checked after the last.

    Parameters
    ----------
    reader : Connection
        For events that later ones refer to.
    report : LedgerReport
        Where problems go.
    """

    def __init__(self, reader: Connection, report: LedgerReport) -> None:
        self.reader, self.report = reader, report
        self.signatures = Signatures()
        self.state = State()
        self.replaying = True
        self.frontier = Frontier()
        self.previous = bytes(32)
        self.recorded = ""  # latest time of recording so far
        self.keys: dict[str, bytes] = {}
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
        data, signature, kept = row
        if not isinstance(data, bytes) or not isinstance(signature, bytes):
            self.problem(seq, _("envelope or signature is not valid"))
            data, signature = (data if isinstance(data, bytes) else b""), bytes(64)
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

    def envelope(self, seq: int, data: bytes) -> _Envelope | None:
        """Return the envelope, or None where it is none."""
        try:
            try:
                members = read_canonical(data, _ENVELOPE)
            except ValueError:
                members = self.strange_envelope(data)
            if members["format"] != EVENT_FORMAT:
                raise InputError(_("it is not of format {format}").format(format=EVENT_FORMAT))
            parse_time(members["recorded_at"])
        except InputError as error:
            self.problem(seq, _("the envelope is wrong: {why}").format(why=error.message))
            return None
        if members["seq"] != seq:
            self.problem(
                seq, _("it claims to be event {found}: out of order").format(found=members["seq"])
            )
        if seq > 1 and self.state.ledger and members["ledger"] != self.state.ledger:
            self.problem(seq, _("it is an event of another ledger: spliced"))
        return members

    def strange_envelope(self, data: bytes) -> _Envelope:
        """Return an envelope that `_ENVELOPE` does not read, or say what is wrong with it."""
        members: Any = parse_canonical(data)
        if not isinstance(members, dict) or set(members) != _Envelope.__required_keys__:
            raise InputError(_("it has not the members of an envelope"))
        if members["format"] != EVENT_FORMAT or not isinstance(members["fields"], dict):
            raise InputError(_("it is not of format {format}").format(format=EVENT_FORMAT))
        texts = [members["ledger"], members["previous"], members["key"]]
        if not all(isinstance(value, str) for value in (*texts, *members["fields"].values())):
            raise InputError(_("a member is not text"))
        return cast(_Envelope, members)

    def fields(
        self, seq: int, envelope: _Envelope, openings: list[tuple[Any, ...]]
    ) -> dict[str, Any]:
        """Return the fields that were opened as they were signed; ERASED for the others."""
        fields: dict[str, Any] = dict.fromkeys(envelope["fields"], ERASED)
        for name, salt, data in openings:
            try:
                if not isinstance(salt, bytes) or len(salt) != 32:
                    raise InputError(_("its salt is wrong"))
                short = data and len(data) < 100 and data[0] == 34  # a text, which nothing changes
                parsed = _text(data) if short else parse_canonical(data or b"")
                digest = commit(name, data, salt)
            except InputError as error:
                self.problem(seq, _("field {name}: {why}").format(name=name, why=error.message))
                continue
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
                    _("missing without an erasure order: {names}").format(names=", ".join(lost)),
                )
        return fields

    def signature(
        self,
        seq: int,
        envelope: _Envelope,
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
            public = self.keys[key] = public_key.raw
        place = len(self.report.problems)
        self.signatures.add(Signed(seq, key, place, public, signature, event_message(data)))

    def tell_signatures(self) -> None:
        """Tell of the signatures that are not good, each where it would stand had it been checked at once."""
        problems = self.report.problems
        for added, signed in enumerate(self.signatures.wrong()[:MAX_PROBLEMS]):
            what = _("the signature is not of this event by key {key}").format(key=signed.key)
            problems.insert(signed.place + added, Problem(signed.seq, what))
        del problems[MAX_PROBLEMS:]

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

    def replay(self, seq: int, envelope: _Envelope, fields: dict[str, Any]) -> None:
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
                _("The rules could not be checked from event {seq} on.").format(seq=seq)
            )

    def earlier(self, seq: int) -> dict[str, Any] | None:
        """Return the fields of an earlier event; raises ValueError where they cannot be read."""
        row = self.reader.execute("SELECT envelope FROM events WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            return None
        rows = self.reader.execute("SELECT name, value FROM openings WHERE seq = ?", (seq,))
        openings = {name: load_json(value) for name, value in rows}
        return dict.fromkeys(load_json(row[0])["fields"], ERASED) | openings


class HeadChecks(Replay):
    """Compares heads with the history that was replayed.

    Parameters
    ----------
    report : LedgerReport
        Where problems go.
    """

    def __init__(self, reader: Connection, report: LedgerReport) -> None:
        super().__init__(reader, report)
        self.tsa_roots: Sequence[Certificate] = ()
        self.pins: frozenset[str] = frozenset()
        self.clock = ""
        self.roots: dict[int, bytes] = {}
        self.recorded_by: dict[int, str] = {}  # size to the latest time of recording by then
        self.disclosed: list[
            tuple[Any, ...]
        ] = []  # event, and size, root and number of the head it names
        self.standings: set[Standing] = set()  # what was told of witnesses

    def read_heads(self) -> list[tuple[int, SignedHead]]:
        """Return the signed heads that the ledger keeps, each with its place."""
        heads, last = [], 0
        for number, size, document in self.reader.execute(
            "SELECT number, size, document FROM heads ORDER BY number"
        ):
            try:
                signed = SignedHead.from_dict(parse_canonical(str(document).encode()))
                if signed.head.size != size or number != last + 1:
                    raise InputError(_("its number or size is wrong"))
                heads.append((number, signed))
            except (InputError, UnicodeEncodeError) as error:
                self.problem(
                    0,
                    _("head {number} in the ledger is wrong: {why}").format(
                        number=number, why=error
                    ),
                )
            last = number
        return heads

    def read_disclosures(self, first: int = 1) -> set[int]:
        """Note which heads events name, from event `first` on, and return their sizes."""
        for seq, size, root, number in self.reader.execute(
            "SELECT kind.seq, size.value, root.value, number.value FROM openings AS kind "
            "JOIN openings AS size ON size.seq = kind.seq AND size.name = 'size' "
            "JOIN openings AS root ON root.seq = kind.seq AND root.name = 'root' "
            "LEFT JOIN openings AS number ON number.seq = kind.seq AND number.name = 'head' "
            "WHERE kind.seq >= ? AND kind.name = 'type' AND kind.value = '\"disclose\"'",
            (first,),
        ):
            try:
                values = int(size), str(load_json(root)), int(number) if number else 0
            except (ValueError, TypeError):
                continue  # told where that event is checked
            self.disclosed.append((seq, *values))
        return {size for _seq, size, _root, _number in self.disclosed}

    def look_up(self, sizes: set[int]) -> None:
        """Read the root and the latest time of recording of these sizes from the events as they are stored."""
        frontier, recorded = Frontier(), ""
        for leaf, time in self.reader.execute(
            "SELECT hash, envelope ->> '$.recorded_at' FROM events WHERE seq <= ? ORDER BY seq",
            (max(sizes),),
        ):
            frontier.append(leaf)
            recorded = max(recorded, time)
            if frontier.size in sizes:
                self.roots[frontier.size] = frontier.root
                self.recorded_by[frontier.size] = recorded

    def check_disclosures(self, kept_heads: list[Head]) -> None:
        """Compare the heads that events name with those that the ledger keeps.

        Rows of heads are outside the chain. Where an event names one, its loss is seen, and with its
        number the loss of any before it; the loss of others is not.
        """
        of_size: dict[int, set[int]] = {}
        for place, head in enumerate(kept_heads, 1):
            of_size.setdefault(head.size, set()).add(place)
        for seq, size, root, number in self.disclosed:
            true = self.roots.get(size)
            if size >= seq or true is None or true.hex() != root:
                self.problem(seq, _("the head that it names is not of this history"))
                continue
            places = of_size.get(size, set())
            if not places or (number and number not in places):
                self.problem(
                    seq,
                    _("the head that it names is not among the ledger's: heads were deleted"),
                )

    def signed_well(self, signed: SignedHead) -> Key | None:
        """Return the key of a head if its signatures are good and the ledger knows the key."""
        known = self.state.keys.get(signed.head.key)
        try:
            good = known is not None and signed.verify(PublicKey.from_text(known.public_key))
        except (ForensicsError, DatabaseError):
            good = False
        return known if good else None

    def reach(self, heads: Sequence[SignedHead]) -> None:
        """Note the time of heads over all events so far: what comes later was recorded after it."""
        limit = time_text(parse_time(self.clock) + FAR_AHEAD)
        for signed in heads:
            head = signed.head
            if (
                self.state.head_time < head.time <= limit
                and (head.ledger, head.root) == (self.state.ledger, self.frontier.root)
                and (known := self.signed_well(signed))
                and not known.ended
            ):
                self.state.head_time = head.time

    def check_head(self, signed: SignedHead, where: str) -> bool:
        """Check a head; return whether it is one of this ledger."""
        head = signed.head
        if self.state.ledger and head.ledger != self.state.ledger:
            self.problem(0, _("{head} is of another ledger").format(head=where))
            return False
        known = self.signed_well(signed)
        if known is None:
            self.problem(0, _("{head} is not signed by a key of this ledger").format(head=where))
            return False
        # Of another history, times would be compared with events that it does not cover.
        same = self.check_size_and_root(
            head.size, lambda root: root == head.root, str(head.fingerprint), where
        )
        recorded = self.recorded_by[head.size] if same else ""
        ended = known.ended and known.ended <= head.size
        late = known.expires and known.expires < max(head.time, recorded)
        if known.enrolled > head.size or ended or late:
            self.problem(
                0, _("{head} is signed by a key that was not valid then").format(head=where)
            )
            return False
        if head.time < recorded:
            self.problem(
                0,
                _(
                    "{head} ({fingerprint}) is dated back: {time}, but events that it covers were "
                    "recorded up to {recorded}"
                ).format(
                    head=where, fingerprint=head.fingerprint, time=head.time, recorded=recorded
                ),
            )
            return False
        if parse_time(head.time) - parse_time(self.clock) > FAR_AHEAD:
            self.report.notes.append(
                _("{head} ({fingerprint}) is dated {time}; the clock here says {clock}").format(
                    head=where, fingerprint=head.fingerprint, time=head.time, clock=self.clock
                )
            )
        if signed.timestamp is not None:
            self.check_timestamp(signed, where)
        return bool(same)

    def report_witness(self, signed: SignedHead, where: str) -> None:
        """Note what a countersignature is worth, once."""
        if signed.witness is None:
            return
        worth = standing(
            signed,
            self.state,
            pins=self.pins,
            recorded=self.recorded_by.get(signed.head.size, ""),
            clock=self.clock,
        )
        if worth in self.standings:
            return
        self.standings.add(worth)
        self.report.witnesses.append(worth)
        self.report.notes.append(
            _("{head} ({fingerprint}): {standing}").format(
                head=where, fingerprint=signed.head.fingerprint, standing=worth
            )
        )

    def report_pins(self) -> None:
        """Note the keys that were named and countersigned no head."""
        for key in sorted(
            self.pins
            - {countersignature.witness.public_key.id for countersignature in self.report.witnesses}
        ):
            self.report.notes.append(
                _("no head is countersigned with the key {key} given by --witness-key").format(
                    key=key
                )
            )

    def check_timestamp(self, signed: SignedHead, where: str) -> None:
        """Check the time stamp of a head."""
        if not self.tsa_roots:
            self.report.notes.append(
                _("{head}: its timestamp token was not checked; give --tsa-roots").format(
                    head=where
                )
            )
            return
        try:
            stamp = check_token(signed, self.tsa_roots)
        except (VerificationError, InputError) as error:
            self.problem(0, f"{where}: {error}")
            return
        self.report.notes.append(
            _("{head} ({fingerprint}): not later than {time}, by timestamp token {serial}").format(
                head=where,
                fingerprint=signed.head.fingerprint,
                time=stamp.not_later_than,
                serial=stamp.serial,
            )
        )

    def check_size_and_root(
        self, size: int, matches: Callable[[bytes], bool], shown: str, where: str
    ) -> bool:
        """Check that a head names a size and a root of this ledger; return whether it does."""
        root = self.roots.get(size)
        if root is None:
            self.problem(
                0,
                _(
                    "rollback: {where} ({head}) has {size} events, the ledger {found}; "
                    "the last ones are lost, from event {first} on"
                ).format(
                    where=where,
                    head=shown,
                    size=size,
                    found=self.frontier.size,
                    first=self.frontier.size + 1,
                ),
            )
        elif not matches(root):
            self.problem(
                0,
                _("fork: {where} ({head}) is not of this history").format(where=where, head=shown),
            )
        return root is not None and matches(root)


AnyHead = SignedHead | HeadFile | Fingerprint
"""A head that was kept elsewhere, in any form in which it is kept."""


def verify(
    path: str | os.PathLike[str],
    heads: Sequence[AnyHead] = (),
    *,
    files: str | os.PathLike[str] | None = None,
    tsa_roots: Sequence["Certificate"] = (),
    witness_keys: Collection[str] = (),
    clock: Callable[[], str] = now,
    progress: Callable[[int], None] | None = None,
) -> LedgerReport:
    """Check everything that a ledger holds, on a private copy: nothing beside it is changed.

    Parameters
    ----------
    heads : sequence of SignedHead, HeadFile or Fingerprint
        Heads that were kept elsewhere: on a witness's stick, on an old label. Without one, the
        loss of the last events cannot be seen.
    files : path, optional
        Folder of the attached files, if another than the one beside the ledger.
    tsa_roots : sequence of Certificate
        Roots against which timestamp tokens of heads are checked; without any, they are not
        checked and a note says so.
    witness_keys : collection of str
        Ids of keys that witnesses gave you by other means (`forensics.custody.witnesses.read_pin`).
    clock : callable
        Returns the time; what is dated far after it is reported.
    progress : callable, optional
        Called with the number of each event.

    Returns
    -------
    LedgerReport

    Raises
    ------
    InputError
        If there is no such file. Anything else that is wrong stands in the report.
    """
    return _verify(path, heads, files, tsa_roots, witness_keys, clock(), progress, _Nested())


@dataclass(slots=True)
class _Nested:
    """What is known of the files of a ledger and of the field ledgers in it, by SHA-256.

    A field ledger that several others took in is verified once, as is each attached file. `erased` are
    files that a ledger around it erased by order; `staged` are those of an act that is not recorded yet.
    """

    depth: int = 0
    reports: dict[str, LedgerReport] = dataclass_field(default_factory=dict)
    unchanged: dict[tuple[str, object], bool | None] = dataclass_field(default_factory=dict)
    erased: frozenset[str] = frozenset()
    staged: Mapping[str, Path] = dataclass_field(default_factory=dict)


def _verify(
    path: str | os.PathLike[str],
    heads: Sequence[AnyHead],
    files: str | os.PathLike[str] | None,
    tsa_roots: Sequence["Certificate"],
    witness_keys: Collection[str],
    clock: str,
    progress: Callable[[int], None] | None,
    nested: _Nested,
) -> LedgerReport:
    report = LedgerReport(os.fspath(path))
    with ExitStack() as stack:
        looked_at = Path(path)
        is_live = files is None or has_log(path)
        if is_live:
            copy = stack.enter_context(private_copy(path, LEDGER_DATABASE))
            looked_at, report.beside = copy.path, list(copy.beside)
        try:
            reader = open_reader(looked_at, LEDGER_DATABASE, immutable=not is_live, shown_path=path)
        except VerificationError as error:
            report.problems.append(Problem(0, str(error)))
            return report
        stack.enter_context(closing(reader))
        # Bytes that are no UTF-8 are reported where they stand, and stop nothing.
        reader.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        folder = Path(files) if files else files_folder(path)
        pass_ = _Verification(reader, Path(path), folder, report, heads, progress)
        pass_.tsa_roots = tsa_roots
        pass_.pins, pass_.clock, pass_.nested = frozenset(witness_keys), clock, nested
        try:
            with translate_errors(path, LEDGER_DATABASE):
                reader.execute("BEGIN")
                pass_.run()
        except ForensicsError as error:
            pass_.problem(pass_.at, str(error))
    return report


class _Verification(HeadChecks):
    """One pass over a ledger."""

    def __init__(
        self,
        reader: Connection,
        path: Path,
        folder: Path,
        report: LedgerReport,
        heads: Sequence[AnyHead],
        progress: Callable[[int], None] | None,
    ) -> None:
        super().__init__(reader, report)
        self.path, self.folder, self.progress = path, folder, progress
        self.given = [head.signed if isinstance(head, HeadFile) else head for head in heads]
        self.at = 0  # event that is being read
        self.sound: set[str] = set()  # attached files that are as they were
        self.nested = _Nested()

    def run(self) -> None:
        self.check_database()
        self.hinted = self.read_erasures()
        kept_heads = self.read_heads()
        sizes = {head.head.size for _number, head in kept_heads}
        sizes |= {
            given_head.size if isinstance(given_head, Fingerprint) else given_head.head.size
            for given_head in self.given
        }
        sizes |= self.read_disclosures()
        signed: dict[int, list[SignedHead]] = {}
        for given_head in (*(head for _number, head in kept_heads), *self.given):
            if isinstance(given_head, SignedHead):
                signed.setdefault(given_head.head.size, []).append(given_head)
        self.at = 1
        with self.signatures:
            try:
                for seq, row, openings in self.rows():
                    self.event(seq, row, openings)
                    self.at = self.frontier.size + 1
                    if self.frontier.size in sizes:
                        self.roots[self.frontier.size] = self.frontier.root
                        self.recorded_by[self.frontier.size] = self.recorded
                        self.reach(signed.get(self.frontier.size, ()))
                    if self.progress:
                        self.progress(seq)
            finally:
                self.tell_signatures()
        self.at = 0
        report = self.report
        report.size, report.ledger = self.frontier.size, self.state.ledger
        if not report.size:
            self.problem(0, _("The ledger is empty: even its first event is missing."))
            return
        report.root = self.frontier.root.hex()
        report.fingerprint = Fingerprint.of(report.size, self.frontier.root)
        report.flags = self.state.flags
        self.check_openings()
        self.check_files()
        self.note_strange_files()
        self.check_merged()
        for number, head in kept_heads:
            where = _("head {number} in the ledger").format(number=number)
            if self.check_head(head, where):
                self.report_witness(head, where)
        self.check_disclosures([head.head for _number, head in kept_heads])
        for given_head in self.given:
            if isinstance(given_head, Fingerprint):
                self.check_size_and_root(
                    given_head.size, given_head.matches, str(given_head), _("the fingerprint")
                )
            elif self.check_head(given_head, where := _("the head that was given")):
                self.report_witness(given_head, where)
        self.report_pins()
        report.heads = len(kept_heads) + len(self.given)

    # -- the database -------------------------------------------------------------------

    def check_database(self) -> None:
        try:
            check_schema(self.reader, self.path, LEDGER_DATABASE)
        except VerificationError as error:
            self.problem(0, str(error))
        differences = compare_schema(self.reader, LEDGER_DATABASE)
        if any(part.kind == "table" and part.what != "extra" for part in differences):
            raise VerificationError(
                _("{path}: the tables are not those of a ledger; nothing else was checked.").format(
                    path=self.path
                )
            )
        if damage := find_damage(self.reader):
            self.problem(
                0, _("The database file is damaged: {what}").format(what="; ".join(damage))
            )

    def read_erasures(self) -> dict[int, dict[str, int]]:
        """Return what events claim to erase: event, field and the event that says so.

        An erasure stands after the event whose field is gone. Knowing it beforehand, a field that is
        missing is reported where it is missing; whether the erasure holds is checked in its turn.
        """
        erasures: dict[int, dict[str, int]] = {}
        for seq, event, names in self.reader.execute(
            "SELECT kind.seq, target.value, names.value FROM openings AS kind "
            "JOIN openings AS target ON target.seq = kind.seq AND target.name = 'event' "
            "JOIN openings AS names ON names.seq = kind.seq AND names.name = 'erased' "
            "WHERE kind.name = 'type' AND kind.value = '\"erase\"'"
        ):
            try:
                erasures.setdefault(int(event), {}).update(dict.fromkeys(load_json(names), seq))
            except (ValueError, TypeError):
                continue  # told when that event is checked
        return erasures

    def rows(self) -> Iterator[tuple[int, tuple[Any, ...], list[tuple[Any, ...]]]]:
        """Yield each event with its openings; both are read once, in order."""
        openings = self.openings()
        ahead = next(openings, None)
        for row in self.reader.execute(
            f"SELECT seq, {_AS_BYTES.format('envelope')}, signature, hash FROM events ORDER BY seq"
        ):
            own = []
            while ahead is not None and ahead[0] <= row[0]:
                if ahead[0] == row[0]:
                    own.append(ahead[1:])
                else:
                    self.problem(ahead[0], _("a field has no event"))
                ahead = next(openings, None)
            yield row[0], row[1:], own
        while ahead is not None:
            self.problem(ahead[0], _("a field has no event"))
            ahead = next(openings, None)

    def openings(self) -> Iterator[tuple[Any, ...]]:
        """Yield the openings whose number and name are such; tell the others."""
        for row in self.reader.execute(
            f"SELECT seq, name, salt, {_AS_BYTES.format('value')} FROM openings ORDER BY seq, name"
        ):
            if type(row[0]) is int and type(row[1]) is str:
                yield row
            else:
                self.problem(
                    row[0] if type(row[0]) is int else self.at,
                    _("a field is not of the kind that its table holds"),
                )

    # -- after the last event -----------------------------------------------------------

    def check_openings(self) -> None:
        for seq, names in self.missing.items():
            gone = names & self.erased.get(seq, set())
            self.report.erased += len(gone)
            for name in sorted(names - gone):
                if claimed := self.hinted.get(seq, {}).get(name):
                    self.problem(
                        claimed,
                        _("field {name} of event {seq} was erased by no valid order").format(
                            name=name, seq=seq
                        ),
                    )
        for seq, names in self.erased.items():
            left = sorted(names - self.missing.get(seq, set()))
            if left:
                self.problem(
                    seq,
                    _("erased by order, but still present: {names}").format(names=", ".join(left)),
                )

    def file(self, digest: str) -> Path:
        """Return where an attached file is."""
        return self.nested.staged.get(digest, self.folder / digest)

    def check_files(self) -> None:
        for digest, (size, seq) in self.files.items():
            path = self.file(digest)
            if digest in self.erased_files or digest in self.nested.erased:
                if path.exists():
                    self.problem(
                        seq, _("attached file {file} should have been erased").format(file=digest)
                    )
                continue
            self.report.files += 1
            unchanged = self.is_unchanged(path, digest, size)
            if unchanged is None:
                self.problem(seq, _("attached file {file} is missing").format(file=digest))
            elif not unchanged:
                self.problem(seq, _("attached file {file} was changed").format(file=digest))
            else:
                self.sound.add(digest)

    def note_strange_files(self) -> None:
        folder = self.folder
        if folder != files_folder(self.path):
            return  # of another ledger too, whose files are not strange
        extra = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        for name in sorted(extra - set(self.files)):
            self.report.notes.append(
                _("{name} in {folder} is attached to no event").format(name=name, folder=folder)
            )

    def is_unchanged(self, path: Path, digest: str, size: object) -> bool | None:
        """Return whether a file is as it was attached, or None where there is none."""
        known = self.nested.unchanged
        if (digest, str(size)) not in known:
            try:
                known[digest, str(size)] = (
                    is_unchanged(path, digest, size) if path.is_file() else None
                )
            except OSError:
                known[digest, str(size)] = None
        return known[digest, str(size)]

    def check_merged(self) -> None:
        """Check the field ledgers that were merged, each as a ledger of its own, and once."""
        nested = self.nested
        for seq, copy, ledger, size, root in self.merged:
            if copy not in self.sound:
                continue  # told where files are checked; what was changed could name itself
            inner = nested.reports.get(copy)
            if inner is None and nested.depth < MAX_NESTED_LEDGERS:
                around, nested.erased = nested.erased, nested.erased | self.erased_files
                nested.depth += 1
                inner = _verify(self.file(copy), (), self.folder, (), (), self.clock, None, nested)
                nested.depth -= 1
                nested.erased, nested.reports[copy] = around, inner
            # One that was verified before, nearer to the outside, may hold too many for its place here.
            levels = 1 + (inner.nested if inner is not None else MAX_NESTED_LEDGERS)
            self.report.nested = max(self.report.nested, levels)
            if inner is None or nested.depth + levels > MAX_NESTED_LEDGERS:
                self.problem(
                    seq,
                    _("field ledgers are nested deeper than {most}").format(
                        most=MAX_NESTED_LEDGERS
                    ),
                )
            elif not inner.ok:
                self.problem(
                    seq, _("the field ledger in it is wrong: {what}").format(what=inner.first)
                )
            elif (inner.ledger, inner.size, inner.root) != (ledger, size, root):
                self.problem(seq, _("the field ledger in it is not the one that it names"))


class Addition(_Verification):
    """What is about to be added to a ledger, checked in its transaction by what `verify` will check.

    The events before it are trusted: they were checked when they were added. The rules were applied to a new
    event when it was made, and are not applied again.

    Parameters
    ----------
    reader : Connection
        In the transaction.
    path, folder : Path
        Of the ledger and of its files.
    state, frontier, previous : State, Frontier, bytes
        What the events before amount to; they are not changed.
    clock : str
        The time now.
    staged : sequence of Staged
        Files that go with the event.
    """

    def __init__(
        self,
        reader: Connection,
        path: Path,
        folder: Path,
        state: State,
        frontier: Frontier,
        previous: bytes,
        clock: str,
        staged: Sequence[Staged] = (),
    ) -> None:
        super().__init__(reader, path, folder, LedgerReport(str(path)), (), None)
        self.state, self.previous, self.clock, self.replaying = state, previous, clock, False
        self.frontier = frontier.copy()
        self.erased_files = set(state.erased_files)
        entries = [file.entry for file in staged]
        self.nested.staged = {file.entry["sha256"]: file.temporary for file in staged}
        # They were hashed as they were copied.
        self.nested.unchanged = {(one["sha256"], str(one["size"])): True for one in entries}

    def check_event(self, seq: int) -> LedgerReport:
        """Check an event that was inserted, and the earlier ones from which it erases."""
        self.at = seq
        row = self.reader.execute(
            f"SELECT {_AS_BYTES.format('envelope')}, signature, hash FROM events WHERE seq = ?",
            (seq,),
        ).fetchone()
        openings = self.reader.execute(
            f"SELECT name, salt, {_AS_BYTES.format('value')} FROM openings WHERE seq = ?", (seq,)
        ).fetchall()
        self.event(seq, row, openings)
        self.tell_signatures()
        for target in self.erased:
            fields = self.earlier(target) or {}
            self.missing[target] = {name for name, value in fields.items() if value is ERASED}
        self.check_openings()
        self.check_files()
        self.check_merged()
        if sizes := self.read_disclosures(first=seq):
            self.look_up(sizes)
            self.check_disclosures([signed.head for _number, signed in self.read_heads()])
        return self.report

    def check_new_head(self, signed: SignedHead) -> LedgerReport:
        """Check a head that is to be kept."""
        head, where = signed.head, _("the head")
        self.look_up({head.size})
        if not self.check_head(signed, where) or head.size == self.frontier.size:
            return self.report
        # Events that it does not cover were recorded before it, by what `reach` will find.
        (recorded,) = self.reader.execute(
            "SELECT min(envelope ->> '$.recorded_at') FROM events WHERE seq > ?", (head.size,)
        ).fetchone()
        for name, key in self.state.keys.items():
            if recorded <= key.expires < head.time:  # empty, before any time, where it never does
                self.problem(
                    0,
                    _(
                        "{head} covers {size} of {all} events and is dated {time}, after the key {key} "
                        "expired; sign the head of all events"
                    ).format(
                        head=where, size=head.size, all=self.frontier.size, time=head.time, key=name
                    ),
                )
        return self.report
