"""``forensics library validate``: try a library on itself before casework."""

import json
import os
import sys
from pathlib import Path

import click

from forensics.barcode.defaults import VALIDATION_SAMPLES
from forensics.cli.call_options import CONFIDENCE_OPTION, PRIOR_OPTION
from forensics.messages import _, numeral

__all__ = ["validate"]


@click.command(
    help=_(
        "Try a library on itself before casework: error rates, reliability, confusable species.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library validate my_library\n"
        "  forensics library validate my_library --known results.csv\n\n"
        "The acceptance criteria are printed before the run. Records are looked up as if they, "
        "their species or their genus were not in the library. OUTPUT gets validation.html, to "
        "read and print, and validation.json."
    )
)
@click.argument("which", metavar="[DIR|NAME]", default="embedded")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help=_("Folder for the page and the JSON; default: validation-NAME, here."),
)
@click.option(
    "--known",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=_(
        "CSV of your own blind specimens: specimen, true species, called taxon, group. Give it "
        "twice to join true species with the CSV of 'forensics identify'."
    ),
)
@click.option(
    "--criteria",
    "criteria_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Your own acceptance criteria, TOML or JSON."),
)
@CONFIDENCE_OPTION
@PRIOR_OPTION
@click.option(
    "--samples",
    type=click.IntRange(1),
    default=VALIDATION_SAMPLES,
    show_default=True,
    help=_("Records to try at most, a locus."),
)
@click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))
def validate(
    which, output, known, criteria_file, confidence, in_library_prior, samples, seed
) -> None:
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
        confidence=confidence,
        in_library_prior=in_library_prior,
        samples=samples,
        seed=seed,
        known=scored,
        workers=os.cpu_count() or 1,
        progress=_progress() if sys.stderr.isatty() else lambda *_what: None,
    )
    output.mkdir(parents=True, exist_ok=True)
    content = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    _write(output / "validation.json", content)
    _write(output / "validation.html", page(result))
    click.echo()
    for locus, found in result["loci"].items():
        outcomes = [row["outcome"] for row in found["criteria"]]
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

    place, held = output.resolve(), library.resolve()
    if place == held or held in place.parents:
        raise UsageError(
            _("{output} lies in the library, where nothing is ever written; give another.").format(
                output=output
            )
        )


def _write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(content, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _progress():
    bars = {}

    def progress(locus: str, done: int, total: int) -> None:
        if locus not in bars:
            bars[locus] = [
                click.progressbar(length=total, label=locus, show_pos=True, file=sys.stderr),
                0,
            ]
            bars[locus][0].render_progress()
        bar, before = bars[locus]
        bar.update(done - before)
        bars[locus][1] = done
        if done == total:
            bar.render_finish()

    return progress
