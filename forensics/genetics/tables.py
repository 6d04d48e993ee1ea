"""Tables of genotypes as people keep them: CSV, spreadsheets, pandas; a row an animal.

`forensics.io.tables` reads the rows; here each distinct cell is kept once. What each column is
is found out as stated below.

Where an animal was found: degrees as people write them, and what is odd about them.

Finds the loci of a table, and what its other columns are.

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

From the cells of loci to alleles: what is missing, what is refused, who is named.

Zero
----
0 is not a length of a microsatellite and means "not typed" (GENEPOP). As a dosage it is a genotype. In
``0/1`` it may be either: with `zero` on ``auto``, it is missing where any number of the table is 10
or more, an allele where all numbers are 0 and 1 and both stand together in a genotype, and missing
where it stands only in ``0/0`` and numbers above 1 occur. Anything else is asked for.

What a table says of animals beside their genotypes: names, populations, places.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.cells import (
    MAX_FRAGMENT,
    NEVER_LOCI,
    ROLES,
    SEPARATORS,
    Cells,
    allele,
    broken,
    counted_allele,
    encode,
    glued,
    is_missing,
    matches,
    number_of,
    pair_of,
    parted,
    plain_name,
    role_of,
    same_ploidy,
)
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.sources import OptionError, open_source
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
        raise InputError(
            _(
                "animal {animal}, column {column}: {found} is not decimal degrees. Write it like "
                "-12.3456 or 12.3456 {letter}, without minutes and seconds"
            ).format(
                animal=printable(animal),
                column=printable(column),
                found=repr(printable(text)),
                letter=LETTERS[axis][1],
            ),
            source=source,
        ) from None
    if abs(value) in _MISSING_NUMBERS:
        return np.nan
    if abs(value) > most:
        raise InputError(
            _(
                "animal {animal}, column {column}: {found} is beyond {most} degrees. Are latitude "
                "and longitude exchanged, or are these metres of a projection? Degrees (WGS 84) "
                "are expected; if it is not a coordinate, name the right columns with the options "
                "latitude and longitude"
            ).format(
                animal=printable(animal),
                column=printable(column),
                found=printable(text),
                most=int(most),
            ),
            source=source,
        )
    return value


def located(
    latitudes: np.ndarray, longitudes: np.ndarray, animals: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return coordinates of which both are known, and notes on what is odd.

    Parameters
    ----------
    latitudes, longitudes : numpy.ndarray of float64, shape (n,)
    animals : tuple of str, length n
    """
    notes = []
    half = np.isnan(latitudes) != np.isnan(longitudes)
    if half.any():
        notes.append(
            ngettext(
                "{count} animal has only one of its two coordinates; it counts as without a "
                "place: {names}",
                "{count} animals have only one of their two coordinates; they count as without a "
                "place: {names}",
                int(half.sum()),
            ).format(count=int(half.sum()), names=_names(animals, half))
        )
    unknown = np.isnan(latitudes) | np.isnan(longitudes)
    latitudes = np.where(unknown, np.nan, latitudes)
    longitudes = np.where(unknown, np.nan, longitudes)
    zero = (latitudes == 0) & (longitudes == 0)
    if zero.any():
        notes.append(
            ngettext(
                "{count} animal lies at latitude 0, longitude 0, in the sea: is its place "
                "unknown? {names}",
                "{count} animals lie at latitude 0, longitude 0, in the sea: are their places "
                "unknown? {names}",
                int(zero.sum()),
            ).format(count=int(zero.sum()), names=_names(animals, zero))
        )
    coded = (latitudes == _ALLELE_CODE) & (longitudes == _ALLELE_CODE)
    if coded.any():
        notes.append(
            ngettext(
                "{count} animal lies at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
                "place, leave these cells empty: {names}",
                "{count} animals lie at latitude -9, longitude -9, in the sea. If -9 stands for an unknown "
                "place, leave these cells empty: {names}",
                int(coded.sum()),
            ).format(count=int(coded.sum()), names=_names(animals, coded))
        )
    if not unknown.all():
        middle = np.nanmedian(latitudes), np.nanmedian(longitudes)
        here = np.abs(latitudes - middle[0]) + np.abs(longitudes - middle[1])
        there = np.abs(longitudes - middle[0]) + np.abs(latitudes - middle[1])
        with np.errstate(invalid="ignore"):
            swapped = (here > SWAP_DISTANCE) & (there * _SWAP_RATIO < here) & ~zero
        if swapped.any():
            notes.append(
                ngettext(
                    "{count} animal lies far from the others, and near them with latitude and "
                    "longitude exchanged: {names}",
                    "{count} animals lie far from the others, and near them with latitude and "
                    "longitude exchanged: {names}",
                    int(swapped.sum()),
                ).format(count=int(swapped.sum()), names=_names(animals, swapped))
            )
    return latitudes, longitudes, tuple(notes)


