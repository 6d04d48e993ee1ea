"""The command line of acts in a ledger: what is typed, many acts at once, lists of exhibits."""

# ruff: noqa: F811  (fixtures are arguments)

import openpyxl
import pytest
from custody_office import _opened, office  # noqa: F401

from forensics.cli import custody_acts
from forensics.custody import open_ledger, verify
from forensics.custody.paper import scan_text


def test_what_is_missing_is_asked_at_a_terminal(office, monkeypatch):
    asked, answers = [], iter(["bruno", "C1/2", "tooth", "1", "pieces", "C1/2", "safe"])

    def prompt(text, **_options):
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(custody_acts, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(custody_acts.click, "prompt", prompt)
    office.run("offer C1/1 --as amina")
    assert asked == ["Person to whom"]
    office.run("receive C1 --as amina")
    office.run("store --as amina")  # the case follows from the thing
    assert office.state.things["C1/2"].location == "safe"


def test_text_is_normalised_as_it_is_typed(office):
    office.run("case C2 --as amina --title", "e\u0301tage")
    assert office.event(6)["title"] == "\u00e9tage"


# -- many acts at once ----------------------------------------------------------------------


@pytest.fixture
def two_cases(office):
    office.run("case C2 --as amina")
    tusk = "--exhibit C2/1 --description tusk --quantity 9 --unit kg --seal B1"
    office.run(f"receive C2 {tusk} --as amina")
    return office


def test_things_of_several_cases_are_handed_over_with_the_seals_of_each(two_cases):
    said = two_cases.run("offer C1/1 C2/1 --to bruno --as amina").stdout
    assert said.count("(offer) recorded") == 2
    two_cases.run("accept C1/1 C2/1 --seal B1 --seal A1 --seal A2 --as bruno")
    assert two_cases.size == 11
    state = two_cases.state
    assert {state.things[name].holder for name in ("C1/1", "C2/1")} == {"bruno"}
    assert not state.flags and verify(two_cases.ledger).ok


def test_of_things_of_several_cases_none_is_handed_over_where_one_is_refused(two_cases):
    two_cases.run("offer C2/1 --to bruno --as amina")
    result = two_cases.run("offer C1/1 C2/1 --to bruno --as amina", expect=5)
    assert "C2/1" in result.stderr and "Nothing was recorded" in result.stderr
    assert two_cases.size == 8


def test_a_scanned_label_stands_for_a_name_wherever_a_thing_is_named(office):
    name = "2026-0143/117"
    office.run("case 2026-0143 --as amina")
    tusk = f"--exhibit {name} --description tusk --quantity 9 --unit kg --seal B1"
    office.run(f"receive 2026-0143 {tusk} --as amina")
    with open_ledger(office.ledger) as ledger:
        short = scan_text(name, ledger.state.ledger)
        long = scan_text(name, ledger.state.ledger, ledger.fingerprint)
    assert len(long) > 80  # more than a name may have
    scans, seals = office.folder / "scans.txt", office.folder / "list.csv"
    scans.write_text(f"C1/1\n{short}\n", encoding="utf-8")
    office.run("batch --act store --set location=safe --as amina", scans)
    office.run("store --as amina --out", long)
    seals.write_text(f"thing,seal\n{long},B2\n", encoding="utf-8")
    office.run("seal --as amina --list", seals)
    assert office.state.things[name].seals == ("B1", "B2")
    wrong = office.run("store --as amina --out", f"C1/1 {'0' * 32}", expect=2)
    assert "of another ledger" in wrong.stderr


# -- lists of exhibits ----------------------------------------------------------------------

HEAD = ["exhibit", "description", "quantity", "unit", "seals"]
EXHIBITS = [["C1/10", "écaille", "1,5", "g", "S10; S11"], ["C1/11", "scale", "2", "g", ""]]


def write_list(path, rows, separator=";", encoding="utf-8-sig"):
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [HEAD, *rows]:
            book.active.append(row)
        book.save(path)
    else:
        lines = (separator.join(f'"{cell}"' for cell in row) for row in [HEAD, *rows])
        path.write_text("\n".join(lines), encoding=encoding)
    return path


@pytest.mark.parametrize(
    "name, form", [("list.csv", ()), ("x.csv", (";", "cp1252")), ("x.tsv", ("\t",)), ("x.xlsx", ())]
)
def test_a_list_is_received_as_one_act(office, name, form):
    path = write_list(office.folder / name, EXHIBITS, *form)
    office.run("receive C1 --as amina --list", path)
    assert office.size == 6
    assert office.event(6)["exhibits"] == [
        {"exhibit": "C1/10", "description": "écaille", "quantity": "1.5", "unit": "g",
         "seals": ["S10", "S11"]},
        {"exhibit": "C1/11", "description": "scale", "quantity": "2", "unit": "g"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row, text",
    [
        (["C1/12", "x", "much", "g", ""], "line 4: quantity: found 'much'"),
        (["C1/12", "x", "1", "stones", ""], "line 4: unit"),
        (["C1/12", "", "1", "g", ""], "line 4: description is missing"),
        (["C1/12", "x", "1", "g", "", "more"], "line 4: More cells"),
    ],
)
def test_a_list_is_taken_whole_or_not_at_all(office, row, text):
    path = write_list(office.folder / "list.csv", [*EXHIBITS, row])
    assert text in office.run("receive C1 --as amina --list", path, expect=3).stderr
    assert office.size == 5


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "rows of data are expected"),
        (b"exhibit,colour\n1,red\n", "The columns are"),
        (b"\x00\x01\x02", "neither a table of text"),
        (b"PK\x03\x04garbage", "cannot be read"),
    ],
)
def test_what_is_no_list_is_told(office, content, text):
    (office.folder / "list").write_bytes(content)
    found = office.run("receive C1 --as amina --list", office.folder / "list", expect=3)
    assert text in found.stderr


def test_what_the_ledger_lacks_is_named_and_no_case_is_asked_for(office):
    assert (
        "sample or container C1/9"
        in office.run("offer C1/9 --to bruno --as amina", expect=2).stderr
    )
    reviewed = "reviewed --outcome agrees --as amina"
    assert "Event 5 is not a finding" in office.run(f"{reviewed} 5", expect=5).stderr
    assert "There is no event 99" in office.run(f"{reviewed} 99", expect=2).stderr


@pytest.mark.parametrize("option", ["--at", "--valid-from"])
def test_a_time_without_its_zone_is_refused_with_its_option(office, option):
    line = f"person competence bruno --competence sequencing {option} 2026-01-01 --as amina"
    assert f"{option}: The time" in office.run(line, expect=2).stderr
