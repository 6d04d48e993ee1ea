"""One family of exceptions: what was found, what was expected, what to do.

The command line prints an exception's text after ``Error:`` and leaves with
the ``exit_code`` of its class; nothing else decides exit codes of failures.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from forensics.messages import _

__all__ = [
    "ForensicsError",
    "IncompleteInputError",
    "InputError",
    "LibraryError",
    "ModelError",
    "PluginError",
    "RefusedError",
    "UsageError",
    "VerificationError",
    "importing",
]


class ForensicsError(Exception):
    """Anything this package refuses to do, with a text that says what to do about it."""

    exit_code = 1


class UsageError(ForensicsError):
    """Options or arguments that do not fit together."""

    exit_code = 2


class InputError(ForensicsError):
    """An input that cannot be examined: missing, unreadable or unusable.

    Parameters
    ----------
    message : str
        What was found, what was expected and what to do.
    source : str, optional
        File (or ``standard input``) in which it was found; "" and None: in none.
    record : int, optional
        Number of the record in the file, counted from 1.
    line : int, optional
        Line of the file, counted from 1.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        record: int | None = None,
        line: int | None = None,
    ) -> None:
        self.message, self.source, self.record, self.line = message, source or None, record, line
        place = [source] if source else []
        if record is not None:
            place.append(_("record {}").format(record))
        if line is not None:
            place.append(_("line {}").format(line))
        super().__init__(f"{', '.join(place)}: {message}" if place else message)


class IncompleteInputError(InputError):
    """A file that ends too early: what came before its end was read and is kept."""


class LibraryError(ForensicsError):
    """A library that is missing, damaged, of another version or cannot be built."""


class ModelError(ForensicsError):
    """A model that is missing, damaged, of another format or cannot be trained."""


class PluginError(ForensicsError):
    """A plug-in that cannot be loaded, or fails; the message names it."""


class VerificationError(ForensicsError):
    """Something that was checked is not what it claims to be."""

    exit_code = 4


class RefusedError(ForensicsError):
    """An act that a rule of custody refuses; nothing of it was recorded.

    Parameters
    ----------
    rule : str
        Code of the rule, as in `forensics.custody.rules.RULES`.
    message : str
        What was found and what to do.
    """

    exit_code = 5

    def __init__(self, rule: str, message: str) -> None:
        self.rule, self.message = rule, message
        super().__init__(_("refused by rule {rule}: {text}").format(rule=rule, text=message))


@contextmanager
def importing(extra: str, *, source: str | None = None, instead: str = "") -> Iterator[None]:
    """Say how an extra is installed where the ``with`` block imports what is missing.

    Parameters
    ----------
    extra : str
        As in setup.cfg, ``[options.extras_require]``.
    source : str, optional
        File that cannot be read without it: an `InputError`.
    instead : str, optional
        Sentence that names another way.

    Raises
    ------
    ForensicsError
    """
    try:
        yield
    except ImportError as error:
        text = _("This needs the extra {extra} ({error}). Install it: {command}").format(
            extra=extra, error=error, command=_command_for(extra)
        )
        text = f"{text}\n{instead}" if instead else text
        raise (InputError(text, source=source) if source else ForensicsError(text)) from error


def _command_for(extra: str) -> str:
    """Return the command that installs what an extra needs, however this package was installed."""
    import sys
    from importlib.metadata import PackageNotFoundError, requires
    from pathlib import Path

    try:
        all_needed = requires("wildlife-forensics") or []
    except PackageNotFoundError:  # a checkout of which nothing was installed
        checkout = Path(__file__).parents[1]
        return f'"{sys.executable}" -m pip install --editable "{checkout}[{extra}]"'
    needed = (line.partition(";") for line in all_needed)
    texts = [f'"{one.strip()}"' for one, _by, marker in needed if f'extra == "{extra}"' in marker]
    return " ".join([f'"{sys.executable}" -m pip install', *texts])
