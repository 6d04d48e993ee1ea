"""The bundle: every file is checked before anything is installed, and pip is asked for no network."""

import hashlib
import re
import subprocess
import sys
import zipfile

import pytest

from forensics.barcode.reference.library import open_library
from forensics.bundle import install, making
from forensics.bundle.making import follow_requirement, marker_environment
from forensics.training import workshop_library

# SIMULATED wheels: what each says that it needs.
NEEDS = {
    "wildlife_forensics-0.1.0": [
        'rowing>=1.3.9; platform_machine == "x86_64"', "click>=8", 'wildlife-forensics[plot]; extra == "all"',
        'drawing[fast]>=2; extra == "plot"',
    ],
    "click-8.2": ['colorama; platform_system == "Windows"', 'uvloop; sys_platform != "win32"'],
    "colorama-0.4": [],
    "drawing-2.1": ['quick; extra == "fast"', 'slow; extra == "other"'],
    "quick-1.0": ['tzdata; sys_platform == "win32"'],
    "tzdata-2026.6": [],
    "uvloop-1.0": [],
    "rowing-1.3.9": [],
}  # fmt: skip


def simulate_wheel(folder, name):
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        needs = "".join(f"Requires-Dist: {line}\n" for line in NEEDS[name])
        project, version = name.split("-")
        archive.writestr(
            f"{name}.dist-info/METADATA",
            f"Metadata-Version: 2.4\nName: {project}\nVersion: {version}\n{needs}\nDescription\n",
        )


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
        if "wheel" in command:
            simulate_wheel(folder, "wildlife_forensics-0.1.0")
        elif "--platform" not in command:
            (folder / "click-8.whl").write_bytes(b"simulated")
        else:  # what is named and, as pip has it, what that needs on this system, which is Linux
            for name in NEEDS:
                project = name.split("-")[0]
                if any(re.match(rf"{project}\b", str(word)) for word in command):
                    simulate_wheel(folder, name)
                    if project == "click":
                        simulate_wheel(folder, "uvloop-1.0")

    monkeypatch.setattr(making, "run", pip)
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
    assert set(sums) == there - {"SHA256SUMS"}
    assert sum(not name.startswith("notebooks/") for name in sums) == 7
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert install.check() == []


def test_the_lessons_of_every_language_are_in_it_and_are_installed(
    bundle, root, monkeypatch, tmp_path, capsys
):
    """They are copied beside the programs: what a learner writes changes no file of the bundle."""
    folder, _asked = bundle
    target = tmp_path / "target"
    monkeypatch.setattr(sys, "argv", ["install.py", str(target)])
    monkeypatch.setattr(install.venv, "create", lambda place, with_pip: place.mkdir())
    monkeypatch.setattr(install.subprocess, "call", lambda command: 0)
    assert install.main() == 0
    lessons = [path.relative_to(root) for path in (root / "notebooks").rglob("*.ipynb")]
    assert {path.parent.name for path in lessons} >= {"notebooks", "fr"}
    for lesson in lessons:
        if lesson.parent.name == ".ipynb_checkpoints":
            continue
        assert (folder / lesson).read_bytes() == (root / lesson).read_bytes()
        assert (target / lesson).read_bytes() == (root / lesson).read_bytes()
    assert "jupyter" not in capsys.readouterr().out  # without JupyterLab nothing would start


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


def test_the_script_for_windows_knows_its_python(bundle):
    folder, _asked = bundle
    script = (folder / "install.bat").read_text(encoding="ascii")
    assert f'set "WANTED={sys.version_info[0]}.{sys.version_info[1]}"' in script
    assert "@PYTHON@" not in script


def test_a_folder_without_quotes_or_with_one_too_many(bundle, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["install.py", str(tmp_path / "dossier"), "été"])
    assert install.main() == 2 and "between quotes" in capsys.readouterr().out
    assert not (tmp_path / "dossier").exists()
    (tmp_path / "dossier été").mkdir()
    (tmp_path / "dossier été" / "file").write_text("x")
    # So Windows hands over "...\\dossier été\\", the quote behind the backslash being a letter.
    monkeypatch.setattr(sys, "argv", ["install.py", f'{tmp_path / "dossier été"}/"'])
    assert install.main() == 2 and "dossier été is there already" in capsys.readouterr().out


