"""A folder with a ledger and the command line as its people use it, as fixtures."""

import os
import shutil

import pytest
from click.testing import CliRunner

from forensics.cli import main

__all__ = ["PASSPHRASE", "Office", "_opened", "office"]

PASSPHRASE = "correct horse battery"


class Office:
    """A folder with a ledger, and the command line as its people use it."""

    def __init__(self, folder):
        self.folder, self.ledger = folder, folder / "lab.db"

    def run(self, *arguments, signs=True, text=PASSPHRASE, expect=0, ledger=True, new=False):
        descriptors = []
        arguments = [str(argument) for argument in ("custody", *arguments)]
        for option, wanted in (("--passphrase-fd", signs), ("--new-passphrase-fd", new)):
            if wanted:
                read, write = os.pipe()
                os.write(write, f"{text}\n".encode())
                os.close(write)
                descriptors.append(read)
                arguments += [option, str(read)]
        environment = {"FORENSICS_LEDGER": str(self.ledger)} if ledger else {}
        try:
            result = CliRunner().invoke(main, arguments, env=environment)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        assert result.exit_code == expect, result.output
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def read(self, *arguments, **options):
        return self.run(*arguments, signs=False, **options)


@pytest.fixture(scope="module")
def _opened(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"))
    office.run(
        "init", office.ledger, "--laboratory", "Simulated laboratory", "--person", "amina", "--name",
        "Amina Dupré", signs=False, new=True,
    )  # fmt: skip
    office.run("person", "add", "bruno", "--name", "Bruno", "--role", "analyst", "--role", "custodian",
               "--role", "manager", "--as", "amina", new=True)  # fmt: skip
    office.run("case", "C1", "--agency", "Customs", "--as", "amina")
    office.run("location", "safe", "--as", "amina")
    office.run(
        "receive", "C1", "--exhibit", "C1/1", "--description", "horn", "--quantity", "120,5", "--unit",
        "g", "--seal", "A1", "--seal", "A2", "--seizure-place", "Quay 4", "--as", "amina",
    )  # fmt: skip
    return office


@pytest.fixture
def office(_opened, tmp_path):
    shutil.copytree(_opened.folder, tmp_path / "office")
    return Office(tmp_path / "office")
