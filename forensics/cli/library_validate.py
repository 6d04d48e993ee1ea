"""``forensics library validate``: try a library on itself before casework."""

import json
import os
from pathlib import Path

import click

from forensics.barcode.validating.options import ValidationOptions
from forensics.cli.options import Command, option, options_of
from forensics.cli.printing import Bar
from forensics.core.options import Group
from forensics.messages import _, numeral

__all__ = ["validate"]


@click.command(
    cls=Command,
    help=_(
        "Try a library on itself before casework: error rates, reliability, confusable species.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library validate my_library\n"
        "  forensics library validate my_library --known results.csv\n\n"
        "The acceptance criteria are printed before the run. Records are looked up as if they, "
        "their species or their genus were not in the library. OUTPUT gets validation.html, to "
        "read and print, and validation.json."
    ),
)
@click.argument("which", metavar="[DIR|NAME]", default="embedded")
@option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    group=Group.OUTPUT,
    help=_("Folder for the page and the JSON; default: validation-NAME, here."),
)
@option(
    "--known",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.EXAMINE,
    help=_(
        "CSV of your own blind specimens: specimen, true species, called taxon, group. Give it "
        "twice to join true species with the CSV of 'forensics identify'."
    ),
)
@option(
    "--criteria",
    "criteria_file",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.DECIDE,
    help=_("Your own acceptance criteria, TOML or JSON."),
)
@options_of(ValidationOptions, "options")
def validate(
    which: str, output: Path | None, known: tuple[Path, ...], criteria_file: Path | None,
    options: ValidationOptions,
) -> None:  # fmt: skip
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.validating.acceptance import CRITERIA, METRICS, read_criteria
    from forensics.barcode.validating.known import read_known, score
    from forensics.barcode.validating.validation import validate
    from forensics.barcode.validating.validation_page import page
    from forensics.clock import utc_now

    opened = open_library(which)
    criteria = read_criteria(criteria_file) if criteria_file else CRITERIA
    scored = score(read_known(known), known) if known else None
    output = output or Path(f"validation-{opened.name}".translate(_NOT_IN_NAMES))
    _refuse_library(output, opened.path)
    time = utc_now()
    click.echo(_("Acceptance criteria, stated before the run:"))
    for criterion in criteria:
        sign = "≥" if criterion.at_least else "≤"
        what, why = _(METRICS[criterion.metric]), _(criterion.reason)
        click.echo(
            f"  {what} {sign} {numeral(criterion.limit, 'g')} ({', '.join(criterion.lengths)})"
        )
        click.echo(f"    {why}")
    opened.verify()
    result = validate(
        opened,
        criteria=criteria,
        time=time,
        confidence=options.confidence,
        in_library_prior=options.in_library_prior,
        samples=options.samples,
        seed=options.seed,
        known=scored,
        workers=os.cpu_count() or 1,
        progress=Bar().show,
    )
    output.mkdir(parents=True, exist_ok=True)
    content = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    _write(output / "validation.json", content)
    _write(output / "validation.html", page(result))
    click.echo()
    for locus, outcome in result["loci"].items():
        outcomes = [row["outcome"] for row in outcome["criteria"]]
        click.echo(
            _("{locus}: {met} met, {not_met} not met, {not_shown} not shown").format(
                locus=locus,
                met=outcomes.count("met"),
                not_met=outcomes.count("not met"),
                not_shown=outcomes.count("not shown"),
            )
        )
    click.echo(_("Read {page}").format(page=output / "validation.html"))


_NOT_IN_NAMES = {ord(letter): "_" for letter in '<>:"/\\|?* '} | dict.fromkeys(range(32), "_")


def _refuse_library(output: Path, library: Path) -> None:
    from forensics.errors import UsageError

    place, folder = output.resolve(), library.resolve()
    if place == folder or folder in place.parents:
        raise UsageError(
            _("{output} lies in the library, where nothing is ever written; give another.").format(
                output=output
            )
        )


def _write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    from forensics.io.files import replace_file

    replace_file(path, content.encode())
