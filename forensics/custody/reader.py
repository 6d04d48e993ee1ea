"""Reading a ledger: its events, and what they amount to; events and views as CSV.

What was replayed is kept in memory, so that an event costs no replay of those before it, and an act begins with
the state that is kept beside the ledger (`checked`). Before events are shown, all are replayed. The chain is checked on the way; signatures and commitments are
for `verification`. A table in CSV proves nothing; a
bundle (`disclosure`) does.
"""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from forensics.core.grouping import gathered
from forensics.custody import checked, registry
from forensics.custody.budgets import BYTES_OF_A_VALUE
from forensics.custody.canonical import canonical, load_json, weigh
from forensics.custody.fields import ERASED
from forensics.custody.heads import Fingerprint, SignedHead
from forensics.custody.proofs import Frontier, Opening, Tree
from forensics.custody.rules import Act
from forensics.custody.state import Bulk, State
from forensics.custody.storage import (
    EVENT_FORMAT,
    FIRST_PREVIOUS,
    LEDGER_DATABASE,
    StoredEvent,
    files_folder,
)
from forensics.errors import ForensicsError, RefusedError, UsageError, VerificationError
from forensics.io.files import AnyPath
from forensics.io.numbers import RowWriter
from forensics.messages import _
from forensics.store import Connection
from forensics.store.connections import open_reader, translate_errors
from forensics.store.copies import copy_database
from forensics.store.schema import check_schema

if TYPE_CHECKING:
    from forensics.store.schema import Database


_ALL = 2**62  # more events than any ledger has


@dataclass(frozen=True)
class Event:
    """An event as it is read back.

    Attributes
    ----------
    fields : dict
        Name to value; `ERASED` where the opening was erased.
    """

    seq: int
    recorded_at: str
    key: str
    fields: dict[str, Any]

    @property
    def type(self) -> str:
        """Type of the event."""
        name: str = self.fields["type"]
        return name

    @property
    def attachments(self) -> Sequence[Mapping[str, Any]]:
        """What it says of each file that is attached to it."""
        entries = self.fields.get("attachments", ())
        return () if entries is ERASED else entries


def corrections_of(events: Iterable[Event]) -> dict[int, list[int]]:
    """Return the numbers of the corrections among events, by the event that each corrects."""
    return gathered(
        (int(event.fields["event"]), event.seq) for event in events if event.type == "correct"
    )


