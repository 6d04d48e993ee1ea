"""Reads reference records out of the files that people have, and out of what a script has in memory.

FASTA in the header styles of `forensics.barcode.reference.headers`, tables and workbooks
(`forensics.barcode.reference.tables`) with sequences or with more of the records by their
accession, GenBank flat files; tables and records in memory
(`forensics.barcode.reference.in_memory`). What a file is, is given by its content. How far a name goes, the
rules of `forensics.barcode.reference.naming` say. Nothing is left out in silence: every record
that is not taken is named with its reason.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from sys import intern

from forensics.barcode.locus import MAX_GENE_LENGTH, find_locus, known_loci
from forensics.barcode.quality import MAXIMUM_LENGTH, check_sequence
from forensics.barcode.reference.entries import Entry, with_more
from forensics.barcode.reference.genbank import genbank_records
from forensics.barcode.reference.headers import Header, parse_header
from forensics.barcode.reference.in_memory import FRAME, Records, Reference, gather, read_records
from forensics.barcode.reference.naming import LEFT_OUT, NameRule, judge_name
from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.reference.tables import (
    Table,
    is_table,
    read_frame,
    read_table,
    read_workbook,
)
from forensics.barcode.sequence import clean
from forensics.errors import InputError, UsageError
from forensics.io.cells import decoded
from forensics.io.files import shown_name
from forensics.io.formats import recognise
from forensics.io.inputs import open_input, read_up_to, report_damage, unpack
from forensics.messages import _
from forensics.notices.unusable import EMPTY

__all__ = ["NameFlag", "read_references"]

_TABLES = (".tsv", ".csv", ".txt")
# A file that unpacks to more is refused: MIDORI2's largest has 3 GB.
_MAX_BYTES = 6 * 2**30
# Ends of lines in FASTA. `str.splitlines` also knows U+2028, form feed and others: what stands behind
# one in a header would be read as bases.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class NameFlag:
    """A record that was taken, but whose name somebody should look at.

    Attributes
    ----------
    locus, accession, name : str
        Of the record.
    rule : NameRule
        What was found.
    """

    locus: str
    accession: str
    name: str
    rule: NameRule


def read_references(
    references: "Reference | Iterable[Reference | Records]",
    *,
    locus: str | None = None,
    flags: list[NameFlag] | None = None,
    taxa: dict[str, int] | None = None,
    places: dict[tuple[str, str], tuple[str, int]] | None = None,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> tuple[list[tuple[ReferenceRecord, str]], list[LeftOut]]:
    """Read reference records.

    Parameters
    ----------
    references : path, pandas.DataFrame, Bio.SeqRecord.SeqRecord, (ReferenceRecord, str), or iterable of them
        Files are FASTA, GenBank, tables and workbooks; all but the last plain or gzipped. For the
        others see `forensics.barcode.reference.in_memory.gather`.
    locus : str, optional
        Locus of the records that do not say theirs. A genome that does not say it is cut into
        the loci of the embedded library, or into this one.
    flags : list of NameFlag, optional
        Gets what the rules of names flag.
    taxa : dict of str to int, optional
        Gets NCBI's number of the taxon by accession, where a record has one.
    places : dict of (str, str) to (str, int), optional
        Gets file and number of every record taken, by locus and accession.
    progress : callable
        Called with the files that are read, and how many there are.

    Returns
    -------
    records : list of (ReferenceRecord, str)
        With clean sequences.
    left_out : list of LeftOut

    Raises
    ------
    InputError
        If a file cannot be read, or something in memory is not a reference record.
    UsageError
        If records do not say their locus and none was given.
    """
    default = find_locus(locus).name if locus else ""
    more: dict[str, dict[str, str]] = {}
    # Read when it is their turn: of a million records the text alone fills much of the memory.
    sources: list[Iterator[Entry]] = []
    records: list[tuple[ReferenceRecord, str]] = []
    left_out: list[LeftOut] = []
    seen: dict[str, set[str]] = defaultdict(set)
    for given in gather(references):
        if isinstance(given, Records):
            sources.append(read_records(given))
            continue
        in_memory = not isinstance(given, Path)
        path = FRAME if in_memory else given
        source = read_frame(given, path) if in_memory else _read_file(given)
        if not isinstance(source, Table):
            sources.append(source)
            continue
        more.update(source.more)
        sources.append(_tabled(source, path, in_memory=in_memory))
        left_out += _without_sequence(source, path)
    for entry in _in_turn(sources, progress):
        entry = with_more(entry, more.get(entry.record.accession))
        for piece in _cut(entry, default):
            record = piece.record.at_locus(piece.record.locus or default)
            sequence = clean(piece.text)
            rule = _judge(record, piece.marks)
            reason = _reason(record, sequence, piece, seen, rule)
            if reason:
                left_out.append(
                    LeftOut(
                        shown_name(piece.path), piece.number, record.accession, record.name, reason
                    )
                )
                continue
            record = record.at_locus(find_locus(record.locus).name)
            seen[record.locus].add(record.accession)
            if rule.flagged and flags is not None:
                flags.append(NameFlag(record.locus, record.accession, record.name, rule))
            if piece.taxon and taxa is not None:
                taxa[record.accession] = piece.taxon
            if places is not None:
                places[record.locus, record.accession] = shown_name(piece.path), piece.number
            if not record.source:
                record = replace(record, source=shown_name(piece.path.name))
            records.append((record, sequence))
    return records, left_out


def _read_file(path: Path) -> Table | Iterator[Entry]:
    """Return the table that a file is, or its records, which are read when it is their turn."""
    data = _data(path)
    known = recognise(data[:4096])
    if known and known.name == "xlsx":
        return read_workbook(data, path)
    content, data = _text(data, path), b""
    known = recognise(content[:4096].encode("utf-8", "replace"))
    if known and known.name == "genbank":
        return genbank_records(content.lstrip(), path)
    fasta = known is not None and known.name == "fasta"
    if fasta or not (_named_table(path) or is_table(content)):
        return _fasta(content, path)
    return read_table(content, path)


def _in_turn(
    sources: list[Iterator[Entry]], progress: Callable[[int, int], object]
) -> Iterator[Entry]:
    """Yield what the sources have; each is let go before the next is read."""
    total = len(sources)
    sources.reverse()
    while sources:
        yield from sources.pop()
        progress(total - len(sources), total)


def _tabled(table: Table, path: Path, *, in_memory: bool) -> Iterator[Entry]:
    for row in table.records:
        values = dict(row.values)
        name = values.get("species") or values.get("name") or values.get("genus") or ""
        empty = ReferenceRecord(values.pop("accession"), "")
        text = values.pop("sequence")
        entry = Entry(path, row.line, empty, text, in_memory=in_memory)
        yield with_more(entry, {**values, "name": name})


def _without_sequence(table: Table, path: Path) -> Iterator[LeftOut]:
    for line, accession in table.left_out:
        yield LeftOut(shown_name(path), line, accession, "", _("the row has no sequence"))


def _judge(record: ReferenceRecord, marks: str) -> NameRule:
    rule = judge_name(record.name, marks)
    if rule.code == "NO_GENUS" and record.genus:  # told by another column or by the lineage
        return judge_name(f"{record.genus} sp.", marks)
    return rule


def _cut(entry: Entry, default: str) -> Iterator[Entry]:
    """Yield a record, or the loci that a genome without a locus is cut into."""
    length = len(entry.text)
    if entry.record.locus or not MAX_GENE_LENGTH < length <= MAXIMUM_LENGTH:
        yield entry
        return
    sequence = clean(entry.text)
    if check_sequence(sequence) is not None or len(sequence) <= MAX_GENE_LENGTH:
        yield entry
        return
    from forensics.barcode.reading.cutting import cut_into_loci
    from forensics.barcode.reading.reads import Query
    from forensics.barcode.reference.library import open_library

    library = open_library()
    loci = (default,) if default in library.loci else () if default else library.loci
    cut_pieces = (
        cut_into_loci(Query(entry.record.accession, sequence), library, loci) if loci else []
    )
    cut = [
        (piece, at[0]) for piece, at in cut_pieces if len(at) == 1 and len(piece.sequence) < length
    ]
    if not cut:
        yield entry
    for piece, at in cut:
        yield replace(entry, record=entry.record.at_locus(at), text=piece.sequence)


def _reason(
    record: ReferenceRecord, sequence: str, entry: Entry, seen: dict[str, set[str]], rule: NameRule
) -> str:
    """Return why a record is not taken, or an empty string; `seen` has accessions by locus."""
    if not record.accession:
        return _("no accession")
    if not _can_be_written(record.accession):
        return _(
            "the accession {accession!r} has accents, control characters, '>' or double blanks, which "
            "a library cannot hold; rename it"
        ).format(accession=record.accession)
    if rule.action == LEFT_OUT:
        if rule.code == "NO_GENUS":
            return _("the name {name!r} holds no genus").format(name=record.name)
        return _("the name {name!r}: {reason}").format(name=record.name, reason=rule.text())
    if not sequence:  # whatever its locus would be
        return EMPTY().message
    if not record.locus:
        if entry.in_memory:
            raise UsageError(
                _(
                    "{place}, record {number} ({accession}): no locus; fill its column 'locus', or give "
                    "locus=. Known: {known}."
                ).format(
                    place=entry.path,
                    number=entry.number,
                    accession=record.accession,
                    known=", ".join(locus.name for locus in known_loci()),
                )
            )
        raise UsageError(
            _(
                "{path}: record {accession} does not say its locus; give --locus. Known: {known}."
            ).format(
                path=entry.path,
                accession=record.accession,
                known=", ".join(locus.name for locus in known_loci()),
            )
        )
    try:
        locus = find_locus(record.locus)
    except UsageError:
        return _("unknown locus {locus!r}").format(locus=record.locus)
    problem = check_sequence(sequence)
    if problem:
        return problem.message
    if len(sequence) < locus.minimum_length:
        return _("{length} bases; {locus} needs {needed}").format(
            length=len(sequence), locus=locus.name, needed=locus.minimum_length
        )
    if record.accession in seen[locus.name]:
        return _("accession occurs twice; the first was taken")
    return ""


def _can_be_written(accession: str) -> bool:
    """Return whether FASTA and table of a library give back that accession."""
    has_single_blanks = accession == " ".join(accession.split())
    return (
        has_single_blanks
        and accession.isascii()
        and accession.isprintable()
        and ">" not in accession
    )


def _named_table(path: Path) -> bool:
    return path.name.removesuffix(".gz").lower().endswith(_TABLES)


def _data(path: Path) -> bytes:
    """Return the content of a file, unpacked."""
    label = shown_name(path)
    with open_input(path, label) as raw, report_damage(label):
        data = read_up_to(unpack(raw, label), _MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise InputError(
            _("it unpacks to more than {most} bytes; split it").format(most=_MAX_BYTES),
            source=label,
        )
    return data


def _text(data: bytes, path: Path) -> str:
    text = decoded(data)
    if not text or text.isspace():
        raise InputError(_("the file is empty; expected sequences"), source=shown_name(path))
    if "\0" in text[:4096]:
        raise InputError(
            _("this is a binary file; expected FASTA, GenBank or a table"), source=shown_name(path)
        )
    return text


def _fasta(content: str, path: Path) -> Iterator[Entry]:
    if not content.lstrip().startswith((">", ";")):
        raise InputError(
            _("found {start!r}, expected '>' (FASTA) or 'LOCUS' (GenBank)").format(
                start=content.lstrip()[:20]
            ),
            source=shown_name(path),
            line=1,
        )
    number, header, lines = 0, "", []
    for place, line in enumerate(chain(_lines(content), [">"]), 1):
        if line.startswith(";"):  # a comment
            continue
        if not line.startswith(">"):
            if not number and line.strip():  # a header of ';', the oldest style, or none
                raise InputError(
                    _("found a sequence without a header; expected a line with '>' before it"),
                    source=shown_name(path),
                    line=place,
                )
            lines.append(line)
            continue
        if number:
            parsed, record = _named(header, number, path)
            yield Entry(path, number, record, "".join(lines), parsed.marks, parsed.taxon)
        number, header, lines = number + 1, line[1:], []


def _lines(content: str) -> Iterator[str]:
    """Yield the lines of a text without making a second text of them all."""
    start = 0
    for end in _LINE_END.finditer(content):
        yield content[start : end.start()]
        start = end.end()
    yield content[start:]


def _named(text: str, number: int, path: Path) -> tuple[Header, ReferenceRecord]:
    header = parse_header(text)
    # DADA2 headers have no accession; file and number make one that leads back to the record.
    accession = header.accession or f"{shown_name(path.name).split('.')[0]}-{number}"
    # What many records say is in memory once.
    columns = {
        "locus": header.locus,
        "source": header.source or shown_name(path.name),
        "country": header.country,
    }
    shared = {column: intern(value) for column, value in (columns | header.ranks).items()}
    return header, ReferenceRecord.named(accession, header.name, **shared)
