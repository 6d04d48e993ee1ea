"""The command line of a session: unlock, sign without a passphrase, lock."""

# ruff: noqa: F811  (fixtures are arguments)

import json
import os
import shutil
import signal
import tempfile
from pathlib import Path

import click
import pytest
from custody_office import _opened, office  # noqa: F401
from patience import wait_until

from forensics.cli.custody import custody
from forensics.custody import agent, verify
from forensics.custody.agent import sockets

pytestmark = pytest.mark.skipif(not sockets.is_available(), reason="no sockets of one user here")


@pytest.fixture(autouse=True)
def runtime(monkeypatch):
    folder = tempfile.mkdtemp(prefix="a")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    yield Path(folder)
    for status in agent.list_agents():
        if not isinstance(status, Path):
            os.kill(status.process, signal.SIGKILL)
    shutil.rmtree(folder)


def test_many_acts_are_signed_with_one_passphrase_and_say_whose_key_signed(office):
    said = office.run("unlock --as amina").stdout
    assert said.startswith("The key of amina is unlocked until ")
    for act in ("case C2", "location freezer", "offer C1/1 --to bruno"):
        result = office.read(f"{act} --as amina")
        assert "signed with the key of amina, unlocked until " in result.stderr
    office.read("head --output", office.folder / "today.head", "--as", "amina")
    assert verify(office.ledger).ok
    assert office.read("lock").stdout.startswith("locked: key ")
    refused = office.read("case C3 --as amina", expect=2)
    assert "No terminal can ask for the passphrase" in refused.stderr


def test_a_key_that_is_unlocked_signs_for_its_person_only(office):
    office.run("unlock --as amina")
    refused = office.read("location attic --as bruno", expect=2)
    assert "No terminal can ask for the passphrase" in refused.stderr
    office.run("unlock --as bruno")
    shown = office.read("unlock --status --format json").stdout
    assert sorted(json.loads(line)["label"] for line in shown.splitlines()) == ["amina", "bruno"]
    office.read("lock --as amina")
    assert [status.label for status in agent.list_agents()] == ["bruno"]


def test_a_dry_run_signs_nothing_and_says_nothing_of_a_key(office):
    office.run("unlock --as amina")
    result = office.read("case C2 --as amina --dry-run")
    assert "signed with" not in result.stderr and "nothing was" in result.stdout


def test_a_passphrase_that_is_given_goes_before_the_agent(office):
    office.run("unlock --as amina")
    office.run("case C2 --as amina", text="wrong horse battery", expect=4)
    assert "signed with" not in office.run("case C2 --as amina").stderr


def test_an_unlocked_key_neither_approves_for_a_second_person_nor_is_replaced(office):
    """Who sits at the computer of a person must not become that person for good, nor the second of two."""
    office.run("unlock --as amina")
    events = office.size
    approval = "authorise dispose --case C1 --thing C1/1 --content method=x --reason y --as amina"
    key = f"person key --rotate --as amina --output {office.folder / 'mine.key'}"
    for new, act in ((False, approval), (True, key)):  # a key whose passphrase is known
        refused = office.read(act, new=new, expect=2)
        assert "No terminal can ask for the passphrase" in refused.stderr
    assert office.size == events
    assert not (office.folder / "mine.key").exists()
    assert "signed with" in office.read("case C2 --as amina").stderr


def test_a_stale_socket_is_said_before_the_passphrase_is_asked_for(office):
    office.run("unlock --as amina")
    [status] = agent.list_agents()
    os.kill(status.process, signal.SIGKILL)
    assert wait_until(lambda: isinstance(next(agent.list_agents()), Path))
    result = office.read("case C2 --as amina", expect=2)
    assert "ended without locking" in result.stderr
    assert "No terminal can ask for the passphrase" in result.stderr
    assert "stale" in office.read("unlock --status").stdout
    assert office.read("lock").stdout == "No key was unlocked.\n" and not status.path.exists()


def test_whose_key_is_meant_must_be_said(office):
    assert "--key FILE" in office.read("unlock", ledger=False, expect=2).stderr
    assert "--as PERSON" in office.read("unlock", expect=2).stderr
    office.run("unlock --key", office.folder / "lab.db.keys" / "amina.key", ledger=False)


@pytest.mark.parametrize("minutes", ["0", "481"])
def test_minutes_are_bounded(office, minutes):
    office.run("unlock --as amina --minutes", minutes, expect=2)


def test_without_such_sockets_the_command_says_so(office, monkeypatch):
    monkeypatch.setattr("forensics.custody.agent.client.is_available", lambda: False)
    assert "Windows" in office.run("unlock --as amina", expect=2).stderr
    office.run("case C2 --as amina")  # acts ask for the passphrase as before


def test_every_command_stands_in_a_section_and_those_of_every_day_first():
    shown = [name for section in custody.sections for name in section.commands]
    assert sorted(shown) == sorted(custody.list_commands(click.Context(custody)))
    assert custody.sections[0].title == "Every day" and len(custody.sections[0].commands) == 11
