"""``forensics trade set-aside``, ``restore`` and ``aside``: which records do not count, and why."""

from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, apply, option
from forensics.cli.output import Writer
from forensics.cli.trade_options import FORM, SPECIMEN, tell
from forensics.core.options import Group
from forensics.messages import _, ngettext

__all__ = ["aside", "restore", "set_aside"]

_STORE = click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
_SEIZURE = click.argument("seizure", type=int)
_BY = option(
    "--by", "decided_by", required=True, metavar="NAME", group=Group.RECORD, help=_("Who decided.")
)
_REASON = option(
    "--reason", required=True, group=Group.RECORD, help=_("Why; it stays with the record.")
)
_DRY_RUN = option(
    "--dry-run", is_flag=True, group=Group.ADVANCED, help=_("Check it, and change nothing.")
)


def _decision_options(command: Any) -> Any:
    """Give a command the options of a decision on one record."""
    return apply(command, _STORE, _SEIZURE, SPECIMEN, _BY, _REASON, _DRY_RUN)


@click.command(
    name="set-aside",
    cls=Command,
    help=_(
        "Set a record aside: it is not counted, reported or published any more, and not deleted.\n\n"
        "Example: forensics trade set-aside seizures.db 12 --by amina --reason 'entered twice, see 11'\n\n"
        "SEIZURE is its number in the store. The row, the record and its history stay; 'trade aside' lists "
        "what is set aside, and 'trade restore' takes it back."
    ),
)
@_decision_options
def set_aside(
    store: Path, seizure: int, specimen: int | None, decided_by: str, reason: str, dry_run: bool
) -> None:
    from forensics.trade.record import ASIDE

    count = _decide(store, seizure, ASIDE, specimen, decided_by, reason, dry_run)
    text = ngettext(
        "seizure {number}: {count} kind of specimens set aside",
        "seizure {number}: {count} kinds of specimens set aside",
        count,
    )
    tell(text.format(number=seizure, count=count), dry_run=dry_run)


@click.command(
    cls=Command,
    help=_(
        "Count a record that was set aside, or that waits for a decision since it looks like a total.\n\n"
        "Example: forensics trade restore seizures.db 12 --by amina --reason 'a seizure of its own'"
    ),
)
@_decision_options
def restore(
    store: Path, seizure: int, specimen: int | None, decided_by: str, reason: str, dry_run: bool
) -> None:
    from forensics.trade.record import COUNTED

    count = _decide(store, seizure, COUNTED, specimen, decided_by, reason, dry_run)
    text = ngettext(
        "seizure {number}: {count} kind of specimens counted again",
        "seizure {number}: {count} kinds of specimens counted again",
        count,
    )
    tell(text.format(number=seizure, count=count), dry_run=dry_run)


@click.command(
    cls=Command,
    help=_(
        "List the records that are not counted: those that wait for a decision, and those set aside.\n\n"
        "Example: forensics trade aside seizures.db --format csv"
    ),
)
@_STORE
@FORM
def aside(store: Path, writer: Writer) -> None:
    from forensics.trade.standing import uncounted
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        rows = [record.to_dict() for record in uncounted(opened)]
    if writer.is_table:
        for record in rows:
            writer.heading(_line(record))
    else:
        writer.plain_rows(rows)
    text = ngettext("{count} kind of specimens", "{count} kinds of specimens", len(rows))
    click.echo(text.format(count=len(rows)), err=True)


def _line(entry: dict) -> str:
    what = " ".join(
        part for part in (entry["date"], entry["species"], entry["quantity"], entry["unit"]) if part
    )
    standing = entry["standing"]
    return _(
        "{standing}: seizure {seizure}, specimens {specimen}, {reference} ({file}, row {row}): {what}. {by}, {at}: "
        "{reason}"
    ).format(
        standing=_(standing), seizure=entry["seizure"], specimen=entry["specimen"],
        reference=entry["reference"] or "-", file=entry["file"] or "-", row=entry["row"], what=what or "-",
        by=entry["decided_by"], at=entry["at"], reason=entry["reason"],
    )  # fmt: skip


def _decide(
    store: Path, seizure: int, standing: str, specimen: int | None, decided_by: str, reason: str,
    dry_run: bool,
) -> int:  # fmt: skip
    from forensics.trade.standing import decide
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        return decide(
            opened, seizure, standing, specimen=specimen, decided_by=decided_by, reason=reason,
            dry_run=dry_run,
        )  # fmt: skip
