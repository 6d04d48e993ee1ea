"""The command line of many acts at once: a table, a scanner's list, things of several cases."""

# ruff: noqa: F811  (fixtures are arguments)

import json

from custody_office import _opened, office  # noqa: F401

from forensics.custody import open_ledger, verify
from forensics.custody.paper import scan_text


def second_case(office):
    office.run("case", "C2", "--as", "amina")
    office.run("receive", "C2", "--exhibit", "C2/1", "--description", "tusk", "--quantity", "9", "--unit", "kg",
               "--seal", "B1", "--as", "amina")  # fmt: skip


def size_of(office):
    with open_ledger(office.ledger) as ledger:
        return ledger.size


def test_a_table_is_recorded_with_one_passphrase(office):
    path = office.folder / "morning.csv"
    path.write_text("act,case,thing,to\ncase,C2,,\noffer,,C1/1,bruno\n", encoding="utf-8")
    dry = office.run("batch", path, "--as", "amina", "--dry-run").stdout
    assert dry.count("nothing was") == 2
    lines = office.run("batch", path, "--as", "amina").stdout.splitlines()
    assert [line.split("(")[1].split(")")[0] for line in lines] == ["case", "offer"]
    assert verify(office.ledger).ok


def test_a_refused_batch_records_nothing_and_ends_with_5(office):
    path = office.folder / "morning.csv"
    path.write_text("act,case,thing,to\ncase,C2,,\noffer,,C1/1,nobody\n", encoding="utf-8")
    before = size_of(office)
    result = office.run("batch", path, "--as", "amina", expect=5)
    assert "Nothing was recorded." in result.stderr and "line 3: offer C1/1" in result.stderr
    assert size_of(office) == before


def test_a_scanners_list_takes_the_act_and_its_fields(office):
    second_case(office)
    with open_ledger(office.ledger) as ledger:
        label = scan_text("C2/1", ledger.state.ledger)
    path = office.folder / "scans.txt"
    path.write_text(f"C1/1\n{label}\n", encoding="utf-8")
    said = office.run("batch", path, "--act", "store", "--set", "location=safe", "--as", "amina",
                      "--format", "json").stdout  # fmt: skip
    assert [json.loads(line)["type"] for line in said.splitlines()] == ["store", "store"]
    assert office.run("batch", path, "--set", "location=safe", "--as", "amina", expect=2)
    assert office.run("batch", path, "--act", "store", "--set", "safe", "--as", "amina", expect=2)


def test_things_of_several_cases_are_handed_over_in_one_act(office):
    second_case(office)
    before = size_of(office)
    said = office.run("offer", "C1/1", "C2/1", "--to", "bruno", "--as", "amina").stdout
    assert said.count("(offer) recorded") == 2
    office.run(
        "accept", "C1/1", "C2/1", "--seal", "B1", "--seal", "A1", "--seal", "A2", "--as", "bruno"
    )
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == before + 4
        assert {ledger.state.things[name].holder for name in ("C1/1", "C2/1")} == {"bruno"}
        assert not ledger.state.flags
    assert verify(office.ledger).ok


def test_of_things_of_several_cases_none_is_handed_over_where_one_is_refused(office):
    second_case(office)
    office.run("offer", "C2/1", "--to", "bruno", "--as", "amina")
    before = size_of(office)
    result = office.run("offer", "C1/1", "C2/1", "--to", "bruno", "--as", "amina", expect=5)
    assert "C2/1" in result.stderr and "Nothing was recorded" in result.stderr
    assert size_of(office) == before


def test_a_scanned_label_stands_for_a_name_wherever_a_thing_is_named(office):
    with open_ledger(office.ledger) as ledger:
        label = scan_text("C1/1", ledger.state.ledger)
    office.run("open", label, "--condition", "bag intact", "--as", "amina")
    office.run(
        "seal",
        label,
        "--seal",
        "A9",
        "--condition",
        "closed",
        "--attach",
        office.ledger,
        "--as",
        "amina",
    )
    office.run("store", label, "--location", "safe", "--as", "amina")
    wrong = office.run("store", "--out", f"C1/1 {'0' * 32}", "--as", "amina", expect=2)
    assert "of another ledger" in wrong.stderr


def test_a_label_that_is_longer_than_a_name_may_be_is_read_all_the_same(office):
    name = "2026-0143/117"
    office.run("case", "2026-0143", "--as", "amina")
    office.run("receive", "2026-0143", "--exhibit", name, "--description", "tusk", "--quantity", "9",
               "--unit", "kg", "--seal", "B1", "--as", "amina")  # fmt: skip
    with open_ledger(office.ledger) as ledger:
        label = scan_text(name, ledger.state.ledger, ledger.fingerprint)
    assert len(label) > 80
    office.run("store", label, "--location", "safe", "--as", "amina")
    office.run("store", "--out", label, "--as", "amina")
    rows = office.folder / "list.csv"
    rows.write_text(f"thing,seal\n{label},B2\n", encoding="utf-8")
    office.run("seal", "--list", rows, "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.state.things[name].seals == ("B1", "B2")
