"""Countries, parts of countries and regions: which population a listing speaks of.

A place is an ISO 3166-1 code (``BW``), a part of one (ISO 3166-2 as ``AR-Y``, or a name of our own in
lower case where a listing speaks of an area that has no code: ``GL-west``), or a name of a country.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from forensics.errors import UsageError
from forensics.messages import _

_FOLDER = Path(__file__).parent
# A listing that names a region: "African populations".
_REGION = "@"


@functools.cache
def country_names() -> dict[str, tuple[str, ...]]:
    """Return the English, French and Portuguese names of countries by ISO 3166-1 alpha-2 code."""
    text = (_FOLDER / "countries.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {code: tuple(names) for code, *names in rows}


@functools.cache
def countries() -> dict[str, str]:
    """Return the English names of countries by ISO 3166-1 alpha-2 code."""
    return {code: names[0] for code, names in country_names().items()}


@functools.cache
def _by_name() -> dict[str, str]:
    """Return the codes of countries by their names in every language, without accents."""
    rows = reversed(country_names().items())
    return {_folded(name): code for code, names in rows for name in names if name}


def _folded(name: str) -> str:
    """Return a name as it is compared: without accents, case and kinds of apostrophes."""
    import unicodedata  # a species is listed whole, as a rule, and no country looked up

    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("-", " ").casefold())
    return " ".join(
        "".join(character for character in plain if not unicodedata.combining(character)).split()
    )


@functools.cache
def regions() -> dict[str, frozenset[str]]:
    """Return the codes of the countries of each region that a listing names."""
    import tomllib  # three milliseconds, and few listings name a region

    text = (_FOLDER / "regions.toml").read_text(encoding="utf-8")
    return {name: frozenset(codes.split()) for name, codes in tomllib.loads(text).items()}


def given(value: object) -> str:
    """Return a text that was given; nothing for what a table has where nothing is known.

    Raises
    ------
    UsageError
        If it is something else.
    """
    # NaN is not a text and unlike itself; pandas' own NA and NaT cannot be asked.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, float) and value != value:
        return ""
    if not isinstance(value, str):
        raise UsageError(_("Expected is a text; found {found!r}.").format(found=value))
    return value.strip()


def place_of(text: str | None) -> str | None:
    """Return the code of a place; None stands for "not known".

    Raises
    ------
    UsageError
        If it is not a country that is known.

    Examples
    --------
    >>> place_of("bw"), place_of("Botswana"), place_of("AR-Y"), place_of(None)
    ('BW', 'BW', 'AR-Y', None)
    """
    clean = " ".join(given(text).split())
    if not clean:
        return None
    head, dash, part = clean.partition("-")
    if head.upper() in countries() and (not dash or part):
        return f"{head.upper()}{dash}{part if part.islower() else part.upper()}"
    if code := _by_name().get(_folded(clean)):
        return code
    raise UsageError(
        _(
            "The country {found!r} is not known; give its ISO 3166-1 code, such as BW, or its part "
            "by ISO 3166-2, such as AR-Y."
        ).format(found=text)
    )


@dataclass(frozen=True, slots=True)
class Populations:
    """The populations that a listing speaks of.

    Attributes
    ----------
    codes : frozenset of str
        Codes of places; empty for the whole world.
    excepting : bool
        Whether they are those that the listing leaves out.
    text : str
        As the table has it.
    """

    codes: frozenset[str] = frozenset()
    excepting: bool = False
    text: str = ""

    @classmethod
    @functools.cache  # most cells are one of a few
    def from_text(cls, text: str) -> "Populations":
        """Read a cell of the table: ``BW NA``, ``not BW NA``, ``@Africa``, or nothing.

        Raises
        ------
        ValueError
            If a code is not known.
        """
        words = text.split()
        excepting = bool(words) and words[0] == "not"
        codes: set[str] = set()
        for word in words[excepting:]:
            if word.startswith(_REGION):
                codes |= regions()[word.removeprefix(_REGION)]
            elif word.partition("-")[0] in countries():
                codes.add(word)
            else:
                raise ValueError(f"{word!r} is not a code of a place")
        return cls(frozenset(codes), excepting, text)

    def covers(self, place: str | None) -> bool | None:
        """Return whether the population of a place is meant; None where that is not known.

        Examples
        --------
        >>> limited = Populations.from_text("AR-Y CL PE")
        >>> limited.covers("PE"), limited.covers("BR"), limited.covers("AR"), limited.covers(None)
        (True, False, None, None)
        """
        if not self.codes:
            return True
        if place is None:
            return None
        if any(place == code or place.startswith(f"{code}-") for code in self.codes):
            return not self.excepting
        if any(code.startswith(f"{place}-") for code in self.codes):
            return None
        return self.excepting

    def in_words(self) -> str:
        """Return them for a reader."""
        if not self.codes:
            return _("all populations")
        words = [word for word in self.text.split() if word != "not"]
        names = ", ".join(
            countries().get(word, word).removeprefix(_REGION).replace("_", " ") for word in words
        )
        if self.excepting:
            return _("all populations but those of {places}").format(places=names)
        return _("the populations of {places}").format(places=names)


EVERYWHERE = Populations()
"""All populations."""


def whole(parts: Iterable[Populations]) -> bool:
    """Return whether these populations together are the whole world.

    Examples
    --------
    >>> whole([Populations.from_text("BW"), Populations.from_text("not BW")]), whole([Populations.from_text("BW")])
    (True, False)
    """
    parts = list(parts)
    named = frozenset().union(*(part.codes for part in parts if not part.excepting))
    return any(not part.codes or (part.excepting and part.codes <= named) for part in parts)
