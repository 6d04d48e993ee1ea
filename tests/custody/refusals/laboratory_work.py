"""Scenes of the laboratory's work: runs, findings, reviews, reports."""

from custody.refusals.steps import finding, hand_over
from laboratory import LIBRARY, Laboratory, bruno, chen

FOUND = Laboratory.found
SAMPLED = Laboratory.sampled
REPORTED = {"case": "C1", "attachments": lambda lab: [lab.photo("report.pdf")]}
OTHER_RUN = bruno.run(run="R1", kind="other")
CONTROL = bruno.control(run="R1", control="NTC", result="passed")


def good_run(lab):
    lab.run(NTC="passed", POS="passed")


def run_without_a_result(lab):
    lab.run(POS="passed")


def run_with_one_control_more(lab):
    kinds = {"NTC": "negative", "POS": "positive", "NTC 2": "negative"}
    controls = [{"control": name, "kind": kind} for name, kind in kinds.items()]
    for row in controls[:2]:
        row["result"] = "passed"
    lab.bruno.run(run="R1", kind="amplification", controls=controls)
    lab.bruno.load(case="C1", run="R1", loaded=[{"thing": "S1", "well": "A1"}])


def found_in(kind, **more):
    return bruno.finding(case="C1", thing="S1", kind=kind, result="x", **more)


def reviewing(outcome="agrees", **more):
    return chen.reviewed(**{"case": "C1", "finding": finding, "outcome": outcome, **more})


def administrative_by_the_same(lab):
    """The technical reviewer makes the administrative review as well, as a second person let them."""
    about = {"act": "reviewed", "case": "C1", "subject": str(finding(lab))}
    agreed = lab.amina.authorise(
        **about, content={"stage": "administrative"}, reason="two people are at work"
    ).seq
    reviewing(stage="administrative", authorisation=agreed)(lab)


def asking(kind="identification", **more):
    asked = {"case": "C1", "thing": "C1/1", "asked_by": "Customs", "question": "Of what is it?"}
    return bruno.question(kind=kind, **asked, **more)


def reporting(**more):
    return bruno.report(findings=lambda lab: [finding(lab)], **{**REPORTED, **more})


SEX = found_in("sex", runs=["R1"])
OF_LIBRARY = {"runs": ["R1"], "library": LIBRARY}
FIRST_REPORT = {"replaces": lambda lab: lab.size, "reason": "a name was misspelt"}

SCENES = {
    "RUN-KNOWN": {"a run recorded twice": [OTHER_RUN, OTHER_RUN]},
    "RUN-UNKNOWN": {"a control of no run": [CONTROL]},
    "CONTROL-UNKNOWN": {"a control that the run has not": [OTHER_RUN, CONTROL]},
    "CONTROLS": {
        "a report on a failed control": [
            FOUND, reviewing(),
            bruno.control(run="R1", control="NTC", result="failed", action="repeated"), reporting(),
        ],
        "a report on controls without result": [
            SAMPLED, run_without_a_result, SEX, reviewing(), reporting(),
        ],
        "a report on one control more than the policy asks for without result": [
            SAMPLED, run_with_one_control_more, SEX, reviewing(), reporting(),
        ],
    },
    "FINDING-UNKNOWN": {
        "a report on no finding": [bruno.report(findings=[3], **REPORTED)],
        "a report on a finding of another case": [FOUND, reviewing(), reporting(case="C2")],
        "a review of a finding of another case": [FOUND, reviewing(case="C2")],
        "a review of no finding": [reviewing(finding=3)],
    },
    "FINDING-BATCHES": {
        "a finding that names no run": [SAMPLED, found_in("sex")],
        "a finding from a run without the sample": [SAMPLED, OTHER_RUN, SEX],
    },
    "VALIDATION": {
        "a finding from a library that nobody accepted": [
            SAMPLED, good_run, found_in("identification", **OF_LIBRARY),
        ],
        "an origin from a model that nobody accepted": [
            SAMPLED, good_run, found_in("origin", **OF_LIBRARY),
        ],
        "an origin that names no model": [SAMPLED, good_run, found_in("origin", runs=["R1"])],
        "an age by a curve that nobody accepted": [
            SAMPLED, good_run, found_in("age", **OF_LIBRARY),
        ],
    },
    "REVIEW-SELF": {
        "reviewing one's own finding": [
            hand_over("amina", "chen"),
            chen.finding(case="C1", thing="C1/1", kind="morphology", result="horn"), reviewing(),
        ],
    },
    "REVIEWED": {
        "a report before the review": [FOUND, reporting()],
        "a report on a finding that the reviewer did not share": [
            FOUND, reviewing("disagrees"), reporting(),
        ],
        "an administrative review before the technical one": [
            FOUND, reviewing(stage="administrative"),
        ],
        "a report after a technical review that was taken back": [
            FOUND, reviewing(stage="technical"), administrative_by_the_same,
            reviewing("disagrees"), reporting(),
        ],
    },
    "REVIEW-ROLES": {
        "both reviews by one person": [
            FOUND, reviewing(stage="technical"), reviewing(stage="administrative"),
        ],
    },
    "QUESTION": {
        "one proposition": [asking(named="Manis")],
        "two propositions that name one taxon": [asking(named="Manis", against="manis")],
        "two propositions on kin without the other animal": [
            asking(kind="individual", named="same", against="unrelated"),
        ],
        "another animal where a taxon is asked for": [
            asking(named="Manis", against="other", beside="K1"),
        ],
        "another animal without propositions": [asking(kind="individual", beside="K1")],
    },
    "REVIEW-BLIND": {"a blind review without an interpretation": [FOUND, reviewing(blind=True)]},
    "REPORT-NUMBER": {
        "two reports of one number": [
            FOUND, reviewing(), reporting(number="R1"), reporting(number="R1", **FIRST_REPORT),
        ],
    },
    "REPORT-UNKNOWN": {
        "an amended report of what is no report": [
            FOUND, reviewing(), reporting(replaces=finding, reason="a name was misspelt"),
        ],
    },
    "REPORT-REASON": {
        "an amended report without a reason": [
            FOUND, reviewing(), reporting(), reporting(replaces=lambda lab: lab.size),
        ],
    },
    "CASEWORK-DEPOSIT": {
        "casework into a library": [
            SAMPLED, bruno.deposit(case="C1", thing="S1", name="library 2"),
        ],
    },
}  # fmt: skip
