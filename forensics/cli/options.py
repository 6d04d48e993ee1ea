"""Commands and groups, their options and settings: declared once, shown in groups.

A command says what it takes by decorators, and gets one object for each of them:

- `option` is an option of the command itself, in a group of the help, by default that of what is examined;
  `path_option` is one of a file or folder, `output_option` that of what is made;
- `options_of` makes options from a class of `forensics.core.options` and gives the command one object;
- `together_of` does so for options of which all are given or none;
- `shared` says that the group of the command describes them: they are taken before the command and after it.

The commands themselves are of `Command` (`command`), their groups of `CommandGroup`, or of `LazyGroup` where a command is
imported when it is called. Numbers are finite, with a decimal point or a decimal comma. Options that several
commands have stand at the end.

``--lang`` is read wherever it stands on the command line. The helps of the commands are translated when their modules
are imported, and click looks up its own texts (``Usage:``, ``Missing argument``) in the domain that is bound at the
time. So the arguments are read over once before anything is imported, as far as this can be done without knowing the
options: a language that is found there is used. Then click reads the arguments as they are meant, and its word is
final: an unknown language is refused, and where ``--lang`` was the value of another option, the language is that of
the environment again.

Processes that a command starts find the language in their environment.

Settings are what a laboratory or a person sets once. Two files of TOML are read: the laboratory's, which
``FORENSICS_SETTINGS`` names, and the user's own (``forensics settings`` names both). A setting of the user's counts before
one of the laboratory's, an option of the command line before both. None is read where ``FORENSICS_NO_SETTINGS`` is
set or ``--no-settings`` is given.
"""

import functools
import gettext
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from forensics.core.options import Group, Options, Spec
from forensics.errors import InputError, UsageError
from forensics.io.files import MAX_TOML, check_new, load_toml, read_limited
from forensics.messages import DOMAIN, LOCALE, N_, _, available, language, numeral, speak

if TYPE_CHECKING:
    from forensics.taxonomy.listings.package import Law


LABORATORY, USER = "laboratory", "user"
_LABORATORY_VARIABLE, _OFF_VARIABLE = "FORENSICS_SETTINGS", "FORENSICS_NO_SETTINGS"
_SCREEN_FORMS = ("table", "json", "csv", "tsv")


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(low: float, high: float) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        return (
            isinstance(value, (int, float)) and not isinstance(value, bool) and low < value < high
        )

    return check


# Made at every start, so tuples with names: a dataclass takes a millisecond.
class SettingSpec(NamedTuple):
    """What a setting is.

    Attributes
    ----------
    meaning : str
        In English, marked with ``N_``.
    is_valid : callable
        Whether a value will do.
    expected : str
        What a value must be, in English, marked with ``N_``.
    is_path : bool
        Whether a relative value counts from the folder of its file.
    words : tuple of str
        Values that are not paths all the same.
    """

    meaning: str
    is_valid: Callable[[object], bool] = _text
    expected: str = N_("a text")
    is_path: bool = False
    words: tuple[str, ...] = ()


SETTINGS = {
    "library": SettingSpec(N_("library to search"), is_path=True, words=("embedded",)),
    "confidence": SettingSpec(
        N_("probability that a call must reach"), _number(0.5, 1), N_("a number above 0.5 and below 1")
    ),
    "prior": SettingSpec(
        N_("how likely the library holds the species"), _number(0, 1), N_("a number above 0 and below 1")
    ),
    "law": SettingSpec(N_("law package that answers for listings"), is_path=True),
    "criteria": SettingSpec(
        N_("what a call to species must meet"), is_path=True, words=("none", "casework")
    ),
    "region": SettingSpec(N_("countries where items may be from, such as CM GA")),
    "checklist": SettingSpec(N_("table of species and countries, for the region"), is_path=True),
    "language": SettingSpec(
        N_("language of the messages"), lambda value: value in available(), N_("one of {languages}")
    ),
    "ledger": SettingSpec(N_("ledger of custody"), is_path=True),
    "person": SettingSpec(N_("person who acts: LEDGER.keys/PERSON.key")),
    "key": SettingSpec(N_("key file to sign with"), is_path=True),
    "certificate": SettingSpec(N_("certificate and key of the laboratory, to sign reports"), is_path=True),
    "roots": SettingSpec(N_("certificates of authorities that are trusted, for signatures of reports"), is_path=True),
    "form": SettingSpec(N_("form of the results"), lambda value: value in _SCREEN_FORMS, N_("table, json, csv or tsv")),
}  # fmt: skip
"""All settings, in the order in which they are shown."""


