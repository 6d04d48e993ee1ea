"""The result of asking where one sample came from, and of many."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from forensics.core.provenance import Provenance
from forensics.messages import N_, _
from forensics.origin.defaults import POINT_ESTIMATE
from forensics.result import Result

if TYPE_CHECKING:
    from forensics.origin.geography import Surface

__all__ = ["CSV_COLUMNS", "STATUSES", "Origin", "OriginWarning", "Origins"]

# What a result can say. A set of populations that together reach the confidence is
# "inconclusive": it is shown, and is no assignment.
STATUSES = {
    "assigned": N_("assigned"),
    "inconclusive": N_("inconclusive: no single origin reaches the confidence"),
    "none_of_the_reference": N_("fits none of the reference populations"),
    "unusable": N_("unusable: the sample cannot be examined"),
}

CSV_COLUMNS = (
    "sample", "index", "kind", "status", "rank", "origin", "probability", "latitude", "longitude",
    "region_km2", "used", "warnings", "input_file", "input_sha256", "model", "model_version",
    "model_sha256", "version", "time", "point_estimate",
)  # fmt: skip


class OriginWarning(NamedTuple):
    """Something that whoever reads the result must know; codes are in docs/origin.md."""

    code: str
    message: str


@dataclass(frozen=True)
class Origin(Result):
    """What was found for one sample; `to_dict` has the keys of the JSON output.

    Attributes
    ----------
    sample : str
        Name of the animal, as in the file.
    index : int
        Place in the run, counted from 1.
    kind : str
        Kind of the model: ``populations``, ``places`` or ``isotopes``.
    status : str
        One of `STATUSES`.
    rank : str or None
        What was assigned: ``population``, ``unit``, ``state``; None where nothing was.
    origin : str or None
        Its name.
    probability : float or None
        Posterior of what was assigned, under the stated prior.
    used : int
        Loci or isotopes that the result rests on.
    lines_ : tuple of (str, str)
        Label and text of what a person should read after the result.
    details : dict
        Everything else that the method found, as plain values.
    warnings : tuple of OriginWarning
    limits : tuple of str
        What the model cannot know; the first thing to say in court.
    provenance : Provenance
        ``library`` names the model.
    """

    sample: str
    index: int
    kind: str
    status: str
    rank: str | None
    origin: str | None
    probability: float | None
    used: int
    lines_: tuple[tuple[str, str], ...]
    details: Mapping
    warnings: tuple[OriginWarning, ...]
    limits: tuple[str, ...]
    provenance: Provenance
    surface: "Surface | None" = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict:
        """Return plain values, in the order of the documentation; NaN becomes None."""
        return _finite(
            {
                "sample": self.sample,
                "index": self.index,
                "kind": self.kind,
                "status": self.status,
                "rank": self.rank,
                "origin": self.origin,
                "probability": self.probability,
                "used": self.used,
                **self.details,
                "explanation": self.explanation(),
                "warnings": [warning._asdict() for warning in self.warnings],
                "limits": list(self.limits),
                "provenance": self.provenance.to_dict(),
            }
        )

    def to_row(self) -> dict:
        """Return the values of `CSV_COLUMNS`."""
        made, point = self.provenance, self.details.get(POINT_ESTIMATE) or {}
        region = next(
            (one["area_km2"] for one in self.details.get("regions", ()) if one["level"] == 0.95),
            None,
        )
        return {
            **{name: getattr(self, name) for name in CSV_COLUMNS[:7]},
            "latitude": point.get("latitude"),
            "longitude": point.get("longitude"),
            "region_km2": region,
            "used": self.used,
            "warnings": " ".join(warning.code for warning in self.warnings),
            "input_file": " + ".join(read["file"] for read in made.files),
            "input_sha256": " + ".join(read["sha256"] for read in made.files),
            "model": made.library["name"],
            "model_version": made.library["version"],
            "model_sha256": made.library["sha256"],
            "version": made.version,
            "time": made.time,
            "point_estimate": POINT_ESTIMATE if point else None,
        }

    # -- for people -------------------------------------------------------------------

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "assigned":
            rank = _(_RANKS[self.rank or ""])
            return f"{self.origin} ({rank})"
        return _(STATUSES[self.status])

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        return [
            (_("Result"), self.headline()),
            *self.lines_,
            *((_("Note"), warning.message) for warning in self.warnings),
            *((_("Limits"), text) for text in self.limits),
        ]

    def __repr__(self) -> str:
        return f"<Origin {self.sample}: {self.headline()}>"


class Origins(Sequence[Origin]):
    """The results of a run, in the order of the samples."""

    def __init__(self, results: Iterable[Origin]) -> None:
        self._results = tuple(results)

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, place):
        found = self._results[place]
        return Origins(found) if isinstance(place, slice) else found

    def __iter__(self) -> Iterator[Origin]:
        return iter(self._results)

    def to_json(self) -> str:
        """Return one line of JSON a sample."""
        return "".join(result.to_json() + "\n" for result in self)

    def to_frame(self):
        """Return a `pandas.DataFrame` with one row a sample and `CSV_COLUMNS`."""
        import pandas as pd

        return pd.DataFrame([result.to_row() for result in self], columns=list(CSV_COLUMNS))

    def __repr__(self) -> str:
        return f"<Origins: {len(self)}>"

    def _repr_html_(self) -> str:
        return "".join(result._repr_html_() for result in self)


_RANKS = {
    "population": N_("reference population"),
    "unit": N_("reporting unit; the population is not settled"),
    "state": N_("country"),
}


def _finite(value: Any) -> Any:
    """Return plain values; NaN and infinities, which JSON does not have, become None."""
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None
