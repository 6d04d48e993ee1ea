"""Bundles of a simulated ledger as tests of the verifier take them apart, change and sign them again."""

import base64
import json
import zipfile

import pytest
from simulated_ledger import simulated_ledger, write_bundle

from forensics.custody import disclosure, verify_bundle
from forensics.custody.canonical import canonical

__all__ = [
    "bundle_of",
    "dishonest",
    "fault_of",
    "good",
    "ledger",
    "opened_in",
    "parts",
    "parts_of",
    "signed_anew",
    "write_signed",
]


@pytest.fixture(scope="module")
def ledger():
    return simulated_ledger()


@pytest.fixture(scope="module")
def good(ledger, tmp_path_factory):
    """A bundle with everything in it that a bundle can have."""
    folder = tmp_path_factory.mktemp("good")
    disclosure.disclose(
        **ledger.disclosing(folder / "files"),
        witnesses=[ledger.witnessed(9), ledger.witnessed(seen=9, name="Laboratory of Accra")],
        earlier=[5, 12],
        withhold=["name"],
        withhold_attachments=[max(ledger.files)],
        why="Names of staff.",
        output=folder / "good.zip",
    )
    return folder / "good.zip"


@pytest.fixture(scope="module")
def parts(good):
    return parts_of(good)


def bundle_of(path):
    """Return what a bundle says."""
    return json.loads(parts_of(path)["bundle.json"])


def opened_in(path):
    """Return the fields that a bundle shows, by the number of their event."""
    return {
        element["envelope"]["seq"]: {one["name"]: one["value"] for one in element["openings"]}
        for element in bundle_of(path)["events"]
    }


def parts_of(path):
    """Return the entries of a bundle, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def signed_anew(parts, bundle, key):
    """Return the entries with another bundle.json, signed as the laboratory would that signs anything."""
    content = canonical(bundle)
    signature = base64.b64encode(key.sign(disclosure._DOMAIN + content)).decode()
    return {
        **parts,
        "bundle.json": content,
        "signature.json": canonical({"key": key.id, "signature": signature}),
    }


def write_signed(path, parts, bundle, key):
    """Write such a bundle, without the attachments that it no longer lists."""
    kept = {f"attachments/{name}" for name in bundle["attachments"]}
    parts = signed_anew(parts, bundle, key)
    return write_bundle(
        path,
        {
            name: data
            for name, data in parts.items()
            if not name.startswith("attachments/") or name in kept
        },
    )


def fault_of(path, *fingerprints, **options):
    """Return the first fault of a bundle that is not verified."""
    with pytest.raises(verify_bundle.Fault) as found:
        verify_bundle.check(path, fingerprints, **options)
    return str(found.value)


def dishonest(ledger, folder, monkeypatch, **options):
    """Disclose without the check that the package makes; return what the verifier says."""
    with monkeypatch.context() as patch:
        patch.setattr(verify_bundle, "check", lambda path: None)
        disclosure.disclose(
            **ledger.disclosing(folder / "files", **options), output=folder / "b.zip"
        )
    return fault_of(folder / "b.zip")
