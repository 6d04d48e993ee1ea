"""Asks a server, one request after another: waits, tries again, and takes no half answer.

An answer is taken whole or not at all: shorter than the server said, cut off, too slow, or not
what was asked for (which the caller's check decides), it is asked for again, each time after a
longer pause. What cannot become better by asking again (a request that the server refuses) ends
at once.

References
----------
RFC 9110, HTTP Semantics, section 10.2.3: Retry-After.
"""

import email.utils
import http.client
import io
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from forensics.errors import ForensicsError, UsageError
from forensics.messages import _

__all__ = [
    "FetchError",
    "Line",
    "Refused",
    "Response",
    "UnknownTaxon",
    "Unusable",
    "base_url",
    "printable",
]

T = TypeVar("T")

#: Seconds without a byte after which a line counts as dead. E-utilities may think for a minute
#: before the first byte of a large batch.
TIMEOUT = 120.0
#: Seconds that one answer may take in all; a line that drips would otherwise hold for ever.
MAX_SECONDS = 3600.0
#: Attempts at one request. With the pauses below they span some four minutes, which outlasts
#: the usual hiccup and not an outage: for that, run the command again, it continues.
TRIES = 8
#: Seconds before the second attempt; doubled each time, up to `MAX_PAUSE`.
FIRST_PAUSE = 1.0
MAX_PAUSE = 64.0
#: Seconds that are waited for at most because the server asks for it (Retry-After).
MAX_PATIENCE = 900.0
#: Bytes of one answer. 200 plastid genomes with their annotation come to some 100 MB.
MAX_BYTES = 2 * 2**30
_CHUNK = 1 << 16
_TOO_MANY = 429
_REPLY = 300  # letters of an error page that are shown


class FetchError(ForensicsError):
    """What was asked for did not arrive whole; nothing was written but the unfinished batches."""


class UnknownTaxon(FetchError):
    """The server knows none of the names of a taxon."""


class Unusable(Exception):
    """An answer that may be better when it is asked for again."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Refused(Exception):
    """A request that the server does not accept (HTTP 4xx); `code` is the status."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Response(io.BytesIO):
    """A whole answer; behaves as `urllib.request.urlopen`'s does."""

    def __init__(self, body: bytes, headers: http.client.HTTPMessage, url: str) -> None:
        super().__init__(body)
        self.headers, self.url = headers, url


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to another address unless it leaves encryption."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise Refused(code, _("it sends to an address without encryption"))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https alone; no file:, no ftp:."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        _NoDowngrade,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


