"""Country outlines that come with the package: which country a place lies in, and where land is.

The outlines are Natural Earth's, in the public domain (see ``coastlines/SOURCES.md``): at
1:110 million, and at 1:50 million the islands and small countries that the former lack. They are
coarse: a coast or a border may lie some tens of km off. So a place outside every outline belongs
to the nearest country within a stated distance, and the distance is reported.

People read the name of a country in their language. What is stored, and what programs read, is the outline's own
name: English, and cut short where it is long ("Dem. Rep. Congo").
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forensics.errors import InputError, LibraryError
from forensics.messages import N_, _, language
from forensics.origin.geography import EARTH_RADIUS_KM, in_rings, wrap_longitude
from forensics.taxonomy.listings.table import country_names, place_in_words, place_of

# A place so near to land may be on land: 0.2 mm on a map of 1:110 million, the finest line that
# generalisation leaves, is 22 km.
COAST_KM = 25.0
# A place outside every outline belongs to the nearest country up to here (200 nautical miles,
# the exclusive economic zone of UNCLOS article 57, rounded down); beyond it, to none.
NEAR_KM = 370.0

_FOLDER, _FILE = "coastlines", "countries-110m.json"
SMALL_FILE = "small-50m.json"
"""Islands and small countries that the coarse outlines lack."""


@dataclass(frozen=True, eq=False)
class Country:
    """A country or territory with its outline.

    Attributes
    ----------
    name : str
        English short name, as Natural Earth has it.
    code : str
        ISO 3166-1 numeric, three digits; "" for the three territories that have none.
    rings : tuple of numpy.ndarray of float64, shape (k, 2)
        Longitude and latitude of corners; closed. A ring in a ring is a hole. Longitudes are
        beyond 180 where a ring crosses the antimeridian.
    """

    name: str
    code: str
    rings: tuple[np.ndarray, ...]

    @cached_property
    def box(self) -> np.ndarray:
        """West, south, east and north of its corners, degrees."""
        corners = np.concatenate(self.rings)
        return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


@lru_cache(maxsize=1)
def countries() -> tuple[Country, ...]:
    """Return the countries in alphabetic order, with their islands.

    Raises
    ------
    LibraryError
        If a packaged file is missing or damaged.
    """
    result = {country.name: country for country in coarse_countries()}
    for small in _small_countries():
        own = result.get(small.name)
        rings = small.rings if own is None else own.rings + small.rings
        result[small.name] = Country(small.name, small.code, rings)
    return tuple(sorted(result.values(), key=lambda country: country.name))


@lru_cache(maxsize=1)
def coarse_countries() -> tuple[Country, ...]:
    """Return the countries of the outlines at 1:110 million, in alphabetic order.

    Raises
    ------
    LibraryError
        If the packaged file is missing or damaged.
    """
    try:
        result = read_outlines(json.loads(_read_packaged(_FILE)))
    except _DAMAGE as error:
        raise _damaged(_FILE) from error
    return tuple(sorted(result, key=lambda country: country.name))


@lru_cache(maxsize=1)
def _small_countries() -> tuple[Country, ...]:
    """Return islands and small countries that the coarse outlines lack."""
    try:
        return tuple(
            Country(
                shape["name"],
                shape["code"],
                tuple(np.array(ring, dtype=np.float64) for ring in shape["rings"]),
            )
            for shape in json.loads(_read_packaged(SMALL_FILE))
        )
    except _DAMAGE as error:
        raise _damaged(SMALL_FILE) from error


def known_country(text: str, *, source: str, line: int | None) -> str:
    """Return the name of the country that a table names: by its English name, or its numeric code.

    Raises
    ------
    InputError
        If the outlines do not have it.
    """
    codes = {outline.code: outline.name for outline in countries() if outline.code}
    name = codes.get(text.zfill(3), text) if text.isdigit() else text
    if all(outline.name != name for outline in countries()):
        raise InputError(
            _(
                "the outlines have no country {name!r}; give its English name as in Natural "
                "Earth, or its ISO 3166-1 numeric code"
            ).format(name=text),
            source=source,
            line=line,
        )
    return name


_DAMAGE = (OSError, ValueError, KeyError, TypeError, IndexError)
"""What reading a missing or damaged file raises."""


def _read_packaged(name: str) -> str:
    return files("forensics.origin").joinpath(_FOLDER, name).read_text(encoding="utf-8")


def _damaged(name: str) -> LibraryError:
    return LibraryError(
        _("the packaged country outlines {file} cannot be read; install again").format(
            file=f"{_FOLDER}/{name}"
        )
    )


def read_outlines(topology: dict[str, Any]) -> list[Country]:
    """Return the countries of a TopoJSON document of the package world-atlas.

    Parameters
    ----------
    topology : dict
        Decoded JSON.
    """
    arcs = _decode(topology)
    return [
        Country(
            shape["properties"]["name"],
            shape.get("id", ""),
            tuple(
                _ring(arcs, ring)
                for polygon in (
                    shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
                )
                for ring in polygon
            ),
        )
        for shape in topology["objects"]["countries"]["geometries"]
    ]


def _decode(topology: dict[str, Any]) -> list[np.ndarray]:
    """Return the arcs of a TopoJSON file in degrees: steps of whole numbers, scaled."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]


