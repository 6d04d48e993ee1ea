"""Results of many samples of one seizure: the places that they come from, and shares of populations."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance
from forensics.core.result import Result
from forensics.core.stored import keys_of, not_stored, reported, stored, to_stored
from forensics.messages import _, ngettext
from forensics.notices import origin as notices
from forensics.origin.geography import Surface
from forensics.origin.joint import Joint, max_few_places
from forensics.origin.map_results import MapSummary, summarise_surface
from forensics.origin.mixture import Mixture
from forensics.origin.region_results import RegionAnswer
from forensics.origin.results import omitted, unstored
from forensics.result import thousands
from forensics.stats import MAX_R_HAT, greatest

# The statement that the samples come from few places, or that they do not, needs this much.
MIN_SURE = 0.95
# The region of a place that people read the size of.
_LEVEL = 0.90


@dataclass(frozen=True)
class SeizurePlace(MapSummary):
    """A place that samples of the seizure come from.

    Attributes
    ----------
    members : tuple of str
        Samples, in the order of the file.
    share : float
        Of the samples.
    support : float
        Mean probability that two of its members share a place; 1 for one member.
    reporting : RegionAnswer or None
        Posterior of the reporting regions, by all members together; None of models without.
    surface : Surface or None
        Posterior over the map, by all members together. It is not stored.
    """

    KEYS: ClassVar = (
        "members", "share", "support", "mode", "mean", "median", "regions", "cell_km", "reporting",
    )  # fmt: skip

    members: tuple[str, ...]
    share: float
    support: float
    reporting: RegionAnswer | None = omitted()
    surface: Surface | None = unstored()

    def in_words(self) -> str:
        """Return where it is, how large its region is, and who is from there."""
        (area,) = (region.area_km2 for region in self.regions if region.level == _LEVEL)
        return _("about {latitude:.1f}, {longitude:.1f} (90% region {area} km²): {names}").format(
            latitude=self.median.latitude,
            longitude=self.median.longitude,
            area=thousands(area),
            names=", ".join(self.members),
        )


@dataclass(frozen=True, kw_only=True)
class SeizureOrigin(Result):
    """The places that the samples of one seizure come from.

    Attributes
    ----------
    few, few_before : float
        Probability that they come from few places, and the same beforehand.
    number_of_places : tuple of float
        Posterior of the number of places; entry k is for k places.
    places : tuple of SeizurePlace
        The largest first.
    outliers : tuple of str
        Samples that fit the place of no other.
    """

    NOTICE_KINDS: ClassVar = notices
    KEYS: ClassVar = (
        "samples", "statement", "few", "few_before", "number_of_places", "places", "outliers",
        "warnings", "provenance",
    )  # fmt: skip

    sample: str = field(default="", metadata=not_stored())
    samples: tuple[str, ...]
    few: float
    few_before: float
    number_of_places: tuple[float, ...]
    places: tuple[SeizurePlace, ...]
    outliers: tuple[str, ...]

    @reported("statement")
    def headline(self) -> str:
        """Return whether the samples come from few places."""
        number = self.number_of_places
        parameters = {
            "samples": len(self.samples),
            "most": max_few_places(len(self.samples)),
            "few": self.few,
            "before": self.few_before,
        }
        if self.few >= MIN_SURE:
            likely = int(greatest(number))
            return ngettext(
                "the {samples} samples come from few places (at most {most}: probability {few:.2f}, "
                "beforehand {before:.2f}); most likely {likely} place",
                "the {samples} samples come from few places (at most {most}: probability {few:.2f}, "
                "beforehand {before:.2f}); most likely {likely} places",
                likely,
            ).format(**parameters, likely=likely)
        if self.few <= 1 - MIN_SURE:
            return _(
                "the {samples} samples do not come from few places (at most {most}: probability "
                "{few:.2f}, beforehand {before:.2f})"
            ).format(**parameters)
        return _(
            "whether the {samples} samples come from few places is open (at most {most}: "
            "probability {few:.2f}, beforehand {before:.2f})"
        ).format(**parameters)

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of each place, and of the samples that stand apart."""
        lines = []
        for number, place in enumerate(self.places, 1):
            lines.append((_("Place {number}").format(number=number), place.in_words()))
            if place.reporting is not None:
                lines += place.reporting.lines(measured=False)
        if self.outliers:
            lines.append((_("Apart"), ", ".join(self.outliers)))
        return lines

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        (_label, statement), *others = super().lines()
        return [(_("Statement"), statement), *others]


