"""Libraries: folders of reference records with an index a locus.

::

    library.json                    name, title, version, loci with the SHA-256 of their manifests
    COI/records.fasta.gz            sequences; the header is the accession
    COI/records.tsv                 what is known of each record
    COI/calibration.json            what was learnt from them (`forensics.barcode.calling.calibration`)
    COI/index.bin                   made from them (`forensics.barcode.matching.index`)
    COI/manifest.json               numbers, and the SHA-256 of the four files above

The SHA-256 of ``library.json`` therefore stands for the whole library. Opening
checks that chain down to the manifests; `Library.check_indexes` compares what answers a search,
`Library.verify` every file.

The index answers every search, and names the species of each record. So the manifest of a locus
holds its SHA-256, as ``"index": {"format": 4, "sha256": ...}``. The same records give the same index
on every machine: it consists of whole numbers and text, all little-endian.

A `Unit` is a named set of species that a locus does not tell apart: neither a species nor a rank of taxonomy. It says
how far the locus goes. Which species are twins, and so in one unit, is decided by the library's own records when it
is built (`forensics.barcode.reference.relations`).
"""

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, TypeAlias, TypeVar

from forensics.barcode.matching.index import FORMAT, Index
from forensics.barcode.reference.records import COLUMNS, Pair, ReferenceRecord
from forensics.core.stored import stored
from forensics.errors import InputError, LibraryError, UsageError, VerificationError
from forensics.io.files import AnyPath, folder, load_json, open_input, unpack
from forensics.messages import _
from forensics.plugins import find_packages, record_plugins
from forensics.taxonomy.names import parse_backbone, species_in_table

if TYPE_CHECKING:
    from forensics.barcode.calling.calibration import Calibration
    from forensics.barcode.calling.far import FarCalibration
    from forensics.barcode.matching.far import FarIndex
    from forensics.taxonomy.names import Backbone


# A run compares the index with its SHA-256 where that takes under a fifth of the run. SHA-256 reads
# 0.9 to 1.4 GB/s on an AMD EPYC, so that 56 MiB take 0.06 s at most; a run of one query takes 0.28 s and more.
# Of a larger index one query takes at least 1/100 as long as its hash (100,000 records, 193 MB: 6 ms
# of 210; a million, 2.0 GB: 21 ms of 2,200), so that 500 queries take five times as long or more.
# docs/decisions/stored.md has the measurements.
MAX_BYTES_ALWAYS_CHECKED = 56 * 2**20
MIN_QUERIES_CHECKED = 500


class IndexState(StrEnum):
    """Whether the indexes that answered are those that the library's SHA-256 stands for.

    The values are stored in results, under ``provenance.library.index``.
    """

    CHECKED = "checked"
    NOT_CHECKED = "not checked"


def is_cheap(size: int, queries: int) -> bool:
    """Return whether a check of `size` bytes of index takes under a fifth of a run of `queries`."""
    return size <= MAX_BYTES_ALWAYS_CHECKED or queries >= MIN_QUERIES_CHECKED


def index_entry(path: Path) -> dict[str, object]:
    """Return what a manifest says of the index file `path`: its format, and its SHA-256."""
    with open(path, "rb") as handle:
        return {"format": FORMAT, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}


