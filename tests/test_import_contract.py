"""Imports run one way, and only what a command needs is imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from simulation import query

LAZY = {"numpy", "pandas", "sklearn", "sqlite_utils", "Bio"}
# Of the standard library, what is for training, for other levels of an interval, and for other forms.
MAX_MODULES = 49
# A dataclass takes a millisecond to make; what every identification makes is a named tuple.
MAX_DATACLASSES = 21
OF_OTHERS = {"csv", "decimal", "fractions", "random", "statistics"}


def test_the_layers_of_setup_cfg_are_kept(root, tmp_path):
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as lint; lint()",
            *("--config", root / "setup.cfg", "--cache-dir", tmp_path),
        ],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "kept" in found.stdout


def modules_after(run, code: str) -> set[str]:
    """Return the top-level modules that are loaded in a fresh process after `code`."""
    # Another package's start-up hooks (.pth files) are not ours: what they load is taken off.
    script = (
        "import sys; before = set(sys.modules)\n"
        f"{code}\n"
        "import json\n"
        "after = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(after)), file=sys.stderr)\n"
    )
    found = run("-c", script)
    assert found.returncode == 0, found.stderr
    return set(json.loads(found.stderr.splitlines()[-1]))


def test_the_package_alone_imports_the_standard_library_and_what_loads_names_late(run):
    loaded = modules_after(run, "import forensics")
    assert loaded - set(sys.stdlib_module_names) == {"forensics", "lazy_loader"}


@pytest.mark.parametrize("arguments", [["--help"], ["identify", "--help"], ["library", "--help"]])
def test_help_loads_no_heavy_package(run, arguments):
    loaded = modules_after(
        run,
        "from forensics.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert not end.code",
    )
    assert not loaded & LAZY
    assert loaded - set(sys.stdlib_module_names) == {"forensics", "click", "lazy_loader"}


@pytest.mark.parametrize("style", ["table", "json", "csv"])
def test_identifying_one_fasta_query_loads_click_alone(run, library, tmp_path, style):
    path: Path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    arguments = ["identify", str(path), "--library", str(library.path), "--format", style]
    loaded = modules_after(
        run,
        "from forensics.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert not end.code",
    )
    assert loaded - set(sys.stdlib_module_names) == {"forensics", "click", "lazy_loader"}
    assert style == "csv" or not loaded & OF_OTHERS


def test_identifying_one_fasta_query_loads_few_modules_and_makes_few_dataclasses(run, root):
    path = root / "reference_sequences" / "demonstration" / "scale.fasta"
    script = (
        "import sys\n"
        "from forensics.cli import main\n"
        f"try: main({['identify', str(path)]!r})\n"
        "except SystemExit as end: assert not end.code\n"
        "ours = [m for name, m in sys.modules.items() if name.partition('.')[0] == 'forensics']\n"
        "classes = {c for m in ours for c in vars(m).values() if isinstance(c, type)}\n"
        "made = sum('__dataclass_fields__' in vars(c) for c in classes)\n"
        "print(len(ours), made, file=sys.stderr)"
    )
    modules, made = map(int, run("-c", script).stderr.splitlines()[-1].split())
    assert modules <= MAX_MODULES
    assert made <= MAX_DATACLASSES, made


def test_reasons_and_criteria_load_no_more(run, library, tmp_path):
    path: Path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n")
    options = ["--library", str(library.path), "--reasons", "--criteria", "casework"]
    loaded = modules_after(
        run,
        "from forensics.cli import main\n"
        f"try: main({['identify', str(path), *options]!r})\n"
        "except SystemExit as end: assert not end.code",
    )
    assert not loaded & {*LAZY, "matplotlib"}
