"""GENEPOP: a title, names of loci, and animals below lines that say ``pop``.

A genotype has two or three digits an allele: ``0102``, ``098102``; a haploid one ``01``, ``098``.
All zeros mean "not typed". Names of loci stand one a line, or separated by commas, in any mixture.
A population has no name of its own; by GENEPOP's rule its last animal gives it. Text after the word
``pop`` is taken as its name.

References
----------
Rousset F. (2008). genepop'007: a complete re-implementation of the genepop software for Windows
and Linux. Molecular Ecology Resources 8, 103-106. doi:10.1111/j.1471-8286.2007.01931.x
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from forensics.core.grouping import gathered
from forensics.genetics.cells import Cells, encode, same_ploidy
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.sources import (
    MAX_LOCI,
    OptionError,
    Request,
    genotype_format,
    refuse,
    refuse_repeated,
    refuse_repeated_loci,
)
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.messages import _, ngettext

_POP = re.compile(r"pop(?:[ \t]+([^,]*))?", re.IGNORECASE)


def is_genepop(source: Source) -> bool:
    """Whether a line after the first says ``pop`` and nothing else."""
    return any(
        _POP.fullmatch(line.strip()) and number
        for number, line in enumerate(islice(source.lines(), MAX_LOCI))
    )


@genotype_format("genepop", is_genepop)
def read_genepop(request: Request) -> Genotypes:
    """Read a GENEPOP file; the option population says which animal names its population: last or first.

    Raises
    ------
    InputError
        With the line, or the animal and the locus.
    """
    source, named_by = request.source, request.options.population or "last"
    if named_by not in ("first", "last"):
        raise OptionError(
            "population",
            _(
                "option population: {found}. In GENEPOP the 'first' or the 'last' animal names "
                "its population"
            ),
            source.label,
            found=printable(named_by),
        )
    lines = ((number, line.strip()) for number, line in enumerate(source.lines(), 1))
    next(lines, None)  # the title, which may be anything
    rows = _head(lines, source)
    loci = next(rows)
    cells: Cells | None = None
    animals, blocks, titles, places = [], [], [], []
    for number, line in rows:
        pop_line = _POP.fullmatch(line)
        if pop_line:
            titles.append((pop_line[1] or "").strip())
            continue
        name, tokens = _individual(line, number, source)
        if cells is None:
            parted = [word for locus in loci for word in locus.split()]
            if len(parted) == len(tokens):  # names of loci with blanks between them
                loci = parted
            cells = Cells(len(loci), source=source.label)
        if len(tokens) != len(loci):
            raise refuse(
                source,
                _(
                    "animal {animal} has {found} genotypes, and {expected} loci are named. First "
                    "loci: {loci}"
                ),
                number,
                animal=name or "?",
                found=len(tokens),
                expected=len(loci),
                loci=", ".join(map(printable, loci[:3])),
            )
        cells.add(tokens)
        animals.append(name)
        blocks.append(len(titles) - 1)
        places.append(number)
    if cells is None:
        raise refuse(source, _("no animal follows the line 'pop'"))
    cells.close()
    refuse_repeated_loci(loci, source)
    names, populations, notes = _names(animals, blocks, titles, named_by, places, source)
    codes = np.empty((len(names), len(loci), 2), dtype=np.int16)
    alleles = []
    for number, (locus, column) in enumerate(zip(loci, cells.columns(range(len(loci))))):
        _same_digits(cells, column, names, locus, source)
        alleles.append(encode(cells.texts, [column], _read, codes[:, number]))
        same_ploidy(codes[:, number], names, locus, source)
    return Genotypes(
        tuple(names), tuple(loci), tuple(alleles), codes, populations=populations, notes=notes
    )


def _head(lines: Iterator[tuple[int, str]], source: Source) -> Iterator[Any]:
    """Yield the names of the loci, then the lines that follow, from the first ``pop`` on."""
    loci: list[str] = []
    for number, line in lines:
        if _POP.fullmatch(line):
            first = number, line
            break
        loci += [name.strip() for name in line.split(",") if name.strip()]
        if len(loci) > MAX_LOCI:
            break
    else:
        raise refuse(source, _("no line says 'pop', which GENEPOP needs before each population"))
    if not loci:
        raise refuse(
            source,
            _("no locus is named between the title and 'pop'; line 1 is the title"),
            first[0],
        )
    yield loci
    yield first
    for number, line in lines:
        if line:
            yield number, line


def _individual(line: str, number: int, source: Source) -> tuple[str, list[str]]:
    """Return the name and the genotypes of a line."""
    if "," not in line:
        raise refuse(
            source,
            _(
                "no comma between the name of the animal and its genotypes: {found}. In GENEPOP "
                "it reads: name , 0102 0304"
            ),
            number,
            found=repr(printable(line)),
        )
    name, _comma, rest = line.partition(",")
    tokens = rest.replace(",", " ").split()
    while odd := [token for token in tokens if not (token.isascii() and token.isdigit())]:
        more, comma, later = rest.partition(",")  # a comma in the name
        shorter = later.replace(",", " ").split()
        # What is left of the comma is not a name where it is genotypes alone.
        if not comma or not shorter or all(token.isdigit() for token in more.split()):
            raise refuse(
                source,
                _(
                    "animal {animal}: {found} is not a genotype. Digits only are expected, two or "
                    "three an allele: 0102, 098102"
                ),
                number,
                animal=name.strip() or "?",
                found=repr(printable(odd[0])),
            )
        name, rest, tokens = f"{name},{more}", later, shorter
    return name.strip(), tokens


def _names(
    animals: Sequence[str],
    blocks: Sequence[int],
    titles: Sequence[str],
    named_by: str,
    lines: Sequence[int],
    source: Source,
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Return animals, populations and notes.

    Where all animals of a population bear the same name, as in GENEPOP's own examples, that is the
    population's name, and the animals are numbered.
    """
    members = gathered((block, row) for row, block in enumerate(blocks))
    names, populations, notes = list(animals), [""] * len(animals), []
    used: dict[str, int] = {}
    for block, rows in members.items():
        labels = [animals[row] for row in rows]
        title = titles[block] or labels[0 if named_by == "first" else -1]
        if (len(rows) > 1 and len(set(labels)) == 1) or not any(labels):
            title = title or _("population {number}").format(number=block + 1)
            for count, row in enumerate(rows, 1):
                names[row] = f"{title}:{count}"
            notes.append(
                ngettext(
                    "{count} animal of population {name} has no name of its own and was numbered",
                    "{count} animals of population {name} have no names of their own and were "
                    "numbered",
                    len(rows),
                ).format(count=len(rows), name=printable(title))
            )
        if title in used:
            raise refuse(
                source,
                _(
                    "two populations would be called {name}. GENEPOP names a population by its "
                    "{which} animal; give these animals different names"
                ),
                lines[rows[0]],
                name=title,
                which=named_by,
            )
        used[title] = block
        for row in rows:
            populations[row] = title
    if not all(names):
        raise refuse(
            source,
            _("the animal of this line has no name; each animal needs one"),
            lines[names.index("")],
        )
    refuse_repeated(
        names,
        _(
            "animal {name} is in the file twice (the first is line {line}). Each animal has one "
            "line; give repeated typings separate names"
        ),
        source,
        lines,
    )
    return names, tuple(populations), tuple(notes)


