"""Groups whose commands are imported when they are called; old names of commands."""

import copy
from typing import Any

import click

from forensics.cli.options import CommandGroup
from forensics.messages import _

__all__ = ["LazyGroup", "renamed"]

# click has it, with suggestions, from 8.4 on.
_NO_SUCH_COMMAND = getattr(click, "NoSuchCommand", None)


class LazyGroup(CommandGroup):
    """A group that lists its commands by name; `list_commands` and `get_command` are its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed; the error for an unknown one suggests near names.

        Raises
        ------
        click.UsageError
            If there is no such command. click itself knows only the names of commands that were
            imported, and so would suggest none.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if _NO_SUCH_COMMAND is None or not isinstance(error, _NO_SUCH_COMMAND):
                raise
            raise _NO_SUCH_COMMAND(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None


def renamed(command: click.Command, old: str, new: str) -> click.Command:
    """Return a command under its old name: it is in no help, does the same, and says how it is called now.

    Parameters
    ----------
    command : click.Command
    old, new : str
        Names with those of their groups, such as ``trade analyse pike``.
    """
    hidden = copy.copy(command)
    hidden.hidden = True
    hidden.params = list(command.params)
    call = command.callback

    def warn_and_call(*arguments: Any, **values: Any) -> Any:
        click.echo(
            _("Note: {}").format(
                _("'forensics {old}' is now 'forensics {new}'; the old name will go.").format(
                    old=old, new=new
                )
            ),
            err=True,
        )
        return None if call is None else call(*arguments, **values)

    hidden.callback = warn_and_call
    return hidden
