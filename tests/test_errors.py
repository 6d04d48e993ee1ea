import configparser
import re
import sys

import pytest
from packaging.requirements import Requirement

from forensics import errors


@pytest.mark.parametrize(
    "name, code",
    [
        ("ForensicsError", 1),
        ("UsageError", 2),
        ("InputError", 3),
        ("IncompleteInputError", 3),
        ("LibraryError", 1),
        ("ModelError", 1),
        ("PluginError", 1),
        ("VerificationError", 4),
        ("RefusedError", 5),
    ],
)
def test_every_error_has_the_exit_code_of_the_plan(name, code):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.ForensicsError)
    assert kind.exit_code == code


def test_the_table_above_is_complete():
    assert len(errors.__all__) == 10


@pytest.mark.parametrize(
    "place, text",
    [
        ({}, "wrong"),
        ({"source": "x.fa"}, "x.fa: wrong"),
        ({"source": "x.fa", "record": 2}, "x.fa, record 2: wrong"),
        ({"source": "x.fa", "record": 2, "line": 7}, "x.fa, record 2, line 7: wrong"),
        ({"source": "x.fa", "line": 7}, "x.fa, line 7: wrong"),
    ],
)
def test_an_input_error_says_where(place, text):
    error = errors.InputError("wrong", **place)
    assert str(error) == text
    assert error.message == "wrong"


def extras(root):
    parser = configparser.ConfigParser()
    parser.read(root / "setup.cfg", encoding="utf-8")
    return {name: text.split("\n") for name, text in parser["options.extras_require"].items()}


def test_what_is_missing_comes_with_the_command_that_installs_it(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "missing", None)
    for extra, requirements in extras(root).items():
        if extra in ("all", "docs", "test", "mutants"):
            continue
        with pytest.raises(errors.ForensicsError, match="needs the extra") as found:
            with errors.importing(extra):
                import missing
        command = str(found.value).split("Install it: ")[1]
        assert command.startswith(f'"{sys.executable}" -m pip install "')
        wanted = {Requirement(line.split(";")[0]) for line in requirements if re.match(r"\w", line)}
        assert set(map(Requirement, re.findall('"([^"]+)"', command)[1:])) == wanted
    with pytest.raises(errors.InputError, match=r"x\.csv: .*\nOr write it down\."):
        with errors.importing("plot", source="x.csv", instead="Or write it down."):
            import missing  # noqa: F401


def test_one_place_says_how_to_install(root):
    sources = root.glob("forensics/**/*.py")
    said = [path for path in sources if "pip install" in path.read_text(encoding="utf-8")]
    assert said == [root / "forensics" / "errors.py"]
    for path in [*root.glob("docs/**/*.md"), *root.glob("*.md"), *root.glob("notebooks/*")]:
        if path.is_file():  # the package is in no index
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"pip install[^`\n]*wildlife-forensics", text), path
