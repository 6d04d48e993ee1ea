"""Seizures, quantities and animals by year, taxon, route and so on, each with an interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import UsageError
from forensics.messages import N_, _
from forensics.trade.indicators.defaults import KEYS
from forensics.trade.indicators.resampling import (
    DRAWS,
    FEWEST,
    INTERVALS,
    SEED,
    poisson_interval,
    quantiles,
    sums,
)
from forensics.trade.indicators.results import Indicator, provenance_of
from forensics.trade.indicators.seizures import Seizures, is_country

if TYPE_CHECKING:
    import pandas

__all__ = ["KEYS", "animal_draws", "counts", "keys_of", "route_of"]

MOST = 20_000  # cells: 160 MB a thousand draws
_UNKNOWN = "?"  # what no row says
_STEP = " > "

ANIMALS = N_(
    "Animal equivalents add what is not known of the conversion: in each draw one place between "
    "the lowest and highest factor holds for all rows, since one factor is wrong for all alike."
)


def route_of(row) -> str:
    """Return the way of a specimen: origin or country of export, country of seizure, destination.

    ``?`` stands for what is not known, or is no one country (XX, XF).

    Parameters
    ----------
    row : namedtuple
        Of `Seizures.rows`.
    """
    start = row.origin or (row.departure[0] if row.departure else "")
    ways = (start, row.country, row.destination)
    return _STEP.join(one if is_country(one) else _UNKNOWN for one in ways)


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


def counts(
    seizures: Seizures, by: Sequence[str], *, draws: int = DRAWS, seed: int = SEED
) -> Indicator:
    """Count seizures and add up quantities.

    Parameters
    ----------
    seizures : Seizures
    by : sequence of str
        Of `KEYS`. By year alone, years without a seizure have a row too.
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    UsageError
        If a key is not known, or there are more than `MOST` cells.

    Returns
    -------
    Indicator
        Its table has the keys, and ``seizures``, ``kg``, ``pieces`` and, where rows have them,
        ``animals`` (NaN where no row has it), each with ``_low`` and ``_high``;
        ``rows_without_amount``: rows whose quantity
        is missing or in another unit.
    """
    import pandas

    keys = keys_of(seizures, by)
    rows = seizures.rows
    grouped = keys.groupby(list(by), sort=True)
    cell = grouped.ngroup().to_numpy()
    table = grouped.size().index.to_frame(index=False)
    if len(table) > MOST:
        raise UsageError(
            _(
                "{found} cells are too many to draw intervals for ({most}); count by fewer keys."
            ).format(found=len(table), most=MOST)
        )
    seizure = rows["number"].to_numpy()
    pairs = pandas.DataFrame({"cell": cell, "number": seizure}).drop_duplicates()
    table["seizures"] = np.bincount(pairs["cell"], minlength=len(table))
    table["seizures_low"], table["seizures_high"] = poisson_interval(table["seizures"])
    for name in ("kg", "pieces", "animals"):
        values = rows[name].to_numpy()
        if name == "animals" and not seizures.has_animals:
            continue
        known = ~np.isnan(values)
        if name == "animals":
            drawn = animal_draws(seizures, cell, len(table), draws=draws, seed=seed)
        else:
            filled = np.where(known, values, 0.0)
            drawn = sums(seizure, cell, filled, len(table), draws=draws, seed=seed)
        total = np.bincount(cell[known], values[known], len(table))
        held = pandas.DataFrame({"cell": cell[known], "number": seizure[known]}).drop_duplicates()
        count = np.bincount(held["cell"], minlength=len(table))
        table[name] = np.where(count > 0, total, np.nan)  # nothing known is not nothing seized
        enough = count >= FEWEST
        low, high = quantiles(drawn)
        table[f"{name}_low"] = np.where(enough, low, np.nan)
        table[f"{name}_high"] = np.where(enough, high, np.nan)
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
    notes = [*seizures.notes, (_("Intervals"), _(INTERVALS).format(fewest=FEWEST))]
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
    parameters = {"by": list(by), "draws": draws, "seed": seed}
    return Indicator(
        _("Seizures by {keys}").format(keys=", ".join(by)),
        table,
        tuple(notes),
        provenance_of(parameters, seizures.files, dependencies=["scipy"]),
    )


def animal_draws(
    seizures: Seizures, cell: np.ndarray, cells: int, *, draws: int, seed: int
) -> np.ndarray:
    """Return sums of animals over cells in each draw, with the conversion drawn too.

    Returns
    -------
    numpy.ndarray of float64, shape (draws, cells)
        Where a row has no range, its number is taken as exact.
    """
    rows, seizure = seizures.rows, seizures.rows["number"].to_numpy()
    middle = rows["animals"].fillna(0.0).to_numpy()
    low = np.where(rows["animals_low"].isna(), middle, rows["animals_low"])
    high = np.where(rows["animals_high"].isna(), middle, rows["animals_high"])
    parts = [
        sums(seizure, cell, values, cells, draws=draws, seed=seed)
        for values in (middle, middle - low, high - middle)
    ]
    # A generator of its own, so that the seizures drawn are those of all other sums.
    place = np.random.default_rng([seed, 1]).uniform(-1.0, 1.0, (draws, 1))
    return parts[0] + np.minimum(place, 0.0) * parts[1] + np.maximum(place, 0.0) * parts[2]
