"""The socket of a key agent: where it is, who may open it, and what goes over it.

The folder is of mode 0700, each socket of mode 0600 and called after the id of its key. Whatever is
not so, or belongs to somebody else, is refused and not repaired: somebody may have put it there.

A message is a frame: the length of its head (4 bytes, big-endian), the head (an object of JSON in UTF-8), and
as many bytes as its member ``bytes`` says, which are to be signed. Both sides take the other for hostile: lengths are
bounded before anything is read, and all of a frame must come within `MAX_SECONDS`.
"""

import json
import os
import re
import socket
import stat
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forensics.custody.budgets import MAX_BUNDLE_JSON_BYTES
from forensics.custody.canonical import load_json
from forensics.custody.keys import KEY_ID_DIGITS
from forensics.errors import InputError, UsageError, VerificationError
from forensics.messages import _

_NAME = re.compile(rf"[0-9a-f]{{{KEY_ID_DIGITS}}}\.sock")
MAX_PATH_BYTES = 100
"""A path of a socket has at most 104 bytes on macOS, 108 on Linux, with the zero byte at its end."""


def is_available() -> bool:
    """Return whether this system has sockets that belong to one user."""
    return hasattr(socket, "AF_UNIX") and hasattr(os, "geteuid")


def folder() -> Path:
    """Return the folder of the sockets: in XDG_RUNTIME_DIR where that is set, or the user's own."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(base):
        return Path(base) / "wildlife-forensics"
    import platformdirs

    return platformdirs.user_state_path("wildlife-forensics", appauthor=False) / "agent"


def socket_path(key: str) -> Path:
    """Return where the agent of a key listens.

    Raises
    ------
    UsageError
        If the path is too long for a socket.
    """
    path = folder() / f"{key}.sock"
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise UsageError(
            _(
                "{path}: this path is too long for a socket; set XDG_RUNTIME_DIR to a shorter folder of "
                "your own."
            ).format(path=path)
        )
    return path


def check_place(place: Path, *, make: bool = False) -> bool:
    """Return whether the folder is there; it must be of this user, and open to nobody else.

    Parameters
    ----------
    make : bool
        Whether to make it where it is not there.

    Raises
    ------
    VerificationError
    """
    if make:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
    return _is_own(
        place,
        stat.S_ISDIR,
        _(
            "{path}: this must be a folder that only you can open; no key is unlocked there. "
            "Find out who made it, and remove it."
        ),
    )


def check_socket(path: Path) -> bool:
    """Return whether a socket is there; it must be of this user, and open to nobody else.

    Raises
    ------
    VerificationError
    """
    if not check_place(path.parent):
        return False
    return _is_own(
        path,
        stat.S_ISSOCK,
        _(
            "{path}: this must be a socket that only you can open; it is not used. Find out who "
            "made it, and remove it."
        ),
    )


def _is_own(path: Path, is_kind: Callable[[int], bool], refused: str) -> bool:
    try:
        state = path.lstat()
    except FileNotFoundError:
        return False
    if not is_kind(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise VerificationError(refused.format(path=path))
    return True


def key_sockets() -> list[Path]:
    """Return the sockets that are called after a key, in order of their names."""
    place = folder()
    if not check_place(place):
        return []
    return sorted(path for path in place.iterdir() if _NAME.fullmatch(path.name))


def peer_user(connection: socket.socket) -> int | None:
    """Return the id of the user at the other end; None where the system does not say."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    size = struct.calcsize("3i")
    _process, user, _group = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, option, size)
    )
    return int(user)


FORMAT = "forensics-agent-1"
MAX_HEAD_BYTES = 4096
MAX_MESSAGE_BYTES = MAX_BUNDLE_JSON_BYTES + 64
"""A bundle is signed whole, with what it is for before it; events and heads are far shorter."""
MAX_SECONDS = 10.0
"""For one frame. The other side is a process of the same computer."""
DOMAINS = ("forensics-event-2", "forensics-head-1", "forensics-bundle-2", "forensics-state-1")
"""What an agent signs: events, heads, bundles and states that are kept beside a ledger, each said before a zero byte
(docs/custody-format.md)."""

_LENGTH = struct.Struct(">I")
_CHUNK = 65536


# -- what goes over a socket -----------------------------------------------------------


def check_domain(message: bytes) -> None:
    """Refuse to sign what is not an event, a head, a bundle or a state of this software.

    Raises
    ------
    InputError
    """
    domain, zero, _content = message[:64].partition(b"\x00")
    if not zero or domain.decode("ascii", "replace") not in DOMAINS:
        raise InputError(
            _("The key agent signs events, heads, bundles and states of ledgers only.")
        )


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
