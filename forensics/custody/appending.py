"""Appending events to a ledger: the rules, the hash before it, the signature, one transaction.

It does not go through sqlite-utils, which commits by itself after each insertion. The number of an
event, the hash before it, the state that the rules are applied to and the salts of an
authorisation must be read in the transaction that writes it.
"""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from forensics.custody import checked, ordinals, registry, storage
from forensics.custody.budgets import (
    MAX_CASE_BYTES,
    MAX_CASE_FILES,
    MAX_EVENT_BYTES,
    MAX_FIELD_BYTES,
)
from forensics.custody.canonical import now, parse_time, time_text, weigh
from forensics.custody.heads import FAR_AHEAD, Fingerprint
from forensics.custody.keys import PassphraseSource, SigningKey, open_key
from forensics.custody.proofs import Opening, new_salt
from forensics.custody.reader import Reader, bulk_of
from forensics.custody.rules import Act, refusal, salts
from forensics.custody.state import Bulk, Flag
from forensics.custody.storage import LEDGER_DATABASE, StoredEvent, seal_event
from forensics.custody.traces import check_no_copy_left, traces_of
from forensics.custody.verification import Addition
from forensics.errors import ForensicsError, RefusedError, UsageError
from forensics.io.files import AnyPath
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import open_writer, transaction, translate_errors, write_lock
from forensics.store.copies import check_purgeable, purge


@dataclass(frozen=True)
class Receipt:
    """What an act that was recorded gives back.

    Attributes
    ----------
    seq : int
        Number of the event; of a dry run, the number that it would have had.
    fingerprint : Fingerprint or None
        Head after it, to be printed; none after a dry run.
    flags : tuple of Flag
        Discrepancies that were recorded with it.
    unsearched : tuple of str
        Of an erasure: names of attached files of the case in which what is erased could not be sought
        wholly, since they are not all text.
    left_out : tuple of str
        Of a merge: exhibits of the field ledger that were not taken in, since there are other things of
        their names.
    """

    seq: int
    recorded_at: str
    fields: dict[str, Any]
    fingerprint: Fingerprint | None
    flags: tuple[Flag, ...]
    unsearched: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreparedAct:
    """An act that is ready to be checked and signed.

    Attributes
    ----------
    fields : dict
        With `type` and `actor`; rules may add to it.
    staged : sequence of Staged
        Files that it attaches.
    """

    fields: dict[str, Any]
    occurred_at: str | None
    staged: Sequence[storage.Staged]


class BatchRefusedError(ForensicsError):
    """Some of several acts are refused, so none was recorded.

    Attributes
    ----------
    refusals : list of (int, RefusedError)
        Place of each act that is refused, from 0. What comes after the first may follow from it.
    number : int
        How many acts there were.
    """

    exit_code = RefusedError.exit_code

    def __init__(
        self, refusals: Sequence[tuple[int, RefusedError]], number: int, text: str = ""
    ) -> None:
        self.refusals, self.number = list(refusals), number
        place, first = self.refusals[0]
        super().__init__(
            text
            or _("act {place} of {number}: {reason} Nothing was recorded.").format(
                place=place + 1, number=number, reason=first
            )
        )


