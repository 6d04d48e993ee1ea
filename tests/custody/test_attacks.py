"""Whatever is changed in a ledger by whoever can write the file is found and named."""

import functools
import json
import os
import random
import re
import shutil
import sqlite3
import time
import unicodedata
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
from laboratory import Laboratory, row
from tampering import tampering

from forensics.custody import PrivateKey, appending, open_ledger, ordinals, verification, verify
from forensics.custody import reader as reader_module
from forensics.custody.canonical import canonical
from forensics.custody.disclosure import NEVER_WITHHELD, Withheld, disclose_case
from forensics.custody.heads import Fingerprint, sign_head
from forensics.custody.proofs import Opening
from forensics.custody.rules import Act
from forensics.custody.storage import LEDGER_DATABASE, StoredEvent, files_folder, seal_event
from forensics.custody.verification import _Verification
from forensics.errors import ForensicsError, RefusedError, UsageError, VerificationError
from forensics.io.files import sha256
from forensics.store.connections import open_memory, open_writer
from forensics.store.schema import create_schema


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("told") / "lab"
    folder.mkdir()
    lab = Laboratory.founded(folder)
    lab.story()
    lab.numbers = {}
    for event in lab.amina.events():
        lab.numbers.setdefault(event.type, event.seq)
        if event.type == "erase":
            lab.erasures[event.seq] = event.fields["event"]
    lab.close()
    assert lab.verify().ok
    return lab


@pytest.fixture
def lab(told, tmp_path):
    lab = told.copy(tmp_path / "lab")
    yield lab
    lab.close()


def kept_head(lab):
    """The head that a witness has on its stick, of the whole ledger."""
    with open_ledger(lab.path) as ledger:
        return ledger.heads()[-1]


def rechained(connection, lab, seq):
    """Write events from `seq` on anew, so that hashes and `previous` fit: all but the keys."""
    row = connection.execute("SELECT hash FROM events WHERE seq = ?", (seq - 1,)).fetchone()
    previous = row[0]
    for number, envelope, signature in connection.execute(
        "SELECT seq, envelope, signature FROM events WHERE seq >= ? ORDER BY seq", (seq,)
    ).fetchall():
        found = json.loads(envelope)
        found["previous"], found["seq"] = previous.hex(), number
        event = StoredEvent(canonical(found), signature, ())
        connection.execute(
            "UPDATE events SET envelope = ?, hash = ? WHERE seq = ?",
            (event.envelope.decode(), event.hash, number),
        )
        previous = event.hash


def forced(lab, person, recorded_at=None, previous=None, **fields):
    """Write an event with a good signature and chain, as software that knows no rules would.

    With `previous` it names that hash as the one of the event before it.
    """
    ledger = lab.as_(person)
    ledger.state  # noqa: B018
    recorded_at = recorded_at or lab.clock()
    fields = {"actor": person, "occurred_at": recorded_at, **fields}
    state = ledger._state
    act = Act(state.seq + 1, state.ledger, "", recorded_at, fields, lambda seq: None)
    ordinals.assign(state, act)  # so that nothing else is wrong
    openings = [Opening(name, value) for name, value in fields.items()]
    event = seal_event(
        openings, lab.keys[person], ledger=ledger.state.ledger, seq=ledger._state.seq + 1,
        previous=previous or ledger._last, recorded_at=recorded_at,
    )  # fmt: skip
    with closing(open_writer(lab.path, LEDGER_DATABASE)) as writer:
        appending._insert(writer, ledger._state.seq + 1, event)
    return ledger._state.seq + 1


# -- any byte ---------------------------------------------------------------------------


def mutate(value, draw):
    """Return `value` with one byte, character or digit changed."""
    if isinstance(value, int):
        return value + draw.choice([-1, 1, 1000, 2**40])
    place = draw.randrange(len(value))
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ (1 << draw.randrange(8))]) + value[place + 1 :]
    other = draw.choice([c for c in 'abc0129 "{}[]:,é\u0000' if c != value[place]])
    return value[:place] + other + value[place + 1 :]


TABLES = {
    "events": ("seq", "envelope", "signature", "hash"),
    "openings": ("seq", "name", "salt", "value"),
    "heads": ("number", "size", "document"),
}


