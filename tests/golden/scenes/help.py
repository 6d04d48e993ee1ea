"""The help of every command in English, of the top level and of some commands in French and Spanish."""

import click

TRANSLATED = (
    (), ("identify",), ("custody",), ("custody", "receive"), ("library", "build"), ("origin", "assign"),
    ("individual", "match"), ("age", "radiocarbon"), ("report", "build"), ("trade", "import"), ("trade",),
)  # fmt: skip


def paths(command, path=()):
    """Yield the words of every group and command."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from paths(command.get_command(context, name), (*path, name))


def play(net):
    from forensics.cli import main

    for path in paths(main):
        net.run(*path, "--help", limit=20_000)
    for language in ("fr", "es"):
        for path in TRANSLATED:
            net.run(*path, "--help", language=language, limit=20_000)
    net.run("-h", limit=300)
    net.run("--version")
    net.run()
    net.run("idntify")
    net.run("custody recieve")
    net.run("--lang xx identify")
    net.run("identify --lang")
    for language in ("fr", "es"):
        net.run("identify", language=language)
        net.run("trade imprt", language=language)
        net.run("identify --nothing", language=language)
