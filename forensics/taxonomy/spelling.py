"""Names of a library that differ by one letter, of which one may be misspelt."""

from collections.abc import Mapping
from dataclasses import dataclass

from forensics.core.grouping import gathered

# In shorter words one letter is a different word: Apus and Apis, Bos and Bus.
MIN_LETTERS = 5
# Endings of Latin adjectives, by which the gender of the genus shows.
_ENDINGS = ("us", "um", "is", "er", "a", "e")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two names that differ by one letter in one of their words.

    Attributes
    ----------
    name : str
        The name with fewer records, which is the likelier to be misspelt.
    like : str
        The other.
    records, like_records : int
        Records of each.
    change : str
        What makes the second of the first: ``+i``, ``-i``, ``i>y`` or, for two letters that
        changed places, ``ie>ei``.
    score : float
        Likeness of the two, 0-1 (`difflib.SequenceMatcher`).
    even : bool
        Whether both have as many records, so that nothing says which is misspelt.
    """

    name: str
    like: str
    records: int
    like_records: int
    change: str
    score: float
    even: bool


def one_letter_apart(records: Mapping[str, int]) -> list[Likeness]:
    """Find names that differ by one letter, or by two letters that changed places.

    Parameters
    ----------
    records : mapping of str to int
        Number of records by species name (binomials).

    Returns
    -------
    list of Likeness
        The most lopsided first. Two species may truly be called so (*Bubo bubo* has no
        such neighbour, *Myotis daubentonii* has *Myotis daubentoni*): it is a list to
        look at, not to apply.

    Examples
    --------
    >>> found = one_letter_apart({"Manis javanica": 9, "Manis javanicas": 1})
    >>> [(like.name, like.like, like.change) for like in found]
    [('Manis javanicas', 'Manis javanica', '-s')]
    """
    places = gathered((place, name) for name in records for place in _blurred(name))
    pairs = {
        tuple(sorted((first, other), key=lambda name: (records[name], name)))
        for names in places.values()
        for number, first in enumerate(names)
        for other in names[:number]
        if first != other
    }
    likenesses = []
    for first, other in pairs:
        change = one_letter(first, other)
        if change:
            likenesses.append(_likeness(first, other, change, records))
    return _ordered(likenesses)


def same_but_ending(records: Mapping[str, int]) -> list[Likeness]:
    """Find names of one genus that differ by the gender of the epithet, by more than one letter.

    Parameters
    ----------
    records : mapping of str to int
        Number of records by species name (binomials).

    Returns
    -------
    list of Likeness
        As `one_letter_apart`, which finds the endings that differ by one letter.

    Examples
    --------
    >>> found = same_but_ending({"Larus ridibundus": 9, "Larus ridibunda": 1})
    >>> [(like.name, like.like, like.change) for like in found]
    [('Larus ridibunda', 'Larus ridibundus', 'a>us')]
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for name in records:
        stem = epithet_stem(name)
        if stem != name.partition(" ")[2] and len(stem) >= MIN_LETTERS:
            groups.setdefault((name.partition(" ")[0], stem), []).append(name)
    likenesses = []
    for (genus, stem), names in groups.items():
        names.sort(key=lambda name: (records[name], name))
        for number, other in enumerate(names):
            for first in names[:number]:
                if not one_letter(first, other):
                    cut = len(genus) + 1 + len(stem)
                    likenesses.append(
                        _likeness(first, other, f"{first[cut:]}>{other[cut:]}", records)
                    )
    return _ordered(likenesses)


def _likeness(name: str, other: str, change: str, records: Mapping[str, int]) -> Likeness:
    import difflib  # a millisecond, for which an identification need not wait

    score = difflib.SequenceMatcher(None, name, other, autojunk=False).ratio()
    few, many = records[name], records[other]
    return Likeness(name, other, few, many, change, score, few == many)


def _ordered(likenesses: list[Likeness]) -> list[Likeness]:
    return sorted(
        likenesses, key=lambda like: (like.records / like.like_records, like.name, like.like)
    )


def _blurred(name: str) -> set[str]:
    """Return the name with each letter of a word left out in turn.

    Two names that differ by one letter share one of these, so that not every name need be
    compared with every other.
    """
    words = name.split(" ")
    variants = {name}
    for number, word in enumerate(words):
        if len(word) >= MIN_LETTERS - 1:
            for place in range(len(word)):
                blurred = word[:place] + word[place + 1 :]
                variants.add(" ".join([*words[:number], blurred, *words[number + 1 :]]))
    return variants


def one_letter(first: str, other: str) -> str:
    """Return what makes `other` of `one`, or nothing where that is more than one letter.

    Examples
    --------
    >>> one_letter("Quistadrilus", "Quistradrilus"), one_letter("Apus", "Apis")
    ('+r', '')
    """
    ones, others = first.split(" "), other.split(" ")
    differing = [(a, b) for a, b in zip(ones, others) if a != b]
    if len(ones) != len(others) or len(differing) != 1:
        return ""
    a, b = differing[0]
    if max(len(a), len(b)) < MIN_LETTERS:
        return ""
    start = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    a, b = a[start : len(a) - end], b[start : len(b) - end]
    if len(a) == len(b) == 1 or (len(a) == 2 and a == b[::-1]):
        return f"{a}>{b}"
    if {len(a), len(b)} == {0, 1}:
        return f"-{a}" if a else f"+{b}"
    return ""


def epithet_stem(species: str) -> str:
    """Return the epithet without its gender ending, by which a species is known in another genus.

    Examples
    --------
    >>> epithet_stem("Larus ridibundus"), epithet_stem("Chroicocephalus ridibunda")
    ('ridibund', 'ridibund')
    """
    epithet = species.partition(" ")[2]
    for ending in _ENDINGS:
        if epithet.endswith(ending):
            return epithet[: -len(ending)]
    return epithet
