"""The command line of custody: checking a ledger, witnesses, disclosure and export."""

# ruff: noqa: F811  (fixtures are arguments)

import json
import os
import zipfile

import click
from click.testing import CliRunner
from custody_office import PASSPHRASE, Office, _opened, office  # noqa: F401

from forensics.cli import main
from forensics.cli.custody import custody
from forensics.custody import open_ledger, verify
from forensics.custody.registry import TYPES


def test_verify_says_what_was_checked(office):
    result = office.read("verify", office.ledger, ledger=False)
    assert "5 events, 0 attached files and 0 heads verified" in result.stdout
    assert "no head kept elsewhere" in result.stdout
    found = json.loads(office.read("verify", office.ledger, "--format", "json").stdout)
    assert found["ok"] and found["size"] == 5


def test_verify_ends_with_4_and_names_the_first_bad_event(office):
    data = office.ledger.read_bytes()
    assert data.count(b"horn")
    office.ledger.write_bytes(data.replace(b"horn", b"hoof"))
    result = office.read("verify", office.ledger, expect=4)
    assert "First: event 5: field exhibits is not what was signed" in result.stderr


def test_a_fingerprint_on_an_old_label_proves_that_the_ledger_only_grew(office):
    label = office.folder / "label.svg"
    office.read("print", "label", "C1/1", "--output", label)
    printed = office.read("head").stdout.strip()
    assert printed in label.read_text(encoding="utf-8") and "A1, A2" in label.read_text()
    office.run("case", "C2", "--as", "amina")
    office.read("verify", office.ledger, "--fingerprint", printed)
    other = printed[:-1] + ("0" if printed[-1] != "0" else "1")
    assert "fork" in office.read("verify", office.ledger, "--fingerprint", other, expect=4).stdout
    office.read("print", "label", "C1/1", "--output", office.folder / "label.png")
    assert (office.folder / "label.png").read_bytes().startswith(b"\x89PNG")
    office.read("print", "label", "C1/1", "--output", office.folder / "label.gif", expect=2)
    office.read("print", "label", "C9", "--output", label, expect=2)


def test_a_witness_countersigns_and_finds_a_rollback(office):
    head, signed = office.folder / "a.head", office.folder / "b.head"
    office.read("backup", office.folder / "old.db")
    office.run("head", "--output", head, "--as", "amina")
    witness = ("head", "--witness", head, "--name", "Court", "--key", office.folder / "court.key", "--seen",
               office.folder / "court.seen", "--output", signed)  # fmt: skip
    office.run(*witness, "--new")
    office.read("head", "--import", signed)
    office.run("case", "C2", "--as", "amina")
    # The laboratory could have made that key too: it counts for who has it from the court itself.
    named = ("--witness-key", office.folder / "court.key")
    assert "witnessed by" not in office.read("log", "C1").stdout
    assert "witnessed by" in office.read("log", "C1", *named).stdout
    assert "The ledger has no case C1/1." in office.read("log", "C1/1", expect=2).stderr
    result = office.read("verify", office.ledger, "--head", signed, "--seen",
                         office.folder / "court.seen", *named)  # fmt: skip
    assert "4 heads verified" in result.stdout
    office.run("head", "--output", office.folder / "c.head", "--as", "amina")
    old = office.folder / "old.db"
    result = office.read("verify", old, "--head", office.folder / "c.head", expect=4)
    assert "rollback" in result.stdout
    office.read("restore", old, "--head", office.folder / "c.head", "--ledger",
                office.folder / "new.db", expect=4)  # fmt: skip
    assert not (office.folder / "new.db").exists()
    office.read("restore", old, "--ledger", office.folder / "new.db")
    assert verify(office.folder / "new.db").ok


def test_a_case_is_disclosed_and_the_disclosure_is_recorded(office, tmp_path):
    bundle = office.folder / "bundle.zip"
    office.run("disclose", "C1", "--output", bundle, "--recipient", "Counsel", "--withhold",
               "seizure_place", "--why", "protection", "--as", "amina")  # fmt: skip
    with zipfile.ZipFile(bundle) as archive:
        text = archive.read("bundle.json").decode()
    assert "horn" in text and "Quay 4" not in text
    with open_ledger(office.ledger) as ledger:
        tally, event = ledger.event(6), ledger.event(7)
        assert tally.type == "tally" and tally.fields["rests_on"] == [1, 2]
        assert event.type == "disclose" and event.fields["size"] == 6
    assert verify(office.ledger).ok
    office.run("disclose", "C9", "--output", office.folder / "x.zip", "--recipient", "x", "--as",
               "amina", expect=2)  # fmt: skip


