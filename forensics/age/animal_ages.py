"""How old an animal was, by an epigenetic clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.age.dating import Age, age_provenance
from forensics.age.methylation import AgeEstimate, Clock, LifeHistory
from forensics.core.notice import Notice
from forensics.core.stored import stored
from forensics.messages import N_, _
from forensics.notices import age as notices

__all__ = ["MethylationAge", "methylation_result"]


@dataclass(frozen=True, kw_only=True)
class MethylationAge(Age):
    """How old an animal was, by an epigenetic clock.

    Attributes
    ----------
    age : float
        Years.
    interval : tuple of float, or None
        Prediction interval; None where the clock has no known errors.
    linear : float
        The sum before the transform.
    missing : tuple of str
        Sites of the clock that were not measured.
    species, tissue : str or None
        That the clock was trained on; None of a published clock.
    """

    METHOD: ClassVar = "methylation"
    LIMIT: ClassVar = N_(
        "The age at the time when the tissue was taken, for species, tissue and array like those "
        "that the clock was trained on."
    )
    KEYS: ClassVar = (
        "sample", "method", "result", "age", "interval", "level", "linear", "missing", "species",
        "tissue", "animals", "explanation", "warnings", "limits", "provenance",
    )  # fmt: skip

    age: float
    interval: tuple[float, float] | None
    level: float | None
    linear: float
    missing: tuple[str, ...]
    species: str | None = field(default=None, metadata=stored(omit_none=True))
    tissue: str | None = field(default=None, metadata=stored(omit_none=True))
    animals: int | None = field(default=None, metadata=stored(omit_none=True))

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.interval is None:
            return _("{age:.1f} years").format(age=self.age)
        return _("{age:.1f} years ({low:.1f} to {high:.1f}, {level:.0%} interval)").format(
            age=self.age, low=self.interval[0], high=self.interval[1], level=self.level
        )

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        clock = f"{self.provenance.library['name']} ({self.provenance.parameters['transform']})"
        lines = [(_("Clock"), clock)]
        if self.species is not None:
            trained = _("{species}, {tissue}; {animals} animals").format(
                species=self.species, tissue=self.tissue, animals=self.animals
            )
            lines.append((_("Trained on"), trained))
        return lines

    def rows(self) -> list[dict[str, Any]]:
        """Return one row, under a head that is the same for every clock."""
        low, high = self.interval or (None, None)
        provenance = self.provenance
        return [
            {
                "sample": self.sample,
                "result": self.headline(),
                "age": self.age,
                "level": self.level,
                "linear": self.linear,
                "species": self.species,
                "tissue": self.tissue,
                "animals": self.animals,
                "low": low,
                "high": high,
                "warnings": " ".join(notice.code for notice in self.notices),
                "library": provenance.library["name"],
                "library_sha256": provenance.library["sha256"],
                "version": provenance.version,
                "time": provenance.time,
            }
        ]


def methylation_result(
    estimate: AgeEstimate,
    clock: Clock,
    *,
    sample: str = "",
    card: Mapping[str, Any] | None = None,
    life: LifeHistory | None = None,
    parameters: Mapping[str, Any] = {},
    source: Mapping[str, Any] = {},
) -> MethylationAge:
    """Return an age by a clock as a result.

    Parameters
    ----------
    card : mapping, optional
        Of a clock that was trained here: what it was trained on.
    life : LifeHistory, optional
        As it was given to the clock; a notice says where the age is beyond its lifespan.
    parameters, source : mapping
        For the provenance; `source` is ``file`` and ``sha256`` of the table.
    """
    trained = {name: card[name] for name in ("species", "tissue", "animals")} if card else {}
    return MethylationAge(
        sample=sample,
        age=estimate.age,
        interval=estimate.interval,
        level=estimate.level,
        linear=estimate.linear,
        missing=estimate.missing,
        notices=_clock_notices(estimate, card, life),
        provenance=age_provenance(
            {"name": clock.name, "version": "", "sha256": clock.sha256},
            {"transform": clock.transform, **parameters},
            source,
        ),
        **trained,
    )


def _clock_notices(
    estimate: AgeEstimate, card: Mapping[str, Any] | None, life: LifeHistory | None
) -> tuple[Notice, ...]:
    noted = []
    if card and not card["youngest"] <= estimate.age <= card["oldest"]:
        noted.append(notices.OUTSIDE_TRAINING(youngest=card["youngest"], oldest=card["oldest"]))
    if life and estimate.age > life.lifespan:
        noted.append(notices.BEYOND_LIFESPAN(lifespan=life.lifespan))
    if estimate.interval is None:
        noted.append(notices.NO_INTERVAL())
    if estimate.missing:
        noted.append(notices.SITES_MISSING(count=len(estimate.missing)))
    return tuple(noted)
