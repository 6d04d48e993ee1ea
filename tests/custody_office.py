"""A folder with a ledger and the command line as its people use it, as fixtures."""

import shutil

import pytest
from command_line import typed

from forensics.custody import open_ledger

__all__ = ["PASSPHRASE", "Office", "_opened", "office"]

PASSPHRASE = "correct horse battery"


class Office:
    """A folder with a ledger, and the command line as its people use it."""

    def __init__(self, folder):
        self.folder, self.ledger = folder, folder / "lab.db"

    def run(self, line, *more, signs=True, text=PASSPHRASE, ledger=True, new=False, **options):
        """Run a command of custody with a passphrase, and on the ledger, where not told otherwise."""
        options |= {"phrase": text if signs else "", "new_phrase": text if new else ""}
        options |= {"FORENSICS_LEDGER": str(self.ledger)} if ledger else {}
        return typed(f"custody {line}", *more, **options)

    def read(self, line, *more, **options):
        return self.run(line, *more, signs=False, **options)

    def event(self, seq):
        """Return the fields of an event; of the last one for -1."""
        with open_ledger(self.ledger) as ledger:
            return ledger.event(seq if seq > 0 else ledger.size + 1 + seq).fields

    @property
    def state(self):
        with open_ledger(self.ledger) as ledger:
            return ledger.state

    @property
    def size(self):
        with open_ledger(self.ledger) as ledger:
            return ledger.size


@pytest.fixture(scope="module")
def _opened(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"))
    beginning = "--laboratory 'Simulated laboratory' --person amina --name 'Amina Dupré'"
    office.read(f"init {office.ledger} {beginning}", new=True)
    roles = "--role analyst --role custodian --role manager"
    office.run(f"person add bruno --name Bruno {roles} --as amina", new=True)
    office.run("case C1 --agency Customs --as amina")
    office.run("location safe --as amina")
    horn = "--exhibit C1/1 --description horn --quantity 120,5 --unit g --seal A1 --seal A2"
    office.run(f"receive C1 {horn} --seizure-place 'Quay 4' --as amina")
    return office


@pytest.fixture
def office(_opened, tmp_path):
    shutil.copytree(_opened.folder, tmp_path / "office")
    return Office(tmp_path / "office")
