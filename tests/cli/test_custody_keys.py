"""The command line of custody: keys, passphrases, policy and approval."""

# ruff: noqa: F811  (fixtures are arguments)

import json

import click
import pytest
from custody_office import Office, _opened, office  # noqa: F401

from forensics.cli.custody import custody
from forensics.custody import open_ledger, verify
from forensics.custody.keys import PublicKey


def test_a_wrong_passphrase_ends_with_4(office):
    result = office.run("case", "C2", "--as", "amina", text="wrong horse battery", expect=4)
    assert "the passphrase is wrong" in result.stderr


def test_who_acts_must_be_said_where_there_are_several_keys(office):
    result = office.run("case", "C2", expect=2)
    assert "--as PERSON" in result.stderr
    office.run("case", "C2", "--key", office.folder / "lab.db.keys" / "amina.key")


def test_no_option_takes_a_passphrase(office):
    context = click.Context(custody)
    for name in custody.list_commands(context):
        command = custody.get_command(context, name)
        for parameter in (*command.params, *getattr(command, "shared", ())):
            assert "passphrase" not in parameter.name or parameter.name.endswith("_fd")
            assert not parameter.envvar or parameter.envvar == "FORENSICS_LEDGER"


def test_a_short_passphrase_makes_no_key_and_no_ledger(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               signs=False, new=True, text="short", expect=2)  # fmt: skip
    assert not office.ledger.exists() and not list(tmp_path.rglob("*.key"))


def test_a_refused_beginning_leaves_no_key(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               "--role", "analyst", signs=False, new=True, expect=5)  # fmt: skip
    assert not office.ledger.exists() and not list(tmp_path.rglob("*.key"))


def test_a_policy_is_set_at_the_beginning_and_changed(tmp_path):
    office = Office(tmp_path)
    office.run("init", office.ledger, "--laboratory", "L", "--person", "a", "--name", "A",
               "--policy", "use_share=0.4", "--policy", "storage_witness=yes",
               "--policy", "extraction_controls=blank;negative", signs=False, new=True)  # fmt: skip
    office.run("policy", "--policy", "late_hours=48", "--reason", "x", expect=5)  # laxer: by two
    office.run("policy", "--policy", "late_hours=12", "--reason", "x")
    with open_ledger(office.ledger) as ledger:
        policy = ledger.state.policy
    assert policy["use_share"] == "0.4" and policy["storage_witness"] is True
    assert policy["extraction_controls"] == ["blank", "negative"] and policy["late_hours"] == 12


def test_a_policy_is_relaxed_as_a_second_person_has_agreed(office):
    said = ("--content", "policy=review=no,late_hours=48", "--content", "reason=one analyst ill")
    result = office.run("authorise", "policy", *said, "--reason", "until May", "--as", "bruno")
    assert result.stderr.splitlines() == [
        "You approve “policy” (no case) with exactly this content:",
        '  policy: {"review": false, "late_hours": 48}',
        "  reason: one analyst ill",
    ]
    change = ("policy", "--policy", "review=no", "--reason", "one analyst ill")
    result = office.run(*change, "--authorisation", "6", "--as", "amina", expect=5)
    assert 'Approved: policy: {"late_hours": 48, "review": false}.' in result.stderr
    assert 'Attempted: policy: {"review": false}.' in result.stderr
    result = office.run(
        *change, "--policy", "late_hours=48", "--authorisation", "6", "--as", "amina"
    )
    assert "flagged POLICY-RELAXED: review" in result.stderr
    assert verify(office.ledger).ok


@pytest.mark.parametrize(
    "content, what",
    [
        (("colour=red",), "with the names method, order"),
        (("method",), "with the names method, order"),
        (("method=burnt", "method=buried"), "method is given 2 times"),
        (("method= ",), "--method: found ''"),
    ],
)
def test_what_is_approved_is_read_as_the_act_reads_it(office, content, what):
    said = [part for one in content for part in ("--content", one)]
    result = office.run(
        "authorise", "dispose", "--case", "C1", "--thing", "C1/1", *said, "--reason", "x", "--as",
        "bruno", expect=2,
    )  # fmt: skip
    assert what in result.stderr


def test_rows_can_be_approved(office):
    result = office.run(
        "authorise", "split", "--case", "C1", "--thing", "C1/1", "--content",
        "samples=sample=S1,quantity=10,unit=g", "--content", "samples=sample=S2,quantity=1,unit=g",
        "--reason", "x", "--as", "bruno",
    )  # fmt: skip
    assert '[{"sample": "S1", "quantity": "10", "unit": "g"}, {"sample": "S2",' in result.stderr


