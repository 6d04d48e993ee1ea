"""The command line of custody: a case told by commands, and what happens when something is wrong."""

# ruff: noqa: F811  (fixtures are arguments)

import json

from custody_office import _opened, office  # noqa: F401

from forensics.custody import open_ledger, verify


def test_what_was_typed_stands_in_the_ledger(office):
    with open_ledger(office.ledger) as ledger:
        event = ledger.event(5)
    assert event.fields["exhibits"] == [
        {"exhibit": "C1/1", "description": "horn", "quantity": "120.5", "unit": "g",
         "seals": ["A1", "A2"]}
    ]  # fmt: skip
    assert event.fields["case"] == "C1" and event.fields["actor"] == "amina"


def test_a_hand_over_by_two_people(office):
    result = office.run("offer", "C1/1", "--to", "bruno", "--as", "amina")
    assert "event 6 (offer) recorded   ledger 6 · " in result.stdout
    result = office.run("accept", "C1/1", "--seal", "A1", "--as", "bruno")
    assert "flagged SEAL-MISMATCH" in result.stderr
    found = office.run("store", "C1/1", "--location", "safe", "--as", "bruno", "--format", "json")
    found = json.loads(found.stdout)
    assert found["event"] == 8 and found["recorded"] and found["flags"] == []


def test_who_acts_and_on_which_ledger_may_be_said_before_the_command(office):
    before = ("--ledger", office.ledger, "--as", "amina", "--note", "in the morning")
    result = office.run(*before, "offer", "C1/1", "--to", "bruno", ledger=False)
    assert "event 6 (offer) recorded" in result.stdout
    with open_ledger(office.ledger) as ledger:
        fields = ledger.event(6).fields
    assert fields["actor"] == "amina" and fields["note"] == "in the morning"
    result = office.read("--as", "amina", "verify", office.ledger, expect=2)
    assert "--as cannot be used with verify." in result.stderr


def test_a_refused_act_says_its_rule_and_ends_with_5(office):
    result = office.run("offer", "C1/1", "--to", "amina", "--as", "amina", expect=5)
    assert result.stderr == "Error: refused by rule SELF: amina has it already.\n"
    assert not result.stdout


def test_a_dry_run_records_nothing(office):
    result = office.run("offer", "C1/1", "--to", "bruno", "--as", "amina", "--dry-run")
    assert result.stdout == "dry run: event 6 (offer) would be recorded; nothing was\n"
    office.run("offer", "C1/1", "--to", "amina", "--as", "amina", "--dry-run", expect=5)
    with open_ledger(office.ledger) as ledger:
        assert ledger.size == 5


def test_samples_from_opening_to_disposal(office):
    photo = office.folder / "photo.jpg"
    photo.write_bytes(b"simulated photograph")
    office.run("offer", "C1/1", "--to", "bruno", "--as", "amina")
    office.run("accept", "C1/1", "--as", "bruno")
    office.run("open", "C1/1", "--condition", "good", "--as", "bruno")
    office.run(
        "split", "C1/1", "--sample", "S1", "--quantity", "10", "--unit", "g", "--as", "bruno"
    )
    office.run(
        "consume", "S1", "--quantity", "2", "--unit", "g", "--used-for", "DNA", "--as", "bruno"
    )
    office.run("return", "S1", "--quantity", "8", "--unit", "g", "--as", "bruno")
    office.run(
        "seal", "C1/1", "--seal", "Z1", "--condition", "good", "--attach", photo, "--as", "bruno"
    )
    office.run("offer", "C1/1", "--to", "amina", "--as", "bruno")
    office.run("accept", "C1/1", "--as", "amina")
    office.run("dispose", "C1/1", "--method", "burnt", "--as", "amina", expect=5)
    seq = json.loads(
        office.run(
            "authorise",
            "dispose",
            "--case",
            "C1",
            "--thing",
            "C1/1",
            "--content",
            "method=burnt",
            "--reason",
            "final",
            "--as",
            "bruno",
            "--format",
            "json",
        ).stdout  # fmt: skip
    )["event"]
    office.run("dispose", "C1/1", "--method", "burnt", "--authorisation", seq, "--as", "amina")
    assert verify(office.ledger).ok
    assert "amina disposed of C1/1" in office.read("log", "C1").stdout


def test_a_run_with_controls_and_lots(office):
    office.run(
        "run", "R1", "--kind", "amplification", "--controls",
        "control=NTC,kind=negative,result=passed", "--controls", "control=POS,kind=positive",
        "--lots", "reagent=polymerase,lot=77", "--as", "bruno",
    )  # fmt: skip
    office.run("control", "R1", "--control", "POS", "--result", "passed", "--as", "bruno")
    with open_ledger(office.ledger) as ledger:
        assert ledger.state.runs["R1"].controls == {
            "NTC": ("negative", "passed"), "POS": ("positive", "passed"),
        }  # fmt: skip
    result = office.run(
        "run", "R2", "--kind", "other", "--controls", "x", "--as", "bruno", expect=2
    )
    assert "expected name=value" in result.stderr


def test_a_time_says_its_zone(office):
    result = office.run("case", "C2", "--at", "2026-03-01T08:00", "--as", "amina", expect=3)
    assert "does not say its zone" in result.stderr
    result = office.run("case", "C2", "--at", "yesterday", "--as", "amina", expect=2)
    assert "Error: --at: The time 'yesterday' is not written as" in result.stderr
    result = office.run("case", "C2", "--at", "2026-03-01T10:00+02:00", "--as", "amina", expect=5)
    assert "LATE-REASON" in result.stderr
    office.run("case", "C2", "--at", "2026-03-01T10:00+02:00", "--late-reason", "power cut", "--as",
               "amina")  # fmt: skip
    with open_ledger(office.ledger) as ledger:
        assert ledger.event(6).fields["occurred_at"] == "2026-03-01T08:00:00.000000Z"


def test_what_is_missing_is_told_where_nobody_can_be_asked(office):
    result = office.run("offer", "C1/1", "--as", "amina", expect=2)
    assert "Give --to: Person to whom." in result.stderr


def test_what_is_missing_is_asked_at_a_terminal(office, monkeypatch):
    from forensics.cli import custody_acts

    asked = []

    def prompt(text, **_options):
        asked.append(text)
        return "bruno"

    monkeypatch.setattr(custody_acts, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(custody_acts.click, "prompt", prompt)
    office.run("offer", "C1/1", "--as", "amina")
    assert asked == ["Person to whom"]
    answers = iter(["C1/2", "tooth", "1", "pieces"])
    monkeypatch.setattr(custody_acts.click, "prompt", lambda *_text, **_options: next(answers))
    office.run("receive", "C1", "--as", "amina")
    answers = iter(["C1/2", "safe"])  # the case follows from the thing
    office.run("store", "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.state.things["C1/2"].location == "safe"


def test_text_is_normalised_as_it_is_typed(office):
    office.run("case", "C2", "--title", "e\u0301tage", "--as", "amina")
    with open_ledger(office.ledger) as ledger:
        assert ledger.event(6).fields["title"] == "\u00e9tage"
