"""A lock: what was fetched, by version and SHA-256, so that the same set can be made again.

JSON with the request, what each search said, the SHA-256 of every record as it arrived and of
every sequence that was made of it, of all records together, and of the FASTA and the table. It
names neither the e-mail address nor the key.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import InputError
from forensics.io.inputs import load_json, read_limited
from forensics.messages import _

__all__ = ["FORMAT", "Differences", "compare", "digest", "read_lock", "whole"]

#: Layout of the file; a lock of another one is not read.
FORMAT = 1
# A million records with their sums come to some 250 MB.
MAX_LOCK = 2**30


@dataclass(frozen=True)
class Differences:
    """Where a local copy differs from a lock.

    Attributes
    ----------
    missing : tuple of str
        Records that the copy lacks.
    changed : tuple of str
        Records whose bytes are others.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def whole(sums: Mapping[str, str]) -> str:
    """Return one SHA-256 for many: of their names and sums, a line each, in order."""
    return digest("".join(f"{value}  {name}\n" for name, value in sorted(sums.items())))


def compare(lock: Mapping, records: Mapping[str, str]) -> Differences:
    """Compare the records of a local copy, by name and SHA-256, with a lock."""
    expected = lock["records"]
    return Differences(
        tuple(sorted(name for name in expected if name not in records)),
        tuple(sorted(n for n, value in expected.items() if records.get(n, value) != value)),
    )


def read_lock(path: Path) -> dict:
    """Read a lock and check that it agrees with itself.

    Raises
    ------
    InputError
        If it is none, of another layout, or was changed.
    """
    label = str(path)
    content = read_limited(path, MAX_LOCK)
    try:
        lock = load_json(content)
        if lock["lock"] != FORMAT:
            raise ValueError(
                _("layout {found}; expected {expected}").format(found=lock["lock"], expected=FORMAT)
            )
        for key in ("records", "sequences"):
            sound = all(isinstance(v, str) and len(v) == 64 for v in lock[key].values())
            if not sound or whole(lock[key]) != lock[f"{key}_sha256"]:
                raise ValueError(_("its list of {key} is not what its sum says").format(key=key))
        request = lock["request"]
        strings = [request["source"], request["panel"]["name"], *request["without"], lock["date"]]
        for want in request["panel"]["taxa"]:
            strings += [want["taxon"], *want["also"], *want["loci"]]
        for search in lock["searches"]:
            strings += [search["taxon"], *search.get("accessions", ())]
        strings += [lock["fasta_sha256"], lock["table_sha256"]]
        if not all(isinstance(text, str) for text in strings):
            raise TypeError(_("a text is none"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            _("this is not a lock of a fetch, or it was changed: {error}").format(error=error),
            source=label,
        ) from error
    return lock