def mutate_row(lab, table, draw):
    """Change one value of one row; return what a report must name."""
    with tampering(lab.path) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        columns = TABLES[table]
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
        while True:
            row, column = draw.choice(rows), draw.choice(columns)
            old = row[columns.index(column)]
            new = mutate(old, draw)
            where = " AND ".join(f"{name} = ?" for name in columns[:2])
            try:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {where}", (new, *row[:2])
                )
            except sqlite3.IntegrityError:
                continue  # the number is taken; another change
            break
    if table == "heads":
        return {0}, f"{table}.{column}"
    expected = {row[0], new} if column == "seq" else {row[0]}
    if row[0] in lab.erasures:
        # Without its order, what it erased is missing, in an event before it.
        expected.add(lab.erasures[row[0]])
    return expected, f"{table}.{column}"


def check_mutations(told, folder, seed, number):
    draw = random.Random(seed)
    head = kept_head(told)
    attached = sorted(files_folder(told.path).iterdir())
    for case in range(number):
        lab = told.copy(folder / "lab")
        kind = draw.choice(["events", "openings", "openings", "heads", "file"])
        if kind == "file":
            path = files_folder(lab.path) / draw.choice(attached).name
            path.write_bytes(mutate(path.read_bytes(), draw))
            with open_ledger(lab.path) as ledger:
                named = [
                    event.seq
                    for event in ledger.events()
                    for one in event.fields.get("attachments", ())
                    if one["sha256"] == path.name
                ]
            expected, what = {named[0]}, "file"
        else:
            expected, what = mutate_row(lab, kind, draw)
        report = verify(lab.path, [head])
        assert not report.ok, (case, what)
        assert report.first.seq in expected or report.first.seq == 0, (case, what, report.first)
        if kind in ("events", "openings", "file"):
            assert any(one.seq in expected for one in report.problems), (case, what, expected)
        if kind == "heads":
            assert re.search(r"head \d+ in the ledger", str(report.first)), (what, report.first)
        shutil.rmtree(lab.folder)


@pytest.mark.slow
def test_any_byte_of_any_row_and_attachment(told, tmp_path):
    check_mutations(told, tmp_path, seed=6, number=150)


