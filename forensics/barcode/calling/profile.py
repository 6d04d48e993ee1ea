"""Profiles of criteria: what a call to species must meet, in a file that a laboratory edits.

``profiles/casework.toml`` is the packaged one.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensics.errors import InputError, UsageError
from forensics.io.inputs import MAX_TOML, load_toml, read_limited
from forensics.messages import _

__all__ = ["NONE", "Profile", "ProfileIdentity", "read_profile"]

# The option's value for no profile.
NONE = "none"

_PACKAGED = Path(__file__).with_name("profiles")
_NOTHING = {
    "minimum_records": 0,
    "minimum_vouchered": 0,
    "minimum_institutions": 0,
    "congeners_sampled": False,
    "minimum_coverage": 0.0,
}


@dataclass(frozen=True)
class ProfileIdentity:
    """Which profile it was: what results keep of it.

    Attributes
    ----------
    name, version, sha256 : str
        Of the file.
    """

    name: str
    version: str
    sha256: str

    def to_dict(self) -> dict[str, str]:
        """Return what the provenance keeps of it."""
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


@dataclass(frozen=True)
class Profile(ProfileIdentity):
    """What a call to species must meet; read by `read_profile`.

    Attributes
    ----------
    minimum_records, minimum_vouchered, minimum_institutions : int
        At the locus of the call; 0 asks for nothing.
    congeners_sampled : bool
        Whether every known species of the genus must have a record at the locus.
    minimum_coverage : float
        Of the best hit, 0-1.
    checklist : dict of str to tuple of str
        Known species by genus.
    """

    minimum_records: int
    minimum_vouchered: int
    minimum_institutions: int
    congeners_sampled: bool
    minimum_coverage: float
    checklist: Mapping[str, Sequence[str]]


def read_profile(which: str | Path) -> Profile | None:
    """Read a profile by the name of a packaged one or by its file; None for ``none``.

    Raises
    ------
    UsageError
        If there is no such file, or it is not a profile.
    """
    if str(which) == NONE:
        return None
    packaged = {path.stem: path for path in sorted(_PACKAGED.glob("*.toml"))}
    path = packaged.get(str(which), Path(which))
    try:
        content = read_limited(path, MAX_TOML)
    except InputError as error:
        raise UsageError(
            _(
                "The criteria {path} cannot be read ({error}). Give the file of a profile, or "
                "{known}."
            ).format(path=which, error=error.message, known=", ".join([NONE, *packaged]))
        ) from error
    try:
        entries = load_toml(content)
        species: dict[str, Any] = {**_NOTHING, **entries.pop("species")}
        checklist = {genus: tuple(names) for genus, names in entries.pop("checklist", {}).items()}
        # A text is a sequence of letters, too.
        if any(type(name) is not str or " " not in name for n in checklist.values() for name in n):
            raise ValueError("checklist")
        name, version = str(entries.pop("name")), str(entries.pop("version", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            _("{path} is not a profile of criteria: {error} is missing or wrong.").format(
                path=path, error=error
            )
        ) from error
    # A misspelt line must not silently ask for nothing.
    if wrong := sorted([*entries, *(species.keys() - _NOTHING.keys()), *_of_wrong_type(species)]):
        raise UsageError(
            _("{path} has lines that are not understood: {found}. Expected are {expected}.").format(
                path=path, found=", ".join(wrong), expected=", ".join(_NOTHING)
            )
        )
    return Profile(
        name=name,
        version=version,
        **species,
        checklist=checklist,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _of_wrong_type(species: dict) -> Iterator[str]:
    for name, nothing in _NOTHING.items():
        value = species[name]
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        fits = {bool: isinstance(value, bool), int: type(value) is int and value >= 0}
        if not fits.get(type(nothing), number and 0 <= value <= 1):
            yield name
