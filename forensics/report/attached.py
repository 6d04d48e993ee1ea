"""The files that were attached to a finding, and what recorded values were: for computing it again."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from forensics.custody.attachments import base_name, file_sha256
from forensics.custody.reader import Event, Reader
from forensics.custody.recomputing import AttachmentAltered, CannotRecompute
from forensics.messages import _

__all__ = [
    "Attached",
    "attached_to",
    "check_attachments",
    "genotypes_of",
    "is_checked",
    "names_attached",
    "numbers_of",
    "of_sample",
]


class Attached:
    """The files that were attached to a finding, under their names in a folder of their own."""

    def __init__(self, ledger: Reader, event: Event, folder: Path) -> None:
        self._folder, self._paths, self._altered = folder, {}, set()
        held = event.fields.get("attachments")
        for number, entry in enumerate(held if isinstance(held, list) else ()):
            source = ledger.files / entry["sha256"]
            if not source.is_file():
                continue  # told when it is needed
            if file_sha256(source)[0] != entry["sha256"]:
                self._altered.add(entry["sha256"])
                continue
            place = folder / str(number)
            place.mkdir()
            # A name that came from elsewhere must not lead out of the folder.
            name = base_name(entry["name"]) or "file"
            try:
                self._paths[entry["sha256"]] = Path(shutil.copyfile(source, place / name))
            except (OSError, ValueError):  # a name that a hand wrote, such as ".."
                continue

    @property
    def folder(self) -> Path:
        """Where they lie, and what is written beside them."""
        return self._folder

    def find(self, sha256: object) -> Path | None:
        """Return the file of this sum; None where it is not attached, or its copy was changed."""
        return self._paths.get(sha256)

    def __call__(self, sha256: object, what: str) -> Path:
        """Return the file of this sum.

        Raises
        ------
        CannotRecompute
            If it is not attached, or its copy is missing.
        AttachmentAltered
            If its copy is another file.
        """
        if sha256 in self._altered:
            raise AttachmentAltered(
                _(
                    "cannot be recomputed: the copy of {what} (SHA-256 {sha256}) beside the ledger is "
                    "another file than the one that was recorded"
                ).format(what=what, sha256=sha256)
            )
        if sha256 not in self._paths:
            raise CannotRecompute(
                _(
                    "cannot be recomputed: {what} (SHA-256 {sha256}) is not among the attached files, or "
                    "its copy beside the ledger is missing or changed"
                ).format(what=what, sha256=sha256)
            )
        return self._paths[sha256]


def check_attachments(ledger: Reader, event: Event) -> None:
    """Check that no file that was attached to a finding was replaced by another; a missing one passes.

    Raises
    ------
    AttachmentAltered
        If one was, with the names of all.
    """
    attached = event.fields.get("attachments")
    altered = [
        str(entry["name"])
        for entry in (attached if isinstance(attached, list) else ())
        if (ledger.files / str(entry["sha256"])).is_file()
        and file_sha256(ledger.files / str(entry["sha256"]))[0] != entry["sha256"]
    ]
    if altered:
        raise AttachmentAltered(
            _(
                "Files that were attached to finding {n} are not those that were recorded: {names}. Take "
                "them from a copy of the ledger, and find out who changed them."
            ).format(n=event.seq, names=", ".join(altered))
        )


@contextmanager
def attached_to(ledger: Reader, event: Event) -> Iterator[Attached]:
    """Give the files of a finding, as copies that are gone afterwards."""
    with TemporaryDirectory() as folder:
        yield Attached(ledger, event, Path(folder))


def genotypes_of(entry: Mapping, attached: Attached, what: str):
    """Return what a file holds, read as it was the first time as far as that is recorded."""
    from forensics.genetics.reading import read_genotypes

    how = dict(entry.get("read_with") or {})
    if "places" in how:
        how["places"] = attached(how["places"]["sha256"], _("the second table, of places"))
    return read_genotypes(attached(entry["sha256"], what), **how)


def is_checked(result: Mapping) -> bool:
    """Return whether a finding records a check of fit; those of older versions do not.

    They are computed again as they were: without the check nothing was withheld.
    """
    return "fit" in result


def names_attached(event: Event) -> dict[str, set[str]]:
    """Return the names under which files were attached to a finding, by their SHA-256."""
    held, names = event.fields.get("attachments"), {}
    for entry in held if isinstance(held, list) else ():
        names.setdefault(entry["sha256"], set()).add(base_name(entry["name"]))
    return names


def numbers_of(asked: Mapping, *names: str) -> dict:
    """Return recorded parameters of these names, as far as they are there, as the numbers that they were.

    Others are left out: what nothing was computed with is told as different.
    """

    def number(value: object) -> object:
        try:
            return float(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return {name: number(asked[name]) for name in names if name in asked}


def of_sample(found: Sequence, result: dict) -> object:
    """Return the one of the sample of the finding; of a table with one sample that one, as it was recorded."""
    for one in found:
        if one.sample == result["sample"]:
            return one
    if len(found) == 1:  # the laboratory names it otherwise than the table
        return found[0]
    raise CannotRecompute(
        _("cannot be recomputed: the attached table has no sample {name}").format(
            name=result["sample"]
        )
    )
