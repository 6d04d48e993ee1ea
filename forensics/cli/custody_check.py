"""Reading and verifying a ledger: its timeline and review, its heads, witnesses, backups, what is disclosed of it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_options import (
    DRY_RUN,
    LEDGER,
    LEDGER_OR_NONE,
    RECEIPTS,
    Signer,
    make_key,
    open_checked,
    open_for_reading,
    print_receipt,
    receipt_line,
    signing,
    trusting,
)
from forensics.cli.options import (
    CommandGroup,
    command,
    file_path,
    option,
    output_option,
    path_option,
    shared,
)
from forensics.cli.output import RECORDS, Writer, written
from forensics.core.options import Group
from forensics.errors import UsageError, VerificationError
from forensics.io.files import check_new
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    from forensics.custody.ledger import Ledger


_HEADS = path_option(
    "--head",
    "heads",
    multiple=True,
    help=_("Head kept elsewhere."),
)
_SHOWN = 20


@command(
    help=_(
        "Verify everything in a ledger by replaying it.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody verify laboratory.db\n"
        "  forensics custody verify laboratory.db --head kept.head \\\n"
        "      --fingerprint '1234 · 9f3c 02ab 77de 41c0 8812 5b6e d03a 94f7'\n\n"
        "Without a head kept elsewhere, the loss of the last events cannot be detected. Without "
        "--witness-key, at most the laboratory itself vouches for a witness. Exit code 4 if "
        "anything is wrong."
    ),
)
@click.argument("ledger", type=file_path())
@_HEADS
@path_option(
    "--seen",
    multiple=True,
    help=_("File of the heads that a witness has seen (head --witness --seen)."),
)
@option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
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
            _(
                "note: no head kept elsewhere was given, so the loss of the last events would not "
                "be detected"
            )
        )


@command(
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


@command(
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
    from forensics.custody.storage import LEDGER_DATABASE, files_folder
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


@command(
    help=_(
        "Disclose the events of a case to the other party, in a bundle that they can verify "
        "themselves.\n\n"
        "Example: forensics custody disclose 2026-014 --output bundle.zip --recipient 'Counsel "
        "for the defence'\n\n"
        "The bundle includes a verifier that needs only python3. The disclosure is recorded in "
        "the ledger. By default, attached files of runs and everything that names another case "
        "are withheld. If a withheld value also occurs in another field or file, that field or "
        "file is withheld too."
    ),
)
@click.argument("case")
@output_option(required=True, help=_("Bundle to be made."))
@option("--recipient", prompt=_("Recipient"), help=_("To whom."))
@option(
    "--withhold",
    multiple=True,
    metavar="FIELD|SEQ:FIELD",
    group=Group.DECIDE,
    help=_("Field to withhold, in every event or in one."),
)
@option(
    "--withhold-event",
    "events",
    multiple=True,
    type=int,
    metavar="SEQ",
    group=Group.DECIDE,
    help=_("Event to withhold; only what its signature needs is shown."),
)
@option(
    "--withhold-attachment",
    "attachments",
    multiple=True,
    metavar="NAME|SHA256",
    group=Group.DECIDE,
    help=_("Attached file to leave out; its name is still shown."),
)
@option(
    "--open",
    "opened",
    multiple=True,
    metavar="SEQ:FIELD|NAME",
    group=Group.DECIDE,
    help=_("Open a field or attached file that is withheld by default; look at it first."),
)
@option("--why", default="", group=Group.DECIDE, help=_("Reason for withholding."))
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
                "withheld, because they may reveal other cases: {fields} (check each; --open "
                "SEQ:FIELD opens it)"
            ).format(fields=", ".join(closed))
        )
    if made.repeated:
        click.echo(
            _(
                "withheld, because a withheld value also occurs there: {places} (check each; "
                "--open opens it)"
            ).format(places=", ".join(made.repeated))
        )
    if made.unsearched:
        click.echo(
            _(
                "not searched for withheld values, because they are not text: {files} (check "
                "each; --withhold-attachment leaves it out)"
            ).format(files=", ".join(made.unsearched))
        )
    click.echo(receipt_line(receipt))


@command(
    help=_(
        "Take in exhibits that were recorded offline, in a field ledger of one case.\n\n"
        "Example: forensics custody merge field.db --received-from 'Ranger J. Roe' --as "
        "amina\n\n"
        "The whole field ledger is merged, with its own numbers and signatures. The person who "
        "signs receives the exhibits. Merge it again when it has new events."
    ),
)
@click.argument("field", type=file_path())
@option("--received-from", help=_("Who brought them."))
@shared(DRY_RUN, LEDGER, signing, RECEIPTS)
def merge(
    field: Path, received_from: str | None, dry_run: bool, ledger_path: Path, signer: Signer,
    writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody.ledger import merge as take_in

    with signer.open(ledger_path) as ledger:
        receipt = take_in(ledger, field, dry_run=dry_run, received_from=received_from)
    print_receipt(receipt, writer)


_MODES = {
    "--import": ("", ""),
    "--witness": ("--name --key --seen --output", "--new --request --person"),
    "--timestamp": ("--output", "--response"),
}
"""What else is done than to sign a head, with the options that it needs and those of it alone."""


@command(
    help=_(
        "Sign the current state of a ledger to keep it elsewhere; countersign or timestamp "
        "it.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody head --output 2026-11-25.head --as amina\n"
        "  forensics custody head            (prints the fingerprint only; no key is needed)\n"
        "  forensics custody head --witness 2026-11-25.head --name 'District Court' \\\n"
        "      --key court.key --seen court.seen --output countersigned.head\n"
        "  forensics custody head --import countersigned.head\n"
        "  forensics custody head --timestamp 2026-11-25.head --output 2026-11-25.tsq\n"
        "  forensics custody head --timestamp 2026-11-25.head --response 2026-11-25.tsr \\\n"
        "      --output stamped.head\n\n"
        "With the file, or the fingerprint on paper, a witness detects any later change to "
        "earlier events. --import takes in a head that a witness has countersigned.\n\n"
        "--witness countersigns a head if it continues the heads that this witness has seen. It "
        "needs no ledger and runs on the witness's own computer. A head with fewer events "
        "(rollback) or of another history (fork) is refused with exit code 4. --request writes "
        "the request with which an administrator of the ledger enrols the key (person add --role "
        "witness --request). Give others the id of the key by telephone or letter; they verify "
        "with it (--witness-key).\n\n"
        "--timestamp proves when a head existed, with a token of a timestamp authority (RFC "
        "3161). It writes a request to send to the authority; --response adds the answer to the "
        "head. verify, log and review check the token with --tsa-roots."
    ),
)
@output_option(help=_("File to be made."))
@path_option(
    "--import",
    "countersigned",
    help=_("Head from a witness, to be kept."),
)
@path_option(
    "--witness",
    metavar="HEAD",
    help=_("Head to countersign."),
)
@option("--name", help=_("Name of the witness."))
@path_option(
    "--seen",
    help=_("File of the heads that this witness has seen."),
)
@option(
    "--new", is_flag=True, group=Group.CUSTODY, help=_("Make the key file of the witness first.")
)
@path_option(
    "--request",
    help=_("New file for the request to enrol this key."),
)
@option(
    "--person",
    help=_("Short name of the witness in the ledger, for --request."),
)
@path_option(
    "--timestamp",
    metavar="HEAD",
    help=_("Head to timestamp."),
)
@path_option("--response", help=_("Response of the authority."))
@shared(LEDGER_OR_NONE, signing)
def head(
    output: Path | None, countersigned: Path | None, witness: Path | None, name: str | None,
    seen: Path | None, new: bool, request: Path | None, person: str | None,
    timestamp: Path | None, response: Path | None, ledger_path: Path | None, signer: Signer,
) -> None:  # fmt: skip
    given = {
        "--import": countersigned, "--witness": witness, "--timestamp": timestamp, "--output": output,
        "--name": name, "--key": signer.key, "--seen": seen, "--new": new, "--request": request,
        "--person": person, "--response": response,
    }  # fmt: skip
    _check_options({name for name, value in given.items() if value})
    check_new(*filter(None, (output, request)))
    if witness and name and seen and output:
        _countersign(witness, name, seen, output, new, request, person, signer)
    elif timestamp and output:
        _stamp(timestamp, response, output)
    elif ledger_path is None:
        raise click.MissingParameter(
            ctx=click.get_current_context(), param_hint="'--ledger'", param_type="option"
        )
    elif countersigned:
        _keep(countersigned, ledger_path)
    elif output:
        from forensics.custody.witnesses import write_head

        with signer.open(ledger_path) as ledger:
            signed = ledger.sign_head()
            write_head(output, ledger.head_file(signed))
        click.echo(_("{path}: {head}").format(path=output, head=signed.head.fingerprint))
    else:
        with open_for_reading(ledger_path) as ledger:
            click.echo(str(ledger.fingerprint))


def _check_options(given: set[str]) -> None:
    """Refuse options that do not go together, and a use without those that it needs."""
    modes = [mode for mode in _MODES if mode in given]
    if len(modes) > 1:
        raise UsageError(_("{options} cannot be used together.").format(options=", ".join(modes)))
    for mode, (needed, more) in _MODES.items():
        if mode in modes:
            if missing := [name for name in needed.split() if name not in given]:
                raise UsageError(
                    _("{option} needs {others}.").format(option=mode, others=", ".join(missing))
                )
            continue
        for name in f"{needed} {more}".split():
            if name in given and name not in ("--output", "--key"):
                raise UsageError(_("{option} needs {other}.").format(option=name, other=mode))
    if ("--request" in given) != ("--person" in given):
        raise UsageError(_("--request and --person are given together."))


def _keep(path: Path, ledger_path: Path) -> None:
    """Take in a head that a witness has countersigned."""
    from forensics.custody.witnesses import read_head

    signed = read_head(path).signed
    with open_for_reading(ledger_path) as ledger:
        ledger.keep_head(signed)
    click.echo(
        _("kept: {head}, seen by {witness}").format(
            head=signed.head.fingerprint,
            witness=signed.witness.name if signed.witness else _("none"),
        )
    )


def _countersign(
    file: Path, name: str, seen: Path, output: Path, new: bool, request: Path | None,
    person: str | None, signer: Signer,
) -> None:  # fmt: skip
    """Countersign a head with the key of a witness."""
    from dataclasses import replace

    from forensics.custody.keys import open_key
    from forensics.custody.witnesses import (
        read_head,
        read_seen,
        witness_head,
        write_enrolment_request,
        write_head,
        write_seen,
    )

    path = signer.key
    assert path is not None
    head_file, kept = read_head(file), read_seen(seen)
    key = (
        make_key(path, signer.passphrase_fd) if new else open_key(path, signer.passphrase_of(path))
    )
    signed = witness_head(head_file, kept, key, name=name)
    write_seen(seen, (*kept, signed))
    write_head(output, replace(head_file, signed=signed))
    click.echo(
        _("{path}: {head} countersigned by {name}, key {key}").format(
            path=output, head=signed.head.fingerprint, name=name, key=key.id
        )
    )
    if request and person:
        write_enrolment_request(request, head_file.signed.head.ledger, person, key)
        click.echo(_("{path}: give it to an administrator of the ledger").format(path=request))


def _stamp(file: Path, response: Path | None, output: Path) -> None:
    """Write the request to a timestamp authority, or put its response into a head."""
    from forensics.custody.witnesses import attach_response, read_head, write_head, write_request

    head_file = read_head(file)
    if response is None:
        write_request(output, head_file.signed.head)
    else:
        write_head(output, attach_response(head_file, response))
    click.echo(_("{path}: {head}").format(path=output, head=head_file.signed.head.fingerprint))


@command(
    help=_(
        "Show what happened in a case, or in the whole ledger.\n\n"
        "Example: forensics custody log 2026-014"
    ),
)
@click.argument("case", required=False)
@trusting
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def log(case: str | None, trust: dict[str, Any], ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.timeline import timeline

    with open_checked(ledger_path) as ledger:
        for entry in timeline(ledger, case, **trust):
            if writer.is_json:
                writer.record(entry.to_dict())
            else:
                writer.text(str(entry))
        if writer.is_table:
            writer.text(_("Ledger {fingerprint}").format(fingerprint=ledger.fingerprint))


@command(
    help=_(
        "List what a defence expert would attack in a case.\n\n"
        "Example: forensics custody review 2026-014"
    ),
)
@click.argument("case")
@trusting
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def review(case: str, trust: dict[str, Any], ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.review import review as examine

    with open_checked(ledger_path) as ledger:
        _list(examine(ledger, case, **trust), writer)


@command(
    help=_(
        "List every control that failed, is open or is missing, and what was done about it.\n\n"
        "Example: forensics custody controls"
    ),
)
@shared(LEDGER)
@written(forms=RECORDS, is_shared=True)
def controls(ledger_path: Path, writer: Writer) -> None:
    from forensics.custody.review import failed_controls

    with open_checked(ledger_path) as ledger:
        _list(failed_controls(ledger), writer)


def _list(rows: list[Any], writer: Writer) -> None:
    """Write dataclasses as lines, or as one record."""
    if writer.is_json:
        writer.record([asdict(row) for row in rows])
        return
    for row in rows:
        writer.text(str(row))


papers = CommandGroup(
    "print",
    help=_(
        "Print labels, and forms to be signed.\n\n"
        "Example: forensics custody print label 2026-014/1 --output label.svg"
    ),
)


@papers.command(
    help=_(
        "Print the label of a thing, or labels of many on A4 sheets.\n\n"
        "Each label has a QR code. A scanner that acts as a keyboard enters it wherever a "
        "command asks for a thing.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody print label 2026-014/1 --output label.svg\n"
        "  forensics custody print label --case 2026-014 --sheet 21 --output labels.html"
    ),
)
@click.argument("things", nargs=-1)
@option("--case", metavar="CASE", help=_("All things of this case."))
@option(
    "--sheet",
    type=click.Choice(["65", "24", "21", "14", "10"]),
    group=Group.OUTPUT,
    help=_(
        "Labels on a sheet of A4 (Avery L7651, L7159, L7160, L7163, L7173 and of the same size); "
        "print them at 100 %, without margins."
    ),
)
@option(
    "--skip",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    group=Group.OUTPUT,
    help=_("Labels already used on the first sheet."),
)
@output_option(
    required=True,
    help=_("Output file: .svg or .png; .html for sheets."),
)
@shared(LEDGER)
def label(
    things: tuple[str, ...], case: str | None, sheet: str | None, skip: int, output: Path,
    ledger_path: Path,
) -> None:  # fmt: skip
    from forensics.custody.paper import SHEETS, write_label, write_sheets

    with open_checked(ledger_path) as ledger:
        if sheet:
            names = [*things, *(_things_of(ledger, case) if case else ())]
            number = write_sheets(
                ledger, list(dict.fromkeys(names)), output, sheet=SHEETS[sheet], skip=skip
            )
            click.echo(
                ngettext("{path}: {number} sheet", "{path}: {number} sheets", number).format(
                    path=output, number=number
                )
            )
            return
        if len(things) != 1 or case or skip:
            raise UsageError(
                _("One label is for one thing; for several, give --sheet, such as --sheet 21.")
            )
        write_label(ledger, things[0], output)
    click.echo(str(output))


def _things_of(ledger: "Ledger", case: str) -> list[str]:
    ledger.state.require_case(case)
    return [
        name for name, item in ledger.state.things.items() if item.case == case and not item.gone
    ]


@papers.command(
    help=_(
        "Make a numbered paper form for a person without a key to sign.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody print form 2026-014/1 --paper F-31 --output F-31.html\n"
        "  forensics custody print form --paper F-32 --output F-32.html\n\n"
        "Without things, the form is blank; keep some for a power cut."
    ),
)
@click.argument("things", nargs=-1)
@option("--paper", required=True, help=_("Number of the form; used once."))
@output_option(
    required=True,
    help=_("File that ends in .html."),
)
@shared(LEDGER)
def form(things: tuple[str, ...], paper: str, output: Path, ledger_path: Path) -> None:
    from forensics.custody.paper import write_form

    with open_checked(ledger_path) as ledger:
        write_form(ledger, paper, things, output)
    click.echo(str(output))


@command(
    help=_(
        "Write every event as CSV, of a case or of the whole ledger.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody export > events.csv\n"
        "  forensics custody export --view exhibits > exhibits.csv\n\n"
        "An export proves nothing; disclose makes a bundle that does."
    ),
)
@click.argument("case", required=False)
@option(
    "--view",
    group=Group.OUTPUT,
    help=_("View to export instead, such as exhibits, samples, seals or findings."),
)
@shared(LEDGER)
def export(case: str | None, view: str | None, ledger_path: Path) -> None:
    from forensics.custody.reader import events_csv, view_csv

    with open_checked(ledger_path) as ledger:
        if case is not None:
            ledger.state.require_case(case)
        if view and case:
            raise UsageError(_("--view exports the whole ledger; leave --case out."))
        for line in view_csv(ledger, view) if view else events_csv(ledger, case):
            click.echo(line, nl=False)
