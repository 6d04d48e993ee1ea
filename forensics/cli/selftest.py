"""``forensics selftest``: does this installation give the reviewed results?"""

from pathlib import Path

import click

from forensics.cli.options import command, output_option
from forensics.messages import _


@command(
    help=_(
        "Check this installation against packaged results that were reviewed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics selftest\n"
        "  forensics selftest --output selftest.json\n\n"
        "The demonstration queries are identified with the embedded library and its files are "
        "hashed. The record is canonical JSON, ready to sign. The exit code is 4 if anything "
        "differs."
    ),
)
@output_option(
    help=_("File for the record."),
)
def selftest(output: Path | None) -> None:
    from forensics.cli import find_added_commands
    from forensics.core.stored import utc_now
    from forensics.errors import VerificationError
    from forensics.selftest import canonical, run_selftest

    record = run_selftest(time=utc_now(), find_added=[find_added_commands])
    click.echo(
        _("forensics {version}, Python {python}, {system}").format(
            **{key: record[key] for key in ("version", "python", "system")}
        )
    )
    versions = [f"{name} {version or '-'}" for name, version in record["dependencies"].items()]
    click.echo(", ".join([*versions, f"kernel {record['kernel']}"]))
    click.echo(_("library {sha256}").format(sha256=record["library_sha256"]))
    for package, version in record.get("plugins", {}).items():
        click.echo(_("plug-in {package} {version}").format(package=package, version=version))
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
