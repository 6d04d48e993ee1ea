"""Files in which records came as JSON or Darwin Core, as a table that the importer takes."""

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
from forensics.trade.exchange import darwin, geojson
from forensics.trade.record import number_text
from forensics.trade.sheets import MAX_CELL, MAX_FILE, MAX_ROWS, Row, Sheet, clean, sheet_of
from forensics.trade.vocabulary import FIELDS

__all__ = ["json_sheet"]

_HEADER = (*FIELDS, "quantity_text", "seizure")
_DARWIN = {"occurrenceID", "dynamicProperties", "scientificName"}


def json_sheet(path: str | os.PathLike[str]) -> Sheet | None:
    """Return the records of a GeoJSON, EarthRanger or Darwin Core file; None where it is none of these.

    Raises
    ------
    InputError
        If it is one of these and cannot be read.
    """
    path = Path(path)
    data = read_limited(path, MAX_FILE)
    known = recognise(data[:64])
    if known and known.name == "json":
        try:
            document = load_json(data)
            if isinstance(document, dict) and "crs" in document:
                from forensics.origin.polygons import check_crs  # loads numpy

                check_crs(document, path.name)
            records = list(_of_json(document))
        except ValueError as error:
            raise InputError(
                _("This JSON cannot be read as seizures: {error}").format(error=error),
                source=path.name,
            ) from error
    elif b"dynamicProperties" in data[:4096]:
        sheet = sheet_of(data, path.name)
        if not _DARWIN <= set(sheet.header):
            return None
        cells = (dict(zip(sheet.header, map(clean, row.cells), strict=False)) for row in sheet.rows)
        try:
            records = list(darwin.rows(cells))
        except ValueError as error:
            raise InputError(
                _("dynamicProperties cannot be read: {error}").format(error=error), source=path.name
            ) from error
    else:
        return None
    return _sheet(records, data, path.name)


def _of_json(document: object) -> Iterator[dict[str, object]]:
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        for feature in _list(document.get("features"), "features"):
            properties = dict(_object(_object(feature, "feature").get("properties"), "properties"))
            geometry = feature.get("geometry")
            if isinstance(geometry, dict) and geometry.get("type") == "Point":
                place = _list(geometry.get("coordinates"), "coordinates")
                if len(place) >= 2 and "longitude" not in properties:
                    properties |= {"longitude": place[0], "latitude": place[1]}
            yield from geojson.rows(properties)
    elif isinstance(document, list):
        for event in document:
            event = _object(event, "event")
            details = dict(_object(event.get("event_details"), "event_details"))
            if isinstance(event.get("location"), dict) and "longitude" not in details:
                details |= {key: event["location"].get(key) for key in ("longitude", "latitude")}
            if "date" not in details and isinstance(event.get("time"), str):
                details["date"] = event["time"][:10]
            yield from geojson.rows(details)
    else:
        raise ValueError(_("expected a FeatureCollection, or a list of events"))


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
