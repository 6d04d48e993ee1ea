"""``forensics library fetch``: the only command that uses the network."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forensics.barcode.fetching.lock import MAX_LOCK
from forensics.cli.numbers import NumberRange
from forensics.cli.options import Command, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.io.inputs import read_limited
from forensics.messages import _

if TYPE_CHECKING:
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
        "--output bold.fasta\n"
        "  forensics library fetch --locked manidae.lock.json --from raw --output again.fasta\n\n"
        "Beside OUTPUT lie the table of the records (.tsv), what was left out with the reasons "
        "(.left_out.tsv) and the lock (.lock.json). A run that is cut short leaves OUTPUT.part; the "
        "same command continues there. 'forensics library build' makes a library of FASTA and table."
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
    "--locked",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="LOCK",
    group=Group.EXAMINE,
    help=_("Make the FASTA of this lock again from --from."),
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
    locked: Path | None, keep_raw: Path | None, without: tuple[str, ...], most: int | None,
    restart: bool, dry_run: bool, server: str | None, timeout: float | None, writer: Writer,
) -> None:  # fmt: skip
    from forensics.barcode.fetching.outcome import outcome, rebuild
    from forensics.barcode.fetching.request import MAX_RECORDS, Request, loci_of
    from forensics.barcode.fetching.writing import paths_of, write_all
    from forensics.barcode.reference.library import open_library
    from forensics.barcode.reference.panels import Panel, PanelTaxon, read_panel
    from forensics.errors import UsageError

    if not output and not dry_run:
        raise UsageError(_("Say where to: --output FILE.fasta."))
    paths = paths_of(output) if output else {}
    if locked:
        if source or taxa or panel or loci or without or server or keep_raw or dry_run:
            raise UsageError(
                _("--locked says itself what is wanted; it goes with --from and --output alone.")
            )
        if not copies:
            raise UsageError(_("--locked needs a local copy of the records: --from PATH."))
        from forensics.barcode.fetching.lock import read_lock

        content = read_lock(locked)
        made, request, texts = rebuild(content, copies, open_library(), report=_report)
        texts["lock"] = read_limited(locked, MAX_LOCK).decode()
        write_all({paths[kind]: text for kind, text in texts.items()})
        _conclude(made, paths, writer, content["searches"])
        return
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
    library = open_library()
    if copies:
        from forensics.barcode.fetching.build import build_pieces
        from forensics.barcode.fetching.pipeline import gather_files

        gathered = gather_files(request, copies)
        made = build_pieces(gathered, request, library)
        where = ", ".join(path.name for path in copies)
        texts = outcome(made, request, library, searches=(), date=_now(), server=where)
        write_all({paths[kind]: text for kind, text in texts.items()})
        _conclude(made, paths, writer, ())
        return
    client = _open_client(source, email, api_key_file, server, timeout)
    if dry_run:
        _print_searches(request, client, writer)
        return
    try:
        _fetch(request, client, paths, most or MAX_RECORDS, restart, keep_raw, writer, library)
    except KeyboardInterrupt as error:
        click.echo(
            _(
                "Stopped. What arrived is kept in {folder}; the same command continues there."
            ).format(folder=f"{output}.part"),
            err=True,
        )
        raise click.Abort from error


def _fetch(
    request: Any, client: Any, paths: dict[str, Path], most: int, restart: bool, keep_raw: Path | None, writer: Writer,
    library: Any,
) -> None:  # fmt: skip
    from forensics.barcode.fetching.build import build_pieces
    from forensics.barcode.fetching.outcome import NothingLeft, outcome
    from forensics.barcode.fetching.pipeline import gather_bold, gather_ncbi
    from forensics.barcode.fetching.staging import open_staging
    from forensics.barcode.fetching.writing import write_all
    from forensics.errors import UsageError

    source, server = client
    if keep_raw and keep_raw.exists() and (not keep_raw.is_dir() or any(keep_raw.iterdir())):
        raise UsageError(_("{path} is not empty; give a new folder.").format(path=keep_raw))
    output = paths["fasta"]
    asks = {key: value for key, value in request.as_json().items() if key != "without"}
    part_path = output.with_name(output.name + ".part")
    with open_staging(part_path, {**asks, "server": server}, now=_now(), restart=restart) as part:
        gather = gather_ncbi if request.source == "ncbi" else gather_bold
        gathered = gather(request, source, part, most=most, report=_report)
        made = build_pieces(gathered, request, library)
        try:
            texts = outcome(
                made, request, library,
                searches=gathered.searches, date=part.started, server=server,
            )  # fmt: skip
        except NothingLeft as error:  # kept, the same answers would fail again
            if keep_raw:
                part.copy_to(keep_raw)
            part.forget()
            raise NothingLeft(
                f"{error} " + _("What came is not kept: the same command asks anew.")
            ) from error
        if keep_raw:
            part.copy_to(keep_raw)
        write_all({paths[kind]: text for kind, text in texts.items()})
    _conclude(made, paths, writer, gathered.searches)


def _open_client(
    source: str,
    email: str | None,
    api_key_file: Path | None,
    server: str | None,
    timeout: float | None,
) -> tuple[Any, str]:
    """Return what asks the server, and its address."""
    from forensics.barcode.fetching.bold import BOLD, GAP, Portal
    from forensics.barcode.fetching.http import TIMEOUT, Line
    from forensics.barcode.fetching.ncbi import NCBI, Entrez
    from forensics.errors import UsageError

    if source == "bold":
        if api_key_file:
            raise UsageError(_("BOLD's public interface knows no key; --api-key-file is for NCBI."))
        server = server or BOLD
        # A server of one's own needs no such care.
        gap = GAP if server == BOLD else 0.0
        return Portal(
            Line(timeout=timeout or TIMEOUT, report=_report, min_gap=gap), server=server
        ), server
    server = server or NCBI
    line = Line(timeout=timeout or TIMEOUT, report=_report)
    return Entrez(line, email=email or "", api_key=_key(api_key_file), server=server), server


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    if str(path) == "-":
        return click.prompt(_("NCBI API key"), hide_input=True, err=True).strip()
    from forensics.io.inputs import read_limited

    return read_limited(path, 4096).decode("utf-8", "replace").strip()


def _print_searches(request: Any, client: Any, writer: Writer) -> None:
    from forensics.barcode.fetching.http import UnknownTaxon
    from forensics.barcode.fetching.ncbi import query_of

    source, _server = client
    rows, unknown = [], []
    for want in request.taxa:
        asked = want.names
        if request.source == "ncbi":
            asked = query_of(want.names, want.loci)
        row = {"taxon": want.taxon, "records": 0, "query": ""}
        try:
            hits = source.search(asked)
            row |= {"records": hits.count, "query": hits.query}
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


def _conclude(made: Any, paths: dict[str, Path], writer: Writer, searches: Iterable[dict]) -> None:
    """Say what was written, and what of the taxa is thin or missing."""
    from forensics.barcode.fetching.writing import write_all
    from forensics.barcode.reference.panels import COLUMNS

    coverage = made.coverage
    rows = coverage.rows()
    if coverage.panel.name:
        report = {"panel": coverage.panel.name, "taxa": rows}
        write_all({paths["report"]: json.dumps(report, ensure_ascii=False, indent=1) + "\n"})
    if writer.is_json:
        writer.record(
            {
                "output": str(paths["fasta"]),
                "sequences": len(made.pieces),
                "records": len(made.records),
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
                path=paths["fasta"], sequences=len(made.pieces), records=len(made.records)
            )
        )
    if made.left_out:
        click.echo(
            _("{number} records or loci were left out; the reasons are in {file}").format(
                number=len(made.left_out), file=paths["left_out"]
            ),
            err=True,
        )
    _conclude_unknown([search["unknown"] for search in searches if "unknown" in search])


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
