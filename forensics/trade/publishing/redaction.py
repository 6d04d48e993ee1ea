"""What a record may tell: fields for the Parties, and which seizures belong to an open case."""

import re
from collections.abc import Iterable

from forensics.trade.record import Seizure, Specimen
from forensics.trade.store import Store
from forensics.trade.vocabulary import FIELDS, countries, terms, units, values

__all__ = ["PARTIES_SEIZURE", "PARTIES_SPECIMEN", "coded", "open_seizures", "unlinked_seizures"]

PARTIES_SEIZURE = (
    "country", "agency", "reason", "transport", "concealment", "detection", "departure", "transit",
    "destination", "sanction", "basis",
)  # fmt: skip
"""Fields of a seizure for the Parties besides its month: codes and values of lists, never free text."""
PARTIES_SPECIMEN = (
    "species",
    "term",
    "unit",
    "origin",
    "disposal",
    "appendix",
    "source",
    "purpose",
)

_TAXON = re.compile(r"[A-Z][a-z]{2,}(?: [a-z]{2,}(?:-[a-z]+)?){0,2}(?: spp?\.)?")
"""A scientific name: of a genus or above, a species, a subspecies."""


def coded(record: Seizure | Specimen, name: str) -> str | None:
    """Return the value of a field if it is a code or value of its list, else None.

    A name of a person that someone typed into a field for an agency is in no list.
    """
    field, text = FIELDS[name], record.get(name)
    if text is None:
        return None
    text = str(text)
    if field.kind == "country":
        return text if text in countries() else None
    if field.kind == "countries":
        return "; ".join(code for code in text.split("; ") if code in countries()) or None
    if field.kind == "term":
        return text if text in terms() else None
    if field.kind == "unit":
        return text if text in units() else None
    if field.kind == "value":
        return text if text in values()[field.list] else None
    if field.kind == "taxon":
        return text if _TAXON.fullmatch(text) else None
    raise ValueError(f"{name} is free text")


def open_seizures(store: Store, closed: Iterable[str] = ()) -> frozenset[int]:
    """Return the seizures that only the secretariat may see.

    A seizure that is tied to a case, an exhibit or a finding counts as open unless all cases that it is
    tied to are named as closed: a ledger never says of a case that it has ended.
    """
    closed = frozenset(closed)
    cases: dict[int, set[str]] = {}
    for link in store.table("links"):
        names = cases.setdefault(link["seizure"], set())
        if link["kind"] == "case":
            names.add(link["name"])
    return frozenset(number for number, names in cases.items() if not names or names - closed)


def unlinked_seizures(store: Store) -> frozenset[int]:
    """Return the seizures that are tied to nothing: nobody said whether a case of them is open."""
    linked = {link["seizure"] for link in store.table("links")}
    return frozenset(seizure.id for seizure in store.seizures() if seizure.id not in linked)
