"""Events for EarthRanger, as its interface takes them (``POST …/activity/events``): JSON, an event a seizure.

The type of event is a site's own; `EVENT_TYPE` is what the details are described for in docs/trade.md.
An event needs a moment: a seizure of which only the day is known stands at its beginning, in UTC, and the details have
the day as it is known. A seizure without a day is left out, and so are lines of the legal trade.
"""

import json
from collections.abc import Iterable

from forensics.io.dates import day_of
from forensics.messages import _
from forensics.trade.exchange.flat import Export, LeftOut
from forensics.trade.exchange.geojson import seizure_object
from forensics.trade.record import Seizure

__all__ = ["EVENT_TYPE", "write"]

EVENT_TYPE = "wildlife_seizure"


def write(seizures: Iterable[Seizure]) -> Export:
    """Return the seizures as events.

    Each has ``event_type``, ``title``, ``time``, ``priority``, ``state``, ``location`` (where the place is
    known) and ``event_details``: the whole record.
    """
    events: list[dict[str, object]] = []
    left: list[LeftOut] = []
    written = set()
    for seizure in seizures:
        date = seizure.get("date") or ""
        if day_of(date) is None:
            left.append(
                LeftOut(seizure.id, seizure.get("reference") or "", "", _("an event needs a day"))
            )
            continue
        event: dict[str, object] = {
            "event_type": EVENT_TYPE,
            "title": _title(seizure),
            "time": f"{date}T00:00:00+00:00",
            "priority": 0,
            "state": "new",
            "event_details": seizure_object(seizure),
        }
        if seizure.get("latitude") is not None and seizure.get("longitude") is not None:
            event["location"] = {
                "latitude": seizure.get("latitude"), "longitude": seizure.get("longitude"),
            }  # fmt: skip
        events.append(event)
        written.add(seizure.id)
    text = json.dumps(events, ensure_ascii=False, allow_nan=False, indent=1)
    return Export(text.encode(), len(events), frozenset(written), tuple(left))


def _title(seizure: Seizure) -> str:
    taxa = dict.fromkeys(
        specimen.get("species") for specimen in seizure.specimens if specimen.get("species")
    )
    parts = [seizure.get("reference"), ", ".join(taxa), seizure.get("country")]
    return " · ".join(part for part in parts if part) or EVENT_TYPE
