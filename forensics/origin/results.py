"""The result of an assignment to an origin, the results of a run, and the result of a model of populations.

Results on a map are in `forensics.origin.map_results`.
"""

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, overload

from forensics.core.result import Result
from forensics.core.stored import not_stored, reported, stored, wrong_value
from forensics.messages import N_, _, ngettext, numeral
from forensics.notices import origin as notices
from forensics.origin.assignment import MIN_LOCI
from forensics.origin.geography import Surface
from forensics.origin.options import KINDS, POINT_ESTIMATE
from forensics.origin.outlines import country_in_words
from forensics.result import shown_probability
from forensics.stats import Rate, by_value, ranked

if TYPE_CHECKING:
    import pandas


# What a result can say. A set of populations that together reach the confidence is
# "inconclusive": it is shown, and is not an assignment.
STATUSES = {
    "assigned": N_("assigned"),
    "inconclusive": N_("inconclusive: no single origin reaches the confidence"),
    "none_of_the_reference": N_("fits none of the reference populations"),
    "unusable": N_("unusable: the sample cannot be examined"),
}
_RANKS = {
    "population": N_("reference population"),
    "unit": N_("reporting unit; the population is not settled"),
    "state": N_("country"),
    "region": N_("reporting region"),
}


def rank_in_words(rank: str) -> str:
    """Return what was assigned, for people.

    Parameters
    ----------
    rank : str
        Of `Origin.rank`.
    """
    return _(_RANKS[rank])


CSV_COLUMNS = (
    "sample", "index", "kind", "status", "rank", "origin", "probability", "latitude", "longitude",
    "region_km2", "used", "warnings", "input_file", "input_sha256", "model", "model_version",
    "model_sha256", "version", "time", "point_estimate",
)  # fmt: skip

FIRST_KEYS = ("sample", "index", "kind", "status", "rank", "origin", "probability", "used")
"""Keys that results of every kind begin with."""
LAST_KEYS = ("explanation", "warnings", "limits", "provenance")
"""Keys that they end with."""


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
    def plot(
        self, axes: Any = None, *, sites: tuple[Sequence[float], Sequence[float]] = ((), ())
    ) -> Any:
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
        from forensics.origin.map_results import IsotopeOrigin, PlaceOrigin

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


class Origins(Sequence[Origin]):
    """The results of a run, in the order of the samples."""

    def __init__(self, results: Iterable[Origin]) -> None:
        self._results = tuple(results)

    def __len__(self) -> int:
        return len(self._results)

    @overload
    def __getitem__(self, place: int) -> Origin: ...

    @overload
    def __getitem__(self, place: slice) -> "Origins": ...

    def __getitem__(self, place: int | slice) -> "Origin | Origins":
        if isinstance(place, slice):
            return Origins(self._results[place])
        return self._results[place]

    def __iter__(self) -> Iterator[Origin]:
        return iter(self._results)

    def to_json(self) -> str:
        """Return one line of JSON a sample."""
        return "".join(result.to_json() + "\n" for result in self)

    def to_frame(self) -> "pandas.DataFrame":
        """Return a `pandas.DataFrame` with one row a sample and `CSV_COLUMNS`."""
        import pandas as pd

        rows = [row for result in self for row in result.rows()]
        return pd.DataFrame(rows, columns=list(CSV_COLUMNS))

    def __repr__(self) -> str:
        return f"<Origins: {len(self)}>"

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for result in self)


# A sample "fits" only where the test would have noticed an animal from elsewhere in four cases of five:
# the power that studies are planned for by convention (Cohen 1988, Statistical Power Analysis, ISBN
# 0-8058-0283-5, section 2.4). The lower end of the interval must reach it, since it is measured on few
# populations. Where it does not, "not excluded" is all that may be said.
MIN_POWER = 0.8

# Populations shown to people, and in a picture; JSON has them all.
_MAX_SHOWN, _MAX_POPULATIONS = 5, 20


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
    """

    level: float
    excluded: bool
    p_any: float = field(metadata=stored(null=math.nan))
    p_values: dict[str, float] | None = field(
        default=None, metadata=stored(omit_none=True, null=math.nan)
    )
    power: ExclusionPower | None = omitted()

    def label(self) -> str:
        """Return what the test says of the sample: that it fits, only where it would have noticed."""
        if self.p_any <= self.level:
            return _("Excluded")
        return _("Fits") if self.power is not None and self.power.suffices else _("Not excluded")

    def worth(self) -> str:
        """Return in a sentence what the test would have noticed."""
        if self.power is None:
            return _("How many animals from elsewhere this test notices is not known.")
        return _(
            "This test notices {share} of animals from elsewhere ({low} to {high}) and wrongly excludes "
            "{falsely} of the reference's own."
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
        if is_unlike and sites:
            text = _("unlike the animals of all {count} reference sites (p = {p}, at most {level})")
        elif is_unlike:
            text = _(
                "unlike the animals of all {count} reference populations (p = {p}, at most {level})"
            )
        elif sites:
            text = _(
                "not unlike the animals of at least one of {count} reference sites (p = {p}, above "
                "{level}; p is no probability of an origin)"
            )
        else:
            text = _(
                "not unlike the animals of at least one of {count} reference populations (p = {p}, above "
                "{level}; p is no probability of an origin)"
            )
        text = text.format(
            count=count, p=numeral(self.p_any, ".3g"), level=numeral(self.level, "g")
        )
        return text if is_unlike else f"{text}. {self.worth()}"


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
            text = _("{name}, p = {p:.3g}; this is no assignment").format(
                name=nearest, p=p_values[nearest]
            )
            return [fits, (_("Nearest"), text)]
        lines = [fits]
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

    def plot(
        self, axes: Any = None, *, sites: tuple[Sequence[float], Sequence[float]] = ((), ())
    ) -> Any:
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
