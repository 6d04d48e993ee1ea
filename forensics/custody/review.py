"""What a defence expert would attack in a case, said before anybody asks."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from forensics.core.grouping import gathered
from forensics.custody.acts.laboratory import missing_controls
from forensics.custody.canonical import parse_time
from forensics.custody.fields import ERASED, plain
from forensics.custody.reader import Event, Reader
from forensics.custody.rules import FLAGS
from forensics.custody.state import State
from forensics.custody.timeline import anchors, countersigned, shown
from forensics.custody.witnesses import PINNED, Standing
from forensics.messages import N_, _, numeral

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

BOTH_SIGNED_WITHIN = timedelta(seconds=10)
"""Giver and receiver who sign within this time may be one person with two keys. Two people at one
bench, each typing a passphrase, take longer; our choice."""
IN_HAND_LONGER_THAN = timedelta(hours=12)
"""A thing that is in somebody's hands, and in no store, for longer than a working day."""

_TITLES = {
    "REMAINS": N_("left for tests by the defence"),
    "UNSTORED": N_("long out of storage"),
    "OVERDUE": N_("offered, but never answered"),
    "SEALS": N_("handed over without a seal"),
    "ONE-HAND": N_("same person in several functions"),
    "SAME-MOMENT": N_("both sides signed at the same moment; who had the keys?"),
    "UNREVIEWED": N_("not reviewed by a second person"),
    "CONTROLS": N_("controls missing or failed"),
    "DEVIATION": N_("used despite its controls"),
    "CORRECTED": N_("corrected"),
    "ERASED": N_("erased by order"),
    "UNWITNESSED": N_("no outside witness has seen it; the laboratory could have rewritten it"),
    "WITNESS-UNPROVED": N_(
        "the laboratory itself enrolled the key of this witness; compare it with the witness's own"
    ),
    "WITNESS-VOID": N_("this countersignature proves nothing"),
    "RELAXED": N_("done after the policy was made laxer"),
    "QUARANTINE": N_("lost and found; who had it meanwhile?"),
    "WITHOUT-KEY": N_("by a person whose key has since been revoked or replaced"),
}


@dataclass(frozen=True)
class ReviewPoint:
    """One thing that can be asked about.

    Attributes
    ----------
    code : str
        Of the review, or of a flag.
    """

    code: str
    about: str
    events: tuple[int, ...]

    def __str__(self) -> str:
        title = _(_TITLES.get(self.code) or FLAGS[self.code])
        # Which acts a laxer policy covered is asked act by act: those are all told.
        most = len(self.events) if self.code == "RELAXED" else 8
        numbers = ", ".join(map(str, self.events[:most]))
        numbers += " …" if len(self.events) > most else ""
        place = _(" (event {numbers})").format(numbers=numbers) if self.events else ""
        return f"{self.code}: {self.about}: {title}{place}"


def review(
    ledger: Reader,
    case: str,
    *,
    tsa_roots: Sequence["Certificate"] = (),
    witness_keys: Collection[str] = (),
) -> list[ReviewPoint]:
    """Return what a defence expert would ask about in a case.

    Parameters
    ----------
    tsa_roots : sequence of Certificate
        Roots against which timestamp tokens are checked; without any, tokens count for nothing.
    witness_keys : collection of str
        Ids of keys that witnesses gave you by other means.

    Raises
    ------
    UsageError
        If there is no such case.
    VerificationError
        If a timestamp token does not hold.
    """
    state = ledger.state
    state.require_case(case)
    events = list(ledger.events(case=case))
    numbers = {event.seq for event in events}
    points = [*_remains(state, case)]
    points += _movements(state, events, ledger.clock() if hasattr(ledger, "clock") else None)
    points += _hands(events)
    points += _laboratory(state, case)
    points += _relaxed(state, case, events)
    points += _quarantines(events)
    points += [
        ReviewPoint(flag.code, flag.about, (flag.seq,))
        for flag in state.flags
        if flag.seq in numbers
    ]
    for event in events:
        if event.type == "correct":
            points.append(
                ReviewPoint(
                    "CORRECTED", f"{event.fields['event']}: {event.fields['field']}", (event.seq,)
                )
            )
        erased = [name for name, value in event.fields.items() if value is ERASED]
        if erased:
            points.append(ReviewPoint("ERASED", ", ".join(erased), (event.seq,)))
    known = anchors(ledger, tsa_roots, witness_keys=witness_keys)
    seen = max((size for size, _time in known), default=0)
    unseen = tuple(event.seq for event in events if event.seq > seen)
    if unseen:
        points.append(ReviewPoint("UNWITNESSED", case, unseen))
    points += _witnesses(countersigned(ledger, witness_keys), events)
    ended = gathered(
        (str(event.fields["actor"]), event.seq) for event in events if state.keys[event.key].ended
    )
    points += [ReviewPoint("WITHOUT-KEY", actor, tuple(seqs)) for actor, seqs in ended.items()]
    return points


