"""The training case of the demonstration as fixtures: real sequences, everything else simulated."""

import copy
import json
import shutil
from pathlib import Path

import pytest

import forensics
from forensics.custody import keys, open_ledger
from forensics.demonstration import PASSPHRASE, make_case
from forensics.report import building
from forensics.report.details import read_details
from forensics.report.layout import read_template
from forensics.report.pages import render

__all__ = [
    "FINDING",
    "Altered",
    "_made",
    "as_person",
    "built",
    "case",
    "compared",
    "details",
    "ledger",
    "statement",
]

FINDING = 28  # the event of its identification


def as_person(case, name):
    """Open the ledger of the case as one of its people."""
    key = keys.open_key(case / f"laboratory.db.keys/{name}.key", lambda: PASSPHRASE)
    return open_ledger(case / "laboratory.db", key=key)


class Altered:
    """A ledger that says of an event what a hand wrote there."""

    def __init__(self, ledger, event):
        self._ledger, self._event = ledger, event

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def event(self, _seq):
        return self._event


def _basis(case, libraries, options):
    common = {"identify": forensics.identify, "libraries": libraries, "national": ()}
    return read_details(case / "details.toml"), common | {"template": read_template(), **options}


def built(case, libraries, **options):
    """Return what a report of the case states."""
    details, basis = _basis(case, libraries, {"findings": None, "draft": False, **options})
    with open_ledger(case / "laboratory.db") as opened:
        return building.build_statement(opened, "T-2026-001", details, **basis)


def compared(case, libraries, statement, **options):
    """Return what differs between a statement and the ledger of the case as it is now."""
    details, basis = _basis(case, libraries, options)
    with open_ledger(case / "laboratory.db") as opened:
        return building.compare(statement, opened, details, **basis)


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
