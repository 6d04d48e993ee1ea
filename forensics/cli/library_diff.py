"""``forensics library diff``: what a new library changes, and which findings with it."""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

import click

from forensics.cli.printing import format_option
from forensics.messages import _, numeral

__all__ = ["diff"]

_COLUMNS = (
    "what", "locus", "change", "old_accession", "old_name", "new_accession", "new_name", "by",
    "event", "case", "thing", "query", "library", "before", "after", "reason",
)  # fmt: skip
# Records that the table on screen lists of each change; --format csv has all of them.
_SHOWN = 20


@click.command(
    help=_(
        "Say what a new library changes: species and records gained, lost and renamed, and which "
        "findings of a ledger would be called otherwise.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library diff my_library_2025 my_library_2026\n"
        "  forensics library diff embedded my_library --ledger laboratory.db --format csv\n\n"
        "A finding is examined again where the file that was read is attached to it. Nothing is "
        "written. The command leaves with 0 whatever it finds."
    )
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--ledger",
    "ledger_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Examine the identifications of this ledger again with NEW."),
)
@format_option()
def diff(old, new, ledger_path, style) -> None:
    from forensics.barcode.reference.comparing import compare_libraries
    from forensics.barcode.reference.library import open_library

    libraries = open_library(old), open_library(new)
    found = compare_libraries(*libraries)
    findings = _recalled(ledger_path, *libraries) if ledger_path else None
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        said = found.to_dict()
        if findings is not None:
            said["findings"] = [finding.to_dict() for finding in findings]
        click.echo(json.dumps(said, ensure_ascii=False))
    elif style == "csv":
        _write_rows(found, findings or [])
    else:
        _print(found, findings)


def _recalled(path: Path, old, new) -> list:
    from forensics.cli.custody_options import open_for_reading
    from forensics.examination import identify
    from forensics.reanalysis.library_change import compare_calls

    with open_for_reading(path) as ledger:
        return list(compare_calls(ledger, old=old, new=new, identify=identify))


def _write_rows(found, findings) -> None:
    from dataclasses import asdict

    from forensics.io.cells import defused

    writer = csv.DictWriter(sys.stdout, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for change, names in (("gained", found.species_gained), ("lost", found.species_lost)):
        side = "new_name" if change == "gained" else "old_name"
        for name in names:
            writer.writerow(defused({"what": "species", "change": change, side: name}))
    for record in found.records:
        writer.writerow(defused({"what": "record", **asdict(record)}))
    for finding in findings:
        row = {
            "what": "finding",
            "change": finding.outcome,
            "event": finding.seq,
            "before": _call_text(finding.before),
            "after": _call_text(finding.after),
            **{key: getattr(finding, key) for key in ("case", "thing", "query", "library")},
            "reason": finding.reason,
        }
        writer.writerow(defused(row))


def _print(found, findings) -> None:
    from forensics.cli.library import print_columns

    for side, library in ((_("old"), found.old), (_("new"), found.new)):
        click.echo(f"{side}  {library['name']} {library['version']}".rstrip())
        click.echo("     " + _("SHA-256 {}").format(library["sha256"]))
    click.echo()
    if found.same:
        click.echo(_("Both have the same content."))
    print_columns(list(found.loci))
    click.echo()
    for title, names in (
        (_("Species gained: {number}"), found.species_gained),
        (_("Species lost: {number}"), found.species_lost),
    ):
        click.echo(title.format(number=len(names)))
        _print_some([f"  {name}" for name in names])
    renamed = [r for r in found.records if r.change == "renamed"]
    click.echo(_("Records renamed: {number}").format(number=len(renamed)))
    _print_some(
        [
            f"  {r.locus}  {r.old_accession} {r.old_name} > {r.new_accession} {r.new_name} ({r.by})"
            for r in renamed
        ]
    )
    if findings is not None:
        _print_findings(findings)


def _print_findings(findings) -> None:
    click.echo()
    counts = Counter(finding.outcome for finding in findings)
    click.echo(
        _(
            "Findings in the ledger: {all}; called otherwise: {otherwise}; as before: {same}; "
            "not recomputed: {cannot}"
        ).format(
            all=len(findings),
            otherwise=counts["otherwise"],
            same=counts["same"],
            cannot=counts["not_recomputed"],
        )
    )
    for finding in findings:
        if finding.outcome == "same":
            continue
        after = _call_text(finding.after) or "-"
        click.echo(
            f"  {finding.seq}  {finding.case}  {finding.thing}  {finding.query}  "
            f"{_call_text(finding.before) or '-'} > {after}"
            + (f"  ({finding.reason})" if finding.reason else "")
        )


def _call_text(call: dict) -> str:
    if not call:
        return ""
    taxon = f" {call['taxon']}" if call.get("taxon") else ""
    probability = call.get("probability")
    sure = f" {numeral(float(probability), '.3f')}" if probability not in (None, "") else ""
    return f"{call.get('status') or '-'}{taxon}{sure}"


def _print_some(lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        click.echo(line)
    if len(lines) > _SHOWN:
        click.echo(
            _("  and {number} more; --format csv has all").format(number=len(lines) - _SHOWN)
        )
