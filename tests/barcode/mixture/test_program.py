import os

import pytest
from patience import wait_until
from read_set_simulation import needs_vsearch

from forensics.barcode.mixture.denoising import MIN_VERSION, find_program
from forensics.errors import ForensicsError

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
