"""Criteria that a call to species must meet, evaluated one by one and recorded.

The frame is ANSI/ASB Standard 180, Selection and Evaluation of GenBank Results for Taxonomic
Assignment of Wildlife (first edition, 2024). Its scope is GenBank; it says that its criteria
can be applied to other databases in concept, and so they are here, *by analogy*. The list
of what is recorded, and what must be met, are this project's own: they claim no conformity
and quote no clause. What must be met is a profile, a file that a laboratory edits;
``profiles/casework.toml`` is the packaged one.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from forensics.barcode.calling.decision import Call, at_genus, genera_of
from forensics.barcode.calling.reasons import (
    Congeners,
    SpeciesSupport,
)
from forensics.barcode.matching.search import Candidate
from forensics.core.provenance import Provenance
from forensics.core.stored import from_stored, reported
from forensics.errors import InputError, UsageError
from forensics.io.files import MAX_TOML, load_toml, read_limited
from forensics.messages import _
from forensics.notices import calls as notices

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


STANDARD = "ANSI/ASB Standard 180 (2024), applied by analogy"

# INSDC numbers the versions of a sequence: JQ173884.1.
_VERSIONED = re.compile(r"\.\d+$")


@dataclass(frozen=True)
class Criterion:
    """One criterion, what was asked and what was found.

    Attributes
    ----------
    code : str
        Stable, not translated.
    required : object
        What the profile asks for; None where the fact is only recorded.
    found : object
        A number, a text, a list or a dictionary.
    met : bool or None
        None where nothing was asked, or what was asked cannot be evaluated.
    why : str
        A sentence.
    """

    code: str
    required: object
    found: object
    met: bool | None
    why: str


@dataclass(frozen=True)
class Evaluation:
    """All criteria for one query; its stored form is the key ``criteria`` of the JSON output.

    Attributes
    ----------
    profile : ProfileIdentity
    species : str
        The called species or, where none is called, the nearest.
    criteria : tuple of Criterion
    """

    KEYS: ClassVar[tuple[str, ...]] = ("standard", "profile", "species", "met", "criteria")

    profile: ProfileIdentity
    species: str
    criteria: tuple[Criterion, ...]

    @property
    def unsampled(self) -> tuple[str, ...]:
        """Known congeners without a record at this locus."""
        found = next((c.found for c in self.criteria if c.code == "congeners_sampled"), None)
        return tuple(map(str, found)) if isinstance(found, (list, tuple)) else ()

    @property
    def unmet(self) -> tuple[Criterion, ...]:
        """The criteria that are not met."""
        return tuple(criterion for criterion in self.criteria if criterion.met is False)

    @property
    @reported("standard")
    def standard(self) -> str:
        """What the frame is."""
        return STANDARD

    @property
    @reported("met")
    def met(self) -> bool:
        """Whether every criterion that can be evaluated is met."""
        return not self.unmet

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "Evaluation":
        """Return the evaluation that was stored.

        Raises
        ------
        InputError
            If it is no such evaluation.
        """
        return from_stored(cls, record, place="criteria")


def examine_call(
    profile: Profile,
    call: Call,
    subject: Candidate,
    other: Candidate | None,
    *,
    backing: SpeciesSupport,
    congeners: Congeners,
    provenance: Provenance,
) -> tuple[Call, Evaluation]:
    """Evaluate every criterion of a profile for a call; return the call that it leaves, and the evaluation.

    Parameters
    ----------
    profile : Profile
    call : Call
        Before the criteria.
    subject : Candidate
        The species that the evidence called or, where it called none, the nearest.
    other : Candidate or None
        The closest other species.
    backing : SpeciesSupport
        What stands behind the subject.
    congeners : Congeners
        Of the subject.
    provenance : Provenance
    """
    criteria = [
        _at_least(
            "records",
            profile.minimum_records,
            backing.records,
            _("Records of the species at this locus: {found}."),
        ),
        _at_least(
            "vouchered",
            profile.minimum_vouchered,
            backing.vouchered,
            _("Records with a voucher: {found}."),
        ),
        _at_least(
            "institutions",
            profile.minimum_institutions,
            len(backing.institutions),
            _("Known institutions behind the records: {found}."),
        ),
        _of_congeners(profile, congeners),
        _at_least(
            "coverage",
            profile.minimum_coverage,
            subject.coverage,
            _("Share of the expected fragment that was compared: {found:.2f}."),
        ),
        *_recorded(subject, other, provenance),
        Criterion(
            "decision",
            None,
            {
                "status": call.status,
                "rank": call.rank,
                "taxon": call.taxon,
                "probability": call.probability,
            },
            None,
            _("The call before these criteria."),
        ),
    ]
    evaluation = Evaluation(profile, subject.species, tuple(criteria))
    return limit_call(call, subject, evaluation), evaluation


def _at_least(code: str, required: float, value: float, why: str) -> Criterion:
    why = why.format(found=value)
    if not required:
        return Criterion(code, None, value, None, why)
    requirement = _("At least {required} asked.").format(required=required)
    return Criterion(code, required, value, value >= required, f"{why} {requirement}")


def _of_congeners(profile: Profile, congeners: Congeners) -> Criterion:
    names = list(congeners.unsampled)
    if names:
        why = _("Known congeners without a record at this locus: {names}.").format(
            names=", ".join(names)
        )
    elif congeners.sources:
        why = _("No congener without a record at this locus is known from {sources}.").format(
            sources=", ".join(congeners.sources)
        )
    else:
        why = _(
            "Not evaluated: neither another locus of the library nor the profile's checklist names "
            "the species of this genus."
        )
    met = not names if profile.congeners_sampled and congeners.sources else None
    return Criterion("congeners_sampled", profile.congeners_sampled or None, names, met, why)


def _recorded(subject: Candidate, other: Candidate | None, made: Provenance) -> Iterator[Criterion]:
    versioned = bool(_VERSIONED.search(subject.accession))
    yield Criterion(
        "accession_version",
        None,
        subject.accession,
        None,
        _("The best record; its accession has a version.")
        if versioned
        else _("The best record; its accession has no version, the library's SHA-256 fixes it."),
    )
    yield Criterion(
        "database",
        None,
        made.library,
        None,
        _("The library that was searched; its SHA-256 identifies its content and date."),
    )
    yield Criterion(
        "program",
        None,
        {"software": made.software, "version": made.version, "parameters": made.parameters},
        None,
        _("The program with every parameter that can change a result."),
    )
    yield Criterion(
        "runner_up",
        None,
        other
        and {
            "species": other.species,
            "accession": other.accession,
            "identity": other.identity,
            "gap": subject.identity - other.identity,
        },
        None,
        _("The closest other species.") if other else _("No other species was found near it."),
    )


def limit_call(call: Call, subject: Candidate, evaluation: Evaluation) -> Call:
    """Return the call that the criteria leave of a call.

    A call to species, or to a unit of species, that does not meet them becomes one to its genus, or inconclusive where
    the genus is not known. Any other call stays as it is.
    """
    if not call.members or not evaluation.unmet:
        return call
    names = tuple(dict.fromkeys([*call.members, *call.not_excluded, *evaluation.unsampled]))
    facts = {
        "species": call.taxon or "",
        "profile": evaluation.profile.name,
        "why": " ".join(f"[{criterion.code}] {criterion.why}" for criterion in evaluation.unmet),
    }
    if evaluation.unsampled:
        notice = notices.CRITERIA_NOT_MET("unsampled", names=", ".join(names), **facts)
    else:
        notice = notices.CRITERIA_NOT_MET("species", **facts)
    limited = at_genus(call, genera_of(call.members[1:]) | {subject.genus})
    return limited.noted(notice, not_excluded=names)
