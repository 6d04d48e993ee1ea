"""What is withheld from a bundle, and what follows from that: copies and repeats of its values."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from forensics.custody.copies import Place, copies_of, repeats_of, texts_of
from forensics.custody.disclosure import KEY_EVENTS, NEVER_WITHHELD
from forensics.custody.fields import ERASED
from forensics.custody.leaks import Search, texts_in
from forensics.custody.ledger import Ledger
from forensics.custody.reader import Event
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["Hidden", "Withheld", "events_shown", "hide"]


@dataclass(frozen=True)
class Withheld:
    """What is not opened in a bundle.

    Attributes
    ----------
    fields : tuple of str
        Names of fields, in all events; or ``"12:note"``, in event 12 alone.
    events : tuple of int
        Events of which only what signatures need is opened.
    attachments : tuple of str
        SHA-256, or the name with which they were attached: then all of that name.
    opened : tuple of str
        Of what is withheld without being named here (what may name other cases, and what
        repeats a withheld value), the fields and attachments that are opened all the same: somebody
        has looked. ``"case"`` allows a value that stands in the name of the case.
    why : str
        Reason, stated in the bundle.
    """

    fields: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    attachments: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is withheld, with what follows from it.

    Attributes
    ----------
    fields : frozenset of str
        Fields such as ``"12:note"``, beside those that were named, that are closed.
    files : frozenset of str
        SHA-256 of attachments that are left out.
    texts : frozenset of str
        What must not stand anywhere in the bundle.
    opened : frozenset of str
        Where it stands all the same: ``"12:note"``, or the SHA-256 of an attachment.
    looked_at : frozenset of str
        What was asked to be open and would be withheld otherwise, as it was named.
    repeated : tuple of str
        `fields` and the names of attachments that were not named, in order, to be reported.
    unsearched : tuple of str
        Names of attachments that are given out and are not all text.
    """

    fields: frozenset[str]
    files: frozenset[str]
    texts: frozenset[str]
    opened: frozenset[str]
    looked_at: frozenset[str]
    repeated: tuple[str, ...]
    unsearched: tuple[str, ...]


def events_shown(ledger: Ledger, case: str, include: Collection[int]) -> dict[int, Event]:
    """Return the events of which more is shown than which key is whose, by number."""
    events = {event.seq: event for event in ledger.events(case=case)}
    events |= {seq: ledger.event(seq) for seq in include}
    people = {text for event in events.values() for text in texts_in(event.fields)}
    for event in ledger.events():
        if event.type in KEY_EVENTS and (
            event.fields.get("person") in people or event.fields.get("roles") == ["witness"]
        ):
            events[event.seq] = event
    return dict(sorted(events.items()))


def hide(
    ledger: Ledger,
    events: Mapping[int, Event],
    withheld: Withheld,
    closed: Collection[str],
    left_out: Collection[str],
) -> Hidden:
    """Return what is withheld together with the copies and repeats of its values.

    Parameters
    ----------
    ledger : Ledger
        For the attached files.
    events : mapping of int to Event
        From `events_shown`.
    withheld : Withheld
    closed : collection of str
        Further fields that are closed, since they may name other cases.
    left_out : collection of str
        SHA-256 of attachments that a person named.

    Raises
    ------
    UsageError
        If a withheld value also stands in a field without which nobody can check signatures.
    """
    named_places = _places_named(events, {*withheld.fields, *closed}, withheld.events)
    # Of what a court had erased, ledgers of before may still have copies: they are not handed out.
    erased = {
        (seq, name)
        for seq, event in events.items()
        for name, value in event.fields.items()
        if value is ERASED
    }
    copies = copies_of(events, named_places | erased, named=named_places)
    texts = texts_of(events, copies, everywhere=withheld.fields)
    if "case" in withheld.opened:
        names = {event.fields.get("case", "") for event in events.values()}
        texts -= Search(texts).in_value([*names])
    search = Search(texts)
    follows = (copies | repeats_of(events.values(), search, but=copies)) - named_places - erased
    kept = {(seq, name) for seq, name in follows if f"{seq}:{name}" in withheld.opened}
    follows -= kept
    _refuse_open_ones(follows)

    named = _attached(events.values(), but=named_places | follows)
    gone = {*left_out}
    # A file of a field that a person closed is not given out where another event names it.
    gone |= {
        digest
        for seq, name in _places_named(events, withheld.fields, withheld.events)
        if name == "attachments"
        for digest in _attached([events[seq]])
    }
    holding, unsearched = _search_files(ledger, search, events.values(), {*named} - gone)
    looked_at = {digest for digest in holding if {digest, named[digest]} & {*withheld.opened}}
    holding -= looked_at
    fields = {f"{seq}:{name}" for seq, name in follows}
    return Hidden(
        fields=frozenset(fields),
        files=frozenset((gone | holding) & {*named}),
        texts=frozenset(texts),
        opened=frozenset({f"{seq}:{name}" for seq, name in kept} | looked_at),
        looked_at=frozenset(
            {f"{seq}:{name}" for seq, name in kept}
            | looked_at
            | {named[digest] for digest in looked_at}
            | ({"case"} & {*withheld.opened})
        ),
        repeated=(
            *(f"{seq}:{name}" for seq, name in sorted(follows)),
            *sorted({named[digest] for digest in holding}),
        ),
        unsearched=tuple(sorted({named[digest] for digest in unsearched})),
    )


def _places_named(
    events: Mapping[int, Event], named: Collection[str], whole: Collection[int]
) -> set[Place]:
    return {
        (seq, name)
        for seq, event in events.items()
        for name in event.fields
        if name in named
        or f"{seq}:{name}" in named
        or (seq in whole and name not in NEVER_WITHHELD)
    }


def _refuse_open_ones(places: Iterable[Place]) -> None:
    fixed = sorted(place for place in places if place[1] in NEVER_WITHHELD)
    if fixed:
        raise UsageError(
            _(
                "{fields}: a value that is to be withheld also stands here, where it cannot be "
                "withheld. Withhold less; or, where it may be seen, open it with --open."
            ).format(fields=", ".join(f"{seq}:{name}" for seq, name in fixed))
        )


def _attached(events: Iterable[Event], *, but: Collection[Place] = ()) -> dict[str, str]:
    """Return the names of attached files by SHA-256, of fields other than `but`."""
    return {
        entry["sha256"]: entry["name"]
        for event in events
        if (entries := event.fields.get("attachments", ERASED)) is not ERASED
        and (event.seq, "attachments") not in but
        for entry in entries
    }


def _search_files(
    ledger: Ledger, search: Search, events: Iterable[Event], digests: Collection[str]
) -> tuple[set[str], set[str]]:
    """Return the files in which a text stands, and those that are not all text."""
    holding, unsearched = set(), set()
    sizes = {
        entry["sha256"]: entry["size"]
        for event in events
        if (entries := event.fields.get("attachments", ERASED)) is not ERASED
        for entry in entries
    }
    for digest in sorted(digests) if search else ():
        path = ledger.files / digest
        # One of another size, such as a sparse one of a terabyte, is refused when it is copied.
        if path.is_file() and path.stat().st_size == sizes[digest]:
            found = search.in_file(path)
            if found.texts:
                holding.add(digest)
            elif not found.readable:
                unsearched.add(digest)
    return holding, unsearched
