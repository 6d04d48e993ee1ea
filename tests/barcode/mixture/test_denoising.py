import json
import os

import pytest
from patience import wait_until
from read_set_simulation import needs_vsearch

from forensics.barcode.mixture.denoising import MIN_VERSION, find_program, open_workplace
from forensics.errors import ForensicsError, UsageError

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")


def script(tmp_path, text):
    path = tmp_path / "vsearch"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_missing_program_is_said_with_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ForensicsError) as caught:
        find_program()
    for part in ("vsearch was not found", "apt install vsearch", "bioconda", "--vsearch", "2.22.0"):
        assert part in str(caught.value)


@posix
@pytest.mark.parametrize(
    "said, message",
    [
        ("echo 'vsearch v2.21.9_linux'", "VSEARCH 2.21.9, too old"),
        ("echo 'usearch v11'", "does not say that it is VSEARCH"),
        ("exit 3", "does not say that it is VSEARCH"),
    ],
)
def test_another_program_or_version_is_refused(tmp_path, said, message):
    with pytest.raises(ForensicsError, match=message):
        find_program(script(tmp_path, said))


@posix
def test_the_least_version_is_taken_also_where_it_is_told_on_standard_error(tmp_path):
    version = ".".join(map(str, MIN_VERSION))
    assert find_program(script(tmp_path, f"echo 'vsearch v{version}_x' >&2")).version == version


@posix
def test_what_a_program_says_when_it_fails_is_repeated(tmp_path):
    program = find_program(
        script(
            tmp_path, '[ "$1" = --version ] && echo "vsearch v2.30.0" || { echo no room; exit 9; }'
        )
    )
    with pytest.raises(ForensicsError, match=r"--derep failed \(code 9\): no room"):
        program.run(["--derep"], tmp_path)
    assert not (tmp_path / "vsearch.log").exists()


@posix
def test_what_cannot_be_run_is_said(tmp_path):
    path = tmp_path / "vsearch"
    path.write_bytes(b"\x7fELF none")
    path.chmod(0o755)
    with pytest.raises(ForensicsError, match="cannot be run"):
        find_program(path)


@needs_vsearch
def test_the_program_of_this_machine_is_found():
    assert tuple(map(int, find_program().version.split("."))) >= MIN_VERSION


@posix
def test_a_program_is_ended_when_its_run_is_broken_off(tmp_path, run):
    """Ctrl-C while the program works: it must not go on behind our back."""
    fake = script(
        tmp_path,
        '[ "$1" = --version ] && echo "vsearch v2.30.0" || { echo $$ > pid; PATH=/bin:/usr/bin; exec sleep 60; }',
    )
    code = (
        "import os, signal, threading, time, pathlib\n"
        "from forensics.barcode.mixture.denoising import find_program\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "def stop():\n"
        "    while not (folder / 'pid').exists() or not (folder / 'pid').read_text().strip():\n"
        "        time.sleep(0.02)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=stop, daemon=True).start()\n"
        f"find_program({str(fake)!r}).run(['--derep'], folder)\n"
    )
    done = run("-c", code)
    assert "KeyboardInterrupt" in done.stderr
    program = int((tmp_path / "pid").read_text())

    def is_gone() -> bool:
        try:
            os.kill(program, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(is_gone)  # an ended process stays listed until the system has taken note of it


def make(folder):
    (folder / "made.txt").write_text("made")
    return {"count": 3, "pair": (1, 2)}


def never(folder):
    raise AssertionError("it was done before")


def step(place, made=make, **changed):
    asked = {"inputs": {"a": "1" * 64}, "parameters": {"p": (1, 2)}, "program": "x 1"} | changed
    return place.step("one", made, **asked)


def test_a_step_is_done_once_and_its_counts_are_kept(tmp_path):
    with open_workplace(tmp_path / "work") as place:
        first = step(place)
    with open_workplace(tmp_path / "work") as place:
        again = step(place, never)
    assert not first.resumed and again.resumed
    assert first.counts == again.counts == {"count": 3, "pair": [1, 2]}
    assert first.made == again.made and (again.folder / "made.txt").read_text() == "made"


@pytest.mark.parametrize(
    "changed", [{"inputs": {"a": "2" * 64}}, {"parameters": {"p": 2}}, {"program": "x 2"}]
)
def test_it_is_done_again_where_something_changed(tmp_path, changed):
    with open_workplace(tmp_path / "work") as place:
        step(place)
        assert not step(place, **changed).resumed


@pytest.mark.parametrize("damage", ["cut", "gone", "record", "more"])
def test_it_is_done_again_where_what_it_made_was_damaged(tmp_path, damage):
    with open_workplace(tmp_path / "work") as place:
        folder = step(place).folder
        if damage == "gone":
            (folder / "made.txt").unlink()
        elif damage == "record":
            (folder / "step.json").write_text("[]")
        else:
            (folder / ("made.txt" if damage == "cut" else "other")).write_text("ma")
        again = step(place)
    assert not again.resumed
    assert (again.folder / "made.txt").read_text() == "made"


def test_a_step_that_is_broken_off_leaves_nothing_half_done(tmp_path):
    def broken(folder):
        (folder / "made.txt").write_text("ma")
        raise KeyboardInterrupt

    with open_workplace(tmp_path / "work") as place:
        with pytest.raises(KeyboardInterrupt):
            step(place, broken)
        assert list((tmp_path / "work" / "steps").iterdir()) == []
        assert not list((tmp_path / "work").glob("partial-*"))


def test_what_a_killed_run_left_is_cleared_away(tmp_path):
    with open_workplace(tmp_path / "work"):
        pass
    (tmp_path / "work" / "partial-1234").mkdir()
    (tmp_path / "work" / "partial-1234" / "made.txt").write_text("ma")
    with open_workplace(tmp_path / "work"):
        assert not list((tmp_path / "work").glob("partial-*"))


def test_a_folder_with_other_things_is_not_touched(tmp_path):
    (tmp_path / "thesis.doc").write_text("mine")
    with (
        pytest.raises(UsageError, match="is not empty and is not a working folder of this command"),
        open_workplace(tmp_path),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_two_runs_do_not_work_in_one_folder(tmp_path):
    with open_workplace(tmp_path / "work"):
        with pytest.raises(UsageError, match="Another run"), open_workplace(tmp_path / "work"):
            pass
    with open_workplace(tmp_path / "work"):
        pass


def test_a_record_of_another_form_is_no_record(tmp_path):
    with open_workplace(tmp_path / "work") as place:
        folder = step(place).folder
        record = json.loads((folder / "step.json").read_text())
        (folder / "step.json").write_text(json.dumps(record | {"made": "x"}))
        assert not step(place).resumed
