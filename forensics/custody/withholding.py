"""The disclosure of a case from a ledger: what it rests on, what is withheld, and what follows from that.

`disclose_case` finds the events on which a case rests and the copies and repeats of each value that is withheld,
has the bundle made (`forensics.custody.disclosure`), and records that it was disclosed.
"""

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forensics.custody import ordinals
from forensics.custody.appending import Receipt
from forensics.custody.canonical import nfc
from forensics.custody.disclosure import NEVER_WITHHELD, Disclosed, disclose, shown_with
from forensics.custody.erasing import Place, copies_of, repeats_of, texts_of
from forensics.custody.fields import ERASED
from forensics.custody.leaks import Search, texts_in
from forensics.custody.ledger import Ledger
from forensics.custody.ordinals import KEY_EVENTS
from forensics.custody.reader import Event
from forensics.errors import UsageError
from forensics.messages import _
from forensics.resources import sha256


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
    is_shown = shown_with(event.fields for event in events.values())
    for event in ledger.events():
        if event.type in KEY_EVENTS and is_shown(event.fields):
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
    # Of what a court had erased, copies may have been left: they are not handed out.
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
        if (event.seq, "attachments") not in but
        for entry in event.attachments
    }


def _search_files(
    ledger: Ledger, search: Search, events: Iterable[Event], digests: Collection[str]
) -> tuple[set[str], set[str]]:
    """Return the files in which a text stands, and those that are not all text."""
    holding, unsearched = set(), set()
    sizes = {entry["sha256"]: entry["size"] for event in events for entry in event.attachments}
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


_OF_RUNS = ("run", "control", "deviation")
_NOTHING = Withheld()


def related(ledger: Ledger, case: str) -> list[int]:
    """Return the events outside a case on which it rests, but those about keys.

    These are the runs that its samples were in with their controls, deviations and corrections, the
    authorisations of deviations and of changes of policy, the validations of the libraries that its findings
    name, the policy, and what the people of all these events are competent in.
    """
    state = ledger.state
    texts = {text for event in ledger.events(case=case) for text in texts_in(event.fields)}
    mentioned = {f"competence {text}" for text in texts} & set(state.series)
    names = ordinals.related_series(state, case) | mentioned
    return sorted(ordinals.related(state, names - {ordinals.KEYS}))


def of_others(ledger: Ledger, case: str, numbers: Collection[int]) -> list[str]:
    """Return the fields of events without a case that may name other cases, as ``"12:note"``.

    These are the attachments of runs, controls and deviations, since a control sheet lists whatever
    was on the plate, and every field in which a case or a thing of another case is named.
    """
    state = ledger.state
    names = {name for name in state.cases if name != case}
    names |= {name for name, item in state.things.items() if item.case not in ("", case)}
    closed = []
    for seq in numbers:
        event = ledger.event(seq)
        for name, value in event.fields.items():
            if name in NEVER_WITHHELD:
                continue
            sheet = name == "attachments" and event.type in _OF_RUNS
            if sheet or any(
                _is_named(other_name, text) for text in texts_in(value) for other_name in names
            ):
                closed.append(f"{seq}:{name}")
    return closed


