import importlib
import json
import sys
from pathlib import Path

import pytest

from forensics.start import PUT_OFF, put_off


# `colorsys`: a small module of every Python that nothing here imports.
@pytest.fixture(autouse=True)
def not_imported():
    sys.modules.pop("colorsys", None)
    yield
    sys.modules.pop("colorsys", None)


def test_a_module_that_is_put_off_is_imported_when_something_of_it_is_used():
    with put_off("colorsys"):
        import colorsys

        assert "colorsys" in sys.modules
    assert "colorsys" not in sys.modules
    assert colorsys.ONE_THIRD == 1 / 3
    assert sys.modules["colorsys"] is not colorsys
    assert importlib.import_module("colorsys").ONE_THIRD == 1 / 3


def test_a_function_that_was_taken_by_name_is_called_in_the_module():
    with put_off("colorsys"):
        from colorsys import rgb_to_hsv

        assert rgb_to_hsv(1.0, 0.0, 0.0) == (0.0, 1.0, 1.0)  # also meanwhile
    assert rgb_to_hsv(0.0, 1.0, 0.0) == (1 / 3, 1.0, 1.0)


def test_a_module_that_is_imported_stays_as_it_is():
    before = sys.modules["json"]
    with put_off("json"):
        assert sys.modules["json"] is before
    assert sys.modules["json"] is before


def test_an_error_meanwhile_leaves_no_stand_in():
    with pytest.raises(ZeroDivisionError), put_off("colorsys"):
        raise ZeroDivisionError
    assert "colorsys" not in sys.modules


def test_a_name_that_the_module_lacks_is_told_as_ever():
    with put_off("colorsys"):
        import colorsys
    with pytest.raises(AttributeError, match="no_such_name"):
        print(colorsys.no_such_name)


LINES = ["", " one line", "tab\tinside ", "two\n   lines\n"]


def test_texts_are_cleaned_as_inspect_does(run):
    told = run(
        "-c",
        "import json, sys\n"
        "from forensics.start import put_off\n"
        "with put_off('inspect'):\n"
        "    import inspect\n"
        f"print(json.dumps([inspect.cleandoc(one) for one in {LINES!r}]))\n"
        "assert 'inspect' in sys.modules",
    )
    import inspect

    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == [inspect.cleandoc(one) for one in LINES]


def test_the_command_puts_off_what_it_names(run, library, tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(">a\nACGT\n")
    told = run(
        "-c",
        "import json, sys\n"
        "before = set(sys.modules)\n"  # of how it is installed
        "from forensics.start import main\n"
        f"sys.argv = ['forensics', 'identify', {str(path)!r}, '--library', {str(library.path)!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)",
    )
    loaded = set(json.loads(told.stderr.splitlines()[-1]))
    assert "unusable" in told.stderr
    assert "forensics.examination" in loaded
    assert not loaded & {*PUT_OFF, "ast", "dis", "platform", "ipaddress"}


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize(("files", "code"), [("x.fasta", 3), ("", 2)])
def test_what_was_registered_for_the_end_is_called_and_the_code_is_kept(
    run, tmp_path, files, code, earlier
):
    (tmp_path / "x.fasta").write_text(">a\nACGT\n")
    arguments = ["identify", *(str(tmp_path / one) for one in files.split())]
    first = "atexit.register(lambda: print('before'))" if earlier else ""
    told = run(
        "-c",
        "import atexit, sys, threading, time\n"
        "from forensics.start import main\n"
        f"sys.argv = ['forensics', *{arguments!r}]\n"
        f"{first}\n"
        "try: main()\n"
        "finally:\n"
        "    atexit.register(lambda: print('after', end=''))\n"
        "    threading.Timer(0.2, lambda: print('thread')).start()\n",
    )
    assert told.returncode == code, told.stderr
    assert told.stdout.endswith("thread\nafter" + "before\n" * earlier)


def test_output_that_cannot_be_written_ends_as_ever(run, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from forensics.start import main\n"
        "sys.stdout = open('/dev/full', 'w')\n"
        "sys.argv = ['forensics', '--version']\n"
        "main()\n"
    )
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    assert run(str(script)).returncode != 0


def test_click_still_knows_its_own_types(run):
    told = run(
        "-c",
        "from forensics.start import PUT_OFF, put_off\n"
        "with put_off(*PUT_OFF):\n"
        "    import click, pathlib\n"
        "import uuid\n"
        "one = click.UUID.convert('12345678123456781234567812345678', None, None)\n"
        "assert isinstance(one, uuid.UUID) and click.UUID.convert(one, None, None) is one\n"
        "print(pathlib.PurePosixPath('/a b').as_uri())",
    )
    assert (told.returncode, told.stdout.strip()) == (0, "file:///a%20b"), told.stderr
