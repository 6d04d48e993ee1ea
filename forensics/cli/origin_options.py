"""Options that the commands of origin share: how a table of genotypes is read."""

import click

from forensics.cli.custody_options import apply
from forensics.cli.printing import CONTROL
from forensics.messages import _

__all__ = ["READING", "apply", "read"]

READING = (
    click.option(
        "--input-format",
        type=click.Choice(["auto", "table", "genepop", "structure", "vcf"]),
        default="auto",
        show_default=True,
        help=_("Format of the genotypes; recognised by the content."),
    ),
    click.option("--animal", metavar="COLUMN", help=_("Column with the names of animals.")),
    click.option("--population", metavar="COLUMN", help=_("Column with reference populations.")),
    click.option("--unit", metavar="COLUMN", help=_("Column with reporting units above them.")),
    click.option("--site", metavar="COLUMN", help=_("Column with sampling sites.")),
    click.option("--latitude", metavar="COLUMN", help=_("Column with latitudes, degrees.")),
    click.option("--longitude", metavar="COLUMN", help=_("Column with longitudes, degrees.")),
    click.option(
        "--loci",
        metavar="NAMES",
        help=_("Loci, separated by commas; patterns such as 'Fca*' will do. Default: recognised."),
    ),
    click.option(
        "--haploid",
        metavar="NAMES",
        help=_("Loci of one copy, such as mitochondrial ones, separated by commas."),
    ),
    click.option(
        "--fields", metavar="NAMES", help=_("Columns that are not loci, separated by commas.")
    ),
    click.option(
        "--zero",
        type=click.Choice(["auto", "allele", "missing"]),
        default="auto",
        show_default=True,
        help=_("Whether 0 is an allele or means 'not typed', where that is not certain."),
    ),
    click.option(
        "--lone",
        type=click.Choice(["half", "homozygote"]),
        help=_(
            "What 138 alone means where genotypes are 138/140: half (the other copy was not typed) or "
            "homozygote. Refused where nothing is said."
        ),
    ),
    click.option(
        "--filtered", is_flag=True, help=_("VCF: read sites that failed their filters, too.")
    ),
    click.option(
        "--missing", multiple=True, metavar="TEXT", help=_("Text that means 'not typed'.")
    ),
    click.option(
        "--places",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help=_("Second table, a row an animal: populations, units, coordinates."),
    ),
)


def read(file: str, options: dict):
    """Read genotypes with the options of `READING`, and take those out of `options`.

    Raises
    ------
    OptionError
        If an option does not fit the file; both are named.
    """
    from forensics.genetics.reading import read_genotypes
    from forensics.genetics.sources import OptionError

    names = ("animal", "population", "unit", "site", "latitude", "longitude", "zero", "lone")
    lists = {name: _parted(options.pop(name)) for name in ("loci", "haploid", "fields")}
    try:
        genotypes = read_genotypes(
            file,
            format=options.pop("input_format"),
            loci=lists["loci"] or None,
            haploid=lists["haploid"],
            fields=lists["fields"],
            filtered=options.pop("filtered"),
            missing=options.pop("missing"),
            places=options.pop("places"),
            **{name: options.pop(name) for name in names},
        )
    except OptionError as error:
        raise error.called(f"--{error.option}") from error
    for note in genotypes.notes:  # what the reader noticed, such as a place at 0, 0
        click.echo(_("Note: {}").format(note.translate(CONTROL)), err=True)
    return genotypes


def _parted(text: str | None) -> list[str]:
    """Return the names of a list with commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
