"""What a ledger and the details say of a case, as one statement.

Corrections are applied to all of it (`corrections`) and stated beside it; layout and linter read the
statement and nothing else.

What a report says that no ledger knows: question, propositions, customer, method, opinions.

People write it in a TOML file (docs/report.md has one whole). Lines that are not understood are
refused, so that a misspelt one is never silently left out; what is missing is for the linter.

Corrections in the ledger, applied to everything that a report states.

The ledger keeps the original and its correction. A report states what is right, and beside it what
was first recorded and why it was changed. Three things are never taken from a correction: what a
finding found and how (a result that was wrong is found anew), files, and names of things, which the
rest of the ledger goes by. Those are reported beside, and not applied; a finding whose result a hand corrected is
refused (`forensics.report.linter`).

Corrections as a report states them: beside what they correct, and all of them together.

What a report says that a court had erased since: it can no longer be compared, and is not false.

A value that was erased is gone with its salt, so nobody can tell whether the report had it right. The
statement is built once more with a mark in place of each erased text. Where the mark stands, the
report may say anything in its place; around it, it must say what is said now.

Which taxa a report reports, by finding and by item: with them opinions, comments and reviews are compared.

A reviewer's own interpretation of the raw data beside what is reported, and where both differ.

What follows for items that were not examined, from those that were chosen and examined.

What the law says of the taxon that is reported: national law first, then CITES.

Reads the parts of a statement from the events of a case, to which corrections were applied.
"""

import base64
import datetime
import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import forensics
from forensics.barcode.mixture.results import Mixture
from forensics.barcode.reference.units import UNIT, unit_members
from forensics.core.provenance import SOFTWARE
from forensics.custody.acts.results import missing_controls
from forensics.custody.fields import ERASED, plain
from forensics.custody.reader import Event, Reader
from forensics.custody.state import State
from forensics.custody.timeline import Entry, timeline
from forensics.errors import InputError, UsageError
from forensics.io.inputs import MAX_TOML, load_toml, read_limited
from forensics.messages import _
from forensics.origin.outlines import names_in_languages
from forensics.report.blocks import Block, Facts, Table, Text, percent, whole
from forensics.report.error_rates import observed_error
from forensics.report.problems import Problem
from forensics.report.reproductions import conservative_call, is_call, is_mixture
from forensics.report.statement import (
    Acceptance,
    Authorisation,
    Bound,
    Change,
    Control,
    Correction,
    Customer,
    Exhibit,
    Finding,
    Flag,
    InputFile,
    Laboratory,
    LedgerMark,
    Listing,
    MadeWith,
    Method,
    Moment,
    Omitted,
    OpenedCase,
    Opinion,
    OutsideWork,
    Person,
    Picture,
    Plan,
    ReportHead,
    Request,
    Review,
    Run,
    Sample,
    Software,
    Statement,
)
from forensics.stats.intervals import hypergeometric_lower
from forensics.taxonomy.listings import listing_of
from forensics.taxonomy.listings.nomenclature import above
from forensics.taxonomy.listings.results import Protection
from forensics.taxonomy.mentions import Relation, contains_name, find_mentions, relate

if TYPE_CHECKING:
    from forensics.taxonomy.listings.official import Official


# ISO 21043-5:2025 and ENFSI 2015 tell these apart: a probability needs its prior, a ratio its
# two propositions, an estimation its uncertainty.
OPINION_KINDS = ("likelihood_ratio", "probability", "estimation", "other")

_TEXT, _TEXTS, _DAY, _EVENTS, _KIND = "text", "list of texts", "date", "list of numbers", "kind"
TABLES: dict[str, dict[str, str]] = {
    "report": {
        "number": _TEXT,
        "title": _TEXT,
        "language": _TEXT,
        "issued": _DAY,
        "replaces": _TEXT,
        "reason": _TEXT,
    },
    "customer": {"name": _TEXT, "address": _TEXT, "contact": _TEXT},
    "laboratory": {"address": _TEXT, "sites": _TEXTS, "accreditation": _TEXT},
    "request": {"question": _TEXT, "propositions": _TEXTS, "information_given": _TEXT},
    "method": {
        "name": _TEXT,
        "reference": _TEXT,
        "deviations": _TEXT,
        "uncertainty": _TEXT,
        "limits": _TEXT,
        "prior": _TEXT,
    },
    "authorisation": {"person": _TEXT, "function": _TEXT},
    "outside": {"provider": _TEXT, "work": _TEXT, "findings": _EVENTS},
    "opinion": {"author": _TEXT, "kind": _KIND, "text": _TEXT, "findings": _EVENTS},
}
"""Tables of the file and their entries. ``outside`` and ``opinion`` may stand several times."""

_REPEATED = ("outside", "opinion")


@dataclass(frozen=True)
class Details:
    """What was read.

    Attributes
    ----------
    tables : dict of str to dict
        Every table of `TABLES` that stands once; empty where it is missing.
    outside, opinions : tuple of dict
        Work by outside providers, and opinions.
    sha256 : str
        Of the file; empty where there is none.
    """

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    outside: tuple[dict[str, Any], ...] = ()
    opinions: tuple[dict[str, Any], ...] = ()
    sha256: str = ""

    def get(self, table: str, name: str) -> Any:
        """Return an entry; None where it is missing or blank."""
        return self.tables.get(table, {}).get(name) or None

    def entries(self, table: str, *names: str) -> tuple[Any, ...]:
        """Return several entries of a table, as of `get`."""
        return tuple(self.get(table, name) for name in names)

    def texts(self, table: str, name: str) -> tuple[str, ...] | None:
        """Return a list of texts; None where it is missing or empty."""
        value = self.get(table, name)
        return None if value is None else tuple(value)


