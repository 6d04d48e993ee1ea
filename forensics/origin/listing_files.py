"""Reads which listed population is where: GeoJSON areas, or a table of countries."""

import csv
import io
import json
import os

from forensics.errors import InputError
from forensics.io.files import read_limited
from forensics.messages import _
from forensics.origin.outlines import countries
from forensics.origin.territories import Area, areas_from_geojson

__all__ = ["read_listings"]

_MOST_BYTES = 64 * 2**20


def read_listings(path: str | os.PathLike) -> list[Area] | dict[str, str]:
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
    content = read_limited(path, _MOST_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_("this is no text in UTF-8"), source=source) from error
    if text.lstrip().startswith("{"):
        try:
            return areas_from_geojson(json.loads(text), source=source)
        except (ValueError, RecursionError) as error:
            raise InputError(
                _("this is no GeoJSON: {why}").format(why=error), source=source
            ) from error
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ",")
    names = {(name or "").strip().casefold(): name for name in rows.fieldnames or ()}
    if not {"country", "listing"} <= set(names):
        raise InputError(
            _("found the columns {found}; expected country and listing").format(
                found=", ".join(names) or "-"
            ),
            source=source,
            line=1,
        )
    known = {one.name for one in countries()} | {one.code for one in countries() if one.code}
    table: dict[str, str] = {}
    for row in rows:
        country = (row[names["country"]] or "").strip()
        listing = (row[names["listing"]] or "").strip()
        if not country and not listing:
            continue
        country = country.zfill(3) if country.isdigit() else country
        if country not in known:
            raise InputError(
                _(
                    "the outlines have no country {name!r}; give its English name as in Natural "
                    "Earth, or its ISO 3166-1 numeric code"
                ).format(name=country),
                source=source,
                line=rows.line_num,
            )
        if not listing or table.get(country, listing) != listing:
            raise InputError(
                _("country {name}: one listing is expected").format(name=country),
                source=source,
                line=rows.line_num,
            )
        table[country] = listing
    if not table:
        raise InputError(_("the table has no country"), source=source)
    return table