def state_of_file(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is replaced or written to, without reading it."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def check_recordable(library: Mapping[str, object]) -> None:
    """Refuse a result for a ledger whose library was not compared with its SHA-256.

    Parameters
    ----------
    library : mapping
        ``library`` of its provenance.

    Raises
    ------
    UsageError
        If the index that answered was not checked.
    """
    if library.get("index") == IndexState.NOT_CHECKED:
        raise UsageError(
            _(
                "The index of library {name} was not compared with the SHA-256 of the library in this "
                "run, so the result is not recorded. Identify again with check_library=True."
            ).format(name=library.get("name"))
        )


FASTA, TABLE = "records.fasta.gz", "records.tsv"
INDEX = "index.bin"
DESCRIPTION, MANIFEST = "library.json", "manifest.json"
LEFT_OUT = "left_out.tsv"
BACKBONE = "backbone.tsv"
# What may lie beside the loci of a library, and is replaced with it.
BESIDE = {
    DESCRIPTION,
    BACKBONE,
    LEFT_OUT,
    "renamed.tsv",
    "screening.tsv",
    "README.md",
    "SOURCES.md",
}
CALIBRATION = "calibration.json"
# What lies in the folder of a locus.
OF_A_LOCUS = {MANIFEST, CALIBRATION, FASTA, TABLE, INDEX}


def read_locus(path: Path) -> list[Pair]:
    """Read the records and sequences of one locus of a library.

    Raises
    ------
    LibraryError
        If table and sequences do not name the same records.
    """
    try:
        with _opened(path / TABLE) as handle:
            header = tuple(handle.readline().rstrip("\n").split("\t"))
            if header != COLUMNS:
                raise LibraryError(
                    _("{path} has the columns {found}; expected {expected}.").format(
                        path=path / TABLE, found=", ".join(header), expected=", ".join(COLUMNS)
                    )
                )
            records = [ReferenceRecord.from_row(line.rstrip("\n")) for line in handle]
        sequences = {}
        with _opened(path / FASTA) as handle:
            for title, sequence in zip(handle, handle, strict=True):
                if title[0] != ">" or sequence[0] == ">":
                    raise ValueError(
                        _("{file} has other than two lines a record").format(file=FASTA)
                    )
                sequences[title[1:].rstrip("\n")] = sequence.rstrip("\n")
        return [(record, sequences[record.accession]) for record in records]
    except (InputError, OSError, EOFError, ValueError, TypeError, KeyError) as error:
        raise LibraryError(
            _("The records in {path} cannot be read: {error}.").format(path=path, error=error)
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with open_input(path, str(path)) as raw:
        yield TextIOWrapper(unpack(raw, str(path)), encoding="utf-8", newline="\n")


def check_digest(path: Path, content: bytes, expected: object) -> None:
    """Raise `VerificationError` where a file is not the one that its manifest names."""
    if hashlib.sha256(content).hexdigest() != expected:
        raise VerificationError(_not_the_file(path))


def _not_the_file(path: Path) -> str:
    return _("{path} is not the file that its manifest names; the library is damaged.").format(
        path=path
    )


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of a library; `LibraryError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise LibraryError(
            _("{path} cannot be read ({error}); the library is incomplete.").format(
                path=path, error=error.strerror
            )
        ) from error


def read_json(path: Path) -> dict:
    """Return the JSON of a file of a library; `LibraryError` where it is none."""
    return parse_json(read_bytes(path), path)


def parse_json(content: bytes, path: Path) -> dict:
    """Return the JSON in the content of a file; `LibraryError` where it is none."""
    try:
        return load_json(content)
    except ValueError as error:
        raise LibraryError(
            _("{path} cannot be read: {error}.").format(path=path, error=error)
        ) from error


def written(content: object) -> bytes:
    """Return JSON as the files of a library have it."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def write_json(path: Path, content: dict) -> None:
    """Write JSON as `written` gives it."""
    path.write_bytes(written(content))


EMBEDDED = "embedded"


class Library:
    """An opened library; made by `open_library`.

    Attributes
    ----------
    path : pathlib.Path
        Its folder.
    name, title, version, statement : str
        What it says of itself.
    demonstration : bool
        Whether it says that it is not for casework.
    sha256 : str
        Of ``library.json``.
    loci : tuple of str
        Names of its loci.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()  # a script may change its folder
        content = read_bytes(path / DESCRIPTION)
        description = parse_json(content, path / DESCRIPTION)
        self.sha256 = hashlib.sha256(content).hexdigest()
        try:
            self.name = str(description["name"])
            self._manifests = {str(k): str(v) for k, v in description["loci"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise LibraryError(
                _("{path} is not a library description: {error} is missing or wrong.").format(
                    path=path / DESCRIPTION, error=error
                )
            ) from error
        self.title = str(description.get("title", self.name))
        self.version = str(description.get("version", ""))
        self.statement = str(description.get("statement", ""))
        self.demonstration = bool(description.get("demonstration", False))
        self.loci = tuple(self._manifests)
        self._description: dict[str, object] = description
        self._indexes: dict[str, Index] = {}
        # Of each index that was compared, the state of its file at that time.
        self._checked: dict[str, tuple[int, ...]] = {}
        self._calibrations: dict[str, Calibration | None] = {}
        self._far_indexes: dict[str, FarIndex] = {}
        self._far_placements: dict[str, FarCalibration | None] = {}
        self._sampled: dict[str, int | None] = {}
        self._units: dict[str, tuple[Unit, ...]] = {}
        self._genera: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        self._of_backbone: dict[tuple[str, str], set[str]] = {}
        self.built_in_memory: set[str] = set()

    def check_plugins(self) -> None:
        """Check that the plug-ins are installed that its loci come from.

        Raises
        ------
        LibraryError
            If one is not; the message names it.
        """
        plugins: Any = self._description.get("plugins") or {}
        for package, version in plugins.items():
            if package not in record_plugins(find_packages()):
                raise LibraryError(
                    _(
                        "The library {name} has loci of the plug-in {plugin}, which is not installed here; "
                        "install it."
                    ).format(name=self.name, plugin=f"{package} {version}")
                )

    def manifest(self, locus: str) -> dict:
        """Return the manifest of a locus, checked against ``library.json``."""
        path = self.path / locus / MANIFEST
        content = read_bytes(path)
        if hashlib.sha256(content).hexdigest() != self._manifests[locus]:
            raise VerificationError(
                _("{path} is not the one that {description} names; the library is damaged.").format(
                    path=path, description=DESCRIPTION
                )
            )
        return parse_json(content, path)

    def index(self, locus: str) -> Index:
        """Return the index of a locus; one that is absent or out of date is built in memory.

        Nothing is ever written beside a library. `built_in_memory` tells which were built.
        """
        if locus not in self._indexes:
            files = self.manifest(locus)["files"]
            path = self.path / locus / INDEX
            index = Index.open(path) if path.is_file() else None
            if index is None or index.source != files:
                self._check_files(locus)
                self.built_in_memory.add(locus)
                index = Index.build(read_locus(self.path / locus), locus=locus, source=files)
            self._indexes[locus] = index
        return self._indexes[locus]

    def check_indexes(self, loci: Iterable[str] | None = None) -> None:
        """Compare the indexes with what the SHA-256 of this library stands for.

        What was compared before is compared again only where the file has changed since.

        Parameters
        ----------
        loci : iterable of str, optional
            All of them by default.

        Raises
        ------
        VerificationError
            If an index is another one.
        """
        for locus in self.loci if loci is None else loci:
            if self._is_checked(locus):
                continue
            if locus in self._checked:  # written to, or replaced, since
                del self._checked[locus], self._indexes[locus]
            index = self.index(locus)
            if index.path is None:  # made in memory from records that were hashed
                continue
            state = state_of_file(index.path)
            self._check_index(locus, index)
            self._checked[locus] = state

    def index_state(self, loci: Iterable[str] | None = None) -> IndexState:
        """Return whether the indexes were compared, as a result of these loci says it."""
        return IndexState.NOT_CHECKED if any(self._not_checked(loci)) else IndexState.CHECKED

    def index_bytes(self, loci: Iterable[str] | None = None) -> int:
        """Return how many bytes of index files a check reads."""
        return sum(path.stat().st_size for path in self._not_checked(loci))

    @property
    def stated(self) -> dict[str, str]:
        """Name, version and SHA-256, by which people know it."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}

    @property
    def description(self) -> dict[str, object]:
        """What it says of itself, in plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "sha256": self.sha256,
            "demonstration": self.demonstration,
            "statement": self.statement,
        }

    def identity(self, loci: Iterable[str] | None = None) -> dict[str, object]:
        """Return the library as a result names it that was searched at these loci."""
        return {
            **self.stated,
            "demonstration": self.demonstration,
            "index": str(self.index_state(loci)),
        }

    def _is_checked(self, locus: str) -> bool:
        """Return whether an index was compared, and its file is what it was then."""
        state, index = self._checked.get(locus), self._indexes.get(locus)
        if state is None or index is None or index.path is None:
            return False
        try:
            return state_of_file(index.path) == state
        except OSError:  # taken away since
            return False

    def _not_checked(self, loci: Iterable[str] | None) -> Iterator[Path]:
        """Yield the files of the indexes that were not compared; those made in memory have none."""
        for locus in self.loci if loci is None else loci:
            if not self._is_checked(locus) and (path := self.index(locus).path) is not None:
                yield path

    def _check_index(self, locus: str, index: Index) -> None:
        """Compare an index that is mapped from a file with the SHA-256 that the manifest names."""
        entry = self.manifest(locus).get("index")
        digest = None
        if isinstance(entry, dict) and entry.get("format") == FORMAT:
            digest = entry.get("sha256")
        if not isinstance(digest, str):
            raise LibraryError(
                _(
                    "{path} does not say which index belongs to its records; the library is damaged."
                ).format(path=self.path / locus / MANIFEST)
            )
        if index.digest() != digest:
            raise VerificationError(
                _(
                    "{path} is not the index that its manifest names: it is damaged, or was changed, and its "
                    "answers cannot be trusted. Nothing was examined with it. Get the library again, or "
                    "delete this file: the index is then made from the records."
                ).format(path=index.path)
            )

    def calibration(self, locus: str) -> "Calibration | None":
        """Return what was learnt from a locus; None where it is too small or was not calibrated."""
        if locus not in self._calibrations:
            manifest = self.manifest(locus)
            expected = manifest.get("calibration")
            self._sampled[locus] = manifest.get("sampled")
            self._calibrations[locus] = None
            if expected is not None:
                path = self.path / locus / CALIBRATION
                content = read_bytes(path)
                check_digest(path, content, expected)
                from forensics.barcode.calling.calibration import Calibration

                self._calibrations[locus] = Calibration.from_json(content)
        return self._calibrations[locus]

    def units(self, locus: str) -> "tuple[Unit, ...]":
        """Return the sets of species that a locus does not tell apart."""
        if locus not in self._units:
            try:
                self._units[locus] = tuple(
                    Unit(tuple(map(str, names)))
                    for names in self.manifest(locus).get("units") or ()
                )
            except TypeError as error:
                raise LibraryError(_not_the_file(self.path / locus / MANIFEST)) from error
        return self._units[locus]

    def far_placement(self, locus: str) -> "FarCalibration | None":
        """Return what was learnt of the higher ranks of far records; None where there were too few."""
        if locus not in self._far_placements:
            content = self.manifest(locus).get("far_placement")
            self._far_placements[locus] = None
            if content is not None:
                from forensics.barcode.calling.far import FarCalibration

                self._far_placements[locus] = FarCalibration.from_dict(content)
        return self._far_placements[locus]

    def far_index(self, locus: str) -> "FarIndex":
        """Return the index of a locus with the higher ranks of its records; made when it is first asked for."""
        if locus not in self._far_indexes:
            from forensics.barcode.matching.far import FarIndex

            self._far_indexes[locus] = FarIndex(self.index(locus))
        return self._far_indexes[locus]

    @cached_property
    def backbone(self) -> "Backbone | None":
        """The accepted names and known species of its genera; None where it has none."""
        if (table := self._backbone_table) is None:
            return None
        lines = table.decode("utf-8", "replace").splitlines()
        return parse_backbone(lines, name=str(self.path / BACKBONE))

    @cached_property
    def _backbone_table(self) -> bytes | None:
        entry = self._description.get("backbone")
        if not isinstance(entry, dict):
            return None
        path = self.path / BACKBONE
        content = read_bytes(path)
        check_digest(path, content, entry.get("sha256"))
        return content

    def congeners(
        self,
        species: str,
        genus: str,
        locus: str,
        *,
        checklists: Iterable[Mapping[str, Sequence[str]]] = (),
        in_region: Mapping[str, tuple[str, ...]] | None = None,
        backbone: bool = True,
    ) -> "Congeners":
        """Return the congeners of a species with and without a record at a locus.

        Parameters
        ----------
        species, genus : str
            The species and its genus; an empty genus has no congeners.
        locus : str
            Of the call.
        checklists : iterable of mapping of str to sequence of str
            Binomials by genus, from sources that know more species than the library.
        in_region : mapping of str to tuple of str, optional
            Countries of a region where species live, of those that live there.
        backbone : bool
            Whether the species that the library's backbone of names knows count. It has extinct ones, too.
        """
        if not genus:
            return Congeners((), (), ())
        sampled, families = self._species_of(genus, locus)
        named = {other: self._species_of(genus, other)[0] for other in self.loci if other != locus}
        named["backbone"] = set()
        if backbone and (table := self._backbone_table):
            if (genus, locus) not in self._of_backbone:
                found = {*species_in_table(table, genus, known=families)}
                self._of_backbone[genus, locus] = found
            # The records bear the names that the backbone accepts.
            named["backbone"] = self._of_backbone[genus, locus]
        named["checklist"] = {name for each in checklists for name in each.get(genus, ())}
        unsampled = set().union(*named.values()) - sampled - {species}
        where = in_region or {}
        living = {name: where[name] for name in sorted(unsampled & where.keys())}
        return Congeners(
            sampled=tuple(sorted(sampled - {species})),
            unsampled=(*living, *sorted(unsampled - living.keys())),
            sources=tuple(source for source, names in named.items() if names),
            in_region=living or None,
        )

    def _species_of(self, genus: str, locus: str) -> tuple[set[str], set[str]]:
        """Return the named species of a genus at a locus, and their families."""
        if (genus, locus) not in self._genera:
            records = self.index(locus).species_in(genus)
            self._genera[genus, locus] = (
                {record.species for record in records if record.species},
                {record.family for record in records},
            )
        return self._genera[genus, locus]

    def sampled(self, locus: str) -> int | None:
        """Return from how many records a locus was learnt where it is too large for all samples."""
        self.calibration(locus)
        return self._sampled[locus]

    def files(self, locus: str) -> tuple[str, ...]:
        """Return the names of the files that the manifest of a locus vouches for."""
        manifest = self.manifest(locus)
        calibrated = (CALIBRATION,) if manifest.get("calibration") else ()
        return (*manifest["files"], *calibrated)

    def records(self, locus: str, *, checked: bool = False) -> list[Pair]:
        """Return the records of a locus with their sequences; `checked` against the manifest, on request."""
        if checked:
            self._check_records(locus)
        return read_locus(self.path / locus)

    def verify(self) -> None:
        """Check every file and raise `VerificationError` on the first that differs.

        Records, calibration and indexes are hashed; an index is made again and compared, too: that
        its manifest names it does not say that it was made from the records.
        """
        for locus in self.loci:
            self.manifest(locus)
            self._check_files(locus)
        if self._description.get("backbone"):
            assert self.backbone is not None  # reading it compares it

    def _check_records(self, locus: str) -> dict[str, str]:
        files: dict[str, str] = self.manifest(locus)["files"]
        for name, expected in files.items():
            path = self.path / locus / name
            check_digest(path, read_bytes(path), expected)
        return files

    def _check_files(self, locus: str) -> None:
        files = self._check_records(locus)
        self.calibration(locus)
        path = self.path / locus / INDEX
        index = Index.open(path) if path.is_file() else None
        if index is not None and index.source == files:
            self._check_index(locus, index)
            parts = Index.parts(read_locus(self.path / locus), locus=locus, source=files)
            with open(path, "rb") as handle:  # neither is ever in memory as a whole
                same = all(handle.read(len(part)) == part for part in parts) and not handle.read(1)
            if not same:
                raise VerificationError(
                    _("{path} is not the index of its records; build the library again.").format(
                        path=path
                    )
                )


def open_library(which: AnyPath = EMBEDDED) -> Library:
    """Open a library by name or folder.

    Parameters
    ----------
    which : str or path
        ``embedded``, or the folder of a built library.

    Raises
    ------
    LibraryError
        If there is none.
    """
    path = folder("reference_sequences") if which == EMBEDDED else Path(which)
    if not (path / DESCRIPTION).is_file():
        raise LibraryError(
            _(
                "{path} is not a library (it has no {file}). Give a folder made by "
                "'forensics library build', or '{embedded}'."
            ).format(path=path, file=DESCRIPTION, embedded=EMBEDDED)
        )
    return Library(path)


NameT = TypeVar("NameT")
UNIT = "unit"
"""What stands as the rank of a call of a unit."""
#: A unit of more species is not called: a name of six names is none. As many as a notice lists.
MAX_MEMBERS = 5
_BETWEEN = " / "


class Unit(NamedTuple):
    """Species that a locus does not tell apart.

    Attributes
    ----------
    members : tuple of str
        Binomials in alphabetical order.
    """

    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """The members in one name; a genus that stands before is not repeated."""
        return unit_name(self.members)

    @property
    def is_callable(self) -> bool:
        """Whether the unit is small enough to be called by its name."""
        return len(self.members) <= MAX_MEMBERS


Where: TypeAlias = dict[str, tuple[str, ...]]
"""Species, and the countries of the region in which each of them lives."""


@dataclass(frozen=True)
class Congeners:
    """The other species of a genus, as far as the library or a checklist knows them.

    A species that neither names cannot be listed: that none is listed does not prove that
    there is none.

    Attributes
    ----------
    sampled : tuple of str
        With a record at the locus of the call.
    unsampled : tuple of str
        Known from another locus of the library, its backbone of names or a checklist,
        without a record at the locus of the call; those that live in the region first.
    sources : tuple of str
        Where species of the genus are named beside the locus of the call: other loci,
        ``backbone`` and ``checklist``. Where there is none, nothing is known of unsampled species.
    in_region : dict of str to tuple of str, or None
        Countries of the region where unsampled species live, of those that live there; None where none does.
    """

    sampled: tuple[str, ...]
    unsampled: tuple[str, ...]
    sources: tuple[str, ...]
    in_region: Where | None = field(default=None, metadata=stored(omit_none=True))

    @property
    def where(self) -> Where:
        """The unsampled species, each with the countries of the region where it lives."""
        return living_in(self.unsampled, self.in_region)


def living_in(names: Iterable[str], in_region: Where | None) -> Where:
    """Return species with the countries of the region where each lives."""
    return {name: (in_region or {}).get(name, ()) for name in names}


def names_in_region(species: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names of species with the countries of the region where they live.

    Examples
    --------
    >>> names_in_region({"Manis gigantea": ("CM", "GA"), "Manis temminckii": ()})
    ['Manis gigantea (in CM, GA)', 'Manis temminckii']
    """
    text = _("{name} (in {countries})")
    return [
        text.format(name=name, countries=", ".join(where)) if where else name
        for name, where in species.items()
    ]


def unit_name(members: Iterable[str]) -> str:
    """Return the name of a set of species.

    Examples
    --------
    >>> unit_name(["Lampornis calolaemus", "Lampornis castaneoventris"])
    'Lampornis calolaemus / castaneoventris'
    >>> unit_name(["Larus argentatus", "Chroicocephalus maculipennis", "Larus fuscus"])
    'Chroicocephalus maculipennis / Larus argentatus / fuscus'
    """
    words, last = [], ""
    for member in sorted(members):
        genus, _space, epithet = member.partition(" ")
        words.append(epithet if genus == last and epithet else member)
        last = genus
    return _BETWEEN.join(words)


def unit_members(name: str) -> tuple[str, ...]:
    """Return the species of a unit, from its name.

    Examples
    --------
    >>> unit_members("Chroicocephalus maculipennis / Larus argentatus / fuscus")
    ('Chroicocephalus maculipennis', 'Larus argentatus', 'Larus fuscus')
    """
    members, genus = [], ""
    for words in name.split(_BETWEEN):
        first, space, _epithet = words.partition(" ")
        genus = first if space else genus
        members.append(words if space else f"{genus} {words}")
    return tuple(members)


def connected(pairs: Iterable[tuple[NameT, NameT]]) -> dict[NameT, set[NameT]]:
    """Return, for each member of a pair, the group that pairs chain it to, itself included.

    Examples
    --------
    >>> sorted(connected([("a", "b"), ("b", "c"), ("x", "y")])["a"])
    ['a', 'b', 'c']
    """
    groups: dict[NameT, set[NameT]] = {}
    for first, other in pairs:
        joined = groups.get(first, {first}) | groups.get(other, {other})
        groups.update(dict.fromkeys(joined, joined))
    return groups


def units_of(twins: Mapping[str, Collection[str]]) -> tuple[Unit, ...]:
    """Return the units that twins make: each with the twins of its members.

    Parameters
    ----------
    twins : mapping of str to collection of str
        The twins of each species.

    Examples
    --------
    >>> units_of({"A a": {"A b"}, "A b": {"A a", "A c"}, "A c": {"A b"}})
    (Unit(members=('A a', 'A b', 'A c')),)
    """
    groups = connected((species, other) for species, others in twins.items() for other in others)
    return tuple(sorted({Unit(tuple(sorted(group))) for group in groups.values()}))
