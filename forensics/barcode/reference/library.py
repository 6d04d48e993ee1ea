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

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from forensics.barcode.matching.index import Index
from forensics.barcode.reference.records import COLUMNS, LeftOut, ReferenceRecord
from forensics.errors import LibraryError, VerificationError
from forensics.messages import _
from forensics.resources import folder, sha256
from forensics.spreadsheets import defused

if TYPE_CHECKING:  # what a query does not need is loaded where it is used
    from forensics.barcode.calling.calibration import Calibration

__all__ = [
    "BESIDE",
    "DESCRIPTION",
    "EMBEDDED",
    "INDEX",
    "OF_A_LOCUS",
    "Library",
    "open_library",
    "read_locus",
    "write_calibration",
    "write_description",
    "write_index",
    "write_library",
    "write_locus",
]

EMBEDDED = "embedded"
INDEX = "index.bin"
DESCRIPTION, _MANIFEST = "library.json", "manifest.json"
_LEFT_OUT = "left_out.tsv"
# What may lie beside the loci of a library, and is replaced with it.
BESIDE = {
    DESCRIPTION,
    _LEFT_OUT,
    "renamed.tsv",
    "screening.tsv",
    "dropped.tsv",
    "README.md",
    "SOURCES.md",
}
_CALIBRATION = "calibration.json"
_FASTA, _TABLE = "records.fasta.gz", "records.tsv"
# What lies in the folder of a locus.
OF_A_LOCUS = {_MANIFEST, _CALIBRATION, _FASTA, _TABLE, INDEX}
# Packing as well as can be takes five times as long as usual, for 4 % of the size: of a million
# records more than a minute.
_MANY, _BEST, _USUAL = 50_000, 9, 6
_AT_ONCE = 1000  # records packed at once: one by one takes longer, all need memory


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
        description = _json(path / DESCRIPTION)
        self.sha256 = _digest(path / DESCRIPTION)
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
        self._indexes: dict[str, Index] = {}
        self._calibrations: dict[str, Calibration | None] = {}
        self._sampled: dict[str, int | None] = {}
        self.built_in_memory: set[str] = set()

    def manifest(self, locus: str) -> dict:
        """Return the manifest of a locus, checked against ``library.json``."""
        path = self.path / locus / _MANIFEST
        if _digest(path) != self._manifests[locus]:
            raise VerificationError(
                _("{path} is not the one that {description} names; the library is damaged.").format(
                    path=path, description=DESCRIPTION
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
            manifest = self.manifest(locus)
            expected = manifest.get("calibration")
            self._sampled[locus] = manifest.get("sampled")
            self._calibrations[locus] = None
            if expected is not None:
                path = self.path / locus / _CALIBRATION
                content = _bytes(path)
                if hashlib.sha256(content).hexdigest() != expected:
                    raise VerificationError(_differs(path))
                from forensics.barcode.calling.calibration import Calibration

                self._calibrations[locus] = Calibration.from_json(content)
        return self._calibrations[locus]

    def sampled(self, locus: str) -> int | None:
        """Return from how many records a locus was learnt where it is too large for all samples."""
        self.calibration(locus)
        return self._sampled[locus]

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
            parts = Index.parts(read_locus(self.path / locus), locus=locus, source=files)
            if not _holds(path, parts):
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
    if not (path / DESCRIPTION).is_file():
        raise LibraryError(
            _(
                "{path} is not a library (it has no {file}). Give a folder made by "
                "'forensics library build', or '{embedded}'."
            ).format(path=path, file=DESCRIPTION, embedded=EMBEDDED)
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
        import gzip  # an index answers without it

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
    import gzip

    # Related sequences beside each other compress better.
    ordered = sorted(
        (_changed(pair, pair[0].at_locus(locus)) for pair in records),
        key=lambda pair: (pair[0].order, pair[0].family, pair[0].label, pair[0].accession),
    )
    path.mkdir(parents=True, exist_ok=True)
    with open(path / _TABLE, "wb") as handle:
        handle.write(("\t".join(COLUMNS) + "\n").encode())
        handle.writelines((record.to_row() + "\n").encode() for record, _sequence in ordered)
    level = _BEST if len(ordered) < _MANY else _USUAL
    with open(path / _FASTA, "wb") as file:
        with gzip.GzipFile("", "wb", level, file, mtime=0) as handle:
            for first in range(0, len(ordered), _AT_ONCE):
                some = ordered[first : first + _AT_ONCE]
                text = "".join(f">{record.accession}\n{sequence}\n" for record, sequence in some)
                handle.write(text.encode("ascii"))
    manifest = {
        "locus": locus,
        "records": len(ordered),
        "species": len({record.species for record, _s in ordered if record.species}),
        "files": {name: sha256(path / name) for name in (_FASTA, _TABLE)},
        "calibration": None,
    }
    _write_json(path / _MANIFEST, manifest)
    written = [_changed(pair, pair[0].plain()) for pair in ordered]
    if calibrated:
        _calibrate(path, Index.build(written, locus=locus), processes=1)
    return written


def _changed(
    pair: tuple[ReferenceRecord, str], record: ReferenceRecord
) -> tuple[ReferenceRecord, str]:
    """Return a pair with this record; the same one, where it has it (memory of a million)."""
    return pair if record is pair[0] else (record, pair[1])


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


def write_calibration(path: Path, *, processes: int = 1) -> None:
    """Learn from the index of a locus, which must be there, and name the result in its manifest.

    `processes` take part; they change nothing but the time.
    """
    _calibrate(path, Index.open(path / INDEX), processes=processes)


def _calibrate(path: Path, index: Index, *, processes: int) -> None:
    from forensics.barcode.calling.calibration import calibrate
    from forensics.barcode.calling.sampling import SAMPLES, samples_for

    learnt = calibrate(index, processes=processes)
    if learnt is not None:
        (path / _CALIBRATION).write_text(learnt.to_json(), encoding="utf-8", newline="\n")
        manifest = {**_json(path / _MANIFEST), "calibration": sha256(path / _CALIBRATION)}
        if (sampled := samples_for(index.size)) < SAMPLES:
            manifest["sampled"] = sampled
        _write_json(path / _MANIFEST, manifest)


def write_description(path: Path, loci: Sequence[str], **says: object) -> None:
    """Write ``library.json`` for the loci that lie in the folder."""
    manifests = {locus: sha256(path / locus / _MANIFEST) for locus in loci}
    _write_json(path / DESCRIPTION, {**says, "loci": manifests})


def write_library(
    path: Path,
    records: Iterable[tuple[ReferenceRecord, str]],
    *,
    left_out: Iterable[LeftOut] = (),
    beside: Mapping[str, str] | None = None,
    calibrated: bool = True,
    processes: int = 1,
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
    processes : int
        That take part in it; they change nothing but the time. With more than one, a script
        must guard its main module (``if __name__ == "__main__"``).
    **says
        ``name``, ``title``, ``version``, ``statement``, ``demonstration``.

    Raises
    ------
    LibraryError
        If the folder holds something else, or there are no records.
    """
    from forensics.barcode.reference.replacing import new_folder

    by_locus: dict[str, list[tuple[ReferenceRecord, str]]] = {}
    for pair in records:
        by_locus.setdefault(pair[0].locus, []).append(pair)
    if not by_locus:
        raise LibraryError(_("There is no record to make a library of."))
    loci = sorted(by_locus)
    with new_folder(path) as partial:
        for locus in loci:
            written = write_locus(partial / locus, locus, by_locus.pop(locus), calibrated=False)
            write_index(partial / locus, written)
            if calibrated:
                write_calibration(partial / locus, processes=processes)
        write_description(partial, loci, **says)
        names = tuple(field.name for field in fields(LeftOut))
        # Accessions and names are of strangers' files, and the table is opened by spreadsheets.
        cells = (defused(dict(zip(names, astuple(entry)))).values() for entry in left_out)
        rows = [names, *cells]
        text = "".join("\t".join(" ".join(str(v).split()) for v in row) + "\n" for row in rows)
        for name, content in {_LEFT_OUT: text, **(beside or {})}.items():
            (partial / name).write_bytes(content.encode())


def _differs(path: Path) -> str:
    return _("{path} is not the file that its manifest names; the library is damaged.").format(
        path=path
    )


def _holds(path: Path, parts: Iterable[bytes | memoryview]) -> bool:
    """Return whether a file consists of these parts; it is never in memory as a whole."""
    with open(path, "rb") as handle:
        return all(handle.read(len(part)) == part for part in parts) and not handle.read(1)


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
