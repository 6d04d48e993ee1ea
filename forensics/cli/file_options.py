"""Options that name a file: to be examined, one definition for the commands that have several; of results, its form."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from forensics.cli.options import option
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["form_of_file", "input_file"]

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
        from forensics.io.workbooks import xlsx_bytes

        xlsx_bytes((), ())  # whether it can be written, before the work begins
    return form
