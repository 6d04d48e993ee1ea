"""``forensics library diff``: what a new library changes, and which findings with it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _, numeral

__all__ = ["diff"]

_COLUMNS = (
    "what", "locus", "change", "old_accession", "old_name", "new_accession", "new_name", "by",
    "event", "case", "thing", "query", "library", "before", "after", "reason",
    "part",
)  # fmt: skip
# Records that the table on screen lists of each change; --format csv has all of them.
_SHOWN = 20


@click.command(
    cls=Command,
    help=_(
        "Say what a new library changes: species and records gained, lost and renamed, and which "
        "findings of a ledger would be called otherwise.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library diff my_library_2025 my_library_2026\n"
        "  forensics library diff embedded my_library --ledger laboratory.db --format csv\n\n"
        "A finding is examined again where the file that was read is attached to it. Nothing is "
        "written. The command leaves with 0 whatever it finds."
    ),
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@option(
    "--ledger",
    "ledger_path",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.CUSTODY,
    help=_("Examine the identifications of this ledger again with NEW."),
)
@written()
def diff(old: str, new: str, ledger_path: Path | None, writer: Writer) -> None:
    from forensics.barcode.reference.comparing import compare_libraries
    from forensics.barcode.reference.library import open_library

    libraries = open_library(old), open_library(new)
    comparison = compare_libraries(*libraries)
    findings = _recalled(ledger_path, *libraries) if ledger_path else None
    if writer.is_json:
        record = comparison.to_dict()
        if findings is not None:
            record["findings"] = [finding.to_dict() for finding in findings]
        writer.record(record)
    elif writer.has_rows:
        writer.rows(_rows(comparison, findings or []), _COLUMNS)
    else:
        _show(comparison, findings, writer)


def _recalled(path: Path, old: Any, new: Any) -> list[Any]:
    from forensics.cli.custody_options import open_for_reading
    from forensics.examination import identify
    from forensics.reanalysis.library_change import compare_calls

    with open_for_reading(path) as ledger:
        return list(compare_calls(ledger, old=old, new=new, identify=identify))


def _rows(comparison: Any, findings: Sequence[Any]) -> Iterator[dict[str, object]]:
    from dataclasses import asdict

    for change, names in (("gained", comparison.species_gained), ("lost", comparison.species_lost)):
        side = "new_name" if change == "gained" else "old_name"
        for name in names:
            yield {"what": "species", "change": change, side: name}
    for record in comparison.records:
        yield {"what": "record", **asdict(record)}
    for finding in findings:
        yield {
            "what": "finding",
            "change": finding.outcome,
            "event": finding.seq,
            "before": _call_text(finding.before),
            "after": _call_text(finding.after),
            **{key: getattr(finding, key) for key in ("case", "thing", "query", "library", "part")},
            "reason": finding.reason,
        }


def _show(comparison: Any, findings: Sequence[Any] | None, writer: Writer) -> None:
    for side, library in ((_("old"), comparison.old), (_("new"), comparison.new)):
        writer.text(f"{side}  {library['name']} {library['version']}".rstrip())
        writer.text("     " + _("SHA-256 {}").format(library["sha256"]))
    writer.text()
    if comparison.same:
        writer.text(_("Both have the same content."))
    writer.columns(list(comparison.loci))
    writer.text()
    for title, names in (
        (_("Species gained: {number}"), comparison.species_gained),
        (_("Species lost: {number}"), comparison.species_lost),
    ):
        writer.text(title.format(number=len(names)))
        _show_some(writer, [f"  {name}" for name in names])
    renamed = [r for r in comparison.records if r.change == "renamed"]
    writer.text(_("Records renamed: {number}").format(number=len(renamed)))
    _show_some(
        writer,
        [
            f"  {r.locus}  {r.old_accession} {r.old_name} > {r.new_accession} {r.new_name} ({r.by})"
            for r in renamed
        ],
    )
    if findings is not None:
        _show_findings(findings, writer)


def _show_findings(findings: Sequence[Any], writer: Writer) -> None:
    from forensics.barcode.parts import label_part

    writer.text()
    counts = Counter(finding.outcome for finding in findings)
    writer.text(
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
        writer.text(
            f"  {finding.seq}  {finding.case}  {finding.thing}  "
            f"{label_part(finding.query, finding.part)}  "
            f"{_call_text(finding.before) or '-'} > {after}"
            + (f"  ({finding.reason})" if finding.reason else "")
        )


def _call_text(call: dict[str, Any]) -> str:
    if not call:
        return ""
    taxon = f" {call['taxon']}" if call.get("taxon") else ""
    probability = call.get("probability")
    sure = f" {numeral(float(probability), '.3f')}" if probability not in (None, "") else ""
    return f"{call.get('status') or '-'}{taxon}{sure}"


def _show_some(writer: Writer, lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        writer.text(line)
    if len(lines) > _SHOWN:
        writer.text(
            _("  and {number} more; --format csv has all").format(number=len(lines) - _SHOWN)
        )
