"""Reads reference records out of the files that people have, and out of what a script has in memory.

FASTA in the header styles of `forensics.barcode.reference.records`, GenBank flat files, and tables and workbooks with
sequences or with more of the records by their accession; tables and records in memory. What a file is, is given by its
content. How far a name goes, the rules of `forensics.barcode.reference.records` say. Every record that is not taken is
named with its reason.

Tables are those of BOLD (version 4, 5 and the workbooks of its projects), of QIIME (its file of lineages, with a header
or without), or a laboratory's own, as TSV, CSV (comma or semicolon) and XLSX. What a column holds is given by its name,
in English, French, Portuguese or Spanish; accents, case, blanks and signs do not matter. The names of the columns
stand in one of the first lines.
"""

import io
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from forensics.barcode.locus import (
    MAX_GENE_LENGTH,
    MAXIMUM_LENGTH,
    check_sequence,
    clean,
    find_locus,
    known_loci,
)
from forensics.barcode.reading.reads import genbank_entries, not_genbank
from forensics.barcode.reference.annotated import (
    features_of,
    is_of_genome,
    is_pseudo,
    ranks_by_ending,
    said_by,
    source_of,
    taxon_of,
)
from forensics.barcode.reference.headers import (
    LEFT_OUT,
    Entry,
    Header,
    NameRule,
    clean_accession,
    is_lineage,
    judge_name,
    marks_of,
    parse_header,
    parse_lineage,
    with_more,
)
from forensics.barcode.reference.records import Key, LeftOut, Pair, ReferenceRecord
from forensics.core.progress import Advance, no_progress
from forensics.errors import InputError, UsageError
from forensics.io.files import (
    Budget,
    open_input,
    read_up_to,
    recognise,
    report_damage,
    shown_name,
    unpack,
)
from forensics.io.numbers import decoded
from forensics.io.tables import Source, parse_rows, read_sheets, rows_of_frame
from forensics.messages import _
from forensics.notices import unusable as notices

if TYPE_CHECKING:
    import pandas
    from Bio.SeqRecord import SeqRecord


#: Columns that are no fields of a record: its sequence, its lineage, and what joins the sheets of
#: a workbook.
SEQUENCE, TAXONOMY, SAMPLE = "sequence", "taxonomy", "sample"

_FIELDS = {field.name.rstrip("_"): field.name for field in fields(ReferenceRecord)}
_SYNONYMS = {
    "accession": (
        "processid", "process_id", "id", "genbank_accession", "accession_number", "seqid",
        "sequence_id", "feature_id", "identifiant", "numero_d_accession", "numero_accession",
        "no_d_accession", "n_d_accession", "no_accession", "n_accession", "code", "codigo", "numero_de_acesso",
        "numero_de_acceso", "acesso", "acceso",
    ),
    "name": (
        "species_name", "scientific_name", "organism", "identification", "taxon_name",
        "nom_scientifique", "nom", "nome_cientifico", "nome", "nombre_cientifico",
    ),
    "species": ("espece", "especie"),
    "genus": ("genus_name", "genre", "genero"),
    "family": ("family_name", "famille", "familia"),
    "order": ("order_name", "ordre", "ordem", "orden"),
    "class": ("class_name", "classe", "clase"),
    "phylum": ("phylum_name", "embranchement", "filo"),
    "locus": (
        "markercode", "marker_code", "marker", "gene", "marqueur", "marcador", "gene_name",
    ),
    "voucher": (
        "catalognum", "catalog_num", "sampleid", "sample_id", "specimen_voucher", "museumid",
        "museum_id", "specimen", "echantillon", "numero_de_specimen", "numero_de_collection",
        "amostra", "muestra", "tombo", "numero_de_tombo", "especime",
    ),
    "institution": (
        "institution_storing", "inst", "museum", "musee", "museu", "museo", "instituicao",
        "institucion", "depositaire",
    ),
    "identifier": (
        "identification_provided_by", "identified_by", "determinateur", "identifie_par",
        "determine_par", "determinador", "identificado_por", "identificador",
    ),
    "country": ("country_ocean", "geo_loc_name", "pays", "pais", "pays_ocean"),
    "date": (
        "collectiondate", "collection_date", "collectiondate_start", "collection_date_start",
        "date_de_collecte", "date_de_recolte", "data", "data_de_coleta", "data_da_coleta",
        "fecha", "fecha_de_colecta",
    ),
    "licence": ("license", "licenca", "licencia"),
    "source": ("origine", "fonte", "fuente"),
    SEQUENCE: (
        "sequences", "nucleotides", "nuc", "seq", "dna_sequence", "dna", "adn", "sequencia",
        "secuencia", "sequence_nucleotidique",
    ),
    TAXONOMY: ("taxon", "lineage", "lignee", "linhagem", "classification"),
}  # fmt: skip
_JOINS = ("sampleid", "sample_id", "echantillon", "amostra", "muestra")
_BY_NAME = {
    **{name: field for name, field in _FIELDS.items()},
    **{name: name for name in (SEQUENCE, TAXONOMY)},
    **{other: _FIELDS.get(name, name) for name, others in _SYNONYMS.items() for other in others},
}


