"""The heads of a ledger in its verification: those that it keeps, that events name, that were given."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from forensics.custody.canonical import load_json, parse_canonical
from forensics.custody.heads import FAR_AHEAD, Head, SignedHead
from forensics.custody.keys import PublicKey
from forensics.custody.merkle import Frontier
from forensics.custody.replay import Replay
from forensics.custody.report import Report
from forensics.custody.state import Key
from forensics.custody.times import parse_time, time_text
from forensics.custody.witnesses import Standing, standing
from forensics.errors import ForensicsError, InputError, VerificationError
from forensics.messages import _
from forensics.store import Connection, DatabaseError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["HeadChecks"]


class HeadChecks(Replay):
    """Compares heads with the history that was replayed.

    Parameters
    ----------
    reader : Connection
    report : Report
        Where problems go.
    """

    def __init__(self, reader: Connection, report: Report) -> None:
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
                _("no head is countersigned with the key {key} that you named").format(key=key)
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
        from forensics.custody.timestamps import check_token

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
