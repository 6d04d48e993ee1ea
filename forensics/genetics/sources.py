"""Genotype files: how much of one is read, and options that do not fit one.

Options of reading genotypes; no NumPy is imported for them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forensics.core.options import Group, Options, option, option_class
from forensics.errors import UsageError
from forensics.io.inputs import Budget
from forensics.io.numbers import printable
from forensics.io.tables import Source
from forensics.io.tables import open_source as open_any
from forensics.messages import N_, _


def _column(help: str) -> Any:
    """Return an option that names a column."""
    return option(default=None, metavar="COLUMN", group=Group.ADVANCED, help=help)


@option_class
class ReadingOptions(Options):
    """How a file of genotypes is read: its format, what its columns are, what its cells mean."""

    input_format: str = option(
        default="auto",
        choices=("auto", "table", "genepop", "structure", "vcf", "plink"),
        group=Group.ADVANCED,
        help=N_("Format of the genotypes; recognised by the content."),
    )
    sheet: str | None = option(
        default=None, metavar="TITLE", group=Group.ADVANCED,
        help=N_("Sheet of a workbook; default: the first one that is not empty."),
    )  # fmt: skip
    animal: str | None = _column(N_("Column with the names of animals."))
    population: str | None = _column(N_("Column with reference populations."))
    unit: str | None = _column(N_("Column with reporting units above them."))
    site: str | None = _column(N_("Column with sampling sites."))
    latitude: str | None = _column(N_("Column with latitudes, degrees."))
    longitude: str | None = _column(N_("Column with longitudes, degrees."))
    loci: str | None = option(
        default=None,
        metavar="NAMES",
        group=Group.ADVANCED,
        help=N_("Loci, separated by commas; patterns such as 'Fca*' will do. Default: recognised."),
    )
    haploid: str | None = option(
        default=None,
        metavar="NAMES",
        group=Group.ADVANCED,
        help=N_("Loci of one copy, such as mitochondrial ones, separated by commas."),
    )
    fields: str | None = option(
        default=None, metavar="NAMES", group=Group.ADVANCED,
        help=N_("Columns that are not loci, separated by commas."),
    )  # fmt: skip
    zero: str = option(
        default="auto",
        choices=("auto", "allele", "missing"),
        group=Group.ADVANCED,
        help=N_("Whether 0 is an allele or means 'not typed', where that is not certain."),
    )
    lone: str | None = option(
        default=None,
        choices=("half", "homozygote"),
        group=Group.ADVANCED,
        help=N_(
            "What 138 alone means where genotypes are 138/140: half (the other copy was not typed) or "
            "homozygote. Refused where nothing is said."
        ),
    )
    filtered: bool = option(
        default=False, group=Group.ADVANCED,
        help=N_("VCF: read sites that failed their filters, too."),
    )  # fmt: skip
    missing: tuple[str, ...] = option(
        default=(), metavar="TEXT", group=Group.ADVANCED, help=N_("Text that means 'not typed'.")
    )
    places: Path | None = option(
        default=None,
        metavar="FILE",
        group=Group.ADVANCED,
        help=N_("Second table, a row an animal: populations, units, coordinates."),
    )


# Unpacked. 100,000 loci of 1,000 animals as "138/140" are 0.8 GB.
MAX_BYTES = 4 * 2**30
# Characters of a line: a million loci of nine characters, with room.
MAX_LINE = 16 * 2**20
# Animals of a table; each row costs 100 bytes beside its cells.
MAX_ANIMALS = 1_000_000
MAX_LOCI = 1_000_000
# Four bytes a cell while it is read: 2 GB.
MAX_CELLS = 500_000_000
BUDGET = Budget(
    max_bytes=MAX_BYTES,
    max_line=MAX_LINE,
    max_rows=MAX_ANIMALS,
    max_columns=2 * MAX_LOCI,
    max_cells=MAX_CELLS,
    too_long=N_(
        "unpacked, the file is longer than {most} bytes; is it a genotype file? Divide it by loci and read the parts"
    ),
    line_too_long=N_("a line of more than {most} characters; is it a genotype file?"),
)


class OptionError(UsageError):
    """An option that does not fit a file; who has other names for options says it anew.

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


def open_source(source: object, *, max_bytes: int = MAX_BYTES) -> Source:
    """Open a genotype file: see `forensics.io.tables.open_source`."""
    from dataclasses import replace

    return open_any(source, budget=replace(BUDGET, max_bytes=max_bytes))


def unknown_locus(option: str, pattern: str, known: Sequence[str], source: Source) -> OptionError:
    """Return the error of an option that names a locus which a file does not have."""
    return OptionError(
        option,
        _("option {option}: no locus is called {name}. Loci: {found}"),
        source.label,
        name=printable(pattern),
        found=", ".join(map(printable, known[:5])) + (" …" if len(known) > 5 else ""),
    )
