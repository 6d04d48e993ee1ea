"""Heads: the state of a ledger in a few bytes, signed, countersigned by witnesses, printed on paper.

Whoever keeps a head can show later that the ledger only grew. A witness (another laboratory, a
court) keeps the heads it has seen in a file of its own, and signs a new one only where a proof
shows that it continues the last.
"""

import base64
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from forensics.custody.canonical import canonical, parse_json
from forensics.custody.keys import SIGNATURE_BYTES, PrivateKey, PublicKey, unbase64
from forensics.custody.merkle import verify_consistency
from forensics.custody.times import now, parse_time
from forensics.custody.unicode_text import nfc
from forensics.errors import InputError, VerificationError
from forensics.io.files import read_limited, replace_file
from forensics.messages import _

__all__ = [
    "FAR_AHEAD",
    "FINGERPRINT_DIGITS",
    "MAX_FILE",
    "OLD_FINGERPRINT_DIGITS",
    "Fingerprint",
    "Head",
    "HeadFile",
    "SignedHead",
    "Witness",
    "check_members",
    "countersign",
    "read_head",
    "sign_head",
    "witness_head",
    "write_head",
]

HEAD_FORMAT = "forensics-head-1"
FILE_FORMAT = "forensics-head-file-1"
MAX_FILE = 16 * 2**20
MAX_TOKEN = 64 * 2**10
"""Of the response of a timestamp authority; with its chain of certificates it has some 2 to 8 KiB."""
FINGERPRINT_DIGITS = 32
"""Of the root: 128 bits. To make a second history for a fingerprint that is on paper already takes some
2^128 hashes. Whoever prepares two histories before the paper is printed, the laboratory itself, looks
for a collision and needs some 2^64 (the birthday bound), far beyond what a laboratory can do. A signed
head, with the whole root, asks for 2^128 there too."""
OLD_FINGERPRINT_DIGITS = 20
"""As papers had it before: 80 bits. Two histories prepared before printing took some 2^40 hashes, which
can be done. Such papers are still compared, and what they are worth is told."""
FAR_AHEAD = timedelta(days=1)
"""A head or countersignature dated later than this after the clock has a wrong date. Clocks that are
right differ by seconds, and no mistake of a time zone reaches a day; our choice."""

_EXAMPLE = "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7"

_HEAD_DOMAIN = b"forensics-head-1\x00"
_WITNESS_DOMAIN = b"forensics-witness-1\x00"


