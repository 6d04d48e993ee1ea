"""Commands of plug-ins, in the groups where their names put them.

The entry point ``age.layers`` of the group ``forensics.methods`` is the command ``forensics age layers``. Plug-ins
are looked for where a command is not built in, and where all are listed. One that cannot be loaded is still
listed, and says why when it is called.
"""

import copy
from collections.abc import Collection
from typing import Any, NoReturn

import click

from forensics.errors import ForensicsError, PluginError
from forensics.messages import _
from forensics.plugins import METHODS, Plugin, installed_plugins, using_plugin

__all__ = ["find_plugin_command", "plugin_command_names"]

_ROOT = "main"
# What a command ends with in the usual way, or what the whole program says in its words.
_PASSED_ON = (ForensicsError, click.ClickException, click.Abort, click.exceptions.Exit, OSError)


def plugin_command_names(ctx: click.Context, builtin: Collection[str]) -> list[str]:
    """Return the names that plug-ins add to a group; those that are built in are not replaced."""
    path = _path_of(ctx)
    words = [
        tuple(plugin.name.split(".")) for plugin in installed_plugins() if plugin.group == METHODS
    ]
    return list(
        dict.fromkeys(
            name for *group, name in words if tuple(group) == path and name not in builtin
        )
    )


def find_plugin_command(ctx: click.Context, name: str) -> click.Command | None:
    """Return the command that a plug-in adds to a group under this name, which is not built in."""
    full_name = ".".join((*_path_of(ctx), name))
    if not any((each.group, each.name) == (METHODS, full_name) for each in installed_plugins()):
        return None
    from forensics.core.method import find_method

    loaded = None
    try:
        loaded = find_method(full_name)
        if loaded is None:
            return None
        command = loaded.method.command()
        if not isinstance(command, click.Command):
            raise TypeError(f"{type(command).__name__}, not a click.Command")
    except PluginError as error:
        return _broken(name, error)
    except Exception as error:  # of its code: the other commands go on
        assert loaded is not None
        return _broken(name, loaded.plugin.error(f"{type(error).__name__}: {error}"))
    return _guarded(command, name, loaded.plugin)


def _path_of(ctx: click.Context) -> tuple[str, ...]:
    """Return the names of the groups that lead to a context, without that of the program."""
    names = []
    context: click.Context | None = ctx
    while context is not None:
        names.append(context.command.name or "")
        context = context.parent
    return tuple(name for name in reversed(names) if name != _ROOT)


def _guarded(command: click.Command, name: str, plugin: Plugin) -> click.Command:
    """Return a command whose results name its plug-in, and whose errors do."""
    guarded = copy.copy(command)
    guarded.name = name
    guarded.params = list(command.params)

    def invoke(ctx: click.Context) -> Any:
        with using_plugin(plugin):
            try:
                return command.invoke(ctx)
            except _PASSED_ON:
                raise
            except Exception as error:
                raise plugin.error(f"{type(error).__name__}: {error}") from error

    guarded.invoke = invoke  # type: ignore[method-assign]
    return guarded


def _broken(name: str, error: PluginError) -> click.Command:
    """Return a command that says why it cannot be used."""

    def refuse(*_arguments: Any, **_values: Any) -> NoReturn:
        raise error

    return click.Command(
        name,
        callback=refuse,
        help=str(error),
        short_help=_("(a plug-in that cannot be used)"),
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
