"""Verification of a ledger: everything that is stored is checked by replay, as a stranger would.

Nothing is taken from the way by which events are added but the table of rules: envelopes are
parsed and written again, commitments and hashes computed, signatures checked with the
key that the events themselves enrolled.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.custody.attachments import Staged, is_unchanged
from forensics.custody.budgets import MAX_NESTED_LEDGERS
from forensics.custody.canonical import load_json
from forensics.custody.database import LEDGER_DATABASE, files_folder
from forensics.custody.fields import ERASED
from forensics.custody.fingerprints import Fingerprint
from forensics.custody.head_checks import HeadChecks
from forensics.custody.head_files import HeadFile
from forensics.custody.heads import SignedHead
from forensics.custody.merkle import Frontier
from forensics.custody.report import Problem, Report
from forensics.custody.state import State
from forensics.custody.times import now
from forensics.errors import ForensicsError, VerificationError
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import open_reader
from forensics.store.copies import private_copy
from forensics.store.kinds import translate_errors
from forensics.store.schema import check_schema, compare_schema, find_damage

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["Addition", "verify"]

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
) -> Report:
    """Check everything that a ledger holds, on a private copy: nothing beside it is changed.

    Parameters
    ----------
    path : path
    heads : sequence of SignedHead, HeadFile or Fingerprint
        Heads that were kept elsewhere: on a witness's stick, on an old label. Without one, the
        loss of the last events cannot be seen.
    files : path, optional
        Folder of the attached files, if another than the one beside the ledger; the ledger is then
        a copy that nobody writes.
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
    Report

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
    reports: dict[str, Report] = dataclass_field(default_factory=dict)
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
) -> Report:
    report = Report(os.fspath(path))
    with ExitStack() as stack:
        looked_at = Path(path)
        if files is None:
            copy = stack.enter_context(private_copy(path, LEDGER_DATABASE))
            looked_at, report.beside = copy.path, list(copy.beside)
        try:
            reader = open_reader(
                looked_at, LEDGER_DATABASE, immutable=files is not None, shown_path=path
            )
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
        report: Report,
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
        for seq, row, openings in self.rows():
            self.event(seq, row, openings)
            self.at = self.frontier.size + 1
            if self.frontier.size in sizes:
                self.roots[self.frontier.size] = self.frontier.root
                self.recorded_by[self.frontier.size] = self.recorded
                self.reach(signed.get(self.frontier.size, ()))
            if self.progress:
                self.progress(seq)
        self.at = 0
        report = self.report
        report.size, report.ledger = self.frontier.size, self.state.ledger
        if not report.size:
            self.problem(0, _("The ledger is empty: not even its first event is there."))
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
            "SELECT seq, envelope, signature, hash FROM events ORDER BY seq"
        ):
            own = []
            while ahead is not None and ahead[0] <= row[0]:
                if ahead[0] == row[0]:
                    own.append(ahead[1:])
                else:
                    self.problem(ahead[0], _("a field is there without its event"))
                ahead = next(openings, None)
            yield row[0], row[1:], own
        while ahead is not None:
            self.problem(ahead[0], _("a field is there without its event"))
            ahead = next(openings, None)

    def openings(self) -> Iterator[tuple[Any, ...]]:
        """Yield the openings whose number and name are such; tell the others."""
        for row in self.reader.execute(
            "SELECT seq, name, salt, value FROM openings ORDER BY seq, name"
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
                    seq, _("erased by order and still there: {names}").format(names=", ".join(left))
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
                        seq, _("attached file {file} was to be erased").format(file=digest)
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
        super().__init__(reader, path, folder, Report(str(path)), (), None)
        self.state, self.previous, self.clock, self.replaying = state, previous, clock, False
        self.frontier = Frontier.from_bytes(frontier.size, frontier.to_bytes())
        self.erased_files = set(state.erased_files)
        entries = [file.entry for file in staged]
        self.nested.staged = {file.entry["sha256"]: file.temporary for file in staged}
        # They were hashed as they were copied.
        self.nested.unchanged = {(one["sha256"], str(one["size"])): True for one in entries}

    def check_event(self, seq: int) -> Report:
        """Check an event that was inserted, and the earlier ones from which it erases."""
        self.at = seq
        row = self.reader.execute(
            "SELECT envelope, signature, hash FROM events WHERE seq = ?", (seq,)
        ).fetchone()
        openings = self.reader.execute(
            "SELECT name, salt, value FROM openings WHERE seq = ?", (seq,)
        ).fetchall()
        self.event(seq, row, openings)
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

    def check_new_head(self, signed: SignedHead) -> Report:
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
