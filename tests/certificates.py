"""Certificates of an authority and of laboratories, made for tests."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

__all__ = ["PASSPHRASE", "Issued", "issue"]

PASSPHRASE = "of the laboratory"


class Issued:
    """A certificate with its key, and the authority above it."""

    def __init__(self, certificate, key, authority):
        self.certificate, self.key, self.authority = certificate, key, authority

    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self):
        encryption = BestAvailableEncryption(PASSPHRASE.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def p12(self):
        encryption = BestAvailableEncryption(PASSPHRASE.encode())
        above = [self.authority.certificate] if self.authority else []
        return pkcs12.serialize_key_and_certificates(
            b"laboratory", self.key, self.certificate, above, encryption
        )


def issue(name, authority=None, *, days=(-1, 365), signs=True):
    """Return a certificate; without an authority it is one itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    by, is_authority = (authority.key if authority else key), authority is None
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    first, last = (datetime.now(UTC) + timedelta(days=day) for day in days)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signs and not is_authority,
                content_commitment=False,
                key_encipherment=not signs,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                encipher_only=False,
                decipher_only=False,
            ),
            True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
    )
    return Issued(built.sign(by, hashes.SHA256()), key, authority)
