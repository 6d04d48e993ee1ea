"""Options that the commands of custody share: which ledger, whose key, how the passphrase comes."""

import json
from collections.abc import Callable
from pathlib import Path

import click

from forensics.errors import UsageError
from forensics.messages import _

__all__ = [
    "FORMAT",
    "LEDGER",
    "NEW_PASSPHRASE",
    "SIGNING",
    "TSA_ROOTS",
    "WITNESS_KEYS",
    "apply",
    "key_file",
    "keys_folder",
    "new_source",
    "open_checked",
    "open_for_reading",
    "open_for_writing",
    "pinned",
    "print_flags",
    "print_receipt",
    "trusted",
]

LEDGER = click.option(
    "--ledger",
    "ledger_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="FORENSICS_LEDGER",
    required=True,
    show_envvar=True,
    help=_("The ledger."),
)
FORMAT = click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True
)
SIGNING = (
    click.option(
        "--key",
        "key_path",
        type=click.Path(path_type=Path, dir_okay=False),
        help=_("Key file of who acts; default: the only one in LEDGER.keys, or that of --as."),
    ),
    click.option("--as", "person_", metavar="PERSON", help=_("Who acts: LEDGER.keys/PERSON.key.")),
    click.option(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help=_("File descriptor from which the passphrase is read; default: it is asked for."),
    ),
)
TSA_ROOTS = click.option(
    "--tsa-roots",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PEM",
    help=_("Certificates of timestamp authorities that you trust: tokens are checked and count."),
)
WITNESS_KEYS = click.option(
    "--witness-key",
    "witness_keys",
    multiple=True,
    metavar="FILE|ID",
    help=_("Key that a witness gave you by other means: its id, a key file or a request."),
)
NEW_PASSPHRASE = click.option(
    "--new-passphrase-fd",
    type=int,
    metavar="N",
    help=_("File descriptor from which the passphrase of the new key is read."),
)


def apply(command: Callable, *options: Callable) -> Callable:
    """Put options on a command, in the order in which they are given.

    A function gets them before its own, a finished command after them.
    """
    for option in options if isinstance(command, click.Command) else reversed(options):
        command = option(command)
    return command


def keys_folder(ledger: Path) -> Path:
    """Return the folder in which the keys of a ledger lie where nothing else is said."""
    return Path(f"{ledger}.keys")


def key_file(ledger: Path, key_path: Path | None, person: str | None) -> Path:
    """Return the key file that is meant."""
    if key_path:
        return key_path
    folder = keys_folder(ledger)
    if person:
        return folder / f"{person}.key"
    found = sorted(folder.glob("*.key")) if folder.is_dir() else []
    if len(found) == 1:
        return found[0]
    raise UsageError(
        _("Say who acts: give --as PERSON or --key FILE ({number} keys in {folder}).").format(
            number=len(found), folder=folder
        )
    )


def source(descriptor: int | None, text: str):
    """Return where the passphrase of a key comes from."""
    from forensics.custody.passphrases import from_descriptor, from_prompt

    return from_prompt(text) if descriptor is None else from_descriptor(descriptor)


def new_source(descriptor: int | None, path: Path):
    """Return where the passphrase of a new key comes from."""
    from forensics.custody.passphrases import from_descriptor, from_prompt

    if descriptor is not None:
        return from_descriptor(descriptor)
    return from_prompt(_("New passphrase of {path}").format(path=path), confirm=True)


def trusted(path: Path | None) -> list:
    """Return the certificates of --tsa-roots; none where it is not given."""
    if path is None:
        return []
    from forensics.custody.timestamps import read_roots

    return read_roots(path)


def pinned(texts) -> frozenset:
    """Return the ids of the keys of --witness-key."""
    from forensics.custody.witnesses import read_pins

    return read_pins(texts) if texts else frozenset()


def open_for_reading(ledger: Path):
    """Return the ledger, without a key."""
    from forensics.custody import open_ledger

    return open_ledger(ledger)


def open_checked(ledger: Path):
    """Return the ledger, without a key, when its fields are those that were signed.

    What people read of it, or hand on, must not come from a field that was changed in the database.
    """
    opened = open_for_reading(ledger)
    try:
        opened.check_openings()
    except BaseException:
        opened.close()
        raise
    return opened


def open_for_writing(ledger: Path, key_path: Path | None, person: str | None, descriptor):
    """Return the ledger with the key of who acts; the passphrase is asked for when it is used."""
    from forensics.custody import open_ledger

    path = key_file(ledger, key_path, person)
    asked = source(descriptor, _("Passphrase of {path}").format(path=path))
    return open_ledger(ledger, key=path, passphrase=asked)


def print_receipt(receipt, style: str, **more: object) -> None:
    """Print what was recorded, with the fingerprint that goes on paper."""
    if style == "json":
        found = {
            "event": receipt.seq,
            "type": receipt.fields["type"],
            "recorded": receipt.fingerprint is not None,
            "recorded_at": receipt.recorded_at,
            "fingerprint": str(receipt.fingerprint) if receipt.fingerprint else None,
            "flags": [{"code": flag.code, "about": flag.about} for flag in receipt.flags],
            **more,
        }
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if receipt.fingerprint is None:
        text = _("dry run: event {seq} ({type}) would be recorded; nothing was")
    else:
        text = _("event {seq} ({type}) recorded   ledger {fingerprint}")
    click.echo(
        text.format(seq=receipt.seq, type=receipt.fields["type"], fingerprint=receipt.fingerprint)
    )
    print_flags(receipt)


def print_flags(receipt) -> None:
    """Tell what was flagged, on standard error."""
    from forensics.custody.rules import FLAGS

    for flag in receipt.flags:
        click.echo(
            _("flagged {code}: {about} {text}").format(
                code=flag.code, about=flag.about, text=_(FLAGS[flag.code])
            ),
            err=True,
        )
