"""Kinds of specimen: the trade terms of CITES, with the words that people use for them."""

import csv
import difflib
import functools
from pathlib import Path
from typing import NamedTuple

from forensics.errors import UsageError
from forensics.messages import _
from forensics.taxonomy.listings.table import given

_KINDS = Path(__file__).with_name("kinds.tsv")


class Kind(NamedTuple):
    """A kind of specimen.

    Attributes
    ----------
    code : str
        Term code of CITES; in lower case where it is one of our own, because annotations
        need it and the terms lack it.
    name : str
        In English.
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
    groups: frozenset[str]
    words: tuple[str, ...]
    narrower: str = ""


@functools.cache
def kinds() -> dict[str, Kind]:
    """Return all kinds by code."""
    rows = csv.DictReader(_KINDS.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return {
        row["code"]: Kind(
            row["code"],
            row["name"],
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
        A term code (``TUS``), a term (``tusks``), a word for it (``raw ivory``), or a wider one:
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
    word = " ".join(clean.replace("_", " ").split()).casefold()
    named = {
        kind.code
        for kind in kinds().values()
        if word in {name.casefold() for name in (kind.name, *kind.words)}
        or word.replace(" ", "_") in kind.groups
    }
    if named:
        return _with_narrower(named)
    known = {name for kind in kinds().values() for name in (kind.name, *kind.words)}
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


def _with_narrower(codes: set[str]) -> tuple[str, ...]:
    """Return codes and what each of them may mean."""
    while more := named_kinds(" ".join(kinds()[code].narrower for code in codes)) - codes:
        codes = codes | more
    return tuple(sorted(codes))