def check_raw_bytes(told, folder, seed, number):
    """Change bytes of the file itself, below SQLite: nothing that is said changes unseen."""
    draw = random.Random(seed)
    head = kept_head(told)
    with closing(sqlite3.connect(told.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open_ledger(told.path) as ledger:
        events, views = list(ledger.events()), list(ledger.stored_events())
    data = told.path.read_bytes()
    path = folder / "raw.db"
    shutil.copytree(files_folder(told.path), files_folder(path))
    found = 0
    for _case in range(number):
        place = draw.randrange(len(data))
        changed = bytes([data[place] ^ (1 << draw.randrange(8))])
        path.write_bytes(data[:place] + changed + data[place + 1 :])
        report = verify(path, [head])
        try:
            with open_ledger(path) as ledger:
                same = list(ledger.events()) == events and list(ledger.stored_events()) == views
        except ForensicsError:
            same = False
        found += not report.ok
        assert same or not report.ok, place  # a byte between the rows says nothing
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
    return found


def test_any_byte_of_the_file_itself(told, tmp_path):
    assert check_raw_bytes(told, tmp_path, seed=7, number=30) > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_thousand_bytes_of_the_file_itself(told, tmp_path, seed):
    assert check_raw_bytes(told, tmp_path, seed=200 + seed, number=250) > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_two_thousand_bytes(told, tmp_path, seed):
    check_mutations(told, tmp_path, seed=100 + seed, number=550)


# -- attacks with a plan ----------------------------------------------------------------

ATTACKS = {}


def attack(act):
    ATTACKS[act.__name__] = act
    return act


def nested(depth):
    return "[" * depth + "]" * depth


NAMES = [f"{number:08x}" for number in range(33_000)]
TWICE = "{" + ",".join(f'"{name}":0' for name in [*NAMES, NAMES[-1]]) + "}"
MANY = "[" + "[]," * 2_500_000 + "0]"
KEPT = "INSERT INTO heads SELECT max(number) + 1, ?, ? FROM heads"

# The event that a report must name, and what is done to the file.
TAMPERED = {
    "an_event_deleted_from_the_middle": (
        10, "DELETE FROM events WHERE seq = 9", "DELETE FROM openings WHERE seq = 9"),
    "a_field_added": (4, "INSERT INTO openings VALUES (4, 'note', zeroblob(32), '\"x\"')"),
    "the_last_events_dropped": (
        0, "DELETE FROM heads WHERE number > 1",
        "DELETE FROM events WHERE seq > (SELECT max(seq) - 3 FROM events)",
        "DELETE FROM openings WHERE seq > (SELECT max(seq) FROM events)"),
    "a_view_replaced": (
        0, "DROP VIEW exhibits",
        "CREATE VIEW exhibits AS SELECT 1 AS seq, 'feather' AS description"),
    "a_table_added": (0, "CREATE TABLE notes (x)"),
    "a_kept_head_of_the_ledger_changed": (
        0, "UPDATE heads SET document = replace(document, '\"root\":\"', '\"root\":\"0')"),
    "a_trigger_named_like_statistics": (
        0, "PRAGMA writable_schema=ON",
        "INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_stat_x', 'openings', 0, 'CREATE "
        "TRIGGER sqlite_stat_x BEFORE INSERT ON openings BEGIN SELECT RAISE(IGNORE); END')"),
    "an_envelope_that_is_nested_deeply": (
        5, f"UPDATE events SET envelope = '{nested(100_000)}' WHERE seq = 5"),
    # This took 88 s: each key was compared with each other.
    "a_head_of_half_a_megabyte_with_a_key_given_twice": (0, (KEPT, (5, TWICE))),
    "a_head_of_a_million_values": (0, (KEPT, (5, MANY))),
}  # fmt: skip


def tampered(lab, expected, *statements):
    with tampering(lab.path) as connection:
        for one in statements:
            connection.execute(*([one] if isinstance(one, str) else one))
    return expected


for _name, _given in TAMPERED.items():
    ATTACKS[_name] = functools.partial(lambda lab, given: tampered(lab, *given), given=_given)


@attack
def a_signature_of_another_event(lab):
    with tampering(lab.path) as connection:
        connection.execute(
            "UPDATE events SET signature = (SELECT signature FROM events WHERE seq = 4) "
            "WHERE seq = 6"
        )
        rechained(connection, lab, 6)
    return 6


@attack
def a_value_with_its_commitment(lab):
    seq = lab.numbers["receive"]
    with tampering(lab.path) as connection:
        value, salt = connection.execute(
            "SELECT value, salt FROM openings WHERE seq = ? AND name = 'exhibits'", (seq,)
        ).fetchone()
        value = value.replace("120.5", "100.5")
        (envelope,) = connection.execute(
            "SELECT envelope FROM events WHERE seq = ?", (seq,)
        ).fetchone()
        found = json.loads(envelope)
        found["fields"]["exhibits"] = Opening("exhibits", json.loads(value), salt).commitment
        connection.execute(
            "UPDATE openings SET value = ? WHERE seq = ? AND name = 'exhibits'", (value, seq)
        )
        connection.execute(
            "UPDATE events SET envelope = ? WHERE seq = ?", (canonical(found).decode(), seq)
        )
        rechained(connection, lab, seq)
    return seq


@attack
def a_value_without_its_commitment(lab):
    seq = lab.numbers["receive"]
    change = "UPDATE openings SET value = replace(value, '120.5', '100.5') WHERE seq = ? AND name = 'exhibits'"
    return tampered(lab, seq, (change, (seq,)))


@attack
def an_event_deleted_and_the_rest_renumbered(lab):
    with tampering(lab.path) as connection:
        for table in ("events", "openings"):
            connection.execute(f"DELETE FROM {table} WHERE seq = 9")
            for seq in range(10, 60):
                connection.execute(f"UPDATE {table} SET seq = seq - 1 WHERE seq = ?", (seq,))
        rechained(connection, lab, 9)
    return 9


@attack
def two_events_in_another_order(lab):
    with tampering(lab.path) as connection:
        for table in ("events", "openings"):
            for old, new in ((8, 1000), (9, 8), (1000, 9)):
                connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))
        rechained(connection, lab, 8)
    return 8


@attack
def events_of_another_ledger(lab):
    (lab.folder.parent / "other").mkdir()
    other = Laboratory.founded(lab.folder.parent / "other")
    other.close()
    with tampering(lab.path) as connection:
        connection.execute("ATTACH ? AS other", (str(other.path),))
        for table in ("events", "openings"):
            connection.execute(f"DELETE FROM {table} WHERE seq IN (5, 6)")
            connection.execute(
                f"INSERT INTO {table} SELECT * FROM other.{table} WHERE seq IN (5, 6)"
            )
        rechained(connection, lab, 5)
        connection.execute("DETACH other")
    return 5


