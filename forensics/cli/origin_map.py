"""``forensics origin map``: draw where samples came from."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forensics.cli.options import Command, new_file, option, options_of
from forensics.cli.origin_assign import LISTINGS, results_of
from forensics.cli.origin_options import GENOTYPE_READING, RANGE_MAP, REGIONS
from forensics.core.options import Group
from forensics.errors import UsageError
from forensics.genetics.options import ReadingOptions
from forensics.messages import _
from forensics.origin.options import AssignmentOptions

if TYPE_CHECKING:
    from forensics.origin.results import Origins

__all__ = ["check_map_file", "draw", "write_map"]


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
@GENOTYPE_READING
def draw(
    model: str, samples: str, range_map: str | None, listings: str | None, regions: str | None,
    options: AssignmentOptions, output: Path, reading: ReadingOptions,
) -> None:  # fmt: skip
    from forensics.origin.predict import WITHOUT_MAP, sites_on_map

    check_map_file(output)  # before the work begins, not after it
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
    click.echo(write_map(results, output, title=title, sites=sites_on_map(opened)))


def check_map_file(path: Path) -> None:
    """Check, before any work, that a map can be written to a new file of this name.

    Raises
    ------
    UsageError, ForensicsError
        If the ending is not known, the file exists, or matplotlib is missing.
    """
    from forensics.drawing import check_figure_file
    from forensics.origin.map_exports import EXPORTED
    from forensics.origin.map_sheet import SHEETS

    form = path.suffix.lower()
    if form in SHEETS:
        check_figure_file(path, known=SHEETS)
    elif form in (".html", *EXPORTED):
        new_file(path)
    else:
        raise UsageError(
            _("{path}: a map is written to a file that ends in one of {known}.").format(
                path=path, known=", ".join((".html", *SHEETS, *EXPORTED))
            )
        )


def write_map(
    results: "Origins", path: Path, *, title: str, sites: tuple[Sequence[float], Sequence[float]]
) -> str:
    """Write the map of results in the form that the end of the name asks for; return what was done.

    Parameters
    ----------
    results : Origins
    path : path
    title : str
        Model and version.
    sites : latitudes and longitudes, degrees
        Of the reference.
    """
    from forensics.io.files import write_new
    from forensics.origin.figures import save_map
    from forensics.origin.map_exports import EXPORTED, export_map
    from forensics.origin.map_page import map_page
    from forensics.origin.map_sheet import save_sheets

    form = path.suffix.lower()
    if form in EXPORTED:
        count = export_map(results, path)
        return _("{path}: {count} of {all} samples have a map").format(
            path=path, count=count, all=len(results)
        )
    if form == ".html":
        write_new(path, map_page(results, sites=sites, title=title).encode())
    elif form == ".pdf" or len(results) == 1:
        save_sheets(results, path, sites=sites, title=title)
    else:
        save_map(results, path, sites=sites, title=title)
    return _("{path}: a map of {count} samples").format(path=path, count=len(results))
