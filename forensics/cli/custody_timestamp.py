"""Timestamp tokens of an authority for heads."""

from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.messages import _

__all__ = ["timestamp"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    cls=Command,
    help=_(
        "Have a timestamp authority (RFC 3161) say when a head existed, by files.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics custody timestamp 2026-11-25.head --output 2026-11-25.tsq\n"
        "  forensics custody timestamp 2026-11-25.head --response 2026-11-25.tsr \\\n"
        "      --output stamped.head\n"
        "  forensics custody head --import stamped.head\n\n"
        "The first makes the request, which is carried to the authority; the second puts its "
        "response into the head. verify, log and review check it with --tsa-roots."
    ),
)
@click.argument("file", metavar="HEAD", type=_FILE)
@option("--response", type=_FILE, group=Group.EXAMINE, help=_("Response of the authority."))
@option(
    "--output", required=True, type=_FILE, group=Group.OUTPUT, help=_("Request or head to be made.")
)
def timestamp(file: Path, response: Path | None, output: Path) -> None:
    from forensics.custody.head_files import read_head, write_head
    from forensics.custody.timestamps import attach_response, write_request

    head_file = read_head(file)
    if output.exists():
        raise UsageError(
            _("{path} exists already and is not overwritten; give another name.").format(
                path=output
            )
        )
    if response is None:
        write_request(output, head_file.signed.head)
    else:
        write_head(output, attach_response(head_file, response))
    click.echo(_("{path}: {head}").format(path=output, head=head_file.signed.head.fingerprint))
