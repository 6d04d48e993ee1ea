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
from dataclasses import asdict, dataclass

from forensics.barcode.reference.library import Library
from forensics.barcode.reference.records import ReferenceRecord
from forensics.errors import VerificationError
from forensics.messages import _
from forensics.resources import sha256

#: What may have happened to a record. `moved`: same sequence and name, another accession.
CHANGES = ("gained", "lost", "renamed", "changed", "moved")

_Pair = tuple[ReferenceRecord, str]


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
    species_gained, species_lost : tuple of str
        Binomials that one of them has at no locus.
    records : tuple of RecordChange
        By locus, in the order of `CHANGES`.
    loci : tuple of dict
        For each locus the numbers of records in both, and of changes.
    """

    old: dict[str, str]
    new: dict[str, str]
    species_gained: tuple[str, ...]
    species_lost: tuple[str, ...]
    records: tuple[RecordChange, ...]
    loci: tuple[dict, ...]

    @property
    def same(self) -> bool:
        """Whether both have the same content."""
        return self.old["sha256"] == self.new["sha256"]

    def to_dict(self) -> dict:
        """Return the difference as plain values."""
        return {
            "old": self.old,
            "new": self.new,
            "loci": list(self.loci),
            "species_gained": list(self.species_gained),
            "species_lost": list(self.species_lost),
            "records": [asdict(change) for change in self.records],
        }


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
        sides = [_records(library, locus) for library in (old, new)]
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
        old=_named(old),
        new=_named(new),
        species_gained=tuple(sorted(species[1] - species[0])),
        species_lost=tuple(sorted(species[0] - species[1])),
        records=tuple(changes),
        loci=tuple(loci),
    )


def _records(library: Library, locus: str) -> list[_Pair]:
    """Return the records of a locus, if they are those that the library's SHA-256 stands for."""
    if locus not in library.loci:
        return []
    for name, expected in library.manifest(locus)["files"].items():
        path = library.path / locus / name
        if not path.is_file() or sha256(path) != expected:
            raise VerificationError(
                _("{path} is not the file that its manifest names; the library is damaged.").format(
                    path=path
                )
            )
    return library.records(locus)


def _named(library: Library) -> dict[str, str]:
    return {"name": library.name, "version": library.version, "sha256": library.sha256}


def _changes(locus: str, old: list[_Pair], new: list[_Pair]) -> list[RecordChange]:
    changes = []
    olds = {record.accession: (record, sequence) for record, sequence in old}
    news = {record.accession: (record, sequence) for record, sequence in new}
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


def _by_key(olds: dict[str, _Pair], news: dict[str, _Pair], key) -> Iterable[tuple[str, str]]:
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


def _same(locus: str, old_pair: _Pair, new_pair: _Pair, by: str) -> list[RecordChange]:
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
