"""BOLD: the portal's public interface, and rows of BOLD that were asked for or downloaded.

The interface in three steps: a taxon is resolved into BOLD's own terms, the terms make a query
that BOLD gives a token for, and the token gives the number of records and the records, one line
of JSON each. The number of lines must be the number that BOLD says. There is no way to ask for one
marker; what is of other loci is passed over here.

The interface before 2024 (``API_Public/combined``) has been shut down and is not asked. Its files are
read, as those of today are:

===================  =======================================================================
TSV                  data packages and exports of the portal (BCDM), and of BOLD before 2024
JSON lines           what the portal's interface sends
FASTA                ``processid|name|marker|accession``
===================  =======================================================================

Plain, gzipped, or the only table in a zip. Rows are read one by one: a data package holds millions.
A row that cannot be read is not passed over: it is yielded with its reason.

References
----------
BOLD Systems, Data Portal API, https://portal.boldsystems.org/api.
Ratnasingham et al. 2024, BOLD v4, doi:10.1007/978-1-0716-3581-0_26.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from forensics.barcode.fetch.extract import RANKS, Fetched, Piece, unlikely
from forensics.barcode.fetch.request import (
    Arrivals,
    FetchError,
    Item,
    Report,
    Request,
    Search,
    StagingFolder,
    UnknownTaxon,
    Unusable,
    one_line,
    refuse_more,
    search_taxa,
    text_of,
)
from forensics.barcode.locus import clean, find_locus, known_loci
from forensics.barcode.reference.annotated import gene_key
from forensics.barcode.reference.headers import parse_header
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.panels import PanelTaxon, require_taxon_name
from forensics.errors import InputError, UsageError
from forensics.io.files import load_json, open_archive, open_input, report_damage, unpack
from forensics.io.numbers import printable
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.fetch.server import Server

T = TypeVar("T")

#: Address of the portal's interface.
BOLD = "https://portal.boldsystems.org/api/"
#: Seconds between two requests; BOLD names no figure.
GAP = 1.0
#: Records of one query that BOLD gives at most, by its own documentation.
MAX_ANSWER = 1_000_000
_PROCESS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TOKEN = re.compile(r"\S{1,100000}")
# BOLD's own codes beside those that `find_locus` and the names of genes know.
_MARKERS = {"coi5pnmt1": "", "coi3p": ""}
# A row is a specimen and a sequence; one longer than this is not a row.
_MAX_LINE = 1 << 20
_MOST_COLUMNS = 1000
# All of BOLD's public records are some 20 GB; they are read row by row.
_MAX_UNPACKED = 100 * 2**30


class Portal:
    """BOLD's portal.

    Parameters
    ----------
    server : Server
        BOLD's, or one that behaves the same.
    """

    def __init__(self, server: "Server") -> None:
        self.server = server

    def find(self, taxon: PanelTaxon) -> Search:
        """Search for the records of a taxon, of whatever loci; see `search`."""
        return self.search(taxon.names)

    def gather(
        self,
        request: Request,
        staging: StagingFolder,
        *,
        most: int,
        report: Report,
    ) -> Arrivals:
        """Fetch what BOLD has of the taxa of a request into `staging`, or what is not there yet.

        Raises
        ------
        FetchError
            If fewer records come than BOLD says it has.
        UnknownTaxon
            If it knows none of the taxa.
        UsageError
            If there are more than `most`.
        """
        made: dict[str, Search] = {}

        def search(taxon: PanelTaxon, answer: dict) -> None:
            found = made[taxon.taxon] = self.find(taxon)
            answer |= {"query": found.query, "count": found.count}

        searches = search_taxa(request, staging, search, report)
        refuse_more(sum(answer["count"] for answer in searches), most)
        names = []
        for number, (taxon, answer) in enumerate(zip(request.taxa, searches), 1):
            name = f"records-{number:05d}.jsonl"
            if not answer["count"]:
                continue
            if staging.get(name) is None:
                # After a break the search is made again: a token is good for a day.
                found = made.get(taxon.taxon) or self.find(taxon)
                answer["count"] = found.count
                staging.put(name, self.records(found))
            names.append(name)
        rows = (
            (name, json_row(number, line))
            for name in names
            for number, line in enumerate(staging.lines(name), 1)
            if line.strip()
        )
        return Arrivals(items_of(rows, request.loci), searches)

    def search(self, taxa: Sequence[str]) -> Search:
        """Make a query of taxa.

        Raises
        ------
        FetchError
            If BOLD gives no whole answer.
        UnknownTaxon
            If it knows none of them.
        """
        query = self.terms(taxa)
        token = self._json(_("the query"), "query", {"query": query, "extent": "full"}, _token)
        count = self._json(
            _("the number of records"),
            f"documents/{quote(token, safe='')}",
            {"length": "1", "start": "0"},
            _count,
        )
        if count > MAX_ANSWER:
            raise FetchError(
                _(
                    "BOLD has {count} records of {query} and gives {most} at most; ask for smaller "
                    "taxa, or read a data package with --from."
                ).format(count=count, query=query, most=MAX_ANSWER)
            )
        return Search(query, count, (token,))

    def terms(self, taxa: Sequence[str]) -> str:
        """Return taxa in BOLD's terms; a name of several taxa gives all of them."""
        for taxon in taxa:
            require_taxon_name(taxon)
        asked = ";".join(f"tax:{taxon}" for taxon in taxa)
        return self._json(
            _("the names of the taxa"), "query/preprocessor", {"query": asked}, _terms
        )

    def records(self, search: Search) -> bytes:
        """Return the records of a query, one JSON object a line, as many as BOLD said."""

        def check(body: bytes) -> bytes:
            lines = [line for line in text_of(body).split("\n") if line.strip()]
            for number, line in enumerate(lines, 1):
                if problem := json_row(number, line).problem:
                    place = _("record {}").format(number)
                    raise Unusable(f"{place}: {one_line(problem)}")
            if len(lines) != search.count:
                raise Unusable(
                    _("{found} of {expected} records came").format(
                        found=len(lines), expected=search.count
                    )
                )
            return body

        return self.server.ask(
            _("the records of {query}").format(query=search.query),
            f"documents/{quote(search.place[0], safe='')}/download",
            {"format": "json"},
            check,
        )

    def _json(self, what: str, path: str, fields: dict[str, str], check: Callable[[dict], T]) -> T:
        def checked(body: bytes) -> T:
            try:
                answer = json.loads(body)
            except (ValueError, RecursionError) as error:
                raise Unusable(_("the answer is not JSON ({error})").format(error=error)) from error
            if not isinstance(answer, dict):
                raise Unusable(_("the answer is not a JSON object"))
            return check(answer)

        return self.server.ask(what, path, fields, checked)


