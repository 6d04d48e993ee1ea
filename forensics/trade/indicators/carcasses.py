"""Elephant carcasses by site and year, as the MIKE programme publishes them.

References
----------
CITES MIKE Programme, https://cites.org/eng/prog/mike (carcass data, table by site and year).
"""

import os
from dataclasses import dataclass, replace

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.messages import _
from forensics.trade.indicators.seizures import frame_of
from forensics.trade.sheets import Sheet, read_sheet

__all__ = ["Carcasses", "read_carcasses"]

# Columns of MIKE's own table, and what they are called here.
_COLUMNS = {
    "region": "UNRegion",
    "subregion": "SubregionName",
    "site": "MIKEsiteID",
    "year": "year",
    "total": "TotalNumberOfCarcasses",
    "illegal": "NumberOfIllegalCarcasses",
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MAX_CARCASSES = 10**6  # carcasses at a site in a year; far above the largest number reported


@dataclass(frozen=True, eq=False)
class Carcasses:
    """Carcasses of n site-years; several rows of one site and year are added up.

    Attributes
    ----------
    region, subregion, site : numpy.ndarray of str, shape (n,)
    year, total, illegal : numpy.ndarray of int64, shape (n,)
        Calendar year; carcasses found; of these, illegally killed.
    source, sha256 : str
        The file.
    repeated : tuple of str
        Site-years that stood in several rows.
    """

    region: np.ndarray
    subregion: np.ndarray
    site: np.ndarray
    year: np.ndarray
    total: np.ndarray
    illegal: np.ndarray
    source: str
    sha256: str
    repeated: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.year)

    def areas(self) -> tuple[str, ...]:
        """Return the names of regions and subregions, regions first."""
        return (*np.unique(self.region), *np.unique(self.subregion))

    def select(
        self, area: str, *, first: int | None = None, last: int | None = None
    ) -> "Carcasses":
        """Return the site-years of a region or subregion, from `first` to `last` year.

        Raises
        ------
        UsageError
            If there is no such area, or nothing was found there in these years.
        """
        inside = (self.region == area) | (self.subregion == area)
        if not inside.any():
            raise UsageError(
                _("{source} has no area {area!r}; it has {known}.").format(
                    source=self.source, area=area, known=", ".join(self.areas())
                )
            )
        inside &= (self.year >= (first or _FIRST_YEAR)) & (self.year <= (last or _LAST_YEAR))
        if not self.total[inside].any():
            raise UsageError(
                _("No carcass was found in {area} from {first} to {last}.").format(
                    area=area, first=first or "…", last=last or "…"
                )
            )
        kept = tuple(
            site_year
            for site_year in self.repeated
            if site_year.split()[0] in set(self.site[inside])
        )
        return replace(
            self,
            region=self.region[inside],
            subregion=self.subregion[inside],
            site=self.site[inside],
            year=self.year[inside],
            total=self.total[inside],
            illegal=self.illegal[inside],
            repeated=kept,
        )


def read_carcasses(path: str | os.PathLike[str]) -> Carcasses:
    """Read MIKE's table; other columns than those needed are left alone.

    Raises
    ------
    InputError
        If a column is missing, a cell is not a whole number, or more were killed illegally than found.
    """
    table = read_sheet(path)
    frame = frame_of(table)
    for column in _COLUMNS.values():
        if list(frame.columns).count(column.casefold()) != 1:
            raise InputError(
                _("found the columns {found}; expected one column {expected}").format(
                    found=", ".join(table.header)[:300], expected=column
                ),
                source=table.name,
            )
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    area_of: dict[str, tuple[str, str]] = {}
    repeated = []
    chosen = frame[[column.casefold() for column in _COLUMNS.values()]]
    for row, cells in zip(table.rows, chosen.itertuples(index=False, name=None)):
        line, named = row.line, dict(zip(_COLUMNS, cells))
        region, subregion, site = (
            _text(named[name], _COLUMNS[name], table, line)
            for name in ("region", "subregion", "site")
        )
        year = _whole(named["year"], table, line, _FIRST_YEAR, _LAST_YEAR)
        total = _whole(named["total"], table, line, 0, _MAX_CARCASSES)
        illegal = _whole(named["illegal"], table, line, 0, _MAX_CARCASSES)
        if illegal > total:
            raise InputError(
                _(
                    "{illegal} carcasses illegally killed of {found} found; at most as many as were "
                    "found are expected"
                ).format(illegal=illegal, found=total),
                source=table.name,
                line=line,
            )
        if area_of.setdefault(site, (region, subregion)) != (region, subregion):
            raise InputError(
                _("site {site} is in {here} here and in {there} above; expected one area").format(
                    site=site, here=f"{region}, {subregion}", there=", ".join(area_of[site])
                ),
                source=table.name,
                line=line,
            )
        key = (region, subregion, site, str(year))
        if key in sums:
            repeated.append(f"{site} {year}")
            sums[key][0] += total
            sums[key][1] += illegal
        else:
            sums[key] = [total, illegal]
    if not sums:
        raise InputError(_("the table has no rows"), source=table.name)
    regions, subregions, site_names, years = zip(*sums)
    totals, illegals = zip(*sums.values())
    return Carcasses(
        region=np.array(regions, dtype=object),
        subregion=np.array(subregions, dtype=object),
        site=np.array(site_names, dtype=object),
        year=np.array([int(year) for year in years]),
        total=np.array(totals),
        illegal=np.array(illegals),
        source=table.name,
        sha256=table.sha256,
        repeated=tuple(dict.fromkeys(repeated)),
    )


def _text(cell: str, column: str, table: Sheet, line: int) -> str:
    if not cell:
        raise InputError(
            _("{column} is empty; expected a name").format(column=column),
            source=table.name,
            line=line,
        )
    return cell


def _whole(cell: str, table: Sheet, line: int, least: int, most: int) -> int:
    # int() would take "1_000" and digits of other scripts for a number
    if cell.isascii() and cell.isdigit() and least <= int(cell[:12]) <= most:
        return int(cell)
    raise InputError(
        _("found {found!r}; expected a whole number from {least} to {most}").format(
            found=cell[:60], least=least, most=most
        ),
        source=table.name,
        line=line,
    )