@attack
def a_field_deleted_without_an_order(lab):
    seq = lab.numbers["case"]
    return tampered(lab, seq, ("DELETE FROM openings WHERE seq = ? AND name = 'title'", (seq,)))


@attack
def an_erased_field_brought_back(lab):
    back = (lab.numbers["receive"], "received_from", bytes(32), '"Officer X"')
    return tampered(lab, back[0], ("INSERT INTO openings VALUES (?, ?, ?, ?)", back))


@attack
def an_erased_field_brought_back_from_a_backup(lab):
    back = lab.erased_row
    return tampered(lab, back[0], ("INSERT INTO openings VALUES (?, ?, ?, ?)", back))


def attachment_of(lab):
    """Return an attached file, and the number of its event."""
    path = min(files_folder(lab.path).iterdir())
    with open_ledger(lab.path) as ledger:
        return path, next(
            event.seq
            for event in ledger.events()
            if path.name in str(event.fields.get("attachments"))
        )


@attack
def a_pipe_in_the_place_of_an_attachment(lab):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in folders here")
    path, seq = attachment_of(lab)
    path.unlink()
    os.mkfifo(path)
    return seq


@attack
def a_sparse_file_of_a_terabyte_in_the_place_of_an_attachment(lab):
    path, seq = attachment_of(lab)
    with path.open("r+b") as stream:
        try:
            stream.truncate(2**40)
        except OSError:
            pytest.skip("no file can be so long here")
    return seq


@attack
def a_history_written_anew_with_the_right_keys(lab):
    """Who has all keys can write another history; only a head that was kept shows it."""
    with tampering(lab.path) as connection:
        connection.execute("DELETE FROM heads")
        for table in ("events", "openings"):
            connection.execute(f"DELETE FROM {table} WHERE seq > ?", (kept_size[0] - 3,))
    with open_ledger(lab.path) as ledger:
        size = ledger.size
    while size < kept_size[0]:
        size, _digest = lab.attached()
    return 0


kept_size = [0]


@attack
def a_trigger_dropped(lab):
    with closing(sqlite3.connect(lab.path)) as connection:
        connection.execute("DROP TRIGGER events_delete")
        connection.commit()
    return 0


@attack
def a_key_before_its_enrolment(lab):
    lab.keys["eve"] = PrivateKey.generate()
    return forced(lab, "eve", type="case", case="C77")


ATTACHED = {"type": "attach", "case": "C1", "description": "x", "attachments": []}


def kept_by_force(lab, person, **options):
    now = verify(lab.path)
    root = bytes.fromhex(now.root)
    signed = sign_head(lab.keys[person], ledger=now.ledger, size=now.size, root=root, **options)
    return tampered(lab, 0, (KEPT, (now.size, canonical(signed.to_dict()).decode())))


@attack
def a_head_signed_after_the_key_was_revoked(lab):
    lab.amina.revoke(person="bruno", reason="left")
    return kept_by_force(lab, "bruno")


@attack
def a_head_dated_back(lab):
    return kept_by_force(lab, "amina", time="2020-01-01T00:00:00.000000Z")


@attack
def an_expired_key_with_the_clock_set_back_after_a_head(lab):
    lab.enrolled("femi", "custodian", key_expires=lab.in_hours(1))
    lab.clock.forward(hours=2)
    lab.amina.sign_head()
    return forced(lab, "femi", lab.in_hours(-1.5), type="case", case="C4")


def disclosed(lab):
    path = lab.folder.parent / f"{lab.folder.name}.zip"
    return disclose_case(lab.amina, "C1", path, recipient="x")[1].seq


@attack
def a_disclosed_head_deleted(lab):
    seq = disclosed(lab)
    lab.close()
    return tampered(lab, seq, "DELETE FROM heads WHERE number > 1")


@attack
def a_field_ledger_that_names_itself(lab):
    copy = "ab" * 32
    kept = {"sha256": copy, "name": "field.db", "size": 1, "media_type": "a/b"}
    exhibit = {"exhibit": "F1", "description": "x"}
    seq = forced(
        lab, "amina", type="merge", case="C1", exhibits=[exhibit], field_ledger="0" * 32, size=1,
        root="cd" * 32, copy=copy, attachments=[kept],
    )  # fmt: skip
    tampered(lab, seq)  # what was forced goes into the file
    shutil.copy(lab.path, files_folder(lab.path) / copy)
    return seq


