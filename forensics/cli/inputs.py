"""Options that name a file: to be examined, one definition for the commands that have several; of results, its form.

Options by which a command takes the official list of Appendices, or the laboratory's settings give it.

Options of commands that search a library: which one, and who searches.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from forensics.cli.options import option
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official


_ENDINGS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "json", ".xlsx": "xlsx"}
"""Forms of files whose name says what they are; of others ``--format`` does."""
_FORMS = ("table", *_ENDINGS.values())

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


def form_of_file(style: str, path: Path | None, forms: Sequence[str]) -> str:
    """Return the form of the results: that of the file's ending where it has one that is known.

    Raises
    ------
    UsageError
        If the command has no such form, or another was typed.
    ForensicsError
        If openpyxl (the extra ``excel``) is not installed and a workbook is to be written.
    """
    form = _ENDINGS.get(path.suffix.lower()) if path else None
    source = click.get_current_context().get_parameter_source("style")
    is_typed = source is ParameterSource.COMMANDLINE
    if (
        form is None or path is None or (form == "tsv" and is_typed and style not in _FORMS)
    ):  # lines with tabulators
        return style
    if form not in forms and not (form == "xlsx" and "csv" in forms):
        raise UsageError(
            _(
                "{path}: the results of this command are not rows of a table; end the name in .json, or in .txt "
                "for the text of the screen."
            ).format(path=path)
        )
    if is_typed and style != form:
        raise UsageError(
            _(
                "{path} ends in {ending}, and --format is {form}; leave --format out, or choose another ending."
            ).format(path=path, ending=path.suffix, form=style)
        )
    if form == "xlsx":
        from forensics.io.tables import xlsx_bytes

        xlsx_bytes((), ())  # whether it can be written, before the work begins
    return form


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
    help=_("Criteria that a call to species must meet: casework, or a file with your own profile."),
)
