"""Reads which listed population is where: GeoJSON areas, or a table of countries."""

import os
from io import BytesIO

from forensics.errors import InputError
from forensics.io.inputs import read_limited
from forensics.io.sources import Source
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.origin.outlines import countries
from forensics.origin.polygons import MAX_BYTES, Feature, read_geojson
from forensics.origin.territories import Area

__all__ = ["read_listings"]

_COUNTRY, _LISTING = Column("country", TEXT), Column("listing", TEXT)


def read_listings(path: str | os.PathLike[str]) -> list[Area] | dict[str, str]:
    """Return areas, or the listing of each country.

    Parameters
    ----------
    path : path
        GeoJSON of polygons with a property ``listing``; or a CSV with the columns ``country``
        (English name or ISO 3166-1 numeric code) and ``listing``.

    Raises
    ------
    InputError
        If it is neither, or names a country that the outlines do not have.
    """
    source = str(path)
    content = read_limited(path, MAX_BYTES)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return [_area_of(feature) for feature in read_geojson(content, source=source)]
    with Source(BytesIO(content), source) as opened:
        listed = read_table(opened, narrow_rows=True, no_rows=True)
    if not (listed.has(_COUNTRY) and listed.has(_LISTING)):
        raise InputError(
            _("found the columns {found}; expected country and listing").format(
                found=", ".join(listed.header) or "-"
            ),
            source=source,
            line=listed.line,
        )
    known = {name for outline in countries() for name in (outline.name, outline.code) if name}
    table: dict[str, str] = {}
    for record in listed.records(_COUNTRY, _LISTING, pass_blank=True):
        country, listing = record[_COUNTRY], record[_LISTING]
        country = country.zfill(3) if country.isdigit() else country
        if country not in known:
            raise InputError(
                _(
                    "the outlines have no country {name!r}; give its English name as in Natural "
                    "Earth, or its ISO 3166-1 numeric code"
                ).format(name=country),
                source=source,
                line=record.line,
            )
        if not listing or table.get(country, listing) != listing:
            raise InputError(
                _("country {name}: one listing is expected").format(name=country),
                source=source,
                line=record.line,
            )
        table[country] = listing
    if not table:
        raise InputError(_("the table has no country"), source=source)
    return table


def _area_of(feature: Feature) -> Area:
    listing, name = (str(feature.properties.get(key) or "") for key in ("listing", "name"))
    return Area(name or listing or str(feature.number), listing, feature.polygons)