def test_a_bundle_leaves_out_single_events_and_files(office):
    photo = office.folder / "face.jpg"
    photo.write_bytes(b"simulated face")
    seq = 6
    office.run("attach", "C1", "--description", "as found", "--attach", photo, "--as", "amina")
    result = office.run(
        "disclose", "C1", "--output", office.folder / "b.zip", "--recipient", "Counsel",
        "--withhold", f"{seq}:description", "--withhold-event", 5, "--withhold-attachment",
        "face.jpg", "--why", "order 3", "--as", "amina",
    )  # fmt: skip
    assert "1 files withheld" in result.stdout
    with zipfile.ZipFile(office.folder / "b.zip") as archive:
        text = archive.read("bundle.json").decode()
        assert not [name for name in archive.namelist() if name.startswith("attachments/")]
    assert "face.jpg" in text and "as found" not in text and "Quay 4" not in text
    for option in (("--withhold-attachment", "no.jpg"), ("--open", "6:description")):
        office.run("disclose", "C1", "--output", office.folder / "c.zip", "--recipient", "x",
                   *option, "--as", "amina", expect=2)  # fmt: skip
    assert not (office.folder / "c.zip").exists()


def test_an_export_as_csv(office):
    office.run("case", "=1+1", "--as", "amina", expect=2)
    lines = office.read("export").stdout.splitlines()
    assert len(lines) == 6 and lines[0].startswith("event,recorded_at,occurred_at,type,actor,case")
    view = office.read("export", "--view", "exhibits").stdout
    assert view.startswith("seq,case_id,") and "horn" in view
    assert office.read("export", "--view", "samples").stdout.count("\n") == 1
    office.read("export", "--view", "nothing", expect=2)
    office.read("export", "C1", "--view", "exhibits", expect=2)
    office.read("export", "C9", expect=2)


def test_an_identification_is_refused_before_the_work_begins(office):
    fasta = office.folder / "S1.fasta"
    fasta.write_text(">S1\nACGT\n")
    identify = ["identify", str(fasta), "--ledger", str(office.ledger)]
    descriptor, write = os.pipe()
    os.write(write, f"{PASSPHRASE}\n".encode())
    os.close(write)
    for more, code in (
        ([], 2),
        (["--sample", "S9", "--as", "bruno"], 2),
        (["--sample", "C1/1", "--as", "bruno", "--passphrase-fd", str(descriptor)], 5),
    ):
        result = CliRunner().invoke(main, [*identify, *more])
        assert result.exit_code == code, result.output
        assert not result.stdout
    os.close(descriptor)


ELSEWHERE = {
    "tally": "disclose", "enrol": "person add", "rotate": "person key --rotate", "reenrol": "person key --request",
    "revoke": "person revoke", "roles": "person roles", "competence": "person competence",
    "retrieve": "store --out", "unpack": "pack --out", "release": "hold --release", "found": "lost --found",
    "deviation": "control --deviation",
}  # fmt: skip
"""Types of events that no command of their own records, and by what they are recorded."""


def test_every_type_of_event_is_recorded_by_a_command():
    context = click.Context(custody)
    names = custody.list_commands(context)
    assert set(TYPES) - set(names) == set(ELSEWHERE)
    for name, called in ELSEWHERE.items():
        assert custody.get_command(context, name) is None
        command = custody
        for word in called.split():
            if word.startswith("--"):
                assert word in {option for parameter in command.params for option in parameter.opts}
            else:
                command = command.get_command(context, word)
    for name in names:
        command = custody.get_command(context, name)
        assert command.name == name
        assert "Example" in command.help


def test_a_ledger_that_is_not_there_is_told(tmp_path):
    office = Office(tmp_path)
    result = office.read("log", expect=3)
    assert "No ledger exists here" in result.stderr


def test_verify_names_the_file_that_was_given_and_not_its_copy(tmp_path):
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir")
    result = CliRunner().invoke(main, ["custody", "verify", str(path)])
    assert result.exit_code == 4
    assert f"{path}: this is not a ledger" in result.stdout
    assert "forensics-" not in result.output.replace(str(path), "")
