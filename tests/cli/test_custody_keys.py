"""The command line of custody: keys, passphrases, policy and approval."""

# ruff: noqa: F811  (fixtures are arguments)

import json

import click
import pytest
from custody_office import Office, _opened, office  # noqa: F401

from forensics.cli.custody import custody
from forensics.custody import verify
from forensics.custody.keys import PublicKey

BEGINNING = "--laboratory L --person a --name A"


def test_no_option_takes_a_passphrase():
    context = click.Context(custody)
    for name in custody.list_commands(context):
        command = custody.get_command(context, name)
        for parameter in (*command.params, *getattr(command, "shared", ())):
            assert "passphrase" not in parameter.name or parameter.name.endswith("_fd")
            assert not parameter.envvar or parameter.envvar == "FORENSICS_LEDGER"


@pytest.mark.parametrize(
    "more, phrase, code", [("", "short", 2), ("--role analyst", "correct horse battery", 5)]
)
def test_a_beginning_that_is_refused_leaves_neither_key_nor_ledger(tmp_path, more, phrase, code):
    office = Office(tmp_path)
    beginning = f"init {office.ledger} {BEGINNING} {more}"
    office.read(beginning, new=True, text=phrase, expect=code)
    assert not office.ledger.exists() and not list(tmp_path.rglob("*.key"))


def test_a_policy_is_set_at_the_beginning_and_changed(tmp_path):
    office = Office(tmp_path)
    policy = (
        "--policy use_share=0.4 --policy storage_witness=yes "
        "--policy 'extraction_controls=blank;negative'"
    )
    office.read(f"init {office.ledger} {BEGINNING} {policy}", new=True)
    office.run("policy --policy late_hours=48 --reason x", expect=5)  # laxer: by two
    office.run("policy --policy late_hours=12 --reason x")
    policy = office.state.policy
    assert policy["use_share"] == "0.4" and policy["storage_witness"] is True
    assert policy["extraction_controls"] == ["blank", "negative"] and policy["late_hours"] == 12


def test_a_policy_is_relaxed_as_a_second_person_has_agreed(office):
    said = "--content policy=review=no,late_hours=48 --content 'reason=one analyst ill'"
    result = office.run(f"authorise policy {said} --reason 'until May' --as bruno")
    assert result.stderr.splitlines() == [
        "You approve “policy” (no case) with exactly this content:",
        '  policy: {"review": false, "late_hours": 48}',
        "  reason: one analyst ill",
    ]
    change = "policy --policy review=no --reason 'one analyst ill' --authorisation 6 --as amina"
    result = office.run(change, expect=5)
    assert 'Approved: policy: {"late_hours": 48, "review": false}.' in result.stderr
    assert 'Attempted: policy: {"review": false}.' in result.stderr
    result = office.run(f"{change} --policy late_hours=48")
    assert "flagged POLICY-RELAXED: review" in result.stderr
    assert verify(office.ledger).ok


@pytest.mark.parametrize(
    "content, what",
    [
        ("--content colour=red", "with the names method, order"),
        ("--content method", "with the names method, order"),
        ("--content method=burnt --content method=buried", "method is given 2 times"),
        ("--content 'method= '", "--method: found ''"),
    ],
)
def test_what_is_approved_is_read_as_the_act_reads_it(office, content, what):
    said = f"dispose --case C1 --thing C1/1 {content} --reason x --as bruno"
    assert what in office.run(f"authorise {said}", expect=2).stderr


def test_rows_can_be_approved(office):
    rows = "--content samples=sample=S1,quantity=10,unit=g --content samples=sample=S2,quantity=1,unit=g"
    said = office.run(f"authorise split --case C1 --thing C1/1 {rows} --reason x --as bruno").stderr
    assert '[{"sample": "S1", "quantity": "10", "unit": "g"}, {"sample": "S2",' in said


def test_an_officer_without_a_key_signs_a_form(office):
    office.run("person add officer --name 'J. Roe' --role outside --no-key --as amina")
    office.run("offer C1/1 --to officer --as amina", expect=5)
    office.run("offer C1/1 --to officer --paper F-1 --as amina")
    photo = office.folder / "form.jpg"
    photo.write_bytes(b"simulated photograph of a form")
    office.run("accept C1/1 --on-behalf-of officer --paper F-1 --as bruno --attach", photo)
    assert "PAPER" in office.read("review C1").stdout


def test_a_key_is_rotated_and_the_old_one_signs_no_more(office):
    office.run("person key --rotate --as bruno", new=True)
    names = sorted(path.name for path in (office.folder / "lab.db.keys").iterdir())
    assert names[0] == "amina.key" and names[1] == "bruno.key" and ".ended-" in names[2]
    office.run("run R1 --kind other --as bruno")
    old = office.folder / "lab.db.keys" / names[2]
    assert "KEY-ENDED" in office.run("run R2 --kind other --key", old, expect=5).stderr


def test_a_forgotten_passphrase_takes_two_others(office):
    office.run("person add chen --name C --role manager --as amina", new=True)
    made = {name: office.folder / f"{name}.key" for name in ("his", "hers")}
    for path in made.values():
        office.read("person key bruno --output", path, new=True)
    requests = {name: path.with_name(f"{path.name}.request") for name, path in made.items()}
    again = "person key bruno --reason forgotten --as amina"
    office.run(again, expect=2)
    office.run(again, "--request", requests["his"], expect=5)
    agree = "authorise reenrol --subject bruno --reason x --as chen"
    refused = office.run(agree, expect=5).stderr
    assert "State what is approved of “reenrol” (--content NAME=VALUE): public_key" in refused
    office.run(f"{agree} --content public_key=nothing", expect=2)
    result = office.run(agree, "--content", f"public_key={requests['his']}")
    key = json.loads(requests["his"].read_text(encoding="utf-8"))["public_key"]
    key_id = PublicKey.from_text(key).id
    assert result.stderr.splitlines() == [
        "You approve “reenrol” (bruno) with exactly this content:",
        f"  public_key: {key} (key id {key_id}; ask its owner)",
    ]
    agreed = f"{again} --authorisation 7 --request"
    refused = office.run(agreed, requests["hers"], expect=5).stderr
    assert "AUTHORISATION-CONTENT" in refused and f"Approved: public_key: {key}" in refused
    office.run(agreed, requests["his"])
    office.run("run R1 --kind other --key", made["his"])
    assert verify(office.ledger).ok
