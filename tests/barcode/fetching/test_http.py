import time
from urllib.request import Request

import pytest
from loopback import Loopback, Reply

from forensics.barcode.fetching.http import (
    FetchError,
    Line,
    Refused,
    Unusable,
    base_url,
    printable,
)
from forensics.errors import UsageError

BODY = b"whole answer"


class Echo(Loopback):
    def answer(self, path, says):
        return Reply(BODY)


@pytest.fixture
def server():
    with Echo().running() as running:
        yield running


def ask(server, line):
    request = Request(server.url)
    return line.ask("the thing", lambda: line.open(request).read(), lambda body: body)


@pytest.mark.parametrize(
    "reply, reason",
    [
        (Reply(b"busy", 500), "answered 500"),
        (Reply(b"busy", 503), "answered 503"),
        (Reply(b"slow down", 429), "answered 429"),
        (Reply(BODY[:5], promised=len(BODY)), "5 of 12 bytes arrived"),
        (Reply(BODY[:5], chunked=True), "cut off"),
        (Reply(b"", promised=len(BODY)), "0 of 12 bytes arrived"),
    ],
)
def test_what_may_become_better_is_asked_again(server, line, told, reply, reason):
    server.faults = [lambda path, says: reply]
    assert ask(server, line) == BODY
    assert len(server.requests) == 2
    (said,) = told
    assert reason in said


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"busy", 500),
        Reply(b"slow down", 429),
        Reply(BODY[:5], promised=len(BODY)),
        Reply(BODY[:5], chunked=True),
    ],
)
def test_what_never_becomes_better_is_a_clear_error(server, line, reply):
    server.faults = [lambda path, says: reply] * 3
    with pytest.raises(FetchError, match="did not arrive whole in 3 attempts.*same command again"):
        ask(server, line)
    assert len(server.requests) == 3


def test_a_slow_line_is_given_up_and_asked_again(server, told):
    server.faults = [lambda path, says: Reply(BODY, wait=4.0)]
    line = Line(timeout=1.5, tries=5, first_pause=0.0, report=told.append)
    assert ask(server, line) == BODY
    assert "nothing came for 1.5 seconds" in told[0]


def test_a_line_that_drips_is_given_up(server, told):
    server.faults = [lambda path, says: Reply(BODY, wait=0.05)] * 2
    line = Line(timeout=5, max_seconds=0.0, tries=2, first_pause=0.0)
    with pytest.raises(FetchError, match="took longer than 0 seconds"):
        ask(server, line)


@pytest.mark.parametrize("form", ["7", "http-date"])
def test_retry_after_is_kept(server, told, form):
    import email.utils

    after = form if form == "7" else email.utils.formatdate(time.time() + 7, usegmt=True)
    server.faults = [lambda path, says: Reply(b"", 429, headers={"Retry-After": after})]
    waited = []
    line = Line(timeout=5, tries=2, first_pause=0.5, report=told.append, sleep=waited.append)
    assert ask(server, line) == BODY
    assert 5 <= max(waited) <= 8


def test_a_retry_after_of_hours_ends_with_a_word(server, line):
    server.faults = [lambda path, says: Reply(b"", 503, headers={"Retry-After": "86400"})]
    with pytest.raises(FetchError, match="come again in 86400 seconds"):
        ask(server, line)


def test_pauses_grow(server):
    server.faults = [lambda path, says: Reply(b"", 500)] * 4
    waited = []
    ask(server, Line(timeout=5, tries=5, first_pause=1.0, sleep=waited.append))
    assert waited == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("status", [400, 403, 404, 414])
def test_what_the_server_refuses_is_not_asked_again(server, line, status):
    server.faults = [lambda path, says: Reply(b"no \x1b[31msuch thing", status)]
    with pytest.raises(Refused, match=f"answered {status} .*such thing") as found:
        ask(server, line)
    assert "\x1b" not in str(found.value)
    assert len(server.requests) == 1


def test_a_check_that_fails_asks_again(server, line):
    seen = []

    def check(body):
        seen.append(body)
        if len(seen) < 3:
            raise Unusable("not what was asked for")
        return body

    request = Request(server.url)
    assert line.ask("the thing", lambda: line.open(request).read(), check) == BODY
    assert len(server.requests) == 3


def test_a_server_that_is_not_there_is_told():
    line = Line(timeout=1, tries=2, first_pause=0.0)
    request = Request("http://127.0.0.1:1/")
    with pytest.raises(FetchError, match="cannot be reached"):
        line.ask("the thing", lambda: line.open(request).read(), lambda body: body)


def test_requests_keep_their_distance(server):
    waited = []
    line = Line(timeout=5, min_gap=10.0, sleep=waited.append)
    ask(server, line)
    ask(server, line)
    assert len(waited) == 1
    assert 5 < waited[0] <= 10


def test_no_file_is_opened_as_an_address(tmp_path):
    path = tmp_path / "secret"
    path.write_text("secret")
    line = Line(timeout=1, tries=1)
    with pytest.raises(FetchError, match="unknown url type"):
        line.ask("it", lambda: line.open(Request(path.as_uri())).read(), lambda body: body)


@pytest.mark.parametrize(
    "text", ["", "eutils.ncbi.nlm.nih.gov", "file:///etc/passwd", "ftp://x/", "http://[x"]
)
def test_only_http_is_an_address(text):
    with pytest.raises(UsageError, match="not the address"):
        base_url(text)


def test_addresses_end_in_one_slash():
    assert (
        base_url("https://a.example/x")
        == base_url("https://a.example/x/")
        == "https://a.example/x/"
    )


def test_what_a_server_says_is_one_line_without_control_characters():
    assert printable("a\r\n\x1b[2Jb") == "a \ufffd[2Jb"
    assert len(printable("x" * 10_000)) < 400
