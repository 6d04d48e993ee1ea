"""ETIS, the Elephant Trade Information System: a row a seizure, in its 44 columns.

ETIS keeps pieces and weight of raw ivory, worked ivory, hides, hide products and others, each added up over the
seizure. What it has no column for, and what cannot be added up, is reported.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from forensics.messages import _
from forensics.trade.exchange.flat import Export, LeftOut, flat
from forensics.trade.exchange.tables import table_bytes
from forensics.trade.listing import name_of
from forensics.trade.record import Seizure, Specimen, number_text
from forensics.trade.vocabulary import terms, units

__all__ = ["COLUMNS", "KINDS", "kind_of", "write"]

COLUMNS = (
    "ETIS ID No.", "Folio number", "Status ID", "Updated at", "Report Date", "Seizure year",
    "Seizure Date", "Source of Data", "Agency", "Source grade", "Data Rank", "Activities",
    "Discovered place", "Discovered city", "Cty Dis", "Cty Org", "Raw country codes",
    "Worked country codes", "Cty Exp", "Cty Tra", "Cty Des", "Species", "Raw Iv No. Pcs",
    "Raw Iv Wt (kg)", "Worked Iv No. Pcs", "Worked Iv Wt (kg)", "Ivory comment", "Hide/skin No. Pcs",
    "Hide/skin Wt (kg)", "Hide Product No. Pcs", "Hide Product Wt (kg)", "Hide Product",
    "Other No. Pcs", "Other Wt (kg)", "Other Product Type", "Other contraband", "Estimated value",
    "Mode of transport", "Method of concealment", "Detection methods", "Susp Nat",
    "Additional information", "Mode of data collection", "Internal reference code",
)  # fmt: skip
"""Columns of ETIS Online's table, in its order."""

KINDS = {
    "Raw Iv": ("TUS", "IVP"),
    "Worked Iv": ("IVC", "IJW", "KEY"),
    "Hide/skin": ("SKI", "SKP", "SID"),
    "Hide Product": ("LPS", "LPL"),
    "Other": (),
}
"""Groups of columns and their terms; the first is what a row that is read back is called."""
# Two columns of text say what the things are; a group of ivory or hide says it by itself.
_WORDS = {"Hide Product": "Hide Product", "Other": "Other Product Type"}
_ELEPHANTS = {"Loxodonta", "Elephas", "Elephantidae", "Proboscidea"}
_SEIZURE_COLUMNS = {
    "Seizure Date": "date", "Agency": "agency", "Activities": "reason", "Discovered place": "place",
    "Discovered city": "admin1", "Cty Dis": "country", "Cty Exp": "departure", "Cty Tra": "transit",
    "Cty Des": "destination", "Mode of transport": "transport", "Method of concealment": "concealment",
    "Detection methods": "detection", "Susp Nat": "nationality",
    "Additional information": "information", "Internal reference code": "reference",
}  # fmt: skip
_NO_COLUMN = ("law", "sanction", "latitude", "longitude", "disposal", "appendix", "source", "purpose",
              "description", "quantity_text")  # fmt: skip


def kind_of(term: str | None) -> str:
    """Return the group of columns into which a term goes.

    Examples
    --------
    >>> kind_of("TUS"), kind_of("IJW"), kind_of("HAI")
    ('Raw Iv', 'Worked Iv', 'Other')
    """
    return next((name for name, codes in KINDS.items() if term in codes), "Other")


def write(seizures: Iterable[Seizure], *, ending: str = "csv") -> Export:
    """Return the seizures of elephant specimens as ETIS has them.

    Parameters
    ----------
    seizures : iterable of Seizure
    ending : str
        ``csv`` or ``xlsx``.
    """
    rows: list[Sequence[object]] = []
    left: list[LeftOut] = []
    written = set()
    for seizure in seizures:
        reference = seizure.get("reference") or ""
        mine = [specimen for specimen in seizure.specimens if _of_elephants(specimen)]
        for specimen in seizure.specimens:
            if specimen not in mine:
                left.append(LeftOut(seizure.id, reference, "", _("no elephant")))
        if mine:
            written.add(seizure.id)
            row, lost = _row(seizure, mine)
            rows.append([row.get(name, "") for name in COLUMNS])
            left += [LeftOut(seizure.id, reference, name, why) for name, why in lost]
    return Export(table_bytes(COLUMNS, rows, ending), len(rows), frozenset(written), tuple(left))


