"""From a ledger to a bundle: which events a case rests on, and the record that it was disclosed."""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from forensics.custody import ordinals
from forensics.custody.disclosure import NEVER_WITHHELD, Disclosed, disclose
from forensics.custody.fields import ERASED
from forensics.custody.leaks import texts_in
from forensics.custody.ledger import Ledger, Receipt
from forensics.custody.unicode_text import nfc
from forensics.custody.withholding import Withheld, events_shown, hide
from forensics.errors import UsageError
from forensics.messages import _
from forensics.resources import sha256

__all__ = ["Withheld", "disclose_case", "of_others", "related"]

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
    case : str
    output : path
        Must not exist.
    recipient : str
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
    if case not in ledger.state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    include = related(ledger, case)
    closed = of_others(ledger, case, include)
    known = [name for name in closed if name not in withheld.opened]
    left_out = _digests(ledger, case, include, withheld.attachments)
    hidden = hide(ledger, events_shown(ledger, case, include), withheld, known, left_out)
    if strange := sorted(set(withheld.opened) - set(closed) - hidden.looked_at):
        raise UsageError(
            _("{names} would be open anyway, or is not there; was it misspelt?").format(
                names=", ".join(strange)
            )
        )
    closed = known
    erased = _erased(ledger)
    why = _reasons(ledger, case, include, withheld.why, closed, erased, hidden.repeated)
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


def _attached(ledger: Ledger, case: str, include: Collection[int]) -> Iterator[dict[str, Any]]:
    events = (*ledger.events(case=case), *map(ledger.event, include))
    for event in events:
        entries = event.fields.get("attachments", ())
        yield from entries if entries is not ERASED else ()


def _digests(
    ledger: Ledger, case: str, include: Collection[int], names: Collection[str]
) -> set[str]:
    digests = set()
    for name in names:
        fitting = {
            entry["sha256"]
            for entry in _attached(ledger, case, include)
            if name in (entry["sha256"], entry["name"])
        }
        if not fitting:
            raise UsageError(_("No event names the attachment {name}.").format(name=name))
        digests |= fitting
    return digests


def _reasons(
    ledger: Ledger,
    case: str,
    include: Collection[int],
    why: str,
    closed: Sequence[str],
    erased: dict[str, int],
    repeated: Sequence[str],
) -> str:
    """Return why something is withheld: what was said, and what follows from the ledger."""
    parts = [nfc(why)] if why else []
    gone = {
        entry["sha256"]: entry["name"]
        for entry in _attached(ledger, case, include)
        if entry["sha256"] in erased
    }
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