def test_a_key_made_elsewhere_is_enrolled_by_request(office):
    path = office.folder / "chen.key"
    office.run("person", "key", "chen", "--output", path, signs=False, new=True)
    office.run("person", "add", "dora", "--name", "D", "--role", "outside", "--request",
               f"{path}.request", "--as", "amina", expect=2)  # fmt: skip
    office.run("person", "add", "chen", "--name", "Chen", "--role", "reviewer", "--request",
               f"{path}.request", "--as", "amina")  # fmt: skip
    office.run("attach", "C1", "--description", "x", "--attach", f"{path}.request", "--key", path)


def test_an_officer_without_a_key_signs_a_form(office):
    office.run(
        "person",
        "add",
        "officer",
        "--name",
        "J. Roe",
        "--role",
        "outside",
        "--no-key",
        "--as",
        "amina",
    )
    office.run("offer", "C1/1", "--to", "officer", "--as", "amina", expect=5)
    office.run("offer", "C1/1", "--to", "officer", "--paper", "F-1", "--as", "amina")
    photo = office.folder / "form.jpg"
    photo.write_bytes(b"simulated photograph of a form")
    office.run("accept", "C1/1", "--on-behalf-of", "officer", "--paper", "F-1", "--attach", photo,
               "--as", "bruno")  # fmt: skip
    assert "PAPER" in office.read("review", "C1").stdout


def test_a_form_has_seals_and_fingerprint(office):
    form = office.folder / "form.html"
    office.read("print", "form", "C1/1", "--paper", "F-1", "--output", form)
    text = form.read_text(encoding="utf-8")
    assert "A1, A2" in text and "F-1" in text and "120.5 g" in text
    assert office.read("head").stdout.strip() in text
    office.read("print", "form", "--paper", "F-2", "--output", form)
    office.read("print", "form", "C9", "--paper", "F-2", "--output", form, expect=2)
    office.read("print", "form", "--paper", "F-2", "--output", office.folder / "form.doc", expect=2)


def test_a_key_is_rotated_and_the_old_one_signs_no_more(office):
    office.run("person", "key", "--rotate", "--as", "bruno", new=True)
    names = sorted(path.name for path in (office.folder / "lab.db.keys").iterdir())
    assert names[0] == "amina.key" and names[1] == "bruno.key" and ".ended-" in names[2]
    office.run("run", "R1", "--kind", "other", "--as", "bruno")
    old = office.folder / "lab.db.keys" / names[2]
    result = office.run("run", "R2", "--kind", "other", "--key", old, expect=5)
    assert "KEY-ENDED" in result.stderr


def test_a_forgotten_passphrase_takes_two_others(office):
    office.run(
        "person", "add", "chen", "--name", "C", "--role", "manager", "--as", "amina", new=True
    )
    made = {name: office.folder / f"{name}.key" for name in ("his", "hers")}
    for path in made.values():
        office.run("person", "key", "bruno", "--output", path, signs=False, new=True)
    requests = {name: path.with_name(f"{path.name}.request") for name, path in made.items()}
    again = ("person", "key", "bruno", "--reason", "forgotten", "--as", "amina", "--request")
    office.run(*again[:-1], expect=2)
    office.run(*again, requests["his"], expect=5)
    agree = ("authorise", "reenrol", "--subject", "bruno", "--reason", "x", "--as", "chen")
    result = office.run(*agree, expect=5)
    assert "State what is approved of “reenrol” (--content NAME=VALUE): public_key" in result.stderr
    office.run(*agree, "--content", "public_key=nothing", expect=2)
    result = office.run(*agree, "--content", f"public_key={requests['his']}")
    key = json.loads(requests["his"].read_text(encoding="utf-8"))["public_key"]
    key_id = PublicKey.from_text(key).id
    assert result.stderr.splitlines() == [
        "You approve “reenrol” (bruno) with exactly this content:",
        f"  public_key: {key} (key id {key_id}; ask its owner)",
    ]
    result = office.run(*again, requests["hers"], "--authorisation", "7", expect=5)
    assert (
        "AUTHORISATION-CONTENT" in result.stderr and f"Approved: public_key: {key}" in result.stderr
    )
    office.run(*again, requests["his"], "--authorisation", "7")
    office.run("run", "R1", "--kind", "other", "--key", made["his"])
    assert verify(office.ledger).ok
