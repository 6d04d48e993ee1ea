"""Seizures, quantities and animals by year, taxon, route and so on, each with an interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.stats.intervals import poisson_interval
from forensics.trade.indicators.defaults import KEYS
from forensics.trade.indicators.limits import INTERVALS, sum_lower_limit
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country

if TYPE_CHECKING:
    import pandas

__all__ = ["KEYS", "counts", "keys_of", "route_of"]

_UNKNOWN = "?"  # what no row says
_STEP = " > "

ANIMALS = N_(
    "The lower limit of animal equivalents takes the lowest factor of the conversion for all rows, since one "
    "factor is wrong for all alike."
)


def route_of(row: Any) -> str:
    """Return the way of a specimen: origin or country of export, country of seizure, destination.

    ``?`` stands for what is not known, or is no one country (XX, XF).

    Parameters
    ----------
    row : namedtuple
        Of `Seizures.rows`.
    """
    start = row.origin or (row.departure[0] if row.departure else "")
    ways = (start, row.country, row.destination)
    return _STEP.join(way if is_country(way) else _UNKNOWN for way in ways)


def keys_of(seizures: Seizures, by: Sequence[str]) -> "pandas.DataFrame":
    """Return the keys of each row as a table; ``?`` where nothing is known.

    Raises
    ------
    UsageError
        If a key is none of `KEYS`, or stands twice.
    """
    strange = [key for key in by if key not in KEYS]
    if strange or len(set(by)) < len(by) or not by:
        raise UsageError(
            _("Counts by {found}; expected one or more, each once, of: {known}.").format(
                found=", ".join(by), known=", ".join(KEYS)
            )
        )
    rows = seizures.rows
    keys = rows[[key for key in by if key != "route"]].copy()
    if "route" in by:
        keys["route"] = [route_of(row) for row in rows.itertuples(index=False)]
    for key in by:
        if key != "year":
            keys[key] = keys[key].replace("", _UNKNOWN)
    return keys[list(by)]


def counts(seizures: Seizures, by: Sequence[str]) -> Indicator:
    """Count seizures and add up quantities.

    Parameters
    ----------
    seizures : Seizures
    by : sequence of str
        Of `KEYS`. By year alone, years without a seizure have a row too.

    Raises
    ------
    UsageError
        If a key is not known.

    Returns
    -------
    Indicator
        Its table has the keys, and ``seizures``, ``kg``, ``pieces`` and, where rows have them,
        ``animals`` (NaN where no row has it), each with ``_low`` and ``_high``, which of sums is NaN: no
        upper limit of them holds;
        ``rows_without_amount``: rows whose quantity
        is missing or in another unit.
    """
    import pandas

    keys = keys_of(seizures, by)
    rows = seizures.rows
    grouped = keys.groupby(list(by), sort=True)
    cell = grouped.ngroup().to_numpy()
    table = grouped.size().index.to_frame(index=False)
    seizure = rows["number"].to_numpy()
    pairs = pandas.DataFrame({"cell": cell, "number": seizure}).drop_duplicates()
    table["seizures"] = np.bincount(pairs["cell"], minlength=len(table))
    table["seizures_low"], table["seizures_high"] = poisson_interval(table["seizures"])
    for name in ("kg", "pieces", "animals"):
        values = rows[name].to_numpy()
        if name == "animals" and not seizures.has_animals:
            continue
        known = ~np.isnan(values)
        total = np.bincount(cell[known], values[known], len(table))
        count = np.bincount(cell[known], minlength=len(table))
        table[name] = np.where(count > 0, total, np.nan)  # nothing known is not nothing seized
        least = values
        if name == "animals":
            low = rows["animals_low"].to_numpy()
            least = np.where(np.isnan(low), values, low)
        limit = sum_lower_limit(seizure[known], cell[known], least[known], len(table))
        table[f"{name}_low"] = np.where(count > 0, limit, np.nan)
        table[f"{name}_high"] = np.nan
    without = rows["kg"].isna() & rows["pieces"].isna()
    table["rows_without_amount"] = np.bincount(cell[without.to_numpy()], minlength=len(table))
    if list(by) == ["year"]:
        table = table.set_index("year").reindex(list(seizures.years)).reset_index()
        empty = table["seizures"].isna()
        for name in ("seizures", "kg", "pieces", "animals", "rows_without_amount", "seizures_low"):
            if name in table:
                table.loc[empty, name] = 0
        table.loc[empty, "seizures_high"] = poisson_interval(0)[1]
        table = table.astype({"seizures": np.int64, "rows_without_amount": np.int64})
    notes = [*seizures.notes, (_("Intervals"), _(INTERVALS))]
    if seizures.has_animals:
        notes.append((_("Animals"), _(ANIMALS)))
    if without.any():
        notes.append(
            (
                _("Amounts"),
                _(
                    "{count} of {all} rows have no quantity in kilograms or pieces; their seizures "
                    "are counted, their amounts are not."
                ).format(count=int(without.sum()), all=len(rows)),
            )
        )
    parameters = {"by": list(by)}
    return Indicator(
        _("Seizures by {keys}").format(keys=", ".join(by)),
        table,
        tuple(notes),
        provenance_of(parameters, seizures.files, dependencies=["scipy"]),
    )
