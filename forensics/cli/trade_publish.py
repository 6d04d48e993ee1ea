"""``forensics trade publish`` and ``serve``: records for others, by clearance."""

from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.cli.trade_options import STORE, leave_unexamined, tell, tell_faults
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _, ngettext
from forensics.trade.publishing.accounts import CLEARANCES
from forensics.trade.publishing.suppression import MIN_SEIZURES

MAX_NAMED = 20
"""Seizures that are named."""


@click.command(
    cls=Command,
    help=_(
        "Write a new folder to publish from: a database for each clearance, and Datasette's configuration.\n\n"
        "\b\n"
        "Example: forensics trade publish seizures.db --output site --closed-case 2026-014\n\n"
        "public: counts, small ones hidden. parties: seizures without persons, places and free texts. "
        "secretariat: everything. A seizure that is tied to a case is for the secretariat alone until "
        "--closed-case names the case; one that is tied to nothing, unless --unlinked releases them all."
    ),
)
@STORE
@option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    group=Group.OUTPUT,
    help=_("New folder."),
)
@option(
    "--closed-case",
    "closed",
    multiple=True,
    metavar="ID",
    group=Group.DECIDE,
    help=_("Case that is closed; may be repeated."),
)
@option(
    "--unlinked",
    is_flag=True,
    group=Group.DECIDE,
    help=_("Release seizures that are tied to no case, exhibit or finding, too."),
)
@option(
    "--fewest",
    type=click.IntRange(2, 1000),
    default=MIN_SEIZURES,
    show_default=True,
    group=Group.DECIDE,
    help=_("Seizures that a public count needs at least."),
)
def publish(
    store: Path, output: Path, closed: tuple[str, ...], unlinked: bool, fewest: int
) -> None:
    from forensics.trade.checks import find_faults
    from forensics.trade.publishing.writing import publish as write
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        made = write(opened, output, closed=closed, unlinked=unlinked, fewest=fewest)
        faults = find_faults(opened)
    click.echo(
        _(
            "{path}: {count} seizures; for the secretariat alone: {withheld} of open cases, {unlinked} tied to "
            "no case; public: {shown} counts shown, {hidden} hidden"
        ).format(
            path=made.path,
            count=made.seizures,
            withheld=made.withheld,
            unlinked=made.unlinked,
            shown=made.shown,
            hidden=made.hidden,
        )
    )
    if made.unlinked:
        click.echo(
            _(
                "Nobody said of what is tied to no case that none is open: link it, or give --unlinked."
            ),
            err=True,
        )
    if made.uncounted:
        click.echo(
            ngettext(
                "{count} record that waits for a decision or was set aside is in no count",
                "{count} records that wait for a decision or were set aside are in no count",
                made.uncounted,
            ).format(count=made.uncounted),
            err=True,
        )
    if made.held:
        tell(
            ngettext(
                "{count} seizure is in the public counts as before ({numbers}): compared with an earlier publication, "
                "they would tell where, when and what it was. It follows when enough others change.",
                "{count} seizures are in the public counts as before ({numbers}): compared with an earlier "
                "publication, they would tell where, when and what these were. They follow when enough others change.",
                len(made.held),
            ).format(
                count=len(made.held),
                numbers=", ".join(map(str, made.held[:MAX_NAMED]))
                + (", …" if made.held[MAX_NAMED:] else ""),
            )
        )
    tell_faults(faults, store, kept=True)
    if faults:
        leave_unexamined()


@click.command(
    cls=Command,
    help=_(
        "Serve a folder that forensics trade publish wrote, by Datasette (extra publish).\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade serve --account amina --clearance parties >> accounts.txt\n"
        "  forensics trade serve site --accounts accounts.txt\n\n"
        "Accounts come from --accounts or the variable FORENSICS_TRADE_ACCOUNTS; --account serves nothing. Who asked for what is "
        "written to access.jsonl in the folder. For others than this machine put a server with TLS before it."
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@option(
    "--account",
    metavar="NAME",
    group=Group.RECORD,
    help=_("Print the line of this account, with its password hashed; it asks for the password."),
)
@option(
    "--clearance",
    type=click.Choice(CLEARANCES[1:]),
    group=Group.RECORD,
    help=_("What the account may see."),
)
@option(
    "--accounts",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.ADVANCED,
    help=_("File of accounts."),
)
@option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    group=Group.ADVANCED,
    help=_("Address to listen at."),
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8001,
    show_default=True,
    group=Group.ADVANCED,
    help=_("Port to listen at."),
)
def serve(
    folder: Path | None, account: str | None, clearance: str | None, accounts: Path | None, host: str,
    port: int,
) -> None:  # fmt: skip
    if account is not None and clearance is not None and folder is None:
        from forensics.trade.publishing.accounts import new_line

        password = click.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
        click.echo(new_line(account, clearance, password))
        return
    if account is not None or clearance is not None or folder is None:
        raise UsageError(_("Give a folder to serve, or --account with --clearance."))
    from forensics.core.children import run
    from forensics.trade.publishing.writing import command, environment, need_datasette

    need_datasette()
    started = command(folder, host=host, port=port)
    raise SystemExit(run(started, env=environment(accounts)).returncode)
