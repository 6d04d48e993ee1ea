"""Makes the bundle; needs the network, or pip's own cache, once.

For this system: ``python -m forensics.bundle.making --output dist/bundle``; docs/installing.md has
more.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CalledProcessError

from forensics.core.children import run
from forensics.io.files import sha256

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_SCRIPTS = ("install.py", "install.sh", "install.bat")


def make_bundle(
    output: Path,
    *,
    extras: str = "all",
    platform: str = "",
    python: str = "",
    own_wheels: Path | None = None,
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
    """
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
        for name in _SCRIPTS:
            # install.bat reads no file: where a folder has parentheses, not every cmd.exe can.
            content = (_HERE / name).read_bytes().replace(b"@PYTHON@", python.encode("ascii"))
            (output / name).write_bytes(content)
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
    from forensics.bundle.needs import follow_requirement, marker_environment

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
        )
    except CalledProcessError as error:
        print(f"error: pip ended with {error.returncode}; see above", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    size = sum((options.output / name).stat().st_size for name in names)
    print(f"{options.output}: {len(names)} files, {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
