"""Records as flat rows of text, a specimen a row, and which rows were one seizure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from forensics.io.dates import year_of
from forensics.messages import N_, _
from forensics.trade.record import (
    COUNTED,
    WAITING,
    Problem,
    Seizure,
    Specimen,
    quantity_text,
    seized_part,
    stated,
)
from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS

__all__ = ["WAITS", "Export", "LeftOut", "flat", "record_rows", "select_seizures"]

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
        Rows, features or events in it.
    written : frozenset of int
        Seizures of which it has any.
    left_out : tuple of LeftOut
    seizures : int
        That were looked at.
    faults : mapping of int to list of Problem
        Errors of seizures, but for those that were left out for another reason. A report has none of these
        seizures; the other formats have them as they are, if they are of the year.
    waiting : bool
        Whether something was left out since it waits for a decision.
    warnings : mapping of str to int
        Of the seizures that are in it, by code.
    """

    data: bytes
    records: int
    written: frozenset[int]
    left_out: tuple[LeftOut, ...] = ()
    seizures: int = 0
    faults: Mapping[int, list[Problem]] = MappingProxyType({})
    waiting: bool = False
    warnings: Mapping[str, int] = MappingProxyType({})


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
        Of the date of seizure; default: all. One whose year is not known may be of it.
    trade : bool
        Also lines of the legal trade, for a format that says what a record is of.
    """
    for seizure in seizures:
        reference = str(seizure.get("reference") or "")
        known = year_of(seizure.get("date"))
        if year is not None and known not in (None, year):
            why = _("not in the year of the report")
            left.append(LeftOut(seizure.id, reference, "", why))
            continue
        kept = tuple(specimen for specimen in seizure.specimens if specimen.standing == COUNTED)
        if seizure.standing != COUNTED or len(kept) < len(seizure.specimens):
            standings = {specimen.standing for specimen in seizure.specimens} | {seizure.standing}
            why = WAITS if WAITING in standings else _ASIDE
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
        yield seizure


def record_rows(
    seizures: Iterable[Seizure],
) -> Iterator[tuple[Seizure, Specimen, Mapping[str, Any]]]:
    """Yield each specimen with its seizure and its flat row."""
    for seizure in seizures:
        for specimen in seizure.specimens:
            yield seizure, specimen, flat(seizure, specimen)
