"""The result of an assignment to an origin, whatever kind of model gave it, and the results of a run.

The kinds stand in `forensics.origin.population_results` and `forensics.origin.map_results`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, overload

from forensics.core.result import Result
from forensics.core.stored import not_stored, reported, stored, wrong_value
from forensics.messages import N_, _
from forensics.notices import origin as notices
from forensics.origin.country_names import country_in_words
from forensics.origin.defaults import KINDS, POINT_ESTIMATE
from forensics.origin.geography import Surface

if TYPE_CHECKING:
    import pandas

__all__ = [
    "CSV_COLUMNS",
    "FIRST_KEYS",
    "LAST_KEYS",
    "STATUSES",
    "Origin",
    "Origins",
    "Point",
    "rank_in_words",
]

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

    NOTICE_KINDS: ClassVar = notices.KINDS
    KIND: ClassVar[str]
    """Kind of the model: one of `forensics.origin.defaults.KINDS`."""

    index: int
    status: str
    rank: str | None
    origin: str | None
    probability: float | None
    used: int
    model_limits: tuple[str, ...] = field(default=(), metadata=stored("limits"))
    surface: Surface | None = field(default=None, compare=False, metadata=not_stored())

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
        from forensics.origin.plots import plot_origin

        return plot_origin(self, axes, sites)

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
        from forensics.origin.population_results import ClassifiedOrigin, PopulationOrigin

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
