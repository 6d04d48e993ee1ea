"""The tables beside a PLINK .bed: the .bim names its loci, the .fam its animals."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from forensics.errors import InputError
from forensics.genetics.sources import Source, open_source, printable
from forensics.messages import _

__all__ = ["NO_ALLELE", "NO_NAME", "PlinkLocus", "read_bim", "read_fam"]

# An allele that the file leaves open, and cells that name no locus or family.
NO_ALLELE = "0"
NO_NAME = frozenset([".", "0", ""])


@dataclass(frozen=True, slots=True)
class PlinkLocus:
    """A line of a .bim."""

    chromosome: str
    name: str
    counted: str
    other: str


def _rows(source: Source, columns: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of each line that is not blank, and its six cells.

    Raises
    ------
    InputError
        At a line with another number of cells.
    """
    for line, text in enumerate(source.lines(), start=1):
        cells = text.split()
        if cells and len(cells) != 6:
            raise InputError(
                _("{count} columns; six are expected: {columns}").format(
                    count=len(cells), columns=columns
                ),
                source=source.label,
                line=line,
            )
        if cells:
            yield line, cells


def read_bim(path: object) -> tuple[list[PlinkLocus], dict[str, str]]:
    """Return the loci of a .bim, and the name and SHA-256 of the file."""
    loci: list[PlinkLocus] = []
    first: dict[str, int] = {}
    with open_source(path) as source:
        columns = _("chromosome, name, position in morgans, position, two alleles")
        for line, (chromosome, name, _morgans, position, counted, other) in _rows(source, columns):
            if not position.removeprefix("-").isdecimal():
                raise InputError(
                    _("{found} is not a position in base pairs").format(
                        found=repr(printable(position))
                    ),
                    source=source.label,
                    line=line,
                )
            counted, other = _label(counted), _label(other)
            if counted == other != NO_ALLELE:
                raise InputError(
                    _("locus {name} has the same allele twice, {allele}").format(
                        name=printable(name), allele=printable(other)
                    ),
                    source=source.label,
                    line=line,
                )
            if name in NO_NAME:
                name = f"{chromosome}:{position}"
            if name in first:
                name = f"{chromosome}:{position}:{other}/{counted}"
            if name in first:
                raise InputError(
                    _("locus {name} is in the file twice (the first is line {line})").format(
                        name=printable(name), line=first[name]
                    ),
                    source=source.label,
                    line=line,
                )
            first[name] = line
            loci.append(PlinkLocus(chromosome, name, counted, other))
        return loci, _identity(source)


def _label(allele: str) -> str:
    return allele.upper() if allele.isalpha() else allele


def read_fam(
    path: object,
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the animals of a .fam, what it says of them, and the name and SHA-256 of the file."""
    rows: list[list[str]] = []
    first: dict[tuple[str, str], int] = {}
    with open_source(path) as source:
        columns = _("family, name, father, mother, sex, phenotype")
        for line, cells in _rows(source, columns):
            key = (cells[0], cells[1])
            if key in first:
                raise InputError(
                    _(
                        "animal {name} of the family {family} is in the file twice (the first is line "
                        "{line}); each animal has one row"
                    ).format(name=printable(key[1]), family=printable(key[0]), line=first[key]),
                    source=source.label,
                    line=line,
                )
            first[key] = line
            rows.append(cells)
        identity = _identity(source)
    if not rows:
        raise InputError(_("the .fam names no animals"), source=identity["file"] or None)
    names = [row[1] for row in rows]
    if len(set(names)) < len(names):
        names = [f"{row[0]}:{row[1]}" for row in rows]
    if len(set(names)) < len(names):
        raise InputError(
            _("two animals have one name, family and name put together; rename one of them"),
            source=identity["file"] or None,
        )
    fields = {
        name: tuple(row[place] for row in rows)
        for place, name in (
            (0, "family"),
            (2, "father"),
            (3, "mother"),
            (4, "sex"),
            (5, "phenotype"),
        )
    }
    return tuple(names), fields, identity


def _identity(source: Source) -> dict[str, str]:
    """Return name and SHA-256 of a file, as `Genotypes.read_with` has them."""
    return {
        "file": PurePath(source.name).name if source.name else "",
        "sha256": source.sha256,
    }
