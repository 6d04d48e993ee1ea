"""Records as flat rows of text, a specimen a row, and which rows were one seizure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from forensics.io.dates import year_of
from forensics.messages import N_, _
from forensics.trade.record import (
    COUNTED,
    WAITING,
    Seizure,
    Specimen,
    quantity_text,
    seized_part,
    stated,
)
from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS

__all__ = ["UNDATED", "Export", "LeftOut", "flat", "record_rows", "select_seizures"]

UNDATED = "undated"
"""Code of a record that is left out of a year because its date is missing or cannot be read."""
_WAITS = N_("it waits for a decision: it looks like a total")
_ASIDE = N_("it was set aside")
_TRADE = N_("a line of the legal trade")


class LeftOut(NamedTuple):
    """What a format could not carry: a record, or a field of it; a code where it has a cause of its own."""

    seizure: int
    reference: str
    field: str
    why: str
    code: str = ""


class Export(NamedTuple):
    """A file for others.

    Attributes
    ----------
    data : bytes
    records : int
        Rows, features or events in it.
    left_out : tuple of LeftOut
    """

    data: bytes
    records: int
    left_out: tuple[LeftOut, ...] = ()


def flat(seizure: Seizure, specimen: Specimen) -> dict[str, str]:
    """Return the fields of a specimen and its seizure as text, and what is not a field.

    The words of a quantity are added where they differ from what the quantity is written as.
    """
    row = {name: stated(seizure.values, name) for name in SEIZURE_FIELDS}
    row |= {name: stated(specimen.values, name) for name in SPECIMEN_FIELDS}
    return {**{name: row[name] for name in FIELDS}, **_more(seizure, specimen)}


def _more(seizure: Seizure, specimen: Specimen) -> dict[str, str]:
    words = specimen.get("quantity_text") or ""
    return {
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
        Of the date of seizure; default: all.
    trade : bool
        Also lines of the legal trade, for a format that says what a record is of.
    """
    for seizure in seizures:
        reference = str(seizure.get("reference") or "")
        kept = tuple(specimen for specimen in seizure.specimens if specimen.standing == COUNTED)
        if seizure.standing != COUNTED or len(kept) < len(seizure.specimens):
            standings = {specimen.standing for specimen in seizure.specimens} | {seizure.standing}
            why = _WAITS if WAITING in standings else _ASIDE
            left.append(LeftOut(seizure.id, reference, "", _(why)))
            if seizure.standing != COUNTED:
                continue
            seizure = replace(seizure, specimens=kept)
        if not trade:
            part = seized_part(seizure)
            if part is not seizure:
                left.append(LeftOut(seizure.id, reference, "", _(_TRADE)))
            if part is None:
                continue
            seizure = part
        if year is not None:
            known = year_of(seizure.get("date"))
            if known is None:
                why = _("its date is missing or cannot be read, so that its year is not known")
                left.append(LeftOut(seizure.id, reference, "date", why, UNDATED))
            elif known != year:
                why = _("not in the year of the report")
                left.append(LeftOut(seizure.id, reference, "date", why))
            if known != year:
                continue
        yield seizure


def record_rows(
    seizures: Iterable[Seizure],
) -> Iterator[tuple[Seizure, Specimen, Mapping[str, Any]]]:
    """Yield each specimen with its seizure and its flat row."""
    for seizure in seizures:
        for specimen in seizure.specimens:
            yield seizure, specimen, flat(seizure, specimen)
