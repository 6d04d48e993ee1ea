"""Options of reading genotypes; no NumPy is imported for them."""

from pathlib import Path
from typing import Any

from forensics.core.options import Group, Options, option, option_class
from forensics.messages import N_

FORMATS = ("table", "genepop", "structure", "vcf", "plink")
"""Formats of genotypes; each has a module of its name in `forensics.genetics.formats`."""


def _reading(help: str, metavar: str | None = None, *, default: Any = None, **more: Any) -> Any:
    """Return an option of reading."""
    return option(default=default, metavar=metavar, group=Group.ADVANCED, help=help, **more)


@option_class
class ReadingOptions(Options):
    """How a file of genotypes is read: its format, what its columns are, what its cells mean."""

    input_format: str = _reading(
        N_("Format of the genotypes; recognised by the content."),
        default="auto",
        choices=("auto", *FORMATS),
        key="format",
    )
    sheet: str | None = _reading(
        N_("Sheet of a workbook; default: the first one that is not empty."), "TITLE"
    )
    animal: str | None = _reading(N_("Column with the names of animals."), "COLUMN")
    population: str | None = _reading(N_("Column with reference populations."), "COLUMN")
    unit: str | None = _reading(N_("Column with reporting units above them."), "COLUMN")
    site: str | None = _reading(N_("Column with sampling sites."), "COLUMN")
    latitude: str | None = _reading(N_("Column with latitudes, degrees."), "COLUMN")
    longitude: str | None = _reading(N_("Column with longitudes, degrees."), "COLUMN")
    loci: tuple[str, ...] = _reading(
        N_("Loci, separated by commas; patterns such as 'Fca*' will do. Default: recognised."),
        "NAMES",
        default=(),
    )
    haploid: tuple[str, ...] = _reading(
        N_("Loci of one copy, such as mitochondrial ones, separated by commas."),
        "NAMES",
        default=(),
    )
    fields: tuple[str, ...] = _reading(
        N_("Columns that are not loci, separated by commas."), "NAMES", default=()
    )
    zero: str = _reading(
        N_("Whether 0 is an allele or means 'not typed', where that is not certain."),
        default="auto",
        choices=("auto", "allele", "missing"),
    )
    lone: str | None = _reading(
        N_(
            "Meaning of 138 alone in genotypes such as 138/140: half (the other copy was not "
            "typed) or homozygote. Without it, such a genotype is refused."
        ),
        choices=("half", "homozygote"),
    )
    filtered: bool = _reading(N_("VCF: read sites that failed their filters, too."), default=False)
    missing: tuple[str, ...] = _reading(N_("Text that means 'not typed'."), "TEXT", default=())
    places: Path | None = _reading(
        N_("Second table, a row an animal: populations, units, coordinates."), "FILE", key=None
    )

    @property
    def named(self) -> dict[str, str | None]:
        """The column of each role, where it is named."""
        roles = ("animal", "population", "unit", "site", "latitude", "longitude")
        return {role: getattr(self, role) for role in roles}

    @property
    def absent(self) -> frozenset[str]:
        """The texts that mean "not typed", as cells are compared with them."""
        return frozenset(text.strip().casefold() for text in self.missing)

    def read_with(self) -> dict[str, object]:
        """Return the options other than the defaults, by the names of `read_genotypes`."""
        default = ReadingOptions().parameters()
        given = self.parameters() | {"missing": sorted(self.absent)}
        return {name: value for name, value in given.items() if value != default[name]}
