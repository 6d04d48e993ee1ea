"""Fetching a curve from a server on the loopback; its content is made, so its SHA-256 is set."""

import hashlib

import pytest
from loopback import Loopback, Reply

from forensics.age import fetching
from forensics.age.fetching import fetch_curve
from forensics.errors import ForensicsError, UsageError, VerificationError

CONTENT = b"# made\n10,20,3\n0,10,3\n"


class Server(Loopback):
    def answer(self, path, says):
        return Reply(CONTENT) if path == "/curves/intcal20.14c" else Reply(b"no", 404)


@pytest.fixture
def server():
    with Server().running() as found:
        yield found


@pytest.fixture
def known(monkeypatch):
    one = fetching.KnownCurve("intcal20.14c", hashlib.sha256(CONTENT).hexdigest(), "made")
    monkeypatch.setitem(fetching.CURVES, "intcal20", one)


def test_the_published_content_is_written(server, known, tmp_path):
    fetch_curve("intcal20", tmp_path / "x.14c", server=server.url + "curves")
    assert (tmp_path / "x.14c").read_bytes() == CONTENT


def test_other_content_is_refused_and_nothing_is_written(server, tmp_path):
    with pytest.raises(VerificationError, match="974a66649f2a"):
        fetch_curve("intcal20", tmp_path / "x.14c", server=server.url + "curves")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "reply",
    [Reply(b"gone", 503), Reply(CONTENT, promised=len(CONTENT) + 5), Reply(b"x" * (2**21 + 2)),
     Reply(status=302, headers={"Location": "file:///etc/hostname"})],
)  # fmt: skip
def test_what_does_not_arrive_whole_is_an_error(server, known, tmp_path, reply):
    server.faults.append(lambda path, says: reply)
    with pytest.raises(ForensicsError, match="was not fetched"):
        fetch_curve("intcal20", tmp_path / "x.14c", server=server.url + "curves")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_not_overwritten_and_bad_names_are_refused(server, known, tmp_path):
    (tmp_path / "x").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        fetch_curve("intcal20", tmp_path / "x", server=server.url)
    with pytest.raises(UsageError, match="is not a curve"):
        fetch_curve("intcal98", tmp_path / "y", server=server.url)
    with pytest.raises(UsageError, match="address"):
        fetch_curve("intcal20", tmp_path / "y", server="file:///tmp")
    assert server.requests == []
