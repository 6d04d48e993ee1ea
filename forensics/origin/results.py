"""Results of an assignment to an origin: of a run, of a model of populations, and on a map by genotype or isotopes."""

import math
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from forensics.core.result import Result
from forensics.core.stored import Results, not_stored, reported, stored, wrong_value
from forensics.errors import UsageError
from forensics.messages import N_, Share, _, ngettext, numeral, shown_probability, thousands
from forensics.notices import origin as notices
from forensics.origin.areas import Territory
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.geography import LEVELS, Coordinates, Surface
from forensics.origin.options import KINDS, POINT_ESTIMATE
from forensics.origin.outlines import country_in_words
from forensics.origin.ranges import Range
from forensics.origin.regions import RegionAnswer
from forensics.stats import Rate, by_value, ranked, reaches

if TYPE_CHECKING:
    import pandas


# What a result can say. A set of populations that together reach the confidence is
# "inconclusive": it is shown, and is not an assignment.
STATUSES = {
    "assigned": N_("assigned"),
    "inconclusive": N_("inconclusive: no single origin reaches the confidence"),
    "none_of_the_reference": N_("fits no reference population"),
    "no_fit": N_("not stated: samples and reference do not fit each other"),
    "unusable": N_("unusable: the sample cannot be examined"),
}
_RANKS = {
    "population": N_("reference population"),
    "unit": N_("reporting unit; the population is not settled"),
    "state": N_("country"),
    "region": N_("reporting region"),
}

CSV_COLUMNS = (
    "sample", "index", "kind", "status", "rank", "origin", "probability", "latitude", "longitude",
    "region_km2", "used", "warnings", "input_file", "input_sha256", "model", "model_version",
    "model_sha256", "version", "time", "point_estimate",
)  # fmt: skip
FIRST_KEYS = ("sample", "index", "kind", "status", "rank", "origin", "probability", "used")
"""Keys that results of every kind begin with."""
LAST_KEYS = ("explanation", "warnings", "limits", "provenance")
"""Keys that they end with."""
# A sample "fits" only where the test would have noticed an animal from elsewhere in four cases of five:
# the power that studies are planned for by convention (Cohen 1988, Statistical Power Analysis, ISBN
# 0-8058-0283-5, section 2.4). The lower end of the interval must reach it, since it is measured on few
# populations. Where it does not, "not excluded" is all that may be said.
MIN_POWER = 0.8
# Populations shown to people, and in a picture; JSON has them all.
_MAX_SHOWN, _MAX_POPULATIONS = 5, 20
# Countries shown to people; JSON has all.
_MAX_COUNTRIES = 6
_MAP_KEYS = ("mode", "mean", "median", "regions", "cell_km")


def rank_in_words(rank: str) -> str:
    """Return what was assigned, for people.

    Parameters
    ----------
    rank : str
        Of `Origin.rank`.
    """
    return _(_RANKS[rank])


def omitted() -> Any:
    """Return the field of a value that the stored form leaves out where it is None."""
    return field(default=None, metadata=stored(omit_none=True))


