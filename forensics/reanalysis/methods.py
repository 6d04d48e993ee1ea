"""Findings other than identifications, computed again from what the ledger keeps of them.

What was read is attached to the finding, how it was read stands with its input, and how it was
computed in its parameters; the reads of a mixture lie elsewhere (`mixture`). What a finding does
not record, such as which column of a table names the classes, cannot be
guessed: then the error says why, and what to do by hand. A finding that was not computed again is never
called the same.
"""

import os
import re
from collections.abc import Callable
from typing import Any

from forensics.core.result import Result
from forensics.custody.findings import canonical_value
from forensics.custody.reader import Event, Reader
from forensics.errors import ForensicsError
from forensics.messages import _
from forensics.reanalysis import age, individual, origin
from forensics.reanalysis.attachments import Attachments, CannotRecompute, copy_attachments
from forensics.reanalysis.mixture import recompute_mixture
from forensics.reanalysis.recorded import Computed, Recorded, Sources, read_recorded

__all__ = ["is_read_by_default", "method_of", "recompute_finding"]


_METHODS: dict[str, Callable[[Recorded, Attachments, Sources], Result | dict[str, Any]]] = {
    "mixture": recompute_mixture,
    "origin": origin.recompute_origin,
    "match": individual.recompute_match,
    "kinship": individual.recompute_kinship,
    "claim": individual.recompute_claim,
    "network": individual.recompute_network,
    "captive": individual.recompute_captive,
    "radiocarbon": age.recompute_radiocarbon,
    "series": age.recompute_series,
    "methylation": age.recompute_methylation,
}
# A key by which the result of each method of `individual` is known, in the order in which they are looked for.
_INDIVIDUAL_KEYS = {
    "matches": "match",
    "claim": "claim",
    "links": "network",
    "by_chance": "kinship",
    "likelihood_ratio": "captive",
}
# Methods whose tables were read with the default options where the finding does not record the options.
_READ_BY_DEFAULT = ("origin", "match", "kinship", "claim")
# What a record that a hand made, or a file that does not fit it, may lead to.
_UNFIT = (
    ForensicsError, ArithmeticError, AttributeError, IndexError, KeyError, MemoryError, TypeError,
    ValueError,
)  # fmt: skip


def method_of(event: Event) -> str:
    """Return by which method a finding was made: a key of the table above; empty for other findings."""
    result = event.fields.get("result")
    if not isinstance(result, dict):
        return ""
    kind = event.fields["kind"]
    if kind == "origin":
        return "origin"
    if kind == "age":
        return str(result.get("method", ""))
    if kind == "identification" and "found" in result and "reads" in result:
        return "mixture"
    if kind == "individual":
        return next((method for key, method in _INDIVIDUAL_KEYS.items() if key in result), "")
    return ""


def is_read_by_default(event: Event) -> bool:
    """Return whether tables of a finding are read with the default options.

    A finding does not record with which they were read the first time where a script read them itself.
    """
    if method_of(event) not in _READ_BY_DEFAULT:
        return False
    provenance = event.fields.get("provenance")
    read = provenance.get("input") if isinstance(provenance, dict) else None
    read = read if isinstance(read, dict) else {}
    files = read.get("files") or [read]
    return not all(isinstance(file, dict) and "read_with" in file for file in files)


def recompute_finding(ledger: Reader, event: Event, sources: Sources) -> dict[str, Any]:
    """Return what a finding that is not an identification gives again, as the ledger would hold it.

    Numbers that the ledger has as texts are `Computed`.

    Parameters
    ----------
    ledger : Reader
        Nothing is written to it.
    event : Event
    sources : Sources

    Raises
    ------
    CannotRecompute
        If what is needed is missing or was not recorded; with what to do by hand.
    """
    recompute = _METHODS.get(method_of(event))
    if recompute is None:
        raise CannotRecompute(
            _(
                "cannot be recomputed: a person wrote this finding, or its form is not known here; "
                "another person examines the item again and records a finding of their own"
            )
        )
    recorded = read_recorded(event)
    with copy_attachments(ledger, event) as attachments:
        try:
            result = recompute(recorded, attachments, sources)
            values = result if isinstance(result, dict) else result.to_dict()
        except CannotRecompute:
            raise
        except _UNFIT as error:
            # The copies lie in another folder each time: only their names are reported.
            place = re.escape(os.fspath(attachments.folder)) + r"[/\\]\d+[/\\]"
            text = re.sub(place, "", str(error))
            raise CannotRecompute(_("cannot be recomputed: {error}").format(error=text)) from error
        computed = canonical_value(values, Computed)
    assert isinstance(computed, dict)
    return computed
