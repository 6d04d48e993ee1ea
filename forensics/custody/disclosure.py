"""Disclosure of one case: what it rests on, what is withheld, and the ZIP that the other party can check without us.

`disclose` makes the bundle of stored events, in order, and looks at no meaning of a field but at the few that say
which key is whose. The same events, head and options give the same bytes. `disclose_case` finds the events on which
a case rests and the copies and repeats of each value that is withheld, has the bundle made, and records it.
"""

import base64
import json
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from forensics.custody import ordinals, verify_bundle
from forensics.custody.appending import Receipt
from forensics.custody.budgets import MAX_BUNDLE_JSON_BYTES
from forensics.custody.canonical import canonical, nfc, now, parse_canonical
from forensics.custody.fields import ERASED
from forensics.custody.heads import SignedHead
from forensics.custody.keys import PublicKey, SigningKey
from forensics.custody.ledger import Ledger
from forensics.custody.ordinals import KEY_EVENTS
from forensics.custody.proofs import Opening, Tree
from forensics.custody.reader import Event
from forensics.custody.storage import StoredEvent
from forensics.custody.traces import (
    Place,
    Search,
    copies_of,
    repeats_of,
    search_files,
    texts_in,
    texts_of,
)
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import AnyPath, check_new, writing
from forensics.io.files import sha256 as sha256_of
from forensics.messages import _

BUNDLE_FORMAT = "forensics-bundle-2"
NEVER_WITHHELD = frozenset(
    {
        "type", "case", "actor", "person", "public_key", "key_expires", "proof", "revoked_key",
        "authorisation", "act", "subject", "approved", "roles", "ordinal", "rests_on",
    }
)  # fmt: skip
"""Fields without which nobody can tell whether a signer was allowed to sign, or is a witness outside.

What was approved is commitments, which say nothing about the values.
"""

AUTHORISATION = "authorise"
"""Where somebody was enrolled again, the second person's consent goes with it."""

_DOMAIN = BUNDLE_FORMAT.encode() + b"\x00"
_BLOCK = 1 << 20
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # a ZIP knows no earlier time, and ours must not depend on any
_VERIFIER = Path(verify_bundle.__file__)


@dataclass(frozen=True)
class Disclosed:
    """What a bundle holds.

    Attributes
    ----------
    events : int
        Of the case and about keys.
    repeated : tuple of str
        Fields (``"12:note"``) and names of attachments that were withheld without being named, since
        a withheld value stands in them.
    unsearched : tuple of str
        Names of attachments in it in which withheld values could not be sought wholly: pictures,
        PDF, databases.
    """

    path: Path
    events: int
    attachments: int
    fields_withheld: int
    attachments_withheld: int
    repeated: tuple[str, ...] = ()
    unsearched: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    """An event that may go into the bundle, with the fields that are open to the laboratory."""

    seq: int
    envelope: dict[str, Any]
    event: StoredEvent
    fields: dict[str, Any]

    @property
    def case(self) -> str | None:
        return self.fields.get("case")

    @property
    def kind(self) -> str | None:
        return self.fields.get("type")


