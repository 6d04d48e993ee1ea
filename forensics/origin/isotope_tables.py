"""Tables of isotope values: of samples, and of animals of known origin."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError
from forensics.io.cells import plain
from forensics.io.numbers import find_decimal_sign, parse_number
from forensics.io.rows import cell_text
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

__all__ = ["IsotopeSample", "is_empty", "known_values", "sample_values", "to_numbers"]

# No delta value is farther from its standard, and no coordinate is larger.
_MAX_VALUE = 900.0
_EMPTY = frozenset(["", "NA", "NAN", "<NA>", "N/A", "#N/A", "#NA", "NULL", "NONE"])
# Of a table without the columns that are needed so many are named; of a cell so many letters.
_MAX_COLUMNS, _MAX_LETTERS = 20, 40


@dataclass(frozen=True, slots=True)
class IsotopeSample:
    """One row of a table of samples.

    Attributes
    ----------
    name : str
    values : dict of str to float
        Value of each isotope, per mil; NaN where the cell is empty.
    sds : dict of str to float
        The laboratory's standard deviations, of isotopes that have a column of them.
    """

    name: str
    values: dict[str, float]
    sds: dict[str, float]


def is_empty(cell: object) -> bool:
    """Return whether a cell of a table is empty, as opposed to something that is not a number."""
    return cell_text(cell).strip().upper() in _EMPTY


def to_numbers(cells: Iterable[object]) -> np.ndarray:
    """Return the numbers of a column of a table; NaN where a cell is empty or not a number.

    A comma is decimal where it can be nothing else in this column (`forensics.io.numbers`). Delta
    values and degrees lie between -900 and 900, so there it has one meaning.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
    """
    texts = [plain(cell_text(cell).strip()) for cell in cells]
    decimal = find_decimal_sign(texts)
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        try:
            numbers[row] = parse_number(
                text, decimal=decimal, minimum=-_MAX_VALUE, maximum=_MAX_VALUE
            )
        except ValueError:  # the caller knows whether the cell may be empty
            continue
    return numbers


def sample_values(
    frame: "pandas.DataFrame", isotopes: Sequence[str], *, name: str | None, source: str
) -> Iterator[IsotopeSample]:
    """Yield the rows of a table of samples.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column for each isotope; laboratory standard deviations in ``d2H.sd`` and so on.
    isotopes : sequence of str
        Those of the model; at least one is needed.
    name : str or None
        Column with the names of samples; else their number in the table.
    source : str
        File, for messages.

    Raises
    ------
    InputError
        If no isotope of the model is among the columns, or a cell that is not empty is not a
        number; the row is named.
    """
    present = [isotope for isotope in isotopes if isotope in frame.columns]
    required = [] if name is None else [name]
    if not present or any(column not in frame.columns for column in required):
        raise _missing_columns(frame, [*required, *isotopes], source)
    with_sd = [isotope for isotope in present if f"{isotope}.sd" in frame.columns]
    columns = present + [f"{isotope}.sd" for isotope in with_sd]
    numbers = {column: to_numbers(frame[column]) for column in columns}
    for row in range(len(frame)):
        label = str(frame[name].iloc[row]) if name is not None else str(row + 1)
        for column in columns:
            cell = frame[column].iloc[row]
            if math.isnan(numbers[column][row]) and not is_empty(cell):
                raise InputError(
                    _("{column} of sample {name} is not a number: {found}").format(
                        column=column, name=label, found=str(cell)[:_MAX_LETTERS]
                    ),
                    source=source,
                    record=row + 1,
                )
        yield IsotopeSample(
            name=label,
            values={isotope: float(numbers[isotope][row]) for isotope in present},
            sds={isotope: float(numbers[f"{isotope}.sd"][row]) for isotope in with_sd},
        )


def known_values(
    frame: "pandas.DataFrame",
    names: Sequence[str],
    latitude: str,
    longitude: str,
    site: str | None,
    source: str,
) -> dict[str, np.ndarray]:
    """Return the columns of a table of known-origin samples as numbers; NaN where empty.

    Raises
    ------
    InputError
        If a column is missing, or a cell that is not empty is not a number; the row is named.
    """
    required = [*names, latitude, longitude] + ([site] if site is not None else [])
    missing = [column for column in required if column not in frame.columns]
    if missing:
        raise _missing_columns(frame, missing, source)
    result = {}
    sds = [f"{name}.sd" for name in names if f"{name}.sd" in frame.columns]
    for column in [*names, latitude, longitude, *sds]:
        numbers = to_numbers(frame[column])
        is_coordinate = column in (latitude, longitude)
        for row in np.flatnonzero(np.isnan(numbers)):
            cell = frame[column].iloc[row]
            if is_coordinate or not is_empty(cell):
                raise InputError(
                    _("{column} is not a number: {found}").format(
                        column=column, found=str(cell)[:_MAX_LETTERS]
                    ),
                    source=source,
                    record=int(row) + 1,
                )
        result[column] = numbers
    return result


def _missing_columns(frame: "pandas.DataFrame", names: Sequence[str], source: str) -> InputError:
    """Return the error that names the columns that are missing, and those that are there."""
    return InputError(
        _("the table has no column {names}; it has {columns}").format(
            names=", ".join(names), columns=", ".join(map(str, frame.columns[:_MAX_COLUMNS]))
        ),
        source=source,
    )
