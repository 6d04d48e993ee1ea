"""``forensics individual captive``: wild, captive or neither, by measurements such as isotopes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_findings import Recording, recording
from forensics.cli.individual_options import alone
from forensics.cli.numbers import number
from forensics.cli.options import Command, class_column, option, options_of
from forensics.cli.output import Writer, written
from forensics.cli.printing import CONTROL
from forensics.core.options import Group
from forensics.errors import InputError, UsageError
from forensics.individual.captive.options import CaptiveOptions
from forensics.messages import N_, _, ngettext, numeral
from forensics.result import shown_probability

if TYPE_CHECKING:
    from forensics.individual.captive.consignment import Consignment
    from forensics.individual.captive.measurements import Measurements
    from forensics.individual.captive.results import Husbandry

__all__ = ["captive"]

_STATUSES = {
    "supported": N_("supported"),
    "neither": N_("fits no class"),
    "inconclusive": N_("inconclusive"),
}


def _split_names(columns: str | None) -> list[str] | None:
    """Return the names of --columns; None where there are none."""
    return [name.strip() for name in (columns or "").split(",") if name.strip()] or None


def _describe_other_sheets(*tables: "Measurements") -> None:
    """Say on standard error which sheets of a workbook were not read."""
    from forensics.io.sheets import describe_unread_sheets

    for given in tables:
        if given.other_sheets:
            note = f"{given.source}: {describe_unread_sheets(given.other_sheets)}"
            click.echo(_("Note: {}").format(note.translate(CONTROL)), err=True)


@click.command(
    cls=Command,
    help=_(
        "Say whether isotopes support wild, captive or neither, by the laboratory's own samples.\n\n"
        "\b\n"
        "Example: forensics individual captive exhibit.csv --reference known.csv\n"
        "  --class-column origin --group-column farm\n\n"
        "The classifier is trained each time; how it does on its own reference stands beside the "
        "answers. Samples of one animal or one facility are one group: without --group-column the "
        "figures are too good. Both tables must be on one scale, such as VSMOW or VPDB."
    ),
)
@click.argument("questioned", type=click.Path())
@option(
    "--reference",
    required=True,
    type=click.Path(dir_okay=False),
    group=Group.EXAMINE,
    help=_("Table of samples of known class."),
)
@class_column(required=True)
@option(
    "--group-column",
    metavar="COLUMN",
    group=Group.EXAMINE,
    help=_("Column with the animal or facility of a sample."),
)
@option(
    "--sample-column",
    metavar="COLUMN",
    group=Group.EXAMINE,
    help=_("Column with the names of samples."),
)
@option(
    "--columns",
    metavar="NAMES",
    group=Group.EXAMINE,
    help=_(
        "Measurements, separated by commas, such as d13C,d15N. Default: all isotopes of the "
        "reference."
    ),
)
@option(
    "--missing",
    multiple=True,
    metavar="TEXT",
    group=Group.EXAMINE,
    help=_("Text that means 'not measured'."),
)
@option(
    "--consignment",
    metavar="COLUMN",
    group=Group.EXAMINE,
    help=_(
        "Column of QUESTIONED with the consignment of each sample: those of one get a joint statement."
    ),
)
@options_of(CaptiveOptions, "options")
@option(
    "--details",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("Print everything of each of several samples."),
)
@written(_("Form of the results; json has everything, a line a sample."))
@recording
def captive(
    questioned: str, reference: str, class_column: str,
    group_column: str | None, sample_column: str | None, columns: str | None, missing: tuple[str, ...],
    consignment: str | None, options: CaptiveOptions, details: bool, writer: Writer,
    recording: Recording,
) -> None:  # fmt: skip
    from forensics.individual.captive.consignment import examine_consignments
    from forensics.individual.captive.measurements import read_measurements

    known = read_measurements(
        reference, columns=_split_names(columns), sample=sample_column, classes=class_column,
        groups=group_column, missing=missing,
    )  # fmt: skip
    measured = read_measurements(
        questioned, columns=known.columns, sample=sample_column, missing=missing,
        groups=consignment, set_aside=True,
    )  # fmt: skip
    _describe_other_sheets(known, measured)
    for text in measured.unread:
        click.echo(_("Not examined: {reason}").format(reason=text), err=True)
    if recording.is_asked:
        alone(measured, questioned)
    recorder = recording.open(known.sha256, "individual")
    results, joint = examine_consignments(
        measured, measured.groups or [""] * len(measured), known, prior=_prior(options.class_prior),
        confidence=options.confidence, level=options.exclusion_level,
        without_suspects=options.without_suspects,
    )  # fmt: skip
    all_results: list[Husbandry | Consignment] = [*results, *joint]
    if writer.is_table:
        _print_table(results, joint, writer, details=details)
    elif writer.is_json:
        for result in all_results:
            writer.record(result.to_dict())
    else:
        writer.plain_rows([row for result in all_results for row in result.rows()])
    if not writer.is_json:
        _print_performance(results, writer)
    if recorder:
        writer.flush()
        used = [Path(questioned), Path(reference)]
        recorder.add(results[0], inputs=[path for path in used if path.is_file()])
    if measured.unread:
        click.get_current_context().exit(InputError.exit_code)


def _print_table(
    results: "Sequence[Husbandry]", joint: "Sequence[Consignment]", writer: Writer, *, details: bool
) -> None:
    """Print consignments, then samples: of several a line each, and once what is true of all."""
    for consignment in joint:
        writer.heading(_("Consignment {name}").format(name=consignment.sample))
        # A label may be the name of a class, which is a stranger's.
        writer.lines([(label.translate(CONTROL), text) for label, text in consignment.lines()])
    if details or len(results) == 1:
        for result in results:
            writer.heading(result.sample)
            writer.lines(result.lines())
        return
    writer.columns([_short_row(result) for result in results])
    writer.text()
    notes: dict[str, list[str]] = {}
    for result in results:
        for warning in result.warnings:
            notes.setdefault(warning.message, []).append(result.sample)
    for message, samples in notes.items():
        whose = _("All samples") if len(samples) == len(results) else _some(samples)
        writer.lines([(_("Note"), _("{samples}: {text}").format(samples=whose, text=message))])
    writer.lines([line for line in results[0].lines() if line[0] == _("Limits")])
    writer.text(_("Everything of each sample: --details, or --format json."))


def _short_row(result: "Husbandry") -> dict[str, str]:
    posterior = None if result.supported is None else result.posteriors[result.supported]
    return {
        _("Sample"): result.sample,
        _("Result"): _(_STATUSES[result.status]),
        _("Class"): result.supported or "",
        _("Posterior"): "" if posterior is None else shown_probability(posterior),
        _("Best p of a class"): numeral(max(result.p_values.values()), ".2g"),
        _("Notes"): str(len(result.warnings)),
    }


def _some(samples: Sequence[str], most: int = 5) -> str:
    return ", ".join(samples[:most]) + (
        ngettext(" and {count} more", " and {count} more", len(samples) - most).format(
            count=len(samples) - most
        )
        if len(samples) > most
        else ""
    )


def _prior(given: Sequence[str]) -> str | dict[str, float]:
    if not given:
        return "equal"
    prior: dict[str, float] = {}
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


def _print_performance(results: "Sequence[Husbandry]", writer: Writer) -> None:
    """Print how the reference does on itself, for each set of measurements that was used.

    Beside rows it goes to standard error.
    """
    for columns, performance in {
        tuple(result.values): result.performance for result in results
    }.items():
        title = _("The reference asked about itself, by {columns}").format(
            columns=", ".join(columns)
        )
        if writer.is_table:
            writer.heading(title)
            # A label may be the name of a class, which is a stranger's.
            writer.lines([(label.translate(CONTROL), text) for label, text in performance.lines()])
        else:
            click.echo(title.translate(CONTROL), err=True)
            for label, text in performance.lines():
                click.echo(f"{label}: {text}".translate(CONTROL), err=True)
