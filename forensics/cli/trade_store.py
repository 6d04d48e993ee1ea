"""``forensics trade init``, ``link`` and ``show``: the store itself."""

from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.cli.output import RECORDS, Writer, written
from forensics.cli.printing import CONTROL
from forensics.cli.trade_options import FORM, LEDGER, SPECIMEN
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, numeral

__all__ = ["compare", "init", "link", "show"]


@click.command(
    cls=Command,
    help=_(
        "Make a store for records of seizures: one SQLite file.\n\n"
        "Example: forensics trade init seizures.db --ledger laboratory.db\n\n"
        "With a ledger, the store is tied to it: links are looked up in that one and no other."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@LEDGER
def init(store: Path, ledger: Path | None) -> None:
    from forensics.trade.store import create_store

    name = ""
    if ledger:
        from forensics.custody import open_ledger

        with open_ledger(ledger) as opened:
            name = opened.state.ledger
    create_store(store, ledger=name).close()
    click.echo(_("{path} made.").format(path=store))


@click.command(
    cls=Command,
    help=_(
        "Tie a seizure to its case, exhibits and findings in a ledger of custody.\n\n"
        "Example: forensics trade link seizures.db 12 --case 2026-014 --exhibit 2026-014/1 --finding 31 "
        "--ledger laboratory.db\n\n"
        "SEIZURE is its number in the store. With --ledger each name is looked up and the link is marked "
        "as checked; without, it is kept as you say it."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("seizure", type=int)
@option(
    "--case",
    "cases",
    multiple=True,
    metavar="ID",
    group=Group.RECORD,
    help=_("Case; may be repeated."),
)
@option(
    "--exhibit",
    "exhibits",
    multiple=True,
    metavar="ID",
    group=Group.RECORD,
    help=_("Exhibit or sample; may be repeated."),
)
@option(
    "--finding",
    "findings",
    multiple=True,
    metavar="EVENT",
    group=Group.RECORD,
    help=_("Number of a finding's event."),
)
@SPECIMEN
@LEDGER
def link(
    store: Path, seizure: int, cases: tuple[str, ...], exhibits: tuple[str, ...],
    findings: tuple[str, ...], specimen: int | None, ledger: Path | None,
) -> None:  # fmt: skip
    from forensics.trade.linking import Links
    from forensics.trade.linking import link as tie
    from forensics.trade.store import open_store

    if not (cases or exhibits or findings):
        raise UsageError(_("Give --case, --exhibit or --finding."))
    with open_store(store) as opened:
        links = Links.unchecked()
        if ledger:
            from forensics.custody import open_ledger

            with open_ledger(ledger) as opened_ledger:
                links = Links.of(opened_ledger, opened)
        count = tie(
            opened, seizure, links=links, specimen=specimen, case=cases, exhibit=exhibits,
            finding=findings,
        )  # fmt: skip
    click.echo(_("{count} links of seizure {number}.").format(count=count, number=seizure))


@click.command(
    cls=Command,
    help=_(
        "Show a seizure: its record, the rows it was read from, what was decided and changed, and its links.\n\n"
        "Example: forensics trade show seizures.db 12"
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("seizure", type=int)
@written(forms=RECORDS)
def show(store: Path, seizure: int, writer: Writer) -> None:
    from forensics.trade.exchange.geojson import seizure_object
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        records = opened.seizures(everything=True)
        chosen = next((candidate for candidate in records if candidate.id == seizure), None)
        if chosen is None:
            raise UsageError(_("There is no seizure {number} in the store.").format(number=seizure))
        keys = {specimen.id for specimen in chosen.specimens}
        original = {specimen.id: opened.original(specimen.id) for specimen in chosen.specimens}
        history = [row for row in opened.table("history") if row["seizure"] == seizure]
        decisions = [row for row in opened.table("decisions") if row["seizure"] == seizure]
        links = [row for row in opened.table("links") if row["seizure"] == seizure]
        conversions = [row for row in opened.table("conversions") if row["specimen"] in keys]
    record = seizure_object(chosen)
    if writer.is_json:
        content = {
            **record,
            "original": [
                {
                    "specimen": specimen.id,
                    "file": specimen.file,
                    "row": specimen.row,
                    "standing": specimen.standing,
                    "cells": original[specimen.id],
                }
                for specimen in chosen.specimens
            ],
            "standing": chosen.standing,
            "decisions": decisions,
            "history": history,
            "conversions": conversions,
            "links": links,
        }
        writer.record(content)
        return
    specimens = record.pop("specimens")
    writer.text(_("Seizure {number}").format(number=seizure) + _not_counted(chosen.standing))
    writer.lines([(name, str(value)) for name, value in record.items()])
    for specimen, values in zip(chosen.specimens, specimens):
        head = _("Specimens {number}").format(number=specimen.id)
        if specimen.file:
            head += " · " + _("{file}, row {row}").format(file=specimen.file, row=specimen.row)
        writer.text(head.translate(CONTROL) + _not_counted(specimen.standing))
        cells = "; ".join(f"{name}: {cell}" for name, cell in original[specimen.id].items() if cell)
        lines = [(name, str(value)) for name, value in values.items()]
        writer.lines([*lines, (_("original row"), cells)] if cells else lines or [("", "-")])
    for title, rows in (
        (_("Decisions"), decisions), (_("History"), history), (_("Conversions"), conversions),
        (_("Links"), links),
    ):  # fmt: skip
        if rows:
            writer.text(title)
            writer.lines(
                [
                    (str(row["id"]), ", ".join(f"{k}={v}" for k, v in row.items() if v is not None))
                    for row in rows
                ]
            )


def _not_counted(standing: str) -> str:
    """Return what must stand beside the name of a record that does not count."""
    if standing == "counted":
        return ""
    return " · " + _("NOT COUNTED: {standing}").format(standing=_(standing))


@click.command(
    cls=Command,
    help=_(
        "Compare what was declared with what was found: taxon, origin, and the Appendix by each.\n\n"
        "Example: forensics trade compare seizures.db --ledger laboratory.db\n\n"
        "For every seizure that is tied to a finding, or to an exhibit with findings. Records are not changed."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@LEDGER
@option("--all", "everything", is_flag=True, group=Group.OUTPUT, help=_("Tell what agrees, too."))
@FORM
def compare(store: Path, ledger: Path | None, everything: bool, writer: Writer) -> None:
    from forensics.custody import open_ledger
    from forensics.trade.comparing import SAME
    from forensics.trade.comparing import compare as compared
    from forensics.trade.store import open_store

    if ledger is None:
        raise UsageError(_("Name the ledger of custody (--ledger)."))
    with open_store(store) as opened, open_ledger(ledger) as opened_ledger:
        comparisons = list(compared(opened, opened_ledger))
    rows = [
        comparison.to_dict()
        for comparison in comparisons
        if everything
        or comparison.outcome != SAME
        or comparison.appendix_declared != comparison.appendix_found
    ]
    if writer.is_table:
        for comparison in rows:
            writer.heading(_describe(comparison))
    else:
        writer.plain_rows(rows)
    click.echo(
        _("{total} comparisons, {shown} shown").format(total=len(comparisons), shown=len(rows)),
        err=True,
    )


def _describe(row: dict) -> str:
    probability = row["probability"]
    return _(
        "{reference}, seizure {seizure}, {day}: {field} declared {declared}, found {found} ({probability}): "
        "{outcome}. Appendix {before}, now {after}. Finding {finding}, {review}."
    ).format(
        reference=row["reference"] or "-",
        seizure=row["seizure"],
        day=row["day"] or "-",
        field=row["field"],
        declared=row["declared"] or "-",
        found=row["found"] or "-",
        probability="-" if probability is None else numeral(probability, ".3f"),
        outcome=row["outcome"],
        before=row["appendix_declared"],
        after=row["appendix_found"],
        finding=row["finding"],
        review=_("agreed with by a second person") if row["reviewed"] else _("not reviewed"),
    )
