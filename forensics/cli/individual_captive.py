"""``forensics individual captive``: wild, captive or neither, by measurements such as isotopes."""

import click

from forensics.cli.custody_findings import recording
from forensics.cli.individual_options import alone, write_rows
from forensics.cli.numbers import NumberRange, number
from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.errors import UsageError
from forensics.individual.captive.defaults import CONFIDENCE, LEVEL
from forensics.messages import _

__all__ = ["captive"]


@click.command(
    help=_(
        "Say whether isotopes support wild, captive or neither, by the laboratory's own samples.\n\n"
        "\b\n"
        "Example: forensics individual captive exhibit.csv --reference known.csv\n"
        "  --class-column origin --group-column farm\n\n"
        "The classifier is trained each time; how it does on its own reference stands beside the "
        "answers. Samples of one animal or one facility are one group: without --group-column the "
        "figures are too good. Both tables must be on one scale, such as VSMOW or VPDB."
    )
)
@click.argument("questioned", type=click.Path())
@click.option(
    "--reference",
    required=True,
    type=click.Path(dir_okay=False),
    help=_("Table of samples of known class."),
)
@click.option(
    "--class-column",
    required=True,
    metavar="COLUMN",
    help=_("Column with the class, such as wild."),
)
@click.option(
    "--group-column", metavar="COLUMN", help=_("Column with the animal or facility of a sample.")
)
@click.option("--sample-column", metavar="COLUMN", help=_("Column with the names of samples."))
@click.option(
    "--columns",
    metavar="NAMES",
    help=_(
        "Measurements, separated by commas, such as d13C,d15N. Default: all isotopes of the "
        "reference."
    ),
)
@click.option("--missing", multiple=True, metavar="TEXT", help=_("Text that means 'not measured'."))
@click.option(
    "--class-prior",
    "priors",
    multiple=True,
    metavar="CLASS=P",
    help=_("Prior probability of a class, such as wild=0.7; all of them or none (equal)."),
)
@click.option(
    "--confidence",
    type=NumberRange(0.5, 1, min_open=True, max_open=True),
    default=CONFIDENCE,
    show_default=True,
    help=_("Posterior that a supported class must reach."),
)
@click.option(
    "--exclusion-level",
    type=NumberRange(0, 1, min_open=True, max_open=True),
    default=LEVEL,
    show_default=True,
    help=_("Share of samples of a class that may be excluded wrongly."),
)
@format_option(_("Form of the results; json has everything, a line a sample."))
@recording
def captive(
    questioned, reference, class_column, group_column, sample_column, columns, missing, priors,
    confidence, exclusion_level, style, ledger_path, sample, runs, key_path, person_, passphrase_fd,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.individual.captive.examining import examine
    from forensics.individual.captive.measurements import read_measurements

    wanted = [one.strip() for one in (columns or "").split(",") if one.strip()] or None
    known = read_measurements(
        reference, columns=wanted, sample=sample_column, classes=class_column, groups=group_column,
        missing=missing,
    )  # fmt: skip
    asked = read_measurements(
        questioned, columns=known.columns, sample=sample_column, missing=missing
    )
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        alone(asked, questioned)
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, known.sha256, "individual"
        )
    results = examine(
        asked, known, prior=_prior(priors), confidence=confidence, level=exclusion_level
    )
    if style == "table":
        for result in results:
            click.echo(result.sample.translate(CONTROL))
            print_lines(result.lines())
    else:
        write_rows([one.to_dict() if style == "json" else one.to_row() for one in results], style)
    if style != "json":
        _print_performance(results, err=style == "csv")
    if recorder:
        used = [Path(one) for one in (questioned, reference)]
        recorder.add(results[0], inputs=[one for one in used if one.is_file()])


def _prior(given):
    if not given:
        return "equal"
    prior = {}
    for text in given:
        name, mark, value = text.rpartition("=")
        try:
            if not mark or name.strip() in prior:
                raise ValueError
            prior[name.strip()] = number(value)
        except ValueError as error:
            raise UsageError(
                _(
                    "--class-prior {text!r}: expected a class and its probability once, wild=0.7"
                ).format(text=text[:60])
            ) from error
    return prior


def _print_performance(results, *, err) -> None:
    """Print how the reference does on itself, for each set of measurements that was used."""
    for columns, performance in {tuple(one.values): one.performance for one in results}.items():
        title = _("The reference asked about itself, by {columns}").format(
            columns=", ".join(columns)
        )
        click.echo(title.translate(CONTROL), err=err)
        if err:
            for label, text in performance.lines():
                click.echo(f"{label}: {text}".translate(CONTROL), err=True)
        else:
            # A label may be the name of a class, which is a stranger's.
            print_lines([(label.translate(CONTROL), text) for label, text in performance.lines()])