class Setting(NamedTuple):
    """A setting with where it comes from.

    Attributes
    ----------
    of : str
        `LABORATORY` or `USER`.
    sha256 : str
        Of the file.
    """

    value: Any
    of: str
    file: Path
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as provenance has them."""
        return {"value": self.value, "of": self.of, "file": self.file.name, "sha256": self.sha256}


_current: ContextVar[Mapping[str, Setting]] = ContextVar("settings", default=MappingProxyType({}))


def current_settings() -> Mapping[str, Setting]:
    """Return the settings of this run, by key; none where a script calls the library."""
    return _current.get()


def settings_files() -> dict[str, Path]:
    """Return the files of settings by whose they are, there or not."""
    files = {}
    if named := os.environ.get(_LABORATORY_VARIABLE):
        files[LABORATORY] = Path(named)
    files[USER] = Path(click.get_app_dir("forensics")) / "settings.toml"
    return files


def read_settings() -> dict[str, Setting]:
    """Return the settings that hold, by key.

    Raises
    ------
    UsageError
        If a file cannot be read, has an unknown setting, or a value that will not do; with file and line.
    """
    if os.environ.get(_OFF_VARIABLE):
        return {}
    settings: dict[str, Setting] = {}
    for of, path in settings_files().items():
        if of == USER and not path.is_file():
            continue
        try:
            content = read_limited(path, MAX_TOML)
        except InputError as error:
            raise UsageError(
                _("{path} cannot be read ({error}).").format(path=path, error=error.message)
            ) from error
        settings.update(_read(path, of, content))
    return settings


def check_text(path: Path, text: str) -> dict[str, Any]:
    """Return the values of a text of settings by key, checked; errors as of `read_settings`."""
    try:
        values = load_toml(text)
    except ValueError as error:
        raise UsageError(
            _("{path} is not TOML: {error}. A setting looks like {example}").format(
                path=path, error=error, example='library = "my_library"'
            )
        ) from error
    for key, value in values.items():
        place = _("{path}, line {line}").format(path=path, line=_line_of(text, key))
        if key not in SETTINGS:
            unknown = _("{place}: there is no setting {key!r}.").format(place=place, key=key)
            message = " ".join((unknown, *near_keys(key)))
            raise UsageError(message)
        if not SETTINGS[key].is_valid(value):
            raise UsageError(
                _("{place}: {key} = {value!r} is not valid; expected: {expected}.").format(
                    place=place,
                    key=key,
                    value=value,
                    expected=_(SETTINGS[key].expected).format(languages=", ".join(available())),
                )
            )
    return values


def _read(path: Path, of: str, content: bytes) -> Iterator[tuple[str, Setting]]:
    import hashlib

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(_("{path} is not UTF-8.").format(path=path)) from error
    sha256 = hashlib.sha256(content).hexdigest()
    for key, value in check_text(path, text).items():
        kind = SETTINGS[key]
        if kind.is_path and value not in kind.words:
            value = str(path.absolute().parent / Path(value).expanduser())
        yield key, Setting(value, of, path, sha256)


def near_keys(key: str) -> tuple[str, ...]:
    """Return what to say of a setting that there is not: one of a near name, or all."""
    import difflib

    near = difflib.get_close_matches(key, SETTINGS, 1)
    if near:
        return (_("Did you mean {key!r}?").format(key=near[0]),)
    return (_("The settings are: {keys}.").format(keys=", ".join(SETTINGS)),)


def _line_of(text: str, key: str) -> int:
    """Return the line in which a key or the table of this name stands, from 1."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.partition("=")[0].strip(" \t\"'[]").partition(".")[0] == key:
            return number
    return 1