def unstored() -> Any:
    """Return the field of what is known as long as a run lasts; None in a result that was read back."""
    return field(default=None, compare=False, repr=False, metadata=not_stored())


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the map, in decimal degrees (WGS 84)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, kw_only=True, repr=False)
class Origin(Result):
    """Where one sample came from: the base of the results of all kinds of model.

    Attributes
    ----------
    sample : str
        Name of the animal, as in the file.
    index : int
        Place in the run, counted from 1.
    status : str
        One of `STATUSES`.
    rank : str or None
        What was assigned: ``population``, ``unit``, ``state``, ``region``; None where nothing was.
    origin : str or None
        Its name.
    probability : float or None
        Posterior of what was assigned, under the stated prior.
    used : int
        Loci or isotopes that the result rests on.
    model_limits : tuple of str
        What the model cannot know, from its card; the first thing to say in court.
    provenance : Provenance
        ``library`` names the model.
    surface : Surface or None
        Posterior over the map, where there is one. It is not stored.
    """

    NOTICE_KINDS: ClassVar = notices
    KIND: ClassVar[str]
    """Kind of the model: one of `forensics.origin.options.KINDS`."""

    index: int
    status: str
    rank: str | None
    origin: str | None
    probability: float | None
    used: int
    model_limits: tuple[str, ...] = field(default=(), metadata=stored("limits"))
    surface: Surface | None = unstored()

    @property
    @reported("kind")
    def kind(self) -> str:
        """``populations``, ``places``, ``isotopes`` or ``classifier``."""
        return self.KIND

    @property
    def point(self) -> Point | None:
        """The point that stands for the place on the map; None where there is none."""
        return None

    def region_area(self, level: float) -> float | None:
        """Return the area of the region that has this posterior, km2; None where there is none."""
        return None

    @abstractmethod
    def plot(self, axes: Any = None, *, sites: Coordinates = ((), ())) -> Any:
        """Draw the populations by their posterior, or the regions on a map.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Default: those of a new figure.
        sites : latitudes and longitudes, degrees
            Of the reference, on a map: `forensics.origin.sites_on_map` of its model.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        UsageError
            If the result was read back: its map is not stored.
        ForensicsError
            If matplotlib is not installed.
        """

    def limits(self) -> list[str]:
        """Return what the model cannot know."""
        return list(self.model_limits)

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "assigned":
            return f"{self.answer()} ({rank_in_words(self.rank or '')})"
        return _(STATUSES[self.status])

    def answer(self) -> str:
        """Return the name of what was assigned, for people; "" where nothing was."""
        origin = self.origin or ""
        return country_in_words(origin) if self.rank == "state" else origin

    def likeliest_origins(self) -> dict[str, float]:
        """Return the likeliest origins with their posteriors, the most probable first.

        The smallest set that reaches the confidence. Empty where
        nothing is calibrated, or nothing was examined.
        """
        return {}

    def rows(self) -> list[dict[str, Any]]:
        """Return one row, under `CSV_COLUMNS`."""
        provenance, model, point = self.provenance, self.provenance.library, self.point
        return [
            {
                "sample": self.sample,
                "index": self.index,
                "kind": self.kind,
                "status": self.status,
                "rank": self.rank,
                "origin": self.origin,
                "probability": self.probability,
                "latitude": point and point.latitude,
                "longitude": point and point.longitude,
                "region_km2": self.region_area(0.95),
                "used": self.used,
                "warnings": " ".join(notice.code for notice in self.notices),
                "input_file": " + ".join(file["file"] for file in provenance.files),
                "input_sha256": " + ".join(file["sha256"] for file in provenance.files),
                "model": model["name"],
                "model_version": model["version"],
                "model_sha256": model["sha256"],
                "version": provenance.version,
                "time": provenance.time,
                "point_estimate": point and POINT_ESTIMATE,
            }
        ]

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> Self:
        """Return the result that `to_dict` wrote; `Origin` itself reads that of any kind of model.

        What was shown in words and is not stored (how many loci or sites the model has, how far a value
        is from the best place) stands in the recorded explanation alone.

        Raises
        ------
        InputError
            If it is no such result.
        """
        if "KIND" in vars(cls):
            return super().from_stored(record)

        kinds: tuple[type[Origin], ...] = (
            PopulationOrigin, PlaceOrigin, IsotopeOrigin, ClassifiedOrigin,
        )  # fmt: skip
        kind = record.get("kind") if isinstance(record, Mapping) else record
        for result_class in kinds:
            if kind == result_class.KIND:
                return cast("Self", result_class.from_stored(record))
        raise wrong_value("kind", kind, ", ".join(KINDS))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.sample}: {self.headline()}>"


class Origins(Results[Origin]):
    """The results of a run, in the order of the samples."""

    def to_frame(self) -> "pandas.DataFrame":
        """Return a `pandas.DataFrame` with one row a sample and `CSV_COLUMNS`."""
        import pandas as pd

        rows = [row for result in self for row in result.rows()]
        return pd.DataFrame(rows, columns=list(CSV_COLUMNS))

    def __repr__(self) -> str:
        return f"<Origins: {len(self)}>"


@dataclass(frozen=True, slots=True)
class ExclusionPower:
    """What an exclusion is worth, measured on animals of groups that were taken out of the reference.

    Attributes
    ----------
    removed : str
        What was taken out, one at a time: "population", "unit" or "site".
    groups : int
        So many were.
    noticed : Rate
        Animals of them that the test excludes, at its level.
    falsely : Rate
        Animals of the reference, each left out, that the test excludes.
    """

    removed: str
    groups: int
    noticed: Rate
    falsely: Rate = field(metadata=stored("falsely_excluded"))

    @property
    def suffices(self) -> bool:
        """Whether what is not excluded may be said to fit: see `MIN_POWER`."""
        return self.noticed.low >= MIN_POWER


