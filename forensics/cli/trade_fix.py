"""``forensics trade fix``: accepted corrections, and what stood there before."""

from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.cli.trade_options import YEAR, tell
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext

__all__ = ["fix"]


@click.command(
    cls=Command,
    help=_(
        "Put in the corrections that somebody accepted: all of them, or none.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade fix seizures.db --decisions problems.csv --by amina\n"
        "  forensics trade fix seizures.db --accept COUNTRY_FORMER --by amina --dry-run\n\n"
        "The original row is never changed, and the history keeps what stood in the record, who decided "
        "and why."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@option(
    "--decisions",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.RECORD,
    help=_("Table of problems with 'yes' in the column 'accept'."),
)
@option(
    "--accept",
    "codes",
    multiple=True,
    metavar="CODE",
    group=Group.RECORD,
    help=_("Accept every proposal of this rule; may be repeated."),
)
@option(
    "--by",
    "decided_by",
    required=True,
    metavar="NAME",
    group=Group.RECORD,
    help=_("Who accepted them."),
)
@option("--reason", default="", group=Group.RECORD, help=_("Why; it stands in the history."))
@YEAR
@option(
    "--dry-run",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Check them, report, and change nothing."),
)
def fix(
    store: Path, decisions: Path | None, codes: tuple[str, ...], decided_by: str, reason: str,
    year: int | None, dry_run: bool,
) -> None:  # fmt: skip
    from forensics.trade import fixing
    from forensics.trade.store import open_store
    from forensics.trade.validating import validate

    if bool(decisions) == bool(codes):
        raise UsageError(_("Give --decisions FILE, or --accept CODE."))
    with open_store(store) as opened:
        if decisions:
            fixes = fixing.read_decisions(decisions)
        else:
            fixes = fixing.accept(validate(opened, year=year).problems, codes)
        done = fixing.fix(opened, fixes, decided_by=decided_by, reason=reason, dry_run=dry_run)
    for change in done[:40]:
        click.echo(
            _("seizure {number}: {field}: {before!r} -> {after!r} ({code})").format(
                number=change.seizure,
                field=change.field,
                before=change.before,
                after=change.after,
                code=change.code,
            )
        )
    text = ngettext("{count} correction", "{count} corrections", len(done)).format(count=len(done))
    tell(text, dry_run=dry_run)
