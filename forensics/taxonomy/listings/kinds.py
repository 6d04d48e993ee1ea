"""Kinds of specimen: the trade terms of CITES, with the words that people use for them."""

import csv
import difflib
import functools
from pathlib import Path
from typing import NamedTuple

from forensics.errors import UsageError
from forensics.messages import _, language
from forensics.taxonomy.listings.table import given

_KINDS = Path(__file__).with_name("kinds.tsv")


class Kind(NamedTuple):
    """A kind of specimen.

    Attributes
    ----------
    code : str
        Term code of CITES; in lower case where it is one of our own, because annotations
        need it and the terms lack it.
    name, fr, es : str
        In English, French and Spanish.
    groups : frozenset of str
        Names under which annotations speak of it, and wider words that people use: ``ivory``.
    words : tuple of str
        Other words for it.
    narrower : str
        Codes and groups that a person who gives this code may mean as well: what is booked as a carving
        may be one of ivory, although the terms of CITES have a code of its own for that.
    """

    code: str
    name: str
    fr: str
    es: str
    groups: frozenset[str]
    words: tuple[str, ...]
    narrower: str = ""

    @property
    def called(self) -> tuple[str, ...]:
        """All that people call it."""
        return self.name, self.fr, self.es, *self.words


@functools.cache
def kinds() -> dict[str, Kind]:
    """Return all kinds by code."""
    rows = csv.DictReader(_KINDS.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return {
        row["code"]: Kind(
            row["code"],
            row["name"],
            row["fr"],
            row["es"],
            frozenset(row["groups"].split()),
            tuple(word.strip() for word in row["words"].split(";") if word.strip()),
            row["narrower"],
        )
        for row in rows
    }


def named_kinds(words: str) -> frozenset[str]:
    """Return the codes that the words of an annotation mean: codes and groups.

    Raises
    ------
    ValueError
        If a word is neither.
    """
    matching: set[str] = set()
    for word in words.split():
        codes = {word} & kinds().keys() or {
            kind.code for kind in kinds().values() if word in kind.groups
        }
        if not codes:
            raise ValueError(f"{word!r} is neither a kind of specimen nor a group of them")
        matching |= codes
    return frozenset(matching)


def kinds_of(text: str | None) -> tuple[str, ...]:
    """Return the codes that a person's word for the kind of specimen may mean.

    Parameters
    ----------
    text : str or None
        A term code (``TUS``), a term (``tusks``, ``défenses``), a word for it (``raw ivory``), or a wider one:
        ``ivory`` may be raw or carved, and all that it may be is returned; so is what a wide code
        (``CAR``, carvings) may mean. None: not known.

    Returns
    -------
    tuple of str
        Empty where nothing was given.

    Raises
    ------
    UsageError
        If the word is not known, with the nearest that are.

    Examples
    --------
    >>> kinds_of("TUS"), kinds_of("raw ivory"), kinds_of("ivory")
    (('TUS',), ('IVP', 'TUS'), ('IVC', 'IVJ', 'IVP', 'PKY', 'TUS'))
    >>> kinds_of("CAR")
    ('BOC', 'CAR', 'HOC', 'IVC', 'IVJ', 'TIC')
    """
    clean = given(text)
    if not clean:
        return ()
    exact = {code for code in kinds() if clean.casefold() == code.casefold()}
    if exact:
        return _with_narrower(exact)
    word = _folded(clean)
    named = {kind.code for kind in _called(word)}
    named.update(k.code for k in kinds().values() if word.replace(" ", "_") in k.groups)
    if named:
        return _with_narrower(named)
    known = {name for kind in kinds().values() for name in kind.called}
    near = difflib.get_close_matches(word, sorted(known), 3, 0.6)
    raise UsageError(
        _("The kind of specimen {found!r} is not known. {hint}").format(
            found=text,
            hint=(
                _("Did you mean: {names}?").format(names=", ".join(near))
                if near
                else _(
                    "Give a term code of CITES such as TUS, LIV, SKI, LOG; see docs/listings.md."
                )
            ),
        )
    )


def kind_in_words(text: str) -> str:
    """Return the term of a kind of specimen in the reader's language; what is not that of one kind, as it was given.

    Examples
    --------
    >>> kind_in_words("SCA"), kind_in_words("scale"), kind_in_words("ivory")
    ('scales', 'scales', 'ivory')
    """
    named = [kind for code, kind in kinds().items() if code.casefold() == text.casefold()]
    named = named or _called(_folded(text))
    if len(named) != 1:
        return text
    return {"fr": named[0].fr, "es": named[0].es}.get(language(), named[0].name)


def _folded(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("'", "’").split()).casefold()


def _called(word: str) -> list[Kind]:
    """Return the kinds that people call so."""
    return [kind for kind in kinds().values() if word in map(str.casefold, kind.called)]


def _with_narrower(codes: set[str]) -> tuple[str, ...]:
    """Return codes and what each of them may mean."""
    while more := named_kinds(" ".join(kinds()[code].narrower for code in codes)) - codes:
        codes = codes | more
    return tuple(sorted(codes))
