"""Options of commands that search a library: which one, and who searches."""

import click

from forensics.cli.options import option
from forensics.core.options import Group
from forensics.messages import _

__all__ = ["CRITERIA", "JOBS", "LIBRARY"]

LIBRARY = option(
    "--library",
    "library_name",
    default="embedded",
    show_default=True,
    metavar="DIR|NAME",
    setting="library",
    group=Group.EXAMINE,
    help=_("Library to search: a folder, or the embedded demonstration set."),
)
JOBS = option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    group=Group.ADVANCED,
    help=_(
        "Processes that search, in a run of more than a hundred queries; they change no result. "
        "Default: one a processor."
    ),
)
CRITERIA = option(
    "--criteria",
    default="none",
    show_default=True,
    metavar="none|casework|FILE",
    setting="criteria",
    group=Group.DECIDE,
    help=_("What a call to species must meet; casework, or the file of your own profile."),
)
