"""Taxa that a text names, by their scientific names and by their common names.

Compared are whole words, exactly, as a reader sees them: without accents, case, signs that nobody
sees, and with letters of other alphabets that look like Latin ones. So "Fin whales'", "fin\u00adwhale" and
a name with a Cyrillic letter are what they seem to be. ``common_names.tsv`` has the common names of
animals and plants of casework in English, French, Spanish and Portuguese; words that are ordinary
words of one of these languages ("bear", "drill") are not in it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forensics.taxonomy.listings.nomenclature import families, genera, synonyms
from forensics.taxonomy.listings.table import packaged

__all__ = [
    "RANKS",
    "Mention",
    "common_names",
    "contains_name",
    "find_mentions",
    "rank_of",
    "skeleton",
    "words",
]

RANKS = ("subspecies", "species", "genus", "subfamily", "family", "order")
"""From the lowest to the highest."""

_TABLE = Path(__file__).with_name("common_names.tsv")
# Single scientific words shorter than this are words of other languages, too ("Pan", "Ara").
_MIN_LETTERS = 5
# A genus whose name is that of a programming language as well; its species are looked for all the same.
_OTHER_THINGS = frozenset({"Python"})
# A binomial without its blanks, or with blanks between its letters, is looked for from so many letters on.
_MIN_JOINED = 12
# Letters that look like Latin ones: Cyrillic, Greek, Armenian and others, after Unicode's list of
# confusables (UTS #39). What casefold and NFKD resolve is not in it.
_ALIKE = str.maketrans({
    "\u0430": "a", "\u0432": "b", "\u0441": "c", "\u0501": "d", "\u0435": "e", "\u0451": "e",
    "\u04bb": "h", "\u043d": "h", "\u0456": "i", "\u0457": "i", "\u0458": "j", "\u043a": "k",
    "\u04cf": "l", "\u043c": "m", "\u043e": "o", "\u0440": "p", "\u051b": "q", "\u0455": "s",
    "\u0442": "t", "\u0443": "y", "\u0445": "x", "\u051d": "w", "\u0475": "v", "\u0433": "r",
    "\u03b1": "a", "\u03b2": "b", "\u03b5": "e", "\u03b6": "z", "\u03b7": "n", "\u03b9": "i",
    "\u03ba": "k", "\u03bc": "m", "\u03bd": "v", "\u03bf": "o", "\u03c1": "p", "\u03c4": "t",
    "\u03c5": "u", "\u03c7": "x", "\u03b3": "y", "\u03c3": "o", "\u03f2": "c", "\u03f3": "j",
    "\u0585": "o", "\u057d": "u", "\u0578": "n", "\u0570": "h", "\u0566": "q", "\u0581": "g",
    "\u0131": "i", "\u0237": "j", "\u0251": "a", "\u0261": "g", "\u0269": "i", "\u026a": "i",
    "\u0280": "r", "\u028f": "y", "\u0274": "n", "\u029c": "h", "\u029f": "l", "\u1d00": "a",
    "\u1d04": "c", "\u1d07": "e", "\u1d0f": "o", "\u1d18": "p", "\u1d1b": "t", "\u1d1c": "u",
    "\u1d20": "v", "\u1d21": "w", "\u1d22": "z", "\u00f8": "o", "\u0142": "l", "\u0111": "d",
    "\u0127": "h", "\u00e6": "ae", "\u0153": "oe", "\u00f0": "d", "\u00fe": "p",
})  # fmt: skip
# Capitals whose small letter does not look like the Latin one.
_CAPITALS_ALIKE = str.maketrans({
    "\u0397": "H", "\u039d": "N", "\u03a1": "P", "\u03a4": "T", "\u03a5": "Y", "\u03a7": "X",
    "\u039c": "M", "\u0396": "Z", "\u0412": "B", "\u041d": "H", "\u0420": "P", "\u0421": "C",
    "\u0423": "Y", "\u04ae": "Y", "\u0406": "I", "\u0405": "S", "\u0408": "J",
})  # fmt: skip
# Signs that are taken for one another within the Latin alphabet.
_WITHIN = str.maketrans({"1": "l", "|": "l", "i": "l", "0": "o"})
_JOINED = (("rn", "m"), ("vv", "w"))
# Epithets that are ordinary adjectives of a living language, by their stems.
_ORDINARY = re.compile(
    r"(?:african|american|asiatic|austral|boreal|chinens|commun|domestic|europae|gigante|indian|indic|"
    r"japonic|major|meridional|minor|occidental|oriental|septentrional|sinens|tropical|vulgar)"
    r"(?:a|us|um|is|e)?"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A taxon that a text names.

    Attributes
    ----------
    taxon, rank : str
        Rank of `RANKS`.
    text : str
        As it stands in the text.
    """

    taxon: str
    rank: str
    text: str


