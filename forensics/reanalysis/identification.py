"""An identification in the ledger, computed again from the files that were attached to it.

Where a file is not in the ledger nothing is guessed: the finding cannot be recomputed, and the error says why.
Controls and recent cases that the finding was compared with, and the staff elimination set, are not compared
again: the ledger keeps only their hashes.
"""

from pathlib import Path
from typing import Any

from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reference.library import Library
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.reanalysis.recorded import (
    Attachments,
    CannotRecompute,
    Computed,
    Identify,
    Recorded,
    copy_attachments,
    read_recorded,
)


def recompute_identification(
    ledger: Reader, event: Event, library: Library, identify: Identify, **changed: object
) -> dict[str, Any]:
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
    recorded = read_recorded(event)
    criteria = recorded.parameters.get("criteria")
    with copy_attachments(ledger, event) as attachments:
        inputs = _copy_inputs(recorded, attachments)
        try:
            options = _options(recorded) | changed
            results = list(identify(inputs, library=library, **options))
        except (ForensicsError, KeyError, TypeError, ValueError) as error:
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=error)) from error
    computed = [canonical_value(each.to_dict(), Computed) for each in results]
    result = _result_of_query([each for each in computed if isinstance(each, dict)], recorded)
    if criteria != result["provenance"]["parameters"].get("criteria"):
        raise CannotRecompute(
            _("cannot be recomputed: the profile of criteria is not the one that was used")
        )
    return result


def _options(recorded: Recorded) -> dict[str, object]:
    """Return the recorded parameters as `forensics.identify` takes them."""
    parameters = recorded.parameters
    criteria = parameters.get("criteria")
    return IdentifyOptions.of_record(
        parameters,
        criteria=str(criteria["name"]) if criteria else "none",
        # Reasons and criteria are part of a result only where they were asked for.
        reasons=recorded.result.get("reasons") is not None,
    ).given()


def _copy_inputs(recorded: Recorded, attachments: Attachments) -> Path | list[Path]:
    """Copy the files that the finding was read from into one folder, under their own names.

    What belongs together, which strand is which, and the name of a chromatogram's sequence stand in the names.
    """
    files = recorded.input.get("files") or [recorded.input]
    folder = attachments.folder / "inputs"
    folder.mkdir()
    copies = [attachments.copy_input(read, folder) for read in files]
    if len({copy.name for copy in copies}) < len(copies):
        raise CannotRecompute(_("cannot be recomputed: it was merged of several files of one name"))
    return copies[0] if len(copies) == 1 else copies


def _result_of_query(results: list[dict[str, Any]], recorded: Recorded) -> dict[str, Any]:
    """Return, of the results of a file, that of the query that was recorded."""
    query, part = recorded.result.get("query"), recorded.result.get("part", "")
    of_query = [
        result for result in results if (query, part) == (result["query"], result.get("part", ""))
    ]
    if not of_query and len(results) == 1:  # a chromatogram is named by its file
        of_query = results
    at_place = [result for result in of_query if result["index"] == recorded.result.get("index")]
    if len(of_query) > 1 and len(at_place) == 1:
        of_query = at_place
    if len(of_query) != 1:
        raise CannotRecompute(
            _("cannot be recomputed: the attached file holds {number} sequences {query}").format(
                number=len(of_query), query=query if isinstance(query, str) else "-"
            )
        )
    return of_query[0]
