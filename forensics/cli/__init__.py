"""The command line: one file a command or group, no computation in it.

``forensics --help`` imports click and these small modules alone; a command imports
what it needs when it runs. A new command gets a file here and a line in `COMMANDS`.
"""

import atexit
import copy
import errno
import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import FrameType

import click

from forensics import __version__
from forensics.cli.options import (
    LANGUAGE_HELP,
    LazyGroup,
    Section,
    Setting,
    read_settings,
    spoken,
    using,
    with_language,
)
from forensics.errors import ForensicsError, PluginError, UsageError
from forensics.messages import N_, _, available
from forensics.plugins import Package, find_packages, load_plugins, record_plugins

COMMANDS = {
    "identify": "forensics.cli.identify",
    "mixture": "forensics.cli.mixture",
    "chromatogram": "forensics.cli.chromatogram",
    "origin": "forensics.cli.origin",
    "age": "forensics.cli.age",
    "individual": "forensics.cli.individual",
    "listing": "forensics.cli.listing",
    "law": "forensics.cli.law",
    "library": "forensics.cli.library",
    "custody": "forensics.cli.custody",
    "report": "forensics.cli.report",
    "trade": "forensics.cli.trade",
    "training": "forensics.cli.training",
    "selftest": "forensics.cli.selftest",
    "explain": "forensics.cli.explain",
    "settings": "forensics.cli.settings",
}

SECTIONS = (
    Section(N_("Daily work"), ("identify", "chromatogram", "library", "custody", "report")),
    Section(
        N_("Other groups"),
        (
            "mixture", "origin", "age", "individual", "listing", "law", "trade", "training", "selftest",
            "explain", "settings",
        ),
    ),
)  # fmt: skip
"""How ``forensics --help`` arranges the commands."""

_HELP = N_(
    "Wildlife forensics, from the seal of a specimen to the courtroom.\n\n"
    "Example: forensics identify exhibit.fasta"
)
# New objects after which cycles are looked for. A start makes tens of thousands that stay, and Python's 700 would go
# through them fifty times.
_OBJECTS_BETWEEN = 50_000
_NO_SETTINGS = "--no-settings"
_OPTIONS = {
    "no_settings": N_("Ignore the files of settings (forensics settings)."),
    "version": N_("Show the version and exit."),
    "lang": LANGUAGE_HELP,
}