@dataclass
class Line:
    """A line to one server.

    Attributes
    ----------
    timeout, max_seconds : float
        Seconds: without a byte; for one answer in all.
    tries : int
        Attempts at one request.
    first_pause : float
        Seconds before the second attempt.
    min_gap : float
        Seconds between two requests at least.
    report : callable, optional
        Called with the reason, in words, when something is asked again.
    sleep : callable
        Waits so many seconds; a test may give its own.
    """

    timeout: float = TIMEOUT
    max_seconds: float = MAX_SECONDS
    tries: int = TRIES
    first_pause: float = FIRST_PAUSE
    min_gap: float = 0.0
    report: Callable[[str], None] | None = None
    sleep: Callable[[float], None] = time.sleep
    _last: float = field(default=float("-inf"), repr=False)
    _open: urllib.request.OpenerDirector = field(default_factory=_opener, repr=False)

    def ask(self, what: str, call: Callable[[], bytes], check: Callable[[bytes], T]) -> T:
        """Return the checked answer to a request, asked again while it is unusable.

        Parameters
        ----------
        what : str
            What is asked for, in words, for messages.
        call : callable
            Sends the request and returns the body.
        check : callable
            Returns what is made of the body, or raises `Unusable`.

        Raises
        ------
        FetchError
            If it stays unusable.
        Refused
            If the server does not accept the request.
        """
        for number in range(1, self.tries + 1):
            try:
                return check(call())
            except Unusable as error:
                if number == self.tries:
                    raise FetchError(
                        _(
                            "{what} did not arrive whole in {tries} attempts; the last time: "
                            "{reason}. What arrived before is kept: run the same command again "
                            "and it continues there."
                        ).format(what=what, tries=number, reason=error)
                    ) from error
                pause = min(self.first_pause * 2 ** (number - 1), MAX_PAUSE)
                if error.wait is not None:
                    if error.wait > MAX_PATIENCE:
                        raise FetchError(
                            _(
                                "{what}: the server asks to come again in {seconds:.0f} seconds. "
                                "Run the same command again then; it continues where it stopped."
                            ).format(what=what, seconds=error.wait)
                        ) from error
                    pause = max(pause, error.wait)
                if self.report:
                    self.report(
                        _("{what}: {reason}; asked again in {seconds:.1f} seconds").format(
                            what=what, reason=error, seconds=pause
                        )
                    )
                self.sleep(pause)
        raise AssertionError("there is at least one attempt")

    def open(self, request: urllib.request.Request) -> Response:
        """Send one request and return its whole answer.

        Raises
        ------
        Unusable
            If no whole answer comes.
        Refused
            If the server does not accept the request.
        """
        wait = self._last + self.min_gap - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        self._last = time.monotonic()
        try:
            with self._open.open(request, timeout=self.timeout) as response:
                return self._whole(response)
        except urllib.error.HTTPError as error:
            with error:
                raise _judged(error) from error
        except urllib.error.URLError as error:
            reason = error.reason
            if isinstance(reason, TimeoutError):
                raise Unusable(_slow(self.timeout)) from error
            raise Unusable(
                _("the server cannot be reached ({reason})").format(reason=printable(reason))
            ) from error
        except TimeoutError as error:
            raise Unusable(_slow(self.timeout)) from error
        except http.client.IncompleteRead as error:
            raise Unusable(_("the answer was cut off")) from error
        except (http.client.HTTPException, OSError) as error:
            raise Unusable(
                _("the line broke ({reason})").format(reason=printable(error))
            ) from error

    def _whole(self, response: http.client.HTTPResponse) -> Response:
        expected = response.headers.get("Content-Length", "")
        end, body = time.monotonic() + self.max_seconds, bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise Refused(
                    response.status,
                    _("the answer is longer than {most} bytes").format(most=MAX_BYTES),
                )
            if time.monotonic() > end:
                raise Unusable(
                    _("the answer took longer than {seconds:.0f} seconds").format(
                        seconds=self.max_seconds
                    )
                )
        if expected.isascii() and expected.isdigit() and len(body) != int(expected):
            raise Unusable(
                _("{found} of {expected} bytes arrived").format(
                    found=len(body), expected=int(expected)
                )
            )
        return Response(bytes(body), response.headers, response.url)


def base_url(text: str) -> str:
    """Return the address of a server, ending in a slash.

    Raises
    ------
    UsageError
        If it is not one of http or https.
    """
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(
            _("{text!r} is not the address of a server; expected https://…").format(text=text)
        )
    return text.rstrip("/") + "/"


def printable(text: object, *, most: int = _REPLY) -> str:
    """Return what a server said as one line without control characters."""
    line = " ".join(str(text).split())
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
    return line[:most] + "…" if len(line) > most else line


def _slow(seconds: float) -> str:
    return _("nothing came for {seconds:g} seconds").format(seconds=seconds)


def _judged(error: urllib.error.HTTPError) -> Exception:
    try:
        stated = error.read(_CHUNK).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        stated = ""
    reason = _("the server answered {code} {reason}").format(
        code=error.code, reason=printable(error.reason)
    )
    if error.code == _TOO_MANY or error.code >= 500 or error.code == 408:
        return Unusable(reason, wait=_retry_after(error.headers.get("Retry-After", "")))
    if stated.strip():
        reason += f": {printable(stated)}"
    return Refused(error.code, reason)


def _retry_after(text: str) -> float | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return max(0.0, when.timestamp() - time.time())
