"""Signatures of many events, checked in a second process beside the replay.

Two threads of one Python are no help: after each signature, a tenth of a millisecond, one waits for the other.
"""

import marshal
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import lru_cache
from subprocess import DEVNULL, PIPE
from typing import Any, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forensics.core import children

TOGETHER = 1024
"""Signatures that the second process gets at once: 1 MB. With fewer it is not started."""
_AHEAD = 2
"""Lots that it has; where it has as many, the next is checked here."""

_key = lru_cache(1024)(Ed25519PublicKey.from_public_bytes)


class Signed(NamedTuple):
    """A signature to be checked; `place` is the number of problems told before it."""

    seq: int
    key: str
    place: int
    public: bytes
    signature: bytes
    message: bytes


def _check(lot: Iterable[tuple[bytes, bytes, bytes]]) -> bytes:
    """Return of each key, signature and message whether they belong together: 1 or 0."""
    found = bytearray()
    for public, signature, message in lot:
        try:
            _key(public).verify(signature, message)
            found.append(1)
        except InvalidSignature:
            found.append(0)
    return bytes(found)


def serve() -> None:
    """Answer each lot on standard input as `_check` does, on standard output."""
    while True:
        try:
            lot = marshal.load(sys.stdin.buffer)
        except EOFError:
            return
        sys.stdout.buffer.write(_check(lot))
        sys.stdout.buffer.flush()


class Signatures:
    """Signatures to be checked, in the order of their events."""

    def __init__(self) -> None:
        self._lot: list[Signed] = []
        self._ahead: deque[tuple[list[Signed], Future[bytes]]] = deque()
        self._wrong: list[Signed] = []
        self._closing = ExitStack()
        self._pool: ThreadPoolExecutor | None = None
        self._child: Any = None  # `subprocess.Popen`, with pipes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        with suppress(BrokenPipeError):  # it ended before
            self._closing.close()

    def add(self, signed: Signed) -> None:
        """Take one that may be checked later."""
        self._lot.append(signed)
        if len(self._lot) < TOGETHER:
            return
        while self._ahead and self._ahead[0][1].done():
            self._take()
        if len(self._ahead) == _AHEAD:
            self._check_here()
            return
        if self._pool is None:
            self._pool = self._closing.enter_context(ThreadPoolExecutor(1))
        self._ahead.append((self._lot, self._pool.submit(self._ask, self._lot)))
        self._lot = []

    def wrong(self) -> list[Signed]:
        """Check what is left; return those of all that are not good."""
        self._check_here()
        while self._ahead:
            self._take()
        return sorted(self._wrong)

    def _take(self) -> None:
        lot, found = self._ahead.popleft()
        self._note(lot, found.result())

    def _check_here(self) -> None:
        lot, self._lot = self._lot, []
        self._note(lot, _check(one[3:] for one in lot))

    def _note(self, lot: Sequence[Signed], found: bytes) -> None:
        wrong = (
            one._replace(message=b"") for one, good in zip(lot, found, strict=True) if not good
        )
        self._wrong += wrong

    def _ask(self, lot: Sequence[Signed]) -> bytes:
        """Have a lot checked by the second process; where there is none, or it ends, it is checked here."""
        parts = [one[3:] for one in lot]
        try:
            if self._child is None:
                command = children.python(
                    "from forensics.custody import signatures; signatures.serve()"
                )
                self._child = self._closing.enter_context(
                    children.start(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
                )
            marshal.dump(parts, self._child.stdin)
            self._child.stdin.flush()
            found: bytes = self._child.stdout.read(len(parts))
        except OSError:
            found = b""
        return found if len(found) == len(parts) else _check(parts)
