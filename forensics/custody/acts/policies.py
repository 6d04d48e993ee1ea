"""A change of the laboratory's policy: tightened by one person, relaxed by two."""

from forensics.custody.acts.common import authorised, use_authorisation
from forensics.custody.rules import Act, laxer, refusal
from forensics.custody.state import Relaxed, State
from forensics.messages import _


def _relaxing(state: State, act: Act) -> list[str]:
    return [
        name for name, value in act["policy"].items() if laxer(name, state.policy.get(name), value)
    ]


def relaxing_agreed(state: State, act: Act) -> None:
    """Refuse to relax the policy without a second person."""
    relaxing = _relaxing(state, act)
    if "authorisation" in act.fields:
        authorised(state, act)
    elif relaxing:
        raise refusal(
            "AUTHORISATION",
            _(
                "This makes the policy laxer ({names}), which takes two people: another manager or "
                "administrator records “authorise policy” first."
            ).format(names=", ".join(relaxing)),
        )


def set_policy(state: State, act: Act) -> None:
    """Change the policy; remember what was relaxed, from when and until when."""
    for relaxation in state.relaxed:
        value = act["policy"].get(relaxation.name, relaxation.after)
        if not relaxation.until and not laxer(relaxation.name, relaxation.before, value):
            relaxation.until, relaxation.until_at = act.seq, act.recorded_at
    authorisation = state.authorisations.get(act.get("authorisation", 0))
    for name in _relaxing(state, act):
        before, after = state.policy.get(name), act["policy"][name]
        state.relaxed.append(
            Relaxed(
                act.seq,
                act.recorded_at,
                act.actor,
                authorisation.by if authorisation else "",
                name,
                before,
                after,
            )
        )
        state.flag(act.seq, "POLICY-RELAXED", name)
    state.policy = {**state.policy, **act["policy"]}
    use_authorisation(state, act)
