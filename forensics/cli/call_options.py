"""Options that the commands share which call a species: library, confidence, prior, floor, who searches."""

import click

from forensics.barcode.defaults import CONFIDENCE, FLOOR, IN_LIBRARY_PRIOR
from forensics.cli.numbers import NumberRange
from forensics.messages import _

__all__ = [
    "CONFIDENCE",
    "CONFIDENCE_OPTION",
    "FLOOR",
    "FLOOR_OPTION",
    "IN_LIBRARY_PRIOR",
    "JOBS_OPTION",
    "LIBRARY_OPTION",
    "PRIOR_OPTION",
    "SCHEDULER_OPTION",
]

LIBRARY_OPTION = click.option(
    "--library",
    "library_name",
    default="embedded",
    show_default=True,
    metavar="DIR|NAME",
    help=_("Library to search: a folder, or the embedded demonstration set."),
)
CONFIDENCE_OPTION = click.option(
    "--confidence",
    type=NumberRange(0.5, 1, min_open=True, max_open=True),
    default=CONFIDENCE,
    show_default=True,
    help=_("Probability that a call must reach; lower names more, and more often wrongly."),
)
PRIOR_OPTION = click.option(
    "--in-library-prior",
    type=NumberRange(0, 1, min_open=True, max_open=True),
    default=IN_LIBRARY_PRIOR,
    show_default=True,
    help=_(
        "How likely it is beforehand that the library holds the species. The default is for a "
        "library built for the species you meet; give 0.5 where you cannot say."
    ),
)
FLOOR_OPTION = click.option(
    "--floor",
    type=NumberRange(0, 1, min_open=True),
    default=FLOOR,
    show_default=True,
    help=_("Identity under which a record is no neighbour."),
)
JOBS_OPTION = click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help=_(
        "Processes that search, in a run of more than a hundred queries; they change no result. "
        "Default: one a processor."
    ),
)
SCHEDULER_OPTION = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help=_(
        "Dask scheduler whose workers search, such as tcp://10.0.0.1:8786 (extra cluster); it changes "
        "no result."
    ),
)