def value_replaced(lab, seq, name, text):
    lab.close()
    change = "UPDATE openings SET value = ? WHERE seq = ? AND name = ?"
    return tampered(lab, seq, (change, (text, seq, name)))


@attack
def a_list_of_erased_fields_that_is_nested_deeply(lab):
    erasure, target = max(lab.erasures.items())
    value_replaced(lab, erasure, "erased", nested(100_000))
    return target  # whose field is missing without its order


@attack
def an_erased_field_of_a_nested_name(lab):
    erasure, target = max(lab.erasures.items())
    value_replaced(lab, erasure, "erased", nested(20))
    return target


@attack
def a_root_of_a_disclosure_that_is_nested_deeply(lab):
    return value_replaced(lab, disclosed(lab), "root", nested(100_000))


@attack
def handed_to_oneself(lab):
    given = {"things": ["C2/1"], "to": "amina", "deadline": lab.in_hours(1)}
    return forced(lab, "amina", type="offer", case="C2", **given)


@attack
def more_consumed_than_there_was(lab):
    given = {"thing": "S1", "quantity": "11", "unit": "g", "used_for": "x"}
    return forced(lab, "bruno", type="consume", case="C1", **given)


@attack
def an_erasure_without_a_second_person(lab):
    seq = lab.numbers["case"]
    given = {"event": seq, "erased": ["title"], "order": "none", "reason": "x"}
    number = forced(lab, "amina", type="erase", case="C1", **given)
    with closing(sqlite3.connect(lab.path)) as connection:
        # The trigger believes the event; verification does not.
        connection.execute("DELETE FROM openings WHERE seq = ? AND name = 'title'", (seq,))
        connection.commit()
    return number


def carried_out(name, lab):
    """Carry out an attack; return the report and the event that it must name."""
    head = kept_head(lab)
    kept_size[0] = head.head.size
    expected = ATTACKS[name](lab)
    before = bytes_beside(lab)
    start = time.process_time()
    report = verify(lab.path, [head])
    assert time.process_time() - start < 20
    assert bytes_beside(lab) == before, "what is verified was changed"
    return report, expected


def bytes_beside(lab):
    """Return the bytes of the ledger and of what lies beside it."""
    return {
        path.name: path.read_bytes()
        for path in lab.folder.iterdir()
        if path.is_file() and not path.name.endswith("-shm")  # locks of who has it open
    }


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_and_named(name, lab):
    report, expected = carried_out(name, lab)
    assert not report.ok
    assert report.first.seq == expected, report.problems
    assert not report.notes or "rules could not be checked" in report.notes[0]


def test_the_previous_hash_alone_betrays_an_event_that_was_signed_after_another(lab):
    seq = forced(lab, "amina", previous=bytes([7]) * 32, type="case", case="C77")
    (problem,) = lab.verify().problems
    assert problem.seq == seq and "previous hash" in problem.what
    with open_ledger(lab.path, key=lab.keys["amina"]) as ledger:
        with pytest.raises(VerificationError, match="does not follow the one before"):
            ledger.add("case", case="C78")


def test_who_attested_an_offer_to_themselves_cannot_accept_it(lab, monkeypatch):
    """Both were written by software that knows no rules; the answer is a fault of its own."""
    things = {"case": "C2", "things": ["C2/1"]}
    lab.amina.offer(**things, to="officer", deadline=lab.in_hours(1), paper="F-1")
    receipt = lab.bruno.accept(
        **things, on_behalf_of="officer", paper="F-1", attachments=[lab.photo()]
    )
    monkeypatch.setattr(reader_module.registry, "check", lambda *given, **options: None)
    offer = forced(
        lab, "chen", type="offer", **things, on_behalf_of="officer", to="chen", paper="F-2",
        deadline=lab.in_hours(1), attachments=receipt.fields["attachments"],
    )  # fmt: skip
    answer = forced(lab, "chen", type="accept", **things)
    monkeypatch.undo()
    problems = lab.verify().problems
    assert [problem.seq for problem in problems] == [offer, answer]
    assert all("PAPER-ATTESTED" in problem.what for problem in problems)