def _is_named(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def disclose_case(
    ledger: Ledger,
    case: str,
    output: str | os.PathLike[str],
    *,
    recipient: str,
    withheld: Withheld = _NOTHING,
) -> tuple[Disclosed, Receipt, list[str]]:
    """Write the bundle of a case against a head signed now, and record that it was disclosed.

    Parameters
    ----------
    ledger : Ledger
        With the key of who discloses.
    output : path
        Must not exist.
    withheld : Withheld
        Attachments that were erased by order are withheld by themselves, and so are what
        `of_others` finds, the copies of a withheld value in corrections and authorisations, and each
        field and attached file in which its text stands; the bundle says so.

    Returns
    -------
    made : Disclosed
    receipt : Receipt
    closed : list of str
        Fields that were withheld since they may name other cases, as ``"12:note"``.

    Raises
    ------
    UsageError
        If there is no such case, the file exists, something to be withheld is not there, or its
        value stands in a field that cannot be withheld.
    RefusedError
        If the person may not disclose; no bundle is made then.
    VerificationError
        If the bundle does not pass its own verifier, or a withheld value still stands in it.
    """
    ledger.state.require_case(case)
    include = related(ledger, case)
    closed = of_others(ledger, case, include)
    known = [name for name in closed if name not in withheld.opened]
    files = [
        entry
        for event in (*ledger.events(case=case), *map(ledger.event, include))
        for entry in event.attachments
    ]
    left_out = _digests(files, withheld.attachments)
    hidden = hide(ledger, events_shown(ledger, case, include), withheld, known, left_out)
    if strange := sorted(set(withheld.opened) - set(closed) - hidden.looked_at):
        raise UsageError(
            _("{names} would be open anyway, or is not there; was it misspelt?").format(
                names=", ".join(strange)
            )
        )
    closed = known
    erased = _erased(ledger)
    why = _reasons(files, withheld.why, closed, erased, hidden.repeated)
    fields: dict[str, Any] = {"case": case, "recipient": recipient, "withheld": why or None}
    digest = "0" * 64
    ledger._check_rules("disclose", bundle=digest, size=1, root=digest, **fields)
    # The last event under the head: it counts the events of the case, so that none can be left out.
    about_keys = ordinals.related(ledger.state, [ordinals.KEYS])
    tally = ledger.add("tally", case=case, rests_on=sorted({*include, *about_keys}))
    signed = ledger.sign_head(tally.seq)
    # Others may have signed heads since, of more events than this one.
    heads, size = ledger.heads(), signed.head.size
    number = heads.index(signed) + 1
    heads = [kept for kept in heads if kept.head.size <= size]
    made = disclose(
        ledger.stored_events(),
        case=case,
        head=signed,
        key=ledger.key,
        output=output,
        attachments=lambda name: path if (path := ledger.files / name).is_file() else None,
        witnesses=[kept for kept in heads if kept.witness],
        # Among them the size before the tally: papers are printed up to then.
        earlier={size - 1, *(kept.head.size for kept in heads)},
        include=include,
        withhold={*withheld.fields, *closed, *hidden.fields},
        withhold_events=withheld.events,
        withhold_attachments=hidden.files,
        erased=erased,
        why=why,
        secret=hidden.texts,
        opened=hidden.opened,
    )
    made = replace(made, repeated=hidden.repeated, unsearched=hidden.unsearched)
    digest = sha256(made.path)
    receipt = ledger.add(
        "disclose", bundle=digest, size=size, root=signed.head.root.hex(), head=number, **fields
    )
    return made, receipt, closed


def _erased(ledger: Ledger) -> dict[str, int]:
    """Return the attachments that were erased by order, and the event that says so."""
    return {
        digest: event.seq
        for event in ledger.events()
        if event.type == "erase"
        for digest in event.fields.get("erased_files", ())
    }


def _digests(files: Collection[Mapping[str, Any]], names: Collection[str]) -> set[str]:
    digests = set()
    for name in names:
        fitting = {entry["sha256"] for entry in files if name in (entry["sha256"], entry["name"])}
        if not fitting:
            raise UsageError(_("No event names the attachment {name}.").format(name=name))
        digests |= fitting
    return digests


def _reasons(
    files: Collection[Mapping[str, Any]],
    why: str,
    closed: Sequence[str],
    erased: dict[str, int],
    repeated: Sequence[str],
) -> str:
    """Return why something is withheld: what was said, and what follows from the ledger."""
    parts = [nfc(why)] if why else []
    gone = {entry["sha256"]: entry["name"] for entry in files if entry["sha256"] in erased}
    parts += [
        _("attachment {name} was erased by order (event {seq})").format(
            name=name, seq=erased[digest]
        )
        for digest, name in sorted(gone.items())
    ]
    if closed:
        parts.append(_("may tell of other cases: {fields}").format(fields=", ".join(closed)))
    if repeated:
        parts.append(_("repeats what is withheld: {fields}").format(fields=", ".join(repeated)))
    return "; ".join(parts)
