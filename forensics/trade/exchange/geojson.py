"""GeoJSON (RFC 7946): a feature a seizure, with its specimens; a seizure without a place has no geometry.

The point is where the seizure happened, not where the animal lived.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from forensics.trade.exchange.flat import Export, flat
from forensics.trade.record import Seizure, quantity_text
from forensics.trade.vocabulary import SEIZURE_FIELDS, SPECIMEN_FIELDS

__all__ = ["rows", "seizure_object", "write"]

_EXTRA = ("quantity_text",)


def seizure_object(seizure: Seizure) -> dict[str, Any]:
    """Return a seizure with its specimens as plain values that `rows` reads back."""
    properties: dict[str, object] = {"seizure": str(seizure.id)}
    properties |= {
        name: seizure.get(name) for name in SEIZURE_FIELDS if seizure.get(name) is not None
    }
    specimens: list[dict[str, object]] = []
    for specimen in seizure.specimens:
        values: dict[str, object] = {}
        for name in SPECIMEN_FIELDS:
            value = quantity_text(specimen.values) if name == "quantity" else specimen.get(name)
            if value not in (None, ""):
                values[name] = value
        values |= {
            bound: specimen.get(bound)
            for bound in ("quantity_low", "quantity_high")
            if specimen.get(bound) is not None
        }
        words = flat(seizure, specimen)["quantity_text"]
        if words:
            values["quantity_text"] = words
        specimens.append(values)
    return {**properties, "specimens": specimens}


def rows(properties: dict[str, Any]) -> Iterator[dict[str, object]]:
    """Yield flat rows of what `seizure_object` made."""
    known = {*SEIZURE_FIELDS, "seizure"}
    common = {name: value for name, value in properties.items() if name in known}
    specimens = properties.get("specimens")
    for specimen in specimens if isinstance(specimens, list) and specimens else [{}]:
        if isinstance(specimen, dict):
            kept = {*SPECIMEN_FIELDS, *_EXTRA}
            yield {**common, **{name: value for name, value in specimen.items() if name in kept}}


def write(seizures: Iterable[Seizure]) -> Export:
    """Return the seizures as a collection of features."""
    features = []
    written = set()
    for seizure in seizures:
        written.add(seizure.id)
        longitude, latitude = seizure.get("longitude"), seizure.get("latitude")
        point = None
        if longitude is not None and latitude is not None:
            point = {"type": "Point", "coordinates": [longitude, latitude]}
        features.append(
            {
                "type": "Feature",
                "id": seizure.id,
                "geometry": point,
                "properties": seizure_object(seizure),
            }
        )
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1)
    return Export(text.encode(), len(features), frozenset(written))
