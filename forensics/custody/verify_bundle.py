#!/usr/bin/env python3
"""Check a bundle that a laboratory disclosed from its ledger of custody.

    python3 verify_bundle.py bundle.zip
    python3 verify_bundle.py report.pdf            where a report has the bundle inside
    python3 verify_bundle.py bundle.zip --fingerprint "1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7"
    python3 verify_bundle.py bundle.zip --witness-key 03d5d6887d2f477094ba6b2dab166edc

Needs Python 3.8 or newer and nothing else: no other package, no network, not the laboratory's
software. It was written from the description of the format (docs/custody-format.md), RFC 8032,
RFC 8785 and RFC 9162, and shares no line with the software that makes bundles, so that a fault
of the one is not a fault of the other. It writes nothing and unpacks nothing.

It leaves with 0 where everything holds and with 4 where something does not; 2 means that it was
called wrongly.
"""

from __future__ import annotations  # on Python 3.8, annotations are not evaluated

import argparse
import base64
import bisect
import calendar
import hashlib
import io
import json
import os
import re
import struct
import sys
import time
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Python 3.8 cannot evaluate these
    from collections.abc import Iterable, Sequence
    from typing import Any, BinaryIO, NoReturn

    Point = tuple[int, int, int, int]

# What a file of a stranger may cost before it is refused; forensics/custody/budgets.py, from which these
# are copied, says why, and a test of the project holds them equal.
MAX_BUNDLE_JSON_BYTES = 64 * 2**20
MAX_OTHER_BYTES = 4 * 2**20
MAX_DEPTH = 32
MAX_JSON_VALUES = 4_000_000
MAX_ZIP_ENTRIES = 20_000
MAX_ZIP_DIRECTORY_BYTES = 8 * 2**20
MAX_WITNESSES = 10_000
MAX_PROOF_HASHES = 64
MAX_BUNDLE_SECONDS = 3600
MAX_PDF_BYTES = 256 * 2**20
MAX_PDF_OBJECTS = 200_000
MAX_PDF_VALUES = 1_000_000
MAX_PDF_ADDITIONS = 100
MAX_PDF_FILES = 10
LARGEST = 2**53 - 1
FINGERPRINT_DIGITS = 32  # hex digits of the root on a paper: 128 bits
NEVER = "9999-12-31T23:59:59.999999Z"  # the latest time that can be written
FAR_AHEAD = 24 * 3600  # seconds: what is dated so far after the clock has a wrong date


class Fault(Exception):
    """What does not hold, in words."""


class Report:
    """What was found: lists of lines; and until when the check may take."""

    def __init__(self) -> None:
        self.ledger = self.case = ""
        self.facts: list[str] = []
        self.checked: list[str] = []
        self.notes: list[str] = []
        self.timeline: list[str] = []
        self.not_checked = list(NOT_CHECKED)
        self.ends = time.monotonic() + MAX_BUNDLE_SECONDS

    def check_time(self) -> None:
        """Stop where the check has taken too long."""
        need(time.monotonic() < self.ends, f"it takes longer than {MAX_BUNDLE_SECONDS} s to check")


def need(condition: object, text: str) -> None:
    """Stop with `text` unless `condition` holds."""
    if not condition:
        raise Fault(text)


# ---------------------------------------------------------------------------
# Ed25519, RFC 8032. A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(a: Point, b: Point) -> Point:
    """Return the sum of two points."""
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    r, s = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_double(a: Point) -> Point:
    """Return twice a point."""
    p, q, r = a[0] * a[0] % P, a[1] * a[1] % P, 2 * a[2] * a[2]
    h = p + q
    e = h - (a[0] + a[1]) * (a[0] + a[1]) % P
    g = p - q
    f = r + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_read(data: bytes) -> Point | None:
    """Return the point of 32 bytes, or None if they are not the one spelling of a point."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_OF_MINUS_1 % P
        if (v * x * x - u) % P:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def point_write(a: Point) -> bytes:
    """Return the 32 bytes of a point."""
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def multiples(a: Point) -> list[Point]:
    """Return 0 to 15 times a point."""
    table = [NEUTRAL]
    for _ in range(15):
        table.append(point_add(table[-1], a))
    return table


def has_small_order(a: Point) -> bool:
    """Return whether eight times a point is the neutral one."""
    for _ in range(3):
        a = point_double(a)
    return a[0] == 0 and a[1] == a[2]


BASE = multiples(point_read(bytes([0x58]) + bytes([0x66]) * 31))  # type: ignore[arg-type]
_KEYS: dict[bytes, list[Point] | None] = {}


def key_table(key: bytes) -> list[Point] | None:
    """Return multiples of minus the key's point, or None for a key that must not be accepted.

    Refused are keys that are no point, are not in the one spelling, or are one of the eight
    points of small order, with which a signature fits any message.
    """
    if key not in _KEYS:
        a = point_read(key) if len(key) == 32 else None
        if a is None or has_small_order(a):
            _KEYS[key] = None
        else:
            _KEYS[key] = multiples((P - a[0], a[1], 1, P - a[3]))
    return _KEYS[key]


def ed25519_is_valid(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` (64 bytes) is one of `message` by public key `key` (32 bytes).

    S must be below the group's order, and R must be, byte for byte, S*B - k*A: the equation
    without cofactor, as OpenSSL checks it.
    """
    table = key_table(key)
    if table is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    sum_ = NEUTRAL
    for shift in range(252, -4, -4):
        sum_ = point_double(point_double(point_double(point_double(sum_))))
        sum_ = point_add(point_add(sum_, BASE[s >> shift & 15]), table[k >> shift & 15])
    return point_write(sum_) == signature[:32]


# ---------------------------------------------------------------------------
# Canonical JSON, RFC 8785, for values without fractions.

_SPECIAL = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


def _escape(match: re.Match[str]) -> str:
    return _SPECIAL.get(match.group()) or f"\\u{ord(match.group()):04x}"


