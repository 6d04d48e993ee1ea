"""Writers are killed at any moment (SIGKILL); what was acknowledged stays and the chain holds.

This tests the death of processes, not the loss of power: what the kernel has taken is
written by it in the end, whatever becomes of the process.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from patience import PATIENCE, wait_until

from forensics.custody import open_ledger, verify
from forensics.custody.heads import Fingerprint
from forensics.errors import ForensicsError
from forensics.store import connections

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

WRITERS = 4
# Some die while they open the ledger, most between two acts or in one.
LONGEST_LIFE = 0.15  # seconds
ROUND = 25  # kills of one ledger, which stays small


@pytest.fixture(autouse=True)
def _as_shipped(monkeypatch):
    """Synced as in use, unlike in the other tests, so that kills fall into a sync, too."""
    from posix import fsync

    monkeypatch.setattr(os, "fsync", fsync)
    pragmas = ("synchronous=FULL", *connections.PRAGMAS[1:])
    monkeypatch.setattr(connections, "PRAGMAS", pragmas)


def test_the_disk_is_waited_for(lab):
    assert lab.amina._open_writer().execute("PRAGMA synchronous").fetchone() == (2,)


def write_until_killed(path, key, number, log, photo):
    """Record acts, and each that was acknowledged in a log of one's own, synced."""
    with open(log, "ab", buffering=0) as acknowledged, open_ledger(path, key=key) as ledger:
        for turn in range(10_000):
            if turn % 3:
                receipt = ledger.case(case=f"{number}-{turn}", title="x" * 200)
            else:
                photo.write_bytes(os.urandom(30_000))
                receipt = ledger.attach(case="C1", description="x", attachments=[photo])
            line = {"seq": receipt.seq, "fingerprint": str(receipt.fingerprint)}
            acknowledged.write(json.dumps(line).encode() + b"\n")
            os.fsync(acknowledged.fileno())


def kill_writers(lab, kills, seed):
    """Let four writers write, kill one after another; return what was acknowledged."""
    lab.close()
    context = multiprocessing.get_context("fork")
    rng = random.Random(seed)
    logs, started, running = [], 0, []

    def start():
        nonlocal started
        log, photo = (lab.folder.parent / f"{kind}{seed}-{started}" for kind in ("log", "photo"))
        # Rules let one person do what these acts are: all sign with her key.
        arguments = (lab.path, lab.keys["amina"], f"{seed}-{started}", log, photo)
        writer = context.Process(target=write_until_killed, args=arguments)
        writer.start()
        started += 1
        logs.append(log)
        running.append(writer)

    for _ in range(WRITERS):
        start()
    for _ in range(kills):
        time.sleep(rng.uniform(0, LONGEST_LIFE))
        writer = running.pop(rng.randrange(len(running)))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(PATIENCE)
        assert writer.exitcode == -signal.SIGKILL  # it had not failed by itself
        start()
    # On a busy machine the first writers may die before they write anything.
    assert wait_until(
        lambda: sum(log.read_bytes().count(b"\n") for log in logs if log.exists()) > kills
    )
    for writer in running:
        writer.kill()
        writer.join(PATIENCE)
    # The last line may be cut: its writer was killed while it wrote that it had been told.
    lines = [line for log in logs if log.exists() for line in log.read_bytes().splitlines(True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def check(path, key, acknowledged, before):
    report = verify(path)
    assert report.ok, report.problems
    with closing(sqlite3.connect(path)) as connection:
        seqs = [seq for (seq,) in connection.execute("SELECT seq FROM events ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    told = [one["seq"] for one in acknowledged]
    assert len(set(told)) == len(told) and set(told) <= set(seqs[before:])
    with open_ledger(path, key=key) as ledger:
        tree = ledger.tree()
        for one in acknowledged:  # the very events, not others in their places
            seen = Fingerprint.parse(one["fingerprint"])
            assert seen.size == one["seq"]
            assert tree.root(seen.size).hex().startswith(seen.digits)
        # No lock is left: a ledger that is locked refuses after some seconds.
        assert ledger.case(case="afterwards").seq == len(seqs) + 1
    return len(seqs) - before


def test_no_acknowledged_event_is_lost_when_writers_are_killed(lab):
    before = lab.size
    acknowledged = kill_writers(lab, 12, seed=1)
    assert len(acknowledged) >= 12  # they did write
    assert check(lab.path, lab.keys["amina"], acknowledged, before) >= len(acknowledged)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_no_acknowledged_event_is_lost_in_500_kills(lab, seed, record_property):
    before = lab.size
    acknowledged = kill_writers(lab, ROUND, seed=seed)
    record_property("acknowledged", len(acknowledged))
    record_property("recorded", check(lab.path, lab.keys["amina"], acknowledged, before))


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 2 MB; skipped where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("attached", [False, True])
def test_a_disk_that_runs_full_is_told_and_loses_nothing(lab, small_disk, tmp_path, attached):
    lab.close()
    before = lab.size
    path = small_disk / "laboratory.db"
    shutil.copytree(lab.folder, small_disk, dirs_exist_ok=True)
    photo, acknowledged = tmp_path / "photo", []
    with (
        open_ledger(path, key=lab.keys["amina"]) as ledger,
        pytest.raises(ForensicsError, match="full|No space"),
    ):
        for number in range(5000):
            photo.write_bytes(os.urandom(30_000))
            receipt = (
                ledger.attach(case="C1", description="x", attachments=[photo])
                if attached
                else ledger.case(case=f"full-{number}", title="x" * 400)
            )
            told = {"seq": receipt.seq, "fingerprint": str(receipt.fingerprint)}
            acknowledged.append(told)
    assert acknowledged
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    assert check(path, lab.keys["amina"], acknowledged, before) == len(acknowledged)


def test_a_disk_that_was_mounted_read_only_is_told_and_can_be_verified(lab, small_disk):
    lab.close()
    path = small_disk / "laboratory.db"
    shutil.copytree(lab.folder, small_disk, dirs_exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with (
        open_ledger(path, key=lab.keys["amina"]) as ledger,
        pytest.raises(ForensicsError, match="cannot be written"),
    ):
        ledger.case(case="C3")
    assert verify(path).ok