@dataclass(frozen=True)
class Fingerprint:
    """A head as it stands on paper.

    Attributes
    ----------
    size : int
        Number of events.
    digits : str
        First `FINGERPRINT_DIGITS` hex digits of the root; `OLD_FINGERPRINT_DIGITS` on old papers.

    Examples
    --------
    >>> print(Fingerprint(1234, "9f3c02ab77de41c088125b6ed03a94f7"))
    1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7
    >>> Fingerprint.parse("1234 - 9F3C 02AB 77DE 41C0 8812 5B6E D03A 94F7").digits
    '9f3c02ab77de41c088125b6ed03a94f7'
    >>> Fingerprint.parse("1234 · 9f3c 02ab 77de 41c0 8812").bits
    80
    """

    size: int
    digits: str

    def __str__(self) -> str:
        groups = (self.digits[start : start + 4] for start in range(0, len(self.digits), 4))
        return f"{self.size} · {' '.join(groups)}"

    @classmethod
    def of(cls, size: int, root: bytes) -> "Fingerprint":
        """Return the fingerprint of a ledger of `size` events whose root is `root`."""
        return cls(size, root.hex()[:FINGERPRINT_DIGITS])

    @property
    def bits(self) -> int:
        """How much of the root it fixes."""
        return 4 * len(self.digits)

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Return the fingerprint that somebody typed; spaces, dots, dashes and capitals are free.

        A space alone after the size will do, since no keyboard has the sign ``·``.

        Raises
        ------
        InputError
            If it is not a size and `FINGERPRINT_DIGITS` hex digits, or as many as old papers have.
        """
        match = re.fullmatch(
            r"\s*([1-9]\d{0,15})(?:\s*[·.:/-]\s*|\s+)([0-9a-f\s.-]+)", text.lower(), re.ASCII
        )
        digits = re.sub(r"[\s.-]", "", match[2]) if match else ""
        if match is None or len(digits) not in (FINGERPRINT_DIGITS, OLD_FINGERPRINT_DIGITS):
            raise InputError(
                _(
                    "{text!r} is no fingerprint; expected a size and {digits} hex digits ({old} on "
                    "old papers), as in {example}."
                ).format(
                    text=text[:100],
                    digits=FINGERPRINT_DIGITS,
                    old=OLD_FINGERPRINT_DIGITS,
                    example=_EXAMPLE,
                )
            )
        return cls(int(match[1]), digits)

    def matches(self, root: bytes) -> bool:
        """Return whether a ledger whose root at this size is `root` is the one on paper."""
        return root.hex().startswith(self.digits)


@dataclass(frozen=True)
class Head:
    """Size and root of a ledger at a time.

    Attributes
    ----------
    ledger : str
        Id of the ledger, 32 hex digits.
    size : int
        Number of events, at least 1.
    root : bytes
        Root of the Merkle tree, 32 bytes.
    time : str
        When it was signed, by the signer's clock.
    key : str
        Key id of the signer.
    """

    ledger: str
    size: int
    root: bytes
    time: str
    key: str

    def to_dict(self) -> dict[str, Any]:
        """Return the head as docs/custody-format.md writes it."""
        return {
            "format": HEAD_FORMAT,
            "ledger": self.ledger,
            "size": self.size,
            "root": self.root.hex(),
            "time": self.time,
            "key": self.key,
        }

    @classmethod
    def from_dict(cls, stored: object) -> "Head":
        """Return the head that `to_dict` wrote, or raise `InputError`."""
        names = {"format", "ledger", "size", "root", "time", "key"}
        if not isinstance(stored, dict) or set(stored) != names or stored["format"] != HEAD_FORMAT:
            raise InputError(_("This is not a head of format {format}.").format(format=HEAD_FORMAT))
        if type(stored["size"]) is not int or stored["size"] < 1:
            raise InputError(_("A head has a size of at least 1."))
        parse_time(stored["time"])
        return cls(
            _digits(stored["ledger"], 32, "ledger"),
            stored["size"],
            bytes.fromhex(_digits(stored["root"], 64, "root")),
            stored["time"],
            _digits(stored["key"], 32, "key"),
        )

    @property
    def message(self) -> bytes:
        """What the signer signs."""
        return _HEAD_DOMAIN + canonical(self.to_dict())

    @property
    def fingerprint(self) -> Fingerprint:
        """The head as it stands on paper."""
        return Fingerprint.of(self.size, self.root)


@dataclass(frozen=True)
class Witness:
    """The signature of a witness under a head.

    Attributes
    ----------
    name : str
    public_key : PublicKey
    time : str
        When, by the witness's clock.
    seen : int
        Size of the head that it had kept and checked consistency with; 0 for the first.
    signature : bytes
    """

    name: str
    public_key: PublicKey
    time: str
    seen: int
    signature: bytes

    def message(self, head: Head) -> bytes:
        """What the witness signs under `head`."""
        return _WITNESS_DOMAIN + canonical([head.to_dict(), self.name, self.time, self.seen])

    def verify(self, head: Head) -> bool:
        """Return whether the signature is under `head`."""
        return self.public_key.verify(self.signature, self.message(head))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "public_key": self.public_key.text,
            "time": self.time,
            "seen": self.seen,
            "signature": base64.b64encode(self.signature).decode(),
        }

    @classmethod
    def from_dict(cls, stored: object) -> "Witness":
        """Return the witness that `to_dict` wrote, or raise `InputError`."""
        names = {"name", "public_key", "time", "seen", "signature"}
        if not isinstance(stored, dict) or set(stored) != names:
            raise InputError(_("A witness has name, public_key, time, seen and signature."))
        if not isinstance(stored["name"], str) or not stored["name"].strip():
            raise InputError(_("A witness has a name."))
        if type(stored["seen"]) is not int or stored["seen"] < 0:
            raise InputError(_("The size that a witness had seen is at least 0."))
        parse_time(stored["time"])
        return cls(
            stored["name"],
            PublicKey.from_text(stored["public_key"]),
            stored["time"],
            stored["seen"],
            unbase64(stored["signature"], SIGNATURE_BYTES),
        )


@dataclass(frozen=True)
class SignedHead:
    """A head with the signature of the ledger's keeper, and of a witness where there is one.

    Attributes
    ----------
    head : Head
    signature : bytes
    witness : Witness, optional
    timestamp : bytes, optional
        Response of a timestamp authority (RFC 3161, DER) over `Head.message`; what it is worth says
        `forensics.custody.timestamps.check_token`.
    """

    head: Head
    signature: bytes
    witness: Witness | None = None
    timestamp: bytes | None = None

    def verify(self, public_key: PublicKey) -> bool:
        """Return whether the keeper's signature is by `public_key` and the witness's is good.

        Whether that key was allowed to sign then, the events of the ledger say.
        """
        return (
            public_key.id == self.head.key
            and public_key.verify(self.signature, self.head.message)
            and (self.witness is None or self.witness.verify(self.head))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the signed head as docs/custody-format.md writes it."""
        record = {
            "head": self.head.to_dict(),
            "signature": base64.b64encode(self.signature).decode(),
        }
        if self.witness is not None:
            record["witness"] = self.witness.to_dict()
        if self.timestamp is not None:
            record["timestamp"] = base64.b64encode(self.timestamp).decode()
        return record

    @classmethod
    def from_dict(cls, stored: object) -> "SignedHead":
        """Return the signed head that `to_dict` wrote, or raise `InputError`."""
        names = {"head", "signature"}
        if not isinstance(stored, dict) or set(stored) - {"witness", "timestamp"} != names:
            raise InputError(
                _("A signed head has head, signature and at most a witness and a timestamp.")
            )
        return cls(
            Head.from_dict(stored["head"]),
            unbase64(stored["signature"], SIGNATURE_BYTES),
            Witness.from_dict(stored["witness"]) if "witness" in stored else None,
            _token(stored["timestamp"]) if "timestamp" in stored else None,
        )


