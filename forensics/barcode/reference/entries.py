"""A reference record as its source has it, before it is judged."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

from forensics.barcode.reference.naming import marks_of
from forensics.barcode.reference.records import ReferenceRecord

__all__ = ["Entry", "with_more"]

_FIELDS = frozenset(field.name for field in fields(ReferenceRecord))


@dataclass(frozen=True)
class Entry:
    """A record as its source has it.

    Attributes
    ----------
    path : pathlib.Path
        The file; of a record in memory a name for where it stood.
    number : int
        Its place there, counted from 1.
    record : ReferenceRecord
    text : str
        Its sequence, not cleaned yet.
    marks : str
        What it says of itself, such as UNVERIFIED.
    taxon : int
        NCBI's number; 0 where unknown.
    in_memory : bool
        Whether a script gave it, and no file.
    """

    path: Path
    number: int
    record: ReferenceRecord
    text: str
    marks: str = ""
    taxon: int = 0
    in_memory: bool = False


def with_more(entry: Entry, more: dict[str, str] | None) -> Entry:
    """Return a record with what a table says more of it, by the fields of `ReferenceRecord`."""
    if not more:
        return entry
    # A column "species" holds names of any kind; how far they reach is read from them.
    name = more.get("name") or more.get("species") or entry.record.name
    bare, marks = marks_of(name)
    named = ReferenceRecord.named(entry.record.accession, bare)
    record = replace(
        entry.record,
        name=named.name,
        species=named.species,
        genus=named.genus or entry.record.genus,
    )
    others = {key: value for key, value in more.items() if key in _FIELDS - {"name", "species"}}
    if named.genus and named.species:  # the name and not another column says the genus
        others.pop("genus", None)
    return replace(entry, record=replace(record, **others), marks=f"{entry.marks} {marks}".strip())
