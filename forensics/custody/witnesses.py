"""Witnesses of heads: files that leave the house, what a witness checks, and what a countersignature or a timestamp shows.

A witness (another laboratory, a court) keeps the heads it has seen in a file of its own, and signs
a new one only where a proof shows that it continues the last.

Anybody can make a key and call it a court's. A countersignature is worth something where its key is
known in one of two ways: the person who checks names it, having got its id from the witness by other means,
or an event of the ledger enrolled it before the head was signed. The second is the
laboratory's own word; it cannot be given afterwards, and no more than that. Any other key proves nothing.

A timestamp authority (RFC 3161) says that a head existed at a time. Everything goes by files, so that the ledger's
computer needs no network: a request is carried to the authority, its response is put into the head file. A token
proves nothing before it is checked against roots that the person who checks trusts; nothing here trusts any by itself.

References
----------
RFC 3161, Internet X.509 Public Key Infrastructure Time-Stamp Protocol, 10.17487/RFC3161
"""

import base64
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from forensics.custody.acts.people import proof_message
from forensics.custody.canonical import canonical, parse_time, read_json, time_text
from forensics.custody.heads import (
    FAR_AHEAD,
    MAX_TOKEN,
    Head,
    SignedHead,
    Witness,
    countersign,
    hex_digits,
)
from forensics.custody.keys import KEY_ID_DIGITS, PrivateKey, PublicKey, SigningKey
from forensics.custody.proofs import verify_consistency
from forensics.custody.state import Key, State
from forensics.errors import InputError, UsageError, VerificationError, importing
from forensics.io.files import AnyPath, read_limited, replace_file, write_new
from forensics.messages import _

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

FILE_FORMAT = "forensics-head-file-1"
MAX_FILE = 16 * 2**20


@dataclass(frozen=True)
class HeadFile:
    """What leaves the house: a signed head, its signer's public key, and proofs from older heads.

    Attributes
    ----------
    public_key : PublicKey
        Of the keeper. A witness that sees it for the first time compares its id by other means.
    consistency : dict
        Size of an older head to the proof (sequence of 32 bytes each) that this one continues it.
    """

    signed: SignedHead
    public_key: PublicKey
    consistency: Mapping[int, Sequence[bytes]]


def write_head(path: AnyPath, head_file: HeadFile) -> None:
    """Write a head to a file, whole or not at all."""
    content = {
        "format": FILE_FORMAT,
        "signed": head_file.signed.to_dict(),
        "public_key": head_file.public_key.text,
        "consistency": {
            str(size): [part.hex() for part in proof]
            for size, proof in head_file.consistency.items()
        },
    }
    replace_file(path, canonical(content) + b"\n")


def read_head(path: AnyPath) -> HeadFile:
    """Read a head that `write_head` wrote, and check its signatures.

    Raises
    ------
    InputError
        If this is not such a file.
    VerificationError
        If a signature in it is not by the key in it.
    """
    source = str(Path(path))
    document = read_json(path, MAX_FILE)
    try:
        check_members(document, {"format", "signed", "public_key", "consistency"}, FILE_FORMAT)
        result = HeadFile(
            SignedHead.from_dict(document["signed"]),
            PublicKey.from_text(document["public_key"]),
            _proofs(document["consistency"]),
        )
    except InputError as error:
        raise InputError(error.message, source=source) from None
    if not result.signed.verify(result.public_key):
        raise VerificationError(
            _("{path}: the head is not signed by the key that the file gives.").format(path=path)
        )
    return result


def _proofs(stored: object) -> dict[int, list[bytes]]:
    if not isinstance(stored, dict):
        raise InputError(_("Proofs of consistency are an object of lists."))
    proofs = {}
    for size, proof in stored.items():
        if not re.fullmatch(r"[1-9][0-9]{0,15}", size) or not isinstance(proof, list):
            raise InputError(_("A proof of consistency is a list under a size."))
        proofs[int(size)] = [bytes.fromhex(hex_digits(part, 64, "proof")) for part in proof]
    return proofs