@dataclass(frozen=True)
class ControlNote:
    """A control that failed, is open or is missing, and what was done about it.

    Attributes
    ----------
    result : str
        ``failed``, ``open`` or ``missing``, or ``passed`` by now.
    failed_in : tuple of int
        Events.
    observed, action : str
        As last said.
    deviation : int
        Event in which the run was accepted all the same; 0 for none.
    """

    run: str
    control: str
    kind: str
    result: str
    failed_in: tuple[int, ...]
    observed: str
    action: str
    deviation: int

    def __str__(self) -> str:
        parts = [f"{self.run}: {self.control or self.kind} {self.result}"]
        if self.failed_in:
            numbers = ", ".join(map(str, self.failed_in))
            parts.append(_("failed in event {numbers}").format(numbers=numbers))
        parts += filter(None, (self.observed, self.action))
        if self.deviation:
            parts.append(_("deviation accepted in event {seq}").format(seq=self.deviation))
        return _("; ").join(parts)


def failed_controls(ledger: Reader) -> list[ControlNote]:
    """Return every control that failed or is open, and every one that is missing, with what was done."""
    state = ledger.state
    failed: dict[tuple[str, str], list[Event]] = {}
    for event in ledger.events():
        fields = event.fields
        if event.type == "control" and fields["result"] == "failed":
            failed.setdefault((fields["run"], fields["control"]), []).append(event)
        elif event.type == "run":
            for row in fields.get("controls", ()):
                if row.get("result") == "failed":
                    failed.setdefault((fields["run"], row["control"]), []).append(event)
    notes = []
    for name, run in state.runs.items():
        for control, (kind, result) in run.controls.items():
            events = failed.get((name, control), [])
            if events or not result:
                last = events[-1].fields if events else {}
                said = last.get("observed", ""), last.get("action", "")
                seqs = tuple(event.seq for event in events)
                notes.append(
                    ControlNote(name, control, kind, result or "open", seqs, *said, run.deviation)
                )
        missing = set(missing_controls(state, name)) - set(run.controls)
        present = {kind for kind, _result in run.controls.values()}
        notes += (
            ControlNote(name, "", kind, "missing", (), "", "", run.deviation)
            for kind in sorted(missing - present)
        )
    return notes


def _witnesses(standings: list[Standing], events: list[Event]) -> Iterator[ReviewPoint]:
    """Yield the countersignatures over events of the case that are not what they seem."""
    texts = set()
    for standing in standings:
        covered = tuple(event.seq for event in events if event.seq <= standing.head.size)
        code = "WITNESS-UNPROVED" if standing.counts else "WITNESS-VOID"
        about = f"{standing.head.fingerprint}: {standing}" if not standing.counts else (
            f"{standing.name}, {standing.witness.public_key.id}"
        )  # fmt: skip
        if covered and not (standing.counts and standing.how == PINNED) and about not in texts:
            texts.add(about)
            yield ReviewPoint(code, about, covered)


def _remains(state: State, case: str) -> Iterator[ReviewPoint]:
    for name, item in state.things.items():
        if item.case == case and item.kind == "exhibit":
            left = item.gone or _("{left} of {whole} {unit}").format(
                left=numeral(plain(item.balance)),
                whole=numeral(plain(item.whole)),
                unit=item.unit,
            )
            yield ReviewPoint("REMAINS", f"{name}: {left}", (item.made,))


def _movements(state: State, events: list[Event], now: str | None) -> Iterator[ReviewPoint]:
    offered: dict[str, Event] = {}
    since: dict[str, Event] = {}
    for event in events:
        fields = event.fields
        names = fields.get("things", ())
        if event.type == "receive":
            since |= {row["exhibit"]: event for row in fields["exhibits"]}
        elif event.type == "split":
            since |= {row["sample"]: event for row in fields["samples"]}
        elif event.type == "offer":
            offered |= dict.fromkeys(names, event)
        elif event.type in ("accept", "retrieve", "found"):
            if event.type == "accept":
                yield from _hand_over(offered.get(names[0]), event)
            for name in names:
                yield from _in_hand(name, since.pop(name, None), event)
                since[name] = event
        elif event.type in ("store", "dispose", "lost", "pack"):
            for name in names:
                yield from _in_hand(name, since.pop(name, None), event)
    for name, event in offered.items():
        item = state.things[name]
        if item.offer == event.seq and now and now > event.fields["deadline"]:
            yield ReviewPoint("OVERDUE", name, (event.seq,))


def _hand_over(offer: Event | None, accept: Event) -> Iterator[ReviewPoint]:
    if offer is None:
        return
    between = parse_time(accept.recorded_at) - parse_time(offer.recorded_at)
    names = ", ".join(accept.fields["things"][:3])
    if timedelta(0) <= between < BOTH_SIGNED_WITHIN and accept.key != offer.key:
        yield ReviewPoint("SAME-MOMENT", names, (offer.seq, accept.seq))
    if "seals" not in accept.fields:
        yield ReviewPoint("SEALS", names, (offer.seq, accept.seq))


