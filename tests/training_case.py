"""The training case of the demonstration as fixtures: real sequences, everything else simulated."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from forensics.custody import open_ledger
from forensics.demonstration import make_case
from forensics.report.details import read_details
from forensics.report.layout import read_template
from forensics.report.pages import render

__all__ = ["FINDING", "_made", "case", "details", "ledger", "statement"]

FINDING = 27  # the event of its identification


@pytest.fixture(scope="session")
def _made(tmp_path_factory, embedded):
    """The training case, made once: real sequences, everything else simulated."""
    folder = tmp_path_factory.mktemp("case") / "case"
    built = make_case(folder)
    return folder, built


@pytest.fixture
def case(_made, tmp_path) -> Path:
    """A copy of its folder that a test may damage."""
    return Path(shutil.copytree(_made[0], tmp_path / "case"))


@pytest.fixture
def ledger(case):
    with open_ledger(case / "laboratory.db") as opened:
        yield opened


@pytest.fixture
def statement(_made) -> dict:
    """What its report says, as it is read back from JSON."""
    return copy.deepcopy(json.loads(render(_made[1].statement, read_template(), ".json")))


@pytest.fixture
def details(case):
    return read_details(case / "details.toml")
