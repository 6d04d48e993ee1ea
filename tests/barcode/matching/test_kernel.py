"""Who compares sequences: the compiled kernel or the reference, with the same results, and said once."""

import json
import re

import pytest
from simulation import query

from forensics.barcode.matching import kernel

LOADED = (
    "import sys\n"
    "from forensics.barcode.matching import kernel, search\n"
    "print(kernel.implementation.__name__.rpartition('.')[2], kernel.is_compiled())\n"
    "print(*sorted({'edlib', 'numpy', 'logging'} & set(sys.modules)))\n"
)
WITHOUT = (
    "import sys\nsys.modules['forensics.barcode.matching._kernel'] = None  # not to be found\n"
)
ASKED = "FORENSICS_PURE is set"
MISSING = "without the compiled kernel"

compiled = pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")


@compiled
def test_the_compiled_kernel_is_taken_where_there_is_one(run):
    found = run("-c", LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines() == ["_kernel True", ""], found.stderr
    assert not found.stderr


def test_the_environment_takes_the_reference_and_it_is_said(run):
    found = run("-c", LOADED, FORENSICS_PURE="1")
    assert found.stdout.splitlines() == ["reference False", "logging"], found.stderr
    assert found.stderr.count(ASKED) == len(found.stderr.splitlines()) == 1


def test_where_there_is_no_kernel_the_reference_stands_in_and_how_to_get_one_is_said(run):
    found = run("-c", WITHOUT + LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines()[0] == "reference False", found.stderr
    assert found.stderr.startswith("Note: ") and len(found.stderr.splitlines()) == 1
    assert (
        MISSING in found.stderr
        and "C compiler" in found.stderr
        and "docs/installing.md" in found.stderr
    )


def test_no_module_of_the_package_imports_edlib(root):
    importing = [
        path.relative_to(root).as_posix()
        for folder in ("forensics", "reference_sequences", "models")
        for path in (root / folder).rglob("*.py")
        if re.search(r"^\s*(import edlib|from edlib)", path.read_text(encoding="utf-8"), re.M)
    ]
    assert importing == []


@pytest.fixture
def fasta(tmp_path):
    path, near = tmp_path / "x.fasta", query()
    path.write_text(
        f">a\n{near}\n>turned\n{near[::-1]}\n>half\n{near[:300]}\n>long\nTTAGG{near}CCA\n"
    )
    return path


@compiled
def test_identify_prints_the_same_bytes_with_the_kernel_and_with_the_reference(run, library, fasta):
    arguments = ("-m", "forensics", "identify", fasta, "--library", library.path,
                 "--format", "json", "--reasons")  # fmt: skip
    with_kernel, without = (
        run(*arguments, FORENSICS_PURE=pure, SOURCE_DATE_EPOCH="1700000000") for pure in ("", "1")
    )
    # One of the four is random, and so of no locus.
    assert with_kernel.returncode == without.returncode == 3, without.stderr
    assert with_kernel.stdout == without.stdout
    assert with_kernel.stderr == "" and without.stderr.count(ASKED) == 1
    results = [json.loads(line) for line in without.stdout.splitlines()]
    assert len(results) == 4
    assert all(set(one["provenance"]["dependencies"]) == {"python"} for one in results)


STARTING = """
import multiprocessing
from forensics.barcode.matching import kernel
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=kernel.is_compiled)
    process.start()
    process.join()
    raise SystemExit(process.exitcode)
"""


def test_a_process_that_another_one_started_does_not_say_it_again(run, tmp_path):
    (tmp_path / "script.py").write_text(STARTING)  # is read by the process that it starts, too
    found = run(tmp_path / "script.py", FORENSICS_PURE="1")
    assert found.returncode == 0
    assert found.stderr.count(ASKED) == 1, found.stderr


def test_a_message_of_another_command_is_not_joined_by_one_about_the_kernel(run):
    found = run("-m", "forensics", "--help", FORENSICS_PURE="1")
    assert found.returncode == 0 and found.stderr == ""
