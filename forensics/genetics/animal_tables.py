"""What a table says of animals beside their genotypes: names, populations, places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError
from forensics.genetics.columns import Layout, find_roles
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.places import degrees, located
from forensics.genetics.sources import open_source
from forensics.genetics.tables import Table, read_frame, read_source
from forensics.io.cells import printable
from forensics.io.sheets import describe_unread_sheets
from forensics.io.tables import is_frame
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas

__all__ = ["add_places", "name_animals", "note_unread_sheets", "read_facts"]


def note_unread_sheets(table: Table, sheet: str | None) -> tuple[str, ...]:
    """Return a note of the sheets that were not read, where none was chosen."""
    if sheet is not None or not table.other_sheets:
        return ()
    return (describe_unread_sheets(table.other_sheets),)


def name_animals(table: Table, layout: Layout) -> tuple[list[str], list[int], tuple[str, ...]]:
    """Return the names of all rows, the rows to keep, and notes."""
    names = [name.strip() for name in table.cells.column(layout.roles["animal"])]
    first: dict[str, int] = {}
    keep, twice = [], []
    for row, name in enumerate(names):
        if not name:
            raise InputError(
                _("the animal of this row has no name; each animal needs one"),
                source=table.source,
                line=table.lines[row],
            )
        if name not in first:
            first[name] = row
            keep.append(row)
        elif table.cells.row(row) == table.cells.row(first[name]):
            twice.append(name)
        else:
            raise InputError(
                _(
                    "animal {name} is in the table twice, with different rows (the first is line "
                    "{line}). Each animal has one row; give repeated typings names of their own"
                ).format(name=printable(name), line=table.lines[first[name]]),
                source=table.source,
                line=table.lines[row],
            )
    notes: tuple[str, ...] = ()
    if twice:
        notes = (
            ngettext(
                "{count} row repeats an earlier one exactly and was left out: {names}",
                "{count} rows repeat earlier ones exactly and were left out: {names}",
                len(twice),
            ).format(
                count=len(twice),
                names=", ".join(map(printable, twice[:5])) + (" …" if len(twice) > 5 else ""),
            ),
        )
    return names, keep, notes


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a table says of its animals beside their genotypes; None where it has no such column.

    Attributes
    ----------
    populations, units : tuple of str, length n, or None
    latitudes, longitudes : numpy.ndarray of float64, shape (n,), or None
    fields : dict of str to tuple of str, length n
    """

    populations: tuple[str, ...] | None
    units: tuple[str, ...] | None
    latitudes: np.ndarray | None
    longitudes: np.ndarray | None
    fields: dict[str, tuple[str, ...]]


def read_facts(
    table: Table, layout: Layout, animals: Sequence[str]
) -> tuple[_Facts, tuple[str, ...]]:
    """Return what a table says of its animals beside their genotypes, and notes."""
    populations, notes = _read_names(table, layout, "population")
    units, more = _read_names(table, layout, "unit")
    fields = {name: tuple(table.cells.column(place)) for name, place in layout.fields.items()}
    if "site" in layout.roles:
        fields["site"] = tuple(text.strip() for text in table.cells.column(layout.roles["site"]))
    latitudes, longitudes, odd = _read_coordinates(table, layout, animals)
    return _Facts(populations, units, latitudes, longitudes, fields), notes + more + odd


def _read_names(
    table: Table, layout: Layout, role: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return the population or unit of each animal, and notes."""
    if role not in layout.roles:
        return None, ()
    place = layout.roles[role]
    names = [text.strip() for text in table.cells.column(place)]
    notes: tuple[str, ...] = ()
    if coded := names.count("NA"):
        notes = (
            ngettext(
                "{count} animal has NA in the column {column}, which is read as unknown; if it is "
                "the code of Namibia, write the name in full",
                "{count} animals have NA in the column {column}, which is read as unknown; if it is "
                "the code of Namibia, write the name in full",
                coded,
            ).format(count=coded, column=printable(table.header[place])),
        )
    return tuple("" if name in ("NA", "N/A", "NaN", "nan") else name for name in names), notes


def _read_coordinates(
    table: Table, layout: Layout, animals: Sequence[str]
) -> tuple[np.ndarray | None, np.ndarray | None, tuple[str, ...]]:
    """Return the latitudes and longitudes of the animals, and notes."""
    roles = [role for role in ("latitude", "longitude") if role in layout.roles]
    if len(roles) == 1:
        raise InputError(
            _(
                "there is a column for the {found} and none for the other coordinate; name it "
                "with the option latitude or longitude"
            ).format(found=roles[0]),
            source=table.source,
        )
    if not roles:
        return None, None, ()
    latitudes, longitudes = (
        np.array(
            [
                degrees(
                    text,
                    most=limit,
                    animal=animal,
                    column=table.header[layout.roles[role]],
                    source=table.source,
                )
                for animal, text in zip(animals, table.cells.column(layout.roles[role]))
            ]
        )
        for role, limit in (("latitude", 90.0), ("longitude", 180.0))
    )
    return located(latitudes, longitudes, tuple(animals))


def add_places(
    genotypes: Genotypes, places: "object | pandas.DataFrame", named: Mapping[str, str | None]
) -> Genotypes:
    """Return the genotypes with what a second table says of the animals.

    Raises
    ------
    InputError
        If the table cannot be read, or does not name all animals.
    """
    second = {"file": "", "sha256": ""}
    if is_frame(places):
        table = read_frame(places)
    else:
        with open_source(places) as opened:
            table = read_source(opened)
            second = {
                "file": PurePath(opened.name).name if opened.name else "",
                "sha256": opened.sha256,
            }
    named = {role: name for role, name in named.items() if name not in ("first", "last")}
    roles = find_roles(table, named)
    used = set(roles.values())
    layout = Layout(
        roles,
        (),
        {name: place for place, name in enumerate(table.header) if place not in used and name},
    )
    names, keep, notes = name_animals(table, layout)
    facts, more = read_facts(table, layout, names)
    row_of = {names[row]: row for row in keep}
    lost = [name for name in genotypes.animals if name not in row_of]
    if lost:
        raise InputError(
            _(
                "{count} of {all} animals are not in this table, the first is {name}. The table "
                "names {example}; names must be equal in both files"
            ).format(
                count=len(lost),
                all=len(genotypes),
                name=printable(lost[0]),
                example=printable(names[0]),
            ),
            source=table.source,
        )
    rows = [row_of[name] for name in genotypes.animals]
    read_with = genotypes.read_with
    return replace(
        genotypes,
        populations=genotypes.populations
        if facts.populations is None
        else tuple(facts.populations[row] for row in rows),
        units=genotypes.units if facts.units is None else tuple(facts.units[row] for row in rows),
        latitudes=genotypes.latitudes if facts.latitudes is None else facts.latitudes[rows],
        longitudes=genotypes.longitudes if facts.longitudes is None else facts.longitudes[rows],
        fields=dict(genotypes.fields)
        | {name: tuple(values[row] for row in rows) for name, values in facts.fields.items()},
        notes=genotypes.notes + notes + more + note_unread_sheets(table, None),
        read_with=None if read_with is None else {**read_with, "places": second},
    )