def find_columns(header: Iterable[str]) -> dict[int, tuple[str, ...]]:
    """Return what each known column of a table holds, by its place.

    Examples
    --------
    >>> find_columns(["Process ID", "Espèce", "Séquence", "other"])
    {0: ('accession',), 1: ('species',), 2: ('sequence',)}
    """
    columns = {}
    for place, name in enumerate(header):
        key = _key(name)
        if key in _BY_NAME:
            columns[place] = (_BY_NAME[key], *((SAMPLE,) if key in _JOINS else ()))
    return columns


def _key(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


# BOLD's workbooks have two lines before the names of the columns; laboratories have some more.
_HEADER_WITHIN = 20
_HEAD = 100_000  # letters in which they are looked for
_MAX_COLUMNS = 500
# A workbook of BOLD with 100,000 specimens unpacks to 200 MB; a sheet can hold 1,048,576 rows.
_BUDGET = Budget(max_bytes=2**30, max_rows=1_048_576, max_columns=_MAX_COLUMNS)
# BOLD's exports write this where a cell is empty.
_EMPTY = ("None",)


_Values = dict[str, str]
"""What a row says, by the fields of `ReferenceRecord`, `SEQUENCE`, `TAXONOMY` and `SAMPLE`; only what is given."""
_Rows = list[tuple[int, list[str]]]
_NamedRows = list[tuple[int, _Values]]


@dataclass(frozen=True)
class ReferenceTable:
    """What a table says.

    Attributes
    ----------
    records : list of (int, dict)
        Line, counted from 1, and values of rows with a sequence.
    more : dict of str to dict
        What it says of other records, by their accession.
    left_out : list of (int, str)
        Line and accession of rows of a table of sequences that have none.
    """

    records: _NamedRows = field(default_factory=list)
    more: dict[str, _Values] = field(default_factory=dict)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def is_table(content: str) -> bool:
    """Return whether a text is a table by its content: known columns, or lineages by accession."""
    lines = _first_lines(content)
    if lines and _headless(lines[0]):
        return True
    for line in lines:
        cells = line.split(_delimiter(line))
        held = _held(find_columns(cells))
        if len(cells) > 1 and "accession" in held and len(held) > 1:
            return True
    return False


def _first_lines(content: str) -> list[str]:
    return [line for line in content[:_HEAD].splitlines() if line.strip()][:_HEADER_WITHIN]


def _held(columns: dict[int, tuple[str, ...]]) -> set[str]:
    return {name for names in columns.values() for name in names}


def read_table(content: str, path: Path) -> ReferenceTable:
    """Read a table in text.

    Raises
    ------
    InputError
        If no column holds accessions, or a quotation mark is not closed; with the line.
    """
    lines = _first_lines(content)
    if lines and _headless(lines[0]):
        rows = _csv(content, "\t", path)
        names = ("accession", TAXONOMY)
        return _table(
            [
                (line, dict(zip(names, map(str.strip, cells))))
                for line, cells in rows
                if len(cells) > 1
            ]
        )
    # The delimiter is that of the line that names columns, else of the first.
    heads = [line for line in lines if len(find_columns(line.split(_delimiter(line)))) > 1]
    delimiter = _delimiter((heads or lines or [","])[0])
    return _table(_named_rows([_rows(_csv(content, delimiter, path))], path))


def read_workbook(data: bytes, path: Path) -> ReferenceTable:
    """Read every sheet of an XLSX; sheets are joined by the accession or by the sample.

    Raises
    ------
    InputError
        If it cannot be read, or no sheet has accessions.
    """
    with Source(BytesIO(data), str(path), budget=_BUDGET) as source:
        sheets = [
            [(row.line, list(row.cells)) for row in sheet.rows] for sheet in read_sheets(source)
        ]
    return _table(_named_rows(sheets, path))


def read_frame(frame: "pandas.DataFrame", path: Path) -> ReferenceTable:
    """Read a DataFrame of reference records.

    A named index is a column like others; an index that is not named and not a count holds the
    accessions, where no column does.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : pathlib.Path
        What the table is called in errors.

    Raises
    ------
    InputError
        If no column holds accessions.
    """
    rows = [(row.line, list(row.cells)) for row in rows_of_frame(frame)]
    header = rows[0][1]
    if header and not header[0] and "accession" not in _held(find_columns(header)):
        header[0] = "accession"
    return _table(_named_rows([_rows(rows)], path))


def _rows(rows: Iterable[tuple[int, list[str]]]) -> _Rows:
    return [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]


def _named_rows(sheets: list[_Rows], path: Path) -> _NamedRows:
    """Return the rows of all sheets by what their columns hold, joined where the sample joins them."""
    with_accession, with_sample, met = [], [], []
    for rows in sheets:
        begin, columns = _header(rows)
        met += rows[0][1] if rows else []
        present = _held(columns)
        if present >= {SEQUENCE, "voucher"} and "accession" not in present:
            # A laboratory's own sequences bear the number of their specimen.
            columns = {k: (*v, "accession") if "voucher" in v else v for k, v in columns.items()}
            present.add("accession")
        read = [(line, _values(cells, columns)) for line, cells in rows[begin + 1 :]]
        if "accession" in present:
            with_accession += read
        elif SAMPLE in present:
            with_sample += read
    if not with_accession:
        raise InputError(
            _("the table has no column 'accession'; found: {columns}").format(
                columns=", ".join(met[:_MAX_COLUMNS])
            ),
            source=str(path),
            line=1,
        )
    further: dict[str, dict[str, str]] = {}
    for _line, values in with_sample:
        further.setdefault(values.get(SAMPLE, ""), {}).update(values)
    further.pop("", None)
    return [(line, {**further.get(v.get(SAMPLE, ""), {}), **v}) for line, v in with_accession]


def _header(rows: _Rows) -> tuple[int, dict[int, tuple[str, ...]]]:
    """Return which of the first rows names the columns, and what they hold."""
    for place, (_line, cells) in enumerate(rows[:_HEADER_WITHIN]):
        columns = find_columns(cells)
        present = _held(columns)
        if "accession" in present or (len(columns) > 1 and present & {SAMPLE, SEQUENCE}):
            return place, columns
    return 0, {}


def _values(cells: list[str], columns: dict[int, tuple[str, ...]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for place, names in columns.items():
        cell = cells[place].strip() if place < len(cells) else ""
        if cell and cell not in _EMPTY:
            for name in names:  # of two columns for one thing the first that says it
                values.setdefault(name, cell)
    return values


def _table(rows: _NamedRows) -> ReferenceTable:
    table = ReferenceTable()
    of_sequences = any(SEQUENCE in values for _line, values in rows)
    for line, values in rows:
        lineage = values.pop(TAXONOMY, "")
        if is_lineage(lineage):
            name, ranks = parse_lineage(lineage)
            values = {**({"name": name} if name else {}), **ranks, **values}
        elif lineage:
            values.setdefault("name", lineage)
        values.pop(SAMPLE, None)
        accession = "_".join(values.get("accession", "").split())
        values["accession"] = clean_accession(accession)
        if SEQUENCE in values:
            table.records.append((line, values))
        elif of_sequences:
            table.left_out.append((line, values["accession"]))
        else:
            table.more[values.pop("accession")] = values
    return table


def _delimiter(line: str) -> str:
    return max("\t;,", key=line.count)


def _headless(line: str) -> bool:
    """Return whether a line is one of QIIME's lineages: accession, tab, lineage."""
    cells = line.split("\t")
    return len(cells) in (2, 3) and bool(cells[0].strip()) and is_lineage(cells[1])


def _csv(content: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    # Exports of databases quote nothing, and a quotation mark may begin a cell: hence not strict.
    lines = io.StringIO(content, newline=None)
    for row in parse_rows(lines, delimiter, source=str(path), strict=False):
        yield row.line, list(row.cells)


def genbank_records(content: str, path: Path) -> Iterator[Entry]:
    """Yield the records of a GenBank flat file, cut into the loci that they are annotated with.

    Raises
    ------
    InputError
        If the file is not whole; with the record.
    """
    number = 0
    try:
        entries: Iterator[tuple[Any, str]] = genbank_entries(io.StringIO(content), shown_name(path))
        for number, (entry, whole) in enumerate(entries, 1):
            yield from annotated_records(entry, whole, path, number)
    except InputError:
        raise
    except Exception as error:  # Biopython raises whatever it stumbles over
        raise not_genbank(error, shown_name(path), number + 1) from error


def annotated_records(
    entry: "SeqRecord", sequence: str, path: Path, number: int, *, source: str = "GenBank flat file"
) -> Iterator[Entry]:
    """Yield the loci that an annotated record of Biopython holds; all of it where none is annotated.

    Parameters
    ----------
    entry : Bio.SeqRecord.SeqRecord
        With its organism in the annotations.
    sequence : str
        Its letters; "" where there are none.
    path, number
        Where it stands, see `Entry`.
    source : str
        What the records say that they are from.
    """
    organism = str(entry.annotations.get("organism", ""))
    base = ReferenceRecord.named(entry.id or "", organism, **_says(entry), source=source)
    pieces = (_pieces(entry) if sequence else {}) or {"": (sequence, "")}
    for locus, (text, mark) in pieces.items():
        marks = f"{_marks(entry)} {mark}".strip()
        yield Entry(path, number, base.at_locus(locus), text, marks, taxon_of(entry))


def _marks(entry: "SeqRecord") -> str:
    """Return what a record says of itself that its organism does not: UNVERIFIED and the like."""
    sampled = "environmental_sample" if "environmental_sample" in source_of(entry) else ""
    annotations: dict[str, Any] = dict(entry.annotations)
    keywords = " ".join(word for word in annotations.get("keywords", ()) if word)
    _bare, marks = marks_of(entry.description)
    # A genome may hold a pseudogene; its title tells what the record is of.
    return " ".join(filter(None, (marks, keywords, sampled, entry.description)))


def _says(entry: "SeqRecord") -> dict[str, str]:
    lineage: Any = entry.annotations.get("taxonomy", [])
    return {
        **ranks_by_ending(lineage),
        "voucher": said_by(entry, "specimen_voucher", "culture_collection"),
        "country": said_by(entry, "geo_loc_name", "country"),
        "date": said_by(entry, "collection_date"),
        "identifier": said_by(entry, "identified_by"),
    }


def _pieces(entry: "SeqRecord") -> dict[str, tuple[str, str]]:
    """Cut the known loci out of an annotated record, with a mark; the first feature of each counts.

    A copy that the annotation calls a pseudogene counts only where there is no other, and is marked.
    """
    pieces: dict[str, tuple[str, str]] = {}
    for locus in known_loci():
        features = features_of(entry, locus)
        if features and is_of_genome(locus, entry, entry.description, must_say_so=False):
            feature = min(features, key=is_pseudo)
            mark = "pseudogene" if is_pseudo(feature) else ""
            pieces[locus.name] = str(feature.extract(entry.seq)), mark
    return pieces


Record: TypeAlias = "Pair | SeqRecord"
"""A reference record with its sequence."""
Reference: TypeAlias = "str | os.PathLike[str] | pandas.DataFrame | Record"
"""A file, a table, or one record."""
FRAME = Path("DataFrame")
"""What a table in memory is called in errors and in ``left_out.tsv``."""
_OF_BIOPYTHON, _OF_THIS_PACKAGE = Path("SeqRecord"), Path("ReferenceRecord")
_NO_DESCRIPTION = "<unknown description>"  # of Biopython
_RECORD_FIELDS = tuple(field.name for field in fields(ReferenceRecord))


@dataclass
class Records:
    """Records that were given one after another.

    Attributes
    ----------
    first : int
        Place of the first among all records in memory, counted from 1.
    records : list of Record
    """

    first: int
    records: list[Record] = field(default_factory=list)


def gather(references: object) -> "list[Path | pandas.DataFrame | Records]":
    """Return what was given, in its order: files, tables, and records that follow one another together.

    Parameters
    ----------
    references : path, pandas.DataFrame, Bio.SeqRecord.SeqRecord, (ReferenceRecord, str), or iterable of them
        The columns of a table are known by the names that tables have for them. A record of Biopython with an ``organism`` among its
        annotations is read as one of GenBank, another by its description, as a header of FASTA.

    Raises
    ------
    InputError
        If something is none of these; the message has its place.
    """
    gathered: list[Path | pandas.DataFrame | Records] = []
    records: Records | None = None  # that the next record would follow
    count = 0
    for number, item in enumerate(_each(references), 1):
        if isinstance(item, Records):  # gathered before
            records = item
            gathered.append(records)
            count += len(records.records)
        elif isinstance(item, (str, os.PathLike)):
            records = None
            gathered.append(Path(item))
        elif hasattr(item, "columns") and hasattr(item, "itertuples"):
            records = None
            gathered.append(item)
        else:
            count += 1
            if records is None:
                records = Records(count)
                gathered.append(records)
            records.records.append(_checked(item, number))
    return gathered


def _each(references: object) -> Iterable[object]:
    single = (
        isinstance(references, (str, os.PathLike))
        or hasattr(references, "columns")
        or hasattr(references, "seq")
        or _is_pair(references)
    )
    if single:
        return [references]
    if isinstance(references, Iterable) and not isinstance(references, bytes):
        return references
    raise InputError(_what_is_expected(references))


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], ReferenceRecord)


def _checked(item: object, number: int) -> Record:
    """Return a record whose fields are text."""
    if hasattr(item, "seq") and hasattr(item, "annotations"):
        return cast("SeqRecord", item)
    if not (isinstance(item, tuple) and _is_pair(item)):
        raise InputError(_what_is_expected(item), record=number)
    record, sequence = item
    values = {
        **{name: getattr(record, name) for name in _RECORD_FIELDS},
        "sequence": str(sequence or ""),
    }
    for name, value in values.items():
        if not isinstance(value, str):
            raise InputError(
                _("{accession}, column '{column}': {value!r} is not text").format(
                    accession=record.accession, column=name.rstrip("_"), value=value
                ),
                source=str(_OF_THIS_PACKAGE),
                record=number,
            )
    return record, values["sequence"]


def _what_is_expected(item: object) -> str:
    return _(
        "{kind} is not a reference record; give paths, a DataFrame, records of Biopython, or pairs of a "
        "ReferenceRecord and its sequence"
    ).format(kind=type(item).__name__)


def read_records(given: Records) -> Iterator[Entry]:
    """Yield the records as they were given."""
    for number, item in enumerate(given.records, given.first):
        if isinstance(item, tuple):
            record, sequence = item
            yield Entry(_OF_THIS_PACKAGE, number, record, sequence, in_memory=True)
        else:
            yield from _of_biopython(item, number)


def _of_biopython(entry: "SeqRecord", number: int) -> Iterator[Entry]:
    try:
        sequence = "" if entry.seq is None else str(entry.seq)
    except ValueError:  # Biopython knows the length alone
        sequence = ""
    if entry.annotations.get("organism"):
        for piece in annotated_records(entry, sequence, _OF_BIOPYTHON, number, source=""):
            yield piece._replace(in_memory=True)
        return
    description = "" if entry.description == _NO_DESCRIPTION else entry.description
    identifier = entry.id or ""
    text = description if description.startswith(identifier) else f"{identifier} {description}"
    header = parse_header(text or identifier)
    record = header.record(header.accession or identifier)
    yield Entry(_OF_BIOPYTHON, number, record, sequence, header.marks, header.taxon, in_memory=True)


# A file that unpacks to more is refused: MIDORI2's largest has 3 GB.
_MAX_BYTES = 6 * 2**30
# Ends of lines in FASTA. `str.splitlines` also knows U+2028, form feed and others: what stands behind
# one in a header would be read as bases.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass
class Noted:
    """What is noted of the records that are taken, beside what a library holds of them."""

    flags: dict[Key, NameRule] = field(default_factory=dict)  # names that somebody should look at
    places: dict[Key, tuple[str, int]] = field(default_factory=dict)  # file, and number there
    taxa: dict[str, int] = field(default_factory=dict)  # NCBI's number, by accession


def read_references(
    references: "Reference | Iterable[Reference | Records]",
    *,
    locus: str | None = None,
    noted: Noted | None = None,
    progress: Advance = no_progress,
) -> tuple[list[Pair], list[LeftOut]]:
    """Read reference records.

    Parameters
    ----------
    references : path, pandas.DataFrame, Bio.SeqRecord.SeqRecord, (ReferenceRecord, str), or iterable of them
        Files are FASTA, GenBank, tables and workbooks; all but the last plain or gzipped. For the
        others see `forensics.barcode.reference.references.gather`.
    locus : str, optional
        Locus of the records that do not say theirs. A genome that does not say it is cut into
        the loci of the embedded library, or into this one.
    noted : Noted, optional
        Gets what is noted of the records.
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
    records: list[Pair] = []
    left_out: list[LeftOut] = []
    seen: dict[str, set[str]] = defaultdict(set)
    for given in gather(references):
        if isinstance(given, Records):
            sources.append(read_records(given))
            continue
        in_memory = not isinstance(given, Path)
        path = FRAME if in_memory else given
        source = read_frame(given, path) if in_memory else _read_file(given)
        if not isinstance(source, ReferenceTable):
            sources.append(source)
            continue
        more.update(source.more)
        sources.append(_tabled(source, path, in_memory=in_memory))
        left_out += [
            LeftOut(shown_name(path), line, accession, "", _("the row has no sequence"))
            for line, accession in source.left_out
        ]
    for entry in _in_turn(sources, progress):
        entry = with_more(entry, more.get(entry.record.accession))
        for piece in _cut(entry, default):
            record = piece.record.at_locus(piece.record.locus or default)
            sequence = clean(piece.text)
            rule = judge_name(record.name, piece.marks)
            if rule.code == "NO_GENUS" and record.genus:  # told by another column or by the lineage
                rule = judge_name(f"{record.genus} sp.", piece.marks)
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
            if noted:
                noted.places[record.key] = shown_name(piece.path), piece.number
                if rule.flagged:
                    noted.flags[record.key] = rule
                if piece.taxon:
                    noted.taxa[record.accession] = piece.taxon
            if not record.source:
                record = replace(record, source=shown_name(piece.path.name))
            records.append((record, sequence))
    return records, left_out


def _read_file(path: Path) -> ReferenceTable | Iterator[Entry]:
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
    named_table = path.name.removesuffix(".gz").lower().endswith((".tsv", ".csv", ".txt"))
    if fasta or not (named_table or is_table(content)):
        return _fasta(content, path)
    return read_table(content, path)


def _in_turn(sources: list[Iterator[Entry]], progress: Advance) -> Iterator[Entry]:
    """Yield what the sources have; each is let go before the next is read."""
    total = len(sources)
    sources.reverse()
    while sources:
        yield from sources.pop()
        progress(total - len(sources), total)


def _tabled(table: ReferenceTable, path: Path, *, in_memory: bool) -> Iterator[Entry]:
    for line, values in table.records:
        name = values.get("species") or values.get("name") or values.get("genus") or ""
        record = ReferenceRecord(values["accession"], "")
        entry = Entry(path, line, record, values[SEQUENCE], in_memory=in_memory)
        yield with_more(entry, {**values, "name": name})


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
        yield entry._replace(record=entry.record.at_locus(at), text=piece.sequence)


def _reason(
    record: ReferenceRecord, sequence: str, entry: Entry, seen: dict[str, set[str]], rule: NameRule
) -> str:
    """Return why a record is not taken, or an empty string; `seen` has accessions by locus."""
    if not record.accession:
        return _("no accession")
    # What FASTA and table of a library do not give back.
    single_blanks = record.accession == " ".join(record.accession.split())
    printable = record.accession.isascii() and record.accession.isprintable()
    if not (single_blanks and printable) or ">" in record.accession:
        return _(
            "the accession {accession!r} has accents, control characters, '>' or double spaces, "
            "which a library does not accept; rename it"
        ).format(accession=record.accession)
    if rule.action == LEFT_OUT:
        if rule.code == "NO_GENUS":
            return _("the name {name!r} has no genus").format(name=record.name)
        return _("the name {name!r}: {reason}").format(name=record.name, reason=rule.text())
    if not sequence:  # whatever its locus would be
        return notices.EMPTY().message
    if not record.locus:
        text = (
            _(
                "{place}, record {number} ({accession}): no locus; fill its column 'locus', or give "
                "locus=. Known: {known}."
            )
            if entry.in_memory
            else _(
                "{path}: record {accession} does not say its locus; give --locus. Known: {known}."
            )
        )
        raise UsageError(
            text.format(
                place=entry.path,
                path=entry.path,
                number=entry.number,
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
            parsed, record = _named_record(header, number, path)
            yield Entry(path, number, record, "".join(lines), parsed.marks, parsed.taxon)
        number, header, lines = number + 1, line[1:], []


def _lines(content: str) -> Iterator[str]:
    """Yield the lines of a text without making a second text of them all."""
    start = 0
    for end in _LINE_END.finditer(content):
        yield content[start : end.start()]
        start = end.end()
    yield content[start:]


def _named_record(text: str, number: int, path: Path) -> tuple[Header, ReferenceRecord]:
    header = parse_header(text)
    # DADA2 headers have no accession; file and number make one that leads back to the record.
    accession = header.accession or f"{shown_name(path.name).split('.')[0]}-{number}"
    return header, header.record(accession, source=shown_name(path.name))
