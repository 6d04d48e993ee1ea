"""``forensics library``: build, check, compare, fetch, try and carry libraries; `fetch` alone uses the network."""

import json
import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.barcode.validating.options import ValidationOptions
from forensics.cli.options import (
    CommandGroup,
    NumberRange,
    new_file,
    option,
    options_of,
    output_option,
    parted,
    path_option,
)
from forensics.cli.output import Bar, Writer, leave_unexamined, tell, written
from forensics.core.options import Group
from forensics.messages import _, ngettext, numeral

if TYPE_CHECKING:
    from forensics.barcode.fetch.bold import Portal
    from forensics.barcode.fetch.ncbi import Entrez
    from forensics.barcode.fetch.request import Request
    from forensics.barcode.fetch.run import BuiltPieces
    from forensics.barcode.reference.panels import Coverage


library = CommandGroup(
    "library",
    help=_(
        "Build, inspect and transfer libraries of reference sequences.\n\n"
        "Example: forensics library build references.fasta --output my_library"
    ),
)


def _synonyms_option(text: str) -> Callable[[Any], Any]:
    return path_option("--synonyms", "synonym_file", metavar="FILE", help=text)


_LIBRARY = click.argument("which", metavar="[DIR|NAME]", default="embedded")
_PANEL = option(
    "--panel",
    metavar="NAME|FILE",
    help=_(
        "Panel of taxa, each at its loci: targets (seized most), central-africa, or a table with "
        "the columns taxon and loci."
    ),
)


