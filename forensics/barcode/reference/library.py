"""Libraries: folders of reference records with an index a locus.

::

    library.json                    name, title, version, loci with the SHA-256 of their manifests
    COI/records.fasta.gz            sequences; the header is the accession
    COI/records.tsv                 what is known of each record
    COI/calibration.json            what was learnt from them (`forensics.barcode.calling.calibration`)
    COI/manifest.json               numbers, and the SHA-256 of the three files above
    COI/index.bin                   made from them (`forensics.barcode.matching.index`)

The SHA-256 of ``library.json`` therefore stands for the whole library. Opening
checks that chain down to the manifests and that the index was made from the files
that they name; the files themselves are hashed by `Library.verify`.
"""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.barcode.locus import LOCI
from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import COLUMNS, LeftOut, ReferenceRecord
from forensics.errors import LibraryError, VerificationError
from forensics.messages import _
from forensics.resources import folder, sha256
from forensics.spreadsheets import defused

if TYPE_CHECKING:  # what a query does not need is loaded where it is used
    from forensics.barcode.calling.calibration import Calibration

__all__ = [
    "EMBEDDED",
    "INDEX",
    "Library",
    "new_folder",
    "open_library",
    "read_locus",
    "write_description",
    "write_index",
    "write_library",
    "write_locus",
]

