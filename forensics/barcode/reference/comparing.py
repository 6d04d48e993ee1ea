"""What one library has that another has not: species and records gained, lost, renamed, changed.

Two records are the same one where, within a locus, they have

1. the same accession; or the same but for its version (``MN1.1``, ``MN1.2``), where that is all
   that is left of it on either side;
2. else the same sequence and no other record on either side that it may be meant for: of several
   with one sequence, those of one name are paired first.

A record that is the same and counts under another name is renamed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import Pair

#: What may have happened to a record. `moved`: same sequence and name, another accession.
CHANGES = ("gained", "lost", "renamed", "changed", "moved")


@dataclass(frozen=True)
class RecordChange:
    """What happened to one record.

    Attributes
    ----------
    change : str
        One of `CHANGES`.
    locus : str
    old_accession, old_name, new_accession, new_name : str
        Accession and the name under which the record counts; empty on the side where it is not.
    by : str
        How the two were recognised as one: ``accession``, ``version`` or ``sequence``.
    """

    change: str
    locus: str
    old_accession: str = ""
    old_name: str = ""
    new_accession: str = ""
    new_name: str = ""
    by: str = ""


@dataclass(frozen=True)
class LibraryDiff:
    """The difference between two libraries.

    Attributes
    ----------
    old, new : dict
        ``name``, ``version`` and ``sha256`` of each; the last names its content.
    loci : tuple of dict
        For each locus the numbers of records in both, and of changes.
    species_gained, species_lost : tuple of str
        Binomials that one of them has at no locus.
    records : tuple of RecordChange
        By locus, in the order of `CHANGES`.
    """

    old: dict[str, str]
    new: dict[str, str]
    loci: tuple[dict[str, object], ...]
    species_gained: tuple[str, ...]
    species_lost: tuple[str, ...]
    records: tuple[RecordChange, ...]

    @property
    def same(self) -> bool:
        """Whether both have the same content."""
        return self.old["sha256"] == self.new["sha256"]


def compare_libraries(old: Library, new: Library) -> LibraryDiff:
    """Compare two libraries record by record.

    Raises
    ------
    LibraryError, VerificationError
        If the records of one cannot be read, or are not those that its manifests name.
    """
    changes, loci = [], []
    species: dict[int, set[str]] = {0: set(), 1: set()}
    for locus in dict.fromkeys((*old.loci, *new.loci)):
        sides = [
            library.records(locus, checked=True) if locus in library.loci else []
            for library in (old, new)
        ]
        for side, records in enumerate(sides):
            species[side].update(record.species for record, _text in records if record.species)
        of_locus = _changes(locus, *sides)
        of_locus.sort(key=lambda c: (CHANGES.index(c.change), c.new_name or c.old_name))
        counts = Counter(change.change for change in of_locus)
        loci.append(
            {
                "locus": locus,
                "old_records": len(sides[0]),
                "new_records": len(sides[1]),
                **{change: counts[change] for change in CHANGES},
            }
        )
        changes += of_locus
    return LibraryDiff(
        old=old.stated,
        new=new.stated,
        species_gained=tuple(sorted(species[1] - species[0])),
        species_lost=tuple(sorted(species[0] - species[1])),
        records=tuple(changes),
        loci=tuple(loci),
    )


def _changes(locus: str, old: list[Pair], new: list[Pair]) -> list[RecordChange]:
    changes = []
    olds, news = ({pair[0].accession: pair for pair in side} for side in (old, new))
    for accession in [accession for accession in olds if accession in news]:
        changes += _same(locus, olds.pop(accession), news.pop(accession), "accession")
    for old_key, new_key in _by_key(olds, news, lambda record, _sequence: _bare(record.accession)):
        changes += _same(locus, olds.pop(old_key), news.pop(new_key), "version")
    # Of one sequence, pairs of one name first; what is left after that has another name.
    for key in (
        lambda record, sequence: (sequence, record.label),
        lambda _record, sequence: sequence,
    ):
        for old_key, new_key in _by_key(olds, news, key):
            changes += _same(locus, olds.pop(old_key), news.pop(new_key), "sequence")
    changes += [
        RecordChange("lost", locus, record.accession, record.label)
        for record, _text in olds.values()
    ]
    changes += [
        RecordChange("gained", locus, new_accession=record.accession, new_name=record.label)
        for record, _text in news.values()
    ]
    return changes


def _by_key(olds: dict[str, Pair], news: dict[str, Pair], key) -> Iterable[tuple[str, str]]:
    """Return the accessions of records of both sides that have a key in common.

    Where one key is that of several, they are paired in the order of their accessions; which of
    them was renamed is then not known, but how many were is.
    """
    sides = []
    for records in (olds, news):
        by_key = defaultdict(list)
        for accession in sorted(records):
            by_key[key(*records[accession])].append(accession)
        sides.append(by_key)
    return [
        pair
        for value, accessions in sides[0].items()
        for pair in zip(accessions, sides[1].get(value, ()))
    ]


def _same(locus: str, old_pair: Pair, new_pair: Pair, by: str) -> list[RecordChange]:
    (old, old_sequence), (new, new_sequence) = old_pair, new_pair
    if old.label != new.label:
        change = "renamed"
    elif old_sequence != new_sequence:
        change = "changed"
    elif old.accession != new.accession:
        change = "moved"
    else:
        return []
    return [RecordChange(change, locus, old.accession, old.label, new.accession, new.label, by)]


def _bare(accession: str) -> str:
    """Return an accession without its version."""
    head, dot, version = accession.rpartition(".")
    return head if dot and version.isdigit() else accession
