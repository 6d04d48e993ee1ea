"""The timeline of a case as people read it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forensics.custody.fields import ERASED
from forensics.custody.reader import Event, Reader
from forensics.custody.rules import FLAGS
from forensics.custody.sentences import minute, result_of, sentence_of, shown
from forensics.custody.times import now
from forensics.custody.witnesses import Standing, standing
from forensics.errors import UsageError
from forensics.messages import _

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["Entry", "anchors", "countersigned", "sentence_of", "shown", "timeline"]


@dataclass(frozen=True)
class Entry:
    """One line of the timeline.

    Attributes
    ----------
    event : Event
    not_later_than : str or None
        When a witness outside countersigned a head that covers it: it existed by then.
    flags : tuple of (code, about)
    corrected_by : tuple of int
        Events that correct it.
    findings : mapping of int to str
        Findings up to it, as sentences name them.
    """

    event: Event
    not_later_than: str | None
    flags: tuple[tuple[str, str], ...]
    corrected_by: tuple[int, ...]
    findings: Mapping[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        fields = self.event.fields
        sentence = sentence_of(fields, finding=lambda seq: self.findings.get(seq, str(seq)))
        parts = [f"{self.event.seq:>6}  {minute(fields['occurred_at'])}  {sentence}"]
        recorded = self.event.recorded_at
        if minute(recorded) != minute(fields["occurred_at"]):
            parts.append(_("recorded {time}").format(time=minute(recorded)))
        if self.not_later_than:
            parts.append(_("witnessed by {time}").format(time=minute(self.not_later_than)))
        parts += [
            _("flagged {code}: {about} {text}").format(code=code, about=about, text=_(FLAGS[code]))
            for code, about in self.flags
        ]
        if self.corrected_by:
            numbers = ", ".join(map(str, self.corrected_by))
            parts.append(_("corrected in event {numbers}").format(numbers=numbers))
        return ("\n" + " " * 8).join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; an erased field is null."""
        return {
            "event": self.event.seq,
            "recorded_at": self.event.recorded_at,
            "not_later_than": self.not_later_than,
            "key": self.event.key,
            "fields": {
                name: None if value is ERASED else value
                for name, value in self.event.fields.items()
            },
            "flags": [{"code": code, "about": about} for code, about in self.flags],
            "corrected_by": list(self.corrected_by),
        }


def timeline(
    ledger: Reader,
    case: str | None = None,
    *,
    tsa_roots: Sequence["Certificate"] = (),
    witness_keys: Collection[str] = (),
) -> Iterator[Entry]:
    """Yield the events of a case, or all of them, with what is known of each.

    Parameters
    ----------
    ledger : Reader
    case : str, optional
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
    if case is not None and case not in ledger.state.cases:
        raise UsageError(_("There is no case {case}.").format(case=case))
    flags: dict[int, list[tuple[str, str]]] = {}
    for flag in ledger.state.flags:
        flags.setdefault(flag.seq, []).append((flag.code, flag.about))
    corrections: dict[int, list[int]] = {}
    for event in ledger.events(case=case):
        if event.type == "correct":
            corrections.setdefault(event.fields["event"], []).append(event.seq)
    known = anchors(ledger, tsa_roots, witness_keys=witness_keys)
    findings: dict[int, str] = {}
    for event in ledger.events(case=case):
        if event.type == "finding":
            findings[event.seq] = _("{seq} ({thing}: {result})").format(
                seq=event.seq, thing=shown(event.fields["thing"]), result=result_of(event.fields)
            )
        yield Entry(
            event,
            next((time for size, time in known if size >= event.seq), None),
            tuple(flags.get(event.seq, ())),
            tuple(corrections.get(event.seq, ())),
            findings,
        )


def countersigned(ledger: Reader, witness_keys: Collection[str] = ()) -> list[Standing]:
    """Return what each countersignature that the ledger keeps is worth."""
    heads = [kept for kept in ledger.heads() if kept.witness is not None]
    recorded = ledger.recorded_by({kept.head.size for kept in heads})
    state, clock = ledger.state, getattr(ledger, "clock", now)()
    return [
        standing(
            kept,
            state,
            pins=frozenset(witness_keys),
            recorded=recorded[kept.head.size],
            clock=clock,
        )
        for kept in heads
        if kept.head.size in recorded
    ]


def anchors(
    ledger: Reader,
    tsa_roots: Sequence["Certificate"] = (),
    *,
    witness_keys: Collection[str] = (),
) -> list[tuple[int, str]]:
    """Return size and time of each head that a known witness or an authority saw, in order of size.

    A larger one is not earlier. Countersignatures by keys that nobody enrolled or named, and those
    whose time cannot be right, are left out.
    """
    heads = ledger.heads()
    bounds = [
        (standing.head.size, standing.not_later_than)
        for standing in countersigned(ledger, witness_keys)
        if standing.counts
    ]
    if tsa_roots:
        from forensics.custody.timestamps import check_token

        bounds += [
            (kept.head.size, check_token(kept, tsa_roots).not_later_than)
            for kept in heads
            if kept.timestamp is not None
        ]
    bounds.sort()
    result: list[tuple[int, str]] = []
    for size, time in reversed(bounds):
        # A larger head that was witnessed earlier covers the smaller one too.
        result.append((size, min(time, result[-1][1]) if result else time))
    return result[::-1]
