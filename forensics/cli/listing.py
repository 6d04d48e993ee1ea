"""``forensics listing``: what CITES and national law say of a specimen."""

import sys

import click

from forensics.cli.index_options import index_options, open_official
from forensics.cli.printing import CONTROL, format_option, print_lines
from forensics.messages import _

__all__ = ["listing"]


@click.command(
    help=_(
        "Say which Appendix of CITES applies to a specimen, and what national law says.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics listing 'Loxodonta africana' --population BW --kind tusks --source I\n"
        "  forensics listing 'Canis lupus' --date 2015-03-01\n"
        "  forensics listing 'Felis catus x Prionailurus bengalensis' --generation 3\n"
        "  forensics listing 'Manis javanica' --national our_schedule.csv\n\n"
        "What is not given is not assumed: every answer that stands is told, with its condition. "
        "'No listing found' does not mean that it is not protected."
    )
)
@click.argument("taxa", nargs=-1, required=True, metavar="TAXON...")
@click.option(
    "--population",
    "--country",
    "population",
    metavar="PLACE",
    help=_("Country in which it lived: ISO 3166 code (BW, AR-Y) or English name."),
)
@click.option(
    "--kind", help=_("Kind of specimen: trade term code of CITES (TUS) or a word (raw ivory).")
)
@click.option("--source", help=_("Source code of CITES: W, R, D, A, C, F, U, I, O, X or Y."))
@click.option(
    "--date", "day", metavar="DATE", help=_("Day, such as that of the seizure; default: today.")
)
@click.option(
    "--generation",
    type=click.IntRange(min=1),
    help=_("Of a hybrid: generations since an ancestor of a listed species; 1 is a parent."),
)
@click.option(
    "--lineage",
    multiple=True,
    metavar="NAME",
    help=_("Family, order and so on, of a genus that the table does not know; may be repeated."),
)
@click.option(
    "--national",
    multiple=True,
    type=click.Path(dir_okay=False),
    help=_(
        "Schedule of national law (CSV: taxon, law, category, article, since); may be repeated."
    ),
)
@index_options
@format_option(_("Form of the results; json has everything, a line a taxon; csv an answer a row."))
def listing(
    taxa, population, kind, source, day, generation, lineage, national, index_path, index_date, style
) -> None:  # fmt: skip
    from forensics.taxonomy.listings import listing_of, read_schedule

    official = open_official(index_path, index_date)
    protections = [one for path in national for one in read_schedule(path)]
    results = [
        listing_of(
            taxon, population=population, kind=kind, source=source, date=day,
            generation=generation, lineage=lineage, national=protections, official=official,
        )
        for taxon in taxa
    ]  # fmt: skip
    if style != "table":
        sys.stdout.reconfigure(encoding="utf-8")
    if style == "csv":
        import csv

        from forensics.io.cells import defused

        rows = [defused(row) for result in results for row in result.rows()]
        writer = csv.DictWriter(sys.stdout, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    for result in results:
        if style == "json":
            click.echo(result.to_json())
            continue
        click.echo(result.sample.translate(CONTROL))
        print_lines(result.lines())