@contextmanager
def using(settings: Mapping[str, Setting]) -> Iterator[None]:
    """Let settings hold for a run: its options, its language, the ledger that is meant where none is given."""
    token = _current.set(settings)
    environment = {"LANGUAGE": "language"}
    if "FORENSICS_LEDGER" not in os.environ:
        environment["FORENSICS_LEDGER"] = "ledger"
    before = {name: os.environ.get(name) for name in environment}
    try:
        for name, key in environment.items():
            if key in settings:
                os.environ[name] = str(settings[key].value)
        if "language" in settings:
            speak()
        yield
    finally:
        _current.reset(token)
        for name, value in before.items():
            if environment[name] in settings:
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
        if "language" in settings:
            speak()


def number(text: str) -> float:
    """Return a finite number; ``0,02`` is ``0.02``.

    Raises
    ------
    ValueError
        If it is not a number, or may be one of two (``1,234``).

    Examples
    --------
    >>> number("0,02"), number("-1.5e-3")
    (0.02, -0.0015)
    """
    from forensics.io.numbers import parse_number

    return parse_number(text)


class _Finite:
    """What click lacks: NaN lies in no range, and is in none of its comparisons either."""

    def convert(self, value, param, ctx):
        if isinstance(value, str):
            # Here, as most runs give no number.
            from forensics.io.numbers import AmbiguousNumberError, parse_number

            lowest, highest = getattr(self, "min", None), getattr(self, "max", None)
            try:
                value = parse_number(
                    value,
                    minimum=-math.inf if lowest is None else lowest,
                    maximum=math.inf if highest is None else highest,
                )
            except AmbiguousNumberError as error:
                readings = _(" or ").join(numeral(reading, "g") for reading in error.readings)
                self.fail(
                    _("{value!r} may be {readings}; write it with a decimal point.").format(
                        value=value[:60], readings=readings
                    ),
                    param,
                    ctx,
                )
            except ValueError:
                self.fail(
                    _("{value!r} is not a finite number.").format(value=value[:60]), param, ctx
                )
        return super().convert(value, param, ctx)


class _Number(_Finite, click.types.FloatParamType):
    pass


