"""The key agent: it signs for its user while the key is unlocked, and gives nothing else away."""

import base64
import contextlib
import os
import shutil
import signal
import socket
import stat
import struct
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import wait_until

from forensics.custody import agent, create_ledger, keys, open_ledger, verify
from forensics.custody.agent import messages, places, server
from forensics.custody.heads import Head
from forensics.custody.keys import PrivateKey, public_key_of, write_key
from forensics.custody.stored import event_message
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError

PASSPHRASE = "correct horse battery"
SEED = bytes(range(32))
MESSAGE = event_message(b"{}")

pytestmark = pytest.mark.skipif(not places.is_available(), reason="no sockets of one user here")


@pytest.fixture
def runtime(monkeypatch):
    """A short folder: paths of sockets have at most some hundred bytes."""
    folder = tempfile.mkdtemp(prefix="a")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    monkeypatch.setattr(keys.Cost.__init__, "__defaults__", (19 * 1024, 2, 1))
    yield Path(folder)
    for status in agent.list_agents():
        if not isinstance(status, Path):
            os.kill(status.process, signal.SIGKILL)
    shutil.rmtree(folder)


@pytest.fixture
def key_file(tmp_path, runtime):
    path = tmp_path / "amina.key"
    write_key(path, PrivateKey(SEED), lambda: PASSPHRASE)
    return path


def unlocked(path, minutes=5.0):
    return agent.unlock(path, lambda: PASSPHRASE, label=path.stem, minutes=minutes)


