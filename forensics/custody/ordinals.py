"""Which event this is: of its case, of its run or policy, and of those about each exhibit.

Every event says so in fields of its own, `ordinal` and `exhibit_ordinals`, signed with the rest. The recipient
of the events of one case sees then that one was left out.

An event counts in one series: that of its case; of events without a case that of the keys, of the policy, of
a run, of a library, of the competence of a person; a correction in that of the event which it corrects. What
only the laboratory itself needs, such as a location, is in none.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from forensics.custody.acts.common import AUTHORISATION, items_of
from forensics.custody.rules import ORDINALS, Act, refusal
from forensics.custody.state import Series, State
from forensics.messages import _

KEY_EVENTS = frozenset({"init", "enrol", "rotate", "reenrol", "revoke"})
"""Events that say which key is whose."""

KEYS = "keys"
"""Name of the series of events about keys."""
_POLICY = "policy"
_BY_FIELD = {
    "run": ("run", "run"),
    "control": ("run", "run"),
    "deviation": ("run", "run"),
    "validate": ("library", "library"),
    "competence": ("competence", "person"),
}
"""Type of an event without a case to the kind of its series and the field that names it."""
_ABOUT_AN_EVENT = ("correct", "erase")

Earlier = Callable[[int], dict[str, Any] | None]


def _series_of(state: State, fields: dict[str, Any], earlier: Earlier) -> str:
    """Return the series in which an event with these fields counts; empty for none."""
    if "case" in fields:
        return f"case {fields['case']}"
    kind = fields["type"]
    if kind in KEY_EVENTS:
        return KEYS
    if kind == "policy":
        return _POLICY
    if kind in _BY_FIELD:
        name, field = _BY_FIELD[kind]
        return f"{name} {fields[field]}"
    if kind in _ABOUT_AN_EVENT and (target := earlier(fields["event"])) is not None:
        if target.get("type") in _ABOUT_AN_EVENT:  # a chain of them costs one step each
            return state.series_corrected.get(fields["event"], "")
        series = _series_of(state, target, earlier)
        return "" if series == KEYS else series  # names of persons, who may have no part in a case
    return ""


def _exhibits_of(state: State, act: Act) -> list[str]:
    """Return the exhibits and containers that an act of a case is about, each once.

    A sample counts as the exhibit of which it was taken, a container for itself.
    """
    if act.exhibits is not None:  # the state changes after it was counted
        return act.exhibits
    if "case" not in act.fields:
        return []
    names = dict.fromkeys(
        item.root
        for name in _items_named(state, act)
        if (item := state.things.get(name)) is not None
    )
    names.update(dict.fromkeys(row["exhibit"] for row in act.get("exhibits", ())))
    if "container" in act.fields:
        names[act["container"]] = None
    act.exhibits = list(names)
    return act.exhibits


def _items_named(state: State, act: Act) -> Iterator[str]:
    yield from items_of(act)
    findings = [act["finding"]] if "finding" in act.fields else act.get("findings", ())
    for seq in findings:
        if seq in state.findings:
            yield state.findings[seq].thing
    if act.type in _ABOUT_AN_EVENT and act["event"] < act.seq:
        target = act.earlier(act["event"])
        if target is not None and target.get("type") in _ABOUT_AN_EVENT:
            yield from state.exhibits_corrected.get(act["event"], ())
        elif target is not None:
            about = Act(act["event"], act.ledger, act.key, act.recorded_at, target, act.earlier)
            yield from _exhibits_of(state, about)


def _expected(state: State, act: Act) -> dict[str, Any]:
    """Return the fields by which an act says which one it is."""
    fields: dict[str, Any] = {}
    if series := _series_of(state, act.fields, act.earlier):
        known = state.series.get(series)
        fields["ordinal"] = known.count + 1 if known else 1
    if exhibits := _exhibits_of(state, act):
        fields["exhibit_ordinals"] = [
            {"exhibit": name, "ordinal": state.exhibit_events.get(name, 0) + 1} for name in exhibits
        ]
    return fields


def assign(state: State, act: Act) -> None:
    """Add to a new act the fields by which it says which one it is."""
    for name, value in _expected(state, act).items():
        act.fields.setdefault(name, value)


def check(state: State, act: Act) -> None:
    """Refuse an act that says to be another one than it is."""
    expected = _expected(state, act)
    for name in ORDINALS:
        if act.get(name) != expected.get(name):
            raise refusal(
                "ORDINAL",
                _("{name}: found {found}, expected {expected}."),
                name=name,
                found=act.get(name),
                expected=expected.get(name),
            )


def count(state: State, act: Act) -> None:
    """Count an act in its series, and for each exhibit that it is about; before it changes the state.

    What it says of itself counts, right or wrong: in a replay, a hole is reported once.
    """
    exhibits, name = _exhibits_of(state, act), _series_of(state, act.fields, act.earlier)
    if act.type in _ABOUT_AN_EVENT:
        state.series_corrected[act.seq] = name
        state.exhibits_corrected[act.seq] = tuple(exhibits)
    for exhibit in exhibits:
        state.exhibit_events[exhibit] = state.exhibit_events.get(exhibit, 0) + 1
    for row in act.get("exhibit_ordinals", ()):
        state.exhibit_events[row["exhibit"]] = row["ordinal"]
    if not name:
        return
    series = state.series.setdefault(name, Series())
    series.events.append(act.seq)
    series.count = act.get("ordinal", series.count + 1)
    series.bulk = series.bulk.plus(act.bulk)
    if "case" not in act.fields and AUTHORISATION.name in act.fields:
        series.authorisations.append(act[AUTHORISATION.name])
        if used := state.authorisations.get(act[AUTHORISATION.name]):
            series.bulk = series.bulk.plus(used.bulk)
    rests_on = [f"competence {act.actor}"]
    if "case" in act.fields:
        runs = [act["run"]] if "run" in act.fields else act.get("runs", ())
        rests_on += [f"run {run}" for run in runs]
        if "library" in act.fields:
            rests_on.append(f"library {act['library']}")
    for below in rests_on:
        if below not in series.rests_on:
            series.rests_on.add(below)
            state.resting.setdefault(below, set()).add(name)


def related_series(state: State, case: str) -> set[str]:
    """Return the series outside a case on which it rests, by name.

    The keys, the policy, the runs in which its samples were, the libraries that its findings name, and the
    competence of everybody who signed an event of the case or of those runs.
    """
    own = state.series.get(f"case {case}", Series()).rests_on
    names = {KEYS, _POLICY, *own}
    for name in own:
        if name.startswith("run ") and name in state.series:
            names |= state.series[name].rests_on
    return {name for name in names if name in state.series}


def cases_with(state: State, events: Iterable[tuple[int, dict[str, Any]]]) -> list[str]:
    """Return the cases that are disclosed with these events: number and fields of each.

    Events about keys and policies, which are disclosed with every case, are not asked for.
    """
    names = {
        state.series_corrected.get(seq) or _series_of(state, fields, lambda seq: None)
        for seq, fields in events
    } - {KEYS, _POLICY}
    for _level in "run", "case":  # a case may rest on a run, and a run on a competence
        names |= {
            above
            for name in names
            for above in state.resting.get(name, ())
            if above.startswith(("run ", "case "))
        }
    return sorted(name.removeprefix("case ") for name in names if name.startswith("case "))


def related(state: State, names: Iterable[str]) -> set[int]:
    """Return the numbers of all events in these series, and of the authorisations that they use."""
    numbers: set[int] = set()
    for name in names:
        series = state.series[name]
        numbers.update(series.events, series.authorisations)
    return numbers
