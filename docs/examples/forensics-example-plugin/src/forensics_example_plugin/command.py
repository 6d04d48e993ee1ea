"""``forensics birds``."""

import click

import forensics


@click.command(
    help="Name birds by their ND2.\n\nExample: forensics birds feathers.embl nd2_library"
)
@click.argument("sequences", type=click.Path(dir_okay=False))
@click.argument("library", type=click.Path(file_okay=False))
def birds(sequences: str, library: str) -> None:
    """Write a line of JSON a sequence."""
    for result in forensics.identify(sequences, library=library, locus="ND2"):
        click.echo(result.to_json())
