"""``forensics age train-clock``: an epigenetic clock from animals of known age."""

import sys
from pathlib import Path

import click

from forensics.age.defaults import STEPS, TRAINABLE
from forensics.cli.printing import print_lines
from forensics.errors import UsageError
from forensics.io.files import check_folder
from forensics.messages import _, ngettext, numeral
from forensics.statistics import LEVEL

__all__ = ["train_clock"]


@click.command(
    "train-clock",
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
@click.option(
    "--ages",
    required=True,
    type=click.Path(dir_okay=False),
    help=_(
        "Table with the columns sample and age (years), and animal where one has several samples."
    ),
)
@click.option("--species", required=True, help=_("Scientific name."))
@click.option("--tissue", required=True, help=_("Tissue that was sampled, and on which array."))
@click.option(
    "--transform",
    type=click.Choice(TRAINABLE),
    default="none",
    show_default=True,
    help=_("Scale of the fit: years, or log(age + 2), on which the errors grow with the age."),
)
@click.option("--name", help=_("Name of the clock; default: that of the file."))
@click.option("--seed", type=int, default=1, show_default=True, help=_("Of what is drawn."))
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("New file for the clock."),
)
def train_clock(betas, ages, species, tissue, transform, name, seed, output) -> None:
    if output.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=output))
    check_folder(output)
    for option, text in (("--species", species), ("--tissue", tissue), ("--name", name)):
        if text is not None and not text.strip():
            raise UsageError(
                _("{option} is empty; it stands beside every age.").format(option=option)
            )
    from forensics.age import clock_training
    from forensics.age.tables import known_ages_of, read_table

    sheet, table = read_table(ages), read_table(betas)
    known = known_ages_of(sheet, table)
    with click.progressbar(
        length=STEPS, file=sys.stderr, label=_("training"), hidden=not sys.stderr.isatty()
    ) as bar:
        trained = clock_training.train_clock(
            known.methylation, known.ages, known.sites, name=name or output.stem, species=species,
            tissue=tissue, animals=known.animals, transform=transform, seed=seed,
            sources=[{"file": one.source, "sha256": one.sha256} for one in (table, sheet)],
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


def _evaluation(trained, output) -> list[tuple[str, str]]:
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
