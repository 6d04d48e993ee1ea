"""``forensics selftest``: does this installation give the reviewed results?"""

import importlib
from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.core.options import Group
from forensics.messages import _

__all__ = ["selftest"]


def _builtin_commands() -> set[str]:
    """Return the names of the built-in commands, as plug-ins write them."""
    from forensics.cli import COMMANDS

    names = set(COMMANDS)
    for name, module in COMMANDS.items():
        command = getattr(importlib.import_module(module), name)
        names.update(f"{name}.{below}" for below in getattr(command, "commands", ()))
    return names


@click.command(
    cls=Command,
    help=_(
        "Check this installation against packaged results that were reviewed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics selftest\n"
        "  forensics selftest --output selftest.json\n\n"
        "The demonstration queries are identified with the embedded library and its files are "
        "hashed. The record is canonical JSON, fit to be signed. Leaves with 4 where anything "
        "differs."
    ),
)
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("File for the record."),
)
def selftest(output: Path | None) -> None:
    from forensics.clock import utc_now
    from forensics.errors import VerificationError
    from forensics.selftest import canonical, run_selftest

    record = run_selftest(time=utc_now(), builtin_commands=_builtin_commands)
    click.echo(
        _("forensics {version}, Python {python}, {system}").format(
            **{key: record[key] for key in ("version", "python", "system")}
        )
    )
    versions = [f"{name} {version or '-'}" for name, version in record["dependencies"].items()]
    click.echo(", ".join([*versions, f"kernel {record['kernel']}"]))
    click.echo(_("library {sha256}").format(sha256=record["library_sha256"]))
    for plugin in record.get("plugins", ()):
        click.echo(
            _("plug-in {package} {version}: {names}").format(
                package=plugin["package"], version=plugin["version"], names=plugin["entry_point"]
            )
        )
        if plugin["problem"]:
            click.echo(f"    {plugin['problem']}")
    click.echo()
    width = max(len(entry["check"]) for entry in record["checks"])
    for entry in record["checks"]:
        text = entry["found"] if entry["passed"] else f"{entry['found']}  ≠  {entry['expected']}"
        mark = _("ok") if entry["passed"] else _("FAIL")
        click.echo(f"{mark:<5} {entry['check']:<{width}}  {text}")
    if output:
        from forensics.io.files import replace_file

        replace_file(output, canonical(record))
    failed = sum(not entry["passed"] for entry in record["checks"])
    click.echo()
    if failed:
        click.echo(_("Failed: {number} checks. Install the package again.").format(number=failed))
        click.get_current_context().exit(VerificationError.exit_code)
    click.echo(_("Passed: every result is the one that was reviewed."))
