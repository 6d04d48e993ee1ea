"""``forensics age train-clock``: an epigenetic clock from animals of known age."""

import sys
from pathlib import Path
from typing import Any

import click

from forensics.age.options import STEPS, ClockTrainingOptions
from forensics.cli.options import Command, new_file, option, options_of
from forensics.cli.printing import print_lines
from forensics.core.options import Group
from forensics.io.files import check_folder
from forensics.messages import _, ngettext, numeral
from forensics.stats.intervals import LEVEL

__all__ = ["train_clock"]


@click.command(
    "train-clock",
    cls=Command,
    help=_(
        "Train an epigenetic clock on animals of known age.\n\n"
        "\b\n"
        "Example: forensics age train-clock betas.csv --ages animals.csv --output mine.json\n"
        "  --species 'Loxodonta africana' --tissue skin\n\n"
        "BETAS is a table of beta values: samples in rows and sites in columns, or the other way. "
        "The elastic net's penalties are chosen by cross-validation, and its errors are those of "
        "animals that took no part in it. The clock holds for this species, tissue and array."
    ),
)
@click.argument("betas", type=click.Path(dir_okay=False))
@option(
    "--ages",
    required=True,
    type=click.Path(dir_okay=False),
    group=Group.EXAMINE,
    help=_(
        "Table with the columns sample and age (years), and animal where one has several samples."
    ),
)
@options_of(ClockTrainingOptions, "options")
@option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("New file for the clock."),
)
def train_clock(betas: str, ages: str, options: ClockTrainingOptions, output: Path) -> None:
    new_file(output)
    check_folder(output)
    from forensics.age import clock_training
    from forensics.age.tables import known_ages_of, read_table

    sheet, table = read_table(ages), read_table(betas)
    known = known_ages_of(sheet, table)
    with click.progressbar(
        length=STEPS, file=sys.stderr, label=_("training"), hidden=not sys.stderr.isatty()
    ) as bar:
        trained = clock_training.train_clock(
            known.methylation, known.ages, known.sites, name=options.name or output.stem,
            species=options.species, tissue=options.tissue, animals=known.animals,
            transform=options.transform, seed=options.seed,
            sources=[{"file": part.source, "sha256": part.sha256} for part in (table, sheet)],
            progress=lambda: bar.update(1),
        )  # fmt: skip
    clock_training.save_trained(trained, output)
    print_lines(_evaluation(trained, output))
    if known.incomplete:
        click.echo(
            ngettext(
                "{count} site was not measured in every sample and is left out ({some}).",
                "{count} sites were not measured in every sample and are left out ({some}).",
                len(known.incomplete),
            ).format(count=len(known.incomplete), some=", ".join(known.incomplete[:3])),
            err=True,
        )


def _evaluation(trained: Any, output: Path) -> list[tuple[str, str]]:
    """Return label and text of how the clock did on animals that were left out."""
    card = trained.card
    correlation = card["correlation"]
    margin = trained.margin(LEVEL)
    wide = _("{level:.0%} interval: ± {margin:.1f} years")
    if card["transform"] != "none":
        wide = _("{level:.0%} interval: ± {margin:.2f} on the scale of log(age + 2)")
    return [
        (_("Clock"), f"{output}   sha256 {trained.clock.sha256}"),
        (
            _("Trained on"),
            _(
                "{samples} samples of {animals} animals, {youngest:.1f} to {oldest:.1f} years; "
                "{used} of {sites} sites are used"
            ).format(**card | {"used": len(card["coefficients"])}),
        ),
        (
            _("Left out"),
            _(
                "mean error {mae:.2f} years, median {median_error:.2f}, correlation {shown} (the mean "
                "age of all would be off by {spread:.2f} years)"
            ).format(**card, shown="-" if correlation is None else numeral(correlation, ".2f")),
        ),
        (_("Prediction"), wide.format(level=LEVEL, margin=margin)),
        (
            _("Limits"),
            _(
                "for this species, tissue and array, and these ages. Casework needs the "
                "laboratory's acceptance: forensics custody validate {sha256}"
            ).format(sha256=trained.clock.sha256),
        ),
    ]
