"""Commands of a session: a key that stays unlocked for some minutes."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.custody_options import (
    LEDGER_OR_NONE,
    RECEIPTS,
    SIGNING,
    Signer,
    clock_time,
    signing,
    source,
)
from forensics.cli.options import Command, option, shared
from forensics.cli.output import Writer
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.custody.agent import AgentStatus


@click.command(
    cls=Command,
    help=_(
        "Unlock a key for some minutes; one passphrase for many acts.\n\n"
        "The key is held by a process of its own, to which only you can speak. It ends when nothing "
        "was signed for the minutes, and with “custody lock”. Not on Windows.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody unlock --as bruno --ledger laboratory.db\n"
        "  forensics custody unlock --status"
    ),
)
@option(
    "--minutes",
    type=click.IntRange(1, 480),
    default=15,
    show_default=True,
    group=Group.CUSTODY,
    help=_("How long it stays unlocked without a signature."),
)
@option(
    "--status",
    is_flag=True,
    group=Group.OUTPUT,
    help=_("Only show which keys are unlocked, and until when."),
)
@shared(LEDGER_OR_NONE, signing, RECEIPTS)
def unlock(
    minutes: int, status: bool, ledger_path: Path | None, signer: Signer, writer: Writer
) -> None:
    from forensics.custody import agent

    if status:
        _show_all(writer)
        return
    path = _key_file(signer, ledger_path)
    held = agent.unlock(
        path,
        source(signer.passphrase_fd, _("Passphrase of {path}").format(path=path)),
        label=path.stem,
        minutes=minutes,
    )
    _show(held, writer)


@click.command(
    cls=Command,
    help=_(
        "Lock your keys again: all that are unlocked.\n\nOr only the one that --as or --key names.\n\n"
        "Example: forensics custody lock"
    ),
)
@shared(LEDGER_OR_NONE, *SIGNING[:2], RECEIPTS)
def lock(
    ledger_path: Path | None, key_path: Path | None, person_: str | None, writer: Writer
) -> None:
    from forensics.custody import agent
    from forensics.custody.keys import public_key_of

    signer = Signer(key_path, person_, None)
    key = public_key_of(_key_file(signer, ledger_path)).id if signer.is_named else None
    locked = agent.lock(key)
    if writer.is_json:
        writer.record({"locked": locked})
        return
    for name in locked:
        writer.text(_("locked: key {key}").format(key=name))
    if not locked:
        writer.text(_("No key was unlocked."))


def _key_file(signer: Signer, ledger: Path | None) -> Path:
    if signer.key:
        return signer.key
    if ledger is None:
        raise UsageError(
            _("Name the key: --key FILE, or --as PERSON with --ledger (FORENSICS_LEDGER).")
        )
    return signer.key_file(ledger)


def _show_all(writer: Writer) -> None:
    from forensics.custody import agent

    held = list(agent.list_agents())
    for status in held:
        if not isinstance(status, Path):
            _show(status, writer)
        elif writer.is_json:
            writer.record({"socket": str(status), "stale": True})
        else:
            writer.text(
                _(
                    "{path}: stale, its agent ended without locking; “custody lock” removes it"
                ).format(path=status)
            )
    if not held and not writer.is_json:
        writer.text(_("No key is unlocked."))


def _show(status: "AgentStatus", writer: Writer) -> None:
    if writer.is_json:
        writer.record(status.to_dict())
        return
    text = _("The key of {person} is unlocked until {time} (key {key}).").format(
        person=status.label, time=clock_time(status.until), key=status.key
    )
    if not status.memory_locked:
        text += " " + _("Its memory could not be kept from the swap file.")
    writer.text(text)
