import pytest
from laboratory import Laboratory

from forensics.custody import database


@pytest.fixture(scope="session", autouse=True)
def _without_waiting_for_the_disk():
    """What is tested here is not that the disk keeps its word."""
    kept = database._PRAGMAS
    database._PRAGMAS = ("synchronous=OFF", *kept[1:])
    assert kept[0] == "synchronous=FULL"
    yield
    database._PRAGMAS = kept


@pytest.fixture(scope="session")
def _founded(tmp_path_factory):
    return Laboratory.founded(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def lab(_founded, tmp_path):
    lab = _founded.copy(tmp_path / "lab")
    yield lab
    lab.close()
