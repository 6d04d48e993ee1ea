"""The key agent: it signs for its user while the key is unlocked, and gives nothing else away."""

import base64
import contextlib
import json
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
from io import BytesIO
from pathlib import Path
from queue import Queue
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE, wait_until

from forensics.custody import agent
from forensics.custody.agent import client, server, sockets
from forensics.custody.heads import Head
from forensics.custody.keys import PrivateKey, public_key_of, write_key
from forensics.custody.storage import event_message
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError

PASSPHRASE = "correct horse battery"
SEED = bytes(range(32))
MESSAGE = event_message(b"{}")

pytestmark = pytest.mark.skipif(not sockets.is_available(), reason="no sockets of one user here")


@pytest.fixture
def runtime(monkeypatch):
    """A short folder: paths of sockets have at most some hundred bytes."""
    folder = tempfile.mkdtemp(prefix="a")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
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
    with pytest.raises(VerificationError, match="the passphrase is wrong"):
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


# -- what the process of an agent does, in a thread of this one -----------------------------


@pytest.fixture
def hold(key_file, monkeypatch):
    """A function that begins to hold the key, and returns what is said first and the thread."""
    said, threads = Queue(), []
    monkeypatch.setattr(server, "_say", said.put)
    monkeypatch.setattr(server, "_SIGNALS", ())  # which go to the main thread
    monkeypatch.setattr(server, "_leave_the_terminal", lambda: None)
    monkeypatch.setattr(server, "protect_memory", lambda: True)

    def start(minutes=5.0, passphrase=PASSPHRASE):
        stdin = SimpleNamespace(buffer=BytesIO(passphrase.encode() + b"\nnot read"))
        monkeypatch.setattr(sys, "stdin", stdin)
        threads.append(threading.Thread(target=server.hold, args=(key_file, "amina", minutes)))
        threads[-1].start()
        return said.get(timeout=PATIENCE), threads[-1]

    yield start
    agent.lock()
    for thread in threads:
        thread.join(PATIENCE)


def test_a_held_key_is_said_and_its_socket_is_gone_when_it_is_said_to_be_locked(hold, key_file):
    public = public_key_of(key_file)
    said, _thread = hold()
    [status] = agent.list_agents()
    assert said["ready"] and said["key"] == status.key == public.id
    assert (status.label, status.process, status.memory_locked) == ("amina", os.getpid(), True)
    assert public.verify(agent.find_agent(public).sign(MESSAGE), MESSAGE)
    assert client._ask(status.path, {"do": "lock"})["locked"]
    assert not status.path.exists()


def test_the_socket_of_an_agent_that_came_after_stays(hold, key_file):
    _said, thread = hold(minutes=0.01)
    path = sockets.socket_path(public_key_of(key_file).id)
    path.unlink()
    with closing(server.listen(path)):
        thread.join(PATIENCE)
        assert path.exists()


def test_a_socket_is_taken_away_once_also_where_the_next_one_gets_its_number(
    hold, key_file, monkeypatch
):
    path = sockets.socket_path(public_key_of(key_file).id)
    elsewhere = path.with_suffix(".next")

    def serve(_agent, _listener, leave):
        path.rename(elsewhere)
        leave()
        elsewhere.rename(path)

    monkeypatch.setattr(server, "serve", serve)
    hold()[1].join(PATIENCE)
    assert path.exists()


def test_a_stale_socket_gives_way_to_the_next_agent(runtime):
    path = runtime / "wildlife-forensics" / "stale.sock"
    server.listen(path).close()
    assert path.exists()
    with closing(server.listen(path)), closing(socket.socket(socket.AF_UNIX)) as asking:
        asking.connect(str(path))


@pytest.mark.parametrize("child", [0, 4711])
def test_the_process_that_was_started_ends_and_its_child_has_a_session_of_its_own(
    child, monkeypatch
):
    """Who unlocks gets the terminal back, and closing it ends no session."""
    done = []

    def hold(*given):
        done.append(given)
        raise server.Locked

    monkeypatch.setattr(os, "fork", lambda: child)
    monkeypatch.setattr(os, "setsid", lambda: done.append("a session"))
    monkeypatch.setattr(signal, "signal", lambda number, _what: done.append(number))
    monkeypatch.setattr(server, "hold", hold)
    server.main(["a.key", "amina", "7.5"])
    signals = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
    assert done == ([] if child else ["a session", *signals, (Path("a.key"), "amina", 7.5)])


