"""``--lang``: the language of one run, wherever it stands on the command line.

The helps of the commands are translated when their modules are imported, and click looks up its own
texts (``Usage:``, ``Missing argument``) in the domain that is bound at the time. So the arguments are
read over once before anything is imported, as far as this can be done without knowing the options:
a language that is found there is used. Then click reads the arguments as they are meant, and its
word is final: an unknown language is refused, and where ``--lang`` was the value of another
option, the language is that of the environment again.

Processes that a command starts find the language in their environment.
"""

import gettext
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from forensics.messages import DOMAIN, LOCALE, N_, _, available, language, speak

LANGUAGE_HELP = N_("Language of the messages ({languages}), before or after the command.")
_FLAG = "--lang"
_VARIABLE = "LANGUAGE"
_DEFAULT_DOMAIN = "messages"  # Python's, as long as a program names no other
_CHOSEN = f"{__name__}.chosen"  # in click's notes of a run

# What LANGUAGE was when the run began.
_outside: str | None = None


@contextmanager
def spoken(arguments: Iterable[str]) -> Iterator[None]:
    """Speak the language that the arguments seem to ask for, until the run is over."""
    global _outside
    _outside = os.environ.get(_VARIABLE)
    domain = gettext.textdomain()
    seeming = _seeming(arguments)
    try:
        try:
            _use(seeming)
        except ValueError:  # click says so, if it was meant as a language
            _use(None)
        yield
    finally:
        gettext.textdomain(domain)
        if seeming is not None:  # a program may run several commands
            _put(_outside)
            speak()


def with_language(command: click.Command, *, hidden: bool = True) -> click.Command:
    """Return the command with ``--lang``, and so those of a group when they are asked for.

    Parameters
    ----------
    command : click.Command
    hidden : bool
        Whether the help of the command does not name the option: once is enough.
    """
    if any(_FLAG in parameter.opts for parameter in command.params):
        return command
    command.params.append(
        click.Option(
            [_FLAG],
            metavar="LANGUAGE",
            help=LANGUAGE_HELP,
            hidden=hidden,
            is_eager=True,  # what is wrong with the other options is reported in this language
            expose_value=False,
            callback=_chosen,
        )
    )
    if isinstance(command, click.Group):
        get_below = command.get_command

        def get_command(ctx: click.Context, name: str) -> click.Command | None:
            below = get_below(ctx, name)
            return below and with_language(below)

        command.get_command = get_command  # type: ignore[method-assign, assignment]
    return command


def _seeming(arguments: Iterable[str]) -> str | None:
    """Return what follows the last ``--lang``, if any."""
    seeming, rest = None, iter(arguments)
    for argument in rest:
        if argument == "--":
            break
        if argument == _FLAG:
            seeming = next(rest, seeming)
        elif argument.startswith(f"{_FLAG}="):
            seeming = argument.removeprefix(f"{_FLAG}=")
    return seeming


def _chosen(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        try:
            _use(value)
        except ValueError:
            raise click.BadParameter(
                _("there are no messages in {found!r}; there are: {known}.").format(
                    found=value[:60], known=", ".join(available())
                )
            ) from None
        ctx.meta[_CHOSEN] = value
    elif (
        _CHOSEN not in ctx.meta
        and not isinstance(ctx.command, click.Group)
        and os.environ.get(_VARIABLE) != _outside
    ):
        _use(None)


def _use(code: str | None) -> None:
    """Speak a language, and let click and other processes speak it; None: as outside."""
    if code is not None:
        speak(code)
        os.environ[_VARIABLE] = language()
    elif os.environ.get(_VARIABLE) != _outside:
        _put(_outside)
        speak()
    if language() == "en":  # there is no catalogue: gettext would pass on to another language
        gettext.textdomain(_DEFAULT_DOMAIN)
    else:
        gettext.bindtextdomain(DOMAIN, LOCALE)
        gettext.textdomain(DOMAIN)


def _put(value: str | None) -> None:
    if value is None:
        os.environ.pop(_VARIABLE, None)
    else:
        os.environ[_VARIABLE] = value
