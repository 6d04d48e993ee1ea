"""``forensics identify``."""

import csv
import shutil
import sys
import textwrap
from collections import Counter

import click

from forensics.messages import _

__all__ = ["identify"]

# Those of forensics.examination.identify, which is not imported for --help; a test keeps
# them equal.
FLOOR = 0.90
CONFIDENCE = 0.95
IN_LIBRARY_PRIOR = 0.9


@click.command(
    help=_(
        "Name the species of barcode sequences.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics identify exhibit.fasta\n"
        "  forensics identify trace_F.ab1 --format json\n"
        "  cat exhibit.fasta | forensics identify - --library my_library\n\n"
        "FILES are FASTA, FASTQ, GenBank or .ab1, plain or gzipped; - is standard input. "
        "Results go to standard output, messages to standard error.\n\n"
        "\b\n"
        "Exit codes: 0 done, 1 error, 2 options used wrongly,\n"
        "3 at least one input could not be examined, 4 a verification failed."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILES...")
@click.option(
    "--library",
    "library_name",
    default="embedded",
    show_default=True,
    metavar="DIR|NAME",
    help=_("Library to search: a folder, or the embedded demonstration set."),
)
@click.option(
    "--locus",
    default="auto",
    show_default=True,
    metavar="auto|NAME",
    help=_("Locus of the queries; auto compares with all loci of the library."),
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=CONFIDENCE,
    show_default=True,
    help=_("Probability that a call must reach; lower names more, and more often wrongly."),
)
@click.option(
    "--in-library-prior",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=IN_LIBRARY_PRIOR,
    show_default=True,
    help=_(
        "How likely it is beforehand that the library holds the species. The default is for a "
        "library built for the species you meet; give 0.5 where you cannot say."
    ),
)
@click.option(
    "--floor",
    type=click.FloatRange(0, 1, min_open=True),
    default=FLOOR,
    show_default=True,
    help=_("Identity under which a record is no neighbour."),
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help=_("Form of the results; json has everything, a line a query."),
)
def identify(files, library_name, locus, confidence, in_library_prior, floor, style) -> None:
    from forensics.barcode.library import open_library
    from forensics.barcode.reads import read_queries
    from forensics.errors import InputError
    from forensics.examination import identify_each

    unreadable = 0

    def queries():
        nonlocal unreadable
        for file in files:
            try:
                yield from read_queries(file)
            except InputError as error:  # the other files are still examined
                unreadable += 1
                click.echo(_("Error: {}").format(error), err=True)

    statuses = Counter()
    results = identify_each(
        queries(),
        library=open_library(library_name),
        locus=locus,
        confidence=confidence,
        in_library_prior=in_library_prior,
        floor=floor,
    )
    if style != "table":  # for programs, which expect UTF-8 everywhere
        sys.stdout.reconfigure(encoding="utf-8")
    write = {"table": _table, "json": _json, "csv": _csv()}[style]
    # A bar among results on the same screen would be unreadable.
    hidden = sys.stdout.isatty() or not sys.stderr.isatty()
    with click.progressbar(
        results, label=_("Identifying"), show_pos=True, file=sys.stderr, hidden=hidden
    ) as bar:
        for result in bar:
            statuses[result.status] += 1
            write(result)
    if style == "table":
        click.echo(_summary(statuses, unreadable), err=True)
    if unreadable or statuses["unusable"]:
        click.get_current_context().exit(InputError.exit_code)


def _json(result) -> None:
    click.echo(result.to_json())


def _csv():
    from forensics.barcode.identification import CSV_COLUMNS

    writer = csv.DictWriter(sys.stdout, CSV_COLUMNS, lineterminator="\n")
    started = False

    def write(result) -> None:
        nonlocal started
        if not started:
            writer.writeheader()
            started = True
        writer.writerow(result.to_row())

    return write


# A stranger's names must not steer the terminal.
_CONTROL = dict.fromkeys([*range(32), *range(127, 160)], "\ufffd")


def _table(result) -> None:
    facts = [_("{} bp").format(result.length), result.locus, result.strand and f"({result.strand})"]
    name = result.query.translate(_CONTROL)
    click.echo(f"{name}  {' '.join(fact for fact in facts if fact)}")
    lines = result.lines()
    width = max(len(label) for label, _text in lines) + 4
    columns = min(shutil.get_terminal_size((100, 24)).columns, 100)
    for label, text in lines:
        click.echo(
            textwrap.fill(
                text.translate(_CONTROL),
                columns,
                initial_indent=f"  {label}".ljust(width),
                subsequent_indent=" " * width,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    click.echo()


def _summary(statuses: Counter, unreadable: int) -> str:
    return _(
        "{identified} identified, {inconclusive} inconclusive, {absent} not in the library, "
        "{unusable} unusable, {unreadable} files not read"
    ).format(
        identified=statuses["identified"],
        inconclusive=statuses["inconclusive"],
        absent=statuses["not_in_library"],
        unusable=statuses["unusable"],
        unreadable=unreadable,
    )
