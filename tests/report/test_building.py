"""From a ledger to a file: refused, a draft, or a report; the same bytes from the same ledger."""

import json
import re
from dataclasses import replace

import pytest
from tampering import tampering
from training_case import FINDING, as_person, compared
from typed_reports import as_statement

import forensics
from forensics.custody import open_ledger
from forensics.errors import ForensicsError, RefusedError, UsageError, VerificationError
from forensics.reanalysis.recorded import Sources
from forensics.report import building
from forensics.report.building import add_priors, build_report
from forensics.report.collecting import _is_alike, _rate_of, collect
from forensics.report.details import Details
from forensics.report.layout import lay_out, read_template
from forensics.report.linter import check, draft_reasons
from forensics.report.pages import render
from forensics.report.problems import Problem
from forensics.report.sampling import add_bounds
from forensics.report.statement import Omitted, Plan

CASE = "T-2026-001"


@pytest.mark.parametrize("name", ["again.pdf", "again.html", "again.json"])
def test_it_has_the_same_bytes_when_it_is_built_again(build, name, case):
    _built, one = build(name)
    (case / name).unlink()
    assert build(name)[1] == one
    if name == "again.pdf":
        assert one == (case / "report.pdf").read_bytes()


def test_a_pdf_is_tagged_for_archives_and_for_readers_who_cannot_see(case):
    content = (case / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    for mark in (b"StructTreeRoot", b"/Marked true", b"pdfaid:part", b"pdfuaid:part", b"/Lang"):
        assert mark in content


def test_a_page_of_html_loads_nothing_from_elsewhere(build):
    text = build("page.html")[1].decode()
    assert not re.search(r"<script|<link|src=\"(?!data:)|url\(", text)
    assert text.count("<h2>") > 8 and "TRAINING" in text and "End of the report" in text


def test_without_details_it_is_refused_and_every_gap_is_named(build, case):
    with pytest.raises(RefusedError) as error:
        build("gaps.pdf", Details())
    for field in ("customer.name", "report.number", "method.name"):
        assert field in str(error.value)
    assert not (case / "gaps.pdf").exists() and error.value.exit_code == 5


def test_what_refuses_nothing_is_told_and_the_report_is_built(build, monkeypatch):
    found = [Problem("AGAIN", "findings.0.again", "its file is missing")]
    monkeypatch.setattr(building, "check", lambda *_a: found)
    built, content = build("told.html")
    assert content and not built.draft
    assert [one.code for one in built.problems] == ["AGAIN"]
    found.append(Problem("NUMBER", "report.number"))
    with pytest.raises(RefusedError, match=r"NUMBER report\.number") as error:
        build("refused.html")
    assert "AGAIN" not in str(error.value)


def test_a_draft_is_built_all_the_same_and_says_so(build):
    built, content = build("draft.html", Details(), draft=True)
    assert built.draft and built.problems and "Draft; do not rely on it" in content.decode()
    assert build("draft.pdf", Details(), draft=True)[1].startswith(b"%PDF-")


def test_a_finding_that_nobody_reviewed_makes_it_a_draft(build, ledger, details):
    """A ledger of casework is marked DRAFT; this one, for training, says why all the same."""
    statement = build()[0].statement
    statement["findings"][0]["reviews"] = []
    statement["draft"] = draft_reasons(as_statement(statement))
    statement["ledger"]["kind"] = "casework"
    text = render(statement, read_template(), ".html").decode()
    assert ">DRAFT<" in text and "REVIEWED findings.0.reviews" in text


def test_without_the_library_the_calls_at_other_priors_are_missing(ledger, details):
    with pytest.raises(RefusedError, match="its library was not given"):
        build_report(ledger, CASE, details, identify=forensics.identify)


def test_a_translation_says_which_language_has_authority(build):
    statement = build()[0].statement
    statement["shown_in"] = "fr"
    text = render(statement, read_template(), ".html").decode()
    assert "This is a translation; the authoritative version is in English" in text


def test_texts_of_a_stranger_are_data_and_change_no_page(build, details):
    evil = '<script>alert(1)</script> #panic() *bold* $x$ @cite \\ "quote" ]#image("/etc/passwd")'
    tables = {**details.tables, "customer": {**details.tables["customer"], "name": evil}}
    changed = replace(details, tables=tables)
    page = build("evil.html", changed)[1].decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert build("evil.pdf", changed)[1].startswith(b"%PDF-")


def test_letters_that_the_fonts_lack_are_told_and_not_left_out(build, details):
    tables = {**details.tables, "customer": {**details.tables["customer"], "name": "海关"}}
    with pytest.raises(ForensicsError, match=r"write the report as \.html"):
        build("letters.pdf", replace(details, tables=tables))
    assert "海关" in build("letters.html", replace(details, tables=tables))[1].decode()


def test_a_page_that_a_laboratory_broke_is_told(build):
    template = replace(read_template(), page="#let x = ")
    with pytest.raises(ForensicsError, match="The page cannot be written"):
        build("broken.pdf", template=template)


@pytest.mark.parametrize("name, told", [("x.docx", r"\.pdf"), ("details.toml", r"\.pdf"),
                                        ("report.pdf", "exists")])  # fmt: skip
def test_another_ending_or_an_existing_file_is_refused_before_the_work(build, name, told):
    with pytest.raises(UsageError, match=told):
        build(name)


def test_findings_can_be_chosen_and_strange_ones_are_refused(build, ledger):
    assert build(findings=[FINDING])[0].statement["findings"][0]["event"] == FINDING
    with pytest.raises(UsageError, match="not a finding of case"):
        build(findings=[24])
    with pytest.raises(UsageError, match="no case"):
        build_report(ledger, "C9", Details(), identify=forensics.identify)


def test_the_error_comes_from_the_accepted_validation_and_from_nothing_else(build, case):
    errors = build()[0].statement["findings"][0]["errors"]
    validation = json.loads((case / "validation.json").read_text(encoding="utf-8"))
    rates = validation["loci"]["COI"]["lengths"]["full"]["rates"]
    for rank in ("species", "genus"):
        wrong = sum(rates[way][f"{rank}_wrong"]["count"] for way in ("known", "species_out"))
        right = sum(rates[way][f"{rank}_right"]["count"] for way in ("known", "species_out"))
        assert (errors[rank]["wrong"], errors[rank]["calls"]) == (wrong, wrong + right)
    # Calls at another confidence are not like it, nor is a piece of another length.
    asked = {"confidence": "0.95", "in_library_prior": "0.9"}
    assert _is_alike(validation, asked) and not _is_alike(validation, asked | {"confidence": "0.8"})
    result = {"locus": "COI", "rank": "species"}
    rates = {n: _rate_of(validation, result | {"length": n}, 12)
             for n in (658, 593, 592, 450, 150, 100, 99, 20)}  # fmt: skip
    assert {n: rate and rate.length for n, rate in rates.items()} == {658: "full", 593: "full", 592: "300", 450: "300", 150: "150", 100: "100",
                     99: None, 20: None}  # fmt: skip
    for stored in (case / "laboratory.db.files").iterdir():
        if b"library validation" in stored.read_bytes():
            stored.write_bytes(stored.read_bytes() + b" ")  # not what was accepted
    with open_ledger(case / "laboratory.db") as damaged, pytest.raises(RefusedError, match="ERROR"):
        build(ledger=damaged)


def test_the_validation_that_is_shipped_is_of_the_library_that_is_shipped(embedded, root):
    path = root / "reference_sequences/demonstration/validation.json"
    assert json.loads(path.read_text(encoding="utf-8"))["library"]["sha256"] == embedded.sha256


def test_findings_that_are_left_out_are_named(build):
    statement = build()[0].statement
    assert statement["omitted"] == []
    statement["omitted"] = [{"event": 31, "kind": "age", "sample": "S1",
                             "reviews": statement["findings"][0]["reviews"][:1]}]  # fmt: skip
    text = render(statement, read_template(), ".html").decode()
    assert "a finding that is not in this report: event 31, Age, sample S1, reviews: agrees" in text


def test_the_bound_counts_what_is_reported_and_agreed_with(build):
    plan = Plan(100, None, "random", 3, None, ("S1", "S2", "S3"), "Bruno Sá", 20)
    (finding,) = build()[0].content.findings
    doubted = (replace(finding.reviews[0], outcome="disagrees"),)
    statement = replace(
        build()[0].content,
        plans=(plan,),
        findings=(finding, replace(finding, sample="S2"),
                  replace(finding, sample="S3", reviews=doubted)),
    )  # fmt: skip
    (bounded,) = add_bounds(statement).plans
    (bound,) = bounded.bounds
    assert (bound.taxon, bound.named, bound.of) == ("Manis", 2, 3)
    assert bounded.examined == 3 and bound.rest == 97
    assert bound.rest_at_least == bound.at_least - 2
    # A finding that was left out counts against it, and a thing with its sample counts once.
    counted_twice = replace(plan, things=("S1", "S2", "S3", finding.exhibit))
    left_out = (Omitted(40, "identification", "S2", ()),)
    (bounded,) = add_bounds(replace(statement, plans=(counted_twice,), omitted=left_out)).plans
    assert [bound.named for bound in bounded.bounds] == [1]
    # A species of a genus that others were reported at counts for the genus, too.
    species = tuple(
        replace(call, rank="species", taxon="Manis temminckii") for call in finding.priors
    )
    statement = replace(
        statement,
        plans=(replace(plan, things=("S1", "S2"), chosen=2),),
        findings=(finding, replace(finding, sample="S2", priors=species)),
    )
    (bounded,) = add_bounds(statement).plans
    assert {bound.taxon: bound.named for bound in bounded.bounds} == {
        "Manis": 2, "Manis temminckii": 1
    }  # fmt: skip


def test_another_sample_of_an_exhibit_that_is_named_beside_its_sample_is_no_further_item(build):
    content = build()[0].content
    (finding,) = content.findings
    plan = Plan(100, None, "random", 3, None, ("S1", finding.exhibit, "T1"), "Bruno Sá", 20)
    other = replace(finding, sample="S9")
    statement = replace(content, plans=(plan,), findings=(finding, other))
    (bounded,) = add_bounds(statement).plans
    assert [bound.named for bound in bounded.bounds] == [1] and bounded.examined == 1
    # Of two samples that are named, the exhibit is no third one; what differs counts against both.
    (sample,) = (one for one in content.samples if one.sample == "S1")
    plan = replace(plan, things=("S1", "S2", finding.exhibit, "T1"))
    statement = replace(
        content, plans=(plan,), samples=(*content.samples, replace(sample, sample="S2")),
        findings=(finding, replace(finding, sample="S2"), other),
    )  # fmt: skip
    (bounded,) = add_bounds(statement).plans
    assert [bound.named for bound in bounded.bounds] == [2] and bounded.examined == 2
    left_out = (Omitted(40, "identification", finding.exhibit, ()),)
    (bounded,) = add_bounds(replace(statement, omitted=left_out)).plans
    assert bounded.bounds == ()


def test_what_follows_for_items_not_examined_stands_apart_with_its_numbers(build):
    plan = Plan(100, "all alike", "random numbers", 13, "ENFSI 2016", ("S1",), "Bruno Sá", 20)
    statement = add_bounds(replace(build()[0].content, plans=(plan,)))
    (section,) = [one for one in lay_out(statement, read_template()) if one.id == "sampling"]
    table = next(block for block in section.blocks if hasattr(block, "head"))
    # Of 13 chosen one was examined: the 12 others count as if they did not have the taxon.
    assert table.rows == (("Manis", "100", "13", "1", "1", "0 of 87", "95\u00a0%"),)
    assert check(statement, read_template()) == []
    (plan,) = statement.plans
    statement = replace(statement, plans=(replace(plan, chosen=130),))
    assert {problem.code for problem in check(statement)} == {"SAMPLING"}


def test_of_more_things_than_were_chosen_no_bound_follows(build):
    """Else a plan whose number was corrected downwards would count the ones that suit."""
    plan = Plan(100, "all alike", "random numbers", 1, None, ("S1", "S2", "S3"), "Bruno Sá", 20)
    statement = add_bounds(replace(build()[0].content, plans=(plan,)))
    assert statement.plans[0].bounds == () and statement.plans[0].examined == 1
    assert [(one.code, one.field) for one in check(statement)] == [("SAMPLING", "plans.0.things")]
    twice = replace(plan, things=("S1", statement.findings[0].exhibit))  # one thing, named twice
    (bounded,) = add_bounds(replace(statement, plans=(twice,))).plans
    assert [bound.at_least for bound in bounded.bounds] == [6]


def test_a_call_without_a_name_is_computed_again_like_any_other(build):
    """Else an invented “nothing near enough” would be reported."""
    statement = build(draft=True)[0].statement
    finding = statement["findings"][0]
    finding["result"] |= {"status": "nothing_near", "rank": None, "taxon": None}
    finding |= {"priors": None, "priors_missing": "its library was not given"}
    assert "PRIORS" in {problem.code for problem in check(statement)}


@pytest.mark.parametrize("basis, said", [
    ({"identify": forensics.identify, "librares": []}, "not built from librares"),
    ({}, "identify=forensics.identify"),
])  # fmt: skip
def test_a_misspelt_or_missing_keyword_is_not_passed_over(ledger, details, basis, said):
    with pytest.raises(TypeError, match=said):
        build_report(ledger, CASE, details, draft=True, **basis)


@pytest.mark.parametrize("change", [
    lambda one: one["result"]["warnings"][0].update(message="Nothing stands against the call."),
    lambda one: one["inputs"][0].update(file="another.fasta"),
    lambda one: one["result"].update(sentences=["It is mutton."]),
])  # fmt: skip
def test_words_that_a_hand_changed_in_a_report_are_false(build, case, embedded, change):
    statement = json.loads(build("again.json")[1])
    assert compared(case, [embedded], statement) == []
    change(statement["findings"][0])
    (problem,) = compared(case, [embedded], statement)
    assert problem.code == "FALSE"


def test_a_ledger_that_has_grown_does_not_make_a_report_false(build, case, embedded):
    statement = json.loads(build("again.json")[1])
    with as_person(case, "chen") as chen:
        later = chen.hold(case=CASE, order="Order 12/2026", reason="appeal").seq
    (problem,) = compared(case, [embedded], statement)
    assert (problem.code, problem.found, problem.refuses) == ("GROWN", str(later), False)
    statement["exhibits"][0]["quantity"] = "58.2"
    found = compared(case, [embedded], statement)
    assert [one.code for one in found] == ["GROWN", "FALSE"]
    for size in (0, -1, True, later + 1):  # not a size that the ledger had
        statement["ledger"]["size"] = size
        found = compared(case, [embedded], statement)
        assert "ledger.size" in [one.field for one in found if one.code == "FALSE"]


@pytest.mark.parametrize("change", [
    "UPDATE openings SET value = '\"Officer X\"' WHERE seq = 14 AND name = 'received_from'",
    "UPDATE openings SET salt = zeroblob(32) WHERE seq = 14 AND name = 'received_from'",
    "DELETE FROM openings WHERE seq = 14 AND name = 'received_from'",
])  # fmt: skip
def test_no_report_is_built_from_fields_that_nobody_signed(build, case, change):
    path = case / "laboratory.db"
    with tampering(path) as database:
        assert database.execute(change).rowcount == 1
    with open_ledger(path) as ledger, pytest.raises(VerificationError, match="received_from"):
        build("changed.json", ledger=ledger)
    assert not (case / "changed.json").exists()


def test_a_finding_that_a_hand_changed_is_not_reproduced(ledger, embedded, monkeypatch):
    statement = collect(ledger, CASE, Details())
    event = ledger.event(FINDING)
    event.fields["result"] = event.fields["result"] | {"probability": "0.9999"}
    monkeypatch.setattr(type(ledger), "event", lambda self, seq: event)
    (finding,) = statement.findings
    statement = replace(
        statement,
        findings=(replace(finding, library={**finding.library, "demonstration": False}),),
    )
    (finding,) = add_priors(statement, ledger, Sources(forensics.identify, [embedded])).findings
    assert finding.differs == ("probability",)
    assert finding.library["demonstration"] is True


def test_the_declaration_is_in_the_language_of_a_draft_that_names_none(build):
    statement = build()[0].statement
    statement["shown_in"], statement["report"]["language"] = "fr", ""
    assert "Je déclare que" in render(statement, read_template(), ".html").decode()
