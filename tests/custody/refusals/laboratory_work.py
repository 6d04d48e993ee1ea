"""Scenes of the laboratory's work: runs, findings, reviews, reports."""

from custody.refusals.base import breaks
from laboratory import LIBRARY


@breaks("RUN-KNOWN")
def a_run_recorded_twice(lab):
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.run(run="R1", kind="other")


@breaks("RUN-UNKNOWN")
def a_control_of_no_run(lab):
    lab.bruno.control(run="R9", control="NTC", result="passed")


@breaks("CONTROL-UNKNOWN")
def a_control_that_the_run_has_not(lab):
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.control(run="R1", control="NTC", result="passed")


def _report(lab, seq, **more):
    return lab.bruno.report(
        case="C1", findings=[seq], attachments=[lab.photo("report.pdf")], **more
    )


@breaks("CONTROLS")
def a_report_on_a_failed_control(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    lab.bruno.control(run="R1", control="NTC", result="failed", action="repeated")
    _report(lab, seq)


@breaks("CONTROLS")
def a_report_on_controls_without_result(lab):
    lab.sampled()
    lab.run(POS="passed")
    seq = lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R1"], result="male").seq
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    _report(lab, seq)


@breaks("CONTROLS")
def a_report_on_one_control_more_than_the_policy_asks_for_without_result(lab):
    lab.sampled()
    kinds = {"NTC": "negative", "POS": "positive", "NTC 2": "negative"}
    controls = [{"control": name, "kind": kind} for name, kind in kinds.items()]
    for row in controls[:2]:
        row["result"] = "passed"
    lab.bruno.run(run="R1", kind="amplification", controls=controls)
    lab.bruno.load(case="C1", run="R1", loaded=[{"thing": "S1", "well": "A1"}])
    seq = lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R1"], result="male").seq
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    _report(lab, seq)


@breaks("FINDING-UNKNOWN")
def a_report_on_no_finding(lab):
    _report(lab, 3)


@breaks("FINDING-UNKNOWN")
def a_report_on_a_finding_of_another_case(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    lab.bruno.report(case="C2", findings=[seq], attachments=[lab.photo("report.pdf")])


@breaks("FINDING-UNKNOWN")
def a_review_of_a_finding_of_another_case(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C2", finding=seq, outcome="agrees")


@breaks("FINDING-UNKNOWN")
def a_review_of_no_finding(lab):
    lab.chen.reviewed(case="C1", finding=3, outcome="agrees")


@breaks("FINDING-BATCHES")
def a_finding_that_names_no_run(lab):
    lab.sampled()
    lab.bruno.finding(case="C1", thing="S1", kind="sex", result="male")


@breaks("FINDING-BATCHES")
def a_finding_from_a_run_without_the_sample(lab):
    lab.sampled()
    lab.bruno.run(run="R1", kind="other")
    lab.bruno.finding(case="C1", thing="S1", kind="sex", runs=["R1"], result="male")


@breaks("VALIDATION")
def a_finding_from_a_library_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(
        case="C1", thing="S1", kind="identification", runs=["R1"], library=LIBRARY, result="x"
    )


@breaks("VALIDATION")
def an_origin_from_a_model_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(
        case="C1", thing="S1", kind="origin", runs=["R1"], library=LIBRARY, result="x"
    )


@breaks("VALIDATION")
def an_origin_that_names_no_model(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(case="C1", thing="S1", kind="origin", runs=["R1"], result="x")


@breaks("VALIDATION")
def an_age_by_a_curve_that_nobody_accepted(lab):
    lab.sampled()
    lab.run(NTC="passed", POS="passed")
    lab.bruno.finding(case="C1", thing="S1", kind="age", runs=["R1"], library=LIBRARY, result="x")


@breaks("REVIEW-SELF")
def reviewing_ones_own_finding(lab):
    lab.hand_over("amina", "chen", "C1/1")
    seq = lab.chen.finding(case="C1", thing="C1/1", kind="morphology", result="horn").seq
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")


@breaks("REVIEWED")
def a_report_before_the_review(lab):
    _report(lab, lab.found())


@breaks("REVIEWED")
def a_report_on_a_finding_that_the_reviewer_did_not_share(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="disagrees")
    _report(lab, seq)


@breaks("REVIEWED")
def an_administrative_review_before_the_technical_one(lab):
    lab.chen.reviewed(case="C1", finding=lab.found(), outcome="agrees", stage="administrative")


@breaks("REVIEWED")
def a_report_after_a_technical_review_that_was_taken_back(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees", stage="technical")
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees", stage="administrative")
    lab.chen.reviewed(case="C1", finding=seq, outcome="disagrees")
    _report(lab, seq)


def _reviewed(lab):
    seq = lab.found()
    lab.chen.reviewed(case="C1", finding=seq, outcome="agrees")
    return seq


@breaks("REVIEW-BLIND")
def a_blind_review_without_an_interpretation(lab):
    lab.chen.reviewed(case="C1", finding=lab.found(), outcome="agrees", blind=True)


@breaks("REPORT-NUMBER")
def two_reports_of_one_number(lab):
    seq = _reviewed(lab)
    first = _report(lab, seq, number="R1").seq
    _report(lab, seq, number="R1", replaces=first, reason="a name was misspelt")


@breaks("REPORT-UNKNOWN")
def an_amended_report_of_what_is_no_report(lab):
    seq = _reviewed(lab)
    _report(lab, seq, replaces=seq, reason="a name was misspelt")


@breaks("REPORT-REASON")
def an_amended_report_without_a_reason(lab):
    seq = _reviewed(lab)
    _report(lab, seq, replaces=_report(lab, seq).seq)


@breaks("CASEWORK-DEPOSIT")
def casework_into_a_library(lab):
    lab.sampled()
    lab.bruno.deposit(case="C1", thing="S1", name="library 2")
