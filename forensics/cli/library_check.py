"""``forensics library check``: find the records of a library that should be looked at."""

import csv
import json
import sys
from collections import Counter
from pathlib import Path

import click

from forensics.cli.printing import format_option
from forensics.messages import _, numeral

__all__ = ["Progress", "check"]

_COLUMNS = (
    "locus", "accession", "name", "code", "score", "evidence", "suggested_action", "decision",
)  # fmt: skip


@click.command(
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
    )
)
@click.argument("which", metavar="[DIR|NAME]", default="embedded")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write the findings into this file too, as TSV for a spreadsheet."),
)
@click.option(
    "--page",
    "page_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write a page of HTML too, to work through and print."),
)
@click.option(
    "--synonyms",
    "synonym_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=_("Table of synonyms, as for 'library build'; records under other names are told."),
)
@format_option()
def check(which, output, page_file, synonym_file, style) -> None:
    from forensics.barcode.curating.screening import ACTIONS, screen_library
    from forensics.barcode.reference.library import open_library
    from forensics.errors import LibraryError, UsageError, VerificationError
    from forensics.taxonomy.synonyms import read_synonyms

    for path in (output, page_file):
        if path and path.exists():  # it may be an exhibit; and not after minutes of work
            raise UsageError(_("{path} exists; give a new file.").format(path=path))
    synonyms = read_synonyms(synonym_file) if synonym_file else None
    opened = open_library(which)
    try:
        opened.verify()
    except LibraryError as error:  # a file that is missing or cannot be read is not the one either
        raise VerificationError(str(error)) from error
    findings = screen_library(opened, synonyms=synonyms, progress=Progress())
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
            _write_rows(file, rows, "\t")
    if page_file:
        page_file.write_text(_page(opened, findings), encoding="utf-8", newline="\n")
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "json":
        head = {"name": opened.name, "version": opened.version, "sha256": opened.sha256}
        click.echo(json.dumps({**head, "findings": rows}, ensure_ascii=False))
    elif style == "csv":
        _write_rows(sys.stdout, rows, ",")
    elif rows:
        from forensics.cli.library import print_columns

        print_columns(rows)
    _tell_summary(rows)


def _write_rows(file, rows: list[dict], delimiter: str) -> None:
    from forensics.io.cells import defused

    writer = csv.DictWriter(file, _COLUMNS, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(defused, rows))


def _page(opened, findings) -> str:
    from forensics.barcode.curating.screening_page import screening_page
    from forensics.clock import utc_now
    from forensics.core.provenance import made_by

    held = sum(opened.manifest(locus)["records"] for locus in opened.loci)
    library = {"name": opened.name, "version": opened.version, "sha256": opened.sha256}
    made = {**made_by(), "time": utc_now()}
    return screening_page(findings, library={**library, "records": numeral(held, ",")}, made=made)


def _tell_summary(rows: list[dict]) -> None:
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


class Progress:
    """A bar a locus on standard error, none where that is no terminal."""

    def __init__(self) -> None:
        self._bar = None

    def __call__(self, locus: str, done: int, total: int) -> None:
        if done == 1:
            hidden = not sys.stderr.isatty()
            self._bar = click.progressbar(
                length=total, label=locus, show_pos=True, file=sys.stderr, hidden=hidden
            )
        self._bar.update(1)
        if done == total:
            self._bar.render_finish()
