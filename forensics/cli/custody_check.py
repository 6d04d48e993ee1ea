"""Verifying a ledger, its heads, witnesses, backups and what is disclosed of it."""

import sys
from pathlib import Path
from typing import Any

import click

from forensics.cli.custody_options import (
    DRY_RUN,
    LEDGER,
    RECEIPTS,
    Signer,
    open_for_reading,
    print_receipt,
    receipt_line,
    signing,
    trusting,
)
from forensics.cli.options import Command, file_path, option, shared
from forensics.cli.output import RECORDS, Writer, written
from forensics.core.options import Group
from forensics.errors import UsageError, VerificationError
from forensics.messages import _, ngettext

_HEADS = option(
    "--head",
    "heads",
    multiple=True,
    type=file_path(),
    group=Group.EXAMINE,
    help=_("Head that was kept elsewhere."),
)
_SHOWN = 20


@click.command(
    cls=Command,
    help=_(
        "Verify everything in a ledger by replaying it.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody verify laboratory.db\n"
        "  forensics custody verify laboratory.db --head kept.head \\\n"
        "      --fingerprint '1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7'\n\n"
        "Without a head that was kept elsewhere, the loss of the last events cannot be seen. A "
        "witness whose key you do not name (--witness-key) is known, at most, by the laboratory's "
        "own word. Exit code 4 if anything is wrong."
    ),
)
@click.argument("ledger", type=file_path())
@_HEADS
@option(
    "--seen",
    multiple=True,
    type=file_path(),
    group=Group.EXAMINE,
    help=_("Heads that a witness keeps (head --witness --seen)."),
)
@option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    group=Group.EXAMINE,
    help=_("Fingerprint on an old label or paper."),
)
@trusting
@written(forms=RECORDS, is_shared=True)
def verify(
    ledger: Path, heads: tuple[Path, ...], seen: tuple[Path, ...], fingerprints: tuple[str, ...],
    trust: dict[str, Any], writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody import verify as check
    from forensics.custody.heads import Fingerprint
    from forensics.custody.witnesses import read_head, read_seen

    given: list[Any] = [read_head(path) for path in heads]
    for path in seen:
        if not path.exists():
            raise UsageError(_("{path}: there is no such file.").format(path=path))
        given += read_seen(path)
    given += [Fingerprint.parse(text) for text in fingerprints]
    show = sys.stderr.isatty()

    def progress(seq: int) -> None:
        if seq % 1000 == 0:
            click.echo(f"\r{seq}", nl=False, err=True)

    report = check(ledger, given, progress=progress if show else None, **trust)
    if show and report.size >= 1000:
        click.echo("\r", nl=False, err=True)
    if writer.is_json:
        writer.record(report.to_dict())
    else:
        _print_report(report, writer, heads_given=bool(given))
    writer.finish()
    if not report.ok:
        raise VerificationError(
            _("{path}: verification failed. First: {first}").format(path=ledger, first=report.first)
        )


def _print_report(report: Any, writer: Writer, *, heads_given: bool) -> None:
    for problem in report.problems[:_SHOWN]:
        writer.text(str(problem))
    more = len(report.problems) - _SHOWN
    if more > 0:
        writer.text(
            ngettext("{number} more problem", "{number} more problems", more).format(number=more)
        )
    for note in (*report.beside, *report.notes):
        writer.text(_("note: {note}").format(note=note))
    if not report.ok:
        return
    writer.text(
        _(
            "{path}: {size} events, {files} attached files and {heads} heads verified; "
            "{flags} flagged, {erased} fields erased by order"
        ).format(
            path=report.path,
            size=report.size,
            files=report.files,
            heads=report.heads,
            flags=len(report.flags),
            erased=report.erased,
        )
    )
    writer.text(_("Ledger {fingerprint}").format(fingerprint=report.fingerprint))
    if not heads_given:
        writer.text(
            _("note: no head from elsewhere was given, so lost last events would not be seen")
        )


@click.command(
    cls=Command,
    help=_(
        "Copy a ledger with its files, and verify the copy.\n\n"
        "Example: forensics custody backup /media/stick/2026-11-25.db --ledger laboratory.db"
    ),
)
@click.argument("target", type=file_path())
@shared(LEDGER)
def backup(target: Path, ledger_path: Path) -> None:
    with open_for_reading(ledger_path) as ledger:
        ledger.backup(target)
        click.echo(
            _("{path}: copied and verified. Ledger {fingerprint}").format(
                path=target, fingerprint=ledger.fingerprint
            )
        )


@click.command(
    cls=Command,
    help=_(
        "Bring a ledger back from a backup, verified before and after.\n\n"
        "Example: forensics custody restore /media/stick/2026-11-25.db --ledger laboratory.db "
        "--head kept.head\n\n"
        "The ledger must not exist: move a damaged one aside first, and keep it."
    ),
)
@click.argument("source_path", metavar="BACKUP", type=file_path())
@_HEADS
@shared(LEDGER)
def restore(source_path: Path, heads: tuple[Path, ...], ledger_path: Path) -> None:
    from forensics.custody import verify as check
    from forensics.custody.database import LEDGER_DATABASE, files_folder
    from forensics.custody.witnesses import read_head
    from forensics.store.copies import private_copy

    check(source_path, [read_head(path) for path in heads]).require()
    with private_copy(source_path, LEDGER_DATABASE) as copy, open_for_reading(copy.path) as ledger:
        ledger.backup(ledger_path, files=files_folder(source_path))
        click.echo(
            _("{path}: restored and verified. Ledger {fingerprint}").format(
                path=ledger_path, fingerprint=ledger.fingerprint
            )
        )


@click.command(
    cls=Command,
    help=_(
        "Hand the events of a case to the other party, in a bundle that needs no trust in us.\n\n"
        "Example: forensics custody disclose 2026-014 --output bundle.zip "
        "--recipient 'Counsel for the defence'\n\n"
        "The bundle holds a verifier that needs python3 alone. What was disclosed is recorded. "
        "Attached files of runs and whatever names another case are withheld by default. Where a "
        "withheld value also stands in another field or file, that is withheld with it."
    ),
)
@click.argument("case")
@option(
    "--output", required=True, type=file_path(), group=Group.OUTPUT, help=_("Bundle to be made.")
)
@option("--recipient", prompt=_("Recipient"), group=Group.EXAMINE, help=_("To whom."))
@option(
    "--withhold",
    multiple=True,
    metavar="FIELD|SEQ:FIELD",
    group=Group.DECIDE,
    help=_("Field that is not opened, in any event or in one."),
)
@option(
    "--withhold-event",
    "events",
    multiple=True,
    type=int,
    metavar="SEQ",
    group=Group.DECIDE,
    help=_("Event of which only what its signature needs is opened."),
)
@option(
    "--withhold-attachment",
    "attachments",
    multiple=True,
    metavar="NAME|SHA256",
    group=Group.DECIDE,
    help=_("Attached file that is left out; its name is still shown."),
)
@option(
    "--open",
    "opened",
    multiple=True,
    metavar="SEQ:FIELD|NAME",
    group=Group.DECIDE,
    help=_("Field or attached file that is withheld without being named; look at it first."),
)
@option("--why", default="", group=Group.DECIDE, help=_("Why something is withheld."))
@shared(LEDGER, signing)
def disclose(
    case: str, output: Path, recipient: str, withhold: tuple[str, ...], events: tuple[int, ...],
    attachments: tuple[str, ...], opened: tuple[str, ...], why: str, ledger_path: Path,
    signer: Signer,
) -> None:  # fmt: skip
    from forensics.custody.disclosure import Withheld, disclose_case

    withheld = Withheld(withhold, events, attachments, opened, why)
    with signer.open(ledger_path) as ledger:
        made, receipt, closed = disclose_case(
            ledger, case, output, recipient=recipient, withheld=withheld
        )
    click.echo(
        _(
            "{path}: {events} events, {files} files; {fields} fields and {left_out} files withheld"
        ).format(
            path=made.path,
            events=made.events,
            files=made.attachments,
            fields=made.fields_withheld,
            left_out=made.attachments_withheld,
        )
    )
    if closed:
        click.echo(
            _(
                "withheld, since they may tell of other cases: {fields} "
                "(look at each; --open SEQ:FIELD opens it)"
            ).format(fields=", ".join(closed))
        )
    if made.repeated:
        click.echo(
            _(
                "withheld, since a withheld value also stands there: {places} "
                "(look at each; --open opens it)"
            ).format(places=", ".join(made.repeated))
        )
    if made.unsearched:
        click.echo(
            _(
                "not searched for withheld values, since they are not text: {files} "
                "(look at each; --withhold-attachment leaves it out)"
            ).format(files=", ".join(made.unsearched))
        )
    click.echo(receipt_line(receipt))


@click.command(
    cls=Command,
    help=_(
        "Take in exhibits that were recorded offline, in a field ledger of one case.\n\n"
        "Example: forensics custody merge field.db --received-from 'Ranger J. Roe' --as amina\n\n"
        "The field ledger goes in whole, with its own numbers and signatures. Who signs receives "
        "the exhibits. It can be merged again when it has grown."
    ),
)
@click.argument("field", type=file_path())
@option("--received-from", group=Group.EXAMINE, help=_("Who brought them."))
@shared(DRY_RUN, LEDGER, signing, RECEIPTS)
def merge(
    field: Path, received_from: str | None, dry_run: bool, ledger_path: Path, signer: Signer,
    writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody.merging import merge as take_in

    with signer.open(ledger_path) as ledger:
        receipt = take_in(ledger, field, dry_run=dry_run, received_from=received_from)
    print_receipt(receipt, writer)
