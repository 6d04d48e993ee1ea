"""The question before the result: what is asked, the ratio of that pair, page one, and who has which part in a report."""

import re

import pytest
from training_case import as_person, built
from typed_reports import as_statement, parts

from forensics.messages import speak
from forensics.report.layout import lay_out, read_template
from forensics.report.linter import check
from forensics.report.pages import render


def ask(statement, **changes):
    """Return the finding of the training case with another question."""
    finding = statement["findings"][0]
    finding["asked"][0] |= changes
    return finding


def said(finding, name="strength"):
    return " ".join(next(part for part in parts(finding) if part.name == name).paragraphs)


@pytest.mark.parametrize(("against", "second"), [
    ("congener", "another species of the genus (such as Manis crassicaudata"),
    ("missing", "a species that the library lacks (such as Manis crassicaudata"),
    ("Manis javanica", "Manis javanica"),
    ("other", "another taxon, which may or may not be in the library"),
])  # fmt: skip
def test_a_species_has_the_ratio_of_the_pair_that_was_asked_for(statement, against, second):
    finding = ask(statement, named="Manis temminckii", against=against)
    for way in finding["errors"]["species"]["ways"]:  # a validation that supports more
        way.update(trials=5000, calls=4000, wrong=0)
    shares = finding["priors"][1]["shares"]
    ratio = float(shares["Manis temminckii"]) / float(shares["none"])
    text = said(finding).replace("\u00a0", " ")
    assert f"about {ratio:.0f} times as probable if the sequence is of Manis temminckii" in text
    assert f"as if the sequence is of {second}" in text
    assert "95 % interval of the ratio: " in text
    assert "moderate support" in text and "log10" not in text and "^" not in text
    assert ("no smaller" in text) == (against in ("congener", "other"))


def test_a_ratio_that_cannot_be_stated_says_why(statement):
    assert "Panthera leo is not among the species" in said(ask(statement, named="Panthera leo"))
    finding = ask(statement, named="Manis temminckii", against="missing")
    finding["priors"][1]["shares"] = {}
    assert "No species was called at a prior of 0.5" in said(finding)
    finding["errors"] = {"species": None, "genus": None}
    assert "No error rate" in said(ask(statement, named="Manis", against="other"))


def test_a_species_has_no_larger_ratio_than_the_validation_supports(statement):
    finding = ask(statement, named="Manis temminckii", against="missing")
    finding["priors"][1]["shares"] = {"Manis temminckii": "0.99999", "none": "0.00001"}
    ways = {way["way"]: way for way in finding["errors"]["species"]["ways"]}
    text = said(finding)
    assert "at least" in text and "supports no larger one" in text
    known, out = ways["known"], ways["species_out"]
    right = (known["calls"] - known["wrong"]) / known["trials"]
    wrong = out["wrong"] / out["trials"]
    assert float(re.search(r"at least (\d+) times", text)[1]) < right / wrong
    assert f"its validation, with {known['trials'] + out['trials']} trials" in text


def test_what_was_asked_stands_with_the_finding_and_a_late_question_says_so(statement):
    finding = ask(statement)
    assert "Customs (simulated) asks (event 15): Of which animal are the scales?" in said(
        finding, "question"
    )
    assert "after the finding" not in said(finding, "question")
    late = said(ask(statement, event=finding["event"] + 1), "question")
    assert "recorded after the finding" in late


def test_questions_of_the_ledger_reach_their_findings_and_the_others_are_named(case, embedded):
    with as_person(case, "amina") as amina:
        amina.question(
            case="T-2026-001", thing="S1", kind="age", asked_by="The court",
            question="How old was the animal?",
        )  # fmt: skip
    statement = built(case, [embedded], draft=True)
    assert [each.named for each in statement.findings[0].asked] == ["Manis"]
    (open_,) = statement.unanswered
    assert open_.asked_by == "The court" and open_.named == ""
    page = render(statement, read_template(), ".html").decode()
    assert "No finding answers the question on S1: How old was the animal?" in page


def test_the_first_page_concludes_and_names_who_answers_for_it(statement):
    page = render(statement, read_template(), ".html").decode()
    first = page[: page.index("Request and question")]
    assert "pangolin: <i>Manis</i> (genus)" in first and "How sure" in first
    assert "at least 12 times as probable" in first and "moderate support" in first
    assert (
        "Appendix I" in first
        and "<th>Not excluded</th><td><i>Manis temminckii</i>; a species" in first
    )
    for name in ("Bruno Sá", "Chen Li", "Dalia Haddad", "Amina Dupré"):
        assert name in first
    assert "Finding 1:" in first and "Finding 28" not in page and "event 28 of the ledger" in page
    assert not re.search(r"<i>[^<]*Manidae", page)


@pytest.mark.parametrize(("code", "name"), [("fr", "pangolin"), ("es", "pangolín")])
def test_common_names_are_those_of_the_reader(statement, code, name):
    speak(code)
    try:
        assert name in render(statement, read_template(), ".html").decode()
    finally:
        speak()


def test_an_interpretation_that_goes_further_is_on_the_first_page_until_it_is_answered(statement):
    def first():
        section = lay_out(as_statement(statement), read_template())[0]
        return " ".join(getattr(block, "text", "") for block in section.blocks)

    assert "more specific than the finding" not in first()
    statement["findings"][0]["reviews"][0]["comment"] = None
    assert "Chen Li is more specific than the finding: it names Manis temminckii" in first()


def test_people_with_two_parts_are_refused_unless_a_second_person_let_them(statement):
    def roles():
        return [
            (p.found, p.refuses) for p in check(statement, read_template()) if p.code == "ROLES"
        ]

    assert roles() == []
    for place, expected in (
        (("opinions", "author"), "chen: technical, opinion"),
        (("authorisation", "person"), "chen: technical, authorisation"),
    ):
        table = statement[place[0]]
        table = table[0] if isinstance(table, list) else table
        before, table[place[1]] = table[place[1]], "chen"
        assert (expected, True) in roles()
        statement["authorisation"]["relaxed"] = ["amina", "Amina Dupré", 34]
        assert roles() == []
        page = render(statement, read_template(), ".html").decode()
        assert "Amina Dupré authorised (event 34) that one person has several parts" in page
        statement["authorisation"]["relaxed"] = ["chen", "Chen Li", 34]
        assert (expected, True) in roles()  # nobody lets themself
        statement["authorisation"]["relaxed"] = None
        table[place[1]] = before


def test_one_person_with_both_reviews_is_printed_with_who_let_them(statement):
    review = statement["findings"][0]["reviews"][1]
    review.update(reviewer="chen", reviewer_name="Chen Li")
    assert "ROLES" in {problem.code for problem in check(statement, read_template())}
    review["authorised"] = 33
    assert "ROLES" not in {problem.code for problem in check(statement, read_template())}
    page = render(statement, read_template(), ".html").decode()
    assert "by the same person, as authorised in event 33" in page
