"""Heads of a ledger: signed, countersigned by a witness, dated by a timestamp authority."""

from pathlib import Path

import click

from forensics.cli.custody_options import (
    LEDGER_OR_NONE,
    Signer,
    new_source,
    open_for_reading,
    signing,
    source,
)
from forensics.cli.options import Command, file_path, option, shared
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.io.files import require_new
from forensics.messages import _

_MODES = {
    "--import": ("", ""),
    "--witness": ("--name --key --seen --output", "--new --request --person"),
    "--timestamp": ("--output", "--response"),
}
"""What else is done than to sign a head, with the options that it needs and those of it alone."""


@click.command(
    cls=Command,
    help=_(
        "Sign the state of a ledger as it is now, to be kept elsewhere; countersign it; date it.\n\n"
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
        "A witness that kept the file, or the fingerprint on paper, finds any later change of "
        "what was before. --import takes in a head that a witness has countersigned.\n\n"
        "--witness countersigns a head as a witness, if it continues what this witness has seen. It needs no "
        "ledger: it is done on the witness's own computer. A head with fewer events (rollback) or of another "
        "history (fork) is refused with exit code 4. --request writes what an administrator of the ledger "
        "enrols the key by (person add --role witness --request). Give the key's id to others by telephone or "
        "letter: it is what they name to verify (--witness-key).\n\n"
        "--timestamp has an authority (RFC 3161) say when a head existed, by files. The request is carried to "
        "the authority; --response puts its answer into the head. verify, log and review check it with "
        "--tsa-roots."
    ),
)
@option("--output", type=file_path(), group=Group.OUTPUT, help=_("File to be made."))
@option(
    "--import",
    "countersigned",
    type=file_path(),
    group=Group.EXAMINE,
    help=_("Head from a witness, to be kept."),
)
@option(
    "--witness",
    type=file_path(),
    metavar="HEAD",
    group=Group.EXAMINE,
    help=_("Head to be countersigned."),
)
@option("--name", group=Group.EXAMINE, help=_("Name of the witness."))
@option("--seen", type=file_path(), group=Group.EXAMINE, help=_("Heads that this witness keeps."))
@option(
    "--new", is_flag=True, group=Group.CUSTODY, help=_("Make the key file of the witness first.")
)
@option(
    "--request",
    type=file_path(),
    group=Group.EXAMINE,
    help=_("Request to enrol this key, to be made."),
)
@option(
    "--person",
    group=Group.EXAMINE,
    help=_("Short name of the witness in the ledger, for --request."),
)
@option(
    "--timestamp",
    type=file_path(),
    metavar="HEAD",
    group=Group.EXAMINE,
    help=_("Head to be dated."),
)
@option("--response", type=file_path(), group=Group.EXAMINE, help=_("Response of the authority."))
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
    require_new(*filter(None, (output, request)))
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
        raise UsageError(_("{options} do not go together.").format(options=", ".join(modes)))
    for mode, (needed, more) in _MODES.items():
        if mode in modes:
            if missing := [name for name in needed.split() if name not in given]:
                raise UsageError(
                    _("{option} needs {others}.").format(option=mode, others=", ".join(missing))
                )
            continue
        for name in f"{needed} {more}".split():
            if name in given and name not in ("--output", "--key"):
                raise UsageError(
                    _("{option} goes with {other} only.").format(option=name, other=mode)
                )
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

    from forensics.custody.keys import PrivateKey, open_key, write_key
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
    if new:
        key = PrivateKey.generate()
        write_key(path, key, new_source(signer.passphrase_fd, path))
    else:
        key = open_key(
            path, source(signer.passphrase_fd, _("Passphrase of {path}").format(path=path))
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
