"""A working folder of steps: done once, done again where something changed, never half done.

::

    .forensics-mixture         marks the folder as one of these
    steps/NAME/…               what a step made
    steps/NAME/step.json       from what, with which parameters and program; sums of what it made

A step is made in a folder of another name, which gets its name when all is there. So a power cut
or Ctrl-C costs the step that was being made, and no other.
"""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import UsageError
from forensics.messages import _
from forensics.resources import sha256

__all__ = ["FORMAT", "Done", "Workplace", "open_workplace"]

# Changed whenever a step makes something else of the same things.
FORMAT = 1
_MARK, _RECORD, _PARTIAL = ".forensics-mixture", "step.json", "partial-"


@dataclass(frozen=True)
class Done:
    """A step that is done.

    Attributes
    ----------
    folder : Path
    made : dict of str to str
        SHA-256 of each file in it.
    counts : dict
        What was counted on the way.
    resumed : bool
        Whether it was done before.
    """

    folder: Path
    made: dict[str, str]
    counts: dict
    resumed: bool


class Workplace:
    """An opened working folder; made by `open_workplace`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._steps = folder / "steps"
        self._steps.mkdir(exist_ok=True)
        for left in folder.glob(_PARTIAL + "*"):  # of a run that was killed
            shutil.rmtree(left)

    def step(
        self,
        name: str,
        make: Callable[[Path], dict],
        *,
        inputs: Mapping[str, str],
        parameters: Mapping[str, object],
        program: str = "",
    ) -> Done:
        """Do a step, unless the same was done of the same.

        Parameters
        ----------
        name : str
            Name of a folder.
        make : callable
            Writes files into the folder that it is given, and returns what it counted.
        inputs : mapping of str to str
            SHA-256 of everything that it reads.
        parameters : mapping
            Everything else that can change what it makes.
        program : str
            Name and version of the program that does it, where it is not this one.
        """
        settings = {
            "format": FORMAT,
            "program": program,
            "parameters": dict(parameters),
            "inputs": dict(inputs),
        }
        # As JSON has it: lists for tuples.
        settings = json.loads(json.dumps(settings))
        place = self._steps / name
        known = _record(place)
        if known and known["asked"] == settings and known["made"] == _sums(place):
            return Done(place, known["made"], known["counts"], resumed=True)
        partial = self.folder / f"{_PARTIAL}{secrets.token_hex(4)}"
        try:
            partial.mkdir()
            counts = make(partial)
            made = _sums(partial)
            text = json.dumps({"asked": settings, "made": made, "counts": counts}, indent=1)
            (partial / _RECORD).write_text(text + "\n", encoding="utf-8")
            if place.exists():  # a folder cannot be replaced by another at once
                shutil.rmtree(place)
            os.replace(partial, place)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        return Done(place, made, json.loads(json.dumps(counts)), resumed=False)


@contextmanager
def open_workplace(folder: str | os.PathLike) -> Iterator[Workplace]:
    """Open, or make, a working folder for this run alone.

    Yields
    ------
    Workplace

    Raises
    ------
    UsageError
        If it holds something else, or another run works in it.
    """
    from filelock import FileLock, Timeout

    folder = Path(folder)
    mark = folder / _MARK
    if folder.exists() and not mark.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("{folder} holds other things; give a new folder for the work.").format(folder=folder)
        )
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(mark)  # the mark is the lock
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            _("Another run works in {folder}; wait for it, or give another folder.").format(
                folder=folder
            )
        ) from None
    try:
        yield Workplace(folder)
    finally:
        lock.release()
        mark.touch()  # the lock takes its file with it on some systems


def _sums(folder: Path) -> dict[str, str]:
    return {
        path.name: sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != _RECORD
    }


def _record(place: Path) -> dict | None:
    """Return what is written of a step; None where it is not done, or is damaged."""
    try:
        record = json.loads((place / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(record, dict) and {"asked", "made", "counts"} <= record.keys()
    return record if whole else None
