"""The timeline of a case as people read it: who did what to which thing, when, under which seal.

`sentence_of` is the one place where an event becomes text for people. What it says is in the reader's
language; names, codes of acts, and whatever people wrote stay as they stand in the ledger.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import TYPE_CHECKING, Any

from forensics.core.grouping import gathered
from forensics.custody.canonical import now
from forensics.custody.fields import ERASED
from forensics.custody.reader import Event, Reader, corrections_of
from forensics.custody.registry import TYPES
from forensics.custody.rules import FLAGS, ORDINALS
from forensics.custody.witnesses import Standing, check_token, standing
from forensics.messages import N_, _, numeral
from forensics.taxonomy.listings.kinds import kind_in_words
from forensics.taxonomy.listings.table import place_in_words
from forensics.verbal import ALTERNATIVES

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


CLAUSES = {
    "agency": N_("for {agency}"),
    "title": N_("“{title}”"),
    "reference": N_("reference {reference}"),
    "received_from": N_("from {received_from}"),
    "seizing_agency": N_("seized by {seizing_agency}"),
    "seized_at": N_("seized on {seized_at}"),
    "seizure_place": N_("seized at {seizure_place}"),
    "purpose": N_("for the purpose {purpose}"),
    "thing": N_("about {thing}"),
    "things": N_("about {things}"),
    "person": N_("for {person}"),
    "subject": N_("about {subject}"),
    "carrier": N_("carried by {carrier}"),
    "seals": N_("seals read: {seals}"),
    "broken_seals": N_("seals found broken: {broken_seals}"),
    "condition": N_("condition: {condition}"),
    "on_behalf_of": N_("on behalf of {on_behalf_of}, who signed on paper"),
    "paper": N_("form {paper}"),
    "content": N_("with this content: {content}"),
    "beside": N_("beside {beside}"),
    "named": N_("either {named}"),
    "against": N_("or {against}"),
    "deadline": N_("to be answered by {deadline}"),
    "witness": N_("with {witness} as witness"),
    "method": N_("method: {method}"),
    "loss": N_("of which {loss} was lost"),
    "kept": N_("kept: {kept}"),
    "instrument": N_("with {instrument}"),
    "cause": N_("cause: {cause}"),
    "run": N_("in the run {run}"),
    "runs": N_("in the runs {runs}"),
    "library": N_("with the library {library}"),
    "order": N_("by the order {order}"),
    "circumstances": N_("{circumstances}"),
    "reason": N_("reason: {reason}"),
    "comment": N_("comment: {comment}"),
    "description": N_("{description}"),
    "number": N_("number {number}"),
    "stage": N_("stage: {stage}"),
    "blind": N_("blind: {blind}"),
    "interpretation": N_("own interpretation: {interpretation}"),
    "protocol": N_("protocol {protocol}"),
    "plate": N_("plate {plate}"),
    "provider": N_("by {provider}"),
    "lots": N_("lots: {lots}"),
    "controls": N_("controls: {controls}"),
    "observed": N_("observed: {observed}"),
    "gross": N_("gross: {gross}"),
    "parent": N_("in {parent}"),
    "seizure_position": N_("position {seizure_position}"),
    "grouping": N_("grouping: {grouping}"),
    "chosen_by": N_("chosen by {chosen_by}"),
    "withheld": N_("withheld: {withheld}"),
    "name": N_("name: {name}"),
    "roles": N_("roles: {roles}"),
    "policy": N_("policy: {policy}"),
    "replaces": N_("in place of that of event {replaces}"),
    "action": N_("action: {action}"),
    "authorisation": N_("as authorised in event {authorisation}"),
    "attachments": N_("attached: {attachments}"),
    "late_reason": N_("recorded late: {late_reason}"),
    "note": N_("note: {note}"),
}
"""What is said of a field that is not in the sentence of its type, in this order."""

_OF_TYPES = {("discrepancy", "seals"): N_("seals {seals}")}
"""Clauses that one type has in other words: seals were not read there, but are what it is about."""

_PERSONS = frozenset({"actor", "person", "to", "witness", "carrier", "on_behalf_of", "chosen_by"})
_TIMES = frozenset({"seized_at", "deadline", "valid_from", "valid_until", "key_expires"})
_CODES = frozenset({"kind", "outcome", "purpose", "result", "stage"})
"""Fields whose codes have a word in the reader's language; what is not a code, somebody's own words, stays."""
_NOT_SAID = frozenset(
    {"type", "actor", "case", "occurred_at", "unit", "public_key", "proof", "provenance", "rules"}
    | {"approved", "rests_on"}
) | frozenset(ORDINALS)
_LONGEST = 180
_LIBRARY_DIGITS = 12
"""Of the hash of a library: enough to tell those of a laboratory apart."""


_LIKE_CLAUSES = re.compile(r"[,;:.]\s|[()\[\]“”«»]")
_PLAIN_QUOTES = {ord(mark): '"' for mark in "“”«»"}


def sentence_of(
    fields: Mapping[str, Any],
    *,
    person: Callable[[str], str] = str,
    finding: Callable[[int], str] = str,
    noun: str = "",
) -> str:
    """Return what an event says, as a sentence in the reader's language.

    Parameters
    ----------
    fields : mapping
        Of the event, with ``type`` and ``actor``. Where what the sentence of the type needs is left out,
        as in the timeline of a report, only the act is named, by `noun`.
    person : callable
        Name of a person to what is printed; the name itself.
    finding : callable
        Number of the event of a finding to what is printed.
    noun : str, optional
        What the act is called; the code of its type.

    Returns
    -------
    str
        Fields that no sentence knows follow in brackets, with their names.
    """
    values = _Values(fields, person, finding)
    kind = TYPES.get(str(fields["type"]))
    if kind is None or values.lacks(kind.sentence):
        text = f"{values['actor']}: {noun or fields['type']}"
    else:
        text = _(kind.sentence).format_map(values)
    clauses = [
        _(_OF_TYPES.get((fields["type"], name), clause)).format_map(values)
        for name, clause in CLAUSES.items()
        if name in fields and name not in values.used
    ]
    text = ", ".join((text, *clauses))
    rest = [
        f"{name} {_cut(shown(value))}"
        for name, value in fields.items()
        if name not in values.used and name not in _NOT_SAID
    ]
    return f"{text} [{'; '.join(rest)}]." if rest else f"{text.rstrip('.')}."


def result_of(fields: Mapping[str, Any]) -> str:
    """Return the result of a finding: the name that was given, or why none was; of other kinds the explanation."""
    result = fields.get("result", ERASED)
    if not isinstance(result, Mapping) or "status" not in result:
        said = result.get("explanation") if isinstance(result, Mapping) else None
        return _cut(shown(said if isinstance(said, str) else result))
    if result["status"] == "identified" and result.get("taxon"):
        taxon, rank = str(result["taxon"]), str(result.get("rank"))
        if rank == "species":
            return _("{taxon} (species)").format(taxon=taxon)
        return _("{taxon} ({rank}; the species is not settled)").format(taxon=taxon, rank=_(rank))
    from forensics.barcode.identification import UNNAMED

    said = UNNAMED.get(str(result["status"]))
    return _(said) if said else _cut(shown(result))


class _Values(dict[str, str]):
    """Values of fields as they stand in a sentence; it knows which were used."""

    def __init__(
        self,
        fields: Mapping[str, Any],
        person: Callable[[str], str],
        finding: Callable[[int], str],
    ) -> None:
        super().__init__()
        self.used: set[str] = set()
        self._fields, self._person, self._finding = fields, person, finding

    def __missing__(self, name: str) -> str:
        self.used.add(name)
        if name not in self._fields:
            return self._stand_in(name)
        value = self._fields[name]
        if value is ERASED:
            return shown(value)
        if name in _PERSONS:
            return self._person(str(value))
        if name in _TIMES:
            return minute(value)
        if name == "finding":
            return self._finding(value)
        if name == "findings":
            return ", ".join(map(self._finding, value))
        if name == "quantity":
            return f"{numeral(value)} {self._fields.get('unit', '')}".strip()
        if name == "library":
            return str(value)[:_LIBRARY_DIGITS]
        if name == "result" and self._fields["type"] == "finding":
            return result_of(self._fields)
        if name == "against":
            return _(ALTERNATIVES.get(value, shown(value)))
        if name in _CODES:
            return _(value) if isinstance(value, str) and value.isidentifier() else shown(value)
        rows = _ROWS.get(name)
        return _cut(
            ", ".join(map(rows, value)) if rows and isinstance(value, list) else _plain(value)
        )

    def lacks(self, sentence: str) -> bool:
        """Return whether a field is left out without which the sentence says nothing."""
        return any(
            name is not None and name not in self._fields and not self._stand_in(name)
            for _text, name, _form, _conversion in Formatter().parse(sentence)
        )

    def _stand_in(self, name: str) -> str:
        """Return what is said for a field that an act may do without; empty for any other."""
        if name == "things" and self._fields["type"] in ("hold", "release"):
            return _("the case")
        if name == "erased" and "erased_files" in self._fields:
            return self["erased_files"]
        return ""


def _exhibit(row: Mapping[str, Any]) -> str:
    """Return an exhibit or sample with what is said of it."""
    details = [shown(row["description"])] if "description" in row else []
    if "quantity" in row:
        details.append(f"{numeral(row['quantity'])} {row.get('unit', '')}".strip())
    if "kind" in row:
        details.append(_("kind: {kind}").format(kind=shown(kind_in_words(str(row["kind"])))))
    if "population" in row:
        details.append(
            _("population: {place}").format(place=shown(place_in_words(str(row["population"]))))
        )
    if "condition" in row:
        clause = CLAUSES["condition"]
        details.append(_(clause).format(condition=shown(row["condition"])))
    if row.get("seals"):
        details.append(_("sealed {seals}").format(seals=shown(row["seals"])))
    if row.get("broken_seals"):
        details.append(_("broken seal {seals}").format(seals=shown(row["broken_seals"])))
    name = str(row.get("exhibit", row.get("sample", "")))
    return f"{name} ({', '.join(details)})" if details else name


def _sealed(row: Mapping[str, Any]) -> str:
    return _("{thing} with the seal {seal}").format(thing=row.get("thing"), seal=row.get("seal"))


def _loaded(row: Mapping[str, Any]) -> str:
    if "well" not in row:
        return str(row.get("thing"))
    return _("{thing} in the well {well}").format(thing=row.get("thing"), well=row["well"])


def _attached(row: Mapping[str, Any]) -> str:
    return str(row.get("name"))


_ROWS: dict[str, Callable[[Any], str]] = {
    "exhibits": _exhibit,
    "samples": _exhibit,
    "sealed": _sealed,
    "loaded": _loaded,
    "attachments": _attached,
}


def _plain(value: object) -> str:
    """Return a value; of the content of an authorisation, without salts."""
    if (
        isinstance(value, dict)
        and value
        and all(
            isinstance(part, dict) and set(part) == {"salt", "value"} for part in value.values()
        )
    ):
        return ", ".join(f"{name}={shown(part['value'])}" for name, part in value.items())
    return shown(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def shown(value: object) -> str:
    """Return a value as it stands in a line."""
    if value is ERASED:
        return _("(erased by order)")
    if isinstance(value, dict):
        return " ".join(f"{name}={shown(part)}" for name, part in value.items())
    if isinstance(value, list):
        text = ", ".join(map(shown, value[:5]))
        return (
            text
            if len(value) <= 5
            else _("{text} … ({number} in all)").format(text=text, number=len(value))
        )
    if value is True or value is False:
        return _("yes") if value else _("no")
    text = str(value).replace("\n", " ")
    if isinstance(value, str) and _LIKE_CLAUSES.search(text):
        # What somebody typed must not read as if the ledger said it: "fine, seals read: A1".
        return _("“{title}”").format(title=text.translate(_PLAIN_QUOTES))
    return text


def minute(time: str) -> str:
    """Return a time of the ledger to the minute."""
    return f"{time[:10]} {time[11:16]} UTC"


@dataclass(frozen=True)
class Entry:
    """One line of the timeline.

    Attributes
    ----------
    not_later_than : str or None
        When a witness outside countersigned a head that covers it: it existed by then.
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
    if case is not None:
        ledger.state.require_case(case)
    flags = gathered((flag.seq, (flag.code, flag.about)) for flag in ledger.state.flags)
    corrections = corrections_of(ledger.events(case=case))
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
