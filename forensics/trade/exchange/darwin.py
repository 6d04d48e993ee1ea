"""Darwin Core occurrences (TDWG), CSV: a row a specimen.

The place is that of the seizure, not where the animal lived, and each row says so; a map of occurrences must not
be made of them. What Darwin Core has no term for stands in ``dynamicProperties``.

References
----------
Darwin Core Maintenance Group, Darwin Core quick reference guide, https://dwc.tdwg.org/terms/
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from forensics.io.inputs import load_json
from forensics.messages import _
from forensics.trade.exchange.flat import Export, record_rows
from forensics.trade.exchange.tables import csv_bytes
from forensics.trade.record import Seizure, Specimen
from forensics.trade.vocabulary import FIELDS, terms, units

__all__ = ["COLUMNS", "rows", "write"]

_FIELDS = {
    "eventDate": "date",
    "countryCode": "country",
    "stateProvince": "admin1",
    "locality": "place",
    "decimalLatitude": "latitude",
    "decimalLongitude": "longitude",
    "scientificName": "species",
    "disposition": "disposal",
    "verbatimLabel": "description",
    "eventRemarks": "information",
}
"""Terms of Darwin Core that are fields of a record."""
COLUMNS = (
    "occurrenceID", "eventID", "basisOfRecord", "occurrenceStatus", *_FIELDS, "geodeticDatum",
    "individualCount", "organismQuantity", "organismQuantityType", "preparations",
    "georeferenceRemarks", "dynamicProperties",
)  # fmt: skip
_REMARK = "Place of the seizure; not a place where the organism lived."


def write(seizures: Iterable[Seizure]) -> Export:
    """Return the specimens as occurrences."""
    records = list(record_rows(seizures))
    rows = [[_cell(name, *record) for name in COLUMNS] for record in records]
    written = frozenset(seizure.id for seizure, _specimen, _row in records)
    return Export(csv_bytes(COLUMNS, rows), len(rows), written)


def _cell(name: str, seizure: Seizure, specimen: Specimen, row: Mapping[str, str]) -> object:
    if name in _FIELDS:
        return row[_FIELDS[name]]
    unit = specimen.get("unit") or ""
    low = specimen.low
    whole = unit == "no." and low is not None and low == specimen.high and float(low).is_integer()
    if name == "dynamicProperties":
        rest = {
            key: value
            for key, value in row.items()
            if value and (key not in FIELDS or key not in _FIELDS.values())
        }
        return json.dumps(rest, ensure_ascii=False, sort_keys=True)
    return {
        "occurrenceID": f"urn:seizure:{seizure.id}:{specimen.number}",
        "eventID": f"urn:seizure:{seizure.id}",
        "basisOfRecord": "MaterialSample",
        "occurrenceStatus": "present",
        "geodeticDatum": "EPSG:4326" if row["latitude"] else "",
        "individualCount": row["quantity"]
        if whole and specimen.get("term") in ("LIV", "BOD")
        else "",
        "organismQuantity": row["quantity"],
        "organismQuantityType": unit if unit in units() else "",
        "preparations": terms()[specimen.get("term")].name
        if specimen.get("term") in terms()
        else "",
        "georeferenceRemarks": _REMARK,
    }[name]


def rows(table: Iterable[Mapping[str, str]]) -> Iterator[dict[str, object]]:
    """Yield flat rows of what `write` made.

    Raises
    ------
    ValueError
        If ``dynamicProperties`` is no JSON object.
    """
    for cells in table:
        values: dict[str, object] = {field: cells.get(name, "") for name, field in _FIELDS.items()}
        more = load_json(cells.get("dynamicProperties") or "{}")
        if not isinstance(more, dict):
            raise ValueError(_("expected named values"))
        known = {*FIELDS, "quantity_text", "seizure"}
        values |= {name: str(value) for name, value in more.items() if name in known}
        yield values
