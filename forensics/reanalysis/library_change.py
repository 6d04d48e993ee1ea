"""Which findings of a ledger would be called otherwise with another library.

The ledger keeps with each finding which library it used, by its SHA-256, with which parameters,
and, where they were attached, the files that were read. These are examined again with the new
library and the same parameters (`identification`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from forensics.barcode.reference.library import Library
from forensics.custody.reader import Event, Reader
from forensics.messages import _
from forensics.reanalysis.identification import recompute_identification
from forensics.reanalysis.recorded import CannotRecompute, Identify

SAME, OTHERWISE, NOT_RECOMPUTED = "same", "otherwise", "not_recomputed"

# What a call is: a finding is called otherwise where one of these differs. A probability that moved and left
# the call as it was is reported, and is not another call.
_CALL = ("status", "rank", "taxon")


@dataclass(frozen=True, slots=True)
class CallChange:
    """A finding and what the new library makes of it.

    Attributes
    ----------
    seq : int
        Number of the finding's event.
    case, thing, recorded_at, query : str
        What it is about.
    part : str
        Locus of a piece of a genome; "" of others.
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
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str = ""
    part: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; the part only where there is one."""
        values = asdict(self)
        return values if self.part else {k: v for k, v in values.items() if k != "part"}


def compare_calls(
    ledger: Reader, *, old: Library, new: Library, identify: Identify
) -> Iterator[CallChange]:
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
    CallChange
        In the order of the ledger.
    """
    for event in ledger.events():
        if event.type == "finding" and event.fields.get("kind") == "identification":
            yield _compare(ledger, event, old, new, identify)


def _compare(
    ledger: Reader, event: Event, old: Library, new: Library, identify: Identify
) -> CallChange:
    result = event.fields.get("result")
    result = result if isinstance(result, dict) else {}
    used, before = _library_used(event.fields.get("library"), old, new), _call(result)
    after: dict[str, Any] = {}
    reason = ""
    try:
        after = _call(recompute_identification(ledger, event, new, identify))
        outcome = OTHERWISE if _differs(before, after) else SAME
        if (
            outcome == OTHERWISE
            and used == "old"
            and _differs(before, _call(recompute_identification(ledger, event, old, identify)))
        ):
            reason = _("the old library is called otherwise too, by this version of the software")
    except CannotRecompute as error:
        outcome, after, reason = NOT_RECOMPUTED, {}, str(error)
    return CallChange(
        event.seq,
        _text(event.fields.get("case")),
        _text(event.fields.get("thing")),
        event.recorded_at,
        _text(result.get("query")),
        _text(event.fields.get("library")),
        used,
        outcome,
        before,
        after,
        reason,
        _text(result.get("part")),
    )


def _call(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result.get(name) for name in (*_CALL, "probability")} if result else {}


def _differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return any(before.get(name) != after.get(name) for name in _CALL)


def _library_used(sha256: object, old: Library, new: Library) -> str:
    """Return which of two libraries a finding names: ``new``, ``old`` or ``other``."""
    if sha256 == new.sha256:
        return "new"
    return "old" if sha256 == old.sha256 else "other"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
