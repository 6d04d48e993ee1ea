"""What goes over the socket of a key agent: a head of JSON, and bytes to be signed.

A frame is the length of its head (4 bytes, big-endian), the head (an object of JSON in UTF-8), and
as many bytes as its member ``bytes`` says. Both sides take the other for hostile: lengths are
bounded before anything is read, and all of a frame must come within `MAX_SECONDS`.
"""

import json
import socket
import struct
import time
from typing import Any

from forensics.custody.budgets import MAX_BUNDLE_JSON_BYTES
from forensics.custody.canonical import load_json
from forensics.errors import InputError
from forensics.messages import _

FORMAT = "forensics-agent-1"
MAX_HEAD_BYTES = 4096
MAX_MESSAGE_BYTES = MAX_BUNDLE_JSON_BYTES + 64
"""A bundle is signed whole, with what it is for before it; events and heads are far shorter."""
MAX_SECONDS = 10.0
"""For one frame. The other side is a process of the same computer."""
DOMAINS = ("forensics-event-2", "forensics-head-1", "forensics-bundle-2")
"""What an agent signs: events, heads and bundles, each said before a zero byte (docs/custody-format.md)."""

_LENGTH = struct.Struct(">I")
_CHUNK = 65536


def check_domain(message: bytes) -> None:
    """Refuse to sign what is not an event, a head or a bundle of this software.

    Raises
    ------
    InputError
    """
    domain, zero, _content = message[:64].partition(b"\x00")
    if not zero or domain.decode("ascii", "replace") not in DOMAINS:
        raise InputError(_("The key agent signs events, heads and bundles only."))


def send(connection: socket.socket, head: dict[str, Any], message: bytes = b"") -> None:
    """Send a frame.

    Parameters
    ----------
    head : dict
        Plain values; ``format`` and ``bytes`` are added.
    """
    data = json.dumps({"format": FORMAT, **head, "bytes": len(message)}).encode()
    if len(data) > MAX_HEAD_BYTES or len(message) > MAX_MESSAGE_BYTES:
        raise InputError(_("This is too long for the key agent."))
    connection.settimeout(MAX_SECONDS)
    connection.sendall(_LENGTH.pack(len(data)) + data + message)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Return head and message of a frame.

    Raises
    ------
    InputError
        If it is longer than allowed, not of this format, cut off, or slow.
    OSError
        If the connection breaks.
    """
    end = time.monotonic() + MAX_SECONDS
    (length,) = _LENGTH.unpack(_read(connection, _LENGTH.size, end))
    if not 0 < length <= MAX_HEAD_BYTES:
        raise InputError(_("This is not a message of a key agent."))
    head = _parsed(_read(connection, length, end))
    size = head["bytes"]
    if type(size) is not int or not 0 <= size <= MAX_MESSAGE_BYTES:
        raise InputError(_("This is not a message of a key agent."))
    return head, _read(connection, size, end)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        head = load_json(data.decode("utf-8"))
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT or "bytes" not in head:
        raise InputError(_("This is not a message of a key agent."))
    return head


def _read(connection: socket.socket, size: int, end: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        left = end - time.monotonic()
        if left <= 0:
            raise InputError(_("The message of the key agent came too slowly."))
        connection.settimeout(left)
        try:
            part = connection.recv(min(_CHUNK, size - len(data)))
        except TimeoutError:
            continue
        if not part:
            raise InputError(_("The message of the key agent was cut off."))
        data += part
    return bytes(data)
