"""Links for analysts, CSV: legs of routes from country to country, and what a seizure is tied to.

A row a link, as programs for networks take it. It is made from the records and not read back.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from forensics.trade.exchange.flat import Export
from forensics.trade.exchange.tables import csv_bytes
from forensics.trade.record import Seizure, Specimen, quantity_text

__all__ = ["COLUMNS", "legs", "write"]

COLUMNS = (
    "from", "from_type", "to", "to_type", "link", "seizure", "reference", "date", "species", "term",
    "quantity", "unit",
)  # fmt: skip


def legs(seizure: Seizure, specimen: Specimen) -> list[tuple[str, str, str]]:
    """Return the legs of the route of a specimen: from, to, and between which steps.

    The country of the seizure is a step where it is not named as another one; a step that is not known is left
    out, and its neighbours are linked.

    Examples
    --------
    >>> kind = Specimen({"origin": "UG"})
    >>> legs(Seizure({"transit": "AE; MY", "country": "SG", "destination": "CN"}), kind)[0]
    ('UG', 'AE', 'origin-transit')
    """
    steps = [("origin", specimen.get("origin")), ("export", seizure.get("departure"))]
    steps += [("transit", code) for code in seizure.codes("transit")]
    named = {code for _step, code in steps} | {seizure.get("destination")}
    if seizure.get("country") not in named:
        steps.append(("seizure", seizure.get("country")))
    steps.append(("destination", seizure.get("destination")))
    known = [(step, code) for step, code in steps if code]
    return [
        (start, other, f"{first}-{second}")
        for (first, start), (second, other) in zip(known, known[1:])
        if start != other
    ]


def write(seizures: Iterable[Seizure], *, ties: Iterable[dict[str, Any]] = ()) -> Export:
    """Return the links.

    Parameters
    ----------
    seizures : iterable of Seizure
    ties : iterable of dict
        Rows of the table ``links`` of a store: cases, exhibits and findings.
    """
    of_seizure: dict[int, list[dict[str, Any]]] = {}
    for tie in ties:
        of_seizure.setdefault(tie["seizure"], []).append(tie)
    rows: list[list[str]] = []
    written = set()
    for seizure in seizures:
        rows += _rows(seizure, of_seizure.get(seizure.id, ()))
        written.add(seizure.id)
    return Export(csv_bytes(COLUMNS, rows), len(rows), frozenset(written))


def _rows(seizure: Seizure, ties: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    name = f"seizure {seizure.id}"
    about = [str(seizure.id), seizure.get("reference") or "", seizure.get("date") or ""]
    for specimen in seizure.specimens:
        what = [
            specimen.get("species") or "", specimen.get("term") or "",
            quantity_text(specimen.values), specimen.get("unit") or "",
        ]  # fmt: skip
        for leg, other, link in legs(seizure, specimen):
            yield [leg, "country", other, "country", link, *about, *what]
    nothing = ["", "", "", ""]
    for code in seizure.codes("nationality"):
        yield [name, "seizure", code, "country", "nationality", *about, *nothing]
    for tie in ties:
        yield [name, "seizure", tie["name"], tie["kind"], tie["kind"], *about, *nothing]
