"""Beginning a ledger and enrolling people: what makes keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_acts import read_record
from forensics.cli.custody_options import (
    DRY_RUN,
    LEDGER,
    NEW_PASSPHRASE,
    Signer,
    keys_folder,
    new_source,
    open_for_reading,
    print_receipt,
    signing,
)
from forensics.cli.options import Command, option
from forensics.cli.output import RECORDS, Writer, written
from forensics.core.options import Group
from forensics.custody.fields import read_time
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.custody.keys import PrivateKey

__all__ = ["enrol", "init", "key", "reenrol", "rotate"]

_INSIDE = ["administrator", "manager", "custodian", "analyst", "reviewer"]
_ROLES = [*_INSIDE, "outside", "witness"]
_ROLE = option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(_ROLES),
    group=Group.RECORD,
    help=_("Role; may be repeated."),
)
_EXPIRES = option(
    "--key-expires",
    metavar="TIME",
    group=Group.CUSTODY,
    help=_("When the key ceases to be valid, with its zone."),
)
_NEW_KEY = option(
    "--new-key",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.CUSTODY,
    help=_("File of the new key that is made; default: LEDGER.keys/PERSON.key."),
)
_REQUEST = option(
    "--request",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    group=Group.RECORD,
    help=_("Request that the person made elsewhere with “custody key”; no key is made then."),
)


def _time(text: str | None) -> str | None:
    return read_time(text) if text else None


def _make_key(path: Path, descriptor: int | None) -> "PrivateKey":
    """Make a key and its file; return the key."""
    from forensics.custody.keys import PrivateKey, write_key

    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = PrivateKey.generate()
    write_key(path, made, new_source(descriptor, path))
    return made


@click.command(
    cls=Command,
    help=_(
        "Begin a ledger, with its first person and the key of that person.\n\n"
        "Example: forensics custody init laboratory.db --laboratory 'Forensic Laboratory' "
        "--person amina --name 'Amina Dupré'"
    ),
)
@click.argument("ledger_path", metavar="LEDGER", type=click.Path(path_type=Path, dir_okay=False))
@option(
    "--laboratory", prompt=_("Laboratory"), group=Group.RECORD, help=_("Name of the laboratory.")
)
@option(
    "--person",
    prompt=_("Person"),
    group=Group.RECORD,
    help=_("Short name of the first person, an administrator."),
)
@option("--name", prompt=_("Name"), group=Group.RECORD, help=_("Full name."))
@_ROLE
@option(
    "--policy",
    multiple=True,
    metavar="NAME=VALUE",
    group=Group.RECORD,
    help=_("What differs from the default policy, such as use_share=0.4; may be repeated."),
)
@_EXPIRES
@NEW_PASSPHRASE
@written(forms=RECORDS, to_file=False)
def init(
    ledger_path: Path, laboratory: str, person: str, name: str, roles: tuple[str, ...],
    policy: tuple[str, ...], key_expires: str | None, new_passphrase_fd: int | None,
    writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody import create_ledger
    from forensics.custody.database import files_folder
    from forensics.custody.policy import POLICY

    if ledger_path.exists() or files_folder(ledger_path).exists():
        raise UsageError(
            _("{path} exists already and is not overwritten; give another name.").format(
                path=ledger_path
            )
        )
    rules: dict[str, Any] = {}
    for text in policy:
        rules.update(read_record(POLICY, text))
    path = keys_folder(ledger_path) / f"{person}.key"
    made = _make_key(path, new_passphrase_fd)
    try:
        ledger = create_ledger(
            ledger_path,
            key=made,
            laboratory=laboratory,
            person=person,
            name=name,
            roles=roles or _INSIDE,
            policy=rules or None,
            key_expires=_time(key_expires),
        )
    except BaseException:
        path.unlink(missing_ok=True)  # made a moment ago for a ledger that there is not
        raise
    with ledger:
        fingerprint = ledger.fingerprint
        if writer.is_json:
            writer.record(
                {"ledger": str(ledger_path), "key": str(path), "person": person,
                 "fingerprint": str(fingerprint)}
            )  # fmt: skip
        else:
            writer.text(
                _("{ledger} was made; {person} signs with {key}. Ledger {fingerprint}").format(
                    ledger=ledger_path, person=person, key=path, fingerprint=fingerprint
                )
            )


@click.command(
    cls=Command,
    help=_(
        "Make a key on one's own computer, and the request to enrol it.\n\n"
        "Example: forensics custody key bruno --output bruno.key --ledger laboratory.db\n\n"
        "The request (OUTPUT.request) holds the public key and the proof that the private key "
        "is there; an administrator enrols it (enrol --request)."
    ),
)
@click.argument("person")
@option(
    "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), group=Group.OUTPUT
)
@LEDGER
@NEW_PASSPHRASE
def key(person: str, output: Path, ledger_path: Path, new_passphrase_fd: int | None) -> None:
    from forensics.custody.canonical import canonical
    from forensics.io.files import write_new

    with open_for_reading(ledger_path) as ledger:
        made = _make_key(output, new_passphrase_fd)
        request = {
            "person": person,
            "public_key": made.public.text,
            "proof": ledger.proof(person, made),
        }
    write_new(Path(f"{output}.request"), canonical(request) + b"\n")
    click.echo(
        _("{path} was made, key id {id}; give {request} to an administrator").format(
            path=output, id=made.id, request=f"{output}.request"
        )
    )


def _requested(person: str, request: Path) -> dict[str, str]:
    """Return public key and proof of a request."""
    from forensics.custody.canonical import parse_json
    from forensics.io.inputs import read_limited

    document = parse_json(read_limited(request, 10_000), source=str(request))
    names = {"person", "public_key", "proof"}
    if not isinstance(document, dict) or set(document) != names or document["person"] != person:
        raise UsageError(
            _("{path} is not a request of {person}.").format(path=request, person=person)
        )
    return {"public_key": document["public_key"], "proof": document["proof"]}


def _new_key(
    ledger: Any, ledger_path: Path, person: str, new_key: Path | None, request: Path | None,
    descriptor: int | None,
) -> tuple[dict[str, str], Path | None]:  # fmt: skip
    """Return public key and proof, and the file of the key if one was made."""
    if request:
        return _requested(person, request), None
    path = new_key or keys_folder(ledger_path) / f"{person}.key"
    made = _make_key(path, descriptor)
    return {"public_key": made.public.text, "proof": ledger.proof(person, made)}, path


def _add(
    ledger: Any, kind: str, fields: dict[str, Any], made: Path | None, *, dry_run: bool,
    writer: Writer,
) -> None:  # fmt: skip
    try:
        receipt = ledger.add(kind, dry_run=dry_run, **fields)
    except BaseException:
        if made:
            made.unlink(missing_ok=True)  # made a moment ago and enrolled nowhere
        raise
    if made and dry_run:
        made.unlink(missing_ok=True)
    print_receipt(receipt, writer, **({"key": str(made)} if made else {}))


@click.command(
    "enrol",
    cls=Command,
    help=_(
        "Enrol a person.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody enrol bruno --name 'Bruno Sá' --role analyst --request bruno.request\n"
        "  forensics custody enrol officer7 --name 'A. Officer' --role outside --no-key\n"
        "  forensics custody enrol court --name 'District Court' --agency 'District Court' \\\n"
        "      --role witness --request court.request"
    ),
)
@click.argument("person")
@option("--name", prompt=_("Name"), group=Group.RECORD, help=_("Full name."))
@_ROLE
@option("--agency", group=Group.RECORD, help=_("Agency or laboratory, if another."))
@_NEW_KEY
@_REQUEST
@option("--no-key", is_flag=True, group=Group.CUSTODY, help=_("The person signs on paper."))
@_EXPIRES
@DRY_RUN
@written(forms=RECORDS, to_file=False)
@LEDGER
@signing
@NEW_PASSPHRASE
def enrol(
    person: str, name: str, roles: tuple[str, ...], agency: str | None, new_key: Path | None,
    request: Path | None, no_key: bool, key_expires: str | None, dry_run: bool, writer: Writer,
    ledger_path: Path, signer: Signer, new_passphrase_fd: int | None,
) -> None:  # fmt: skip
    if not roles:
        raise UsageError(_("Give --role: {roles}.").format(roles=", ".join(_ROLES)))
    with signer.open(ledger_path) as ledger:
        ledger.key  # noqa: B018  (a wrong passphrase stops before a key is made)
        fields = {"person": person, "name": name, "roles": list(roles), "agency": agency}
        made = None
        if not no_key:
            more, made = _new_key(ledger, ledger_path, person, new_key, request, new_passphrase_fd)
            fields |= more | {"key_expires": _time(key_expires)}
        _add(ledger, "enrol", fields, made, dry_run=dry_run, writer=writer)


@click.command(
    "rotate",
    cls=Command,
    help=_(
        "Replace one's own key by a new one.\n\n"
        "Example: forensics custody rotate --as bruno\n\n"
        "The old key file is kept under another name; it signs no more."
    ),
)
@_NEW_KEY
@_EXPIRES
@DRY_RUN
@written(forms=RECORDS, to_file=False)
@LEDGER
@signing
@NEW_PASSPHRASE
def rotate(
    new_key: Path | None, key_expires: str | None, dry_run: bool, writer: Writer,
    ledger_path: Path, signer: Signer, new_passphrase_fd: int | None,
) -> None:  # fmt: skip
    old = signer.key_file(ledger_path)
    path = new_key or old.with_name(f"{old.name}.new")
    with signer.open(ledger_path, act="rotate") as ledger:
        person, ended = ledger.actor, ledger.key.id
        more, made = _new_key(ledger, ledger_path, person, path, None, new_passphrase_fd)
        fields = {"person": person, "key_expires": _time(key_expires), **more}
        _add(ledger, "rotate", fields, made, dry_run=dry_run, writer=writer)
    if not new_key and not dry_run:
        old.rename(old.with_name(f"{old.name}.ended-{ended[:8]}"))
        path.rename(old)


@click.command(
    "reenrol",
    cls=Command,
    help=_(
        "Give a person who lost the key or the passphrase a new key; takes two others.\n\n"
        "The person makes the key first (custody key); the second person approves that key:\n\n"
        "\b\n"
        "  forensics custody authorise reenrol --subject bruno \\\n"
        "      --content public_key=bruno.key.request --reason 'passphrase forgotten' --as chen\n\n"
        "Example: forensics custody reenrol bruno --reason 'passphrase forgotten' "
        "--authorisation 41 --request bruno.key.request"
    ),
)
@click.argument("person")
@option("--reason", prompt=_("Reason"), group=Group.RECORD, help=_("Why."))
@option(
    "--authorisation",
    type=int,
    group=Group.RECORD,
    help=_("Event in which a second person agreed."),
)
@option(
    "--request",
    required=True,  # the second person approves this key, so it is there before
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    group=Group.RECORD,
    help=_("Request that the person made with “custody key”."),
)
@_EXPIRES
@DRY_RUN
@written(forms=RECORDS, to_file=False)
@LEDGER
@signing
def reenrol(
    person: str, reason: str, authorisation: int | None, request: Path, key_expires: str | None,
    dry_run: bool, writer: Writer, ledger_path: Path, signer: Signer,
) -> None:  # fmt: skip
    with signer.open(ledger_path, act="reenrol") as ledger:
        fields = {
            "person": person,
            "reason": reason,
            "authorisation": authorisation,
            "key_expires": _time(key_expires),
            **_requested(person, request),
        }
        _add(ledger, "reenrol", fields, None, dry_run=dry_run, writer=writer)