def _in_hand(name: str, begin: Event | None, end: Event) -> Iterator[ReviewPoint]:
    if begin is None:
        return
    first, last = begin.fields["occurred_at"], end.fields["occurred_at"]
    if parse_time(last) - parse_time(first) > IN_HAND_LONGER_THAN:
        text = _("{name}: {hours} hours, from {first} to {last}").format(
            name=name,
            hours=int((parse_time(last) - parse_time(first)).total_seconds() // 3600),
            first=first[:16],
            last=last[:16],
        )
        yield ReviewPoint("UNSTORED", text, (begin.seq, end.seq))


def _hands(events: list[Event]) -> Iterator[ReviewPoint]:
    """Yield people who did on one exhibit what several people would better do."""
    did: dict[str, dict[str, list[int]]] = {}
    for event in events:
        if event.type in ("receive", "split", "finding", "reviewed", "dispose", "authorise"):
            own = did.setdefault(event.fields["actor"], {})
            own.setdefault(event.type, []).append(event.seq)
    for person, own in did.items():
        for pair in (("receive", "finding"), ("finding", "dispose"), ("authorise", "finding")):
            if all(kind in own for kind in pair):
                text = _("{person} signed {acts}").format(person=person, acts=" + ".join(pair))
                yield ReviewPoint("ONE-HAND", text, tuple(own[pair[0]] + own[pair[1]]))


def _laboratory(state: State, case: str) -> Iterator[ReviewPoint]:
    for seq, finding in state.findings.items():
        if finding.case != case:
            continue
        if not finding.reviewed:
            yield ReviewPoint("UNREVIEWED", finding.thing, (seq,))
        for name in finding.runs:
            missing = missing_controls(state, name)
            if missing:
                yield ReviewPoint("CONTROLS", f"{name}: {', '.join(missing)}", (seq,))
            if state.runs[name].deviation:
                yield ReviewPoint("DEVIATION", name, (seq, state.runs[name].deviation))


def _relaxed(state: State, case: str, events: list[Event]) -> Iterator[ReviewPoint]:
    """Yield what of the policy was relaxed while the case was open, with the acts that fell into it."""
    acts = {event.seq: event.type for event in events}
    for finding in state.findings.values():
        if finding.case == case:  # runs have no case, and are what controls are about
            acts |= {state.runs[name].recorded: "run" for name in finding.runs}
    opened = state.cases[case].opened
    for relaxation in state.relaxed:
        if relaxation.until and relaxation.until <= opened:
            continue
        within = [
            seq
            for seq in sorted(acts)
            if relaxation.seq < seq < (relaxation.until or state.seq + 1)
        ]
        listed = ", ".join(f"{seq} {acts[seq]}" for seq in within) or _("none of this case")
        if relaxation.until:
            span = _("between {begin} and {end}").format(
                begin=relaxation.at, end=relaxation.until_at
            )
        else:
            span = _("since {begin}").format(begin=relaxation.at)
        text = _(
            "policy {name} relaxed from {before} to {after} by {by}, agreed by {agreed}, {span}; "
            "acts in that time: {acts}"
        ).format(
            name=relaxation.name,
            before=shown(relaxation.before),
            after=shown(relaxation.after),
            by=relaxation.by,
            agreed=relaxation.agreed_by or _("nobody"),
            span=span,
            acts=listed,
        )
        ends = (relaxation.until,) if relaxation.until else ()
        yield ReviewPoint("RELAXED", text, (relaxation.seq, *within, *ends))


def _quarantines(events: list[Event]) -> Iterator[ReviewPoint]:
    """Yield each thing that was lost and found, and who ended its quarantine, if anybody did."""
    lost: dict[str, Event] = {}
    found: dict[str, Event] = {}
    for event in events:
        for name in event.fields.get("things", ()):
            if event.type == "lost":
                lost[name] = event
                found.pop(name, None)
            elif event.type == "found":
                found[name] = event
            elif event.type == "accept" and name in found:
                yield _quarantine(name, lost[name], found.pop(name), event)
    for name, event in found.items():
        yield _quarantine(name, lost[name], event, None)


def _quarantine(name: str, lost: Event, found: Event, ended: Event | None) -> ReviewPoint:
    text = _("{name}: lost according to {reporter}, found by {finder}, {end}").format(
        name=name,
        reporter=lost.fields["actor"],
        finder=found.fields["actor"],
        end=_("accepted by {person}").format(person=ended.fields["actor"])
        if ended
        else _("not yet accepted"),
    )
    return ReviewPoint("QUARANTINE", text, (lost.seq, found.seq, *((ended.seq,) if ended else ())))
