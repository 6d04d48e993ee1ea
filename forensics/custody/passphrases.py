"""Where a passphrase comes from: a prompt, or a file descriptor. Never an argument or the environment.

Arguments are seen by every user of the machine (``ps``), and both end in logs and histories.
"""

import getpass
import os
import unicodedata
import warnings
from collections.abc import Callable

from forensics.custody.unicode_text import UNICODE_VERSION, is_assigned
from forensics.errors import InputError, UsageError
from forensics.messages import _

__all__ = [
    "MINIMUM_LENGTH",
    "PassphraseSource",
    "from_descriptor",
    "from_prompt",
    "prepared",
    "spellings",
]

MINIMUM_LENGTH = 15
"""Characters. NIST SP 800-63B-4, section 3.1.1.2, for a secret that protects alone: whoever copies
the key file has nothing else to overcome. doi:10.6028/NIST.SP.800-63B-4"""
MAXIMUM_BYTES = 1024

PassphraseSource = Callable[[], str]
"""What a caller in Python gives: a function that returns the passphrase when it is needed."""


def prepared(passphrase: str, *, new: bool = False) -> bytes:
    """Return the bytes that the key is derived from: UTF-8 of form NFC (RFC 8265, section 4.2).

    Parameters
    ----------
    passphrase : str
    new : bool
        Whether it is being chosen now and must have `MINIMUM_LENGTH` characters.

    Raises
    ------
    UsageError
        If it is too short, or longer than `MAXIMUM_BYTES`; a new one also if it holds a character whose
        form NFC another Python could see otherwise.
    """
    if not isinstance(passphrase, str):
        raise UsageError(_("A passphrase is text."))
    if new and not is_assigned(passphrase):
        raise UsageError(
            _(
                "The passphrase holds a character that Unicode {version} does not have: not every computer "
                "could open the key again. Choose other characters."
            ).format(version=UNICODE_VERSION)
        )
    text = unicodedata.normalize("NFC", passphrase)
    if new and len(text) < MINIMUM_LENGTH:
        raise UsageError(
            _("The passphrase has {found} characters, expected at least {least}.").format(
                found=len(text), least=MINIMUM_LENGTH
            )
        )
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAXIMUM_BYTES:
        raise UsageError(
            _("The passphrase is longer than {most} bytes.").format(most=MAXIMUM_BYTES)
        )
    return data


def spellings(passphrase: str) -> list[bytes]:
    """Return what the key of a file may have been derived from: `prepared`, and the passphrase as it was typed.

    The two differ only where it holds characters that are newer than Unicode 14.0. A Python that did not know
    them left them as they were typed.

    Raises
    ------
    UsageError
        As `prepared`.
    """
    first = prepared(passphrase)
    typed = passphrase.encode("utf-8", "surrogatepass")
    return [first] if typed == first or is_assigned(passphrase) else [first, typed]


def from_descriptor(descriptor: int) -> PassphraseSource:
    """Return a source that reads the first line of an open file descriptor (``--passphrase-fd``).

    It is read once, when it is first asked; asked again it returns the same.

    Raises
    ------
    InputError
        When asked, if the descriptor is not open, holds nothing or no UTF-8.
    """
    known: list[str] = []

    def source() -> str:
        if not known:
            known.append(_first_line(descriptor))
        return known[0]

    return source


def _first_line(descriptor: int) -> str:
    data = b""
    try:
        # Byte by byte: what follows the line belongs to somebody else.
        while len(data) <= MAXIMUM_BYTES and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            data += byte
        text = data.removesuffix(b"\r").decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("No passphrase can be read from file descriptor {descriptor}: {error}").format(
                descriptor=descriptor, error=error
            )
        ) from error
    if not text:
        raise InputError(
            _("File descriptor {descriptor} gives no passphrase.").format(descriptor=descriptor)
        )
    return text


def from_prompt(text: str, *, confirm: bool = False) -> PassphraseSource:
    """Return a source that asks at the terminal, without showing what is typed.

    Parameters
    ----------
    text : str
        What is asked, such as ``Passphrase of mary.key``.
    confirm : bool
        Whether it is asked twice, as for a new one.

    Raises
    ------
    UsageError
        When asked, if there is no terminal that can hide it, or the two differ.
    """

    def source() -> str:
        typed = _ask(text)
        if confirm and _ask(_("{text}, again").format(text=text)) != typed:
            raise UsageError(_("The two passphrases differ; nothing was done."))
        return typed

    return source


def _ask(text: str) -> str:
    with warnings.catch_warnings():
        # getpass would otherwise show the passphrase, with a warning, or read it from a pipe.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{text}: ")
        except (getpass.GetPassWarning, EOFError) as error:
            raise UsageError(
                _("There is no terminal to ask for the passphrase; give --passphrase-fd N.")
            ) from error