def disclose(
    events: Iterable[StoredEvent],
    *,
    case: str,
    head: SignedHead,
    key: SigningKey,
    output: AnyPath,
    attachments: Callable[[str], Path | None],
    witnesses: Sequence[SignedHead] = (),
    earlier: Iterable[int] = (),
    include: Collection[int] = (),
    withhold: Collection[str] = (),
    withhold_events: Collection[int] = (),
    withhold_attachments: Collection[str] = (),
    erased: Collection[str] = (),
    why: str = "",
    secret: Collection[str] = (),
    opened: Collection[str] = (),
    made_at: str | None = None,
) -> Disclosed:
    """Write the bundle of a case, having checked it with the verifier that goes with it.

    Parameters
    ----------
    events : iterable of StoredEvent
        All events of the ledger, in order; read once. Those that the head does not cover are
        left out.
    case : str
        Its events (field ``case``) and all events about keys are disclosed. Of the enrolment of
        persons who signed nothing in the bundle, only what makes their key valid.
    head : SignedHead
        Against which inclusion is proved. Its last event is a ``tally`` of the case, which says that no
        event is missing.
    key : SigningKey
        Of the person who discloses; valid at `head`. Signs the whole of the bundle, so that nobody
        can take an event out of it on the way.
    output : path
        The ZIP. Must not exist.
    attachments : callable
        ``sha256 -> Path`` of the file, or None where it was erased.
    witnesses : sequence of SignedHead
        Countersigned heads of this ledger, not larger than `head`.
    earlier : iterable of int
        Sizes, up to that of `head`, at which the root is shown too, so that fingerprints on old
        papers can be compared; after each event of the case it is shown anyway.
    include : collection of int
        Further events by number, such as the run that a finding names, or the custody of a container.
    withhold : collection of str
        Names of fields that are not opened in any event; or ``"12:place"``, in event 12 alone.
    withhold_events : collection of int
        Events of which nothing is opened but what stands in `NEVER_WITHHELD`.
    withhold_attachments : collection of str
        SHA-256 of attachments that are left out.
    erased : collection of str
        SHA-256 of attachments that were erased on order; left out where an event names them.
    why : str
        Reason of withholding, stated in the bundle.
    secret : collection of str
        Texts that must not stand anywhere in the bundle (`forensics.custody.traces.sought_in`).
    opened : collection of str
        Where they may stand all the same: ``"12:note"``, or the SHA-256 of an attachment.
    made_at : str, optional
        Time stated in the bundle; now.

    Raises
    ------
    UsageError
        If the file exists, something is asked to be withheld that must not be or that is not
        there (a misspelt name would disclose what it was to protect), or no event is of the case.
    VerificationError
        If events are missing, the head is not of this ledger, an attachment is missing or changed,
        a secret text stands in the bundle, or it does not pass its own verifier. Nothing is written
        then.
    """
    if forbidden := sorted(name for name in withhold if name.split(":")[-1] in NEVER_WITHHELD):
        raise UsageError(
            _("{names} cannot be withheld: nobody could check the signatures.").format(
                names=", ".join(forbidden)
            )
        )
    tree, candidates = Tree(), {}
    for event in events:
        if len(tree) == head.head.size:
            break
        tree.append(event.hash)
        if found := _candidate(event, len(tree), case, include):
            candidates[found.seq] = found
    _check_head(tree, head, witnesses)
    of_case = [
        candidate
        for candidate in candidates.values()
        if candidate.seq in include or candidate.case == case
    ]
    if not any(candidate.case == case for candidate in of_case):
        raise UsageError(_("The ledger has no event of case {case!r}.").format(case=case))
    chosen = _chosen(candidates, of_case)
    numbers = {candidate.seq for candidate in of_case}
    _check_withheld(chosen, withhold, withhold_events)
    is_shown = shown_with(candidate.fields for candidate in of_case)
    elements, closed = [], 0
    for candidate in chosen:
        whole = candidate.seq in numbers or is_shown(candidate.fields)
        openings = _opened(
            candidate, withhold if whole and candidate.seq not in withhold_events else None
        )
        closed += len(candidate.envelope["fields"]) - len(openings)
        elements.append(
            {
                "envelope": candidate.envelope,
                "signature": base64.b64encode(candidate.event.signature).decode(),
                "openings": [opening.to_dict() for opening in openings],
                "inclusion": _hex(tree.inclusion_proof(candidate.seq - 1, head.head.size)),
            }
        )
    made_at = made_at or now()
    texts = {
        "README.txt": _readme(case, made_at).encode(),
        "verify_bundle.py": _VERIFIER.read_bytes(),
    }
    named = _named_attachments(elements)
    files = _files(named, attachments, withhold_attachments, erased)
    bundle = {
        "format": BUNDLE_FORMAT,
        "ledger": head.head.ledger,
        "case": case,
        "made_at": made_at,
        "head": SignedHead(head.head, head.signature).to_dict(),
        "witnesses": [_witness(tree, head, candidate) for candidate in witnesses],
        # After an event of the case a receipt or label is printed: its fingerprint is known here.
        "earlier": [
            _earlier(tree, head, size) for size in sorted({*earlier, *numbers} - {head.head.size})
        ],
        "events": elements,
        "keys": _keys(chosen),
        "attachments": {name: named[name] for name in files},
        "files": {name: sha256(data).hexdigest() for name, data in texts.items()},
        "withheld": {
            "events": sum(not element["openings"] for element in elements),
            "fields": closed,
            "attachments": sorted(set(named) - set(files)),
            "why": why,
        },
    }
    _write(output, bundle, key, texts, files, Search(secret), opened)
    return Disclosed(Path(output), len(elements), len(files), closed, len(named) - len(files))