@pytest.mark.parametrize(
    "name", ["the_last_events_dropped", "a_history_written_anew_with_the_right_keys"]
)
def test_tail_loss_and_another_history_are_told_apart(name, lab):
    report, _expected = carried_out(name, lab)
    word = {"the_last_events_dropped": "rollback"}.get(name, "fork")
    assert word in str(report.first)
    if word == "rollback":
        assert f"from event {report.size + 1} on" in str(report.first)


def test_without_a_head_the_loss_of_the_last_events_is_not_seen(lab):
    """This is why heads are kept outside."""
    ATTACKS["the_last_events_dropped"](lab)
    assert verify(lab.path).ok


def test_an_old_backup_is_found_against_a_kept_head_and_a_fingerprint(lab, tmp_path):
    lab.amina.backup(tmp_path / "old.db")
    lab.amina.case(case="C3")
    head = lab.amina.sign_head()
    printed = str(lab.amina.fingerprint)
    lab.close()
    shutil.copy(tmp_path / "old.db", lab.path)
    for suffix in ("-wal", "-shm"):
        Path(f"{lab.path}{suffix}").unlink(missing_ok=True)
    assert verify(lab.path).ok
    for kept in (head, Fingerprint.parse(printed)):
        report = verify(lab.path, [kept])
        assert "rollback" in str(report.first)
        assert f"from event {head.head.size} on" in str(report.first)


# -- what is withheld or erased, and stands elsewhere ---------------------------------------


@pytest.fixture(scope="session")
def talkative(told, tmp_path_factory):
    """The story with names and places that are repeated wherever somebody writes."""
    lab = told.copy(tmp_path_factory.mktemp("talkative") / "lab")
    received = lab.amina.receive(
        case="C1", seizure_place="Depot 9, Harbour Road", seizure_position="-6.7923, 39.2083",
        received_from="Ranger Zoë Okello", note="seen by Ranger Zoë Okello",
        exhibits=[{"exhibit": "C1/3", "description": "tusk of the Harbour Road depot",
                   "quantity": "3", "unit": "kg", "seals": ["T1"]}],
    ).seq  # fmt: skip
    for field, old, new in (
        ("seizure_place", "Depot 9, Harbour Road", "Depot 6, Harbour Road"),
        ("received_from", "Ranger Zoë Okello", "Ranger Zoé Okello"),
    ):
        lab.corrected(received, field, old, new)
    statement = lab.photo("statement.txt", "I, RANGER ZOË OKELLO, found it.".encode("utf-16"))
    lab.amina.attach(
        case="C1", description="statement of ranger zoë okello", attachments=[statement]
    )
    lab.amina.discrepancy(
        case="C1", kind="other", things=["C1/3"], description="it was at Depot 9, Harbour Road"
    )
    lab.close()
    return lab


def told_in(lab):
    """Yield each field of C1 with a text in it that stands nowhere by coincidence."""
    with open_ledger(lab.path) as ledger:
        for event in ledger.events(case="C1"):
            for name, value in event.fields.items():
                if name not in NEVER_WITHHELD and isinstance(value, str) and " " in value:
                    yield event.seq, name, value