@library.command(
    help=_(
        "Build a library from reference sequences.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library build references.fasta --output my_library\n"
        "  forensics library build sequences.fasta records.tsv --locus COI --output my_library\n"
        "  forensics library build deposited.fasta --own vouchers.xlsx --output my_library\n\n"
        "FILES are FASTA (headers of GenBank, BOLD, MIDORI2, MitoFish, UNITE, RDP, SINTAX, "
        "DADA2, QIIME, Geneious, or accession|Genus species|locus|source), GenBank flat files, "
        "and tables or workbooks with sequences, or with more data on the records by accession. "
        "The records are screened: OUTPUT/screening.tsv lists those kept or flagged, "
        "OUTPUT/left_out.tsv those left out, with the reasons."
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@output_option(
    _("Folder of the library; one that holds a library is replaced."), folder=True, required=True
)
@option("--locus", help=_("Locus of records that do not name one."))
@option("--name", group=Group.OUTPUT, help=_("Name of the library; default: that of the folder."))
@path_option(
    "--own",
    "own_files",
    multiple=True,
    metavar="FILE",
    help=_(
        "Records of the laboratory's own vouchers: deposited records that disagree with them are "
        "left out or flagged. May be repeated."
    ),
)
@path_option(
    "--taxdump",
    folder=True,
    metavar="DIR",
    help=_(
        "NCBI's taxonomy (names.dmp, nodes.dmp, merged.dmp): records get its lineages and accepted "
        "names."
    ),
)
@_synonyms_option(
    _(
        "Table of synonyms with the columns name, accepted and source; records get the accepted "
        "name and are listed in OUTPUT/renamed.tsv."
    )
)
@option(
    "--reconcile/--no-reconcile",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_(
        "Give records the accepted names of NCBI's taxonomy, and one name to records whose "
        "sequences prove that they are one species; the deposited name is kept beside it. "
        "OUTPUT/renamed.tsv lists the changes."
    ),
)
@path_option(
    "--decisions",
    "decision_file",
    metavar="FILE",
    group=Group.DECIDE,
    help=_(
        "Table of 'library check' with its column 'decision' filled in: drop leaves a record "
        "out, turn reverses it, keep keeps it whatever screening finds."
    ),
)
@option(
    "--screening/--no-screening",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_(
        "Screen the records: those that are certainly wrong are left out, doubtful ones are "
        "flagged and kept."
    ),
)
@option(
    "--calibration/--no-calibration",
    default=True,
    show_default=True,
    group=Group.DECIDE,
    help=_("Learn from the records how far calls can be trusted (up to a minute per locus)."),
)
def build(
    files: tuple[Path, ...], output: Path, locus: str | None, name: str | None,
    own_files: tuple[Path, ...], taxdump: Path | None, synonym_file: Path | None,
    reconcile: bool, decision_file: Path | None, screening: bool, calibration: bool,
) -> None:  # fmt: skip
    from forensics.barcode.reference.building import build_library
    from forensics.errors import UsageError

    if own_files and not screening:
        raise UsageError(_("--own weighs records by screening; leave out --no-screening."))
    build = build_library(
        files,
        output,
        locus=locus,
        name=name,
        own=own_files,
        taxdump=taxdump,
        synonyms=synonym_file,
        decisions=decision_file,
        reconcile=reconcile,
        screening=screening,
        calibration=calibration,
        jobs=os.cpu_count() or 1,
        progress=Bar().show,
    )
    click.echo(
        _("{path}: {records} records, {species} species, loci {loci}").format(
            path=build.path,
            records=len(build.records),
            species=len(build.species),
            loci=", ".join(build.loci),
        )
    )
    if build.renamed is not None:
        click.echo(
            ngettext(
                "{number} record got the accepted name; see {file}",
                "{number} records got the accepted name; see {file}",
                len(build.renamed),
            ).format(number=len(build.renamed), file=build.path / "renamed.tsv")
        )
    if build.not_in_taxdump is not None:
        tell(
            _("{number} records were not found in NCBI's taxonomy and stay as they were").format(
                number=build.not_in_taxdump
            )
        )
    if build.screening:
        tell(
            _(
                "Screening: {kept} records kept, {flagged} flagged, {left} left out; see {file}"
            ).format(
                kept=build.screening.count("kept"),
                flagged=build.screening.count("flagged"),
                left=build.screening.count("left_out"),
                file=build.path / "screening.tsv",
            )
        )
    if build.left_out:
        tell(
            _("{number} records were left out; the reasons are in {file}").format(
                number=len(build.left_out), file=build.path / "left_out.tsv"
            )
        )
    for line, reason in build.synonyms.ignored if build.synonyms else ():
        tell(
            _("{file}, line {line}: passed over: {reason}").format(
                file=synonym_file, line=line, reason=reason
            )
        )


@library.command(
    help=_(
        "Find records whose name, sequence or length is doubtful. Nothing is changed.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library check my_library\n"
        "  forensics library check my_library --output findings.tsv --page findings.html\n\n"
        "Every file is first checked against its SHA-256; if one differs, the exit code is 4. "
        "The records are then compared with one another, which takes minutes for ten thousand. "
        "Fill in the column 'decision' of OUTPUT (drop, turn or keep) and give it to 'forensics "
        "library build --decisions'."
    ),
)
@_LIBRARY
@output_option(_("Also write the findings into this file, as TSV for a spreadsheet."))
@path_option(
    "--page",
    "page_file",
    group=Group.OUTPUT,
    help=_("Also write an HTML page, to work through and print."),
)
@_synonyms_option(
    _("Table of synonyms, as for 'library build'; records under other names are reported.")
)
@written(to_file=False)
def check(
    which: str,
    output: Path | None,
    page_file: Path | None,
    synonym_file: Path | None,
    writer: Writer,
) -> None:
    from forensics.barcode.curating.checks import ScreeningFinding
    from forensics.barcode.curating.screening import ACTIONS, screen_library, screening_page
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
    findings.sort(key=lambda finding: ACTIONS.index(finding.suggested_action))
    columns = (*(field.name for field in fields(ScreeningFinding)), "decision")
    rows = [asdict(finding) for finding in findings]
    if output:
        with open(output, "w", encoding="utf-8", newline="") as file:
            Writer("tsv", file).plain_rows(rows, columns)
    if page_file:
        page_file.write_text(screening_page(findings, opened), encoding="utf-8", newline="\n")
    if writer.is_json:
        writer.record({**opened.stated, "findings": rows})
    else:
        writer.plain_rows(rows, columns)
    keep = sum(row["suggested_action"] == "keep" for row in rows)
    drop = sum(row["suggested_action"] == "drop" for row in rows)
    tell(
        _(
            "Every file matches its SHA-256. Findings: {drop} suggest dropping the record, "
            "{other} looking at it or changing it, {keep} keeping it."
        ).format(drop=drop, other=len(rows) - drop - keep, keep=keep)
    )
    counts = Counter((row["suggested_action"], row["code"]) for row in rows)
    for (action, code), number in sorted(counts.items()):
        tell(f"  {action}  {code}  {number}")


_COLUMNS = (
    "what", "locus", "change", "old_accession", "old_name", "new_accession", "new_name", "by",
    "event", "case", "thing", "query", "library", "before", "after", "reason",
    "part",
)  # fmt: skip
# Records that the table on screen lists of each change; --format csv has all of them.
_SHOWN = 20


@library.command(
    help=_(
        "Compare a new library with an old one: species and records gained, lost and renamed, "
        "and findings of a ledger that would be called differently.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library diff my_library_2025 my_library_2026\n"
        "  forensics library diff embedded my_library --ledger laboratory.db --format csv\n\n"
        "A finding is examined again if its input file is attached. Nothing is written. The exit "
        "code is 0 whatever differs."
    ),
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@path_option(
    "--ledger",
    "ledger_path",
    group=Group.CUSTODY,
    help=_("Repeat the identifications of this ledger with NEW."),
)
@written()
def diff(old: str, new: str, ledger_path: Path | None, writer: Writer) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.transfer import compare_libraries
    from forensics.core.stored import to_stored

    libraries = open_library(old), open_library(new)
    comparison = compare_libraries(*libraries)
    findings = _recalled(ledger_path, *libraries) if ledger_path else None
    if writer.is_json:
        record = to_stored(comparison)
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
    from forensics.reanalysis.comparison import compare_calls

    with open_for_reading(path) as ledger:
        return list(compare_calls(ledger, old=old, new=new, identify=identify))


def _rows(comparison: Any, findings: Sequence[Any]) -> Iterator[dict[str, object]]:
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
    from forensics.barcode.identification import label_part

    writer.text()
    counts = Counter(finding.outcome for finding in findings)
    writer.text(
        _(
            "Findings in the ledger: {all}; called differently: {otherwise}; unchanged: {same}; "
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


_TAXA_SHOWN = 3  # missing taxa of a group on the screen
_OF_PANELS = ("group", "common_name")


@library.command(
    help=_(
        "Fetch reference sequences from NCBI or BOLD. Only this command uses the network.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library fetch --source ncbi --taxon Manidae --locus COI,cytb --email me@lab.example --output manidae.fasta\n"
        "  forensics library fetch --source ncbi --panel central-africa --email me@lab.example --output africa.fasta\n"
        "  forensics library fetch --source bold --taxon Manidae --locus COI --output bold.fasta\n"
        "  forensics library fetch --source bold --taxon Manidae --locus COI --from BOLD.tsv.gz --output bold.fasta\n\n"
        "Beside OUTPUT, the command writes a table of the records (.tsv), the records left out "
        "with the reasons (.left_out.tsv) and a report on what was found (.report.json). An "
        "interrupted run leaves OUTPUT.part; the same command resumes it. 'forensics library "
        "build' makes a library of the FASTA and the table."
    ),
)
@option("--source", type=click.Choice(["ncbi", "bold"]), help=_("Where to ask."))
@option(
    "--taxon",
    "taxa",
    multiple=True,
    metavar="NAME",
    help=_("Scientific name; several with commas."),
)
@_PANEL
@option(
    "--locus",
    "loci",
    multiple=True,
    metavar="NAME",
    help=_("Several with commas; with a panel, only these."),
)
@output_option(_("A new FASTA file."))
@option(
    "--email",
    envvar="FORENSICS_EMAIL",
    metavar="ADDRESS",
    group=Group.ADVANCED,
    help=_("Your address; NCBI requires it. Also read from FORENSICS_EMAIL."),
)
@option(
    "--api-key-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    group=Group.ADVANCED,
    help=_("File with your NCBI API key; - asks for it."),
)
@option(
    "--from",
    "copies",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help=_("Read these files, or the folder of --keep-raw, instead of the network."),
)
@path_option(
    "--keep-raw",
    folder=True,
    metavar="DIR",
    group=Group.OUTPUT,
    help=_("Keep the records as they arrived in this new folder."),
)
@option(
    "--without",
    multiple=True,
    metavar="ACCESSION",
    group=Group.DECIDE,
    help=_("Leave out this record, which the source no longer provides."),
)
@option(
    "--most",
    type=click.IntRange(1),
    metavar="N",
    group=Group.ADVANCED,
    help=_("Stop if the search finds more records."),
)
@option(
    "--restart",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Discard the files of an unfinished run."),
)
@option(
    "--dry-run",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Only search: show queries and numbers."),
)
@option(
    "--server",
    metavar="URL",
    group=Group.ADVANCED,
    help=_("Address of another server with the same interface."),
)
@option(
    "--timeout",
    type=NumberRange(min=0, min_open=True),
    metavar="SECONDS",
    group=Group.ADVANCED,
    help=_("How long to wait for data."),
)
@written(to_file=False)
def fetch(
    source: str | None, taxa: tuple[str, ...], panel: str | None, loci: tuple[str, ...],
    output: Path | None, email: str | None, api_key_file: Path | None, copies: tuple[Path, ...],
    keep_raw: Path | None, without: tuple[str, ...], most: int | None,
    restart: bool, dry_run: bool, server: str | None, timeout: float | None, writer: Writer,
) -> None:  # fmt: skip
    from forensics.barcode.fetch.request import MAX_RECORDS, Request, loci_of
    from forensics.barcode.fetch.run import fetch_records, read_records
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.panels import Panel, PanelTaxon, read_panel
    from forensics.errors import UsageError

    if not output and not dry_run:
        raise UsageError(_("Name the output: --output FILE.fasta."))
    if not source:
        raise UsageError(_("Choose the source: --source ncbi or --source bold."))
    names = parted(taxa)
    if bool(names) == bool(panel):
        raise UsageError(_("Give either --taxon or --panel."))
    named = loci_of(parted(loci))
    if not named and not panel:
        raise UsageError(_("Name the loci: --locus COI,cytb."))
    if copies and (server or keep_raw or dry_run or restart):
        raise UsageError(
            _("--from uses no network; leave out --server, --keep-raw, --restart and --dry-run.")
        )
    if panel:
        wanted = read_panel(panel)
        wanted = wanted.at(named) if named else wanted
    else:
        wanted = Panel("", tuple(PanelTaxon(name, named) for name in dict.fromkeys(names)))
    request = Request(source, wanted, tuple(without))
    if copies and output:
        made = read_records(request, copies, output, open_library(), now=_now())
        _conclude(made, output, writer)
        return
    client = _open_client(source, email, api_key_file, server, timeout)
    if dry_run or not output:
        _print_searches(request, client, writer)
        return
    try:
        made = fetch_records(
            request, client, output, open_library(), now=_now(), most=most or MAX_RECORDS,
            restart=restart, keep_raw=keep_raw, report=tell,
        )  # fmt: skip
    except KeyboardInterrupt as error:
        tell(
            _(
                "Stopped. The data received are kept in {folder}; run the same command to continue."
            ).format(folder=f"{output}.part")
        )
        raise click.Abort from error
    _conclude(made, output, writer)


def _open_client(
    source: str,
    email: str | None,
    api_key_file: Path | None,
    address: str | None,
    timeout: float | None,
) -> "Entrez | Portal":
    """Return what asks the server; one of the laboratory's own needs no pauses."""
    from forensics.barcode.fetch import bold, ncbi
    from forensics.barcode.fetch.server import TIMEOUT, Server
    from forensics.errors import UsageError

    def open_server(usual: str, gap: float) -> Server:
        gap = 0.0 if address else gap
        return Server(address or usual, gap=gap, timeout=timeout or TIMEOUT, report=tell)

    if source == "bold":
        if api_key_file:
            raise UsageError(_("BOLD's public interface takes no key; --api-key-file is for NCBI."))
        return bold.Portal(open_server(bold.BOLD, bold.GAP))
    key = _key(api_key_file)
    server = open_server(ncbi.NCBI, ncbi.GAP_WITH_KEY if key else ncbi.GAP)
    return ncbi.Entrez(server, email=email or "", api_key=key)


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    if str(path) == "-":
        return click.prompt(_("NCBI API key"), hide_input=True, err=True).strip()
    from forensics.io.files import read_limited

    return read_limited(path, 4096).decode("utf-8", "replace").strip()


def _print_searches(request: "Request", client: "Entrez | Portal", writer: Writer) -> None:
    from forensics.barcode.fetch.request import UnknownTaxon

    rows, unknown = [], []
    for taxon in request.taxa:
        row = {"taxon": taxon.taxon, "records": 0, "query": ""}
        try:
            found = client.find(taxon)
            row |= {"records": found.count, "query": found.query}
        except UnknownTaxon as error:
            unknown.append(error)
        rows.append(row)
    if len(unknown) == len(rows):
        raise unknown[0]
    if writer.is_json:
        writer.record(rows)
    else:
        writer.plain_rows(rows)
    _conclude_unknown([str(error) for error in unknown])


def print_groups(coverage: "Coverage", writer: Writer) -> None:
    """Write a line a group: how many of its taxa are held, with how many records, which are missing."""
    from forensics.barcode.reference.panels import TRAFFICKED

    name, taxa = coverage.panel.name, len(coverage.panel.taxa)
    title = _("Most seized taxa (panel {panel})") if name == TRAFFICKED else _("Panel {panel}")
    said = _("{held} of {taxa} have records").format(held=taxa - len(coverage.missing), taxa=taxa)
    writer.heading(_("{label}: {text}").format(label=title.format(panel=name), text=said))
    lines = []
    for row in coverage.groups():
        held = _("{held} of {taxa}").format(held=row["held"], taxa=row["taxa"])
        parts = [", ".join(f"{locus} {number}" for locus, number in row["records"].items())]
        if row["missing"]:
            names = _some(row["missing"]) if row["held"] else _("all")
            parts.append(_("missing: {names}").format(names=names))
        text = "; ".join(part for part in parts if part)
        lines.append((row["group"] or _("all"), f"{held:<10}{text}"))
    writer.lines(lines)


def _some(names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    shown = names if len(names) <= _TAXA_SHOWN + 1 else names[:_TAXA_SHOWN]
    text = ", ".join(shown)
    if rest := len(names) - len(shown):
        text = _("{names} and {number} more").format(names=text, number=rest)
    return text


def _conclude(made: "BuiltPieces", output: Path, writer: Writer) -> None:
    """Say what was written, and what of the taxa is thin or missing."""
    from forensics.barcode.fetch.run import SUFFIXES
    from forensics.barcode.reference.panels import COLUMNS

    coverage = made.coverage
    rows = coverage.rows()
    if writer.is_json:
        writer.record(
            {
                "output": str(output),
                "sequences": len(made.pieces),
                "records": made.records,
                "left_out": len(made.left_out),
                "passed_over": made.passed_over,
                "taxa": rows,
            }
        )
    elif coverage.panel.name and writer.is_table:
        print_groups(coverage, writer)
    else:
        columns = [name for name in COLUMNS if coverage.panel.name or name not in _OF_PANELS]
        writer.plain_rows([{name: row[name] for name in columns} for row in rows], columns)
        if writer.is_table:
            writer.text()
    if writer.is_table:
        writer.text(
            _("{path}: {sequences} sequences of {records} records").format(
                path=output, sequences=len(made.pieces), records=made.records
            )
        )
    if made.left_out:
        tell(
            _("{number} records or loci were left out; the reasons are in {file}").format(
                number=len(made.left_out), file=output.with_suffix(SUFFIXES["left_out"])
            )
        )
    _conclude_unknown([search["unknown"] for search in made.searches if "unknown" in search])


def _conclude_unknown(reasons: list[str]) -> None:
    """Say which taxa the source does not know; the exit code says that they could not be examined."""
    for reason in reasons:
        tell(reason)
    if reasons:
        leave_unexamined()


def _now() -> str:
    from forensics.core.stored import utc_now

    return utc_now()


@library.command(
    help=_(
        "Validate a library before casework: error rates, reliability, confusable species.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library validate my_library\n"
        "  forensics library validate my_library --known results.csv\n\n"
        "The acceptance criteria are printed before the run. Records are identified as if they, "
        "their species or their genus were not in the library. OUTPUT gets validation.html, to "
        "read and print, and validation.json."
    ),
)
@_LIBRARY
@output_option(_("Folder for the page and the JSON; default: validation-NAME, here."), folder=True)
@path_option(
    "--known",
    multiple=True,
    help=_(
        "CSV of your own blind specimens: specimen, true species, called taxon, group. Give it "
        "twice to join true species with the CSV of 'forensics identify'."
    ),
)
@path_option(
    "--criteria",
    "criteria_file",
    group=Group.DECIDE,
    help=_("Your own acceptance criteria, TOML or JSON."),
)
@options_of(ValidationOptions, "options")
def validate(
    which: str, output: Path | None, known: tuple[Path, ...], criteria_file: Path | None,
    options: ValidationOptions,
) -> None:  # fmt: skip
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.validating.page import page
    from forensics.barcode.validating.validation import (
        CRITERIA,
        METRICS,
        read_criteria,
        read_known,
        score,
        validate,
    )
    from forensics.errors import UsageError
    from forensics.io.files import replace_file

    opened = open_library(which)
    criteria = read_criteria(criteria_file) if criteria_file else CRITERIA
    scored = score(read_known(known), known) if known else None
    output = output or Path(f"validation-{opened.name}".translate(_NOT_IN_NAMES))
    if opened.path.resolve() in (output.resolve(), *output.resolve().parents):
        raise UsageError(
            _(
                "{output} is inside the library, which is never written to; give another folder."
            ).format(output=output)
        )
    click.echo(_("Acceptance criteria, stated before the run:"))
    for criterion in criteria:
        sign = "≥" if criterion.at_least else "≤"
        what, why = _(METRICS[criterion.metric]), _(criterion.reason)
        click.echo(
            f"  {what} {sign} {numeral(criterion.limit, 'g')} ({', '.join(criterion.lengths)})"
        )
        click.echo(f"    {why}")
    opened.verify()
    result = validate(
        opened,
        options,
        criteria=criteria,
        known=scored,
        jobs=os.cpu_count() or 1,
        progress=Bar().show,
    )
    output.mkdir(parents=True, exist_ok=True)
    content = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    replace_file(output / "validation.json", content.encode())
    replace_file(output / "validation.html", page(result).encode())
    click.echo()
    for locus, outcome in result["loci"].items():
        outcomes = [row["outcome"] for row in outcome["criteria"]]
        click.echo(
            _("{locus}: {met} met, {not_met} not met, {not_shown} not shown").format(
                locus=locus,
                met=outcomes.count("met"),
                not_met=outcomes.count("not met"),
                not_shown=outcomes.count("not shown"),
            )
        )
    click.echo(_("Read {page}").format(page=output / "validation.html"))


_NOT_IN_NAMES = {ord(letter): "_" for letter in '<>:"/\\|?* '} | dict.fromkeys(range(32), "_")


@library.command(
    help=_(
        "Show what a library contains, and which seized taxa it covers.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library info\n"
        "  forensics library info my_library --panel central-africa\n\n"
        "Without --panel it names the taxa missing from the panel targets; with --panel it gives "
        "the records of each taxon at each locus."
    )
)
@_LIBRARY
@_PANEL
@written()
def info(which: str, panel: str | None, writer: Writer) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.panels import (
        COLUMNS,
        TRAFFICKED,
        cover_library,
        packaged_panels,
        read_panel,
        summary,
    )

    wanted = read_panel(panel or TRAFFICKED)
    opened = open_library(which)
    if writer.has_rows:
        if panel:
            writer.plain_rows(cover_library(opened, wanted).rows(), COLUMNS)
        else:
            writer.plain_rows(summary(opened))
        return
    loci, coverage = summary(opened), cover_library(opened, wanted)
    fetching = (
        f"forensics library fetch --panel {shlex.quote(wanted.name)} --source ncbi "
        f"--email ADDRESS --output {shlex.quote(Path(wanted.name).stem + '.fasta')}"
        if coverage.missing
        else ""
    )
    if writer.is_json:
        writer.record(
            {
                **opened.description,
                "loci": loci,
                "panel": wanted.name,
                **({"taxa": coverage.rows()} if panel else {"groups": coverage.groups()}),
                "missing": coverage.missing,
                "fetch": fetching,
            }
        )
        return
    writer.text(f"{opened.title} {opened.version}".rstrip())
    writer.text(_("SHA-256 {}").format(opened.sha256))
    if opened.statement:
        writer.text(opened.statement)
    writer.text()
    if panel:
        writer.plain_rows(coverage.taxa())
        writer.text()
    else:
        writer.plain_rows(loci)
        writer.text()
        print_groups(coverage, writer)
    if fetching:
        writer.heading(_("Fetch what is missing: {command}").format(command=fetching))
    if not panel:
        others = [name for name in packaged_panels() if name != wanted.name]
        writer.text(
            _(
                "By taxon and locus: --panel {panel}. Other panels: {others}, or a table of your own."
            ).format(panel=wanted.name, others=", ".join(others))
        )


@library.command(
    "export",
    help=_(
        "Export a library as one file with checksums, for transfer.\n\n"
        "Example: forensics library export my_library --output my_library.zip"
    ),
)
@_LIBRARY
@output_option(required=True)
def export(which: str, output: Path) -> None:
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.transfer import export_library

    digest = export_library(open_library(which), output)
    click.echo(_("{path}  SHA-256 {digest}").format(path=output, digest=digest))


@library.command(
    "import",
    help=_(
        "Check and unpack a library that was exported.\n\n"
        "Example: forensics library import my_library.zip --output my_library"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@output_option(folder=True, required=True)
def import_(file: Path, output: Path) -> None:
    from forensics.barcode.reference.transfer import import_library

    opened = import_library(file, output)
    click.echo(
        _("{path}: library {name}, {loci}; every file checked").format(
            path=output, name=opened.name, loci=", ".join(opened.loci)
        )
    )
