"""Groups whose commands are imported when they are called."""

import click

from forensics.cli.options import CommandGroup

__all__ = ["LazyGroup"]

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
