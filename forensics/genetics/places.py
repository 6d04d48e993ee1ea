"""Where animals were found, and what else a table says of them beside their genotypes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.genetics.cells import broken
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.layout import (
    Layout,
    Table,
    find_roles,
    name_animals,
    read_frame,
    read_source,
)
from forensics.genetics.sources import identity_of, listed, open_source, refuse
from forensics.io.numbers import LETTERS, Axis, parse_degrees, printable
from forensics.io.tables import is_frame
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas


# Cells that say "no coordinate", compared without case and blanks. Codes of missing alleles such as -9 and -99 are
# not among them: both are coordinates.
MISSING_COORDINATES = frozenset(
    ["", "na", "n/a", "nan", "none", "null", "nd", ".", "?", "??", "-", "--", "n", "nn"]
)
# Numbers that no coordinate can be, by which programs and people say "missing" (SCAT: -999).
_MISSING_NUMBERS = frozenset([999.0, 9999.0, 99999.0])
# The code of a missing allele of STRUCTURE and PLINK; as both coordinates it is a place in the South Atlantic.
_ALLELE_CODE = -9.0

# A place farther from the middle of the others than this, in degrees of latitude plus longitude,
# that comes at least four times nearer when its two numbers change places.
SWAP_DISTANCE = 20.0
_SWAP_RATIO = 4.0


def degrees(text: str, *, most: float, animal: str, column: str, source: str | None) -> float:
    """Return degrees; NaN where the cell is empty or one of `MISSING_COORDINATES`.

    Decimal points and commas, a sign or a letter (``12.5 S``); minutes are refused. 999, 9999 and 99999 of
    either sign count as missing.

    Raises
    ------
    InputError
        With the animal and the column, if it is no such number or beyond `most`.
    """
    text = text.strip()
    if text.casefold() in MISSING_COORDINATES:
        return np.nan
    axis: Axis = "latitude" if most == 90 else "longitude"
    try:
        if broken(text):
            raise ValueError(text)
        value = parse_degrees(text, axis)
    except ValueError:
        raise refuse(
            source,
            _(
                "animal {animal}, column {column}: {found} is not decimal degrees. Write it like "
                "-12.3456 or 12.3456 {letter}, without minutes and seconds"
            ),
            animal=animal,
            column=column,
            found=repr(printable(text)),
            letter=LETTERS[axis][1],
        ) from None
    if abs(value) in _MISSING_NUMBERS:
        return np.nan
    if abs(value) > most:
        raise refuse(
            source,
            _(
                "animal {animal}, column {column}: {found} is beyond {most} degrees. Are latitude "
                "and longitude exchanged, or are these metres of a projection? Degrees (WGS 84) "
                "are expected; if it is not a coordinate, name the right columns with the options "
                "latitude and longitude"
            ),
            animal=animal,
            column=column,
            found=printable(text),
            most=int(most),
        )
    return value


def located(
    latitudes: np.ndarray, longitudes: np.ndarray, animals: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return coordinates of which both are known, and notes on what is odd.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    animals : sequence of str, length n
    """
    notes: list[str] = []

    def note(which: np.ndarray, text: str) -> None:
        if which.any():
            names = listed([animals[row] for row in np.flatnonzero(which).tolist()])
            notes.append(text.format(count=int(which.sum()), names=names))

    half = np.isnan(latitudes) != np.isnan(longitudes)
    note(
        half,
        ngettext(
            "{count} animal has only one of its two coordinates; it counts as without a "
            "place: {names}",
            "{count} animals have only one of their two coordinates; they count as without a "
            "place: {names}",
            int(half.sum()),
        ),
    )
    unknown = np.isnan(latitudes) | np.isnan(longitudes)
    latitudes = np.where(unknown, np.nan, latitudes)
    longitudes = np.where(unknown, np.nan, longitudes)
    zero = (latitudes == 0) & (longitudes == 0)
    note(
        zero,
        ngettext(
            "{count} animal lies at latitude 0, longitude 0, in the sea: is its place "
            "unknown? {names}",
            "{count} animals lie at latitude 0, longitude 0, in the sea: are their places "
            "unknown? {names}",
            int(zero.sum()),
        ),
    )
    coded = (latitudes == _ALLELE_CODE) & (longitudes == _ALLELE_CODE)
    note(
        coded,
        ngettext(
            "{count} animal lies at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
            "place, leave these cells empty: {names}",
            "{count} animals lie at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
            "place, leave these cells empty: {names}",
            int(coded.sum()),
        ),
    )
    if not unknown.all():
        middle = np.nanmedian(latitudes), np.nanmedian(longitudes)
        here = np.abs(latitudes - middle[0]) + np.abs(longitudes - middle[1])
        there = np.abs(longitudes - middle[0]) + np.abs(latitudes - middle[1])
        with np.errstate(invalid="ignore"):
            swapped = (here > SWAP_DISTANCE) & (there * _SWAP_RATIO < here) & ~zero
        note(
            swapped,
            ngettext(
                "{count} animal lies far from the others, and near them with latitude and "
                "longitude exchanged: {names}",
                "{count} animals lie far from the others, and near them with latitude and "
                "longitude exchanged: {names}",
                int(swapped.sum()),
            ),
        )
    return latitudes, longitudes, tuple(notes)


def read_facts(
    table: Table, layout: Layout, animals: Sequence[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a table says of its animals, by the fields of `Genotypes`, and notes.

    What it has no column for is None.
    """
    populations, notes = _read_names(table, layout, "population")
    units, more = _read_names(table, layout, "unit")
    fields = {name: tuple(table.cells.column(place)) for name, place in layout.fields.items()}
    if "site" in layout.roles:
        fields["site"] = tuple(text.strip() for text in table.cells.column(layout.roles["site"]))
    latitudes, longitudes, odd = _read_coordinates(table, layout, animals)
    facts = {
        "populations": populations, "units": units, "latitudes": latitudes,
        "longitudes": longitudes, "fields": fields,
    }  # fmt: skip
    return facts, notes + more + odd


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
        raise refuse(
            table.source,
            _(
                "there is a column for the {found} and none for the other coordinate; name it "
                "with the option latitude or longitude"
            ),
            found=roles[0],
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
    return located(latitudes, longitudes, animals)


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
            second = identity_of(opened)
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
        raise refuse(
            table.source,
            _(
                "{count} of {all} animals are not in this table, the first is {name}. The table "
                "names {example}; names must be equal in both files"
            ),
            count=len(lost),
            all=len(genotypes),
            name=lost[0],
            example=printable(names[0]),
        )
    rows = [row_of[name] for name in genotypes.animals]
    known: dict[str, Any] = {
        name: values[rows] if isinstance(values, np.ndarray) else tuple(values[row] for row in rows)
        for name, values in facts.items()
        if name != "fields" and values is not None
    }
    fields = {name: tuple(values[row] for row in rows) for name, values in facts["fields"].items()}
    read_with = genotypes.read_with
    return replace(
        genotypes,
        fields={**genotypes.fields, **fields},
        notes=genotypes.notes + notes + more + table.note_unread_sheets(None),
        read_with=None if read_with is None else {**read_with, "places": second},
        **known,
    )