def _ring(arcs: list[np.ndarray], numbers: list[int]) -> np.ndarray:
    """Return a ring of arcs; ``~number`` is an arc from its end to its beginning.

    A ring that crosses the antimeridian goes on beyond 180 degrees: no side spans half the globe.
    One that goes round a pole is closed along the pole.
    """
    parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    ring = np.concatenate([parts[0]] + [part[1:] for part in parts[1:]])
    ring[:, 0] = np.unwrap(ring[:, 0], period=360.0)
    if abs(ring[-1, 0] - ring[0, 0]) > 180.0:
        pole = math.copysign(90.0, ring[:, 1].mean())
        corners = [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]
        ring = np.concatenate([ring, corners])
    return ring


_TURNS = (-360.0, 0.0, 360.0)
_KM_PER_DEGREE = math.radians(1.0) * EARTH_RADIUS_KM


def _near_boxes(
    latitudes: np.ndarray, longitudes: np.ndarray, boxes: np.ndarray, within_km: float
) -> np.ndarray:
    """Return which places may be within some km of what lies in boxes.

    Parameters
    ----------
    boxes : numpy.ndarray of float64, shape (b, 4)
        West, south, east and north.

    Returns
    -------
    numpy.ndarray of bool, shape (b, n)
    """
    west, south, east, north = boxes.T[:, :, None]
    reach = within_km / _KM_PER_DEGREE
    # The window in longitude of a place: wider towards the poles.
    wide = reach / np.maximum(np.cos(np.radians(np.abs(latitudes) + reach)), 1e-3)
    near = (latitudes >= south - reach) & (latitudes <= north + reach)
    return np.asarray(near & (longitudes + wide >= west) & (longitudes - wide <= east))


def _places_near(
    latitudes: np.ndarray, longitudes: np.ndarray, outlines: Sequence[Country], within_km: float
) -> list[np.ndarray]:
    """Return for each country the numbers of the places that may be within some km of it."""
    boxes = np.array([outline.box for outline in outlines])
    near = np.any(
        [_near_boxes(latitudes, longitudes + turn, boxes, within_km) for turn in _TURNS], axis=0
    )
    return [np.flatnonzero(places) for places in near]


def distance_to_rings(
    latitudes: np.ndarray, longitudes: np.ndarray, rings: Iterable[np.ndarray], *, within_km: float
) -> np.ndarray:
    """Return km from places to the nearest side of rings; inf beyond `within_km`.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    rings : iterable of numpy.ndarray, shape (k, 2)
        Longitude and latitude.

    Notes
    -----
    On the plane that touches the globe at the place: right to about 1 % at a few hundred km.
    """
    latitudes = np.asarray(latitudes, dtype=np.float64)
    longitudes = wrap_longitude(longitudes)
    nearest = np.full(latitudes.shape, np.inf)
    for ring in rings:
        box = np.concatenate([ring.min(axis=0), ring.max(axis=0)])
        for turn in _TURNS:
            x = longitudes + turn
            rows = np.flatnonzero(_near_boxes(latitudes, x, box[None], within_km)[0])
            if not rows.size:
                continue
            begin, end = ring, np.roll(ring, -1, axis=0)
            for start in range(0, rows.size, 2000):
                some = rows[start : start + 2000]
                least = _to_sides(latitudes[some], x[some], begin, end) * _KM_PER_DEGREE
                nearest[some] = np.minimum(nearest[some], least)
    nearest[nearest > within_km] = np.inf
    return nearest


