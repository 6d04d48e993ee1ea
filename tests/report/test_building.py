"""From a ledger to a file: refused, a draft, or a report; the same bytes from the same ledger."""

import json
import re
from dataclasses import replace

import pytest

import forensics
from forensics.custody import open_ledger
from forensics.errors import ForensicsError, RefusedError, UsageError
from forensics.report.building import build_report
from forensics.report.details import Details
from forensics.report.rendering import render
from forensics.report.template import read_template

CASE = "T-2026-001"


@pytest.fixture
def build(ledger, details, embedded, case):
    def build(name=None, details=details, ledger=ledger, **more):
        output = case / name if name else None
        built = build_report(ledger, CASE, details, identify=forensics.identify,
                             libraries=[embedded], output=output, **more)  # fmt: skip
        return built, output and output.read_bytes()

    return build


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
    for field in ("customer.name", "request.question", "report.number", "method.name"):
        assert field in str(error.value)
    assert not (case / "gaps.pdf").exists() and error.value.exit_code == 5


def test_a_draft_is_built_all_the_same_and_says_so(build):
    built, content = build("draft.html", Details(), draft=True)
    assert built.draft and built.problems and "Draft, not to be relied on" in content.decode()
    assert build("draft.pdf", Details(), draft=True)[1].startswith(b"%PDF-")


def test_a_finding_that_nobody_reviewed_makes_it_a_draft(build, ledger, details):
    """A ledger of casework is marked DRAFT; this one, for training, says why all the same."""
    statement = build()[0].statement
    statement["findings"][0]["reviews"] = []
    from forensics.report.linter import draft_reasons

    statement["draft"] = draft_reasons(statement)
    statement["ledger"]["kind"] = "casework"
    text = render(statement, read_template(), ".html").decode()
    assert ">DRAFT<" in text and "REVIEWED findings.0.reviews" in text


def test_without_the_library_the_calls_at_other_priors_are_missing(ledger, details):
    with pytest.raises(RefusedError, match="the library that it used was not given"):
        build_report(ledger, CASE, details, identify=forensics.identify)


def test_a_translation_says_which_language_has_authority(build):
    statement = build()[0].statement
    statement["shown_in"] = "fr"
    text = render(statement, read_template(), ".html").decode()
    assert "This is a translation; the authoritative version is that in “en”" in text


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
    assert build(findings=[25])[0].statement["findings"][0]["event"] == 25
    with pytest.raises(UsageError, match="no finding of case"):
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
    for stored in (case / "laboratory.db.files").iterdir():
        if b"library validation" in stored.read_bytes():
            stored.write_bytes(stored.read_bytes() + b" ")  # not what was accepted
    with open_ledger(case / "laboratory.db") as damaged, pytest.raises(RefusedError, match="ERROR"):
        build(ledger=damaged)


def test_the_validation_that_is_shipped_is_of_the_library_that_is_shipped(embedded, root):
    path = root / "reference_sequences/demonstration/validation.json"
    assert json.loads(path.read_text(encoding="utf-8"))["library"]["sha256"] == embedded.sha256
