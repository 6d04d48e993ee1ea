"""The command line of custody: old papers, witnesses, disclosure, and a command for every event."""

# ruff: noqa: F811  (fixtures are arguments)

import zipfile

import click
from custody_office import _opened, office  # noqa: F401

from forensics.cli.custody import custody
from forensics.custody import verify
from forensics.custody.registry import TYPES


def test_a_fingerprint_on_an_old_label_proves_that_the_ledger_only_grew(office):
    label = office.folder / "label.svg"
    office.read("print label C1/1 --output", label)
    printed = office.read("head").stdout.strip()
    assert printed in label.read_text(encoding="utf-8") and "A1, A2" in label.read_text()
    office.run("case C2 --as amina")
    office.read("verify", office.ledger, "--fingerprint", printed)
    other = printed[:-1] + ("0" if printed[-1] != "0" else "1")
    assert "fork" in office.read("verify", office.ledger, "--fingerprint", other, expect=4).stdout


def test_a_witness_countersigns_and_finds_a_rollback(office):
    head, signed, later, old, key, seen, new = (
        office.folder / name
        for name in ("a.head", "b.head", "c.head", "old.db", "court.key", "court.seen", "new.db")
    )
    office.read("backup", old)
    office.run("head --as amina --output", head)
    witness = ("--witness", head, "--key", key, "--seen", seen, "--output", signed)
    office.run("head --new --name Court", *witness)
    office.read("head --import", signed)
    office.run("case C2 --as amina")
    # The laboratory could have made that key too: it counts for who has it from the court itself.
    named = ("--witness-key", key)
    assert "witnessed by" not in office.read("log C1").stdout
    assert "witnessed by" in office.read("log C1", *named).stdout
    result = office.read("verify", office.ledger, "--head", signed, "--seen", seen, *named)
    assert "4 heads verified" in result.stdout
    office.run("head --as amina --output", later)
    assert "rollback" in office.read("verify", old, "--head", later, expect=4).stdout
    office.read("restore", old, "--head", later, "--ledger", new, expect=4)
    assert not new.exists()
    office.read("restore", old, "--ledger", new)
    assert verify(new).ok


def test_a_bundle_leaves_out_single_events_and_files(office):
    bundle, photo = office.folder / "b.zip", office.folder / "face.jpg"
    photo.write_bytes(b"simulated face")
    office.run("attach C1 --description 'as found' --as amina --attach", photo)
    result = office.run(
        "disclose C1 --recipient Counsel --withhold 6:description --withhold-event 5 "
        "--withhold-attachment face.jpg --why 'order 3' --as amina --output",
        bundle,
    )
    assert "1 files withheld" in result.stdout
    with zipfile.ZipFile(bundle) as archive:
        text = archive.read("bundle.json").decode()
        assert not [name for name in archive.namelist() if name.startswith("attachments/")]
    assert "face.jpg" in text and "as found" not in text and "Quay 4" not in text
    size = office.size
    assert office.event(-1)["size"] == size - 1 and office.event(size - 1)["rests_on"] == [1, 2]
    other = office.folder / "c.zip"
    for option in ("--withhold-attachment no.jpg", "--open 6:description"):
        office.run(f"disclose C1 --recipient x --as amina {option} --output", other, expect=2)
    assert not other.exists()


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


def test_nothing_is_signed_or_recorded_where_its_file_cannot_be_made(office):
    taken = office.folder / "taken"
    taken.write_text("mine")
    for output in (taken, office.folder / "none" / "new"):
        before = office.ledger.read_bytes()
        office.run("disclose C1 --recipient Counsel --as amina --output", output, expect=2)
        result = office.run("head --as amina --output", output, expect=2)
        assert "not overwritten" in result.stderr or "make it first" in result.stderr
        assert office.ledger.read_bytes() == before
    assert taken.read_text() == "mine"
    office.read("backup", office.folder / "none" / "copy.db", expect=2)
