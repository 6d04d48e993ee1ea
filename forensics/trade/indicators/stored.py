"""Records of a store (`forensics.trade.records`) as the table that indicators take."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forensics.errors import UsageError
from forensics.io.dates import year_of
from forensics.messages import _
from forensics.store.connections import is_sqlite
from forensics.trade.conversion import Factors, packaged_factors
from forensics.trade.frames import records
from forensics.trade.indicators.equivalents import factors_note, with_animals
from forensics.trade.indicators.seizures import Seizures, read_seizures, seizures_of
from forensics.trade.record import ASIDE, TRADE_REPORT, WAITING
from forensics.trade.standing import uncounted
from forensics.trade.store import open_store

if TYPE_CHECKING:
    import pandas

__all__ = ["open_seizures", "seizures_of_records"]

_AS_THEY_ARE = (
    "date", "species", "term", "unit", "origin", "country", "place", "departure", "transit",
    "destination",
)  # fmt: skip


def open_seizures(path: str | os.PathLike[str], *, factors: Factors | None = None) -> Seizures:
    """Return the seizures of a store, or of a table (`read_seizures`); the content tells which.

    Parameters
    ----------
    path : path
    factors : Factors, optional
        By which rows are converted to animals, where they do not say how many they stand for;
        default: the packaged ones.

    Raises
    ------
    InputError, VerificationError, UsageError
        If it is neither, or nothing in it can be counted.
    """
    if not is_sqlite(path):
        return with_animals(read_seizures(path), factors=factors)
    with open_store(path) as store:
        frame = records(store, factors=factors)
        files = list(dict.fromkeys((file["name"], file["sha256"]) for file in store.table("files")))
        left_out = list(uncounted(store))
    seizures = seizures_of_records(frame, source=str(path), files=files, factors=factors)
    notes = []
    for standing, text in (
        (WAITING, _("Records that look like totals and wait for a decision, left out: {count} (seizures {numbers}).")),
        (ASIDE, _("Records that were set aside, left out: {count} (seizures {numbers}).")),
    ):  # fmt: skip
        numbers = [record.seizure for record in left_out if record.standing == standing]
        if numbers:
            notes.append((_("Records"), text.format(count=len(numbers), numbers=_listed(numbers))))
    return replace(seizures, notes=(*notes, *seizures.notes))


MAX_NAMED = 20
"""Seizures that a note names by their numbers; of more it says how many there are."""


def _listed(numbers: Sequence[int]) -> str:
    """Return numbers of seizures, the first of them, for a note."""
    shown = ", ".join(str(number) for number in dict.fromkeys(numbers[:MAX_NAMED]))
    return f"{shown} …" if len(numbers) > MAX_NAMED else shown


def seizures_of_records(
    frame: "pandas.DataFrame",
    *,
    source: str = "records",
    files: list[tuple[str, str]] | tuple[Any, ...] = (),
    factors: Factors | None = None,
) -> Seizures:
    """Return the seizures that have a date and a taxon; what is left out is reported in the notes.

    What is a seizure `record.is_of_seizure` says: of lines of the legal trade those of source I alone.
    A quantity stated as a range is taken at its middle, one with an open end as not known.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `forensics.trade.records` gives it.
    source : str
        For messages.
    files : sequence of (str, str)
        Name and SHA-256 of what the records were read from.
    factors : Factors, optional
        Those by which the animals of `frame` were reckoned.

    Raises
    ------
    UsageError
        If no record is of a seizure with a date and a taxon.
    """
    seized = frame["is_seizure"].astype(bool)
    traded = int((~seized & (frame["basis"] == TRADE_REPORT)).sum())
    unclear = int((~seized).sum()) - traded
    frame = frame[seized]
    undated, unnamed = frame["date"].map(year_of).isna(), frame["species"].isna()
    kept = frame[~undated & ~unnamed]
    if not len(kept):
        raise UsageError(
            _(
                "{path}: no seizure has a date and a taxon; nothing can be counted. Lines of the legal "
                "trade: {traded}."
            ).format(path=source, traded=traded)
        )
    confiscated = int((kept["basis"] == TRADE_REPORT).sum())
    table = kept[list(_AS_THEY_ARE)].copy()
    # The id keeps apart what different files call by one reference.
    table["reference"] = [
        f"{number}: {reference or ''}"
        for number, reference in zip(kept["seizure"], kept["reference"])
    ]
    table["quantity"] = (kept["quantity_low"] + kept["quantity_high"]) / 2
    closed = kept["animals_low"].notna() & kept["animals_high"].notna()
    middle = kept["animals"].fillna((kept["animals_low"] + kept["animals_high"]) / 2)
    for name, values in (("animals", middle), ("animals_low", kept["animals_low"]),
                         ("animals_high", kept["animals_high"])):  # fmt: skip
        table[name] = values.where(closed)
    ranges = kept["quantity_low"] < kept["quantity_high"]
    numbers = frame.loc[undated, "seizure"].unique().tolist()
    remarks = (
        (
            traded,
            _("Specimens in lines of the legal trade, which are no seizures, left out: {count}."),
        ),
        (
            confiscated,
            _(
                "Specimens in lines of the legal trade with source I (confiscated or seized), counted as "
                "seizures: {count}."
            ),
        ),
        (unclear, _("Specimens whose basis is in no list, left out: {count}.")),
        (
            len(numbers),
            _(
                "Seizures without a date, left out: {count} (seizures {numbers}): it is missing or cannot be read."
            ).replace("{numbers}", _listed(numbers)),
        ),
        ((unnamed & ~undated).sum(), _("Specimens without a taxon, left out: {count}.")),
        (
            ranges.sum(),
            _("Quantities stated as ranges, taken at their middle: {count}."),
        ),
    )
    notes = [(_("Records"), text.format(count=int(count))) for count, text in remarks if count]
    if closed.any():
        notes.append(factors_note(int(closed.sum()), len(kept), factors or packaged_factors()))
    return seizures_of(table.reset_index(drop=True), source=source, files=files, notes=notes)
