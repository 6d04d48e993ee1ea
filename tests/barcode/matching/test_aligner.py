"""One module decides who aligns; results are the same with edlib and without."""

import json
import re

import pytest
from simulation import query

from forensics.barcode.matching import aligner, columns, placing

LOADED = (
    "import sys\n"
    "from forensics.barcode.matching import aligner, bounds, placing, search\n"
    "print(*sorted({'edlib', 'forensics.barcode.matching.columns'} & set(sys.modules)))\n"
    "print(aligner.align.__module__, aligner.edlib_version() is None)\n"
    "print(bounds._kernel is placing._kernel is None)\n"
)


def test_with_edlib_the_columns_are_not_loaded(run):
    found = run("-c", LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines()[:2] == ["edlib", "edlib False"], found.stderr


def test_the_environment_leaves_out_what_is_compiled(run):
    found = run("-c", LOADED, FORENSICS_PURE="1")
    module = "forensics.barcode.matching.columns"
    assert found.stdout.splitlines() == [module, f"{module} True", "True"], found.stderr


def test_where_edlib_is_not_installed_the_columns_align(run):
    missing = "import sys\nsys.modules['edlib'] = None  # not to be found\n"
    found = run("-c", missing + LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines()[1] == "forensics.barcode.matching.columns True", found.stderr


def test_no_other_module_asks_for_edlib(root):
    asking = [
        path.relative_to(root).as_posix()
        for folder in ("forensics", "reference_sequences")
        for path in (root / folder).rglob("*.py")
        if re.search(r"^\s*(import edlib|from edlib)", path.read_text(encoding="utf-8"), re.M)
    ]
    assert asking == ["forensics/barcode/matching/aligner.py"]


@pytest.mark.parametrize("name", aligner.INTERFACES)
def test_a_compiled_module_has_the_number_that_is_expected_of_it(name, root):
    source = (root / f"forensics/barcode/matching/{name}.c").read_text(encoding="utf-8")
    assert f"\n#define INTERFACE {aligner.INTERFACES[name]}\n" in source
    module = aligner.compiled(name)
    if module is None:
        pytest.skip("built without a compiler")
    assert module.INTERFACE == aligner.INTERFACES[name]


STALE = (
    "import sys, types\n"
    "for name in {names}:\n"
    "    module = types.ModuleType(name)\n"
    "    module.{interface}\n"
    "    sys.modules['forensics.barcode.matching.' + name] = module\n"
    "from forensics.cli import main\n"
    "main(sys.argv[1:])\n"
)


@pytest.mark.skipif(aligner.PURE, reason="the environment leaves out what is compiled")
@pytest.mark.parametrize("names", [["_bounds", "_placing"], ["_bounds"], ["_placing"]])
@pytest.mark.parametrize("interface", ["INTERFACE = 0", "other = 1"])
def test_modules_of_another_build_are_left_out_and_warned_of_once(
    run, library, tmp_path, names, interface
):
    path = tmp_path / "x.fasta"
    path.write_text(f">a\n{query()}\n>half\n{query()[:300]}\n>none\n{query()[::-1]}\n")
    arguments = ("identify", path, "--library", library.path, "--format", "json")
    told = {"SOURCE_DATE_EPOCH": "1700000000"}
    expected = run("-m", "forensics", *arguments, **told)
    assert expected.returncode == 0 and expected.stderr == ""
    found = run("-c", STALE.format(names=names, interface=interface), *arguments, **told)
    assert found.returncode == 0 and found.stdout == expected.stdout
    assert found.stderr.count("of another version of this package") == 1
    assert "pip install -e ." in found.stderr and "aligner.py" not in found.stderr


def test_a_process_that_another_one_started_does_not_warn_again(run, library, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text("".join(f">{number}\n{query()}\n" for number in range(130)))
    script = STALE.format(names=["_bounds"], interface="other = 1").replace(
        "main(sys.argv[1:])", "if __name__ == '__main__':\n    main(sys.argv[1:])"
    )
    (tmp_path / "script.py").write_text(script)  # is read by the processes that it starts, too
    found = run(tmp_path / "script.py", "identify", path, "--library", library.path, "--jobs", "2")
    assert found.returncode == 0
    assert found.stderr.count("of another version of this package") == 1, found.stderr


@pytest.mark.skipif(aligner.PURE, reason="the environment leaves out edlib")
def test_identify_has_the_same_results_without_what_is_compiled(run, library, tmp_path):
    path = tmp_path / "x.fasta"
    near, other = query(), query()[:300]
    path.write_text(f">a\n{near}\n>turned\n{near[::-1]}\n>half\n{other}\n>long\nTTAGG{near}CCA\n")
    arguments = ("-m", "forensics", "identify", str(path), "--library", str(library.path),
                 "--format", "json", "--reasons")  # fmt: skip
    texts = []
    for pure in ("", "1"):
        found = run(*arguments, FORENSICS_PURE=pure)
        assert found.returncode == 0, found.stderr
        texts.append(found.stdout)
    with_edlib, without = ([json.loads(line) for line in text.splitlines()] for text in texts)
    assert len(with_edlib) == 4
    version = aligner.edlib_version()
    for one, other in zip(with_edlib, without):
        assert one["provenance"].pop("dependencies")["edlib"] == version
        assert set(other["provenance"].pop("dependencies")) == {"python"}
        assert one["provenance"].pop("time") and other["provenance"].pop("time")
    assert json.dumps(with_edlib) == json.dumps(without)


def test_placements_are_those_of_the_compiled_module_and_of_edlib(monkeypatch):
    inner, outer = (
        query().encode(),
        b"ACCA" + query()[:300].encode() + b"G" + query()[301:].encode(),
    )
    told = placing.placed(inner, outer, 60), placing.starts(inner, outer, 60)
    monkeypatch.setattr(placing, "_kernel", None)
    assert told == (placing.placed(inner, outer, 60), placing.starts(inner, outer, 60))
    monkeypatch.setattr(aligner, "align", columns.align)
    assert told == (placing.placed(inner, outer, 60), placing.starts(inner, outer, 60))
