"""Taxa that a text names, by their scientific names and by their common names.

Compared are whole words, exactly, as a reader sees them: without accents, case, signs that nobody
sees, and with letters of other alphabets that look like Latin ones. So "Fin whales'", "fin\u00adwhale" and
a name with a Cyrillic letter are what they seem to be. ``common_names.tsv`` has the common names of
animals and plants of casework in English, French, Spanish and Portuguese; words that are ordinary
words of one of these languages ("bear", "drill") are not in it. Binomials, families, orders and classes, and
genera of vertebrates, are those of the packaged backbone, too.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from forensics.taxonomy.listings.table import (
    NOMENCLATURE_AS_OF,
    above,
    country_names,
    families,
    genera,
    packaged,
    standard_name,
    synonyms,
)
from forensics.taxonomy.names import genus_of, packaged_accepted, packaged_higher, packaged_taxa

_TABLE = Path(__file__).with_name("common_names.tsv")
_LANGUAGES = {"english": "en", "french": "fr", "spanish": "es", "portuguese": "pt"}
# Single scientific words shorter than this are words of other languages, too ("Pan", "Ara").
_MIN_LETTERS = 5
# A genus whose name is that of a programming language as well; its species are looked for all the same.
_OTHER_THINGS = frozenset({"Python"})
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
    text : str
        As it stands in the text.
    """

    taxon: str
    text: str


class Relation(Enum):
    """How a taxon stands to another one, by lineage."""

    WITHIN = "it is the other one, or contains it"
    BELOW = "it is contained in the other one: it says more"
    OTHER = "neither contains the other"


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


@functools.lru_cache(maxsize=4096)
def words(text: str) -> tuple[tuple[str, str], ...]:
    """Return the words of a text: as each looks, and as it stands."""
    seen = "".join(
        sign
        for sign in unicodedata.normalize("NFKC", text)
        if unicodedata.category(sign) not in ("Cf", "Mn", "Me")
    )
    decomposed = unicodedata.normalize("NFC", seen)
    return tuple((skeleton(word), word) for word in _WORD.findall(decomposed))


def relate(taxon: str, other: str) -> Relation:
    """Return how a taxon stands to another one, whatever their ranks.

    Examples
    --------
    >>> [relate(name, "Panthera").name for name in ("Mammalia", "Panthera tigris", "Sus scrofa")]
    ['WITHIN', 'BELOW', 'OTHER']
    """
    if _names_of(taxon) & _lineage(other):
        return Relation.WITHIN
    return Relation.BELOW if _names_of(other) & _lineage(taxon) else Relation.OTHER


@functools.lru_cache(maxsize=4096)
def _names_of(taxon: str) -> frozenset[str]:
    """Return a name, and those of the same taxon that the backbone and CITES accept."""
    if taxon in _parts():
        return frozenset({taxon})  # of the genus that CITES has it in, it is a part
    accepted = packaged_accepted(taxon)
    listed = standard_name(taxon, NOMENCLATURE_AS_OF)
    # CITES lists some species under the name of another: Loxodonta cyclotis under L. africana.
    lumped = _is_species(accepted) and _is_species(listed)
    return frozenset({taxon, accepted} if lumped else {taxon, accepted, listed})


def _is_species(name: str) -> bool:
    genus, _blank, epithet = name.partition(" ")
    return any(epithet in taxon.species for taxon in packaged_taxa(genus))


@functools.lru_cache(maxsize=4096)
def _lineage(taxon: str) -> frozenset[str]:
    """Return the names of a taxon and of all that contain it."""
    found: set[str] = set()
    for name in _names_of(taxon):
        found |= {name, *above(name), *packaged_higher().get(name, ())}
        for entry in packaged_taxa(genus_of(name)):
            found.update(entry.ranks.values())
        found.update(part for part, species in _parts().items() if name in species)
    if taxon in _parts():
        found |= _lineage(standard_name(taxon, NOMENCLATURE_AS_OF))
    return frozenset(found)


@functools.cache
def _parts() -> dict[str, frozenset[str]]:
    """Return the genera that CITES has within another one, with their species as CITES names them.

    A genus of which no species is known to have moved, or which has all species of the other one, is not
    among them: it counts as the other one.
    """
    parts: dict[str, set[str]] = {}
    for name in synonyms():
        genus, _blank, epithet = name.partition(" ")
        whole = standard_name(genus, NOMENCLATURE_AS_OF)
        listed = standard_name(name, NOMENCLATURE_AS_OF)
        if epithet and whole != genus and listed.startswith(f"{whole} "):
            parts.setdefault(genus, set()).add(listed)
    return {
        genus: frozenset(species)
        for genus, species in parts.items()
        if not _species_of(standard_name(genus, NOMENCLATURE_AS_OF)) <= species
    }


def _species_of(genus: str) -> set[str]:
    return {f"{genus} {epithet}" for taxon in packaged_taxa(genus) for epithet in taxon.species}


