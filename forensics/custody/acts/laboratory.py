"""Work in the laboratory: runs with their controls, accepted reference data, findings, their review and report."""

from forensics.custody.acts.common import (
    AT_WORK,
    AUTHORISATION,
    CASE,
    ITEM,
    authorised,
    case_known,
    same_case,
    use_authorisation,
)
from forensics.custody.fields import (
    ANY,
    ATTACHMENTS,
    FLAG,
    HASH,
    IDENTIFIER,
    LONG_TEXT,
    NAMES,
    SEQ,
    SEQS,
    TEXT,
    TIME,
    Field,
    choice,
    record,
)
from forensics.custody.rules import (
    CONTROL_KINDS,
    FINDING_KINDS,
    RUN_KINDS,
    WITHOUT_RUN,
    Act,
    EventType,
    refusal,
)
from forensics.custody.state import Finding, Run, State
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
_LIBRARY = Field(
    "library", HASH, help=N_("SHA-256 of the library, model, curve, clock or law package.")
)

# Findings that rest on reference data, which this laboratory must have accepted.
_FROM_A_LIBRARY = ("identification", "origin", "age")


def _new_run(state: State, act: Act) -> None:
    if act["run"] in state.runs:
        raise refusal("RUN-KNOWN", _("The run {run} is already recorded."), run=act["run"])


def run_known(state: State, act: Act) -> None:
    """Refuse what names a run that nobody recorded."""
    for name in [act["run"]] if "run" in act.fields else act.get("runs", ()):
        if name not in state.runs:
            raise refusal("RUN-UNKNOWN", _("The ledger has no run {run}."), run=name)


