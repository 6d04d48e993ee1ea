"""``forensics origin``: where an animal came from. One file a command."""

import click

from forensics.cli.options import CommandGroup
from forensics.cli.origin_assign import assign, together
from forensics.cli.origin_map import draw
from forensics.cli.origin_train import evaluate, quality, train
from forensics.cli.output import RECORDS, Writer, written
from forensics.messages import _

__all__ = ["origin"]


@click.group(
    cls=CommandGroup,
    help=_(
        "Say where an animal came from: reference populations, a map, isotopes.\n\n"
        "Example: forensics origin assign microbov-breeds samples.csv"
    ),
)
def origin() -> None:
    pass


for _command in (
    train,
    assign,
    draw,
    together,
    evaluate,
    quality,
):
    origin.add_command(_command)


@origin.command(
    help=_(
        "Show the card of a model: data, figures on animals it has not seen, limits.\n\n"
        "Example: forensics origin info microbov-breeds\n\n"
        "Without MODEL the packaged models are listed."
    )
)
@click.argument("model", metavar="[MODEL]", required=False)
@written(forms=RECORDS)
def info(model: str | None, writer: Writer) -> None:
    from forensics.cli.printing import CONTROL
    from forensics.learning.card import card_of
    from forensics.origin.models import open_model, packaged_models

    if model is None:
        for opened in map(open_model, packaged_models()):
            writer.text(f"{opened.name}  {opened.version}  {opened.kind}  {opened.sha256}")
        return
    opened = open_model(model)
    description = {**opened.identity(), **opened.card}
    if writer.is_json:
        writer.record(description)
        return
    writer.text(card_of({**description, "kind": opened.kind}).translate({**CONTROL, 10: "\n"}))
    writer.text(f"sha256 {opened.sha256}")