class Memory:
    """What the system says of the memory of a process, in place of the library of C."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def prctl(self, *given):
        self.asked.append(("prctl", *given))

    def mlockall(self, *given):
        self.asked.append(("mlockall", *given))
        return self.answer


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("answer", [0, 1, -1])
def test_memory_is_said_to_be_locked_where_the_system_did_so(platform, answer, monkeypatch):
    import resource

    system, limits = Memory(answer), []
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(server.ctypes, "CDLL", lambda *_given, **_more: system)
    monkeypatch.setattr(resource, "setrlimit", lambda *given: limits.append(given))
    assert server.protect_memory() is (answer == 0)
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]
    no_dump = [("prctl", 4, 0, 0, 0, 0)] if platform == "linux" else []  # PR_SET_DUMPABLE
    assert system.asked == [*no_dump, ("mlockall", 1)]  # MCL_CURRENT


def test_a_system_that_locks_no_memory_is_said_to_lock_none(monkeypatch):
    import resource

    monkeypatch.setattr(server.ctypes, "CDLL", lambda *_given, **_more: object())
    monkeypatch.setattr(resource, "setrlimit", lambda *_given: None)
    assert server.protect_memory() is False


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_what_the_system_says_of_the_memory_of_an_agent_is_what_the_agent_says(key_file):
    status = unlocked(key_file)
    state = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{status.process}/status").read_text().splitlines()
    )
    assert (int(state["VmLck"].split()[0]) > 0) is status.memory_locked
    limits = Path(f"/proc/{status.process}/limits").read_text().splitlines()
    assert [line.split()[4:6] for line in limits if "core file" in line] == [["0", "0"]]


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


# A socket of somebody else in a folder of one's own is on a disk that was mounted with other owners.
OF_OTHERS = {
    "folder": ([(os, "geteuid", lambda own: own + 1)], "that only you can open"),
    "socket": (
        [(sockets, "check_place", lambda _place: True), (os, "geteuid", lambda own: own + 1)],
        "a socket that only you can open"),
    "process": (
        [(sockets, "peer_user", lambda own: own + 1)], "a process of another user answers here"),
}  # fmt: skip


@pytest.mark.parametrize("what", OF_OTHERS)
def test_what_is_of_somebody_else_is_not_used(key_file, monkeypatch, what):
    patches, words = OF_OTHERS[what]
    unlocked(key_file)
    own = os.geteuid()
    with monkeypatch.context() as other:
        for module, name, value in patches:
            other.setattr(module, name, lambda *_given, value=value: value(own))
        with pytest.raises(VerificationError, match=words):
            agent.find_agent(public_key_of(key_file))
        if what == "folder":
            with pytest.raises(VerificationError, match=words):
                unlocked(key_file)


@pytest.mark.parametrize("others", [0o604, 0o640, 0o600])
def test_a_file_in_place_of_a_socket_is_not_used(key_file, runtime, others):
    path = sockets.socket_path(public_key_of(key_file).id)
    path.parent.mkdir(mode=0o700)
    path.touch(mode=others)
    with pytest.raises(VerificationError, match="a socket that only you can open"):
        agent.find_agent(public_key_of(key_file))
    path.unlink()


def test_a_folder_is_made_for_its_user_where_one_is_to_be_made(runtime):
    place = runtime / "state" / "agent"
    assert sockets.check_place(place) is False and not place.exists()
    assert sockets.check_place(place, make=True) is True
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert sockets.check_place(place) is True


def test_what_is_not_called_after_a_key_is_left_alone(key_file, runtime):
    assert sockets.key_sockets() == [] and agent.lock() == []
    status = unlocked(key_file)
    for name in ("notes.txt", f"{status.key}.sock.old", "x.sock"):
        status.path.with_name(name).touch()
    assert sockets.key_sockets() == [status.path]
    assert agent.lock() == [status.key]
    assert len(list(status.path.parent.iterdir())) == 3


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
        monkeypatch.setattr(sockets, "peer_user", lambda _connection: user)
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
        sockets.send(ours, head, message)
        return theirs.recv(100_000)


def held_key(**options):
    return server.Agent(PrivateKey(SEED), "amina", 15, **options)


def test_another_user_gets_no_answer(monkeypatch):
    held = held_key()
    request = frame({"do": "sign"}, MESSAGE)
    assert converse(held, request, monkeypatch, os.geteuid() + 1) == (b"", True)
    assert b"signature" in converse(held, request, monkeypatch, os.geteuid())[0]


def test_where_the_system_does_not_say_who_asks_the_mode_of_the_socket_is_what_counts(
    monkeypatch, serve_as
):
    """macOS: the folder and the socket are open to their user only."""
    monkeypatch.delattr(socket, "SO_PEERCRED", raising=False)
    key = serve_as(PrivateKey(SEED))
    assert key.public.verify(key.sign(MESSAGE), MESSAGE)


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system does not say who it is")
def test_the_system_says_who_is_at_the_other_end():
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        assert sockets.peer_user(theirs) == os.geteuid()


@pytest.fixture
def serve_as(runtime, monkeypatch):
    """A function that serves an agent where one of the key of SEED is looked for, and finds it."""
    threads = []
    public = PrivateKey(SEED).public

    def serve(key, says=public.id):
        held = server.Agent(key, "amina", 15)
        held.id = says
        listener = server.listen(sockets.socket_path(public.id))
        arguments = (held, listener, listener.close)
        threads.append(threading.Thread(target=server.serve, args=arguments, daemon=True))
        threads[-1].start()
        return agent.find_agent(public)

    yield serve
    agent.lock()
    for thread in threads:
        thread.join(PATIENCE)


def test_an_impostor_at_the_socket_gets_no_event_into_the_ledger(serve_as):
    key = serve_as(PrivateKey(bytes(32)))  # it says that it has the key
    with pytest.raises(VerificationError, match="does not have the key"):
        key.sign(MESSAGE)


def test_an_agent_of_another_key_behind_the_socket_is_not_used(serve_as):
    with pytest.raises(VerificationError, match="not a key agent of this software"):
        serve_as(PrivateKey(bytes(32)), says=PrivateKey(bytes(32)).id)


def test_why_an_agent_refused_is_what_is_said(serve_as):
    key = serve_as(PrivateKey(SEED))
    for message in (b"anything else", sockets.DOMAINS[0].encode(), b"\0" + MESSAGE):
        with pytest.raises(
            ForensicsError, match="signs events, heads, bundles and states of ledgers only"
        ):
            key.sign(message)
    assert key.public.verify(key.sign(MESSAGE), MESSAGE)


STATUS = {
    "key": "0" * 32, "label": "amina", "until": "2026-11-25T08:15:30.123456Z", "process": 1,
    "memory_locked": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": 5}, {"key": "0" * 31}, {"key": "x" * 32}, {"label": None}, {"label": "a\nb"},
        {"label": "a" * 201}, {"until": 12}, {"until": "tomorrow"}, {"process": "1"},
        {"process": True}, {"memory_locked": 1},
    ],
)  # fmt: skip
def test_a_status_that_is_none_is_refused(wrong):
    assert client._status(Path("s"), STATUS).label == "amina"
    with pytest.raises((VerificationError, InputError)):
        client._status(Path("s"), STATUS | wrong)


def test_a_key_that_is_locked_while_it_is_asked_for_is_no_key():
    with pytest.raises(agent.StaleAgent, match="locked just now"):
        client._status(Path("s"), {"locked": True})


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
        struct.pack(">I", sockets.MAX_HEAD_BYTES + 1) + b" " * 5000,
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


@pytest.mark.parametrize("size", ["-1", "1e3", "true", "null", str(sockets.MAX_MESSAGE_BYTES + 1)])
def test_a_message_of_no_proper_length_is_not_read(size):
    head = f'{{"format": "{sockets.FORMAT}", "do": "sign", "bytes": {size}}}'.encode()
    answer, goes_on = converse(held_key(), struct.pack(">I", len(head)) + head)
    assert goes_on and b'"error"' in answer


def test_what_is_longer_than_allowed_is_neither_sent_nor_waited_for(monkeypatch):
    monkeypatch.setattr(sockets, "MAX_MESSAGE_BYTES", 40)
    longest = "x" * (sockets.MAX_HEAD_BYTES - len(frame({"do": ""}, b"m" * 40)) + 4 + 40)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        sockets.send(ours, {"do": longest}, b"m" * 40)
        head, message = sockets.receive(theirs)
        assert (head["do"], message) == (longest, b"m" * 40)
        for do, content in ((longest + "x", b"m" * 40), ("sign", b"m" * 41)):
            with pytest.raises(InputError, match="too long"):
                sockets.send(ours, {"do": do}, content)
        ours.setblocking(False)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)  # not a byte was sent
        ours.sendall(struct.pack(">I", sockets.MAX_HEAD_BYTES + 1))
        with pytest.raises(InputError, match="not a message"):
            sockets.receive(theirs)


def test_a_slow_request_is_given_up(monkeypatch):
    monkeypatch.setattr(sockets, "MAX_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        ours.sendall(frame({"do": "status"})[:-1])
        with pytest.raises(InputError, match="too slowly"):
            sockets.receive(theirs)


def test_an_agent_that_does_not_answer_is_said_and_not_passed_over(key_file, runtime, monkeypatch):
    monkeypatch.setattr(sockets, "MAX_SECONDS", 0.05)
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
        sockets.check_domain(message)
    for message in (b"forensics-witness-1\0[]", sockets.DOMAINS[0].encode(), b"", b"\xff\0"):
        with pytest.raises(InputError):
            sockets.check_domain(message)


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


def test_a_session_ends_after_twelve_hours_however_often_it_signs():
    time = Time()
    held = held_in(time)
    for _act in range(12 * 6):
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


@pytest.mark.parametrize(("module", "name"), [(socket, "AF_UNIX"), (os, "geteuid")])
def test_windows_is_told_so(module, name, monkeypatch, key_file):
    unlocked(key_file)  # so that there would be something to find
    with monkeypatch.context() as windows:
        windows.delattr(module, name)
        assert not sockets.is_available()
        for act in (lambda: unlocked(key_file), agent.lock):
            with pytest.raises(UsageError, match="Windows"):
                act()
        assert agent.find_agent(public_key_of(key_file)) is None
        assert list(agent.list_agents()) == []


@pytest.mark.parametrize("minutes", [0, -1, 480.1, float("nan"), float("inf")])
def test_a_key_is_not_unlocked_for_longer_than_a_shift_or_no_time(key_file, minutes):
    with pytest.raises(UsageError, match="1 to 480 minutes"):
        unlocked(key_file, minutes=minutes)
    assert list(agent.list_agents()) == []


def test_a_key_may_be_unlocked_for_a_whole_shift(key_file):
    assert unlocked(key_file, minutes=480).label == "amina"


@pytest.mark.parametrize("label", ["amina\nbruno", "\x1b[2J", "a" * 201])
def test_a_name_that_would_write_over_a_screen_is_refused(key_file, label):
    with pytest.raises(UsageError, match="one line of at most 200 characters"):
        agent.unlock(key_file, lambda: PASSPHRASE, label=label)


def test_a_path_too_long_for_a_socket_is_said(key_file, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 90)))
    with pytest.raises(UsageError, match="too long for a socket"):
        unlocked(key_file)
    asked = []
    with pytest.raises(UsageError, match="too long for a socket"):
        agent.unlock(key_file, lambda: asked.append(1) or PASSPHRASE, label="amina")
    assert not asked  # for a passphrase that would unlock nothing


def test_without_a_runtime_folder_the_users_own_is_taken(monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/amina/.local/state")
    if sys.platform == "linux":
        assert sockets.folder() == Path("/home/amina/.local/state/wildlife-forensics/agent")
    assert sockets.folder().is_absolute()
    monkeypatch.setenv("XDG_RUNTIME_DIR", "run")  # which would be another folder in each folder
    assert sockets.folder().is_absolute()


@pytest.mark.parametrize(
    ("script", "said"),
    [("exit 1", r"\?"), ("echo Traceback >&2; echo no memory >&2; exit 1", "no memory"),
     ("echo '{'", "b'{")],
)  # fmt: skip
def test_an_agent_that_cannot_start_says_why(key_file, monkeypatch, tmp_path, script, said):
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(ForensicsError, match=f"did not start: {said}"):
        unlocked(key_file)


@pytest.mark.parametrize("kind", [ForensicsError, UsageError, InputError, VerificationError])
def test_a_failure_of_the_agent_is_the_same_failure_here(key_file, monkeypatch, tmp_path, kind):
    program = tmp_path / "python"
    said = json.dumps({"error": "so it is", "exit_code": kind.exit_code})
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(ForensicsError, match="so it is") as caught:
        unlocked(key_file)
    assert type(caught.value) is kind


def test_the_key_of_an_agent_knows_no_private_key():
    key = agent.AgentKey(PrivateKey(SEED).public, Path("s"), "amina")
    assert SEED.hex() not in repr(key) and not hasattr(key, "_key")