def json_text(value: Any, depth: int = 0) -> str:
    """Return the canonical text of a value, or raise Fault."""
    need(depth <= MAX_DEPTH, "values are nested too deeply")
    if isinstance(value, str):
        return '"' + re.sub('[\\x00-\\x1f"\\\\]', _escape, value) + '"'
    if isinstance(value, list):
        return "[" + ",".join([json_text(item, depth + 1) for item in value]) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        pairs = [json_text(name) + ":" + json_text(value[name], depth + 1) for name in names]
        return "{" + ",".join(pairs) + "}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def json_bytes(value: Any) -> bytes:
    """Return the canonical bytes of a value, or raise Fault."""
    try:
        return json_text(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("a text holds half a character (a lone surrogate)") from None


def _whole_number(text: str) -> int:
    need(len(text) <= 17 and abs(int(text)) <= LARGEST, "a number is too large")
    return int(text)


def _not_a_number(text: str) -> NoReturn:
    raise Fault(f"{text[:40]} is not a whole number")


_OUTSIDE_TEXTS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[^][{}"]+', re.DOTALL)


def check_cost(text: str, what: str) -> None:
    """Stop before JSON is parsed that is nested too deeply or has too many values.

    Each value takes some 100 bytes of memory, however short it is written.
    """
    values = sum(map(text.count, ",:[{"))
    need(values <= MAX_JSON_VALUES, f"{what} has more than {MAX_JSON_VALUES} values")
    depth = 0
    for bracket in (
        _OUTSIDE_TEXTS.sub("", text) if text.count("[") + text.count("{") > MAX_DEPTH else ""
    ):
        depth += 1 if bracket in "[{" else -1
        need(depth <= MAX_DEPTH, "values are nested too deeply")


def json_read(data: bytes, what: str) -> Any:
    """Return the value of canonical JSON, or raise Fault.

    A name given twice, a space, another escape: all are seen because they are not written back.
    """
    try:
        text = data.decode("utf-8")
        check_cost(text, what)
        value = json.loads(
            text,
            parse_int=_whole_number,
            parse_float=_not_a_number,
            parse_constant=_not_a_number,
        )
    except RecursionError:
        raise Fault("values are nested too deeply") from None
    except ValueError as error:
        raise Fault(f"{what} is not JSON in UTF-8 ({error})") from None
    need(json_bytes(value) == data, f"{what} is not in canonical form")
    return value


# ---------------------------------------------------------------------------
# The Merkle tree, RFC 9162, section 2.1. Written after its definition, top down.


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


def root_with_leaf(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes | None:
    """Return the root that a proof of inclusion leads to, or None where its length is wrong."""
    if size == 1:
        return None if proof else leaf
    if not proof:
        return None
    left = 1
    while 2 * left < size:
        left *= 2
    if index < left:
        below = root_with_leaf(leaf, index, left, proof[:-1])
        return below and sha256(b"\x01" + below + proof[-1])
    below = root_with_leaf(leaf, index - left, size - left, proof[:-1])
    return below and sha256(b"\x01" + proof[-1] + below)


def roots_of_both(
    first: int, size: int, proof: list[bytes], first_root: bytes | None
) -> tuple[bytes, ...] | None:
    """Return the roots of the first `first` and of all `size` leaves that a proof leads to.

    `first_root` is given where the smaller tree is a whole left part of the larger one, so that
    RFC 9162 leaves its root out of the proof; None where the proof must bring it.
    """
    if first == size:
        if first_root is not None:
            return None if proof else (first_root, first_root)
        return (proof[0], proof[0]) if len(proof) == 1 else None
    if not proof:
        return None
    left = 1
    while 2 * left < size:
        left *= 2
    if first <= left:
        below = roots_of_both(first, left, proof[:-1], first_root)
        return below and (below[0], sha256(b"\x01" + below[1] + proof[-1]))
    below = roots_of_both(first - left, size - left, proof[:-1], None)
    return below and tuple(sha256(b"\x01" + proof[-1] + part) for part in below)


def grew(first: int, first_root: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    """Return whether the tree of `first` leaves is shown to be the beginning of the other."""
    if not 0 < first <= size:
        return False
    return roots_of_both(first, size, proof, first_root) == (first_root, root)


# ---------------------------------------------------------------------------
# The shape of what a bundle says. Each function returns the value or stops.

NUMBERS_OF_A_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def an_object(
    value: Any, names: Iterable[str], what: str, optional: Iterable[str] = ()
) -> dict[str, Any]:
    """Return an object that has these names and no others."""
    need(isinstance(value, dict), f"{what} is not an object")
    missing, extra = set(names) - set(value), set(value) - set(names) - set(optional)
    need(not missing, "{} lacks {}".format(what, ", ".join(sorted(missing))))
    need(not extra, "{} has the unknown member {}".format(what, clean(", ".join(sorted(extra)))))
    members: dict[str, Any] = value
    return members


def a_list(value: Any, what: str) -> list[Any]:
    """Return a list."""
    need(isinstance(value, list), f"{what} is not a list")
    items: list[Any] = value
    return items


def a_text(value: Any, what: str) -> str:
    """Return a text that is not empty."""
    need(isinstance(value, str) and value, f"{what} is not a text")
    text: str = value
    return text


def a_number(value: Any, least: int, what: str) -> int:
    """Return a whole number that is not too small."""
    need(type(value) is int and value >= least, f"{what} is not a number from {least}")
    number: int = value
    return number


def a_hex(value: Any, digits: int, what: str) -> bytes:
    """Return the bytes of so many lower-case hex digits."""
    well = isinstance(value, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", value)
    need(well, f"{what} is not {digits} lower-case hex digits")
    return bytes.fromhex(value)


def a_proof(value: Any, what: str) -> list[bytes]:
    """Return the hashes of a proof."""
    need(len(a_list(value, what)) <= MAX_PROOF_HASHES, f"{what} is longer than any tree is high")
    return [a_hex(part, 64, what) for part in value]


def a_base64(value: Any, length: int, what: str) -> bytes:
    """Return so many bytes from base64."""
    try:
        data = base64.b64decode(a_text(value, what), validate=True)
    except ValueError:
        data = b""
    well = len(data) == length and base64.b64encode(data).decode() == value
    need(well, f"{what} is not {length} bytes in base64")
    return data


def a_time(value: Any, what: str) -> str:
    """Return a time in UTC with microseconds that exists."""
    well: object
    try:
        well = NUMBERS_OF_A_TIME.fullmatch(value) and time.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    except (TypeError, ValueError):
        well = False
    need(well and value[17:19] < "60", f"{what} is not a time in UTC")
    text: str = value
    return text


def clean(text: str) -> str:
    """Return a text that cannot fool a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Any) -> str:
    """Return a value as a reader sees it."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return "; ".join([shown(item) for item in value])
    if isinstance(value, dict):
        return ", ".join([f"{clean(name)} {shown(value[name])}" for name in sorted(value)])
    return {True: "yes", False: "no"}.get(value, str(value)) if type(value) is bool else str(value)


def key_id(key: bytes) -> str:
    """Return the id of a public key."""
    return hashlib.sha256(key).hexdigest()[:32]


# ---------------------------------------------------------------------------
# Keys: who could sign when, as the events of the bundle say.

KEY_EVENTS = ("init", "enrol", "rotate", "reenrol", "revoke")
KEY_FIELDS = ("type", "actor", "person", "public_key", "key_expires", "proof", "revoked_key",
              "authorisation")  # fmt: skip


class Keys:
    """The keys of a ledger, as its events enrol and end them one after the other."""

    def __init__(self, ledger: str, stated: Any) -> None:
        self.ledger = ledger
        self.stated: dict[str, bytes] = {}
        for name, text in an_object(stated, stated, "the list of keys").items():
            key = a_base64(text, 32, f"key {clean(name)}")
            need(key_id(key) == name, f"key {clean(name)}: the id is not that of the key")
            need(key_table(key), f"key {name} is of a kind that can sign anything")
            self.stated[name] = key
        # Id: person, seq enrolled, seq ended or None, expiry or None.
        self.known: dict[str, list[Any]] = {}
        self.authorised: dict[int, dict[str, Any]] = {}  # seq of an authorisation: its fields
        # Person: roles and agency, where they are disclosed.
        self.roles: dict[str, tuple[Any, Any]] = {}
        self.ended_at: dict[str, str] = {}  # id: time of recording of the event that ended it
        # Number, signer and latest time of recording so far, of each event in turn.
        self.numbers: list[int] = []
        self.signers: list[str] = []
        self.times: list[str] = []
        self.first_expiry: list[str] | None = None

    def enrol(self, seq: int, fields: dict[str, Any]) -> bytes:
        """Take in a new key; return it."""
        key = a_base64(fields["public_key"], 32, "its public key")
        name = key_id(key)
        need(name in self.stated, "the key it enrols is not in the bundle's list of keys")
        need(name not in self.known, "it enrols a key that was enrolled before")
        expires = fields.get("key_expires")
        if expires is not None:
            a_time(expires, "the expiry of its key")
        self.known[name] = [fields["person"], seq, None, expires]
        if fields["type"] in ("init", "enrol"):
            self.roles[fields["person"]] = fields.get("roles"), fields.get("agency", "")
        return key

    def end(self, seq: int, names: Iterable[str]) -> None:
        """End keys with event `seq`, those that had not ended."""
        for name in names:
            if self.known[name][2] is None:
                self.known[name][2] = seq
                self.ended_at[name] = self.times[-1]

    def of(self, person: str) -> list[str]:
        """Return the ids of all keys of a person."""
        return [name for name, known in self.known.items() if known[0] == person]

    def event(
        self, seq: int, signer: str, fields: dict[str, Any], commitments: dict[str, Any]
    ) -> None:
        """Take in an event about keys."""
        kind, person = fields["type"], a_text(fields.get("person"), "its person")
        need(kind != "init" or seq == 1, "a ledger begins with event 1 only")
        if kind == "revoke":
            ending = self.of(person)
            if "revoked_key" in fields:
                need(fields["revoked_key"] in ending, "it revokes a key that is not that person's")
                ending = [fields["revoked_key"]]
            self.end(seq, ending)
            return
        need(kind == "enrol" or "public_key" in fields, "it names no key")
        if kind == "rotate":
            need(person == fields["actor"], "it replaces the key of somebody else")
            self.end(seq, [signer])
        if kind == "reenrol":
            number = a_number(fields.get("authorisation"), 1, "its authorisation")
            authorisation: Any = self.authorised.pop(number, None)
            need(
                authorisation,
                "the authorisation by a second person is not in the bundle, or was used",
            )
            about = (authorisation.get("act"), authorisation.get("subject"))
            need(about == ("reenrol", person), "the authorisation is for something else")
            approved = authorisation.get("approved")
            need(type(approved) is dict, "what the second person approved is not in the bundle")
            for name in ("public_key", "key_expires"):
                same = approved.get(name) == commitments.get(name)
                need(same, f"its {name} is not what the second person approved")
            both = {authorisation["actor"], fields["actor"], person}
            need(len(both) == 3, "it takes two persons other than the one enrolled again")
            self.end(seq, self.of(person))
        if "public_key" in fields and kind != "init":
            key = self.enrol(seq, fields)
            message = b"forensics-enrol-1\0" + json_bytes(
                [self.ledger, person, fields["public_key"]]
            )
            proof = a_base64(fields.get("proof"), 64, "its proof that the person has the key")
            need(ed25519_is_valid(key, message, proof), "the person did not prove to have the key")

    def recorded_by(self, size: int) -> str:
        """Return the latest time at which any event here, of the first `size`, was recorded."""
        place = bisect.bisect_right(self.numbers, size)
        return self.times[place - 1] if place else ""

    def check_signer(self, name: str, seq: int, recorded_at: str) -> None:
        """Stop unless the key could sign event `seq`.

        A clock that was set back does not make a key valid again: what counts is the latest time
        at which any event up to this one was recorded.
        """
        latest = max(recorded_at, self.times[-1]) if self.times else recorded_at
        known: Any = self.known.get(name)
        need(known, f"its key {name} was not enrolled before")
        ended, expires = known[2], known[3]
        need(ended is None, f"its key {name} had ended with event {ended}")
        need(expires is None or recorded_at <= expires, f"its key {name} had expired")
        back = f"its key {name} had expired when an event before it was recorded"
        need(expires is None or latest <= expires, back)
        self.numbers.append(seq)
        self.signers.append(name)
        self.times.append(latest)

    def check_later(self, head: dict[str, Any], what: str) -> None:
        """Stop if an event after a head is signed by a key that had expired when the head was."""
        place = bisect.bisect_right(self.numbers, head["size"])
        if self.first_expiry is None:  # of the signers of each event and all after it, the earliest
            self.first_expiry = [NEVER] * (len(self.numbers) + 1)
            for number in range(len(self.numbers) - 1, -1, -1):
                expires = self.known[self.signers[number]][3] or NEVER
                self.first_expiry[number] = min(expires, self.first_expiry[number + 1])
        if head["time"] <= self.first_expiry[place]:
            return
        while head["time"] <= (self.known[self.signers[place]][3] or NEVER):
            place += 1
        raise Fault(
            f"Event {self.numbers[place]}: its key {self.signers[place]} had expired when a "
            f"head before it was signed ({what})."
        )

    def check_after(
        self, size: int, when: str, name: str, message: bytes, signature: Any, what: str
    ) -> None:
        """Stop unless the message is signed by a key that was valid after event `size`."""
        known: Any = self.known.get(name)
        need(known and known[1] <= size, f"{what}: its key was not enrolled then")
        need(known[2] is None or known[2] > size, f"{what}: its key had ended")
        when = max(when, self.recorded_by(size))
        need(known[3] is None or when <= known[3], f"{what}: its key had expired")
        signature = a_base64(signature, 64, f"{what}: the signature")
        good = ed25519_is_valid(self.stated[name], message, signature)
        need(good, f"{what}: the signature is not by its key over it")

    def check_head(self, head: dict[str, Any], signature: Any, what: str) -> None:
        """Stop unless a head is signed by a key that was valid after its last event."""
        message = b"forensics-head-1\0" + json_bytes(head)
        self.check_after(head["size"], head["time"], head["key"], message, signature, what)
        back = head["time"] < self.recorded_by(head["size"])
        need(not back, f"{what}: it is dated before events that it covers were recorded")


# ---------------------------------------------------------------------------
# Files inside a PDF (ISO 32000-1, 7.5 and 7.11.4). Only one form is read, that of reports: tables of objects
# in plain text, streams as they are or packed once.

BLANK = rb"[\x00\t\n\f\r ]"
REGULAR = rb"[^\x00\t\n\f\r ()<>\[\]{}/%]"
TOKEN = re.compile(
    BLANK + rb"*(<<|>>|\[|\]|\(|<[0-9A-Fa-f\x00\t\n\f\r ]*>|/" + REGULAR + b"*|" + REGULAR + b"+)"
)
REFERENCE = re.compile(BLANK + rb"+([0-9]{1,5})" + BLANK + rb"+R(?!" + REGULAR + b")")
IN_TEXT = re.compile(rb"[()]|\\(?:[0-7]{1,3}|\r\n|[\s\S])|\r\n?")
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"",
           b"\r\n": b""}  # fmt: skip
SECTION = re.compile(rb"\s*([0-9]{1,9}) ([0-9]{1,9})[ \r]*\n")
LINE = re.compile(rb"([0-9]{10}) [0-9]{5} ([nf])(?: \r| \n|\r\n)")
OTHER_FORM = "it is written in a form that is not read here (its tables of objects are packed)"
FILE_IN_PDF = "bundle.zip"


class Word(bytes):
    """What stands in a PDF and is neither a number, a name nor a text: ``obj``, ``true``, ``]``."""


class Reference(int):
    """The number of an object that stands elsewhere in a PDF."""


class Pdf:
    """The objects of a PDF, read when they are asked for.

    Values are dict, list, int, bytes of a text, str of a name with its slash, Reference and Word.
    """

    def __init__(self, data: bytes) -> None:
        need(len(data) <= MAX_PDF_BYTES, f"it is longer than {MAX_PDF_BYTES} bytes")
        need(data.startswith(b"%PDF-1."), "it is not a PDF file")
        self.data, self.left = data, MAX_PDF_VALUES
        self.places: dict[int, int] = {}
        self.ends: list[int] = []  # of the file as it was written first, and after each addition
        self.trailers: list[dict[str, Any]] = []
        end = re.search(rb"startxref\r?\n([0-9]{1,10})\r?\n%%EOF[\r\n]*\Z", data[-80:])
        need(end, "it is cut off, or something follows its end")
        place: Any = int(end[1]) if end else 0
        before = len(data)
        while place is not None:
            need(type(place) is int and 0 < place < before, "its tables of objects are damaged")
            trailer = self.read_table(place)
            need(
                len(self.ends) <= MAX_PDF_ADDITIONS,
                f"it was added to more than {MAX_PDF_ADDITIONS} times",
            )
            need("/Encrypt" not in trailer, "it is encrypted")
            need("/XRefStm" not in trailer, OTHER_FORM)
            self.trailers.insert(0, trailer)
            before, place = place, trailer.get("/Prev")
        self.root = self.trailers[-1].get("/Root")

    def read_table(self, at: int) -> dict[str, Any]:
        """Read a table of objects; return the dictionary behind it. Newer tables were read before."""
        data, start = self.data, at
        need(data[at : at + 4] == b"xref", OTHER_FORM)
        at += 4
        while section := SECTION.match(data, at):
            first, count, at = int(section[1]), int(section[2]), section.end()
            need(first + count <= MAX_PDF_OBJECTS, f"it has more than {MAX_PDF_OBJECTS} objects")
            for number in range(first, first + count):
                line = LINE.fullmatch(data, at, at + 20)
                need(line, "its table of objects is damaged")
                if line and number not in self.places:
                    self.places[number] = int(line[1]) if line[2] == b"n" else 0
                at += 20
        word, at = self.value(at)
        need(word == b"trailer", "its table of objects is damaged")
        trailer, at = self.value(at)
        need(isinstance(trailer, dict), "its table of objects is damaged")
        end = re.compile(rb"\s*startxref\r?\n([0-9]{1,10})\r?\n%%EOF(?:\r?\n)?").match(data, at)
        need(end and int(end[1]) == start and end.end() <= len(data), "its end is damaged")
        self.ends.insert(0, end.end() if end else 0)
        members: dict[str, Any] = trailer
        return members

    def value(self, at: int, depth: int = 0) -> tuple[Any, int]:
        """Return the value that begins at a place, and where it ends."""
        self.left -= 1
        need(self.left > 0, f"it has more than {MAX_PDF_VALUES} values")
        need(depth <= MAX_DEPTH, "its values are nested too deeply")
        found = TOKEN.match(self.data, at)
        need(found, "it is damaged")
        token, at = (found[1], found.end()) if found else (b"", at)
        if token == b"(":
            return self.text(at)
        if token[:1] == b"/":
            name = re.sub(b"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), token)
            return name.decode("latin-1"), at
        if token[:1] == b"<" and token != b"<<":
            digits = re.sub(rb"[^0-9A-Fa-f]", b"", token)
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), at
        if token.isdigit() and len(token) <= 10:
            reference = REFERENCE.match(self.data, at)
            return (Reference(token), reference.end()) if reference else (int(token), at)
        if token not in (b"<<", b"["):
            return Word(token), at
        items: list[Any] = []
        last = b">>" if token == b"<<" else b"]"
        while True:
            item, at = self.value(at, depth + 1)
            if isinstance(item, Word) and item == last:
                break
            need(item not in (b">>", b"]") or not isinstance(item, Word), "it is damaged")
            items.append(item)
        if token == b"[":
            return items, at
        names = items[::2]
        well = len(items) % 2 == 0 and all(isinstance(name, str) for name in names)
        need(well and len(set(names)) == len(names), "a dictionary in it is damaged")
        return dict(zip(names, items[1::2])), at

    def text(self, at: int) -> tuple[bytes, int]:
        """Return a text in round brackets, and where it ends."""
        parts, depth = [], 1
        for sign in IN_TEXT.finditer(self.data, at):
            parts.append(self.data[at : sign.start()])
            at, found = sign.end(), sign[0]
            depth += {b"(": 1, b")": -1}.get(found, 0)
            if not depth:
                return b"".join(parts), at
            if found[:1] == b"\\":
                code = found[1:]
                octal = code[:1].isdigit() and code[:1] < b"8"
                found = bytes([int(code, 8) & 255]) if octal else ESCAPED.get(code, code)
            parts.append(found)
        raise Fault("a text in it does not end")

    def object(self, value: Any) -> Any:
        """Return a value, or what it refers to."""
        return self.begin(value)[0] if isinstance(value, Reference) else value

    def begin(self, number: int) -> tuple[Any, int]:
        """Return the value of an object, and where it ends."""
        place = self.places.get(number, 0)
        head = re.compile(rb"([0-9]{1,9}) [0-9]{1,5} obj").match(self.data, place)
        need(place and head and int(head[1]) == number, f"it has no object {number}")
        value, at = self.value(head.end() if head else 0)
        need(not isinstance(value, Reference), f"object {number} refers to another one")
        return value, at

    def members(self, value: Any) -> dict[str, Any]:
        """Return a dictionary, or the one that is referred to."""
        found = self.object(value)
        need(isinstance(found, dict), "a dictionary is missing in it")
        members: dict[str, Any] = found
        return members

    def stream(self, number: int) -> bytes:
        """Return the bytes of a stream, unpacked."""
        what = f"the stream of object {number}"
        head, at = self.begin(number)
        start = re.compile(rb"\s*stream\r?\n").match(self.data, at)
        stated = self.object(head.get("/Length")) if isinstance(head, dict) else None
        need(start and type(stated) is int, f"{what} is damaged")
        begin, length = start.end() if start else 0, stated or 0
        raw = self.data[begin : begin + length]
        after = self.data[begin + length : begin + length + 12].lstrip(b"\r\n")
        need(after.startswith(b"endstream"), f"{what} is damaged")
        packed = head.get("/Filter")
        if packed is None:
            return raw
        well = packed == "/FlateDecode" and "/DecodeParms" not in head
        need(well, f"{what} is packed in a way that is not read")
        unpacking = zlib.decompressobj()
        try:
            content = unpacking.decompress(raw, MAX_PDF_BYTES)
        except zlib.error:
            raise Fault(f"{what} is damaged") from None
        need(not unpacking.unconsumed_tail, f"{what} unpacks to more than {MAX_PDF_BYTES} bytes")
        need(unpacking.eof and not unpacking.unused_data, f"{what} is damaged")
        return content

    def files(self) -> dict[str, bytes]:
        """Return the files that are attached to it, by name."""
        kept = self.members(self.root).get("/Names", {})
        tree = self.members(self.members(kept).get("/EmbeddedFiles", {}))
        need("/Kids" not in tree, "its list of attached files is in parts, which are not read here")
        pairs = self.object(tree.get("/Names", []))
        need(
            isinstance(pairs, list) and len(pairs) <= 2 * MAX_PDF_FILES,
            "its list of attached files is damaged",
        )
        files: dict[str, bytes] = {}
        left = MAX_PDF_BYTES
        for value in pairs[1::2]:
            about = self.members(value)
            name, part = about.get("/UF", about.get("/F")), self.members(about.get("/EF")).get("/F")
            need(type(name) is bytes and isinstance(part, Reference), "an attached file is damaged")
            text = name.decode("latin-1") if name else ""
            need(text not in files, f"the file {clean(text)} is attached twice")
            files[text] = self.stream(part or 0)
            left -= len(files[text])
            need(left >= 0, f"its attached files have more than {MAX_PDF_BYTES} bytes")
        return files


def bundle_in(file: BinaryIO, report: Report) -> BinaryIO:
    """Return the stream of a bundle, with its layout checked: the file, or what a PDF has inside."""
    start = file.read(5)
    file.seek(0)
    if start != b"%PDF-":
        return checked_layout(file)
    try:
        inside = Pdf(file.read(MAX_PDF_BYTES + 1)).files()
    except Fault as fault:
        save = f"Save the attached file {FILE_IN_PDF} with a PDF reader, and check that"
        raise Fault(f"The PDF cannot be read: {fault}. {save}.") from None
    need(FILE_IN_PDF in inside, f"This PDF has no bundle inside: no attached file {FILE_IN_PDF}.")
    data = inside[FILE_IN_PDF]
    report.facts.append(
        f"The bundle is the file {FILE_IN_PDF} inside the PDF, SHA-256 {sha256(data).hex()}"
    )
    report.not_checked.append(
        "the pages of the PDF, its other files and its signature: the laboratory's software checks them"
    )
    return checked_layout(io.BytesIO(data))


# ---------------------------------------------------------------------------
# Reading the ZIP. Nothing is unpacked; every entry is read up to the size it must have.


ENTRIES = ("README.txt", "verify_bundle.py", "bundle.json", "signature.json")


def read_entry(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return the bytes of an entry, at most so many."""
    need(archive.getinfo(name).file_size <= most, f"{name} is larger than {most} bytes")
    with archive.open(name) as stream:
        data = stream.read(most + 1)
    need(len(data) == archive.getinfo(name).file_size, f"{name} has another size than stated")
    return data


ENTRY, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LARGEST_IN_32 = 2**31 - 1  # a larger size or place is written in 64 bits, in an extra field
IN_EXTRA = 0xFFFFFFFF  # what stands instead of it
FIRST_OF_1980 = 33  # the date of every entry
PLAIN_FILE = 0o100644 << 16  # the permissions of every entry


def described(name: bytes, check_sum: int, size: int, place: int) -> tuple[bytes, bytes]:
    """Return what stands in a bundle in front of the bytes of an entry, and its part of the directory.

    All of it follows from four values. An entry is stored, not packed: a packed one can hold more than it
    unpacks to. Times, versions and permissions are the same in every bundle.
    """
    extra, sizes = b"", (size, size)
    if size * 1.05 > LARGEST_IN_32:  # Python leaves room for a file that grows while it is copied
        extra, sizes = struct.pack("<2H2Q", 1, 16, size, size), (IN_EXTRA, IN_EXTRA)
    version = 45 if extra else 20
    dated = (0, 0, 0, FIRST_OF_1980, check_sum)  # no flags, stored
    lengths = (len(name), len(extra))
    front = struct.pack("<4s5HL2L2H", LOCAL, version, *dated, *sizes, *lengths) + name + extra
    large = [size, size] if size > LARGEST_IN_32 else []
    large += [place] if place > LARGEST_IN_32 else []
    extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version = 45 if large else version
    line = struct.pack(
        "<4s4B4HL2L5H2L", ENTRY, version, 3, version, 0, *dated,
        *((IN_EXTRA if size > LARGEST_IN_32 else size,) * 2), len(name), len(extra), 0, 0, 0, PLAIN_FILE,
        IN_EXTRA if place > LARGEST_IN_32 else place,
    )  # fmt: skip
    return front, line + name + extra


def read_directory(stream: BinaryIO) -> tuple[bytes, int, int]:
    """Return the directory of a ZIP, its place and the number of entries; nothing may follow it.

    That is looked at before any library reads the file: a comment, bytes before or after, and a
    directory of a gigabyte are refused here.
    """
    length = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, length - 98))  # the longest end
    tail = stream.read()
    need(len(tail) >= 22, "it is not a ZIP file")
    need(tail[-22:-18] == END, "it is not a ZIP file, or something follows it, such as a comment")
    count, size, place = struct.unpack("<H2L", tail[-12:-2])
    if tail[-42:-38] == LOCATOR_64:
        place = int.from_bytes(tail[-50:-42], "little")
    end = b""
    if place > LARGEST_IN_32:
        end = struct.pack("<4sQ2H2L4Q", END_64, 44, 45, 45, 0, 0, count, count, size, place)
        end += struct.pack("<4sLQL", LOCATOR_64, 0, place + size, 1)
    end += struct.pack("<4s4H2LH", END, 0, 0, count, count, size, min(place, IN_EXTRA), 0)
    need(tail.endswith(end), "its end is not that of a bundle: it has a comment, or is damaged")
    need(count <= MAX_ZIP_ENTRIES, f"it has more than {MAX_ZIP_ENTRIES} entries")
    need(size <= MAX_ZIP_DIRECTORY_BYTES, "its directory is too long")
    need(
        place + size + len(end) == length,
        "something stands between its entries and its end, or before them",
    )
    stream.seek(place)
    return stream.read(size), place, count


def checked_layout(stream: BinaryIO) -> BinaryIO:
    """Return the stream of a ZIP in which every byte belongs to an entry, or follows from the entries.

    What stands before, between or after them is in no list and in no signature, and is refused.
    """
    directory, stop, count = read_directory(stream)
    at = place = 0
    for _ in range(count):
        head = directory[at : at + 46]
        need(len(head) == 46 and head[:4] == ENTRY, "its directory is damaged")
        check_sum, size, long = struct.unpack("<L4xLH", head[16:30])
        name = directory[at + 46 : at + 46 + long]
        if size == IN_EXTRA:
            size = int.from_bytes(directory[at + 50 + long : at + 58 + long], "little")
        front, line = described(name, check_sum, size, place)
        stream.seek(place)
        need(
            stream.read(len(front)) == front and directory[at : at + len(line)] == line,
            "{} is not stored as in a bundle: it was packed anew, or something is hidden beside "
            "it".format(clean(name.decode("ascii", "backslashreplace"))),
        )
        at, place = at + len(line), place + len(front) + size
    need(at == len(directory), "its directory is longer than its entries")
    need(place == stop, "something stands between its entries and its directory")
    return stream


def check_entries(archive: zipfile.ZipFile) -> None:
    """Stop unless the ZIP holds what a bundle holds and nothing else."""
    entries = archive.infolist()
    for entry in entries:
        known = entry.filename in ENTRIES or re.fullmatch(
            "attachments/[0-9a-f]{64}", entry.filename
        )
        need(known, f"it holds the entry {clean(entry.filename)}, which does not belong there")
    names = [entry.filename for entry in entries]
    need(len(set(names)) == len(names), "it holds an entry twice")
    for name in ENTRIES:
        need(name in names, f"it holds no {name}")
    need(names == [*ENTRIES, *sorted(names[4:])], "its entries are not in their order")


def check_attachments(
    archive: zipfile.ZipFile, bundle: dict[str, Any], named: dict[str, list[Any]], report: Report
) -> None:
    """Compare each attachment with its hash, and those named by events with those present."""
    present = {name[12:] for name in archive.namelist() if name.startswith("attachments/")}
    listed = an_object(bundle["attachments"], bundle["attachments"], "the list of attachments")
    need(present == set(listed), "the attachments in it are not those that it lists")
    withheld = a_list(bundle["withheld"]["attachments"], "the list of withheld attachments")
    need(all(isinstance(name, str) for name in withheld), "a withheld attachment is not a text")
    need(withheld == sorted(set(withheld)), "the withheld attachments are not in order")
    for name in withheld:
        a_hex(name, 64, "a withheld attachment")
        need(name not in present, f"attachment {name} is listed as withheld, and is there")
        need(name in named, f"withheld attachment {name} is named by no event")
    for name in sorted(listed):
        what = f"attachment {name}"
        entry = an_object(listed[name], ("name", "size", "media_type"), what)
        need(name in named, f"{what} is named by no event")
        need(entry in named[name], f"{what} is described otherwise than by the events")
        info = archive.getinfo("attachments/" + name)
        need(info.file_size == entry["size"], f"{what} has another size than stated")
        digest, length = hashlib.sha256(), 0
        with archive.open(info) as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                report.check_time()
                digest.update(block)
                length += len(block)
        need(length == entry["size"], f"{what} has another size than stated")
        need(digest.hexdigest() == name, f"{what} has other bytes than were attached")
    missing = sorted(set(named) - present - set(withheld))
    need(
        not missing,
        "attachment {} is neither there nor listed as withheld".format("".join(missing[:1])),
    )
    report.checked.append(f"attachments that have the bytes that were attached: {len(listed)}")
    if withheld:
        report.notes.append(f"attachments that are named by events and withheld: {len(withheld)}")


# ---------------------------------------------------------------------------
# The checks themselves, in the order of docs/custody-format.md.


def read_head(value: Any, what: str, optional: Iterable[str] = ()) -> tuple[dict[str, Any], bytes]:
    """Return the head in a signed head, and its root."""
    an_object(value, ("head", "signature"), what, optional)
    names = ("format", "ledger", "size", "root", "time", "key")
    head = an_object(value["head"], names, what)
    need(head["format"] == "forensics-head-1", f"{what} is of another format")
    a_hex(head["ledger"], 32, f"{what}: the ledger")
    a_number(head["size"], 1, f"{what}: the size")
    a_time(head["time"], f"{what}: the time")
    a_hex(head["key"], 32, f"{what}: the key")
    return head, a_hex(head["root"], 64, f"{what}: the root")


def open_fields(commitments: dict[str, Any], openings: Any) -> dict[str, Any]:
    """Return the fields that are opened, each compared with its commitment."""
    fields: dict[str, Any] = {}
    before = ""
    for opening in a_list(openings, "the openings"):
        an_object(opening, ("name", "salt", "value"), "an opening")
        name = a_text(opening["name"], "the name of an opening")
        need(name > before, "its openings are not in the order of their names")
        before = name
        need(name in commitments, f"it has no field {clean(name)}")
        salt = a_hex(opening["salt"], 64, f"the salt of field {clean(name)}")
        content = json_bytes([name, opening["value"]])
        commitment = hashlib.sha256(b"forensics-field-1\0" + salt + content).hexdigest()
        need(commitment == commitments[name], f"field {clean(name)} is not what was signed")
        fields[name] = opening["value"]
    return fields


def check_event(
    element: Any, head: dict[str, Any], root: bytes, keys: Keys, before: tuple[int, bytes | None]
) -> tuple[int, bytes, dict[str, Any], dict[str, Any]]:
    """Check one event; return its number, hash, envelope and opened fields."""
    an_object(element, ("envelope", "signature", "openings", "inclusion"), "the element")
    names = ("format", "ledger", "seq", "previous", "recorded_at", "key", "fields")
    envelope = an_object(element["envelope"], names, "the envelope")
    need(envelope["format"] == EVENT_FORMAT, "the envelope is of another format")
    need(envelope["ledger"] == head["ledger"], "it is of another ledger")
    seq, signer = a_number(envelope["seq"], 1, "its number"), envelope["key"]
    need(seq <= head["size"], "it is later than the head")
    previous = a_hex(envelope["previous"], 64, "the previous hash")
    a_time(envelope["recorded_at"], "the time of recording")
    a_hex(signer, 32, "the key id")
    commitments = an_object(envelope["fields"], envelope["fields"], "the fields")
    for name in commitments:
        a_hex(commitments[name], 64, f"the commitment of field {clean(name)}")
    fields = open_fields(commitments, element["openings"])

    signature = a_base64(element["signature"], 64, "the signature")
    content = json_bytes(envelope)
    leaf = sha256(b"\0" + json_bytes([envelope, element["signature"]]))
    if seq == 1:
        need(previous == bytes(32), "the first event names one before it")
    if seq == before[0] + 1 and before[1]:
        need(previous == before[1], f"it does not follow event {before[0]} as that is here")
    proof = a_proof(element["inclusion"], "the proof of inclusion")
    need(
        root_with_leaf(leaf, seq - 1, head["size"], proof) == root,
        "it is not in the ledger of the head",
    )

    kind = fields.get("type")
    if kind in KEY_EVENTS:
        for name in KEY_FIELDS:
            need(name in fields or name not in commitments, f"its field {name} is withheld")
        need("actor" in fields, "it says not who acts")
    if kind == "init" and seq == 1:
        need(
            key_id(keys.enrol(seq, fields)) == signer, "it is not signed by the key that it enrols"
        )
    keys.check_signer(signer, seq, envelope["recorded_at"])
    message = EVENT_FORMAT.encode() + b"\0" + content
    good = ed25519_is_valid(keys.stated[signer], message, signature)
    need(good, "the signature is not by its key over it")
    person = keys.known[signer][0]
    if "actor" in fields:
        need(fields["actor"] == person, f"it is signed with the key of {shown(person)}")
    if kind in KEY_EVENTS:
        keys.event(seq, signer, fields, commitments)
    if kind == "authorise" and "actor" in fields:
        keys.authorised[seq] = fields
    return seq, leaf, envelope, fields


def check_events(
    bundle: dict[str, Any], head: dict[str, Any], root: bytes, keys: Keys, report: Report
) -> tuple[dict[str, list[Any]], list[int], int, list[Seen]]:
    """Check all events; return the attachments they name, how much is withheld, and the events."""
    before: tuple[int, bytes | None] = (0, None)
    named: dict[str, list[Any]] = {}
    seen: list[Seen] = []
    clock, withheld, of_case = "", [0, 0], 0
    for element in a_list(bundle["events"], "the list of events"):
        report.check_time()
        try:
            number = element["envelope"]["seq"]
        except (TypeError, KeyError):
            number = None
        name = number if type(number) is int else f"after event {before[0]}"
        try:
            need(type(number) is not int or number > before[0], "it stands out of order")
            seq, leaf, envelope, fields = check_event(element, head, root, keys, before)
            for entry in a_list(fields.get("attachments", []), "its attachments"):
                an_object(entry, ("sha256", "name", "size", "media_type"), "an attachment")
                a_hex(entry["sha256"], 64, "the hash of an attachment")
                rest = {key: entry[key] for key in ("name", "size", "media_type")}
                named.setdefault(entry["sha256"], []).append(rest)
        except Fault as fault:
            raise Fault(f"Event {name}: {fault}.") from None
        if envelope["recorded_at"] < clock:
            report.notes.append(f"event {seq}: the clock of the ledger ran backwards before it")
        occurred = fields.get("occurred_at")
        if isinstance(occurred, str) and occurred > envelope["recorded_at"]:
            report.notes.append(f"event {seq}: is said to have happened after it was recorded")
        closed = sorted(set(envelope["fields"]) - set(fields))
        withheld[0] += not fields
        withheld[1] += len(closed)
        of_case += fields.get("case") == bundle["case"]
        before, clock = (seq, leaf), max(clock, envelope["recorded_at"])
        seen.append(Seen(envelope, fields, keys.known[envelope["key"]][0]))
        report.timeline.append(timeline_entry(envelope, fields, closed, keys))
    need(of_case, "No event in the bundle is of case {}.".format(clean(bundle["case"])))
    return named, withheld, of_case, seen


# ---------------------------------------------------------------------------
# That no event is missing. Events say which one they are: of their case, of their run …
# (`ordinal`) and of those about each exhibit (`exhibit_ordinals`). The last event of the bundle is a
# tally: it is the last under the head, counts the events of the case, and names all others.

EVENT_FORMAT = "forensics-event-2"
BUNDLE_FORMAT = "forensics-bundle-2"
NEVER_CLOSED = ("type", "case", "ordinal", "rests_on", "authorisation")
SERIES: dict[Any, str] = {"run": "run", "control": "run", "deviation": "run", "validate": "library",
          "competence": "person"}  # fmt: skip


class Seen:
    """An event that was checked, as far as it matters whether one is missing."""

    def __init__(self, envelope: dict[str, Any], fields: dict[str, Any], person: str) -> None:
        self.seq, self.names = envelope["seq"], envelope["fields"]
        self.fields, self.person = fields, person
        self.kind, self.case = fields.get("type"), fields.get("case")
        self.ordinal = fields.get("ordinal")


def check_none_missing(
    bundle: dict[str, Any], head: dict[str, Any], seen: list[Seen], report: Report
) -> None:
    """Stop unless the events are all that the last of them counts and names."""
    for event in seen:
        what = f"Event {event.seq}"
        for name in NEVER_CLOSED:
            need(name in event.fields or name not in event.names, f"{what}: {name} is withheld.")
        if event.ordinal is not None:
            a_number(event.ordinal, 1, f"{what}: its number")
    tally, case = seen[-1], bundle["case"]
    good = (tally.seq, tally.kind, tally.case) == (head["size"], "tally", case)
    need(
        good, "The last event under the head is no tally of the case: later ones could be missing."
    )
    by_number = {event.seq: event for event in seen}
    series: dict[str | None, list[Seen]] = {}
    placed: dict[int, str | None] = {}
    for event in seen:
        placed[event.seq] = series_of(event, by_number, placed)
        series.setdefault(placed[event.seq], []).append(event)
    own = series.pop(f"case {case}")
    unplaced = [event for event in series.pop(None, ()) if event.ordinal is not None]
    need(all(event.ordinal for event in own), "An event of the case has no number.")
    check_series(own, "the case", ())
    check_rest(tally, [event for event in seen if event.case != case])
    for name in sorted(name for name in series if name is not None):
        if not name.startswith("case "):
            check_series(series[name], clean(name), unplaced)
    exhibits = check_exhibits(own)
    for event in seen:
        number = event.fields.get("authorisation")
        there = number is None or number in by_number and by_number[number].kind == "authorise"
        need(there, f"Event {event.seq}: the authorisation that it uses is not in the bundle.")
    report.checked += [
        f"events of the case, each with its number, up to the tally (event {tally.seq}) by "
        f"{shown(tally.person)}: {tally.ordinal}",
        f"events outside the case on which it rests, all that the tally names: {len(seen) - len(own)}",
        f"exhibits and containers, the events about each with their numbers: {exhibits}",
    ]
    report.not_checked.append(TWO_OF_A_NUMBER)


def series_of(event: Seen, by_number: dict[int, Seen], placed: dict[int, str | None]) -> str | None:
    """Return in which series an event is numbered, or None where that is closed, or it is in none.

    `placed` has those of the events before it, so that corrections of corrections cost one step each.
    """
    if event.kind in ("correct", "erase") and event.case is None:
        number: Any = event.fields.get("event")
        earlier = type(number) is int and number < event.seq
        about = by_number.get(number) if earlier else None
        return None if about is None or about.kind in KEY_EVENTS else placed[number]
    if event.case is not None:
        return f"case {event.case}"
    if event.kind in KEY_EVENTS:
        return "the keys"
    if event.kind == "policy":
        return "the policy"
    field: Any = SERIES.get(event.kind)
    name = event.fields.get(field)
    return f"{field} {name}" if isinstance(name, str) else None


def check_series(events: list[Seen], what: str, unplaced: Sequence[Seen]) -> None:
    """Stop unless events are numbered as they stand; what is closed may lie between them."""
    closed = [other.seq for other in unplaced]
    for place, event in enumerate(events, 1):
        if event.ordinal is None:
            continue
        missing = event.ordinal - place - bisect.bisect_left(closed, event.seq)
        before = f"after event {events[place - 2].seq}" if place > 1 else "before it"
        need(
            missing <= 0,
            f"Event {event.seq} is number {event.ordinal} of {what}, and {place} are here up to it: "
            f"{missing} {'is' if missing == 1 else 'are'} missing, {before} or earlier.",
        )
        need(
            event.ordinal >= place,
            f"Event {event.seq} is number {event.ordinal} of {what}, and {place} are here up to it.",
        )


def check_rest(tally: Seen, others: list[Seen]) -> None:
    """Stop unless the events outside the case are those that its tally names."""
    named = a_list(tally.fields.get("rests_on"), "what the tally names")
    need(all(type(number) is int for number in named), "The tally names no numbers of events.")
    here = {event.seq for event in others}
    missing, strange = sorted(set(named) - here), sorted(here - set(named))
    text = "is not in the bundle: the case rests on it, as its tally says"
    need(not missing, "Event {} {}.".format("".join(map(str, missing[:1])), text))
    text = "is not among those on which the case rests, as its tally says"
    need(not strange, "Event {} {}.".format("".join(map(str, strange[:1])), text))


def check_exhibits(events: list[Seen]) -> int:
    """Stop unless the events about each exhibit are numbered without a gap; return how many there are."""
    # Exhibit: its last number, and how many events had said by then nothing of exhibits.
    last: dict[str, tuple[int, int]] = {}
    silent = 0
    for event in events:
        rows = event.fields.get("exhibit_ordinals", [])
        silent += not rows and "exhibit_ordinals" in event.names
        for row in a_list(rows, f"Event {event.seq}: its exhibits"):
            what = f"Event {event.seq}: an exhibit"
            an_object(row, ("exhibit", "ordinal"), what)
            name = a_text(row["exhibit"], what)
            number = a_number(row["ordinal"], 1, what)
            before, then = last.get(name, (0, 0))
            well = 0 < number - before <= 1 + silent - then
            need(
                well,
                f"Event {event.seq} is number {number} about {clean(name)}, the one before it here is "
                f"number {before}: one is missing.",
            )
            last[name] = number, silent
    return len(last)


def timeline_entry(
    envelope: dict[str, Any], fields: dict[str, Any], closed: list[str], keys: Keys
) -> str:
    """Return what the reader sees of an event."""
    when = "{} {} UTC".format(envelope["recorded_at"][:10], envelope["recorded_at"][11:19])
    who = shown(fields.get("actor", keys.known[envelope["key"]][0]))
    lines = [f"{envelope['seq']:6d}  {when}  {shown(fields.get('type', 'withheld'))} by {who}"]
    if "case" in fields and "ordinal" in fields:
        lines[0] += f" (number {shown(fields['ordinal'])} of the case)"
    shown_above = {"type", "actor", "proof", "public_key", "attachments", "ordinal"}
    for name in sorted(set(fields) - shown_above):
        lines.append(f"{clean(name)}: {shown(fields[name])}")
    for entry in fields.get("attachments", []):
        size, digest = shown(entry["size"]), entry["sha256"]
        lines.append(f"attachment: {shown(entry['name'])}, {size} bytes, SHA-256 {digest}")
    if closed:
        lines.append(f"not disclosed: {clean(', '.join(closed))}")
    return "\n          ".join(lines)


GIVEN, ENROLLED, UNPROVED = "given", "enrolled", "unproved"


def standing_of(
    witness: dict[str, Any],
    public: bytes,
    own: dict[str, Any],
    keys: Keys,
    given: frozenset[str],
    clock: float,
) -> tuple[str, str]:
    """Return how the key of a witness is known, and that in words.

    Anybody can make a key and call it a court's. One that the reader gave counts; one that the
    ledger enrolled before the head was signed is the laboratory's word; any other is nothing.
    """
    name = key_id(public)
    known = keys.known.get(name)
    person = shown(known[0]) if known else ""
    roles, agency = keys.roles.get(known[0], (None, "")) if known else (None, "")
    nothing = "proves nothing"
    if name in given:
        how, words = GIVEN, "the key that you gave"
    elif name == own["key"] or (known and roles and roles != ["witness"]):
        return UNPROVED, f"the key of {person} of this ledger, no witness: {nothing}"
    elif not known or not roles:
        return UNPROVED, f"unknown key: {nothing}"
    else:
        how = ENROLLED
        words = f"enrolled by the laboratory itself in event {known[1]} as {person}"
        words += f" of {shown(agency)}" if agency else ""
        words += "; compare the key with theirs by other means"
        if known[1] > own["size"]:
            return UNPROVED, f"enrolled only in event {known[1]}, after this head: {nothing}"
        if known[2] and (known[2] <= own["size"] or keys.ended_at[name] < witness["time"]):
            return UNPROVED, f"enrolled, and ended with event {known[2]}: {nothing}"
        if known[3] and known[3] < max(witness["time"], own["time"]):
            return UNPROVED, f"enrolled, and expired on {known[3]}: {nothing}"
    recorded = keys.recorded_by(own["size"])
    if witness["time"] < recorded:
        return UNPROVED, f"{words}; but events under it were recorded later, up to {recorded}, so "\
            "this time cannot be right and fixes nothing"  # fmt: skip
    if seconds(witness["time"]) - clock > FAR_AHEAD:
        return UNPROVED, f"{words}; but this time lies after the clock here and fixes nothing"
    return how, words


def seconds(text: str) -> int:
    """Return a time that was checked as seconds since 1970."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def check_witnesses(
    bundle: dict[str, Any],
    head: dict[str, Any],
    root: bytes,
    keys: Keys,
    report: Report,
    given: frozenset[str],
    clock: float,
) -> dict[int, bytes]:
    """Check countersigned heads, earlier roots; return all roots that are shown, by size."""
    counted, seen = {GIVEN: 0, ENROLLED: 0, UNPROVED: 0}, set()
    roots = {head["size"]: root}
    witnesses = a_list(bundle["witnesses"], "the list of witnesses")
    need(len(witnesses) <= MAX_WITNESSES, f"It has more than {MAX_WITNESSES} witnesses.")
    for number, value in enumerate(witnesses, 1):
        report.check_time()
        what = f"Witness {number}"
        own, own_root = read_head(value, what, ("witness", "consistency"))
        names = ("name", "public_key", "time", "seen", "signature")
        witness = an_object(value.get("witness"), names, what)
        name = a_text(witness["name"], f"{what}: the name")
        what = f"{what} ({clean(name)})"
        need(own["ledger"] == head["ledger"], f"{what}: the head is of another ledger")
        keys.check_head(own, value["signature"], what)
        public = a_base64(witness["public_key"], 32, f"{what}: the key")
        a_time(witness["time"], f"{what}: the time")
        a_number(witness["seen"], 0, f"{what}: the size seen before")
        need(witness["seen"] <= own["size"], f"{what}: had seen more events than it signed")
        statement = [own, name, witness["time"], witness["seen"]]
        message = b"forensics-witness-1\0" + json_bytes(statement)
        signature = a_base64(witness["signature"], 64, f"{what}: the signature")
        good = ed25519_is_valid(public, message, signature)
        need(good, f"{what}: the signature is not by the witness's key over the head")
        if own["size"] == head["size"]:
            need("consistency" not in value and own_root == root, f"{what}: saw another history")
        else:
            pair = sorted([(own["size"], own_root), (head["size"], root)])
            proof = a_proof(value.get("consistency"), f"{what}: the proof of consistency")
            need(grew(*pair[0], *pair[1], proof), f"{what}: saw another history")
        roots[own["size"]] = own_root
        keys.check_later(own, what)
        how, words = standing_of(witness, public, own, keys, given, clock)
        counted[how] += 1
        seen.add(key_id(public))
        report.facts.append(
            f"Witness {clean(name)}, key {key_id(public)}: countersigned {own['size']} events "
            f"(root {own_root.hex()[:FINGERPRINT_DIGITS]}) on {witness['time']}: {words}"
        )
    report_witnesses(counted, sorted(set(given) - seen), report)
    earlier = a_list(bundle["earlier"], "the list of earlier roots")
    most = len(bundle["events"]) + MAX_WITNESSES
    need(len(earlier) <= most, f"It has more than {most} earlier roots.")
    for value in earlier:
        report.check_time()
        an_object(value, ("size", "root", "consistency"), "An earlier root")
        size, own_root = (
            a_number(value["size"], 1, "its size"),
            a_hex(value["root"], 64, "its root"),
        )
        proof = a_proof(value["consistency"], "its proof")
        need(size < head["size"], f"An earlier root of {size} events is not earlier.")
        need(
            grew(size, own_root, head["size"], root, proof),
            f"The root of {size} events is another.",
        )
        roots[size] = own_root
    return roots


def report_witnesses(counted: dict[str, int], missed: list[str], report: Report) -> None:
    """Say how many of the witnesses are known, and in which way."""
    report.checked += [
        f"heads that witnesses signed, between which and this one it only grew: {sum(counted.values())}",
        f"of these by a key that you gave: {counted[GIVEN]}; by one that only the laboratory enrolled: "
        f"{counted[ENROLLED]}; by an unknown one, or at an impossible time: {counted[UNPROVED]}",
    ]
    rewritten = "the laboratory could have rewritten its whole ledger"
    if not sum(counted.values()):
        report.notes.append(f"no witness signed: {rewritten}")
    elif not counted[GIVEN] and not counted[ENROLLED]:
        report.notes.append(f"no witness that is known signed: {rewritten}")
    elif not counted[GIVEN]:
        report.notes.append(
            f"only the laboratory says whose the witnesses' keys are: until you compare them, {rewritten}"
        )
    for name in missed:
        report.notes.append(f"no witness signed with the key {name} that you gave")


def read_witness_key(text: str) -> str:
    """Return the id of a key that a witness gave the reader: of an id, of base64, of a file."""
    digits = re.sub("[ .:-]", "", text).lower()
    if re.fullmatch("[0-9a-f]{32}", digits):
        return digits
    try:
        if os.path.isfile(text):
            need(os.path.getsize(text) <= 65536, "it is too large")
            with open(text, encoding="utf-8") as stream:
                text = json.load(stream)["public_key"]
        return key_id(a_base64(text, 32, "the key"))
    except (Fault, OSError, ValueError, KeyError, TypeError, RecursionError):
        raise Fault("neither 32 hex digits nor a public key, nor a file with one") from None


def check_fingerprint(text: str, roots: dict[int, bytes], report: Report) -> None:
    """Stop unless the fingerprint on a paper is that of a root that is shown."""
    pattern = r"\s*([1-9][0-9]{0,15})(?:\s*[·.:/-]\s*|\s+)([0-9a-f .-]+)"
    match: Any = re.fullmatch(pattern, text.lower())
    digits = re.sub("[ .-]", "", match.group(2)) if match else ""
    need(
        len(digits) == FINGERPRINT_DIGITS,
        f"{clean(text)} is not a fingerprint: a size and {FINGERPRINT_DIGITS} hex digits.",
    )
    size = int(match.group(1))
    need(
        size in roots,
        f"The bundle proves nothing about the ledger at {size} events. Ask the laboratory for a "
        "bundle that shows its root at that size.",
    )
    good = roots[size].hex().startswith(digits)
    need(good, f"The fingerprint of {size} events on paper is not that of this ledger.")
    report.checked.append(f"the ledger only grew since the paper with {clean(text)}")


def read_bundle(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return bundle.json of a ZIP, with its shape checked down to the events."""
    bundle: dict[str, Any] = json_read(
        read_entry(archive, "bundle.json", MAX_BUNDLE_JSON_BYTES), "bundle.json"
    )
    names: tuple[str, ...] = ("format", "ledger", "case", "made_at", "head", "witnesses", "earlier", "events",
             "keys", "attachments", "files", "withheld")  # fmt: skip
    an_object(bundle, names, "bundle.json")
    need(bundle["format"] == BUNDLE_FORMAT, "bundle.json is of another format")
    a_text(bundle["case"], "the case")
    a_time(bundle["made_at"], "the time when the bundle was made")
    names = ("events", "fields", "attachments", "why")
    withheld = an_object(bundle["withheld"], names, "the list of what is withheld")
    need(isinstance(withheld["why"], str), "the reason of withholding is not a text")
    return bundle


def check_signature(
    archive: zipfile.ZipFile,
    bundle: dict[str, Any],
    head: dict[str, Any],
    keys: Keys,
    report: Report,
) -> None:
    """Stop unless the whole bundle is signed, and the two texts in it are those signed for."""
    signed = json_read(read_entry(archive, "signature.json", 1000), "signature.json")
    an_object(signed, ("key", "signature"), "signature.json")
    message = BUNDLE_FORMAT.encode() + b"\0" + json_bytes(bundle)
    name = a_text(signed["key"], "the key of the bundle")
    when, what = bundle["made_at"], "The bundle"
    keys.check_after(head["size"], when, name, message, signed["signature"], what)
    if when < head["time"]:
        report.notes.append("the bundle is dated before its head: one of the two times is wrong")
    files = an_object(bundle["files"], ("README.txt", "verify_bundle.py"), "the list of files")
    for file in sorted(files):
        data = read_entry(archive, file, MAX_OTHER_BYTES)
        need(sha256(data).hex() == files[file], f"{file} is not what was signed")
    person = shown(keys.known[name][0])
    report.facts.append(f"Bundle made and signed by {person}, key {name}, on {when}")


def check(
    path: str | os.PathLike[str],
    fingerprints: Iterable[str] = (),
    witness_keys: Iterable[str] = (),
    clock: float | None = None,
) -> Report:
    """Return the report of a bundle that holds; raise Fault where it does not.

    `witness_keys` are ids of keys; `clock` is in seconds since 1970, by default this computer's.
    """
    try:
        return checked(path, fingerprints, witness_keys, time.time() if clock is None else clock)
    except Fault:
        raise
    except Exception as error:  # whatever a hostile file provokes must not look like a pass
        text = str(error) if isinstance(error, (zipfile.BadZipFile, OSError)) else repr(error)
        raise Fault(f"The file cannot be read as a bundle: {clean(text[:300])}") from error


def checked(
    path: str | os.PathLike[str],
    fingerprints: Iterable[str],
    witness_keys: Iterable[str],
    clock: float,
) -> Report:
    """Do what `check` says; other errors than Fault may come out."""
    report = Report()
    with open(__file__, "rb") as stream:
        own = sha256(stream.read())
    with open(path, "rb") as file, zipfile.ZipFile(bundle_in(file, report)) as archive:
        check_entries(archive)
        bundle = read_bundle(archive)
        report.ledger, report.case = bundle["ledger"], bundle["case"]
        head, root = read_head(bundle["head"], "The head")
        need(head["ledger"] == bundle["ledger"], "The head is of another ledger.")
        keys = Keys(bundle["ledger"], bundle["keys"])
        report.facts += [
            f"Ledger {head['ledger']}, case {clean(bundle['case'])}",
            f"Head: {head['size']} events, root {head['root'][:FINGERPRINT_DIGITS]}, of {head['time']}",
            f"This program has SHA-256 {own.hex()}",
        ]
        named, withheld, of_case, seen = check_events(bundle, head, root, keys, report)
        need(set(keys.stated) == set(keys.known), "The list of keys has one that no event enrols.")
        keys.check_head(head, bundle["head"]["signature"], "The head")
        check_signature(archive, bundle, head, keys, report)
        stated, count = bundle["withheld"], len(bundle["events"])
        need(
            [stated["events"], stated["fields"]] == withheld,
            "What is withheld is not as much as is stated.",
        )
        report.checked += [
            f"events that are as they were signed, each by a key enrolled and valid then: {count}",
            f"of these in the ledger of the head: all; of the case: {of_case}",
            "the head is signed by a key that was valid then",
        ]
        check_none_missing(bundle, head, seen, report)
        roots = check_witnesses(bundle, head, root, keys, report, frozenset(witness_keys), clock)
        check_attachments(archive, bundle, named, report)
        for text in fingerprints:
            check_fingerprint(text, roots, report)
    report.notes += [
        f"events of the ledger that are not in the bundle: {head['size'] - count}",
        f"fields that are not disclosed: {withheld[1]}; events of which none is: {withheld[0]}",
    ]
    if stated["why"]:
        report.notes.append(f"stated reason for this: {clean(stated['why'])}")
    if seconds(head["time"]) - clock > FAR_AHEAD:
        report.notes.append("the head is dated after the clock of this computer")
    if bundle["files"]["verify_bundle.py"] != own.hex():
        report.notes.append("the verifier in the bundle is not the one that you are running")
    return report


NOT_CHECKED = (
    "that this is the laboratory's ledger: compare its id, or a fingerprint on a paper from it",
    "that what the events say is true: they are statements of those who signed them",
    "the laboratory's rules (roles, seals, balance of quantities): they need its whole ledger",
    "that the witnesses are who they say: compare the key ids with them by other means (--witness-key)",
)
TWO_OF_A_NUMBER = (
    "that no two events have the same number: other software than the laboratory's could have written "
    "such a ledger; its whole ledger shows it"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; return the exit code."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(description="Check a disclosed bundle of a ledger of custody.")
    parser.add_argument(
        "bundle", help="the ZIP file that was disclosed, or a report in PDF with it"
    )
    parser.add_argument(
        "--fingerprint", action="append", default=[], metavar="TEXT",
        help="a ledger fingerprint from a label, receipt or report that you hold",
    )  # fmt: skip
    parser.add_argument(
        "--witness-key", action="append", default=[], metavar="ID",
        help="the key of a witness as you got it from the witness: its id, the key or a file",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    given = []
    for text in options.witness_key:
        try:
            given.append(read_witness_key(text))
        except Fault as fault:
            parser.error(f"--witness-key {clean(text[:200])}: {fault}")
    try:
        report = check(options.bundle, options.fingerprint, given)
    except Fault as fault:
        print(f"NOT VERIFIED. The first fault:\n  {fault}")
        print("\nRely on nothing else in this bundle. Ask the laboratory for it again.")
        return 4
    print_report(report)
    return 0


def print_report(report: Report) -> None:
    """Print what was found."""
    print("VERIFIED.\n")
    print("\n".join(report.facts))
    for title, lines in (
        ("Checked", report.checked),
        ("To be known", report.notes),
        ("Not checked", report.not_checked),
    ):
        print(f"\n{title}:")
        print("\n".join("  - " + line for line in lines))
    print("\nEvents (number, time of recording, what, by whom):")
    print("\n".join(report.timeline))


if __name__ == "__main__":
    sys.exit(main())
