"""What a report lacks is named, and what it must not say is found; what is right is left alone."""

import copy
from dataclasses import replace
from itertools import product

import pytest
from training_case import FINDING
from typed_reports import as_statement

from forensics.core.stored import missing_keys
from forensics.report.layout import read_template
from forensics.report.linter import check, draft_reasons
from forensics.report.problems import CLAUSES
from forensics.report.statement import Statement


def codes(statement, **more):
    return {problem.code for problem in check(statement, **more)}


def places(value, path=()):
    if isinstance(value, dict):
        for name, part in value.items():
            yield (*path, name)
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))


def without(statement, path):
    changed = copy.deepcopy(statement)
    table = changed
    for name in path[:-1]:
        table = table[name]
    del table[path[-1]]
    return changed


@pytest.mark.parametrize(
    "software, code",
    [
        ({"name": "GeneMapper"}, "SOFTWARE"),
        ({"name": "wildlife-forensics"}, "SOFTWARE"),
        ({"name": None}, "SOFTWARE"),
        ({"version": "999.0"}, "SOFTWARE"),
        ({"version": "0.1.0-patched"}, "SOFTWARE"),
        ({"version": None}, "SOFTWARE"),
        ({"version": "0.0.9"}, "VERSION"),
        ({"version": "0.0"}, "VERSION"),
    ],
)
def test_a_changed_name_or_version_of_the_software_is_noticed(statement, software, code):
    assert not codes(statement) & {"SOFTWARE", "VERSION"}
    changed = {**statement, "software": {**statement["software"], **software}}
    (problem,) = [
        one for one in check(changed, read_template()) if one.code in ("SOFTWARE", "VERSION")
    ]
    assert problem.code == code
    assert problem.refuses == (code == "SOFTWARE")


def test_the_report_of_the_training_case_lacks_nothing(statement):
    assert check(statement, read_template()) == []


def test_every_field_that_is_deleted_is_named(statement):
    free = (
        "shares",
        "result",
        "parameters",
        "dependencies",
        "about",
        "library",
        "errors",
        "inputs",
        "lines",
    )
    tried = 0
    for path in places(statement):
        if any(part in free for part in path[:-1]):
            continue  # what a program found is not ours to ask for, field by field
        found = check(without(statement, path))
        assert any(problem.field == ".".join(map(str, path)) for problem in found), path
        assert all(str(problem) for problem in found)
        tried += 1
    assert tried > 300


def test_what_is_read_of_a_report_is_written_again_without_a_difference(statement):
    assert list(missing_keys(Statement, statement)) == []
    written = as_statement(statement).to_dict()
    assert written == statement
    assert list(written) == list(statement)
    assert list(written["findings"][0]) == list(statement["findings"][0])


def test_a_value_of_another_type_is_named_with_its_place(statement):
    statement["findings"][0]["reviews"][0]["event"] = "12"
    assert [(one.code, one.field, one.found) for one in check(statement)] == [
        ("FORM", "findings.0.reviews.0.event", "'12'")
    ]
    statement["laboratory"]["sites"] = 3
    assert [(one.code, one.field) for one in check(statement)] == [("SITES", "laboratory.sites")]


@pytest.mark.parametrize("path, code", [
    ("laboratory.address", "LABORATORY"), ("laboratory.sites", "SITES"),
    ("report.number", "NUMBER"), ("customer.contact", "CUSTOMER"), ("method.name", "METHOD"),
    ("method.deviations", "DEVIATIONS"), ("method.uncertainty", "UNCERTAINTY"),
    ("report.issued", "ISSUED"), ("authorisation.name", "AUTHORISED"),
    ("report.language", "LANGUAGE"),
    ("ledger.fingerprint", "LEDGER"),
])  # fmt: skip
@pytest.mark.parametrize("blank", [None, ""])
def test_what_is_left_blank_is_named_by_its_clause(statement, path, code, blank):
    table, name = path.split(".")
    statement[table][name] = blank
    assert code in codes(statement)
    assert path in {problem.field for problem in check(statement)}


