"""The laboratory's policy: what its rules leave open, set at the beginning and changed by an event."""

from decimal import Decimal
from typing import Any

from forensics.custody.fields import DECIMAL_TEXT, FLAG, INTEGER, Field, choice, choices, record
from forensics.messages import N_, _

__all__ = ["CONTROL_KINDS", "DEFAULT_POLICY", "POLICY", "RUN_KINDS", "laxer", "policy_problem"]

RUN_KINDS = ("extraction", "amplification", "sequencing", "other")
CONTROL_KINDS = ("blank", "negative", "positive")

_CONTROLS = choices(*CONTROL_KINDS)

POLICY = record(
    Field("kind", choice("casework", "training"), False, help=N_("What the ledger is for.")),
    Field("tolerance_share", DECIMAL_TEXT, False, help=N_("Tolerance of a mass, as a share.")),
    Field("tolerance_mass", DECIMAL_TEXT, False, help=N_("Tolerance of a mass in g, if more.")),
    Field("tolerance_volume", DECIMAL_TEXT, False, help=N_("Tolerance of a volume in mL.")),
    Field("use_share", DECIMAL_TEXT, False, help=N_("Largest share used without authorisation.")),
    Field("keep_share", DECIMAL_TEXT, False, help=N_("Portion kept for a second expert.")),
    Field(
        "storage_witness", FLAG, False, help=N_("Whether moves into and out of storage need one.")
    ),
    Field("transit_hours", INTEGER, False, help=N_("Longest transit.")),
    Field("late_hours", INTEGER, False, help=N_("Later than this, an entry needs a reason.")),
    Field("extraction_controls", _CONTROLS, False, help=N_("Controls of an extraction.")),
    Field("amplification_controls", _CONTROLS, False, help=N_("Controls of an amplification.")),
    Field("sequencing_controls", _CONTROLS, False, help=N_("Controls of a sequencing run.")),
    Field("review", FLAG, False, help=N_("Whether a finding is reviewed before it is reported.")),
)

DEFAULT_POLICY = {
    "kind": "casework",
    # A laboratory balance repeats to about a milligram; handling loses up to a hundredth.
    "tolerance_share": "0.01",
    "tolerance_mass": "0.002",
    "tolerance_volume": "0.002",
    # Half for us, and at no time less than a quarter left for the defence's own expert.
    "use_share": "0.5",
    "keep_share": "0.25",
    "storage_witness": False,
    "transit_hours": 72,
    "late_hours": 24,
    "extraction_controls": ["blank"],
    "amplification_controls": ["negative", "positive"],
    "review": True,
}
"""Where the laboratory says nothing. These are starting points of ours, not a standard's: a
laboratory sets its own and is asked for its reasons."""


def policy_problem(policy: dict[str, Any]) -> str | None:
    """Return what is wrong with the values of a policy, or None."""
    for name in ("tolerance_share", "use_share", "keep_share"):
        if name in policy and Decimal(policy[name]) > 1:
            return _("{name} is a share and at most 1, found {value}.").format(
                name=name, value=policy[name]
            )
    return None


_MORE_IS_LAXER = (
    "tolerance_share", "tolerance_mass", "tolerance_volume", "use_share", "transit_hours",
    "late_hours",
)  # fmt: skip
_LESS_IS_LAXER = ("keep_share",)


def laxer(name: str, before: Any, after: Any) -> bool:
    """Return whether the value `after` of a part of the policy allows more than `before`.

    Parameters
    ----------
    name : str
        Part of the policy; None as a value means that it is not set.

    Raises
    ------
    KeyError
        If no direction is known for this part, so that a new one cannot be forgotten.
    """
    if name in _MORE_IS_LAXER:
        return Decimal(after) > Decimal(before)
    if name in _LESS_IS_LAXER:
        return Decimal(after) < Decimal(before)
    if name in ("storage_witness", "review"):
        return bool(before) and not after
    if name.endswith("_controls") and name.removesuffix("_controls") in RUN_KINDS:
        return bool(set(before or ()) - set(after or ()))
    if name == "kind":
        return False  # cannot be changed at all
    raise KeyError(name)
