"""A result of this package as a finding in the ledger, with how it was reached.

>>> from forensics.custody import open_ledger, record_identification
>>> ledger = open_ledger("laboratory.db", key="bruno.key", passphrase=ask)      # doctest: +SKIP
>>> record_identification(ledger, "S1", result, runs=["SEQ-7"])                 # doctest: +SKIP
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from forensics.barcode.reference.library import Library, check_recordable
from forensics.custody.appending import Receipt
from forensics.custody.canonical import nfc
from forensics.custody.ledger import Ledger
from forensics.io.files import AnyPath


class Recordable(Protocol):
    """A result that can be recorded."""

    def to_dict(self) -> Mapping[str, Any]:
        """Return plain values, with ``provenance``."""


def canonical_value(value: Any, decimal: Callable[[str], object] = str) -> Any:
    """Return a result as the ledger can hold it: floats become decimals as text, text becomes NFC.

    A float is written as the shortest decimal that means the same double; `decimal` is called with it,
    for readers that must distinguish it from a text that looks like one.

    Examples
    --------
    >>> canonical_value({"p": 0.98, "rank": None, "hits": (1, 2)})
    {'p': '0.98', 'rank': None, 'hits': [1, 2]}
    """
    if isinstance(value, float):
        return decimal(repr(value))
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, dict):
        return {
            canonical_value(str(name)): canonical_value(part, decimal)
            for name, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [canonical_value(part, decimal) for part in value]
    return value


def recorded_findings(ledger: Ledger, library: Library) -> dict[tuple[str, frozenset[str]], int]:
    """Return the events of findings with a library, by sample and SHA-256 of the files that were read."""
    events = {}
    for event in ledger.events():
        fields = event.fields
        if event.type == "finding" and fields.get("library") == library.sha256:
            # Pictures of what was found are attached, too, and the checklist, and are no input.
            parameters = (fields.get("provenance") or {}).get("parameters") or {}
            read = frozenset(
                attachment["sha256"]
                for attachment in event.attachments
                if not attachment["media_type"].startswith("image/")
            ) - {(parameters.get("checklist") or {}).get("sha256")}
            if read:
                events[fields["thing"], read] = event.seq
    return events


def check_finding(
    ledger: Ledger, sample: str, *, kind: str, library: str, runs: Sequence[str] = ()
) -> None:
    """Refuse, before the work begins, a finding that a rule will refuse; as of `record_finding`."""
    ledger.add(
        "finding",
        case=ledger.state.find_thing(sample).case,
        thing=sample,
        kind=kind,
        runs=list(runs) or None,
        library=library,
        result="",
        dry_run=True,
    )


def record_finding(
    ledger: Ledger,
    sample: str,
    result: Recordable,
    *,
    kind: str,
    runs: Sequence[str] = (),
    inputs: Sequence[AnyPath] = (),
    dry_run: bool = False,
    **fields: Any,
) -> Receipt:
    """Record a result as a finding on a sample.

    Parameters
    ----------
    ledger : Ledger
        With the key of who made it.
    sample : str
        Name of the sample in the ledger.
    result : Identification, Origin …
        With ``to_dict``; hashes of the input, of the library, model, curve or clock, software and
        parameters are in its provenance.
    kind : str
        Kind of finding: ``identification``, ``origin`` …
    runs : sequence of str
        Runs in the ledger that the sequence comes from.
    inputs : sequence of paths
        Files to attach, such as the sequence and the chromatograms.
    dry_run : bool
        Check the rules and record nothing.
    **fields
        Further fields of the event, such as ``note``.

    Raises
    ------
    UsageError
        If the ledger has no such sample, or the index of the library was not compared with its SHA-256.
    RefusedError
        If a rule refuses it, such as VALIDATION: a library, model, curve or clock that this
        laboratory has not accepted.
    VerificationError
        If packaged tables that the result rests on were changed.
    """
    item = ledger.state.find_thing(sample)
    content = canonical_value(result.to_dict())
    provenance = content.pop("provenance")
    check_recordable(provenance["library"])
    if provenance.get("tables"):
        from forensics.barcode.packaged import check_tables

        check_tables()
    return ledger.add(
        "finding",
        case=item.case,
        thing=sample,
        kind=kind,
        runs=list(runs) or None,
        library=provenance["library"]["sha256"],
        result=content,
        provenance=provenance,
        attachments=inputs,
        dry_run=dry_run,
        **fields,
    )


def record_identification(
    ledger: Ledger, sample: str, result: Recordable, **fields: Any
) -> Receipt:
    """Record a result of `forensics.identify`; see `record_finding`."""
    return record_finding(ledger, sample, result, kind="identification", **fields)


def record_origin(ledger: Ledger, sample: str, result: Recordable, **fields: Any) -> Receipt:
    """Record a result of `forensics.origin.predict.assign_with`; see `record_finding`."""
    return record_finding(ledger, sample, result, kind="origin", **fields)
