"""Heads: the state of a ledger in a few bytes, on paper, signed, and countersigned by witnesses.

A head that was kept elsewhere shows later that the ledger only grew.
"""

import base64
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from forensics.custody.canonical import canonical, nfc, now, parse_time, read_base64, unbase64
from forensics.custody.keys import SIGNATURE_BYTES, PublicKey, SigningKey
from forensics.errors import InputError
from forensics.messages import _

FINGERPRINT_DIGITS = 32
"""Of the root: 128 bits. To make a second history for a fingerprint that is on paper already takes some
2^128 hashes. The laboratory itself, which could prepare two histories before the paper is printed, looks
for a collision and needs some 2^64 (the birthday bound), far beyond what a laboratory can do. A signed
head, with the whole root, asks for 2^128 there too."""


def in_groups(digits: str) -> str:
    """Return hex digits in groups of four, as people compare them.

    Examples
    --------
    >>> in_groups("9f3c02ab77de")
    '9f3c 02ab 77de'
    """
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


_EXAMPLE = "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7"


@dataclass(frozen=True)
class Fingerprint:
    """A head as it stands on paper.

    Attributes
    ----------
    size : int
        Number of events.
    digits : str
        First `FINGERPRINT_DIGITS` hex digits of the root.

    Examples
    --------
    >>> print(Fingerprint(1234, "9f3c02ab77de41c088125b6ed03a94f7"))
    1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7
    >>> Fingerprint.parse("1234 - 9F3C 02AB 77DE 41C0 8812 5B6E D03A 94F7").digits
    '9f3c02ab77de41c088125b6ed03a94f7'
    """

    size: int
    digits: str

    def __str__(self) -> str:
        return f"{self.size} · {in_groups(self.digits)}"

    @classmethod
    def of(cls, size: int, root: bytes) -> "Fingerprint":
        """Return the fingerprint of a ledger of `size` events whose root is `root`."""
        return cls(size, root.hex()[:FINGERPRINT_DIGITS])

    @classmethod
    def parse(cls, text: str) -> "Fingerprint":
        """Return the fingerprint that somebody typed; spaces, dots, dashes and capitals are free.

        A space alone after the size will do, since no keyboard has the sign ``·``.

        Raises
        ------
        InputError
            If it is not a size and `FINGERPRINT_DIGITS` hex digits.
        """
        match = re.fullmatch(
            r"\s*([1-9]\d{0,15})(?:\s*[·.:/-]\s*|\s+)([0-9a-f\s.-]+)", text.lower(), re.ASCII
        )
        digits = re.sub(r"[\s.-]", "", match[2]) if match else ""
        if match is None or len(digits) != FINGERPRINT_DIGITS:
            raise InputError(
                _(
                    "{text!r} is not a fingerprint; expected a size and {digits} hex digits, as in {example}."
                ).format(text=text[:100], digits=FINGERPRINT_DIGITS, example=_EXAMPLE)
            )
        return cls(int(match[1]), digits)

    def matches(self, root: bytes) -> bool:
        """Return whether a ledger whose root at this size is `root` is the one on paper."""
        return root.hex().startswith(self.digits)


HEAD_FORMAT = "forensics-head-1"
MAX_TOKEN = 64 * 2**10
"""Of the response of a timestamp authority; with its chain of certificates it has some 2 to 8 KiB."""
FAR_AHEAD = timedelta(days=1)
"""A head or countersignature dated later than this after the clock has a wrong date. Clocks that are
right differ by seconds, and no mistake of a time zone reaches a day; our choice."""

_HEAD_DOMAIN = b"forensics-head-1\x00"
_WITNESS_DOMAIN = b"forensics-witness-1\x00"


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
            hex_digits(stored["ledger"], 32, "ledger"),
            stored["size"],
            bytes.fromhex(hex_digits(stored["root"], 64, "root")),
            stored["time"],
            hex_digits(stored["key"], 32, "key"),
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
    time : str
        When, by the witness's clock.
    seen : int
        Size of the head that it had kept and checked consistency with; 0 for the first.
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
    timestamp : bytes, optional
        Response of a timestamp authority (RFC 3161, DER) over `Head.message`; what it is worth says
        `forensics.custody.witnesses.check_token`.
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
    data = read_base64(text)
    if not 0 < len(data) <= MAX_TOKEN:
        raise InputError(_("A timestamp is base64 of 1 to {most} bytes.").format(most=MAX_TOKEN))
    return data


def sign_head(
    key: SigningKey, *, ledger: str, size: int, root: bytes, time: str | None = None
) -> SignedHead:
    """Return the head of a ledger, signed now."""
    head = Head.from_dict(Head(ledger, size, root, time or now(), key.id).to_dict())
    return SignedHead(head, key.sign(head.message))


def countersign(
    signed: SignedHead, key: SigningKey, *, name: str, seen: int, time: str | None = None
) -> SignedHead:
    """Return `signed` with the signature of a witness. `witness_head` checks first; this does not."""
    witness = Witness(nfc(name), key.public, time or now(), seen, b"")
    witness = replace(witness, signature=key.sign(witness.message(signed.head)))
    return replace(signed, witness=Witness.from_dict(witness.to_dict()))


def hex_digits(text: object, length: int, name: str) -> str:
    """Return `text` when it is `length` lower-case hex digits, or raise `InputError`."""
    if not isinstance(text, str) or len(text) != length or not set(text) <= set("0123456789abcdef"):
        raise InputError(
            _("{name}: expected {length} lower-case hex digits.").format(name=name, length=length)
        )
    return text
