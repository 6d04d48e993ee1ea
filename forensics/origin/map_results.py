"""Results on a map: where one sample comes from by its genotype, or by its isotopes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from forensics.errors import UsageError
from forensics.messages import _, numeral
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.geography import LEVELS, Surface
from forensics.origin.outlines import country_in_words
from forensics.origin.ranges import Range
from forensics.origin.region_results import RegionAnswer
from forensics.origin.results import (
    FIRST_KEYS,
    LAST_KEYS,
    ExclusionTest,
    Origin,
    Point,
    omitted,
    unstored,
)
from forensics.origin.territories import Territory
from forensics.result import thousands

# Countries shown to people; JSON has all.
_MAX_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Region:
    """The smallest region that has a share of the posterior.

    Attributes
    ----------
    """

    level: float
    area_km2: float


@dataclass(frozen=True)
class MapSummary:
    """A posterior over the map in a few numbers.

    Attributes
    ----------
    mode, mean, median : Point
        The cell of the greatest density, the spherical mean, the geometric median.
    regions : tuple of Region
        The smallest level first.
    cell_km : float
        Side of a cell of the grid.
    """

    mode: Point
    mean: Point
    median: Point
    regions: tuple[Region, ...]
    cell_km: float

    @property
    def point(self) -> Point:
        """The point that stands for the place: `forensics.origin.options.POINT_ESTIMATE`."""
        return self.median


_MAP_KEYS = ("mode", "mean", "median", "regions", "cell_km")


@dataclass(frozen=True)
class SecondPrior(MapSummary):
    """The same posterior under the other prior.

    Attributes
    ----------
    prior : str
        A key of `forensics.origin.spatial.PRIORS`.
    """

    KEYS: ClassVar = ("prior", *_MAP_KEYS)

    prior: str


@dataclass(frozen=True, slots=True)
class RangeShare:
    """The range that a place lies in, and what it cuts off.

    Attributes
    ----------
    kind : str
        One of `forensics.origin.ranges.RANGE_KINDS`.
    distance_km : float or None
        Of kind ``sites``: how far from a reference site a place may lie.
    land : bool
        Of kind ``sites``: whether only land is in it.
    source : str
        File that the range was read from.
    outside : float or None
        Share of the posterior that the same prior without the range would put outside it; None
        where places outside the range were allowed.
    """

    kind: str
    distance_km: float | None
    land: bool
    source: str
    outside: float | None

    def in_words(self) -> str:
        """Return what the range is, and what a wider prior would put outside it."""
        words = Range(self.kind, self.distance_km, self.land, self.source).in_words()
        if self.outside is None:
            return _("not used, as asked for ({range})").format(range=words)
        return _("{range}; without it {share} of the posterior would lie outside").format(
            range=words, share=numeral(self.outside, ".1%")
        )


@dataclass(frozen=True, slots=True)
class Listings:
    """Which listed populations remain possible.

    Attributes
    ----------
    possible : tuple of str
        The most probable first; "" for places without a listing.
    shares : tuple of Territory
        Posterior of each listing.
    """

    possible: tuple[str, ...]
    shares: tuple[Territory, ...]

    def in_words(self) -> str:
        """Return whether the listing is settled, and which are possible."""
        names = [name or _("no listing found") for name in self.possible]
        if len(names) == 1:
            return _("{name} alone").format(name=names[0])
        return _("not settled; possible: {names}").format(names=", ".join(names) or "-")


@dataclass(frozen=True, slots=True)
class CountryShare:
    """What the posterior gives a country; isotopes have no reference animals there.

    Attributes
    ----------
    in_region : bool
        Whether the 95 % region reaches into it.
    """

    name: str
    probability: float
    in_region: bool

    @property
    def title(self) -> str:
        """Its name for people, in their language."""
        return country_in_words(self.name)


@dataclass(frozen=True, kw_only=True, repr=False)
class MappedOrigin(Origin):
    """Where on a map one sample comes from; all None where no map may be shown.

    Attributes
    ----------
    mode, mean, median, regions, cell_km
        As of `MapSummary`.
    """

    prior: str
    mode: Point | None = omitted()
    mean: Point | None = omitted()
    median: Point | None = omitted()
    regions: tuple[Region, ...] | None = omitted()
    cell_km: float | None = omitted()

    @property
    def summary(self) -> MapSummary | None:
        """The posterior in a few numbers."""
        values: list[Any] = [getattr(self, name) for name in _MAP_KEYS]
        return None if None in values else MapSummary(*values)

    @property
    def point(self) -> Point | None:
        """The point that stands for the place."""
        summary = self.summary
        return None if summary is None else summary.point

    def plot(
        self, axes: Any = None, *, sites: tuple[Sequence[float], Sequence[float]] = ((), ())
    ) -> Any:
        """Draw the regions on a map; see `Origin.plot`."""
        if self.surface is None and self.summary is not None:
            raise UsageError(
                _("The map is not stored with a result; assign the sample again to draw it.")
            )
        from forensics.drawing import open_axes
        from forensics.origin.maps import draw_map

        axes = open_axes(axes)
        draw_map(axes, self, sites)
        return axes

    def region_area(self, level: float) -> float | None:
        """Return the area of the region that has this posterior, km2."""
        for region in self.regions or ():
            if region.level == level:
                return region.area_km2
        return None


@dataclass(frozen=True, kw_only=True, repr=False)
class PlaceOrigin(MappedOrigin):
    """Where on a map one sample comes from, by its genotype.

    Attributes
    ----------
    prior : str
        A key of `forensics.origin.spatial.PRIORS`.
    exclusion : ExclusionTest
        Against the reference sites.
    reporting : RegionAnswer or None
        Posterior of the reporting regions; None of models that have nothing to calibrate it on, unless
        regions were given.
    territories : tuple of Territory, or None
        Posterior of each State, the most probable first, as the map has it.
    listings : Listings or None
        None where no listings were given.
    second : SecondPrior or None
        The posterior under the other prior.
    loci, sites : int or None
        Loci and reference sites of the model. They are not stored: None in a result that was read
        back.
    """

    KIND: ClassVar = "places"
    KEYS: ClassVar = (
        *FIRST_KEYS, "prior", "exclusion", *_MAP_KEYS, "range", "reporting", "territories",
        "listings", "second",
        *LAST_KEYS,
    )  # fmt: skip

    exclusion: ExclusionTest
    range: RangeShare | None = omitted()
    reporting: RegionAnswer | None = omitted()
    territories: tuple[Territory, ...] | None = omitted()
    listings: Listings | None = omitted()
    second: SecondPrior | None = omitted()
    loci: int | None = unstored()
    sites: int | None = unstored()

    def answer(self) -> str:
        """Return the name of what was assigned, for people; "" where nothing was."""
        if self.rank == "region" and self.reporting is not None and self.origin:
            return self.reporting.title_of(self.origin)
        return super().answer()

    def other_territories(self) -> tuple[Territory, ...]:
        """Return the posterior of each State as the map has it, where no reporting region says it.

        Empty where the reporting regions are the countries: theirs is calibrated, the map's is not,
        and two posteriors of one country would contradict each other.
        """
        if self.reporting is not None and self.reporting.regions == "countries":
            return ()
        return self.territories or ()

    def likeliest_origins(self) -> dict[str, float]:
        """Return the reporting regions that reach the confidence together, the most probable first.

        Empty where their posterior is not calibrated.
        """
        return {} if self.reporting is None else self.reporting.possible()

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        if self.status == "unusable":
            if self.loci is None:
                return []
            text = _("{used} typed of {loci}; at least {least} are needed").format(
                used=self.used, loci=self.loci, least=MIN_LOCI
            )
            return [(_("Loci"), text)]
        lines = []
        if self.sites is not None:
            lines.append((self.exclusion.label(), self.exclusion.in_words(self.sites, sites=True)))
        if self.summary is None or self.second is None:
            return lines
        lines += place_in_words(self.summary)
        if self.range is not None:
            lines.append((_("Range"), self.range.in_words()))
        if self.reporting is not None:
            lines += self.reporting.lines()
        lines += _territories_in_words(self.other_territories())
        if self.listings is not None:
            lines.append((_("Listings"), self.listings.in_words()))
        text = _(
            "'{prior}'; under '{second}' the middle lies at about {latitude:.1f}, {longitude:.1f}"
        ).format(
            prior=self.prior,
            second=self.second.prior,
            latitude=self.second.median.latitude,
            longitude=self.second.median.longitude,
        )
        lines.append((_("Prior"), text))
        if self.loci is not None:
            lines.append((_("Loci"), _("{used} of {loci}").format(used=self.used, loci=self.loci)))
        return lines


@dataclass(frozen=True, kw_only=True, repr=False)
class IsotopeOrigin(MappedOrigin):
    """Where on a map one sample comes from, by its isotopes.

    Attributes
    ----------
    prior : str
        The prior in words.
    values : dict of str to float
        Isotopes that were used, per mil.
    countries : tuple of CountryShare, or None
        The most probable first.
    nearest : float or None
        Standard deviations from the values to what the best cell predicts. It is not stored: None in a
        result that was read back.
    """

    KIND: ClassVar = "isotopes"
    KEYS: ClassVar = (*FIRST_KEYS, "prior", "values", *_MAP_KEYS, "countries", *LAST_KEYS)

    values: dict[str, float]
    countries: tuple[CountryShare, ...] | None = omitted()
    nearest: float | None = unstored()

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        values = (f"{isotope} {numeral(value, '.1f')} ‰" for isotope, value in self.values.items())
        lines = [(_("Values"), ", ".join(values))]
        if self.nearest is not None:
            text = _("the best place lies {distance:.1f} standard deviations from the values")
            lines.append((_("Fits"), text.format(distance=self.nearest)))
        if self.summary is None or self.countries is None:
            return lines
        reached = [country for country in self.countries if country.in_region][:_MAX_SHOWN]
        names = (f"{country.title} {numeral(country.probability, '.1%')}" for country in reached)
        return [
            *lines,
            *place_in_words(self.summary),
            (_("Countries"), ", ".join(names)),
            (_("Prior"), self.prior),
        ]


def summarise_surface(surface: Surface) -> MapSummary:
    """Return best places and regions of a posterior over the map."""
    return MapSummary(
        mode=Point(*surface.mode()),
        mean=Point(*surface.mean()),
        median=Point(*surface.median()),
        regions=tuple(Region(level, surface.region_area(level)) for level in sorted(LEVELS)),
        cell_km=surface.grid.cell_km(),
    )


def place_in_words(summary: MapSummary) -> list[tuple[str, str]]:
    """Return label and text of a place and its regions."""
    place = _("about {latitude:.1f}, {longitude:.1f} (middle of the posterior)").format(
        latitude=summary.point.latitude, longitude=summary.point.longitude
    )
    regions = (
        _("{level:.0%}: {area} km²").format(level=region.level, area=thousands(region.area_km2))
        for region in summary.regions
    )
    return [(_("Place"), place), (_("Regions"), ", ".join(regions))]


def _territories_in_words(territories: Sequence[Territory]) -> list[tuple[str, str]]:
    """Return label and text of the countries that the 95 % region reaches; nothing where none is."""
    reached = [territory for territory in territories if territory.in_region]
    if not reached:
        return []
    names = ", ".join(
        _("{name} {probability:.1%} ({animals} reference animals)").format(
            name=territory.title, probability=territory.probability, animals=territory.animals
        )
        if territory.assessable
        else _("{name} not assessable (no reference animals)").format(name=territory.title)
        for territory in reached[:_MAX_SHOWN]
    )
    if len(reached) > _MAX_SHOWN:  # a country in the region is never left out in silence
        names = _("{names} and {count} more").format(names=names, count=len(reached) - _MAX_SHOWN)
    return [(_("Countries"), names)]