def find_mentions(text: str, more: Iterable[str] = ()) -> list[Mention]:
    """Return the taxa that a text names, each once, in the order of the text.

    Parameters
    ----------
    more : iterable of str
        Scientific names that are looked for beside those of the tables, such as the candidates
        of a finding. Their epithets alone count, too, from six letters on.
    """
    return list(_find(text, tuple(dict.fromkeys(more))))


@functools.lru_cache(maxsize=4096)
def _find(text: str, more: tuple[str, ...]) -> tuple[Mention, ...]:
    mentions: dict[str, Mention] = {}
    for mention in _scan(words(text), (_of_names(more), _tables())):
        mentions.setdefault(mention.taxon, mention)
    return tuple(mentions.values())


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


class _Index(dict[str, list[_Name]]):
    """Names by their first word."""

    @functools.cached_property
    def joined(self) -> dict[str, str]:
        """Taxa by their names of several words, without the blanks."""
        return {
            "".join(name.looks): name.taxon
            for names in self.values()
            for name in names
            if len(name.looks) > 1 and len(name.looks[0]) > 1  # not "P. physalus"
        }


def _scan(text: Sequence[tuple[str, str]], indexes: tuple[_Index, ...]) -> Iterator[Mention]:
    at = 0
    while at < len(text):
        name, length = _longest(text, at, indexes)
        taxon, of_backbone = _in_backbone([word for _look, word in text[at : at + 2]])
        if of_backbone > length:
            length = of_backbone
        elif name is not None:
            taxon = name.taxon
        if taxon:
            yield Mention(taxon, " ".join(word for _look, word in text[at : at + length]))
        at += max(length, 1)
    yield from _joined(text, indexes)


def _longest(
    text: Sequence[tuple[str, str]], at: int, indexes: tuple[_Index, ...]
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


# Of which a genus alone is taken for its name: those of others are names of people and places, too.
_VERTEBRATES = frozenset({"Chordata"})


def _in_backbone(text: list[str]) -> tuple[str, int]:
    """Return the taxon of the backbone that a text begins with, and its number of words; "" and 0 where none."""
    name = text[0]
    if not name[:1].isupper():
        return "", 0
    name = name.capitalize()
    taxa = packaged_taxa(name)
    if len(text) > 1 and taxa:
        epithet = text[1].lower()
        both = f"{name} {epithet}"
        if packaged_accepted(both) != both or any(epithet in taxon.species for taxon in taxa):
            return both, 2
    if len(name) < _MIN_LETTERS or name in _OTHER_THINGS or name in _countries():
        return "", 0
    is_family = name.endswith(("idae", "aceae"))
    if name in packaged_higher() or any(
        is_family or taxon.ranks.get("phylum") in _VERTEBRATES for taxon in taxa
    ):
        return name, 1
    return "", 0


@functools.cache
def _countries() -> frozenset[str]:
    return frozenset(name for names in country_names().values() for name in names)


def _joined(text: Sequence[tuple[str, str]], indexes: tuple[_Index, ...]) -> Iterator[Mention]:
    """Yield names that are written without blanks, or with a blank after each letter."""
    looks = [look for look, _word in text]
    single = set(looks)
    for run in re.findall(r"(?:\b\w ){5,}\w\b", " ".join(looks)):
        single.add(run.replace(" ", ""))
    for index in indexes:
        for joined in single & index.joined.keys():
            yield Mention(index.joined[joined], index.joined[joined])


@functools.lru_cache(maxsize=64)
def _of_names(more: tuple[str, ...]) -> _Index:
    """Return the index of further scientific names, with their genera and epithets."""
    index = _Index()
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
    index = _Index()
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
        for taxon, *languages, _of_all in rows
        for names in languages
        for name in filter(None, names.split(";"))
    )


@functools.cache
def _vernacular() -> dict[tuple[str, str], str]:
    """Return the first name of each taxon in each language, where it is true of all its members."""
    head, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    columns = [_LANGUAGES.get(name, "") for name in head.split("\t")]
    return {
        (cells[0], code): names.split(";")[0]
        for cells in (line.split("\t") for line in lines)
        if cells[-1]
        for code, names in zip(columns, cells)
        if code and names
    }


def vernacular_of(taxon: str, code: str) -> str:
    """Return the common name of a taxon in a language, its own or that of what contains it; "" where none is known.

    Examples
    --------
    >>> vernacular_of("Phataginus", "fr"), vernacular_of("Buteo buteo", "en")
    ('pangolin', '')
    """
    # Its own, else that of its genus, its family, or what is above.
    wider = sorted(_lineage(taxon), key=lambda name: (not name.endswith(("idae", "inae")), name))
    own = (taxon, *sorted(_names_of(taxon)), genus_of(taxon))
    names = (_vernacular().get((each, code), "") for each in (*own, *wider))
    return next(filter(None, names), "")