def skeleton(word: str) -> str:
    """Return what a word looks like: the same for words that a reader takes for one another.

    Examples
    --------
    >>> skeleton("\u0411al\u00e6n\u043eptera") == skeleton("\u0411ALAENOPTERA")
    True
    >>> skeleton("physalus") == skeleton("Phys\u0430lus")
    True
    """
    text = unicodedata.normalize("NFKC", word).translate(_CAPITALS_ALIKE)
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cf", "Mn", "Me"))
    text = text.translate(_ALIKE).translate(_WITHIN)
    for pair, letter in _JOINED:
        text = text.replace(pair, letter)
    return text


def words(text: str) -> list[tuple[str, str]]:
    """Return the words of a text: as each looks, and as it stands."""
    seen = "".join(
        sign
        for sign in unicodedata.normalize("NFKC", text)
        if unicodedata.category(sign) not in ("Cf", "Mn", "Me")
    )
    decomposed = unicodedata.normalize("NFC", seen)
    return [(skeleton(word), word) for word in _WORD.findall(decomposed)]


def rank_of(name: str) -> str:
    """Return the rank of a scientific name, by its form.

    Examples
    --------
    >>> [rank_of(name) for name in ("Panthera tigris", "Panthera", "Felidae", "Cetacea")]
    ['species', 'genus', 'family', 'order']
    """
    blanks = name.count(" ")
    if blanks:
        return "species" if blanks == 1 else "subspecies"
    if name.endswith(("idae", "aceae")):
        return "family"
    if name.endswith(("inae", "oideae")):
        return "subfamily"
    return "order" if name.endswith("formes") or name in _orders() else "genus"


@functools.cache
def _orders() -> frozenset[str]:
    """Return the names that stand above families."""
    return frozenset(order for name in families() for order in families()[name])


def find_mentions(text: str, more: Iterable[str] = ()) -> list[Mention]:
    """Return the taxa that a text names, each once, in the order of the text.

    Parameters
    ----------
    text : str
    more : iterable of str
        Scientific names that are looked for beside those of the tables, such as the candidates
        of a finding. Their epithets alone count, too, from six letters on.
    """
    mentions: dict[tuple[str, str], Mention] = {}
    for mention in _scan(words(text), _own_index(tuple(dict.fromkeys(more)))):
        mentions.setdefault((mention.taxon, mention.rank), mention)
    return list(mentions.values())


def contains_name(text: str, name: str) -> bool:
    """Return whether a text has all words of a name, one after the other.

    Examples
    --------
    >>> contains_name("handed over by J. ROE.", "J. Roe"), contains_name("Roeland", "Roe")
    (True, False)
    """
    name_words = [look for look, _word in words(name)]
    looks = [look for look, _word in words(text)]
    length = len(name_words)
    return bool(name_words) and any(
        looks[at : at + length] == name_words for at in range(len(looks) - length + 1)
    )


@dataclass(frozen=True, slots=True)
class _Name:
    looks: tuple[str, ...]
    taxon: str
    scientific: bool
    capital: bool  # counts only where it is written with a capital


_Index = dict[str, list[_Name]]


def _scan(text: list[tuple[str, str]], indexes: tuple[_Index, ...]) -> Iterator[Mention]:
    at = 0
    while at < len(text):
        name, length = _longest(text, at, indexes)
        if name is None:
            at += 1
            continue
        shown = " ".join(word for _look, word in text[at : at + length])
        yield Mention(name.taxon, rank_of(name.taxon), shown)
        at += length
    yield from _joined(text, indexes)


