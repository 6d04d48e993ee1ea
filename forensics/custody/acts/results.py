"""Reference data that the laboratory accepted, findings, their review and report."""

from forensics.custody.acts.common import (
    AUTHORISATION,
    CASE,
    ITEM,
    authorised,
    case_known,
    same_case,
    use_authorisation,
)
from forensics.custody.acts.laboratory import competent, run_known
from forensics.custody.fields import (
    ANY,
    ATTACHMENTS,
    FLAG,
    HASH,
    LONG_TEXT,
    NAMES,
    SEQ,
    SEQS,
    TEXT,
    Field,
    choice,
)
from forensics.custody.rules import Act, EventType, refusal
from forensics.custody.state import Finding, State
from forensics.messages import N_, _

_LIBRARY = Field("library", HASH, help=N_("SHA-256 of the library, model, curve or clock."))
WITHOUT_RUN = ("morphology", "other")
# Findings that rest on reference data, which this laboratory must have accepted.
_FROM_A_LIBRARY = ("identification", "origin", "age")
_KINDS = ("identification", "origin", "individual", "sex", "age", *WITHOUT_RUN)


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
                _("Nothing of {root} was in run {run}; record that first (load).").format(
                    root=root, run=name
                ),
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
                "{library}; a manager records that first (validate)."
            ).format(library=library),
        )


def _finding_of_case(state: State, act: Act, seq: int) -> Finding:
    finding = state.findings.get(seq)
    if finding is None or finding.case != act["case"]:
        raise refusal(
            "FINDING-UNKNOWN",
            _("Event {seq} is not a finding of case {case}.").format(seq=seq, case=act["case"]),
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
                    ).format(seq=seq, run=name, controls=", ".join(missing)),
                )
        if state.policy["review"]:
            _was_reviewed(finding, seq)


def _was_reviewed(finding: Finding, seq: int) -> None:
    if not finding.reviewed:
        raise refusal(
            "REVIEWED", _("Finding {seq} was not reviewed yet (reviewed).").format(seq=seq)
        )


def _of_another(state: State, act: Act) -> None:
    if _finding_of_case(state, act, act["finding"]).by == act.actor:
        raise refusal(
            "REVIEW-SELF",
            _("{person} made this finding; somebody else reviews it.").format(person=act.actor),
        )


def _issue(state: State, act: Act) -> None:
    state.reports[act.seq] = (act["case"], act.get("number"))


def _may_enter(state: State, act: Act) -> None:
    if "authorisation" in act.fields:
        authorised(state, act)
    elif state.things[act["thing"]].purpose == "casework":
        raise refusal(
            "CASEWORK-DEPOSIT",
            _("{thing} is casework; a manager authorises that first (authorise deposit).").format(
                thing=act["thing"]
            ),
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
            _("A review before the call was seen says what the reviewer made of the data."),
        )
    if act.get("stage") == "administrative":
        _was_reviewed(state.findings[act["finding"]], act["finding"])


def _reported_before(state: State, act: Act) -> None:
    number = act.get("number")
    if number is not None and number in {other for _case, other in state.reports.values()}:
        raise refusal(
            "REPORT-NUMBER",
            _("A report has the number {number} already; each is used once.").format(number=number),
        )
    if "replaces" in act.fields and state.reports.get(act["replaces"], ("",))[0] != act["case"]:
        raise refusal(
            "REPORT-UNKNOWN",
            _("Event {seq} is not a report of case {case}.").format(
                seq=act["replaces"], case=act["case"]
            ),
        )
    if ("replaces" in act.fields) != ("reason" in act.fields):
        raise refusal(
            "REPORT-REASON", _("An amended report names what it replaces, and why (reason).")
        )


def _review(state: State, act: Act) -> None:
    if act.get("stage") != "administrative":  # which looks at the report and not at the data
        state.findings[act["finding"]].reviewed = act.seq if act["outcome"] == "agrees" else 0


TYPES = (
    EventType(
        "validate",
        N_("acceptance of a validation"),
        N_(
            "Accept a library, model, curve or clock for casework, with the report of its validation."
        ),
        N_("{actor} accepted {name} for casework, for {scope}"),
        ("manager",),
        (
            _LIBRARY,
            Field("name", TEXT, help=N_("Its name and version.")),
            Field("scope", LONG_TEXT, help=N_("Loci, taxa or tissues for which it is accepted.")),
            Field("attachments", ATTACHMENTS, help=N_("The report of the validation.")),
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
            Field("kind", choice(*_KINDS), help=N_("Kind of finding.")),
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
                choice("technical", "administrative"),
                False,
                help=N_("Of the data (technical), or then of the report; default: technical."),
            ),
            Field(
                "interpretation",
                LONG_TEXT,
                False,
                help=N_("What the reviewer made of the raw data, before seeing the call."),
            ),
            Field(
                "blind",
                FLAG,
                False,
                help=N_("Whether that was written down without having seen the call."),
            ),
        ),
        (case_known, _of_another, _technical_first),
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
        ),
        (case_known, _reported_before, _reported),
        _issue,
    ),
    EventType(
        "deposit",
        N_("deposit in a library"),
        N_("Record that the sequence of a sample enters a library."),
        N_("{actor} let the sequence of {thing} enter the library {name}"),
        ("analyst", "manager"),
        (CASE, ITEM, Field("name", TEXT, help=N_("Name of the library.")), AUTHORISATION),
        (same_case, _may_enter),
        use_authorisation,
    ),
)
