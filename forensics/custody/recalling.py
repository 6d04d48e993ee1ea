"""Which findings of a ledger would be called otherwise with another library.

The ledger keeps with each finding which library it used, by its SHA-256, with which parameters,
and, where it was attached, the file that was read.  That file is examined again with the new
library and the same parameters.  Where the file is not in the ledger nothing is guessed: the
finding cannot be recomputed, and the reason is told.

Controls and recent cases that the finding was compared with, and the staff elimination set, are
not compared with again: they are about contamination and not about the library.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from forensics.barcode.reference.library import Library
from forensics.custody.attachments import file_sha256
from forensics.custody.fields import ERASED
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.errors import ForensicsError
from forensics.messages import _

__all__ = ["NOT_RECOMPUTED", "OTHERWISE", "SAME", "Recalled", "recall"]

SAME, OTHERWISE, NOT_RECOMPUTED = "same", "otherwise", "not_recomputed"

# What a call is: a finding is called otherwise where one of these differs. A probability that
# moved and left the call as it was is told, and is no other call.
_CALL = ("status", "rank", "taxon")


@dataclass(frozen=True)
class Recalled:
    """A finding and what the new library makes of it.

    Attributes
    ----------
    seq : int
        Number of the finding's event.
    case, thing, recorded_at, query : str
        What it is about.
    library : str
        SHA-256 of the library that it used.
    used : str
        ``old`` or ``new`` where that is one of the two compared, else ``other``.
    outcome : str
        `SAME`, `OTHERWISE` or `NOT_RECOMPUTED`.
    before, after : dict
        ``status``, ``rank``, ``taxon`` and ``probability``; the second empty where it was not
        recomputed.
    reason : str
        Why it could not be recomputed, or that the old library, too, is called otherwise by this
        version of the software, so that not the library alone makes the difference.
    """

    seq: int
    case: str
    thing: str
    recorded_at: str
    query: str
    library: str
    used: str
    outcome: str
    before: dict
    after: dict
    reason: str = ""

    def to_dict(self) -> dict:
        """Return it as plain values."""
        return asdict(self)


class _Cannot(Exception):
    """Why a finding cannot be recomputed."""


def recall(
    ledger: Reader, *, old: Library, new: Library, identify: Callable[..., object]
) -> Iterator[Recalled]:
    """Yield the identifications of a ledger with what a new library makes of them.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    old, new : Library
        The libraries that are compared.
    identify : callable
        `forensics.identify`: inputs, ``library`` and its parameters.

    Yields
    ------
    Recalled
        In the order of the ledger.
    """
    names = {old.sha256: "old", new.sha256: "new"}
    for event in ledger.events():
        if event.type != "finding" or event.fields.get("kind") != "identification":
            continue
        result = event.fields.get("result")
        result = result if isinstance(result, dict) else {}
        found = {
            "seq": event.seq,
            "case": _text(event.fields.get("case")),
            "thing": _text(event.fields.get("thing")),
            "recorded_at": event.recorded_at,
            "query": _text(result.get("query")),
            "library": _text(event.fields.get("library")),
            "used": names.get(event.fields.get("library"), "other"),
            "before": _call(result),
        }
        try:
            again = _examined(ledger, event, result, new, identify)
            if _differs(found["before"], again):
                reason = ""
                if found["used"] == "old":
                    then = _examined(ledger, event, result, old, identify)
                    if _differs(found["before"], then):
                        reason = _(
                            "the old library is called otherwise too, by this version of the software"
                        )
                yield Recalled(**found, outcome=OTHERWISE, after=again, reason=reason)
            else:
                yield Recalled(**found, outcome=SAME, after=again)
        except _Cannot as error:
            yield Recalled(**found, outcome=NOT_RECOMPUTED, after={}, reason=str(error))


def _examined(
    ledger: Reader, event: Event, result: dict, library: Library, identify: Callable[..., object]
) -> dict:
    """Return the call of a finding's query with a library, or raise `_Cannot`."""
    if not result:
        raise _Cannot(_("cannot be recomputed: the result is erased or no result of this package"))
    provenance = event.fields.get("provenance")
    if provenance is ERASED or not isinstance(provenance, dict):
        raise _Cannot(_("cannot be recomputed: how it was reached is erased or not in the ledger"))
    path = _input(ledger, event, provenance.get("input"))
    asked = provenance.get("parameters")
    asked = asked if isinstance(asked, dict) else {}
    criteria = asked.get("criteria")
    try:
        wanted = {
            "locus": str(asked.get("locus", "auto")),
            "criteria": str(criteria["name"]) if criteria else "none",
            **{
                name: float(asked[name])
                for name in ("confidence", "in_library_prior", "floor")
                if name in asked
            },
        }
        results = list(identify(path, library=library, **wanted))
    except (ForensicsError, KeyError, TypeError, ValueError) as error:
        raise _Cannot(_("cannot be recomputed: {error}").format(error=error)) from error
    again = _of_query(results, result)
    if criteria != again["provenance"]["parameters"].get("criteria"):
        raise _Cannot(
            _("cannot be recomputed: the profile of criteria is not the one that was used")
        )
    return _call(again)


def _input(ledger: Reader, event: Event, read: object) -> Path:
    """Return the attached file that the finding was read from, after a look at its SHA-256."""
    read = read if isinstance(read, dict) else {}
    if read.get("files"):
        raise _Cannot(_("cannot be recomputed: its sequence was merged of several files"))
    attached = event.fields.get("attachments")
    attached = attached if isinstance(attached, (list, tuple)) else ()
    digests = [entry.get("sha256") for entry in attached if isinstance(entry, dict)]
    digest = read.get("sha256")
    if not digest or digest not in digests:
        raise _Cannot(_("cannot be recomputed: input not in the ledger"))
    path = ledger.files / str(digest)
    if not path.is_file():
        raise _Cannot(_("cannot be recomputed: the attached file is missing beside the ledger"))
    if file_sha256(path)[0] != digest:
        raise _Cannot(_("cannot be recomputed: the attached file is not the one that was recorded"))
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
        raise _Cannot(
            _("cannot be recomputed: the attached file holds {number} sequences {query}").format(
                number=len(same), query=_text(recorded.get("query")) or "-"
            )
        )
    return same[0]


def _call(result: dict) -> dict:
    return {name: result.get(name) for name in (*_CALL, "probability")} if result else {}


def _differs(one: dict, other: dict) -> bool:
    return any(one.get(name) != other.get(name) for name in _CALL)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