def shown_with(of_case: Iterable[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], bool]:
    """Return whether more is shown of an event about a key than whose it is.

    That is so of people who are named in the fields of the case, and of witnesses: whose key it is matters to all.
    """
    people = {text for fields in of_case for text in texts_in(fields)}
    return lambda fields: fields.get("person") in people or fields.get("roles") == ["witness"]


def _candidate(
    event: StoredEvent, seq: int, case: str, include: Collection[int]
) -> _Candidate | None:
    """Return the event if it may belong in the bundle."""
    fields = {opening.name: opening.value for opening in event.openings}
    kind = fields.get("type")
    if seq in include or kind in KEY_EVENTS or kind == AUTHORISATION or fields.get("case") == case:
        envelope = parse_canonical(event.envelope)
        if envelope["seq"] == seq:
            return _Candidate(seq, envelope, event, fields)
        raise VerificationError(
            _("Event {expected} is missing: the ledger gives {found}.").format(
                expected=seq, found=envelope["seq"]
            )
        )
    return None


def _check_head(tree: Tree, head: SignedHead, witnesses: Sequence[SignedHead]) -> None:
    size = head.head.size
    if len(tree) < size or tree.root(size) != head.head.root:
        raise VerificationError(
            _("The head {head} is not of these events; verify the ledger.").format(
                head=head.head.fingerprint
            )
        )
    for signed in witnesses:
        if (
            signed.witness is None
            or signed.head.ledger != head.head.ledger
            or signed.head.size > size
        ):
            raise UsageError(
                _(
                    "The head {head} is not countersigned, of another ledger, or larger than that "
                    "of the bundle; leave it out, or disclose with a newer head."
                ).format(head=signed.head.fingerprint)
            )


def _chosen(candidates: dict[int, _Candidate], of_case: list[_Candidate]) -> list[_Candidate]:
    """Return what goes into the bundle: the case, the keys, and who allowed a new key."""
    numbers = {candidate.seq for candidate in of_case}
    for candidate in candidates.values():
        if candidate.kind in KEY_EVENTS:
            numbers.add(candidate.seq)
        if candidate.kind == "reenrol":
            numbers.add(candidate.fields["authorisation"])
    return [candidates[number] for number in sorted(numbers)]


def _check_withheld(
    chosen: list[_Candidate], fields: Collection[str], events: Collection[int]
) -> None:
    there = {
        key
        for candidate in chosen
        for name in candidate.envelope["fields"]
        for key in (name, f"{candidate.seq}:{name}")
    }
    missing = [*sorted(set(fields) - there)]
    missing += [str(seq) for seq in sorted(set(events) - {candidate.seq for candidate in chosen})]
    if missing:
        raise UsageError(
            _("{names} is not in what would be disclosed; is it misspelt?").format(
                names=", ".join(missing)
            )
        )


def _is_said(seq: int, name: str, said: Collection[str]) -> bool:
    """Return whether a field of an event is among those said: by its name, or as ``"12:note"``."""
    return name in said or f"{seq}:{name}" in said


def _opened(candidate: _Candidate, withhold: Collection[str] | None) -> list[Opening]:
    """Return the openings that the other party gets, by name; with None, the least."""
    return sorted(
        (
            opening
            for opening in candidate.event.openings
            if opening.name in NEVER_WITHHELD
            or (withhold is not None and not _is_said(candidate.seq, opening.name, withhold))
        ),
        key=lambda opening: opening.name,
    )


