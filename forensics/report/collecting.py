"""What a ledger and the details say of a case, as one statement of plain values.

A statement is a dictionary that JSON can hold, with keys that are never translated; layout and
linter read it and nothing else. Corrections are applied to all of it (`corrections`) and told.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence

import forensics
from forensics.core.provenance import SOFTWARE
from forensics.custody.acts.results import missing_controls
from forensics.custody.fields import ERASED
from forensics.custody.quantities import plain
from forensics.custody.reader import Event, Reader
from forensics.custody.timeline import timeline
from forensics.errors import UsageError
from forensics.messages import _
from forensics.report.corrections import corrected, correction_of
from forensics.report.details import Details
from forensics.report.error_rates import observed_error

__all__ = ["FORMAT", "collect"]

FORMAT = 1
"""Version of the statement's form."""


def collect(
    ledger: Reader,
    case: str,
    details: Details,
    *,
    findings: Sequence[int] | None = None,
) -> dict:
    """Return the statement of a case.

    Parameters
    ----------
    ledger : Reader
    case : str
    details : Details
    findings : sequence of int, optional
        Events of the findings to report; default: all of the case.

    Raises
    ------
    UsageError
        If there is no such case, or an event is no finding of it.
    VerificationError
        If a field of the ledger is not what was signed.
    """
    ledger.check_openings()
    state = ledger.state
    if case not in state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    recorded = list(ledger.events())
    everything, applied = corrected(recorded)
    events = [event for event in everything if event.fields.get("case") == case]
    names = _names(everything)
    of_case = {seq for seq, found in state.findings.items() if found.case == case}
    chosen = sorted(of_case if findings is None else set(findings))
    if wrong := sorted(set(chosen) - of_case):
        raise UsageError(
            _("Event {seq} is no finding of case {case}.").format(seq=wrong[0], case=case)
        )
    opened = next(event for event in events if event.type == "case")
    stated = [_finding(event, ledger, everything, names) for event in events if event.seq in chosen]
    for one in stated:
        one["prior_reason"] = details.get("method", "prior")
    runs = sorted({name for one in stated for name in one["runs"]})
    omitted = [
        _finding(event, ledger, everything, names)
        for event in events
        if event.seq in of_case - set(chosen)
    ]
    return {
        "format": FORMAT,
        "software": {"name": SOFTWARE, "version": forensics.__version__},
        "report": {
            **{
                name: details.get("report", name)
                for name in ("number", "title", "language", "issued", "replaces", "reason")
            },
        },
        "laboratory": {
            "name": _plain(everything[0].fields.get("laboratory")),
            **{
                name: details.get("laboratory", name)
                for name in ("address", "sites", "accreditation")
            },
        },
        "customer": {
            name: details.get("customer", name) for name in ("name", "address", "contact")
        },
        "request": {
            name: details.get("request", name)
            for name in ("question", "propositions", "information_given")
        },
        "method": {
            name: details.get("method", name)
            for name in ("name", "reference", "deviations", "uncertainty", "limits", "prior")
        },
        "case": {
            "id": case,
            "opened": opened.fields["occurred_at"],
            **{name: _plain(opened.fields.get(name)) for name in ("agency", "reference", "title")},
        },
        "exhibits": list(_exhibits(events, state, names)),
        "samples": list(_samples(events, state)),
        "plans": list(_plans(events, names)),
        "runs": [_run(name, everything, state) for name in runs],
        "findings": stated,
        "omitted": [
            {name: one[name] for name in ("event", "kind", "sample", "reviews")} for one in omitted
        ],
        "opinions": [
            {
                **one,
                "author_name": names.get(str(one.get("author")), one.get("author")),
                "authorised": _may_give_opinions(state, one.get("author"), details),
            }
            for one in details.opinions
        ],
        "outside": list(details.outside),
        "authorisation": _authorisation(details, names, state),
        "timeline": [_moment(entry.to_dict(), names) for entry in timeline(ledger, case)],
        "corrections": _told(recorded, applied, case, stated, runs, names),
        "people": _people(events, stated, names, state),
        "ledger": {
            "id": state.ledger,
            "size": ledger.size,
            "fingerprint": str(ledger.fingerprint),
            "kind": state.policy["kind"],
        },
        "details_sha256": details.sha256,
    }


# -- what is read of the events ---------------------------------------------------------


def _plain(value: object) -> object:
    """Return a value; None for what was erased by order, which a report cannot repeat."""
    return None if value is ERASED else value


