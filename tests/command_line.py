"""The command line, as tests type it."""

import csv
import io
import json
import os
import shlex
from contextlib import ExitStack

import click
from click.testing import CliRunner

from forensics.cli import main

__all__ = ["every_command", "records", "rows", "typed"]


def typed(line, *more, expect=0, text=None, phrase="", new_phrase="", **environment):
    """Run a command: words of a line, then single arguments; require the exit code that is expected.

    A passphrase is given through a file descriptor, as scripts give it.
    """
    arguments = [*shlex.split(line), *map(str, more)]
    with ExitStack() as stack:
        given = {"--passphrase-fd": phrase, "--new-passphrase-fd": new_phrase}
        for option, secret in given.items():
            if secret:
                read, write = os.pipe()
                stack.callback(os.close, read)
                os.write(write, f"{secret}\n".encode())
                os.close(write)
                arguments += [option, str(read)]
        result = CliRunner().invoke(
            main, arguments, input=text, env=environment, prog_name="forensics"
        )
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == expect, result.output
    return result


def records(result) -> list[dict]:
    """Return the objects of lines of JSON."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def rows(result, delimiter=",") -> list[dict]:
    """Return the rows of a table."""
    return list(csv.DictReader(io.StringIO(result.stdout), delimiter=delimiter))


def every_command(command=main, name="forensics"):
    """Yield every command and group with its full name."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            yield from every_command(command.get_command(context, child), f"{name} {child}")
