"""Messages in the language of the person at the bench, with numbers in that language's form.

``_`` marks and translates; the catalogues lie in ``locale/``. The language is
taken from ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` as everywhere
else, or set with `speak`; English is the source language, so a missing catalogue
loses nothing. How a language writes numbers is in its catalogue, too: two specimens are
translated with all other texts. English is written as Python writes it.
"""

import functools
import gettext
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import string

DOMAIN = "forensics"
LOCALE = Path(__file__).with_name("locale")
_SOURCE = "en"


def N_(message: str) -> str:
    """Mark a text that is translated where it is used."""
    return message


SPECIMEN = N_("97.9%")
"""A number that every catalogue writes in its own way; the signs are read from it."""

_catalogue = gettext.NullTranslations()
# What str.translate makes of the signs of a number; empty in English.
_signs: dict[int, str] = {}


class Pattern(str):
    """A translated text whose numbers are written in its language when it is filled in.

    ``{share:.1%}`` of a text in French gives ``97,9 %``: no text and no caller says so.
    Values that are no numbers (names, codes, versions) stay as they are.
    """

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Fill in as `str.format` does, but with numbers as `numeral` writes them."""
        text: str = _formatter().format(str(self), *values, **named)
        return text


def _(message: str) -> str:
    """Return a text in the language of the reader."""
    text = _catalogue.gettext(message)
    return Pattern(text) if _signs and "{" in text else text


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the text for this number of things, in the language of the reader."""
    text = _catalogue.ngettext(singular, plural, number)
    return Pattern(text) if _signs and "{" in text else text


def language() -> str:
    """Return the code of the language that messages are in, such as ``fr``."""
    return _("en")


def available() -> list[str]:
    """Return the codes of the languages that there are messages in."""
    return sorted({_SOURCE, *(path.parent.parent.name for path in LOCALE.glob("*/*/*.mo"))})


def speak(code: str | None = None) -> None:
    """Use a language from now on.

    A script may call it at any time. Texts that a module holds since it was imported stay as they
    are, but these are the helps of the commands alone; the command line calls this before it
    imports one.

    Parameters
    ----------
    code : str, optional
        Such as ``fr``, ``es_MX`` or ``fr_FR.UTF-8``; of a country without a catalogue of its own
        that of the language is taken. Default: what the environment asks for.

    Raises
    ------
    ValueError
        If there are no messages in this language.

    Examples
    --------
    >>> speak("en_GB")
    >>> language()
    'en'
    """
    global _catalogue, _signs
    codes = _languages_of_environment() if code is None else [code.replace("-", "_")]
    catalogue = gettext.translation(DOMAIN, LOCALE, languages=_before_source(codes), fallback=True)
    if code is not None and not (codes[0] and _is_source(codes[0])):
        if not isinstance(catalogue, gettext.GNUTranslations):
            raise ValueError(code)
    _catalogue, _signs = catalogue, {}  # the specimen is no number to be written
    _signs = _signs_of(catalogue.gettext(SPECIMEN))


def numeral(value: float | str, form: str = "") -> str:
    """Return a number in the form of the reader's language, for people alone.

    Parameters
    ----------
    value : int or float, or str
        A text that is a decimal number, as ledgers have it, needs no `form`.
    form : str
        As of `format`: ``.1%`` or ``.3g``. For spaces between thousands there is `thousands`.

    Examples
    --------
    >>> numeral(0.979, ".1%"), numeral("48.20")
    ('97.9%', '48.20')
    """
    return format(value, form).translate(_signs)


def shown_probability(value: float) -> str:
    """Return a probability as people read it; it is never rounded to 0 or to 1.

    Examples
    --------
    >>> shown_probability(0.99998), shown_probability(0.25), shown_probability(1e-9)
    ('> 0.9999', '0.2500', '< 0.0001')
    """
    return numeral(Share(value), ".4f")


class Share(float):
    """A share or probability that ``.1%`` and ``.2f`` of a text never round to 0 or to 1.

    Examples
    --------
    >>> f"{Share(1.0):.2f}, {Share(0.5):.1%}, {Share(0.0001):.1%}"
    '> 0.99, 50.0%, < 0.1%'
    """

    def __format__(self, form: str) -> str:
        least = 10.0 ** -(int(form[1:-1]) + 2 * form.endswith("%"))
        if not least <= self <= 1 - least:
            return f"< {least:{form}}" if self < least else f"> {1 - least:{form}}"
        return format(float(self), form)


def thousands(value: float) -> str:
    """Return a whole number with spaces between thousands: a comma would be a decimal sign to many.

    Examples
    --------
    >>> thousands(1234567.8).split()
    ['1', '234', '568']
    """
    return f"{value:,.0f}".replace(",", "\u00a0")


def name_some(names: Sequence[str], most: int = 5) -> str:
    """Return the first of several names; an ellipsis stands for the rest.

    Examples
    --------
    >>> name_some(["a", "b", "c"], 2)
    'a, b …'
    """
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _signs_of(share: str) -> dict[int, str]:
    """Read the signs from the specimen as a catalogue has it."""
    if share == SPECIMEN:
        return {}
    return str.maketrans({".": share[2 : share.rindex("9")], "%": share[share.rindex("9") + 1 :]})


def _languages_of_environment() -> list[str]:
    """Return the languages that the environment asks for, the dearest first."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.split(":")
    return []


def _is_source(code: str) -> bool:
    return code.replace(".", "_").split("_")[0].lower() in (_SOURCE, "c", "posix")


def _before_source(codes: list[str]) -> list[str]:
    """Return what comes before English: there is no catalogue of it, and gettext would pass on."""
    for place, code in enumerate(codes):
        if _is_source(code):
            return codes[:place]
    return codes


@functools.cache
def _formatter() -> "string.Formatter":
    import string  # not for who reads English

    class Numerals(string.Formatter):
        """`str.format` with numbers as `numeral` writes them."""

        def format_field(self, value: Any, form: str) -> str:
            """Write one value."""
            number = hasattr(type(value), "__float__")  # numpy's and Decimal have it, text has not
            return numeral(value, form) if number else format(value, form)

    return Numerals()


speak()
