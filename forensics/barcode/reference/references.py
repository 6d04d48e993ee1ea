"""Reads reference records out of the files that people have.

FASTA in the header styles of `forensics.barcode.reference.headers`, a table (TSV or CSV) that
says more of the records by their accession, GenBank flat files. Nothing is left out
in silence: every record that is not taken is named with its reason.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path

from forensics.barcode.locus import LOCI, find_locus
from forensics.barcode.quality import check_sequence
from forensics.barcode.reading.opening import why_unreadable
from forensics.barcode.reading.reads import genbank_entries
from forensics.barcode.reference.headers import parse_header
from forensics.barcode.reference.records import LeftOut, ReferenceRecord
from forensics.barcode.sequence import clean
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = ["read_references"]

_TABLES = (".tsv", ".csv", ".txt")
_FIELDS = {field.name.rstrip("_"): field.name for field in fields(ReferenceRecord)}
# Other names that tables have for the same thing.
_COLUMN_SYNONYMS = {
    "processid": "accession",
    "process_id": "accession",
    "id": "accession",
    "genbank_accession": "accession",
    "species_name": "name",
    "scientific_name": "name",
    "organism": "name",
    "class_name": "class",
    "order_name": "order",
    "family_name": "family",
    "genus_name": "genus",
    "phylum_name": "phylum",
    "markercode": "locus",
    "marker": "locus",
    "catalognum": "voucher",
    "sampleid": "voucher",
    "institution_storing": "institution",
    "identification_provided_by": "identifier",
    "collectiondate": "date",
    "collection_date": "date",
    "license": "licence",
}


def read_references(
    paths: Iterable[Path], *, locus: str | None = None
) -> tuple[list[tuple[ReferenceRecord, str]], list[LeftOut]]:
    """Read reference records.

    Parameters
    ----------
    paths : iterable of path
        FASTA and GenBank files, plain or gzipped, and tables.
    locus : str, optional
        Locus of the records that do not say theirs.

    Returns
    -------
    records : list of (ReferenceRecord, str)
        With clean sequences.
    left_out : list of LeftOut

    Raises
    ------
    InputError
        If a file cannot be read.
    UsageError
        If records do not say their locus and none was given.
    """
    default = find_locus(locus).name if locus else ""
    tables: dict[str, dict[str, str]] = {}
    raw: list[tuple[Path, int, ReferenceRecord, str]] = []
    for path in map(Path, paths):
        content = _content(path)
        sequences = content.lstrip().startswith((">", "LOCUS"))  # whatever the file is called
        if not sequences and path.name.removesuffix(".gz").lower().endswith(_TABLES):
            tables.update(_read_table(content, path))
        elif content.startswith("LOCUS"):
            raw += [(path, *entry) for entry in _genbank(content, path, default)]
        else:
            raw += [(path, *entry) for entry in _fasta(content, path)]
    records, left_out, seen = [], [], set()
    for path, number, record, text in raw:
        more = tables.get(record.accession)
        if more:
            # A column "species" holds names of any kind; how far they reach is read from them.
            name = more.get("name") or more.get("species") or record.name
            named = ReferenceRecord.named(record.accession, name)
            record = replace(record, name=named.name, species=named.species, genus=named.genus)
            others = more.items() - {("name", more.get("name")), ("species", more.get("species"))}
            record = replace(record, **{key: value for key, value in others if value})
        record = record.at_locus(record.locus or default)
        sequence = clean(text)
        reason = _reason(record, sequence, path, seen)
        if reason:
            left_out.append(LeftOut(str(path), number, record.accession, record.name, reason))
            continue
        record = record.at_locus(find_locus(record.locus).name)
        seen.add((record.locus, record.accession))
        records.append((replace(record, source=record.source or path.name), sequence))
    return records, left_out


def _reason(record: ReferenceRecord, sequence: str, path: Path, seen: set) -> str:
    """Return why a record is not taken, or an empty string."""
    if not record.locus:
        raise UsageError(
            _(
                "{path}: record {accession} does not say its locus; give --locus. Known: {known}."
            ).format(
                path=path,
                accession=record.accession,
                known=", ".join(locus.name for locus in LOCI),
            )
        )
    if not record.accession:
        return _("no accession")
    if not record.genus:
        return _("the name {name!r} holds no genus").format(name=record.name)
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
    if (locus.name, record.accession) in seen:
        return _("accession occurs twice; the first was taken")
    return ""


def _content(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise InputError(why_unreadable(error), source=str(path)) from error
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise InputError(
            _("it cannot be read: {error}").format(error=error), source=str(path)
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if not text.strip():
        raise InputError(_("the file is empty; expected sequences"), source=str(path))
    if "\0" in text[:4096]:
        raise InputError(
            _("this is a binary file; expected FASTA, GenBank or a table"), source=str(path)
        )
    return text


def _fasta(content: str, path: Path) -> Iterator[tuple[int, ReferenceRecord, str]]:
    if not content.lstrip().startswith((">", ";")):
        raise InputError(
            _("found {start!r}, expected '>' (FASTA) or 'LOCUS' (GenBank)").format(
                start=content.lstrip()[:20]
            ),
            source=str(path),
            line=1,
        )
    number, header, lines = 0, "", []
    for line in [*content.splitlines(), ">"]:
        if line.startswith(";"):  # a comment
            continue
        if not line.startswith(">"):
            lines.append(line)
            continue
        if number:
            yield number, _named(header, number, path), "".join(lines)
        number, header, lines = number + 1, line[1:], []


def _named(text: str, number: int, path: Path) -> ReferenceRecord:
    header = parse_header(text)
    # DADA2 headers have no accession; file and number make one that leads back to the record.
    accession = header.accession or f"{path.name.split('.')[0]}-{number}"
    return ReferenceRecord.named(
        accession, header.name, locus=header.locus, source=header.source, **header.ranks
    )


def _read_table(content: str, path: Path) -> dict[str, dict[str, str]]:
    first = content.lstrip().splitlines()[0]
    delimiter = max("\t;,", key=first.count)
    reader = csv.DictReader(io.StringIO(content, newline=None), delimiter=delimiter)
    columns = {}
    for column in reader.fieldnames or ():
        key = column.strip().casefold().replace(" ", "_")
        key = _COLUMN_SYNONYMS.get(key, key)
        if key in _FIELDS:
            columns[column] = _FIELDS[key]
    if "accession" not in columns.values():
        raise InputError(
            _("the table has no column 'accession'; found: {columns}").format(
                columns=", ".join(reader.fieldnames or ())
            ),
            source=str(path),
            line=1,
        )
    rows = {}
    for row in reader:
        values: dict[str, str] = {}
        for column, name in columns.items():  # of two columns for one thing the first that says it
            values[name] = values.get(name) or (row[column] or "").strip()
        rows[values.pop("accession")] = values
    return rows


# -- GenBank ----------------------------------------------------------------------


def _genbank(content: str, path: Path, default: str) -> Iterator[tuple[int, ReferenceRecord, str]]:
    number = 0
    try:
        for number, (entry, whole) in enumerate(genbank_entries(io.StringIO(content)), 1):
            base = ReferenceRecord.named(
                entry.id, entry.annotations.get("organism", ""), **_says(entry)
            )
            pieces = (_pieces(entry) if whole else {}) or {default: whole}
            for locus, sequence in pieces.items():
                yield number, base.at_locus(locus), sequence
    except ValueError as error:
        raise InputError(
            _("not a whole GenBank flat file ({error}); copy or download it again").format(
                error=" ".join(str(error).split())
            ),
            source=str(path),
            record=number + 1,
        ) from error


def _says(entry) -> dict[str, str]:
    source = next((f for f in entry.features if f.type == "source"), None)
    qualifiers = source.qualifiers if source else {}

    def first(*names: str) -> str:
        return next((qualifiers[name][0] for name in names if qualifiers.get(name)), "")

    lineage = entry.annotations.get("taxonomy", [])
    family = next((t for t in reversed(lineage) if t.endswith(("idae", "aceae"))), "")
    order = next((t for t in reversed(lineage) if t.endswith(("formes", "ales"))), "")
    return {
        "family": family,
        "order": order,
        "voucher": first("specimen_voucher", "culture_collection"),
        "country": first("geo_loc_name", "country"),
        "date": first("collection_date"),
        "identifier": first("identified_by"),
        "source": "GenBank flat file",
    }


def _pieces(entry) -> dict[str, str]:
    """Cut the known loci out of an annotated record; the first feature of each counts."""
    pieces: dict[str, str] = {}
    for feature in entry.features:
        if feature.type not in ("CDS", "rRNA", "D-loop", "misc_feature"):
            continue
        names = [feature.type, *feature.qualifiers.get("gene", ())]
        names += feature.qualifiers.get("product", ())
        for name in names:
            try:
                locus = find_locus(name).name
            except UsageError:
                continue
            pieces.setdefault(locus, str(feature.extract(entry.seq)))
            break
    return pieces
