"""Reads reporting regions: GeoJSON polygons with names, or a table of countries or sites."""

import hashlib
import os
from io import BytesIO
from pathlib import Path

from forensics.errors import InputError
from forensics.io.inputs import read_limited
from forensics.io.sources import Source
from forensics.io.tables import TEXT, Column, read_table
from forensics.messages import _
from forensics.origin.areas import RegionSet
from forensics.origin.outlines import countries
from forensics.origin.polygons import MAX_BYTES, Polygon, read_geojson

__all__ = ["read_regions"]

_REGION = Column("region", TEXT, also=("reporting region", "name"))
_COUNTRY = Column("country", TEXT, required=False)
_SITE = Column("site", TEXT, also=("population",), required=False)


def read_regions(path: str | os.PathLike[str]) -> RegionSet:
    """Return reporting regions.

    Parameters
    ----------
    path : path
        GeoJSON of polygons with a property ``name``; polygons of one name are one region. Or a table
        with the column ``region`` and either ``country`` (English name or ISO 3166-1 numeric code) or
        ``site`` (as the reference names its sites or populations): then each place belongs to the region
        of the nearest site.

    Raises
    ------
    InputError
        If it is neither, a name is missing, or a country or site has two regions.
    """
    content = read_limited(path, MAX_BYTES)
    name, sha256 = Path(path).name, hashlib.sha256(content).hexdigest()
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _read_polygons(content, name, sha256)
    return _read_table(content, name, sha256)


def _read_polygons(content: bytes, name: str, sha256: str) -> RegionSet:
    polygons: dict[str, list[Polygon]] = {}
    for feature in read_geojson(content, source=name):
        own = feature.properties.get("name")
        if not isinstance(own, str) or not own.strip():
            raise InputError(
                _("a reporting region needs a property 'name'"), source=name, record=feature.number
            )
        polygons.setdefault(own.strip(), []).extend(feature.polygons)
    return RegionSet(
        name, "areas", tuple(polygons), areas=tuple(map(tuple, polygons.values())), sha256=sha256
    )


def _read_table(content: bytes, name: str, sha256: str) -> RegionSet:
    with Source(BytesIO(content), name) as opened:
        table = read_table(opened, narrow_rows=True, no_rows=True)
    by_country, by_site = table.has(_COUNTRY), table.has(_SITE)
    if not table.has(_REGION) or by_country == by_site:
        raise InputError(
            _("found the columns {found}; expected region, and either country or site").format(
                found=", ".join(table.header) or "-"
            ),
            source=name,
            line=table.line,
        )
    column = _COUNTRY if by_country else _SITE
    codes = {outline.code: outline.name for outline in countries() if outline.code}
    known = {outline.name for outline in countries()}
    names: list[str] = []
    members: dict[str, int] = {}
    for record in table.records(_REGION, column, pass_blank=True):
        member, region = record[column], record[_REGION]
        if by_country:
            member = codes.get(member.zfill(3), member) if member.isdigit() else member
            if member not in known:
                raise InputError(
                    _(
                        "the outlines have no country {name!r}; give its English name as in Natural "
                        "Earth, or its ISO 3166-1 numeric code"
                    ).format(name=member),
                    source=name,
                    line=record.line,
                )
        if region and region not in names:
            names.append(region)
        if (
            not region
            or not member
            or members.get(member, names.index(region)) != names.index(region)
        ):
            raise InputError(
                _("{member}: one region is expected").format(member=member or "-"),
                source=name,
                line=record.line,
            )
        members[member] = names.index(region)
    if not members:
        raise InputError(_("the table has no region"), source=name)
    return RegionSet(
        name, "country_table" if by_country else "site_table", tuple(names), members, sha256=sha256
    )
