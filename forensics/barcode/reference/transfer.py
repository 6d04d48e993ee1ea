"""Libraries carried from place to place: exported as one checked file, and compared with each other.

An export is a zip archive of the library's folder with the SHA-256 of every file in
``SHA256SUMS``; the same library gives the same bytes.

`compare_libraries` says which species and records were gained, lost, renamed or changed. Two records are the same one
where, within a locus, they have

1. the same accession; or the same but for its version (``MN1.1``, ``MN1.2``), where that is all
   that is left of it on either side;
2. else the same sequence and no other record on either side that it may be meant for: of several
   with one sequence, those of one name are paired first.

A record that is the same and counts under another name is renamed.
"""

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from forensics.barcode.reference.library import BESIDE, INDEX, MANIFEST, Library, open_library
from forensics.barcode.reference.records import Pair
from forensics.barcode.reference.writing import new_folder
from forensics.core.grouping import grouped
from forensics.errors import LibraryError, VerificationError
from forensics.io.files import open_archive, sha256, writing
from forensics.messages import _

_SUMS = "SHA256SUMS"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can say
_CHUNK = 1 << 20
# A million COI records with their index unpack to some 6 GB; an archive that claims
# more is not a library.
_MAX_BYTES = 20 * 2**30
_MAX_FILES = 1000
_MAX_LIST_LENGTH = 1 << 20  # bytes of SHA256SUMS: 1000 lines of 100 characters, tenfold


def export_library(library: Library, path: Path) -> str:
    """Write a library into one file and return its SHA-256.

    Raises
    ------
    VerificationError
        If a file of the library is not what its manifest says.
    UsageError, InputError
        If `path` exists, or cannot be written.
    """
    library.verify()
    files = [
        *BESIDE,
        *(
            f"{locus}/{name}"
            for locus in library.loci
            for name in (MANIFEST, *library.files(locus), INDEX)
        ),
    ]
    with writing(path) as output:
        with zipfile.ZipFile(output.stream, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = []
            for name in sorted(name for name in files if (library.path / name).is_file()):
                content = (library.path / name).read_bytes()
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
                archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
            archive.writestr(_entry(_SUMS), "".join(sums), zipfile.ZIP_DEFLATED)
    return sha256(path)


def import_library(path: Path, target: Path) -> Library:
    """Unpack a library; the folder appears only when every file was checked.

    Raises
    ------
    LibraryError
        If the file is not an exported library, or `target` holds something else.
    VerificationError
        If a file in it differs from its SHA-256.
    """
    try:
        with open_archive(path, _MAX_BYTES) as archive, new_folder(target) as partial:
            for name, expected in _contents(archive).items():
                place = partial / name
                place.parent.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256()
                with archive.open(name) as source, open(place, "xb") as goal:
                    while chunk := source.read(_CHUNK):
                        digest.update(chunk)
                        goal.write(chunk)
                if digest.hexdigest() != expected:
                    raise VerificationError(
                        _("{file} in {path} is damaged; copy the file again.").format(
                            file=name, path=path
                        )
                    )
            Library(partial).verify()
    except FileNotFoundError as error:
        raise LibraryError(_("{path} does not exist.").format(path=path)) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        OSError,  # a folder, or a full disk
        RuntimeError,  # encrypted, or compressed in a way of its own
    ) as error:
        raise LibraryError(
            _("{path} is damaged or not an exported library: {error}").format(
                path=path, error=error
            )
        ) from error
    return open_library(target)


def _contents(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return name and SHA-256 of every file, after looking for what an attacker would put in."""
    entries = {entry.filename: entry for entry in archive.infolist()}
    if _SUMS not in entries:
        raise LibraryError(
            _("This is not an exported library: it has no {file}.").format(file=_SUMS)
        )
    too_long = entries[_SUMS].file_size > _MAX_LIST_LENGTH
    if too_long or len(entries) > _MAX_FILES:
        raise LibraryError(_("This is not an exported library: it unpacks to too much."))
    sums = {}
    for line in archive.read(_SUMS).decode("utf-8", "replace").splitlines():
        digest, _blank, name = line.partition("  ")
        sums[name] = digest
    for name in entries:
        parts = PurePosixPath(name).parts
        safe = parts and not name.startswith("/") and ".." not in parts and "\\" not in name
        if not safe or ":" in name or len(parts) > 2 or name.endswith("/"):
            raise LibraryError(_("{name!r} is not a file name of a library.").format(name=name))
    if sums.keys() != entries.keys() - {_SUMS}:
        raise VerificationError(_("The files in the archive are not those that it lists."))
    return sums


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    return entry


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

    def by_key(records: dict[str, Pair]) -> dict[Hashable, list[str]]:
        return grouped(sorted(records), lambda accession: key(*records[accession]))

    before, after = by_key(olds), by_key(news)
    return [
        pair
        for value, accessions in before.items()
        for pair in zip(accessions, after.get(value, ()))
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
