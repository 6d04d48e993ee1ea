"""``forensics library check``: find the records of a library that should be looked at."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from forensics.cli.options import Command, new_file, option
from forensics.cli.output import Writer, written
from forensics.cli.printing import Bar
from forensics.core.options import Group
from forensics.messages import _, numeral

__all__ = ["check"]

_COLUMNS = (
    "locus", "accession", "name", "code", "score", "evidence", "suggested_action", "decision",
)  # fmt: skip


@click.command(
    cls=Command,
    help=_(
        "Find records whose name, sequence or length is doubtful. Nothing is changed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library check my_library\n"
        "  forensics library check my_library --output findings.tsv --page findings.html\n\n"
        "First every file is compared with its SHA-256; where one differs, the command leaves "
        "with 4. Then the records are compared with one another, which takes minutes for ten "
        "thousand. Fill in the column 'decision' of OUTPUT (drop, turn or keep) and give it to "
        "'forensics library build --decisions'."
    ),
)
@click.argument("which", metavar="[DIR|NAME]", default="embedded")
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Write the findings into this file too, as TSV for a spreadsheet."),
)
@option(
    "--page",
    "page_file",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("Write a page of HTML too, to work through and print."),
)
@option(
    "--synonyms",
    "synonym_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    group=Group.EXAMINE,
    help=_("Table of synonyms, as for 'library build'; records under other names are reported."),
)
@written(to_file=False)
def check(
    which: str,
    output: Path | None,
    page_file: Path | None,
    synonym_file: Path | None,
    writer: Writer,
) -> None:
    from forensics.barcode.curating.screening import ACTIONS, screen_library
    from forensics.barcode.reference.library import open_library
    from forensics.errors import LibraryError, VerificationError
    from forensics.taxonomy.synonyms import read_synonyms

    for path in (output, page_file):
        new_file(path)  # it may be an exhibit; and not after minutes of work
    synonyms = read_synonyms(synonym_file) if synonym_file else None
    opened = open_library(which)
    try:
        opened.verify()
    except LibraryError as error:  # a file that is missing or cannot be read is not the one either
        raise VerificationError(str(error)) from error
    findings = screen_library(opened, synonyms=synonyms, progress=Bar().show)
    # What asks for a decision comes first; within that, the order of the library.
    findings.sort(key=lambda finding: ACTIONS.index(finding.action))
    rows = [
        {
            "locus": finding.locus,
            "accession": finding.accession,
            "name": finding.name,
            "code": finding.code,
            "score": finding.score,
            "evidence": finding.evidence,
            "suggested_action": finding.action,
        }
        for finding in findings
    ]
    if output:
        with open(output, "w", encoding="utf-8", newline="") as file:
            Writer("tsv", file).plain_rows(rows, _COLUMNS)
    if page_file:
        page_file.write_text(_page(opened, findings), encoding="utf-8", newline="\n")
    if writer.is_json:
        head = {"name": opened.name, "version": opened.version, "sha256": opened.sha256}
        writer.record({**head, "findings": rows})
    else:
        writer.plain_rows(rows, _COLUMNS)
    _print_summary(rows)


def _page(opened: Any, findings: Sequence[Any]) -> str:
    from forensics.barcode.curating.screening_page import screening_page
    from forensics.clock import utc_now
    from forensics.core.provenance import made_by

    records = sum(opened.manifest(locus)["records"] for locus in opened.loci)
    library = {"name": opened.name, "version": opened.version, "sha256": opened.sha256}
    made = {**made_by(), "time": utc_now()}
    return screening_page(
        findings, library={**library, "records": numeral(records, ",")}, made=made
    )


def _print_summary(rows: list[dict[str, Any]]) -> None:
    keep = sum(row["suggested_action"] == "keep" for row in rows)
    drop = sum(row["suggested_action"] == "drop" for row in rows)
    click.echo(
        _(
            "Every file is what its SHA-256 says. Findings: {drop} with the suggestion to drop the "
            "record, {other} to look at it or change it, {keep} to keep it and know."
        ).format(drop=drop, other=len(rows) - drop - keep, keep=keep),
        err=True,
    )
    counts = Counter((row["suggested_action"], row["code"]) for row in rows)
    for (action, code), number in sorted(counts.items()):
        click.echo(f"  {action}  {code}  {number}", err=True)
