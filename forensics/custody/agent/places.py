"""Where the sockets of key agents are, and who may open them.

The folder is of mode 0700, each socket of mode 0600 and called after the id of its key. Whatever is
not so, or belongs to somebody else, is refused and not repaired: somebody may have put it there.
"""

import os
import re
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path

from forensics.custody.keys import KEY_ID_DIGITS
from forensics.errors import UsageError, VerificationError
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
            "{path}: this is not a folder that only you can open; keys are not unlocked there. "
            "Look at who made it, and remove it."
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
            "{path}: this is not a socket that only you can open; it is not used. Look at who made "
            "it, and remove it."
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
