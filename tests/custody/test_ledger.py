"""A ledger that is written, read, copied and shared."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
import threading
import unicodedata
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from laboratory import C1, Laboratory
from patience import PATIENCE

from forensics.custody import PrivateKey, appending, create_ledger, open_ledger, storage, verify
from forensics.custody.canonical import canonical, weigh
from forensics.custody.keys import write_key
from forensics.custody.ledger import NewAct
from forensics.custody.storage import LEDGER_DATABASE
from forensics.custody.witnesses import read_head, witness_head, write_head
from forensics.errors import ForensicsError, InputError, RefusedError, UsageError, VerificationError
from forensics.store import connections


def test_what_is_added_is_read_back(lab):
    receipt = lab.amina.store(**C1, location="safe", note="deux étages plus bas")
    event = lab.bruno.event(receipt.seq)
    assert event.fields == receipt.fields
    assert event.fields["note"] == "deux étages plus bas"
    assert event.recorded_at == receipt.recorded_at
    assert event.key == lab.keys["amina"].id
    assert receipt.fingerprint == lab.bruno.fingerprint
    assert lab.bruno.state.things["C1/1"].location == "safe"


def test_a_story_of_every_kind_verifies(lab):
    lab.story()
    report = lab.verify()
    assert report.ok, report.problems
    assert report.size == lab.size and report.files == 3 and report.erased == 4
    assert not report.notes
    assert report.require() is report


def test_events_of_one_case_are_those_of_the_case(lab):
    assert {event.fields["case"] for event in lab.amina.events(case="C2")} == {"C2"}
    assert len(list(lab.amina.events(first=5))) == lab.size - 4


def test_a_type_is_a_method(lab):
    assert lab.amina.store(**C1, location="safe").seq == lab.size
    assert "receive" in dir(lab.amina)
    with pytest.raises(AttributeError):
        lab.amina.teleport  # noqa: B018


def test_decimals_and_tuples_are_taken_as_they_come(lab):
    lab.hand_over("amina", "bruno", "C1/1")
    found = lab.bruno.measure(
        case="C1", thing="C1/1", quantity=Decimal("130.40"), unit="g", gross=True
    )
    assert found.fields["quantity"] == "130.4"
    assert lab.bruno.offer(case="C1", things=("C1/1",), to="chen", deadline=lab.in_hours(1)).fields[
        "things"
    ] == ["C1/1"]


@pytest.mark.parametrize("value", [1.5, float("nan"), "\ud800", {1: 2}, {"a": [1.5]}])
def test_what_has_no_canonical_form_is_refused_and_leaves_nothing(lab, value):
    before = lab.size
    with pytest.raises(InputError):
        lab.hand_over("amina", "bruno", "C1/1")
        lab.bruno.finding(case="C1", thing="C1/1", kind="morphology", result=value)
    assert lab.size == before + 2 and lab.verify().ok


def test_text_is_put_into_one_unicode_form_at_the_door(lab):
    """é as one character or as e with an accent: a Mac and a PC type the same name differently."""
    decomposed, composed = "Se\u0301rie 7", "S\u00e9rie 7"
    lab.amina.case(case=decomposed, title="e\u0301")
    assert composed in lab.state.cases
    with pytest.raises(RefusedError, match="CASE-KNOWN"):
        lab.amina.case(case=composed)
    lab.hand_over("amina", "bruno", "C1/1")
    result = {"e\u0301": ["e\u0301", {"x": ("e\u0301", Decimal("1.50"))}]}
    found = lab.bruno.finding(case="C1", thing="C1/1", kind="morphology", result=result)
    assert found.fields["result"] == {"\u00e9": ["\u00e9", {"x": ["\u00e9", "1.5"]}]}
    assert lab.verify().ok


def test_an_event_is_not_longer_than_what_a_reader_can_be_asked_to_hold(lab):
    lab.hand_over("amina", "bruno", "C1/1")
    with pytest.raises(RefusedError, match="attach long"):
        lab.bruno.finding(case="C1", thing="C1/1", kind="morphology", result="x" * 5_000_000)


@pytest.mark.parametrize("number", [0, -1, 10**6, 2**63, -(2**70), "7", [7], True])
def test_an_authorisation_that_is_no_event_is_refused(lab, number):
    """One that SQLite cannot hold ended in an OverflowError."""
    size = lab.size
    said = {"field": "received_from", "old": "Officer Jane Roe", "new": "x", "reason": "r"}
    with pytest.raises(RefusedError, match="authorisation"):
        lab.amina.correct(case="C1", event=lab.received, **said, authorisation=number)
    assert lab.size == size


def test_the_fields_of_an_event_are_no_longer_in_sum_than_a_reader_holds(lab, monkeypatch):
    said = {"case": "C1", "description": "x", "attachments": [lab.photo()], "note": "y" * 4000}
    fields = lab.amina.attach(**said).fields
    weights = [weigh(canonical(value).decode()) for value in fields.values()]
    # The next number of the case has no more digits than this one.
    monkeypatch.setattr(appending, "MAX_EVENT_BYTES", sum(weights))
    size = lab.size
    assert lab.amina.attach(**said).seq == size + 1
    monkeypatch.setattr(appending, "MAX_EVENT_BYTES", sum(weights) - 1)
    with pytest.raises(RefusedError, match="The event is too long; attach"):
        lab.amina.attach(**said)
    assert lab.size == size + 1 and lab.verify().ok


def test_a_dry_run_says_what_would_happen_and_records_nothing(lab):
    before, print_before = lab.size, lab.amina.fingerprint
    receipt = lab.amina.offer(
        **C1, to="bruno", deadline=lab.in_hours(1), seals=["other"], dry_run=True,
        attachments=[lab.photo()],
    )  # fmt: skip
    assert receipt.seq == before + 1 and receipt.fingerprint is None
    assert [flag.code for flag in receipt.flags] == ["SEAL-MISMATCH"]
    assert lab.size == before and lab.amina.fingerprint == print_before
    assert not list(lab.amina.files.iterdir())
    with pytest.raises(RefusedError):
        lab.amina.offer(**C1, to="amina", deadline=lab.in_hours(1), dry_run=True)
    lab.amina.offer(**C1, to="bruno", deadline=lab.in_hours(1))


def test_a_key_file_is_opened_when_it_is_needed(lab, tmp_path):
    path = tmp_path / "amina.key"
    asked = []

    def passphrase():
        asked.append(1)
        return "correct horse battery"

    write_key(path, lab.keys["amina"], passphrase)
    asked.clear()
    with open_ledger(lab.path, key=path, passphrase=passphrase, clock=lab.clock) as ledger:
        assert ledger.size and not asked
        ledger.store(**C1, location="safe")
        ledger.retrieve(**C1)
        assert len(asked) == 1
    with open_ledger(lab.path, key=path, passphrase=lambda: "wrong horse battery") as ledger:
        with pytest.raises(VerificationError):
            ledger.store(**C1, location="safe")


def test_without_a_key_a_ledger_is_read_only(lab):
    with open_ledger(lab.path) as ledger:
        with pytest.raises(UsageError, match="without a key"):
            ledger.case(case="C3")
    with open_ledger(lab.path, key="some.key") as ledger:
        with pytest.raises(UsageError, match="No passphrase"):
            ledger.case(case="C3")


# -- making one -------------------------------------------------------------------------


def founding(path, **options):
    arguments = {
        "key": PrivateKey.generate(),
        "laboratory": "L",
        "person": "a",
        "name": "A",
        "roles": ["administrator"],
    }
    return create_ledger(path, **{**arguments, **options})


def test_a_new_ledger_has_one_event_and_nothing_beside_it(tmp_path):
    with founding(tmp_path / "x.db", policy={"use_share": "0.4"}) as ledger:
        assert ledger.size == 1
        assert ledger.state.policy["use_share"] == "0.4"
        assert ledger.state.policy["keep_share"] == "0.25"
    assert [path.name for path in tmp_path.iterdir()] == ["x.db"]
    assert verify(tmp_path / "x.db").ok


@pytest.mark.parametrize(
    "options, error",
    [
        ({"roles": ["analyst"]}, "LAST-KEY"),
        ({"policy": {"use_share": "1.5"}}, "at most 1"),
        ({"policy": {"colour": "red"}}, "FIELDS"),
        ({"name": ""}, "FIELDS"),
    ],
)
def test_a_beginning_that_is_refused_leaves_nothing(tmp_path, options, error):
    with pytest.raises(RefusedError, match=error):
        founding(tmp_path / "x.db", **options)
    assert not list(tmp_path.iterdir())


def test_no_ledger_is_overwritten(tmp_path):
    (tmp_path / "x.db").write_text("something")
    with pytest.raises(UsageError, match="already exists"):
        founding(tmp_path / "x.db")
    assert (tmp_path / "x.db").read_text() == "something"


def test_a_ledger_that_is_not_there_is_told(tmp_path):
    for act in (open_ledger, verify):
        with pytest.raises(InputError, match="No ledger exists here"):
            act(tmp_path / "x.db")


def test_a_database_of_something_else_is_told(tmp_path):
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(VerificationError, match="not a ledger of custody"):
        open_ledger(tmp_path / "x.db")
    assert not verify(tmp_path / "x.db").ok


# -- attachments ------------------------------------------------------------------------


def test_attachments_lie_beside_the_ledger_by_their_hash(lab):
    photo = lab.photo("écaille.jpg", b"scales")
    receipt = lab.amina.attach(case="C1", description="scales", attachments=[photo, photo])
    (entry,) = receipt.fields["attachments"]
    assert entry["name"].endswith(unicodedata.normalize("NFC", "écaille.jpg"))
    assert entry["size"] == 6 and entry["media_type"] == "image/jpeg"
    assert (lab.amina.files / entry["sha256"]).read_bytes() == b"scales"
    photo.write_bytes(b"changed later")
    assert lab.verify().ok
    lab.amina.attach(case="C1", description="again", attachments=[lab.photo("b", b"scales")])
    assert len(list(lab.amina.files.iterdir())) == 1


def test_an_open_ledger_stays_where_it_is(lab, monkeypatch, tmp_path):
    monkeypatch.chdir(lab.folder)
    with open_ledger("laboratory.db", key=lab.keys["amina"]) as ledger:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        ledger.attach(case="C1", description="scales", attachments=[lab.photo("a", b"scales")])
    assert not list(Path().iterdir()) and lab.verify().ok


def test_the_file_is_there_before_the_event(lab, monkeypatch):
    seen = []
    keep = appending.storage.keep

    def watched(*given):
        keep(*given)
        with open_ledger(lab.path) as reader:  # as others see it
            seen.append((reader.size, sorted(path.name for path in lab.amina.files.iterdir())))

    monkeypatch.setattr(appending.storage, "keep", watched)
    before = lab.size
    receipt = lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    assert seen == [(before, [receipt.fields["attachments"][0]["sha256"]])]
    assert lab.size == before + 1


@pytest.mark.parametrize("name", ["missing.jpg", ""])
def test_a_file_that_is_not_there_is_told(lab, tmp_path, name):
    with pytest.raises(InputError, match="does not exist"):
        lab.amina.attach(case="C1", description="x", attachments=[lab.photo(), tmp_path / name])
    assert not lab.amina.files.exists() or not list(lab.amina.files.iterdir())


def test_an_empty_file_is_refused(lab):
    with pytest.raises(InputError, match="empty"):
        lab.amina.attach(case="C1", description="x", attachments=[lab.photo("a.jpg", b"")])


def test_a_file_without_event_is_a_note(lab):
    lab.amina.files.mkdir()
    (lab.amina.files / "stray").write_text("x")
    report = lab.verify()
    assert report.ok and "attached to no event" in report.notes[0]


# -- what can go wrong when writing --------------------------------------------------------


def test_a_full_disk_is_told_and_nothing_is_half_written(lab):
    before = lab.size
    lab.amina.case(case="C3")
    writer = lab.amina._open_writer()
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(ForensicsError, match="disk is full"):
        for number in range(200):
            lab.amina.case(case=f"D{number}", title="x" * 400)
    assert not writer.in_transaction
    writer.execute("PRAGMA max_page_count=1000000")
    size = lab.size
    assert size > before and lab.verify().ok
    assert lab.amina.case(case="later").seq == size + 1  # goes on where it was


def test_no_room_for_a_file_is_told_and_nothing_is_left(lab, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    before = lab.size
    with pytest.raises(ForensicsError, match="No space left"):
        lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    monkeypatch.undo()
    assert lab.size == before and not list(lab.amina.files.iterdir())
    assert lab.amina.case(case="later").seq == before + 1  # the state is not ahead of the file


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="whoever may write everywhere is not stopped by permissions",
)
def test_a_folder_that_cannot_be_written_is_told(lab):
    lab.close()
    lab.folder.chmod(0o500)
    lab.path.chmod(0o400)
    try:
        assert lab.verify().ok
        with pytest.raises(ForensicsError, match="cannot be written"):
            lab.amina.case(case="C3")
    finally:
        lab.folder.chmod(0o700)
        lab.path.chmod(0o600)


def test_a_disk_that_is_read_only_is_told(lab, monkeypatch):
    """As SQLite says it on a disk that was mounted read-only."""

    def open_read_only(path, kind):
        connections.open_writer(path, kind).close()
        return connections._connect(path, "ro")

    monkeypatch.setattr(appending, "open_writer", open_read_only)
    with pytest.raises(ForensicsError, match="cannot be written"):
        lab.amina.case(case="C3")
    monkeypatch.undo()
    assert lab.verify().ok


def test_an_error_in_the_middle_leaves_the_state_as_it_is_in_the_file(lab, monkeypatch):
    insert = appending._insert

    def broken(*given):
        insert(*given)
        raise RuntimeError("power")

    monkeypatch.setattr(appending, "_insert", broken)
    before = lab.size
    with pytest.raises(RuntimeError):
        lab.amina.store(**C1, location="safe")
    monkeypatch.undo()
    assert lab.size == before
    assert lab.amina.state.things["C1/1"].holder == "amina"
    assert lab.amina.store(**C1, location="safe").seq == before + 1


def test_a_writer_waits_for_another_and_gives_up_in_the_end(lab, monkeypatch):
    monkeypatch.setattr(connections, "LOCK_SECONDS", 0.2)
    with connections.write_lock(lab.path, LEDGER_DATABASE):
        found = []

        def other():
            try:
                with open_ledger(lab.path, key=lab.keys["bruno"]) as ledger:
                    ledger.attach(case="C1", description="x", attachments=[lab.photo()])
            except ForensicsError as error:
                found.append(str(error))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(PATIENCE)
    assert "another program has been writing" in found[0]


WRITER = """
import sys, time
from forensics.custody import PrivateKey, open_ledger
key = PrivateKey(bytes.fromhex(sys.argv[2]))
worst = 0
with open_ledger(sys.argv[1], key=key) as ledger:
    for number in range(int(sys.argv[4])):
        begin = time.perf_counter()
        ledger.competence(
            person="amina", competence=f"{sys.argv[3]}-{number}",
            valid_from="2026-01-01T00:00:00.000000Z", valid_until="2027-01-01T00:00:00.000000Z",
        )
        worst = max(worst, time.perf_counter() - begin)
