"""A blind interpretation of another taxon, rank or origin is told, whatever the kind of the finding."""

import pytest
from typed_reports import as_finding, as_statement

from forensics.report.blocks import Notice
from forensics.report.layout import lay_out, read_template
from forensics.report.linter import check
from forensics.report.reported import describe_difference
from forensics.report.statement import Review


def told(statement, finding, text):
    review = Review(**finding["reviews"][0] | {"interpretation": text})
    return describe_difference(as_statement(statement), as_finding(finding), review)


def findings_of(statement):
    sections = lay_out(as_statement(statement), read_template())
    return next(one.blocks for one in sections if one.id == "findings")


@pytest.mark.parametrize("text, same", [
    ("Manis", True), ("Manis, 1,554 bases", True), ("of the genus Manis, a pangolin", True),
    ("Manis temminckii", False),  # another rank
    ("ground pangolin", False), ("Manidae", False), ("Sus scrofa", False),
    ("I would not name it", False), ("", True), (None, True),
])  # fmt: skip
def test_another_taxon_or_rank_is_told(statement, text, same):
    found = told(statement, statement["findings"][0], text)
    assert bool(found) != same
    if found:
        assert "the report names Manis." in found


def test_it_stands_in_the_report_beside_the_reviews(statement):
    notices = [one.text for one in findings_of(statement) if isinstance(one, Notice)]
    assert ["it names Manis temminckii; the report names Manis" in one for one in notices] == [True]
    statement["findings"][0]["reviews"][0]["interpretation"] = "Manis"
    assert not [one for one in findings_of(statement) if isinstance(one, Notice)]


@pytest.mark.parametrize("text, outcome", [
    ("Manis temminckii", "agrees; the reviewer's own interpretation is more specific than the finding;"),
    ("ground pangolin", "agrees; the reviewer's own interpretation is more specific than the finding;"),
    ("Sus scrofa", "agrees; the reviewer's own interpretation differs from the finding;"),
    ("Manidae", "agrees; the reviewer's own interpretation differs from the finding;"),
    ("Manis, a pangolin", "agrees; own interpretation of the raw data"),
])  # fmt: skip
def test_the_outcome_says_that_an_interpretation_goes_further_or_differs(statement, text, outcome):
    statement["findings"][0]["reviews"][0]["interpretation"] = text
    (review,) = [
        line for block in findings_of(statement) for line in block.to_dict().get("paragraphs", ())
        if line.startswith("Technical review by")
    ]  # fmt: skip
    assert f": {outcome}" in review


def test_where_no_name_is_reported_a_name_is_told(statement):
    finding = statement["findings"][0]
    finding["priors"][0].update(status="inconclusive", rank=None, taxon=None)
    assert "the report names no name" in told(statement, finding, "Manis")
    assert told(statement, finding, "nothing can be named") == ""


@pytest.mark.parametrize("kind, result", [
    ("origin", {"status": "inconclusive", "kind": "populations", "origin": None, "probabilities": {}}),
    ("age", {"method": "radiocarbon"}), ("individual", {"matches": [], "status": "no_match"}),
    ("morphology", None), ("sex", None),
])  # fmt: skip
def test_a_finding_of_any_kind_is_compared_with_what_is_reported_of_its_item(
    statement, kind, result
):
    finding = statement["findings"][0] | {
        "kind": kind, "event": 26, "result": result, "text": "as it was seen", "priors": None,
    }  # fmt: skip
    statement["findings"].append(finding)
    assert "it names Manis gigantea" in told(statement, finding, "of a giant pangolin")
    assert told(statement, finding, "of a Manis") == ""
    assert told(statement, finding, "before 1955") == ""
    other = finding | {"exhibit": "another"}
    statement["findings"][-1] = other
    assert told(statement, other, "of a giant pangolin") == ""  # nothing is reported of that item


def test_another_origin_is_told(statement):
    result = {"status": "assigned", "kind": "populations", "origin": "North Gabon",
              "probabilities": {"North Gabon": "0.9", "Gabon": "0.1", "Kenya": "0.0"}}  # fmt: skip
    finding = statement["findings"][0] | {
        "kind": "origin", "event": 26, "exhibit": "another", "result": result, "priors": None,
    }  # fmt: skip
    statement["findings"].append(finding)
    assert told(statement, finding, "north Gabon, I think") == ""
    assert "it names Kenya" in told(statement, finding, "from Kenya")
    assert "no name that is known here" in told(statement, finding, "cannot be told")
    result["status"] = "inconclusive"
    assert "the report names no name" in told(statement, finding, "from Kenya")
    assert told(statement, finding, "cannot be told") == ""


def test_only_a_comment_lets_it_pass(statement):
    review = statement["findings"][0]["reviews"][0]
    assert not check(statement)
    review["comment"] = None
    assert [one.code for one in check(statement)] == ["BLIND_DIFFERS"]
