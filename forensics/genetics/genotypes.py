"""Genotypes of many animals, as arrays with their labels.

A genotype is two allele codes; a code is a place in the list of alleles of its locus. Codes of an
animal are in ascending order, so that ``140/138`` and ``138/140`` are the same genotype.
"""

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.messages import _

if TYPE_CHECKING:
    import pandas

# A copy that was not typed, and a copy that a haploid locus does not have.
MISSING = -1
ABSENT = -2


@dataclass(frozen=True, eq=False)
class Genotypes:
    """Genotypes of animals, with what is known of each animal.

    Attributes
    ----------
    animals : tuple of str, length n
        Names, each once.
    loci : tuple of str, length L
    alleles : tuple of tuples of str, length L
        Labels of the alleles of each locus; a code is a place in this list.
    codes : numpy.ndarray of int16, shape (n, L, 2)
        `MISSING` for a copy that was not typed; `ABSENT` for the second copy of a haploid
        locus. The two codes are in ascending order, what is missing or absent last.
    populations : tuple of str, length n, or None
        Reference population ("collection") of each animal; "" where unknown.
    units : tuple of str, length n, or None
        Reporting unit above the population; "" where unknown.
    latitudes, longitudes : numpy.ndarray of float64, shape (n,), or None
        Degrees, WGS 84; NaN where unknown.
    fields : dict of str to tuples of str, length n
        Other columns of the file, as they were.
    source : str
        Name of the file; "" where there was none.
    sha256 : str
        Of the bytes of the file; "" where there was none.
    notes : tuple of str
        What the reader noticed, in words: rows left out, places that look wrong.
    read_with : dict of str to object, or None
        Options other than the defaults with which the file was read, as
        `forensics.genetics.reading.read_genotypes` calls them; None where there was no file. With
        them it can be read again as it was.
    """

    animals: tuple[str, ...]
    loci: tuple[str, ...]
    alleles: tuple[tuple[str, ...], ...]
    codes: np.ndarray
    populations: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None
    latitudes: np.ndarray | None = None
    longitudes: np.ndarray | None = None
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    read_with: Mapping[str, object] | None = None

    def __len__(self) -> int:
        return len(self.animals)

    @property
    def haploid(self) -> np.ndarray:
        """Whether each locus has one copy; bool, shape (L,)."""
        return (self.codes[:, :, 1] == ABSENT).any(axis=0)

    @property
    def typed(self) -> np.ndarray:
        """Whether each genotype is complete; bool, shape (n, L)."""
        return (self.codes != MISSING).all(axis=2)

    def take(self, rows: Sequence[int] | np.ndarray) -> "Genotypes":
        """Return the animals at `rows` (places, or bool of shape (n,)), in that order."""
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        rows = rows.astype(np.intp)

        def select(values: Sequence[str]) -> tuple[str, ...]:
            return tuple(values[row] for row in rows)

        return replace(
            self,
            animals=select(self.animals),
            codes=self.codes[rows],
            populations=None if self.populations is None else select(self.populations),
            units=None if self.units is None else select(self.units),
            latitudes=None if self.latitudes is None else self.latitudes[rows],
            longitudes=None if self.longitudes is None else self.longitudes[rows],
            fields={name: select(values) for name, values in self.fields.items()},
        )

    def coded_as(
        self, loci: Sequence[str], alleles: Sequence[Sequence[str]]
    ) -> tuple["Genotypes", tuple[str, ...]]:
        """Return these genotypes with the loci and codes of a reference.

        Alleles that the reference does not have get codes after its own. Loci that the animals
        do not have are all missing.

        Parameters
        ----------
        loci : sequence of str, length M
        alleles : sequence of sequences of str, length M

        Returns
        -------
        genotypes : Genotypes
            With M loci, in the order given.
        ignored : tuple of str
            Loci of these genotypes that the reference does not have.

        Raises
        ------
        InputError
            If no locus is common to both.
        """
        place = {locus: number for number, locus in enumerate(self.loci)}
        if not any(locus in place for locus in loci):
            raise InputError(
                _(
                    "none of the {count} loci is in the reference. Found: {found}. "
                    "Expected: {expected}. Check the column names."
                ).format(
                    count=len(self.loci),
                    found=", ".join(self.loci[:5]),
                    expected=", ".join(list(loci)[:5]),
                ),
                source=self.source,
            )
        codes = np.full((len(self), len(loci), 2), MISSING, dtype=np.int16)
        labels = []
        same = [
            (number, place[locus])
            for number, (locus, known) in enumerate(zip(loci, alleles))
            if locus in place and self.alleles[place[locus]] == tuple(known)
        ]
        if same:  # at once, since it is quicker where there are many
            numbers, own_places = np.array(same).T
            pairs = _ascending(self.codes[:, own_places].reshape(-1, 2))
            codes[:, numbers] = pairs.reshape(len(self), len(numbers), 2)
        done = {number for number, _place in same}
        for number, (locus, known) in enumerate(zip(loci, alleles)):
            if number in done:
                labels.append(tuple(known))
                continue
            extended = list(known)
            if locus in place:
                own = self.alleles[place[locus]]
                known_labels = set(known)
                extended += [label for label in own if label not in known_labels]
                index = {label: code for code, label in enumerate(extended)}
                table = np.array(
                    [index[label] for label in own] + [ABSENT, MISSING], dtype=np.int16
                )  # negative codes count from the end: -1 is MISSING, -2 is ABSENT
                codes[:, number] = _ascending(table[self.codes[:, place[locus]]])
            labels.append(tuple(extended))
        wanted = set(loci)
        ignored = tuple(locus for locus in self.loci if locus not in wanted)
        return replace(self, loci=tuple(loci), alleles=tuple(labels), codes=codes), ignored

    def to_array(self) -> np.ndarray:
        """Return codes as scikit-learn takes them: float64, shape (n, 2 L), NaN where missing.

        The second copy of a haploid locus is NaN too.
        """
        values = self.codes.reshape(len(self), -1).astype(np.float64)
        values[values < 0] = np.nan
        return values

    def to_frame(self, *, separator: str = "/") -> "pandas.DataFrame":
        """Return a row an animal: name, what is known of it, and ``138/140`` a locus.

        `read_genotypes` reads what ``to_frame().to_csv(index=False)`` writes. Write files that
        are opened with a spreadsheet program through `forensics.io.numbers.defused`.
        """
        import pandas

        columns: dict[str, object] = {"animal": self.animals}
        if self.populations is not None:
            columns["population"] = self.populations
        if self.units is not None:
            columns["unit"] = self.units
        if self.latitudes is not None and self.longitudes is not None:
            columns["latitude"], columns["longitude"] = self.latitudes, self.longitudes
        columns |= {name: values for name, values in self.fields.items() if name not in columns}
        for number, locus in enumerate(self.loci):
            columns[locus] = [
                self.label(row, number, separator=separator) for row in range(len(self))
            ]
        return pandas.DataFrame(columns)

    def label(self, row: int, locus: int, *, separator: str = "/") -> str:
        """Return one genotype as text, "" where nothing was typed."""
        known = self.alleles[locus]
        pair = [
            known[code] if code >= 0 else "?" for code in self.codes[row, locus] if code > ABSENT
        ]
        return "" if set(pair) <= {"?"} else separator.join(pair)


