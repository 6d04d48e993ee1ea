"""``forensics individual captive``: wild, captive or neither, by measurements such as isotopes."""

import click

from forensics.cli.custody_findings import recording
from forensics.cli.individual_options import alone, write_rows
from forensics.cli.numbers import NumberRange, number
from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.errors import InputError, UsageError
from forensics.individual.captive.defaults import CONFIDENCE, LEVEL
from forensics.messages import N_, _, ngettext, numeral
from forensics.result import shown_probability

__all__ = ["captive"]

_STATUSES = {
    "supported": N_("supported"),
    "neither": N_("fits no class"),
    "inconclusive": N_("inconclusive"),
}


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
@click.option(
    "--consignment",
    metavar="COLUMN",
    help=_(
        "Column of QUESTIONED with the consignment of each sample: those of one get a joint statement."
    ),
)
@click.option(
    "--without-suspects",
    is_flag=True,
    help=_(
        "Leave out reference samples whose label their own measurements contradict; results say so."
    ),
)
@click.option("--details", is_flag=True, help=_("Print everything of each of several samples."))
@format_option(_("Form of the results; json has everything, a line a sample."))
@recording
def captive(
    questioned, reference, class_column, group_column, sample_column, columns, missing, priors,
    confidence, exclusion_level, consignment, without_suspects, details, style, ledger_path, sample,
    runs, key_path, person_, passphrase_fd,
) -> None:  # fmt: skip
    from pathlib import Path

    from forensics.individual.captive.consignment import examine_consignments
    from forensics.individual.captive.measurements import read_measurements

    wanted = [one.strip() for one in (columns or "").split(",") if one.strip()] or None
    known = read_measurements(
        reference, columns=wanted, sample=sample_column, classes=class_column, groups=group_column,
        missing=missing,
    )  # fmt: skip
    asked = read_measurements(
        questioned, columns=known.columns, sample=sample_column, missing=missing,
        groups=consignment, set_aside=True,
    )  # fmt: skip
    for text in asked.unread:
        click.echo(_("Not examined: {reason}").format(reason=text), err=True)
    recorder = None
    if ledger_path:
        from forensics.cli.custody_findings import Recorder

        alone(asked, questioned)
        recorder = Recorder(
            ledger_path, sample, runs, key_path, person_, passphrase_fd, known.sha256, "individual"
        )
    results, joint = examine_consignments(
        asked, asked.groups or [""] * len(asked), known, prior=_prior(priors),
        confidence=confidence, level=exclusion_level, without_suspects=without_suspects,
    )  # fmt: skip
    if style == "table":
        _print_table(results, joint, details=details)
    elif style == "json":
        write_rows([one.to_dict() for one in (*results, *joint)], style)
    else:
        write_rows([one.to_row() for one in (*results, *joint)], style)
    if style != "json":
        _print_performance(results, err=style == "csv")
    if recorder:
        used = [Path(one) for one in (questioned, reference)]
        recorder.add(results[0], inputs=[one for one in used if one.is_file()])
    if asked.unread:
        click.get_current_context().exit(InputError.exit_code)


def _print_table(results, joint, *, details: bool) -> None:
    """Print consignments, then samples: of several a line each, and once what is true of all."""
    for one in joint:
        click.echo(_("Consignment {name}").format(name=one.sample).translate(CONTROL))
        print_lines([(label.translate(CONTROL), text) for label, text in one.lines()])
    if details or len(results) == 1:
        for result in results:
            click.echo(result.sample.translate(CONTROL))
            print_lines(result.lines())
        return
    write_rows([_short_row(one) for one in results], "table")
    click.echo()
    notes: dict[str, list[str]] = {}
    for result in results:
        for warning in result.warnings:
            notes.setdefault(warning.message, []).append(result.sample)
    for message, samples in notes.items():
        whose = _("All samples") if len(samples) == len(results) else _some(samples)
        print_lines([(_("Note"), _("{samples}: {text}").format(samples=whose, text=message))])
    print_lines([line for line in results[0].lines() if line[0] == _("Limits")])
    click.echo(_("Everything of each sample: --details, or --format json."))


def _short_row(result) -> dict[str, str]:
    posterior = None if result.supported is None else result.posteriors[result.supported]
    return {
        _("Sample"): result.sample,
        _("Result"): _(_STATUSES[result.status]),
        _("Class"): result.supported or "",
        _("Posterior"): "" if posterior is None else shown_probability(posterior),
        _("Best p of a class"): numeral(max(result.p_values.values()), ".2g"),
        _("Notes"): str(len(result.warnings)),
    }


def _some(samples, most: int = 5) -> str:
    return ", ".join(samples[:most]) + (
        ngettext(" and {count} more", " and {count} more", len(samples) - most).format(
            count=len(samples) - most
        )
        if len(samples) > most
        else ""
    )


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
