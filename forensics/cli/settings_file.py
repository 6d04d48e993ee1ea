"""What a laboratory or a person sets once: files of TOML, and what commands take from them.

Two files are read: the laboratory's, which ``FORENSICS_SETTINGS`` names, and the user's own (``forensics settings
path``). A setting of the user's counts before one of the laboratory's, an option of the command line before both.
None is read where ``FORENSICS_NO_SETTINGS`` is set or ``--no-settings`` is given.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import click

from forensics.errors import InputError, UsageError
from forensics.io.inputs import MAX_TOML, load_toml, read_limited
from forensics.messages import N_, _, available, speak

LABORATORY, USER = "laboratory", "user"
_LABORATORY_VARIABLE, _OFF_VARIABLE = "FORENSICS_SETTINGS", "FORENSICS_NO_SETTINGS"
_FORMS = ("table", "json", "csv", "tsv")


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
    "criteria": SettingSpec(
        N_("what a call to species must meet"), is_path=True, words=("none", "casework")
    ),
    "language": SettingSpec(
        N_("language of the messages"), lambda value: value in available(), N_("one of {languages}")
    ),
    "ledger": SettingSpec(N_("ledger of custody"), is_path=True),
    "person": SettingSpec(N_("who acts: LEDGER.keys/PERSON.key")),
    "key": SettingSpec(N_("key file of who acts"), is_path=True),
    "form": SettingSpec(N_("form of the results"), lambda value: value in _FORMS, N_("table, json, csv or tsv")),
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
                _("{place}: {key} = {value!r} will not do; expected: {expected}.").format(
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
    return (_("There are: {keys}.").format(keys=", ".join(SETTINGS)),)


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
