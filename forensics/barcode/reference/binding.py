"""What binds the index of a locus to the SHA-256 of its library.

The index answers every search, and names the species of each record. So the manifest of a locus
holds its SHA-256, as ``"index": {"format": 1, "sha256": ...}``. The same records give the same index
on every machine: it consists of whole numbers and text, all little-endian.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from forensics.barcode.matching.index import FORMAT, Index
from forensics.errors import LibraryError, UsageError, VerificationError
from forensics.messages import _

__all__ = [
    "MAX_BYTES_ALWAYS_CHECKED",
    "MIN_QUERIES_CHECKED",
    "IndexState",
    "check_index",
    "check_recordable",
    "expected_digest",
    "index_entry",
    "is_cheap",
    "state_of_file",
    "worst",
]

# A run compares the index with its SHA-256 where that takes under a fifth of the run. SHA-256 reads
# 0.9 to 1.4 GB/s on an AMD EPYC, so that 56 MiB take 0.06 s at most; a run of one query takes 0.28 s and more.
# Of a larger index one query takes at least 1/30 as long as its hash (100,000 records, 244 MB: 12 ms
# of 200; a million, 2.2 GB: 85 ms of 2,400), so that 150 queries take five times as long or more.
# docs/decisions/stored.md has the measurements.
MAX_BYTES_ALWAYS_CHECKED = 56 * 2**20
MIN_QUERIES_CHECKED = 150


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


def expected_digest(manifest: Mapping[str, object], path: Path) -> str:
    """Return the SHA-256 that a manifest expects of its index.

    Parameters
    ----------
    manifest : mapping
    path : pathlib.Path
        Of the manifest, for the message.

    Raises
    ------
    LibraryError
        If it names none, or one of another format.
    """
    entry = manifest.get("index")
    if isinstance(entry, dict) and entry.get("format") == FORMAT:
        if isinstance(digest := entry.get("sha256"), str):
            return digest
    raise LibraryError(
        _("{path} does not say which index belongs to its records; the library is damaged.").format(
            path=path
        )
    )


def state_of_file(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is replaced or written to, without reading it."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def check_index(index: Index, expected: str) -> None:
    """Compare an index that is mapped from a file with its SHA-256.

    Raises
    ------
    VerificationError
        If it differs.
    """
    if index.digest() != expected:
        raise VerificationError(
            _(
                "{path} is not the index that its manifest names: it is damaged, or was changed, and its "
                "answers cannot be trusted. Nothing was examined with it. Get the library again, or "
                "delete this file: the index is then made from the records."
            ).format(path=index.path)
        )


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


def worst(states: Iterable[IndexState]) -> IndexState:
    """Return the state of several indexes together: that of the least checked one."""
    return IndexState.NOT_CHECKED if IndexState.NOT_CHECKED in states else IndexState.CHECKED
