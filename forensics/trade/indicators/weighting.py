"""An index of seizures by the user's own weights: what a unit of each thing counts.

Unlike things (scales by the kilogram, live birds by the piece) are added up by weights that the user
gives and answers for, such as a price or a number of animals. It is an index of what was seized and
reported with these weights, and no published index: the United Nations Office on Drugs and Crime
makes its own with its own weights, which this one must not be compared with or called by.
"""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.io.numbers import parse_number
from forensics.messages import N_, _
from forensics.trade.indicators.resampling import INTERVALS, sum_lower_limit
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, frame_of
from forensics.trade.sheets import read_sheet
from forensics.trade.vocabulary import unit_of, units

if TYPE_CHECKING:
    import pandas

__all__ = ["ANY", "Weights", "read_weights", "weighted_index"]

ANY = "*"
_NEEDED = ("species", "term", "unit", "weight")
_BASE = 100.0  # of the base year
_MEASURES = {"mass": "kg", "count": "pieces"}

NAME = N_(
    "An index with the weights of whoever made it; no published index, and not comparable with one."
)

NO_LIMITS = N_(
    "The index has no interval: it is a ratio of two sums of very uneven amounts, and none that was tried holds. "
    "One large shipment, in the base year or in another, may make all of a rise or a fall."
)


@dataclass(frozen=True)
class Weights:
    """What one kilogram or piece of a thing counts.

    Attributes
    ----------
    values : dict of (str, str, str) to float
        By species (or genus, or ``*``), term (or ``*``) and measure (``kg``, ``pieces``).
    source, sha256 : str
        The file.
    """

    values: Mapping[tuple[str, str, str], float]
    source: str = ""
    sha256: str = ""

    def of(self, species: str, term: str, measure: str) -> float:
        """Return the weight of the nearest entry: species before genus before ``*``; NaN for none.

        Examples
        --------
        >>> weights = Weights({("Manis", "SCA", "kg"): 2.0, ("*", "*", "kg"): 0.5})
        >>> weights.of("Manis javanica", "SCA", "kg"), weights.of("Manis javanica", "MEA", "kg")
        (2.0, 0.5)
        """
        for taxon in (species, species.split()[0], ANY):
            for kind in (term, ANY):
                if (taxon, kind, measure) in self.values:
                    return self.values[taxon, kind, measure]
        return math.nan


def read_weights(path: str | os.PathLike[str]) -> Weights:
    """Read a table with the columns species, term, unit and weight.

    Raises
    ------
    InputError
        If a column is missing, a unit is none of mass or number, a weight is not a number from 0, or a
        thing stands there twice.
    """
    sheet = read_sheet(path)
    frame = frame_of(sheet)
    if any(list(frame.columns).count(name) != 1 for name in _NEEDED) or not len(frame):
        raise InputError(
            _("found {rows} rows with the columns {found}; expected each once: {needed}").format(
                rows=len(frame),
                found=", ".join(frame.columns)[:300],
                needed=", ".join(_NEEDED),
            ),
            source=sheet.name,
        )
    values: dict[tuple[str, str, str], float] = {}
    for row, cells in zip(sheet.rows, frame[list(_NEEDED)].itertuples(index=False, name=None)):
        try:
            key, weight = _read_row(cells)
            if key in values:
                raise ValueError(_("found {found} a second time; expected each thing once"))
        except ValueError as error:
            raise InputError(
                str(error).format(found=", ".join(cells)[:200]),
                source=sheet.name,
                line=row.line,
            ) from error
        values[key] = weight
    return Weights(values, sheet.name, sheet.sha256)


def _read_row(cells: Sequence[str]) -> tuple[tuple[str, str, str], float]:
    """Return species, term and measure of a row, and the weight of a unit of that measure."""
    species, term, unit, weight = (" ".join(cell.split()) for cell in cells)
    known = units().get(unit_of(unit) or "")
    measure = _MEASURES.get(known.dimension) if known else None
    if known is None or known.factor is None or measure is None or not species or not term:
        raise ValueError(
            _("found {found}; expected a species, a term (or *) and a unit of mass or number")
        )
    try:
        value = parse_number(weight) / known.factor
    except ValueError:
        value = math.inf
    if not 0.0 <= value < math.inf:
        raise ValueError(_("found {found}; expected a weight of 0 or more"))
    return (species, term, measure), value


