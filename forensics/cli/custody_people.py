"""Beginning a ledger, enrolling people, and unlocking a key for some minutes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_acts import act_command, ask
from forensics.cli.custody_options import (
    DRY_RUN,
    LEDGER,
    LEDGER_OR_NONE,
    NEW_PASSPHRASE,
    RECEIPTS,
    SIGNING,
    Signer,
    clock_time,
    keys_folder,
    make_key,
    open_for_reading,
    print_receipt,
    signing,
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
from forensics.cli.output import Writer
from forensics.core.options import Group
from forensics.custody.fields import read_time
from forensics.custody.registry import TYPES
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.custody.agent import AgentStatus


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
_NAME = option("--name", prompt=_("Name"), group=Group.RECORD, help=_("Full name."))
_EXPIRES = option(
    "--key-expires",
    metavar="TIME",
    group=Group.CUSTODY,
    help=_("When the key expires, with time zone."),
)
_REQUEST_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_NEW_KEY = path_option(
    "--new-key",
    group=Group.CUSTODY,
    help=_("File for the new key; default: LEDGER.keys/PERSON.key."),
)


def _time(text: str | None) -> str | None:
    return read_time(text) if text else None


@command(
    help=_(
        "Start a ledger with its first person and that person's key.\n\n"
        "Example: forensics custody init laboratory.db --laboratory 'Forensic Laboratory' "
        "--person amina --name 'Amina Dupré'"
    ),
)
@click.argument("ledger_path", metavar="LEDGER", type=file_path())
@option(
    "--laboratory", prompt=_("Laboratory"), group=Group.RECORD, help=_("Name of the laboratory.")
)
@option(
    "--person",
    prompt=_("Person"),
    group=Group.RECORD,
    help=_("Short name of the first person, an administrator."),
)
@_NAME
@_ROLE
@option(
    "--policy",
    multiple=True,
    metavar="NAME=VALUE",
    group=Group.RECORD,
    help=_("Setting that differs from the default policy, such as use_share=0.4; may be repeated."),
)
@_EXPIRES
@NEW_PASSPHRASE
@shared(RECEIPTS)
def init(
    ledger_path: Path, laboratory: str, person: str, name: str, roles: tuple[str, ...],
    policy: tuple[str, ...], key_expires: str | None, new_passphrase_fd: int | None,
    writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody import create_ledger
    from forensics.custody.rules import POLICY
    from forensics.custody.storage import files_folder
    from forensics.io.files import check_new

    check_new(ledger_path, files_folder(ledger_path))
    path = keys_folder(ledger_path) / f"{person}.key"
    made = make_key(path, new_passphrase_fd)
    try:
        ledger = create_ledger(
            ledger_path,
            key=made,
            laboratory=laboratory,
            person=person,
            name=name,
            roles=roles or _INSIDE,
            policy=POLICY.read_typed(policy) or None,
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


def _new_key(ledger: Any, person: str, path: Path, descriptor: int | None) -> dict[str, str]:
    """Make a key file; return public key and proof."""
    made = make_key(path, descriptor)
    return {"public_key": made.public.text, "proof": ledger.proof(person, made)}


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


person = CommandGroup(
    "person",
    help=_(
        "Enrol people, and keep their keys, roles and competences.\n\n"
        "Example: forensics custody person add bruno --name 'Bruno Sá' --role analyst --as amina"
    ),
)


@person.command(
    "add",
    help=_(
        "Enrol a person.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody person add bruno --name 'Bruno Sá' --role analyst --request bruno.request\n"
        "  forensics custody person add officer7 --name 'A. Officer' --role outside --no-key\n"
        "  forensics custody person add court --name 'District Court' --agency 'District Court' \\\n"
        "      --role witness --request court.request"
    ),
)
@click.argument("person")
@_NAME
@_ROLE
@option("--agency", group=Group.RECORD, help=_("Agency or laboratory, if another."))
@_NEW_KEY
@option(
    "--request",
    type=_REQUEST_FILE,
    group=Group.RECORD,
    help=_(
        "Request that the person made elsewhere with “custody person key”; no key is made here "
        "then."
    ),
)
@option("--no-key", is_flag=True, group=Group.CUSTODY, help=_("The person signs on paper."))
@_EXPIRES
@NEW_PASSPHRASE
@shared(DRY_RUN, RECEIPTS, LEDGER, signing)
def add(
    person: str, name: str, roles: tuple[str, ...], agency: str | None, new_key: Path | None,
    request: Path | None, no_key: bool, key_expires: str | None, dry_run: bool, writer: Writer,
    ledger_path: Path, signer: Signer, new_passphrase_fd: int | None,
) -> None:  # fmt: skip
    if not roles:
        raise UsageError(_("Give --role: {roles}.").format(roles=", ".join(_ROLES)))
    from forensics.custody.witnesses import read_enrolment_request

    with signer.open(ledger_path) as ledger:
        ledger.key  # noqa: B018  (a wrong passphrase stops before a key is made)
        fields: dict[str, Any] = {
            "person": person,
            "name": name,
            "roles": list(roles),
            "agency": agency,
        }
        made = None
        if request and not no_key:
            fields |= read_enrolment_request(request, person)
        elif not no_key:
            made = new_key or keys_folder(ledger_path) / f"{person}.key"
            fields |= _new_key(ledger, person, made, new_passphrase_fd)
        if not no_key:
            fields["key_expires"] = _time(key_expires)
        _add(ledger, "enrol", fields, made, dry_run=dry_run, writer=writer)


@person.command(
    "key",
    help=_(
        "Make a key, replace your own, or re-enrol a person who lost theirs.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody person key bruno --output bruno.key --ledger laboratory.db\n"
        "  forensics custody person key --rotate --as bruno\n"
        "  forensics custody person key bruno --request bruno.key.request --authorisation 41 \\\n"
        "      --reason 'passphrase forgotten' --as amina\n\n"
        "The first makes the key on the person's own computer, with a request (OUTPUT.request) "
        "that contains the public key and proves possession of the private key; an administrator "
        "enrols it (person add --request). The second keeps the old key file under another name; "
        "that key can sign no more. The third needs two other people: the person makes the key "
        "first, and the second person approves it:\n\n"
        "\b\n"
        "  forensics custody authorise reenrol --subject bruno \\\n"
        "      --content public_key=bruno.key.request --reason 'passphrase forgotten' --as chen"
    ),
)
@click.argument("person", required=False)
@output_option(
    help=_("File for the new key; default with --rotate: the file of the old one."),
)
@option("--rotate", is_flag=True, group=Group.RECORD, help=_("Replace your own key by a new one."))
@option(
    "--request",
    type=_REQUEST_FILE,
    group=Group.RECORD,
    help=_("Request of a person who lost the key or the passphrase, made with --output."),
)
@option("--reason", group=Group.RECORD, help=_("With --request: the reason."))
@option(
    "--authorisation",
    type=int,
    group=Group.RECORD,
    help=_("With --request: event with the second person's authorisation."),
)
@_EXPIRES
@NEW_PASSPHRASE
@shared(DRY_RUN, RECEIPTS, LEDGER, signing)
def key(
    person: str | None, output: Path | None, rotate: bool, request: Path | None, reason: str | None,
    authorisation: int | None, key_expires: str | None, dry_run: bool, writer: Writer,
    ledger_path: Path, signer: Signer, new_passphrase_fd: int | None,
) -> None:  # fmt: skip
    from forensics.custody.witnesses import read_enrolment_request

    ways = (request is not None, rotate, output is not None and not rotate)
    if ways.count(True) != 1 or rotate == (person is not None):
        raise UsageError(
            _(
                "Give one of: PERSON --output FILE (make a key), --rotate (replace your own), "
                "PERSON --request FILE (enrol a new one)."
            )
        )
    left = {} if request else {"--reason": reason, "--authorisation": authorisation}
    if not (rotate or request):
        left |= {"--key-expires": key_expires, "--dry-run": dry_run, "--as": signer.is_named}
    for name in [name for name, value in left.items() if value]:
        raise UsageError(
            _("{option} cannot be used with {other}.").format(
                option=name, other="--rotate" if rotate else "--output"
            )
        )
    if rotate:
        _rotate(output, _time(key_expires), dry_run, writer, ledger_path, signer, new_passphrase_fd)
    elif person and request:
        with signer.open(ledger_path, act="reenrol") as ledger:
            fields = {
                "person": person,
                "reason": reason or ask(TYPES["reenrol"].known["reason"]),
                "authorisation": authorisation,
                "key_expires": _time(key_expires),
                **read_enrolment_request(request, person),
            }
            _add(ledger, "reenrol", fields, None, dry_run=dry_run, writer=writer)
    elif person and output:
        _make_request(person, output, ledger_path, new_passphrase_fd)


def _make_request(person: str, output: Path, ledger_path: Path, descriptor: int | None) -> None:
    """Make a key, and the request to enrol it."""
    from forensics.custody.canonical import nfc
    from forensics.custody.witnesses import write_enrolment_request

    request = f"{output}.request"
    with open_for_reading(ledger_path) as ledger:
        made = make_key(output, descriptor)
        write_enrolment_request(request, ledger.state.ledger, nfc(person), made)
    click.echo(
        _("{path} was made, key id {id}; give {request} to an administrator").format(
            path=output, id=made.id, request=request
        )
    )


def _rotate(
    output: Path | None, expires: str | None, dry_run: bool, writer: Writer, ledger_path: Path,
    signer: Signer, descriptor: int | None,
) -> None:  # fmt: skip
    """Replace the key of who acts by a new one."""
    old = signer.key_file(ledger_path)
    path = output or old.with_name(f"{old.name}.new")
    with signer.open(ledger_path, act="rotate") as ledger:
        person, ended = ledger.actor, ledger.key.id
        made = _new_key(ledger, person, path, descriptor)
        fields = {"person": person, "key_expires": expires, **made}
        _add(ledger, "rotate", fields, path, dry_run=dry_run, writer=writer)
    if not output and not dry_run:
        old.rename(old.with_name(f"{old.name}.ended-{ended[:8]}"))
        path.rename(old)


for _name in ("roles", "competence", "revoke"):
    person.add_command(act_command(TYPES[_name], path=f"person {_name}"))


@command(
    help=_(
        "Unlock a key for some minutes, to sign many acts with one passphrase.\n\n"
        "A separate process that only you can reach holds the key. It ends after that many "
        "minutes without a signature, or with “custody lock”. Not on Windows.\n\n"
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
    help=_("Minutes without a signature after which the key is locked."),
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
        signer.passphrase_of(path),
        label=path.stem,
        minutes=minutes,
    )
    _show(held, writer)


@command(
    help=_(
        "Lock all of your unlocked keys, or only the one that --as or --key names.\n\n"
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
        text += " " + _("Its memory may be written to the swap file.")
    writer.text(text)
