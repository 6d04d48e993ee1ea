"""The files that were attached to a finding, copied out of the ledger's folder after a check of their SHA-256."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from forensics.custody.attachments import base_name
from forensics.custody.reader import Event, Reader
from forensics.errors import ForensicsError, VerificationError
from forensics.messages import _
from forensics.resources import sha256 as sha256_of

__all__ = [
    "AttachmentAltered",
    "Attachments",
    "CannotRecompute",
    "attached_names",
    "check_attachments",
    "copy_attachments",
]


class CannotRecompute(ForensicsError):
    """Why a finding cannot be recomputed.

    Parameters
    ----------
    reason : str
        What is missing: a report prints it.
    advice : str
        What to do, for who computes it: a report leaves it out.
    """

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(f"{reason}. {advice}" if advice else reason)
        self.reason = reason


class AttachmentAltered(CannotRecompute, VerificationError):
    """A file that was attached to a finding is not the one that was recorded."""


class Attachments:
    """The files that were attached to a finding, each copied into a folder when it is first needed.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
        The finding.
    folder : path
        An empty folder, for the copies and for what else has to be written.
    """

    def __init__(self, ledger: Reader, event: Event, folder: Path) -> None:
        self.folder = folder
        self._files = ledger.files
        self._names = {str(entry["sha256"]): str(entry.get("name")) for entry in _entries(event)}
        self._copies: dict[str, Path] = {}
        self._altered: set[str] = set()

    def copy_input(self, read: object, folder: Path) -> Path:
        """Copy a file that an identification read into `folder`, under the name that it was read by.

        Parameters
        ----------
        read : object
            ``file`` and ``sha256``, as the provenance of the finding has them.
        folder : path

        Raises
        ------
        CannotRecompute
            If the file is not attached, or its copy beside the ledger is missing.
        AttachmentAltered
            If its copy is another file.
        """
        file = read if isinstance(read, dict) else {}
        sha256 = str(file.get("sha256"))
        if sha256 not in self._names:
            raise CannotRecompute(_("cannot be recomputed: input not in the ledger"))
        if not (self._files / sha256).is_file():
            raise CannotRecompute(
                _("cannot be recomputed: the attached file is missing beside the ledger")
            )
        try:
            copy = self._copy(sha256, folder / (base_name(file.get("file")) or "file"))
        except (OSError, ValueError) as error:  # a name that a hand wrote, such as ".."
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
        if copy is None:
            raise AttachmentAltered(
                _("cannot be recomputed: the attached file is not the one that was recorded")
            )
        return copy

    def find(self, sha256: object) -> Path | None:
        """Return a copy of the file of this SHA-256; None where there is none, or it is another file."""
        sha256 = str(sha256)
        if sha256 in self._copies or sha256 not in self._names:
            return self._copies.get(sha256)
        if not (self._files / sha256).is_file():
            return None
        place = self.folder / str(len(list(self.folder.iterdir())))
        place.mkdir()
        # A name that came from elsewhere must not lead out of the folder.
        try:
            copy = self._copy(sha256, place / (base_name(self._names[sha256]) or "file"))
        except (OSError, ValueError):  # a name that a hand wrote, such as ".."
            return None
        if copy is not None:
            self._copies[sha256] = copy
        return copy

    def require(self, sha256: object, what: str) -> Path:
        """Return a copy of the file of this SHA-256.

        Parameters
        ----------
        sha256 : str
        what : str
            What the file is, for the error.

        Raises
        ------
        CannotRecompute
            If the file is not attached, or its copy beside the ledger is missing.
        AttachmentAltered
            If its copy is another file.
        """
        path = self.find(sha256)
        if path is not None:
            return path
        if str(sha256) in self._altered:
            raise AttachmentAltered(
                _(
                    "cannot be recomputed: the copy of {what} (SHA-256 {sha256}) beside the ledger is "
                    "another file than the one that was recorded"
                ).format(what=what, sha256=sha256)
            )
        raise CannotRecompute(
            _(
                "cannot be recomputed: {what} (SHA-256 {sha256}) is not among the attached files, or "
                "its copy beside the ledger is missing or changed"
            ).format(what=what, sha256=sha256)
        )

    def _copy(self, sha256: str, target: Path) -> Path | None:
        """Copy a file and check the copy, which is what is read; None where it is another file."""
        copy = Path(shutil.copyfile(self._files / sha256, target))
        if sha256_of(copy) == sha256:
            return copy
        self._altered.add(sha256)
        return None


@contextmanager
def copy_attachments(ledger: Reader, event: Event) -> Iterator[Attachments]:
    """Give the files of a finding, as copies that are deleted afterwards."""
    with TemporaryDirectory() as folder:
        yield Attachments(ledger, event, Path(folder))


def check_attachments(ledger: Reader, event: Event) -> None:
    """Check that no file that was attached to a finding was replaced by another; a missing file passes.

    Raises
    ------
    AttachmentAltered
        If files were replaced, with the names of all of them.
    """
    altered = [
        str(entry.get("name"))
        for entry in _entries(event)
        if (path := ledger.files / str(entry["sha256"])).is_file()
        and sha256_of(path) != entry["sha256"]
    ]
    if altered:
        raise AttachmentAltered(
            _(
                "Files that were attached to finding {n} are not those that were recorded: {names}. Take "
                "them from a copy of the ledger, and find out who changed them."
            ).format(n=event.seq, names=", ".join(altered))
        )


def attached_names(event: Event) -> dict[str, set[str]]:
    """Return the names under which files were attached to a finding, by their SHA-256."""
    names: dict[str, set[str]] = {}
    for entry in _entries(event):
        names.setdefault(str(entry["sha256"]), set()).add(base_name(entry.get("name")))
    return names


def _entries(event: Event) -> list[Mapping[str, object]]:
    """Return name and SHA-256 of each attached file; what a hand wrote otherwise is left out."""
    entries = event.fields.get("attachments")
    return [
        entry
        for entry in (entries if isinstance(entries, (list, tuple)) else ())
        if isinstance(entry, dict) and "sha256" in entry
    ]
