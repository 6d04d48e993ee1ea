"""Records as flat rows of text, a specimen a row, and which rows were one seizure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from forensics.trade.record import Seizure, Specimen, quantity_text, stated
from forensics.trade.vocabulary import FIELDS, SEIZURE_FIELDS, SPECIMEN_FIELDS

__all__ = ["Export", "LeftOut", "flat", "record_rows"]


class LeftOut(NamedTuple):
    """What a format could not carry: a record, or a field of it."""

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
    left_out : tuple of LeftOut
    """

    data: bytes
    records: int
    left_out: tuple[LeftOut, ...] = ()


def flat(seizure: Seizure, specimen: Specimen) -> dict[str, str]:
    """Return the fields of a specimen and its seizure as text, and what is no field.

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


def record_rows(seizures: Iterable[Seizure]) -> Iterator[tuple[Seizure, Specimen, Mapping]]:
    """Yield each specimen with its seizure and its flat row."""
    for seizure in seizures:
        for specimen in seizure.specimens:
            yield seizure, specimen, flat(seizure, specimen)
