"""Asks a server through urllib3: one request after another, and no half answer.

An answer is taken whole or not at all. Where it is shorter than the server said, cut off, too slow, or
not what was asked for (which the caller's check decides), it is asked for again, each time after a
longer pause (`urllib3.Retry`). A request that the server refuses ends at once. A redirect is not
followed: the new address is shown, and can be given instead.

References
----------
RFC 9110, HTTP Semantics, section 10.2.3: Retry-After.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import responses
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from forensics.barcode.fetch.request import FetchError, Refused, Unusable, one_line
from forensics.errors import UsageError
from forensics.messages import _

T = TypeVar("T")

#: Seconds without a byte after which a connection counts as dead. E-utilities may think for a minute
#: before the first byte of a large batch.
TIMEOUT = 120.0
#: Seconds that one answer may take in all; a server that drips would otherwise hold for ever.
MAX_SECONDS = 3600.0
#: Attempts at one request. With the pauses they span some three minutes, which outlasts the usual
#: hiccup and not an outage: for that, run the command again, it continues.
TRIES = 8
#: The second attempt follows at once, the third after twice these seconds; then doubled, up to
#: `MAX_PAUSE`.
FIRST_PAUSE = 1.0
MAX_PAUSE = 64.0
#: Seconds that are waited for at most because the server asks for it (Retry-After).
MAX_PATIENCE = 900.0
#: Bytes of one answer. 200 plastid genomes with their annotation come to some 100 MB.
MAX_BYTES = 2 * 2**30
_CHUNK = 1 << 16
_BUSY = frozenset({408, 429, *range(500, 600)})


class Server:
    """A server, which is asked one request after another.

    Parameters
    ----------
    address : str
        Of http or https.
    gap : float
        Seconds between two requests at least.
    timeout : float
        Seconds without a byte.
    report : callable, optional
        Called with the reason, in words, when something is asked again.

    Raises
    ------
    UsageError
        If it is not the address of a server.
    """

    def __init__(
        self,
        address: str,
        *,
        gap: float = 0.0,
        timeout: float = TIMEOUT,
        report: Callable[[str], None] | None = None,
    ) -> None:
        try:
            parts = urlsplit(address)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
        except ValueError:
            sound = False
        if not sound:
            raise UsageError(
                _("{text!r} is not the address of a server; expected https://…").format(
                    text=address
                )
            )
        self.address = address.rstrip("/") + "/"
        self.gap, self.timeout, self.report = gap, timeout, report
        self._last = float("-inf")
        proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
        settings: dict[str, Any] = {"timeout": urllib3.Timeout(connect=timeout, read=timeout)}
        self._pool = (
            urllib3.ProxyManager(proxy, **settings) if proxy else urllib3.PoolManager(**settings)
        )

    def ask(
        self,
        what: str,
        path: str,
        fields: Mapping[str, object],
        check: Callable[[bytes], T],
        *,
        method: str = "GET",
    ) -> T:
        """Return the checked answer to a request, asked again while it is unusable.

        Parameters
        ----------
        what : str
            What is asked for, in words, for messages.
        path : str
            Below the server's address.
        fields : mapping
            Of the query; with POST of the form.
        check : callable
            Returns what is made of the body, or raises `Unusable`.

        Raises
        ------
        FetchError
            If it stays unusable.
        Refused
            If the server does not accept the request.
        """
        form = urlencode(fields)
        headers = {"User-Agent": "wildlife-forensics"}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        address = f"{self.address}{path}" + (f"?{form}" if method == "GET" else "")
        retries: urllib3.Retry = _Retry(server=self, what=what, total=TRIES - 1)
        try:
            while True:
                self._keep_distance()
                response = self._pool.request(
                    method, address, body=form if method == "POST" else None, headers=headers,
                    retries=retries, redirect=False, preload_content=False,
                )  # fmt: skip
                retries = response.retries or retries
                try:
                    return check(self._whole(what, response))
                except (HTTPError, Unusable) as error:
                    retries = retries.increment(method, address, error=error)
                finally:
                    response.close()
                retries.sleep()
        except HTTPError as error:
            reason = error.reason if isinstance(error, MaxRetryError) else error
            raise FetchError(
                _(
                    "{what} was not received completely in {tries} attempts; the last time: "
                    "{reason}. The data received before are kept; run the same command to "
                    "continue."
                ).format(what=what, tries=TRIES, reason=_why(reason, self.timeout))
            ) from error

    def _keep_distance(self) -> None:
        wait = self._last + self.gap - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._last = time.monotonic()

    def _whole(self, what: str, response: urllib3.BaseHTTPResponse) -> bytes:
        """Return the body of an answer; urllib3 counts its bytes."""
        end, body = time.monotonic() + MAX_SECONDS, bytearray()
        for chunk in response.stream(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                reason = _("the answer is longer than {most} bytes").format(most=MAX_BYTES)
                raise Refused(what, response.status, reason)
            if time.monotonic() > end:
                raise Unusable(
                    _("the answer took longer than {seconds:.0f} seconds").format(
                        seconds=MAX_SECONDS
                    )
                )
        if response.status == 200:
            return bytes(body)
        if response.status in _BUSY:
            raise Unusable(_answered(response.status))
        stated = one_line(response.headers.get("Location") or body.decode("utf-8", "replace"))
        reason = _answered(response.status)
        raise Refused(what, response.status, f"{reason}: {stated}" if stated else reason)


class _Retry(urllib3.Retry):
    """urllib3's, which says why it asks again and does not wait for hours."""

    def __init__(self, *, server: Server, what: str, **settings: Any) -> None:
        settings = {
            "status_forcelist": _BUSY, "raise_on_status": False, "allowed_methods": None,
            "backoff_factor": FIRST_PAUSE, "backoff_max": MAX_PAUSE, **settings,
        }  # fmt: skip
        super().__init__(**settings)
        self.retry_after_max = 10**9  # what the server asks for is said as it is
        self.server, self.what = server, what

    def new(self, **changes: Any) -> "_Retry":
        return super().new(**{"server": self.server, "what": self.what, **changes})

    def sleep(self, response: urllib3.BaseHTTPResponse | None = None) -> None:
        wait = 0.0
        if response:
            with suppress(InvalidHeader):
                wait = self.get_retry_after(response) or 0.0
        if wait > MAX_PATIENCE:
            raise FetchError(
                _(
                    "{what}: the server asks for a pause of {seconds:.0f} seconds. Run the same "
                    "command after that; it continues where it stopped."
                ).format(what=self.what, seconds=wait)
            )
        pause = max(self.get_backoff_time(), self.server.gap, wait)
        last = self.history[-1]
        reason = _why(last.error, self.server.timeout) if last.error else _answered(last.status)
        if self.server.report:
            self.server.report(
                _("{what}: {reason}; asked again in {seconds:.1f} seconds").format(
                    what=self.what, reason=reason, seconds=pause
                )
            )
        time.sleep(pause)


def _answered(status: int | None) -> str:
    return _("the server answered {code} {reason}").format(
        code=status, reason=responses.get(status or 0, "")
    )


def _why(error: Exception | None, timeout: float) -> str:
    if isinstance(error, Unusable):
        return str(error)
    cause = error.__cause__ if error else None
    if isinstance(cause, IncompleteRead):
        found = cause.partial
        return _("{found} of {expected} bytes arrived").format(
            found=found, expected=found + cause.expected
        )
    if isinstance(error, NewConnectionError):
        return _("the server cannot be reached ({reason})").format(reason=one_line(error))
    if isinstance(error, (ReadTimeoutError, ConnectTimeoutError)):
        return _("nothing came for {seconds:g} seconds").format(seconds=timeout)
    reason = error.args[0] if isinstance(error, ProtocolError) else error
    return _("the connection broke ({reason})").format(reason=one_line(reason))
