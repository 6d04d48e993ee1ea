"""``forensics library fetch``: the only command that uses the network."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.numbers import NumberRange
from forensics.cli.options import Command, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.fetch.bold import Portal
    from forensics.barcode.fetch.ncbi import Entrez
    from forensics.barcode.fetch.request import Request
    from forensics.barcode.fetch.run import BuiltPieces
    from forensics.barcode.reference.panels import Coverage

__all__ = ["fetch", "panel_option", "print_groups"]

panel_option = option(
    "--panel",
    metavar="NAME|FILE",
    group=Group.EXAMINE,
    help=_(
        "Taxa, each at its loci: targets (those that are seized most), central-africa, or a table "
        "with the columns taxon and loci."
    ),
)
"""What is needed: what is fetched, or what a library is measured against."""
_SHOWN = 3  # missing taxa of a group on the screen
_OF_PANELS = ("group", "common_name")


@click.command(
    cls=Command,
    help=_(
        "Fetch reference sequences from NCBI or BOLD. Only this command uses the network.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library fetch --source ncbi --taxon Manidae --locus COI,cytb "
        "--email me@lab.example --output manidae.fasta\n"
        "  forensics library fetch --source ncbi --panel central-africa --email me@lab.example "
        "--output africa.fasta\n"
        "  forensics library fetch --source bold --taxon Manidae --locus COI --output bold.fasta\n"
        "  forensics library fetch --source bold --taxon Manidae --locus COI --from BOLD.tsv.gz "
        "--output bold.fasta\n\n"
        "Beside OUTPUT lie the table of the records (.tsv), what was left out with the reasons "
        "(.left_out.tsv) and a report of what there is (.report.json). A run that is cut short leaves "
        "OUTPUT.part; the same command continues there. 'forensics library build' makes a library of "
        "FASTA and table."
    ),
)
@option(
    "--source", type=click.Choice(["ncbi", "bold"]), group=Group.EXAMINE, help=_("Where to ask.")
)
@option(
    "--taxon",
    "taxa",
    multiple=True,
    metavar="NAME",
    group=Group.EXAMINE,
    help=_("Scientific name; several with commas."),
)
@panel_option
@option(
    "--locus",
    "loci",
    multiple=True,
    metavar="NAME",
    group=Group.EXAMINE,
    help=_("Several with commas; of a panel only these."),
)
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("A new FASTA file."),
)
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
    group=Group.EXAMINE,
    help=_("Read these files, or the folder of --keep-raw, instead of the network."),
)
@option(
    "--keep-raw",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    group=Group.OUTPUT,
    help=_("Keep the records as they arrived in this new folder."),
)
@option(
    "--without",
    multiple=True,
    metavar="ACCESSION",
    group=Group.DECIDE,
    help=_("Leave this record out; for one that the source no longer gives."),
)
@option(
    "--most",
    type=click.IntRange(1),
    metavar="N",
    group=Group.ADVANCED,
    help=_("Stop where there are more."),
)
@option(
    "--restart",
    is_flag=True,
    group=Group.ADVANCED,
    help=_("Throw away what an unfinished run left."),
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
    help=_("Another address that behaves the same."),
)
@option(
    "--timeout",
    type=NumberRange(min=0, min_open=True),
    metavar="SECONDS",
    group=Group.ADVANCED,
    help=_("How long to wait for a byte."),
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
        raise UsageError(_("Say where to: --output FILE.fasta."))
    if not source:
        raise UsageError(_("Say where to ask: --source ncbi or --source bold."))
    names = [name.strip() for text in taxa for name in text.split(",") if name.strip()]
    if bool(names) == bool(panel):
        raise UsageError(_("Give either --taxon or --panel."))
    named = loci_of(name for text in loci for name in text.split(",") if name.strip())
    if not named and not panel:
        raise UsageError(_("Say which loci: --locus COI,cytb."))
    if copies and (server or keep_raw or dry_run or restart):
        raise UsageError(
            _(
                "With --from nothing is asked: --server, --keep-raw, --restart and --dry-run do not go."
            )
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
            restart=restart, keep_raw=keep_raw, report=_report,
        )  # fmt: skip
    except KeyboardInterrupt as error:
        click.echo(
            _(
                "Stopped. What arrived is kept in {folder}; the same command continues there."
            ).format(folder=f"{output}.part"),
            err=True,
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
        return Server(address or usual, gap=gap, timeout=timeout or TIMEOUT, report=_report)

    if source == "bold":
        if api_key_file:
            raise UsageError(_("BOLD's public interface knows no key; --api-key-file is for NCBI."))
        return bold.Portal(open_server(bold.BOLD, bold.GAP))
    key = _key(api_key_file)
    server = open_server(ncbi.NCBI, ncbi.GAP_WITH_KEY if key else ncbi.GAP)
    return ncbi.Entrez(server, email=email or "", api_key=key)


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    if str(path) == "-":
        return click.prompt(_("NCBI API key"), hide_input=True, err=True).strip()
    from forensics.io.inputs import read_limited

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
    title = (
        _("Taxa that are seized most (panel {panel})") if name == TRAFFICKED else _("Panel {panel}")
    )
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
    shown = names if len(names) <= _SHOWN + 1 else names[:_SHOWN]
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
        click.echo(
            _("{number} records or loci were left out; the reasons are in {file}").format(
                number=len(made.left_out), file=output.with_suffix(SUFFIXES["left_out"])
            ),
            err=True,
        )
    _conclude_unknown([search["unknown"] for search in made.searches if "unknown" in search])


def _conclude_unknown(reasons: list[str]) -> None:
    """Say which taxa the source does not know; the exit code says that they could not be examined."""
    from forensics.errors import InputError

    for reason in reasons:
        click.echo(reason, err=True)
    if reasons:
        click.get_current_context().exit(InputError.exit_code)


def _now() -> str:
    from forensics.clock import utc_now

    return utc_now()


def _report(text: str) -> None:
    from forensics.cli.printing import CONTROL

    click.echo(text.translate(CONTROL), err=True)
