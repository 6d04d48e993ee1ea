"""Seizure records for others, and back: each format says what it cannot carry.

``aitr``     annual illegal trade report of a Party, CSV or XLSX, a row a specimen; with all columns nothing is lost.
             Fields 7 and 16 of the form, place with country and amount with currency, take two columns each, so
             that no text must be taken apart again.
``etis``     Elephant Trade Information System, 44 columns: a row a seizure of elephant specimens. Pieces and weight of
             raw ivory, worked ivory, hides, hide products and others are added up over the seizure; what it has no
             column for, and what cannot be added up, is reported.
``geojson``  RFC 7946: a feature a seizure; nothing is lost. The point is where the seizure happened, not where the
             animal lived; a seizure without a place has no geometry.

References
----------
CITES, Resolution Conf. 11.17 (Rev.), National reports; guidelines for the annual illegal trade report. The value
lists of the form are not at hand: those of this package are marked official or proposed.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from forensics.core.grouping import grouped
from forensics.io.numbers import defused, year_of
from forensics.io.tables import xlsx_bytes
from forensics.messages import N_, _
from forensics.trade.checks import find_faults
from forensics.trade.listing import name_of
from forensics.trade.mapping import EXTRA_LABELS
from forensics.trade.problems import ERROR, WARNING, Problem
from forensics.trade.record import (
    WAITING,
    Seizure,
    Specimen,
    counted_part,
    number_text,
    quantity_text,
    seized_part,
    stated,
)
from forensics.trade.store import Store
from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS, terms, unit_meant

WAITS = N_("it waits for a decision")
_ASIDE = N_("it was set aside")
_TRADE = N_("a line of the legal trade")


class LeftOut(NamedTuple):
    """What a format could not carry: a record (no field), or a field of it."""

    seizure: int
    reference: str
    field: str
    why: str


class Export(NamedTuple):
    """A file for others.

    Attributes
    ----------
    data : bytes
    records : int
        Rows or features in it.
    written : frozenset of int
        Seizures of which it has any.
    left_out : tuple of LeftOut
    seizures : int
        That were looked at.
    faults : mapping of int to list of Problem
        Errors of seizures, but for those that were left out for another reason. A report has none of these
        seizures; the other formats have them as they are, if they are of the year.
    warnings : mapping of str to int
        Of the seizures that are in it, by code.
    """

    data: bytes
    records: int
    written: frozenset[int]
    left_out: tuple[LeftOut, ...] = ()
    seizures: int = 0
    faults: Mapping[int, list[Problem]] = MappingProxyType({})
    warnings: Mapping[str, int] = MappingProxyType({})

    @property
    def waiting(self) -> bool:
        """Whether something was left out since it waits for a decision."""
        return any(record.why == _(WAITS) for record in self.left_out)


def flat(seizure: Seizure, specimen: Specimen) -> dict[str, str]:
    """Return the fields of a specimen and its seizure as text, and what is not a field.

    The words of a quantity are added where they differ from what the quantity is written as.
    """
    row = {name: stated(seizure.values, name) for name in SEIZURE_FIELDS}
    row |= {name: stated(specimen.values, name) for name in SPECIMEN_FIELDS}
    words = specimen.text("quantity_text")
    return {
        **{name: row[name] for name in FIELDS},
        "quantity_text": words if words != quantity_text(specimen.values) else "",
        "seizure": str(seizure.id),
    }


def select_seizures(
    seizures: Iterable[Seizure],
    left: list[LeftOut],
    *,
    year: int | None = None,
    trade: bool = False,
) -> Iterator[Seizure]:
    """Yield what belongs into an export; what does not is added to `left`, each with the reason.

    Parameters
    ----------
    seizures : iterable of Seizure
    left : list of LeftOut
    year : int, optional
        Of the date of seizure; default: all. One whose year is not known may be of it.
    trade : bool
        Also lines of the legal trade, for a format that says what a record is of.
    """
    for seizure in seizures:
        reference = seizure.text("reference")
        known = year_of(seizure.get("date"))
        if year is not None and known not in (None, year):
            why = _("not in the year of the report")
            left.append(LeftOut(seizure.id, reference, "", why))
            continue
        part = counted_part(seizure)
        if part is not seizure:
            standings = {specimen.standing for specimen in seizure.specimens} | {seizure.standing}
            why = WAITS if WAITING in standings else _ASIDE
            left.append(LeftOut(seizure.id, reference, "", _(why)))
            if part is None:
                continue
            seizure = part
        if not trade:
            part = seized_part(seizure)
            if part is not seizure:
                left.append(LeftOut(seizure.id, reference, "", _(_TRADE)))
            if part is None:
                continue
            seizure = part
        yield seizure


def _table_bytes(header: Sequence[str], rows: Iterable[Sequence[object]], ending: str) -> bytes:
    """Return a table as ``xlsx``, or as CSV in UTF-8 with the mark by which spreadsheet programs know it."""
    if ending == "xlsx":
        return xlsx_bytes(header, rows, title="report")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    for row in (header, *rows):
        # Under their places: names of columns may repeat.
        safe = defused({str(place): value for place, value in enumerate(row)})
        writer.writerow(
            [number_text(value) if isinstance(value, float) else value for value in safe.values()]
        )
    return stream.getvalue().encode("utf-8-sig")


LANGUAGES = {"en": 0, "fr": 1, "pt": 2}
"""Languages of the names of columns."""


def aitr_columns(*, everything: bool = False, language: str = "en") -> dict[str, str]:
    """Return the names of the columns by field, in the order of the form.

    Parameters
    ----------
    everything : bool
        Also what the form does not ask for.
    language : str
        One of `LANGUAGES`.
    """
    place = LANGUAGES[language]
    labels = {
        name: field.labels[place] for name, field in FIELDS.items() if field.number or everything
    }
    if everything:
        labels |= {name: EXTRA_LABELS[name][place] for name in ("quantity_text", "seizure")}
    return labels


def write_aitr(
    seizures: Iterable[Seizure],
    *,
    ending: str = "csv",
    everything: bool = False,
    language: str = "en",
) -> Export:
    """Return the report.

    Parameters
    ----------
    seizures : iterable of Seizure
    ending : str
        ``csv`` or ``xlsx``.
    everything : bool
        With all columns; then nothing is lost.
    language : str
        Of the names of columns.
    """
    names = aitr_columns(everything=everything, language=language)
    rows: list[list[object]] = []
    left: list[LeftOut] = []
    written = set()
    each = ((seizure, specimen) for seizure in seizures for specimen in seizure.specimens)
    for seizure, specimen in each:
        row = flat(seizure, specimen)
        lost = [] if everything else [
            (name, _("the form has no such field"))
            for name in FIELDS
            if name not in names and row[name] and name != "basis"
        ]  # fmt: skip
        if any(row[name] for name in names):
            rows.append([_aitr_cell(name, specimen, seizure, row[name]) for name in names])
            written.add(seizure.id)
        else:  # an empty row is none to a spreadsheet program
            lost.append(("", _("it has nothing that the form asks for")))
        left += [LeftOut(seizure.id, row["reference"], name, why) for name, why in lost]
    data = _table_bytes(list(names.values()), rows, ending)
    return Export(data, len(rows), frozenset(written), tuple(left))


def _aitr_cell(name: str, specimen: Specimen, seizure: Seizure, text: str) -> object:
    """Return a number where the value is one, else its text."""
    if name == "quantity":
        low = specimen.low
        exact = low is not None and low == specimen.high and not specimen.get("approximate")
        return low if exact else text
    if name in FIELDS and FIELDS[name].is_number:
        holder = seizure if FIELDS[name].level == "seizure" else specimen
        return holder.get(name)
    return text


ETIS_COLUMNS = (
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

ETIS_KINDS = {
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
    return next((name for name, codes in ETIS_KINDS.items() if term in codes), "Other")


def write_etis(seizures: Iterable[Seizure], *, ending: str = "csv") -> Export:
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
        reference = seizure.text("reference")
        mine = [specimen for specimen in seizure.specimens if _of_elephants(specimen)]
        for specimen in seizure.specimens:
            if specimen not in mine:
                left.append(LeftOut(seizure.id, reference, "", _("no elephant")))
        if mine:
            written.add(seizure.id)
            row, lost = _etis_row(seizure, mine)
            rows.append([row.get(name, "") for name in ETIS_COLUMNS])
            left += [LeftOut(seizure.id, reference, name, why) for name, why in lost]
    return Export(
        _table_bytes(ETIS_COLUMNS, rows, ending), len(rows), frozenset(written), tuple(left)
    )


def _of_elephants(specimen: Specimen) -> bool:
    species = specimen.get("species")
    return bool(species) and bool(_ELEPHANTS & set(name_of(species, None).levels))


def _etis_row(
    seizure: Seizure, mine: list[Specimen]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    fields = flat(seizure, mine[0])
    row: dict[str, object] = {column: fields[name] for column, name in _SEIZURE_COLUMNS.items()}
    row["Seizure year"] = int(fields["date"][:4]) if fields["date"][:4].isdigit() else ""
    lost = []
    flats = [flat(seizure, specimen) for specimen in mine]
    for name in _NO_COLUMN:
        if any(flat_row[name] for flat_row in flats):
            lost.append((name, _("ETIS has no such column")))
    groups = grouped(mine, lambda specimen: kind_of(specimen.get("term")))
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
        if ETIS_KINDS[name] and member.get("term") != ETIS_KINDS[name][0]:
            lost.append(
                ("term", _("ETIS does not distinguish it from other specimens of its group"))
            )
        unit = unit_meant(member.text("unit"))
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
            terms()[code].names[0] if code in terms() else code for code in codes
        )
        if name == "Hide Product":
            row[_WORDS[name]] = "; ".join(codes)
    return lost


def seizure_object(seizure: Seizure) -> dict[str, Any]:
    """Return a seizure with its specimens as plain values that `sheets.json_sheet` reads back."""
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


def write_geojson(seizures: Iterable[Seizure]) -> Export:
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


class Format(NamedTuple):
    """A format: what writes it, and whether it has everything, right or wrong, or is a report."""

    write: Callable[..., Export]
    everything: bool = False


FORMATS = {
    "aitr": Format(write_aitr),
    "etis": Format(write_etis),
    "geojson": Format(write_geojson, everything=True),
}
"""Formats by name; a report is a table, as CSV or XLSX."""


def export_store(store: Store, name: str, *, year: int | None = None, **options: Any) -> Export:
    """Return the records of a store in a format; a report has none with an error.

    Parameters
    ----------
    store : Store
    name : str
        One of `FORMATS`.
    year : int, optional
        Of the date of seizure; default: all.
    **options
        Of the function that writes the format.
    """
    seizures = store.seizures(everything=True)
    faults = find_faults(store, year=year, severities=(ERROR, WARNING))
    return export_seizures(seizures, name, year=year, faults=faults, **options)


def export_seizures(
    seizures: Iterable[Seizure],
    name: str,
    *,
    year: int | None = None,
    faults: Mapping[int, list[Problem]] = MappingProxyType({}),
    **options: Any,
) -> Export:
    """Return records in a format; see `export_store`.

    Parameters
    ----------
    seizures : iterable of Seizure
    name : str
    year : int, optional
    faults : mapping of int to list of Problem
        Errors and warnings by seizure.
    **options
        Of the function that writes the format.
    """
    everything = FORMATS[name].everything or bool(options.get("everything"))
    given, left = list(seizures), list[LeftOut]()
    chosen = list(select_seizures(given, left, year=year, trade=everything))
    found = {}
    for seizure in chosen:
        errors = [fault for fault in faults.get(seizure.id, ()) if fault.severity == ERROR]
        if errors:
            found[seizure.id] = errors
    chosen = [
        seizure
        for seizure in chosen
        if everything and (year is None or year_of(seizure.get("date"))) or seizure.id not in found
    ]
    made = FORMATS[name].write(chosen, **options)
    warnings = Counter(
        fault.code
        for seizure in made.written
        for fault in faults.get(seizure, ())
        if fault.severity == WARNING
    )
    return made._replace(
        left_out=(*left, *made.left_out), seizures=len(given), faults=found, warnings=warnings,
    )  # fmt: skip