class Appender(Reader):
    """A ledger that events are appended to.

    Parameters
    ----------
    key : SigningKey or path, optional
        What events are signed with; a file is opened when it is first needed.
    passphrase : callable, optional
        Returns the passphrase of the key file.
    clock : callable
        Returns the time, as `forensics.custody.canonical.now` does.
    """

    def __init__(
        self,
        path: AnyPath,
        *,
        key: SigningKey | AnyPath | None = None,
        passphrase: PassphraseSource | None = None,
        clock: Callable[[], str] = now,
    ) -> None:
        super().__init__(path)
        self.clock = clock
        self._key, self._passphrase = key, passphrase
        self._writer: Connection | None = None
        self._heads_read, self._heads_length, self._head_time = 0, 0, ""
        # Events in the state that is kept beside the ledger, as far as is known here.
        self._kept = 0

    def close(self) -> None:
        """Close the file."""
        super().close()
        if self._writer is not None:
            self._writer.close()

    @property
    def key(self) -> SigningKey:
        """The key that events are signed with.

        Raises
        ------
        UsageError
            If the ledger was opened without one.
        """
        if self._key is None:
            raise UsageError(_("The ledger was opened without a key, for reading only."))
        if isinstance(self._key, (str, os.PathLike)):
            if self._passphrase is None:
                raise UsageError(
                    _("No passphrase was given for the key {path}.").format(path=self._key)
                )
            self._key = open_key(self._key, self._passphrase)
        return self._key

    @property
    def actor(self) -> str:
        """The person whose key it is; empty where the ledger does not know the key."""
        known = self.state.keys.get(self.key.id)
        return known.person if known else ""

    # -- inside ---------------------------------------------------------------------------

    def _append(
        self, key: SigningKey, acts: Sequence[PreparedAct], *, dry_run: bool
    ) -> list[Receipt]:
        """Append events in one transaction: all, or none.

        Attached files are put in place before it is committed, so that no event names a file that
        is not there.

        Raises
        ------
        RefusedError
            If a rule refuses the only act.
        BatchRefusedError
            If a rule refuses some of several.
        """
        with translate_errors(self.path, LEDGER_DATABASE), write_lock(self.path, LEDGER_DATABASE):
            writer = self._open_writer()
            erasure = acts[0] if acts[0].fields["type"] == "erase" else None
            if erasure and not dry_run:
                check_purgeable(writer, self.path)
                checked.forget(self.path)  # it may hold what is to be erased
                self._kept = 0
            traces: list[bytes] = []
            receipts: list[Receipt] = []
            refusals: list[tuple[int, RefusedError]] = []
            try:
                with transaction(writer, dry_run=dry_run):
                    self._catch_up(writer)
                    for position, prepared in enumerate(acts):
                        try:
                            receipts.append(self._append_one(writer, key, prepared, traces))
                        except RefusedError as error:
                            if len(acts) == 1:
                                raise
                            refusals.append((position, error))
                    if refusals:
                        raise BatchRefusedError(refusals, len(acts))
                    if erasure:  # what rules looked at before may be gone
                        self._forget()
                        self._catch_up(writer)
                    self._check_bundles(writer, receipts)
                    if not dry_run:
                        for prepared in acts:
                            storage.keep(self.files, prepared.staged, self.path)
            except BaseException as error:
                if not isinstance(error, RefusedError):
                    self._forget()  # the state may be ahead of the file
                raise
            if dry_run:
                self._forget()
                return [replace(receipt, fingerprint=None) for receipt in receipts]
            if erasure:
                for digest in erasure.fields.get("erased_files", ()):
                    (self.files / digest).unlink(missing_ok=True)
                purge(writer, self.path, traces)
            self._keep_state(key)
            return receipts

    def _keep_state(self, key: SigningKey) -> None:
        """Keep the state beside the ledger after many events; one that is not of this ledger goes."""
        if self._state.seq - self._kept >= checked.EVERY:
            self._kept = self._state.seq
            checked.keep(
                self.path, checked.checked_of(self._state, self._frontier, self._last), key
            )
        elif not self._kept:
            with suppress(ForensicsError):  # whoever opens the ledger next is told
                checked.forget(self.path)

    def _begin_late(self, connection: Connection) -> None:
        super()._begin_late(connection)
        self._kept = self._state.seq

    def _append_one(
        self, writer: Connection, key: SigningKey, prepared: PreparedAct, traces: list[bytes]
    ) -> Receipt:
        """Check, sign and write one event within the transaction.

        Parameters
        ----------
        traces : list of bytes
            Takes what an erasure must leave nowhere in the file.
        """
        act, openings, earlier_flags = self._check_act(
            writer, key, prepared.fields, prepared.occurred_at
        )
        unsearched: tuple[str, ...] = ()
        if act.type == "erase":
            unsearched = check_no_copy_left(self, act.fields)
            traces += traces_of(writer, act.fields)
        event = seal_event(
            openings,
            key,
            ledger=self._state.ledger,
            seq=act.seq,
            previous=self._last,
            recorded_at=act.recorded_at,
        )
        values = {opening.name: opening.encoded.decode() for opening in openings}
        weights = {name: weigh(value) for name, value in values.items()}
        act.bulk = bulk_of(event.envelope.decode(), values, sum(weights.values()))
        for name, weight in weights.items():
            # What is approved holds the old and the new value of a correction.
            if weight > MAX_FIELD_BYTES and name != "content":
                raise refusal(
                    "FIELDS",
                    _("{name} is too long; attach long content as a file."),
                    name=name,
                )
        if sum(weights.values()) > MAX_EVENT_BYTES:
            raise refusal("FIELDS", _("The event is too long; attach long content as a file."))
        writer.execute("SAVEPOINT act")
        _insert(writer, act.seq, event)
        if act.type == "erase":
            _erase(writer, act.fields)
        added = self._addition(writer, act.recorded_at, prepared.staged).check_event(act.seq)
        if not added.ok:
            writer.execute("ROLLBACK TO act")
            raise refusal(
                "VERIFIES",
                _("This act would make the ledger fail its verification: {what}."),
                what=added.first,
            )
        writer.execute("RELEASE act")
        registry.change(self._state, act)
        self._frontier.append(event.hash)
        self._last = event.hash
        flags = tuple(self._state.flags[earlier_flags:])
        return Receipt(act.seq, act.recorded_at, act.fields, self._fingerprint(), flags, unsearched)

    def _addition(
        self, writer: Connection, clock: str, staged: Sequence[storage.Staged] = ()
    ) -> Addition:
        """Return the check of what is added in a transaction, before it is committed."""
        known = self._state, self._frontier, self._last
        return Addition(writer, self.path, self.files, *known, clock, staged)

    def _check_bundles(self, writer: Connection, acts: Sequence[Receipt]) -> None:
        """Refuse acts with which the bundle of a case would be too large to be read."""
        for case in ordinals.cases_with(self._state, ((act.seq, act.fields) for act in acts)):
            size, files = self._bundle_size(writer, case)
            if size > MAX_CASE_BYTES or files > MAX_CASE_FILES:
                self._forget()
                raise refusal(
                    "VERIFIES",
                    _(
                        "After this act, case {case} could not be disclosed: its bundle would "
                        "have {size} bytes of events and {files} files, of at most {most_bytes} "
                        "and {most_files}. Attach long content as a file and many files as one, "
                        "or continue in another case."
                    ),
                    case=case,
                    size=size,
                    files=files,
                    most_bytes=MAX_CASE_BYTES,
                    most_files=MAX_CASE_FILES,
                )

    def _bundle_size(self, reader: Connection, case: str) -> tuple[int, int]:
        """Return an upper bound of the bytes of ``bundle.json`` of a case, and how many files it names."""
        state = self._state
        names = {f"case {case}", *ordinals.related_series(state, case)}
        parts = [state.series[name] for name in names]
        bulk = reduce(Bulk.plus, (part.bulk for part in parts))
        proofs = self._heads_read + sum(
            len(part.events) + len(part.authorisations) for part in parts
        )
        size = bulk.bytes + self._heads_length + 2 * 67 * state.seq.bit_length() * proofs
        if bulk.files <= MAX_CASE_FILES:
            return size, bulk.files
        (files,) = reader.execute(  # each once
            "SELECT count(DISTINCT file.value ->> '$.sha256') FROM openings AS named, json_each(named.value) AS file "
            "WHERE name = 'attachments' AND seq IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ordinals.related(state, names))),),
        ).fetchone()
        return size, files

    def _check_act(
        self, writer: Connection, key: SigningKey, fields: dict[str, Any], occurred_at: str | None
    ) -> tuple[Act, list[Opening], int]:
        """Apply the rules to an act; they may add fields to it.

        Returns
        -------
        act : Act
        openings : list of Opening
            Of all fields, in the order in which they are stored.
        earlier_flags : int
            Discrepancies that were known before the act.
        """
        recorded_at = self.clock()
        self._state.head_time = self._latest_head(writer, recorded_at)
        fields["occurred_at"] = occurred_at or recorded_at
        salts_taken_over = self._salts(writer, fields)
        openings = [
            Opening(name, value, salts_taken_over.get(name) or new_salt())
            for name, value in fields.items()
        ]
        given = set(fields)
        earlier_flags = len(self._state.flags)
        act = Act(
            self._state.seq + 1,
            self._state.ledger,
            key.id,
            recorded_at,
            fields,
            lambda seq: self._fields(writer, seq),
            # Rules look at them in acts that use an authorisation alone.
            {opening.name: opening.commitment for opening in openings} if salts_taken_over else {},
        )
        registry.check(self._state, act, new=True)
        openings += [Opening(name, value) for name, value in fields.items() if name not in given]
        return act, openings, earlier_flags

    def _latest_head(self, writer: Connection, clock: str) -> str:
        """Return the latest time of a head that the ledger keeps; what lies far ahead is not a time."""
        limit = time_text(parse_time(clock) + FAR_AHEAD)
        for number, length, time in writer.execute(
            "SELECT number, length(document), CASE WHEN json_valid(document) THEN "
            "json_extract(document, '$.head.time') END FROM heads WHERE number > ? ORDER BY number",
            (self._heads_read,),
        ).fetchall():
            self._heads_read, self._heads_length = number, self._heads_length + 700 + length
            if isinstance(time, str) and time <= limit:
                self._head_time = max(self._head_time, time)
        return self._head_time

    def _open_writer(self) -> Connection:
        if self._writer is None:
            self._writer = open_writer(self.path, LEDGER_DATABASE)
        return self._writer

    def _salts(self, writer: Connection, fields: dict[str, Any]) -> dict[str, bytes]:
        """Return the salts that an act takes over from the authorisation it uses."""
        seq = fields.get("authorisation")
        if type(seq) is int and seq in self._state.authorisations:
            return salts(self._fields(writer, seq))
        return {}


def _insert(writer: Connection, seq: int, event: StoredEvent) -> None:
    writer.execute(
        "INSERT INTO events VALUES (?, ?, ?, ?)",
        (seq, event.envelope.decode(), event.signature, event.hash),
    )
    writer.executemany(
        "INSERT INTO openings VALUES (?, ?, ?, ?)",
        [(seq, one.name, one.salt, one.encoded.decode()) for one in event.openings],
    )


def _erase(writer: Connection, fields: dict[str, Any]) -> None:
    writer.executemany(
        "DELETE FROM openings WHERE seq = ? AND name = ?",
        [(fields["event"], name) for name in fields.get("erased", ())],
    )
