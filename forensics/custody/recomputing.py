"""An identification in the ledger, examined again from the files that were attached to it.

Where a file is not in the ledger nothing is guessed: the finding cannot be recomputed, and the
reason is told.  Controls and recent cases that the finding was compared with, and the staff
elimination set, are not compared with again: the ledger keeps their hashes alone.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from forensics.barcode.reference.library import Library
from forensics.custody.attachments import base_name, file_sha256
from forensics.custody.fields import ERASED
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.errors import ForensicsError, VerificationError
from forensics.messages import _

__all__ = ["AttachmentAltered", "CannotRecompute", "recompute"]


class CannotRecompute(ForensicsError):
    """Why a finding cannot be recomputed."""


class AttachmentAltered(CannotRecompute, VerificationError):
    """A file that was attached to a finding is not the one that was recorded."""


def recompute(
    ledger: Reader,
    event: Event,
    library: Library,
    identify: Callable[..., object],
    **changed: object,
) -> dict:
    """Return what identifying the same input again gives, as the ledger would hold it.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
        An identification.
    library : Library
        The one that it used, or another.
    identify : callable
        `forensics.identify`: inputs, ``library`` and its parameters.
    **changed
        Parameters that shall differ from the recorded ones, such as ``in_library_prior``.

    Raises
    ------
    CannotRecompute
        If what is needed is not in the ledger, or is not what was recorded.
    """
    result = event.fields.get("result")
    if not isinstance(result, dict) or not result:
        raise CannotRecompute(
            _("cannot be recomputed: the result is erased or no result of this package")
        )
    provenance = event.fields.get("provenance")
    if provenance is ERASED or not isinstance(provenance, dict):
        raise CannotRecompute(
            _("cannot be recomputed: how it was reached is erased or not in the ledger")
        )
    asked = provenance.get("parameters")
    asked = asked if isinstance(asked, dict) else {}
    criteria = asked.get("criteria")
    with _inputs(ledger, event, provenance.get("input")) as inputs:
        try:
            wanted = {
                "locus": str(asked.get("locus", "auto")),
                "criteria": str(criteria["name"]) if criteria else "none",
                # Reasons and criteria are part of a result only where they were asked for.
                "reasons": result.get("reasons") is not None,
                **{
                    name: float(asked[name])
                    for name in ("confidence", "in_library_prior", "floor")
                    if name in asked
                },
                **changed,
            }
            results = list(identify(inputs, library=library, **wanted))
        except (ForensicsError, KeyError, TypeError, ValueError) as error:
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
    again = _of_query(results, result)
    if criteria != again["provenance"]["parameters"].get("criteria"):
        raise CannotRecompute(
            _("cannot be recomputed: the profile of criteria is not the one that was used")
        )
    return again


@contextmanager
def _inputs(ledger: Reader, event: Event, read: object) -> Iterator[Path | list[Path]]:
    """Give the attached files that the finding was read from, after a look at their SHA-256."""
    read = read if isinstance(read, dict) else {}
    files = read.get("files") or [read]
    attached = event.fields.get("attachments")
    attached = attached if isinstance(attached, (list, tuple)) else ()
    digests = {entry.get("sha256") for entry in attached if isinstance(entry, dict)}
    paths = [_checked(ledger, one, digests) for one in files]
    # What belongs together, which strand is which, and the name of a chromatogram's sequence stand in
    # the names of the files.
    with TemporaryDirectory() as folder:
        copies = [Path(folder) / (base_name(one.get("file")) or "file") for one in files]
        if len({copy.name for copy in copies}) < len(copies):
            raise CannotRecompute(
                _("cannot be recomputed: it was merged of several files of one name")
            )
        try:
            for path, copy in zip(paths, copies):
                shutil.copyfile(path, copy)
        except (OSError, ValueError) as error:  # a name that a hand wrote, such as ".."
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
        yield copies[0] if len(copies) == 1 else copies


def _checked(ledger: Reader, read: object, digests: set) -> Path:
    digest = read.get("sha256") if isinstance(read, dict) else None
    if not digest or digest not in digests:
        raise CannotRecompute(_("cannot be recomputed: input not in the ledger"))
    path = ledger.files / str(digest)
    if not path.is_file():
        raise CannotRecompute(
            _("cannot be recomputed: the attached file is missing beside the ledger")
        )
    if file_sha256(path)[0] != digest:
        raise AttachmentAltered(
            _("cannot be recomputed: the attached file is not the one that was recorded")
        )
    return path


def _of_query(results: list, recorded: dict) -> dict:
    """Return, of the results of a file, the one of the query that was recorded."""
    found = [canonical_value(result.to_dict()) for result in results]
    same = [entry for entry in found if entry["query"] == recorded.get("query")]
    if not same and len(found) == 1:  # a chromatogram is named by its file
        same = found
    at_place = [entry for entry in same if entry["index"] == recorded.get("index")]
    if len(same) > 1 and len(at_place) == 1:
        same = at_place
    if len(same) != 1:
        query = recorded.get("query")
        raise CannotRecompute(
            _("cannot be recomputed: the attached file holds {number} sequences {query}").format(
                number=len(same), query=query if isinstance(query, str) else "-"
            )
        )
    return same[0]
