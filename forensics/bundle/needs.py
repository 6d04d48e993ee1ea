"""What wheels need on another platform than this one.

``pip download --platform`` takes wheels for the other platform, but asks the conditions of what they need
(``colorama; platform_system == "Windows"``) of this one. A bundle made so lacks what only the other
platform needs, and has what only this one does. Here they are asked of the other one.
"""

import email.parser
import zipfile
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

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


def _read_requirements(wheel: Path) -> list[Requirement]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA")
                   and n.count("/") == 1)  # fmt: skip
        text = archive.read(name).decode("utf-8")
    stated = email.parser.HeaderParser().parsestr(text).get_all("Requires-Dist") or []
    return [Requirement(line) for line in stated]