def _read(token: str) -> tuple[str | None, ...]:
    """Return the alleles of a genotype whose digits were counted."""
    if not token.strip("0"):
        return (None, None)
    if len(token) in (2, 3):
        return (token.lstrip("0"),)
    half = len(token) // 2
    return tuple(part.lstrip("0") or None for part in (token[:half], token[half:]))


def _same_digits(
    cells: Cells, column: np.ndarray, animals: Sequence[str], locus: str, source: Source
) -> None:
    """Check that the genotypes of a locus have as many digits as each other.

    Two and three digits an allele cannot be distinguished in ``0102`` and ``001``, so one locus keeps
    to one number of digits.
    """
    sizes: dict[int, int] = {}
    for place, count in zip(*np.unique(column, return_counts=True)):
        token = cells.texts[place]
        if token.strip("0"):
            sizes[len(token)] = sizes.get(len(token), 0) + int(count)
    if set(sizes) in ({2}, {3}, {4}, {6}, set()):
        return
    usual = max(sizes, key=sizes.__getitem__)
    known = usual if usual in (2, 3, 4, 6) else None
    row = next(
        row
        for row, place in enumerate(column)
        if (token := cells.texts[place]).strip("0") and (known is None or len(token) != known)
    )
    token = cells.texts[column[row]]
    raise refuse(
        source,
        _(
            "animal {animal}, locus {locus}: {found} has {digits} digits. Expected are 4 or 6 (two "
            "alleles), or 2 or 3 (one allele), the same in all animals of a locus{others}"
        ),
        animal=animals[row],
        locus=locus,
        found=repr(printable(token)),
        digits=len(token),
        others="" if known is None else _("; the others have {count}").format(count=known),
    )