def _longest(
    text: list[tuple[str, str]], at: int, indexes: tuple[_Index, ...]
) -> tuple[_Name | None, int]:
    best: tuple[_Name | None, int] = (None, 0)
    for form in _forms(text[at][0]):
        for index in indexes:
            for name in index.get(form, ()):
                length = len(name.looks)
                if length <= best[1] or at + length > len(text):
                    continue
                if name.capital and not text[at][1][:1].isupper():
                    continue
                if all(
                    wanted in _forms(look)
                    for wanted, (look, _word) in zip(name.looks, text[at : at + length])
                ):
                    best = name, length
    return best


def _forms(look: str) -> tuple[str, ...]:
    """Return a word and what it is the plural of; an apostrophe with s has become a word of its own."""
    forms = [look]
    if len(look) > 3 and look.endswith("s"):
        forms.append(look[:-1])
        if look.endswith("es"):
            forms.append(look[:-2])
    return tuple(forms)


def _joined(text: list[tuple[str, str]], indexes: tuple[_Index, ...]) -> Iterator[Mention]:
    """Yield names that are written without blanks, or binomials with blanks between their letters."""
    looks = [look for look, _word in text]
    single, whole = set(looks), "".join(looks)
    spaced = f" {' '.join(looks)} "
    for index in indexes:
        for names in index.values():
            for name in names:
                joined = "".join(name.looks)
                if len(name.looks) < 2 or f" {' '.join(name.looks)} " in spaced:
                    continue  # written as it should be, and seen already
                apart = name.scientific and len(joined) >= _MIN_JOINED and joined in whole
                if joined in single or apart:
                    yield Mention(name.taxon, rank_of(name.taxon), name.taxon)


def _own_index(more: tuple[str, ...]) -> tuple[_Index, ...]:
    return (_tables(), _of_names(more))


@functools.lru_cache(maxsize=64)
def _of_names(more: tuple[str, ...]) -> _Index:
    """Return the index of further scientific names, with their genera and epithets."""
    index: _Index = {}
    for name in more:
        for written in _written(name):
            index.setdefault(written.looks[0], []).append(written)
        parts = name.split(" ")
        if len(parts) > 1 and len(parts[-1]) > _MIN_LETTERS and not _is_ordinary(parts[-1]):
            look = skeleton(parts[-1])
            index.setdefault(look, []).append(_Name((look,), name, True, False))
    return index


def _is_ordinary(epithet: str) -> bool:
    """Return whether an epithet is an adjective of a living language, too: "africana"."""
    return bool(_ORDINARY.fullmatch(epithet))


@functools.cache
def _tables() -> _Index:
    """Return the index of the names of the tables."""
    index: _Index = {}
    scientific = dict.fromkeys((*packaged().listings, *synonyms(), *genera(), *families()))
    for name in scientific:
        for written in _written(name):
            index.setdefault(written.looks[0], []).append(written)
    for taxon, name in common_names():
        looks = tuple(look for look, _word in words(name))
        index.setdefault(looks[0], []).append(_Name(looks, taxon, False, False))
    return index


def _written(name: str) -> Iterator[_Name]:
    """Yield the ways in which a scientific name is written: in full, and with its genus abbreviated."""
    looks = tuple(look for look, _word in words(name))
    if len(looks) > 1:
        yield _Name(looks, name, True, False)
        epithet = name.split(" ")[-1]
        clear = len(epithet) > _MIN_LETTERS and not _is_ordinary(epithet)
        yield _Name((looks[0][:1], *looks[1:]), name, True, not clear)
    elif len(name) >= _MIN_LETTERS and name not in _OTHER_THINGS:
        yield _Name(looks, name, True, True)


@functools.cache
def common_names() -> tuple[tuple[str, str], ...]:
    """Return taxon and common name of every row of the packaged table."""
    _head, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(
        (taxon, name)
        for taxon, *languages in rows
        for names in languages
        for name in filter(None, names.split(";"))
    )