class NumberReadWithin(_Number):
    """A finite number, read by bounds where it may be one of two: ``1,250`` is 1.25 where 1250 cannot be.

    What lies outside is not refused here: the method says better what is wrong.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self.min, self.max = minimum, maximum


class NumberRange(_Finite, click.FloatRange):
    """A finite number in a range; parameters as of `click.FloatRange`."""


NUMBER = _Number()


def file_path() -> click.Path:
    """Return the type of a path of a file, which need not be there; click names it in the language of the run."""
    return click.Path(path_type=Path, dir_okay=False)


def folder_path() -> click.Path:
    """Return the type of a path of a folder, which need not be there."""
    return click.Path(path_type=Path, file_okay=False)


F = TypeVar("F", bound=Callable[..., Any])
OptionsT = TypeVar("OptionsT", bound=Options)


RARE = (Group.ADVANCED,)
"""Groups whose options only ``--help-all`` shows."""


def is_rare(parameter: click.Parameter) -> bool:
    """Return whether only ``--help-all`` shows an option; one that is required is always shown."""
    return bool(getattr(parameter, "is_rare", False)) and not parameter.required


class GroupedOption(click.Option):
    """An option that a help shows in a group, with a default that may be put in words.

    Parameters
    ----------
    is_rare : bool
        Whether only ``--help-all`` shows it; options of the groups `RARE` always are.
    setting : str
        The setting (`forensics.cli.options.SETTINGS`) that is its default where it is not given.
    **attributes
        As of `click.Option`.

    Attributes
    ----------
    is_shared : bool
        Whether it is described once, by the group of the command (`shared`).
    """

    is_shared = False

    def __init__(
        self,
        *declarations: Any,
        group: Group = Group.EXAMINE,
        is_rare: bool = False,
        setting: str = "",
        **attributes: Any,
    ) -> None:
        super().__init__(*declarations, **attributes)
        self.group = group
        self.setting = setting
        self.is_rare = is_rare or group in RARE

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return flag and help; click puts a default in words into brackets, and we take them off."""
        record = super().get_help_record(ctx)
        if record is None or not isinstance(self.show_default, str):
            return record
        flag, text = record
        return flag, text.replace(f"({self.show_default})", self.show_default)

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Read the option; what a group finds of a shared one before the command, the command reads."""
        if self.is_shared and self.name:
            before = ctx.meta.setdefault(_BEFORE, {})
            if isinstance(ctx.command, click.Group):
                if self.name in opts:
                    before[self.name] = self, opts[self.name]
                return None, args
            if self.name in before:
                value = before[self.name][1]
                if self.multiple:
                    opts = {**opts, self.name: [*value, *opts.get(self.name, ())]}
                else:
                    opts = {self.name: value, **opts}
        return super().handle_parse_result(ctx, opts, args)


def title_of(text: str) -> str:
    """Return the title of a section of a help, translated; click writes the colon after it.

    Parameters
    ----------
    text : str
        In English, marked with ``N_``.
    """
    options = _("Options")
    return _(text).rstrip() + options[len(options.rstrip()) :]  # a space in French


_HELP_ALL = "--help-all"
# In click's notes of a run: that all options are shown; what was given before the command.
_ALL, _BEFORE = f"{__name__}.all", f"{__name__}.before"


def _help_all_option() -> click.Option:
    """Return the option that shows the help with the rare options."""

    def show(ctx: click.Context, _parameter: click.Parameter, is_given: bool) -> None:
        if is_given and not ctx.resilient_parsing:
            ctx.meta[_ALL] = True
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()

    return click.Option(
        [_HELP_ALL], is_flag=True, is_eager=True, expose_value=False, callback=show,
        help=_("Show all options, the rarely used ones too, and exit."),
    )  # fmt: skip


_OF_PRESENTATION = frozenset({"form", "language"})
"""Settings that change no result."""


def _takes(parameter: click.Parameter, value: object) -> bool:
    """Return whether an option takes the value of a setting; not every command has rows, for one."""
    return not isinstance(parameter.type, click.Choice) or value in parameter.type.choices


def _default(parameter: click.Parameter, value: Any) -> Any:
    """Return the value of a setting as an option takes it; blanks stand between several."""
    return value.split() if getattr(parameter, "multiple", False) else value


def _copyable(text: str) -> str:
    """Return a help whose examples can be copied: click wraps no line of them, and a line that goes on says so."""
    text = re.sub(r"(?m)(?<!\x08\n)^(?=\w+\s?: forensics )", "\b\n", text)
    return re.sub(r"(?m)^(.*\bforensics .*[^\s\\])\n(?= +--)", r"\1 \\\n", text)


class Command(click.Command):
    """A command whose help shows its options by groups; the rare ones with ``--help-all`` alone.

    Rare are those of the groups of `RARE`, and those that were declared so. Of the options that it shares
    with its group the help says only where they are described.

    Attributes
    ----------
    params : list of click.Parameter
        Its own.
    shared : list of GroupedOption
        Those that its group describes.
    """

    def __init__(self, *arguments: Any, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.help = _copyable(self.help or "")
        self._help_all = _help_all_option()
        self.shared = [each for each in self.params if getattr(each, "is_shared", False)]
        self.params = [each for each in self.params if each not in self.shared]

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:  # fmt: skip
        """Return the context of a run, with settings as the defaults of options."""
        held = current_settings()
        defaults = {
            parameter.name: _default(parameter, held[setting].value)
            for parameter in (*self.params, *self.shared)
            if (setting := getattr(parameter, "setting", "")) in held
            and _takes(parameter, held[setting].value)
        }
        if defaults:
            extra.setdefault("default_map", defaults)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every provenance says which parameters settings gave."""
        held = current_settings()
        used = {
            setting: held[setting].to_dict()
            for parameter in self.params
            if (setting := getattr(parameter, "setting", "")) in held
            and setting not in _OF_PRESENTATION
            and ctx.get_parameter_source(parameter.name or "") is ParameterSource.DEFAULT_MAP
        }
        if not used:
            return super().invoke(ctx)
        from forensics.core.provenance import made_with_settings

        with made_with_settings(used):
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; what stands before the command must be an option of it, too."""
        rest = super().parse_args(ctx, args)
        for name, (given, _value) in ctx.meta.get(_BEFORE, {}).items():
            if name not in {each.name for each in self.shared} and not ctx.resilient_parsing:
                text = _("{option} cannot be used with {other}.")
                ctx.fail(text.format(option=given.opts[0], other=ctx.info_name))
        return rest

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, ``--help-all`` where one is rare, and the shared options."""
        parameters = super().get_params(ctx)
        if any(is_rare(parameter) for parameter in parameters):
            parameters = [*parameters, self._help_all]
        return [*parameters, *self.shared]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group that the command has, and one for what belongs to none."""
        sections: dict[Group | None, list[tuple[str, str]]] = {
            group: [] for group in (*Group, None)
        }
        for parameter in self.get_params(ctx):
            if parameter in self.shared or is_rare(parameter) and _ALL not in ctx.meta:
                continue
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                sections[getattr(parameter, "group", None)].append(record)
        for group, records in sections.items():
            if records:
                with formatter.section(title_of("Options" if group is None else group.value)):
                    formatter.write_dl(records)
        if self.shared:
            above = ctx.parent
            while above and not getattr(above.command, "shared", ()):
                above = above.parent
            with formatter.section(title_of(N_("Options of the group"))):
                formatter.write_text(
                    _("{options}: see {command} --help").format(
                        options=", ".join(each.opts[0] for each in self.shared),
                        command=above.command_path if above else ctx.command_path,
                    )
                )


class _IntegerRange(click.IntRange):
    """What is not an integer is said not to be one; the range stands behind the default."""

    name = "integer"


class Section(NamedTuple):
    """Commands that stand together in the help of their group.

    Attributes
    ----------
    title : str
        In English, marked with ``N_``; translated when the help is written.
    commands : tuple of str
        Their names, in the order in which the help shows them.
    """

    title: str
    commands: tuple[str, ...]


class CommandGroup(click.Group):
    """A group of such commands.

    Parameters
    ----------
    sections : iterable of Section
        How the help arranges the commands; without any it lists them under one title. Commands that
        are in no section follow under a title of their own.
    shares : callable, optional
        Returns the decorators of the options that its commands share: each of them is taken before the
        command and after it, of commands that take it (`shared`), and described here alone.
    **attributes
        As of `click.Group`.
    """

    command_class = Command

    def __init__(
        self,
        *arguments: Any,
        sections: Iterable[Section] = (),
        shares: Callable[[], Iterable[Callable[[Any], Any]]] = tuple,
        **attributes: Any,
    ) -> None:
        super().__init__(*arguments, **attributes)
        self.help = _copyable(self.help or "")
        self.sections = tuple(sections)
        self._shares = shares

    @functools.cached_property
    def shared(self) -> list[click.Parameter]:
        """The options that its commands share; made when they are asked for."""

        def holder() -> None: ...

        made = shared(*self._shares())(holder)
        return list(reversed(getattr(made, "__click_params__", ())))

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its parameters and the shared options, of the group that it stands in, too."""
        found, above = [*super().get_params(ctx), *self.shared], ctx.parent
        while above:
            found += getattr(above.command, "shared", ())
            above = above.parent
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its own options, the commands, and the options that they share."""
        own = [each.get_help_record(ctx) for each in super().get_params(ctx)]
        with formatter.section(title_of("Options")):
            formatter.write_dl([record for record in own if record])
        self.format_commands(ctx, formatter)
        records = [each.get_help_record(ctx) for each in self.shared]
        if records:
            with formatter.section(title_of(N_("Options of most commands, before or after them"))):
                formatter.write_dl([record for record in records if record])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands section by section, each with the first sentence of its help."""
        if not self.sections:
            super().format_commands(ctx, formatter)
            return
        names = self.list_commands(ctx)
        placed = {name for section in self.sections for name in section.commands}
        rest = tuple(name for name in names if name not in placed)
        width = formatter.width - 6 - max(map(len, names), default=0)
        for section in (*self.sections, Section(N_("Other commands"), rest)):
            records = list(self._describe(ctx, section.commands, width))
            if records:
                with formatter.section(title_of(section.title)):
                    formatter.write_dl(records)

    def _describe(
        self, ctx: click.Context, names: Sequence[str], width: int
    ) -> Iterable[tuple[str, str]]:
        """Yield name and short help of each command that is not hidden."""
        for name in names:
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                yield name, command.get_short_help_str(width)


