"""The process that holds an unlocked key. `forensics.custody.agent.client.unlock` starts it.

It reads the passphrase from its standard input, opens the key file, listens, and says so with a
line of JSON on its standard output. It ends, and the key with it, after the minutes without a
signature, after `MAX_SESSION_HOURS` in any case, when it is asked to lock, and on SIGTERM, SIGHUP
and SIGINT. When a key is freed, OpenSSL overwrites it; what Python copied of it goes back to the
system with the process.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from forensics.custody.agent import sockets
from forensics.custody.agent.client import lock
from forensics.custody.canonical import time_text
from forensics.custody.keys import PrivateKey, open_key
from forensics.errors import ForensicsError, UsageError
from forensics.messages import _

MAX_SESSION_HOURS = 12
"""However often the key is used: a shift ends, and the next person unlocks the own key."""
_LOOK_EVERY = 20.0
"""Seconds. A computer that slept is noticed by its clock, which its counter of seconds does not show."""
_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)
_MCL_CURRENT = 1
_PR_SET_DUMPABLE = 4


class Locked(Exception):
    """The key is not held any longer."""


class Agent:
    """A key, until when it is held, and what may be done with it.

    Parameters
    ----------
    label : str
        Whose key it is, as given to ``custody unlock``.
    minutes : float
        How long it is held without a signature.
    clock, counter : callable
        Seconds since 1970, and seconds that nobody sets. The key is held no longer than either says.
    """

    def __init__(
        self,
        key: PrivateKey,
        label: str,
        minutes: float,
        *,
        memory_locked: bool = False,
        clock: Callable[[], float] = time.time,
        counter: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.seconds, self.memory_locked = label, minutes * 60, memory_locked
        self.id = key.id
        self._key: PrivateKey | None = key
        self._clock, self._counter = clock, counter
        self._last = (
            clock() + MAX_SESSION_HOURS * 3600,
            counter() + MAX_SESSION_HOURS * 3600,
        )
        self._renew()

    def _renew(self) -> None:
        now = (self._clock() + self.seconds, self._counter() + self.seconds)
        self._ends = min(now[0], self._last[0]), min(now[1], self._last[1])

    @property
    def seconds_left(self) -> float:
        """How long the key is still held; 0 when it is not."""
        if self._key is None:
            return 0.0
        return max(0.0, min(self._ends[0] - self._clock(), self._ends[1] - self._counter()))

    @property
    def until(self) -> str:
        """When it will be locked, in UTC."""
        return time_text(datetime.now(UTC) + timedelta(seconds=self.seconds_left))

    def lock(self) -> None:
        """Forget the key."""
        self._key = None
        gc.collect()

    def answer(self, head: dict[str, Any], message: bytes) -> dict[str, Any]:
        """Return the answer to a request.

        Raises
        ------
        Locked
            If the key is not held any longer, or was to be locked.
        InputError
            If it is not a request, or asks to sign what an agent does not sign.
        """
        if not self.seconds_left or self._key is None:
            raise Locked
        match head.get("do"):
            case "sign":
                sockets.check_domain(message)
                signature = self._key.sign(message)
                self._renew()
                return {"signature": signature.hex(), "until": self.until}
            case "status":
                return {
                    "key": self.id,
                    "label": self.label,
                    "until": self.until,
                    "process": os.getpid(),
                    "memory_locked": self.memory_locked,
                }
            case "lock":
                raise Locked
        raise UsageError(_("The key agent does not know this request."))


def serve(agent: Agent, listener: socket.socket, leave: Callable[[], None]) -> None:
    """Answer one request after another until the key is locked; `leave` takes the socket away."""
    while left := agent.seconds_left:
        listener.settimeout(min(left, _LOOK_EVERY))
        try:
            connection = listener.accept()[0]
        except TimeoutError:
            continue
        with connection:
            # A client that breaks off, or a stranger, ends no session.
            with contextlib.suppress(OSError):
                if not _converse(agent, connection, leave):
                    return


def _converse(agent: Agent, connection: socket.socket, leave: Callable[[], None]) -> bool:
    """Answer one request; return whether the key is still held."""
    user = sockets.peer_user(connection)
    if user is not None and user != os.geteuid():
        return True  # not a word to others
    try:
        head, message = sockets.receive(connection)
        sockets.send(connection, agent.answer(head, message))
    except Locked:
        agent.lock()
        leave()  # before it is said, so that nobody finds the socket afterwards
        sockets.send(connection, {"locked": True})
        return False
    except ForensicsError as error:
        sockets.send(connection, {"error": str(error)[:500]})
    return True


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, of mode 0600; what is stale there is removed."""
    sockets.check_place(path.parent, make=True)
    if sockets.check_socket(path):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(os.fspath(path))
    finally:
        os.umask(mask)
    listener.listen(4)
    return listener


def protect_memory() -> bool:
    """Keep the memory of this process from the disk and from other processes, where the system can.

    Returns
    -------
    bool
        Whether it is locked: not written to the swap file. Many systems allow that to few processes.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        return bool(library.mlockall(_MCL_CURRENT) == 0)
    return False


def _end(_signal: int, _frame: object) -> NoReturn:
    raise Locked


def main(arguments: list[str]) -> None:
    """Hold the key of a file: ``KEY-FILE LABEL MINUTES``; the passphrase is the first line of stdin."""
    if os.fork():
        return  # nobody waits for the other, and it is nobody's child
    os.setsid()
    for name in _SIGNALS:
        signal.signal(name, _end)
    with contextlib.suppress(Locked):
        hold(Path(arguments[0]), arguments[1], float(arguments[2]))


def hold(path: Path, label: str, minutes: float) -> None:
    """Open a key, say that it is held, and serve until it is locked."""
    protect_memory()
    try:
        key = open_key(path, _passphrase)
        agent = Agent(key, label, minutes, memory_locked=protect_memory())
        del key
        place = sockets.socket_path(agent.id)
        lock(agent.id)  # an agent of this key that is there already
        listener = listen(place)
    except ForensicsError as error:
        _say({"error": str(error), "exit_code": error.exit_code})
        return
    number = place.lstat().st_ino

    def leave() -> None:
        if listener.fileno() < 0:
            return  # the number may be that of another socket by now
        with contextlib.suppress(OSError):
            if place.lstat().st_ino == number:  # not the socket of an agent that came after
                place.unlink()
        listener.close()

    try:
        _say({"ready": True, **agent.answer({"do": "status"}, b"")})
        _leave_the_terminal()
        serve(agent, listener, leave)
    finally:
        for name in _SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        agent.lock()
        leave()


def _passphrase() -> str:
    line = sys.stdin.buffer.readline()
    return line.removesuffix(b"\n").decode("utf-8", "surrogatepass")


def _say(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)


def _leave_the_terminal() -> None:
    """Let go of the pipes and the terminal from which the key was unlocked."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