@dataclass(frozen=True, slots=True)
class ExclusionTest:
    """Whether one animal comes from none of the reference populations, or sites.

    Attributes
    ----------
    level : float
        Of animals of the reference at most this share is excluded.
    p_any : float
        Greatest p-value of any population; NaN where none could be computed.
    p_values : dict of str to float, or None
        Of each population; None where the reference is of sites.
    power : ExclusionPower or None
        None where it is not known: of samples with fewer loci than the animals on which it was measured.
    p_place : float or None
        Of an animal that is unlike those of all sites and fits its place on the map nevertheless: share of
        animals of left-out sites that fit theirs no better. None of others.
    """

    level: float
    excluded: bool
    p_any: float = field(metadata=stored(null=math.nan))
    p_values: dict[str, float] | None = field(
        default=None, metadata=stored(omit_none=True, null=math.nan)
    )
    power: ExclusionPower | None = omitted()
    p_place: float | None = omitted()

    def label(self) -> str:
        """Return what the test says of the sample: that it fits, only where it would have noticed."""
        if self.p_place is not None:
            return _("Unsampled site")
        if self.p_any <= self.level:
            return _("Excluded")
        return _("Fits") if self.power is not None and self.power.suffices else _("Not excluded")

    def worth(self) -> str:
        """Return in a sentence what the test would have noticed."""
        if self.power is None:
            return _("It is not known how many animals from elsewhere this test detects.")
        return _(
            "This test detects {share} of animals from elsewhere ({low} to {high}) and wrongly "
            "excludes {falsely} of the reference's own."
        ).format(
            share=_percent(self.power.noticed.share),
            low=_percent(self.power.noticed.low),
            high=_percent(self.power.noticed.high),
            falsely=_percent(self.power.falsely.share),
        )

    def in_words(self, count: int, *, sites: bool = False) -> str:
        """Return the test in words.

        A p-value is the share of the reference's own animals that fit no better, and no probability of
        an origin; the words must not let it be read as one.

        Parameters
        ----------
        count : int
            Populations, or sites, of the reference.
        sites : bool
            Whether they are sites.
        """
        is_unlike = self.p_any <= self.level
        if self.p_place is not None:
            text = _(
                "unlike the animals of all {count} reference sites (p = {p}, at most {level}), but like an animal "
                "of an unsampled site at its place (p = {p_place})"
            )
        elif is_unlike and sites:
            text = _("unlike the animals of all {count} reference sites (p = {p}, at most {level})")
        elif is_unlike:
            text = _(
                "unlike the animals of all {count} reference populations (p = {p}, at most {level})"
            )
        elif sites:
            text = _(
                "not unlike the animals of at least one of {count} reference sites (p = {p}, "
                "above {level}; p is not a probability of origin)"
            )
        else:
            text = _(
                "not unlike the animals of at least one of {count} reference populations (p = "
                "{p}, above {level}; p is not a probability of origin)"
            )
        text = text.format(
            count=count, p=numeral(self.p_any, ".3g"), level=numeral(self.level, "g"),
            p_place=numeral(self.p_place or 0.0, ".2g"),
        )  # fmt: skip
        return text if is_unlike else f"{text}. {self.worth()}"


# -- by populations --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, repr=False)
class PopulationOrigin(Origin):
    """Which reference population, or reporting unit, one sample comes from.

    Attributes
    ----------
    probabilities, units : dict of str to float
        Posterior of each population and of each reporting unit, the most probable first.
    together : tuple of str
        The populations that reach the confidence together.
    prior : str
        As of `forensics.origin.assignment.prior_of`.
    log_likelihoods : dict of str to float
        Natural logarithms, of each population.
    loci : int or None
        Loci of the model. They are not stored: None in a result that was read back.
    """

    KIND: ClassVar = "populations"
    KEYS: ClassVar = (
        *FIRST_KEYS, "probabilities", "units", "together", "prior", "log_likelihoods", "exclusion",
        *LAST_KEYS,
    )  # fmt: skip

    probabilities: dict[str, float]
    units: dict[str, float]
    together: tuple[str, ...]
    prior: str
    log_likelihoods: dict[str, float] = field(metadata=stored(null=-math.inf))
    exclusion: ExclusionTest
    loci: int | None = unstored()

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        if self.status == "unusable":
            return self._too_few_loci()
        p_values = self.exclusion.p_values or {}
        fits = (self.exclusion.label(), self.exclusion.in_words(len(p_values)))
        populations = by_value(self.probabilities)
        if self.status == "none_of_the_reference":
            nearest = ranked((name for name, _p in populations), p_values.__getitem__)[0]
            text = _("{name}, p = {p:.3g}; this is not an assignment").format(
                name=nearest, p=p_values[nearest]
            )
            return [fits, (_("Nearest"), text)]
        lines = [fits]
        if self.status == "no_fit":
            return lines
        if self.status == "assigned" and self.probability is not None:
            text = _(
                "posterior {probability}, under the prior '{prior}' and if it comes from one of the "
                "reference populations"
            ).format(probability=shown_probability(self.probability), prior=self.prior)
            lines.append((_("How sure"), text))
        lines.append((_("Populations"), _list_probabilities(populations)))
        if self.status == "inconclusive":
            text = _("the confidence is reached by: {names}").format(names=", ".join(self.together))
            lines.append((_("Together"), text))
        if self.rank == "unit" or (self.units and self.status == "inconclusive"):
            lines.append((_("Units"), _list_probabilities(by_value(self.units))))
        if self.loci is not None:
            lines.append((_("Loci"), _("{used} of {loci}").format(used=self.used, loci=self.loci)))
        return lines

    def plot(self, axes: Any = None, *, sites: Coordinates = ((), ())) -> Any:
        """Draw the populations by their posterior; see `Origin.plot`."""
        from forensics.drawing import BARS, FAINT, draw_bars, open_axes, show_text

        shown = by_value(self.probabilities)[:_MAX_POPULATIONS]
        title = f"{self.sample}: {self.headline()}"
        axes = open_axes(axes, rows=len(shown))
        if self.status == "unusable" or not shown:
            show_text(axes, self.headline(), title=self.sample)
            return axes
        p_values = self.exclusion.p_values or {}
        labels = [
            _("{name} (p = {p})").format(name=name, p=numeral(p_values[name], ".2g"))
            if name in p_values
            else name
            for name, _probability in shown
        ]
        named = {self.origin, *self.together} if self.status != "none_of_the_reference" else ()
        draw_bars(
            axes,
            labels,
            [probability for _name, probability in shown],
            [BARS if name in named else FAINT for name, _probability in shown],
            title=title,
        )
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel(_("posterior, if it comes from one of these populations"))
        return axes

    def likeliest_origins(self) -> dict[str, float]:
        """Return the populations that reach the confidence together, the most probable first."""
        return {name: self.probabilities[name] for name in self.together}

    def _too_few_loci(self) -> list[tuple[str, str]]:
        if self.loci is None:
            return []
        text = ngettext(
            "{used} of the {loci} loci is typed; at least {least} are needed",
            "{used} of the {loci} loci are typed; at least {least} are needed",
            self.used,
        ).format(used=self.used, loci=self.loci, least=MIN_LOCI)
        return [(_("Loci"), text)]


