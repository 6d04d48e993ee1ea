import pytest
from laboratory import PEOPLE, Clock, Laboratory, _founded, lab  # noqa: F401

from forensics.store import connections


@pytest.fixture(scope="session", autouse=True)
def _without_waiting_for_the_disk():
    """What is tested here is not that the disk keeps its word."""
    kept = connections.PRAGMAS
    connections.PRAGMAS = ("synchronous=OFF", *kept[1:])
    assert kept[0] == "synchronous=FULL"
    yield
    connections.PRAGMAS = kept
