"""Which findings of a ledger would be called otherwise with another library.

The ledger keeps with each finding which library it used, by its SHA-256, with which parameters,
and, where they were attached, the files that were read.  These are examined again with the new
library and the same parameters (`recomputing`).
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from forensics.barcode.reference.library import Library
from forensics.custody.reader import Reader
from forensics.custody.recomputing import CannotRecompute, recompute
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
            "used": _used(event.fields.get("library"), old, new),
            "before": _call(result),
        }
        try:
            again = _call(recompute(ledger, event, new, identify))
            if _differs(found["before"], again):
                reason = ""
                if found["used"] == "old":
                    then = _call(recompute(ledger, event, old, identify))
                    if _differs(found["before"], then):
                        reason = _(
                            "the old library is called otherwise too, by this version of the software"
                        )
                yield Recalled(**found, outcome=OTHERWISE, after=again, reason=reason)
            else:
                yield Recalled(**found, outcome=SAME, after=again)
        except CannotRecompute as error:
            yield Recalled(**found, outcome=NOT_RECOMPUTED, after={}, reason=str(error))


def _call(result: dict) -> dict:
    return {name: result.get(name) for name in (*_CALL, "probability")} if result else {}


def _differs(one: dict, other: dict) -> bool:
    return any(one.get(name) != other.get(name) for name in _CALL)


def _used(sha256: object, old: Library, new: Library) -> str:
    """Return which of two libraries a finding names: ``new``, ``old`` or ``other``."""
    for library, name in (
        (new, "new"),
        (old, "old"),
    ):  # a name of today before one of version 0.1.0
        if sha256 == library.sha256:
            return name
    return next((n for o, n in ((old, "old"), (new, "new")) if o.is_known_as(sha256)), "other")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
