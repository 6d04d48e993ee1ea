"""A report in PDF proves itself: what was changed in it is found, wherever that is."""

import dataclasses
import json
import random
import re
import shutil
import zlib

import pytest
from certificates import PASSPHRASE, issue
from command_line import typed
from training_case import as_person

import forensics
from forensics.custody import open_ledger, verify_bundle
from forensics.custody.disclosure import disclose_case
from forensics.custody.verify_bundle import Fault, Pdf
from forensics.errors import InputError, UsageError
from forensics.report import printed as printed_module
from forensics.report.building import build_report, compare_bundle
from forensics.report.details import read_details
from forensics.report.layout import read_template
from forensics.report.pages import BUNDLE, STATEMENT, render
from forensics.report.printed import check_printed, read_printed
from forensics.report.signing import check_signature, read_signer, sign

pytest.importorskip("typst")
AUTHORITY = issue("Authority")
CASE = "T-2026-001"


@pytest.fixture(scope="module")
def papers(_made, embedded, tmp_path_factory):
    """A report with a bundle inside, as it was written and signed."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(_made[0], case := folder / "case")
    with as_person(case, "amina") as ledger:
        disclose_case(ledger, CASE, folder / "bundle.zip", recipient="the court")
    # A draft, since the day of its issue is before that of the disclosure.
    with open_ledger(case / "laboratory.db") as ledger:
        build_report(
            ledger, CASE, read_details(case / "details.toml"), identify=forensics.identify, draft=True,
            libraries=[embedded], output=folder / "report.pdf", bundle=folder / "bundle.zip",
        )  # fmt: skip
    (folder / "key.p12").write_bytes(issue("Laboratory", AUTHORITY).p12())
    signer = read_signer(folder / "key.p12", lambda: PASSPHRASE)
    (folder / "signed.pdf").write_bytes(sign(read_printed(folder / "report.pdf"), signer))
    return folder


def problems_of(path, content=None, roots=None):
    """Return what the check finds in a PDF, as ``CODE field found``."""
    if content is not None:
        path.write_bytes(content)
    printed = read_printed(path)
    found = check_printed(printed, json.loads(printed.files[STATEMENT]), read_template())
    if roots is None:
        roots = [AUTHORITY.certificate] if printed.is_added_to else []
    return [
        f"{one.code} {one.field} {one.found}" for one in found + check_signature(printed, roots)[0]
    ]


def drawn_on(pdf, number):
    """Return the number of the object that is drawn on a page, and what it holds."""
    pages = pdf.members(pdf.members(pdf.root)["/Pages"])["/Kids"]
    drawn = pdf.members(pages[number])["/Contents"]
    return drawn, pdf.stream(drawn)


def object_again(number, content, more=b""):
    packed = zlib.compress(content)
    return b"%d 0 obj\n<</Length %d/Filter/FlateDecode%b>>\nstream\n%b\nendstream\nendobj\n" % (
        number, len(packed), more, packed,
    )  # fmt: skip


def added(content, number, body):
    """Return a PDF with an object written anew behind it, as a program for editing does."""
    pdf = Pdf(content)
    place, table = len(content), len(content) + len(body)
    return content + body + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d>>\nstartxref\n%d\n"
        b"%%%%EOF\n"
        % (number, place, max(pdf.places) + 1, pdf.root, pdf.trailers[-1]["/Info"],
           content.rindex(b"\nxref\n") + 1, table)
    )  # fmt: skip


def rewritten(content, number, body):
    """Return a PDF with an object changed in its place, and a table that fits."""
    pdf = Pdf(content)
    start = pdf.places[number]
    end = content.index(b"endobj\n", start) + 7
    shift = len(body) - (end - start)
    changed = content[:start] + body + content[end:]
    table = changed.rindex(b"\nxref\n") + 1
    lines = changed[table:]
    for place in sorted(set(pdf.places.values()), reverse=True):
        if place > start:
            lines = lines.replace(b"%010d 00000 n" % place, b"%010d 00000 n" % (place + shift))
    return changed[:table] + re.sub(rb"startxref\n\d+", b"startxref\n%d" % table, lines)


def test_a_report_has_inside_what_it_prints_and_the_check_says_nothing(papers):
    for name in ("report.pdf", "signed.pdf"):
        assert problems_of(papers / name) == []
    printed = read_printed(papers / "report.pdf")
    assert set(printed.files) == {STATEMENT, BUNDLE}
    assert printed.files[BUNDLE] == (papers / "bundle.zip").read_bytes()
    statement = json.loads(printed.files[STATEMENT])
    assert printed.files[STATEMENT] == render(statement, read_template(), ".json")
    for mark in (b"pdfaid:part>3<", b"pdfuaid:part>1<", b"/AFRelationship/Data", b"application#2Fjson",
                 b"/AFRelationship/Supplement", b"application#2Fzip"):  # fmt: skip
        assert mark in printed.content
    signed = (papers / "signed.pdf").read_bytes()
    assert signed.startswith(printed.content) and b"/ETSI.CAdES.detached" in signed


def test_who_signed_is_said_and_trusted_by_the_authority_that_is_given(papers):
    printed = read_printed(papers / "signed.pdf")
    problems, signature = check_signature(printed, [AUTHORITY.certificate])
    assert problems == [] and signature.trusted
    assert (signature.signer, signature.issuer) == ("CN=Laboratory", "CN=Authority")
    assert check_signature(printed)[1].trusted is None
    other = issue("Authority")  # of the same name
    problems, signature = check_signature(printed, [other.certificate])
    assert [one.code for one in problems] == ["SIGNER"] and signature.trusted is False
    assert check_signature(read_printed(papers / "report.pdf")) == ([], None)


def test_a_signature_that_was_cut_off_is_missed_where_one_is_expected(papers, tmp_path):
    (tmp_path / "roots.pem").write_bytes(AUTHORITY.pem())
    written, signed = (papers / f"{name}.pdf" for name in ("report", "signed"))
    cut = tmp_path / "cut.pdf"
    cut.write_bytes(signed.read_bytes()[: written.stat().st_size])
    roots = [AUTHORITY.certificate]
    assert problems_of(cut, roots=roots) == ["SIGNATURE signature not signed"]
    assert problems_of(signed, roots=roots) == problems_of(cut, roots=[]) == []
    told = typed("report check", cut, "--roots", tmp_path / "roots.pem", expect=4)
    assert "SIGNATURE signature" in told.stdout
    told = typed("report check", signed, "--roots", tmp_path / "roots.pem", expect=4)
    assert "SIGNATURE" not in told.stdout  # a draft, whose day of issue is wrong


def test_an_unsigned_report_passes_only_where_no_authority_is_given(case, tmp_path):
    (tmp_path / "roots.pem").write_bytes(AUTHORITY.pem())
    assert "not signed" in typed("report check", case / "report.pdf").stdout
    typed("report check", case / "report.pdf", "--roots", tmp_path / "roots.pem", expect=4)


@pytest.mark.parametrize("name", ["report.pdf", "signed.pdf"])
def test_a_text_changed_on_a_page_is_found_and_the_page_named(papers, tmp_path, name):
    content = (papers / name).read_bytes()
    number, drawn = drawn_on(Pdf((papers / "report.pdf").read_bytes()), 1)
    assert b" Tf" in drawn
    # In its place, with a table that fits: as if it had been written so.
    changed = re.sub(rb"(\[?<[0-9A-Fa-f]{4})|\(([^)]{2})", lambda text: text[0][::-1][::-1], drawn)
    changed = drawn.replace(b"Tj", b"Tj ", 1) if changed == drawn else changed
    written = rewritten((papers / "report.pdf").read_bytes(), number, object_again(number, changed))
    if name == "report.pdf":
        assert problems_of(tmp_path / "x.pdf", written) == ["PRINTED pages page 2"]
    # Behind it: what a reader of PDF shows is the new page.
    found = problems_of(tmp_path / "y.pdf", added(content, number, object_again(number, changed)))
    assert f"ADDED signature object {number}" in found
    assert any(one.startswith("SIGNATURE") for one in found)


def test_one_bit_changed_anywhere_is_found(papers, tmp_path, some):
    """In the report, in the signature, between objects: nowhere is a byte that does not count."""
    content = (papers / "signed.pdf").read_bytes()
    choose = random.Random(37)
    length = len(read_printed(papers / "report.pdf").content)
    places = [choose.randrange(length) for _ in range(12)]
    places += [choose.randrange(length, len(content)) for _ in range(28)]
    # The signature has parts that nobody signed, such as the certificate of the authority, and room to spare.
    value = re.search(rb"/Contents <([0-9A-Fa-f]*)>", content[length:])
    free = range(length + value.start(1), length + value.end(1))
    for place in some(places, 4):
        changed = bytearray(content)
        changed[place] ^= 1 << choose.randrange(7)
        try:
            found = problems_of(tmp_path / "x.pdf", bytes(changed))
        except (InputError, ValueError):
            continue
        assert found or place in free, place


def test_a_signature_by_another_key_than_that_of_its_certificate_is_found(papers, tmp_path):
    """The last bytes of the value are those that were made with the key."""
    content = (papers / "signed.pdf").read_bytes()
    value = re.search(rb"/Contents <([0-9A-Fa-f]*?)(?:00)*>", content)
    changed = bytearray(content)
    for place in range(value.end(1) - 8, value.end(1)):
        changed[place] = ord("1" if changed[place] != ord("1") else "2")
    found = problems_of(tmp_path / "x.pdf", bytes(changed))
    assert found == ["SIGNATURE signature it was not made with the key of its certificate"]


def test_a_statement_changed_inside_is_found(papers, tmp_path):
    content = (papers / "report.pdf").read_bytes()
    pdf = Pdf(content)
    statement = pdf.files()[STATEMENT]
    number = next(
        place for place in pdf.places
        if pdf.places[place] and b"application#2Fjson" in content[pdf.places[place]:][:200]
    )  # fmt: skip
    more = b"/Type/EmbeddedFile/Subtype/application#2Fjson"
    changed = statement.replace(b'"quantity": "', b'"quantity": "9', 1)
    assert changed != statement
    body = object_again(number, changed, more)
    assert problems_of(tmp_path / "x.pdf", rewritten(content, number, body))[0].startswith(
        "PRINTED pages page"
    )
    # In other words: the same values, written otherwise.
    body = object_again(number, json.dumps(json.loads(statement)).encode(), more)
    found = problems_of(tmp_path / "y.pdf", rewritten(content, number, body))
    assert any(one.startswith(f"INSIDE {STATEMENT} ") for one in found)
    # Behind a signed one.
    body = object_again(number, changed, more)
    found = problems_of(
        tmp_path / "z.pdf", added((papers / "signed.pdf").read_bytes(), number, body)
    )
    assert any(one.startswith("ADDED") for one in found)
    assert any(one.startswith("SIGNATURE") for one in found)


def test_a_bundle_changed_inside_is_found_by_the_check_and_by_the_verifier_alone(papers, tmp_path):
    content = (papers / "report.pdf").read_bytes()
    bundle = (papers / "bundle.zip").read_bytes()
    place = bundle.index(b'"quantity"')
    assert content.count(bundle[place : place + 40]) <= 1
    pdf = Pdf(content)
    number = next(
        one for one in pdf.places
        if pdf.places[one] and b"application#2Fzip" in content[pdf.places[one]:][:200]
    )  # fmt: skip
    changed = bundle[:place] + b'"quantitX"' + bundle[place + 10 :]
    body = object_again(number, changed, b"/Type/EmbeddedFile/Subtype/application#2Fzip")
    path = tmp_path / "x.pdf"
    found = problems_of(path, rewritten(content, number, body))
    assert found[0].startswith(f"INSIDE {BUNDLE} ") and found[-1].startswith("PRINTED pages page")
    with pytest.raises(Fault):
        verify_bundle.check(path)
    report = verify_bundle.check(papers / "signed.pdf")
    assert report.case == CASE and "inside the PDF" in report.facts[0]


def test_the_bundle_of_another_case_is_none_of_this_report(papers, monkeypatch):
    printed = read_printed(papers / "report.pdf")
    statement = json.loads(printed.files[STATEMENT])
    real = verify_bundle.check

    def other(path):
        report = real(path)
        report.case = "C-9"
        return report

    monkeypatch.setattr(printed_module.verify_bundle, "check", other)
    (found,) = check_printed(printed, statement, read_template())
    assert (found.code, found.field) == ("INSIDE", BUNDLE)


def test_the_ledger_says_which_bundles_it_disclosed(papers):
    printed = read_printed(papers / "report.pdf")
    statement = json.loads(printed.files[STATEMENT])
    with open_ledger(papers / "case/laboratory.db") as ledger:
        assert compare_bundle(printed, statement, ledger) == []
        other = dataclasses.replace(printed, files={**printed.files, BUNDLE: b"PK"})
        assert [one.code for one in compare_bundle(other, statement, ledger)] == ["FALSE"]


def test_a_bundle_that_the_ledger_does_not_know_is_put_into_no_report(build, case, papers):
    with pytest.raises(UsageError, match="no bundle of case"):
        build("own.pdf", bundle=papers / "bundle.zip")
    with pytest.raises(UsageError, match=r"written as \.pdf"):
        build("own.json", bundle=papers / "bundle.zip")
    assert not (case / "own.pdf").exists()


def test_pages_of_another_version_are_not_compared_and_it_says_which(papers, tmp_path):
    content = (papers / "report.pdf").read_bytes()
    found = re.search(rb"CreatorTool>Typst ([0-9.]+)<", content)
    older = content.replace(found[0], found[0].replace(found[1], b"0" * len(found[1])))
    (problem,) = problems_of(tmp_path / "x.pdf", older)
    assert problem.startswith("UNCOMPARED pages Typst 0") and "≠ Typst 0." in problem
    printed = read_printed(papers / "report.pdf")
    statement = json.loads(printed.files[STATEMENT])
    other = dataclasses.replace(read_template(), page="= x", sha256="0" * 64)
    (problem,) = check_printed(printed, statement, other)
    assert problem.code == "UNCOMPARED" and "template" in problem.found and not problem.refuses


def test_what_is_shown_by_a_signature_is_found(papers, tmp_path):
    """Who signs could lay a text over a page, as the picture of the signature."""
    content = (papers / "signed.pdf").read_bytes()
    for old, new, told in (
        (b"/Rect [ 0 0 0 0 ]", b"/Rect [ 9 9 9 9 ]", "a field that is seen"),
        (b"/SigFlags 3", b"/XFA  [ ] ", "a form"),
    ):
        assert content.count(old) == 1 and len(old) >= len(new)
        changed = content.replace(old, new.ljust(len(old)))
        found = problems_of(tmp_path / "x.pdf", changed)
        assert f"ADDED signature {told}" in found
        assert "SIGNATURE signature the file was changed after it was signed" in found


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda content: content[:-20], "cut off"),
        (lambda content: content + b"more", "something follows its end"),
        (lambda content: b"%PDF-1.7\n", "cut off"),
        (lambda content: content.replace(b"\nxref\n", b"\nxrex\n"), "a form that is not read here"),
        (lambda content: b"/Encrypt 1 0 R/Root".join(content.rsplit(b"/Root", 1)), "it is encrypted"),
        (lambda content: content.replace(b"(statement.json)", b"(statement.jsox)"), "has no file statement.json"),
        (lambda content: b"%PDF-1.7\nxref\ntrailer\n<</Prev 9>>\nstartxref\n9\n%%EOF\n", "are damaged"),
        (lambda content: b"%PDF-1.7\nxref\ntrailer\n" + b"<</A" * 99 + b"\nstartxref\n9\n%%EOF\n",
         "nested too deeply"),
        (lambda content: b"%PDF-1.7\nxref\n0 999999999\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n", "objects"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_report_gets_one_clear_sentence(papers, tmp_path, spoil, told):
    path = tmp_path / "x.pdf"
    path.write_bytes(spoil((papers / "report.pdf").read_bytes()))
    with pytest.raises(InputError, match=told) as error:
        read_printed(path)
    assert "\n" not in error.value.message


def test_a_stream_that_unpacks_to_gigabytes_is_refused_before_it_fills_the_memory(papers, tmp_path, monkeypatch):  # fmt: skip
    content = (papers / "report.pdf").read_bytes()
    pdf = Pdf(content)
    number = next(
        one for one in pdf.places
        if pdf.places[one] and b"application#2Fjson" in content[pdf.places[one]:][:200]
    )  # fmt: skip
    body = object_again(number, bytes(20 * 2**20))
    path = tmp_path / "x.pdf"
    path.write_bytes(rewritten(content, number, body))
    monkeypatch.setattr(verify_bundle, "MAX_PDF_BYTES", 10 * 2**20)
    with pytest.raises(InputError, match="unpacks to more than 10485760 bytes"):
        read_printed(path)


def test_a_tree_of_pages_that_goes_round_ends(papers, tmp_path):
    content = (papers / "report.pdf").read_bytes()
    pages = Pdf(content)
    number = pages.members(pages.root)["/Pages"]
    body = b"%d 0 obj\n<</Type/Pages/Count 1/Kids[%d 0 R]>>\nendobj\n" % (number, number)
    found = problems_of(tmp_path / "x.pdf", rewritten(content, number, body))
    assert found == ["PRINTED pages its list of pages is damaged"]


def test_no_damage_of_a_pdf_is_more_than_a_fault(papers, some):
    """Of thousands of changes none is a traceback, and none an endless loop."""
    content = (papers / "signed.pdf").read_bytes()
    start = len((papers / "report.pdf").read_bytes())
    tables = [content.index(b"\nxref\n"), content.rindex(b"\nxref\n"), start]
    choose = random.Random(38)
    faults, tries = 0, some(range(2000), 5)
    for _ in tries:
        changed = bytearray(content)
        for _ in range(choose.randrange(1, 4)):
            place = choose.choice(tables) + choose.randrange(-2000, 2000)
            changed[max(0, min(place, len(changed) - 1))] = choose.choice(
                b"<>[]()/ 0189Rn%\n\x00\xff"
            )
        try:
            Pdf(bytes(changed)).files()
        except Fault:
            faults += 1
    assert 0 < faults < len(tries)
