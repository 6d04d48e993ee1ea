"""The laboratory's signature in a report in PDF: PAdES, baseline B (ETSI EN 319 142-1), by pyHanko.

It is added behind the report, which stays as it was, byte by byte. Nothing of it is seen on a page. No network is
used: neither a time from elsewhere nor the revocation of a certificate is asked for.
"""

import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.custody.verify_bundle import Pdf
from forensics.errors import InputError, UsageError, VerificationError, importing
from forensics.io.files import AnyPath, read_limited
from forensics.messages import _
from forensics.report.printed import Printed, find_added
from forensics.report.problems import Problem, refuse_any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MAX_CERTIFICATE = 2**20  # bytes of a file with a certificate, its key and what stands above it
_FIELD = "Signature"


class Signer(NamedTuple):
    """A certificate with its key.

    Attributes
    ----------
    certificate : Certificate
    key : private key
        Of `cryptography`.
    others : tuple of Certificate
        Certificates of the authorities above it.
    """

    certificate: "Certificate"
    key: Any
    others: tuple["Certificate", ...]


@dataclass(frozen=True)
class Signature:
    """What a signature in a report says.

    Attributes
    ----------
    signer, issuer : str
        Names in the certificate.
    serial : str
        Number of the certificate, hexadecimal.
    valid_from, valid_to : str
        Days of the certificate.
    signed_at : str
        As the signer states; empty where that is not stated.
    trusted : bool or None
        Whether the certificate rests on an authority that is trusted; None where none was given.
    """

    signer: str
    issuer: str
    serial: str
    valid_from: str
    valid_to: str
    signed_at: str
    trusted: bool | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def read_signer(path: AnyPath, passphrase: Callable[[], str]) -> Signer:
    """Return the certificate and the key of a file.

    Parameters
    ----------
    path : path
        PKCS#12, or PEM with the certificate, its key and the certificates above it.
    passphrase : callable
        Called where the file is protected.

    Raises
    ------
    InputError
        If it is neither, or lacks the certificate or the key.
    VerificationError
        If the passphrase is wrong, the key is that of another certificate, or the certificate is not valid
        today or not for signing.
    """
    content = read_limited(path, _MAX_CERTIFICATE)
    read = _read_pem if b"-----BEGIN " in content else _read_pkcs12
    certificates, key = read(content, str(path), passphrase)
    public = key.public_key()
    own = [one for one in certificates if one.public_key() == public]
    if not own:
        raise VerificationError(
            _("{path}: the private key does not belong to the certificate.").format(path=path)
        )
    _check_use(own[0], str(path))
    return Signer(own[0], key, tuple(one for one in certificates if one != own[0]))


def _read_pem(
    content: bytes, path: str, passphrase: Callable[[], str]
) -> "tuple[list[Certificate], Any]":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    start = content.find(b"PRIVATE KEY-----")
    if start < 0 or b"-----BEGIN CERTIFICATE-----" not in content:
        raise _neither(path)
    start = content.rfind(b"-----BEGIN ", 0, start)
    is_protected = b"ENCRYPTED" in content[start:]
    try:
        certificates = load_pem_x509_certificates(content)
        secret = passphrase().encode() if is_protected else None
        return certificates, load_pem_private_key(content[start:], secret)
    except (TypeError, ValueError) as error:
        raise (_wrong_passphrase(path) if is_protected else _neither(path)) from error


def _read_pkcs12(
    content: bytes, path: str, passphrase: Callable[[], str]
) -> "tuple[list[Certificate], Any]":
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

    if content[:1] != b"\x30":  # a sequence of ASN.1
        raise _neither(path)
    try:
        key, certificate, others = load_key_and_certificates(content, passphrase().encode())
    except ValueError as error:
        raise _wrong_passphrase(path) from error
    if key is None or certificate is None:
        raise _neither(path)
    return [certificate, *others], key


def _neither(path: str) -> InputError:
    return InputError(
        _("expected a certificate with its private key, as PKCS#12 or PEM"), source=path
    )


def _wrong_passphrase(path: str) -> VerificationError:
    return VerificationError(
        _("{path}: the passphrase is wrong, or the file is damaged.").format(path=path)
    )


def _check_use(certificate: "Certificate", path: str) -> None:
    """Refuse a certificate that is not valid today, or not for signing."""
    from cryptography.x509 import ExtensionNotFound, KeyUsage

    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= datetime.now(UTC) <= last:
        raise VerificationError(
            _("{path}: the certificate is valid from {first} to {last}, and not today.").format(
                path=path, first=first.date(), last=last.date()
            )
        )
    try:
        use = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return
    if not (use.digital_signature or use.content_commitment):
        raise VerificationError(
            _("{path}: the certificate is not one for signatures.").format(path=path)
        )


