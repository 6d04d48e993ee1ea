"""A finding as a report states it: what is recorded of it, and what was read back from the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from forensics.core.stored import stored, to_stored
from forensics.report.stored_results import ReadBack, read_back

__all__ = [
    "Acceptance",
    "ErrorRate",
    "Finding",
    "InputFile",
    "Listing",
    "MadeWith",
    "Picture",
    "PriorCall",
    "Review",
    "SpeciesError",
    "Way",
]

Number = Any
"""A number of a record: as decimal text in what comes from the ledger, as a number in what a report computes."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read, without the folder in which it lay."""

    file: str
    sha256: Any


@dataclass(frozen=True, slots=True)
class MadeWith:
    """Program and version that made a finding; None where that is not recorded."""

    software: Any
    version: Any


@dataclass(frozen=True, slots=True)
class Way:
    """Right and wrong calls in one way of validating: species in the library, or taken out of it.

    Attributes
    ----------
    way : str
        ``known`` or ``species_out``.
    wrong, calls, trials, species : int
    upper : float
        Upper bound of the share of wrong calls, 0-1.
    """

    way: str
    wrong: int
    calls: int
    trials: int
    species: int
    upper: float


@dataclass(frozen=True, slots=True)
class SpeciesError:
    """Of how many species at least one call was wrong, counted as badly as it can be."""

    wrong: int
    species: int
    upper: float


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors among calls like the one reported, in a validation that the laboratory accepted.

    Attributes
    ----------
    event : int
        The acceptance.
    rank : str
        Where it is genus, calls of a species count by their genus.
    locus : str
    length : str
        ``full``, or bases.
    wrong, calls, species : int
    ways : tuple of Way, or None
        None in reports of the first version, as `by_call` and `by_species`.
    by_call : float or None
        Upper bound that takes the calls as independent.
    by_species : SpeciesError or None
    upper : float
        The larger of both bounds.
    level : float
        Of the bounds.
    """

    event: int
    rank: str
    locus: str
    length: str
    wrong: int
    calls: int
    species: int
    ways: tuple[Way, ...] | None = field(metadata=stored(omit_none=True))
    by_call: float | None = field(metadata=stored(omit_none=True))
    by_species: SpeciesError | None = field(metadata=stored(omit_none=True))
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How the laboratory accepted what a finding rests on."""

    event: int
    name: Any
    scope: Any
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriorCall:
    """The call of a sequence under another prior.

    Attributes
    ----------
    prior : str
        That the library holds the species.
    status : str
    rank, taxon : str or None
        None where no name is given.
    probability : number or None
        Of the call.
    none : number or None
        Of a species that the library lacks.
    not_excluded : tuple of str
        Species.
    reported : number or None
        Probability, under this prior, of the taxon that is reported in the end.
    """

    prior: str
    status: str
    rank: str | None
    taxon: str | None
    probability: Number
    none: Number
    not_excluded: tuple[str, ...]
    reported: Number = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a finding; `blind` where it was made before the reviewer saw the call."""

    event: int
    reviewer: str
    reviewer_name: str
    at: str
    stage: str
    outcome: str
    blind: Any
    interpretation: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is attached to a finding; `base64` is empty where its file is not the recorded one."""

    name: str
    kind: str
    sha256: str
    base64: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What protects a taxon that is reported.

    Attributes
    ----------
    taxon : str
    day : str
        On which it was asked for.
    basis : str
        What happened on that day: ``seizure``, ``receipt`` or ``finding``.
    as_of : str
        Day of the list of Appendices.
    appendices : tuple of str
    lines : tuple of (str, str)
        Label and text.
    """

    taxon: str
    day: str
    basis: str
    as_of: str
    appendices: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding of the ledger in a report.

    Attributes
    ----------
    event : int
    kind : str
        As the ledger has it.
    sample, exhibit : str
    found_at : str
    analyst, analyst_name : str
    runs : tuple of str
    result : mapping or None
        As it was recorded; `read` is what it says.
    text : str or None
        What a person wrote down instead.
    explanation : str or None
    library, parameters, dependencies : mapping or None
    plugins : mapping or None
        Those that took part, as provenance has them; None where there are none.
    inputs : tuple of InputFile
    software : MadeWith
    errors : dict of str to ErrorRate or None
        By rank; empty where the finding is not an identification.
    accepted : Acceptance or None
    priors : tuple of PriorCall, or None
        None where no call was computed again.
    differs : tuple of str, or None
        Places that came out otherwise when it was computed again; None where it was not.
    reviews : tuple of Review
    figures : tuple of Picture
    prior_reason : str or None
        Why the prior was used, from the details.
    priors_missing : str or None
        Why there are no `priors`.
    noted : tuple of str, or None
        Limits and warnings of the result that was computed again and came out the same.
    again : str or None
        Of other kinds than identification: ``same`` or ``differs``; None where it was not computed
        again, and in reports of older versions.
    again_missing : str or None
        Why it was not.
    again_by_default : bool or None
        Whether its tables were then read with the default options.
    listings : tuple of Listing
    """

    KEYS: ClassVar = (
        "event", "kind", "sample", "exhibit", "found_at", "analyst", "analyst_name", "runs", "result",
        "text", "explanation", "library", "parameters", "inputs", "software", "dependencies", "plugins", "errors",
        "accepted", "priors", "differs", "reviews", "figures", "prior_reason", "priors_missing", "noted",
        "again", "again_missing", "again_by_default", "listings",
    )  # fmt: skip

    event: int
    kind: str
    sample: str
    exhibit: str
    found_at: str
    analyst: str
    analyst_name: str
    runs: tuple[str, ...]
    result: Mapping[str, Any] | None
    text: str | None
    explanation: str | None
    library: Mapping[str, Any] | None
    parameters: Mapping[str, Any] | None
    inputs: tuple[InputFile, ...]
    software: MadeWith
    dependencies: Mapping[str, Any] | None
    plugins: Mapping[str, Any] | None = field(default=None, metadata=stored(omit_none=True))
    errors: dict[str, ErrorRate | None]
    accepted: Acceptance | None
    priors: tuple[PriorCall, ...] | None = None
    differs: tuple[str, ...] | None = None
    reviews: tuple[Review, ...]
    figures: tuple[Picture, ...]
    prior_reason: str | None = None
    priors_missing: str | None = field(default=None, metadata=stored(omit_none=True))
    noted: tuple[str, ...] | None = field(default=None, metadata=stored(omit_none=True))
    again: str | None = field(default=None, metadata=stored(omit_none=True))
    again_missing: str | None = field(default=None, metadata=stored(omit_none=True))
    again_by_default: bool | None = field(default=None, metadata=stored(omit_none=True))
    listings: tuple[Listing, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON has them."""
        values = to_stored(self)
        # Null says that it was tried and did not come out the same; a key that is left out, that it was not.
        null = (
            (self.differs is not None and self.noted is None, "noted"),
            (self.again_missing is not None, "again"),
        )
        values |= {key: None for is_null, key in null if is_null}
        return {key: values[key] for key in self.KEYS if key in values}

    @cached_property
    def read(self) -> ReadBack:
        """The result, read back from the record."""
        return read_back(self.kind, self._record())

    def _record(self) -> dict[str, Any] | None:
        """Return the result with its provenance, as it was stored before the ledger took them apart."""
        if not self.result:
            return None
        return {
            "sample": self.sample,
            **self.result,
            "provenance": {
                "software": self.software.software,
                "version": self.software.version,
                "library": self.library,
                "parameters": self.parameters,
                "dependencies": self.dependencies,
                **({"plugins": self.plugins} if self.plugins else {}),
            },
        }

    @property
    def is_computed_again(self) -> bool:
        """Whether its figures were computed again when the report was built, whatever came of it."""
        return bool(self.priors or self.again)

    @property
    def is_demonstration(self) -> bool:
        """Whether it rests on data that casework must not use."""
        return bool((self.library or {}).get("demonstration"))

    @property
    def options(self) -> Mapping[str, Any]:
        """The parameters with which it was made; empty where none are recorded."""
        return self.parameters or {}

    @property
    def technical_reviews(self) -> tuple[Review, ...]:
        """The technical reviews, in their order; the last word counts."""
        return tuple(review for review in self.reviews if review.stage == "technical")

    @property
    def is_agreed(self) -> bool:
        """Whether the last technical review agrees."""
        return [review.outcome for review in self.technical_reviews[-1:]] == ["agrees"]