def witness_head(
    head_file: HeadFile, seen: Sequence[SignedHead], key: SigningKey, *, name: str
) -> SignedHead:
    """Return the head countersigned, if it continues what this witness has seen of the ledger.

    Parameters
    ----------
    head_file : HeadFile
        From `read_head`.
    seen : sequence of SignedHead
        From `read_seen`; other ledgers may be among them.
    key : SigningKey
        The witness's.
    name : str
        The witness's.

    Returns
    -------
    SignedHead
        To be returned to the keeper, and kept: ``write_seen(path, (*seen, result))``.

    Raises
    ------
    VerificationError
        If the ledger is smaller than it was (events were dropped) or tells another history (a
        fork), or its signature is wrong.
    InputError
        If the file gives no proof from the last head that was seen.
    """
    head = head_file.signed.head
    if not head_file.signed.verify(head_file.public_key):
        raise VerificationError(_("The head is not signed by the key that it names."))
    earlier_heads = [signed.head for signed in seen if signed.head.ledger == head.ledger]
    last = max(earlier_heads, key=lambda head: head.size, default=None)
    if last is not None:
        _check_growth(last, head, head_file.consistency)
    return countersign(head_file.signed, key, name=name, seen=last.size if last else 0)


def _check_growth(last: Head, head: Head, consistency: Mapping[int, Sequence[bytes]]) -> None:
    both = {"old": last.fingerprint, "new": head.fingerprint}
    if head.size < last.size:
        raise VerificationError(
            _(
                "Rollback: the head {new} has fewer events than {old}, which was seen before. "
                "Keep both files; events were dropped, or this is an old head."
            ).format(**both)
        )
    if head.size > last.size and last.size not in consistency:
        raise InputError(
            _(
                "No proof shows that the head {new} continues {old}, the last one seen. Ask the "
                "keeper of the ledger for a head with a proof from {size} events."
            ).format(**both, size=last.size)
        )
    proof = consistency.get(last.size, ()) if head.size > last.size else ()
    if not verify_consistency(last.size, head.size, last.root, head.root, proof):
        raise VerificationError(
            _(
                "Fork: the head {new} does not continue {old}, which was seen before. "
                "Keep both files: together they prove that the ledger was rewritten."
            ).format(**both)
        )


def check_members(
    content: object, names: set[str], form: str, source: str | None = None
) -> dict[str, object]:
    """Return the content of a file when it has these members and is of this format.

    Raises
    ------
    InputError
    """
    if not isinstance(content, dict) or set(content) != names or content["format"] != form:
        raise InputError(_("This is not a file of format {form}.").format(form=form), source=source)
    return content


SEEN_FORMAT = "forensics-seen-1"


def write_seen(path: AnyPath, seen: Sequence[SignedHead]) -> None:
    """Write the heads that a witness keeps, whole or not at all."""
    content = {"format": SEEN_FORMAT, "heads": [signed.to_dict() for signed in seen]}
    replace_file(path, canonical(content) + b"\n")


def read_seen(path: AnyPath) -> tuple[SignedHead, ...]:
    """Read the heads that a witness keeps; no file means none yet.

    Raises
    ------
    InputError
        If this is not such a file.
    VerificationError
        If the witness's signature under one of them is missing or wrong: the file was changed.
    """
    if not Path(path).exists():
        return ()
    source = str(Path(path))
    content = read_json(path, MAX_FILE)
    listed = check_members(content, {"format", "heads"}, SEEN_FORMAT, source)["heads"]
    if not isinstance(listed, list):
        raise InputError(_("The heads are a list."), source=source)
    heads = []
    for number, entry in enumerate(listed, 1):
        try:
            signed = SignedHead.from_dict(entry)
        except InputError as error:
            raise InputError(error.message, source=source, record=number) from None
        if signed.witness is None or not signed.witness.verify(signed.head):
            raise VerificationError(
                _(
                    "{path}, record {number}: this is not what the witness signed; was it changed?"
                ).format(path=path, number=number)
            )
        heads.append(signed)
    return tuple(heads)


PINNED: Final = "pinned"
ENROLLED: Final = "enrolled"
OWN: Final = "own"
UNKNOWN: Final = "unknown"
Knowledge = Literal["pinned", "enrolled", "own", "unknown"]
"""How the key of a witness is known."""

