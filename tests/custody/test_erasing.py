"""What a court orders to be erased is gone everywhere, or the erasure is refused with the places."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forensics.custody import appending, checked, open_ledger, registry
from forensics.custody.fields import ERASED
from forensics.custody.rules import refusal
from forensics.errors import ForensicsError, RefusedError
from forensics.store import copies

NAME = "Officer Jane Roe"


@pytest.fixture(autouse=True)
def state_after_every_act(monkeypatch):
    """What is kept of a state must not hold what was erased either."""
    monkeypatch.setattr(checked, "EVERY", 1)


@pytest.fixture
def received(lab):
    return lab.received


def bytes_of(lab):
    lab.close()
    return b"".join(path.read_bytes() for path in lab.folder.rglob("*") if path.is_file())


def refused(lab, places, *arguments, **more):
    size = lab.size
    with pytest.raises(RefusedError, match="ERASE-FIELD") as error:
        lab.erased(*arguments, **more)
    assert places in str(error.value)
    assert lab.size == size + 1  # the approval
    assert lab.verify().ok


def test_a_field_is_erased_after_its_correction_and_that_after_its_approval(lab, received):
    agreed, seq = lab.corrected(received, "received_from", NAME, "Officer Joan Roe")
    refused(lab, f"occurs in {agreed}:content, {seq}:new, {seq}:old.", received, "received_from")
    lab.erased(agreed, "content")
    refused(lab, f"occurs in {seq}:new, {seq}:old.", received, "received_from")
    lab.erased(seq, "old", "new")
    lab.erased(received, "received_from")
    data = bytes_of(lab)
    assert b"Jane Roe" not in data and b"Joan Roe" not in data
    assert lab.verify().ok and lab.verify().erased == 4


def test_a_short_value_is_followed_to_its_correction_and_not_elsewhere(lab):
    """ "1" stands everywhere; only where it is committed to is it this value."""
    seq, _digest = lab.attached(note="1")
    agreed, correction = lab.corrected(seq, "note", "1", "2")
    refused(lab, f"{agreed}:content, {correction}:new, {correction}:old.", seq, "note")
    lab.erased(agreed, "content")
    lab.erased(correction, "old", "new")
    lab.erased(seq, "note")
    assert lab.amina.event(seq).fields["note"] is ERASED


@pytest.mark.parametrize("approval_is_used", [True, False])
def test_an_approval_that_shows_the_value_is_named(lab, received, approval_is_used):
    said = {"field": "seizure_place", "old": "Warehouse 4, Quay Street", "new": "x", "reason": "y"}
    agreed = lab.authorise("correct", subject=str(received), content=said)
    if approval_is_used:
        seq = lab.amina.correct(case="C1", event=received, authorisation=agreed, **said).seq
        refused(lab, f"{seq} ", seq, "old", "new")  # the rule of the ledger itself
    refused(lab, f"{agreed}:content", received, "seizure_place")


def test_a_later_event_and_a_file_that_repeat_the_value_are_named(lab, received):
    seq, _file = lab.attached(note=f"brought by {NAME.upper()}")
    report, digest = lab.attached(attachments=[lab.photo("report.txt", f"From {NAME}.".encode())])
    refused(lab, f"occurs in {seq}:note, {report}:attachments.", received, "received_from")
    lab.erased(seq, "note")
    lab.erased(report, files=[digest])
    assert not (lab.amina.files / digest).exists()
    lab.erased(received, "received_from")
    assert NAME.encode() not in bytes_of(lab)


def test_files_of_the_case_that_are_not_text_are_named_since_nobody_searched_them(lab, received):
    lab.attached(attachments=[lab.photo("scan.pdf", b"%PDF-1.4 \x00\x01 Jane R")])
    lab.attached(attachments=[lab.photo("list.txt", b"nothing of it")])
    said = {"erased": ["received_from"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(received), content=said)
    receipt = lab.amina.erase(case="C1", event=received, authorisation=agreed, **said)
    assert receipt.unsearched == ("lab-scan.pdf",)


def test_what_somebody_has_looked_at_may_stay_and_the_ledger_says_so(lab, received):
    seq, _digest = lab.attached(description=f"statement of another {NAME}")
    refused(lab, f"{seq}:description", received, "received_from")
    refused(lab, "misspelt", received, "received_from", left=[f"{seq}:note"])
    done = lab.erased(received, "received_from", left=[f"{seq}:description"])
    assert lab.amina.event(done).fields["left"] == [f"{seq}:description"]
    assert lab.amina.event(received).fields["received_from"] is ERASED
    assert lab.verify().ok


def test_what_may_stay_is_approved_by_the_second_person(lab, received):
    seq, _digest = lab.attached(description=f"statement of another {NAME}")
    said = {"erased": ["received_from"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(received), content=said)
    with pytest.raises(RefusedError, match="AUTHORISATION-CONTENT"):
        lab.amina.erase(
            case="C1", event=received, authorisation=agreed, left=[f"{seq}:description"], **said
        )


def test_the_order_does_not_say_what_it_erases(lab, received):
    refused(lab, "reason of this event", received, "received_from", reason=f"to protect {NAME}")


def test_a_trial_looks_too(lab, received):
    seq, _digest = lab.attached(note=NAME)
    said = {"erased": ["received_from"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(received), content=said)
    with pytest.raises(RefusedError, match=f"{seq}:note"):
        lab.amina.erase(case="C1", event=received, authorisation=agreed, dry_run=True, **said)


def table_with_a_trace(path):
    """Return a connection and the salt of a deleted row that is still in the file.

    SQLite moves rows when it fills pages; ``secure_delete`` overwrites the last image of a row only.
    """
    for seed in range(40):
        draw = random.Random(seed)
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(
            "CREATE TABLE openings (seq INTEGER, name TEXT, salt BLOB, value TEXT, "
            "PRIMARY KEY (seq, name)) WITHOUT ROWID"
        )
        salts = {}
        for seq in range(150):
            connection.execute("BEGIN")
            for name in ("type", "actor", "occurred_at", "case", "description", "note"):
                salts[seq, name] = draw.randbytes(32)
                value = "v" * draw.randrange(10, 900)
                connection.execute(
                    "INSERT INTO openings VALUES (?, ?, ?, ?)", (seq, name, salts[seq, name], value)
                )
            connection.execute("COMMIT")
        gone = [salt for (seq, name), salt in salts.items() if name == "note" and seq % 3 == 0]
        connection.executemany("DELETE FROM openings WHERE salt = ?", [(salt,) for salt in gone])
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        data = path.read_bytes()
        if left := [salt for salt in gone if salt in data]:
            return connection, left
        connection.close()
    pytest.skip("this version of SQLite leaves no image of a row behind")


def test_images_that_sqlite_left_in_pages_are_removed(tmp_path):
    path = tmp_path / "a.db"
    connection, left = table_with_a_trace(path)
    with closing(connection):
        copies.purge(connection, path, left)
        data = path.read_bytes() + Path(f"{path}-wal").read_bytes()
        assert not any(salt in data for salt in left)
        assert connection.execute("SELECT count(*) FROM openings").fetchone() == (850,)


def test_what_is_erased_is_not_in_the_log_while_the_ledger_is_open(lab, received):
    with closing(sqlite3.connect(lab.path)) as connection:
        (salt,) = connection.execute(
            "SELECT salt FROM openings WHERE seq = ? AND name = 'received_from'", (received,)
        ).fetchone()
    lab.erased(received, "received_from")
    paths = [path for path in lab.folder.glob("laboratory.db*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in paths)
    data = b"".join(path.read_bytes() for path in paths)
    assert salt not in data and NAME.encode() not in data


def test_a_program_that_reads_stops_the_erasure_before_it_is_recorded(lab, received, monkeypatch):
    lab.amina.state  # noqa: B018
    with closing(sqlite3.connect(lab.path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM events").fetchone()
        lab.attached()
        said = {"erased": ["received_from"], "order": "O", "reason": "r"}
        agreed = lab.authorise("erase", subject=str(received), content=said)
        lab.amina._open_writer().execute("PRAGMA busy_timeout=50")
        size = lab.size
        erased = {"case": "C1", "event": received, "authorisation": agreed, **said}
        assert lab.amina.erase(**erased, dry_run=True).seq == size + 1  # a trial removes no bytes
        with pytest.raises(ForensicsError, match="nothing was recorded"):
            lab.amina.erase(case="C1", event=received, authorisation=agreed, **said)
        assert lab.size == size
    lab.amina.erase(case="C1", event=received, authorisation=agreed, **said)
    assert NAME.encode() not in bytes_of(lab)


def test_a_disk_without_room_stops_the_erasure_before_it_is_recorded(lab, received, monkeypatch):
    from types import SimpleNamespace

    size = lab.size
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ForensicsError, match="disk is full; nothing was recorded"):
        lab.erased(received, "received_from")
    assert lab.size == size + 1


def test_bytes_that_are_still_there_are_told(lab, received, monkeypatch):
    emptied = iter([True, False])
    monkeypatch.setattr(copies, "_empty_log", lambda _writer: next(emptied))
    with pytest.raises(ForensicsError, match=r"still in laboratory\.db"):
        lab.erased(received, "received_from")
    with open_ledger(lab.path) as ledger:
        assert ledger.event(received).fields["received_from"] is ERASED
    assert NAME.encode() not in bytes_of(lab)  # the last to close removed them


def test_erasures_of_before_are_replayed_as_they_were(lab, received, monkeypatch):
    """A ledger in which a copy was left still verifies; what it says was so."""
    _agreed, seq = lab.corrected(received, "received_from", NAME, "Officer Joan Roe")
    monkeypatch.setattr(appending, "check_no_copy_left", lambda *_: None)
    lab.erased(received, "received_from")
    assert lab.verify().ok
    with open_ledger(lab.path) as ledger:
        assert ledger.event(seq).fields["old"] == NAME


def test_an_erasure_after_which_the_ledger_cannot_be_replayed_is_not_recorded(
    lab, received, monkeypatch
):
    """Every rule takes an erased field; one that did not would lock the ledger for ever."""
    step = registry.step

    def strict(state, act):
        if ERASED in act.fields.values():
            raise refusal("FIELDS", "it was erased")
        step(state, act)

    said = {"erased": ["received_from"], "order": "O", "reason": "r"}
    agreed = lab.authorise("erase", subject=str(received), content=said)
    size = lab.size
    monkeypatch.setattr(registry, "step", strict)
    with pytest.raises(ForensicsError, match="an event is not valid"):
        lab.amina.erase(case="C1", event=received, authorisation=agreed, **said)
    monkeypatch.undo()
    assert lab.size == size and lab.verify().ok
    assert lab.amina.event(received).fields["received_from"] == NAME


def test_what_cannot_be_erased_is_named_with_what_can(lab, received):
    refused(lab, "these can: received_from, seizure_place, seizure_position.", received, "exhibits")
    refused(lab, "these can: none.", received, files=["0" * 64])


def test_an_event_that_is_not_there_is_named_with_its_case(lab):
    said = {"field": "x", "old": "a", "new": "b", "reason": "r", "authorisation": 1}
    for options, words in (
        ({"case": "C1"}, "C1 has no event 99."),
        ({}, "no case has no event 99."),
    ):
        with pytest.raises(RefusedError, match=words):
            lab.amina.correct(event=99, **options, **said)
