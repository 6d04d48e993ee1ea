"""A ledger of custody: adding events to it, reading what they amount to, and taking in a field ledger.

A field ledger, recorded offline, goes into the laboratory's whole, as it was signed: it keeps its own numbers and
keys. Its copy is attached to the event that takes its exhibits in, and verified with the ledger ever after.

>>> from forensics.custody import open_ledger
>>> ledger = open_ledger("laboratory.db", key="amina.key", passphrase=ask)   # doctest: +SKIP
>>> ledger.add("offer", case="2026-014", things=["2026-014/1"], to="bruno")  # doctest: +SKIP
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from forensics.custody import storage
from forensics.custody.acts.people import RULES_VERSION
from forensics.custody.appending import Appender, PreparedAct, Receipt
from forensics.custody.canonical import canonical, nfc, nfc_text, now, parse_time
from forensics.custody.fields import plain
from forensics.custody.heads import FAR_AHEAD, SignedHead, sign_head
from forensics.custody.keys import PassphraseSource, PrivateKey, PublicKey, SigningKey
from forensics.custody.recording import Recording
from forensics.custody.rules import approving, refusal
from forensics.custody.state import State
from forensics.custody.storage import LEDGER_DATABASE, files_folder
from forensics.custody.verification import verify
from forensics.custody.witnesses import HeadFile, enrolment_request
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.io.files import AnyPath, check_new, sha256, write_new
from forensics.messages import _
from forensics.store.connections import new_ledger_mode, open_writer, translate_errors, write_lock
from forensics.store.copies import private_copy
from forensics.store.schema import create_schema


@dataclass(frozen=True)
class NewAct:
    """An act to be recorded, as `Ledger.add` takes it."""

    type: str
    fields: Mapping[str, Any]
    occurred_at: str | None = None
    attachments: Sequence[AnyPath] = ()


class Ledger(Appender, Recording):
    """A ledger in a file; use `open_ledger`.

    Parameters
    ----------
    key : SigningKey or path, optional
        What events are signed with; a file is opened when it is first needed.
    passphrase : callable, optional
        Returns the passphrase of the key file.
    clock : callable
        Returns the time, as `forensics.custody.canonical.now` does.
    """

    # -- adding -------------------------------------------------------------------------

    def add(
        self,
        type: str,
        *,
        occurred_at: str | None = None,
        attachments: Sequence[AnyPath] = (),
        dry_run: bool = False,
        **fields: Any,
    ) -> Receipt:
        """Record an act, signed with the key of this ledger.

        Parameters
        ----------
        type : str
            Type of the event, as in `forensics.custody.registry.TYPES`.
        occurred_at : str, optional
            When it happened; now where nothing is said.
        attachments : sequence of paths
            Files that the event names; they are copied beside the ledger.
        dry_run : bool
            Check the rules and record nothing.
        **fields
            Fields of the type; None means that nothing is said. Text is put into Unicode form NFC,
            in which it is hashed: the same name typed on two systems is one name. Characters that
            Unicode 14.0 does not have are refused (`forensics.custody.canonical`). The `content`
            of ``authorise`` is given as plain values; salts and commitments are added here.

        Raises
        ------
        RefusedError
            If a rule refuses the act; nothing was recorded.
        ForensicsError
            If it cannot be written; nothing was recorded.
        """
        prepared = self._prepare(NewAct(type, fields, occurred_at, attachments))
        try:
            return self._append(self.key, [prepared], dry_run=dry_run)[0]
        finally:
            storage.remove(prepared.staged)

    def add_all(self, acts: Sequence[NewAct], *, dry_run: bool = False) -> list[Receipt]:
        """Record several acts in one transaction, each an event of its own: all, or none.

        Parameters
        ----------
        acts : sequence of NewAct
            In the order in which they happened: each is checked after those before it.
        dry_run : bool
            Check the rules and record nothing.

        Returns
        -------
        list of Receipt
            One for each act.

        Raises
        ------
        BatchRefusedError
            Naming each act that a rule refuses; nothing was recorded.
        RefusedError
            If there is only one, and a rule refuses it.
        UsageError
            If an erasure is among several: it is made by itself.
        """
        if len(acts) > 1 and any(act.type == "erase" for act in acts):
            raise UsageError(_("An erasure must be recorded alone, not with other acts."))
        if not acts:
            return []
        prepared: list[PreparedAct] = []
        try:
            for act in acts:
                prepared.append(self._prepare(act))
            return self._append(self.key, prepared, dry_run=dry_run)
        finally:
            for act_ready in prepared:
                storage.remove(act_ready.staged)

    def _check_rules(self, type: str, **fields: Any) -> None:
        """Refuse an act that the rules would refuse, while what it names is not there yet.

        Raises
        ------
        RefusedError
        """
        prepared = self._prepare(NewAct(type, fields))
        with translate_errors(self.path, LEDGER_DATABASE):
            self._catch_up(self._database)
            self._check_act(self._database, self.key, prepared.fields, None)

    def _prepare(self, act: NewAct) -> PreparedAct:
        """Return an act with what follows from it: its actor, salts of what it approves, copies of files."""
        key = self.key
        try:
            fields = {
                name: nfc_text(value, leaf=_plain_number)
                for name, value in act.fields.items()
                if value is not None
            }
        except RecursionError:
            raise InputError(_("The JSON is nested too deeply.")) from None
        fields["type"] = act.type
        if (
            act.type == "authorise"
            and "approved" not in fields
            and isinstance(fields.get("content"), dict)
        ):
            fields |= approving(fields["content"])
        if "actor" not in fields:
            state = self.state
            known = state.keys.get(key.id)
            if state.seq and known is None:
                raise refusal(
                    "KEY-UNKNOWN",
                    _("The key {key} is not enrolled in this ledger."),
                    key=key.id,
                )
            fields["actor"] = known.person if known else ""
        staged = storage.stage(self.files, act.attachments, self.path)
        if staged:
            fields["attachments"] = [file.entry for file in staged]
        return PreparedAct(fields, act.occurred_at, staged)

    def proof(self, person: str, new_key: PrivateKey) -> str:
        """Return the proof by which `new_key` is enrolled for `person` in this ledger."""
        return enrolment_request(self.state.ledger, nfc(person), new_key)["proof"]

    def sign_head(self, size: int | None = None) -> SignedHead:
        """Sign the head as it is now, and keep it in the ledger.

        Parameters
        ----------
        size : int, optional
            Number of events that it covers; all.

        Raises
        ------
        UsageError
            If there are not so many events.
        VerificationError
            If the clock stands earlier than when the last events were recorded.
        """
        state = self.state
        if size is not None and not 1 <= size <= state.seq:
            raise UsageError(
                _("A head covers 1 to {most} events here, not {size}.").format(
                    most=state.seq, size=size
                )
            )
        signed = sign_head(
            self.key,
            ledger=state.ledger,
            size=size or state.seq,
            root=self.tree().root(size) if size else self._frontier.root,
            time=self.clock(),
        )
        self.keep_head(signed)
        return signed

    def head_file(self, signed: SignedHead, *, older: Sequence[int] = ()) -> HeadFile:
        """Return what leaves the house: a signed head with proofs from older ones.

        Parameters
        ----------
        older : sequence of int
            Sizes of heads that others may have seen; those that the ledger keeps are added.
        """
        tree, size = self.tree(), signed.head.size
        sizes = {*older, *(stored_head.head.size for stored_head in self.heads())}
        proofs = {old: tree.consistency_proof(old, size) for old in sorted(sizes) if 0 < old < size}
        key = self.state.keys.get(signed.head.key)
        if key is None:
            raise VerificationError(_("The head is not signed by a key of this ledger."))
        return HeadFile(signed, PublicKey.from_text(key.public_key), proofs)

    def keep_head(self, signed: SignedHead) -> None:
        """Keep a head, such as one that a witness has countersigned.

        Raises
        ------
        VerificationError
            If it is dated far after the clock, or `forensics.custody.verify` would find it wrong.
        """
        head, clock = signed.head, self.clock()
        if parse_time(head.time) - parse_time(clock) > FAR_AHEAD:
            raise VerificationError(
                _("The head {head} is dated {time}, but the clock says {clock}.").format(
                    head=head.fingerprint, time=head.time, clock=clock
                )
            )
        document = canonical(signed.to_dict()).decode()
        with translate_errors(self.path, LEDGER_DATABASE), write_lock(self.path, LEDGER_DATABASE):
            writer = self._open_writer()
            self._catch_up(writer)
            added = self._addition(writer, clock).check_new_head(signed)
            if not added.ok:
                raise VerificationError(_("Not kept: {what}.").format(what=added.first))
            writer.execute(
                "INSERT INTO heads SELECT coalesce(max(number), 0) + 1, ?, ? FROM heads",
                (head.size, document),
            )

    def backup(self, target: AnyPath, *, files: AnyPath | None = None) -> None:
        """Copy the ledger with its files to a new place, and check the copy.

        Parameters
        ----------
        target : path
            Must not exist.
        files : path, optional
            Folder of the attached files, if another than the one beside the ledger.

        Raises
        ------
        UsageError
            If there is something of that name.
        VerificationError
            If the copy does not verify: the copy stays, to be looked at.
        """
        folder = files_folder(target)
        check_new(folder)
        # The database first: files that it names are there by then, and are never changed.
        self.copy_database(target)
        try:
            storage.copy_all(Path(files) if files is not None else self.files, folder)
        except OSError as error:
            raise ForensicsError(
                _("{path}: the files could not be copied: {error}").format(
                    path=folder, error=error.strerror or error
                )
            ) from error
        verify(target).require()


def _plain_number(value: object) -> object:
    """Return a Decimal as it stands in an event, and anything else as it is."""
    return plain(value) if isinstance(value, Decimal) else value


def open_ledger(
    path: AnyPath,
    *,
    key: SigningKey | AnyPath | None = None,
    passphrase: PassphraseSource | None = None,
    clock: Callable[[], str] = now,
) -> Ledger:
    """Open a ledger; takes what `Ledger` takes.

    Raises
    ------
    InputError
        If there is no such file.
    VerificationError
        If it is not a ledger, or its tables, triggers or views were changed.
    """
    return Ledger(path, key=key, passphrase=passphrase, clock=clock)


def create_ledger(
    path: AnyPath,
    *,
    key: PrivateKey,
    laboratory: str,
    person: str,
    name: str,
    roles: Sequence[str],
    policy: dict[str, Any] | None = None,
    key_expires: str | None = None,
    clock: Callable[[], str] = now,
) -> Ledger:
    """Make a new ledger whose first event enrols its first person, and open it.

    Parameters
    ----------
    path : path
        Must not exist.
    key : PrivateKey
        Of the first person, an administrator.
    laboratory, person, name : str
        Name of the laboratory; short name and full name of the person.
    roles : sequence of str
        Of the person; see `forensics.custody.rules.ROLES`.
    policy : dict, optional
        What differs from `forensics.custody.rules.DEFAULT_POLICY`.

    Raises
    ------
    UsageError
        If the file exists.
    RefusedError
        If a rule refuses the first event.
    """
    path = Path(path)
    check_new(path, files_folder(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    write_new(path, b"")  # claims the name: of two programs one wins
    try:
        with (
            translate_errors(path, LEDGER_DATABASE),
            closing(open_writer(temporary, LEDGER_DATABASE, create=True)) as connection,
        ):
            create_schema(connection, LEDGER_DATABASE)
        with Ledger(temporary, key=key, clock=clock) as first:
            first._state.ledger = secrets.token_hex(16)
            first.add(
                "init",
                actor=person,
                laboratory=laboratory,
                rules=RULES_VERSION,
                person=person,
                name=name,
                roles=list(roles),
                public_key=key.public.text,
                key_expires=key_expires,
                policy=policy,
            )
        if os.name == "posix":
            mode = temporary.stat().st_mode
            os.chmod(temporary, new_ledger_mode(path.parent, mode & 0o666))
        os.replace(temporary, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        for end in ("", "-wal", "-shm", "-journal", ".lock", ".turn"):
            Path(f"{temporary}{end}").unlink(missing_ok=True)
    return Ledger(path, key=key, clock=clock)


# -- a field ledger --------------------------------------------------------------------


def merge(ledger: Ledger, field: AnyPath, *, dry_run: bool = False, **fields: Any) -> Receipt:
    """Take the exhibits of a field ledger into `ledger`; who signs receives them.

    Parameters
    ----------
    ledger : Ledger
        With the key of the custodian who receives the exhibits.
    field : path
        The field ledger, with its files beside it. It is of one case, which `ledger` has too.
    dry_run : bool
        Check everything and record nothing.
    **fields
        Further fields of the event, such as ``received_from``.

    Returns
    -------
    Receipt
        `Receipt.left_out` names exhibits that were not taken in, since the ledger has other things of
        their names.

    Raises
    ------
    VerificationError
        If the field ledger does not hold.
    UsageError
        If it is of several cases, or has no exhibit that is not in `ledger` yet.
    RefusedError
        If a rule refuses it.
    """
    with tempfile.TemporaryDirectory(prefix="forensics-") as folder:
        copy = Path(folder) / f"{Path(field).name}"
        # What is looked at is the copy: the original may go on growing, and is not changed.
        with private_copy(field, LEDGER_DATABASE) as private, open_ledger(private.path) as source:
            source.copy_database(copy)
        report = verify(copy, files=files_folder(field)).require()
        with open_ledger(copy) as source:
            described = {
                row["exhibit"]: row
                for event in source.events()
                if event.type == "receive"
                for row in event.fields["exhibits"]
            }
            case, rows = _exhibits(source.state, described, set(ledger.state.things))
            attached = {entry["sha256"] for event in source.events() for entry in event.attachments}
        left_out = _taken_names(ledger, report.ledger, described)
        digest = sha256(copy)
        stored = [files_folder(field) / name for name in sorted(attached)]
        receipt = ledger.add(
            "merge",
            case=case,
            exhibits=rows,
            field_ledger=report.ledger,
            size=report.size,
            root=report.root,
            copy=digest,
            attachments=[copy, *(path for path in stored if path.is_file())],
            dry_run=dry_run,
            **fields,
        )
        return replace(receipt, left_out=left_out)


def _taken_names(
    ledger: Ledger, field_ledger: str, described: dict[str, dict[str, Any]]
) -> tuple[str, ...]:
    """Return the exhibits of a field ledger whose names are those of other things."""
    merged = {
        row["exhibit"]
        for event in ledger.events()
        if event.type == "merge" and event.fields["field_ledger"] == field_ledger
        for row in event.fields["exhibits"]
    }
    return tuple(name for name in described if name in ledger.state.things and name not in merged)


def _exhibits(
    state: State, described: dict[str, dict[str, Any]], known: set[str]
) -> tuple[str, list[dict[str, Any]]]:
    """Return the case of a field ledger, and its exhibits that are not known yet."""
    if len(state.cases) != 1:
        raise UsageError(
            _("A field ledger is of one case; this one has {number}.").format(
                number=len(state.cases)
            )
        )
    others = [name for name, item in state.things.items() if item.kind != "exhibit"]
    if others:
        raise UsageError(
            _("Only exhibits are merged from a field ledger; this one also has {names}.").format(
                names=", ".join(others[:5])
            )
        )
    rows = []
    for name, row in described.items():
        item = state.things[name]
        if name in known or item.gone:
            continue
        # What it is, as it was said then; quantity and seals, as they are now.
        row = {
            key: row[key]
            for key in ("exhibit", "description", "unit", "kind", "population", "condition")
            if key in row
        }
        row["quantity"] = plain(item.balance)
        if item.seals:
            row["seals"] = list(item.seals)
        rows.append(row)
    if not rows:
        raise UsageError(_("The field ledger has no new exhibit."))
    (case,) = state.cases
    return case, rows
