"""What a ledger and the details say of a case, as one statement; the events are read with their corrections.

A value that a court had erased is gone with its salt, so nobody can tell whether a report that was built before had
it right. To compare such a report the statement is built once more with a mark in place of each erased text
(`ErasedValues`). Where the mark stands, the report may say anything; around it, it must say what is said now.

Beside a call stands the error that was observed in validation among calls like it. A laboratory accepts a library
with the report of its validation attached (``custody validate``). Where ``validation.json`` of ``library validate``
is among the files, k of n is read from it. Where it is not, nothing is said, and the linter asks for it.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import forensics
from forensics.barcode.locus import find_locus
from forensics.core.provenance import SOFTWARE
from forensics.custody.acts.laboratory import missing_controls
from forensics.custody.fields import ERASED, plain
from forensics.custody.reader import Event, Reader
from forensics.custody.state import State
from forensics.custody.storage import base_name
from forensics.custody.timeline import Entry, timeline
from forensics.errors import UsageError
from forensics.io.files import load_json, read_limited, sha256
from forensics.messages import _
from forensics.reanalysis.recorded import files_read
from forensics.report.corrections import apply_corrections, correction_of, unless_erased
from forensics.report.details import Details, fill_entries
from forensics.report.problems import Problem
from forensics.report.statement import (
    Acceptance,
    Authorisation,
    Control,
    Correction,
    Customer,
    ErrorRate,
    Exhibit,
    Finding,
    Flag,
    InputFile,
    Laboratory,
    LedgerMark,
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
    Question,
    ReportHead,
    Request,
    Review,
    Run,
    Sample,
    Software,
    SpeciesError,
    Statement,
    Way,
)
from forensics.stats import LEVEL, binomial_upper

# From this share of the expected length on a query counts as whole. No standard sets it; the choice
# is ours: records of the whole barcode lack as much at their ends.
_WHOLE = 0.9
_MAX_SIZE = 64 * 2**20  # bytes of a validation.json; the embedded library's has 0.2 MB

TIMELINE_FIELDS = (
    "exhibits", "things", "thing", "samples", "to", "location", "seals", "sealed", "quantity", "unit",
    "used_for", "condition", "run", "kind", "outcome", "finding", "findings", "order", "method",
    "field", "description", "loaded", "asked_by", "question", "named",
    "against", "beside",
)  # fmt: skip
"""Fields of an event that stand in the timeline: who did what to which thing, and where it went."""
# Bytes of a picture that a report takes in; a scan of a page has 10 MB.
_MAX_PICTURE = 64 * 2**20
_MARK = "\ue000{seq}:{name}\ue001"
"""Characters for private use, which no text of a ledger has a reason to contain."""
_MARKED = re.compile("\ue000([0-9]+):([a-z_]+)\ue001")


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
                    kind=row.get("kind"),
                    population=row.get("population"),
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

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions that were put to the laboratory."""
        return tuple(
            Question(
                event=event.seq,
                thing=event.fields["thing"],
                kind=event.fields["kind"],
                asked_by=unless_erased(event.fields["asked_by"]),
                question=event.fields["question"],
                named=event.fields.get("named", ""),
                against=event.fields.get("against", ""),
                beside=event.fields.get("beside"),
            )
            for event in self.events
            if event.type == "question"
        )

    def _asked(self, finding: Event) -> tuple[Question, ...]:
        """Return the questions that a finding answers; those that came later only where none came before."""
        fields = finding.fields
        sample = fields["thing"]
        about = {sample, self.state.things[sample].root}
        asked = [one for one in self.questions if one.thing in about and one.kind == fields["kind"]]
        before = [one for one in asked if one.event < finding.seq]
        return tuple(before or asked)

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
            asked=self._asked(event),
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
                authorised=event.fields.get("authorisation"),
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
        return fill_entries(
            entry,
            Opinion,
            author_name=self.names.get(str(author), author),
            authorised=self._may_give_opinions(author),
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
        return self.details.fill(
            "authorisation",
            Authorisation,
            name=self.names.get(person, person),
            enrolled=person in self.state.people,
            relaxed=next(
                (
                    (event.fields["actor"], self.name(event.fields["actor"]), event.seq)
                    for event in reversed(self.events)
                    if event.type == "authorise" and event.fields["act"] == "report"
                ),
                None,
            ),
            is_manager=person in self.state.people and "manager" in self.state.people[person].roles,
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


def _input_files(recorded: object) -> Iterator[InputFile]:
    """Yield name and hash of what was read; folders of the laboratory's machines stay there."""
    for file in files_read(recorded):
        if file.get("sha256"):
            yield InputFile(base_name(file.get("file")), file.get("sha256"))


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
        raise UsageError(_("The ledger has no case {case}.").format(case=case))
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
    answered = {question.event for finding in stated for question in finding.asked}
    return Statement(
        software=Software(SOFTWARE, forensics.__version__),
        report=details.fill("report", ReportHead),
        laboratory=details.fill(
            "laboratory", Laboratory, name=unless_erased(corrected[0].fields.get("laboratory"))
        ),
        customer=details.fill("customer", Customer),
        request=details.fill("request", Request),
        method=details.fill("method", Method),
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
        unanswered=tuple(one for one in collector.questions if one.event not in answered),
        opinions=tuple(map(collector.opinion, details.opinions)),
        outside=tuple(fill_entries(entry, OutsideWork) for entry in details.outside),
        authorisation=collector.authorisation(),
        timeline=tuple(map(collector.moment, timeline(ledger, case))),
        corrections=tuple(collector.corrections(recorded, applied, stated, runs)),
        people=tuple(collector.people(stated)),
        ledger=LedgerMark(state.ledger, ledger.size, str(ledger.fingerprint), state.policy["kind"]),
        details_sha256=details.sha256,
    )


# -- values that a court had erased ----------------------------------------------------


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


# -- errors observed in validation -----------------------------------------------------


def observed_error(
    ledger: Reader,
    events: Sequence[Event],
    library: str | None,
    result: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> ErrorRate | None:
    """Return k of n of calls at the same rank in the accepted validation of a library.

    Species in the library and species left out of it stand for one half each: a mix in which
    more is wrong than where most species are known.

    Parameters
    ----------
    ledger : Reader
    events : sequence of Event
        All events.
    library : str or None
        SHA-256 of the library of the finding.
    result : mapping
        The finding's, with ``locus``, ``length`` and ``rank``.
    parameters : mapping
        The finding's: a validation at another confidence or prior says nothing of it.

    Returns
    -------
    ErrorRate or None
        None where no such validation is attached.
    """
    accepted = [
        event
        for event in events
        if event.type == "validate" and event.fields.get("library") == library
    ]
    for event in reversed(accepted):
        for entry in event.fields.get("attachments") or ():
            validation = _read_validation(ledger, entry, library)
            if validation is None or not _is_alike(validation, parameters):
                continue
            if rate := _rate_of(validation, result, event.seq):
                return rate
    return None


def _read_validation(
    ledger: Reader, entry: Mapping[str, Any], library: str | None
) -> dict[str, Any] | None:
    path = ledger.files / entry["sha256"]
    if not entry["name"].endswith(".json") or not path.is_file():
        return None
    if path.stat().st_size > _MAX_SIZE or sha256(path) != entry["sha256"]:
        return None
    try:
        read: dict[str, Any] = load_json(read_limited(path, _MAX_SIZE))
        same = read["kind"] == "library validation" and read["library"]["sha256"] == library
    except (ValueError, KeyError, TypeError):
        return None  # another file that ends in .json
    return read if same else None


def _is_alike(validation: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    """Return whether calls were made as in the finding."""
    try:
        validated = validation["parameters"]
        return all(
            float(parameters[name]) == float(validated[name])
            for name in ("confidence", "in_library_prior")
        )
    except (KeyError, TypeError, ValueError):
        return False


def _rate_of(
    validation: Mapping[str, Any], result: Mapping[str, Any], event: int
) -> ErrorRate | None:
    """Return the counts at the locus and the longest length tried that the query reaches.

    Nine tenths of what is expected of the locus count as whole. What is shorter than all that was
    tried has no rate.
    """
    try:
        lengths = validation["loci"][result["locus"]]["lengths"]
        tried = sorted((int(name) for name in lengths if name != "full"), reverse=True)
        length = int(result["length"])
        whole = length >= _WHOLE * find_locus(result["locus"]).expected_length
        name = "full" if whole else str(next(bases for bases in tried if bases <= length))
        known, out = (lengths[name]["rates"][way] for way in ("known", "species_out"))
        rank = result["rank"]
        ways = (_way("known", known, rank), _way("species_out", out, rank))
    except (KeyError, TypeError, ValueError, StopIteration, UsageError):
        return None
    wrong, calls = sum(way.wrong for way in ways), sum(way.calls for way in ways)
    by_call = binomial_upper(wrong, calls)
    by_species = _error_by_species(ways)
    return ErrorRate(
        event=event,
        rank=rank,
        locus=result["locus"],
        length=name,
        wrong=wrong,
        calls=calls,
        species=max(known["species"], out["species"]),
        ways=ways,
        by_call=by_call,
        by_species=by_species,
        upper=max(by_call, by_species.upper),
        level=LEVEL,
    )


def _way(name: str, counts: Mapping[str, Any], rank: str) -> Way:
    """Return k of n of one way of trying: species in the library, or species taken out of it."""
    wrong = int(counts[f"{rank}_wrong"]["count"])
    calls = wrong + int(counts[f"{rank}_right"]["count"])
    return Way(
        way=name,
        wrong=wrong,
        calls=calls,
        trials=int(counts["trials"]),
        species=int(counts["species"]),
        upper=binomial_upper(wrong, calls),
    )


def _error_by_species(ways: Sequence[Way]) -> SpeciesError:
    """Return of how many species at least one call was wrong, taken as badly as it can be.

    A validation counts calls and not species. Each wrong call is taken as of another species; of
    species with a call there are at least as many as the way with the most of them has, for the
    same species are tried in both ways. Where a species was tried several times, its calls count as
    one: calls x species / trials.
    """
    called = [way.calls * way.species // max(way.trials, 1) for way in ways]
    wrong = sum(way.wrong for way in ways)
    # No more species can have a wrong call than have a call at all.
    species = max(*called, wrong)
    return SpeciesError(wrong, species, binomial_upper(wrong, species))
