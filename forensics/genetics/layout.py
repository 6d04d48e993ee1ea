"""Tables of genotypes: their cells, each distinct one kept once, what their columns are, and where animals were found.

The rule
--------
1. Options come first: `animal`, `population`, … name their columns; `loci` names all loci
   (patterns such as ``"Fca*"``), `haploid` those of one copy, `fields` what is not a locus.
2. Animal, population, unit, site, latitude and longitude are known by their names.
3. A table has loci of one form, the first of these that occurs:

   a. two columns a locus (``L, L.1``; ``L, L``; ``L_1, L_2``; ``L.a, L.b``; a merged header);
   b. one column with a sign between the alleles (``138/140``), the same sign in all loci;
   c. dosages 0, 1, 2 under a name that tells the alleles (``rs7-C/T``, PLINK's ``rs7_T``);
   d. ``138140`` or ``AG``, in at least two columns.

4. A column left of the first locus that is not of that form is a field. So is a column of words.
   A column right of the first locus that could be genotypes of another form is refused, with the
   options that settle it; so are numbers alone, where no locus of these forms is found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.genetics.cells import (
    NEVER_LOCI,
    ROLES,
    SEPARATORS,
    ZEROS,
    Cells,
    allele,
    broken,
    counted_allele,
    glued,
    is_missing,
    matches,
    number_of,
    pair_of,
    parted,
    plain_name,
    role_of,
)
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.options import ReadingOptions
from forensics.genetics.sources import (
    OptionError,
    identity_of,
    listed,
    open_source,
    refuse,
    refuse_repeated_loci,
)
from forensics.io.numbers import LETTERS, Axis, parse_degrees, printable
from forensics.io.tables import (
    Row,
    Source,
    choose_sheet,
    describe_unread_sheets,
    gather_rows,
    is_frame,
    read_sheets,
    rows_of_frame,
)
from forensics.messages import _, ngettext

if TYPE_CHECKING:
    import pandas

_SAMPLED = 2000  # different texts of a column that are looked at
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


@dataclass(frozen=True, eq=False)
class Table:
    """A header and its rows.

    Attributes
    ----------
    header : tuple of str, length C
    cells : Cells
        n rows of C cells.
    lines : tuple of int, length n
        Line (or row of the sheet) in which each row stands.
    other_sheets : tuple of str
        Titles of the other sheets of a workbook that are not empty.
    """

    header: tuple[str, ...]
    cells: Cells
    lines: tuple[int, ...]
    source: str | None
    other_sheets: tuple[str, ...] = ()

    def note_unread_sheets(self, sheet: str | None) -> tuple[str, ...]:
        """Return a note of the sheets that were not read, where none was chosen."""
        if sheet is not None or not self.other_sheets:
            return ()
        return (describe_unread_sheets(self.other_sheets),)


def read_source(source: Source, *, sheet: str | None = None) -> Table:
    """Read a table whose cells are separated by tabulators, semicolons, commas or blanks, or a workbook.

    Raises
    ------
    InputError
        If it cannot be read as a table; see `forensics.io.tables.gather_rows`.
    """
    sheets = read_sheets(source, blanks=True, padded=True, damaged=True)
    rows, others = choose_sheet(sheets, source, sheet=sheet, first=True)
    return _gather(rows, source.label, others)


def read_frame(frame: "pandas.DataFrame") -> Table:
    """Read a DataFrame; a named index, or one that is not 0, 1, 2…, is the first column."""
    return _gather(rows_of_frame(frame), "DataFrame")


def _gather(rows: Iterable[Row], source: str | None, others: tuple[str, ...] = ()) -> Table:
    stream = gather_rows(rows, source)
    cells = Cells(len(stream.header), source=source)
    lines = []
    for row in stream.rows:
        cells.add(row.cells)
        lines.append(row.line)
    cells.close()
    return Table(stream.header, cells, tuple(lines), source, others)


@dataclass(frozen=True)
class LocusColumns:
    """A locus of a table.

    Attributes
    ----------
    columns : tuple of int
        One or two places in the header.
    form : str
        ``two`` columns, a separator (``/``, ``:``, ``|``, ``-``, ``,``), ``glued``, ``dosage``
        or ``single`` (one copy).
    """

    name: str
    columns: tuple[int, ...]
    form: str


@dataclass(frozen=True)
class Layout:
    """What the columns of a table are: `roles` and `fields` by name, places in the header."""

    roles: dict[str, int]
    loci: tuple[LocusColumns, ...]
    fields: dict[str, int]


@lru_cache(maxsize=1 << 13)
def _shape(text: str) -> str:
    """Return the form of one cell: a name of `LocusColumns.form`, or ``missing``, ``text``…"""
    text = text.strip()
    if is_missing(text):
        return "missing"
    if text in ZEROS:
        return "zero"
    for mark in SEPARATORS:
        halves = parted(text, mark)
        if halves and all(
            not half or is_missing(half) or allele(half) is not None for half in halves
        ):
            whole = all("." not in half and "," not in half for half in halves)
            if mark != "," or whole:
                return mark
    if number_of(text) is not None:
        return "dosage" if number_of(text) in ("1", "2") else "number"
    if glued(text):
        return "letters"
    return "base" if allele(text) is not None else "text"


class _Profile:
    """What is in a column: distinct texts, and how many of them have each shape."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.shapes = texts, Counter(map(_shape, texts))

    def share(self, *shapes: str) -> float:
        """Share of `shapes` among what is neither missing nor zero."""
        filled = sum(n for shape, n in self.shapes.items() if shape not in ("missing", "zero"))
        return sum(self.shapes.get(shape, 0) for shape in shapes) / filled if filled else 0.0

    @property
    def empty(self) -> bool:
        return not set(self.shapes) - {"missing", "zero"}

    @property
    def blank(self) -> bool:
        return not set(self.shapes) - {"missing"}

    @property
    def mark(self) -> str | None:
        """The sign between the alleles, where at least half of the texts have it."""
        marks = [mark for mark in SEPARATORS if mark in self.shapes]
        best = max(marks, key=lambda mark: self.shapes[mark], default=None)
        return best if best and self.share(best) >= 0.5 else None

    @property
    def dosage(self) -> bool:
        return not set(self.shapes) - {"missing", "zero", "dosage"} and not self.blank

    @property
    def is_single(self) -> bool:
        """Whether most cells could be one allele."""
        return self.empty or self.share("number", "dosage", "base", ",") >= 0.5

    @property
    def all_glued(self) -> bool:
        filled = [text for text in self.texts if _shape(text) not in ("missing", "zero")]
        return bool(filled) and all(glued(text) for text in filled)


