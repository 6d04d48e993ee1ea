"""Timestamp tokens (RFC 3161) for heads: an authority says that a head existed at a time.

Everything goes by files, so that the ledger's computer needs no network: a request is carried to the
authority, its response is put into the head file. A token proves nothing before it is checked
against roots that the person who checks trusts; nothing here trusts any by itself.

References
----------
RFC 3161, Internet X.509 Public Key Infrastructure Time-Stamp Protocol, 10.17487/RFC3161
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from forensics.custody.canonical import time_text
from forensics.custody.heads import MAX_TOKEN, Head, SignedHead
from forensics.custody.witnesses import HeadFile
from forensics.errors import InputError, UsageError, VerificationError, importing
from forensics.io.files import replace_file
from forensics.io.inputs import read_limited
from forensics.messages import _

_MAX_ROOTS = 2**20


@dataclass(frozen=True)
class Stamp:
    """What a token says that was checked.

    Attributes
    ----------
    not_later_than : str
        Time of the token and its accuracy added: the head existed by then.
    serial : int
        Of the token, given by the authority.
    """

    not_later_than: str
    serial: int


def write_request(path: str | os.PathLike[str], head: Head) -> None:
    """Write a request for a token over the bytes that the keeper of the ledger signed.

    Without a nonce: the response is compared with the head itself, for which an old token serves
    as well as a new one.
    """
    library = _library()
    request = library.TimestampRequestBuilder(
        data=head.message, hash_algorithm=library.HashAlgorithm.SHA256, nonce=False
    ).build()
    replace_file(path, request.as_bytes())


def attach_response(head_file: HeadFile, response: str | os.PathLike[str]) -> HeadFile:
    """Return a head with the response of an authority to the request for it.

    The signature of the authority is not checked here, but by `check_token`.

    Raises
    ------
    InputError
        If the file is not a response, the authority refused, or the response is about something else.
    UsageError
        If the head has a token already.
    """
    if head_file.signed.timestamp is not None:
        raise UsageError(_("This head has a timestamp token already; keep both files."))
    data = read_limited(response, MAX_TOKEN)
    try:
        token = _decoded(data)
        _check_imprint(token, head_file.signed.head)
    except (InputError, VerificationError) as error:
        raise InputError(str(error), source=str(Path(response))) from None
    return replace(head_file, signed=replace(head_file.signed, timestamp=data))


def read_roots(path: str | os.PathLike[str]) -> list[x509.Certificate]:
    """Return the certificates of a PEM file: roots that are trusted, and what stands below them.

    Raises
    ------
    InputError
        If there is none in it, or one cannot be read.
    """
    try:
        return x509.load_pem_x509_certificates(read_limited(path, _MAX_ROOTS))
    except ValueError as error:
        raise InputError(
            _("Expected certificates in PEM: {error}").format(error=error), source=str(Path(path))
        ) from None


def check_token(signed: SignedHead, roots: Sequence[x509.Certificate]) -> Stamp:
    """Check the token of a head: signature, chain, use of the certificate and what it is about.

    The certificates must have been valid at the time of the token. Revocation is not checked, since
    that needs a network.

    Parameters
    ----------
    signed : SignedHead
        With a token.
    roots : sequence of Certificate
        From `read_roots`, at least one.

    Raises
    ------
    VerificationError
        If anything does not hold.
    """
    library = _library()
    token = _decoded(signed.timestamp or b"")
    _check_imprint(token, signed.head)
    try:
        verifier = library.VerifierBuilder(roots=list(roots)).build()
        verifier.verify_message(token, signed.head.message)
        info = token.tst_info
        accuracy = info.accuracy
        margin = accuracy and timedelta(
            seconds=accuracy.seconds or 0,
            milliseconds=accuracy.millis or 0,
            microseconds=accuracy.micros or 0,
        )
        return Stamp(time_text(info.gen_time + (margin or timedelta())), info.serial_number)
    except (library.VerificationError, ValueError, TypeError, OverflowError) as error:
        raise VerificationError(
            _("The timestamp token does not hold against these roots: {error}").format(error=error)
        ) from None


def _decoded(data: bytes) -> Any:
    library = _library()
    try:
        token = library.decode_timestamp_response(data)
        if token.status != library.PKIStatus.GRANTED:
            raise InputError(
                _("The authority gave no token: status {status} {text}").format(
                    status=token.status, text=" ".join(token.status_string)
                )
            )
    except ValueError as error:
        raise InputError(
            _("This is not a response of a timestamp authority (RFC 3161): {error}").format(
                error=error
            )
        ) from None
    return token


def _check_imprint(token: Any, head: Head) -> None:
    library = _library()
    try:
        names = {
            library.verify.SHA256_OID: "sha256",
            library.verify.SHA384_OID: "sha384",
            library.verify.SHA512_OID: "sha512",
        }
        imprint = token.tst_info.message_imprint
        name = names.get(imprint.hash_algorithm.dotted_string)
        good = name is not None and hashlib.new(name, head.message).digest() == imprint.message
    except ValueError:
        good = False
    if not good:
        raise VerificationError(
            _("The timestamp token is not over the head {head}.").format(head=head.fingerprint)
        )


def _library() -> Any:
    with importing("timestamp"):
        import rfc3161_client
    return rfc3161_client