def read_details(path: str | os.PathLike[str]) -> Details:
    """Read the file of details.

    Raises
    ------
    InputError
        If it cannot be read, is no TOML, or holds what is not understood.
    """
    path = Path(path)
    try:
        content = read_limited(path, MAX_TOML)
        details = load_toml(content)
    except ValueError as error:  # neither UTF-8 nor TOML
        raise InputError(
            _("{path} is not TOML in UTF-8: {error}.").format(path=path, error=error)
        ) from error
    for name, table in details.items():
        if name not in TABLES:
            raise _not_understood(path, name, ", ".join(f"[{known}]" for known in TABLES))
        is_repeated = name in _REPEATED
        if not (isinstance(table, list) if is_repeated else isinstance(table, dict)):
            heading = f"[[{name}]]" if is_repeated else f"[{name}]"
            raise InputError(
                _("{path}: write {name} as a table: {wanted}.").format(
                    path=path, name=name, wanted=heading
                )
            )
        for entries in table if is_repeated else [table]:
            _check_entries(path, name, entries)
    return Details(
        {name: details.get(name, {}) for name in TABLES if name not in _REPEATED},
        tuple(details.get("outside", ())),
        tuple(details.get("opinion", ())),
        hashlib.sha256(content).hexdigest(),
    )


def _check_entries(path: Path, table: str, entries: object) -> None:
    if not isinstance(entries, dict):
        raise _not_understood(path, f"{table}: {entries!r}", f"[[{table}]]")
    for name, value in entries.items():
        kind = TABLES[table].get(name)
        if kind is None:
            raise _not_understood(path, f"[{table}] {name}", ", ".join(TABLES[table]))
        if not _FITS[kind](value):
            expected = " | ".join(OPINION_KINDS) if kind == _KIND else _(kind)
            raise InputError(
                _("{path}: [{table}] {name} is {found!r}; expected: {wanted}.").format(
                    path=path, table=table, name=name, found=value, wanted=expected
                )
            )
    # A date is text from here on, as everything in a statement is.
    entries.update({name: value.isoformat() for name, value in entries.items() if _is_day(value)})