def _names(animals: tuple[str, ...], which: np.ndarray, most: int = 5) -> str:
    rows = np.flatnonzero(which)
    shown = ", ".join(printable(animals[row]) for row in rows[:most])
    return shown + (" …" if len(rows) > most else "")


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


def read_source(source: Source, *, sheet: str | None = None) -> Table:
    """Read a table whose cells are separated by tabulators, semicolons, commas or blanks, or a workbook.

    Parameters
    ----------
    sheet : str, optional
        Title of the sheet of a workbook; default: the first one that is not empty.

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


_SAMPLED = 2000  # different texts of a column that are looked at
_ZEROS = frozenset(["0", "00", "000", "0000", "000000", "0.0"])


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
    if text in _ZEROS:
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


@dataclass(frozen=True)
class _Profile:
    shapes: dict[str, int]  # distinct texts by shape

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

    def all_glued(self, texts: Sequence[str]) -> bool:
        filled = [text for text in texts if _shape(text) not in ("missing", "zero")]
        return bool(filled) and all(glued(text) for text in filled)


def lay_out(
    table: Table,
    *,
    named: Mapping[str, str | None],
    loci: Sequence[str] | None,
    haploid: Sequence[str],
    fields: Sequence[str],
) -> Layout:
    """Find the loci and the other columns of a table.

    Parameters
    ----------
    named : dict
        From a key of `ROLES` to the name of its column, or None.
    loci, haploid, fields : sequence of str
        Names or patterns; `loci` None to find them.

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
    profiles, samples = [], []
    for column in cells.columns(range(len(header))):
        texts = cells.distinct(column)[:_SAMPLED]
        shapes: dict[str, int] = {}
        for text in texts:
            shape = _shape(text)
            shapes[shape] = shapes.get(shape, 0) + 1
        profiles.append(_Profile(shapes))
        samples.append(texts)
    for patterns, option in ((loci or (), "loci"), (haploid, "haploid"), (fields, "fields")):
        for pattern in patterns:
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
    roles = find_roles(table, named)
    rest = [
        place
        for place in range(len(header))
        if place not in roles.values() and not (profiles[place].blank and not header[place])
    ]
    finder = _Finder(table, profiles, samples, rest, loci, haploid, fields)
    columns_of_loci = finder.find()
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


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(printable(name) or '""' for name in names[:most])
    return shown + (" …" if len(names) > most else "")


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
            raise InputError(
                _(
                    "columns {found} could each be the {role}. Say which with the option {role}"
                ).format(found=_listed([header[place] for place in places]), role=role),
                source=table.source,
            )
        if places:
            roles[role] = places[0]
            taken.add(places[0])
    if "animal" not in roles:
        if header[0] == "" and 0 not in taken:
            roles["animal"] = 0
        else:
            raise InputError(
                _(
                    "no column names the animals. Columns: {found}. Call it animal, sample or id, "
                    "or name it with the option animal"
                ).format(found=_listed(header)),
                source=table.source,
            )
    return roles


