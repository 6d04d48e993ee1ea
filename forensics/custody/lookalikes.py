"""Names that people take for one another: A1 and a1, Latin A and Cyrillic А, A1 and A-1.

The table is ours and small, so that a ledger is judged tomorrow as it was today; the data of
Unicode's TR39 change with its versions. It covers Greek, Cyrillic and some Armenian and Latin
letters that look like A to Z. Other scripts (Cherokee, Lisu, Coptic …) are not in it.

References
----------
M. Davis, M. Suignard. Unicode Technical Standard 39: Unicode Security Mechanisms.
"""

import re
import unicodedata

from forensics.custody.unicode_text import split_assigned

__all__ = ["Labels", "may_be_misread", "reads_alike"]

_ALIKE = str.maketrans(
    {
        # Cyrillic capitals, small letters
        "А": "A", "В": "B", "Е": "E", "Ѕ": "S", "І": "I", "Ї": "I", "Ј": "J", "К": "K", "М": "M",
        "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "У": "Y", "Ү": "Y", "Х": "X", "Ѵ": "V",
        "Ԍ": "G", "Ԛ": "Q", "Ԝ": "W", "Һ": "h", "Ӏ": "I", "Ё": "E", "Ь": "b", "З": "3", "Ҫ": "C",
        "а": "a", "в": "b", "е": "e", "ѕ": "s", "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m",
        "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "ү": "y", "х": "x", "ѵ": "v",
        "ԍ": "g", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l", "ё": "e", "ь": "b", "з": "3",
        "ҫ": "c",
        # Greek
        "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N",
        "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "Ϲ": "C", "Ϳ": "J",
        "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "u", "ν": "v", "ο": "o",
        "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ϲ": "c", "ϳ": "j",
        # Armenian
        "Օ": "O", "օ": "o", "Ս": "U", "ս": "u", "հ": "h", "ո": "n", "ց": "g", "զ": "q", "Տ": "S",
        "Լ": "L", "յ": "j",
        # Latin letters that are not of ASCII
        "ı": "i", "ȷ": "j", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ɪ": "i", "Ɩ": "I", "ʏ": "y", "ƅ": "b",
    }
)  # fmt: skip

_INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2060-\u206f"
                        "\u3164\ufe00-\ufe0f\ufeff\uffa0]")  # fmt: skip
_BETWEEN = re.compile(
    r"[\s_\-\u058a\u05be\u2010-\u2015\u2043\u207b\u208b\u2212\ufe58\ufe63\uff0d]+"
)
_NOT_BETWEEN_DIGITS = re.compile(r"(?<!\d)-|-(?!\d)", re.ASCII)
_DIGITS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None})


def reads_alike(name: str) -> str:
    """Return the key under which names are one: those that nobody tells apart on a label.

    Case, width and style of letters, letters of other scripts that look Latin, dashes, spaces and
    underscores do not count. Between two digits one dash stays: 1-11 is not 11-1.

    Examples
    --------
    >>> {reads_alike(name) for name in ("A1", "a 1", "A-1", "А1", "Ａ１")} == {"a1"}
    True
    >>> reads_alike("2026-014/1"), reads_alike("2026 014/1")
    ('2026-014/1', '2026-014/1')
    """
    # Characters that Unicode 14.0 does not have stay as they are: what they look like, each Python would say
    # by its own tables.
    parts = split_assigned(name)
    parts[::2] = map(_folded, parts[::2])
    return _NOT_BETWEEN_DIGITS.sub("", _BETWEEN.sub("-", "".join(parts)))


def _folded(text: str) -> str:
    """Return a text without differences of case, width, style and script."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_ALIKE)
        text = "".join(
            str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
            for sign in unicodedata.normalize("NFKC", text.casefold()).translate(_ALIKE)
        )
    return text.casefold()


def may_be_misread(name: str) -> str:
    """Return a wider key, by which names are flagged and not refused.

    O and 0, and I, l and 1, count as one too, and no dash counts: real numbers have both.

    Examples
    --------
    >>> may_be_misread("AO1") == may_be_misread("A0I") == may_be_misread("a-01")
    True
    """
    return _key(reads_alike(name))


def _key(alike: str) -> str:
    return alike.translate(_DIGITS)


class Labels:
    """Names that were given, found again by how they look.

    Only the hash of a key is kept for each, since ledgers have many names; what is found is
    compared again.
    """

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[int, str | tuple[str, ...]] = {}

    def add(self, name: str) -> None:
        """Remember a name."""
        key = hash(may_be_misread(name))
        before = self._names.get(key)
        if before is None:
            self._names[key] = name
        else:
            have = (before,) if isinstance(before, str) else before
            if name not in have:
                self._names[key] = (*have, name)

    def alike(self, name: str) -> tuple[str | None, str | None]:
        """Return another name that reads like `name`, and one that may be misread for it.

        The first is refused for labels of our own, the second is flagged; either may be None, and
        the same name is neither.
        """
        close = reads_alike(name)
        wide = _key(close)
        stored = self._names.get(hash(wide), ())
        misread = None
        for other in (stored,) if isinstance(stored, str) else stored:
            alike = reads_alike(other)
            if other != name and _key(alike) == wide:
                if alike == close:
                    return other, None
                misread = misread or other
        return None, misread