_MAX_FILE = 64 * 1024


# -- what a countersignature is worth --------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What a countersignature is worth.

    Attributes
    ----------
    how : str
        How its key is known: `PINNED`, `ENROLLED`, `OWN` (the key of somebody else of the ledger)
        or `UNKNOWN`.
    person, agency : str
        Whose key the ledger says it is.
    event : int
        That enrolled it; 0 where none did.
    fault : str
        Why it fixes no time all the same; empty if nothing is wrong.
    """

    head: Head
    witness: Witness
    how: Knowledge
    person: str = ""
    agency: str = ""
    event: int = 0
    fault: str = ""

    @property
    def counts(self) -> bool:
        """Whether it shows that the head existed by `not_later_than`."""
        return self.how in (PINNED, ENROLLED) and not self.fault

    @property
    def not_later_than(self) -> str:
        """When the head existed at the latest, if it counts."""
        # Nobody countersigns what was not signed yet: where the clocks differ, the later one counts.
        return max(self.witness.time, self.head.time)

    @property
    def name(self) -> str:
        """The name that the witness gave itself, safe to print."""
        return "".join(c if c.isprintable() else "\ufffd" for c in self.witness.name[:200])

    def __str__(self) -> str:
        parts = [
            _("countersigned as {name} by the key {key}, on {time} by the witness's clock").format(
                name=self.name, key=self.witness.public_key.id, time=self.witness.time
            ),
            {
                PINNED: _("the key that you gave (--witness-key)"),
                ENROLLED: _(
                    "enrolled by the laboratory itself in event {event} as {person} of {agency}; "
                    "compare the key with the witness's own by other means (--witness-key)"
                ),
                OWN: _("the key of {person} of this ledger, who is not a witness: proves nothing"),
                UNKNOWN: _("unknown key: proves nothing"),
            }[self.how].format(event=self.event, person=self.person, agency=self.agency),
        ]
        return _("; ").join([*parts, self.fault] if self.fault else parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "size": self.head.size,
            "root": self.head.root.hex(),
            "name": self.name,
            "key": self.witness.public_key.id,
            "time": self.witness.time,
            "known": self.how,
            "person": self.person or None,
            "event": self.event or None,
            "fault": self.fault or None,
            "counts": self.counts,
        }


def standing(
    signed: SignedHead, state: State, *, pins: Collection[str], recorded: str, clock: str
) -> Standing:
    """Return what the countersignature of a head is worth.

    That its signature is good is checked elsewhere (`SignedHead.verify`).

    Parameters
    ----------
    signed : SignedHead
        With a witness.
    state : State
        After all events of the ledger.
    pins : collection of str
        Ids of keys that the person who checks got from witnesses (`read_pin`).
    recorded : str
        Latest time at which any event under the head was recorded.
    clock : str
        Time of the computer on which this is checked.
    """
    head, witness = signed.head, signed.witness
    if witness is None:
        raise ValueError("a head without a witness")
    known = state.keys.get(witness.public_key.id)
    person = state.people.get(known.person) if known else None
    enrolled = person is not None and "witness" in person.roles
    whose = (known.person, person.agency, known.enrolled) if known and person else ("", "", 0)
    if witness.public_key.id in pins:
        how: Knowledge = PINNED
    elif known and not enrolled or head.key == witness.public_key.id:
        how = OWN
    else:
        how = ENROLLED if enrolled else UNKNOWN
    fault = ""
    if how == ENROLLED and known is not None:
        fault = _not_valid(known, head, witness)
    if not fault and how in (PINNED, ENROLLED):
        fault = _wrong_time(witness, recorded, clock)
    return Standing(head, witness, how, *whose, fault)


def _not_valid(known: Key, head: Head, witness: Witness) -> str:
    """Return why a witness's key that was enrolled did not stand in the ledger then."""
    if known.enrolled > head.size:
        return _("enrolled only after the {size} events of this head: proves nothing").format(
            size=head.size
        )
    if known.ended and (known.ended <= head.size or known.ended_at < witness.time):
        return _("the key had ended with event {seq}: proves nothing").format(seq=known.ended)
    if known.expires and known.expires < max(witness.time, head.time):
        return _("the key had expired on {time}: proves nothing").format(time=known.expires)
    return ""