def has_ended(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[-1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# -- a session --------------------------------------------------------------------------


def test_an_unlocked_key_signs_without_the_passphrase(key_file):
    status = unlocked(key_file)
    key = agent.find_agent(public_key_of(key_file))
    until = []
    key.on_signed = until.append
    assert public_key_of(key_file).verify(key.sign(MESSAGE), MESSAGE)
    assert until and until[0] >= status.until
    assert agent.lock() == [key.id]
    assert agent.find_agent(public_key_of(key_file)) is None
    assert list(agent.list_agents()) == []


def test_events_that_an_agent_signed_verify(key_file, tmp_path):
    create_ledger(
        tmp_path / "lab.db", key=PrivateKey(SEED), laboratory="L", person="amina", name="Amina",
        roles=["administrator", "custodian"],
    ).close()  # fmt: skip
    unlocked(key_file)
    key = agent.find_agent(public_key_of(key_file))
    with open_ledger(tmp_path / "lab.db", key=key) as ledger:
        ledger.case(case="C1")
        ledger.sign_head()
    assert verify(tmp_path / "lab.db").ok


def test_two_persons_have_an_agent_each(key_file, tmp_path):
    other = tmp_path / "bruno.key"
    write_key(other, PrivateKey.generate(), lambda: PASSPHRASE)
    unlocked(key_file)
    unlocked(other)
    assert [status.label for status in agent.list_agents()] in (
        ["amina", "bruno"], ["bruno", "amina"]
    )  # fmt: skip
    for path in (key_file, other):
        public = public_key_of(path)
        assert public.verify(agent.find_agent(public).sign(MESSAGE), MESSAGE)
    assert agent.lock(public_key_of(other).id) == [public_key_of(other).id]
    assert [status.label for status in agent.list_agents()] == ["amina"]


def test_unlocking_again_takes_the_place_of_the_agent_before(key_file):
    first, second = unlocked(key_file), unlocked(key_file)
    assert wait_until(lambda: has_ended(first.process))
    assert [status.process for status in agent.list_agents()] == [second.process]
    assert second.path.exists()


def test_a_wrong_passphrase_unlocks_nothing_and_leaves_the_agent_before(key_file):
    first = unlocked(key_file)
    with pytest.raises(VerificationError, match="wrong passphrase"):
        agent.unlock(key_file, lambda: "wrong horse battery", label="amina")
    assert [status.process for status in agent.list_agents()] == [first.process]


def test_a_key_locks_itself_when_nothing_is_signed(key_file):
    status = unlocked(key_file, minutes=0.005)
    assert wait_until(lambda: has_ended(status.process))
    assert not status.path.exists()
    assert agent.find_agent(public_key_of(key_file)) is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_agent_and_takes_its_socket_away(key_file, number):
    status = unlocked(key_file)
    os.kill(status.process, number)
    assert wait_until(lambda: has_ended(status.process))
    assert not status.path.exists()


def test_a_killed_agent_is_said_to_be_gone_and_signs_nothing(key_file):
    status = unlocked(key_file)
    key = agent.find_agent(public_key_of(key_file))
    os.kill(status.process, signal.SIGKILL)
    assert wait_until(lambda: has_ended(status.process))
    with pytest.raises(ForensicsError, match="nothing was signed"):
        key.sign(MESSAGE)
    with pytest.raises(agent.StaleAgent, match="ended without locking"):
        agent.find_agent(public_key_of(key_file))
    assert list(agent.list_agents()) == [status.path]
    assert agent.lock() == [] and not status.path.exists()


def test_the_private_key_is_in_no_file_and_no_argument(key_file, tmp_path, runtime):
    status = unlocked(key_file)
    key = agent.find_agent(public_key_of(key_file))
    key.sign(MESSAGE)
    forms = (SEED, base64.b64encode(SEED), SEED.hex().encode(), PASSPHRASE.encode())
    for place in (tmp_path, runtime):
        for path in place.rglob("*"):
            if path.is_file():
                assert not any(form in path.read_bytes() for form in forms), path
    process = Path(f"/proc/{status.process}")
    if process.is_dir():  # Linux
        assert not any(form in (process / "cmdline").read_bytes() for form in forms)
        opened = {os.readlink(link) for link in (process / "fd").iterdir()}
        assert not {name for name in opened if name.startswith("/") and name != os.devnull}
    assert agent.list_agents().__next__().label == "amina"


# -- who may speak to it ----------------------------------------------------------------


def test_folder_and_socket_are_open_to_their_user_only(key_file, runtime):
    status = unlocked(key_file)
    assert stat.S_IMODE(status.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(status.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("what", ["folder", "socket"])
def test_what_others_can_open_is_not_used(key_file, what):
    status = unlocked(key_file)
    path = status.path.parent if what == "folder" else status.path
    path.chmod(0o755 if what == "folder" else 0o666)
    with pytest.raises(VerificationError, match="that only you can open"):
        agent.find_agent(public_key_of(key_file))
    path.chmod(0o700 if what == "folder" else 0o600)
    assert agent.find_agent(public_key_of(key_file)) is not None


def test_a_folder_of_somebody_else_is_not_used(key_file, monkeypatch):
    unlocked(key_file)
    own = os.geteuid()
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: own + 1)
        with pytest.raises(VerificationError, match="that only you can open"):
            agent.find_agent(public_key_of(key_file))
        with pytest.raises(VerificationError, match="that only you can open"):
            unlocked(key_file)


def test_a_socket_of_somebody_else_is_not_used(key_file, monkeypatch):
    """Also where the folder is one's own, as on a disk that was mounted with other owners."""
    unlocked(key_file)
    own = os.geteuid()
    with monkeypatch.context() as other:
        other.setattr(places, "check_place", lambda _place: True)
        other.setattr(os, "geteuid", lambda: own + 1)
        with pytest.raises(VerificationError, match="not a socket that only you can open"):
            agent.find_agent(public_key_of(key_file))


def test_a_process_of_somebody_else_behind_the_socket_is_not_used(key_file, monkeypatch):
    unlocked(key_file)
    with monkeypatch.context() as other:
        other.setattr(places, "peer_user", lambda _connection: os.geteuid() + 1)
        with pytest.raises(VerificationError, match="a process of another user answers here"):
            agent.find_agent(public_key_of(key_file))


def test_a_link_in_place_of_the_folder_is_not_used(key_file, runtime, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (runtime / "wildlife-forensics").symlink_to(elsewhere)
    with pytest.raises(VerificationError, match="that only you can open"):
        unlocked(key_file)
    (runtime / "wildlife-forensics").unlink()


def converse(held, data, monkeypatch=None, user=None):
    """Send bytes to an agent; return what comes back, and whether it still holds its key."""
    ours, theirs = socket.socketpair()
    if monkeypatch:
        monkeypatch.setattr(places, "peer_user", lambda _connection: user)
    with closing(ours), closing(theirs):
        sender = threading.Thread(target=_send, args=(ours, data))
        sender.start()
        goes_on = server._converse(held, theirs, lambda: None)
        ours.setblocking(False)
        answer = b""
        with contextlib.suppress(BlockingIOError):
            while part := ours.recv(65536):
                answer += part
        theirs.close()
        sender.join()
    return answer, goes_on


def _send(connection, data):
    with contextlib.suppress(OSError):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def frame(head, message=b""):
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        messages.send(ours, head, message)
        return theirs.recv(100_000)


def held_key(**options):
    return server.Agent(PrivateKey(SEED), "amina", 15, **options)


def test_another_user_gets_no_answer(monkeypatch):
    held = held_key()
    request = frame({"do": "sign"}, MESSAGE)
    assert converse(held, request, monkeypatch, os.geteuid() + 1) == (b"", True)
    assert b"signature" in converse(held, request, monkeypatch, os.geteuid())[0]


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system does not say who it is")
def test_the_system_says_who_is_at_the_other_end():
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        assert places.peer_user(theirs) == os.geteuid()


def test_an_impostor_at_the_socket_gets_no_event_into_the_ledger(key_file, runtime):
    public = public_key_of(key_file)
    place = runtime / "wildlife-forensics"
    place.mkdir(mode=0o700)
    impostor = server.Agent(PrivateKey(bytes(32)), "amina", 15)
    impostor.id = public.id  # it says that it has the key
    with closing(server.listen(place / f"{public.id}.sock")) as listener:
        thread = threading.Thread(
            target=server.serve, args=(impostor, listener, listener.close), daemon=True
        )
        thread.start()
        key = agent.find_agent(public)
        with pytest.raises(VerificationError, match="has not the key"):
            key.sign(MESSAGE)
        agent.lock()
        thread.join()


# -- hostile messages -------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes_leave_the_agent_as_it_is(data):
    held = held_key()
    answer, goes_on = converse(held, data)
    assert goes_on and held.seconds_left
    assert b"signature" not in answer


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", 2**32 - 1) + b"{}",
        struct.pack(">I", messages.MAX_HEAD_BYTES + 1) + b" " * 5000,
        struct.pack(">I", 9) + b'{"do":1}\xff',
        struct.pack(">I", 4000) + b"[" * 4000,
        frame({"do": "sign"})[:-3],
        frame({"do": ["sign"]}),
        frame({"do": "export"}),
        frame({"do": "sign"}, b"anything else"),
        frame({"do": "sign"}, b"forensics-enrol-1\0" + b"x"),
    ],
)
def test_a_request_that_is_none_is_refused_and_nothing_signed(data):
    held = held_key()
    answer, goes_on = converse(held, data)
    assert goes_on and b'"error"' in answer and b"signature" not in answer


@pytest.mark.parametrize("size", ["-1", "1e3", "true", "null", str(messages.MAX_MESSAGE_BYTES + 1)])
def test_a_message_of_no_proper_length_is_not_read(size):
    head = f'{{"format": "{messages.FORMAT}", "do": "sign", "bytes": {size}}}'.encode()
    answer, goes_on = converse(held_key(), struct.pack(">I", len(head)) + head)
    assert goes_on and b'"error"' in answer


def test_a_slow_request_is_given_up(monkeypatch):
    monkeypatch.setattr(messages, "MAX_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        ours.sendall(frame({"do": "status"})[:-1])
        with pytest.raises(InputError, match="too slowly"):
            messages.receive(theirs)


def test_an_agent_that_does_not_answer_is_said_and_not_passed_over(key_file, runtime, monkeypatch):
    monkeypatch.setattr(messages, "MAX_SECONDS", 0.05)
    public = public_key_of(key_file)
    place = runtime / "wildlife-forensics"
    place.mkdir(mode=0o700)
    path = place / f"{public.id}.sock"
    with closing(server.listen(path)) as listener:
        with pytest.raises(ForensicsError, match="too slowly"):
            agent.find_agent(public)
        listener.listen(0)
        waiting = []
        with contextlib.suppress(OSError):  # until nobody else is let in
            while len(waiting) < 20:
                waiting.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                waiting[-1].settimeout(0.05)
                waiting[-1].connect(str(path))
        with pytest.raises(ForensicsError, match="too slowly|does not answer"):
            agent.find_agent(public)
        for connection in waiting:
            connection.close()
    path.unlink()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"signature": "00", "until": ""},
        {"signature": 5},
        {"signature": "zz" * 64, "until": "x"},
        {"error": "no"},
    ],
)
def test_an_answer_that_is_no_signature_is_refused(answer, monkeypatch, tmp_path):
    from forensics.custody.agent import client

    monkeypatch.setattr(client, "_ask", lambda *_given: _raised(answer))
    key = agent.AgentKey(PrivateKey(SEED).public, tmp_path / "s", "amina")
    with pytest.raises(ForensicsError):
        key.sign(MESSAGE)