def _token(text: object) -> bytes:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        data = b""
    if not 0 < len(data) <= MAX_TOKEN or base64.b64encode(data).decode() != text:
        raise InputError(_("A timestamp is base64 of 1 to {most} bytes.").format(most=MAX_TOKEN))
    return data


def sign_head(
    key: PrivateKey, *, ledger: str, size: int, root: bytes, time: str | None = None
) -> SignedHead:
    """Return the head of a ledger, signed now."""
    head = Head.from_dict(Head(ledger, size, root, time or now(), key.id).to_dict())
    return SignedHead(head, key.sign(head.message))


def countersign(
    signed: SignedHead, key: PrivateKey, *, name: str, seen: int, time: str | None = None
) -> SignedHead:
    """Return `signed` with the signature of a witness. `witness_head` checks first; this does not."""
    witness = Witness(nfc(name), key.public, time or now(), seen, b"")
    witness = replace(witness, signature=key.sign(witness.message(signed.head)))
    return replace(signed, witness=Witness.from_dict(witness.to_dict()))


@dataclass(frozen=True)
class HeadFile:
    """What leaves the house: a signed head, its signer's public key, and proofs from older heads.

    Attributes
    ----------
    signed : SignedHead
    public_key : PublicKey
        Of the keeper. A witness that sees it for the first time compares its id by other means.
    consistency : dict
        Size of an older head to the proof (sequence of 32 bytes each) that this one continues it.
    """

    signed: SignedHead
    public_key: PublicKey
    consistency: Mapping[int, Sequence[bytes]]


def write_head(path: str | os.PathLike[str], head_file: HeadFile) -> None:
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


def read_head(path: str | os.PathLike[str]) -> HeadFile:
    """Read a head that `write_head` wrote, and check its signatures.

    Raises
    ------
    InputError
        If this is no such file.
    VerificationError
        If a signature in it is not by the key in it.
    """
    source = str(Path(path))
    document = parse_json(read_limited(path, MAX_FILE), max_bytes=MAX_FILE, source=source)
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
        proofs[int(size)] = [bytes.fromhex(_digits(part, 64, "proof")) for part in proof]
    return proofs


def witness_head(
    head_file: HeadFile, seen: Sequence[SignedHead], key: PrivateKey, *, name: str
) -> SignedHead:
    """Return the head countersigned, if it continues what this witness has seen of the ledger.

    Parameters
    ----------
    head_file : HeadFile
        From `read_head`.
    seen : sequence of SignedHead
        From `forensics.custody.seen_heads.read_seen`; other ledgers may be among them.
    key : PrivateKey
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
                "No proof that the head {new} continues {old}, which was seen last. "
                "Ask the keeper for a head with a proof from {size} events."
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


def _digits(text: object, length: int, name: str) -> str:
    if not isinstance(text, str) or len(text) != length or not set(text) <= set("0123456789abcdef"):
        raise InputError(
            _("{name}: expected {length} lower-case hex digits.").format(name=name, length=length)
        )
    return text