def _wrong_time(witness: Witness, recorded: str, clock: str) -> str:
    if witness.time < recorded:
        return _(
            "events under it were recorded later, up to {recorded}, so this time cannot be right "
            "and proves nothing"
        ).format(recorded=recorded)
    if parse_time(witness.time) - parse_time(clock) > FAR_AHEAD:
        return _(
            "the clock here shows {clock}, so this time is in the future and proves nothing"
        ).format(clock=clock)
    return ""


# -- enrolment of witnesses ------------------------------------------------------------


def enrolment_request(ledger: str, person: str, key: PrivateKey) -> dict[str, str]:
    """Return what asks an administrator to enrol a key: its public part, and proof of the private one.

    Parameters
    ----------
    ledger : str
        Id of the ledger; a witness finds it in each head.
    person : str
        Short name in that ledger.
    """
    text = key.public.text
    proof = base64.b64encode(key.sign(proof_message(ledger, person, text))).decode()
    return {"person": person, "public_key": text, "proof": proof}


def write_enrolment_request(path: AnyPath, ledger: str, person: str, key: PrivateKey) -> None:
    """Write an `enrolment_request` into a new file."""
    write_new(path, canonical(enrolment_request(ledger, person, key)) + b"\n")


def read_enrolment_request(path: AnyPath, person: str) -> dict[str, str]:
    """Return public key and proof of a person's request.

    Raises
    ------
    UsageError
        If it is not a request of this person.
    """
    document = read_json(path, _MAX_FILE)
    names = {"person", "public_key", "proof"}
    if not isinstance(document, dict) or set(document) != names or document["person"] != person:
        raise UsageError(_("{path} is not a request of {person}.").format(path=path, person=person))
    return {"public_key": document["public_key"], "proof": document["proof"]}


def read_pin(text: AnyPath) -> str:
    """Return the id of a witness's key: from the id itself, or from a file that states the key.

    Parameters
    ----------
    text : str or path
        32 hex digits, in groups or not; or a key file, or a request to enrol the key (JSON with
        ``public_key``). No passphrase is needed.

    Raises
    ------
    UsageError
        If it is neither an id nor a file.
    InputError
        If the file states no key.

    Examples
    --------
    >>> read_pin("03D5 D688 7D2F 4770 94BA 6B2D AB16 6EDC")
    '03d5d6887d2f477094ba6b2dab166edc'
    """
    digits = re.sub(r"[\s:.-]", "", str(text)).lower()
    if re.fullmatch(f"[0-9a-f]{{{KEY_ID_DIGITS}}}", digits):
        return digits
    path = Path(text)
    if not path.is_file():
        raise UsageError(
            _("{text}: neither the id of a key ({digits} hex digits) nor a file.").format(
                text=str(text)[:200], digits=KEY_ID_DIGITS
            )
        )
    return read_public_key(path).id


def read_public_key(path: AnyPath) -> PublicKey:
    """Return the public key that a key file or a request to enrol it states.

    Raises
    ------
    InputError
        If the file states no key.
    """
    document = read_json(path, _MAX_FILE)
    if not isinstance(document, dict) or "public_key" not in document:
        raise InputError(
            _("This file states no public key; give a key file, or the request to enrol the key."),
            source=str(path),
        )
    try:
        return PublicKey.from_text(document["public_key"])
    except InputError as error:
        raise InputError(error.message, source=str(path)) from None


def read_pins(texts: Iterable[AnyPath]) -> frozenset[str]:
    """Return the ids of several keys, as `read_pin` does."""
    return frozenset(map(read_pin, texts))


_MAX_ROOTS = 2**20


# -- timestamps ------------------------------------------------------------------------


@dataclass(frozen=True)
class Stamp:
    """What a token says that was checked.

    Attributes
    ----------
    not_later_than : str
        Time of the token and its accuracy added: the head existed by then.
    serial : int
        Of the token, given by the authority.
    """

    not_later_than: str
    serial: int