class _Finder:
    """The search for loci among the columns without a role."""

    def __init__(
        self,
        table: Table,
        profiles: Sequence[_Profile],
        samples: Sequence[Sequence[str]],
        rest: Sequence[int],
        loci: Sequence[str] | None,
        haploid: Sequence[str],
        fields: Sequence[str],
    ) -> None:
        self.table, self.header, self.profiles = table, table.header, profiles
        self.samples, self.rest = samples, rest
        self.loci, self.haploid, self.fields = loci, haploid, fields

    def find(self) -> list[LocusColumns]:
        kept = [place for place in self.rest if not self._is(place, self.fields)]
        single = [place for place in kept if self._is(place, self.haploid)]
        kept = [place for place in kept if place not in set(single)]
        if self.loci is not None:
            loci = self._named(kept)
        else:
            loci = self._recognised(kept)
        loci += [LocusColumns(self.header[place], (place,), "single") for place in single]
        loci.sort(key=lambda locus: locus.columns)
        if not loci:
            raise InputError(
                _(
                    "no locus was found. Columns: {found}. Genotypes are expected as 138/140 in "
                    "one column, as two columns a locus (Fca8, Fca8.1), or as 0, 1, 2; name the "
                    "columns with the option loci"
                ).format(found=_listed(self.header)),
                source=self.table.source,
            )
        names = set()
        for locus in loci:
            if locus.name in names:
                raise InputError(
                    _("locus {name} is in the table twice; each locus has one name").format(
                        name=printable(locus.name)
                    ),
                    source=self.table.source,
                )
            names.add(locus.name)
        return loci

    def _is(self, place: int, patterns: Sequence[str] | None) -> bool:
        return patterns is not None and matches(self.header[place], patterns)

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
                if any(matches(name, self.loci or ()) for name in (stem, self.header[place])):
                    loci.append(LocusColumns(stem, (place, second), "two"))
                    done |= {place, second}
                    continue
            if not self._is(place, self.loci):
                continue
            profile = self.profiles[place]
            if profile.mark:
                form = profile.mark
            elif profile.all_glued(self.samples[place]):
                form = "glued"
            elif counted_allele(self.header[place]) or profile.dosage:
                form = "dosage"
            elif any("/" in text for text in self.samples[place]):
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
        joined = [place for place in kept if profiles[place].all_glued(self.samples[place])]
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
            raise InputError(
                _(
                    "column {name} has {odd} between two numbers where other columns have "
                    "{common}. If it is not a locus, name it with the option fields; if it is one, "
                    "name all loci with the option loci"
                ).format(
                    name=printable(self.header[odd]),
                    odd=repr(by_number[0]),
                    common=repr(by_number[-1]),
                ),
                source=self.table.source,
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
            could_be = (
                profile.is_single
                or profile.mark
                or profile.dosage
                or profile.all_glued(self.samples[place])
            )
            if not could_be:
                continue
            if half:
                raise InputError(
                    _(
                        "column {name} is single, and the other loci have two columns. If its "
                        "second column is missing, add it; if the locus has one copy, name it with "
                        "the option haploid; if it is not a locus, with the option fields"
                    ).format(name=printable(self.header[place])),
                    source=self.table.source,
                )
            raise InputError(
                _(
                    "column {name} holds numbers or bases ({example}) that may be genotypes or "
                    "not. If it is not a locus, name it with the option fields; if it is one, name "
                    "all loci with the option loci (one copy each: haploid)"
                ).format(
                    name=printable(self.header[place]),
                    example=_listed(
                        [text for text in self.samples[place] if not is_missing(text)], 3
                    ),
                ),
                source=self.table.source,
            )


LONE_CHOICES = ("half", "homozygote")
ZERO_CHOICES = ("auto", "missing", "allele")
_ALL_ZERO = frozenset(["0", "00", "000", "0000", "000000", "0.0"])
CODES_END = 10  # numbers below are codes of SNP alleles, not lengths


class _Odd(Exception):
    """A cell that is not a genotype; the text says why."""


def decode(
    cells: Cells,
    loci: Sequence[LocusColumns],
    animals: Sequence[str],
    *,
    missing: frozenset[str],
    zero: str,
    lone: str | None,
    any_label: bool,
    source: str | None,
) -> tuple[tuple[tuple[str, ...], ...], np.ndarray]:
    """Return the alleles and the codes of all loci.

    Parameters
    ----------
    cells : Cells
        n rows.
    loci : sequence of LocusColumns, length L
    animals : sequence of str, length n
        For messages.
    missing : frozenset of str
        Further texts, in lower case, that mean "not typed".
    zero : str
        One of `ZERO_CHOICES`.
    lone : str or None
        What one allele alone is in a cell that could hold two: one of `LONE_CHOICES`; None to
        refuse it.
    any_label : bool
        Whether alleles may be other than numbers and bases (the loci were named by the user).

    Returns
    -------
    alleles : tuple of tuples of str, length L
    codes : numpy.ndarray of int16, shape (n, L, 2)

    Raises
    ------
    InputError
        With the animal and the locus.
    """
    if lone is not None and lone not in LONE_CHOICES:
        raise UsageError(
            _("option lone: {found}. Expected one of: {expected}").format(
                found=lone, expected=", ".join(LONE_CHOICES)
            )
        )
    texts = cells.texts
    absent = [is_missing(text) or text.strip().casefold() in missing for text in texts]
    zero_is_allele = _zero_is_allele(cells, loci, absent, zero, animals, source)
    codes = np.empty((len(animals), len(loci), 2), dtype=np.int16)
    alleles = []
    places = [place for locus in loci for place in locus.columns]
    columns = cells.columns(places)
    lookup = {text: gone for text, gone in zip(texts, absent)}

    def gone(text: str) -> bool:
        is_gone = lookup.get(text)
        return (is_missing(text) or text.casefold() in missing) if is_gone is None else is_gone

    readers: dict[str, Callable[[str], tuple[str | None, ...]]] = {}

    for number, locus in enumerate(loci):
        own = [next(columns) for _place in locus.columns]
        key = locus.form
        counted = counted_allele(locus.name) if locus.form == "dosage" else None
        if counted:
            key = f"dosage {counted[1]}"
        if key not in readers:
            readers[key] = _reader(locus.form, counted, gone, zero_is_allele, any_label, lone)
        target = codes[:, number]
        try:
            labels = encode(texts, own, readers[key], target)
        except _Odd:
            _blame(texts, own, readers[key], animals, locus, source)
            raise  # not reached: the same cell is odd again
        except OverflowError as error:
            raise InputError(
                _("locus {locus}: {count} different alleles; is it a locus?").format(
                    locus=printable(locus.name), count=error.args[0]
                ),
                source=source,
            ) from None
        _check_labels(labels, target, animals, locus, source)
        if len(own) == 1:
            same_ploidy(target, animals, printable(locus.name), source)
        alleles.append(labels)
    return tuple(alleles), codes


def _reader(
    form: str,
    alleles: tuple[str, tuple[str, str]] | None,
    gone: Callable[[str], bool],
    zero_is_allele: bool,
    any_label: bool,
    lone: str | None,
) -> Callable[[str], tuple[str | None, ...]]:
    """Return the function that reads a cell of one form; results are remembered by text."""

    def label_of(text: str) -> str | None:
        text = text.strip()
        if gone(text) or (not zero_is_allele and text in _ALL_ZERO):
            return None
        return _label(text, any_label)

    def single(text: str) -> tuple[str | None, ...]:
        return (label_of(text),)

    def pair(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare) or (bare in _ALL_ZERO and not (zero_is_allele and bare == "0")):
            return (None, None)
        why = broken(bare)
        if why:  # 11-Dec would be two halves
            raise _Odd(_(why))
        halves = parted(bare, form)
        if halves:
            return label_of(halves[0]), label_of(halves[1])
        if bare.count(form) > 1:
            raise _Odd(_("{count} alleles").format(count=bare.count(form) + 1))
        label = label_of(bare)
        return (label,) if lone is None else (label, label if lone == "homozygote" else None)

    def joined(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare) or bare in _ALL_ZERO:
            return (None, None)
        halves = glued(bare)
        if halves is None:
            raise _Odd(_("not two alleles of three digits, or two bases"))
        return tuple(None if half == "000" else _label(half, any_label) for half in halves)

    def dosage(text: str) -> tuple[str | None, ...]:
        bare = text.strip()
        if gone(bare):
            return (None, None)
        count = number_of(bare)
        if count not in ("0", "1", "2"):
            raise _Odd(_("a dosage is 0, 1 or 2"))
        other, counted = alleles[1] if alleles else ("0", "1")
        return tuple([other] * (2 - int(count)) + [counted] * int(count))

    chosen = {"two": single, "single": single, "glued": joined, "dosage": dosage}.get(form, pair)
    known: dict[str, tuple[str | None, ...]] = {}

    def read(text: str) -> tuple[str | None, ...]:
        copies = known.get(text)
        if copies is None:
            copies = known[text] = chosen(text)
        return copies

    return read


def _label(text: str, any_label: bool) -> str:
    """Return the label of one allele.

    Raises
    ------
    _Odd
    """
    why = broken(text)
    if why:
        raise _Odd(_(why))
    number = number_of(text)
    if number is not None:
        if float(number) > MAX_FRAGMENT:
            raise _Odd(
                _(
                    "no fragment is longer than {most}; is the sign between two alleles missing?"
                ).format(most=MAX_FRAGMENT)
            )
        if len(number.partition(".")[2]) > 1:
            raise _Odd(_("a raw length; bin the lengths to whole alleles first"))
        return number
    label = allele(text)
    if label is not None:
        return label
    if any_label and not text.startswith(("-", "+")):
        return text
    if len([part for part in text.replace(":", "/").replace("|", "/").split("/") if part]) > 2:
        raise _Odd(_("more than two alleles"))
    raise _Odd(_("an allele is a number, or A, C, G or T"))


def _blame(
    texts: Sequence[str],
    columns: Sequence[np.ndarray],
    read: Callable[[str], tuple[str | None, ...]],
    animals: Sequence[str],
    locus: LocusColumns,
    source: str | None,
) -> None:
    """Raise for the first animal whose cell cannot be read."""
    why: dict[int, str | None] = {}
    for row, animal in enumerate(animals):
        for column in columns:
            cell = int(column[row])
            if cell not in why:
                try:
                    read(texts[cell])
                    why[cell] = None
                except _Odd as error:
                    why[cell] = str(error)
            if why[cell] is not None:
                raise InputError(
                    _("animal {animal}, locus {locus}: {found} ({why})").format(
                        animal=printable(animal),
                        locus=printable(locus.name),
                        found=repr(printable(texts[cell])),
                        why=why[cell],
                    ),
                    source=source,
                )


def _check_labels(
    labels: Sequence[str],
    codes: np.ndarray,
    animals: Sequence[str],
    locus: LocusColumns,
    source: str | None,
) -> None:
    """Refuse a locus of which some alleles are numbers and others are not."""
    if locus.form in ("dosage",):
        return
    numeric = np.array([number_of(label) is not None for label in labels], dtype=bool)
    if not labels or numeric.all() or not numeric.any():
        return
    number_count = np.where(codes >= 0, numeric[np.maximum(codes, 0)], False).sum()
    other_count = (codes >= 0).sum() - number_count
    odd = ~numeric if other_count <= number_count else numeric
    row = int(np.flatnonzero(((codes >= 0) & odd[np.maximum(codes, 0)]).any(axis=1))[0])
    label = next(labels[code] for code in codes[row] if code >= 0 and odd[code])
    raise InputError(
        _(
            "animal {animal}, locus {locus}: {found} in a locus whose other alleles are {others}. "
            "Correct the cell, or name what means missing with the option missing"
        ).format(
            animal=printable(animals[row]),
            locus=printable(locus.name),
            found=repr(printable(label)),
            others=_("numbers") if other_count <= number_count else _("letters"),
        ),
        source=source,
    )


def _zero_is_allele(
    cells: Cells,
    loci: Sequence[LocusColumns],
    absent: Sequence[bool],
    zero: str,
    animals: Sequence[str],
    source: str | None,
) -> bool:
    """Decide what 0 means in loci of two copies that are written as numbers."""
    if zero not in ZERO_CHOICES:
        raise UsageError(
            _("option zero: {found}. Expected one of: {expected}").format(
                found=zero, expected=", ".join(ZERO_CHOICES)
            )
        )
    if zero != "auto":
        return zero == "allele"
    loci = [locus for locus in loci if locus.form not in ("glued", "dosage", "single")]
    if not loci:
        return False
    texts = cells.texts
    greatest_of = np.full(len(texts), -1)
    has_zero = np.zeros(len(texts), dtype=bool)
    is_half = np.zeros(len(texts), dtype=bool)  # 0 beside another number
    marks = {locus.form for locus in loci}
    for place, text in enumerate(texts):
        bare = text.strip()
        halves = next((parts for m in marks if m != "two" and (parts := parted(bare, m))), None)
        numbers = [number_of(part) for part in (halves or (bare,))]
        values = [float(number) for number in numbers if number is not None]
        if values:
            greatest_of[place] = min(max(values), 1e6)
            zeros = sum(value == 0 for value in values)
            has_zero[place] = zeros > 0
            is_half[place] = zeros == 1 and len(values) == 2
    any_zero, greatest, half_at = False, -1, None
    columns = cells.columns([place for locus in loci for place in locus.columns])
    gone = np.asarray(absent, dtype=bool)
    for locus in loci:
        own = [next(columns) for _place in locus.columns]
        greatest = max([greatest, *(int(greatest_of[column].max(initial=-1)) for column in own)])
        if greatest >= CODES_END:
            return False
        if not any(has_zero[column].any() for column in own):
            continue
        any_zero = True
        if half_at is None:
            if len(own) == 2:
                rows = (has_zero[own[0]] != has_zero[own[1]]) & ~gone[own[0]] & ~gone[own[1]]
            else:
                rows = is_half[own[0]]
            if rows.any():
                half_at = (int(np.flatnonzero(rows)[0]), locus.name)
    if not any_zero or greatest < 0:
        return False
    if half_at is None and greatest > 1:
        return False
    if half_at is not None and greatest == 1:
        return True
    if half_at is None and greatest == 0:
        return False
    where = (
        _("animal {animal}, locus {locus}: 0 is paired with another number").format(
            animal=printable(animals[half_at[0]]), locus=printable(half_at[1])
        )
        if half_at
        else _("all numbers are 0 and 1, and never occur together")
    )
    raise InputError(
        _(
            "{where}: it may be an allele or mean missing. Say which with the option zero "
            "(zero='missing' or zero='allele')"
        ).format(where=where),
        source=source,
    )


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