def _raised(answer):
    if "error" in answer:
        raise ForensicsError(answer["error"])
    return answer


def test_heads_events_and_bundles_are_what_an_agent_signs():
    from forensics.custody import disclosure

    for message in (
        MESSAGE,
        Head("0" * 32, 1, bytes(32), "2026-11-25T08:15:30.123456Z", "0" * 32).message,
        disclosure.BUNDLE_FORMAT.encode() + b"\0{}",
    ):
        messages.check_domain(message)
    with pytest.raises(InputError):
        messages.check_domain(b"forensics-witness-1\0[]")


# -- time -------------------------------------------------------------------------------


class Time:
    """A clock that people set, and a counter that nobody sets."""

    def __init__(self):
        self.clock = self.counter = 1_000_000.0

    def pass_(self, minutes):
        self.clock += minutes * 60
        self.counter += minutes * 60


def held_in(time):
    return held_key(clock=lambda: time.clock, counter=lambda: time.counter)


def test_each_signature_begins_the_minutes_anew_and_a_question_does_not():
    time = Time()
    held = held_in(time)
    time.pass_(14)
    held.answer({"do": "sign"}, MESSAGE)
    time.pass_(14)
    held.answer({"do": "status"}, b"")
    time.pass_(2)
    with pytest.raises(server.Locked):
        held.answer({"do": "sign"}, MESSAGE)


