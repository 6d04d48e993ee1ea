"""Servers and a small library of simulated records for the tests of fetching."""

import time
from types import SimpleNamespace

import pytest
from loopback import NCBI, made_records, witness_records

from forensics.barcode.fetching.http import Line
from forensics.barcode.fetching.ncbi import Entrez
from forensics.barcode.reference.library import open_library, write_library


@pytest.fixture(scope="session")
def witnesses(tmp_path_factory):
    """A library of simulated COI and cytb of six orders, for the comparison."""
    path = tmp_path_factory.mktemp("witnesses") / "library"
    write_library(path, witness_records(), name="simulated", calibrated=False)
    return open_library(path)


@pytest.fixture(scope="session")
def flat_files():
    """The made records; not to be changed."""
    return made_records()


@pytest.fixture
def ncbi(flat_files):
    """A running server that behaves as NCBI's E-utilities."""
    with NCBI(flat_files).running() as server:
        yield server


@pytest.fixture
def told():
    """What was told while something was asked again."""
    return []


@pytest.fixture
def line(told):
    """A line that does not wait between attempts, except as long as it is told to."""
    return Line(timeout=5, tries=3, first_pause=0.0, report=told.append)


@pytest.fixture
def naps(monkeypatch):
    """How long Biopython would have slept to keep NCBI's limit of requests a second."""
    from Bio import Entrez as biopython

    slept = []
    monkeypatch.setattr(biopython, "time", SimpleNamespace(time=time.time, sleep=slept.append))
    return slept


@pytest.fixture
def entrez(ncbi, line, naps):
    """E-utilities on the loopback."""
    return Entrez(line, email="doe@lab.example", api_key="0123456789abcdef", server=ncbi.url)


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of two records and pages of three accessions."""
    from forensics.barcode.fetching import ncbi as module
    from forensics.barcode.fetching import pipeline

    monkeypatch.setattr(pipeline, "BATCH", 2)
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "PAGE", 3)
