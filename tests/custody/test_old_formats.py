"""What earlier versions wrote opens and verifies on every Python."""

import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from forensics.custody import verify, verify_bundle

VERIFIER = Path(verify_bundle.__file__)
STRANGE = "A\U0001e08f\u0323"
"""NFC by the tables of Unicode 14.0 (Python 3.11), and not by those of 15.0 (Python 3.12)."""


@pytest.fixture(params=["these", "other"])
def tables(request, monkeypatch):
    """This Python's tables of Unicode, and those of another that puts the strange text into another form."""
    if request.param == "other":
        kept = unicodedata.normalize

        def normalize(form, text):
            return kept(form, text).replace("\U0001e08f\u0323", "\u0323\U0001e08f")

        monkeypatch.setattr(unicodedata, "normalize", normalize)
        monkeypatch.setattr(
            unicodedata, "is_normalized", lambda form, text: normalize(form, text) == text
        )


def test_a_ledger_of_format_1_verifies_and_is_read(old, tables):
    report = verify(old.path)
    assert report.ok, report.first
    assert report.size == 36
    assert any(
        STRANGE in event.fields.get("description", "") for event in old.amina.events(case="C1")
    )


def test_a_bundle_of_format_1_is_verified(old_formats, tables):
    assert verify_bundle.check(old_formats / "bundle-1.zip").checked


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"])
def test_a_bundle_of_format_1_is_verified_by_every_python(old_formats, version):
    python = shutil.which(f"python{version}")
    if not python or subprocess.run([python, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"no python{version} here")
    bundle = old_formats / "bundle-1.zip"
    found = subprocess.run([python, "-I", VERIFIER, bundle], capture_output=True)
    assert found.returncode == 0, found.stdout
    here = subprocess.run([sys.executable, "-I", VERIFIER, bundle], capture_output=True)
    assert found.stdout.splitlines()[:3] == here.stdout.splitlines()[:3]