def write_request(path: AnyPath, head: Head) -> None:
    """Write a request for a token over the bytes that the keeper of the ledger signed.

    Without a nonce: the response is compared with the head itself, for which an old token serves
    as well as a new one.
    """
    library = _library()
    request = library.TimestampRequestBuilder(
        data=head.message, hash_algorithm=library.HashAlgorithm.SHA256, nonce=False
    ).build()
    replace_file(path, request.as_bytes())


def attach_response(head_file: HeadFile, response: AnyPath) -> HeadFile:
    """Return a head with the response of an authority to the request for it.

    The signature of the authority is not checked here, but by `check_token`.

    Raises
    ------
    InputError
        If the file is not a response, the authority refused, or the response is about something else.
    UsageError
        If the head has a token already.
    """
    if head_file.signed.timestamp is not None:
        raise UsageError(_("This head has a timestamp token already; keep both files."))
    data = read_limited(response, MAX_TOKEN)
    try:
        token = _decoded(data)
        _check_imprint(token, head_file.signed.head)
    except (InputError, VerificationError) as error:
        raise InputError(str(error), source=str(Path(response))) from None
    return replace(head_file, signed=replace(head_file.signed, timestamp=data))


def read_roots(path: AnyPath) -> "list[Certificate]":
    """Return the certificates of a PEM file: roots that are trusted, and what stands below them.

    Raises
    ------
    InputError
        If there is none in it, or one cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(read_limited(path, _MAX_ROOTS))
    except ValueError as error:
        raise InputError(
            _("Expected certificates in PEM: {error}").format(error=error), source=str(Path(path))
        ) from None


def check_token(signed: SignedHead, roots: "Sequence[Certificate]") -> Stamp:
    """Check the token of a head: signature, chain, use of the certificate and what it is about.

    The certificates must have been valid at the time of the token. Revocation is not checked, since
    that needs a network.

    Parameters
    ----------
    signed : SignedHead
        With a token.
    roots : sequence of Certificate
        From `read_roots`, at least one.

    Raises
    ------
    VerificationError
        If anything does not hold.
    """
    library = _library()
    token = _decoded(signed.timestamp or b"")
    _check_imprint(token, signed.head)
    try:
        verifier = library.VerifierBuilder(roots=list(roots)).build()
        verifier.verify_message(token, signed.head.message)
        info = token.tst_info
        accuracy = info.accuracy
        margin = accuracy and timedelta(
            seconds=accuracy.seconds or 0,
            milliseconds=accuracy.millis or 0,
            microseconds=accuracy.micros or 0,
        )
        return Stamp(time_text(info.gen_time + (margin or timedelta())), info.serial_number)
    except (library.VerificationError, ValueError, TypeError, OverflowError) as error:
        raise VerificationError(
            _("The timestamp token is not valid under these roots: {error}").format(error=error)
        ) from None


def _decoded(data: bytes) -> Any:
    library = _library()
    try:
        token = library.decode_timestamp_response(data)
        if token.status != library.PKIStatus.GRANTED:
            raise InputError(
                _("The authority gave no token: status {status} {text}").format(
                    status=token.status, text=" ".join(token.status_string)
                )
            )
    except ValueError as error:
        raise InputError(
            _("This is not a response of a timestamp authority (RFC 3161): {error}").format(
                error=error
            )
        ) from None
    return token


def _check_imprint(token: Any, head: Head) -> None:
    library = _library()
    try:
        names = {
            library.verify.SHA256_OID: "sha256",
            library.verify.SHA384_OID: "sha384",
            library.verify.SHA512_OID: "sha512",
        }
        imprint = token.tst_info.message_imprint
        name = names.get(imprint.hash_algorithm.dotted_string)
        good = name is not None and hashlib.new(name, head.message).digest() == imprint.message
    except ValueError:
        good = False
    if not good:
        raise VerificationError(
            _("The timestamp token is not over the head {head}.").format(head=head.fingerprint)
        )


def _library() -> Any:
    with importing("timestamp"):
        import rfc3161_client
    return rfc3161_client
