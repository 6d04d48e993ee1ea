"""Runs: batches in the laboratory, what was in them, and their controls."""

from forensics.custody.acts.common import (
    AT_WORK,
    AUTHORISATION,
    CASE,
    authorised,
    use_authorisation,
)
from forensics.custody.fields import (
    IDENTIFIER,
    LONG_TEXT,
    TEXT,
    TIME,
    Field,
    choice,
    record,
)
from forensics.custody.rules import CONTROL_KINDS, RUN_KINDS, Act, EventType, refusal
from forensics.custody.state import Run, State
from forensics.messages import N_, _

_RESULT = choice("passed", "failed")
_RUN = Field("run", IDENTIFIER, help=N_("Name of the run; unique in the ledger."))
_CONTROLS = record(
    Field("control", IDENTIFIER, help=N_("Name of the control.")),
    Field("kind", choice(*CONTROL_KINDS), help=N_("Blank, negative or positive.")),
    Field("well", IDENTIFIER, False, help=N_("Well.")),
    Field("result", _RESULT, False, help=N_("Result, if it is known.")),
    many=True,
)
_LOTS = record(
    Field("reagent", TEXT, help=N_("Reagent.")),
    Field("lot", TEXT, help=N_("Its lot.")),
    Field("expires", TIME, False, help=N_("When it expires.")),
    many=True,
)
_LOADED = record(
    Field("thing", IDENTIFIER, help=N_("Sample.")),
    Field("well", IDENTIFIER, False, help=N_("Its well.")),
    many=True,
)


def _new_run(state: State, act: Act) -> None:
    if act["run"] in state.runs:
        raise refusal("RUN-KNOWN", _("The run {run} was recorded before.").format(run=act["run"]))


def run_known(state: State, act: Act) -> None:
    """Refuse what names a run that nobody recorded."""
    for name in [act["run"]] if "run" in act.fields else act.get("runs", ()):
        if name not in state.runs:
            raise refusal("RUN-UNKNOWN", _("There is no run {run}.").format(run=name))


def _control_known(state: State, act: Act) -> None:
    run = state.runs[act["run"]]
    if act["control"] not in run.controls:
        raise refusal(
            "CONTROL-UNKNOWN",
            _("Run {run} has no control {control}; it has {known}.").format(
                run=act["run"],
                control=act["control"],
                known=", ".join(run.controls) or _("none"),
            ),
        )


def _deviation_agreed(state: State, act: Act) -> None:
    authorised(state, act, subject=act["run"])


def competent(state: State, act: Act, kind: str) -> None:
    """Flag an act of a person without a competence on record for it."""
    when = act["occurred_at"]
    if not any(
        name == kind and begin <= when <= end
        for name, begin, end in state.people[act.actor].competences
    ):
        state.flag(act.seq, "COMPETENCE", act.actor)


def _run(state: State, act: Act) -> None:
    run = Run(act["kind"], act.seq)
    state.runs[act["run"]] = run
    for row in act.get("controls", ()):
        run.controls[row["control"]] = (row["kind"], row.get("result", ""))
        if row.get("result") == "failed":
            state.flag(act.seq, "CONTROL-FAILED", row["control"])
    competent(state, act, act["kind"])


def _load(state: State, act: Act) -> None:
    state.runs[act["run"]].things.update(row["thing"] for row in act["loaded"])


def _control(state: State, act: Act) -> None:
    run = state.runs[act["run"]]
    run.controls[act["control"]] = (run.controls[act["control"]][0], act["result"])
    if act["result"] == "failed":
        state.flag(act.seq, "CONTROL-FAILED", act["control"])


def _deviate(state: State, act: Act) -> None:
    state.runs[act["run"]].deviation = act.seq
    use_authorisation(state, act)


TYPES = (
    EventType(
        "run",
        N_("laboratory run"),
        N_("Record a run: an extraction, amplification or sequencing batch with its controls."),
        N_("{actor} recorded the run {run} ({kind})"),
        ("analyst",),
        (
            _RUN,
            Field("kind", choice(*RUN_KINDS), help=N_("Kind of run.")),
            Field("protocol", TEXT, False, help=N_("Protocol and its version.")),
            Field("plate", TEXT, False, help=N_("Plate.")),
            Field("instrument", TEXT, False, help=N_("Instrument.")),
            Field("provider", TEXT, False, help=N_("Outside provider, if any.")),
            Field("lots", _LOTS, False, help=N_("Reagent lots.")),
            Field("controls", _CONTROLS, False, help=N_("Controls.")),
        ),
        (_new_run,),
        _run,
    ),
    EventType(
        "load",
        N_("loading of a run"),
        N_("Record which samples of a case went into a run."),
        N_("{actor} loaded {loaded} into the run {run}"),
        ("analyst",),
        (CASE, _RUN, Field("loaded", _LOADED, help=N_("Samples and wells."))),
        (*AT_WORK, run_known),
        _load,
    ),
    EventType(
        "control",
        N_("result of a control"),
        N_("Record the result of a control, and what was done about it."),
        N_("{actor} recorded the control {control} of the run {run}: {result}"),
        ("analyst",),
        (
            _RUN,
            Field("control", IDENTIFIER, help=N_("Control.")),
            Field("result", _RESULT, help=N_("Result.")),
            Field("observed", LONG_TEXT, False, help=N_("What was seen.")),
            Field("action", LONG_TEXT, False, help=N_("What was done about it.")),
        ),
        (run_known, _control_known),
        _control,
    ),
    EventType(
        "deviation",
        N_("approved deviation"),
        N_("Accept a run although its controls are missing or failed; takes two people."),
        N_("{actor} accepted the run {run} although controls are missing or failed: {reason}"),
        ("analyst", "reviewer"),
        (
            _RUN,
            Field("reason", LONG_TEXT, help=N_("Why it may be used all the same.")),
            AUTHORISATION,
        ),
        (run_known, _deviation_agreed),
        _deviate,
    ),
)