def _named_attachments(elements: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what the opened fields say about attachments, by SHA-256."""
    named: dict[str, dict[str, Any]] = {}
    for element in elements:
        for opening in element["openings"]:
            if opening["name"] == "attachments":
                for entry in opening["value"]:
                    rest = {name: entry[name] for name in ("name", "size", "media_type")}
                    named.setdefault(entry["sha256"], rest)
    return named


def _files(
    named: Mapping[str, dict[str, Any]],
    attachments: Callable[[str], Path | None],
    withhold: Collection[str],
    erased: Collection[str],
) -> dict[str, Path]:
    if missing := sorted(set(withhold) - set(named)):
        raise UsageError(_("No event names the attachment {name}.").format(name=missing[0]))
    files = {}
    for name in sorted(set(named) - set(withhold) - set(erased)):
        path = attachments(name)
        if path is None:
            raise VerificationError(
                _(
                    "The attachment {name} is missing and no event says that it was erased on order; "
                    "restore it from a backup."
                ).format(name=name)
            )
        # Looked at before a byte is copied: a sparse file can be a terabyte.
        if path.stat().st_size != named[name]["size"]:
            raise VerificationError(
                _(
                    "The attachment {name} was changed: it has {found} bytes instead of {expected}."
                ).format(name=name, found=path.stat().st_size, expected=named[name]["size"])
            )
        files[name] = path
    return files


def _witness(tree: Tree, head: SignedHead, signed: SignedHead) -> dict[str, Any]:
    # Tokens stay outside: the verifier, which needs python3 alone, cannot check them.
    record = SignedHead(signed.head, signed.signature, signed.witness).to_dict()
    if signed.head.size < head.head.size:
        record["consistency"] = _hex(tree.consistency_proof(signed.head.size, head.head.size))
    return record


def _earlier(tree: Tree, head: SignedHead, size: int) -> dict[str, Any]:
    if not 0 < size < head.head.size:
        raise UsageError(
            _("An earlier size must be from 1 to {most}; found {size}.").format(
                most=head.head.size, size=size
            )
        )
    return {
        "size": size,
        "root": tree.root(size).hex(),
        "consistency": _hex(tree.consistency_proof(size, head.head.size)),
    }


def _keys(chosen: list[_Candidate]) -> dict[str, str]:
    texts = [
        candidate.fields["public_key"] for candidate in chosen if "public_key" in candidate.fields
    ]
    return {PublicKey.from_text(text).id: text for text in texts}


def _hex(proof: list[bytes]) -> list[str]:
    return [part.hex() for part in proof]


def _write(
    output: AnyPath,
    bundle: dict[str, Any],
    key: SigningKey,
    texts: dict[str, bytes],
    files: dict[str, Path],
    search: Search,
    opened: Collection[str],
) -> None:
    content = canonical(bundle)
    if len(content) > MAX_BUNDLE_JSON_BYTES:
        raise UsageError(
            _("The bundle would have {found} bytes of events; at most {most} are read.").format(
                found=len(content), most=MAX_BUNDLE_JSON_BYTES
            )
        )
    signature = base64.b64encode(key.sign(_DOMAIN + content)).decode()
    texts = {
        **texts,
        "bundle.json": content,
        "signature.json": canonical({"key": key.id, "signature": signature}),
    }
    with writing(output) as staged:
        # Stored, not deflated: the same bytes from every build of zlib, and nothing can hide behind the
        # end of a packed stream. Photographs are compressed already.
        with zipfile.ZipFile(staged.stream, "w", zipfile.ZIP_STORED) as archive:
            for name, data in texts.items():
                archive.writestr(_entry(name), data)
            for name, path in files.items():
                _copy(archive, name, path)
        staged.stream.flush()
        check_secrets(staged.path, search, opened)
        try:
            verify_bundle.check(staged.path)
        except verify_bundle.Fault as fault:
            raise VerificationError(
                _("The bundle fails its verification and was not written: {fault}").format(
                    fault=fault
                )
            ) from None


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.create_system = 3  # as on Unix, everywhere: the bytes must not depend on the machine
    entry.external_attr = 0o100644 << 16
    return entry


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = _entry(f"attachments/{name}")
    try:
        entry.file_size = path.stat().st_size
        with path.open("rb") as source, archive.open(entry, "w") as target:
            while block := source.read(_BLOCK):
                target.write(block)
    except (OSError, RuntimeError) as error:  # RuntimeError: it grew while it was read
        raise InputError(
            _("The attachment cannot be copied: {error}").format(error=error), source=str(path)
        ) from error


def _readme(case: str, made_at: str) -> str:
    return _(
        "Case {case}: events of the laboratory's ledger of custody, {made_at}\n\n"
        "bundle.json       the events, with proofs that they are in the ledger\n"
        "signature.json    the signature of the laboratory on bundle.json\n"
        "attachments/      the files that they name, each under its SHA-256\n"
        "verify_bundle.py  checks all of it; needs Python 3.8 or newer and nothing else\n\n"
        "    python3 verify_bundle.py THIS.zip\n\n"
        "with the name of the ZIP file. It prints VERIFIED or the first fault, what was\n"
        "checked, what was not, and all events in their order. Rather than this copy,\n"
        "use one that you obtained apart from this bundle. If you have a label, receipt or "
        "report\n"
        'with a ledger fingerprint, add --fingerprint "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a '
        '94f7"\n'
        "as printed there. If a witness gave you the id of its key, add --witness-key ID.\n"
    ).format(case=case, made_at=made_at)


_SEARCHED_OTHERWISE = ("bundle.json", "signature.json", "verify_bundle.py")
"""Read as JSON; a signature, without words; the same program in every bundle."""


def check_secrets(path: Path, search: Search, opened: Collection[str]) -> None:
    """Refuse a finished bundle in which a withheld text stands, whatever let it in.

    Parameters
    ----------
    path : Path
        The ZIP.
    search : Search
        For the texts.
    opened : collection of str
        Where they may stand: ``"12:note"``, or the SHA-256 of an attachment.

    Raises
    ------
    VerificationError
        Naming the events, members of ``bundle.json`` and files.
    """
    if not search:
        return
    with zipfile.ZipFile(path) as archive:
        places = _places_in_events(
            bundle := json.loads(archive.read("bundle.json")), search, opened
        )
        del bundle["events"]
        places |= {name for name, value in bundle.items() if search.in_value(value)}
        for entry in archive.infolist():
            name = entry.filename
            if name in _SEARCHED_OTHERWISE or name.rpartition("/")[2] in opened:
                continue
            with archive.open(entry) as stream:
                if search.in_stream(stream).texts:
                    places.add(name)
    if places:
        raise VerificationError(
            _(
                "A value to be withheld still occurs in the bundle ({places}); nothing was written."
            ).format(places=", ".join(sorted(places)))
        )


def _places_in_events(bundle: dict[str, Any], search: Search, opened: Collection[str]) -> set[str]:
    places = set()
    for element in bundle["events"]:
        seq = element["envelope"]["seq"]
        for opening in element["openings"]:
            place = f"{seq}:{opening['name']}"
            if place not in opened and search.in_value(opening["value"]):
                places.add(place)
    return places


# -- what of a ledger is disclosed -----------------------------------------------------


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
    files = {
        (entry["sha256"], entry["size"])
        for event in events.values()
        for entry in event.attachments
        if entry["sha256"] in named.keys() - gone
    }
    holding, unsearched = search_files(ledger.files, search, files)
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
        if _is_said(seq, name, named) or (seq in whole and name not in NEVER_WITHHELD)
    }


def _refuse_open_ones(places: Iterable[Place]) -> None:
    fixed = sorted(place for place in places if place[1] in NEVER_WITHHELD)
    if fixed:
        raise UsageError(
            _(
                "{fields}: a value to be withheld also occurs here, where it cannot be withheld. "
                "Withhold less or, if it may be seen, open it with --open."
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
    output: AnyPath,
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
        If there is no such case, the file exists or its folder does not, something to be withheld
        is not there, or its value stands in a field that cannot be withheld.
    RefusedError
        If the person may not disclose; no bundle is made then.
    VerificationError
        If the bundle does not pass its own verifier, or a withheld value still stands in it.
    """
    ledger.state.require_case(case)
    check_new(output)
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
            _("{names} would be open anyway, or does not exist; is it misspelt?").format(
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
    digest = sha256_of(made.path)
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
        parts.append(_("may reveal other cases: {fields}").format(fields=", ".join(closed)))
    if repeated:
        parts.append(_("repeats a withheld value: {fields}").format(fields=", ".join(repeated)))
    return "; ".join(parts)
