"""Batches that outlive a killed run.

Beside the file that is to be made lies ``FILE.part``: what was asked for (``request.json``) and
each answer that arrived, with its SHA-256 in a file of its own that is written after it. An
answer without its sum, or with another, counts as not arrived. A second process that wants the
same folder is refused.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["StagingFolder", "open_staging"]

_REQUEST, _LOCK_FILE, _SUM = "request.json", ".held", ".sha256"
# What differs between two runs of one request without changing what is asked for.
_STARTED = "started"


class StagingFolder:
    """The folder of an unfinished fetch; made by `open_staging`.

    Attributes
    ----------
    path : pathlib.Path
    started : str
        When the request was first made, UTC, ISO 8601.
    """

    def __init__(self, path: Path, started: str) -> None:
        self.path, self.started = path, started

    def get(self, name: str) -> bytes | None:
        """Return an answer that arrived whole, or None."""
        try:
            content = (self.path / name).read_bytes()
            expected = (self.path / (name + _SUM)).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return content if hashlib.sha256(content).hexdigest() == expected else None

    def put(self, name: str, content: bytes) -> None:
        """Keep an answer."""
        _replace(self.path / name, content)
        digest = hashlib.sha256(content).hexdigest()
        _replace(self.path / (name + _SUM), f"{digest}\n".encode("ascii"))

    def forget(self) -> None:
        """Throw away every answer: the same request then asks anew."""
        for name in self.names():
            (self.path / (name + _SUM)).unlink(missing_ok=True)
            (self.path / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """Return the names of the answers that are kept, in order."""
        return sorted(
            path.name.removesuffix(_SUM) for path in self.path.iterdir() if path.name.endswith(_SUM)
        )

    def copy_to(self, folder: Path) -> None:
        """Copy every answer into a folder, whole or not at all."""
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
        partial.mkdir(parents=True)
        try:
            for name in self.names():
                shutil.copy2(self.path / name, partial / name)
            if folder.is_dir():
                folder.rmdir()  # an empty one is free to take
            os.replace(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def open_staging(
    path: Path, request: Mapping[str, object], *, now: str, restart: bool = False
) -> Iterator[StagingFolder]:
    """Yield the folder of a request, begun before or not; it stays where the block fails.

    Parameters
    ----------
    path : pathlib.Path
    request : mapping
        What is asked for; anything that JSON can say.
    now : str
        The time, for a request that was not begun before.
    restart : bool
        Whether to throw away what was begun.

    Raises
    ------
    UsageError
        If another request was begun there, or another process works there.
    """
    from filelock import FileLock, Timeout  # not for who fetches nothing

    path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path / _LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UsageError(
            _("Another process is fetching into {path}; wait for its end.").format(path=path)
        ) from error
    done, staging = False, None
    try:
        if restart:
            for entry in path.iterdir():
                if entry.name != _LOCK_FILE and entry.is_file():
                    entry.unlink()
        staging = StagingFolder(path, _begun(path, dict(request), now))
        yield staging
        done = True
    finally:
        lock.release()
        if done or (staging and not staging.names()):  # what holds no answer helps nobody
            shutil.rmtree(path, ignore_errors=True)


def _begun(path: Path, request: dict[str, object], now: str) -> str:
    """Return when the request was begun; it is written down where it was not."""
    place = path / _REQUEST
    request = json.loads(json.dumps(request))
    if not place.exists():
        foreign = [entry.name for entry in path.iterdir() if entry.name != _LOCK_FILE]
        if foreign:
            raise UsageError(
                _(
                    "{path} exists and is not the folder of an unfinished fetch; move it away."
                ).format(path=path)
            )
        _replace(place, (json.dumps({_STARTED: now, **request}, indent=1) + "\n").encode())
        return now
    try:
        before = json.loads(place.read_bytes())
        started = str(before.pop(_STARTED))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            _("this does not say what was asked for; give --restart to begin anew"),
            source=str(place),
        ) from error
    if before != request:
        raise UsageError(
            _(
                "{path} holds the beginning of another request. Finish that one, or give --restart "
                "to throw it away."
            ).format(path=path)
        )
    return started


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:  # a crash leaves the partial file, which has no sum and is thrown away with the folder
        with open(partial, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
