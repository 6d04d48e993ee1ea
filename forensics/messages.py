"""Messages in the language of the person at the bench.

``_`` marks and translates; the catalogues lie in ``locale/``. The language is
taken from ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` as everywhere
else; English is the source language, so a missing catalogue loses nothing.
"""

import gettext
from pathlib import Path

__all__ = ["DOMAIN", "LOCALE", "N_", "_", "language", "ngettext"]

DOMAIN = "forensics"
LOCALE = Path(__file__).with_name("locale")

_translations = gettext.translation(DOMAIN, localedir=LOCALE, fallback=True)
_ = _translations.gettext
ngettext = _translations.ngettext


def N_(message: str) -> str:
    """Mark a text that is translated where it is used."""
    return message


def language() -> str:
    """Return the code of the language that messages are in, such as ``fr``."""
    return _("en")
