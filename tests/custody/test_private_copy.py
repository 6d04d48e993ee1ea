"""Whoever looks at a ledger leaves every byte as it was, and says what lay beside it."""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner
from laboratory import field_ledger, row

from forensics.cli import main
from forensics.custody import open_ledger, verification, verify
from forensics.custody.ledger import merge
from forensics.custody.storage import LEDGER_DATABASE, files_folder
from forensics.errors import ForensicsError, InputError
from forensics.store import copies


def images(folder):
    """Return everything that could be changed: names, bytes and times."""
    return {
        path.relative_to(folder): (
            path.read_bytes() if path.is_file() else None,
            path.stat().st_mtime_ns,
            path.stat().st_ino,
        )
        for path in sorted(folder.rglob("*"))
    }


def seized_with_a_log(lab, folder):
    """Return a copy of the ledger of a computer that was switched off: its last event is in the log."""
    lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    folder.mkdir()
    for path in lab.folder.iterdir():
        if path.is_file() and not path.name.endswith("-shm"):
            shutil.copy2(path, folder / path.name)
    shutil.copytree(lab.amina.files, folder / lab.amina.files.name)
    return folder / lab.path.name


def seized_with_a_journal(lab, folder):
    """Return a ledger with a journal: a transaction was broken off after it had reached the file."""
    lab.close()
    folder.mkdir()
    path = folder / lab.path.name
    shutil.copy2(lab.path, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("PRAGMA cache_spill=1")
        connection.execute("DROP TRIGGER events_update")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE events SET envelope = envelope || ' '")
        connection.execute("CREATE TABLE filling (x)")
        connection.executemany(
            "INSERT INTO filling VALUES (?)", [("x" * 4000,) for _ in range(400)]
        )
        for end in ("", "-journal"):
            shutil.copy2(f"{path}{end}", f"{path}.copy{end}")
        connection.execute("ROLLBACK")
    for end in ("", "-journal"):
        os.replace(f"{path}.copy{end}", f"{path}{end}")
    return path


def test_a_log_beside_the_file_is_read_and_stays(lab, tmp_path):
    path = seized_with_a_log(lab, tmp_path / "seized")
    before = images(path.parent)
    assert f"{path.name}-wal" in {name.name for name in before}
    report = verify(path)
    assert report.ok and report.size == lab.size
    assert images(path.parent) == before
    (side,) = report.beside
    assert side.name == f"{path.name}-wal"
    assert side.size == len(before[next(n for n in before if n.name == side.name)][0])
    assert "not yet written" in str(side) and "Nothing was changed" in str(side)
    assert report.to_dict()["beside"] == [{"name": side.name, "bytes": side.size}]


def test_a_hot_journal_is_rolled_back_in_the_copy_and_stays(lab, tmp_path):
    size = lab.size
    path = seized_with_a_journal(lab, tmp_path / "seized")
    before = images(path.parent)
    data = (path.read_bytes(), (path.parent / f"{path.name}-journal").read_bytes())
    assert data[1].startswith(bytes.fromhex("d9d505f920a163d7"))  # hot: it would be rolled back
    report = verify(path)
    assert images(path.parent) == before
    (side,) = report.beside
    assert side.name.endswith("-journal") and "interrupted" in str(side)
    # The trigger was dropped before; what the transaction did is not there.
    assert report.size == size and len(report.problems) == 1


def test_a_ledger_without_anything_beside_it_gets_nothing(lab):
    lab.close()
    before = images(lab.folder)
    report = verify(lab.path)
    assert report.ok and report.beside == []
    assert images(lab.folder) == before


def test_a_ledger_in_use_is_verified_as_it_is_at_one_moment(lab):
    lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    report = verify(lab.path)
    assert report.ok and report.size == lab.size
    assert lab.amina.attach(case="C1", description="y", attachments=[lab.photo()]).seq == lab.size


def test_a_ledger_that_others_write_all_the_time_is_copied_all_the_same(lab, monkeypatch):
    lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
    monkeypatch.setattr(copies, "_same_content", lambda *_: False)
    monkeypatch.setattr(copies, "_PAUSE_SECONDS", 0)
    before = lab.path.read_bytes()
    report = verify(lab.path)
    assert report.ok and report.size == lab.size
    assert lab.path.read_bytes() == before


@pytest.mark.slow
def test_verification_beside_a_writer_is_never_wrong(lab):
    done = threading.Event()
    sizes = []

    def look():
        while not done.is_set():
            report = verify(lab.path)
            assert report.ok, report.problems
            sizes.append(report.size)

    with open_ledger(lab.path, key=lab.keys["amina"], clock=lab.clock) as ledger:
        ledger.attach(case="C1", description="x", attachments=[lab.photo()])
        failed = []
        thread = threading.Thread(target=lambda: failed.extend(_error(look)))
        thread.start()
        for _ in range(60):
            ledger.attach(case="C1", description="x", attachments=[lab.photo()])
        done.set()
        thread.join()
    assert not failed and sizes == sorted(sizes)


def _error(act):
    try:
        act()
    except BaseException as error:  # an assertion of another thread is told here
        return [error]
    return []


def test_a_field_ledger_and_a_backup_stay_as_they_are(lab, tmp_path):
    stick, seized = tmp_path / "field.db", tmp_path / "seized"
    with field_ledger(stick, lab.clock) as ledger:
        ledger.case(case="C1")
        ledger.receive(case="C1", exhibits=[row("F/1")])
        seized.mkdir()
        for end in ("", "-wal"):
            shutil.copy2(f"{stick}{end}", seized / f"field.db{end}")
    before = images(seized)
    assert len(before) == 2
    merge(lab.amina, seized / "field.db", received_from="Ranger")
    assert images(seized) == before
    assert lab.verify().ok


def test_restoring_leaves_the_backup_as_it_is(lab, tmp_path):
    path = seized_with_a_log(lab, tmp_path / "stick")
    before = images(path.parent)
    result = CliRunner().invoke(
        main, ["custody", "restore", str(path), "--ledger", str(tmp_path / "new.db")]
    )
    assert result.exit_code == 0, result.output
    assert images(path.parent) == before
    assert verify(tmp_path / "new.db").size == lab.size
    assert files_folder(tmp_path / "new.db").is_dir()


def test_the_command_says_what_lay_beside(lab, tmp_path):
    path = seized_with_a_log(lab, tmp_path / "seized")
    result = CliRunner().invoke(main, ["custody", "verify", str(path)])
    assert result.exit_code == 0
    assert "note: laboratory.db-wal, of " in result.output


def test_a_file_too_large_and_a_disk_too_small_are_told(lab, monkeypatch):
    lab.close()
    monkeypatch.setattr(verification, "LEDGER_DATABASE", replace(LEDGER_DATABASE, max_bytes=1000))
    with pytest.raises(InputError, match="at most 1000 are read"):
        verify(lab.path)
    monkeypatch.undo()
    free = shutil.disk_usage(lab.folder)._replace(free=10)
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _: free)
    with pytest.raises(ForensicsError, match="TMPDIR"):
        verify(lab.path)


def test_what_is_no_file_beside_the_ledger_is_not_read(lab):
    lab.close()
    os.mkfifo(f"{lab.path}-journal")
    assert verify(lab.path).ok