def apply(command: Any, *options: Callable[[Any], Any]) -> Any:
    """Put options on a command, in the order in which they are given.

    A function gets them before its own, a finished command after them.
    """
    for decorate in options if isinstance(command, click.Command) else reversed(options):
        command = decorate(command)
    return command


def command(name: str | None = None, *, help: str) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a `Command` of a function, by default of the function's name."""
    return click.command(name, cls=Command, help=help)


def option(*declarations: str, **attributes: Any) -> Callable[[F], F]:
    """Return a decorator that gives a command one option; parameters as of `GroupedOption`."""
    return click.option(*declarations, cls=GroupedOption, **attributes)


def path_option(
    *declarations: str, folder: bool = False, is_text: bool = False, **attributes: Any
) -> Callable[[F], F]:
    """Return a decorator that gives a command the option of a file, or of a folder.

    Parameters
    ----------
    is_text : bool
        Whether the command takes the path as it was typed, and not as a `Path`.
    """
    kind = click.Path(path_type=None if is_text else Path, file_okay=not folder, dir_okay=folder)
    return option(*declarations, type=kind, **attributes)


def output_option(help: str | None = None, **attributes: Any) -> Callable[[F], F]:
    """Return a decorator that gives a command ``--output``, the option of what it makes."""
    return path_option("--output", group=Group.OUTPUT, help=help, **attributes)


