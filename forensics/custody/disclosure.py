"""Disclosure: the events of one case in a ZIP that the other party can check without us.

The ledger hands over its events in order, as `forensics.custody.stored.StoredEvent`; what a field
means is not looked at, but for the few that say which key is whose. The same events, head and
options give the same bytes.
"""

import base64
import json
import os
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from forensics.custody import verify_bundle
from forensics.custody.budgets import MAX_BUNDLE_JSON_BYTES
from forensics.custody.canonical import canonical, now, parse_canonical
from forensics.custody.heads import SignedHead
from forensics.custody.keys import PublicKey, SigningKey
from forensics.custody.leaks import Search, texts_in
from forensics.custody.ordinals import KEY_EVENTS
from forensics.custody.proofs import Opening, Tree
from forensics.custody.stored import StoredEvent
from forensics.errors import InputError, UsageError, VerificationError
from forensics.io.files import writing
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
    output: str | os.PathLike[str],
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
        Texts that must not stand anywhere in the bundle (`forensics.custody.leaks.sought_in`).
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
            _("{names} cannot be withheld: without it nobody can check the signatures.").format(
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
        raise UsageError(_("No event of the ledger is of case {case!r}.").format(case=case))
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
            _("There is no {names} in what would be disclosed; was it misspelt?").format(
                names=", ".join(missing)
            )
        )


def _opened(candidate: _Candidate, withhold: Collection[str] | None) -> list[Opening]:
    """Return the openings that the other party gets, by name; with None, the least."""
    return sorted(
        (
            opening
            for opening in candidate.event.openings
            if opening.name in NEVER_WITHHELD
            or (
                withhold is not None
                and opening.name not in withhold
                and f"{candidate.seq}:{opening.name}" not in withhold
            )
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
                    "The attachment {name} was changed: it has {found} bytes, not {expected}."
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
            _("An earlier size lies between 1 and {most}, not {size}.").format(
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
    output: str | os.PathLike[str],
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
            _("The bundle would hold {found} bytes of events, at most {most} are read.").format(
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
                _("The bundle does not verify and was not written: {fault}").format(fault=fault)
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
        """Case {case}: events of the laboratory's ledger of custody, {made_at}

bundle.json       the events, with proofs that they stand in the ledger
signature.json    the signature of the laboratory under bundle.json
attachments/      the files that they name, each by its SHA-256
verify_bundle.py  checks all of it; needs Python 3.8 or newer and nothing else

    python3 verify_bundle.py THIS.zip

with the name of the ZIP file. It prints VERIFIED or the first fault, what was
checked, what was not, and all events in their order. Better than the copy in
here is one that you obtain apart from this bundle. If you hold a label, receipt or report
with a ledger fingerprint, add --fingerprint "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7"
as it stands there. If a witness told you the id of its key, add --witness-key ID.
"""
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
                "A value that is to be withheld stands in the bundle all the same ({places}); "
                "nothing was written."
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