def allele_order(labels: Iterable[str]) -> list[str]:
    """Return allele labels sorted as numbers where all of them are numbers, else as text.

    Examples
    --------
    >>> allele_order({"98", "100", "102.3"})
    ['98', '100', '102.3']
    """
    unsorted = list(labels)
    try:
        return sorted(unsorted, key=lambda label: (float(label), label))
    except ValueError:
        return sorted(unsorted)


def require_one_each(values: Sized, of: Sized) -> None:
    """Refuse values that are more or fewer than what they are of.

    Raises
    ------
    UsageError
    """
    if len(values) != len(of):
        raise UsageError(
            _("{found} values were given; {expected} are expected, one each").format(
                found=len(values), expected=len(of)
            )
        )


def genotypes_from_labels(
    animals: Sequence[str],
    loci: Sequence[str],
    labels: Sequence[Sequence[Sequence[str | None]]],
    **known: Any,
) -> Genotypes:
    """Return genotypes from allele labels.

    Parameters
    ----------
    animals : sequence of str, length n
    loci : sequence of str, length L
    labels : sequence, n animals of L loci of one or two labels
        None for a copy that was not typed. A locus with one label in every animal is haploid.
    **known
        The other attributes of `Genotypes`.

    Raises
    ------
    InputError
        If an animal or a locus is named twice, or a genotype has more than two alleles.
    UsageError
        If there are more or fewer labels than animals and loci.
    """
    require_one_each(labels, animals)
    for of_animal in labels:
        require_one_each(of_animal, loci)
    source = str(known.get("source") or "") or None
    for names, text in (
        (animals, _("animal {name} is in the table twice; each animal has one row")),
        (loci, _("locus {name} is in the table twice; each locus has one name")),
    ):
        seen = set()
        for name in names:
            if name in seen:
                raise InputError(text.format(name=name), source=source)
            seen.add(name)
    codes = np.full((len(animals), len(loci), 2), MISSING, dtype=np.int16)
    alleles = []
    for number, locus in enumerate(loci):
        column = [tuple(row[number]) for row in labels]
        for animal, pair in zip(animals, column):
            if not 1 <= len(pair) <= 2:
                raise InputError(
                    _(
                        "animal {animal}, locus {locus}: {count} alleles; one or two are expected"
                    ).format(animal=animal, locus=locus, count=len(pair)),
                    source=source,
                )
        ordered = allele_order({label for pair in column for label in pair if label is not None})
        if len(ordered) > np.iinfo(np.int16).max:
            raise InputError(
                _("locus {locus}: {count} different alleles; is it a locus?").format(
                    locus=locus, count=len(ordered)
                ),
                source=source,
            )
        index = {label: code for code, label in enumerate(ordered)}
        alleles.append(tuple(ordered))
        is_haploid = bool(column) and all(len(pair) == 1 for pair in column)
        for row, pair in enumerate(column):
            codes[row, number, 0] = MISSING if pair[0] is None else index[pair[0]]
            if len(pair) == 2:
                codes[row, number, 1] = MISSING if pair[1] is None else index[pair[1]]
            elif is_haploid:
                codes[row, number, 1] = ABSENT
        codes[:, number] = _ascending(codes[:, number])
    return Genotypes(tuple(animals), tuple(loci), tuple(alleles), codes, **known)


def _ascending(pairs: np.ndarray) -> np.ndarray:
    """Return pairs of codes, shape (n, 2), in ascending order with what is missing last."""
    # As unsigned integers -1 and -2 are the greatest; ABSENT stays behind MISSING by hand.
    swapped = np.sort(pairs.astype(np.int16).view(np.uint16), axis=1).view(np.int16)
    both = (swapped[:, 0] == ABSENT) & (swapped[:, 1] == MISSING)
    swapped[both] = (MISSING, ABSENT)
    return swapped
