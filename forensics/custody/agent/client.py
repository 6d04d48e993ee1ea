"""Starting a key agent, asking it, and signing through it."""

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

from forensics.core.children import python, start
from forensics.custody.agent import sockets
from forensics.custody.agent.sockets import is_available
from forensics.custody.canonical import load_json, parse_time
from forensics.custody.keys import (
    KEY_ID_DIGITS,
    SIGNATURE_BYTES,
    PassphraseSource,
    PublicKey,
    public_key_of,
)
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.io.files import AnyPath
from forensics.messages import _

MAX_MINUTES = 480
"""Without a signature: one shift."""
_MAX_LINE = 10_000
_LABEL = re.compile(r"[^\x00-\x1f\x7f-\x9f]{0,200}")


class StaleAgent(ForensicsError):
    """A socket at which nobody listens: its agent ended without locking."""


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """What an agent says of itself.

    Attributes
    ----------
    key : str
        Key id, 32 hex digits.
    label : str
        Whose key it is, as given to ``custody unlock``.
    until : str
        When it will be locked if nothing is signed, in UTC.
    memory_locked : bool
        Whether the system keeps its memory off the disk.
    path : Path
        Its socket.
    """

    key: str
    label: str
    until: str
    process: int
    memory_locked: bool
    path: Path

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = asdict(self)
        path = values.pop("path")
        return values | {"socket": str(path)}