def shared(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a decorator that gives a command options that its group describes.

    The group names the same ones in `shares` of `CommandGroup`.
    """

    def decorate(function: Any) -> Any:
        own = list(getattr(function, "__click_params__", ()))
        made = apply(function, *options)
        for parameter in getattr(made, "__click_params__", ()):
            if parameter not in own:
                parameter.is_shared = True
        return made

    return decorate


def class_column(*, required: bool) -> Callable[[F], F]:
    """Return the option for the column of classes of a table of measurements."""
    return option(
        "--class-column",
        required=required,
        metavar="COLUMN",
        help=_("Column with the class, such as wild."),
    )


def parted(texts: Iterable[str]) -> list[str]:
    """Return the names of lists with commas."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def new_file(path: Path | None) -> None:
    """Refuse a file that exists, before anything is done.

    Raises
    ------
    UsageError
    """
    if path:
        check_new(path)


def options_of(
    cls: type[Options],
    name: str,
    *,
    flags: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Callable[[F], F]:
    """Return a decorator that gives a command the options of a class, as one argument.

    Parameters
    ----------
    cls : type
        A class of options.
    name : str
        Argument of the command that takes the object.
    flags : mapping of str to str, optional
        Flags of fields that are called otherwise on the command line: ``{"level": "--exclusion-level"}``.
    without : collection of str
        Fields that keep their defaults: the command has no option for them, or sets them itself.
    """
    made = _flagged(cls, flags or {})
    for field in without:
        del made[field]

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*arguments: Any, **values: Any) -> Any:
            given = {field: values.pop(_argument(flag)) for field, flag in made.items()}
            return function(*arguments, **{name: cls(**given)}, **values)

        return apply(call, *_declared(cls, made, is_required=True))

    return decorate


class Together(Generic[OptionsT]):
    """Options of which all are given or none; whether that holds is asked when they are needed.

    Attributes
    ----------
    is_given : bool
        Whether any of them is given.
    """

    def __init__(self, cls: type[OptionsT], values: Mapping[str, object], refused: str) -> None:
        self._class, self._values, self._refused = cls, values, refused
        self.is_given = any(value is not None for value in values.values())

    def get(self) -> OptionsT | None:
        """Return the options, or None where none is given.

        Raises
        ------
        UsageError
            If only some are given.
        """
        if not self.is_given:
            return None
        if any(value is None for value in self._values.values()):
            raise UsageError(_(self._refused))
        return self._class(**self._values)


def together_of(cls: type[Options], name: str, refused: str) -> Callable[[F], F]:
    """Return a decorator that gives a command options that go together, as a `Together`.

    Parameters
    ----------
    cls : type
        A class of options, each of them required.
    name : str
        Argument of the command that takes it.
    refused : str
        What is said where only some are given, not translated yet.
    """
    made = _flagged(cls, {})

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def call(*arguments: Any, **values: Any) -> Any:
            given = {field: values.pop(_argument(flag)) for field, flag in made.items()}
            return function(*arguments, **{name: Together(cls, given, refused)}, **values)

        return apply(call, *_declared(cls, made, is_required=False))

    return decorate


def flag_option(spec: Spec, flag: str, *, is_required: bool) -> Callable[[F], F]:
    """Return a decorator that gives a command the option that a spec describes.

    Parameters
    ----------
    flag : str
        Such as ``--confidence``.
    is_required : bool
        Whether one without a default is required.
    """
    attributes: dict[str, Any] = {
        "group": spec.group,
        "help": _(spec.help) if spec.help else None,
        "is_rare": spec.is_rare,
        "metavar": spec.metavar,
        "setting": spec.setting,
    }
    if spec.kind is bool:
        attributes["is_flag"] = True
    else:
        attributes["type"] = _click_type(spec)
    attributes["multiple"] = spec.many
    if spec.is_required:
        attributes["required"] = is_required
    elif spec.default is not None:
        attributes["default"] = _shown(spec.default)
    if spec.shown_default is not None:
        shown = spec.shown_default
        attributes["show_default"] = shown() if callable(shown) else shown
    elif not spec.is_required and spec.default not in (None, "", (), False):
        attributes["show_default"] = True
    return option(flag, _argument(flag), **attributes)


def _flagged(cls: type[Options], flags: Mapping[str, str]) -> dict[str, str]:
    """Return the flag of each field."""
    return {name: flags.get(name, f"--{name.replace('_', '-')}") for name in cls.specs()}


def _declared(
    cls: type[Options], flags: Mapping[str, str], *, is_required: bool
) -> list[Callable[[Any], Any]]:
    return [
        flag_option(spec, flags[name], is_required=is_required)
        for name, spec in cls.specs().items()
        if name in flags
    ]


def _argument(flag: str) -> str:
    """Return the name under which click keeps the value of an option."""
    return flag.removeprefix("--").replace("-", "_")


def _shown(value: object) -> object:
    """Return a default as people type it: a member of an enumeration by its value."""
    if isinstance(value, tuple):
        return [_shown(part) for part in value]
    return getattr(value, "value", value)


def _click_type(spec: Spec) -> Any:
    if spec.choices:
        return click.Choice(list(spec.choices))
    if spec.kind is Path:
        return file_path()
    if spec.kind is str:
        return click.STRING
    if not spec.has_bounds:
        return NUMBER if spec.kind is float else click.INT
    bounds: dict[str, Any] = {
        "min": spec.at_least if spec.above is None else spec.above,
        "max": spec.at_most if spec.below is None else spec.below,
        "min_open": spec.above is not None,
        "max_open": spec.below is not None,
    }
    return NumberRange(**bounds) if spec.kind is float else _IntegerRange(**bounds)


MODEL_FOLDER = output_option(_("New folder for the model."), folder=True, required=True)
"""The folder of a model that is trained."""


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


_ENDINGS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "json", ".xlsx": "xlsx"}
"""Forms of files whose name says what they are; of others ``--format`` does."""
_FORMS = ("table", *_ENDINGS.values())


