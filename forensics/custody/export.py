"""Taking a ledger out: every event as CSV, and a case as CASE/UCO JSON-LD for other systems.

An export is a convenience and proves nothing; a bundle (`disclosing`) does.

References
----------
Cyber-investigation Analysis Standard Expression (CASE) 1.3 and Unified Cyber Ontology (UCO) 1.3,
Linux Foundation. https://caseontology.org
"""

import io
import uuid
from collections.abc import Iterator
from typing import Any

from forensics.custody.canonical import canonical
from forensics.custody.fields import ERASED
from forensics.custody.leaks import texts_in
from forensics.custody.reader import Event, Reader
from forensics.errors import UsageError
from forensics.io.cells import RowWriter
from forensics.messages import _

__all__ = ["case_uco", "events_csv", "view_csv"]

_COLUMNS = ("event", "recorded_at", "occurred_at", "type", "actor", "case", "key", "hash")
_NAMESPACE = uuid.UUID("9a9f5c1e-0b61-5d0c-8f0a-6d0f6c2b7a11")
"""Of the identifiers in exports: the same ledger gives the same ones."""

_CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "kb": "http://example.org/kb/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def events_csv(ledger: Reader, case: str | None = None) -> Iterator[str]:
    """Yield the lines of a CSV with a row for each event, and a column for each field in use.

    Parameters
    ----------
    ledger : Reader
    case : str, optional
        Only its events.

    Yields
    ------
    str
        Lists and records stand in their cell as JSON; an erased field is ``(erased)``.
    """
    names = sorted({name for event in ledger.events(case=case) for name in event.fields})
    columns = [*_COLUMNS, *(name for name in names if name not in _COLUMNS)]
    hashes = ledger.hashes()
    buffer = io.StringIO()
    writer = RowWriter(buffer, columns)
    for event in ledger.events(case=case):
        row = {
            "event": event.seq,
            "recorded_at": event.recorded_at,
            "key": event.key,
            "hash": hashes[event.seq - 1].hex(),
            **{name: _cell(value) for name, value in event.fields.items()},
        }
        writer.write([row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def view_csv(ledger: Reader, view: str) -> Iterator[str]:
    """Yield the lines of a view, such as ``exhibits`` or ``samples``, as CSV.

    Raises
    ------
    UsageError
        If there is no such view.
    """
    from forensics.store.inspection import read_view

    tables = ledger.tables()
    try:
        names = sorted(tables.view_names())
        if view not in names:
            raise UsageError(
                _("There is no view {view}; there are {names}.").format(
                    view=view, names=", ".join(names)
                )
            )
        columns, rows = read_view(tables, view)
        buffer = io.StringIO()
        writer = RowWriter(buffer, columns)
        for row in rows:
            writer.write([row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
        yield buffer.getvalue()  # the head, where there is no row
    finally:
        tables.close()


def _cell(value: object) -> object:
    if value is ERASED:
        return "(erased)"
    return value if isinstance(value, (str, int)) else canonical(value).decode()


def case_uco(ledger: Reader, case: str) -> dict[str, Any]:
    """Return the events of a case as a CASE/UCO graph.

    Exhibits, samples and containers become ``uco-core:UcoObject`` under a
    ``case-investigation:ProvenanceRecord`` with their item number; each event becomes a
    ``case-investigation:InvestigativeAction`` with its performer, time and objects; files are
    named by their SHA-256.

    Parameters
    ----------
    ledger : Reader
    case : str
    """
    state = ledger.state
    graph = _Graph(state.ledger)
    names = {name for name, item in state.things.items() if item.case == case}
    actors = set()
    for event in ledger.events(case=case):
        actors.add(event.fields["actor"])
        graph.action(event, names)
    for name in sorted(names):
        item = state.things[name]
        graph.add(
            name,
            "case-investigation:ProvenanceRecord",
            **{
                "case-investigation:exhibitNumber": name,
                "uco-core:description": [item.kind],
                **({"uco-core:object": [graph.reference(item.parent)]} if item.parent else {}),
            },
        )
    for actor in sorted(actors):
        graph.add(f"person {actor}", "uco-identity:Person", **{"uco-core:name": actor})
    graph.add(
        f"case {case}",
        "case-investigation:Investigation",
        **{
            "uco-core:name": case,
            "uco-core:object": [
                graph.reference(f"event {e.seq}") for e in ledger.events(case=case)
            ],
        },
    )
    return {"@context": _CONTEXT, "@graph": graph.nodes}


class _Graph:
    def __init__(self, ledger: str) -> None:
        self.ledger = ledger
        self.nodes: list[dict[str, Any]] = []

    def reference(self, name: str) -> dict[str, Any]:
        return {"@id": f"kb:{uuid.uuid5(_NAMESPACE, f'{self.ledger} {name}')}"}

    def add(self, name: str, kind: str, **properties: object) -> None:
        self.nodes.append({**self.reference(name), "@type": kind, **properties})

    def action(self, event: Event, names: set[str]) -> None:
        fields = event.fields
        about = sorted(names.intersection(texts_in(fields)))
        files = fields.get("attachments", [])
        self.add(
            f"event {event.seq}",
            "case-investigation:InvestigativeAction",
            **{
                "uco-core:name": fields["type"],
                "uco-core:description": [f"event {event.seq} of ledger {self.ledger}"],
                "uco-core:objectCreatedTime": _time(event.recorded_at),
                "uco-action:startTime": _time(fields["occurred_at"]),
                "uco-action:performer": self.reference(f"person {fields['actor']}"),
                "uco-action:object": [self.reference(name) for name in about],
                "uco-action:result": [self.reference(f"file {file['sha256']}") for file in files],
            },
        )
        for file in files:
            self.add(
                f"file {file['sha256']}",
                "uco-observable:ObservableObject",
                **{
                    "uco-core:name": file["name"],
                    "uco-core:hasFacet": [
                        {
                            **self.reference(f"content {file['sha256']}"),
                            "@type": "uco-observable:ContentDataFacet",
                            "uco-observable:hash": [
                                {
                                    **self.reference(f"hash {file['sha256']}"),
                                    "@type": "uco-types:Hash",
                                    "uco-types:hashMethod": "SHA256",
                                    "uco-types:hashValue": {
                                        "@type": "xsd:hexBinary",
                                        "@value": file["sha256"],
                                    },
                                }
                            ],
                        }
                    ],
                },
            )


def _time(text: str) -> dict[str, Any]:
    return {"@type": "xsd:dateTime", "@value": text}
