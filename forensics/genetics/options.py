"""Options of reading genotypes; no NumPy is imported for them."""

from pathlib import Path
from typing import Any

from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_


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
