"""Reference records of GenBank flat files and of annotated records of Biopython, cut into their loci."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.barcode.locus import find_locus
from forensics.barcode.reading.reads import genbank_entries
from forensics.barcode.reference.entries import Entry
from forensics.barcode.reference.naming import marks_of
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import InputError, UsageError
from forensics.io.files import shown_name
from forensics.messages import _

if TYPE_CHECKING:
    from Bio.SeqRecord import SeqRecord

__all__ = ["annotated_records", "genbank_records"]

# Qualifiers of a gene copy that does not work.
_PSEUDO = ("pseudo", "pseudogene")


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
        raise InputError(
            _("not a whole GenBank flat file ({error}); copy or download it again").format(
                error=" ".join(str(error).split()) or type(error).__name__
            ),
            source=shown_name(path),
            record=number + 1,
        ) from error


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
        yield Entry(path, number, base.at_locus(locus), text, marks, _taxon(entry))


def _taxon(entry: "SeqRecord") -> int:
    source = next((f for f in entry.features if f.type == "source"), None)
    for reference in source.qualifiers.get("db_xref", ()) if source else ():
        name, _colon, number = reference.partition(":")
        if name == "taxon" and number.isascii() and number.isdigit() and len(number) < 10:
            return int(number)
    return 0


def _marks(entry: "SeqRecord") -> str:
    """Return what a record says of itself that its organism does not: UNVERIFIED and the like."""
    source = next((f for f in entry.features if f.type == "source"), None)
    sampled = (
        "environmental_sample" if source and "environmental_sample" in source.qualifiers else ""
    )
    annotations: dict[str, Any] = dict(entry.annotations)
    keywords = " ".join(word for word in annotations.get("keywords", ()) if word)
    _bare, marks = marks_of(entry.description)
    # A genome may hold a pseudogene; its title tells what the record is of.
    return " ".join(filter(None, (marks, keywords, sampled, entry.description)))


def _says(entry: "SeqRecord") -> dict[str, str]:
    source = next((f for f in entry.features if f.type == "source"), None)
    qualifiers = source.qualifiers if source else {}

    def first(*names: str) -> str:
        return next((qualifiers[name][0] for name in names if qualifiers.get(name)), "")

    annotations: dict[str, Any] = dict(entry.annotations)
    lineage: list[str] = annotations.get("taxonomy", [])
    family = next((t for t in reversed(lineage) if t.endswith(("idae", "aceae"))), "")
    order = next((t for t in reversed(lineage) if t.endswith(("formes", "ales"))), "")
    return {
        "family": family,
        "order": order,
        "voucher": first("specimen_voucher", "culture_collection"),
        "country": first("geo_loc_name", "country"),
        "date": first("collection_date"),
        "identifier": first("identified_by"),
    }


def _pieces(entry: "SeqRecord") -> dict[str, tuple[str, str]]:
    """Cut the known loci out of an annotated record, with a mark; the first feature of each counts.

    A copy that the annotation calls a pseudogene counts only where there is no other, and is marked.
    """
    pieces: dict[str, tuple[str, str]] = {}
    working = [f for f in entry.features if not any(q in f.qualifiers for q in _PSEUDO)]
    others = [f for f in entry.features if any(q in f.qualifiers for q in _PSEUDO)]
    for number, feature in enumerate([*working, *others]):
        if feature.type not in ("CDS", "rRNA", "D-loop", "misc_feature"):
            continue
        names = [feature.type, *feature.qualifiers.get("gene", ())]
        names += feature.qualifiers.get("product", ())
        for name in names:
            try:
                locus = find_locus(name).name
            except UsageError:
                continue
            mark = "pseudogene" if number >= len(working) else ""
            pieces.setdefault(locus, (str(feature.extract(entry.seq)), mark))
            break
    return pieces
