"""Reference records that a script has in memory: DataFrames, records of Biopython, records of this package."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from forensics.barcode.reference.entries import Entry
from forensics.barcode.reference.genbank import annotated_records
from forensics.barcode.reference.headers import parse_header
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import InputError
from forensics.messages import _

if TYPE_CHECKING:  # who gives them has loaded them
    import pandas
    from Bio.SeqRecord import SeqRecord

__all__ = ["FRAME", "Record", "Records", "Reference", "gather", "read_records"]

Record: TypeAlias = "tuple[ReferenceRecord, str] | SeqRecord"
"""A reference record with its sequence."""
Reference: TypeAlias = "str | os.PathLike[str] | pandas.DataFrame | Record"
"""A file, a table, or one record."""
FRAME = Path("DataFrame")
"""What a table in memory is called in errors and in ``left_out.tsv``."""
_OF_BIOPYTHON, _OF_THIS_PACKAGE = Path("SeqRecord"), Path("ReferenceRecord")
_NO_DESCRIPTION = "<unknown description>"  # of Biopython
_FIELDS = tuple(field.name for field in fields(ReferenceRecord))


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
        The columns of a table are known by the names that tables have for them
        (`forensics.barcode.reference.columns`). A record of Biopython with an ``organism`` among its
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
    values = {**{name: getattr(record, name) for name in _FIELDS}, "sequence": str(sequence or "")}
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
            yield Entry(
                piece.path,
                number,
                piece.record,
                piece.text,
                piece.marks,
                piece.taxon,
                in_memory=True,
            )
        return
    description = "" if entry.description == _NO_DESCRIPTION else entry.description
    identifier = entry.id or ""
    text = description if description.startswith(identifier) else f"{identifier} {description}"
    header = parse_header(text or identifier)
    columns = {"locus": header.locus, "source": header.source, "country": header.country}
    record = ReferenceRecord.named(
        header.accession or identifier, header.name, **{**columns, **header.ranks}
    )
    yield Entry(_OF_BIOPYTHON, number, record, sequence, header.marks, header.taxon, in_memory=True)
