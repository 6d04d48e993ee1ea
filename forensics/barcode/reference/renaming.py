"""Gives reference records the accepted names of a synonym table."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace

from forensics.barcode.reference.records import ReferenceRecord
from forensics.taxonomy.synonyms import Synonyms

__all__ = ["Renamed", "rename", "renamed_table"]


@dataclass(frozen=True)
class Renamed:
    """A record that got another species name; the fields are the columns of ``renamed.tsv``.

    Attributes
    ----------
    accession, locus : str
        Of the record.
    name : str
        As deposited; it stays in the record.
    synonym, accepted : str
        The row of the synonym table that was applied, its chain resolved.
    source : str
        What the table gives as its source.
    """

    accession: str
    locus: str
    name: str
    synonym: str
    accepted: str
    source: str


def rename(
    records: Iterable[tuple[ReferenceRecord, str]], synonyms: Synonyms
) -> tuple[list[tuple[ReferenceRecord, str]], list[Renamed]]:
    """Return the records with accepted species and genus, and what was changed.

    The deposited name is kept in `ReferenceRecord.name`. A record that names no species
    is left as it is: a synonym table cannot identify it any further.
    """
    renamed, changes = [], []
    for record, sequence in records:
        synonym, accepted = synonyms.find(record.name) if record.species else ("", "")
        if record.species and not accepted:  # where a table gave the species beside the name
            synonym, accepted = synonyms.find(record.species)
        if accepted and accepted != record.species:
            changes.append(
                Renamed(
                    accession=record.accession,
                    locus=record.locus,
                    name=record.name,
                    synonym=synonym,
                    accepted=accepted,
                    source=synonyms.sources.get(synonym, ""),
                )
            )
            record = replace(record, species=accepted, genus=accepted.partition(" ")[0])
        renamed.append((record, sequence))
    return renamed, changes


def renamed_table(changes: Iterable[Renamed]) -> str:
    """Return the changes as TSV."""
    rows = [tuple(field.name for field in fields(Renamed)), *map(astuple, changes)]
    return "".join("\t".join(" ".join(v.split()) for v in row) + "\n" for row in rows)