def test_items_without_condition_or_receipt_are_named(statement):
    statement["exhibits"][0]["condition"] = None
    statement["exhibits"][0]["received_at"] = ""
    assert {"ITEMS", "RECEIVED"} <= codes(statement)


def test_a_finding_needs_both_reviews_by_another_and_the_technical_one_blind(statement):
    finding = statement["findings"][0]
    technical, administrative = finding["reviews"]
    finding["reviews"] = [administrative]
    assert "REVIEWED" in codes(statement) and draft_reasons(as_statement(statement))
    finding["reviews"] = [technical]
    assert codes(statement) == {"ADMINISTRATIVE"} and not draft_reasons(as_statement(statement))
    finding["reviews"] = [technical | {"blind": None}, administrative]
    assert codes(statement) == {"BLIND"}
    finding["reviews"] = [technical, technical | {"outcome": "disagrees"}, administrative]
    assert codes(statement) == {"DISAGREED"} and draft_reasons(as_statement(statement))
    finding["reviews"] = [technical, technical | {"blind": None}, administrative]
    assert not codes(statement)  # it was written down once before the call was seen
    finding["reviews"] = [technical | {"reviewer": finding["analyst"]}, administrative]
    assert "REVIEWED" in codes(statement)


def of_items(statement):
    statement["exhibits"].append(statement["exhibits"][0] | {"exhibit": "T-2026-001/2"})


def disagreeing(statement):
    reviews = statement["findings"][0]["reviews"]
    reviews.append(reviews[1] | {"outcome": "disagrees"})