class AgentKey:
    """A private key in an agent: it signs, and nobody sees it.

    Parameters
    ----------
    path : path
        Socket of the agent.
    label : str
        Whose key it is.

    Attributes
    ----------
    on_signed : callable, optional
        Called with the time until which the key is unlocked, after each signature.
    """

    def __init__(self, public: PublicKey, path: Path, label: str) -> None:
        self.public, self.path, self.label = public, path, label
        self.on_signed: Callable[[str], None] | None = None

    def __repr__(self) -> str:
        return f"<AgentKey {self.id}>"

    @property
    def id(self) -> str:
        """The key id of its public key."""
        return self.public.id

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes.

        Raises
        ------
        ForensicsError
            If the agent has locked the key, or is gone.
        VerificationError
            If the answer is not a signature by this key.
        """
        try:
            answer = _ask(self.path, {"do": "sign"}, message)
        except StaleAgent:
            answer = {"locked": True}
        if "locked" in answer:
            raise ForensicsError(
                _(
                    "The key of {person} is now locked, so nothing was signed. Unlock it "
                    "(custody unlock), or repeat and give the passphrase."
                ).format(person=self.label)
            )
        signature, until = answer.get("signature"), answer.get("until")
        if not isinstance(signature, str) or not re.fullmatch(
            rf"[0-9a-f]{{{2 * SIGNATURE_BYTES}}}", signature
        ):
            raise _strange(self.path)
        data = bytes.fromhex(signature)
        if not self.public.verify(data, message):
            raise VerificationError(
                _(
                    "{path}: the process that answers does not have the key {key}; nothing was "
                    "signed."
                ).format(path=self.path, key=self.id)
            )
        parse_time(until)
        if self.on_signed is not None:
            self.on_signed(str(until))
        return data


def unlock(
    key_file: AnyPath,
    passphrase: PassphraseSource,
    *,
    label: str,
    minutes: float = 15,
) -> AgentStatus:
    """Start an agent that holds the key of a file, in place of one that holds it already.

    Parameters
    ----------
    passphrase : callable
        Returns the passphrase. It goes to the agent through a pipe; this process does not see the key.
    label : str
        Whose key it is, for people.
    minutes : float
        How long it is held without a signature; at most `MAX_MINUTES`.

    Raises
    ------
    UsageError
        If there are no such sockets on this system (Windows), or the minutes are out of range.
    VerificationError
        If the passphrase is wrong, or the folder of the sockets is open to others.
    """
    _check_available()
    if not 0 < minutes <= MAX_MINUTES:
        raise UsageError(_("A key is unlocked for 1 to {most} minutes.").format(most=MAX_MINUTES))
    if not _LABEL.fullmatch(label):
        raise UsageError(_("The name of a key must be one line of at most 200 characters."))
    public = public_key_of(key_file)
    sockets.socket_path(public.id)
    sockets.check_place(sockets.folder(), make=True)
    secret = passphrase().encode("utf-8", "surrogatepass")
    server = "from forensics.custody.agent.server import main; main(sys.argv[1:])"
    with start(
        python(server, Path(key_file).resolve(), label, str(minutes)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(secret + b"\n")
            process.stdin.close()
        line = process.stdout.readline(_MAX_LINE)
        if not line:
            said = process.stderr.read(_MAX_LINE).decode("utf-8", "replace").strip()
            raise ForensicsError(
                _("The key agent did not start: {reason}").format(
                    reason=(said.splitlines() or ["?"])[-1]
                )
            )
    try:
        answer = dict(load_json(line.decode("utf-8")))
    except (ValueError, InputError):
        raise ForensicsError(
            _("The key agent did not start: {reason}").format(reason=line)
        ) from None
    if "error" in answer:
        failures = {kind.exit_code: kind for kind in (UsageError, InputError, VerificationError)}
        raise failures.get(answer["exit_code"], ForensicsError)(answer["error"])
    return _status(sockets.socket_path(public.id), answer)


def find_agent(public: PublicKey) -> AgentKey | None:
    """Return the key in an agent that holds it; None where no agent was started for it.

    Raises
    ------
    StaleAgent
        If there is a socket for it, but nobody listens.
    VerificationError
        If folder or socket are open to others.
    """
    if not is_available():
        return None
    path = sockets.folder() / f"{public.id}.sock"
    if not sockets.check_socket(path):
        return None
    status = _status(path, _ask(path, {"do": "status"}))
    if status.key != public.id:
        raise _strange(path)
    return AgentKey(public, path, status.label)


def list_agents() -> Iterator[AgentStatus | Path]:
    """Yield the status of each agent of this user; of a stale socket, its path."""
    if not is_available():
        return
    for path in sockets.key_sockets():
        sockets.check_socket(path)
        try:
            yield _status(path, _ask(path, {"do": "status"}))
        except StaleAgent:
            yield path


def lock(key: str | None = None) -> list[str]:
    """End the agent of a key, or all of this user; stale sockets are removed.

    Parameters
    ----------
    key : str, optional
        Key id.

    Returns
    -------
    list of str
        Ids of the keys that were locked.
    """
    _check_available()
    locked = []
    for path in sockets.key_sockets():
        if key is not None and path.stem != key:
            continue
        sockets.check_socket(path)
        try:
            _ask(path, {"do": "lock"})
            locked.append(path.stem)
        except StaleAgent:
            path.unlink(missing_ok=True)
    return locked


def _check_available() -> None:
    if not is_available():
        raise UsageError(
            _(
                "On this system (Windows), a key cannot be unlocked for a session; every act "
                "asks for the passphrase. “custody batch” signs many acts with one passphrase."
            )
        )


def _ask(path: Path, head: dict[str, Any], message: bytes = b"") -> dict[str, Any]:
    """Return the answer of the agent at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(sockets.MAX_SECONDS)
        try:
            connection.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError) as error:
            raise _stale(path) from error
        except OSError as error:
            raise _silent(path, error) from error
        user = sockets.peer_user(connection)
        if user is not None and user != os.geteuid():
            raise VerificationError(
                _("{path}: a process of another user answers here; it is not used.").format(
                    path=path
                )
            )
        try:
            sockets.send(connection, head, message)
            answer, _nothing = sockets.receive(connection)
        except ConnectionError as error:  # it ended meanwhile
            raise _stale(path) from error
        except OSError as error:
            raise _silent(path, error) from error
    if "error" in answer:
        raise ForensicsError(str(answer["error"])[:500])
    return answer


def _status(path: Path, answer: dict[str, Any]) -> AgentStatus:
    key, label, until = answer.get("key"), answer.get("label"), answer.get("until")
    process, memory_locked = answer.get("process"), answer.get("memory_locked")
    if "locked" in answer:
        raise StaleAgent(_("{path}: the key was locked just now.").format(path=path))
    if not (
        isinstance(key, str)
        and re.fullmatch(rf"[0-9a-f]{{{KEY_ID_DIGITS}}}", key)
        and isinstance(label, str)
        and _LABEL.fullmatch(label)
        and isinstance(until, str)
        and type(process) is int
        and type(memory_locked) is bool
    ):
        raise _strange(path)
    parse_time(until)
    return AgentStatus(key, label, until, process, memory_locked, path)


def _stale(path: Path) -> StaleAgent:
    return StaleAgent(
        _(
            "The key agent at {path} ended without locking (it was killed, or the computer "
            "stopped); its key is no longer unlocked."
        ).format(path=path)
    )


def _silent(path: Path, error: OSError) -> ForensicsError:
    return ForensicsError(
        _("{path}: the key agent does not answer ({error}); end it, or lock the key.").format(
            path=path, error=error.strerror or error
        )
    )


def _strange(path: Path) -> VerificationError:
    return VerificationError(
        _("{path}: the process that answers is not a key agent of this software.").format(path=path)
    )