def lay_out(table: Table, options: ReadingOptions) -> Layout:
    """Find the loci and the other columns of a table.

    Raises
    ------
    OptionError
        If a column that an option names is not there.
    InputError
        If two columns claim one role, no animals or no loci are found, a locus has one of its
        two columns, or a column could be a locus and nothing settles it.
    """
    header = table.header
    cells = table.cells
    profiles = [
        _Profile(cells.distinct(column)[:_SAMPLED]) for column in cells.columns(range(len(header)))
    ]
    for option in ("loci", "haploid", "fields"):
        for pattern in getattr(options, option):
            if not any(
                matches(name, (pattern,)) or matches(_stem(header, place), (pattern,))
                for place, name in enumerate(header)
            ):
                raise OptionError(
                    option,
                    _("option {option}: no column is called {name}. Columns: {found}"),
                    table.source,
                    name=printable(pattern),
                    found=_listed(header),
                )
    roles = find_roles(table, options.named)
    rest = [
        place
        for place in range(len(header))
        if place not in roles.values() and not (profiles[place].blank and not header[place])
    ]
    columns_of_loci = _Finder(table, profiles, rest, options).find()
    used = {place for locus in columns_of_loci for place in locus.columns}
    others = {}
    for place in rest:
        if place not in used:
            name = header[place] or _("column {number}").format(number=place + 1)
            while name in others:
                name += "*"
            others[name] = place
    return Layout(roles, tuple(columns_of_loci), others)


def _stem(header: Sequence[str], place: int) -> str:
    """Return the locus that a column and the next one name, or the column's own name."""
    if place + 1 < len(header):
        pair = pair_of(header[place], header[place + 1])
        if pair:
            return pair[0]
    return header[place]


def _listed(names: Sequence[str]) -> str:
    return listed(names, 8)


def find_roles(table: Table, named: Mapping[str, str | None]) -> dict[str, int]:
    """Return the columns of animals, populations and places: names of `ROLES` to places.

    Raises
    ------
    InputError, OptionError
        As `lay_out`.
    """
    header = table.header
    roles: dict[str, int] = {}
    for role, name in named.items():
        if name is None:
            continue
        places = [place for place, title in enumerate(header) if title == str(name)]
        if not places:
            places = [
                place
                for place, title in enumerate(header)
                if plain_name(title) == plain_name(str(name))
            ]
        if len(places) != 1:
            raise OptionError(
                role,
                _("option {option}: {count} columns are called {name}. Columns: {found}"),
                table.source,
                count=len(places),
                name=printable(str(name)),
                found=_listed(header),
            )
        roles[role] = places[0]
    taken = set(roles.values())
    known = [role_of(name) for name in header]
    for role in ROLES:
        if role in roles:
            continue
        places = [
            place
            for place, known_role in enumerate(known)
            if place not in taken and known_role == role
        ]
        if len(places) > 1:
            raise refuse(
                table.source,
                _("columns {found} could each be the {role}. Say which with the option {role}"),
                found=_listed([header[place] for place in places]),
                role=role,
            )
        if places:
            roles[role] = places[0]
            taken.add(places[0])
    if "animal" not in roles:
        if header[0] == "" and 0 not in taken:
            roles["animal"] = 0
        else:
            raise refuse(
                table.source,
                _(
                    "no column names the animals. Columns: {found}. Call it animal, sample or id, "
                    "or name it with the option animal"
                ),
                found=_listed(header),
            )
    return roles


