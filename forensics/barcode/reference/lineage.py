"""Gives reference records the lineages and accepted names of NCBI's taxonomy.

1. A record is looked for by its species, else by its deposited name, else by its genus; NCBI's
   number decides where it has one and several taxa bear the name, and stands for a name that is
   not found.
2. Phylum to genus become those of the dump where it has them; what it lacks stays as it was.
3. Where the species is a synonym there, or a subspecies of another, the accepted one takes its
   place.  The deposited name stays in the record.
4. A name that several taxa bear, none of which fits, or that the dump lacks, changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from forensics.barcode.reference.records import ReferenceRecord
from forensics.barcode.reference.renaming import Renamed
from forensics.messages import _
from forensics.taxonomy.taxdump import Taxdump, read_taxdump

__all__ = ["apply_taxdump", "ranked"]

_Pair = tuple[ReferenceRecord, str]
_FIELDS = {"phylum": "phylum", "class": "class_", "order": "order", "family": "family"}


def apply_taxdump(
    records: Iterable[_Pair], folder: Path, *, numbers: Mapping[str, int] | None = None
) -> tuple[list[_Pair], list[Renamed], int, dict[str, str]]:
    """Return the records with the lineages of a dump.

    Parameters
    ----------
    records : iterable of (ReferenceRecord, str)
    folder : pathlib.Path
        With ``names.dmp``, ``nodes.dmp`` and, perhaps, ``merged.dmp``.
    numbers : mapping of str to int, optional
        NCBI's numbers by accession.

    Returns
    -------
    records : list of (ReferenceRecord, str)
    renamed : list of Renamed
    missing : int
        How many records no taxon was found for.
    sha256 : dict of str to str
        Of the files of the dump.

    Raises
    ------
    InputError
        If the dump cannot be read.
    """
    records, numbers = list(records), numbers or {}
    names = {name for record, _text in records for name in _names(record)}
    dump = read_taxdump(folder, names, set(numbers.values()))
    result, changes, missing = [], [], 0
    for record, sequence in records:
        with_ranks, change = ranked(record, dump, number=numbers.get(record.accession, 0))
        missing += with_ranks is None
        if change:
            changes.append(change)
        result.append((with_ranks or record, sequence))
    return result, changes, missing, dump.sha256


def ranked(
    record: ReferenceRecord, dump: Taxdump, *, number: int = 0
) -> tuple[ReferenceRecord | None, Renamed | None]:
    """Return a record with its lineage and what was renamed, or None where no taxon was found."""
    known = {record.phylum, record.class_, record.order, record.family} - {""}
    taxon = None
    for name in _names(record):
        # A genus is looked for by its name alone: the number is that of the species.
        taxon = dump.find(name, number=number if " " in name else 0, known=known)
        if taxon:
            break
    if taxon is None:
        return None, None
    ranks = {_FIELDS[rank]: name for rank, name in taxon.ranks.items() if rank in _FIELDS}
    genus = taxon.ranks.get("genus", "") or record.genus
    change = None
    if record.species and taxon.species:
        if taxon.species != record.species:
            change = Renamed(
                accession=record.accession,
                locus=record.locus,
                name=record.name,
                synonym=record.species,
                accepted=taxon.species,
                source=_("NCBI taxonomy, taxon {number}").format(number=taxon.number),
            )
        ranks["species"] = taxon.species
        genus = taxon.species.partition(" ")[0]
    elif record.species:  # the genus alone was found: the binomial stays whole
        genus = record.genus
    return replace(record, **ranks, genus=genus), change


def _names(record: ReferenceRecord) -> list[str]:
    """Return the names under which a record is looked for, the narrowest first."""
    return list(dict.fromkeys(filter(None, (record.species, record.name, record.genus))))
