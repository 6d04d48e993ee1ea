"""Servers and a small library of simulated records for the tests of fetching."""

from types import SimpleNamespace

import pytest
from loopback import NCBI, made_records, witness_records

from forensics.barcode.fetch import ncbi as entrez_module
from forensics.barcode.fetch import server as server_module
from forensics.barcode.fetch.ncbi import Entrez
from forensics.barcode.fetch.server import Server
from forensics.barcode.reference.library import open_library
from forensics.barcode.reference.writing import write_library


@pytest.fixture(scope="session")
def witnesses(tmp_path_factory):
    """A library of simulated COI and cytb of six orders, to compare with."""
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
def naps(monkeypatch):
    """Three attempts at a request, and no time lost between them: how long would have been waited."""
    slept = []
    clock = SimpleNamespace(monotonic=server_module.time.monotonic, sleep=slept.append)
    monkeypatch.setattr(server_module, "time", clock)
    monkeypatch.setattr(server_module, "TRIES", 3)
    return slept


@pytest.fixture
def asked(naps, told):
    """Ask a server of these tests, or another address."""

    def asked(address, **settings):
        return Server(address, **{"timeout": 5, "report": told.append, **settings})

    return asked


@pytest.fixture
def entrez(ncbi, asked):
    """E-utilities on the loopback."""
    return Entrez(asked(ncbi.url), email="doe@lab.example", api_key="0123456789abcdef")


@pytest.fixture
def small_batches(monkeypatch):
    """Batches of two records and pages of three accessions."""
    monkeypatch.setattr(entrez_module, "BATCH", 2)
    monkeypatch.setattr(entrez_module, "PAGE", 3)