print(worst)
"""


def test_four_writers_lose_nothing_and_none_waits_long(lab):
    lab.close()
    before = lab.size
    seed = lab.keys["amina"]._key.private_bytes_raw().hex()
    longest = []
    # A busy machine may stop a process for longer than that, but hardly ten times in a row.
    while not longest or (min(longest) >= 2 and len(longest) < 10):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, lab.path, seed, f"{len(longest)}{number}", "15"],
                stdout=subprocess.PIPE,
            )
            for number in range(4)
        ]
        longest.append(max(float(writer.communicate(timeout=PATIENCE)[0]) for writer in writers))
        assert lab.size == before + 60 * len(longest)
        assert lab.verify().ok
    assert min(longest) < 2


def test_threads_of_one_program_take_turns(lab):
    before = lab.size

    def work(number):
        with open_ledger(lab.path, key=lab.keys["amina"]) as ledger:
            for case in range(5):
                ledger.case(case=f"T{number}-{case}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert lab.size == before + 15 and lab.verify().ok


# -- heads and copies -------------------------------------------------------------------


def test_a_witness_signs_what_grows_and_the_ledger_keeps_it(lab, tmp_path):
    court = PrivateKey.generate()
    seen = []
    for number in range(2):
        lab.amina.case(case=f"W{number}")
        signed = lab.amina.sign_head()
        write_head(tmp_path / "head", lab.amina.head_file(signed))
        countersigned = witness_head(read_head(tmp_path / "head"), seen, court, name="Court")
        seen.append(countersigned)
        lab.amina.keep_head(countersigned)
    assert [kept.witness is not None for kept in lab.bruno.heads()] == [False, True, False, True]
    assert seen[1].witness.seen == seen[0].head.size
    report = verify(lab.path, seen)
    assert report.ok and report.heads == 6


def test_a_head_of_another_history_is_not_kept(lab, tmp_path):
    other = lab.copy(tmp_path / "fork")
    other.amina.case(case="X")
    lab.amina.case(case="Y")
    signed = other.amina.sign_head()
    other.close()
    with pytest.raises(VerificationError, match="fork: the head .* is not of this history"):
        lab.amina.keep_head(signed)
    lab.amina.case(case="Z")
    assert "fork" in str(lab.verify(signed).first)
    (tmp_path / "third").mkdir()
    third = Laboratory.founded(tmp_path / "third")
    head = third.amina.sign_head()
    third.close()
    with pytest.raises(VerificationError, match="the head is of another ledger"):
        lab.amina.keep_head(head)


def test_a_backup_is_whole_and_verified(lab, tmp_path):
    lab.story()
    lab.amina.backup(tmp_path / "copy.db")
    report = verify(tmp_path / "copy.db", [lab.amina.sign_head()])
    assert report.ok and report.files == 3
    with pytest.raises(UsageError, match="already exists"):
        lab.amina.backup(tmp_path / "copy.db")
    with pytest.raises(UsageError, match="already exists"):
        (tmp_path / "other.db.files").mkdir()
        lab.amina.backup(tmp_path / "other.db")


def test_a_backup_of_a_damaged_ledger_says_so(lab, tmp_path):
    _seq, digest = lab.attached()
    (lab.amina.files / digest).write_bytes(b"y")
    with pytest.raises(VerificationError, match="was changed"):
        lab.amina.backup(tmp_path / "copy.db")


def test_views_say_what_the_events_say(lab):
    lab.story()
    with closing(sqlite3.connect(lab.path)) as connection:
        connection.row_factory = sqlite3.Row
        exhibits = [dict(row) for row in connection.execute("SELECT * FROM exhibits")]
        assert exhibits[0]["exhibit"] == "C1/1" and exhibits[0]["quantity"] == "120.5"
        assert json.loads(exhibits[0]["seals"]) == ["A1", "A2"]
        (sample,) = connection.execute("SELECT * FROM samples").fetchall()
        assert sample["sample"] == "S1" and sample["taken_from"] == "C1/1"
        (finding,) = connection.execute("SELECT * FROM findings").fetchall()
        assert json.loads(finding["result"])["taxon"] == "Ceratotherium simum"
        assert len(connection.execute("SELECT * FROM log").fetchall()) == lab.size
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='view'")
        ]
        for name in names:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] or name in (
                "controls", "discrepancies",
            )  # fmt: skip


# -- what an act costs ------------------------------------------------------------------


def _work(ledger, connections_, act):
    """Return the steps of SQLite and the calls of functions that an act takes."""
    counts = Counter()
    for connection in connections_:
        connection.set_progress_handler(lambda: counts.update(["steps"]), 1)
    sys.setprofile(lambda _frame, event, _what: counts.update([event]))
    try:
        act(ledger)
    finally:
        sys.setprofile(None)
        for connection in connections_:
            connection.set_progress_handler(None, 1)
    return counts


def test_an_act_costs_the_same_in_a_long_case(lab):
    """Also one about a run on which cases rest, among many cases and runs."""
    acts = {
        "case": lambda ledger: ledger.attach(case="C1", description="x", attachments=[photo]),
        "run": lambda ledger: ledger.control(run="R0", control="NTC", result="passed"),
    }
    photo = lab.photo()
    lab.sampled()
    lab.run("R0")
    ledger = lab.bruno
    found = []
    for number in (0, 1):
        ledger.add_all(
            [
                NewAct(kind, fields)
                for one in range(300 * number)
                for kind, fields in (
                    ("discrepancy", {"case": "C1", "kind": "other", "description": "smudged"}),
                    ("run", {"run": f"R1-{one}", "kind": "other"}),
                )
            ]
        )
        with closing(open_ledger(lab.path, key=lab.keys["amina"])) as other:
            other.add_all([NewAct("case", {"case": f"N{one}"}) for one in range(300 * number)])
        for act in acts.values():
            act(ledger)
        opened = (ledger._database, ledger._writer)
        found.append({name: _work(ledger, opened, act) for name, act in acts.items()})
    short, long = found
    for name in acts:
        for kind, count in long[name].items():
            assert count <= 1.05 * short[name][kind] + 20, (name, kind, count, short[name][kind])
