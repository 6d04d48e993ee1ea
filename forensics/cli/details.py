"""Options of commands that write a line a sample: which samples are shown in detail."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from forensics.cli.options import option
from forensics.cli.output import Writer
from forensics.core.options import Group
from forensics.messages import _

F = TypeVar("F", bound=Callable[..., Any])


def details_options(function: F) -> F:
    """Give a command ``--verbose`` and ``--show``, as `verbose` and `shown`."""
    show = option(
        "--show",
        "shown",
        multiple=True,
        metavar="SAMPLE",
        group=Group.OUTPUT,
        help=_("Also show the details of this sample; may be repeated."),
    )
    verbose = option(
        "--verbose",
        "-v",
        is_flag=True,
        group=Group.OUTPUT,
        help=_("Show the details of each sample, with all notices."),
    )
    return verbose(show(function))


def check_shown(writer: Writer, *, verbose: bool, shown: Sequence[str]) -> None:
    """Check that details are asked for where people read them.

    Raises
    ------
    click.UsageError
        If the results are written as JSON or rows.
    """
    if (verbose or shown) and not writer.is_table:
        raise click.UsageError(
            _("-v and --show are for --format table; the other forms have everything.")
        )


def unknown_sample(missing: Sequence[str], names: Iterable[str]) -> str:
    """Return in words that the run has no such sample, and which come near; "" where none is missing."""
    if not missing:
        return ""
    import difflib

    every = list(dict.fromkeys(names))
    near = difflib.get_close_matches(missing[0], every, 3) or every[:3]
    return _("No sample of this run is called {name!r}; there are {names}.").format(
        name=missing[0], names=", ".join(near) + (" …" if len(every) > len(near) else "")
    )
