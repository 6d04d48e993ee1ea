"""What scripts of a laboratory do with the package: each runs, and is checked by type checkers."""

import importlib.util
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

SCRIPTS = sorted((ROOT / "tests" / "scripts").glob("*.py"))
NEEDS = {
    "dask_bag.py": "dask",
    "joblib_batches.py": "joblib",
    "pictures.py": "matplotlib",
    "parquet.py": "pyarrow",
    "own_classifier.py": "skops",
}
FILES = ("fin_whale_COI.fasta", "held_out.fasta")
MAX_LINES = 25


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_of_a_laboratory_runs(script, tmp_path):
    if (needed := NEEDS.get(script.name)) and importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed")
    for name in FILES:
        shutil.copy(ROOT / "reference_sequences" / "demonstration" / name, tmp_path)
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
"""
TYPO_LINES = {3, 4, 5, 6}


def check_types(checker, *paths):
    commands = {
        "mypy": [sys.executable, "-m", "mypy", "--config-file", ".ci/mypy.ini", *paths],
        "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *paths],
    }
    return subprocess.run(
        commands[checker], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_pass_the_scripts_and_find_typos(checker, tmp_path):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    typos = tmp_path / "typos.py"
    typos.write_text(TYPOS, encoding="utf-8")
    done = check_types(checker, *SCRIPTS, typos)
    errors = re.findall(r"^\s*(\S+?\.py):(\d+).*\berror\b", done.stdout, re.MULTILINE)
    assert {path for path, _line in errors if not path.endswith("typos.py")} == set(), done.stdout
    assert {int(line) for _path, line in errors} == TYPO_LINES, done.stdout
