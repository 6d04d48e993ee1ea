"""``forensics library fetch``: the only command that uses the network."""

import json
from pathlib import Path
from typing import Any

import click

from forensics.barcode.fetching.lock import MAX_LOCK
from forensics.cli.numbers import NumberRange
from forensics.cli.options import Command, option
from forensics.cli.output import Writer, written
from forensics.core.options import Group
from forensics.io.inputs import read_limited
from forensics.messages import _

__all__ = ["fetch"]


@click.command(
    cls=Command,
    help=_(
        "Fetch reference sequences from NCBI or BOLD. Only this command uses the network.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics library fetch --source ncbi --taxon Manidae --locus COI,cytb "
        "--email me@lab.example --output manidae.fasta\n"
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
@option(
    "--targets",
    is_flag=True,
    group=Group.EXAMINE,
    help=_("The packaged list of the taxa most seized."),
)
@option(
    "--locus",
    "loci",
    multiple=True,
    metavar="NAME",
    group=Group.EXAMINE,
    help=_("Several with commas."),
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
    source: str | None, taxa: tuple[str, ...], targets: bool, loci: tuple[str, ...],
    output: Path | None, email: str | None, api_key_file: Path | None, copies: tuple[Path, ...],
    locked: Path | None, keep_raw: Path | None, without: tuple[str, ...], most: int | None,
    restart: bool, dry_run: bool, server: str | None, timeout: float | None, writer: Writer,
) -> None:  # fmt: skip
    from forensics.barcode.fetching.outcome import outcome, rebuild
    from forensics.barcode.fetching.request import (
        MAX_RECORDS,
        Request,
        RequestedTaxon,
        loci_of,
        request_targets,
    )
    from forensics.barcode.fetching.writing import paths_of, write_all
    from forensics.barcode.reference.library import open_library
    from forensics.errors import UsageError

    if not output and not dry_run:
        raise UsageError(_("Say where to: --output FILE.fasta."))
    paths = paths_of(output) if output else {}
    if locked:
        if source or taxa or targets or loci or without or server or keep_raw or dry_run:
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
        _conclude(made, request, paths, writer, targets=request.by_kingdom)
        return
    if not source:
        raise UsageError(_("Say where to ask: --source ncbi or --source bold."))
    names = [name.strip() for text in taxa for name in text.split(",") if name.strip()]
    if bool(names) == bool(targets):
        raise UsageError(_("Give either --taxon or --targets."))
    named = loci_of(name for text in loci for name in text.split(",") if name.strip())
    if not named and not targets:
        raise UsageError(_("Say which loci: --locus COI,cytb."))
    if copies and (server or keep_raw or dry_run or restart):
        raise UsageError(
            _(
                "With --from nothing is asked: --server, --keep-raw, --restart and --dry-run do not go."
            )
        )
    wanted = (
        request_targets(named) if targets else tuple(RequestedTaxon(n, (n,), named) for n in names)
    )
    every = tuple(dict.fromkeys(locus for want in wanted for locus in want.loci))
    request = Request(source, wanted, every, targets and not named, tuple(without))
    library = open_library()
    if copies:
        from forensics.barcode.fetching.build import build_pieces
        from forensics.barcode.fetching.pipeline import gather_files

        gathered = gather_files(request, copies)
        made = build_pieces(gathered, request, library)
        where = ", ".join(path.name for path in copies)
        texts = outcome(made, request, library, searches=(), date=_now(), server=where)
        write_all({paths[kind]: text for kind, text in texts.items()})
        _conclude(made, request, paths, writer, targets=targets)
        return
    client = _open_client(source, email, api_key_file, server, timeout)
    if dry_run:
        _print_searches(request, client, writer)
        return
    try:
        _fetch(
            request, client, paths, most or MAX_RECORDS, restart, keep_raw, writer, targets, library
        )
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
    targets: bool, library: Any,
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
    _conclude(made, request, paths, writer, targets=targets)


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
    from forensics.barcode.fetching.ncbi import query_of

    source, _server = client
    rows = []
    for want in request.taxa:
        if request.source == "ncbi":
            query = query_of(want.names, want.loci)
            count = source.search(query).count
        else:
            hits = source.search(want.names)
            query, count = hits.query, hits.count
        rows.append({"taxon": want.label, "records": count, "query": query})
    if writer.is_json:
        writer.record(rows)
    else:
        writer.plain_rows(rows)


def _conclude(
    made: Any, request: Any, paths: dict[str, Path], writer: Writer, *, targets: bool
) -> None:
    """Say what was written, and with the target list what is thin or missing."""
    from forensics.barcode.fetching.coverage import holdings
    from forensics.barcode.fetching.writing import write_all

    rows = holdings(made.pieces, [(w.label, frozenset(w.names), w.loci) for w in request.taxa])
    if targets:
        text = json.dumps({"targets": rows}, ensure_ascii=False, indent=1) + "\n"
        write_all({paths["report"]: text})
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
    else:
        writer.plain_rows(rows)
    if writer.is_table:
        writer.text()
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


def _now() -> str:
    from forensics.clock import utc_now

    return utc_now()


def _report(text: str) -> None:
    from forensics.cli.printing import CONTROL

    click.echo(text.translate(CONTROL), err=True)
