import json
import subprocess
import sys

import pytest

from forensics.barcode.fetch.request import open_staging
from forensics.errors import InputError, UsageError

REQUEST = {"taxa": ["Fictidae"], "loci": ("COI",)}


@pytest.fixture
def begun(tmp_path):
    """The folder of a request that failed after one answer."""
    path = tmp_path / "x.fasta.part"
    with pytest.raises(KeyError), open_staging(path, REQUEST, now="2026-01-01") as part:
        part.put("a.gb", b"first")
        raise KeyError
    return path


def test_an_answer_outlives_a_failure(begun):
    with pytest.raises(KeyError), open_staging(begun, REQUEST, now="2027-01-01") as part:
        assert (part.get("a.gb"), part.get("b.gb")) == (b"first", None)
        assert part.started == "2026-01-01"
        assert part.names() == ["a.gb"]
        raise KeyError


def test_the_folder_goes_when_all_is_done(begun):
    with open_staging(begun, REQUEST, now="2027-01-01"):
        pass
    assert not begun.exists()


def test_a_folder_without_any_answer_goes_too(tmp_path):
    path = tmp_path / "x.part"
    with pytest.raises(KeyError), open_staging(path, REQUEST, now="2026-01-01"):
        raise KeyError
    assert not path.exists()


@pytest.mark.parametrize("damage", ["content", "sum", "no sum"])
def test_a_damaged_answer_counts_as_not_arrived(begun, damage):
    if damage == "content":
        (begun / "a.gb").write_bytes(b"firs")
    elif damage == "sum":
        (begun / "a.gb.sha256").write_text("0" * 64)
    else:
        (begun / "a.gb.sha256").unlink()
    with open_staging(begun, REQUEST, now="2027-01-01") as part:
        assert part.get("a.gb") is None


def test_another_request_is_refused_and_restart_throws_the_first_away(begun):
    other = {**REQUEST, "taxa": ["Manidae"]}
    with pytest.raises(UsageError, match="another request"), open_staging(begun, other, now="x"):
        pass
    assert (begun / "a.gb").exists()
    with open_staging(begun, other, now="2027-01-01", restart=True) as part:
        assert part.get("a.gb") is None
        assert part.started == "2027-01-01"


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UsageError, match="not the folder of an unfinished"):
        with open_staging(tmp_path, REQUEST, now="x"):
            pass
    assert (tmp_path / "mine").read_text() == "x"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "\x00"])
def test_a_damaged_request_is_told(begun, content):
    (begun / "request.json").write_text(content)
    with pytest.raises(InputError, match="--restart"), open_staging(begun, REQUEST, now="x"):
        pass


def test_two_processes_do_not_share_a_folder(begun):
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from forensics.barcode.fetch.request import open_staging\n"
        f"try:\n with open_staging(Path({str(begun)!r}), {REQUEST!r}, now='x'): pass\n"
        "except Exception as error: print(error)"
    )
    with open_staging(begun, REQUEST, now="2027-01-01"):
        found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert f"Another run works in {begun}" in found.stdout


def test_what_is_copied_is_only_what_arrived(begun, tmp_path):
    (begun / "half.gb").write_bytes(b"ha")
    with open_staging(begun, REQUEST, now="x") as part:
        part.copy_to(tmp_path / "raw")
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["a.gb"]


def test_the_request_is_written_down(begun):
    assert json.loads((begun / "request.json").read_text())["taxa"] == ["Fictidae"]
