"""Finds the loci of a table, and what its other columns are.

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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from forensics.errors import InputError
from forensics.genetics.cells import SEPARATORS, allele, glued, is_missing, number_of, parted
from forensics.genetics.names import (
    NEVER_LOCI,
    ROLES,
    counted_allele,
    matches,
    pair_of,
    plain_name,
    role_of,
)
from forensics.genetics.sources import OptionError, printable
from forensics.genetics.tables import Table
from forensics.messages import _

__all__ = ["Layout", "LocusColumns", "find_roles", "lay_out"]

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
                        "column {name} stands alone, and the other loci have two columns. If its "
                        "second column is missing, add it; if the locus has one copy, name it "
                        "with the option haploid; if it is not a locus, with the option fields"
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