def _terms(answer: dict) -> str:
    failed, found = answer.get("failed_terms") or [], answer.get("successful_terms") or []
    if failed and not found:
        names = [t.get("submitted", t) if isinstance(t, dict) else t for t in failed]
        raise UnknownTaxon(
            _("BOLD does not know {names}; look the name up in its taxonomy.").format(
                names=one_line(", ".join(map(str, names)))
            )
        )
    matches = [term.get("matched") if isinstance(term, dict) else None for term in found]
    if not matches or not all(isinstance(m, str) and m.startswith("tax:") for m in matches):
        raise Unusable(_("the answer names no taxon"))
    # One name may be that of several taxa: all of them are asked for.
    terms = (part.strip() for matched in matches for part in str(matched).split(","))
    return ";".join(dict.fromkeys(filter(None, terms)))


def _token(answer: dict) -> str:
    token = answer.get("query_id")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Unusable(_("the answer has no query_id"))
    return token


def _count(answer: dict) -> int:
    count = answer.get("recordsTotal")
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise Unusable(_("the answer has no recordsTotal, without which nothing can be counted"))
    return count


# -- rows of files ---------------------------------------------------------------


@dataclass(frozen=True)
class BoldRow:
    """One row.

    Attributes
    ----------
    number : int
        Line (of FASTA: record) in its file, from 1.
    values : dict of str to str
        By the name of the column in lower case.
    text : str
        As it stood in the file.
    problem : str
        Why it could not be read, or empty.
    """

    number: int
    values: dict[str, str]
    text: str
    problem: str = ""

    @property
    def sha256(self) -> str:
        """Of the row as it stood."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def json_row(number: int, line: str) -> BoldRow:
    """Read one line of JSON."""
    try:
        record = load_json(line)
    except ValueError as error:
        return BoldRow(number, {}, line, _("not JSON ({error})").format(error=error))
    if not isinstance(record, dict):
        return BoldRow(number, {}, line, _("not a JSON object"))
    values = {}
    for key, value in record.items():
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value)
        values[str(key).casefold()] = "" if value is None else str(value).strip()
    return BoldRow(number, values, line)


def rows_in(path: Path) -> Iterator[BoldRow]:
    """Yield the rows of a file of BOLD.

    Raises
    ------
    InputError
        If it is none, or is damaged or cut off.
    """
    label = str(path)
    with open_input(path, label) as raw, report_damage(label):
        content = unpack(raw, label)
        try:
            if content.peek(4).startswith(b"PK"):
                yield from _zipped(content, label)
            else:
                yield from _table(content, label)
        except zipfile.BadZipFile as error:
            raise InputError(
                _("the packed file is damaged or cut off ({error}); get it again").format(
                    error=error
                ),
                source=label,
            ) from error


def _lines(stream, label: str) -> Iterator[tuple[int, str]]:
    """Yield numbered lines without their ends; the last must have one, or the file was cut off."""
    number = 0
    while line := stream.readline(_MAX_LINE):
        number += 1
        if len(line) >= _MAX_LINE:
            raise InputError(
                _("the line is longer than {most} bytes").format(most=_MAX_LINE),
                source=label,
                line=number,
            )
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        yield number, text.removeprefix("\ufeff") if number == 1 else text


def _table(stream, label: str) -> Iterator[BoldRow]:
    lines = _lines(stream, label)
    first = next(((number, line) for number, line in lines if line.strip()), None)
    if first is None:
        raise InputError(_("the file is empty; expected rows of BOLD"), source=label)
    number, line = first
    if line.startswith(">"):
        yield from _fasta(line, lines)
    elif line.lstrip().startswith("{"):
        yield json_row(number, line)
        yield from (json_row(n, text) for n, text in lines if text.strip())
    else:
        yield from _separated(line, number, lines, label)


def _separated(header: str, number: int, lines, label: str) -> Iterator[BoldRow]:
    columns = [column.strip().strip('"').casefold() for column in header.split("\t")]
    known = {"processid", "process_id", "sampleid"} & set(columns)
    if len(columns) < 2 or len(columns) > _MOST_COLUMNS or not known:
        raise InputError(
            _("found the columns {found}; expected those of BOLD (processid, …)").format(
                found=", ".join(columns[:5])
            ),
            source=label,
            line=number,
        )
    for number, line in lines:
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            yield BoldRow(
                number, dict(zip(columns, cells)), line,
                _("{found} columns instead of {expected}").format(
                    found=len(cells), expected=len(columns)
                ),
            )  # fmt: skip
            continue
        values = {c: "" if v.strip() == "None" else v.strip() for c, v in zip(columns, cells)}
        yield BoldRow(number, values, line)


def _fasta(header: str, lines) -> Iterator[BoldRow]:
    number, text = 1, [header]
    for _line, line in lines:
        if line.startswith(">"):
            yield _fasta_row(number, text)
            number, text = number + 1, [line]
        else:
            text.append(line)
    yield _fasta_row(number, text)


def _fasta_row(number: int, text: list[str]) -> BoldRow:
    header = parse_header(text[0][1:])
    values = {
        "processid": header.accession,
        "identification": header.name,
        "marker_code": header.locus,
        "insdc_acs": header.source,
        "nuc": "".join(text[1:]),
    }
    return BoldRow(number, values, "\n".join(text))


def _zipped(raw, label: str) -> Iterator[BoldRow]:
    with open_archive(raw, _MAX_UNPACKED) as archive:
        tables = [
            name
            for name in archive.namelist()
            if name.lower().endswith((".tsv", ".txt", ".jsonl", ".fasta", ".fas"))
        ]
        if len(tables) != 1:
            raise InputError(
                _("the archive has {number} tables; expected one").format(number=len(tables)),
                source=label,
            )
        try:
            with archive.open(tables[0]) as stream:
                yield from _table(stream, label)
        # encrypted, or packed in another way
        except (RuntimeError, NotImplementedError) as error:
            raise zipfile.BadZipFile(str(error)) from error


# -- what a row says -------------------------------------------------------------


def locus_of(marker: str) -> str:
    """Return the locus that a marker code stands for, or an empty string.

    Examples
    --------
    >>> locus_of("COI-5P"), locus_of("COI-3P"), locus_of("CYTB")
    ('COI', '', 'cytb')
    """
    key = gene_key(marker)
    if key in _MARKERS:
        return _MARKERS[key]
    for locus in known_loci():
        if key in {gene_key(name) for name in (*locus.gene.symbols, *locus.gene.products)}:
            return locus.name
    try:
        return find_locus(marker).name
    except UsageError:
        return ""


# Columns of today, of exports of the portal, and of before 2024; the first that is filled counts.
_PROCESS = ("processid", "process_id")
_MARKER = ("marker_code", "markercode", "marker")
_SEQUENCE = ("nuc", "nucleotides", "nucraw", "sequence")
_SAYS = {
    "name": (
        "identification", "subspecies", "subspecies_name", "species", "species_name",
        "genus", "genus_name", "taxon_name", "taxon",
    ),
    "voucher": ("museumid", "catalognum", "sampleid"),
    "identifier": ("identified_by", "identification_provided_by"),
    "institution": ("inst", "institution_storing"),
    "country": ("country/ocean", "country"),
    "date": ("collection_date_start", "collectiondate"),
    "collector": ("collectors",),
    "submitter": ("sequence_run_site", "run_dates"),
    "deposited": ("sequence_upload_date", "processid_minted_date"),
    "insdc": ("insdc_acs", "genbank_accession"),
    "licence": ("license", "licence"),
}  # fmt: skip


def raw_key(row: BoldRow) -> str:
    """Return the name of a row: process id and marker."""
    return f"{_of(row, *_PROCESS, 'occurrenceid')}|{_of(row, *_MARKER)}"


def fetched_of_row(row: BoldRow) -> tuple[Fetched | None, str, str, str]:
    """Return what a row says, its marker code, its sequence, and why it cannot be taken."""
    process, marker = _of(row, *_PROCESS), _of(row, *_MARKER)
    if row.problem:
        return None, marker, "", row.problem
    if not _PROCESS_ID.fullmatch(process):
        return None, marker, "", _("{found!r} is not a process id").format(found=one_line(process))
    above = {rank: _of(row, rank, f"{rank}_name") for rank in ("kingdom", *RANKS)}
    others = [_of(row, rank, f"{rank}_name") for rank in ("subfamily", "tribe", "species")]
    record = Fetched(
        accession=process,
        taxonomy=tuple(n for n in (*above.values(), *others) if n),
        ranks=tuple((rank, above[rank]) for rank in RANKS if above[rank]),
        coordinates=_coordinates(row),
        source="BOLD",
        sha256=row.sha256,
        **{name: _of(row, *columns) for name, columns in _SAYS.items()},
    )
    return record, marker, _of(row, *_SEQUENCE), ""


def items_of(rows: Iterable[tuple[str, BoldRow]], loci: Sequence[str]) -> Iterator[Item]:
    """Yield what the rows of files say; of `loci`, which are asked for, an only one is that of a
    FASTA whose headers name no marker."""
    for file, row in rows:
        record, marker, sequence, problem = fetched_of_row(row)
        key = raw_key(row)
        if record is None and not key.strip("|"):
            key = _("row {number}").format(number=row.number)
        if not marker and len(loci) == 1:
            marker = loci[0]
        cut = partial(_cut, record, marker, sequence, problem)
        yield Item(file, row.number, key, row.sha256, record, cut)


def _cut(
    record: Fetched | None,
    marker: str,
    sequence: str,
    problem: str,
    loci: Sequence[str],
    _library: Library,
) -> tuple[list[Piece], dict[str, str]]:
    """Take the sequence of a row, if it is of one of the loci."""
    if record is None or not sequence:
        return [], {"": problem or _("it has no sequence")}
    locus = locus_of(marker)
    if locus not in loci:
        unknown = _("unknown locus {locus!r}").format(locus=printable(marker, most=40))
        return [], {} if locus else {"": unknown}
    piece = Piece(record, locus, clean(sequence), way="whole")
    reason = unlikely(piece)
    return ([], {locus: reason}) if reason else ([piece], {})


def _of(row: BoldRow, *names: str) -> str:
    value = next((row.values[name] for name in names if row.values.get(name)), "")
    return one_line(value, most=10**6)


def _coordinates(row: BoldRow) -> str:
    if together := _of(row, "coord"):
        return " ".join(together.strip("[]()").replace(",", " ").split())
    latitude, longitude = _of(row, "lat"), _of(row, "lon")
    return f"{latitude} {longitude}" if latitude and longitude else ""
