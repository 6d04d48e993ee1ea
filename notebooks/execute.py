"""Runs the lessons and stores their results in them.

::

    python notebooks/execute.py                       all
    python notebooks/execute.py notebooks/04_origin.ipynb

The results that are stored are those of a run in an empty folder, so no lesson can rest on where
it lies. A test runs the lessons in the same way and compares what they print with what is
stored; cells with the tag ``varies`` are not compared (keys, hashes and times are new every time).
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

__all__ = ["LONGEST", "executed", "lessons"]

LONGEST = 600
"""Seconds after which a cell hangs, on a busy machine, too. A whole lesson should take 60."""
# Listings are those of a day, and the results of a lesson must not change overnight.
_FIXED = {"LANGUAGE": "en", "SOURCE_DATE_EPOCH": "1795564800"}  # 25 November 2026


def lessons() -> list[Path]:
    """Return the lessons in their order."""
    return sorted(Path(__file__).resolve().parent.glob("[0-9][0-9]_*.ipynb"))


def executed(path: Path, folder: Path, longest: float = LONGEST) -> nbformat.NotebookNode:
    """Return a lesson with the results of running it in a folder; a cell may take `longest` seconds.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    lesson = nbformat.read(path, as_version=4)
    NotebookClient(
        lesson,
        timeout=longest,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    ).execute(env={**os.environ, **_FIXED})
    # What the kernel says of itself differs from machine to machine.
    lesson.metadata = nbformat.read(path, as_version=4).metadata
    return lesson


def main(paths: list[str]) -> None:
    for path in map(Path, paths) if paths else lessons():
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            lesson = executed(path, Path(folder))
        nbformat.write(lesson, path)
        print(f"{path.name}  {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