class Reader:
    """A ledger that is read; `ledger.Ledger` also writes.

    Parameters
    ----------
    most : int, optional
        Events that are read: the ledger is as it was at this size. Default: all. What was erased
        since stays erased, and `tables` shows the whole ledger.
    """

    def __init__(self, path: AnyPath, *, most: int | None = None) -> None:
        self.path = Path(path).absolute()  # a script may change its folder
        self._most = _ALL if most is None else most
        self._replays_all = False
        self._database = open_reader(path, LEDGER_DATABASE)
        try:
            check_schema(self._database, path, LEDGER_DATABASE)
        except BaseException:
            self._database.close()
            raise
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    @property
    def state(self) -> State:
        """What the events so far amount to; not to be changed."""
        with translate_errors(self.path, LEDGER_DATABASE):
            self._catch_up(self._database)
        return self._state

    @property
    def size(self) -> int:
        """Number of events."""
        return self.state.seq

    @property
    def fingerprint(self) -> Fingerprint:
        """The head as it stands on paper."""
        self.state  # noqa: B018  (reads what is new)
        return self._fingerprint()

    @property
    def files(self) -> Path:
        """Folder of the attached files."""
        return files_folder(self.path)

    def events(self, *, case: str | None = None, first: int = 1) -> Iterator[Event]:
        """Yield the events in order, or those of one case; all are replayed first, whatever state is kept.

        Raises
        ------
        VerificationError
            If the chain or a rule does not hold; nothing is reported of a broken ledger.
        """
        self._replay_all()
        with translate_errors(self.path, LEDGER_DATABASE):
            for event in _events(self._database, first, self._most):
                if case is None or event.fields.get("case") == case:
                    yield event

    def event(self, seq: int) -> Event:
        """Return one event.

        Raises
        ------
        UsageError
            If there is no such number.
        """
        self.state  # noqa: B018
        for event in _events(self._database, seq, min(seq, self._most)):
            return event
        raise UsageError(_("There is no event {seq}.").format(seq=seq))

    def stored_events(self) -> Iterator[StoredEvent]:
        """Yield the events as they are stored, in order, for disclosure; see `events`."""
        self._replay_all()
        with translate_errors(self.path, LEDGER_DATABASE):
            salts = self._database.execute(
                "SELECT seq, name, value, salt FROM openings WHERE seq <= ? ORDER BY seq",
                (self._most,),
            )
            ahead = next(salts, None)
            for seq, envelope, signature in self._database.execute(
                "SELECT seq, envelope, signature FROM events WHERE seq <= ? ORDER BY seq",
                (self._most,),
            ):
                openings = []
                while ahead is not None and ahead[0] == seq:
                    openings.append(Opening(ahead[1], _parsed(ahead[2], seq), ahead[3]))
                    ahead = next(salts, None)
                yield StoredEvent(envelope.encode(), signature, tuple(openings))

    def check_openings(self) -> None:
        """Check that the fields are those that were signed, and that none is missing but by an erasure.

        A replay looks at envelopes and rules alone. Whatever goes to a court from the fields needs this;
        signatures and attached files are for `forensics custody verify`.

        Raises
        ------
        VerificationError
            If a field says something else than was signed, or is gone without an order.
        """
        self._replay_all()
        erased: dict[int, set[str]] = {}
        with translate_errors(self.path, LEDGER_DATABASE):
            for fields in (event.fields for event in _events(self._database, 1, _ALL)):
                if fields.get("type") == "erase" and isinstance(fields.get("erased"), list):
                    erased.setdefault(fields["event"], set()).update(fields["erased"])
        for seq, event in enumerate(self.stored_events(), 1):
            fixed = load_json(event.envelope.decode())["fields"]
            for opening in event.openings:
                try:
                    good = fixed.get(opening.name) == opening.commitment
                except (
                    ForensicsError,
                    TypeError,
                    ValueError,
                ):  # no value or salt that can be signed
                    good = False
                if not good:
                    what = _("field {name} is not what was signed").format(name=opening.name)
                    raise self._not_valid(f"{seq}: {what}")
            lost = (
                fixed.keys() - {opening.name for opening in event.openings} - erased.get(seq, set())
            )
            if lost:
                names = ", ".join(sorted(lost))
                what = _("missing without an erasure order: {names}").format(names=names)
                raise self._not_valid(f"{seq}: {what}")

    def _not_valid(self, error: object) -> VerificationError:
        return VerificationError(
            _("{path}: an event is not valid ({error}); run forensics custody verify.").format(
                path=self.path, error=error
            )
        )

    def tables(self) -> "Database":
        """Return the views of the ledger as a ``sqlite_utils.Database`` that only reads.

        Examples
        --------
        >>> list(ledger.tables().query("select exhibit, quantity from exhibits"))  # doctest: +SKIP
        """
        from forensics.store.schema import open_database

        return open_database(open_reader(self.path, LEDGER_DATABASE))

    def copy_database(self, target: AnyPath) -> None:
        """Copy the ledger without its attached files to a new file, whole or not at all.

        Raises
        ------
        UsageError
            If the target exists.
        """
        copy_database(self._database, target, LEDGER_DATABASE)

    def hashes(self) -> list[bytes]:
        """Return the hashes of all events, in order: the leaves of the tree."""
        with translate_errors(self.path, LEDGER_DATABASE):
            rows = self._database.execute(
                "SELECT hash FROM events WHERE seq <= ? ORDER BY seq", (self._most,)
            )
            return [row[0] for row in rows]

    def tree(self) -> Tree:
        """Return the Merkle tree over all events, for proofs."""
        return Tree(self.hashes())

    def heads(self) -> list[SignedHead]:
        """Return the signed heads that the ledger keeps, in the order in which it got them."""
        with translate_errors(self.path, LEDGER_DATABASE):
            rows = self._database.execute("SELECT document FROM heads ORDER BY number").fetchall()
        heads = (SignedHead.from_dict(load_json(document)) for (document,) in rows)
        return [signed for signed in heads if signed.head.size <= self._most]

    def recorded_by(self, sizes: Collection[int]) -> dict[int, str]:
        """Return, for each size, the latest time at which any of its events was recorded."""
        latest: dict[int, str] = {}
        time_so_far, sizes_left = "", set(sizes)
        if not sizes_left:
            return latest
        with translate_errors(self.path, LEDGER_DATABASE):
            for seq, time in self._database.execute(
                "SELECT seq, json_extract(envelope, '$.recorded_at') FROM events "
                "WHERE seq <= ? ORDER BY seq",
                (max(sizes_left),),
            ):
                time_so_far = max(time_so_far, time)
                if seq in sizes_left:
                    latest[seq] = time_so_far
        return latest

    # -- inside -------------------------------------------------------------------------

    def _forget(self) -> None:
        self._state, self._frontier, self._last = State(), Frontier(), FIRST_PREVIOUS
        self._is_taken = False  # whether it began with the state that is kept beside the ledger

    def _replay_all(self) -> None:
        """Replay every event that was not replayed here."""
        self._replays_all = True
        if self._is_taken:
            self._forget()
        self.state  # noqa: B018

    def _fingerprint(self) -> Fingerprint:
        return Fingerprint.of(self._frontier.size, self._frontier.root)

    def _fields(self, connection: Connection, seq: int) -> dict[str, Any] | None:
        return next((event.fields for event in _events(connection, seq, seq)), None)

    def _catch_up(self, connection: Connection) -> None:
        """Replay what was added since; refuse to go on where the chain or a rule is broken."""
        if not self._state.seq and not self._replays_all:
            self._begin_late(connection)
        last = self._state.seq
        rows = connection.execute(
            "SELECT hash FROM events WHERE seq >= ? ORDER BY seq LIMIT 2", (last or 1,)
        ).fetchall()
        if last and rows == [(self._last,)]:
            return  # nothing was added
        if last and (not rows or rows[0][0] != self._last):
            raise VerificationError(
                _("{path}: event {seq} was changed while the ledger was open.").format(
                    path=self.path, seq=last
                )
            )
        if last and _has_erasure(connection, last + 1, self._most):
            # What rules looked at before is gone, and is to be in no state that is kept.
            self._replays_all = True
            self._forget()
            last = 0
        try:
            for seq, envelope, openings in _rows(connection, last + 1, self._most):
                self._replay(connection, seq, envelope, openings)
        except (ValueError, KeyError, TypeError, RefusedError) as error:
            self._forget()
            raise self._not_valid(error) from error
        except BaseException:
            self._forget()
            raise

    def _begin_late(self, connection: Connection) -> None:
        """Begin with the state that is kept beside the ledger, if there is one."""
        found = checked.take(self.path, connection, self._most)
        if found is not None:
            self._state, self._frontier, self._last = found.state, found.frontier, found.last
            self._is_taken = True

    def _replay(
        self, connection: Connection, seq: int, envelope: str, openings: dict[str, str]
    ) -> None:
        record = load_json(envelope)
        signature, stored_hash = connection.execute(
            "SELECT signature, hash FROM events WHERE seq = ?", (seq,)
        ).fetchone()
        event = StoredEvent(envelope.encode(), signature, ())
        if record["format"] != EVENT_FORMAT:
            raise VerificationError(
                _(
                    "{path}: event {seq} is of format {format!r}, which this version does not know; open the "
                    "ledger with a newer version of the software."
                ).format(path=self.path, seq=seq, format=record["format"])
            )
        ledger = self._state.ledger or record["ledger"]
        follows = (
            record["seq"] == seq == self._state.seq + 1
            and record["previous"] == self._last.hex()
            and record["ledger"] == ledger
            and event.hash == stored_hash
        )
        if not follows:
            raise VerificationError(
                _(
                    "{path}: event {seq} does not follow the one before it; run "
                    "forensics custody verify."
                ).format(path=self.path, seq=seq)
            )
        act = Act(
            seq,
            ledger,
            record["key"],
            record["recorded_at"],
            _opened(seq, record, openings),
            lambda number: self._fields(connection, number),
            record["fields"],
            bulk_of(envelope, openings, sum(map(weigh, openings.values()))),
        )
        registry.step(self._state, act)
        self._frontier.append(stored_hash)
        self._last = stored_hash