def sign(printed: Printed, signer: Signer) -> bytes:
    """Return a report in PDF with a signature behind it.

    Raises
    ------
    UsageError
        If it is signed already.
    VerificationError
        If the signature would not hold.
    ForensicsError
        If pyHanko is not installed.
    """
    if printed.is_added_to:
        raise UsageError(
            _("{path} is signed already; build the report again and sign that.").format(
                path=printed.path
            )
        )
    with importing("sign"):
        from asn1crypto.keys import PrivateKeyInfo
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    class Writer(IncrementalPdfFileWriter):
        """Adds to a PDF, and leaves the rest of it alone."""

        def _update_meta(self) -> None:
            """Leave the description of the document as it is: that of PDF/A would lose its schemas."""

    private = signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    above = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    above.register_multiple(map(_as_asn1, signer.others))
    about = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    by = SimpleSigner(
        signing_cert=_as_asn1(signer.certificate),
        signing_key=PrivateKeyInfo.load(private),
        cert_registry=above,
    )
    signed = PdfSigner(about, signer=by).sign_pdf(Writer(io.BytesIO(printed.content)))
    content: bytes = signed.getvalue()
    made = replace(printed, content=content, pdf=Pdf(content))
    refuse_any([*find_added(made), *check_signature(made)[0]])
    return content


def check_signature(
    printed: Printed, roots: Sequence["Certificate"] = ()
) -> tuple[list[Problem], Signature | None]:
    """Return what does not hold of the signature in a report, and what it says; None where there is none.

    Parameters
    ----------
    printed : Printed
    roots : sequence of Certificate
        Authorities that are trusted. Without any, it is not checked who signed, and a report may be unsigned.

    Raises
    ------
    ForensicsError
        If it has one and pyHanko is not installed.
    """
    if not printed.is_added_to:
        return [Problem("SIGNATURE", "signature", _("not signed"))] if roots else [], None
    with importing("sign"):
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
        from pyhanko.sign.validation.status import SignatureCoverageLevel
        from pyhanko_certvalidator import ValidationContext

    from cryptography.x509 import load_der_x509_certificate

    for name in ("pyhanko", "pyhanko_certvalidator"):  # what does not hold is told here
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        found = PdfFileReader(io.BytesIO(printed.content), strict=True).embedded_signatures
        if len(found) != 1:
            number = _("{count} signatures").format(count=len(found))
            return [Problem("SIGNATURE", "signature", number)], None
        certificate = load_der_x509_certificate(found[0].signer_cert.dump())
        stated = found[0].self_reported_timestamp
        # A signature outlives its certificate. Nothing but the signer's word says when it was made.
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        today = datetime.now(UTC)
        trusting = ValidationContext(
            trust_roots=[_as_asn1(one) for one in roots],
            allow_fetching=False,
            moment=stated if stated and first <= stated <= last < today else today,
        )
        # One that is for signatures of any kind will do.
        uses = KeyUsageConstraints(
            {"digital_signature", "non_repudiation"}, match_all_key_usages=False
        )
        status = validate_pdf_signature(found[0], trusting, key_usage_settings=uses, skip_diff=True)
    except Exception as error:  # whatever a hostile file provokes
        return [Problem("SIGNATURE", "signature", str(error)[:200] or type(error).__name__)], None
    signature = Signature(
        signer=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        valid_from=first.date().isoformat(),
        valid_to=last.date().isoformat(),
        signed_at=stated.astimezone(UTC).isoformat(timespec="seconds") if stated else "",
        trusted=bool(status.trusted) if roots else None,
    )
    problems = []
    if not status.intact:
        problems.append(
            Problem("SIGNATURE", "signature", _("the file was changed after it was signed"))
        )
    elif not status.valid:
        told = _("it was not made with the key of its certificate")
        problems.append(Problem("SIGNATURE", "signature", told))
    elif signature.trusted is False:
        problems.append(Problem("SIGNER", "signature", signature.signer))
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        problems.append(Problem("SIGNATURE", "signature", _("something was added after it")))
    return problems, signature


def _as_asn1(certificate: "Certificate") -> Any:
    """Return a certificate as pyHanko takes it."""
    from asn1crypto.x509 import Certificate
    from cryptography.hazmat.primitives.serialization import Encoding

    return Certificate.load(certificate.public_bytes(Encoding.DER))
