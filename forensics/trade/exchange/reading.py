"""Files in which records came as GeoJSON, as a table that the importer takes."""

import hashlib
import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from forensics.errors import InputError
from forensics.io.formats import recognise
from forensics.io.inputs import load_json, read_limited
from forensics.messages import _
from forensics.trade.exchange import geojson
from forensics.trade.record import number_text
from forensics.trade.sheets import MAX_CELL, MAX_FILE, MAX_ROWS, Row, Sheet
from forensics.trade.vocabulary import FIELDS

__all__ = ["json_sheet"]

_HEADER = (*FIELDS, "quantity_text", "seizure")


def json_sheet(path: str | os.PathLike[str]) -> Sheet | None:
    """Return the records of a GeoJSON file; None where the file is not JSON.

    Raises
    ------
    InputError
        If it is JSON and cannot be read.
    """
    path = Path(path)
    data = read_limited(path, MAX_FILE)
    known = recognise(data[:64])
    if not known or known.name != "json":
        return None
    try:
        document = load_json(data)
        if isinstance(document, dict) and "crs" in document:
            from forensics.origin.polygons import check_crs  # loads numpy

            check_crs(document, path.name)
        records = list(_of_features(document))
    except ValueError as error:
        raise InputError(
            _("This JSON cannot be read as seizures: {error}").format(error=error),
            source=path.name,
        ) from error
    return _sheet(records, data, path.name)


def _of_features(document: object) -> Iterator[dict[str, object]]:
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise ValueError(_("expected a FeatureCollection"))
    for feature in _list(document.get("features"), "features"):
        properties = dict(_object(_object(feature, "feature").get("properties"), "properties"))
        geometry = feature.get("geometry")
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            place = _list(geometry.get("coordinates"), "coordinates")
            if len(place) >= 2 and "longitude" not in properties:
                properties |= {"longitude": place[0], "latitude": place[1]}
        yield from geojson.rows(properties)


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(_("{name}: expected a list").format(name=name))
    return value


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(_("{name}: expected named values").format(name=name))
    return value


def _sheet(records: Iterable[dict[str, object]], data: bytes, name: str) -> Sheet:
    rows = []
    for number, values in enumerate(records, 1):
        cells, typed = [], set()
        for place, field in enumerate(_HEADER):
            value = values.get(field)
            if isinstance(value, bool) or isinstance(value, (dict, list)):
                raise InputError(
                    _("{field}: found {found!r}, expected text or a number").format(
                        field=field, found=value
                    ),
                    source=name, record=number,
                )  # fmt: skip
            if isinstance(value, (int, float)):
                typed.add(place)
            cells.append(_text(value))
        if number > MAX_ROWS or any(len(cell) > MAX_CELL for cell in cells):
            raise InputError(_("The file is too large; split it."), source=name, record=number)
        # What this package writes as text of a number has a point.
        typed |= {place for place, field in enumerate(_HEADER) if field in ("quantity", "latitude",
                  "longitude", "value", "pieces")}  # fmt: skip
        rows.append(Row(number, tuple(cells), frozenset(typed)))
    return Sheet(
        name, hashlib.sha256(data).hexdigest(), len(data), _HEADER, tuple(rows), machine=True
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return number_text(value) if value >= 0 else f"-{number_text(-value)}"
    # Half of a surrogate pair may stand in JSON; what it was stays to be read.
    return str(value).encode("utf-8", "backslashreplace").decode()
