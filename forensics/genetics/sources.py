"""Genotype files: how much of one is read, who reads it, and what is said where it cannot be read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from forensics.errors import InputError, UsageError
from forensics.genetics.genotypes import Genotypes
from forensics.genetics.options import ReadingOptions
from forensics.io.files import Budget
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.io.tables import open_source as open_any
from forensics.messages import N_, _

# Animals of a table; each row costs 100 bytes beside its cells.
MAX_ANIMALS = 1_000_000
MAX_LOCI = 1_000_000
# Four bytes a cell while it is read: 2 GB.
MAX_CELLS = 500_000_000
BUDGET = Budget(
    max_bytes=4 * 2**30,  # unpacked; 100,000 loci of 1,000 animals as "138/140" are 0.8 GB
    max_line=16 * 2**20,  # characters: a million loci of nine characters, with room
    max_rows=MAX_ANIMALS,
    max_columns=2 * MAX_LOCI,
    max_cells=MAX_CELLS,
    too_long=N_(
        "unpacked, the file is longer than {most} bytes; is it a genotype file? Divide it by loci and read the parts"
    ),
    line_too_long=N_("a line of more than {most} characters; is it a genotype file?"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A file of genotypes and how it is to be read.

    Attributes
    ----------
    path : object
        What `source` was opened from.
    bim, fam : path, optional
        PLINK: the tables of loci and animals, where they are not beside the .bed.
    markers : int, optional
        So many loci are wanted; a reader that cannot hold all of them chooses.
    """

    source: Source
    path: object
    options: ReadingOptions
    bim: object = None
    fam: object = None
    markers: int | None = None


@dataclass(frozen=True, slots=True)
class GenotypeFormat:
    """Who reads a format; `is_format` is None where the first bytes tell (`forensics.io.files`)."""

    read: Callable[[Request], Genotypes]
    is_format: Callable[[Source], bool] | None


READERS: dict[str, GenotypeFormat] = {}
"""The formats that are read, by name; each module of `forensics.genetics.formats` has its reader here."""


def genotype_format(
    name: str, is_format: Callable[[Source], bool] | None = None
) -> Callable[[Callable[[Request], Genotypes]], Callable[[Request], Genotypes]]:
    """Make a function the reader of a format.

    Parameters
    ----------
    name : str
        One of `forensics.genetics.options.FORMATS`.
    is_format : callable, optional
        Returns whether a file is of this format, where its first bytes do not tell.
    """

    def register(read: Callable[[Request], Genotypes]) -> Callable[[Request], Genotypes]:
        READERS[name] = GenotypeFormat(read, is_format)
        return read

    return register


# What names an animal, a locus or a column in a message comes from a file, and is shown as `printable` does.
_NAMES = ("animal", "locus", "name", "column")


def refuse(
    source: Source | str | None, text: str, line: int | None = None, /, **values: object
) -> InputError:
    """Return the error of a file of genotypes.

    Parameters
    ----------
    source : Source, str or None
        The file, or its label.
    text : str
        With fields in braces.
    line : int, optional
        At which line of it.
    values : dict
        Of the fields; names of animals, loci and columns are made printable.
    """
    shown = {name: printable(value) if name in _NAMES else value for name, value in values.items()}
    label = source.label if isinstance(source, Source) else source
    return InputError(text.format(**shown), source=label, line=line)


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return the first of some names, as a message shows them."""
    shown = ", ".join(printable(name) or '""' for name in names[:most])
    return shown + (" …" if len(names) > most else "")


class OptionError(UsageError):
    """An option that does not fit a file; where an option has another name, `called` says it with that.

    Parameters
    ----------
    option : str
        As Python calls it.
    text : str
        With fields in braces, of which ``{option}`` may be one.
    source : str or None
        The file.
    values : dict
        Of the other fields.
    """

    def __init__(self, option: str, text: str, source: str | None, **values: object) -> None:
        self.option, self.text, self.source, self.values = option, text, source, values
        message = text.format(option=option, **values)
        super().__init__(f"{source}: {message}" if source else message)

    def called(self, option: str) -> "OptionError":
        """Return it with another name of the option, such as ``--population``."""
        return OptionError(option, self.text, self.source, **self.values)


def open_source(source: object, *, max_bytes: int = BUDGET.max_bytes) -> Source:
    """Open a genotype file: see `forensics.io.tables.open_source`."""
    return open_any(source, budget=BUDGET._replace(max_bytes=max_bytes))


def identity_of(source: Source) -> dict[str, str]:
    """Return the name and the SHA-256 of a file, as `Genotypes.read_with` has them."""
    return {"file": PurePath(source.name).name if source.name else "", "sha256": source.sha256}


def unknown_locus(option: str, pattern: str, known: Sequence[str], source: Source) -> OptionError:
    """Return the error of an option that names a locus which a file does not have."""
    return OptionError(
        option,
        _("option {option}: no locus is called {name}. Loci: {found}"),
        source.label,
        name=printable(pattern),
        found=listed(known),
    )


def refuse_repeated(
    names: Sequence[str],
    text: str,
    source: Source | str | None,
    lines: Sequence[int] = (),
) -> None:
    """Refuse a name that stands twice.

    Parameters
    ----------
    text : str
        With the field ``{name}``, and ``{line}`` for the first line where it stands.
    lines : sequence of int, optional
        Line of each name.
    """
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in first:
            known = {"line": lines[first[name]]} if lines else {}
            raise refuse(source, text, lines[place] if lines else None, name=name, **known)
        first[name] = place


def as_names(given: Iterable[object] | None) -> tuple[str, ...]:
    """Return what a script gives as names: several, one text, or none."""
    return (given,) if isinstance(given, str) else tuple(map(str, () if given is None else given))


def refuse_repeated_loci(loci: Sequence[str], source: Source | str | None) -> None:
    """Refuse a locus that stands twice."""
    refuse_repeated(loci, _("locus {name} is in the table twice; each locus has one name"), source)
