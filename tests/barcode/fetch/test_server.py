import email.utils
import time
from urllib.parse import urlsplit

import pytest
from loopback import Loopback, Reply

from forensics.barcode.fetch import server as module
from forensics.barcode.fetch.request import FetchError, Refused, Unusable, one_line
from forensics.barcode.fetch.server import Server
from forensics.errors import UsageError

BODY = b"whole answer"


class Echo(Loopback):
    def answer(self, path, says):
        return Reply(BODY)


@pytest.fixture
def server():
    with Echo().running() as running:
        yield running


@pytest.fixture
def line(server, asked):
    return asked(server.url)


def ask(line, check=lambda body: body, **more):
    return line.ask("the thing", "it", {"a": "b c"}, check, **more)


@pytest.mark.parametrize(
    "reply, reason",
    [
        (Reply(b"busy", 500), "answered 500"),
        (Reply(b"busy", 503), "answered 503"),
        (Reply(b"slow down", 429), "answered 429"),
        (Reply(BODY[:5], promised=len(BODY)), "5 of 12 bytes arrived"),
        (Reply(BODY[:5], chunked=True), "the connection broke"),
        (Reply(b"", promised=len(BODY)), "0 of 12 bytes arrived"),
    ],
)
def test_what_may_become_better_is_asked_again_and_what_never_does_is_told(
    server, line, told, reply, reason
):
    server.faults = [lambda path, says: reply]
    assert ask(line) == BODY
    assert len(server.requests) == 2
    (said,) = told
    assert reason in said
    server.faults = [lambda path, says: reply] * 3
    with pytest.raises(FetchError, match="not received completely in 3 attempts.*run the same"):
        ask(line)
    assert len(server.requests) == 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_fields_arrive_either_way(server, line, method):
    assert ask(line, method=method) == BODY
    assert server.requests == [("/it", {"a": "b c"})]


def test_a_server_that_is_slow_is_given_up_and_asked_again(server, asked, told):
    server.faults = [lambda path, says: Reply(BODY, wait=4.0)]
    assert ask(asked(server.url, timeout=1.5)) == BODY
    assert "nothing came for 1.5 seconds" in told[0]


def test_a_server_that_drips_is_given_up(server, line, monkeypatch):
    monkeypatch.setattr(module, "MAX_SECONDS", 0.0)
    server.faults = [lambda path, says: Reply(BODY, wait=0.05)] * 3
    with pytest.raises(FetchError, match="took longer than 0 seconds"):
        ask(line)


def test_an_answer_without_end_is_refused(server, line, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 5)
    with pytest.raises(Refused, match="longer than 5 bytes"):
        ask(line)


@pytest.mark.parametrize("form", ["7", "http-date", "soon"])
def test_retry_after_is_kept(server, line, naps, form):
    dated = email.utils.formatdate(time.time() + 7, usegmt=True)
    after = dated if form == "http-date" else form
    server.faults = [lambda path, says: Reply(b"", 429, headers={"Retry-After": after})]
    assert ask(line) == BODY
    assert naps == [0] if form == "soon" else 5 <= max(naps) <= 8


def test_a_retry_after_of_hours_ends_with_a_word(server, line):
    server.faults = [lambda path, says: Reply(b"", 503, headers={"Retry-After": "86400"})]
    with pytest.raises(FetchError, match="for a pause of 86400 seconds"):
        ask(line)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply", [Reply(b"", 500), Reply(BODY[:5], promised=len(BODY)), Reply(b"other")]
)
def test_pauses_grow_whatever_went_wrong(server, line, naps, monkeypatch, reply):
    monkeypatch.setattr(module, "TRIES", 6)
    server.faults = [lambda path, says: reply] * 5

    def check(body):
        if body != BODY:
            raise Unusable("not what was asked for")
        return body

    assert ask(line, check) == BODY
    assert naps == [0, 2, 4, 8, 16]


def test_attempts_are_counted_together_whatever_went_wrong(server, line):
    server.faults = [
        lambda path, says: Reply(b"", 500),
        lambda path, says: Reply(BODY[:5], promised=len(BODY)),
        lambda path, says: Reply(b"", 503),
    ]
    with pytest.raises(FetchError, match="in 3 attempts; the last time: the server answered 503"):
        ask(line)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 414])
def test_what_the_server_refuses_is_not_asked_again(server, line, status):
    server.faults = [lambda path, says: Reply(b"no \x1b[31msuch thing", status)]
    with pytest.raises(Refused, match=f"answered {status} .*such thing") as found:
        ask(line)
    assert "\x1b" not in str(found.value)
    assert len(server.requests) == 1


def test_a_redirect_is_shown_and_not_followed(server, line):
    elsewhere = {"Location": "http://elsewhere.example/"}
    server.faults = [lambda path, says: Reply(b"", 302, headers=elsewhere)]
    with pytest.raises(Refused, match="answered 302 .*http://elsewhere.example/"):
        ask(line)
    assert len(server.requests) == 1


def test_a_check_that_fails_asks_again(server, line):
    seen = []

    def check(body):
        seen.append(body)
        if len(seen) < 3:
            raise Unusable("not what was asked for")
        return body

    assert ask(line, check) == BODY
    assert len(server.requests) == 3


def test_a_server_that_is_not_there_is_told(asked):
    with pytest.raises(FetchError, match="cannot be reached"):
        ask(asked("http://127.0.0.1:1/"))


def test_requests_keep_their_distance(server, asked, naps):
    line = asked(server.url, gap=10.0)
    ask(line)
    ask(line)
    assert len(naps) == 1
    assert 5 < naps[0] <= 10


def test_a_proxy_of_the_system_is_used(server, asked, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(asked("http://portal.example/api/")) == BODY
    ((path, _says),) = server.requests
    assert urlsplit(path).path == "/api/it"


@pytest.mark.parametrize(
    "text", ["", "eutils.ncbi.nlm.nih.gov", "file:///etc/passwd", "ftp://x/", "http://[x"]
)
def test_only_http_is_an_address(text):
    with pytest.raises(UsageError, match="not the address"):
        Server(text)


def test_addresses_end_in_one_slash():
    for text in ("https://a.example/x", "https://a.example/x/"):
        assert Server(text).address == "https://a.example/x/"


def test_what_a_server_says_is_one_line_without_control_characters():
    assert one_line("a\r\n\x1b[2Jb") == "a ?[2Jb"
    assert len(one_line("x" * 10_000)) < 400
