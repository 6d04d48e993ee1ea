"""The table of all types of events, and the one step by which an event changes the state.

The same `step` runs when an event is added and when a ledger is verified.
"""

from forensics.custody import ordinals
from forensics.custody.acts import (
    cases,
    corrections,
    exhibits,
    laboratory,
    movement,
    people,
    quantities,
)
from forensics.custody.acts.common import is_late, items_of, signer, times
from forensics.custody.fields import ERASED
from forensics.custody.rules import ROLES, Act, EventType, refusal
from forensics.custody.state import State
from forensics.messages import _

TYPES: dict[str, EventType] = {
    kind.name: kind
    for module in (
        people,
        cases,
        exhibits,
        quantities,
        movement,
        laboratory,
        corrections,
    )
    for kind in module.TYPES
}
"""Name to type, in the order in which people read about them."""

assert all(role in ROLES for kind in TYPES.values() for role in kind.roles)


def check(state: State, act: Act, *, new: bool = False) -> None:
    """Refuse an act that breaks a rule; the state stays as it is.

    Parameters
    ----------
    new : bool
        Whether it is being made: the fields by which it says which event it is are added to it.

    Raises
    ------
    RefusedError
        Naming the rule and what to do.
    """
    _check_fields(act)
    kind = TYPES[act.type]
    if new:
        ordinals.assign(state, act)
    if act.type != "init":
        if not state.seq:
            raise refusal("FIRST", _("The first event of a ledger is init."))
        signer(state, act, kind.roles)
        times(state, act)
    for rule in kind.rules:
        rule(state, act)
    ordinals.check(state, act)


def change(state: State, act: Act) -> None:
    """Apply an act to the state; only after `check`."""
    if act.recorded_at < state.recorded_at:
        state.flag(act.seq, "CLOCK-BACK")
    if state.seq and is_late(state, act):
        state.flag(act.seq, "LATE")
    for name in items_of(act):
        item = state.things.get(name)
        if item is not None:
            if act["occurred_at"] < item.last:
                state.flag(act.seq, "TIME-ORDER", name)
            item.last = max(item.last, act["occurred_at"])
    ordinals.count(state, act)
    TYPES[act.type].change(state, act)
    state.seq, state.recorded_at = act.seq, max(state.recorded_at, act.recorded_at)


def step(state: State, act: Act) -> None:
    """Check an act and apply it.

    Raises
    ------
    RefusedError
        If a rule refuses it; the state is then as before.
    """
    check(state, act)
    change(state, act)


def _check_fields(act: Act) -> None:
    name = act.fields.get("type")
    kind = TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise refusal("TYPE", _("There is no type of event {name!r}."), name=name)
    for name, value in act.fields.items():
        field = kind.known.get(name)
        if field is None:
            raise refusal(
                "FIELDS",
                _("“{type}” has no field {name}."),
                type=kind.name,
                name=name,
            )
        if value is ERASED:
            if field.personal:
                continue
            problem: str | None = _("it was erased, but must not be")
        else:
            problem = field.kind.problem(value)
        if problem:
            raise refusal("FIELDS", f"{name}: {problem}")
    for field in kind.required:
        if field.name not in act.fields:
            raise refusal(
                "FIELDS",
                _("“{type}” needs {name}: {help}"),
                type=kind.name,
                name=field.name,
                help=_(field.help),
            )