def input_file(*declarations: str, **attributes: Any) -> Callable[[F], F]:
    """Return the option of one file that is read; parameters as of `path_option`."""
    return path_option(*declarations, is_text=True, metavar="FILE", **attributes)


def form_of_file(style: str, path: Path | None, forms: Sequence[str]) -> str:
    """Return the form of the results: that of the file's ending where it has one that is known.

    Raises
    ------
    UsageError
        If the command has no such form, or another was typed.
    ForensicsError
        If openpyxl (the extra ``excel``) is not installed and a workbook is to be written.
    """
    form = _ENDINGS.get(path.suffix.lower()) if path else None
    source = click.get_current_context().get_parameter_source("style")
    is_typed = source is ParameterSource.COMMANDLINE
    if (
        form is None or path is None or (form == "tsv" and is_typed and style not in _FORMS)
    ):  # lines with tabulators
        return style
    if form not in forms and not (form == "xlsx" and "csv" in forms):
        raise UsageError(
            _(
                "{path}: the results of this command do not fit a table; use the ending .json, "
                "or .txt for the text on the screen."
            ).format(path=path)
        )
    if is_typed and style != form:
        raise UsageError(
            _(
                "{path} ends in {ending}, and --format is {form}; leave --format out, or choose another ending."
            ).format(path=path, ending=path.suffix, form=style)
        )
    if form == "xlsx":
        from forensics.io.tables import xlsx_bytes

        xlsx_bytes((), ())  # whether it can be written, before the work begins
    return form


LAW = path_option(
    "--law",
    "law_folder",
    folder=True,
    metavar="DIR",
    setting="law",
    group=Group.DECIDE,
    help=_(
        "Law package (forensics law build): official lists of CITES, later amendments, national law; "
        "elsewhere the packaged table answers."
    ),
)


def open_law_of(folder: Path | None) -> "Law | None":
    """Return the law package that was given; None where none was.

    Raises
    ------
    InputError
        If the folder is not a law package.
    VerificationError
        If a file of it was changed.
    """
    if folder is None:
        return None
    from forensics.taxonomy.listings import open_law

    return open_law(folder)


LIBRARY = option(
    "--library",
    "library_name",
    default="embedded",
    show_default=True,
    metavar="DIR|NAME",
    setting="library",
    help=_("Library to search: a folder, or the embedded demonstration set."),
)
JOBS = option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    group=Group.ADVANCED,
    help=_("Number of searches at once; it changes no result. Default: one per processor."),
)


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
                _("no messages in {found!r}; available: {known}.").format(
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