def weighted_index(
    seizures: Seizures,
    weights: Weights,
    *,
    base: int | None = None,
) -> Indicator:
    """Return the index by year; the base year is 100.

    Parameters
    ----------
    seizures : Seizures
    weights : Weights
    base : int, optional
        Default: the first year.

    Returns
    -------
    Indicator
        Its table has ``year``, ``seizures``, ``value`` (in the weights' own unit) and ``index``, each
        of the last two with ``_low`` and ``_high``, and ``rows_left_out``. Of the limits only
        ``value_low`` is known: of a ratio of two sums neither holds.

    Raises
    ------
    UsageError
        If no row has a weight, or nothing was weighed in the base year.
    """
    import pandas

    rows = seizures.rows
    value = np.full(len(rows), np.nan)
    for place, row in enumerate(rows.itertuples(index=False)):
        for measure in ("kg", "pieces"):
            amount = getattr(row, measure)
            if not math.isnan(amount):
                value[place] = amount * weights.of(row.species, row.term, measure)
    left_out = np.isnan(value)
    if left_out.all():
        raise UsageError(
            _(
                "None of {count} rows has a weight in {file}; see its species, terms and units."
            ).format(count=len(rows), file=weights.source)
        )
    years = list(seizures.years)
    base = years[0] if base is None else base
    cell = rows["year"].to_numpy() - years[0]
    filled = np.where(left_out, 0.0, value)
    total = np.bincount(cell, filled, len(years))
    if base not in years or not total[years.index(base)]:
        raise UsageError(
            _("Nothing was weighed in the base year {base}; give another one (--base).").format(
                base=base
            )
        )
    place = years.index(base)
    number = rows["number"].to_numpy()
    limit = sum_lower_limit(number, cell, filled, len(years))
    weighed = pandas.DataFrame({"cell": cell[~left_out], "number": number[~left_out]})
    count = np.bincount(weighed.drop_duplicates()["cell"], minlength=len(years))
    table = pandas.DataFrame(
        {
            "year": years,
            "seizures": count,
            "value": total,
            "value_low": np.where(count > 0, limit, np.nan),
            "value_high": np.nan,
            "index": _BASE * total / total[place],
            "index_low": np.nan,
            "index_high": np.nan,
            "rows_left_out": np.bincount(cell[left_out], minlength=len(years)),
        }
    )
    notes = [
        *seizures.notes,
        (
            _("Weights"),
            _("{file} (SHA-256 {sha256}). {what}").format(
                file=weights.source, sha256=weights.sha256, what=_(NAME)
            ),
        ),
        (_("Intervals"), _(INTERVALS)),
        (_("Index"), _(NO_LIMITS)),
    ]
    if left_out.any():
        notes.append((_("Left out"), _left_out(rows[left_out], len(rows))))
    parameters = {"base": base}
    files = [*seizures.files, (weights.source, weights.sha256)]
    return Indicator(
        _("Index of seizures, own weights, {base} = 100").format(base=base),
        table,
        tuple(notes),
        provenance_of(parameters, files, dependencies=["scipy"]),
    )


def _left_out(rows: "pandas.DataFrame", of: int) -> str:
    kinds = (
        rows.groupby(["species", "term", "unit"]).size().sort_values(ascending=False, kind="stable")
    )
    some = "; ".join(
        f"{' '.join(part for part in key if part)} ({count})"
        for key, count in kinds.head(5).items()
    )
    return _("{count} of {all} rows have no weight or no quantity: {some}{more}").format(
        count=len(rows), all=of, some=some, more=" …" if len(kinds) > 5 else ""
    )
