"""Timestamp tokens of a simulated authority, made offline by OpenSSL."""

import json
import random
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner
from patience import PATIENCE

from forensics.cli import main
from forensics.custody import PrivateKey, verify
from forensics.custody.disclosure import disclose_case
from forensics.custody.heads import MAX_TOKEN, SignedHead, countersign
from forensics.custody.review import review
from forensics.custody.timeline import timeline
from forensics.custody.witnesses import (
    attach_response,
    check_token,
    read_head,
    read_roots,
    write_head,
    write_request,
)
from forensics.errors import ForensicsError, InputError, UsageError, VerificationError

pytest.importorskip("rfc3161_client", reason="the extra timestamp is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="OpenSSL's command, the simulated authority, is missing"
)

CONFIG = """
[tsa]
default_tsa = good
[good]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[authority]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[weak]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, emailProtection
"""


class Authority:
    """A simulated timestamp authority with a root of its own."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "c").write_text(CONFIG)
        self.openssl(
            *"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key".split(),
            *"-out root.pem -days 9 -config c -extensions root -subj".split(), "/CN=Simulated root",
        )  # fmt: skip
        self.roots = read_roots(folder / "root.pem")
        self.certify("authority", "authority", "-days", "9")

    def openssl(self, *arguments):
        subprocess.run(
            ["openssl", *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )

    def certify(self, name, usage, *validity):
        self.openssl(
            *f"req -new -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr".split(),
            *"-config c -subj".split(), f"/CN=Simulated {name}",
        )  # fmt: skip
        self.openssl(
            *f"x509 -req -in {name}.csr -CA root.pem -CAkey root.key -out {name}.pem".split(),
            *f"-extfile c -extensions {usage}".split(), *validity,
        )  # fmt: skip

    def answer(self, request, name="authority"):
        (self.folder / "serial").write_text("0A\n")
        (self.folder / "q").write_bytes(request.read_bytes())
        self.openssl(
            *"ts -reply -config c -queryfile q -out r".split(),
            *f"-signer {name}.pem -inkey {name}.key".split(),
        )
        return self.folder / "r"

    def signed_without_the_command(self, info, name):
        """Return a response over `info` (TSTInfo) signed by a certificate that `ts` refuses."""
        (self.folder / "i").write_bytes(info)
        self.openssl(
            *"cms -sign -binary -nodetach -cades -md sha256 -outform DER -in i -out cms".split(),
            *"-econtent_type 1.2.840.113549.1.9.16.1.4".split(),
            *f"-signer {name}.pem -inkey {name}.key".split(),
        )
        body = bytes.fromhex("3003020100") + (self.folder / "cms").read_bytes()
        return b"\x30\x82" + len(body).to_bytes(2) + body

    def info(self, response):
        """Return the TSTInfo of a response."""
        self.openssl("ts", "-reply", "-in", str(response), "-token_out", "-out", "token")
        self.openssl(
            *"cms -verify -noverify -binary -inform DER -in token -out info".split(),
            *"-CAfile root.pem".split(),
        )  # fmt: skip
        return (self.folder / "info").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa") / "b")


@pytest.fixture
def found(lab, tmp_path):
    write_head(tmp_path / "x.head", lab.amina.head_file(lab.amina.sign_head()))
    return read_head(tmp_path / "x.head")


@pytest.fixture
def request_file(found, tmp_path):
    write_request(tmp_path / "x.tsq", found.signed.head)
    return tmp_path / "x.tsq"


@pytest.fixture
def stamped(authority, found, request_file):
    return attach_response(found, authority.answer(request_file))


def test_a_token_says_not_later_than_with_its_accuracy(authority, stamped, tmp_path):
    write_head(tmp_path / "stamped.head", stamped)
    signed = read_head(tmp_path / "stamped.head").signed
    assert signed == stamped.signed
    stamp = check_token(signed, authority.roots)
    assert stamp.serial == 11 and stamp.not_later_than.endswith(".500000Z")


def test_openssl_accepts_the_token_over_the_digest_that_the_format_names(authority, stamped):
    from hashlib import sha256

    (authority.folder / "v").write_bytes(stamped.signed.timestamp)
    digest = sha256(stamped.signed.head.message).hexdigest()
    authority.openssl(*f"ts -verify -digest {digest} -in v -CAfile root.pem".split())


def test_a_token_counts_only_with_a_root_that_is_given(lab, authority, other, stamped):
    lab.amina.keep_head(stamped.signed)
    stamp = check_token(stamped.signed, authority.roots)
    assert {one.not_later_than for one in timeline(lab.amina, "C1")} == {None}
    times = {one.not_later_than for one in timeline(lab.amina, "C1", tsa_roots=authority.roots)}
    assert times == {stamp.not_later_than}
    codes = [{one.code for one in review(lab.amina, "C1", tsa_roots=roots)}
             for roots in ((), authority.roots)]  # fmt: skip
    assert "UNWITNESSED" in codes[0] and "UNWITNESSED" not in codes[1]
    with pytest.raises(VerificationError, match="roots"):
        list(timeline(lab.amina, "C1", tsa_roots=other.roots))
    report = verify(lab.path)
    assert report.ok and "not checked" in report.notes[0]
    report = verify(lab.path, tsa_roots=authority.roots)
    assert report.ok and stamp.not_later_than in report.notes[0]
    assert not verify(lab.path, tsa_roots=other.roots).ok


def test_a_token_over_another_head_is_refused(lab, authority, found, stamped, request_file):
    newer = lab.amina.sign_head()
    assert newer.head.message != found.signed.head.message
    with pytest.raises(VerificationError, match="not over the head"):
        check_token(replace(newer, timestamp=stamped.signed.timestamp), authority.roots)
    with pytest.raises(InputError, match="not over the head"):
        attach_response(replace(found, signed=newer), authority.answer(request_file))


def test_a_token_of_another_root_is_refused(other, stamped):
    with pytest.raises(VerificationError, match="roots"):
        check_token(stamped.signed, other.roots)


def test_a_token_of_a_certificate_not_valid_then_is_refused(authority, found, request_file):
    authority.certify(
        "expired", "authority",
        "-not_before", "20200101000000Z", "-not_after", "20210101000000Z",
    )  # fmt: skip
    late = attach_response(found, authority.answer(request_file, "expired"))
    with pytest.raises(VerificationError, match="expired"):
        check_token(late.signed, authority.roots)


@pytest.mark.parametrize("usage", ["authority", "weak"])
def test_a_certificate_that_is_not_for_timestamps_is_refused(
    authority, found, request_file, usage, tmp_path
):
    info = authority.info(authority.answer(request_file))
    # Valid from long before the token's time: made after it, the certificate would otherwise begin
    # a second too late wherever the clock ticks between the two.
    authority.certify(
        "made", usage, "-not_before", "20200101000000Z", "-not_after", "20990101000000Z"
    )
    path = tmp_path / "made.tsr"
    path.write_bytes(authority.signed_without_the_command(info, "made"))
    signed = attach_response(found, path).signed
    if usage == "authority":  # so it is the usage that is refused, not how this token was made
        assert check_token(signed, authority.roots)
    else:
        with pytest.raises(VerificationError, match="roots"):
            check_token(signed, authority.roots)


def test_whatever_is_changed_in_a_token_no_other_time_or_serial_comes_out(authority, stamped):
    right, data = check_token(stamped.signed, authority.roots), stamped.signed.timestamp
    chance, refused = random.Random(5), 0
    for _turn in range(400):
        changed = bytearray(data)
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            found = check_token(replace(stamped.signed, timestamp=bytes(changed)), authority.roots)
        except (VerificationError, InputError):
            refused += 1
        else:  # the name of the algorithm beside a signature is not signed
            assert found == right
    assert refused > 380


@pytest.mark.parametrize("content", [b"", b"garbage", bytes.fromhex("30053003020102")])
def test_what_is_no_token_is_told(found, tmp_path, content):
    (tmp_path / "x.tsr").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.tsr"):
        attach_response(found, tmp_path / "x.tsr")


def test_a_second_token_is_refused(stamped, tmp_path):
    with pytest.raises(UsageError, match="already"):
        attach_response(stamped, tmp_path / "x.tsr")


@pytest.mark.parametrize("text", ["", "*", 5, None, "A" * (MAX_TOKEN * 2)])
def test_a_head_with_a_timestamp_that_is_none_is_refused(found, text):
    with pytest.raises(InputError, match="timestamp"):
        SignedHead.from_dict({**found.signed.to_dict(), "timestamp": text})


def test_what_are_no_certificates_is_told(tmp_path):
    (tmp_path / "x.pem").write_bytes(b"garbage")
    with pytest.raises(InputError, match=r"x\.pem"):
        read_roots(tmp_path / "x.pem")


def test_without_the_library_it_says_what_to_install(found, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(ForensicsError, match="pip install .rfc3161-client>="):
        write_request(tmp_path / "y.tsq", found.signed.head)
    assert not (tmp_path / "y.tsq").exists()


def test_a_bundle_has_the_witness_of_a_stamped_head_and_not_its_token(lab, stamped, tmp_path):
    court = PrivateKey.generate()
    lab.amina.keep_head(countersign(stamped.signed, court, name="Court", seen=0))
    made = disclose_case(lab.amina, "C1", tmp_path / "b.zip", recipient="x")[0]
    with zipfile.ZipFile(made.path) as archive:
        (witness,) = json.loads(archive.read("bundle.json"))["witnesses"]
    assert witness["witness"]["name"] == "Court" and "timestamp" not in witness


def test_the_commands_from_request_to_log(lab, authority, other, found, tmp_path):
    def run(*arguments, expect=0):
        result = CliRunner().invoke(main, ["custody", *map(str, arguments)])
        assert result.exit_code == expect, result.output
        return result.output

    head, request, stamped = tmp_path / "x.head", tmp_path / "a.tsq", tmp_path / "b.head"
    run("head", "--timestamp", head, "--output", request)
    run("head", "--timestamp", head, "--output", request, expect=2)
    response = authority.answer(request)
    run("head", "--timestamp", head, "--response", response, "--output", stamped)
    run("head", "--import", stamped, "--ledger", lab.path)
    good, bad = (["--tsa-roots", one.folder / "root.pem"] for one in (authority, other))
    assert "by timestamp token" in run("verify", lab.path, "--head", stamped, *good)
    assert "not checked" in run("verify", lab.path)
    run("verify", lab.path, *bad, expect=4)
    assert "witnessed by" in run("log", "C1", "--ledger", lab.path, *good)
    assert "witnessed by" not in run("log", "C1", "--ledger", lab.path)
    run("log", "C1", "--ledger", lab.path, *bad, expect=4)
    assert "UNWITNESSED" in run("review", "C1", "--ledger", lab.path)
    assert "UNWITNESSED" not in run("review", "C1", "--ledger", lab.path, *good)