def _told(recorded, applied, case, findings, runs, names) -> list[dict]:
    """Return the corrections of the case, and of what it rests on: runs, people, acceptances."""
    by_number = {event.seq: event for event in recorded}
    people = {name for event in recorded if event.fields.get("case") == case
              for name in (event.fields["actor"], event.fields.get("to"))}  # fmt: skip
    libraries = {(one["library"] or {}).get("sha256") for one in findings} - {None}

    def concerns(event: Event) -> bool:
        if event.type == "correct":
            return concerns(by_number[event.fields["event"]])
        fields = event.fields
        return (
            fields.get("case") == case
            or fields.get("run") in runs
            or fields.get("person") in people
            or (event.type == "validate" and fields.get("library") in libraries)
            or event.type == "init"
        )

    return [
        correction_of(event, applied, names)
        for event in recorded
        if event.type == "correct" and concerns(event)
    ]


def _names(events: Sequence[Event]) -> dict[str, str]:
    """Return the full names of the people, as far as they were not erased."""
    return {
        event.fields["person"]: event.fields["name"]
        for event in events
        if event.type in ("init", "enrol") and isinstance(event.fields.get("name"), str)
    }


def _exhibits(events, state, names) -> Iterator[dict]:
    for event in events:
        if event.type not in ("receive", "merge"):
            continue
        said = {
            name: _plain(event.fields.get(name))
            for name in ("seized_at", "seizing_agency", "seizure_place", "received_from")
        }
        for row in event.fields["exhibits"]:
            thing = state.things[row["exhibit"]]
            yield {
                "exhibit": row["exhibit"],
                "description": row["description"],
                "quantity": row["quantity"],
                "unit": row["unit"],
                "remaining": thing.remaining is not None and plain(thing.remaining) or None,
                "condition": row.get("condition"),
                "seals": row.get("seals", []),
                "broken_seals": row.get("broken_seals", []),
                "received_at": event.fields["occurred_at"],
                "received_by": names.get(event.fields["actor"], event.fields["actor"]),
                "event": event.seq,
                "gone": thing.gone or None,
                **said,
            }


def _samples(events, state) -> Iterator[dict]:
    for event in events:
        if event.type != "split":
            continue
        for row in event.fields["samples"]:
            thing = state.things[row["sample"]]
            yield {
                "sample": row["sample"],
                "from": event.fields["thing"],
                "exhibit": thing.root,
                "quantity": row["quantity"],
                "unit": row["unit"],
                "remaining": thing.remaining is not None and plain(thing.remaining) or None,
                "method": event.fields.get("method"),
                "taken_at": event.fields["occurred_at"],
                "event": event.seq,
            }


def _plans(events, names) -> Iterator[dict]:
    for event in events:
        if event.type != "plan":
            continue
        fields = event.fields
        things = set(fields.get("things", ()))
        yield {
            **{
                name: fields.get(name)
                for name in ("population", "grouping", "method", "chosen", "reference")
            },
            "things": sorted(things),
            "chosen_by": names.get(fields["chosen_by"], fields["chosen_by"]),
            "event": event.seq,
            "examined": 0,
            "bounds": [],
        }


def _run(name: str, events, state) -> dict:
    event = next(one for one in events if one.type == "run" and one.fields["run"] == name)
    run = state.runs[name]
    deviation = next((one for one in events if one.seq == run.deviation), None)
    return {
        "run": name,
        "kind": run.kind,
        "performed_at": event.fields["occurred_at"],
        **{key: event.fields.get(key) for key in ("protocol", "instrument", "provider")},
        "controls": [
            {"control": control, "kind": kind, "result": result or None}
            for control, (kind, result) in sorted(run.controls.items())
        ],
        "missing_or_failed": missing_controls(state, name),
        "deviation": deviation and deviation.fields["reason"],
        "event": event.seq,
    }


def _finding(event: Event, ledger: Reader, everything, names) -> dict:
    fields = event.fields
    result = fields["result"] if isinstance(fields.get("result"), dict) else {}
    provenance = fields["provenance"] if isinstance(fields.get("provenance"), dict) else {}
    library = provenance.get("library") or {}
    # What a laboratory accepted counts for what the result says that it was computed from.
    backed = fields.get("library")
    if library and library.get("sha256") != backed:
        backed = None
    return {
        "event": event.seq,
        "kind": fields["kind"],
        "sample": fields["thing"],
        "exhibit": ledger.state.things[fields["thing"]].root,
        "found_at": fields["occurred_at"],
        "analyst": fields["actor"],
        "analyst_name": names.get(fields["actor"], fields["actor"]),
        "runs": list(fields.get("runs") or ()),
        "result": result or None,
        "text": fields["result"] if isinstance(fields.get("result"), str) else None,
        "explanation": result.get("explanation"),
        "library": library or None,
        "parameters": provenance.get("parameters"),
        "inputs": _inputs(provenance.get("input")),
        "software": {name: provenance.get(name) for name in ("software", "version")},
        "dependencies": provenance.get("dependencies"),
        # Of both ranks: which one is reported depends on the calls at other priors.
        "errors": {
            rank: observed_error(
                ledger,
                everything,
                backed,
                result | {"rank": rank},
                provenance.get("parameters") or {},
            )
            for rank in ("species", "genus")
            if fields["kind"] == "identification" and result
        },
        "accepted": _accepted(everything, backed),
        "priors": None,
        "differs": None,
        "reviews": [
            {
                "event": one.seq,
                "reviewer": one.fields["actor"],
                "reviewer_name": names.get(one.fields["actor"], one.fields["actor"]),
                "at": one.fields["occurred_at"],
                "stage": one.fields.get("stage", "technical"),
                "outcome": one.fields["outcome"],
                "blind": one.fields.get("blind"),
                "interpretation": one.fields.get("interpretation"),
                "comment": one.fields.get("comment"),
            }
            for one in everything
            if one.type == "reviewed" and one.fields["finding"] == event.seq
        ],
        "figures": list(_figures(fields.get("attachments"), ledger)),
    }


