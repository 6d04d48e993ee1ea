"""The one place that starts processes: none of them imports or runs a file of the working directory.

Python looks for modules in the working directory first where it is started with ``-m`` or ``-c``, and Windows looks
there for programs. Evidence lies in that folder, and a file beside it, such as ``json.py``, must never run.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forensics.io.files import AnyPath

_CODE = os.fspath(Path(__file__).resolve().parents[2])

Command = Sequence[AnyPath]
"""A program by its full path, and its arguments."""


def start(command: Command, **options: Any) -> "subprocess.Popen[Any]":
    """Start a program as `subprocess.Popen` does."""
    return subprocess.Popen(_by_full_path(command), **options)


def run(command: Command, **options: Any) -> "subprocess.CompletedProcess[Any]":
    """Run a program to its end as `subprocess.run` does."""
    return subprocess.run(_by_full_path(command), **options)


def _by_full_path(command: Command) -> Command:
    if not os.path.isabs(command[0]):  # Windows would look in the working directory, too
        raise ValueError(f"not a full path: {os.fspath(command[0])}")
    return command


def python(code: str, *arguments: AnyPath) -> list[AnyPath]:
    """Return the command that runs code in a Python which finds what this one finds elsewhere than in the working directory."""
    start_path = f"import sys; sys.path[:] = {ascii(_safe_path())}; "
    return [sys.executable, "-I", "-c", start_path + code, *arguments]


def _safe_path() -> list[str]:
    path = [entry for entry in sys.path if os.path.isabs(entry) and not _is_here(entry)]
    return path if _CODE in path else [*path, _CODE]


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(folder, os.curdir)
    except OSError:
        return False


def find_in_path(name: AnyPath) -> str | None:
    """Return the full path of a program: a name is looked up in the folders of PATH, a path is taken as it is."""
    endings = os.environ.get("PATHEXT", "").split(os.pathsep) if os.name == "nt" else []
    folders = [""] if os.path.dirname(name) else filter(os.path.isabs, os.get_exec_path())
    for folder in folders:
        for ending in ("", *endings):
            path = os.path.abspath(os.path.join(folder, f"{os.fspath(name)}{ending}"))
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None
