"""Verification of a ledger, one check at a time; what an attacker would do is in test_attacks."""

import shutil
import sys
from pathlib import Path

import pytest
from tampering import tampering

from forensics.core import children
from forensics.custody import signatures, verification, verify
from forensics.custody.heads import Fingerprint
from forensics.errors import VerificationError


def problems(report):
    return [str(problem) for problem in report.problems]


@pytest.fixture
def attached(lab):
    """Return the file of an event, and the number of that event."""
    seq, digest = lab.attached()
    path = lab.amina.files / digest
    lab.close()
    path.chmod(0o600)
    return path, seq


def test_an_order_that_was_changed_afterwards_erases_nothing_more(lab):
    received = lab.received
    order = lab.erased(received, "received_from")
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute(
            "UPDATE openings SET value = ? WHERE seq = ? AND name = 'erased'",
            ('["received_from","seizure_place"]', order),
        )
        connection.execute(
            "DELETE FROM openings WHERE seq = ? AND name = 'seizure_place'", (received,)
        )
    for name in ("received_from", "seizure_place"):
        said = f"event {order}: field {name} of event {received} was erased by no valid order"
        assert said in problems(lab.verify())


def test_a_missing_file_and_a_changed_one_are_told_apart(lab, attached):
    path, seq = attached
    path.write_bytes(b"another photograph, simulated")
    assert problems(lab.verify()) == [f"event {seq}: attached file {path.name} was changed"]
    path.unlink()
    assert problems(lab.verify()) == [f"event {seq}: attached file {path.name} is missing"]


def test_files_may_lie_in_another_folder_with_those_of_other_ledgers(lab, attached, tmp_path):
    path, _seq = attached
    copy = tmp_path / "copy.db"
    shutil.copy(lab.path, copy)
    (path.parent / "of another ledger").write_bytes(b"x")
    assert any("is missing" in what for what in problems(verify(copy)))
    report = verify(copy, files=path.parent)
    assert report.ok and report.files == 1 and not report.notes
    assert len(lab.verify().notes) == 1  # in its own folder it is strange


def test_all_events_of_an_open_ledger_are_checked_whatever_the_folder_of_its_files(lab):
    lab.attached()
    assert Path(f"{lab.path}-wal").stat().st_size  # not all is in the file itself
    assert verify(lab.path, files=lab.amina.files).size == lab.size


def test_what_is_more_than_a_ledger_is_told_and_the_rest_checked(lab):
    size = lab.size
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute("CREATE TABLE extra (x)")
        connection.execute("CREATE VIEW seen AS SELECT seq FROM events")
    report = lab.verify()
    assert not report.ok and report.size == size


def test_what_is_less_than_a_ledger_is_no_ledger(lab):
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute("DROP TABLE heads")
        connection.execute("CREATE TABLE heads (number, size, document)")
    report = lab.verify()
    assert "the tables are not those of a ledger; nothing else was checked" in problems(report)[-1]
    assert report.size == 0


def test_damage_that_sqlite_finds_is_told(lab, monkeypatch):
    size = lab.size
    monkeypatch.setattr(verification, "find_damage", lambda _reader: ["row 3 missing", "page 9"])
    report = lab.verify()
    assert problems(report) == ["The database file is damaged: row 3 missing; page 9"]
    assert report.size == size


def test_a_field_of_another_kind_than_its_table_holds_is_told_with_its_event(lab):
    """A file that is written byte by byte can hold in a column what SQLite would refuse."""
    size = lab.size
    lab.close()
    strict = ") STRICT, WITHOUT ROWID"
    for old, new, rows in (
        (strict, ") WITHOUT ROWID", ()),
        (None, None, [(size + 5, b"note", b"", ""), ("x", "note", b"", "")]),
        (") WITHOUT ROWID", strict, ()),
    ):
        with tampering(lab.path) as connection:
            connection.execute("PRAGMA writable_schema=ON")
            if old:
                connection.execute(
                    "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'openings'",
                    (old, new),
                )
            for row in rows:
                connection.execute("INSERT INTO openings VALUES (?, ?, ?, ?)", row)
    found = [one for one in lab.verify().problems if "not of the kind" in one.what]
    assert [one.seq for one in found] == [size + 5, size]


def test_progress_is_told_event_by_event(lab):
    seen, size = [], lab.size
    verify(lab.path, progress=seen.append)
    assert seen == list(range(1, size + 1))


def test_heads_of_every_form_are_compared(lab):
    signed = lab.amina.sign_head()
    early = lab.amina.tree().root(5)
    size = lab.size
    forms = [signed, lab.amina.head_file(signed), Fingerprint.of(5, early), lab.amina.fingerprint]
    report = verify(lab.path, forms)
    assert report.ok and report.heads == 5
    wrong = [Fingerprint.of(5, bytes(32)), Fingerprint.of(size + 1, bytes(32))]
    assert [what.partition(":")[0] for what in problems(verify(lab.path, wrong))] == [
        "fork",
        "rollback",
    ]


def test_a_head_of_few_events_does_not_cut_off_what_a_key_signed_in_time(lab):
    """A later time of it would end a key before what it signed last."""
    expires = lab.in_hours(1)
    lab.enrolled("femi", "custodian", "administrator", agency="x", key_expires=expires)
    size = lab.size

    def at(time):
        for ledger in lab._open.values():
            ledger.clock = lambda: time

    lab.femi.size  # noqa: B018  (opened)
    at(expires)
    recorded = lab.femi.case(case="C8")
    assert recorded.recorded_at == expires
    assert lab.amina.sign_head(size).head.time == expires
    at(expires[:-2] + "1Z")
    with pytest.raises(VerificationError, match="after the key .* expired; sign the head of all"):
        lab.amina.sign_head(size)
    assert lab.amina.sign_head().head.size == size + 1
    assert lab.verify().ok


@pytest.mark.parametrize("together, ends", [(1, False), (3, False), (1000, False), (3, True)])
def test_signatures_that_are_not_good_are_told_where_they_were_found(
    lab, monkeypatch, together, ends
):
    """They are checked after the events behind them, however many these are, and if the second process ends."""
    if ends:
        monkeypatch.setattr(children, "python", lambda code: [sys.executable, "-c", ""])
    lab.close()
    with tampering(lab.path) as connection:
        for seq in (3, 5):
            connection.execute("UPDATE events SET signature = zeroblob(64) WHERE seq = ?", (seq,))
        connection.execute("UPDATE openings SET value = '1' WHERE seq = 4 AND name = 'actor'")
    monkeypatch.setattr(signatures, "TOGETHER", together)
    found = lab.verify().problems
    assert [problem.seq for problem in found] == sorted(problem.seq for problem in found)
    unsigned = [problem.seq for problem in found if "signature is not of this" in problem.what]
    assert unsigned == [3, 5]
    of_third = [problem.what for problem in found if problem.seq == 3]
    assert [what.split()[1] for what in of_third] == ["stored", "signature"]


def test_of_signatures_that_are_not_good_the_first_thousand_problems_are_kept(lab, monkeypatch):
    lab.close()
    with tampering(lab.path) as connection:
        connection.execute("UPDATE events SET signature = zeroblob(64)")
        connection.execute("UPDATE openings SET value = '1' WHERE name = 'actor'")
    whole = lab.verify().problems
    for most in (1, 2, 5, 8):
        monkeypatch.setattr(verification, "MAX_PROBLEMS", most)
        assert lab.verify().problems == whole[:most]
