"""BEAGLE's table of genotype likelihoods, which ANGSD writes: a row a locus, three columns an animal.

The first line is ``marker``, two columns of alleles, and each animal three times. Alleles are letters, or
0 to 3 for A, C, G and T. Of the likelihoods only ratios count. Three equal ones are "no reads".

References
----------
Korneliussen T. S., Albrechtsen A. & Nielsen R. (2014). ANGSD: analysis of next generation sequencing
data. BMC Bioinformatics 15, 356. doi:10.1186/s12859-014-0356-4
"""

from collections.abc import Sequence

import numpy as np

from forensics.errors import InputError
from forensics.genetics.likelihoods import GenotypeLikelihoods, relative_logs
from forensics.genetics.names import matches
from forensics.genetics.sources import MAX_CELLS, Source, printable, unknown_locus
from forensics.messages import _

__all__ = ["read_beagle"]

_BASES = {"0": "A", "1": "C", "2": "G", "3": "T"}
_FIRST_COLUMNS = 3


def read_beagle(source: Source, *, loci: Sequence[str] | None = None) -> GenotypeLikelihoods:
    """Read a table of genotype likelihoods, packed or not.

    Parameters
    ----------
    source : Source
    loci : sequence of str, optional
        Names or patterns of the loci that are read; by default all.

    Raises
    ------
    InputError
        With the line, and where it is one, the animal and the locus.
    OptionError
        If no locus has a name that was asked for.
    """
    animals: tuple[str, ...] | None = None
    names: list[str] = []
    alleles: list[tuple[str, ...]] = []
    rows: list[np.ndarray] = []
    first: dict[str, int] = {}
    for line, text in enumerate(source.lines(), start=1):
        cells = text.split()
        if not cells:
            continue
        if animals is None:
            animals = _read_header(cells, source, line)
            continue
        expected = _FIRST_COLUMNS * (len(animals) + 1)
        if len(cells) != expected:
            raise InputError(
                _(
                    "{count} columns; {expected} are expected, as in the first line: marker, two "
                    "alleles, three likelihoods an animal"
                ).format(count=len(cells), expected=expected),
                source=source.label,
                line=line,
            )
        name = cells[0]
        if name in first:
            raise InputError(
                _("locus {name} is in the file twice (the first is line {line})").format(
                    name=printable(name), line=first[name]
                ),
                source=source.label,
                line=line,
            )
        first[name] = line
        if loci is not None and not matches(name, loci):
            continue
        pair = tuple(_BASES.get(cell, cell.upper()) for cell in cells[1:3])
        if pair[0] == pair[1]:
            raise InputError(
                _("locus {name} has the same allele twice, {allele}").format(
                    name=printable(name), allele=printable(pair[0])
                ),
                source=source.label,
                line=line,
            )
        if (len(names) + 1) * len(animals) * 3 > MAX_CELLS:
            raise InputError(
                _("more than {most} likelihoods; choose loci with the option loci").format(
                    most=MAX_CELLS
                ),
                source=source.label,
            )
        names.append(name)
        alleles.append(pair)
        rows.append(_read_values(cells[_FIRST_COLUMNS:], animals, name, source, line))
    if animals is None or not first:
        raise InputError(_("the file has no loci"), source=source.label)
    for pattern in loci or ():
        if not any(matches(name, (pattern,)) for name in first):
            raise unknown_locus("loci", pattern, list(first), source)
    logs = np.empty((len(animals), len(names), 3), dtype=np.float32)
    for place, row in enumerate(rows):
        logs[:, place] = row
    return GenotypeLikelihoods(animals, tuple(names), tuple(alleles), logs)


def _read_header(cells: list[str], source: Source, line: int) -> tuple[str, ...]:
    """Return the animals that the first line names."""
    columns = cells[_FIRST_COLUMNS:]
    names = columns[::3]
    if (
        not names
        or len(columns) % 3
        or any(columns[place] != names[place // 3] for place in range(len(columns)))
    ):
        raise InputError(
            _(
                "the first line is expected to be marker, allele1, allele2, and the name of each animal "
                "three times"
            ),
            source=source.label,
            line=line,
        )
    seen = set()
    for name in names:
        if name in seen:
            raise InputError(
                _("animal {name} is in the table twice; each animal has three columns").format(
                    name=printable(name)
                ),
                source=source.label,
                line=line,
            )
        seen.add(name)
    return tuple(names)


def _read_values(
    cells: Sequence[str], animals: Sequence[str], locus: str, source: Source, line: int
) -> np.ndarray:
    """Return the logarithms of one locus; float32, shape (n, 3)."""

    def refuse(place: int) -> InputError:
        return InputError(
            _(
                "animal {animal}, locus {locus}: {found} are not three likelihoods of genotypes "
                "(numbers from 0 on, one of them above 0)"
            ).format(
                animal=printable(animals[place]),
                locus=printable(locus),
                found=printable(" ".join(cells[3 * place : 3 * place + 3])),
            ),
            source=source.label,
            line=line,
        )

    try:
        values = np.array(cells, dtype=np.float64).reshape(-1, 3)
    except ValueError:
        for place, cell in enumerate(cells):
            try:
                float(cell)
            except ValueError:
                raise refuse(place // 3) from None
        raise
    good = np.isfinite(values).all(axis=1) & (values >= 0).all(axis=1) & (values > 0).any(axis=1)
    if not good.all():
        raise refuse(int(np.flatnonzero(~good)[0]))
    with np.errstate(divide="ignore"):
        return relative_logs(np.log(values))