class _Main(LazyGroup):
    """Commands that are imported when they are asked for; failures leave with their exit code."""

    settings_error: UsageError | None = None
    """What is wrong with a file of settings; the command that mends it runs all the same."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        try:
            return [*COMMANDS, *find_added_commands()]
        except PluginError as error:  # the help shows the commands that can be used
            click.echo(_("Error: {}").format(error), err=True)
            return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            added = find_added_commands().get(name)
            return None if added is None else with_language(added)
        return with_language(getattr(importlib.import_module(COMMANDS[name]), name))

    def main(self, args=None, *more, **options):
        arguments = sys.argv[1:] if args is None else args
        if args is None:  # the process is the command's own
            gc.set_threshold(_OBJECTS_BETWEEN)
            # At the end files are closed already; to look for cycles in what is left takes as long as an answer.
            atexit.register(gc.freeze)
        _open_closed_streams()
        settings, self.settings_error = _settings_of(arguments)
        with using(settings), spoken(arguments), _end_by_signals():
            try:
                return super().main(args, *more, **options)
            except OSError as error:  # a full disk, a folder that may not be written
                click.echo(_("Error: {}").format(_reason(error)), err=True)
                sys.exit(ForensicsError.exit_code)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # This module was imported before the language was known.
        self.help = _(_HELP)
        for parameter in self.params:
            text = _(_OPTIONS[parameter.name])
            parameter.help = text.format(languages=", ".join(available()))
        super().format_help(ctx, formatter)

    def invoke(self, ctx: click.Context):
        for stream in (sys.stdout, sys.stderr):
            # An old console lacks some letters; a result must not be lost for one of them.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            if self.settings_error is not None:
                raise self.settings_error
            return super().invoke(ctx)
        except ForensicsError as error:
            click.echo(_("Error: {}").format(error), err=True)
            ctx.exit(error.exit_code)


def find_added_commands() -> dict[str, click.Command]:
    """Return the commands that plug-ins add; their errors and their results name the plug-in.

    Raises
    ------
    PluginError
        If a plug-in cannot be used, or has a command of a name that is taken.
    """
    added: dict[str, click.Command] = {}
    for package, plugin in load_plugins().items():
        with package.named_errors():
            commands = dict(plugin.commands())
        for name, command in commands.items():
            if not isinstance(command, click.Command):
                raise package.error(f"{name}: {type(command)}")
            if name in COMMANDS or name in added:
                raise package.error(_("the name {name!r} is taken").format(name=name))
            added[name] = copy.copy(command)
            added[name].name = name
            added[name].params = list(command.params)  # which are added to
            added[name].invoke = partial(_invoke, command, package)  # type: ignore[method-assign]
    return added


def _invoke(command: click.Command, package: Package, ctx: click.Context) -> object:
    passed = (click.ClickException, click.Abort, click.exceptions.Exit, OSError)
    with package.in_use(), package.named_errors(*passed):
        return command.invoke(ctx)


# A shutdown or a time limit; a terminal that was closed.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Terminated(BaseException):
    """Raised where the program is when the signal comes, so that each file that is open is cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _end_by_signals() -> Iterator[None]:
    """Let signals that end a run pass through its ``finally`` clauses, as Ctrl-C does.

    The process still ends by the signal, so that whoever started it sees why. The same signal once more
    does not disturb the clearing up. A signal that is ignored (nohup) or that another program handles is
    left as it is.
    """
    process = os.getpid()

    def end(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != process:  # a worker has nothing of its own to remove
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        signal.signal(number, signal.SIG_IGN)
        raise _Terminated(number)

    replaced = []
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                replaced.append(number)
    except ValueError:  # handlers are set in the main thread alone
        pass
    try:
        yield
    except _Terminated as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(process, ended.number)
        raise SystemExit(
            128 + ended.number
        ) from None  # on Windows, where the line above may return
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _settings_of(arguments: Sequence[str]) -> tuple[Mapping[str, Setting], UsageError | None]:
    """Return the settings that hold for a run, and what is wrong with a file of them."""
    rest = iter(arguments)
    for argument in rest:
        if argument == _NO_SETTINGS:
            return {}, None
        if argument == "--lang":
            next(rest, None)
        elif not argument.startswith("-"):
            if argument == "settings":
                return {}, None
            break
    try:
        return read_settings(), None
    except UsageError as error:
        return {}, error


def _open_closed_streams() -> None:
    """Give the process the streams that it was started without (``>&-``), leading nowhere.

    Otherwise the next file that is opened, such as a library, would have the number of standard output.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")


def _reason(error: OSError) -> str:
    """Return what went wrong with a file, in words; the system has its own in English for the rest."""
    if error.errno == errno.ENOSPC:
        text = _("the disk is full, and the last file is incomplete. Free some space and repeat.")
    else:
        text = error.strerror or str(error)
    return f"{error.filename}: {text}" if error.filename else text


def _show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    """Print the version, and the plug-ins that are installed."""
    if not value or ctx.resilient_parsing:
        return
    click.echo(f"forensics, version {__version__}")
    for package, version in record_plugins(find_packages()).items():
        click.echo(_("plug-in {package} {version}").format(package=package, version=version))
    ctx.exit()


@click.group(
    cls=_Main,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_HELP,
)
@click.option(_NO_SETTINGS, is_flag=True, expose_value=False)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
def main() -> None:
    pass


with_language(main, hidden=False)
