"""The page of all commands and their options, made from the commands themselves: docs/commands.md.

``make docs`` writes it (``python -m forensics.cli.reference docs/commands.md``); a test compares it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from forensics.cli import main
from forensics.core.options import Group
from forensics.messages import speak

__all__ = ["make_reference"]

_HEAD = """\
# Commands and options

This page is made from the commands (`make docs`); what their results mean is in [command line](command-line.md).
Every command has `--lang LANGUAGE` and `--help`, too.
"""


def make_reference() -> str:
    """Return the page, in English."""
    speak("en")
    parts = [_HEAD, *(_section(name, command) for name, command in _commands(main, "forensics"))]
    return "\n".join(parts)


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that is not a group, with its whole name, in the order of the helps."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for child in command.list_commands(context):
        subcommand = command.get_command(context, child)
        if subcommand is not None:
            yield from _commands(subcommand, f"{name} {child}")


def _section(name: str, command: click.Command) -> str:
    # As when it is called: a command remembers the help option that it is asked for first.
    context = click.Context(command, info_name=name, **main.context_settings)
    usage = " ".join([name, *command.collect_usage_pieces(context)[1:]])  # without [OPTIONS]
    summary = (command.help or "").split("\n\n", 1)[0].replace("\n", " ")
    lines = [f"## {name}", "", f"`{usage}`", "", summary, ""]
    rows = list(_rows(command, context))
    if rows:
        lines += ["| | Option | Meaning |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def _rows(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield a row an option; the title of a group stands at its first one."""
    sections: dict[str, list[click.Option]] = {group.value: [] for group in Group}
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and (group := getattr(parameter, "group", None)):
            sections[group.value].append(parameter)
    for title, options in sections.items():
        for option in options:
            record = option.get_help_record(context)
            if record is not None:
                flag, text = (part.replace("|", r"\|") for part in record)
                yield f"| {title} | `{flag}` | {' '.join(text.split())} |"
                title = ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(make_reference(), encoding="utf-8", newline="\n")
