"""Commands that record an act, made from the table of event types: one mechanism for all of them."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.custody_options import DRY_RUN, LEDGER, RECEIPTS, Signer, print_receipt, signing
from forensics.cli.options import apply, command, file_path, option, path_option, shared
from forensics.cli.output import Writer, tell
from forensics.core.options import Group
from forensics.custody.fields import KEY, TIME, Field, split_pair
from forensics.custody.rules import COMMON_TYPED, CONTENT, DECISIVE, EventType
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.custody.state import State


_AT = Field("at", TIME)
_NOT_GIVEN = (None, ())
_NAMED_AFTER = ("case", "container", "location", "run")
"""Types that make the thing that they are called after."""


def act_command(
    kind: EventType, *, path: str = "", instead: str = "", other: EventType | None = None
) -> click.Command:
    """Return the command that records an event of this type.

    Parameters
    ----------
    path : str
        How the command is called below ``forensics custody``; by default as the type.
    instead : str
        Option with which it records an event of the type `other`.
    """
    table = kind.table
    options: list[Callable[[Any], Any]] = []
    place = _positional(kind, table)
    readers: dict[str, Field] = {}
    case: tuple[Callable[[Any], Any], ...] = ()
    fields = {each.name: each for each in kind.typed}  # first, whose help holds for the other, too
    for field in other.typed if other else ():
        fields.setdefault(field.name, field)
    for field in fields.values():
        if field is table:
            continue
        if field in COMMON_TYPED:
            readers[field.name] = field
        elif field.kind is CONTENT:
            options.append(_content_option(field))
        elif field.name == "case" and place != "case":
            case = (_CASE,)
        else:
            options.append(_parameter(field, field.name == place))
            readers[field.name] = field
    if other:
        options.append(
            option(instead, "is_other", is_flag=True, group=Group.RECORD, help=_(other.summary))
        )
    if table:
        options += (_parameter(part, part.name == place) for part in table.kind.parts)
        options.append(
            path_option(
                "--list",
                "list_file",
                group=Group.RECORD,
                help=_("Table (CSV or XLSX) with these columns: {columns}.").format(
                    columns=", ".join(part.name for part in table.kind.parts)
                ),
            )
        )

    def callback(**given: Any) -> None:
        chosen = kind
        if other:
            chosen, left = (other, kind) if given.pop("is_other") else (kind, other)
            for name in left.known.keys() - chosen.known.keys():
                if given.get(name) not in _NOT_GIVEN:
                    text = (
                        _("{option} cannot be used with {other}.")
                        if chosen is other
                        else _("{option} needs {other}.")
                    )
                    raise UsageError(text.format(option=_flag(left.known[name]), other=instead))
        _record(chosen, table, readers, given)

    example = _example(kind, path or kind.name, place, table)
    if other:
        text = _(
            "{summary}\n\n\b\nExamples:\n  forensics custody {example}\n  forensics custody {other}"
        ).format(
            summary=_(kind.summary),
            example=example,
            other=_example(other, f"{kind.name} {instead}", place, table),
        )
    else:
        text = _("{summary}\n\nExample: forensics custody {example}").format(
            summary=_(kind.summary), example=example
        )
    return command((path or kind.name).split()[-1], help=text)(
        apply(callback, *options, shared(*case, *_OF_EVERY_ACT))
    )


def _positional(kind: EventType, table: Field | None) -> str | None:
    """Return the name of the field that is given without an option."""
    names = [field.name for field in kind.fields if field.required]
    own = (kind.name,) if kind.name in _NAMED_AFTER else ()
    for name in (*own, "things", "thing", "run", "person"):
        if name in names:
            return name
    if table and table.kind.parts[0].name == "thing":
        return "thing"
    for field in kind.fields:
        if field.required and field.kind.name in ("ID", "EVENT", "SHA256") and not field.kind.many:
            return field.name
    return "case" if "case" in names else None


def _flag(field: Field) -> str:
    name = field.name
    if field.kind.many and not field.kind.parts and name.endswith("s"):
        name = name[:-1]  # --seal A --seal B
    return "--" + name.replace("_", "-")


def _parameter(field: Field, positional: bool = False) -> Callable[[Any], Any]:
    many = field.kind.many
    if positional:
        return click.argument(
            field.name, nargs=-1 if many else 1, required=False, metavar=_metavar(field)
        )
    text = _(field.help)
    if field.kind.parts:
        text = _("{help} Each as {parts}.").format(
            help=text, parts=",".join(f"{part.name}=…" for part in field.kind.parts)
        )
    elif many:
        text = _("{help} May be repeated.").format(help=text)
    return option(
        _flag(field),
        field.name,
        group=Group.RECORD,
        multiple=many or bool(field.kind.parts),
        metavar=field.kind.name or "NAME=VALUE,…",
        help=text,
    )


def _content_option(field: Field) -> Callable[[Any], Any]:
    return option(
        "--content",
        group=Group.RECORD,
        multiple=True,
        metavar=field.kind.name,
        help=_("{help} May be repeated.").format(help=_(field.help)),
    )


_CASE = option(
    "--case",
    metavar="CASE",
    group=Group.RECORD,
    help=_("Case; default: the case of the thing concerned."),
)
_OF_EVERY_ACT = (
    *map(_parameter, COMMON_TYPED),
    option(
        "--at",
        metavar="TIME",
        group=Group.RECORD,
        help=_("When it happened, with time zone; default: now."),
    ),
    path_option(
        "--attach",
        multiple=True,
        metavar="FILE",
        group=Group.RECORD,
        help=_("File to attach, such as a photograph; may be repeated."),
    ),
    DRY_RUN,
    LEDGER,
    signing,
    RECEIPTS,
)
SHARED = (_CASE, *_OF_EVERY_ACT)
"""Options of the acts, which the group of the commands describes."""


def _metavar(field: Field) -> str:
    name = field.name.upper().replace("_", "-")
    return f"[{name.removesuffix('S')}]..." if field.kind.many else f"[{name}]"


def _example(kind: EventType, called: str, place: str | None, table: Field | None) -> str:
    parts = [called]
    required = [f for f in kind.fields if f.required and f is not table and f.name != "attachments"]
    if place:
        parts.append(place.upper().removesuffix("S"))
    for field in (*required, *(table.kind.parts if table else ())):
        if field.name != place and field.required and field.name != "case":
            parts.append(f"{_flag(field)} …")
    return " ".join(parts)


def _record(kind: EventType, table: Field | None, readers: dict[str, Field], given: dict) -> None:
    from forensics.custody.batches import add_what_follows, by_case
    from forensics.custody.ledger import NewAct
    from forensics.custody.paper import read_field

    with given["signer"].open(
        given["ledger_path"],
        dry_run=given["dry_run"],
        act=kind.name,
    ) as ledger:

        def read(field: Field, typed: Any) -> Any:
            typed = ask(field) if typed in _NOT_GIVEN else typed
            return read_field(field, typed, ledger.state, _flag(field))

        fields = {
            name: read(field, given[name])
            for name, field in readers.items()
            if given.get(name) not in _NOT_GIVEN
        }
        if table:
            fields[table.name] = _rows(table, given, ledger.state, read)
        at = read(_AT, given["at"]) if given["at"] else None
        for field in kind.typed:
            asked = field.required and field.name not in ("case", "deadline")
            if asked and field.name not in fields and not (field.kind.many and field.kind.parts):
                fields[field.name] = read(field, None)
        add_what_follows(ledger, kind, fields, at, said=given.get("case"))
        if "case" not in fields and (case := kind.known.get("case")) and case.required:
            fields["case"] = ask(case)
        if "content" in given:
            _approve(fields, given["content"])
        several = [fields] if given.get("case") else by_case(ledger.state, fields)
        receipts = ledger.add_all(
            [NewAct(kind.name, each, at, given["attach"]) for each in several],
            dry_run=given["dry_run"],
        )
    for receipt in receipts:
        print_receipt(receipt, given["writer"])


def _approve(fields: dict, given: tuple[str, ...]) -> None:
    """Read what is approved as the act itself would read it, and show it before it is signed."""
    from forensics.custody.keys import PublicKey
    from forensics.custody.registry import TYPES

    act = TYPES.get(fields["act"])
    if act is None or act.name not in DECISIVE:
        return  # the rules say so
    texts: dict[str, list[str]] = {}
    for item in given:
        name, value = split_pair(item, DECISIVE[act.name])
        texts.setdefault(name, []).append(value)
    content = {}
    for name in DECISIVE[act.name]:
        field = act.known[name]
        given_texts = texts.get(name, [])
        many = field.kind.many or bool(field.kind.parts)
        if not given_texts and field.required and _at_a_terminal():
            answer = ask(field)
            given_texts = answer if isinstance(answer, list) else [answer]
        if len(given_texts) > 1 and not many:
            raise UsageError(
                _("{name} is given {number} times.").format(name=name, number=len(given_texts))
            )
        if given_texts:
            typed = given_texts if many else _key_in(field, given_texts[0])
            content[name] = field.read(typed, _flag(field))
    if not content:
        return
    fields["content"] = content
    about = [*fields.get("things", ()), fields.get("subject"), fields.get("case")]
    tell(
        _("You approve “{act}” ({about}) with exactly this content:").format(
            act=act.name, about=", ".join(filter(None, about)) or _("no case")
        )
    )
    for name, value in content.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if act.known[name].kind is KEY:
            text = _("{key} (key id {id}; ask its owner)").format(
                key=text, id=PublicKey.from_text(text).id
            )
        click.echo(f"  {name}: {text}", err=True)


def _key_in(field: Field, given: str) -> str:
    """Return the public key where a file that states it was given: a request or a key file."""
    if field.kind is not KEY or not os.path.isfile(given):  # False too for what no path can be
        return given
    from forensics.custody.witnesses import read_public_key

    return read_public_key(given).text


def _rows(
    table: Field, given: dict, state: "State", read: Callable[[Field, Any], Any]
) -> list[dict]:
    """Return the rows of a table field: those of a file, or the one that options give."""
    parts = table.kind.parts
    if given["list_file"]:
        from forensics.custody.batches import read_rows

        return read_rows(given["list_file"], parts, state)
    return [
        {
            part.name: read(part, given.get(part.name))
            for part in parts
            if part.required or given.get(part.name) not in _NOT_GIVEN
        }
    ]


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def ask(field: Field) -> Any:
    """Ask for a value that is missing; only a person at a terminal can be asked."""
    if not _at_a_terminal():
        raise UsageError(_("Give {option}: {help}").format(option=_flag(field), help=_(field.help)))
    text = click.prompt(_(field.help).rstrip("."), err=True)
    return [part.strip() for part in text.split(",")] if field.kind.many else text


@command(
    help=_(
        "Record many acts from a table or a scanner's list: all or none.\n\n"
        "In a table (CSV or XLSX) each row is an act. The column “act” names it, and the other "
        "columns have the names of its fields; “at” gives the time and “attach” the files. All "
        "rows are checked before anything is recorded, and every fault is reported with its "
        "line. With --act, FILE is a list of names or scanned labels, one per line; the act is "
        "recorded for all of them, with one event per case.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody batch morning.csv --as bruno\n"
        "  forensics custody batch scans.txt --act store --set location=safe --as bruno"
    ),
)
@click.argument("file", type=file_path())
@option(
    "--act",
    "type_name",
    metavar="ACT",
    group=Group.RECORD,
    help=_("Act to record for everything on a scanner's list, such as store or offer."),
)
@option(
    "--set",
    "values",
    multiple=True,
    metavar="NAME=VALUE",
    group=Group.RECORD,
    help=_("Another field of --act, such as location=safe; may be repeated."),
)
@shared(DRY_RUN, LEDGER, signing, RECEIPTS)
def batch(
    file: Path, type_name: str | None, values: tuple[str, ...], dry_run: bool, ledger_path: Path,
    signer: Signer, writer: Writer,
) -> None:  # fmt: skip
    from forensics.custody.batches import read_batch, read_scans, record_batch

    given: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(_("--set takes NAME=VALUE, such as location=safe."))
        given[name.strip().replace("-", "_")] = value.strip()
    if given and type_name is None:
        raise UsageError(_("--set needs --act; in a table, give the value in each row."))
    with signer.open(ledger_path, dry_run=dry_run) as ledger:
        acts = (
            read_batch(file, ledger)
            if type_name is None
            else read_scans(file, ledger, type_name, given)
        )
        receipts = record_batch(ledger, acts, file, dry_run=dry_run)
    for receipt in receipts:
        print_receipt(receipt, writer)