@dataclass(frozen=True, kw_only=True, repr=False)
class ClassifiedOrigin(PopulationOrigin):
    """Which reference population one sample comes from, by a classifier of scikit-learn.

    The posteriors are the classifier's, calibrated; a classifier has no likelihoods.

    Attributes
    ----------
    estimator : str
        Name of its class.
    """

    KIND: ClassVar = "classifier"
    KEYS: ClassVar = (
        *FIRST_KEYS, "estimator", "probabilities", "units", "together", "prior", "exclusion",
        *LAST_KEYS,
    )  # fmt: skip

    estimator: str
    log_likelihoods: dict[str, float] = field(
        default_factory=dict, compare=False, metadata=not_stored()
    )


def _percent(share: float | None) -> str:
    return numeral(share or 0.0, ".1%")


def _list_probabilities(probabilities: Iterable[tuple[str, float]]) -> str:
    shown = list(probabilities)[:_MAX_SHOWN]
    return ", ".join(f"{name} {shown_probability(value)}" for name, value in shown)


# -- on a map --------------------------------------------------------------------------


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
            return _("not used, as requested ({range})").format(range=words)
        return _("{range}; without it, {share} of the posterior would be outside").format(
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

    def plot(self, axes: Any = None, *, sites: Coordinates = ((), ())) -> Any:
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

    def unless_known(self, before: Mapping[str, float], confidence: float) -> Self:
        """Return it without the country or region that `before`, their prior, names whatever the sample."""
        if not reaches(before.get(self.origin or "", 0.0), confidence):
            return self
        known = notices.KNOWN_BEFOREHAND(name=self.answer(), confidence=confidence)
        return replace(
            self, status="inconclusive", rank=None, origin=None, probability=None,
            notices=(*self.notices, known),
        )  # fmt: skip

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
            "'{prior}'; under '{second}' the middle is at about {latitude:.1f}, {longitude:.1f}"
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
            text = _("the best place is {distance:.1f} standard deviations from the values")
            lines.append((_("Fits"), text.format(distance=self.nearest)))
        if self.summary is None or self.countries is None:
            return lines
        reached = [country for country in self.countries if country.in_region][:_MAX_COUNTRIES]
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
            name=territory.title,
            probability=Share(territory.probability or 0),
            animals=territory.animals,
        )
        if territory.assessable
        else _("{name} not assessable (no reference animals)").format(name=territory.title)
        for territory in reached[:_MAX_COUNTRIES]
    )
    if len(reached) > _MAX_COUNTRIES:  # a country in the region is never left out in silence
        names = _("{names} and {count} more").format(
            names=names, count=len(reached) - _MAX_COUNTRIES
        )
    return [(_("Countries"), names)]
