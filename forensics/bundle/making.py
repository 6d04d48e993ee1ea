"""Makes the bundle; needs the network, or pip's own cache, once.

For this system: ``python -m forensics.bundle.making --output dist/bundle``; docs/installing.md has
more.

``pip download --platform`` takes wheels for another platform, but asks the conditions of what they need
(``colorama; platform_system == "Windows"``) of this one. A bundle made so would lack what only the other
platform needs, and have what only this one does. So they are asked of the other one here.
"""

import argparse
import email.parser
import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING

from forensics.barcode.reference.library import open_library
from forensics.core.children import run
from forensics.errors import ForensicsError
from forensics.io.files import sha256

if TYPE_CHECKING:
    from packaging.requirements import Requirement

# What the beginning of a platform tag says: os_name, sys_platform, platform_system.
_SYSTEMS = {
    "win": ("nt", "win32", "Windows"),
    "macosx": ("posix", "darwin", "Darwin"),
    "manylinux": ("posix", "linux", "Linux"),
    "musllinux": ("posix", "linux", "Linux"),
}
# Where the machine is named otherwise than in the tag.
_MACHINES = {"win_amd64": "AMD64", "win32": "x86", "win_arm64": "ARM64"}


@dataclass(frozen=True)
class Closure:
    """What a requirement needs, and what of it is there.

    Attributes
    ----------
    reached : frozenset of str
        File names of the wheels that are needed.
    unmet : tuple of str
        Requirements that no wheel meets, sorted.
    """

    reached: frozenset[str]
    unmet: tuple[str, ...]


def marker_environment(platform: str, python: str) -> dict[str, str]:
    """Return the values by which conditions of requirements are decided on a platform.

    Parameters
    ----------
    platform : str
        Tag such as ``win_amd64`` or ``manylinux2014_x86_64``.
    python : str
        Version of CPython, such as ``3.12``.

    Raises
    ------
    ValueError
        For a platform that is not known.

    Examples
    --------
    >>> marker_environment("win_amd64", "3.12")["platform_machine"]
    'AMD64'
    """
    system = next((key for key in _SYSTEMS if platform.startswith(key)), None)
    if system is None:
        raise ValueError(
            f"the platform {platform!r} is not known; expected a tag such as win_amd64, "
            "macosx_11_0_arm64 or manylinux2014_x86_64"
        )
    os_name, sys_platform, platform_system = _SYSTEMS[system]
    machine = next((m for m in ("x86_64", "aarch64", "arm64", "i686") if platform.endswith(m)), "")
    full = f"{python}.0"
    return {
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "platform_machine": _MACHINES.get(platform, machine),
        "platform_release": "",
        "platform_version": "",
        "python_version": python,
        "python_full_version": full,
        "implementation_name": "cpython",
        "implementation_version": full,
        "platform_python_implementation": "CPython",
    }


