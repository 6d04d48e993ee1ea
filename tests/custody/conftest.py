import zipfile
from datetime import UTC, datetime

import pytest
from laboratory import PEOPLE, Clock, Laboratory, _founded, lab  # noqa: F401

from forensics.custody import PrivateKey
from forensics.store import connections


@pytest.fixture(scope="session", autouse=True)
def _without_waiting_for_the_disk():
    """What is tested here is not that the disk keeps its word."""
    kept = connections.PRAGMAS
    connections.PRAGMAS = ("synchronous=OFF", *kept[1:])
    assert kept[0] == "synchronous=FULL"
    yield
    connections.PRAGMAS = kept


@pytest.fixture
def old_formats(root):
    return root / "tests/custody/old_formats"


@pytest.fixture
def old(old_formats, tmp_path):
    """A ledger of format 1, with the keys of its people and a clock that goes on."""
    with zipfile.ZipFile(old_formats / "ledger-1.zip") as archive:
        archive.extractall(tmp_path / "old")
    keys = {name: PrivateKey(bytes([place]) * 32) for place, name in enumerate(PEOPLE, 1)}
    opened = Laboratory(tmp_path / "old", keys, Clock(datetime(2026, 3, 3, 8, tzinfo=UTC)))
    yield opened
    opened.close()
