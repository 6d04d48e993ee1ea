"""A whole fetch: records are brought together, cut, and written; of each that is not taken why.

Written are a FASTA with the header ``accession|name|locus|source``, which `forensics library build` reads,
the table that says more of each accession, what was left out, and a report of what was asked for and
what there is of it: all of them, or none. The same records give the same bytes.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from forensics.barcode.fetch import bold, ncbi
from forensics.barcode.fetch.bold import Portal
from forensics.barcode.fetch.extract import Fetched, Piece
from forensics.barcode.fetch.ncbi import Entrez, Lineages, read_taxonomies
from forensics.barcode.fetch.request import (
    MAX_RECORDS,
    Arrivals,
    FetchError,
    Item,
    Report,
    Request,
    open_staging,
)
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.panels import Coverage, PanelTaxon
from forensics.barcode.reference.records import LeftOut, ReferenceRecord, tsv_of, tsv_text
from forensics.core.provenance import made_by_text
from forensics.errors import InputError, UsageError
from forensics.io.files import check_new, writing
from forensics.io.numbers import printable
from forensics.messages import _

#: Columns of the table beside the FASTA: those of the reference records (without the locus: a
#: record may have several), then what a reader of FASTA and table passes over.
COLUMNS = tuple(
    name for name in (f.name.rstrip("_") for f in fields(ReferenceRecord)) if name != "locus"
) + (
    "loci", "coordinates", "collector", "publication", "submitter", "deposited", "insdc",
    "taxid", "taxonomy", "taxonomy_date", "title", "sha256",
)  # fmt: skip
# Names of other taxa in a message; taxa that are named there.
_NAMES_SHOWN, _TAXA_SHOWN = 5, 10
_FAMILIES = ("idae", "aceae")
_FASTA = (".fasta", ".fa", ".fas", ".fna")
#: Of the files beside the FASTA.
SUFFIXES = {"table": ".tsv", "left_out": ".left_out.tsv", "report": ".report.json"}


class NothingLeft(FetchError):
    """Of all the records that came no sequence is left."""


@dataclass(frozen=True)
class BuiltPieces:
    """What became of the records.

    Attributes
    ----------
    pieces : tuple of Piece
    left_out : tuple of LeftOut
    searches : tuple of dict
        What each search said, as in `Arrivals`.
    records : int
        Records that counted, also those that were left out.
    coverage : Coverage
        What there is of each taxon that was asked for.
    passed_over : int
        Records of other taxa, and rows of other loci.
    other_taxa, other_loci : int
        How many of them for which reason.
    taxa_seen : tuple of str
        The commonest names among those of other taxa.
    """

    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]
    searches: tuple[dict, ...]
    records: int
    coverage: Coverage
    passed_over: int
    other_taxa: int = 0
    other_loci: int = 0
    taxa_seen: tuple[str, ...] = ()

    @property
    def came(self) -> int:
        """How many records came, whatever became of them."""
        return self.records + self.passed_over


def fetch_records(
    request: Request,
    source: Entrez | Portal,
    output: Path,
    library: Library,
    *,
    now: str,
    most: int = MAX_RECORDS,
    restart: bool = False,
    keep_raw: Path | None = None,
    report: Report = print,
) -> BuiltPieces:
    """Fetch what is asked for and write it; a run that was cut short continues.

    Parameters
    ----------
    request : Request
    source : Entrez or Portal
    output : pathlib.Path
        The FASTA; what belongs to it lies beside it (`paths_of`).
    library : Library
        Known records, for what has no annotation; the embedded library.
    now : str
        The time, UTC, ISO 8601.
    most : int
        Records at most.
    restart : bool
        Whether to throw away what an unfinished run left.
    keep_raw : pathlib.Path, optional
        New folder for the records as they arrived.
    report : callable
        Called with what is going on, in words.

    Raises
    ------
    FetchError
        If something does not arrive whole; what arrived is kept in ``OUTPUT.part``.
    NothingLeft
        If no sequence is left; what arrived is not kept.
    """
    if keep_raw and keep_raw.exists() and (not keep_raw.is_dir() or any(keep_raw.iterdir())):
        raise UsageError(_("{path} is not empty; give a new folder.").format(path=keep_raw))
    paths, address = paths_of(output), source.server.address
    asks = {"source": request.source, "panel": asdict(request.panel), "server": address}
    part_path = output.with_name(output.name + ".part")
    with open_staging(part_path, asks, now=now, restart=restart) as part:
        built = build_pieces(
            source.gather(request, part, most=most, report=report), request, library
        )
        if keep_raw:
            part.copy_to(keep_raw)
        try:
            _write(built, request, paths, date=part.started, server=address)
        except NothingLeft as error:  # kept, the same answers would fail again
            part.forget()
            raise NothingLeft(
                f"{error} "
                + _("The data received are not kept; the same command requests them again.")
            ) from error
    return built


def read_records(
    request: Request, files: Sequence[Path], output: Path, library: Library, *, now: str
) -> BuiltPieces:
    """Take what is asked for from files that are there already and write it.

    Parameters
    ----------
    request, output, library, now
        As in `fetch_records`.
    files : sequence of pathlib.Path
        Files of the source, or the folder that ``keep_raw`` made.

    Raises
    ------
    InputError
        If a file cannot be read.
    NothingLeft
        If no sequence is left.
    """
    paths = paths_of(output)
    built = build_pieces(_gather_files(request, files), request, library)
    where = ", ".join(path.name for path in files)
    _write(built, request, paths, date=now, server=where)
    return built


def _gather_files(request: Request, paths: Sequence[Path]) -> Arrivals:
    files: list[Path] = []
    lineages: Lineages = {}
    pattern = "*.gb*" if request.source == "ncbi" else "records-*.jsonl*"
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.glob(pattern) if entry.is_file())
            if not inside:
                raise InputError(
                    _("the folder has no {pattern}").format(pattern=pattern), source=str(path)
                )
            files += inside
            lineages.update(read_taxonomies(path))
        else:
            files.append(path)
    if request.source == "bold":
        rows = ((path.name, row) for path in files for row in bold.rows_in(path))
        return Arrivals(bold.items_of(rows, request.loci))
    texts = ((path.name, text) for path in files for text in ncbi.records_of_file(path))
    return Arrivals(ncbi.items_of(texts, lineages))


def build_pieces(gathered: Arrivals, request: Request, library: Library) -> BuiltPieces:
    """Cut and check what was gathered.

    Parameters
    ----------
    gathered : Arrivals
    request : Request
    library : Library
        Known records, for what has no annotation; the embedded library.
    """
    pieces: list[Piece] = []
    left_out: list[LeftOut] = []
    records: dict[str, Item] = {}
    seen: dict[tuple[str, str], str] = {}
    strangers: Counter[str] = Counter()
    passed_over = other_loci = 0
    held: dict[str, list[ReferenceRecord]] = {taxon.taxon: [] for taxon in request.taxa}
    for item in gathered.items:
        record, taxa = item.record, list[PanelTaxon]()
        accession, name = (record.accession, record.name) if record else (printable(item.key), "")
        if record:
            found_by = gathered.found_by.get(item.key, ())
            taxa = [
                taxon
                for taxon in request.taxa
                if taxon.taxon in found_by or record.belongs_to(set(taxon.names))
            ]
            if accession in request.without or item.key not in (gathered.only or {item.key}):
                passed_over += 1
                continue
            if not taxa and gathered.only is None:
                strangers[printable(name, most=60)] += 1
                continue
        loci = tuple(dict.fromkeys(locus for taxon in taxa for locus in taxon.loci))
        cut, reasons = item.cut(loci, library)
        if not cut and not reasons:
            other_loci += 1
            continue
        before = records.get(item.key)
        if before and request.source == "ncbi":
            cut, reasons = [], {"": _("the record occurs twice")}
        elif before and before.sha256 == item.sha256 and before.file != item.file:
            continue  # a row of two taxa that were asked for comes with each of them
        records[item.key] = item
        why = [f"{locus}: {reason}" if locus else reason for locus, reason in reasons.items()]
        for piece in cut:
            known = seen.get((piece.locus, accession))
            if not _has_genus(piece.record):
                reason = _("the name {name!r} has no genus").format(name=name)
            elif known:
                reason = (
                    _("the sequence occurs twice") if known == piece.sequence
                    else _("another sequence of the same accession was taken")
                )  # fmt: skip
            else:
                seen[(piece.locus, accession)] = piece.sequence
                pieces.append(piece)
                reference = piece.record.reference(piece.locus)
                # A submitter counts where no institution is named.
                institution = piece.record.institution or piece.record.submitter
                for taxon in taxa:
                    held[taxon.taxon].append(replace(reference, institution=institution))
                continue
            why.append(f"{piece.locus}: {reason}")
        left_out += (LeftOut(item.file, item.number, accession, name, reason) for reason in why)
    for accession in request.without:
        left_out.append(LeftOut("", 0, accession, "", _("left out by name (--without)")))
    return BuiltPieces(
        tuple(pieces), tuple(left_out), tuple(gathered.searches), len(records),
        Coverage(request.panel, held), passed_over + strangers.total() + other_loci,
        other_taxa=strangers.total(), other_loci=other_loci,
        taxa_seen=tuple(name for name, _number in strangers.most_common(_NAMES_SHOWN) if name),
    )  # fmt: skip


def _has_genus(record: Fetched) -> bool:
    """Return whether the name begins with a genus, and not with a family or what is above it."""
    genus = record.reference().genus
    above = {name for rank, name in record.ranks if rank != "genus"}
    return bool(genus) and genus not in above and not genus.endswith(_FAMILIES)


# -- writing ---------------------------------------------------------------------


def paths_of(output: Path) -> dict[str, Path]:
    """Return the files that belong to a FASTA: ``fasta``, ``table``, ``left_out``, ``report``.

    Raises
    ------
    UsageError
        If the name is not that of a FASTA, or one of the files exists.
    """
    if output.suffix.lower() not in _FASTA:
        raise UsageError(
            _("{path}: the output is FASTA; give a name that ends in .fasta").format(path=output)
        )
    paths = {"fasta": output}
    paths |= {kind: output.with_suffix(suffix) for kind, suffix in SUFFIXES.items()}
    for path in paths.values():
        check_new(path)
    return paths


def fasta_text(pieces: Iterable[Piece]) -> str:
    """Return the sequences as FASTA, by locus and accession."""
    lines = []
    for piece in _ordered(pieces):
        record = piece.record
        name = record.name.replace("|", " ")
        lines.append(
            f">{record.accession}|{name}|{piece.locus}|{record.source}\n{piece.sequence}\n"
        )
    return "".join(lines)


def table_text(pieces: Iterable[Piece], *, date: str) -> str:
    """Return what is known of the records as TSV, one line an accession.

    Parameters
    ----------
    pieces : iterable of Piece
    date : str
        Of the taxonomy: when the records were fetched.
    """
    loci: dict[str, list[str]] = {}
    records = {}
    for piece in _ordered(pieces):
        origin = ", ".join(part for part in (piece.way, piece.place) if part)
        loci.setdefault(piece.record.accession, []).append(f"{piece.locus} ({origin})")
        records[piece.record.accession] = piece.record
    rows: list[dict[str, object]] = [dict.fromkeys(COLUMNS, "") for _record in records]
    for row, (accession, record) in zip(rows, sorted(records.items())):
        reference = record.reference()
        for column in COLUMNS:
            name = "class_" if column == "class" else column
            row[column] = getattr(reference, name, None) or getattr(record, name, "")
        row["loci"] = "; ".join(loci[accession])
        row["taxonomy"] = "; ".join(record.taxonomy)
        row["taxonomy_date"] = date
    return tsv_text(COLUMNS, rows)


def _write(
    built: BuiltPieces, request: Request, paths: dict[str, Path], *, date: str, server: str
) -> None:
    """Write the FASTA and what belongs to it; the FASTA is the last to get its name.

    A name that is there means that everything it belongs to is there.
    """
    if not built.pieces:
        raise NothingLeft(_why_nothing_is_left(built, request))
    searches = [
        {key: value for key, value in search.items() if key != "accessions"}
        for search in built.searches
    ]
    report = {
        "software": made_by_text(), "date": date, "source": request.source, "server": server,
        "searches": searches, "panel": request.panel.name, "taxa": built.coverage.rows(),
    }  # fmt: skip
    texts = {
        "fasta": fasta_text(built.pieces),
        "table": table_text(built.pieces, date=date),
        "left_out": tsv_of(LeftOut, built.left_out),
        "report": json.dumps(report, ensure_ascii=False, indent=1) + "\n",
    }
    paths["fasta"].parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:  # the first that is opened is the last to be done
        for kind, text in texts.items():
            opened = files.enter_context(writing(paths[kind], new=False))
            opened.stream.write(text.encode())


def _why_nothing_is_left(built: BuiltPieces, request: Request) -> str:
    """Return what became of the records, so that the reader can ask otherwise."""
    why = []
    if built.other_taxa:
        why.append(
            _("{number} are of other taxa than {wanted} ({names})").format(
                number=built.other_taxa,
                wanted=", ".join(want.taxon for want in request.taxa[:_TAXA_SHOWN]),
                names=", ".join(built.taxa_seen) or "-",
            )
        )
    if built.other_loci:
        why.append(
            _("{number} are of other loci than {wanted}").format(
                number=built.other_loci, wanted=", ".join(request.loci)
            )
        )
    if built.records:
        reasons = "; ".join(f"{e.accession}: {e.reason}" for e in built.left_out[:5])
        why.append(
            _("{number} were left out ({reasons})").format(
                number=built.records, reasons=reasons or "-"
            )
        )
    text = _("{number} records arrived, but no sequence is left.").format(number=built.came)
    return f"{text} {'; '.join(why)}." if why else text


def _ordered(pieces: Iterable[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: (piece.locus, piece.record.accession))
