"""Fetches a calibration curve by name; what arrives must have the known SHA-256.

The only module of this package that may use the network, and only when asked. A mirror will do as
well as the publisher's server, since other content is refused.
"""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from forensics.errors import ForensicsError, UsageError, VerificationError
from forensics.io.files import write_new
from forensics.messages import _

__all__ = ["CURVES", "SERVER", "KnownCurve", "fetch_curve"]

SERVER = "https://intcal.org/curves/"
# Seconds without a byte, and for the whole file (0.2 MB).
TIMEOUT, LONGEST = 60.0, 600.0
MAX_BYTES = 2 * 2**20
_CHUNK = 1 << 16


@dataclass(frozen=True)
class KnownCurve:
    """A published curve: the name of its file, its SHA-256 and where it is published."""

    file: str
    sha256: str
    reference: str


CURVES = {
    "intcal20": KnownCurve(
        "intcal20.14c",
        "974a66649f2ac8a53e6c99e256b019ac6982f999b12dcf7193162d4c1c09168e",
        "Reimer et al. 2020, doi:10.1017/RDC.2020.41",
    ),
    "shcal20": KnownCurve(
        "shcal20.14c",
        "e214d987bc4dbddfbc91c0aca4573a71db22a17c93d8bc55fa609bb58ae39b0d",
        "Hogg et al. 2020, doi:10.1017/RDC.2020.59",
    ),
}


def fetch_curve(name: str, path: str | os.PathLike[str], *, server: str = SERVER) -> KnownCurve:
    """Fetch a curve and write it to a new file, if it is the published one.

    Parameters
    ----------
    name : str
        A key of `CURVES`.
    path : path
        A file that does not exist yet.
    server : str
        Address of the folder that has the file; http or https.

    Raises
    ------
    UsageError
        If the name or the address is unknown, or the file exists.
    ForensicsError
        If no whole answer comes. Nothing is written.
    VerificationError
        If the content is not that of the published curve. Nothing is written.
    """
    if name not in CURVES:
        raise UsageError(
            _("{value!r} is not a curve; expected one of {known}.").format(
                value=name, known=", ".join(CURVES)
            )
        )
    known, path = CURVES[name], Path(path)
    if path.exists():
        raise UsageError(_("{path} exists; give a new file.").format(path=path))
    address = _folder(server) + known.file
    content = _whole(address)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != known.sha256:
        raise VerificationError(
            _(
                "{address} has the SHA-256 {found}; the published {name} has {expected}. Nothing was "
                "written. Fetch it elsewhere, and compare."
            ).format(address=address, found=sha256, name=name, expected=known.sha256)
        )
    write_new(path, content)
    return known


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to http or https; never away from encryption."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        schemes = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if schemes not in (("http", "http"), ("http", "https"), ("https", "https")):
            raise urllib.error.URLError(_("it sends to an address without encryption"))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _folder(server: str) -> str:
    try:
        parts = urlsplit(server)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(
            _("{text!r} is not the address of a server; expected https://…").format(text=server)
        )
    return server.rstrip("/") + "/"


def _whole(address: str) -> bytes:
    """Return a whole answer; http and https alone, no file: and no ftp:."""
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
    body, end = bytearray(), time.monotonic() + LONGEST
    request = urllib.request.Request(address, headers={"User-Agent": "wildlife-forensics"})
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            expected = response.headers.get("Content-Length", "")
            while chunk := response.read1(_CHUNK):
                body += chunk
                if len(body) > MAX_BYTES or time.monotonic() > end:
                    raise OSError(_("the answer is too long or too slow"))
        if expected.isascii() and expected.isdigit() and len(body) != int(expected):
            raise OSError(
                _("{found} of {expected} bytes arrived").format(
                    found=len(body), expected=int(expected)
                )
            )
    except (http.client.HTTPException, OSError) as error:  # URLError is an OSError
        reason = getattr(error, "reason", None) or error
        shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(reason))[:300]
        raise ForensicsError(
            _("{address} was not fetched: {reason}. Nothing was written; try again later.").format(
                address=address, reason=shown
            )
        ) from error
    return bytes(body)