def test_a_session_ends_with_the_shift_however_often_it_signs():
    time = Time()
    held = held_in(time)
    for _act in range(server.MAX_SESSION_HOURS * 6):
        held.answer({"do": "sign"}, MESSAGE)
        time.pass_(10)
    with pytest.raises(server.Locked):
        held.answer({"do": "sign"}, MESSAGE)


@pytest.mark.parametrize(("clock", "counter"), [(3600, 0), (-3600, 901), (0, 901)])
def test_neither_a_sleep_of_the_computer_nor_a_clock_set_back_makes_it_longer(clock, counter):
    time = Time()
    held = held_in(time)
    time.clock += clock
    time.counter += counter
    with pytest.raises(server.Locked):
        held.answer({"do": "sign"}, MESSAGE)


def test_a_locked_agent_has_no_key():
    held = held_key()
    held.lock()
    assert held.seconds_left == 0
    with pytest.raises(server.Locked):
        held.answer({"do": "sign"}, MESSAGE)


# -- where it cannot be had -------------------------------------------------------------


def test_windows_is_told_so(monkeypatch, tmp_path):
    from forensics.custody.agent import client

    monkeypatch.setattr(client, "is_available", lambda: False)
    with pytest.raises(UsageError, match="Windows"):
        agent.unlock(tmp_path / "a.key", lambda: PASSPHRASE, label="a")
    assert agent.find_agent(PrivateKey(SEED).public) is None
    assert list(agent.list_agents()) == []


def test_a_path_too_long_for_a_socket_is_said(key_file, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 90)))
    with pytest.raises(UsageError, match="too long for a socket"):
        unlocked(key_file)


def test_without_a_runtime_folder_the_users_own_is_taken(monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/amina/.local/state")
    if sys.platform == "linux":
        assert places.folder() == Path("/home/amina/.local/state/wildlife-forensics/agent")
    assert places.folder().is_absolute()


def test_an_agent_that_cannot_start_says_why(key_file, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(ForensicsError, match="did not start"):
        unlocked(key_file)


def test_the_key_of_an_agent_knows_no_private_key():
    key = agent.AgentKey(PrivateKey(SEED).public, Path("s"), "amina")
    assert SEED.hex() not in repr(key) and not hasattr(key, "_key")
