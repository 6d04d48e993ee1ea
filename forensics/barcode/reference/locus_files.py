"""The files of a locus in a library: what `forensics.barcode.reference.library` reads and writes."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from forensics.barcode.reference.records import COLUMNS, ReferenceRecord
from forensics.errors import InputError, LibraryError
from forensics.io.inputs import load_json, open_input, unpack
from forensics.messages import _

__all__ = [
    "BACKBONE",
    "BESIDE",
    "CALIBRATION",
    "DESCRIPTION",
    "FASTA",
    "INDEX",
    "LEFT_OUT",
    "MANIFEST",
    "OF_A_LOCUS",
    "TABLE",
    "consists_of",
    "differs",
    "parse_json",
    "read_bytes",
    "read_json",
    "read_locus",
    "write_json",
    "written",
]

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


def read_locus(path: Path) -> list[tuple[ReferenceRecord, str]]:
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


def differs(path: Path) -> str:
    """Return what is said of a file that is not the one of its manifest."""
    return _("{path} is not the file that its manifest names; the library is damaged.").format(
        path=path
    )


def consists_of(path: Path, parts: Iterable[bytes | memoryview]) -> bool:
    """Return whether a file consists of these parts; it is never in memory as a whole."""
    with open(path, "rb") as handle:
        return all(handle.read(len(part)) == part for part in parts) and not handle.read(1)


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
