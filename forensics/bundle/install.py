"""Checks every file of the bundle and installs it into a folder; needs nothing but Python.

    python install.py [FOLDER]

The network is not used. FOLDER gets a virtual environment and is made; by default it is
"forensics" in the home folder. Nothing is written outside it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# Windows has file names of up to 259 letters unless it is set otherwise; the longest below the
# folder, of JupyterLab, has 157.
MAX_FOLDER_LENGTH = 100
WINDOWS = os.name == "nt"
HERE = Path(__file__).resolve().parent
SUMS = HERE / "SHA256SUMS"


def main() -> int:
    """Run; return the exit code."""
    required = (HERE / "PYTHON").read_text(encoding="ascii").strip()
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if running != required:
        print(
            f"This bundle is for Python {required}; this is {running}. "
            f"Start it with python{required}, or get the bundle for {running}."
        )
        return 1
    faults = check()
    for fault in faults:
        print(fault)
    if faults:
        print("Nothing was installed. Copy the bundle again from where it came.")
        return 4
    if len(sys.argv) > 2:
        print('Put a folder with a blank in its name between quotes: install "FOLDER"')
        return 2
    # Of a folder that ends in a backslash, Windows takes the quote behind it for a letter.
    given = sys.argv[1].rstrip('"') if len(sys.argv) > 1 else ""
    target = Path(given) if given else Path.home() / "forensics"
    if WINDOWS and len(os.path.abspath(target)) > MAX_FOLDER_LENGTH:
        print(f"The name of {target} is too long for Windows; give a shorter one: install FOLDER")
        return 2
    if target.exists() and any(target.iterdir()):
        print(f"{target} is there already and not empty; give another folder: install FOLDER")
        return 2
    print(f"Every file is as it was made. Installing into {target} ...")
    try:
        venv.create(target, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"No virtual environment could be made in {target} ({error}). On Debian and Ubuntu "
            f"the package python{required}-venv is needed."
        )
        return 1
    programs = target / ("Scripts" if WINDOWS else "bin")
    python = programs / ("python.exe" if WINDOWS else "python")
    requirement = (HERE / "REQUIREMENT").read_text(encoding="ascii").strip()
    command = [
        str(python),
        "-I",  # what lies in the working directory is not run
        "-m",
        "pip",
        "install",
        "--isolated",  # what pip.ini says of this computer's index or of --user is not for here
        "--quiet",
        "--no-index",
        "--disable-pip-version-check",
        "--find-links",
        str(HERE / "wheels"),
        requirement,
    ]
    if subprocess.call(command) != 0:
        return 1
    if (HERE / "libraries").is_dir():
        shutil.copytree(HERE / "libraries", target / "libraries")
    command = [str(python), "-I", "-m", "forensics", "selftest"]
    if subprocess.call(command) != 0:
        return 4
    shutil.copytree(HERE / "notebooks", target / "notebooks")
    print(f'Done. Start it with: "{programs / "forensics"}" --help')
    if (programs / python.name.replace("python", "jupyter")).exists():
        print(f'The lessons: "{programs / "jupyter"}" lab "{target / "notebooks"}"')
    return 0


def check() -> list[str]:
    """Return what is wrong with the files of the bundle."""
    listed = {}
    for line in SUMS.read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        listed[name] = digest
    faults = []
    for name, digest in listed.items():
        path = HERE / name
        if not path.is_file():
            faults.append(f"missing: {name}")
            continue
        sha256 = hashlib.sha256()
        with open(path, "rb") as handle:
            while block := handle.read(1 << 20):
                sha256.update(block)
        if sha256.hexdigest() != digest:
            faults.append(f"changed: {name}")
    there = {
        path.relative_to(HERE).as_posix()
        for folder in ("wheels", "libraries")
        for path in (HERE / folder).rglob("*")
        if path.is_file()
    }
    faults += [f"not of this bundle: {name}" for name in sorted(there - set(listed))]
    return faults


if __name__ == "__main__":
    sys.exit(main())