def spellings(text):
    """Return the bytes of a text that a search by hand would look for."""
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    forms |= {form.upper() for form in forms} | {form.lower() for form in forms}
    forms |= {json.dumps(form)[1:-1] for form in forms}
    return {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le")}


def check_withheld(lab, folder, seq, name, text):
    path = folder / f"{seq}-{name}.zip"
    withheld = Withheld(fields=(f"{seq}:{name}",))
    try:
        disclose_case(lab.amina, "C1", path, recipient="x", withheld=withheld)
    except (UsageError, VerificationError):
        assert not path.exists()
        return False
    with zipfile.ZipFile(path) as archive:
        data = [archive.read(one) for one in archive.namelist() if one != "verify_bundle.py"]
    for spelt in spellings(text):
        assert not any(spelt in part for part in data), (seq, name, spelt)
    return True


@pytest.mark.parametrize("name", ["seizure_place", "received_from"])
def test_a_withheld_text_is_nowhere_in_the_bundle(talkative, tmp_path, name):
    lab = talkative.copy(tmp_path / "lab")
    seq, text = max((seq, text) for seq, field, text in told_in(lab) if field == name)
    assert check_withheld(lab, tmp_path, seq, name, text)
    lab.close()


@pytest.mark.slow
def test_whatever_text_is_withheld_is_nowhere_in_the_bundle(talkative, tmp_path):
    lab = talkative.copy(tmp_path / "lab")
    places = list(told_in(lab))
    made = [check_withheld(lab, tmp_path, *place) for place in places]
    assert len(made) > 15 and sum(made) > 0.9 * len(made)
    lab.close()


def test_an_erased_name_is_nowhere_in_the_ledger_and_its_files(talkative, tmp_path):
    """A refusal says where the value stands; whoever follows it comes to an end."""
    lab = talkative.copy(tmp_path / "lab")
    seq, text = max((seq, text) for seq, field, text in told_in(lab) if field == "received_from")

    def places():
        with pytest.raises(RefusedError, match="ERASE-FIELD") as error:
            lab.erased(seq, "received_from")
        return re.findall(r"(\d+):(\w+)", str(error.value))

    # No rule lets descriptions go: they stay, and the ledger says so. The rest is erased.
    stays = [f"{number}:{name}" for number, name in places() if name == "description"]
    assert len(stays) == 1
    order = ("note", "attachments", "content", "old", "new")
    rest = [place for place in places() if place[1] != "description"]
    for number, name in sorted(rest, key=lambda place: order.index(place[1])):
        if name == "attachments":
            entries = lab.amina.event(int(number)).fields[name]
            lab.erased(int(number), files=[one["sha256"] for one in entries])
        elif name != "new":  # goes with the old one
            names = ("old", "new") if name == "old" else (name,)
            lab.erased(int(number), *names, **({} if name == "note" else {"left": stays}))
    lab.erased(seq, "received_from", left=stays)
    lab.close()
    assert lab.verify().ok
    data = b"".join(path.read_bytes() for path in lab.folder.rglob("*") if path.is_file())
    said = [spelt for spelt in spellings(text) if spelt in data]
    assert said == [text.lower().encode()]  # in the description that stays, and nowhere else
    assert data.count(said[0]) == 1


def field_ledgers_in_one_another(folder, depth, copies=2):
    """Return a ledger in which each of `depth` field ledgers was taken in by `copies` events."""
    kept, before = [], None
    for level in range(depth + 1):
        home = folder / f"level{level}"
        home.mkdir(parents=True)
        lab = Laboratory.founded(home)
        files = files_folder(lab.path)
        files.mkdir(exist_ok=True)
        for path in kept:
            shutil.copy(path, files / path.name)
        if before is not None:
            digest, size = sha256(before.path), before.path.stat().st_size
            copy = {"sha256": digest, "name": "f.db", "size": size, "media_type": "a/b"}
            shutil.copy(before.path, files / digest)
            kept.append(files / digest)
            inner = verify(before.path)
            for number in range(copies):
                forced(
                    lab, "amina", type="merge", case="C1", exhibits=[row(f"F{number}")],
                    field_ledger=inner.ledger, size=inner.size, root=inner.root, copy=digest,
                    attachments=[copy],
                )  # fmt: skip
        lab.close()
        with closing(sqlite3.connect(lab.path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        before = lab
    return before


def test_a_field_ledger_that_many_took_in_is_verified_once(tmp_path, monkeypatch):
    """Verified for each event that names it, this doubled with each level: 43 s at nine."""
    lab = field_ledgers_in_one_another(tmp_path, depth=4)
    seen = []
    verify_path = verification._verify

    def counting(path, *rest):
        seen.append(Path(path).name)
        return verify_path(path, *rest)

    monkeypatch.setattr(verification, "_verify", counting)
    verify(lab.path)
    assert len(seen) == len(set(seen)) == 5


def test_field_ledgers_in_one_another_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(verification, "MAX_NESTED_LEDGERS", 2)
    lab = field_ledgers_in_one_another(tmp_path, depth=3, copies=1)
    report = verify(lab.path)
    assert any("nested deeper than 2" in str(one) for one in report.problems)


def test_an_empty_ledger_is_no_ledger(lab):
    with tampering(lab.path) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
    assert "empty" in str(verify(lab.path).first)


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_garbage_is_no_ledger(tmp_path, content):
    path = tmp_path / "x.db"
    path.write_bytes(content)
    assert not verify(path).ok
    with pytest.raises(VerificationError):
        open_ledger(path)


def test_a_cut_file_is_found(lab):
    data = lab.path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        lab.path.write_bytes(data[: int(len(data) * share)])
        assert not verify(lab.path).ok


def test_opening_refuses_a_changed_schema(lab):
    with closing(sqlite3.connect(lab.path)) as connection:
        connection.execute("DROP TRIGGER openings_update")
        connection.commit()
    with pytest.raises(VerificationError, match="trigger openings_update missing"):
        open_ledger(lab.path)


@pytest.mark.parametrize(
    "name",
    ["an_event_deleted_from_the_middle", "handed_to_oneself", "more_consumed_than_there_was"],
)
def test_nothing_is_added_to_a_ledger_that_is_broken_where_rules_are_read(name, lab):
    ATTACKS[name](lab)
    lab.close()
    with pytest.raises(VerificationError, match="forensics custody verify"):
        lab.amina.case(case="C3")


# -- triggers ---------------------------------------------------------------------------


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET hash = hash",
        "DELETE FROM events",
        "REPLACE INTO events SELECT * FROM events WHERE seq = 3",
        "REPLACE INTO events SELECT * FROM events ORDER BY seq DESC LIMIT 1",
        "INSERT OR REPLACE INTO events SELECT max(seq) + 2, '{}', x'', x'' FROM events",
        "UPDATE OR REPLACE events SET seq = 3 WHERE seq = 4",
        "UPDATE openings SET value = value",
        "DELETE FROM openings WHERE seq = 3",
        "REPLACE INTO openings SELECT * FROM openings WHERE seq = (SELECT max(seq) FROM events)",
        "INSERT INTO openings VALUES (3, 'more', x'', '')",
        "UPDATE heads SET size = 1",
        "DELETE FROM heads",
        "REPLACE INTO heads SELECT * FROM heads",
    ],
)
def test_triggers_stop_every_change(lab, statement, recursive):
    with closing(sqlite3.connect(lab.path)) as connection:
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        with pytest.raises(sqlite3.IntegrityError, match="never|numbered|added|erase event only"):
            connection.execute(statement)


def test_a_tool_that_rewrites_a_table_is_found(lab):
    sqlite_utils = pytest.importorskip("sqlite_utils")
    table = sqlite_utils.Database(str(lab.path))["heads"]
    table.transform(not_null={"size"})
    report = verify(lab.path)
    assert re.search("trigger heads_.* missing", str(report.first))


def test_the_schema_is_the_one_documented(root):
    text = (root / "docs/custody-format.md").read_text(encoding="utf-8")
    for table, columns in TABLES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{table}` |"))
        assert all(f"`{column}`" in row for column in columns)
    with closing(open_memory()) as connection:
        create_schema(connection, LEDGER_DATABASE)
        for table, columns in TABLES.items():
            found = connection.execute(f"PRAGMA table_info({table})")
            assert tuple(row[1] for row in found) == columns


# -- faults in the verifier itself --------------------------------------------------------


def _nothing(self, *_given, **_options):
    return None


def _trusting_signatures(self, seq, envelope, fields, data, signature):
    return None


def _trusting_rules(self, seq, envelope, fields):
    from forensics.custody import registry

    act = Act(
        seq, self.state.ledger or envelope["ledger"], envelope["key"], envelope["recorded_at"],
        fields, self.earlier,
    )  # fmt: skip
    try:
        registry.change(self.state, act)
    except (KeyError, TypeError):
        self.stop(seq)


def _trusting_fields(self, seq, envelope, openings):
    fields = {}
    for name, _salt, value in openings:
        with suppress(RecursionError):
            fields[name] = json.loads(value)
    return fields


FAULTS = {
    "signature": _trusting_signatures,
    "replay": _trusting_rules,
    "fields": _trusting_fields,
    "check_database": _nothing,
    "check_openings": _nothing,
    "check_files": _nothing,
    "check_head": _nothing,
    "reach": _nothing,
    "check_disclosures": _nothing,
    "check_size_and_root": _nothing,
    "collect": _nothing,
}


@pytest.mark.slow
@pytest.mark.parametrize("method", FAULTS)
def test_a_fault_planted_in_the_verifier_is_noticed(method, told, tmp_path, monkeypatch):
    """With a check taken out, at least one attack of this suite is no longer found as it must be."""
    monkeypatch.setattr(_Verification, method, FAULTS[method])
    unnoticed = []
    for number, name in enumerate(ATTACKS):
        lab = told.copy(tmp_path / f"lab{number}")
        report, expected = carried_out(name, lab)
        lab.close()
        if report.ok or report.first.seq != expected:
            unnoticed.append(name)
    assert unnoticed
