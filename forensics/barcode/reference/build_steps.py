"""The steps of building a library, by the names under which progress is reported."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from forensics.messages import N_, _

__all__ = ["BuildStep", "Progress", "no_progress", "progress_of"]

Progress = Callable[[str, int, int], object]
"""Called with a step, such as ``12S: screening``, how much of it is done, and of how much."""


class BuildStep(StrEnum):
    """A step of a build, in its order."""

    READING = N_("reading")
    """Of files."""
    SCREENING = N_("screening")
    """Of the distinct sequences of a locus that are compared with all others."""
    NAMES = N_("screening of names")
    """Of the records of a locus whose names are compared with those of their neighbours."""
    INDEX = N_("index")
    """Of the records of a locus."""
    CALIBRATION = N_("calibration")
    """Of the records of a locus that are looked up without themselves."""


def progress_of(
    progress: Progress, step: BuildStep, locus: str = ""
) -> Callable[[int, int], object]:
    """Return what is called with done and total of one step."""
    name = _(str(step))
    return partial(progress, _("{locus}: {step}").format(locus=locus, step=name) if locus else name)


def no_progress(step: str, done: int, total: int) -> None:
    """Show nothing."""
