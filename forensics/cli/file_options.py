"""Options that name a file to be examined: one definition for the commands that have several."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from forensics.cli.options import option
from forensics.core.options import Group

__all__ = ["input_file"]

F = TypeVar("F", bound=Callable[..., Any])


def input_file(*declarations: str, help: str, group: Group = Group.EXAMINE) -> Callable[[F], F]:
    """Return the option of one file that is read.

    Parameters
    ----------
    *declarations : str
        Flag, and the name of the argument where that is another.
    help : str
        Translated.
    group : Group
    """
    return option(
        *declarations, type=click.Path(dir_okay=False), metavar="FILE", group=group, help=help
    )