EMBEDDED = "embedded"
INDEX = "index.bin"
_DESCRIPTION, _MANIFEST = "library.json", "manifest.json"
_LEFT_OUT = "left_out.tsv"
_LOCK = ".lock"
# What may lie beside the loci of a library, and is replaced with it.
_BESIDE = {
    _DESCRIPTION,
    _LEFT_OUT,
    "renamed.tsv",
    "screening.tsv",
    "dropped.tsv",
    "README.md",
    "SOURCES.md",
}
_CALIBRATION = "calibration.json"
_FASTA, _TABLE = "records.fasta.gz", "records.tsv"


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
        self.path = path
        description = _json(path / _DESCRIPTION)
        self.sha256 = hashlib.sha256((path / _DESCRIPTION).read_bytes()).hexdigest()
        try:
            self.name = str(description["name"])
            self._manifests = {str(k): str(v) for k, v in description["loci"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise LibraryError(
                _("{path} is not a library description: {error} is missing or wrong.").format(
                    path=path / _DESCRIPTION, error=error
                )
            ) from error
        self.title = str(description.get("title", self.name))
        self.version = str(description.get("version", ""))
        self.statement = str(description.get("statement", ""))
        self.demonstration = bool(description.get("demonstration", False))
        self.loci = tuple(self._manifests)
        self._indexes: dict[str, Index] = {}
        self._calibrations: dict[str, Calibration | None] = {}
        self.built_in_memory: set[str] = set()

    def manifest(self, locus: str) -> dict:
        """Return the manifest of a locus, checked against ``library.json``."""
        path = self.path / locus / _MANIFEST
        if _digest(path) != self._manifests[locus]:
            raise VerificationError(
                _("{path} is not the one that {description} names; the library is damaged.").format(
                    path=path, description=_DESCRIPTION
                )
            )
        return _json(path)

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

    def calibration(self, locus: str) -> "Calibration | None":
        """Return what was learnt from a locus; None where it is too small or was not calibrated."""
        if locus not in self._calibrations:
            expected = self.manifest(locus).get("calibration")
            self._calibrations[locus] = None
            if expected is not None:
                path = self.path / locus / _CALIBRATION
                content = _bytes(path)
                if hashlib.sha256(content).hexdigest() != expected:
                    raise VerificationError(_differs(path))
                from forensics.barcode.calling.calibration import Calibration

                self._calibrations[locus] = Calibration.from_json(content)
        return self._calibrations[locus]

    def files(self, locus: str) -> tuple[str, ...]:
        """Return the names of the files that the manifest of a locus vouches for."""
        manifest = self.manifest(locus)
        calibrated = (_CALIBRATION,) if manifest.get("calibration") else ()
        return (*manifest["files"], *calibrated)

    def records(self, locus: str) -> list[tuple[ReferenceRecord, str]]:
        """Return the records of a locus with their sequences."""
        return read_locus(self.path / locus)

    def verify(self) -> None:
        """Check every file and raise `VerificationError` on the first that differs.

        Records and calibration are hashed; an index is made again and compared, since it is
        what answers and nothing else vouches for its content.
        """
        for locus in self.loci:
            self.manifest(locus)
            self._check_files(locus)

    def _check_files(self, locus: str) -> None:
        for name, expected in self.manifest(locus)["files"].items():
            if _digest(self.path / locus / name) != expected:
                raise VerificationError(_differs(self.path / locus / name))
        self.calibration(locus)
        path = self.path / locus / INDEX
        files = self.manifest(locus)["files"]
        if path.is_file() and Index.open(path).source == files:
            made = Index.serialise(read_locus(self.path / locus), locus=locus, source=files)
            if made != path.read_bytes():
                raise VerificationError(
                    _("{path} is not the index of its records; build the library again.").format(
                        path=path
                    )
                )


def open_library(which: str | os.PathLike = EMBEDDED) -> Library:
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
    if not (path / _DESCRIPTION).is_file():
        raise LibraryError(
            _(
                "{path} is not a library (it has no {file}). Give a folder made by "
                "'forensics library build', or '{embedded}'."
            ).format(path=path, file=_DESCRIPTION, embedded=EMBEDDED)
        )
    return Library(path)


def read_locus(path: Path) -> list[tuple[ReferenceRecord, str]]:
    """Read the records and sequences of one locus of a library.

    Raises
    ------
    LibraryError
        If table and sequences do not name the same records.
    """
    try:
        with open(path / _TABLE, encoding="utf-8", newline="\n") as handle:
            header = tuple(handle.readline().rstrip("\n").split("\t"))
            if header != COLUMNS:
                raise LibraryError(
                    _("{path} has the columns {found}; expected {expected}.").format(
                        path=path / _TABLE, found=", ".join(header), expected=", ".join(COLUMNS)
                    )
                )
            records = [ReferenceRecord.from_row(line.rstrip("\n")) for line in handle]
        sequences = {}
        with gzip.open(path / _FASTA, "rt", encoding="ascii") as handle:
            for header, sequence in zip(handle, handle, strict=True):
                if header[0] != ">" or sequence[0] == ">":
                    raise ValueError(
                        _("{file} has other than two lines a record").format(file=_FASTA)
                    )
                sequences[header[1:].rstrip("\n")] = sequence.rstrip("\n")
        return [(record, sequences[record.accession]) for record in records]
    except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
        raise LibraryError(
            _("The records in {path} cannot be read: {error}.").format(path=path, error=error)
        ) from error


# -- writing ----------------------------------------------------------------------


def write_locus(
    path: Path,
    locus: str,
    records: Iterable[tuple[ReferenceRecord, str]],
    *,
    calibrated: bool = True,
) -> list[tuple[ReferenceRecord, str]]:
    """Write the records of one locus, its calibration and its manifest into a folder.

    The same records give the same bytes. The index is written by `write_index`.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    locus : str
        Name of the locus.
    records : iterable of (ReferenceRecord, str)
        With clean sequences.
    calibrated : bool
        Whether to learn from the records how far calls can be trusted.

    Returns
    -------
    list of (ReferenceRecord, str)
        What was written, as `read_locus` gives it back.
    """
    # Related sequences beside each other compress better.
    ordered = sorted(
        ((record.at_locus(locus), sequence) for record, sequence in records),
        key=lambda pair: (pair[0].order, pair[0].family, pair[0].label, pair[0].accession),
    )
    path.mkdir(parents=True, exist_ok=True)
    with open(path / _TABLE, "wb") as handle:
        handle.write(("\t".join(COLUMNS) + "\n").encode())
        handle.writelines((record.to_row() + "\n").encode() for record, _sequence in ordered)
    with open(path / _FASTA, "wb") as file:
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as handle:
            for record, sequence in ordered:
                handle.write(f">{record.accession}\n{sequence}\n".encode("ascii"))
    manifest = {
        "locus": locus,
        "records": len(ordered),
        "species": len({record.species for record, _s in ordered if record.species}),
        "files": {name: sha256(path / name) for name in (_FASTA, _TABLE)},
        "calibration": None,
    }
    if calibrated:
        from forensics.barcode.calling.calibration import calibrate

        learnt = calibrate(Index.build(ordered, locus=locus))
        if learnt is not None:
            (path / _CALIBRATION).write_text(learnt.to_json(), encoding="utf-8", newline="\n")
            manifest["calibration"] = sha256(path / _CALIBRATION)
    _write_json(path / _MANIFEST, manifest)
    return [(record.plain(), sequence) for record, sequence in ordered]


def write_index(path: Path, records: list[tuple[ReferenceRecord, str]] | None = None) -> None:
    """Write the index of a locus beside its records; whole or not at all.

    `records` are those of the folder, where they are in memory already.
    """
    manifest = _json(path / _MANIFEST)
    records = records or read_locus(path)
    parts = Index.parts(records, locus=manifest["locus"], source=manifest["files"])
    partial = path / f"{INDEX}.{os.getpid()}.partial"
    try:
        with open(partial, "wb") as handle:
            handle.writelines(parts)
        os.replace(partial, path / INDEX)
    finally:
        partial.unlink(missing_ok=True)


def write_description(path: Path, loci: Sequence[str], **says: object) -> None:
    """Write ``library.json`` for the loci that lie in the folder."""
    manifests = {locus: sha256(path / locus / _MANIFEST) for locus in loci}
    _write_json(path / _DESCRIPTION, {**says, "loci": manifests})


def write_library(
    path: Path,
    records: Iterable[tuple[ReferenceRecord, str]],
    *,
    left_out: Iterable[LeftOut] = (),
    beside: Mapping[str, str] | None = None,
    calibrated: bool = True,
    **says: object,
) -> None:
    """Write a library with its indexes; the folder appears whole or not at all.

    Parameters
    ----------
    path : pathlib.Path
        The folder; one that holds a library is replaced, anything else is refused.
    records : iterable of (ReferenceRecord, str)
        With their loci set and clean sequences.
    left_out : iterable of LeftOut
        Records that were not taken; they are listed in ``left_out.tsv``.
    beside : mapping of str to str, optional
        Name and text of further files, such as ``renamed.tsv``.
    calibrated : bool
        Whether to calibrate every locus that is large enough.
    **says
        ``name``, ``title``, ``version``, ``statement``, ``demonstration``.

    Raises
    ------
    LibraryError
        If the folder holds something else, or there are no records.
    """
    by_locus: dict[str, list[tuple[ReferenceRecord, str]]] = {}
    for record, sequence in records:
        by_locus.setdefault(record.locus, []).append((record, sequence))
    if not by_locus:
        raise LibraryError(_("There is no record to make a library of."))
    loci = sorted(by_locus)
    with new_folder(path) as partial:
        for locus in loci:
            written = write_locus(
                partial / locus, locus, by_locus.pop(locus), calibrated=calibrated
            )
            write_index(partial / locus, written)
        write_description(partial, loci, **says)
        names = tuple(field.name for field in fields(LeftOut))
        # Accessions and names are of strangers' files, and the table is opened by spreadsheets.
        cells = (defused(dict(zip(names, astuple(entry)))).values() for entry in left_out)
        rows = [names, *cells]
        text = "".join("\t".join(" ".join(str(v).split()) for v in row) + "\n" for row in rows)
        for name, content in {_LEFT_OUT: text, **(beside or {})}.items():
            (partial / name).write_bytes(content.encode())


@contextmanager
def new_folder(path: Path):
    """Yield a folder that takes the place of `path` when the block ends without error.

    What a killed process left behind beside `path` is removed (`_sweep`).
    """
    import shutil  # not for who only opens a library
    import tempfile

    from filelock import FileLock

    free = not path.exists() or (path.is_dir() and not any(path.iterdir()))
    if not free and not (path / _DESCRIPTION).is_file():
        raise LibraryError(
            _("{path} exists and is not a library; give a new folder.").format(path=path)
        )
    if foreign := _foreign(path):
        raise LibraryError(
            _(
                "{path} would be replaced, but holds what is not of a library: {names}. Move it away, "
                "or give a new folder."
            ).format(path=path, names=", ".join(foreign[:5]))
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    lock = FileLock(partial / _LOCK)
    try:
        lock.acquire()  # says that somebody still works here, as long as this process lives
        yield partial
        lock.release()
        (partial / _LOCK).unlink(missing_ok=True)
        partial.chmod(0o755)
        if path.exists():
            # A folder cannot be replaced in one step; the old one is kept until the new one stands.
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            os.replace(path, old / path.name)
            os.replace(partial, path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(partial, path)
    finally:
        lock.release()
        shutil.rmtree(partial, ignore_errors=True)


def _sweep(path: Path) -> None:
    """Remove unfinished folders of this target whose process has died.

    A process holds a lock on a file in its folder until its end, however that comes. A
    folder without that file is left: it is not known whose it is. What was put aside for a
    new library goes once one stands.
    """
    import shutil

    from filelock import FileLock, Timeout

    unfinished = re.compile(re.escape(f".{path.name}.") + "[a-z0-9_]{8}")
    aside = re.compile(re.escape(f".{path.name}.old.") + "[a-z0-9_]{8}")
    for entry in path.parent.iterdir():
        if aside.fullmatch(entry.name) and (path / _DESCRIPTION).is_file():
            shutil.rmtree(entry, ignore_errors=True)
        if not unfinished.fullmatch(entry.name) or not (entry / _LOCK).is_file():
            continue
        lock = FileLock(entry / _LOCK)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # somebody works there, or it is somebody else's
            continue
        lock.release()
        shutil.rmtree(entry, ignore_errors=True)


def _foreign(path: Path) -> list[str]:
    """Return what somebody has put into the folder of a library."""
    if not path.is_dir():
        return []
    ours = {_MANIFEST, _CALIBRATION, _FASTA, _TABLE, INDEX}
    loci = {locus.name for locus in LOCI}
    found = []
    for entry in path.iterdir():
        if entry.is_dir() and entry.name in loci:
            found += [f"{entry.name}/{e.name}" for e in entry.iterdir() if e.name not in ours]
        elif entry.name not in _BESIDE:
            found.append(entry.name)
    return sorted(found)


def _differs(path: Path) -> str:
    return _("{path} is not the file that its manifest names; the library is damaged.").format(
        path=path
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(_bytes(path)).hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LibraryError(
            _("{path} cannot be read ({error}); the library is incomplete.").format(
                path=path, error=error.strerror
            )
        ) from error


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LibraryError(
            _("{path} cannot be read: {error}.").format(path=path, error=error)
        ) from error


def _write_json(path: Path, content: dict) -> None:
    path.write_bytes((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
