"""``forensics trade set-aside``, ``restore`` and ``aside``: which records do not count, and why."""

from pathlib import Path

import click

from forensics.cli.printing import CONTROL
from forensics.cli.trade_options import FORMAT, print_rows
from forensics.messages import _, ngettext

__all__ = ["aside", "restore", "set_aside"]

_STORE = click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
_SEIZURE = click.argument("seizure", type=int)
_SPECIMEN = click.option(
    "--specimen", type=int, help=_("Number of the specimens that are meant; default: all.")
)
_BY = click.option("--by", "decided_by", required=True, metavar="NAME", help=_("Who decided."))
_REASON = click.option("--reason", required=True, help=_("Why; it stays with the record."))
_DRY_RUN = click.option("--dry-run", is_flag=True, help=_("Check it, and change nothing."))


def _decision_options(command):
    """Give a command the options of a decision on one record."""
    for option in reversed((_STORE, _SEIZURE, _SPECIMEN, _BY, _REASON, _DRY_RUN)):
        command = option(command)
    return command


@click.command(
    name="set-aside",
    help=_(
        "Set a record aside: it is not counted, reported or published any more, and not deleted.\n\n"
        "Example: forensics trade set-aside seizures.db 12 --by amina --reason 'entered twice, see 11'\n\n"
        "SEIZURE is its number in the store. The row, the record and its history stay; 'trade aside' lists "
        "what is set aside, and 'trade restore' takes it back."
    ),
)
@_decision_options
def set_aside(store, seizure, specimen, decided_by, reason, dry_run) -> None:
    from forensics.trade.record import ASIDE

    count = _decide(store, seizure, ASIDE, specimen, decided_by, reason, dry_run)
    text = ngettext(
        "seizure {number}: {count} kind of specimens set aside",
        "seizure {number}: {count} kinds of specimens set aside",
        count,
    )
    _say(text.format(number=seizure, count=count), dry_run)


@click.command(
    help=_(
        "Count a record that was set aside, or that waits for a decision since it looks like a total.\n\n"
        "Example: forensics trade restore seizures.db 12 --by amina --reason 'a seizure of its own'"
    )
)
@_decision_options
def restore(store, seizure, specimen, decided_by, reason, dry_run) -> None:
    from forensics.trade.record import COUNTED

    count = _decide(store, seizure, COUNTED, specimen, decided_by, reason, dry_run)
    text = ngettext(
        "seizure {number}: {count} kind of specimens counted again",
        "seizure {number}: {count} kinds of specimens counted again",
        count,
    )
    _say(text.format(number=seizure, count=count), dry_run)


@click.command(
    help=_(
        "List the records that are not counted: those that wait for a decision, and those set aside.\n\n"
        "Example: forensics trade aside seizures.db --format csv"
    )
)
@_STORE
@FORMAT
def aside(store, style) -> None:
    from forensics.trade.standing import uncounted
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        found = [one.to_dict() for one in uncounted(opened)]
    if style == "table":
        for one in found:
            click.echo(_line(one).translate(CONTROL))
    else:
        print_rows(found, style)
    text = ngettext("{count} kind of specimens", "{count} kinds of specimens", len(found))
    click.echo(text.format(count=len(found)), err=True)


def _line(one: dict) -> str:
    what = " ".join(
        part for part in (one["date"], one["species"], one["quantity"], one["unit"]) if part
    )
    standing = one["standing"]
    return _(
        "{standing}: seizure {seizure}, specimens {specimen}, {reference} ({file}, row {row}): {what}. {by}, {at}: "
        "{reason}"
    ).format(
        standing=_(standing), seizure=one["seizure"], specimen=one["specimen"],
        reference=one["reference"] or "-", file=one["file"] or "-", row=one["row"], what=what or "-",
        by=one["decided_by"], at=one["at"], reason=one["reason"],
    )  # fmt: skip


def _decide(store, seizure, standing, specimen, decided_by, reason, dry_run) -> int:
    from forensics.trade.standing import decide
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        return decide(
            opened, seizure, standing, specimen=specimen, decided_by=decided_by, reason=reason,
            dry_run=dry_run,
        )  # fmt: skip


def _say(text: str, dry_run: bool) -> None:
    if dry_run:
        text = _("dry run, nothing was changed: {text}").format(text=text)
    click.echo(text, err=True)