class _Finder:
    """The search for loci among the columns without a role."""

    def __init__(
        self,
        table: Table,
        profiles: Sequence[_Profile],
        rest: Sequence[int],
        options: ReadingOptions,
    ) -> None:
        self.table, self.header, self.profiles = table, table.header, profiles
        self.rest, self.options = rest, options

    def find(self) -> list[LocusColumns]:
        options = self.options
        kept = [place for place in self.rest if not matches(self.header[place], options.fields)]
        single = [place for place in kept if matches(self.header[place], options.haploid)]
        kept = [place for place in kept if place not in set(single)]
        loci = self._named(kept) if options.loci else self._recognised(kept)
        loci += [LocusColumns(self.header[place], (place,), "single") for place in single]
        loci.sort(key=lambda locus: locus.columns)
        if not loci:
            raise refuse(
                self.table.source,
                _(
                    "no locus was found. Columns: {found}. Genotypes are expected as 138/140 in "
                    "one column, as two columns a locus (Fca8, Fca8.1), or as 0, 1, 2; name the "
                    "columns with the option loci"
                ),
                found=_listed(self.header),
            )
        refuse_repeated_loci([locus.name for locus in loci], self.table.source)
        return loci

    def _pairs(self, places: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Return the second column and the locus of each first column of a pair."""
        stems: dict[str, int] = {}
        for place in range(len(self.header) - 1):
            pair = pair_of(self.header[place], self.header[place + 1])
            if pair and not pair[1]:
                stem = pair[0]
                stems[stem] = (
                    sum(
                        name.startswith(stem)
                        and name[len(stem) :].strip("._- ").isalnum()
                        and len(name) - len(stem) <= 3
                        for name in self.header
                    )
                    if len(self.header) < 2000
                    else 2
                )
        pairs: dict[int, tuple[int, str]] = {}
        candidates, taken = set(places), set()
        for place in places:
            second = place + 1
            if place in taken or second not in candidates:
                continue
            pair = pair_of(self.header[place], self.header[second])
            if not pair or not (self.profiles[place].is_single and self.profiles[second].is_single):
                continue
            if not pair[1] and stems.get(pair[0], 0) != 2:
                continue
            if not self.header[second] and self.profiles[second].blank:
                continue
            pairs[place] = (second, pair[0])
            taken |= {place, second}
        return pairs

    def _named(self, kept: Sequence[int]) -> list[LocusColumns]:
        """The loci that the option names."""
        loci = []
        pairs = self._pairs(kept)
        done = set()
        for place in kept:
            if place in done:
                continue
            if place in pairs:
                second, stem = pairs[place]
                if any(matches(name, self.options.loci) for name in (stem, self.header[place])):
                    loci.append(LocusColumns(stem, (place, second), "two"))
                    done |= {place, second}
                    continue
            if not matches(self.header[place], self.options.loci):
                continue
            profile = self.profiles[place]
            if profile.mark:
                form = profile.mark
            elif profile.all_glued:
                form = "glued"
            elif counted_allele(self.header[place]) or profile.dosage:
                form = "dosage"
            elif any("/" in text for text in profile.texts):
                form = "/"  # labels of other kinds: H1/H2
            else:
                form = "single"
            loci.append(LocusColumns(self.header[place], (place,), form))
        return loci

    def _recognised(self, kept: Sequence[int]) -> list[LocusColumns]:
        """Return the loci by their cells; all of a table have one form, the surest that is there."""
        kept = [place for place in kept if plain_name(self.header[place]) not in NEVER_LOCI]
        if pairs := self._pairs(kept):
            loci = [
                LocusColumns(stem, (place, second), "two")
                for place, (second, stem) in pairs.items()
            ]
            self._refuse(kept, loci, half=True)
            return loci
        form, places = self._common_form(kept)
        loci = [LocusColumns(self.header[place], (place,), form) for place in places]
        self._refuse(kept, loci)
        return loci

    def _common_form(self, kept: Sequence[int]) -> tuple[str, list[int]]:
        """Return the form of the loci that have one column, and their places."""
        profiles = self.profiles
        marks = {place: mark for place in kept if (mark := profiles[place].mark)}
        if marks:
            return self._common_mark(marks), self._fill_gaps(marks, kept)
        dosages = [
            place
            for place in kept
            if counted_allele(self.header[place])
            and (profiles[place].share("dosage") >= 0.5 or profiles[place].empty)
        ]
        if dosages:
            return "dosage", dosages
        joined = [place for place in kept if profiles[place].all_glued]
        return "glued", self._fill_gaps(joined, kept) if len(joined) >= 2 else []

    def _fill_gaps(self, places: Iterable[int], kept: Sequence[int]) -> list[int]:
        """Return the places of loci, with the empty columns between them."""
        chosen = set(places)
        first, last = min(chosen), max(chosen)
        return [
            place
            for place in kept
            if place in chosen or (first < place < last and self.profiles[place].empty)
        ]

    def _common_mark(self, marks: Mapping[int, str]) -> str:
        """Return the sign between the alleles, which must be the same in all columns."""
        by_number = sorted(set(marks.values()), key=list(marks.values()).count)
        if len(by_number) > 1:
            odd = next(place for place, mark in marks.items() if mark == by_number[0])
            raise refuse(
                self.table.source,
                _(
                    "column {name} has {odd} between two numbers where other columns have "
                    "{common}. If it is not a locus, name it with the option fields; if it is one, "
                    "name all loci with the option loci"
                ),
                name=self.header[odd],
                odd=repr(by_number[0]),
                common=repr(by_number[-1]),
            )
        return by_number[0]

    def _refuse(
        self, kept: Sequence[int], loci: Sequence[LocusColumns], *, half: bool = False
    ) -> None:
        """Refuse columns that could be loci of another form."""
        used = {place for locus in loci for place in locus.columns}
        first = min(used, default=-1)
        for place in kept:
            profile = self.profiles[place]
            if place in used or place < first or profile.blank:
                continue
            could_be = profile.is_single or profile.mark or profile.dosage or profile.all_glued
            if not could_be:
                continue
            text = _(
                "column {name} has numbers or bases ({example}) that may or may not be "
                "genotypes. If it is not a locus, name it with the option fields; if it is one, "
                "name all loci with the option loci (one copy each: haploid)"
            )
            if half:
                text = _(
                    "column {name} is single, and the other loci have two columns. If its "
                    "second column is missing, add it; if the locus has one copy, name it with "
                    "the option haploid; if it is not a locus, with the option fields"
                )
            examples = [text for text in profile.texts if not is_missing(text)]
            raise refuse(
                self.table.source, text, name=self.header[place], example=listed(examples, 3)
            )


def name_animals(table: Table, layout: Layout) -> tuple[list[str], list[int], tuple[str, ...]]:
    """Return the names of all rows, the rows to keep, and notes."""
    names = [name.strip() for name in table.cells.column(layout.roles["animal"])]
    first: dict[str, int] = {}
    keep, twice = [], []
    for row, name in enumerate(names):
        if not name:
            raise refuse(
                table.source,
                _("the animal of this row has no name; each animal needs one"),
                table.lines[row],
            )
        if name not in first:
            first[name] = row
            keep.append(row)
        elif table.cells.row(row) == table.cells.row(first[name]):
            twice.append(name)
        else:
            text = _(
                "animal {name} is in the table twice, with different rows (the first is line "
                "{line}). Each animal has one row; give repeated typings separate names"
            )
            raise refuse(
                table.source, text, table.lines[row], name=name, line=table.lines[first[name]]
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
                names=listed(twice),
            ),
        )
    return names, keep, notes


# -- places ----------------------------------------------------------------------------


def degrees(text: str, *, most: float, animal: str, column: str, source: str | None) -> float:
    """Return degrees; NaN where the cell is empty or one of `MISSING_COORDINATES`.

    As `forensics.io.numbers.parse_degrees` reads them (``12.5 S``, ``12°30'S``). 999, 9999 and 99999 of
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
                "animal {animal}, column {column}: {found} is not degrees. Write it like -12.3456, "
                "12.3456 {letter} or 12°20.7'{letter}"
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
            "{count} animal is at latitude 0, longitude 0, in the sea; is its place unknown? "
            "{names}",
            "{count} animals are at latitude 0, longitude 0, in the sea; are their places "
            "unknown? {names}",
            int(zero.sum()),
        ),
    )
    coded = (latitudes == _ALLELE_CODE) & (longitudes == _ALLELE_CODE)
    note(
        coded,
        ngettext(
            "{count} animal is at latitude -9, longitude -9, in the sea. If -9 means an unknown "
            "place, leave these cells empty: {names}",
            "{count} animals are at latitude -9, longitude -9, in the sea. If -9 means an "
            "unknown place, leave these cells empty: {names}",
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
                "{count} animal is far from the others, but near them with latitude and "
                "longitude exchanged: {names}",
                "{count} animals are far from the others, but near them with latitude and "
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