def follow_requirement(wheels: Path, requirement: str, environment: dict[str, str]) -> Closure:
    """Follow a requirement through the wheels of a folder.

    Parameters
    ----------
    wheels : path
        One version of each project at most.
    requirement : str
        Such as ``wildlife-forensics[all]``.
    environment : dict of str to str
        Of the platform, as `marker_environment` returns it.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name, parse_wheel_filename

    available = {}
    for path in wheels.glob("*.whl"):
        name, version, _build, _tags = parse_wheel_filename(path.name)
        available[name] = (version, path)
    reached: set[str] = set()
    unmet: set[str] = set()
    seen: set[tuple[str, str]] = set()
    todo = [Requirement(requirement)]
    while todo:
        needed = todo.pop()
        name = canonicalize_name(needed.name)
        wheel = available.get(name)
        if wheel is None or not needed.specifier.contains(wheel[0], prereleases=True):
            needed.marker = None  # it was decided already
            unmet.add(str(needed))
            continue
        _version, path = wheel
        reached.add(path.name)
        for extra in {"", *needed.extras} - {other for project, other in seen if project == name}:
            seen.add((name, extra))
            todo += [
                each
                for each in _read_requirements(path)
                if each.marker is None or each.marker.evaluate({**environment, "extra": extra})
            ]
    return Closure(frozenset(reached), tuple(sorted(unmet)))


def _read_requirements(wheel: Path) -> "list[Requirement]":
    from packaging.requirements import Requirement

    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA")
                   and n.count("/") == 1)  # fmt: skip
        text = archive.read(name).decode("utf-8")
    stated = email.parser.HeaderParser().parsestr(text).get_all("Requires-Dist") or []
    return [Requirement(line) for line in stated]


_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_SCRIPTS = ("install.py", "install.sh", "install.bat")


# -- the bundle ------------------------------------------------------------------------


def make_bundle(
    output: Path,
    *,
    extras: str = "all",
    platform: str = "",
    python: str = "",
    own_wheels: Path | None = None,
    library: Path | None = None,
    root: Path = _ROOT,
) -> list[str]:
    """Write the folder; return the names of its files.

    Parameters
    ----------
    output : path
        A new folder.
    extras : str
        Extras of the package, such as ``all`` or ``plot,report``.
    platform : str
        Tag of another platform, such as ``win_amd64``; empty for this one.
    python : str
        Version of Python that it is for, such as ``3.12``; empty for this one.
    own_wheels : path, optional
        Folder with wheels that the index does not have.
    library : path, optional
        Folder of a built library, which is installed too, under the name of the folder:
        ``central-africa`` is what workshops use (`forensics.training.workshop_library`).
    root : path
        The checkout.

    Raises
    ------
    FileExistsError
        If the folder exists.
    CalledProcessError
        If pip cannot make or get a wheel; what was made is removed.
    ValueError
        If the platform is not known, or needs what cannot be had together; likewise.
    ForensicsError
        If `library` is none, or a file of it is not as its manifest says.
    """
    if library:
        open_library(library).verify()
    output = Path(output)
    output.mkdir(parents=True)
    try:
        wheels = output / "wheels"
        pip = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check"]
        # The optional kernel in C is compiled for this system; for another it is left out.
        pure = {"FORENSICS_PURE": "1"} if platform else {}
        run(
            [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, root],
            check=True,
            env={**os.environ, **pure},
        )
        (own,) = wheels.glob("wildlife_forensics-*.whl")
        requirement = f"wildlife-forensics[{extras}]" if extras else "wildlife-forensics"
        python = python or f"{sys.version_info[0]}.{sys.version_info[1]}"
        other = ["--python-version", python, "--only-binary", ":all:"]
        if own_wheels:
            other += ["--find-links", os.fspath(own_wheels)]
        if platform:
            other += ["--platform", platform, "--implementation", "cp"]
            _collect([*pip, "download", "--quiet", *other], wheels, requirement, platform, python)
        else:
            run(
                [*pip, "download", "--quiet", "--dest", wheels, "--find-links", wheels, *other,
                 f"{own}[{extras}]" if extras else own],
                check=True,
            )  # fmt: skip
        if library:
            shutil.copytree(library, output / "libraries" / library.resolve().name)
        for name in _SCRIPTS:
            # install.bat reads no file: where a folder has parentheses, not every cmd.exe can.
            content = (_HERE / name).read_bytes().replace(b"@PYTHON@", python.encode("ascii"))
            (output / name).write_bytes(content)
        lessons = root / "notebooks"
        for path in [*lessons.glob("*.ipynb"), *lessons.glob("[a-z][a-z]/*.ipynb")]:
            copy = output / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        (output / "PYTHON").write_text(f"{python}\n", encoding="ascii")
        (output / "REQUIREMENT").write_text(f"{requirement}\n", encoding="ascii")
        names = sorted(
            path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()
        )
        sums = "".join(f"{sha256(output / name)}  {name}\n" for name in names)
        (output / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
    except BaseException:
        shutil.rmtree(output)
        raise
    return names


def _collect(
    download: Sequence[str | Path], wheels: Path, requirement: str, platform: str, python: str
) -> None:
    """Download what the package needs on another platform, by the conditions of that one."""
    environment = marker_environment(platform, python)
    by_name: set[str] = set()
    (own,) = wheels.glob("*.whl")
    # pip follows the conditions of this system. What is still missing then is downloaded by name.
    while (closure := follow_requirement(wheels, requirement, environment)).unmet:
        if by_name.issuperset(closure.unmet):
            raise ValueError(f"cannot be had for {platform} together: {', '.join(closure.unmet)}")
        by_name.update(closure.unmet)
        for path in wheels.glob("*.whl"):
            if path != own:  # the next answer may have other versions
                path.unlink()
        run([*download, "--dest", wheels, *sorted(by_name)], check=True)
    for path in wheels.glob("*.whl"):
        if path.name not in closure.reached:  # what only this system needs
            path.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Make a bundle that installs without a network.")
    parser.add_argument("--output", type=Path, required=True, help="a new folder")
    parser.add_argument("--extras", default="all", help="such as plot,report; default: all")
    parser.add_argument("--platform", default="", help="such as win_amd64; default: this one")
    parser.add_argument("--python", default="", help="such as 3.12; default: this one")
    parser.add_argument("--wheels", type=Path, help="folder with wheels that no index has")
    parser.add_argument("--library", type=Path, help="folder of a library for the trip")
    options = parser.parse_args(arguments)
    if options.output.exists():
        print(f"error: {options.output} exists; give a new folder", file=sys.stderr)
        return 2
    try:
        names = make_bundle(
            options.output,
            extras=options.extras,
            platform=options.platform,
            python=options.python,
            own_wheels=options.wheels,
            library=options.library,
        )
    except CalledProcessError as error:
        print(f"error: pip ended with {error.returncode}; see above", file=sys.stderr)
        return 1
    except (ValueError, ForensicsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    size = sum((options.output / name).stat().st_size for name in names)
    print(f"{options.output}: {len(names)} files, {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
