"""What a finding records of how it was computed, and the files that were attached to it.

Attached files are copied out of the ledger's folder after a check of their SHA-256.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from forensics.core.result import Result
from forensics.custody.reader import Event, Reader
from forensics.custody.storage import base_name
from forensics.errors import ForensicsError, VerificationError
from forensics.io.files import AnyPath
from forensics.io.files import sha256 as sha256_of
from forensics.messages import _

if TYPE_CHECKING:
    from forensics.barcode.reference.library import Library
    from forensics.genetics.genotypes import Genotypes
    from forensics.origin.models import Model


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
            raise CannotRecompute(_("cannot be recomputed: its input is not in the ledger"))
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
                    "cannot be recomputed: the copy of {what} (SHA-256 {sha256}) beside the "
                    "ledger is not the file that was recorded"
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
                "Files attached to finding {n} are not those recorded: {names}. Take them from a "
                "copy of the ledger, and find out who changed them."
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


class Computed(str):
    """A number that was computed, written as the ledger has it; another text there may be a name."""


R = TypeVar("R", bound=Result)

Identify = Callable[..., Any]
"""`forensics.identify`, or a function like it: inputs, ``library`` and its parameters give results."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What findings are computed from besides the files that are attached to them.

    Attributes
    ----------
    identify : callable
        `forensics.identify`.
    libraries : sequence of Library
        Among which that of a finding is looked for by its SHA-256.
    models : callable
        Returns the models of origin among which that of a finding is looked for; called where one is needed.
    reads : sequence of path
        Files and folders in which the read files of a mixture are looked for by their SHA-256.
    """

    identify: Identify
    libraries: Sequence["Library"] = ()
    models: Callable[[], Sequence["Model"]] = tuple
    reads: Sequence[AnyPath] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a finding records of its result and of how it was reached, as the ledger has it.

    Attributes
    ----------
    event : Event
    sample : str
        As the laboratory names it, whatever the result says.
    result, parameters, input, library : dict
        Numbers are texts there.
    """

    event: Event
    sample: str
    result: dict[str, Any]
    parameters: dict[str, Any]
    input: dict[str, Any]
    library: dict[str, Any]


def provenance_of(event: Event) -> dict[str, Any]:
    """Return the provenance of a finding; empty where it was erased, or there is none."""
    provenance = event.fields.get("provenance")
    return provenance if isinstance(provenance, dict) else {}


def files_read(read: object) -> list[Any]:
    """Return what the input of a provenance says of each file that was read; with one file that is all of it."""
    read = read if isinstance(read, dict) else {}
    return read.get("files") or [read]


def read_recorded(event: Event) -> Recorded:
    """Return what a finding records.

    Raises
    ------
    CannotRecompute
        If its result or its provenance was erased, or is not of this package.
    """
    result = event.fields.get("result")
    if not isinstance(result, dict) or not result:
        raise CannotRecompute(
            _("cannot be recomputed: the result was erased or is not a result of this package")
        )
    provenance = provenance_of(event)
    if not isinstance(provenance.get("parameters"), dict):
        raise CannotRecompute(
            _(
                "cannot be recomputed: the record of how it was reached was erased or is not in "
                "the ledger"
            )
        )
    read, library = provenance.get("input"), provenance.get("library")
    return Recorded(
        event,
        str(event.fields.get("thing")),
        result,
        provenance["parameters"],
        read if isinstance(read, dict) else {},
        library if isinstance(library, dict) else {},
    )


def find_library(event: Event, sha256: object, libraries: Sequence["Library"]) -> "Library":
    """Return the library of this SHA-256.

    Raises
    ------
    CannotRecompute
        If it was not given.
    """
    for library in libraries:
        if library.sha256 == sha256:
            return library
    raise CannotRecompute(
        _("cannot be recomputed: the library {sha256} is not available").format(sha256=sha256),
        _("Give it with --library"),
    )


def numbers_of(parameters: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return recorded parameters of these names, as far as they are recorded, as the numbers that they were.

    Others are left out, so that they show as different where they take part in the computation.
    """

    def as_number(value: object) -> object:
        try:
            return float(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return {name: as_number(parameters[name]) for name in names if name in parameters}


def read_attached_genotypes(
    entry: Mapping[str, Any], attachments: Attachments, what: str
) -> "Genotypes":
    """Return the genotypes of an attached file, read as it was the first time as far as that is recorded."""
    from forensics.genetics.reading import read_genotypes

    return read_genotypes(
        attachments.require(entry["sha256"], what), **_options_of(entry, attachments)
    )


def _options_of(entry: Mapping[str, Any], attachments: Attachments) -> dict[str, Any]:
    """Return the options with which a file was read; the tables beside it as files."""
    options = dict(entry.get("read_with") or {})
    for table, title in (
        ("places", _("the second table, of places")),
        ("bim", _("the table of loci (.bim)")),
        ("fam", _("the table of animals (.fam)")),
    ):
        if table in options:
            options[table] = attachments.require(options[table]["sha256"], title)
    return options


def result_of_sample(results: Sequence[R], sample: str) -> R:
    """Return the result of a sample; of a table with one sample the only result, whatever its name.

    Raises
    ------
    CannotRecompute
        If there is none.
    """
    for result in results:
        if result.sample == sample:
            return result
    if len(results) == 1:  # the laboratory names it otherwise than the table
        return results[0]
    raise CannotRecompute(
        _("cannot be recomputed: the attached table has no sample {name}").format(name=sample)
    )
