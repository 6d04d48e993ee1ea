"""What rows of seizures stand for, by the factors of `forensics.trade.conversion`."""

from dataclasses import replace

import numpy as np

from forensics.messages import _
from forensics.trade.conversion import Factors, convert, packaged_factors
from forensics.trade.indicators.seizures import Seizures
from forensics.trade.record import Specimen
from forensics.trade.vocabulary import term_of, unit_of

__all__ = ["equivalents", "factors_note", "with_animals"]

_ANIMALS = "animals"  # a measure of the table of factors


def equivalents(
    seizures: Seizures, *, factors: Factors | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the animals that the quantity of each row stands for, and their lowest and highest number.

    Parameters
    ----------
    seizures : Seizures
    factors : Factors, optional
        Default: the packaged ones.

    Returns
    -------
    tuple of numpy.ndarray of float64, shape (n,)
        NaN where no factor fits or the quantity is not known.
    """
    rows = seizures.rows
    each: dict[tuple[str, str, str], tuple[float, ...]] = {}
    amounts = np.full((3, len(rows)), np.nan)
    kinds = zip(rows["species"], rows["term"], rows["unit"], rows["quantity"])
    for place, (species, term, unit, quantity) in enumerate(kinds):
        if np.isnan(quantity):
            continue
        kind = (species, term_of(term) or term, unit_of(unit) or unit or "no.")
        if kind not in each:
            each[kind] = _stand_for(*kind, factors)
        amounts[:, place] = quantity * np.array(each[kind])
    return amounts[0], amounts[1], amounts[2]


def with_animals(seizures: Seizures, *, factors: Factors | None = None) -> Seizures:
    """Return the seizures with the animals of rows that do not say them, and a note of the factors."""
    factors = factors or packaged_factors()
    rows = seizures.rows.copy()
    missing = rows["animals"].isna().to_numpy()
    names = (_ANIMALS, f"{_ANIMALS}_low", f"{_ANIMALS}_high")
    for name, values in zip(names, equivalents(seizures, factors=factors)):
        rows.loc[missing, name] = values[missing]
    converted = missing & rows["animals"].notna().to_numpy()
    if not converted.any():
        return seizures
    note = factors_note(int(converted.sum()), len(rows), factors)
    return replace(seizures, rows=rows, notes=(*seizures.notes, note))


def factors_note(converted: int, rows: int, factors: Factors) -> tuple[str, str]:
    """Return what must be said of rows that were converted to animals."""
    return _("Converted"), _(
        "{count} of {all} rows were converted to animals by the factors of version {version} (SHA-256 "
        "{sha256}), each an assumption. Rows that no factor fits add no animals."
    ).format(count=converted, all=rows, version=factors.version, sha256=factors.sha256)


def _stand_for(species: str, term: str, unit: str, factors: Factors | None) -> tuple[float, ...]:
    """Return middle, low and high of the animals that one unit of a thing stands for; NaN where no factor fits."""
    values = {"species": species, "term": term, "unit": unit}
    specimen = Specimen(values | {"quantity_low": 1.0, "quantity_high": 1.0})
    for conversion in convert(specimen, factors=factors):
        if conversion.measure == _ANIMALS:
            bounds = (conversion.middle, conversion.low, conversion.high)
            return tuple(np.nan if bound is None else bound for bound in bounds)
    return np.nan, np.nan, np.nan