def _of_elephants(specimen: Specimen) -> bool:
    species = specimen.get("species")
    return bool(species) and bool(_ELEPHANTS & set(name_of(species, None).levels))


def _row(seizure: Seizure, mine: list[Specimen]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    fields = flat(seizure, mine[0])
    row: dict[str, object] = {column: fields[name] for column, name in _SEIZURE_COLUMNS.items()}
    row["Seizure year"] = int(fields["date"][:4]) if fields["date"][:4].isdigit() else ""
    lost = []
    for name in _NO_COLUMN:
        shared = {flat(seizure, specimen)[name] for specimen in mine} - {""}
        if shared:
            lost.append((name, _("ETIS has no such column")))
    groups: dict[str, list[Specimen]] = {}
    for specimen in mine:
        groups.setdefault(kind_of(specimen.get("term")), []).append(specimen)
    species = _several(specimen.get("species") for specimen in mine)
    row["Species"] = "; ".join(species)
    if len(species) > 1:
        lost.append(("species", _("ETIS has one column for all specimens")))
    for name, column in (("Raw Iv", "Raw country codes"), ("Worked Iv", "Worked country codes")):
        row[column] = "; ".join(
            _several(specimen.get("origin") for specimen in groups.get(name, ()))
        )
    row["Cty Org"] = "; ".join(_several(specimen.get("origin") for specimen in mine))
    for name, members in groups.items():
        lost += _amounts(row, name, members)
    worths = [
        (specimen.get("value"), specimen.get("currency"))
        for specimen in mine
        if specimen.get("value") is not None
    ]
    currencies = {currency for _value, currency in worths}
    if len(currencies) == 1:
        total = number_text(sum(value for value, _currency in worths))
        row["Estimated value"] = f"{total} {currencies.pop() or ''}".strip()
    elif currencies:
        lost.append(("value", _("values in several currencies cannot be added up")))
    return row, lost


def _several(values: Iterable[str | None]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _amounts(row: dict[str, Any], name: str, members: list[Specimen]) -> list[tuple[str, str]]:
    """Fill pieces and weight of a group; return what could not be put there."""
    lost: list[tuple[str, str]] = []
    pieces: list[float] = []
    weight: list[float] = []
    for member in members:
        if KINDS[name] and member.get("term") != KINDS[name][0]:
            lost.append(("term", _("ETIS does not tell it from other specimens of its group")))
        unit = units().get(member.get("unit") or "")
        if member.low is None or member.low != member.high or member.get("approximate"):
            lost.append(("quantity", _("ETIS has no ranges and no estimates")))
            continue
        if unit is None or unit.factor is None or unit.dimension not in ("mass", "count"):
            lost.append(("quantity", _("ETIS has pieces and kilograms only")))
            continue
        (weight if unit.dimension == "mass" else pieces).append(member.low * unit.factor)
        if member.get("pieces") is not None:
            if unit.dimension == "mass":
                pieces.append(member.get("pieces"))
            else:  # they are counted already, and no weight
                lost.append(("pieces", _("ETIS has no such column")))
        if unit.code not in ("kg", "no."):
            lost.append(("unit", _("put into kilograms or pieces")))
    if len(members) > 1:
        lost.append(("quantity", _("several specimens of a group are added up")))
    if pieces:
        row[f"{name} No. Pcs"] = sum(pieces)
    if weight:
        row[f"{name} Wt (kg)"] = sum(weight)
    if name in _WORDS:
        codes = _several(member.get("term") for member in members)
        row[_WORDS[name]] = "; ".join(
            terms()[code].name if code in terms() else code for code in codes
        )
        if name == "Hide Product":
            row[_WORDS[name]] = "; ".join(codes)
    return lost