def _accepted(everything: Sequence[Event], library: str | None) -> dict | None:
    """Return how the laboratory accepted what a finding rests on; None where it did not."""
    for event in reversed(everything):
        if event.type == "validate" and library and event.fields.get("library") == library:
            attached = event.fields.get("attachments")
            attached = attached if isinstance(attached, list) else []
            return {
                "event": event.seq,
                "name": _plain(event.fields.get("name")),
                "scope": _plain(event.fields.get("scope")),
                "files": [entry["name"] for entry in attached],
            }
    return None


def _inputs(read: object) -> list[dict]:
    """Return name and hash of what was read; folders of the laboratory's machines stay there."""
    read = read if isinstance(read, dict) else {}
    return [
        {"file": re.split(r"[/\\\\]", str(one.get("file")))[-1], "sha256": one.get("sha256")}
        for one in read.get("files") or [read]
        if one.get("sha256")
    ]


def _figures(attached, ledger) -> Iterator[dict]:
    """Yield the pictures that were attached to a finding: chromatogram, tree, map."""
    kinds = {".png": "png", ".svg": "svg", ".jpg": "jpg", ".jpeg": "jpg"}
    for entry in attached if isinstance(attached, list) else ():
        ending = "." + entry["name"].rsplit(".", 1)[-1].lower()
        if ending in kinds:
            path = ledger.files / entry["sha256"]
            content = path.read_bytes() if path.is_file() else b""
            # Another picture in its place would be believed; the linter tells that it is empty.
            same = hashlib.sha256(content).hexdigest() == entry["sha256"]
            yield {
                "name": entry["name"],
                "kind": kinds[ending],
                "sha256": entry["sha256"],
                "base64": base64.b64encode(content).decode("ascii") if same else "",
            }


def _authorisation(details: Details, names, state) -> dict:
    person = details.get("authorisation", "person")
    return {
        "person": person,
        "name": names.get(person, person),
        "function": details.get("authorisation", "function"),
        "enrolled": person in state.people,
    }


def _may_give_opinions(state, person: str | None, details: Details) -> bool:
    """Return whether a competence in ``opinions`` was on record on the day of issue."""
    day = details.get("report", "issued")
    known = state.people.get(person) if person else None
    if known is None or not day:
        return False
    return any(
        name == "opinions" and begin[:10] <= day <= end[:10]
        for name, begin, end in known.competences
    )


def _people(events, findings, names, state) -> list[dict]:
    """Return everybody who acted in the case, in the order of their first act."""
    order = dict.fromkeys(event.fields["actor"] for event in events)
    order.update(dict.fromkeys(r["reviewer"] for one in findings for r in one["reviews"]))
    return [
        {
            "person": person,
            "name": names.get(person, person),
            "agency": state.people[person].agency or None,
            "roles": sorted(state.people[person].roles),
            "competences": [list(one) for one in state.people[person].competences],
        }
        for person in order
        if person in state.people
    ]


# What stands in the timeline of a report: who did what to which thing, and where it went.
_MOMENT = (
    "exhibits",
    "things",
    "thing",
    "samples",
    "to",
    "location",
    "seals",
    "sealed",
    "quantity",
    "unit",
    "used_for",
    "condition",
    "run",
    "kind",
    "outcome",
    "finding",
    "findings",
    "order",
    "method",
    "field",
    "description",
)


def _moment(entry: dict, names) -> dict:
    fields = entry["fields"]
    return {
        "event": entry["event"],
        "at": fields["occurred_at"],
        "recorded_at": entry["recorded_at"],
        "not_later_than": entry["not_later_than"],
        "by": names.get(fields["actor"], fields["actor"]),
        "type": fields["type"],
        "about": {
            name: names.get(fields[name], fields[name]) if name == "to" else fields[name]
            for name in _MOMENT
            if fields.get(name) is not None
        },
        "flags": entry["flags"],
        "corrected_by": entry["corrected_by"],
    }
