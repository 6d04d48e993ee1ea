"""The laboratory's certificate: which is taken, and what keeps one from signing."""

import sys

import pytest
from certificates import PASSPHRASE, issue

from forensics.errors import ForensicsError, InputError, UsageError, VerificationError
from forensics.report.printed import read_printed
from forensics.report.signing import check_signature, read_signer, sign

AUTHORITY = issue("Authority")
LABORATORY = issue("Laboratory", AUTHORITY)


@pytest.fixture
def read(tmp_path):
    def read(content, passphrase=PASSPHRASE):
        path = tmp_path / "certificate"
        path.write_bytes(content)
        return read_signer(path, lambda: passphrase)

    return read


@pytest.mark.parametrize("content", [
    LABORATORY.p12(),
    LABORATORY.pem() + LABORATORY.key_pem(),
    LABORATORY.key_pem() + AUTHORITY.pem() + LABORATORY.pem(),
], ids=["PKCS#12", "PEM", "PEM in any order"])  # fmt: skip
def test_a_certificate_is_read_with_its_key(read, content):
    signer = read(content)
    assert signer.certificate == LABORATORY.certificate
    assert signer.key.public_key() == LABORATORY.key.public_key()
    assert set(signer.others) <= {AUTHORITY.certificate}
    with pytest.raises(VerificationError, match="the passphrase is wrong"):
        read(content, "another one")


@pytest.mark.parametrize("content, told", [
    (b"", InputError), (b"nothing of the kind", InputError), (b"\x30nothing", VerificationError),
    (LABORATORY.pem(), InputError), (LABORATORY.key_pem(), InputError),
    (b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n" + LABORATORY.key_pem(), ForensicsError),
    (bytes(2**20 + 1), InputError),
])  # fmt: skip
def test_what_is_no_certificate_with_its_key_is_told(read, content, told):
    with pytest.raises(told):
        read(content)


def test_a_key_of_another_certificate_is_refused(read):
    other = issue("Laboratory", AUTHORITY)
    with pytest.raises(VerificationError, match="the private key does not belong"):
        read(LABORATORY.pem() + other.key_pem())


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)])
def test_a_certificate_that_is_not_valid_today_does_not_sign(read, days):
    with pytest.raises(VerificationError, match="valid from .*, and not today"):
        read(issue("Laboratory", AUTHORITY, days=days).p12())


def test_a_certificate_that_is_not_for_signatures_does_not_sign(read):
    with pytest.raises(VerificationError, match="is not one for signatures"):
        read(issue("Laboratory", AUTHORITY, signs=False).p12())


def test_a_report_is_signed_once(case, read):
    signer, path = read(LABORATORY.p12()), case / "signed.pdf"
    path.write_bytes(sign(read_printed(case / "report.pdf"), signer))
    assert check_signature(read_printed(path), [AUTHORITY.certificate])[0] == []
    with pytest.raises(UsageError, match="signed already"):
        sign(read_printed(path), signer)


def test_a_signature_outlives_its_certificate_by_the_word_of_the_signer(case, read, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from forensics.report import signing

    path = case / "signed.pdf"
    path.write_bytes(sign(read_printed(case / "report.pdf"), read(LABORATORY.p12())))
    later = datetime.now(UTC) + timedelta(days=4000)

    class Later(datetime):
        @classmethod
        def now(cls, _zone=None):
            return later

    monkeypatch.setattr(signing, "datetime", Later)
    problems, signature = check_signature(read_printed(path), [AUTHORITY.certificate])
    assert problems == [] and signature.trusted


def test_without_pyhanko_the_extra_is_named_and_an_unsigned_report_is_checked(
    case, read, monkeypatch
):
    printed, signer = read_printed(case / "report.pdf"), read(LABORATORY.p12())
    for name in [one for one in sys.modules if one.partition(".")[0] == "pyhanko"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyhanko", None)
    with pytest.raises(ForensicsError, match=r"extra sign .*pyhanko"):
        sign(printed, signer)
    assert check_signature(printed) == ([], None)
