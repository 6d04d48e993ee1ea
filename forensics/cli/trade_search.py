"""``forensics trade search``: seizures in which words occur."""

from pathlib import Path

import click

from forensics.cli.options import Command, option
from forensics.cli.output import Writer
from forensics.cli.trade_options import FORM
from forensics.core.options import Group
from forensics.messages import _, ngettext
from forensics.trade.search import DEFAULT_LIMIT

__all__ = ["search"]


@click.command(
    cls=Command,
    help=_(
        "Search seizures for words, in their records and in the rows that these were read from.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics trade search seizures.db ivory mombasa\n"
        "  forensics trade search seizures.db '\"ivory bangles\"' --format json\n\n"
        "All words must occur, in any order and any case; accents make no difference, and a phrase stands "
        "in double quotes. Seizures that are not counted are shown, too, and say so."
    ),
)
@click.argument("store", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("words", nargs=-1, required=True)
@option(
    "--limit",
    type=click.IntRange(1),
    default=DEFAULT_LIMIT,
    show_default=True,
    group=Group.DECIDE,
    help=_("Most seizures that are shown."),
)
@FORM
def search(store: Path, words: tuple[str, ...], limit: int, writer: Writer) -> None:
    from forensics.trade.search import search_seizures
    from forensics.trade.store import open_store

    with open_store(store) as opened:
        matches = search_seizures(opened, " ".join(words), limit=limit)
    rows = [match.to_dict() for match in matches]
    if writer.is_table:
        for row in rows:
            label = _(str(row["standing"]))
            standing = "" if row["standing"] == "counted" else f" · {label}"
            line = (
                f"{row['seizure']}  {row['reference'] or '-'}  {row['date'] or '-'}  "
                f"{row['country'] or '-'}{standing}: {row['excerpt']}"
            )
            writer.heading(line)
    else:
        writer.plain_rows(rows)
    text = ngettext("{count} seizure", "{count} seizures", len(rows)).format(count=len(rows))
    click.echo(text, err=True)
