"""Messages in the language of the person at the bench.

``_`` marks and translates; the catalogues lie in ``locale/``. The language is
taken from ``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES`` or ``LANG`` as everywhere
else; English is the source language, so a missing catalogue loses nothing.
"""

import gettext
from pathlib import Path

__all__ = ["DOMAIN", "LOCALE", "_", "ngettext"]

DOMAIN = "forensics"
LOCALE = Path(__file__).with_name("locale")

_translations = gettext.translation(DOMAIN, localedir=LOCALE, fallback=True)
_ = _translations.gettext
ngettext = _translations.ngettext
