"""The bundle: every file is checked before anything is installed, and pip is asked for no network."""

import hashlib
import subprocess
import sys

import pytest

from forensics.bundle import install, making


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """A bundle whose wheels are simulated: pip is not started."""
    asked = []

    def pip(command, check, env=None):
        asked.append([str(word) for word in command])
        if "wheel" in command and env.get("FORENSICS_PURE"):
            asked[-1].append("pure")
        folder = command[command.index("--wheel-dir" if "wheel" in command else "--dest") + 1]
        folder.mkdir(exist_ok=True)
        name = "wildlife_forensics-0.1.0-py3-none-any.whl" if "wheel" in command else "click-8.whl"
        (folder / name).write_bytes(f"simulated {name}".encode())

    monkeypatch.setattr(making.subprocess, "run", pip)
    folder = tmp_path / "clé USB" / "bundle"
    making.make_bundle(folder, extras="plot")
    monkeypatch.setattr(install, "HERE", folder)
    monkeypatch.setattr(install, "SUMS", folder / "SHA256SUMS")
    return folder, asked


def test_every_file_stands_in_the_sums_with_its_hash(bundle):
    folder, _asked = bundle
    sums = dict(line.split("  ")[::-1] for line in
                (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines())  # fmt: skip
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(sums) == there - {"SHA256SUMS"} and len(sums) == 7
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert install.check() == []


@pytest.mark.parametrize("change, told", [
    (lambda f: (f / "wheels/click-8.whl").write_bytes(b"evil"), "changed: wheels/click-8.whl"),
    (lambda f: (f / "wheels/click-8.whl").unlink(), "missing: wheels/click-8.whl"),
    (lambda f: (f / "wheels/more.whl").write_bytes(b""), "not of this bundle: wheels/more.whl"),
    (lambda f: (f / "REQUIREMENT").write_text("evil"), "changed: REQUIREMENT"),
])  # fmt: skip
def test_a_bundle_that_was_changed_installs_nothing(
    bundle, change, told, monkeypatch, tmp_path, capsys
):
    folder, _asked = bundle
    change(folder)
    assert install.check() == [told]
    monkeypatch.setattr(sys, "argv", ["install.py", str(tmp_path / "target")])
    assert install.main() == 4
    assert told in capsys.readouterr().out and not (tmp_path / "target").exists()


def test_another_python_and_a_folder_that_is_there_are_told(bundle, monkeypatch, tmp_path, capsys):
    folder, _asked = bundle
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    monkeypatch.setattr(sys, "argv", ["install.py", str(tmp_path / "full")])
    assert install.main() == 2 and "give another folder" in capsys.readouterr().out
    (folder / "PYTHON").write_text("3.5\n")
    assert install.main() == 1 and "This bundle is for Python 3.5" in capsys.readouterr().out


def test_pip_is_asked_for_wheels_alone_and_for_the_platform(bundle, tmp_path):
    _folder, asked = bundle
    making.make_bundle(
        tmp_path / "windows", platform="win_amd64", python="3.12", own_wheels=tmp_path
    )
    download = asked[-1]
    assert asked[-2][-1] == "pure"  # nothing that was compiled for this system
    assert "pure" not in asked[0]
    assert str(tmp_path) in download
    assert "--only-binary" in download and "win_amd64" in download and "3.12" in download
    assert download[-1].endswith(".whl[all]")
    assert (tmp_path / "windows/PYTHON").read_text() == "3.12\n"


def test_a_bundle_that_cannot_be_made_leaves_nothing(monkeypatch, tmp_path):
    def fails(command, check, env=None):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(making.subprocess, "run", fails)
    assert making.main(["--output", str(tmp_path / "b")]) == 1
    assert not (tmp_path / "b").exists()
    (tmp_path / "b").mkdir()
    assert making.main(["--output", str(tmp_path / "b")]) == 2


def test_the_script_for_windows_has_its_line_ends(root):
    content = (root / "forensics/bundle/install.bat").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 5
    assert b"\r" not in (root / "forensics/bundle/install.sh").read_bytes()