def _has_erasure(connection: Connection, first: int, last: int) -> bool:
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM openings WHERE seq BETWEEN ? AND ? AND name = 'type' "
            "AND value = '\"erase\"')",
            (first, last),
        ).fetchone()[0]
    )


def _parsed(text: str, seq: int) -> Any:
    try:
        return load_json(text)
    except (ValueError, TypeError) as error:
        raise VerificationError(
            _("Event {seq} cannot be read; run forensics custody verify.").format(seq=seq)
        ) from error


def _opened(seq: int, record: dict[str, Any], openings: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an event; `ERASED` where there is no opening."""
    opened = {name: _parsed(value, seq) for name, value in openings.items()}
    return dict.fromkeys(record["fields"], ERASED) | opened


def bulk_of(envelope: str, openings: Mapping[str, str], weight: int) -> Bulk:
    """Return an upper bound of what an event takes in a bundle.

    Parameters
    ----------
    openings : mapping of str to str
        Name to value, in JSON.
    weight : int
        Of the values, as `weigh` counts it, so that the bound is one of the values of the bundle, too.
    """
    attached = openings.get("attachments", "[]")
    files = len(load_json(attached))
    # The second description of each file in a bundle; signature, earlier root, and name and salt of each field.
    described = BYTES_OF_A_VALUE * (len(attached) - files - 1) + 700 + 150 * len(openings)
    return Bulk(len(envelope) + weight + described, files)


def _events(connection: Connection, first: int, last: int) -> Iterator[Event]:
    """Yield events with their fields, in order."""
    for seq, envelope, openings in _rows(connection, first, last):
        record = _parsed(envelope, seq)
        yield Event(seq, record["recorded_at"], record["key"], _opened(seq, record, openings))


def _rows(
    connection: Connection, first: int, last: int
) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield number, envelope and openings (name to value, in JSON) of events, in order."""
    rows = connection.execute(
        "SELECT e.seq, e.envelope, o.name, o.value FROM events AS e "
        "LEFT JOIN openings AS o ON o.seq = e.seq WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq",
        (first, last),
    )
    current: int | None = None
    envelope, openings = "", dict[str, str]()
    for seq, text, name, value in rows:
        if seq != current:
            if current is not None:
                yield current, envelope, openings
            current, envelope, openings = seq, text, {}
        if name is not None:
            openings[name] = value
    if current is not None:
        yield current, envelope, openings


_COLUMNS = ("event", "recorded_at", "occurred_at", "type", "actor", "case", "key", "hash")


# -- as CSV ----------------------------------------------------------------------------


def events_csv(ledger: Reader, case: str | None = None) -> Iterator[str]:
    """Yield the lines of a CSV with a row for each event, and a column for each field in use.

    Parameters
    ----------
    case : str, optional
        Only its events.

    Yields
    ------
    str
        Lists and records stand in their cell as JSON; an erased field is ``(erased)``.
    """
    names = sorted({name for event in ledger.events(case=case) for name in event.fields})
    columns = [*_COLUMNS, *(name for name in names if name not in _COLUMNS)]
    hashes = ledger.hashes()
    yield from _lines(
        columns,
        (
            {
                "event": event.seq,
                "recorded_at": event.recorded_at,
                "key": event.key,
                "hash": hashes[event.seq - 1].hex(),
                **{name: _cell(value) for name, value in event.fields.items()},
            }
            for event in ledger.events(case=case)
        ),
    )


def view_csv(ledger: Reader, view: str) -> Iterator[str]:
    """Yield the lines of a view, such as ``exhibits`` or ``samples``, as CSV.

    Raises
    ------
    UsageError
        If there is no such view.
    """
    from forensics.store.schema import read_view

    tables = ledger.tables()
    try:
        names = sorted(tables.view_names())
        if view not in names:
            raise UsageError(
                _("There is no view {view}; there are {names}.").format(
                    view=view, names=", ".join(names)
                )
            )
        yield from _lines(*read_view(tables, view))
    finally:
        tables.close()


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = RowWriter(buffer, columns)
    for row in rows:
        writer.write([row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if head := buffer.getvalue():  # where there is no row
        yield head


def _cell(value: object) -> object:
    if value is ERASED:
        return "(erased)"
    return value if isinstance(value, (str, int)) else canonical(value).decode()
