"""Options by which a command takes the official list of Appendices, or the laboratory's settings give it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.options import option
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official

__all__ = ["index_options", "open_official"]


def index_options(command: Callable) -> Callable:
    """Add ``--index`` and ``--index-date``, which set ``index_path`` and ``index_date``."""
    for decorate in (
        option(
            "--index-date",
            metavar="DATE",
            envvar="FORENSICS_CITES_INDEX_DATE",
            show_envvar=True,
            group=Group.DECIDE,
            is_rare=True,
            help=_("Day on which --index was downloaded."),
        ),
        option(
            "--index",
            "index_path",
            type=click.Path(path_type=Path, dir_okay=False),
            envvar="FORENSICS_CITES_INDEX",
            show_envvar=True,
            group=Group.DECIDE,
            is_rare=True,
            help=_(
                "Index of CITES Species or History of CITES Listings, CSV as downloaded; needs "
                "--index-date."
            ),
        ),
    ):
        command = decorate(command)
    return command


def open_official(index_path: Path | None, index_date: str | None) -> "Official | None":
    """Return the official list that was given; None where none was.

    Raises
    ------
    UsageError
        If one of both was given alone, or the day is none.
    InputError
        If the file is not an official list.
    """
    if (index_path is None) != (index_date is None):
        raise UsageError(_("--index and --index-date go together: the file does not say its day."))
    if index_path is None or index_date is None:
        return None
    from forensics.taxonomy.listings import read_official
    from forensics.taxonomy.listings.lookup import day_of

    return read_official(index_path, as_of=day_of(index_date))
