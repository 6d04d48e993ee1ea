"""Range States from the official Index of CITES Species, for whoever has that file."""

import os
import re

from forensics.errors import InputError
from forensics.messages import _
from forensics.trade.sheets import read_sheet

__all__ = ["read_ranges"]

# Early downloads have the underscore in UTF-7.
_UTF7_UNDERSCORE = "+af8-"
_NAMES = ("fullname", "scientific_name", "full name")
_CODES = "all_distributionisocodes"


def read_ranges(path: str | os.PathLike[str]) -> dict[str, frozenset[str]]:
    """Return the countries in which each species occurs or occurred.

    Parameters
    ----------
    path : path
        ``Index_of_CITES_Species.csv`` of the Checklist of CITES Species, exported with ISO codes.

    Raises
    ------
    InputError
        If it has no such columns, or no species.
    """
    sheet = read_sheet(path)
    columns = [name.lower().replace(_UTF7_UNDERSCORE, "_") for name in sheet.header]
    name = next((columns.index(column) for column in _NAMES if column in columns), None)
    if name is None or _CODES not in columns:
        raise InputError(
            _(
                "This is not an Index of CITES Species with ISO codes: expected the columns FullName and "
                "All_DistributionISOCodes, found {columns}."
            ).format(columns=", ".join(sheet.header[:12])),
            source=sheet.name,
        )
    place = columns.index(_CODES)
    ranges = {}
    for row in sheet.rows:
        if len(row.cells) <= max(name, place) or " " not in row.cells[name].strip():
            continue
        codes = frozenset(re.findall(r"\b[A-Z]{2}\b", row.cells[place]))
        if codes:
            ranges[row.cells[name].strip()] = codes
    if not ranges:
        raise InputError(_("The index has no species with countries."), source=sheet.name)
    return ranges
