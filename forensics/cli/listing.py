"""``forensics listing``: what CITES and national law say of a specimen."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.options import LAW, command, open_law_of, option, options_of
from forensics.cli.output import View, Writer, written
from forensics.messages import _
from forensics.taxonomy.listings.table import SpecimenOptions

if TYPE_CHECKING:
    from forensics.taxonomy.listings.results import ListingResult


@command(
    help=_(
        "Look up which CITES Appendix applies to a specimen, and what national law says.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics listing 'Loxodonta africana' --population BW --kind tusks --source I\n"
        "  forensics listing 'Canis lupus' --date 2015-03-01\n"
        "  forensics listing 'Felis catus x Prionailurus bengalensis' --generation 3\n"
        "  forensics listing 'Manis javanica' --law law_2026-11\n\n"
        "Nothing is assumed: every possible answer is shown with its condition. 'No listing "
        "found' does not mean that the taxon is not protected."
    ),
)
@click.argument("taxa", nargs=-1, required=True, metavar="TAXON...")
@options_of(SpecimenOptions, "specimen")
@option(
    "--source",
    help=_("Source code of CITES: W, R, D, A, C, F, U, I, O, X or Y."),
)
@option(
    "--date",
    "day",
    metavar="DATE",
    help=_("Day, such as that of the seizure; default: today."),
)
@option(
    "--generation",
    type=click.IntRange(min=1),
    help=_("Of a hybrid: generations since an ancestor of a listed species; 1 is a parent."),
)
@option(
    "--lineage",
    multiple=True,
    metavar="NAME",
    help=_(
        "Family, order or other higher taxon of a genus that the table does not know; may be "
        "repeated."
    ),
)
@LAW
@written(
    _("Format of the results; json has everything, one line per taxon; csv has one answer per row.")
)
def listing(
    taxa: tuple[str, ...], specimen: SpecimenOptions, source: str | None, day: str | None, generation: int | None, lineage: tuple[str, ...],
    law_folder: Path | None, writer: Writer,
) -> None:  # fmt: skip
    from forensics.taxonomy.listings import listing_of

    law = open_law_of(law_folder)
    results = [
        listing_of(
            taxon, source=source, date=day, generation=generation, lineage=lineage, law=law,
            **specimen.specimen(),
        )
        for taxon in taxa
    ]  # fmt: skip
    if writer.has_rows:
        writer.plain_rows([row for result in results for row in result.rows()])
        return
    view: View[ListingResult] = View()
    for result in results:
        writer.write(result, view)