def _is_day(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_list_of(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(type(entry) is kind for entry in value)


_FITS: dict[str, Callable[[object], bool]] = {
    _TEXT: lambda value: isinstance(value, str),
    _TEXTS: _is_list_of(str),
    _DAY: _is_day,
    _EVENTS: _is_list_of(int),
    _KIND: lambda value: value in OPINION_KINDS,
}


def _not_understood(path: Path, found: str, expected: str) -> InputError:
    return InputError(
        _("{path}: {found} is not understood. Expected are: {expected}.").format(
            path=path, found=found, expected=expected
        )
    )


EVIDENCE = (
    "result", "provenance", "library", "attachments", "outcome", "stage", "blind", "interpretation",
)  # fmt: skip
"""Fields that no correction changes here: they are the finding, or the word of a reviewer."""

_NAMES = (
    "thing",
    "things",
    "run",
    "runs",
    "case",
    "finding",
    "findings",
    "event",
    "person",
    "kind",
)
_RECORDS = {"exhibits": "exhibit", "samples": "sample", "sealed": "thing", "loaded": "thing"}


def apply_corrections(events: Sequence[Event]) -> tuple[list[Event], frozenset[int]]:
    """Return events with every correction applied that can be, and the events of those.

    A correction may itself be corrected; the last one of a field counts.

    Parameters
    ----------
    events : sequence of Event
        All of a ledger, in their order.

    Returns
    -------
    events : list of Event
        Those that nothing corrects are the same objects.
    applied : frozenset of int
        Numbers of the corrections that were applied.
    """
    by_number = {event.seq: event for event in events}
    fields: dict[int, dict[str, Any]] = {}  # of the events that are corrected

    def now(seq: int) -> dict[str, Any]:
        return fields.get(seq, by_number[seq].fields)

    corrections = [event for event in events if event.type == "correct"]
    applied = set()
    # What is about later events comes first, so that a correction is right before it is applied; of
    # those of one event the last one comes last.
    for correction in sorted(corrections, key=lambda one: (-one.fields["event"], one.seq)):
        stated = now(correction.seq)
        seq, name, new = stated["event"], stated["field"], stated["new"]
        before = now(seq)
        if _fits(by_number[seq].type, name, before.get(name), new):
            fields[seq] = {**before, name: new}
            applied.add(correction.seq)
    return [
        replace(event, fields=fields[event.seq]) if event.seq in fields else event
        for event in events
    ], frozenset(applied)


def _fits(type_: str, name: str, old: Any, new: Any) -> bool:
    """Return whether a report may state the new value in the place of the old one."""
    if name in EVIDENCE or name in _NAMES or ERASED in (old, new):
        return False
    if type_ == "correct":
        return name == "new"
    if old is not None and type(old) is not type(new):
        return False
    if name in _RECORDS:
        key = _RECORDS[name]
        named = [[row.get(key) if isinstance(row, dict) else None for row in rows]
                 for rows in (old or (), new)]  # fmt: skip
        return named[0] == named[1] and None not in named[1]
    return True


def changes(old: Any, new: Any, field: str) -> Iterator[tuple[str, str, object, object]]:
    """Yield what a correction changes: the item it is about, the field, and both values.

    Examples
    --------
    >>> row = {"exhibit": "C1/1", "quantity": "5"}
    >>> list(changes([row], [{**row, "quantity": "6"}], "exhibits"))
    [('C1/1', 'quantity', '5', '6')]
    >>> list(changes("a", "b", "condition"))
    [('', 'condition', 'a', 'b')]
    """
    key = _RECORDS.get(field)
    rows = key and all(isinstance(value, list) for value in (old, new)) and len(old) == len(new)
    if not rows or not all(isinstance(row, dict) for row in (*old, *new)):
        yield "", field, old, new
        return
    for before, after in zip(old, new):
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                about = str(before.get(key, ""))
                yield about, name, before.get(name), after.get(name)


def correction_of(event: Event, applied: frozenset[int], names: dict[str, str]) -> Correction:
    """Return a correction as a statement has it.

    Parameters
    ----------
    event : Event
        Of type ``correct``, as it was recorded.
    applied : frozenset of int
        From `apply_corrections`.
    names : dict
        Of people.
    """
    fields = event.fields

    def plain(value: Any) -> Any:
        return None if value is ERASED else value

    old, new = plain(fields["old"]), plain(fields["new"])
    return Correction(
        event=event.seq,
        corrects=fields["event"],
        at=fields["occurred_at"],
        by=names.get(fields["actor"], fields["actor"]),
        field=fields["field"],
        old=old,
        new=new,
        reason=plain(fields.get("reason")),
        applied=event.seq in applied,
        changes=tuple(Change(*change) for change in changes(old, new, fields["field"])),
    )


_MAX_LENGTH = 200  # of a value; what is longer stands in the ledger


def annotate_event(statement: Statement, event: int, about: str = "") -> str:
    """Return what was corrected of an event, for a line beside what it states.

    Parameters
    ----------
    statement : Statement
    event : int
        That the corrected statement was recorded in.
    about : str
        The item or sample, where an event states several.
    """
    return " ".join(
        text
        for correction in statement.corrections
        if correction.corrects == event and correction.applied
        for text in _annotate(correction, about)
    )


def _annotate(correction: Correction, about: str) -> Iterator[str]:
    for change in correction.changes:
        if about and change.about and change.about != about:
            continue
        # About one item nothing needs to be said of which.
        name = change.field if about or not change.about else f"{change.about}, {change.field}"
        yield _("{name}: first recorded as “{old}”, corrected in event {event}: {reason}.").format(
            name=name,
            old=_shown(change.old),
            event=correction.event,
            reason=(correction.reason or _("(erased by order)")).rstrip("."),
        )


def list_corrections(statement: Statement) -> Iterator[str]:
    """Yield every correction with both values, its reason, and whether the report states the new one."""
    for correction in statement.corrections:
        what = _("; ").join(
            _("{field}: {old} → {new}").format(
                field=" ".join(filter(None, (change.about, change.field))),
                old=_shown(change.old), new=_shown(change.new),
            )
            for change in correction.changes
        )  # fmt: skip
        text = (
            _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the corrected value.")
            if correction.applied
            else _("Event {corrects} was corrected in event {event} by {by}: {what} ({reason}). The report states the original: read it with this correction.")
        )  # fmt: skip
        yield text.format(
            corrects=correction.corrects, event=correction.event, by=correction.by, what=what,
            reason=correction.reason or _("(erased by order)"),
        )  # fmt: skip
        if correction.applied and any(change.field == "quantity" for change in correction.changes):
            yield _("What remains was reckoned from the quantity that was recorded first.")


def _shown(value: Any) -> str:
    if value is None:
        return _("(erased by order, or nothing)")
    if isinstance(value, (list, tuple)):
        text = ", ".join(map(_shown, value))
    elif isinstance(value, dict):
        text = " ".join(f"{name} {_shown(part)}" for name, part in value.items())
    else:
        text = str(value)
    return text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + "…"


TIMELINE_FIELDS = (
    "exhibits", "things", "thing", "samples", "to", "location", "seals", "sealed", "quantity", "unit",
    "used_for", "condition", "run", "kind", "outcome", "finding", "findings", "order", "method",
    "field", "description",
)  # fmt: skip
"""Fields of an event that stand in the timeline: who did what to which thing, and where it went."""

# Bytes of a picture that a report takes in; a scan of a page has 10 MB.
_MAX_PICTURE = 64 * 2**20


def unless_erased(value: Any) -> Any:
    """Return a value; None for what was erased by order, which a report cannot repeat."""
    return None if value is ERASED else value


class Collector:
    """Reads the parts of a statement of one case.

    Parameters
    ----------
    ledger : Reader
    case : str
    details : Details
    everything : sequence of Event
        All of the ledger, corrected.
    """

    def __init__(
        self, ledger: Reader, case: str, details: Details, everything: Sequence[Event]
    ) -> None:
        self.ledger, self.details, self.everything = ledger, details, everything
        self.state: State = ledger.state
        self.case = case
        self.events = [event for event in everything if event.fields.get("case") == case]
        # Full names of people, as far as they were not erased.
        self.names = {
            str(event.fields["person"]): str(event.fields["name"])
            for event in everything
            if event.type in ("init", "enrol") and isinstance(event.fields.get("name"), str)
        }

    def name(self, person: Any) -> str:
        """Return the full name of a person, or the id where the name was erased."""
        return self.names.get(person, cast("str", person))

    def opened_case(self) -> OpenedCase:
        """Return how the case was opened."""
        opened = next(event for event in self.events if event.type == "case")
        return OpenedCase(
            self.case,
            opened.fields["occurred_at"],
            *(unless_erased(opened.fields.get(name)) for name in ("agency", "reference", "title")),
        )

    def exhibits(self) -> Iterator[Exhibit]:
        """Yield what was received, and what was merged of it."""
        for event in self.events:
            if event.type not in ("receive", "merge"):
                continue
            fields = event.fields
            for row in fields["exhibits"]:
                thing = self.state.things[row["exhibit"]]
                yield Exhibit(
                    exhibit=row["exhibit"],
                    description=row["description"],
                    quantity=row["quantity"],
                    unit=row["unit"],
                    remaining=None if thing.remaining is None else plain(thing.remaining) or None,
                    condition=row.get("condition"),
                    seals=tuple(row.get("seals", ())),
                    broken_seals=tuple(row.get("broken_seals", ())),
                    received_at=fields["occurred_at"],
                    received_by=self.name(fields["actor"]),
                    event=event.seq,
                    gone=thing.gone or None,
                    seized_at=unless_erased(fields.get("seized_at")),
                    seizing_agency=unless_erased(fields.get("seizing_agency")),
                    seizure_place=unless_erased(fields.get("seizure_place")),
                    received_from=unless_erased(fields.get("received_from")),
                )

    def samples(self) -> Iterator[Sample]:
        """Yield the samples that exhibits were split into."""
        for event in self.events:
            if event.type != "split":
                continue
            for row in event.fields["samples"]:
                thing = self.state.things[row["sample"]]
                yield Sample(
                    sample=row["sample"],
                    source=event.fields["thing"],
                    exhibit=thing.root,
                    quantity=row["quantity"],
                    unit=row["unit"],
                    remaining=None if thing.remaining is None else plain(thing.remaining) or None,
                    method=event.fields.get("method"),
                    taken_at=event.fields["occurred_at"],
                    event=event.seq,
                )

    def plans(self) -> Iterator[Plan]:
        """Yield what was planned before it was examined."""
        for event in self.events:
            if event.type != "plan":
                continue
            fields = event.fields
            yield Plan(
                population=cast("int", fields.get("population")),
                grouping=fields.get("grouping"),
                method=fields.get("method"),
                chosen=cast("int", fields.get("chosen")),
                reference=fields.get("reference"),
                things=tuple(sorted(set(fields.get("things", ())))),
                chosen_by=self.name(fields["chosen_by"]),
                event=event.seq,
            )

    def run(self, name: str) -> Run:
        """Return a run of an instrument by its name."""
        event = next(
            event
            for event in self.everything
            if event.type == "run" and event.fields["run"] == name
        )
        run = self.state.runs[name]
        deviation = next((event for event in self.everything if event.seq == run.deviation), None)
        return Run(
            run=name,
            kind=run.kind,
            performed_at=event.fields["occurred_at"],
            protocol=event.fields.get("protocol"),
            instrument=event.fields.get("instrument"),
            provider=event.fields.get("provider"),
            controls=tuple(
                Control(control, kind, result or None)
                for control, (kind, result) in sorted(run.controls.items())
            ),
            missing_or_failed=tuple(missing_controls(self.state, name)),
            deviation=None if deviation is None else deviation.fields["reason"],
            event=event.seq,
        )

    def finding(self, event: Event) -> Finding:
        """Return a finding: what is recorded, beside what is read back of it."""
        fields = event.fields
        result = fields["result"] if isinstance(fields.get("result"), dict) else {}
        recorded = fields.get("provenance")
        provenance: dict[str, Any] = recorded if isinstance(recorded, dict) else {}
        library = provenance.get("library") or {}
        # What a laboratory accepted counts for what the result says that it was computed from.
        backed = fields.get("library")
        if library and library.get("sha256") != backed:
            backed = None
        # Of both ranks: which one is reported depends on the calls at other priors.
        ranks = ("species", "genus") if fields["kind"] == "identification" and result else ()
        return Finding(
            event=event.seq,
            kind=fields["kind"],
            sample=fields["thing"],
            exhibit=self.state.things[fields["thing"]].root,
            found_at=fields["occurred_at"],
            analyst=fields["actor"],
            analyst_name=self.name(fields["actor"]),
            runs=tuple(fields.get("runs") or ()),
            result=result or None,
            text=fields["result"] if isinstance(fields.get("result"), str) else None,
            explanation=result.get("explanation"),
            library=library or None,
            parameters=provenance.get("parameters"),
            inputs=tuple(_input_files(provenance.get("input"))),
            software=MadeWith(provenance.get("software"), provenance.get("version")),
            dependencies=provenance.get("dependencies"),
            plugins=provenance.get("plugins"),
            errors={
                rank: observed_error(
                    self.ledger,
                    self.everything,
                    backed,
                    result | {"rank": rank},
                    provenance.get("parameters") or {},
                )
                for rank in ranks
            },
            accepted=self._acceptance(backed),
            reviews=self.reviews(event),
            figures=tuple(_pictures(fields.get("attachments"), self.ledger)),
            prior_reason=self.details.get("method", "prior"),
        )

    def reviews(self, finding: Event) -> tuple[Review, ...]:
        """Return the reviews of a finding."""
        return tuple(
            Review(
                event=event.seq,
                reviewer=event.fields["actor"],
                reviewer_name=self.name(event.fields["actor"]),
                at=event.fields["occurred_at"],
                stage=event.fields.get("stage", "technical"),
                outcome=event.fields["outcome"],
                blind=event.fields.get("blind"),
                interpretation=event.fields.get("interpretation"),
                comment=event.fields.get("comment"),
            )
            for event in self.everything
            if event.type == "reviewed" and event.fields["finding"] == finding.seq
        )

    def _acceptance(self, library: str | None) -> Acceptance | None:
        """Return how the laboratory accepted what a finding rests on; None where it did not."""
        for event in reversed(self.everything):
            if event.type == "validate" and library and event.fields.get("library") == library:
                attached = event.fields.get("attachments")
                return Acceptance(
                    event.seq,
                    unless_erased(event.fields.get("name")),
                    unless_erased(event.fields.get("scope")),
                    tuple(
                        entry["name"] for entry in (attached if isinstance(attached, list) else ())
                    ),
                )
        return None

    def opinion(self, entry: Mapping[str, Any]) -> Opinion:
        """Return an opinion with the name of its author."""
        author = entry.get("author")
        return Opinion(
            **{**entry, "findings": _numbers(entry.get("findings"))},
            author_name=self.names.get(str(author), cast("str", author)),
            authorised=self._may_give_opinions(author),
            keys=tuple(entry),
        )

    def _may_give_opinions(self, person: str | None) -> bool:
        """Return whether a competence in ``opinions`` was on record on the day of issue."""
        day = self.details.get("report", "issued")
        known = self.state.people.get(person) if person else None
        if known is None or not day:
            return False
        return any(
            name == "opinions" and begin[:10] <= day <= end[:10]
            for name, begin, end in known.competences
        )

    def authorisation(self) -> Authorisation:
        """Return who authorised the report, as the details say."""
        person = self.details.get("authorisation", "person")
        return Authorisation(
            person,
            self.names.get(person, person) if person else None,
            self.details.get("authorisation", "function"),
            person in self.state.people,
        )

    def corrections(
        self,
        recorded: Sequence[Event],
        applied: frozenset[int],
        findings: Sequence[Finding],
        runs: Sequence[str],
    ) -> Iterator[Correction]:
        """Yield the corrections of the case, and of what it rests on: runs, people, acceptances."""
        by_number = {event.seq: event for event in recorded}
        people = {
            name
            for event in recorded
            if event.fields.get("case") == self.case
            for name in (event.fields["actor"], event.fields.get("to"))
        }
        libraries = {(finding.library or {}).get("sha256") for finding in findings} - {None}

        def concerns(event: Event) -> bool:
            if event.type == "correct":
                return concerns(by_number[event.fields["event"]])
            fields = event.fields
            return (
                fields.get("case") == self.case
                or fields.get("run") in runs
                or fields.get("person") in people
                or (event.type == "validate" and fields.get("library") in libraries)
                or event.type == "init"
            )

        for event in recorded:
            if event.type == "correct" and concerns(event):
                yield correction_of(event, applied, self.names)

    def people(self, findings: Sequence[Finding]) -> Iterator[Person]:
        """Yield everybody who acted in the case, in the order of their first act, and whoever gives an opinion."""
        order = dict.fromkeys(event.fields["actor"] for event in self.events)
        order.update(
            dict.fromkeys(review.reviewer for finding in findings for review in finding.reviews)
        )
        order.update(dict.fromkeys(opinion.get("author") for opinion in self.details.opinions))
        for person in order:
            if (known := self.state.people.get(person)) is not None:
                yield Person(
                    person,
                    self.name(person),
                    known.agency or None,
                    tuple(sorted(known.roles)),
                    tuple(known.competences),
                )

    def moment(self, entry: Entry) -> Moment:
        """Return an entry of the timeline."""
        stored = entry.to_dict()
        fields = stored["fields"]
        return Moment(
            event=stored["event"],
            at=fields["occurred_at"],
            recorded_at=stored["recorded_at"],
            not_later_than=stored["not_later_than"],
            by=self.name(fields["actor"]),
            type=fields["type"],
            about={
                name: self.name(fields[name]) if name == "to" else fields[name]
                for name in TIMELINE_FIELDS
                if fields.get(name) is not None
            },
            flags=tuple(Flag(**flag) for flag in stored["flags"]),
            corrected_by=tuple(stored["corrected_by"]),
        )


def _numbers(values: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if values is None else tuple(values)


def outside_work(entry: Mapping[str, Any]) -> OutsideWork:
    """Return what another laboratory did, from an entry of a statement."""
    return OutsideWork(**{**entry, "findings": _numbers(entry.get("findings"))}, keys=tuple(entry))


def _input_files(recorded: object) -> Iterator[InputFile]:
    """Yield name and hash of what was read; folders of the laboratory's machines stay there."""
    read = recorded if isinstance(recorded, dict) else {}
    for file in read.get("files") or [read]:
        if file.get("sha256"):
            yield InputFile(re.split(r"[/\\\\]", str(file.get("file")))[-1], file.get("sha256"))


def _pictures(attached: object, ledger: Reader) -> Iterator[Picture]:
    """Yield the pictures that were attached to a finding: chromatogram, tree, map."""
    kinds = {".png": "png", ".svg": "svg", ".jpg": "jpg", ".jpeg": "jpg"}
    for entry in attached if isinstance(attached, list) else ():
        ending = "." + entry["name"].rsplit(".", 1)[-1].lower()
        if ending in kinds:
            path = ledger.files / entry["sha256"]
            held = path.is_file() and path.stat().st_size <= _MAX_PICTURE
            content = read_limited(path, _MAX_PICTURE) if held else b""
            # Another picture in its place would be believed; the linter says that it is empty.
            same = hashlib.sha256(content).hexdigest() == entry["sha256"]
            yield Picture(
                entry["name"],
                kinds[ending],
                entry["sha256"],
                base64.b64encode(content).decode("ascii") if same else "",
            )


def collect(
    ledger: Reader,
    case: str,
    details: Details,
    *,
    findings: Sequence[int] | None = None,
) -> Statement:
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
        If there is no such case, or an event is not a finding of it.
    VerificationError
        If a field of the ledger is not what was signed.
    """
    ledger.check_openings()
    state = ledger.state
    if case not in state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    recorded = list(ledger.events())
    corrected, applied = apply_corrections(recorded)
    of_case = {seq for seq, finding in state.findings.items() if finding.case == case}
    chosen = sorted(of_case if findings is None else set(findings))
    if wrong := sorted(set(chosen) - of_case):
        raise UsageError(
            _("Event {seq} is not a finding of case {case}.").format(seq=wrong[0], case=case)
        )
    collector = Collector(ledger, case, details, corrected)
    stated = tuple(collector.finding(event) for event in collector.events if event.seq in chosen)
    runs = sorted({run for finding in stated for run in finding.runs})
    return Statement(
        software=Software(SOFTWARE, forensics.__version__),
        report=ReportHead(
            *details.entries(
                "report", "number", "title", "language", "issued", "replaces", "reason"
            )
        ),
        laboratory=Laboratory(
            name=unless_erased(corrected[0].fields.get("laboratory")),
            address=details.get("laboratory", "address"),
            sites=details.texts("laboratory", "sites"),
            accreditation=details.get("laboratory", "accreditation"),
        ),
        customer=Customer(*details.entries("customer", "name", "address", "contact")),
        request=Request(
            question=details.get("request", "question"),
            propositions=details.texts("request", "propositions"),
            information_given=details.get("request", "information_given"),
        ),
        method=Method(
            *details.entries(
                "method", "name", "reference", "deviations", "uncertainty", "limits", "prior"
            )
        ),
        case=collector.opened_case(),
        exhibits=tuple(collector.exhibits()),
        samples=tuple(collector.samples()),
        plans=tuple(collector.plans()),
        runs=tuple(map(collector.run, runs)),
        findings=stated,
        omitted=tuple(
            Omitted(
                event.seq, event.fields["kind"], event.fields["thing"], collector.reviews(event)
            )
            for event in collector.events
            if event.seq in of_case - set(chosen)
        ),
        opinions=tuple(map(collector.opinion, details.opinions)),
        outside=tuple(outside_work(entry) for entry in details.outside),
        authorisation=collector.authorisation(),
        timeline=tuple(map(collector.moment, timeline(ledger, case))),
        corrections=tuple(collector.corrections(recorded, applied, stated, runs)),
        people=tuple(collector.people(stated)),
        ledger=LedgerMark(state.ledger, ledger.size, str(ledger.fingerprint), state.policy["kind"]),
        details_sha256=details.sha256,
    )


_MARK = "\ue000{seq}:{name}\ue001"
"""Characters for private use, which no text of a ledger has a reason to contain."""
_MARKED = re.compile("\ue000([0-9]+):([a-z_]+)\ue001")


class ErasedValues:
    """The places of a statement in which erased values would stand.

    Parameters
    ----------
    ledger : Reader
        With all its events.
    size : int
        Number of events that the statement is built from.
    case : str
    details : Details
    findings : sequence of int
        Events of the findings that are reported.
    """

    def __init__(
        self, ledger: Reader, size: int, case: str, details: Details, findings: Sequence[int]
    ) -> None:
        self._orders = {
            (event.fields["event"], name): event.seq
            for event in ledger.events()
            if event.type == "erase"
            for name in event.fields.get("erased", ())
        }
        self._statement: dict[str, Any] | None = None
        if self._orders:
            with closing(_MarkingReader(ledger.path, most=size)) as marking:
                self._statement = collect(marking, case, details, findings=findings).to_dict()

    def find_problem(self, place: str, stated: object) -> Problem | None:
        """Return that the value at a place was erased, or None where that does not explain it.

        Parameters
        ----------
        place : str
            Such as ``exhibits.0.received_from``.
        stated : object
            What the report says there.
        """
        marked = _value_at(self._statement, place)
        if not isinstance(marked, str) or not isinstance(stated, str):
            return None
        marks = list(_MARKED.finditer(marked))
        pattern = ".+".join(re.escape(part) for part in _MARKED.split(marked)[::3])
        if not marks or not re.fullmatch(pattern, stated, re.DOTALL):
            return None
        orders = sorted({self._orders[int(mark[1]), mark[2]] for mark in marks})
        events = ", ".join(map(str, orders))
        return Problem("ERASED", place, _("erased by order, event {events}").format(events=events))


class _MarkingReader(Reader):
    """A ledger in which a mark stands in place of each text that was erased."""

    def events(self, *, case: str | None = None, first: int = 1) -> Iterator[Event]:
        for event in super().events(case=case, first=first):
            marks = {
                name: _MARK.format(seq=event.seq, name=name)
                for name, value in event.fields.items()
                if value is ERASED and _is_text(event, name)
            }
            yield replace(event, fields=event.fields | marks) if marks else event


def _is_text(event: Event, name: str) -> bool:
    """Return whether an erased field held one text; corrections and authorisations hold any value."""
    return event.type not in ("authorise", "correct") or name == "note"


def _value_at(statement: object, place: str) -> Any:
    value: Any = statement
    try:
        for part in place.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return value


def is_of_taxa(finding: Finding) -> bool:
    """Return whether a finding answers of which taxon something is."""
    return is_call(finding) or is_mixture(finding)


def reported_taxa(finding: Finding) -> list[tuple[str, str]]:
    """Return rank and name of the taxa that a finding reports, each once."""
    if is_call(finding):
        call = conservative_call(finding)
        if call.rank == UNIT:  # each of them is reported, with its listing
            return [("species", name) for name in unit_members(call.taxon or "")]
        return [(call.rank, call.taxon)] if call.taxon and call.rank else []
    result = finding.read.result
    if isinstance(result, Mixture):
        taxa = ((taxon.rank, taxon.name) for taxon in result.present)
        return list(dict.fromkeys((rank, name) for rank, name in taxa if rank and name))
    return []


def reported_groups(
    statement: Statement, findings: Sequence[Finding]
) -> list[tuple[str, ...]] | None:
    """Return the taxa reported of the items of findings; several in one group where which of them is open.

    Returns
    -------
    list of tuple of str, or None
        Of these findings, and of others of the same items. None where none of them says of which taxon
        something is: then there is nothing to compare with.
    """
    items = {finding.exhibit for finding in findings}
    concerned = [finding for finding in statement.findings if finding.exhibit in items]
    groups = [group for finding in concerned for group in _groups_of(finding)]
    if not groups and not any(map(is_of_taxa, concerned)):
        return None
    return list(dict.fromkeys(groups))


def _groups_of(finding: Finding) -> Iterator[tuple[str, ...]]:
    names = [name for _rank, name in reported_taxa(finding)]
    if is_call(finding) and conservative_call(finding).rank == UNIT:
        yield tuple(names)
    else:
        yield from ((name,) for name in names)
    for text in filter(None, [finding.text]):  # a morphology that somebody wrote down
        yield from ((mention.taxon,) for mention in find_mentions(text))
    if is_call(finding) and conservative_call(finding).status == "nothing_near":
        far = (finding.result or {}).get("placement") or {}
        if taxon := far.get("taxon"):  # records further away speak for it, and the report says so
            yield (taxon,)


def relate_to_reported(
    taxon: str, groups: Sequence[tuple[str, ...]], named: Collection[str]
) -> Relation:
    """Return how a taxon that somebody names stands to what is reported.

    Parameters
    ----------
    taxon : str
    groups : sequence of tuple of str
        From `reported_groups`.
    named : collection of str
        All taxa that the text names: one species of a group alone says more than the group.
    """
    relations = []
    for group in groups:
        of_group = {relate(taxon, one) for one in group}
        if of_group == {Relation.WITHIN} or set(group) <= {*named} and taxon in group:
            return Relation.WITHIN
        relations.append(Relation.OTHER if of_group == {Relation.OTHER} else Relation.BELOW)
    return Relation.BELOW if Relation.BELOW in relations else Relation.OTHER


def candidates_of(findings: Sequence[Finding]) -> list[str]:
    """Return the names that findings mention beside what they report: candidates, and what is not excluded."""
    return list(dict.fromkeys(name for finding in findings for name in _candidates(finding)))


def _candidates(finding: Finding) -> Iterator[str]:
    result = finding.result or {}
    calls = [
        (result.get("rank"), result.get("taxon")),
        *((c.rank, c.taxon) for c in finding.priors or ()),
    ]
    for rank, taxon in calls:
        if taxon:
            yield from unit_members(taxon) if rank == UNIT else (taxon, *above(taxon)[:1])
    for candidate in result.get("candidates") or ():
        yield from (candidate["species"], candidate["species"].split(" ")[0])
    for call in finding.priors or ():
        yield from call.not_excluded
    if isinstance(finding.read.result, Mixture):
        yield from (taxon.name for taxon in finding.read.result.taxa if taxon.name)


# How a reviewer's own interpretation differs from what is reported: in short, and with both names.
_FURTHER = (
    lambda: _("the own interpretation goes further than the finding"),
    lambda: _(
        "The own interpretation of {name} goes further than the finding: it names {own}, and "
        "reported is {reported}."
    ),
)
_OTHER = (
    lambda: _("the own interpretation differs from the finding"),
    lambda: _(
        "The own interpretation of {name} differs from what is reported: it names {own}, and "
        "reported is {reported}."
    ),
)
_Difference = tuple[Callable[[], str], Callable[[], str]]


def name_difference(statement: Statement, finding: Finding, review: Review) -> str:
    """Return how the own interpretation of a reviewer differs in taxon, rank or origin from what is reported.

    Of every kind of finding the taxa that the interpretation names are compared, by lineage, with those
    reported of the same item; of an origin the origins are compared, too.

    Parameters
    ----------
    statement : Statement
    finding : Finding
        Of it.
    review : Review
        Of the finding.

    Returns
    -------
    str
        In short; "" where nothing differs, or the reviewer wrote no interpretation of their own.
    """
    difference, _own, _reported = _compare(statement, finding, review)
    return difference[0]() if difference else ""


def describe_difference(statement: Statement, finding: Finding, review: Review) -> str:
    """Return `name_difference` as a sentence with both names."""
    difference, own, reported = _compare(statement, finding, review)
    if difference is None:
        return ""
    return difference[1]().format(
        name=review.reviewer_name,
        own=_(" and ").join(sorted(own)) or _("no name that is known here"),
        reported=_(" and ").join(sorted(reported)) or _("no name"),
    )


def _compare(
    statement: Statement, finding: Finding, review: Review
) -> tuple[_Difference | None, set[str], set[str]]:
    """Return how an interpretation differs, what it names, and what is reported."""
    text = (review.interpretation or "").strip()
    if not text:
        return None, set(), set()
    if (groups := reported_groups(statement, [finding])) is not None:
        own, reported = _taxa(finding, text, groups), {name for group in groups for name in group}
        relations = {relate_to_reported(name, groups, own) for name in own}
        if Relation.BELOW in relations or (own and not reported):
            return _FURTHER, own, reported
        # Where no taxon is named, a finding of something else says nothing of it.
        if own != reported and (own or is_of_taxa(finding)):
            return _OTHER, own, reported
    own, reported = _origins(finding, text)
    return (_OTHER if own != reported else None), own, reported


def _taxa(finding: Finding, text: str, groups: list[tuple[str, ...]]) -> set[str]:
    """Return the taxa that an interpretation names, without those that contain another of them."""
    reported = [name for group in groups for name in group]
    named = {
        mention.taxon for mention in find_mentions(text, [*candidates_of([finding]), *reported])
    }
    named |= {name for name in reported if contains_name(text, name)}
    # "Balaenoptera, a whale" names one taxon; what contains it is not another.
    return {
        name for name in named if not any(relate(other, name) is Relation.BELOW for other in named)
    }


def _origins(finding: Finding, text: str) -> tuple[set[str], set[str]]:
    """Return the origins that an interpretation names, and the one that is reported."""
    result = finding.result or {}
    if finding.kind != "origin" or "status" not in result:
        return set(), set()
    known = {*(result.get("probabilities") or {}), result.get("origin")}
    shares = (result.get("reporting") or {}).get("shares") or ()
    known |= {
        place["name"]
        for places in (result.get("territories"), result.get("countries"), shares)
        for place in places or ()
    }
    named = {
        name
        for name in known - {None, ""}
        if any(contains_name(text, variant) for variant in names_in_languages(name))
    }
    # "North Gabon" is not "Gabon" as well.
    own = {name for name in named if not any(name != o and contains_name(o, name) for o in named)}
    assigned = result["status"] == "assigned" and result.get("origin")
    return own, {result["origin"]} if assigned else set()


LEVEL = 0.95
"""Of the bound; Aitken & Taroni 2004, doi:10.1002/0470011238."""


def add_bounds(statement: Statement) -> Statement:
    """Return a statement with how many of all items of each plan a reported taxon holds at least.

    Counted is a thing whose findings are all in the report, agreed with by their reviewers, and
    report one taxon, as it is reported (`conservative_call`); where some are reported at a genus, those
    reported at a species of it count for the genus, too. The bound takes these calls as right. What
    was chosen and not examined counts as if it did not have the taxon.
    """
    return replace(
        statement, plans=tuple(_with_bounds(statement, plan) for plan in statement.plans)
    )


def _with_bounds(statement: Statement, plan: Plan) -> Plan:
    called = _taxa_by_thing(statement, set(plan.things))
    counts: dict[str, int] = {}
    for taxa in called.values():
        if len(taxa) == 1 and (taxon := next(iter(taxa))) is not None:
            counts[taxon] = counts.get(taxon, 0) + 1
    for genus in [name for name in counts if " " not in name]:
        counts[genus] += sum(n for name, n in counts.items() if name.startswith(f"{genus} "))
    return replace(
        plan,
        examined=len(called),
        bounds=tuple(
            _bound(plan, taxon, count)
            for taxon, count in sorted(counts.items())
            # Else the linter says so. Of more that are named than were chosen, some were picked.
            if max(count, count_named(statement, plan)) <= plan.chosen <= plan.population
        ),
    )


def _bound(plan: Plan, taxon: str, count: int) -> Bound:
    least = hypergeometric_lower(plan.population, plan.chosen, count, level=LEVEL)
    return Bound(
        taxon=taxon,
        of=plan.chosen,
        named=count,
        at_least=least,
        rest=plan.population - plan.chosen,
        rest_at_least=max(0, least - count),
        level=LEVEL,
    )


def count_named(statement: Statement, plan: Plan) -> int:
    """Return how many things a plan names; an exhibit and samples of it that it names are no more."""
    exhibit_of = {sample.sample: sample.exhibit for sample in statement.samples}
    things = set(plan.things)
    return len(things - {exhibit_of.get(thing) for thing in things})


def _taxa_by_thing(statement: Statement, things: set[str]) -> dict[str, set[str | None]]:
    """Return the taxa reported of each thing of a plan; None among them where a finding does not count."""
    exhibit_of = {finding.sample: finding.exhibit for finding in statement.findings}
    exhibit_of |= {sample.sample: sample.exhibit for sample in statement.samples}
    samples_of: dict[str, list[str]] = {}
    for thing in sorted(things):
        exhibit = exhibit_of.get(thing, thing)
        if exhibit in things and exhibit != thing:
            samples_of.setdefault(exhibit, []).append(thing)
    taxa: dict[str, set[str | None]] = {}
    beside: dict[str, set[str | None]] = {}

    def add(sample: str, exhibit: str, taxon: str | None) -> None:
        # A plan may have a sample and its exhibit; one thing is counted once. Of an exhibit with
        # several samples in the plan these are the things, and another sample of it is none.
        named = samples_of.get(exhibit, ())
        if len(named) > 1 and sample not in named:
            beside.setdefault(exhibit, set()).add(taxon)
        elif len(named) == 1 or sample not in things:
            if exhibit in things:
                taxa.setdefault(exhibit, set()).add(taxon)
        else:
            taxa.setdefault(sample, set()).add(taxon)

    for finding in statement.findings:
        if is_call(finding):
            taxon = conservative_call(finding).taxon if finding.is_agreed else None
            add(finding.sample, finding.exhibit, taxon)
    for omitted in statement.omitted:  # nobody leaves out what speaks against the bound
        if omitted.kind == "identification":
            add(omitted.sample, exhibit_of.get(omitted.sample, omitted.sample), None)
    for thing, found in taxa.items():
        found |= beside.get(exhibit_of.get(thing, ""), set())
    return taxa


def plan_blocks(statement: Statement) -> Iterator[Block]:
    """Yield each sampling plan, and what follows from it, apart from the results on items examined."""
    for plan in statement.plans:
        yield Facts(
            tuple(
                (label, str(value))
                for label, value in (
                    (_("There were"), whole(plan.population)),
                    (_("Grouped"), plan.grouping),
                    (_("Chosen"), f"{whole(plan.chosen)} ({plan.method}; {plan.chosen_by})"),
                    (_("Items of the plan"), ", ".join(plan.things)),
                    (_("Of these examined in this report"), whole(plan.examined)),
                    (_("Guideline"), plan.reference),
                    (_("Corrected"), annotate_event(statement, plan.event)),
                )
                if value
            )
        )  # fmt: skip
        if not plan.bounds:
            yield Text(
                (_("No statement on items that were not examined follows from these findings."),)
            )
            continue
        yield Table(
            (_("Taxon"), _("All (N)"), _("Chosen (n)"), _("Of these reported as it (k)"),
             _("At least, of all"), _("So at least, of those not chosen"), _("Confidence")),
            tuple(
                (
                    bound.taxon, whole(plan.population), whole(bound.of),
                    whole(bound.named), whole(bound.at_least),
                    _("{n} of {all}").format(
                        n=whole(bound.rest_at_least), all=whole(bound.rest)
                    ),
                    percent(bound.level, 0),
                )
                for bound in plan.bounds
            ),
            (0.22, 0.1, 0.11, 0.16, 0.12, 0.17, 0.12),
        )  # fmt: skip
        yield Text(
            (
                _(
                    "This is said of items that were not examined, and follows only if the chosen ones were "
                    "chosen at random and if every one of these calls is right: the error of the calls is "
                    "not in it. The results on the items examined stand with the findings and need neither."
                ),
                _(
                    "One-sided hypergeometric bound: Aitken & Taroni 2004, doi:10.1002/0470011238, chapter 6; "
                    "ENFSI, Guidelines on Representative Drug Sampling, 2016. What was chosen and not "
                    "examined counts as if it did not have the taxon."
                ),
            )
        )


def add_listings(
    statement: Statement,
    national: Sequence[Protection] = (),
    official: "Official | None" = None,
) -> Statement:
    """Return a statement with what protects each reported taxon, on the day of the seizure.

    The kind of specimen and its population are not known to a sequence: where they matter, every answer
    is given with what must be true for it.

    Parameters
    ----------
    statement : Statement
    national : sequence of Protection
        Rows of national schedules.
    official : Official, optional
        The official list of Appendices.
    """
    days = {
        exhibit.exhibit: (exhibit.seized_at, "seizure")
        if exhibit.seized_at
        else (exhibit.received_at, "receipt")
        for exhibit in statement.exhibits
    }

    def listings(finding: Finding) -> Iterator[Listing]:
        at, basis = days.get(finding.exhibit, (finding.found_at, "finding"))
        day = at[:10]
        for _rank, taxon in reported_taxa(finding):
            listing = listing_of(
                taxon, date=day, national=national, official=official, spelling=False
            )
            yield Listing(
                taxon=taxon,
                day=day,
                basis=basis,
                as_of=listing.as_of.isoformat(),
                appendices=tuple(listing.appendices),
                lines=tuple(listing.lines()),
            )

    return replace(
        statement,
        findings=tuple(
            replace(finding, listings=tuple(listings(finding))) for finding in statement.findings
        ),
        official_list=official.to_dict() if official is not None else None,
    )


_BASES = {
    "seizure": lambda: _("day of the seizure"),
    "receipt": lambda: _("day of the receipt"),
    "finding": lambda: _("day of the finding"),
}


def notices_of_law(statement: Statement) -> list[str]:
    """Return what the first page says of a list of Appendices that is older than the day asked for."""
    outdated = dict.fromkeys(
        (listing.as_of, listing.basis, listing.day)
        for finding in statement.findings
        for listing in finding.listings
        if date.fromisoformat(listing.as_of) < date.fromisoformat(listing.day)
    )
    return [
        _(
            "The Appendices of CITES are stated as of {as_of}, and the {basis}, {day}, is later: what was "
            "amended between these days is not in this report. The official list of that day decides."
        ).format(as_of=as_of, basis=_BASES[basis](), day=day)
        for as_of, basis, day in outdated
    ]
