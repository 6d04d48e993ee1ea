"""The example plug-in, and faulty ones, installed into folders that tests put on the path."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import invalidate_caches
from pathlib import Path

from forensics.barcode import locus
from forensics.barcode.reading import reads
from forensics.plugins import find_packages, load_plugins

__all__ = ["EXAMPLE", "forget", "install", "place", "run", "write_distribution"]

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "forensics-example-plugin"


def install(target: Path, work: Path) -> None:
    """Build the example and install it into a folder, without a network and without the dependencies."""
    source = shutil.copytree(EXAMPLE, work / "source")  # a build leaves files beside what it builds
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-build-isolation", "--no-deps", "--no-index", "--target", target, source]
    subprocess.run([*command, *offline], check=True, capture_output=True, text=True)


def place(target: Path) -> None:
    """Put the example into a folder, as `install` leaves it, without building it."""
    said = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(EXAMPLE / "src", target, dirs_exist_ok=True)
    points = said["entry-points"]["forensics"].items()
    entry = "[forensics]\n" + "".join(f"{name} = {value}\n" for name, value in points)
    _write_info(target, said["name"], said["version"], entry)


def write_distribution(target: Path, package: str, entry_points: str, code: str = "") -> None:
    """Put a distribution of one module into a folder, as an installer leaves it."""
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{package.replace('-', '_')}.py").write_text(code, encoding="utf-8")
    _write_info(target, package, "1.0", entry_points)


def _write_info(target: Path, package: str, version: str, entry_points: str) -> None:
    info = target / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")


def forget() -> None:
    """Let plug-ins be looked for again in this process."""
    for function in (find_packages, load_plugins, locus._added_loci, reads.find_readers):
        function.cache_clear()
    invalidate_caches()


def run(target: Path | None, *arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process that finds a folder of distributions."""
    environment = {**os.environ, "LANGUAGE": "en"}
    environment.pop("PYTHONPATH", None)
    if target is not None:
        environment["PYTHONPATH"] = str(target)
    command = [sys.executable, "-m", "forensics", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