def test_a_folder_whose_name_is_too_long_for_windows(bundle, monkeypatch, tmp_path, capsys):
    long = tmp_path / ("x" * install.MAX_FOLDER_LENGTH)
    monkeypatch.setattr(sys, "argv", ["install.py", str(long)])
    monkeypatch.setattr(install, "WINDOWS", True)
    assert install.main() == 2 and "too long for Windows" in capsys.readouterr().out


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
    build = next(command for command in asked[2:] if "wheel" in command)
    assert build[-1] == "pure"  # nothing that was compiled for this system
    assert "pure" not in asked[0]
    for download in asked[asked.index(build) + 1 :]:
        assert str(tmp_path) in download
        assert "--only-binary" in download and "win_amd64" in download and "3.12" in download
    assert (tmp_path / "windows/PYTHON").read_text() == "3.12\n"
    assert (tmp_path / "windows/REQUIREMENT").read_text() == "wildlife-forensics[all]\n"


def test_a_bundle_for_windows_has_what_windows_needs_and_nothing_else(bundle, tmp_path):
    making.make_bundle(tmp_path / "windows", platform="win_amd64", python="3.12")
    there = {path.name.split("-")[0] for path in (tmp_path / "windows/wheels").iterdir()}
    # pip on Linux takes uvloop, and neither colorama nor tzdata; rowing is for x86_64 alone.
    assert there == {"wildlife_forensics", "click", "colorama", "drawing", "quick", "tzdata"}


def test_what_cannot_be_had_for_a_platform_is_told(bundle, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(NEEDS, "colorama-0.4", ["nowhere>=3"])
    options = ["--output", str(tmp_path / "w"), "--platform", "win_amd64", "--python", "3.12"]
    assert making.main(options) == 1
    assert "cannot be had for win_amd64 together: nowhere>=3" in capsys.readouterr().err
    assert making.main([*options[:2], "--platform", "amiga"]) == 1
    assert "the platform 'amiga' is not known" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


def test_needs_are_followed_by_the_conditions_of_the_platform(tmp_path):
    for name in NEEDS:
        simulate_wheel(tmp_path, name)
    linux = marker_environment("manylinux2014_x86_64", "3.12")
    found = follow_requirement(tmp_path, "wildlife-forensics", linux)
    assert {name.split("-")[0] for name in found.reached} == {
        "wildlife_forensics", "rowing", "click", "uvloop",
    }  # fmt: skip
    assert not found.unmet
    (tmp_path / "quick-1.0-py3-none-any.whl").unlink()
    (tmp_path / "click-8.2-py3-none-any.whl").rename(tmp_path / "click-7.0-py3-none-any.whl")
    windows = marker_environment("win_amd64", "3.12")
    assert follow_requirement(tmp_path, "wildlife-forensics[all]", windows).unmet == (
        "click>=8",
        "quick",
    )


def test_a_bundle_that_cannot_be_made_leaves_nothing(monkeypatch, tmp_path):
    def fails(command, check, env=None):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(making, "run", fails)
    assert making.main(["--output", str(tmp_path / "b")]) == 1
    assert not (tmp_path / "b").exists()
    (tmp_path / "b").mkdir()
    assert making.main(["--output", str(tmp_path / "b")]) == 2


def test_a_library_for_the_trip_is_installed_where_workshops_look_for_it(
    bundle, monkeypatch, tmp_path, library_folder
):
    library = library_folder.rename(tmp_path / "central-africa")
    folder = tmp_path / "with library"
    making.make_bundle(folder, library=library)
    monkeypatch.setattr(install, "HERE", folder)
    monkeypatch.setattr(install, "SUMS", folder / "SHA256SUMS")
    target = tmp_path / "installed"
    monkeypatch.setattr(install.venv, "create", lambda path, **_more: path.mkdir())
    monkeypatch.setattr(install.subprocess, "call", lambda command: 0)
    monkeypatch.setattr(sys, "argv", ["install.py", str(target)])
    assert install.main() == 0
    monkeypatch.setattr(sys, "prefix", str(target))
    told = []
    found = workshop_library(tell=told.append)
    assert found.sha256 == open_library(library).sha256 and "not installed" not in told[0]
    (folder / "libraries/central-africa/more.tsv").write_text("")
    assert install.check() == ["not of this bundle: libraries/central-africa/more.tsv"]


def test_what_is_no_library_is_told_before_anything_is_made(bundle, tmp_path, capsys):
    (tmp_path / "none").mkdir()
    options = ["--output", str(tmp_path / "b"), "--library", str(tmp_path / "none")]
    assert making.main(options) == 1
    assert "is not a library" in capsys.readouterr().err and not (tmp_path / "b").exists()


def test_the_script_for_windows_has_its_line_ends(root):
    content = (root / "forensics/bundle/install.bat").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") > 5
    assert content.isascii()  # whatever the code page
    assert b"\r" not in (root / "forensics/bundle/install.sh").read_bytes()