def _to_sides(y: np.ndarray, x: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return degrees of latitude from places to the nearest of straight sides."""
    shrink = np.cos(np.radians(y))[:, None]
    x1, y1 = (begin[None, :, 0] - x[:, None]) * shrink, begin[None, :, 1] - y[:, None]
    x2, y2 = (end[None, :, 0] - x[:, None]) * shrink, end[None, :, 1] - y[:, None]
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = np.clip(-(x1 * dx + y1 * dy) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    return np.asarray(np.hypot(x1 + along * dx, y1 + along * dy).min(axis=1))


def countries_of(
    latitudes: ArrayLike, longitudes: ArrayLike, *, near_km: float = NEAR_KM
) -> tuple[np.ndarray, np.ndarray]:
    """Return the country of each place and how far outside its outline the place is.

    Parameters
    ----------
    latitudes, longitudes : array_like of float, degrees
    near_km : float
        A place outside every outline belongs to the nearest country within so many km.

    Returns
    -------
    country : numpy.ndarray of intp
        Place in `countries`; -1 where there is none.
    outside_km : numpy.ndarray of float64
        0 inside an outline; inf where there is no country.
    """
    latitudes = np.asarray(latitudes, dtype=np.float64)
    shape = latitudes.shape
    y, x = latitudes.ravel(), wrap_longitude(longitudes).ravel()
    place = {outline.name: number for number, outline in enumerate(countries())}
    country, outside = _find(y, x, coarse_countries(), place, near_km)
    small, away = _find(y, x, _small_countries(), place, near_km)
    # Singapore lies within the coarse outline of its neighbour. A coast of the coarse outlines may be
    # nearer than it looks, so that an island must be nearer by more than their error.
    nearer = (away == 0) | (away + COAST_KM < outside)
    country[nearer], outside[nearer] = small[nearer], away[nearer]
    return country.reshape(shape), outside.reshape(shape)


def _find(
    y: np.ndarray, x: np.ndarray, outlines: Sequence[Country], place: dict[str, int], near_km: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `find_countries` does, as places in `countries`."""
    found, away = find_countries(y, x, outlines, near_km=near_km)
    numbers = np.array([*(place[outline.name] for outline in outlines), -1], dtype=np.intp)
    return numbers[found], away


def find_countries(
    latitudes: np.ndarray,
    longitudes: np.ndarray,
    outlines: Sequence[Country],
    *,
    near_km: float = NEAR_KM,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the country of each place among given ones; see `countries_of`.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    outlines : sequence of Country
        Where two overlap, the first counts.
    """
    country = np.full(latitudes.shape, -1, dtype=np.intp)
    outside = np.full(latitudes.shape, np.inf)
    near = _places_near(latitudes, longitudes, outlines, 0.0)
    for number, (outline, rows) in enumerate(zip(outlines, near, strict=True)):
        rows = rows[country[rows] < 0]
        if rows.size:
            inside = rows[in_rings(latitudes[rows], longitudes[rows], outline.rings)]
            country[inside], outside[inside] = number, 0.0
    beyond = np.flatnonzero(country < 0)
    near = _places_near(latitudes[beyond], longitudes[beyond], outlines, near_km)
    for number, (outline, places) in enumerate(zip(outlines, near, strict=True)):
        rows = beyond[places]
        if rows.size:
            away = distance_to_rings(
                latitudes[rows], longitudes[rows], outline.rings, within_km=near_km
            )
            nearer = away < outside[rows]
            country[rows[nearer]], outside[rows[nearer]] = number, away[nearer]
    return country, outside


def on_land(
    latitudes: ArrayLike, longitudes: ArrayLike, *, within_km: float = COAST_KM
) -> np.ndarray:
    """Return whether places are on land, or within `within_km` of it.

    Parameters
    ----------
    latitudes, longitudes : array_like of float, degrees
    within_km : float
        0 takes the outlines as they are.
    """
    latitudes = np.asarray(latitudes, dtype=np.float64)
    y, x = latitudes.ravel(), wrap_longitude(longitudes).ravel()
    country, _away = find_countries(y, x, countries(), near_km=within_km)
    return np.asarray(country.reshape(latitudes.shape) >= 0)


OUTSIDE = N_("outside every territory")
"""What places outside every outline are called: stored in English, as the names of countries are."""

# Outlines whose names are cut short, or older: ISO 3166-1 numeric to alpha-2.
_SHORT = {
    "028": "AG", "070": "BA", "086": "IO", "090": "SB", "092": "VG", "136": "KY", "140": "CF",
    "180": "CD", "184": "CK", "214": "DO", "226": "GQ", "234": "FO", "238": "FK", "239": "GS",
    "248": "AX", "258": "PF", "260": "TF", "275": "PS", "334": "HM", "336": "VA", "580": "MP",
    "584": "MH", "612": "PN", "652": "BL", "654": "SH", "659": "KN", "662": "LC", "663": "MF",
    "666": "PM", "670": "VC", "678": "ST", "704": "VN", "728": "SS", "732": "EH", "780": "TT",
    "792": "TR", "796": "TC", "807": "MK", "850": "VI", "876": "WF",
}  # fmt: skip


@cache
def alpha2_of(country: Country) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of an outline; None where it has none."""
    if not country.code:
        return None
    return _SHORT.get(country.code) or place_of(country.name)


@cache
def _codes() -> dict[str, str | None]:
    return {country.name: alpha2_of(country) for country in countries()}


def country_in_words(name: str) -> str:
    """Return the name of a country in the language of the reader.

    Parameters
    ----------
    name : str
        Of an outline, or `OUTSIDE`. Other names are returned as they are, and all are in English.

    Examples
    --------
    >>> country_in_words("Dem. Rep. Congo")
    'Dem. Rep. Congo'
    """
    if name == OUTSIDE:
        return _(OUTSIDE)
    code = _codes().get(name) if language() != "en" else None
    return place_in_words(code) if code else name


def names_in_languages(name: str) -> tuple[str, ...]:
    """Return a name, and where it is of an outline's country its names in every language.

    Examples
    --------
    >>> names_in_languages("Cameroon")
    ('Cameroon', 'Cameroun', 'Camarões', 'Camerún')
    """
    code = _codes().get(name)
    return tuple(dict.fromkeys((name, *(country_names()[code] if code else ()))))
