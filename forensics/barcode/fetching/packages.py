"""Rows of BOLD, from its portal or from files that somebody downloaded.

===================  =======================================================================
TSV                  data packages and exports of the portal (BCDM), and of BOLD before 2024
JSON lines           what the portal's interface sends
FASTA                ``processid|name|marker|accession``
Darwin Core archive  a zip with ``meta.xml``; the sequence in the core or in an extension
===================  =======================================================================

Plain, gzipped, or the only table in a zip. Rows are read one by one: a data package holds millions.
A row that cannot be read is not passed over: it is yielded with its reason.

References
----------
Ratnasingham et al. 2024, BOLD v4, doi:10.1007/978-1-0716-3581-0_26.
Wieczorek et al. 2012, Darwin Core, doi:10.1371/journal.pone.0029715.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from forensics.barcode.reference.headers import parse_header
from forensics.errors import InputError
from forensics.io.inputs import load_json, open_archive, open_input, report_damage, unpack
from forensics.messages import _

__all__ = ["Row", "json_row", "rows_in"]

# A row is a specimen and a sequence; one longer than this is not a row.
_MAX_LINE = 1 << 20
_MOST_COLUMNS = 1000
_MAX_META = 1 << 20
# All of BOLD's public records are some 20 GB; they are read row by row.
_MAX_UNPACKED = 100 * 2**30
_META = "meta.xml"


@dataclass(frozen=True)
class Row:
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


def json_row(number: int, line: str) -> Row:
    """Read one line of JSON."""
    try:
        record = load_json(line)
    except ValueError as error:
        return Row(number, {}, line, _("not JSON ({error})").format(error=error))
    if not isinstance(record, dict):
        return Row(number, {}, line, _("not a JSON object"))
    values = {}
    for key, value in record.items():
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(part) for part in value)
        values[str(key).casefold()] = "" if value is None else str(value).strip()
    return Row(number, values, line)


def rows_in(path: Path) -> Iterator[Row]:
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


def _table(stream, label: str) -> Iterator[Row]:
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


def _separated(header: str, number: int, lines, label: str) -> Iterator[Row]:
    columns = [column.strip().strip('"').casefold() for column in header.split("\t")]
    known = {"processid", "process_id", "sampleid", "occurrenceid"} & set(columns)
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
            yield Row(
                number, dict(zip(columns, cells)), line,
                _("{found} columns instead of {expected}").format(
                    found=len(cells), expected=len(columns)
                ),
            )  # fmt: skip
            continue
        values = {c: "" if v.strip() == "None" else v.strip() for c, v in zip(columns, cells)}
        yield Row(number, values, line)


def _fasta(header: str, lines) -> Iterator[Row]:
    number, text = 1, [header]
    for _line, line in lines:
        if line.startswith(">"):
            yield _fasta_row(number, text)
            number, text = number + 1, [line]
        else:
            text.append(line)
    yield _fasta_row(number, text)


def _fasta_row(number: int, text: list[str]) -> Row:
    header = parse_header(text[0][1:])
    values = {
        "processid": header.accession,
        "identification": header.name,
        "marker_code": header.locus,
        "insdc_acs": header.source,
        "nuc": "".join(text[1:]),
    }
    return Row(number, values, "\n".join(text))


# -- Darwin Core archives ---------------------------------------------------------


def _zipped(raw, label: str) -> Iterator[Row]:
    with open_archive(raw, _MAX_UNPACKED) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        metas = [name for name in names if name.rsplit("/", 1)[-1] == _META]
        if metas:
            yield from _archive(archive, metas[0], label)
            return
        tables = [
            n for n in names if n.lower().endswith((".tsv", ".txt", ".jsonl", ".fasta", ".fas"))
        ]
        if len(tables) != 1:
            raise InputError(
                _("the archive has {number} tables; expected one, or meta.xml").format(
                    number=len(tables)
                ),
                source=label,
            )
        with _member(archive, tables[0]) as stream:
            yield from _table(stream, label)


@contextmanager
def _member(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    try:
        with archive.open(name) as stream:
            yield stream
    except (
        KeyError,
        RuntimeError,
        NotImplementedError,
    ) as error:  # absent, encrypted, other packing
        raise zipfile.BadZipFile(str(error)) from error


@dataclass(frozen=True)
class _File:
    """A table of a Darwin Core archive: its name, separator, head lines, and terms by column."""

    name: str
    separator: str
    heads: int
    key: int
    terms: dict[int, str]


def _archive(archive: zipfile.ZipFile, meta: str, label: str) -> Iterator[Row]:
    if archive.getinfo(meta).file_size > _MAX_META:
        raise InputError(_("{file} is too long").format(file=_META), source=label)
    with _member(archive, meta) as stream:
        content = stream.read(_MAX_META)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(
            _("{file} is not XML: {error}").format(file=_META, error=error), source=label
        ) from error
    files: dict[str, Any] = {}
    for part in root:
        kind = part.tag.rsplit("}", 1)[-1]
        if kind in ("core", "extension"):
            files.setdefault(kind, []).append(_described(part, meta, label))
    if len(files.get("core", ())) != 1:
        raise InputError(_("{file} names no core table").format(file=_META), source=label)
    core = files["core"][0]
    # Extensions hold the sequences, several an occurrence; the core its specimen. The smaller
    # part, the core, is held in memory.
    sequences = [f for f in files.get("extension", ()) if "dna_sequence" in f.terms.values()]
    if not sequences:
        yield from _archive_rows(archive, core, label)
        return
    occurrences = {}
    for row in _archive_rows(archive, core, label):
        if row.problem:
            yield row
        else:
            occurrences[row.values["#key"]] = row
    for table in sequences:
        for row in _archive_rows(archive, table, label):
            above = occurrences.get(row.values.get("#key", ""))
            if not row.problem and above is None:
                row = Row(row.number, row.values, row.text, _("of no occurrence in the core"))
            if above is None or row.problem:
                yield row
            else:
                values = {**above.values, **row.values}
                yield Row(row.number, values, f"{above.text}\n{row.text}")


def _described(part: ElementTree.Element, meta: str, label: str) -> _File:
    def local(element) -> str:
        return element.tag.rsplit("}", 1)[-1]

    terms, key, name = {}, 0, ""
    try:
        for element in part.iter():
            if local(element) == "field" and (index := element.get("index")) is not None:
                term = (element.get("term") or "").rstrip("/").rsplit("/", 1)[-1]
                terms[int(index)] = term.casefold()
            elif local(element) in ("id", "coreid"):
                key = int(element.get("index", "0"))
            elif local(element) == "location":
                name = (element.text or "").strip()
        heads = int(part.get("ignoreHeaderLines", "0"))
    except ValueError as error:
        raise InputError(
            _("{file} is not that of an archive: {error}").format(file=_META, error=error),
            source=label,
        ) from error
    if not name or max([key, *terms]) >= _MOST_COLUMNS:
        raise InputError(_("{file} names no table").format(file=_META), source=label)
    separator = (part.get("fieldsTerminatedBy") or "\t").replace("\\t", "\t")
    folder = meta.rpartition("/")[0]
    return _File(f"{folder}/{name}" if folder else name, separator, heads, key, terms)


def _archive_rows(archive: zipfile.ZipFile, table: _File, label: str) -> Iterator[Row]:
    width = max([table.key, *table.terms]) + 1
    source = f"{label}, {table.name}"
    with _member(archive, table.name) as stream:
        for number, line in _lines(stream, source):
            if number <= table.heads or not line.strip():
                continue
            cells = [cell.strip() for cell in line.split(table.separator)]
            if len(cells) < width:
                yield Row(
                    number, {}, line,
                    _("{found} columns instead of {expected}").format(
                        found=len(cells), expected=width
                    ),
                )  # fmt: skip
                continue
            values = {term: cells[index] for index, term in table.terms.items()}
            yield Row(number, {**values, "#key": cells[table.key]}, line)
