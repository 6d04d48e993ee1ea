"""What scripts of a laboratory do with the package: each runs, and is checked by type checkers."""

import importlib.metadata
import importlib.util
import inspect
import re
import runpy
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT
from sources import module_at

import forensics

SCRIPTS = sorted((ROOT / "tests" / "scripts").glob("*.py"))
NEEDS = {
    "dask_bag.py": "dask",
    "joblib_batches.py": "joblib",
    "pictures.py": "matplotlib",
    "parquet.py": "pyarrow",
}
OWN_PROCESS = {"build_and_identify.py", "joblib_batches.py", "processes.py", "progress_and_log.py"}
"""What starts processes or sets up the log, and one more: started as a laboratory starts them."""
FILES = ("scale.fasta", "exhibits.fasta")
MAX_LINES = 25


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_of_a_laboratory_runs(script, tmp_path, monkeypatch, capfd):
    if (needed := NEEDS.get(script.name)) and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    for name in FILES:
        shutil.copy(ROOT / "reference_sequences" / "demonstration" / name, tmp_path)
    if script.name not in OWN_PROCESS:
        monkeypatch.chdir(tmp_path)
        runpy.run_path(str(script), run_name="__main__")
        assert capfd.readouterr() == ("", "")
        return
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_scripts_are_short_and_there_are_twelve_at_least():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SCRIPTS}
    assert len(lengths) >= 12
    assert {name for name, length in lengths.items() if length >= MAX_LINES} == set()


# A name that is misspelt in a function, an attribute, and a parameter.
TYPOS = """\
import forensics

results = forensics.identfy("exhibit.fasta")
name = forensics.identify("exhibit.fasta")[0].taxn
strict = forensics.identify("exhibit.fasta", libary="my_library")
folder = forensics.custody.open_leger("laboratory.db")
numbers = forensics.identify(12345)
ledger = forensics.open_ledger("laboratory.db", passphras=input)
ledger = forensics.open_ledger("laboratory.db")
ledger.consme("S1")
ledger.receive("2026-1", sel="A1")
ledger.receive(exhibits=[], sel="A1")
ledger.receive(exhibits=[], case="2026-1", purpose="caswork")
ledger.acept(offer=3)
"""
TYPO_LINES = {3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14}
RIGHT = """\
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord

import forensics
from forensics.custody import Receipt


def sequences() -> Iterator[str]:
    yield "ACGT"


forensics.identify("a.fasta")
forensics.identify(Path("a.fasta"))
forensics.identify(Seq("ACGT"))
forensics.identify(SeqRecord(Seq("ACGT")))
forensics.identify(pandas.DataFrame())
forensics.identify(pandas.Series())
forensics.identify({"a": "ACGT"})
forensics.identify(["a.fasta", "b.fasta"])
forensics.identify(sequences())
with forensics.open_ledger("laboratory.db", key=Path("a.key"), passphrase=lambda: "secret") as ledger:
    receipt: Receipt = ledger.consume(
        case="2026-1", thing="S1", quantity=Decimal("0.05"), unit="g", used_for="extraction"
    )
    ledger.receive(
        case="2026-1", received_from="Customs", exhibits=[{"exhibit": "1", "description": "horn"}],
        attachments=[Path("photograph.jpg")], dry_run=True,
    )
"""


def check_types(checker, *paths):
    """Check scripts as somebody does who installed the package: elsewhere, with no settings of ours."""
    commands = {
        "mypy": [sys.executable, "-m", "mypy", "--strict", "--allow-untyped-calls", "--config-file=", "--ignore-missing-imports",
                 "--cache-dir", ROOT / ".venv" / "mypy-scripts", *paths],
        "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *paths],
    }  # fmt: skip
    return subprocess.run(
        commands[checker], cwd=paths[-1].parent, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_pass_the_scripts_and_find_typos(checker, tmp_path):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    right, typos = tmp_path / "right.py", tmp_path / "typos.py"
    right.write_text(RIGHT, encoding="utf-8")
    typos.write_text(TYPOS, encoding="utf-8")
    done = check_types(checker, *SCRIPTS, right, typos)
    errors = re.findall(r"^\s*(\S+?\.py):(\d+).*\berror\b", done.stdout, re.MULTILINE)
    assert {path for path, _line in errors if not path.endswith("typos.py")} == set(), done.stdout
    assert {int(line) for _path, line in errors} == TYPO_LINES, done.stdout


def test_the_acts_of_a_ledger_are_those_of_the_table_of_events():
    make_acts = module_at(ROOT / "docs" / "make_acts.py")
    assert make_acts.TARGET.read_text(encoding="utf-8") == make_acts.written(), "make docs"
    method = forensics.Ledger.consume
    assert "case" in inspect.signature(method).parameters and "How much" in method.__doc__


def test_an_installed_checkout_is_found_by_its_path():
    """Type checkers read paths; what an installer hides behind a finder they do not find."""
    files = importlib.metadata.files("wildlife-forensics") or ()
    paths = [file for file in files if file.suffix == ".pth"]
    assert not [file for file in files if "finder" in file.name]
    for path in paths:  # none where a wheel is installed
        assert path.read_text().strip() == str(ROOT)
