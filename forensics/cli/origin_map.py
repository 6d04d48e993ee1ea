"""``forensics origin map``: draw where samples came from."""

from pathlib import Path

import click

from forensics.cli.options import Command, new_file, option, options_of
from forensics.cli.origin_assign import LISTINGS, results_of
from forensics.cli.origin_options import RANGE_MAP, READING, REGIONS
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _
from forensics.origin.options import AssignmentOptions

__all__ = ["draw"]


@click.command(
    "map",
    cls=Command,
    help=_(
        "Draw a map of where samples came from.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics origin map simulated-range samples.csv --output map.html\n"
        "  forensics origin map my_model samples.csv --output map.pdf\n"
        "  forensics origin map my_model samples.csv --output posterior.tif\n\n"
        "A page in HTML works with no network and holds any number of samples. PDF has a sheet of A4 for "
        "each sample, with the map, the result and what cannot be said; so do PNG and SVG of one sample, "
        "while several are drawn beside each other (extra 'plot'). For QGIS and other maps: .tif (posterior by cell, a band a sample; "
        "extra 'geo'), .geojson (regions and point) or .csv (a row a cell)."
    ),
)
@click.argument("model")
@click.argument("samples", type=click.Path())
@RANGE_MAP
@LISTINGS
@REGIONS
@options_of(AssignmentOptions, "options")
@option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    group=Group.OUTPUT,
    help=_("New file that ends in .html, .pdf, .png, .svg, .tif, .geojson or .csv."),
)
@READING
def draw(
    model: str, samples: str, range_map: str | None, listings: str | None, regions: str | None,
    options: AssignmentOptions, output: Path, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.drawing import check_figure_file
    from forensics.io.files import write_new
    from forensics.origin.figures import save_map
    from forensics.origin.map_exports import EXPORTED, export_map
    from forensics.origin.map_sheet import SHEETS, save_sheets
    from forensics.origin.predict import WITHOUT_MAP, sites_on_map

    form = output.suffix.lower()
    if form in SHEETS:
        check_figure_file(output, known=SHEETS)  # before the work begins, not after it
    elif form in (".html", *EXPORTED):
        new_file(output)
    else:
        raise UsageError(
            _("{path}: a map is written to a file that ends in one of {known}.").format(
                path=output, known=", ".join((".html", *SHEETS, *EXPORTED))
            )
        )
    opened, results = results_of(
        model, samples, range_map, listings, options, reading, regions=regions
    )
    if opened.kind in WITHOUT_MAP:
        raise UsageError(
            _(
                "{model} assigns to populations and has no map. Train a model on animals with "
                "latitude and longitude."
            ).format(model=opened.name)
        )
    title = f"{opened.name} {opened.version}"
    if form in EXPORTED:
        count = export_map(results, output)
        click.echo(
            _("{path}: {count} of {all} samples have a map").format(
                path=output, count=count, all=len(results)
            )
        )
        return
    if form == ".html":
        from forensics.origin.map_page import map_page

        content = map_page(results, sites=sites_on_map(opened), title=title)
        write_new(output, content.encode())
    elif form == ".pdf" or len(results) == 1:
        save_sheets(results, output, sites=sites_on_map(opened), title=title)
    else:
        save_map(results, output, sites=sites_on_map(opened), title=title)
    click.echo(_("{path}: a map of {count} samples").format(path=output, count=len(results)))