def _control_known(state: State, act: Act) -> None:
    run = state.runs[act["run"]]
    if act["control"] not in run.controls:
        raise refusal(
            "CONTROL-UNKNOWN",
            _("Run {run} has no control {control}; it has {known}."),
            run=act["run"],
            control=act["control"],
            known=", ".join(run.controls) or _("none"),
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


def missing_controls(state: State, name: str) -> list[str]:
    """Return the controls of a run that the policy asks for and that did not pass."""
    run = state.runs[name]
    needed = state.policy.get(f"{run.kind}_controls", [])
    passed = {kind for kind, result in run.controls.values() if result == "passed"}
    of_result = {
        wanted: [control for control, (_kind, result) in run.controls.items() if result == wanted]
        for wanted in ("failed", "")
    }
    missing = (kind for kind in needed if kind not in passed)
    return [*missing, *of_result["failed"], *of_result[""]]


def _batches(state: State, act: Act) -> None:
    if act["kind"] in WITHOUT_RUN:
        return
    runs, root = act.get("runs", ()), state.things[act["thing"]].root
    if not runs:
        raise refusal(
            "FINDING-BATCHES",
            _("Name the runs that the finding rests on (--run)."),
        )
    for name in runs:
        if not any(state.things[item].root == root for item in state.runs[name].things):
            raise refusal(
                "FINDING-BATCHES",
                _("Nothing of {root} was in run {run}; record that first (load)."),
                root=root,
                run=name,
            )


def _accepted_library(state: State, act: Act) -> None:
    if act["kind"] not in _FROM_A_LIBRARY or state.things[act["thing"]].purpose != "casework":
        return
    library = act.get("library", "")
    if library not in state.libraries:
        raise refusal(
            "VALIDATION",
            _(
                "This laboratory has accepted no validation of library, model, curve or clock "
                "{library}; a manager must record one first (validate)."
            ),
            library=library,
        )


def _finding_of_case(state: State, act: Act, seq: int) -> Finding:
    finding = state.findings.get(seq)
    if finding is None or finding.case != act["case"]:
        raise refusal(
            "FINDING-UNKNOWN",
            _("Event {seq} is not a finding of case {case}."),
            seq=seq,
            case=act["case"],
        )
    return finding


def _reported(state: State, act: Act) -> None:
    for seq in act["findings"]:
        finding = _finding_of_case(state, act, seq)
        for name in finding.runs:
            missing = missing_controls(state, name)
            if missing and not state.runs[name].deviation:
                raise refusal(
                    "CONTROLS",
                    _(
                        "Finding {seq} rests on run {run}, whose controls are missing or failed: "
                        "{controls}. Repeat it, or record an approved deviation."
                    ),
                    seq=seq,
                    run=name,
                    controls=", ".join(missing),
                )
        if state.policy["review"]:
            _was_reviewed(finding, seq)


def _was_reviewed(finding: Finding, seq: int) -> None:
    if not finding.reviewed:
        raise refusal("REVIEWED", _("Finding {seq} has not been reviewed yet (reviewed)."), seq=seq)


def _of_another(state: State, act: Act) -> None:
    if _finding_of_case(state, act, act["finding"]).by == act.actor:
        raise refusal(
            "REVIEW-SELF",
            _("{person} made this finding, so somebody else must review it."),
            person=act.actor,
        )


def _as_authorised(state: State, act: Act) -> None:
    """Refuse a report by people with several parts in it that is not the one that a second person authorised."""
    if "authorisation" in act.fields:
        authorised(state, act)


def _issue(state: State, act: Act) -> None:
    state.reports[act.seq] = (act["case"], act.get("number"))
    use_authorisation(state, act)


def _may_enter(state: State, act: Act) -> None:
    if "authorisation" in act.fields:
        authorised(state, act)
    elif state.things[act["thing"]].purpose == "casework":
        raise refusal(
            "CASEWORK-DEPOSIT",
            _(
                "{thing} is casework; a manager must authorise the deposit first (authorise "
                "deposit)."
            ),
            thing=act["thing"],
        )


def _find(state: State, act: Act) -> None:
    state.findings[act.seq] = Finding(
        act.actor, act["thing"], act["case"], tuple(act.get("runs", ()))
    )
    competent(state, act, act["kind"])


def _technical_first(state: State, act: Act) -> None:
    if act.get("blind") and "interpretation" not in act.fields:
        raise refusal(
            "REVIEW-BLIND",
            _(
                "A review made before seeing the call must state the reviewer's own interpretation "
                "of the data."
            ),
        )
    if act.get("stage") == "administrative":
        _was_reviewed(state.findings[act["finding"]], act["finding"])


def _reported_before(state: State, act: Act) -> None:
    number = act.get("number")
    if number is not None and number in {other for _case, other in state.reports.values()}:
        raise refusal(
            "REPORT-NUMBER",
            _("Report number {number} is already used; choose another."),
            number=number,
        )
    if "replaces" in act.fields and state.reports.get(act["replaces"], ("",))[0] != act["case"]:
        raise refusal(
            "REPORT-UNKNOWN",
            _("Event {seq} is not a report of case {case}."),
            seq=act["replaces"],
            case=act["case"],
        )
    if ("replaces" in act.fields) != ("reason" in act.fields):
        raise refusal(
            "REPORT-REASON",
            _("An amended report must name the report it replaces, and the reason (reason)."),
        )


def _by_a_third(state: State, act: Act) -> None:
    """Refuse an administrative review by the technical reviewer, unless a second person authorised it."""
    finding = state.findings[act["finding"]]
    if "authorisation" in act.fields:
        authorised(state, act, subject=str(act["finding"]))
    elif act.get("stage") == "administrative" and act.actor == finding.reviewer:
        raise refusal(
            "REVIEW-ROLES",
            _(
                "{person} made the technical review of this finding, so somebody else must make the "
                "administrative one, or a manager must authorise it (authorise reviewed)."
            ),
            person=act.actor,
        )


def _review(state: State, act: Act) -> None:
    finding = state.findings[act["finding"]]
    if act.get("stage") != "administrative":  # which looks at the report and not at the data
        finding.reviewed = act.seq if act["outcome"] == "agrees" else 0
        finding.reviewer = act.actor
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
        N_("Record the result of a control, and the action taken."),
        N_("{actor} recorded the control {control} of the run {run}: {result}"),
        ("analyst",),
        (
            _RUN,
            Field("control", IDENTIFIER, help=N_("Control.")),
            Field("result", _RESULT, help=N_("Result.")),
            Field("observed", LONG_TEXT, False, help=N_("What was seen.")),
            Field("action", LONG_TEXT, False, help=N_("Action taken.")),
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
            Field("reason", LONG_TEXT, help=N_("Reason why it may be used all the same.")),
            AUTHORISATION,
        ),
        (run_known, _deviation_agreed),
        _deviate,
    ),
    EventType(
        "validate",
        N_("acceptance of a validation"),
        N_(
            "Accept a library, model, curve, clock or law package for casework, with the report of its "
            "validation or its manifest."
        ),
        N_("{actor} accepted {name} for casework, for {scope}"),
        ("manager",),
        (
            _LIBRARY,
            Field("name", TEXT, help=N_("Its name and version.")),
            Field(
                "scope", LONG_TEXT, help=N_("Loci, taxa, tissues or days for which it is accepted.")
            ),
            Field(
                "attachments",
                ATTACHMENTS,
                help=N_("The report of the validation, or the manifest of the law package."),
            ),
        ),
        (),
        lambda state, act: state.libraries.update({act["library"]: act.seq}),
    ),
    EventType(
        "finding",
        N_("finding (event)"),
        N_("Record a finding on a sample with how it was reached."),
        N_("{actor} recorded a finding ({kind}) on {thing}: {result}"),
        ("analyst",),
        (
            CASE,
            ITEM,
            Field("kind", choice(*FINDING_KINDS), help=N_("Kind of finding.")),
            Field("runs", NAMES, False, help=N_("Runs that it rests on.")),
            Field("library", HASH, False, help=_LIBRARY.help),
            Field("result", ANY, help=N_("What was found.")),
            Field("provenance", ANY, False, help=N_("Software, parameters and inputs.")),
        ),
        (same_case, run_known, _batches, _accepted_library),
        _find,
    ),
    EventType(
        "reviewed",
        N_("review of a finding"),
        N_("Say whether you agree with a finding of another person."),
        N_("{actor} reviewed the finding {finding}: {outcome}"),
        ("reviewer",),
        (
            Field("finding", SEQ, help=N_("Number of the finding's event.")),
            CASE,
            Field("outcome", choice("agrees", "disagrees"), help=N_("Outcome.")),
            Field("comment", LONG_TEXT, False, help=N_("Why.")),
            Field(
                "stage",
                choice(N_("technical"), N_("administrative")),
                False,
                help=N_(
                    "Review of the data (technical), or later of the report "
                    "(administrative); default: technical."
                ),
            ),
            Field(
                "interpretation",
                LONG_TEXT,
                False,
                help=N_(
                    "The reviewer's own interpretation of the raw data, made before seeing "
                    "the call."
                ),
            ),
            Field(
                "blind",
                FLAG,
                False,
                help=N_("Whether it was written down before the call was seen."),
            ),
            AUTHORISATION,
        ),
        (case_known, _of_another, _technical_first, _by_a_third),
        _review,
    ),
    EventType(
        "report",
        N_("report (event)"),
        N_("Issue a report on findings."),
        N_("{actor} issued a report on the findings {findings}"),
        ("analyst", "reviewer", "manager"),
        (
            CASE,
            Field("findings", SEQS, help=N_("Numbers of the findings' events.")),
            Field("attachments", ATTACHMENTS, help=N_("The report.")),
            Field("number", TEXT, False, help=N_("Number of the report.")),
            Field("replaces", SEQ, False, help=N_("Event of the report that this one replaces.")),
            Field("reason", LONG_TEXT, False, help=N_("Why it is replaced.")),
            AUTHORISATION,
        ),
        (case_known, _reported_before, _reported, _as_authorised),
        _issue,
    ),
    EventType(
        "deposit",
        N_("deposit in a library"),
        N_("Record that the sequence of a sample enters a library."),
        N_("{actor} deposited the sequence of {thing} in the library {name}"),
        ("analyst", "manager"),
        (CASE, ITEM, Field("name", TEXT, help=N_("Name of the library.")), AUTHORISATION),
        (same_case, _may_enter),
        use_authorisation,
    ),
)