OUTSIDE = {"provider": "Sequencing Ltd", "work": "sequencing", "findings": [FINDING]}
# What a statement becomes, what is said of it, and what settles that.
CHANGED = {
    "a failed control needs a deviation": (
        lambda one: one["runs"][0].update(missing_or_failed=["blank"]), {"CONTROLS"},
        lambda one: one["runs"][0].update(deviation="approved")),
    "demonstration data is no casework": (
        lambda one: one["ledger"].update(kind="casework"), {"DEMONSTRATION"}, None),
    "work of outside providers is marked": (
        lambda one: one["runs"][1].update(provider="Sequencing Ltd"), {"OUTSIDE"},
        lambda one: one.update(outside=[OUTSIDE])),
    "items that were not examined need a sampling plan": (of_items, {"SAMPLING"}, None),
    "an amended report says why": (
        lambda one: one["report"].update(replaces="R0"), {"AMENDED"},
        lambda one: one["report"].update(reason="The number of the item was wrong.")),
    "the last administrative review counts too": (disagreeing, {"ADMINISTRATIVE"}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_told_until_it_is_settled(statement, name):
    change, told, settle = CHANGED[name]
    change(statement)
    assert codes(statement) == told
    if settle:
        settle(statement)
        assert codes(statement) == set()


def test_what_came_out_otherwise_and_a_free_text_are_refused(statement):
    finding = statement["findings"][0]
    finding["differs"] = ["taxon", "probability"]
    assert {p.code: p.found for p in check(statement)} == {"REPRODUCED": "taxon, probability"}
    finding.update(result=None, text="Loxodonta africana, species", priors=None, listing=None)
    assert "STRUCTURED" in codes(statement)


def test_a_call_needs_its_observed_error_and_other_priors(statement):
    statement["findings"][0]["errors"]["genus"] = None
    assert codes(statement) == {"ERROR"}
    statement["findings"][0]["priors"] = None
    assert "PRIORS" in codes(statement)


def test_opinions_have_author_kind_and_findings_of_this_report(statement):
    question = statement["findings"][0]["asked"][0]
    question.update(named="", against="")
    opinion = statement["opinions"][0]
    for change, code in (
        ({"findings": [999]}, "OPINION"),
        ({"findings": []}, "OPINION"),
        ({"author": None}, "OPINION"),
        ({"authorised": False}, "OPINION_AUTHORISED"),
        ({"kind": "likelihood_ratio"}, "PROPOSITIONS"),
    ):
        statement["opinions"] = [opinion | change]
        # No finding of the case has a ratio.
        more = {"ODDS"} if "kind" in change else set()
        assert codes(statement) == {code} | more, change


def test_a_template_that_leaves_out_what_is_there_is_told(statement):
    template = read_template()
    short = replace(template, sections=tuple(s for s in template.sections if s != "limits"))
    assert [p.field for p in check(statement, short)] == ["template.sections.limits"]
    statement["report"]["language"] = "pt"
    assert "DECLARATION" in codes(statement, template=template)


def test_every_code_says_what_it_asks_for():
    assert all(CLAUSES.values()) and len(set(CLAUSES.values())) == len(CLAUSES)


@pytest.mark.parametrize("broken", [{}, {"report": []}, {"report": {}, "findings": 3}])
def test_what_is_no_statement_is_told_and_nothing_crashes(broken):
    assert check(broken)


def test_a_table_that_is_something_else_is_told_and_nothing_crashes(statement, some):
    template = read_template()
    others_of_a_kind = (None, 3, [], {}, "x", [None], [3])
    for name, value in some(product(statement, others_of_a_kind), 4):
        check(statement | {name: value}, template)
    first, *others = statement["findings"]
    for name, value in some(product(first, others_of_a_kind), 4):
        check(statement | {"findings": [first | {name: value}, *others]}, template)


def test_a_report_is_not_dated_before_what_it_reports_nor_authorised_by_a_stranger(statement):
    statement["report"]["issued"] = "2026-03-05"
    found = {problem.code: problem.found for problem in check(statement)}
    assert found == {"DATED": "2026-03-05 < 2026-03-06"}
    statement["report"]["issued"] = "2026-03-06"
    statement["authorisation"]["enrolled"] = False
    assert codes(statement) == {"AUTHORISED"}


def test_a_finding_needs_a_question_and_one_that_came_after_it_is_named_and_refuses_nothing(
    statement,
):
    finding = statement["findings"][0]
    finding["asked"][0]["event"] = finding["event"] + 1
    (late,) = check(statement, read_template())
    assert (late.code, late.found) == ("QUESTION_LATE", finding["asked"][0]["question"])
    assert not late.refuses
    finding["asked"] = []
    (missing,) = check(statement, read_template())
    assert (missing.code, missing.field) == ("QUESTION", "findings.0.asked") and missing.refuses


# -- the law of the day --------------------------------------------------------------------------


def test_law_older_than_the_seizure_makes_a_draft_unless_a_manager_authorises(statement):
    listing = statement["findings"][0]["listings"][0]
    assert listing["as_of"] < listing["day"] and statement["authorisation"]["is_manager"]
    assert draft_reasons(as_statement(statement)) == []
    statement["authorisation"]["is_manager"] = False
    (reason,) = draft_reasons(as_statement(statement))
    assert "as of 2023-11-25, before 2026-03-02, and no manager authorises it" in reason
    assert codes(statement) == {"LAW"} and not any(one.refuses for one in check(statement))
    listing["as_of"] = listing["day"]
    assert draft_reasons(as_statement(statement)) == []


def test_a_law_package_that_no_manager_accepted_makes_a_draft_in_casework(statement):
    law = {"kind": "law", "file": "law_2026", "sha256": "0" * 64, "as_of": "2026-03-02"}
    for kind, accepted, is_draft in (
        ("training", None, False),
        ("casework", 7, False),
        ("casework", None, True),
    ):
        statement["official_list"] = law | {"accepted": accepted}
        statement["ledger"]["kind"] = kind
        reasons = draft_reasons(as_statement(statement))
        assert bool(reasons) is is_draft
        assert not is_draft or "no manager accepted the law package law_2026" in reasons[0]