def result_of_seizure(
    joint: Joint,
    provenance: Provenance,
    *,
    report_regions: Callable[[Surface, int], RegionAnswer] | None = None,
) -> SeizureOrigin:
    """Return samples that were placed together as a result.

    Parameters
    ----------
    report_regions : callable, optional
        Gives the reporting regions of the posterior of a place by so many samples.
    """
    return SeizureOrigin(
        samples=joint.samples,
        few=joint.few,
        few_before=joint.few_before,
        number_of_places=tuple(joint.number.tolist()),
        places=tuple(
            SeizurePlace(
                **vars(summarise_surface(place.surface)),
                members=place.members,
                share=place.share,
                support=place.support,
                reporting=None
                if report_regions is None
                else report_regions(place.surface, len(place.members)),
                surface=place.surface,
            )
            for place in joint.places
        ),
        outliers=joint.outliers,
        notices=joint.notices,
        provenance=provenance,
    )


@dataclass(frozen=True, slots=True)
class PopulationShare:
    """The share of a reference population, or of a reporting unit, in a sample of many animals.

    Attributes
    ----------
    level : str
        ``population`` or ``unit``.
    maximum : float
        Of greatest likelihood.
    mean, low, high : float
        Posterior mean and limits of the credible interval.
    """

    level: str
    name: str
    maximum: float
    mean: float
    low: float
    high: float


MIXTURE_COLUMNS = keys_of(PopulationShare)


@dataclass(frozen=True, kw_only=True)
class SharesOfPopulations(Result):
    """Which share of many animals comes from each reference population.

    Attributes
    ----------
    animals : int
        Those with at least one typed locus.
    credible_level : float
        Of the intervals.
    r_hat : float
        Greatest split R-hat of the chains.
    shares : tuple of PopulationShare
        Populations, then reporting units.
    notices : tuple of Notice
        Of all animals.
    animal_notices : dict of str to tuple of Notice
        Of single animals, by their names.
    provenance : Provenance
        ``library`` names the model.
    """

    NOTICE_KINDS: ClassVar = notices
    KEYS: ClassVar = (
        "model", "animals", "credible_level", "r_hat", "converged", "seed", "shares", "warnings",
        "animal_warnings", "provenance",
    )  # fmt: skip

    sample: str = field(default="", metadata=not_stored())
    animals: int
    credible_level: float
    r_hat: float
    seed: int
    shares: tuple[PopulationShare, ...]
    animal_notices: dict[str, tuple[Notice, ...]] = field(
        default_factory=dict, metadata=stored("animal_warnings")
    )

    @property
    @reported("model")
    def model(self) -> dict[str, Any]:
        """The model, as it names itself."""
        return self.provenance.library

    @property
    @reported("converged")
    def converged(self) -> bool:
        """Whether the chains agree."""
        return self.r_hat <= MAX_R_HAT

    def headline(self) -> str:
        """Return how many samples, and how sure the shares are."""
        return _("{animals} samples, {level:.0%} credible intervals, R-hat {r_hat:.3f}").format(
            animals=self.animals, level=self.credible_level, r_hat=self.r_hat
        )

    def details(self) -> list[tuple[str, str]]:
        """Return nothing: the shares are a table."""
        return []

    def notes(self) -> list[str]:
        """Return what must be known of single animals, with their names, and of all."""
        return [
            *(
                _("{label}: {text}").format(label=animal, text=notice.message)
                for animal, animal_notices in self.animal_notices.items()
                for notice in animal_notices
            ),
            *(notice.message for notice in self.notices),
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a population, then a row a unit, under `MIXTURE_COLUMNS`."""
        return [to_stored(share) for share in self.shares]


def result_of_mixture(mixture: Mixture, provenance: Provenance) -> SharesOfPopulations:
    """Return shares of populations as a result."""
    parts = (
        ("population", mixture.populations, mixture.maximum, mixture.mean, mixture.low, mixture.high),
        ("unit", mixture.units, mixture.unit_maximum, mixture.unit_mean, mixture.unit_low,
         mixture.unit_high),
    )  # fmt: skip
    return SharesOfPopulations(
        animals=len(mixture.animals),
        credible_level=mixture.level,
        r_hat=mixture.r_hat,
        seed=mixture.seed,
        shares=tuple(
            PopulationShare(level, name, *(float(value) for value in values))
            for level, names, *columns in parts
            for name, *values in zip(names, *columns)
        ),
        notices=mixture.notices,
        animal_notices=mixture.animal_notices,
        provenance=provenance,
    )
